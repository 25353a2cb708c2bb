package profile

import (
	"math"
	"slices"
)

// Terms are the measured parts of one hypothesis, before the weights join them. They are exported so that eval
// can refit the weights.
type Terms struct {
	Actor     string  // id
	Technique float64 // sum of the techniques' log-likelihood ratios against all actors
	Software  float64 // sum of the shared software's rarity
	Rarest    float64 // the greatest rarity among them
	Activity  float64 // logarithm of the number of reports, the recent counting more
	Link      float64 // programs that a report mentions together with the actor, but not as the actor's
	Alike     float64 // similarity to the most alike single report, 0 to 1
}

// Score joins the terms into a log-likelihood ratio.
func (w Weights) Score(t Terms) float64 {
	return w.Technique*t.Technique + w.Software*t.Software + w.Rarest*t.Rarest + w.Activity*t.Activity +
		w.Link*t.Link + w.Alike*t.Alike
}

// UnknownTerms are the measured parts of the hypothesis that no profiled actor did it.
type UnknownTerms struct {
	NewShare float64 // log-odds that a report of late was the first about its actor
	Known    float64 // the operation's programs that some profiled actor has used
}

// ScoreUnknown is Score for the unknown actor.
func (w Weights) ScoreUnknown(t UnknownTerms) float64 {
	return w.UnknownBias + w.UnknownRate*t.NewShare + w.UnknownKnown*t.Known
}

// operation is a query's features, resolved.
type operation struct {
	techniques []int32
	software   []int32
	unseen     []string
	rarity     float64 // sum over the techniques
}

func (v *view) operation(features []string) operation {
	var o operation
	for _, name := range features {
		f, known := v.meant(v.x.resolve(name))
		switch {
		case !known:
			o.unseen = append(o.unseen, name)
		case v.x.features[f].Kind == Technique:
			o.techniques = append(o.techniques, f)
		default:
			o.software = append(o.software, f)
		}
	}
	for _, list := range []*[]int32{&o.techniques, &o.software} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	slices.Sort(o.unseen)
	o.unseen = slices.Compact(o.unseen)
	o.techniques = v.leaf.leaves(v.x, o.techniques)
	for _, t := range o.techniques {
		o.rarity += v.rarity(t)
	}
	return o
}

// meant picks the feature that a name means: the only one, or the one that reports mean most often.
func (v *view) meant(features []int32) (int32, bool) {
	best, most, tie := int32(0), -1.0, true
	for _, f := range features {
		switch n := v.mentions[f]; {
		case n > most:
			best, most, tie = f, n, false
		case n == most:
			tie = true
		}
	}
	return best, !tie
}

func (v *view) unknown(o operation) UnknownTerms {
	t := UnknownTerms{NewShare: v.newShare}
	for _, s := range o.software {
		if v.users[s] > 0 {
			t.Known++
		}
	}
	return t
}

// scorer measures hypotheses; its buffers are reused from actor to actor.
type scorer struct {
	*view
	o        operation
	w        Weights
	observed []float64 // per technique, weighted by age
	inFamily []float64
	total    float64
	touched  []int32
}

func (v *view) scorer(o operation) *scorer {
	n := len(v.x.features)
	return &scorer{view: v, o: o, w: v.x.config.Weights, observed: make([]float64, n), inFamily: make([]float64, n)}
}

// load fills the actor's smoothed technique counts.
func (s *scorer) load(k *known) {
	for _, t := range s.touched {
		s.observed[t], s.inFamily[s.x.features[t].family] = 0, 0
	}
	s.touched, s.total = s.touched[:0], 0
	for i := range k.reports {
		weight := math.Exp(-k.reports[i].age / s.w.ProfileYears)
		for _, t := range k.reports[i].techniques {
			s.observe(t, weight)
		}
	}
	var carried []int32
	for _, f := range k.shown {
		if s.x.features[f].Kind != Technique {
			carried = append(carried, s.carriedBySoftware(f)...)
		}
	}
	slices.Sort(carried)
	for _, t := range slices.Compact(carried) {
		s.observe(t, s.w.Carried)
	}
}

func (s *scorer) observe(t int32, weight float64) {
	s.observed[t] += weight
	s.inFamily[s.x.features[t].family] += weight
	s.total += weight
	s.touched = append(s.touched, t)
}

// technique is the log-likelihood ratio of one technique for the loaded actor against all actors: of its family,
// and of this sub-technique within the family, each smoothed with the corpus.
func (s *scorer) technique(t int32) float64 {
	family := s.x.features[t].family
	c := s.w.SmoothCorpus
	baseFamily := (s.family[family] + c) / (s.view.total + families*c)
	baseSub := (s.mentions[t] + c) / (s.family[family] + 2*c)
	ownFamily := (s.inFamily[family] + s.w.SmoothFamily*baseFamily) / (s.total + s.w.SmoothFamily)
	ownSub := (s.observed[t] + s.w.SmoothSub*baseSub) / (s.inFamily[family] + s.w.SmoothSub)
	return math.Log(ownFamily/baseFamily) + math.Log(ownSub/baseSub)
}

func (s *scorer) terms(k *known) Terms {
	s.load(k)
	t := Terms{Actor: s.x.actors[k.actor].ID}
	for _, f := range s.o.techniques {
		t.Technique += s.technique(f)
	}
	for _, f := range s.o.software {
		if _, shared := slices.BinarySearch(k.shown, f); shared {
			t.Software += s.rarity(f)
			t.Rarest = max(t.Rarest, s.rarity(f))
		} else if s.link(k, f) >= 0 {
			t.Link++
		}
	}
	t.Activity = s.activity(k)
	t.Alike, _ = s.alike(k)
	return t
}

func (s *scorer) activity(k *known) float64 {
	sum := activityFloor
	for _, r := range k.reports {
		if r.own {
			sum += math.Exp(-r.age / s.w.ActivityYears)
		}
	}
	return math.Log(sum)
}

// link returns a report that mentions both the program and the actor, or -1.
func (s *scorer) link(k *known, software int32) int32 {
	for _, m := range s.x.mentions[software] {
		if !s.visible(m.day, m.report) {
			continue
		}
		for _, c := range s.x.actors[k.actor].mentions {
			if c.report == m.report && s.visible(c.day, c.report) {
				return m.report
			}
		}
	}
	return -1
}

// alike returns the rarity-weighted cosine with the most alike report, fading with the report's age, and its index.
func (s *scorer) alike(k *known) (float64, int) {
	best, at := 0.0, -1
	for i := range k.reports {
		r := &k.reports[i]
		var shared, own float64
		for _, t := range r.techniques {
			own += s.rarity(t)
			if _, also := slices.BinarySearch(s.o.techniques, t); also {
				shared += s.rarity(t)
			}
		}
		if shared == 0 || own == 0 {
			continue
		}
		c := shared / math.Sqrt(own*s.o.rarity) * math.Exp(-r.age/s.w.AlikeYears)
		if c > best {
			best, at = c, i
		}
	}
	return best, at
}
