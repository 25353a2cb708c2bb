package graph

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"marque/claim"
	"marque/stix"
)

// Tie is a claim that joins an actor to a state, perhaps by way of an organ or a company.
type Tie struct {
	Actor    stix.ID
	State    string  // ISO 3166-1 alpha-2
	StateRef stix.ID // the state's identity, where there is one
	Via      stix.ID // organ, company or group between the two; empty where the claim names the state
	Relation claim.Relation
	Strength float64 // 0 to 1: how close the wording says it is, a thumb rule
	Claim    *Claim
}

// IsState tells whether the entity is a state, or the place that a state governs.
func (e *Entity) IsState() bool {
	return e.Country != "" && (e.Is("state") || e.Type == "location")
}

// Ties lists the claims that join an actor to a state, closest first. Origin only ("located-at") is the weakest.
func (g *Graph) Ties(actor stix.ID) []Tie {
	if ties, ok := g.ties[actor]; ok {
		return ties
	}
	return g.findTies(actor)
}

func (g *Graph) findTies(actor stix.ID) []Tie {
	var out []Tie
	g.walkTies(actor, actor, "", 1, "", nil, map[stix.ID]bool{}, &out)
	slices.SortFunc(out, func(a, b Tie) int {
		return cmp.Or(cmp.Compare(b.Strength, a.Strength), cmp.Compare(a.State, b.State), cmp.Compare(a.Claim.ID, b.Claim.ID), cmp.Compare(a.Via, b.Via))
	})
	return out
}

// walkTies follows relations upwards, at most four steps: group, unit, service, ministry, state.
func (g *Graph) walkTies(actor, at, via stix.ID, strength float64, relation claim.Relation, first *Claim, seen map[stix.ID]bool, out *[]Tie) {
	if seen[at] || len(seen) > 4 {
		return
	}
	seen[at] = true
	defer delete(seen, at)
	for _, c := range g.At(at) {
		if c.Stance != claim.Asserts {
			continue
		}
		for _, l := range c.Links {
			s := l.Relation.Tie()
			if s == 0 {
				continue
			}
			up := l.To
			if l.Relation.StateFirst() {
				if l.To != at || !g.stateSide(l.From) {
					continue
				}
				up = l.From
			} else if l.From != at {
				continue
			}
			e := g.entities[up]
			if e == nil || up == actor {
				continue
			}
			says, word := first, relation
			if says == nil {
				says, word = c, l.Relation
			}
			if e.IsState() {
				*out = append(*out, Tie{Actor: actor, State: e.Country, StateRef: up, Via: via, Relation: word, Strength: min(s, strength), Claim: says})
				continue
			}
			next := via
			if next == "" {
				next = up
			}
			g.walkTies(actor, up, next, min(s, strength), word, says, seen, out)
		}
	}
}

// stateSide tells whether an entity is a state or one of its organs.
func (g *Graph) stateSide(id stix.ID) bool {
	e := g.entities[id]
	return e != nil && (e.IsState() || e.Is("state-organ"))
}

// allegiance is the state that an actor belongs to, and how that is known.
type allegiance struct {
	country string
	sponsor bool // more than where it sits
	why     string
}

// allegiances settles the state of each actor: by claims, else by its own source's description, else by what another source
// says of the actor that it is by its names.
func (g *Graph) allegiances() {
	g.states = map[stix.ID]allegiance{}
	var actors []*Entity
	for _, id := range g.ids {
		if e := g.entities[id]; IsActor(e.Type) {
			actors = append(actors, e)
		}
	}
	byName := map[string]string{}
	for country, name := range g.countries {
		byName[name] = country
	}
	ties := map[stix.ID][]Tie{}
	for _, e := range actors {
		ties[e.ID] = g.findTies(e.ID)
	}
	g.ties = ties
	for _, e := range actors {
		a := g.closestState(e.ID)
		if _, country, ok := strings.Cut(e.Name, ", "); ok && a.country == "" && e.Is("class") && byName[country] != "" {
			a = allegiance{byName[country], actorOfState(e), "its name says it"}
		}
		if !a.sponsor && e.Described.Sponsor && (a.country == "" || a.country == e.Described.Country) {
			a = allegiance{e.Described.Country, true, "its description says: " + e.Described.Words}
		}
		if a.country == "" && e.Described.Country != "" {
			a = allegiance{e.Described.Country, false, "its description says: " + e.Described.Words}
		}
		g.states[e.ID] = a
	}
	borrowed := map[stix.ID]allegiance{}
	for _, e := range actors {
		if g.states[e.ID].country == "" && !e.Is("class") {
			if a := g.borrow(e.ID); a.country != "" {
				borrowed[e.ID] = a
			}
		}
	}
	maps.Copy(g.states, borrowed)
}

// actorOfState tells whether an unnamed kind of actor, such as "proxies, Russia", is said to serve the state.
func actorOfState(e *Entity) bool { return e.Is("nation-state") }

