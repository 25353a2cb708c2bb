package site

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// group is what the first step made one.
type group struct {
	first   uint32 // the site that comes first in the alphabet
	members []uint32
}

// The bounds of the second step.
const (
	// groupSites is how many sites a group must have to be compared by providers or neighbourhood: one site's registrar says nothing.
	groupSites = 5
	// wordGroup is how many sites the group must have whose word others are joined by.
	wordGroup = 10
	// dominates is the share of a group's sites from which on a value is the group's.
	dominates = .4
	// wordInside is the share of all names with a word that must be in groups that it dominates, wordOutside the share of other groups' names
	// that may end in it.
	wordInside, wordOutside = .75, .01
	// wordLetters is the shortest word that joins groups.
	wordLetters = 5
	// netGroups is up to how many groups in one neighbourhood are taken for neighbours by choice.
	netGroups = 3
	// providerKinds is in how many kinds two groups must agree, and providerGroups how many groups may have a value that is compared at all.
	providerKinds, providerGroups = 3, 50
	// disagree is what it weighs in decibans that two groups have different providers of one kind.
	disagree = -3
)

// joinGroups is the second step.
func (f *Families) joinGroups(g *grouping, words *endingWords, commodity []bool) {
	f.joinByWord(g, words)
	f.joinByNetwork(g, commodity)
	f.joinByProviders(g)
}

// groups are the sites by what they are joined to so far, the groups in the order of their first site.
func (f *Families) groups(g *grouping) (list []group, of []int32) {
	of = make([]int32, len(f.sites))
	at := make([]int32, len(f.sites)+len(f.values)) // the group of a root, plus one
	for i := range f.sites {
		r := g.union.find(uint32(i))
		if at[r] == 0 {
			list = append(list, group{first: uint32(i)})
			at[r] = int32(len(list))
		}
		n := at[r] - 1
		of[i] = n
		list[n].members = append(list[n].members, uint32(i))
		if f.sites[i].domain < f.sites[list[n].first].domain {
			list[n].first = uint32(i)
		}
	}
	return list, of
}

// joinByWord joins groups whose names end in one word, where hardly any other names do.
func (f *Families) joinByWord(g *grouping, words *endingWords) {
	list, of := f.groups(g)
	type use struct {
		word  string
		sites map[int32]int // by group
		n     int
	}
	uses := map[uint32]*use{}
	for i := range f.sites {
		for _, x := range words.of(uint32(i)) {
			if x.length < wordLetters {
				continue
			}
			u := uses[x.slot]
			if u == nil {
				label := chosenLabel(f.sites[i].domain)
				u = &use{word: label[len(label)-int(x.length):], sites: map[int32]int{}}
				uses[x.slot] = u
			}
			u.sites[of[i]]++
			u.n++
		}
	}
	order := make([]*use, 0, len(uses))
	for _, u := range uses {
		order = append(order, u)
	}
	slices.SortFunc(order, func(a, b *use) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.word, b.word)) })
	for _, u := range order {
		var inside []int32
		sites, covered, anchored := 0, 0, false
		for n, k := range u.sites {
			if size := len(list[n].members); float64(k) >= dominates*float64(size) {
				inside = append(inside, n)
				sites += k
				covered += size
				anchored = anchored || size >= wordGroup
			}
		}
		outside := float64(u.n-sites) / float64(max(1, len(f.sites)-covered))
		if !anchored || len(inside) < 2 || float64(sites) < wordInside*float64(u.n) || outside > wordOutside {
			continue
		}
		f.sortGroups(list, inside)
		for _, n := range inside[1:] {
			f.tie(g, list[inside[0]], list[n], fmt.Sprintf("names end in %q: %d of the %d that do are in such groups", u.word, sites, u.n))
		}
	}
}

func (f *Families) sortGroups(list []group, at []int32) {
	slices.SortFunc(at, func(a, b int32) int {
		return cmp.Compare(f.sites[list[a].first].domain, f.sites[list[b].first].domain)
	})
}

func (f *Families) tie(g *grouping, a, b group, why string) {
	g.join(a.first, b.first, fmt.Sprintf("groups of %d and %d sites: %s", len(a.members), len(b.members), why))
}

// joinByNetwork joins groups whose addresses are neighbours, where few groups live there.
func (f *Families) joinByNetwork(g *grouping, commodity []bool) {
	list, of := f.groups(g)
	in := map[uint32]map[int32]int{}
	for i := range f.sites {
		for _, v := range f.sites[i].values {
			if f.values[v].class == networkClass && !commodity[v] {
				if in[v] == nil {
					in[v] = map[int32]int{}
				}
				in[v][of[i]]++
			}
		}
	}
	for _, v := range f.inOrderOf(in) {
		if len(in[v]) > netGroups {
			continue
		}
		var here []int32
		for n, k := range in[v] {
			if size := len(list[n].members); size >= groupSites && float64(k) >= dominates*float64(size) {
				here = append(here, n)
			}
		}
		f.sortGroups(list, here)
		for i := 1; i < len(here); i++ {
			f.tie(g, list[here[0]], list[here[i]], f.values[v].String()+", where no other groups are")
		}
	}
}

