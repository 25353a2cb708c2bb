package attribute_test

import (
	"fmt"
	"testing"

	"marque/attribute"
	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// states are four states with two actors each, who all use one common tool.
func states(t *testing.T) (w *world, actors map[string][]stix.ID) {
	w = newWorld(t)
	actors = map[string][]stix.ID{}
	common := w.malware("everybody's tool")
	for code, name := range map[string]string{"RU": "Russia", "CN": "China", "IR": "Iran", "KP": "North Korea"} {
		s := w.state(code, name)
		for i := range 3 {
			a := w.actor(fmt.Sprintf("%s %d", name, i), nil)
			w.link(a, "attributed-to", s)
			w.link(a, "uses", common)
			actors[code] = append(actors[code], a)
		}
	}
	return w, actors
}

func (w *world) malware(name string) stix.ID {
	id := stix.DerivedID("malware", "name", name)
	w.add(stix.Malware{Common: stix.NewCommon(id, epoch, claim.MarqueIdentity), Name: name, IsFamily: true})
	return id
}

// The negative: "no evidence that these states share resources".
func TestNegativeIsNotRefutedByCommodities(t *testing.T) {
	w, _ := states(t)
	a := attribute.NexusShared(w.graph(), []string{"RU", "CN", "IR", "KP"})
	if a.Verdict != attribute.NotRefuted || len(a.Weak) != 1 || a.Weak[0].Explain == "" {
		t.Errorf("%s; weak %+v", a.Verdict, a.Weak)
	}
	if len(a.Coverage) != len(graph.Classes()) || a.Actors["RU"] != 3 {
		t.Errorf("coverage %+v of %v", a.Coverage, a.Actors)
	}
	for _, c := range a.Coverage {
		if c.Class == graph.Tools && (c.Searched != 1 || c.Known["RU"] != 3) {
			t.Errorf("tools: %+v", c)
		}
	}
}

// One server that actors of two states use, and nobody else, refutes it.
func TestNegativeIsRefutedByASharedServer(t *testing.T) {
	w, actors := states(t)
	server := stix.DerivedID("infrastructure", "name", "server")
	w.add(stix.Infrastructure{Common: stix.NewCommon(server, epoch, claim.MarqueIdentity), Name: "server"})
	w.link(actors["RU"][0], "uses", server)
	w.link(actors["IR"][0], "uses", server)
	a := attribute.NexusShared(w.graph(), []string{"RU", "IR"})
	if a.Verdict != attribute.RefutedBy || len(a.Refuting) != 1 || a.Refuting[0].ID != server {
		t.Errorf("%s: %+v", a.Verdict, a.Refuting)
	}
	if other := attribute.NexusShared(w.graph(), []string{"CN", "KP"}); other.Verdict != attribute.NotRefuted {
		t.Errorf("two other states: %s", other.Verdict)
	}
}

func TestNexusListsTies(t *testing.T) {
	w := newWorld(t)
	russia := w.state("RU", "Russia")
	gang := w.actor("Gang", []string{"criminal"})
	w.actor("Loner", []string{"criminal"})
	vendor, other := w.org("Vendor"), w.org("Other")
	first := statement{by: vendor, doc: w.report("2022", "2022-05-01", vendor)}
	second := statement{by: other, doc: w.report("2024", "2024-05-01", other)}
	id := w.says(first, gang, "linked-to", russia)
	one := attribute.Nexus(w.graph())
	w.says(second, gang, "on-behalf-of", russia)
	third := statement{by: vendor, doc: w.report("2024 too", "2024-06-01", vendor)}
	w.says(third, gang, "linked-to", russia)
	w.denies(statement{by: russia, doc: second.doc}, id)
	ties := attribute.Nexus(w.graph())
	if len(ties) != 1 {
		t.Fatalf("ties %+v", ties)
	}
	n := ties[0]
	if n.State != "RU" || n.Actor != gang || n.Roots != 3 || n.Relation != "on-behalf-of" || n.First != 2022 || n.Last != 2024 || n.Trend != "growing" {
		t.Errorf("tie %+v", n)
	}
	if len(n.Denied) != 1 || n.Denied[0] != "Russia" {
		t.Errorf("denied by %v", n.Denied)
	}
	if n.Strength <= one[0].Strength {
		t.Errorf("strength %.2f with three sources, %.2f with one", n.Strength, one[0].Strength)
	}
}