// borrow takes the state from the actor of another source that the names lead to.
func (g *Graph) borrow(id stix.ID) allegiance {
	tried := map[stix.ID]bool{g.entities[id].CreatedBy: true}
	for _, mine := range g.names.byEntity[id] {
		for _, c := range g.names.claims[NormalName(mine.Name)] {
			creator := g.entities[c.Entity].CreatedBy
			if tried[creator] {
				continue
			}
			tried[creator] = true
			r := g.Correspond(id, creator)
			if best := r.Best(); best != nil && g.states[best.ID].country != "" {
				a := g.states[best.ID]
				a.why = fmt.Sprintf("by its names it is %s's %s; %s", best.Source, best.Name, a.why)
				return a
			}
		}
	}
	return allegiance{}
}

// StateOf is the state that an entity is, belongs to, is said to work for or sits in: the closest claims decide; empty where
// nothing is known or where they name several states equally.
func (g *Graph) StateOf(id stix.ID) string { return g.allegiance(id).country }

// StatesOf lists all states that the closest ties of an entity name, sorted: more than one where they are at odds, or where
// people of several states act together.
func (g *Graph) StatesOf(id stix.ID) []string {
	if s := g.StateOf(id); s != "" {
		return []string{s}
	}
	var out []string
	ties := g.Ties(id)
	for _, t := range ties {
		if t.Strength == ties[0].Strength {
			out = append(out, t.State)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// SponsorOf is StateOf without what only says where somebody sits.
func (g *Graph) SponsorOf(id stix.ID) string {
	if a := g.allegiance(id); a.sponsor {
		return a.country
	}
	return ""
}

// SponsorWhy tells how the state of an actor is known.
func (g *Graph) SponsorWhy(id stix.ID) string { return g.allegiance(id).why }

func (g *Graph) allegiance(id stix.ID) allegiance {
	e := g.entities[id]
	if e == nil {
		return allegiance{}
	}
	if e.Country != "" {
		return allegiance{e.Country, e.IsState(), "it is the state"}
	}
	if a, ok := g.states[id]; ok {
		return a
	}
	if IsActor(e.Type) {
		return g.closestState(id)
	}
	if a, ok := g.seats.Load(id); ok {
		return a.(allegiance)
	}
	a := g.closestState(id)
	g.seats.Store(id, a)
	return a
}

// OriginOnly is the strength below which a tie only says where somebody sits.
const OriginOnly = 0.3

// closestState reads the state out of the closest ties.
func (g *Graph) closestState(id stix.ID) allegiance {
	ties := g.Ties(id)
	if len(ties) == 0 {
		return allegiance{}
	}
	state := ties[0].State
	for _, t := range ties[1:] {
		if t.Strength < ties[0].Strength {
			break
		}
		if t.State != state {
			return allegiance{}
		}
	}
	return allegiance{state, ties[0].Strength >= OriginOnly, fmt.Sprintf("%s says %q", g.Name(ties[0].Claim.Source), ties[0].Relation)}
}

// StateEntity is the identity that stands for a state, by its alpha-2 code; empty where the graph has none.
func (g *Graph) StateEntity(country string) stix.ID {
	if id := stix.DerivedID("identity", "state", country); g.entities[id] != nil {
		return id
	}
	return ""
}

// CountryName is the name of a state by its alpha-2 code, as the graph's entities have it; the code where none has.
func (g *Graph) CountryName(country string) string {
	if name, ok := g.countries[country]; ok {
		return name
	}
	return country
}

// StateNamed is the alpha-2 code of the state that bears a name in the graph; empty where none does.
func (g *Graph) StateNamed(name string) string {
	found := ""
	for code, known := range g.countries {
		if strings.EqualFold(known, name) && (found == "" || code < found) {
			found = code
		}
	}
	return found
}

// Sponsors says which state each intrusion set works for: what is said of it or of actors of the same names. The main name votes
// three times, an alias once; a tie names nobody.
func (g *Graph) Sponsors() map[string]string {
	states := map[string][]string{} // name to the states that its bearers work for
	for _, e := range g.Entities("threat-actor", "intrusion-set") {
		if state := g.SponsorOf(e.ID); state != "" {
			for name := range e.votes() {
				states[name] = append(states[name], state)
			}
		}
	}
	out := map[string]string{}
	for _, e := range g.Entities("intrusion-set") {
		count := map[string]int{}
		for name, weight := range e.votes() {
			for _, state := range states[name] {
				count[state] += weight
			}
		}
		if state := winner(count); state != "" {
			out[string(e.ID)] = state
		}
	}
	return out
}

// votes is what each of an entity's names weighs.
func (e *Entity) votes() map[string]int {
	out := map[string]int{}
	for _, name := range e.Aliases {
		out[NormalName(name)] = 1
	}
	out[NormalName(e.Name)] = 3
	return out
}

// winner has the most votes, alone.
func winner(votes map[string]int) string {
	best, tie := "", false
	for state, n := range votes {
		switch {
		case best == "" || n > votes[best]:
			best, tie = state, false
		case n == votes[best]:
			tie = true
		}
	}
	if tie {
		return ""
	}
	return best
}
