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
	return &Families{byName: map[string]int32{}, byFact: newTable(0), apart: map[[2]string]bool{}}
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
		s.values = make([]uint32, 0, len(facts))
	}
	for _, x := range facts {
		if saysNothing(x) {
			continue
		}
		v := f.number(x)
		if !slices.Contains(s.values, v) {
			s.values = append(s.values, v)
			f.values[v].sites++
		}
	}
}

// number is that of a value, a new one where it is not known. Kinds that differ by a digit at the end are one.
func (f *Families) number(x Fact) uint32 {
	if stem := strings.TrimRight(x.Kind, "0123456789"); stem != "" {
		x.Kind = stem
	}
	h := mix(xxh3.HashString(x.Kind) ^ bits.RotateLeft64(xxh3.HashString(x.Value), 1))
	for at := h >> 32 & f.byFact.mask; f.byFact.slots[at] != 0; at = (at + 1) & f.byFact.mask {
		slot := f.byFact.slots[at]
		if v := uint32(slot) - 1; uint32(slot>>32) == uint32(h>>32) && f.values[v].fact == x {
			return v
		}
	}
	v := uint32(len(f.values))
	f.values = append(f.values, sharedValue{fact: x, class: factClasses[x.Kind]})
	f.byFact.put(h, v)
	return v
}

// saysNothing finds values that stand for none, and account numbers that are the rest of a page's address.
func saysNothing(x Fact) bool {
	if len(x.Value) > len("redacted for privacy") {
		return false
	}
	switch strings.ToLower(x.Value) {
	case "", "0", "-1", "-", "none", "null", "n/a", "unknown", "redacted", "redacted for privacy":
		return true
	}
	return len(x.Value) <= 5 && strings.Trim(x.Value, "0123456789-") == "" && factClasses[x.Kind] == identityClass
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
	Name  string
	Sites []string
}

// All are the families, each site in one, by name.
func (f *Families) All() []Family {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := f.grouped()
	byRoot := map[uint32][]string{}
	for i := range f.sites {
		r := g.union.find(uint32(i))
		byRoot[r] = append(byRoot[r], f.sites[i].domain)
	}
	out := make([]Family, 0, len(byRoot))
	for _, s := range byRoot {
		slices.Sort(s)
		out = append(out, Family{Name: s[0], Sites: s})
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
