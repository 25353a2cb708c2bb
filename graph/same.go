package graph

import (
	"slices"

	"marque/claim"
	"marque/stix"
)

// Alike lists the other objects of the graph that stand for the actor by their names (see [Graph.Same]), by id.
func (g *Graph) Alike(id stix.ID) []stix.ID {
	if known, ok := g.alike.Load(id); ok {
		return known.([]stix.ID)
	}
	seen := map[stix.ID]bool{id: true}
	var out []stix.ID
	for _, mine := range g.names.byEntity[id] {
		for _, c := range g.names.claims[NormalName(mine.Name)] {
			if !seen[c.Entity] {
				seen[c.Entity] = true
				if g.Same(id, c.Entity) {
					out = append(out, c.Entity)
				}
			}
		}
	}
	slices.Sort(out)
	g.alike.Store(id, out)
	return out
}

// Established tells whether an actor is known as a group apart from what one source says in passing: several sources describe it, its own
// gives it several names, or it stands in a catalogue of groups.
func (g *Graph) Established(id stix.ID) bool {
	e := g.entities[id]
	return e != nil && IsActor(e.Type) && !e.Is("class") && (e.Type == "intrusion-set" || len(e.Aliases) > 1 || len(g.Alike(id)) > 0)
}

// Behind is the actor that speaks through a persona, on whoever's word; empty where the actor is nobody's, or is said to be several'.
func (g *Graph) Behind(id stix.ID) stix.ID {
	behind := stix.ID("")
	for _, object := range append([]stix.ID{id}, g.Alike(id)...) {
		for _, c := range g.At(object) {
			if c.Stance != claim.Asserts {
				continue
			}
			for _, l := range c.Links {
				if l.Relation != claim.PersonaOf || l.From != object || l.To == id {
					continue
				}
				if behind != "" && behind != l.To && !g.Same(behind, l.To) {
					return ""
				}
				behind = l.To
			}
		}
	}
	return behind
}

// Personas are the fronts of an actor, by id.
func (g *Graph) Personas(id stix.ID) []stix.ID {
	var out []stix.ID
	for _, object := range append([]stix.ID{id}, g.Alike(id)...) {
		for _, c := range g.At(object) {
			for _, l := range c.Links {
				if c.Stance == claim.Asserts && l.Relation == claim.PersonaOf && l.To == object && !slices.Contains(out, l.From) {
					out = append(out, l.From)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}
