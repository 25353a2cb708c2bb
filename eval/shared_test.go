package eval_test

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"marque/attribute"
	"marque/graph"
	"marque/store/storetest"
)

// commodities are the tools that actors of several states have, because anybody can.
var commodities = []string{"Cobalt Strike", "gh0st RAT", "China Chopper", "ASPXSpy", "Amadey"}

// explained counts the commodities that an answer explains.
func explained(a attribute.SharedAnswer) int {
	n := 0
	for _, s := range slices.Concat(a.Weak, a.Criminal) {
		if slices.Contains(commodities, s.Name) && s.Explain != "" {
			n++
		}
	}
	return n
}

// TestSharedOnAttack: four states' actors share commodity tools in ATT&CK, and the answer explains them.
func TestSharedOnAttack(t *testing.T) {
	objects := storetest.Attack(t)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	g := graph.FromObjects(objects, graph.Options{})
	took := time.Since(start)
	runtime.GC()
	runtime.ReadMemStats(&after)
	t.Logf("graph of %d objects, %d claims in %v, heap %d MB more", g.Stats.Objects, g.Stats.Claims, took, int64(after.HeapAlloc-before.HeapAlloc)>>20)
	start = time.Now()
	a := attribute.NexusShared(g, []string{"RU", "CN", "IR", "KP"})
	t.Logf("in %v: %s", time.Since(start), a.Words)
	for _, s := range a.Refuting {
		t.Logf("refuting %+.1f %s %v %s | %s", s.Decibans, s.Name, s.By, s.Discount, s.Explain)
	}
	found := map[string]attribute.Shared{}
	for _, s := range a.Weak {
		found[s.Name] = s
		t.Logf("weak %+.1f %s | %s | %s", s.Decibans, s.Name, s.Discount, s.Explain)
	}
	for _, s := range a.Criminal {
		found[s.Name] = s
	}
	for _, name := range commodities {
		s, ok := found[name]
		if !ok || s.Explain == "" {
			t.Errorf("%s: found %v, explanation %q", name, ok, s.Explain)
		}
	}
	if a.Verdict != attribute.NotRefuted {
		t.Errorf("verdict %q, refuted by %d", a.Verdict, len(a.Refuting))
	}
}
