package workspace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// ActorSummary is what is asked of a name first: names by vendor, who stands behind it, on whose word, where vendors differ, when it was last
// seen.
type ActorSummary struct {
	Names      []VendorNames `json:"names"`
	States     []string      `json:"states"`            // that it is the state's own, or tied to, by the closest ties; ISO 3166-1 alpha-2
	Services   []string      `json:"services"`          // and by way of whom
	Principal  string        `json:"persona_of"`        // who speaks through it, where it is a front
	Personas   []string      `json:"personas"`          // its own fronts
	Words      []string      `json:"on_whose_word"`     // who says so
	Differ     []string      `json:"differ"`            // where vendors disagree
	Operations int           `json:"operations"`        // that somebody attributes to it, each once
	Last       OperationDate `json:"last_seen"`         // of the latest of those that are dated
	LastIn     string        `json:"last_in,omitempty"` // its name
}

// VendorNames are the names that one source gives an actor.
type VendorNames struct {
	Source string   `json:"source"`
	Names  []string `json:"names"`
}

// summary gathers what all objects that stand for one actor tell.
func (s *Snapshot) summary(id stix.ID) ActorSummary {
	out := ActorSummary{
		Names: []VendorNames{}, States: []string{}, Services: []string{}, Personas: []string{}, Words: []string{}, Differ: []string{},
		Last: OperationDate{Precision: string(graph.Unknown), Origin: string(graph.Undated)},
	}
	objects := append([]stix.ID{id}, s.Graph.Alike(id)...)
	s.vendorNames(&out, objects)
	s.behind(&out, objects)
	s.keptApart(&out, objects)
	for _, o := range objects {
		for _, r := range s.Graph.ActorRelations(o) {
			if r.Kind == "overlaps" || r.Kind == "sub-group-of" || r.Kind == "split-from" || r.Kind == "merged-into" {
				out.Differ = appendNew(out.Differ, fmt.Sprintf("%s says that %s %s %s", s.Graph.Name(r.Claim.Source), s.Graph.Name(o), r.Kind.Words(), s.Graph.Name(r.Other)))
			}
		}
	}
	s.lastSeen(&out, objects)
	return out
}

// keptApart tells which sources give a name of the actor to actors that nothing joins.
func (s *Snapshot) keptApart(out *ActorSummary, objects []stix.ID) {
	names := map[string][]string{}
	var order []string
	for _, o := range objects {
		for _, c := range s.Graph.NameConflicts(o) {
			var apart []string
			for _, a := range c.Actors {
				if !slices.ContainsFunc(c.Actors, func(b stix.ID) bool { return b < a && s.Graph.Same(a, b) }) {
					apart = appendNew(apart, s.Graph.Name(a))
				}
			}
			source := s.Graph.Entity(c.Actors[0]).CreatedBy
			if len(apart) < 2 || source == claim.MarqueIdentity { // names that somebody quotes are kept apart by nobody
				continue
			}
			slices.Sort(apart)
			key := fmt.Sprintf("%s keeps %s apart", s.Graph.Name(source), strings.Join(apart, " and "))
			order, names[key] = appendNew(order, key), appendNew(names[key], c.Name)
		}
	}
	for _, key := range order {
		out.Differ = append(out.Differ, fmt.Sprintf("%s (names of both: %d)", key, len(names[key])))
	}
}

func (s *Snapshot) vendorNames(out *ActorSummary, objects []stix.ID) {
	for _, o := range objects {
		for _, n := range s.Graph.ActorNames(o) {
			if n.Via == "external-id" || n.Entity != o {
				continue
			}
			at := slices.IndexFunc(out.Names, func(v VendorNames) bool { return v.Source == n.Source })
			if at < 0 {
				at = len(out.Names)
				out.Names = append(out.Names, VendorNames{Source: n.Source})
			}
			out.Names[at].Names = appendNew(out.Names[at].Names, n.Name)
		}
	}
	slices.SortStableFunc(out.Names, func(a, b VendorNames) int { return cmp.Compare(len(b.Names), len(a.Names)) })
}

// behind reads the closest ties: those of the strength of the closest, from any of the objects.
func (s *Snapshot) behind(out *ActorSummary, objects []stix.ID) {
	var ties []graph.Tie
	for _, o := range objects {
		ties = append(ties, s.Graph.Ties(o)...)
		for _, p := range s.Graph.Personas(o) {
			out.Personas = appendNew(out.Personas, s.Graph.Name(p))
		}
		if b := s.Graph.Behind(o); b != "" {
			out.Principal = s.Graph.Name(b)
		}
	}
	closest := 0.0
	for _, t := range ties {
		closest = max(closest, t.Strength)
	}
	for _, t := range ties {
		if t.Strength < closest {
			continue
		}
		out.States = appendNew(out.States, t.State)
		if e := s.Graph.Entity(t.Via); e != nil && e.Is("state-organ") {
			out.Services = appendNew(out.Services, e.Name)
		}
		if said := s.Graph.Name(t.Claim.Source); said != string(claim.MarqueIdentity) {
			out.Words = appendNew(out.Words, said)
		}
	}
}

// lastSeen finds the latest operation that somebody attributes to any of the objects.
func (s *Snapshot) lastSeen(out *ActorSummary, objects []stix.ID) {
	seen := map[stix.ID]bool{}
	var latest time.Time
	for _, o := range objects {
		for _, c := range s.Graph.At(o) {
			for _, l := range c.Links {
				e := s.Graph.Entity(l.From)
				if c.Stance != claim.Asserts || l.To != o || !l.Relation.Attributes() || e == nil || !graph.IsOperation(e.Type) || seen[e.ID] {
					continue
				}
				seen[e.ID] = true
				d, at := lastOf(e), e.Last
				if d.Precision == string(graph.Unknown) {
					d, at = firstOf(e), e.Date
				}
				if d.Precision != string(graph.Unknown) && at.After(latest) {
					latest, out.Last, out.LastIn = at, d, e.Name
				}
			}
		}
	}
	out.Operations = len(seen)
}
