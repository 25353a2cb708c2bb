package attribute_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"marque/attribute"
	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// random makes an operation with a random set of sources, statements and retellings, the same for the same seed.
func random(t *testing.T, seed uint64) (w *world, op stix.ID, said []retold) {
	r := rand.New(rand.NewPCG(seed, 7))
	w = newWorld(t)
	states := []stix.ID{w.state("RU", "Russia"), w.state("CN", "China"), w.state("IR", "Iran")}
	actors := []stix.ID{w.actor("Alpha", []string{"criminal"}), w.actor("Beta", nil), w.criminals()}
	w.link(actors[1], "attributed-to", states[1])
	op = w.operation("op", claim.Operation{
		Acts: []string{"data-theft", "encryption", "no-monetisation"}[:r.IntN(4)], Sectors: []string{"military", "finance"}[:r.IntN(3)], Countries: []string{"UA"},
	})
	for i := range 1 + r.IntN(4) {
		by := w.org(fmt.Sprintf("source %d", i))
		doc := w.report(fmt.Sprintf("report %d", i), "2024-03-01", by)
		for range 1 + r.IntN(2) {
			c := statement{by: by, doc: doc, hedge: []string{"", "likely", "may have"}[r.IntN(3)], grade: []string{"A1", "B2", "C3", "F6"}[r.IntN(4)]}
			target, relation := actors[r.IntN(3)], "attributed-to"
			if r.IntN(2) == 0 {
				target, relation = states[r.IntN(3)], []string{"attributed-to", "on-behalf-of"}[r.IntN(2)]
			}
			w.says(c, op, relation, target)
			said = append(said, retold{c, relation, target})
		}
	}
	return w, op, said
}

type retold struct {
	statement
	relation string
	target   stix.ID
}

func judge(t *testing.T, objects []*stix.Object, op stix.ID) claim.Assessment {
	t.Helper()
	g := graph.FromObjects(objects, graph.Options{})
	c, err := attribute.CaseOf(g, op)
	if err != nil {
		t.Fatal(err)
	}
	return attribute.Judge(g, c, attribute.Options{})
}

// A retelling, however loud, changes no probability and no count of roots.
func TestRetellingChangesNothing(t *testing.T) {
	for seed := range uint64(60) {
		w, op, said := random(t, seed)
		before := judge(t, w.objects, op)
		r := rand.New(rand.NewPCG(seed, 9))
		for i := range 5 {
			s := said[r.IntN(len(said))]
			paper := w.org(fmt.Sprintf("newspaper %d", i))
			article := w.report(fmt.Sprintf("article %d", i), "2024-05-01", paper)
			w.retells(article, s.doc)
			loud := s.statement
			loud.doc, loud.hedge, loud.grade = article, "", "A1"
			w.says(loud, op, s.relation, s.target)
		}
		after := judge(t, w.objects, op)
		if after.Roots != before.Roots {
			t.Fatalf("seed %d: roots %d, with retellings %d", seed, before.Roots, after.Roots)
		}
		for i, h := range after.Hypotheses {
			if h.Key != before.Hypotheses[i].Key || h.Probability != before.Hypotheses[i].Probability {
				t.Fatalf("seed %d: %s %.4f became %s %.4f", seed, before.Hypotheses[i].Key, before.Hypotheses[i].Probability, h.Key, h.Probability)
			}
		}
	}
}

// Taking a source away never raises the number of independent roots.
func TestFewerSourcesFewerRoots(t *testing.T) {
	for seed := range uint64(60) {
		w, op, said := random(t, seed)
		before := judge(t, w.objects, op)
		gone := said[0].doc
		rest := slices.DeleteFunc(slices.Clone(w.objects), func(o *stix.Object) bool {
			var c claim.Claim
			ok, err := o.ExtensionOf(claim.Extension, &c)
			return err == nil && ok && c.DocumentRef == gone
		})
		if after := judge(t, rest, op); after.Roots > before.Roots-1 {
			t.Fatalf("seed %d: %d roots, %d without one", seed, before.Roots, after.Roots)
		}
	}
}

// The order in which objects come does not matter, to the byte.
func TestOrderDoesNotMatter(t *testing.T) {
	for seed := range uint64(40) {
		w, op, _ := random(t, seed)
		first, err := stix.New(judge(t, w.objects, op))
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(seed, 11))
		shuffled := slices.Clone(w.objects)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		second, err := stix.New(judge(t, shuffled, op))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Raw(), second.Raw()) {
			t.Fatalf("seed %d: the order changes the assessment\n%s\n%s", seed, first.Raw(), second.Raw())
		}
	}
}

// Prior and decibans in the output give the probabilities, but for the hundredth that is left to the method's own error.
func TestDecibansGiveTheProbability(t *testing.T) {
	for seed := range uint64(60) {
		w, op, _ := random(t, seed)
		a := judge(t, w.objects, op)
		want := recompute(&a)
		sum := 0.0
		for i, h := range a.Hypotheses {
			sum += h.Probability
			if d := h.Probability - want[i]; d > 0.01 || d < -0.01 {
				t.Fatalf("seed %d: %s has %.4f, prior and decibans give %.4f", seed, h.Key, h.Probability, want[i])
			}
		}
		if sum < 0.999 || sum > 1.001 {
			t.Fatalf("seed %d: probabilities sum to %.4f", seed, sum)
		}
	}
}
