package workspace

import (
	"fmt"
	"slices"
	"strings"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// ActorAnswer is what is known of a name: whom it may mean, and of each who calls it what.
type ActorAnswer struct {
	Query     string `json:"query"`
	Ambiguous bool   `json:"ambiguous"`
	Why       string `json:"why"`
	// Summary is that of the first candidate and of all objects that stand for it.
	Summary    ActorSummary `json:"summary"`
	Candidates []Actor      `json:"candidates"`
}

// Actor is one that a name may mean, with its names on whose word, where vendors disagree, and its ties to states.
type Actor struct {
	graph.Candidate
	Names     []graph.NameClaim `json:"names"`
	Conflicts []graph.Conflict  `json:"conflicts"`
	States    []ActorState      `json:"states"`
}

// ActorState is a tie of an actor to a state. Strength is a thumb rule on the wording, 0 to 1.
type ActorState struct {
	State    string         `json:"state"` // ISO 3166-1 alpha-2
	Relation claim.Relation `json:"relation"`
	Via      string         `json:"via,omitempty"`
	Strength float64        `json:"strength"`
}

// Actor resolves a name as analysts use it, or an id.
func (s *Snapshot) Actor(name string) (*ActorAnswer, error) {
	g := s.Graph
	r := g.Resolve(name)
	if bare, _, bracket := strings.Cut(name, " ("); len(r.Candidates) == 0 && bracket { // "APT28 (Fancy Bear)"
		r = g.Resolve(bare)
	}
	if e := g.Entity(stix.ID(name)); e != nil {
		r = graph.Resolution{Query: name, Candidates: []graph.Candidate{{ID: e.ID, Name: e.Name, Source: g.Name(e.CreatedBy)}}}
	}
	if len(r.Candidates) == 0 {
		return nil, fmt.Errorf("actor %q: %w%s", name, ErrUnknown, didYouMean(g.Entities("threat-actor", "intrusion-set"), graph.NormalName(name)))
	}
	answer := &ActorAnswer{Query: name, Ambiguous: r.Ambiguous, Why: r.Why, Summary: s.summary(r.Candidates[0].ID)}
	for _, c := range r.Candidates {
		actor := Actor{Candidate: c, Names: g.ActorNames(c.ID), Conflicts: g.NameConflicts(c.ID)}
		for _, t := range g.Ties(c.ID) {
			state := ActorState{State: t.State, Relation: t.Relation, Strength: t.Strength}
			if t.Via != "" {
				state.Via = g.Name(t.Via)
			}
			if !slices.Contains(actor.States, state) {
				actor.States = append(actor.States, state)
			}
		}
		answer.Candidates = append(answer.Candidates, actor)
	}
	return answer, nil
}