// inOrderOf are the values of a map in the order of the alphabet.
func (f *Families) inOrderOf(m map[uint32]map[int32]int) []uint32 {
	out := make([]uint32, 0, len(m))
	for v := range m {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(f.values[a].fact.Kind, f.values[b].fact.Kind), cmp.Compare(f.values[a].fact.Value, f.values[b].fact.Value))
	})
	return out
}

// profile is what providers a group has: of each kind, the share of its sites with each value.
type profile map[string]map[uint32]float64

func (f *Families) profile(g group) profile {
	known := map[string]float64{}
	out := profile{}
	for _, i := range g.members {
		seen := map[string]bool{}
		for _, v := range f.sites[i].values {
			if f.values[v].class != providerClass {
				continue
			}
			kind := f.values[v].fact.Kind
			if out[kind] == nil {
				out[kind] = map[uint32]float64{}
			}
			out[kind][v]++
			if !seen[kind] {
				seen[kind] = true
				known[kind]++
			}
		}
	}
	for kind, shares := range out {
		if known[kind] < groupSites {
			delete(out, kind)
			continue
		}
		for v := range shares {
			shares[v] /= known[kind]
		}
	}
	return out
}

// joinByProviders joins groups that made the same choice of several providers. How common a choice is, is counted in groups, not in sites: an
// operator's thousand sites are one choice. Two groups are joined where what they agree in outweighs that they are two of so many groups.
func (f *Families) joinByProviders(g *grouping) {
	list, _ := f.groups(g)
	var big []group
	for _, x := range list {
		if len(x.members) >= groupSites {
			big = append(big, x)
		}
	}
	slices.SortFunc(big, func(a, b group) int { return cmp.Compare(f.sites[a.first].domain, f.sites[b.first].domain) })
	profiles := make([]profile, len(big))
	compared := 0
	knowing := map[string]int{}
	having := map[uint32][]int{}
	for i := range big {
		profiles[i] = f.profile(big[i])
		if len(profiles[i]) >= providerKinds {
			compared++
		}
		for kind, shares := range profiles[i] {
			knowing[kind]++
			for v, s := range shares {
				if s >= dominates {
					having[v] = append(having[v], i)
				}
			}
		}
	}
	done := map[[2]int]bool{}
	for _, at := range having {
		if len(at) > providerGroups {
			continue
		}
		for j, b := range at {
			for _, a := range at[:j] {
				done[[2]int{a, b}] = true
			}
		}
	}
	pairs := make([][2]int, 0, len(done))
	for p := range done {
		pairs = append(pairs, p)
	}
	slices.SortFunc(pairs, func(a, b [2]int) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	for _, p := range pairs {
		weight, kinds, why := f.agreement(profiles[p[0]], profiles[p[1]], knowing, having)
		// One operator is taken to have three of the groups that can be compared: so much speaks against any two beforehand.
		if prior := decibans(math.Max(2, float64(compared)/3)); kinds >= providerKinds && weight > prior {
			f.tie(g, big[p[0]], big[p[1]], fmt.Sprintf("%s (%.1f decibans, %.1f needed)", why, weight, prior))
		}
	}
}

// agreement weighs in what kinds two groups chose alike.
func (f *Families) agreement(a, b profile, knowing map[string]int, having map[uint32][]int) (weight float64, kinds int, why string) {
	var reasons []string
	for _, kind := range sortedKinds(a) {
		if b[kind] == nil {
			continue
		}
		value, share := f.commonest(a[kind], b[kind])
		if share < dominates {
			if decided(a[kind]) && decided(b[kind]) {
				weight += disagree
			}
			continue
		}
		kinds++
		w := share * decibans(float64(knowing[kind])/float64(len(having[value])))
		weight += w
		reasons = append(reasons, fmt.Sprintf("%s %.1f", f.values[value].String(), w))
	}
	return weight, kinds, "the same " + strings.Join(reasons, ", ")
}

func sortedKinds(p profile) []string {
	out := make([]string, 0, len(p))
	for k := range p {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// commonest is the value that most sites of both groups have, and the share of the group that has it less.
func (f *Families) commonest(a, b map[uint32]float64) (value uint32, share float64) {
	for v, s := range a {
		t := min(s, b[v])
		if t > share || t == share && t > 0 && f.before(v, value) {
			value, share = v, t
		}
	}
	return value, share
}

// decided says whether a group has one provider of a kind for most of its sites.
func decided(shares map[uint32]float64) bool {
	for _, s := range shares {
		if s >= alike {
			return true
		}
	}
	return false
}
