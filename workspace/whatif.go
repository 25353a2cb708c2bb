package workspace

import (
	"errors"
	"fmt"
	"slices"

	"marque/attribute"
	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// ErrSupposition says that what a judgement is asked to suppose cannot be supposed.
var ErrSupposition = errors.New("cannot be supposed")

// WhatIf is a judgement as it stands, and as it would be if something were otherwise.
type WhatIf struct {
	Operation stix.ID          `json:"operation"`
	Stands    claim.Assessment `json:"stands"`
	Supposed  claim.Assessment `json:"supposed"`
}

// WhatIf judges an operation with sources taken out, grades or priors changed. It keeps nothing. Errors: [ErrUnknown],
// [attribute.ErrNoCase], [ErrSupposition].
func (s *Snapshot) WhatIf(op stix.ID, sup attribute.Supposition) (*WhatIf, error) {
	e := s.Graph.Entity(op)
	if e == nil || !slices.ContainsFunc(s.Graph.Operations(), func(o *graph.Entity) bool { return o.ID == e.ID }) {
		return nil, fmt.Errorf("operation %q: %w", op, ErrUnknown)
	}
	cs, err := attribute.CaseOf(s.Graph, e.ID)
	if err != nil {
		return nil, err
	}
	w := &WhatIf{Operation: e.ID}
	if w.Stands, _, err = s.Judge(cs); err != nil {
		return nil, err
	}
	if err := s.supposable(cs, &w.Stands, sup); err != nil {
		return nil, err
	}
	w.Supposed, _, err = s.judge(cs, sup)
	return w, err
}

// supposable checks that what is supposed speaks of this case.
func (s *Snapshot) supposable(cs attribute.Case, stands *claim.Assessment, sup attribute.Supposition) error {
	known, claims := map[string]bool{}, map[string]bool{}
	for _, c := range cs.Claims {
		claims[c.ID] = true
		for _, id := range c.Carriers {
			claims[string(id)] = true
		}
		for _, id := range []stix.ID{c.Source, c.Document, c.Root} {
			known[string(id)] = true
		}
	}
	for _, e := range stands.Evidence {
		known[string(e.RootRef)] = true
		for _, id := range e.Refs {
			known[string(id)] = true
		}
	}
	for _, id := range sup.Without {
		if !known[id] && !claims[id] || id == "" {
			return fmt.Errorf("without %q: %w: no source, document or claim of this judgement has this id", id, ErrSupposition)
		}
	}
	for id, g := range sup.Grades {
		if !claims[id] {
			return fmt.Errorf("grade of %q: %w: no claim of this judgement has this id", id, ErrSupposition)
		}
		if !g.Valid() {
			return fmt.Errorf("grade %s%d: %w: want A to F and 1 to 6, as in B2", g.Reliability, g.Credibility, ErrSupposition)
		}
	}
	sum := 0.0
	for key, p := range sup.Priors {
		if !slices.ContainsFunc(stands.Hypotheses, func(h claim.Hypothesis) bool { return h.Key == key }) {
			return fmt.Errorf("prior of %q: %w: no hypothesis of this judgement has this key", key, ErrSupposition)
		}
		if !(p > 0 && p < 1) {
			return fmt.Errorf("prior of %q: %v: %w: want a probability over 0 and under 1", key, p, ErrSupposition)
		}
		sum += p
	}
	if sum > 1 {
		return fmt.Errorf("priors: %w: together they are %.3g, which is more than 1", ErrSupposition, sum)
	}
	return nil
}
