package workspace

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"marque/graph"
	"marque/stix"
)

// ActorRow is an actor as one source describes it.
type ActorRow struct {
	ID      stix.ID  `json:"id"`
	Name    string   `json:"name"`
	Source  string   `json:"source"` // who describes it
	Aliases []string `json:"aliases,omitempty"`
	States  []string `json:"states,omitempty"` // that claims tie it to, the strongest tie first
	Why     string   `json:"why,omitempty"`    // why a name may mean it
	Weight  float64  `json:"weight,omitempty"` // how much speaks for that
}

// Actors lists actors: those whom a name may mean, or all where it is empty; only those tied to a state, unless that is empty.
func (s *Snapshot) Actors(name, state string) []ActorRow {
	g := s.Graph
	var out []ActorRow
	add := func(e *graph.Entity, c graph.Candidate) {
		row := ActorRow{ID: e.ID, Name: e.Name, Source: g.Name(e.CreatedBy), Aliases: e.Aliases, Weight: c.Weight}
		if len(c.Reasons) > 0 {
			row.Why = c.Reasons[0]
		}
		for _, t := range g.Ties(e.ID) {
			if !slices.Contains(row.States, t.State) {
				row.States = append(row.States, t.State)
			}
		}
		if state == "" || slices.Contains(row.States, state) {
			out = append(out, row)
		}
	}
	if name != "" {
		for _, c := range g.Resolve(name).Candidates {
			add(g.Entity(c.ID), c)
		}
		return out
	}
	for _, e := range g.Entities("threat-actor", "intrusion-set") {
		add(e, graph.Candidate{})
	}
	slices.SortFunc(out, func(a, b ActorRow) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return out
}

// ActorDetail is an actor with what it is held to have done.
type ActorDetail struct {
	Actor
	Description string               `json:"description,omitempty"`
	Others      []ActorRow           `json:"others,omitempty"` // entries of other sources that bear the name
	Operations  []OperationOfAnActor `json:"operations,omitempty"`
}

// OperationOfAnActor is an operation with how probable it is that the actor did it.
type OperationOfAnActor struct {
	ID          stix.ID       `json:"id"`
	Name        string        `json:"name"`
	First       OperationDate `json:"first"`
	Probability float64       `json:"probability"`
	Word        string        `json:"word"`
	State       string        `json:"state,omitempty"`
}

// ActorDetail is what is known of one actor, by its id.
func (w *Workspace) ActorDetail(ctx context.Context, v View, id stix.ID) (*ActorDetail, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	e := s.Graph.Entity(id)
	if e == nil || !graph.IsActor(e.Type) {
		return nil, fmt.Errorf("actor %q: %w", id, ErrUnknown)
	}
	answer, err := s.Actor(string(e.ID))
	if err != nil {
		return nil, err
	}
	out := &ActorDetail{Actor: answer.Candidates[0], Description: e.Description}
	for _, row := range s.Actors(e.Name, "") {
		if row.ID != e.ID {
			out.Others = append(out.Others, row)
		}
	}
	ops, err := w.Operations(ctx, v, nil)
	if err != nil {
		return nil, err
	}
	for i := range ops {
		for _, h := range ops[i].Hypotheses {
			if h.Ref == e.ID || h.Ref != "" && s.Graph.Same(h.Ref, e.ID) {
				out.Operations = append(out.Operations, OperationOfAnActor{ops[i].ID, ops[i].Names[0], ops[i].First, h.Probability, h.Word, h.State})
				break
			}
		}
	}
	slices.SortStableFunc(out.Operations, func(a, b OperationOfAnActor) int {
		return cmp.Or(cmp.Compare(b.Probability, a.Probability), cmp.Compare(b.First.Date, a.First.Date))
	})
	return out, nil
}
