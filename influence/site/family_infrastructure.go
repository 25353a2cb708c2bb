package site

import (
	"cmp"
	"math"
	"slices"
)

// grouping is how families came about. Nodes are the sites, and after them the values.
type grouping struct {
	union *sets
	ties  []tie
	apart [][2]uint32
}

// tie joins two nodes. Why two groups were joined is told when it is found; that a site has a value is told when somebody asks.
type tie struct {
	a, b uint32
	why  string
}

// The bounds of the first step.
const (
	// together is the share of the rarer value's sites that must have the other one as well, for two values to be one infrastructure.
	together = 4 // one in four
	// few is up to how many sites two values may have for an identity to bind them with a single site in common.
	few = 3
	// many is from how many sites on a value is looked at for being a commodity.
	many = 100
	// alike is the share of a value's sites that must be alike in something else, for a value of many sites not to be a commodity.
	alike = .5
)

func (f *Families) group() *grouping {
	g := &grouping{union: newSets(len(f.sites) + len(f.values))}
	for p := range f.apart {
		a, okA := f.byName[p[0]]
		b, okB := f.byName[p[1]]
		if okA && okB {
			g.apart = append(g.apart, [2]uint32{uint32(a), uint32(b)})
		}
	}
	words := f.endingWords()
	have := f.members()
	commodity := f.commodities(words, have)
	b := f.binding(commodity)
	f.settle(g, f.infrastructures(have, b), b)
	f.joinGroups(g, words, commodity)
	return g
}

// join unites two nodes unless a person keeps two of their sites apart.
func (g *grouping) join(a, b uint32, why string) {
	ra, rb := g.union.find(a), g.union.find(b)
	if ra == rb {
		return
	}
	for _, p := range g.apart {
		x, y := g.union.find(p[0]), g.union.find(p[1])
		if x == ra && y == rb || x == rb && y == ra {
			return
		}
	}
	g.union.join(a, b)
	g.ties = append(g.ties, tie{a, b, why})
}

// binds says whether a value can make an infrastructure: what only one site has binds nothing.
func (v *sharedValue) binds() bool {
	return v.sites > 1 && (v.class == addressClass || v.class == identityClass)
}

// infrastructures unite values that occur together: those that a quarter of the sites of the rarer one share, two at least, and rare ones
// with an identity among them. A value of two sites is left alone otherwise: where both have the other one, that one already binds them.
func (f *Families) infrastructures(have *members, b *binding) *sets {
	infra := newSets(len(f.values))
	n := make([]int32, len(f.values)) // how many of u's sites have v as well
	var with []uint32
	for u := range f.values {
		if !b.value[u] {
			continue
		}
		for _, i := range have.of(uint32(u)) {
			for _, v := range b.of(i) {
				if n[v]++; n[v] == 1 {
					with = append(with, v)
				}
			}
		}
		for _, v := range with {
			// Each pair is looked at from the rarer one, once. What occurs together once is for rare identities only.
			both := n[v]
			n[v] = 0
			if both < 2 && f.values[u].sites > few || v == uint32(u) {
				continue
			}
			if x, y := &f.values[u], &f.values[v]; x.sites <= y.sites && oneInfrastructure(x, y, both) {
				infra.join(uint32(u), v)
			}
		}
		with = with[:0]
	}
	return infra
}

// binding is what binds sites together: which values do, and those of each site, one site's after the other's.
type binding struct {
	value  []bool
	values []uint32
	start  []int32
}

func (f *Families) binding(commodity []bool) *binding {
	b := &binding{value: make([]bool, len(f.values)), start: make([]int32, 1, len(f.sites)+1)}
	for v := range f.values {
		b.value[v] = f.values[v].binds() && !commodity[v]
	}
	for i := range f.sites {
		for _, v := range f.sites[i].values {
			if b.value[v] {
				b.values = append(b.values, v)
			}
		}
		b.start = append(b.start, int32(len(b.values)))
	}
	return b
}

func (b *binding) of(site uint32) []uint32 { return b.values[b.start[site]:b.start[site+1]] }

// oneInfrastructure says whether two values, of which the first is the rarer one, are one infrastructure, given how many sites have both.
func oneInfrastructure(rarer, other *sharedValue, both int32) bool {
	if other.sites <= few && (rarer.class == identityClass || other.class == identityClass) {
		return true
	}
	return rarer.sites > 2 && both >= 2 && both*together >= rarer.sites
}

// members are the sites by value, all in one slice.
type members struct {
	start []int32
	sites []uint32
}

