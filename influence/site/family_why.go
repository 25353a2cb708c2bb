package site

import (
	"fmt"
	"slices"
)

// Tie is why two sites, or a site and a value, or two groups, were joined.
type Tie struct {
	// A and B are sites or values ("ip 192.0.2.1"), Why what joins them.
	A   string `json:"a"`
	B   string `json:"b"`
	Why string `json:"why"`
}

// String is a value as ties name it.
func (v *sharedValue) String() string { return v.fact.Kind + " " + v.fact.Value }

// Why is the chain of ties between two sites of one family, from a to b; nil where they are not in one, or nothing was told of one of them.
func (f *Families) Why(a, b string) []Tie {
	f.mu.Lock()
	defer f.mu.Unlock()
	from, okA := f.byName[a]
	to, okB := f.byName[b]
	if !okA || !okB || from == to {
		return nil
	}
	g := f.grouped()
	if g.union.find(uint32(from)) != g.union.find(uint32(to)) {
		return nil
	}
	at := map[uint32][]tie{}
	for _, t := range g.ties {
		at[t.a] = append(at[t.a], t)
		at[t.b] = append(at[t.b], t)
	}
	// The ties are a forest, so the first way that is found is the only one.
	came := map[uint32]tie{uint32(from): {}}
	for queue := []uint32{uint32(from)}; len(queue) > 0 && queue[0] != uint32(to); queue = queue[1:] {
		for _, t := range at[queue[0]] {
			next := t.a + t.b - queue[0]
			if _, seen := came[next]; !seen {
				came[next] = t
				queue = append(queue, next)
			}
		}
	}
	var out []Tie
	for node := uint32(to); node != uint32(from); {
		t := came[node]
		before := t.a + t.b - node
		out = append(out, Tie{A: f.nodeName(before), B: f.nodeName(node), Why: f.because(t)})
		node = before
	}
	slices.Reverse(out)
	return out
}

func (f *Families) nodeName(node uint32) string {
	if int(node) < len(f.sites) {
		return f.sites[node].domain
	}
	return f.values[int(node)-len(f.sites)].String()
}

// because says why a tie is one.
func (f *Families) because(t tie) string {
	if t.why != "" {
		return t.why
	}
	return fmt.Sprintf("%d sites have it", f.values[int(t.b)-len(f.sites)].sites)
}
