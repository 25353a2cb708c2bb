package event

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// Meeting is two sponsors that work on the same targets within some time of each other.
type Meeting struct {
	A string `json:"a"`
	B string `json:"b"`
	// Targets are those on which both were active, at most Options.Within days apart.
	Targets []Overlap `json:"targets"`
	// Expected is the number of such targets when each sponsor's activities against a target are moved round the period as a block, and P
	// how often chance brings as many or more. Holm counts that all pairs were tested.
	Expected float64 `json:"expected"`
	P        float64 `json:"p"`
	Holm     float64 `json:"p_holm"`
}

// Overlap is one target on which two sponsors met.
type Overlap struct {
	Target string `json:"target"`
	// Pairs is how many activities of the first have one of the second within the time; Closest is the smallest distance in days.
	Pairs   int `json:"pairs"`
	Closest int `json:"closest"`
	// A and B are ids of the two that are closest.
	A string `json:"a"`
	B string `json:"b"`
}

// Says tells the answer in a sentence. Sponsors that meet need not know of each other.
func (m Meeting) Says() string {
	names := make([]string, len(m.Targets))
	for i, t := range m.Targets {
		names[i] = t.Target
	}
	found := fmt.Sprintf("%s and %s: %d targets within the time (%s), %.1f expected", m.A, m.B, len(m.Targets), strings.Join(names, ", "), m.Expected)
	if m.Holm <= significant {
		return fmt.Sprintf("%s: more than chance brings (p = %.3f, %.3f with all pairs tested)", found, m.P, m.Holm)
	}
	return fmt.Sprintf("%s: cannot be told from chance (p = %.2f)", found, m.P)
}

// Convergence finds the pairs of sponsors that meet on targets, those with the most targets first.
func Convergence(activities []Activity, o Options) []Meeting {
	p := newPeriod(activities, o)
	blocks := map[block][]dated{}
	for _, a := range activities {
		if p.holds(a.Day) {
			k := block{a.Target, a.Sponsor}
			blocks[k] = append(blocks[k], dated{p.ordinal(a.Day), a.ID})
		}
	}
	keys := slices.SortedFunc(maps.Keys(blocks), func(a, b block) int {
		return cmp.Or(cmp.Compare(a.target, b.target), cmp.Compare(a.sponsor, b.sponsor))
	})
	for _, k := range keys {
		slices.SortFunc(blocks[k], dated.compare)
	}
	found := p.meet(keys, blocks)
	null := map[pairOf][]int{}
	random := rand.New(rand.NewPCG(p.Seed, 2))
	for range p.Rounds {
		moved := make(map[block][]dated, len(blocks))
		for _, k := range keys {
			moved[k] = p.movedBlock(blocks[k], random.IntN(p.length))
		}
		counts := p.meet(keys, moved)
		for pr := range found {
			null[pr] = append(null[pr], len(counts[pr]))
		}
	}
	out := make([]Meeting, 0, len(found))
	for pr, targets := range found {
		n := slices.Sorted(slices.Values(null[pr]))
		sum := 0
		for _, c := range n {
			sum += c
		}
		out = append(out, Meeting{A: pr.a, B: pr.b, Targets: targets, Expected: float64(sum) / float64(len(n)), P: chance(n, len(targets))})
	}
	slices.SortFunc(out, func(x, y Meeting) int {
		return cmp.Or(cmp.Compare(x.P, y.P), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	run := 0.0
	for i := range out {
		run = max(run, min(1, out[i].P*float64(len(out)-i)))
		out[i].Holm = run
	}
	slices.SortStableFunc(out, func(x, y Meeting) int {
		return cmp.Or(cmp.Compare(len(y.Targets), len(x.Targets)), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	return out
}

// block is what one sponsor did against one target: what is moved together.
type block struct{ target, sponsor string }

type pairOf struct{ a, b string }

// dated is an activity by its day in the period.
type dated struct {
	day int
	id  string
}

func (d dated) compare(o dated) int {
	return cmp.Or(cmp.Compare(d.day, o.day), cmp.Compare(d.id, o.id))
}

func (p *period) movedBlock(ds []dated, by int) []dated {
	out := make([]dated, len(ds))
	for i, d := range ds {
		out[i] = dated{(d.day + by) % p.length, d.id}
	}
	slices.SortFunc(out, dated.compare)
	return out
}

// meet lists for each pair of sponsors the targets on which they met. keys are in the order of targets.
func (p *period) meet(keys []block, blocks map[block][]dated) map[pairOf][]Overlap {
	out := map[pairOf][]Overlap{}
	for i, k := range keys {
		for _, l := range keys[i+1:] {
			if l.target != k.target {
				break
			}
			if o, ok := p.overlap(blocks[k], blocks[l]); ok {
				o.Target = k.target
				pr := pairOf{k.sponsor, l.sponsor}
				out[pr] = append(out[pr], o)
			}
		}
	}
	return out
}

// overlap compares what two sponsors did against one target; both are in the order of days.
func (p *period) overlap(as, bs []dated) (Overlap, bool) {
	o := Overlap{Closest: p.Within + 1}
	for _, a := range as {
		i, _ := slices.BinarySearchFunc(bs, a.day-p.Within, func(b dated, day int) int { return cmp.Compare(b.day, day) })
		if i < len(bs) && bs[i].day <= a.day+p.Within {
			o.Pairs++
		}
		for ; i < len(bs) && bs[i].day <= a.day+p.Within; i++ {
			if d := max(a.day-bs[i].day, bs[i].day-a.day); d < o.Closest {
				o.Closest, o.A, o.B = d, a.id, bs[i].id
			}
		}
	}
	return o, o.Pairs > 0
}
