package profile

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// MaxFeatures bounds a query.
const MaxFeatures = 10_000

// ErrQuery is wrapped by what makes a query unusable.
var ErrQuery = errors.New("query not usable")

// Query is one operation to be judged.
type Query struct {
	// Features are techniques, malware and tools as [Index.Knows] finds them: by id, catalogue number or name. A name that
	// several bear means the one that reports mean most often.
	Features []string
	// AsOf is the day of the judgement: nothing dated on it or later is used.
	AsOf time.Time
	// Gap keeps what was published shortly before AsOf out as well.
	Gap time.Duration
	// Exclude names sources or roots that must not count, such as the report that the operation was taken from.
	Exclude []string
}

func (q Query) validate() error {
	switch {
	case q.AsOf.IsZero():
		return fmt.Errorf("%w: as-of date missing", ErrQuery)
	case q.Gap < 0:
		return fmt.Errorf("%w: gap %v negative", ErrQuery, q.Gap)
	case len(q.Features) > MaxFeatures:
		return fmt.Errorf("%w: %d features, at most %d", ErrQuery, len(q.Features), MaxFeatures)
	}
	return nil
}

// Judgement compares all hypotheses.
type Judgement struct {
	Method string    `json:"method"`
	AsOf   time.Time `json:"as_of"`
	// Hypotheses holds every profiled actor and Unknown, the likeliest first; probabilities sum to one.
	Hypotheses []Hypothesis `json:"hypotheses"`
	// Attributed is the id of the actor that the evidence carries; empty when it carries none, and then Reason
	// says why.
	Attributed string `json:"attributed,omitempty"`
	Reason     string `json:"reason"`
	// Countries that the profiled actors work for or from, the likeliest first. What is missing to one belongs to
	// the unknown actor and to actors whose country is not known.
	Countries []Country `json:"countries"`
	Coverage  Coverage  `json:"coverage"`
}

// Country is a sponsor or home country with the sum of its actors' probabilities.
type Country struct {
	Code        string  `json:"code"` // ISO 3166
	Probability float64 `json:"probability"`
	Actors      int     `json:"actors"` // profiled actors of that country
}

// Coverage tells what the judgement could see.
type Coverage struct {
	Actors   int      `json:"actors"`           // profiled as of the day
	Reports  int      `json:"reports"`          // about them
	Features int      `json:"features"`         // of the operation that count
	Unseen   []string `json:"unseen,omitempty"` // of the operation that the corpus does not know
}

// Hypothesis is that one actor, or none of those known, did it.
type Hypothesis struct {
	Actor       string  `json:"actor"` // id, or Unknown
	Name        string  `json:"name"`
	Country     string  `json:"country,omitempty"`
	Probability float64 `json:"probability"`
	// Decibans are the odds against the unknown actor: Prior plus all Evidence, to rounding.
	Decibans float64 `json:"decibans"`
	// Prior is what speaks for the actor before the operation is looked at: how active it was of late against how
	// often new actors turn up.
	Prior float64 `json:"prior_decibans"`
	// Evidence, the heaviest first; nil beyond the first Config.Explained hypotheses.
	Evidence []Evidence `json:"evidence,omitempty"`
}

// Judge compares the hypotheses. Its errors wrap ErrQuery.
func (x *Index) Judge(q Query) (Judgement, error) {
	if err := q.validate(); err != nil {
		return Judgement{}, err
	}
	v := x.view(q)
	o := v.operation(q.Features)
	s := v.scorer(o)
	unknown := s.w.ScoreUnknown(v.unknown(o))
	basis := s.w.UnknownBias + s.w.UnknownRate*v.newShare
	candidates := make([]candidate, 0, len(v.profiles)+1)
	for i := range v.profiles {
		k := &v.profiles[i]
		t := s.terms(k)
		a := &x.actors[k.actor]
		candidates = append(candidates, candidate{
			known: k, score: s.w.Score(t) - unknown,
			Hypothesis: Hypothesis{Actor: a.ID, Name: a.Name, Country: a.Sponsor, Prior: decibans(s.w.Activity*t.Activity - basis)},
		})
	}
	candidates = append(candidates, candidate{Hypothesis: Hypothesis{Actor: Unknown, Name: "unknown actor"}})
	rank(candidates)
	j := Judgement{Method: Method, AsOf: q.AsOf.UTC(), Coverage: v.coverage(o), Hypotheses: make([]Hypothesis, len(candidates))}
	for n, c := range candidates {
		if n < x.config.Explained && c.known != nil {
			c.Evidence = s.evidence(c.known)
		}
		j.Hypotheses[n] = c.Hypothesis
	}
	j.Countries = countries(j.Hypotheses)
	j.Attributed, j.Reason = x.decide(j)
	return j, nil
}

