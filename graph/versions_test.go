package graph_test

import (
	"testing"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// TestVersions: what an object said on the day counts, else what it said first; a reviewed claim counts as reviewed; and an actor
// that nobody had written of is not known.
func TestVersions(t *testing.T) {
	actor, later := stix.DerivedID("intrusion-set", "a"), stix.DerivedID("intrusion-set", "b")
	version := func(id stix.ID, created, modified, name string) stix.IntrusionSet {
		c := stix.NewCommon(id, at(created), claim.MarqueIdentity)
		c.Modified = at(modified)
		return stix.IntrusionSet{Common: c, Name: name}
	}
	tie := func(modified, status string) stix.Relationship {
		c := stix.NewCommon(stix.DerivedID("relationship", "tie"), at("2020-01-01"), claim.MarqueIdentity)
		c.Modified = at(modified)
		if err := c.Extensions.Extend(claim.Extension, claim.Claim{ClaimID: "tie", Stance: claim.Asserts, Relation: "attributed-to", Status: status}); err != nil {
			t.Fatal(err)
		}
		return stix.Relationship{Common: c, RelationshipType: "attributed-to", SourceRef: actor, TargetRef: stix.DerivedID("identity", "state", "RU")}
	}
	var l objects
	for _, v := range []any{
		version(actor, "2020-01-01", "2022-01-01", "Second"), version(actor, "2020-01-01", "2021-01-01", "First"), version(actor, "2020-01-01", "2023-01-01", "Third"),
		version(later, "2022-06-01", "2022-06-01", "Later"), tie("2020-01-01", claim.Candidate), tie("2023-01-01", claim.Rejected),
	} {
		l.add(t, v)
	}
	for _, c := range []struct{ asOf, name, later string }{
		{"2020-06-01", "First", ""}, {"2021-06-01", "First", ""}, {"2022-03-01", "Second", ""}, {"2022-12-01", "Second", "Later"}, {"2024-01-01", "Third", "Later"},
	} {
		for from, load := range map[string]func(graph.Options) *graph.Graph{
			"store": func(o graph.Options) *graph.Graph {
				g, err := graph.Load(t.Context(), list{objects: l}, o)
				if err != nil {
					t.Fatal(err)
				}
				return g
			},
			"objects": func(o graph.Options) *graph.Graph { return graph.FromObjects(l, o) },
		} {
			g := load(graph.Options{AsOf: at(c.asOf).Time()})
			if got := g.Name(actor); got != c.name {
				t.Errorf("%s as of %s: %s, want %s", from, c.asOf, got, c.name)
			}
			if known := g.Entity(later) != nil; known != (c.later != "") {
				t.Errorf("%s as of %s: the later actor known: %v", from, c.asOf, known)
			}
			if len(g.Claims()) != 0 {
				t.Errorf("%s as of %s: a rejected claim counts", from, c.asOf)
			}
			if extra := load(graph.Options{AsOf: at("2020-06-01").Time(), Extra: l[3:4]}); extra.Entity(later) == nil {
				t.Error("the case's own actor is not known")
			}
		}
	}
}
