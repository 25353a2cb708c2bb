package eval

import (
	"fmt"
	"iter"
	"maps"
	"time"

	"marque/attribute/profile"
)

func keys[K comparable, V any](m map[K]V) iter.Seq[K] { return maps.Keys(m) }

// Outcome is how one query came out.
type Outcome struct {
	Query    LOROQuery
	Novel    bool    // the protocol had no earlier profile of the actor
	Rank     float64 // of the true actor among actors; 0 when novel
	Baseline float64 // the baseline's rank; 0 when novel
	// Confidence of the likeliest hypothesis, the unknown actor among them, and whether it was true.
	Confidence float64
	Right      bool
	Top        string // the likeliest hypothesis
	Named      string // attributed actor, empty when left open
	Country    string // the likeliest country
	Took       time.Duration
}

// Run is one pass over all queries.
type Run struct {
	Corpus  profile.Corpus
	Index   *profile.Index
	Mode    Mode
	Gap     time.Duration
	Queries []LOROQuery
}

// Outcomes judges every query that has a feature of the mode.
func (r Run) Outcomes() ([]Outcome, error) {
	base := NewBaseline(r.Corpus, r.Mode)
	var list []Outcome
	for _, q := range r.Queries {
		scores := base.Scores(q, r.Gap)
		if scores == nil {
			continue
		}
		o := Outcome{Query: q}
		_, known := scores[q.Actor]
		o.Novel = !known
		if known {
			o.Baseline = rankOf(scores, q.Actor)
		}
		start := time.Now()
		j, err := r.Index.Judge(r.query(q, base))
		if err != nil {
			return nil, fmt.Errorf("report %q: %w", q.Report, err)
		}
		o.Took = time.Since(start)
		o.judge(j)
		list = append(list, o)
	}
	return list, nil
}

func (r Run) query(q LOROQuery, base *Baseline) profile.Query {
	out := profile.Query{AsOf: q.Date, Gap: r.Gap, Exclude: []string{q.Report}}
	for _, f := range q.Features {
		if len(base.names[f]) > 0 {
			out.Features = append(out.Features, f)
		}
	}
	return out
}

func (o *Outcome) judge(j profile.Judgement) {
	truth := o.Query.Actor
	if o.Novel {
		truth = profile.Unknown
	}
	top := j.Hypotheses[0]
	o.Top, o.Confidence, o.Right, o.Named = top.Actor, top.Probability, top.Actor == truth, j.Attributed
	if len(j.Countries) > 0 {
		o.Country = j.Countries[0].Code
	}
	if o.Novel {
		return
	}
	decibans := map[string]float64{}
	for _, h := range j.Hypotheses {
		if h.Actor != profile.Unknown {
			decibans[h.Actor] = h.Decibans
		}
	}
	o.Rank = rankOf(decibans, truth)
}
