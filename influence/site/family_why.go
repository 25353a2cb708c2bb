package site

import (
	"fmt"
	"slices"
)

// String is a value as ties name it.
func (v *sharedValue) String() string { return v.fact.Kind + " " + v.fact.Value }

func sharedBy(sites int32) string {
	if sites == 1 {
		return "no other site has it"
	}
	return fmt.Sprintf("%d sites have it", sites)
}

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
	next := map[uint32][]int{}
	for i, n := range g.nodes {
		next[n[0]] = append(next[n[0]], i)
		next[n[1]] = append(next[n[1]], i)
	}
	// The ties are a forest, so the first way that is found is the only one.
	came := map[uint32]int{uint32(from): -1}
	for queue := []uint32{uint32(from)}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at == uint32(to) {
			break
		}
		for _, t := range next[at] {
			other := g.nodes[t][0] + g.nodes[t][1] - at
			if _, seen := came[other]; !seen {
				came[other] = t
				queue = append(queue, other)
			}
		}
	}
	var out []Tie
	for at := uint32(to); came[at] >= 0; {
		t := came[at]
		tie := g.ties[t]
		if g.nodes[t][0] == at {
			tie.A, tie.B = tie.B, tie.A
		}
		out = append(out, tie)
		at = g.nodes[t][0] + g.nodes[t][1] - at
	}
	slices.Reverse(out)
	return out
}
