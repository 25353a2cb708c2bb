package attribute_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/attribute"
	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// historyWorld is a world of defacing hacktivists, spying states with proxies, and extorting criminals, fifteen operations each,
// and one more operation about which somebody says something or not.
func historyWorld(t testing.TB) (w *world, state, gang, crew stix.ID, by statement) {
	w = newWorld(t)
	state = w.state("CN", "China")
	org := w.org("Observer")
	by = statement{by: org, doc: w.report("observations", "2020-01-01", org)}
	gang, crew = w.actor("Gang", []string{"criminal"}), w.actor("Crew", []string{"activist"})
	for i := range 15 {
		w.says(by, w.operation(fmt.Sprint("defacement ", i), claim.Operation{Kinds: []string{"defacement"}, DisclosedBy: []string{"attacker"}}), "attributed-to", crew)
		w.says(by, w.operation(fmt.Sprint("theft ", i), claim.Operation{Kinds: []string{"theft"}, Sectors: []string{"government"}}), "attributed-to", state)
		w.says(by, w.operation(fmt.Sprint("theft by proxy ", i), claim.Operation{Kinds: []string{"theft"}, Sectors: []string{"technology"}}), "on-behalf-of", state)
		w.says(by, w.operation(fmt.Sprint("extortion ", i), claim.Operation{Kinds: []string{"ransomware"}}), "attributed-to", gang)
	}
	return w, state, gang, crew, by
}

func initiator(t *testing.T, w *world, op stix.ID) map[string]float64 {
	t.Helper()
	g := w.graph()
	c, err := attribute.CaseOf(g, op)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, k := range attribute.Learn(g).Initiator(&c) {
		out[k.Kind] = k.Probability
	}
	return out
}

func TestKindsAreLearned(t *testing.T) {
	for _, c := range []struct {
		op   claim.Operation
		want string
	}{
		{claim.Operation{Kinds: []string{"defacement"}}, "hacktivist"},
		{claim.Operation{DisclosedBy: []string{"attacker"}}, "hacktivist"},
		{claim.Operation{Kinds: []string{"ransomware"}}, "criminal"},
		{claim.Operation{Kinds: []string{"theft"}, Sectors: []string{"government"}}, "state"},
		{claim.Operation{Kinds: []string{"theft"}, Sectors: []string{"technology"}}, "state-affiliated"},
	} {
		w, _, _, _, _ := historyWorld(t)
		got := initiator(t, w, w.operation("the case", c.op))
		sum := 0.0
		for k, p := range got {
			sum += p
			if k != c.want && p >= got[c.want] {
				t.Errorf("%+v: %s %.2f, %s %.2f", c.op, c.want, got[c.want], k, p)
			}
		}
		if sum < 0.999 || sum > 1.001 {
			t.Errorf("probabilities sum to %v", sum)
		}
	}
}

// What somebody says of an operation is no history of it: the model for it is the same whoever is named.
func TestAnOperationIsNotItsOwnHistory(t *testing.T) {
	var want map[string]float64
	for _, named := range []string{"nobody", "gang", "crew", "state"} {
		w, state, gang, crew, by := historyWorld(t)
		op := w.operation("the case", claim.Operation{Kinds: []string{"theft"}, Sectors: []string{"government"}})
		if id := map[string]stix.ID{"gang": gang, "crew": crew, "state": state}[named]; id != "" {
			w.says(by, op, "attributed-to", id)
		}
		got := initiator(t, w, op)
		if want == nil {
			want = got
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s is named: %s", named, d)
		}
	}
}

// As of a day, what began later is no history, even where somebody spoke of it before.
func TestHistoryEndsOnTheDay(t *testing.T) {
	w, _, _, _, _ := historyWorld(t)
	for on, want := range map[string]int{"2024-01-02": 60, "2023-06-01": 0} {
		if n := attribute.Learn(graph.FromObjects(w.objects, graph.Options{AsOf: day(on).Time()})).N; n != want {
			t.Errorf("as of %s: %d operations, want %d", on, n, want)
		}
	}
}

func TestConductIsOneLearnedPiece(t *testing.T) {
	w, _, gang, _, by := historyWorld(t)
	op := w.operation("the case", claim.Operation{Kinds: []string{"ransomware"}, Acts: []string{"no-monetisation"}})
	w.says(by, op, "on-behalf-of", stix.DerivedID("identity", "state", "CN"))
	w.says(by, op, "attributed-to", gang)
	g := w.graph()
	c, err := attribute.CaseOf(g, op)
	if err != nil {
		t.Fatal(err)
	}
	a := attribute.Judge(g, c, attribute.Options{History: attribute.Learn(g)})
	var learned, stated int
	for _, e := range a.Evidence {
		switch {
		case e.Kind == "conduct" && strings.HasPrefix(e.Basis, "learned"):
			learned++
			if e.Decibans["gang_own"] <= 0 || e.Decibans["gang_CN"] >= 0 || !strings.Contains(e.Text, "ransomware") {
				t.Errorf("%s: %v", e.Text, e.Decibans)
			}
		case e.Kind == "conduct":
			stated++ // nobody in this history looked for money and found none
		}
	}
	if learned != 1 || stated != 1 {
		t.Errorf("%d learned pieces, %d stated", learned, stated)
	}
}
