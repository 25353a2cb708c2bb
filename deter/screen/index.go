package screen

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"marque/ingest/sanctions"
)

// Index finds the listed names that a name may mean. It is built once, from [Builder], and then asked from any number of goroutines.
type Index struct {
	subjects []*sanctions.Subject
	names    []listed
	vocab    []*word
	postings [][]int32 // names by word

	byText   map[string][]int32
	bySound  map[string][]int32
	byBones  map[string][]int32
	byWade   map[string][]int32
	byKorean map[string][]int32
	deletes  hashed // words by their sound with one letter taken out
	joins    hashed // names by two neighbouring words written together
	acronyms hashed // names by the first letters of their words
	natives  map[string][]int32
	exact    map[string][]int32 // subjects by canonical identifier or wallet

	// near keeps for each word of the vocabulary the words that it may stand for, once it was asked for. What is computed twice at once
	// is the same.
	near []atomic.Pointer[[]near]

	mu   sync.Mutex
	free []*searcher
}

// listed is a name of a subject.
type listed struct {
	subject int32
	name    int32 // in the subject's Names
	words   []*word
	kind    sanctions.Kind
	weak    bool
	weight  float32 // of all words
}

// Builder takes subjects in.
type Builder struct {
	ix    *Index
	words map[wordKey]*word
}

type wordKey struct {
	text, raw string
	class     class
	from      script
	korean    bool
}

// NewBuilder starts an index.
func NewBuilder() *Builder {
	return &Builder{
		ix: &Index{
			byText: map[string][]int32{}, bySound: map[string][]int32{}, byBones: map[string][]int32{}, byWade: map[string][]int32{},
			byKorean: map[string][]int32{}, natives: map[string][]int32{}, exact: map[string][]int32{},
		},
		words: map[wordKey]*word{},
	}
}

func (b *Builder) intern(w word) *word {
	if w.raw == "" {
		w.raw = w.text
	}
	k := wordKey{w.text, w.raw, w.class, w.from, w.korean}
	if v, ok := b.words[k]; ok {
		return v
	}
	v := w
	complete(theLexicon(), &v)
	v.id = int32(len(b.ix.vocab))
	b.ix.vocab = append(b.ix.vocab, &v)
	b.ix.postings = append(b.ix.postings, nil)
	b.words[k] = &v
	return &v
}

// Add takes a subject in with all its names, identifiers and wallets. The subject must not change afterwards.
func (b *Builder) Add(s *sanctions.Subject) {
	ix := b.ix
	id := int32(len(ix.subjects))
	ix.subjects = append(ix.subjects, s)
	for i := range s.Names {
		n := readWith(s.Names[i].Full, s.Kind, b)
		if n.native != "" {
			ix.natives[n.native] = append(ix.natives[n.native], int32(len(ix.names)))
		}
		for _, r := range n.readings {
			if len(r.words) > 0 {
				b.name(listed{subject: id, name: int32(i), words: r.words, kind: n.Kind, weak: s.Names[i].Weak})
			}
		}
	}
	for _, key := range exactKeys(s) {
		if !slices.Contains(ix.exact[key], id) {
			ix.exact[key] = append(ix.exact[key], id)
		}
	}
}

func (b *Builder) name(n listed) {
	ix := b.ix
	id := int32(len(ix.names))
	ix.names = append(ix.names, n)
	for i, w := range n.words {
		if slices.Index(n.words, w) == i && w.class != stop {
			ix.postings[w.id] = append(ix.postings[w.id], id)
		}
	}
}

// Index ends building: it weighs the words by their rarity and makes the tables for look-ups.
func (b *Builder) Index() *Index {
	ix := b.ix
	b.words = nil
	total := float64(max(len(ix.names), 1))
	for id, w := range ix.vocab {
		if w.class == plain || w.class == org || w.class == place {
			w.weight *= rarity(float64(len(ix.postings[id])), total)
		}
	}
	var dels, joins, firsts []hashEntry
	for id, w := range ix.vocab {
		i := int32(id)
		ix.byText[w.text] = append(ix.byText[w.text], i)
		if w.raw != w.text {
			ix.byText[w.raw] = append(ix.byText[w.raw], i)
		}
		if !comparable(w.class) {
			continue
		}
		if w.class != org {
			ix.bySound[w.sound] = append(ix.bySound[w.sound], i)
			if w.bones != "" {
				ix.byBones[w.bones] = append(ix.byBones[w.bones], i)
			}
			if w.wade != "" {
				ix.byWade[w.wade] = append(ix.byWade[w.wade], i)
			}
			if w.tune != "" {
				ix.byKorean[w.tune] = append(ix.byKorean[w.tune], i)
			}
		}
		deletions(w.sound, func(h uint32) { dels = append(dels, hashEntry{h, i}) })
		if w.raw != w.sound {
			deletions(w.raw, func(h uint32) { dels = append(dels, hashEntry{h, i}) })
		}
	}
	for id := range ix.names {
		n := &ix.names[id]
		for _, w := range n.words {
			n.weight += w.weight
		}
		neighbours(n.words, func(h uint32, _ float32) { joins = append(joins, hashEntry{h, int32(id)}) })
		if n.kind != sanctions.Person {
			acronyms(n.words, func(a string, _, _ int) { firsts = append(firsts, hashEntry{hash(a, -1), int32(id)}) })
		}
	}
	ix.near = make([]atomic.Pointer[[]near], len(ix.vocab))
	ix.deletes, ix.joins, ix.acronyms = newHashed(dels), newHashed(joins), newHashed(firsts)
	return ix
}

