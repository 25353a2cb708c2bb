package site

import (
	"math/bits"
	"slices"
	"strings"
)

// endingWords are the words that names end in, found in the names themselves: a word begins where many different letters stand before it
// (Harris 1955). "guide" is one in countyguide, perryguide, yelmguide; "uide" is not, since only a g stands before it.
type endingWords struct {
	slots []suffix
	n     int
	// words are those of all sites, one site's after the other's; start is where each site's begin.
	words []wordAt
	start []int32
	count []int32 // of words, zero but while they are counted
}

// wordAt is a word by its slot.
type wordAt struct {
	slot   uint32
	length int32
}

// suffix is an ending of names.
type suffix struct {
	hash   uint64
	names  int32
	before uint32 // a bit for each letter that stands before it
}

const (
	minWord      = 4
	maxWord      = 12
	wordNames    = 5 // how many names it takes
	wordVariety  = 4 // how many different letters must stand before it
	wordTogether = 5 // how many sites of one value must end in it to be alike in that
)

func (f *Families) endingWords() *endingWords {
	w := &endingWords{slots: make([]suffix, 1<<12), start: make([]int32, 1, len(f.sites)+1)}
	for i := range f.sites {
		eachSuffix(f.sites[i].domain, func(hash uint64, _ int, before byte) { w.add(hash, before) })
	}
	for i := range f.sites {
		eachSuffix(f.sites[i].domain, func(hash uint64, length int, _ byte) {
			at := w.find(hash)
			if s := w.slots[at]; s.names >= wordNames && bits.OnesCount32(s.before) >= wordVariety {
				w.words = append(w.words, wordAt{uint32(at), int32(length)})
			}
		})
		w.start = append(w.start, int32(len(w.words)))
	}
	w.count = make([]int32, len(w.slots))
	return w
}

// eachSuffix calls f with the endings of a name's label that are made of letters only.
func eachSuffix(domain string, f func(hash uint64, length int, before byte)) {
	label := chosenLabel(domain)
	h := uint64(0)
	for i := len(label) - 1; i > 0; i-- {
		c := label[i]
		if c < 'a' || c > 'z' || len(label)-i > maxWord {
			return
		}
		h = h*base + uint64(c)
		if len(label)-i >= minWord {
			f(mix(h)|1, len(label)-i, label[i-1])
		}
	}
}

// chosenLabel is the part of a name before its ending, near enough for words.
func chosenLabel(domain string) string {
	last := strings.LastIndexByte(domain, '.')
	if last < 0 {
		return domain
	}
	label := domain[:last]
	if dot := strings.LastIndexByte(label, '.'); dot >= 0 {
		if len(label)-dot <= 4 { // co.uk, com.au
			label = label[:dot]
			dot = strings.LastIndexByte(label, '.')
		}
		label = label[dot+1:]
	}
	return label
}

func (w *endingWords) add(hash uint64, before byte) {
	if 4*w.n > 3*len(w.slots) {
		old := w.slots
		w.slots = make([]suffix, 2*len(old))
		for _, s := range old {
			if s.hash != 0 {
				w.slots[w.find(s.hash)] = s
			}
		}
	}
	s := &w.slots[w.find(hash)]
	if s.hash == 0 {
		s.hash = hash
		w.n++
	}
	s.names++
	s.before |= 1 << (before & 31)
}

// find is the slot of a suffix, or the free one where it would be.
func (w *endingWords) find(hash uint64) uint64 {
	mask := uint64(len(w.slots) - 1)
	for at := hash >> 1 & mask; ; at = (at + 1) & mask {
		if s := &w.slots[at]; s.hash == 0 || s.hash == hash {
			return at
		}
	}
}

// of are the words that a site's name ends in, the shortest first.
func (w *endingWords) of(site uint32) []wordAt { return w.words[w.start[site]:w.start[site+1]] }

// alike is the share of sites whose names end in a word that several of them end in.
func (w *endingWords) alike(members []uint32) float64 {
	for _, i := range members {
		for _, x := range w.of(i) {
			w.count[x.slot]++
		}
	}
	need := int32(max(wordTogether, len(members)/25))
	k := 0
	for _, i := range members {
		if slices.ContainsFunc(w.of(i), func(x wordAt) bool { return w.count[x.slot] >= need }) {
			k++
		}
	}
	for _, i := range members {
		for _, x := range w.of(i) {
			w.count[x.slot] = 0
		}
	}
	return float64(k) / float64(len(members))
}
