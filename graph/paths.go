package graph

import (
	"cmp"
	"slices"

	"marque/claim"
	"marque/stix"
)

// Edge is a relation between two entities with all claims that make it.
type Edge struct {
	From, To stix.ID
	Relation claim.Relation
	Claims   []*Claim
	Roots    int // independent sources
}

// Edges lists the relations at an entity, by relation and other end.
func (g *Graph) Edges(id stix.ID) []Edge {
	byKey := map[[3]string]*Edge{}
	var out []*Edge
	for _, c := range g.At(id) {
		for _, l := range c.Links {
			if l.To == "" || (l.From != id && l.To != id) {
				continue
			}
			key := [3]string{string(l.From), string(l.To), string(l.Relation)}
			e := byKey[key]
			if e == nil {
				e = &Edge{From: l.From, To: l.To, Relation: l.Relation}
				byKey[key] = e
				out = append(out, e)
			}
			e.Claims = append(e.Claims, c)
		}
	}
	slices.SortFunc(out, func(a, b *Edge) int {
		return cmp.Or(cmp.Compare(a.Relation, b.Relation), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	edges := make([]Edge, len(out))
	for i, e := range out {
		edges[i] = *e
		edges[i].Roots = len(Roots(e.Claims))
	}
	return edges
}

// Roots lists the independent sources of claims, sorted.
func Roots(claims []*Claim) []stix.ID {
	var out []stix.ID
	for _, c := range claims {
		out = append(out, c.Root)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// MaxPath bounds the length of paths that are looked for.
const MaxPath = 6

// Path finds a shortest chain of relations between two entities, at most MaxPath long; nil where there is none. Of several
// the one with the smallest ids is returned.
func (g *Graph) Path(from, to stix.ID) []Edge {
	type step struct {
		edge Edge
		prev stix.ID
	}
	came := map[stix.ID]step{from: {}}
	front := []stix.ID{from}
	for range MaxPath {
		var next []stix.ID
		for _, at := range front {
			for _, e := range g.Edges(at) {
				other := e.To
				if other == at {
					other = e.From
				}
				if _, ok := came[other]; ok {
					continue
				}
				came[other] = step{e, at}
				if other == to {
					var path []Edge
					for at := to; at != from; at = came[at].prev {
						path = append(path, came[at].edge)
					}
					slices.Reverse(path)
					return path
				}
				next = append(next, other)
			}
		}
		slices.Sort(next)
		front = next
	}
	return nil
}

// Hood is an entity's neighbourhood: entities by distance, and the relations between them.
type Hood struct {
	Center stix.ID
	Depth  map[stix.ID]int
	Edges  []Edge
}

// Neighbours walks at most depth steps out, and stops after limit entities; a limit of 0 is no limit.
func (g *Graph) Neighbours(id stix.ID, depth, limit int) Hood {
	h := Hood{Center: id, Depth: map[stix.ID]int{id: 0}}
	seen := map[[3]string]bool{}
	front := []stix.ID{id}
	for d := 1; d <= depth; d++ {
		var next []stix.ID
		for _, at := range front {
			for _, e := range g.Edges(at) {
				other := e.To
				if other == at {
					other = e.From
				}
				if _, ok := h.Depth[other]; !ok {
					if limit > 0 && len(h.Depth) >= limit {
						continue
					}
					h.Depth[other] = d
					next = append(next, other)
				}
				if key := [3]string{string(e.From), string(e.To), string(e.Relation)}; !seen[key] {
					seen[key] = true
					h.Edges = append(h.Edges, e)
				}
			}
		}
		slices.Sort(next)
		front = next
	}
	return h
}