func (f *Families) members() *members {
	m := &members{start: make([]int32, len(f.values)+1)}
	for v := range f.values {
		m.start[v+1] = m.start[v] + f.values[v].sites
	}
	m.sites = make([]uint32, m.start[len(f.values)])
	next := slices.Clone(m.start)
	for i := range f.sites {
		for _, v := range f.sites[i].values {
			m.sites[next[v]] = uint32(i)
			next[v]++
		}
	}
	return m
}

func (m *members) of(v uint32) []uint32 { return m.sites[m.start[v]:m.start[v+1]] }

// settle gives each site to the infrastructure that most speaks for: identities count three, addresses two, and where that is even the larger
// one has it.
func (f *Families) settle(g *grouping, infra *sets, b *binding) {
	size := make([]int32, len(f.values))
	first := make([]uint32, len(f.values)) // the value of an infrastructure that comes first in the alphabet
	for v := range f.values {
		r := infra.find(uint32(v))
		size[r] += f.values[v].sites
		if r == uint32(v) || f.before(uint32(v), first[r]) {
			first[r] = uint32(v)
		}
	}
	base := uint32(len(f.sites))
	var roots []settled
	for _, i := range f.inOrder() {
		roots = roots[:0]
		for _, v := range b.of(i) {
			roots = append(roots, settled{v, infra.find(v)})
		}
		if len(f.apart) > 0 { // what is refused depends on what came before
			slices.SortFunc(roots, func(a, b settled) int {
				if f.before(a.value, b.value) {
					return -1
				}
				return 1
			})
		}
		root, ok := f.heaviest(roots, size, first)
		for _, r := range roots {
			if ok && r.root == root {
				g.join(i, base+r.value, "")
			}
		}
	}
}

// settled is a value of a site and its infrastructure.
type settled struct{ value, root uint32 }

// heaviest is the infrastructure that most of a site's values speak for.
func (f *Families) heaviest(roots []settled, size []int32, first []uint32) (root uint32, ok bool) {
	weight := 0
	for i, r := range roots {
		w := 0
		for j, o := range roots {
			if o.root != r.root {
				continue
			}
			if j < i { // weighed already
				w = 0
				break
			}
			w += f.values[o.value].strength()
		}
		if w > weight || w > 0 && w == weight && (size[r.root] > size[root] || size[r.root] == size[root] && f.before(first[r.root], first[root])) {
			root, weight = r.root, w
		}
	}
	return root, weight > 0
}

func (v *sharedValue) strength() int {
	if v.class == identityClass {
		return 3
	}
	return 2
}

func (f *Families) before(u, v uint32) bool {
	a, b := f.values[u].fact, f.values[v].fact
	return a.Kind < b.Kind || a.Kind == b.Kind && a.Value < b.Value
}

// inOrder are the sites in the order of the alphabet where the order matters: when somebody keeps sites apart.
func (f *Families) inOrder() []uint32 {
	order := make([]uint32, len(f.sites))
	for i := range order {
		order[i] = uint32(i)
	}
	if len(f.apart) > 0 {
		slices.SortFunc(order, func(a, b uint32) int { return cmp.Compare(f.sites[a].domain, f.sites[b].domain) })
	}
	return order
}

// commodities are the values of many sites that have nothing else in common: not the word their names end in, not an identity, not a choice
// of providers. A parking address of one registrar's customers is one, the address of a network of look-alike sites is not.
func (f *Families) commodities(words *endingWords, have *members) []bool {
	out := make([]bool, len(f.values))
	n := make([]int32, len(f.values))
	for v := range f.values {
		if f.values[v].binds() && f.values[v].sites >= many {
			m := have.of(uint32(v))
			out[v] = words.alike(m) < alike && f.chosenAlike(uint32(v), m, n) < 2
		}
	}
	return out
}

// chosenAlike is how many other kinds there are in which most of the sites have one value in common. The counts n are zero before and after.
func (f *Families) chosenAlike(v uint32, members []uint32, n []int32) int {
	var often []uint32
	enough := int32(math.Ceil(alike * float64(len(members))))
	for _, i := range members {
		for _, u := range f.sites[i].values {
			if n[u]++; n[u] == enough && u != v {
				often = append(often, u)
			}
		}
	}
	for _, i := range members {
		for _, u := range f.sites[i].values {
			n[u] = 0
		}
	}
	kinds := map[string]bool{}
	for _, u := range often {
		if x := &f.values[u]; x.class != networkClass && x.fact.Kind != f.values[v].fact.Kind {
			kinds[x.fact.Kind] = true
		}
	}
	return len(kinds)
}