// Terms returns what Judge weighs, per profiled actor in the order of their ids, and for the unknown actor.
func (x *Index) Terms(q Query) ([]Terms, UnknownTerms, error) {
	if err := q.validate(); err != nil {
		return nil, UnknownTerms{}, err
	}
	v := x.view(q)
	o := v.operation(q.Features)
	s := v.scorer(o)
	all := make([]Terms, len(v.profiles))
	for i := range v.profiles {
		all[i] = s.terms(&v.profiles[i])
	}
	return all, v.unknown(o), nil
}

type candidate struct {
	Hypothesis
	known *known // nil for the unknown actor
	score float64
}

// rank turns scores into probabilities and sorts.
func rank(candidates []candidate) {
	top := slices.MaxFunc(candidates, func(a, b candidate) int { return cmp.Compare(a.score, b.score) }).score
	var sum float64
	for _, c := range candidates {
		sum += math.Exp(c.score - top)
	}
	for n := range candidates {
		c := &candidates[n]
		c.Probability = round(math.Exp(c.score-top)/sum, 1e6)
		c.Decibans = decibans(c.score)
	}
	slices.SortFunc(candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.Probability, a.Probability), cmp.Compare(b.Decibans, a.Decibans), cmp.Compare(a.Actor, b.Actor))
	})
}

func (x *Index) decide(j Judgement) (attributed, reason string) {
	top := j.Hypotheses[0]
	switch {
	case len(j.Hypotheses) == 1:
		return "", "no actor was profiled before this day"
	case j.Coverage.Features == 0:
		return "", "none of the operation's features is known"
	case top.Actor == Unknown:
		return "", fmt.Sprintf("an actor not profiled before is the likeliest (%.0f %%)", 100*top.Probability)
	case top.Probability < x.config.Threshold:
		return "", fmt.Sprintf("the likeliest actor, %s, reaches %.0f %%, less than the %.0f %% that a name needs",
			top.Name, 100*top.Probability, 100*x.config.Threshold)
	}
	return top.Actor, fmt.Sprintf("%s reaches %.0f %%, and %.0f %% are needed", top.Name, 100*top.Probability, 100*x.config.Threshold)
}

func countries(hypotheses []Hypothesis) []Country {
	at := map[string]int{}
	list := []Country{}
	for _, h := range hypotheses {
		if h.Country == "" {
			continue
		}
		n, known := at[h.Country]
		if !known {
			n = len(list)
			at[h.Country] = n
			list = append(list, Country{Code: h.Country})
		}
		list[n].Probability += h.Probability
		list[n].Actors++
	}
	for n := range list {
		list[n].Probability = round(list[n].Probability, 1e6)
	}
	slices.SortFunc(list, func(a, b Country) int {
		return cmp.Or(cmp.Compare(b.Probability, a.Probability), cmp.Compare(a.Code, b.Code))
	})
	return list
}

func (v *view) coverage(o operation) Coverage {
	c := Coverage{Actors: len(v.profiles), Features: len(o.techniques) + len(o.software), Unseen: o.unseen}
	for _, k := range v.profiles {
		c.Reports += len(k.reports)
	}
	return c
}

// decibans turns a natural log-likelihood ratio into Good's unit, to a hundredth.
func decibans(nats float64) float64 { return round(nats*10/math.Ln10, 100) }

// round also turns -0 into 0, so that equal results are equal bytes.
func round(f, per float64) float64 { return math.Round(f*per)/per + 0 }