// longestKorean is the longest word that is taken for a syllable or two of Korean.
const longestKorean = 9

// rarity scales the weight of a word by how rare it is among the names: 1.15 for a word of one name, less for what many share.
func rarity(names, total float64) float32 {
	if total < 100 {
		return 1
	}
	idf := math.Log(total/max(names, 1)) / math.Log(total)
	return float32(.45 + .7*idf)
}

// deletions gives the hashes of a word as it is and with each letter taken out.
func deletions(w string, give func(uint32)) {
	if len(w) < 3 || len(w) > maxWord {
		return
	}
	give(hash(w, -1))
	for i := range len(w) {
		if i > 0 && w[i] == w[i-1] {
			continue
		}
		give(hash(w, i))
	}
}

// hash is FNV-1a over a word without letter skip.
func hash(w string, skip int) uint32 {
	h := uint32(2166136261)
	for i := range len(w) {
		if i != skip {
			h = (h ^ uint32(w[i])) * 16777619
		}
	}
	return h
}

// neighbours gives the hashes of two and three neighbouring words written together, by their sound, with what they weigh. An article and
// one word are no two words.
func neighbours(ws []*word, give func(hash uint32, weight float32)) {
	for i := range ws {
		h := uint32(2166136261)
		var weight float32
		telling := 0
		for j := i; j < min(i+3, len(ws)); j++ {
			if parts(ws[j]) {
				break
			}
			for k := range len(ws[j].sound) {
				h = (h ^ uint32(ws[j].sound[k])) * 16777619
			}
			weight += ws[j].weight
			if ws[j].class != particle {
				telling++
			}
			if telling > 1 {
				give(h, weight)
			}
		}
	}
}

// parts says that a word stands between words that are not one.
func parts(w *word) bool { return w.class == legal || w.class == stop && len(w.raw) < 3 }

// Acronyms have three to eight letters.
const leastAcronym, mostAcronym = 3, 8

// acronyms gives the first letters of each run of words with the run; articles are left out, a legal form ends a run but may be its last
// word.
func acronyms(ws []*word, give func(a string, first, n int)) {
	var buf [mostAcronym]byte
	for i := range ws {
		if !lettered(ws[i]) || ws[i].class == legal {
			continue
		}
		b := buf[:0]
		for j := i; j < len(ws) && len(b) < mostAcronym; j++ {
			if !lettered(ws[j]) {
				if ws[j].class == stop || ws[j].class == particle {
					continue
				}
				break
			}
			b = append(b, ws[j].raw[0])
			if len(b) >= leastAcronym {
				give(string(b), i, j-i+1)
			}
			if ws[j].class == legal {
				// HDASCO is Hafez Darya Arya Shipping Company.
				if ws[j].raw[0] == 'c' && len(b) >= leastAcronym && len(b) < mostAcronym {
					give(string(b)+"o", i, j-i+1)
				}
				break
			}
		}
	}
}

// lettered says that a word gives a letter to an acronym.
func lettered(w *word) bool {
	return (comparable(w.class) || w.class == legal) && w.raw != "" && w.raw[0] >= 'a' && w.raw[0] <= 'z'
}

// mayBeAcronym says that a word has the length of an acronym.
func mayBeAcronym(w *word) bool {
	return w.class == plain && len(w.raw) >= leastAcronym && len(w.raw) <= mostAcronym
}

// hashed maps hashes to values: entries sorted by hash, found by the first bits.
type hashed struct {
	entries []hashEntry
	starts  []int32
	shift   uint
}

type hashEntry struct {
	hash  uint32
	value int32
}

func newHashed(entries []hashEntry) hashed {
	slices.SortFunc(entries, func(a, b hashEntry) int {
		if c := cmp.Compare(a.hash, b.hash); c != 0 {
			return c
		}
		return cmp.Compare(a.value, b.value)
	})
	entries = slices.Compact(entries)
	bits := uint(1)
	for 1<<bits < len(entries) && bits < 24 {
		bits++
	}
	h := hashed{entries: entries, shift: 32 - bits, starts: make([]int32, 1<<bits+1)}
	at := 0
	for b := range 1 << bits {
		for at < len(entries) && int(entries[at].hash>>h.shift) < b {
			at++
		}
		h.starts[b] = int32(at)
	}
	h.starts[1<<bits] = int32(len(entries))
	return h
}

// find gives the values of a hash.
func (h *hashed) find(hash uint32, give func(int32)) {
	if len(h.entries) == 0 {
		return
	}
	b := hash >> h.shift
	for _, e := range h.entries[h.starts[b]:h.starts[b+1]] {
		if e.hash == hash {
			give(e.value)
		}
	}
}

// Len is the number of names in the index, each reading counted.
func (ix *Index) Len() int { return len(ix.names) }

// Subjects are those in the index, in the order in which they were added. They must not be changed.
func (ix *Index) Subjects() []*sanctions.Subject { return ix.subjects }
