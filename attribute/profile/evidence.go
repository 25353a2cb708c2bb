package profile

import (
	"cmp"
	"math"
	"slices"
)

// Basis tells how a piece of evidence bears on a hypothesis.
type Basis string

// The kinds of evidence. A hypothesis has one piece per technique and program of the operation, and at most one
// for the most alike report.
const (
	BasisTechnique Basis = "technique" // the actor's rate of the technique against all actors'
	BasisSoftware  Basis = "software"  // the actor has used the program, or not although others have
	BasisLink      Basis = "link"      // a report mentions the program and the actor together
	BasisAlike     Basis = "alike"     // one report about the actor resembles the operation
)

// Evidence is one piece for (positive) or against (negative) a hypothesis, as odds against the unknown actor.
type Evidence struct {
	Basis    Basis   `json:"basis"`
	Feature  string  `json:"feature,omitempty"` // id; empty for BasisAlike
	External string  `json:"external_id,omitempty"`
	Name     string  `json:"name"`
	Decibans float64 `json:"decibans"`
	// Seen of the Of visible reports about the actor show the feature.
	Seen int `json:"seen"`
	Of   int `json:"of"`
	// Commodity is the share of profiled actors that use the feature.
	Commodity float64 `json:"commodity"`
	// Roots are the reports that the piece rests on, in alphabetic order.
	Roots []string `json:"roots,omitempty"`
}

// evidence lists what makes up a hypothesis, the heaviest piece first.
func (s *scorer) evidence(k *known) []Evidence {
	s.load(k)
	var list []Evidence
	for _, f := range s.o.techniques {
		list = append(list, s.piece(k, f, BasisTechnique, s.w.Technique*s.technique(f)))
	}
	rarest := s.rarestShared(k)
	for _, f := range s.o.software {
		list = append(list, s.software(k, f, f == rarest))
	}
	if similarity, at := s.alike(k); at >= 0 {
		list = append(list, Evidence{
			Basis: BasisAlike, Name: "most alike report", Decibans: decibans(s.w.Alike * similarity),
			Seen: 1, Of: len(k.reports), Roots: []string{s.x.reports[k.reports[at].report]},
		})
	}
	slices.SortStableFunc(list, func(a, b Evidence) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Decibans), math.Abs(a.Decibans)), cmp.Compare(a.Feature, b.Feature))
	})
	return list
}

func (s *scorer) rarestShared(k *known) int32 {
	rarest := int32(-1)
	for _, f := range s.o.software {
		if _, shared := slices.BinarySearch(k.shown, f); shared && (rarest < 0 || s.rarity(f) > s.rarity(rarest)) {
			rarest = f
		}
	}
	return rarest
}

// software weighs one program. A program in circulation speaks for the unknown actor, who may have taken it up too.
func (s *scorer) software(k *known, f int32, rarest bool) Evidence {
	basis, nats := BasisSoftware, 0.0
	if s.users[f] > 0 {
		nats -= s.w.UnknownKnown
	}
	link := int32(-1)
	if _, shared := slices.BinarySearch(k.shown, f); shared {
		nats += s.w.Software * s.rarity(f)
		if rarest {
			nats += s.w.Rarest * s.rarity(f)
		}
	} else if link = s.link(k, f); link >= 0 {
		basis = BasisLink
		nats += s.w.Link
	}
	e := s.piece(k, f, basis, nats)
	if link >= 0 {
		e.Roots = []string{s.x.reports[link]}
	}
	return e
}

func (s *scorer) piece(k *known, f int32, basis Basis, nats float64) Evidence {
	of := &s.x.features[f]
	e := Evidence{
		Basis: basis, Feature: of.ID, External: of.External, Name: of.Name, Decibans: decibans(nats),
		Of: len(k.reports), Commodity: round(s.commodity(f), 1e4),
	}
	for _, r := range k.reports {
		if slices.Contains(r.techniques, f) || slices.Contains(r.software, f) {
			e.Seen++
			e.Roots = append(e.Roots, s.x.reports[r.report])
		}
	}
	slices.Sort(e.Roots)
	e.Roots = slices.Compact(e.Roots)
	return e
}
