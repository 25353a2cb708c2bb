package site

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"github.com/zeebo/xxh3"
)

// Families gathers sites of one operator from what they share. It takes sites in any order and any number of pieces; the families are
// derived from what was told when they are asked for, from counts alone, so the stream equals the batch. It is safe for concurrent use.
//
// A family is made in two steps. First, addresses and identities (accounts, trackers) that occur together on enough sites are one
// infrastructure, and each site belongs to the one that most of what it has speaks for; one stray site, moved or parked, does not bind two
// infrastructures together. Then groups are joined that have the same neighbourhood, the same word in their names, or the same choice of
// several providers, each weighed by how common it is among groups; what most of them have weighs nothing.
type Families struct {
	mu     sync.Mutex
	sites  []familySite
	byName map[string]int32
	values []sharedValue
	byFact table
	kinds  map[string]kindOf
	room   []uint32 // where the values of the next sites are kept
	apart  map[[2]string]bool
	result *grouping // nil where something was told since
}

type familySite struct {
	domain string
	values []uint32
}

type sharedValue struct {
	fact  Fact
	class factClass
	sites int32 // how many have it
}

// kindOf is a kind without the digit at its end, with what sharing a value of it says.
type kindOf struct {
	stem  string
	class factClass
	hash  uint64
}

// factClass is what sharing a value says.
type factClass uint8

const (
	addressClass factClass = iota
	identityClass
	networkClass
	providerClass
)

var factClasses = func() map[string]factClass {
	byName := map[string]factClass{"address": addressClass, "identity": identityClass, "network": networkClass, "provider": providerClass}
	out := map[string]factClass{}
	for _, r := range rows("kinds.txt") {
		for _, k := range r[1:] {
			out[k] = byName[r[0]]
		}
	}
	return out
}()

// NewFamilies makes an empty set of families.
func NewFamilies() *Families {
	return &Families{byName: map[string]int32{}, byFact: newTable(0), kinds: map[string]kindOf{}, apart: map[[2]string]bool{}}
}

// Tell takes in what is known of a site. What was told before stays.
func (f *Families) Tell(domain string, facts ...Fact) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.result = nil
	id, ok := f.byName[domain]
	if !ok {
		id = int32(len(f.sites))
		f.sites = append(f.sites, familySite{domain: domain})
		f.byName[domain] = id
	}
	s := &f.sites[id]
	if s.values == nil {
		s.values = f.roomFor(len(facts))
	}
	for _, x := range facts {
		k := f.kind(x.Kind)
		if saysNothing(x.Value, k.class) {
			continue
		}
		v := f.number(k, x.Value)
		if !slices.Contains(s.values, v) {
			s.values = append(s.values, v)
			f.values[v].sites++
		}
	}
}

// roomFor cuts a piece off a larger one: a slice of its own for each of a million sites is work for the garbage collector.
func (f *Families) roomFor(n int) []uint32 {
	if cap(f.room) < n {
		f.room = make([]uint32, 0, max(n, 1<<14))
	}
	piece := f.room[:0:n]
	f.room = f.room[n:n:cap(f.room)]
	return piece
}

// kind looks a kind up; kinds that differ by a digit at the end are one.
func (f *Families) kind(name string) kindOf {
	k, ok := f.kinds[name]
	if !ok {
		k.stem = strings.TrimRight(name, "0123456789")
		if k.stem == "" {
			k.stem = name
		}
		k.class, k.hash = factClasses[k.stem], xxh3.HashString(k.stem)
		f.kinds[name] = k
	}
	return k
}

// number is that of a value, a new one where it is not known.
func (f *Families) number(k kindOf, value string) uint32 {
	h := mix(k.hash ^ bits.RotateLeft64(xxh3.HashString(value), 1))
	for at := h >> 32 & f.byFact.mask; f.byFact.slots[at] != 0; at = (at + 1) & f.byFact.mask {
		slot := f.byFact.slots[at]
		if v := uint32(slot) - 1; uint32(slot>>32) == uint32(h>>32) && f.values[v].fact.Value == value && f.values[v].fact.Kind == k.stem {
			return v
		}
	}
	v := uint32(len(f.values))
	f.values = append(f.values, sharedValue{fact: Fact{k.stem, value}, class: k.class})
	f.byFact.put(h, v)
	return v
}

// saysNothing finds values that stand for none, and account numbers that are the rest of a page's address.
func saysNothing(value string, class factClass) bool {
	if len(value) > len("redacted for privacy") {
		return false
	}
	if class == identityClass && len(value) <= 5 && strings.Trim(value, "0123456789-") == "" {
		return true
	}
	switch value {
	case "", "0", "-1", "-":
		return true
	}
	switch value[0] {
	case 'n', 'N', 'u', 'U', 'r', 'R':
		switch strings.ToLower(value) {
		case "none", "null", "n/a", "unknown", "redacted", "redacted for privacy":
			return true
		}
	}
	return false
}

// Apart keeps two sites in different families, whatever they share: a person looked and says that they are not the same.
func (f *Families) Apart(a, b string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.apart[[2]string{min(a, b), max(a, b)}] = true
	f.result = nil
}

// Len is the number of sites.
func (f *Families) Len() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.sites)
}

// Family is a set of sites with one operator, as far as can be told.
type Family struct {
	// Name is the first of its sites in the order of the alphabet.
	Name  string   `json:"name"`
	Sites []string `json:"sites"`
}

// All are the families, each site in one, by name.
func (f *Families) All() []Family {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := f.grouped()
	size := make([]int32, len(f.sites)+len(f.values))
	for i := range f.sites {
		size[g.union.find(uint32(i))]++
	}
	var out []Family
	at := make([]int32, len(size)) // the family of a root, plus one
	all := make([]string, 0, len(f.sites))
	for i := range f.sites {
		r := g.union.find(uint32(i))
		if at[r] == 0 {
			n := len(all)
			all = all[:n+int(size[r])]
			out = append(out, Family{Sites: all[n:n:len(all)]})
			at[r] = int32(len(out))
		}
		x := &out[at[r]-1]
		x.Sites = append(x.Sites, f.sites[i].domain)
	}
	for i := range out {
		slices.Sort(out[i].Sites)
		out[i].Name = out[i].Sites[0]
	}
	slices.SortFunc(out, func(a, b Family) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// Of is the family of a site; ok is false where nothing was told of it.
func (f *Families) Of(domain string) (fam Family, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id, ok := f.byName[domain]
	if !ok {
		return Family{}, false
	}
	g := f.grouped()
	root := g.union.find(uint32(id))
	for i := range f.sites {
		if g.union.find(uint32(i)) == root {
			fam.Sites = append(fam.Sites, f.sites[i].domain)
		}
	}
	slices.Sort(fam.Sites)
	fam.Name = fam.Sites[0]
	return fam, true
}

// grouped derives the families where something was told since they were last asked for.
func (f *Families) grouped() *grouping {
	if f.result == nil {
		f.result = f.group()
	}
	return f.result
}
