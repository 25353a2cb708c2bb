package site

import "unicode/utf8"

// The index keeps labels so that a new one is looked up in a fixed number of steps, whatever the number of watched ones.
//
// Labels stand one after another in one text, as they are written; a table of fingerprints and numbers finds them by their folded
// spelling, a second one by their shape. For one edit there is no table, which would need an entry for each letter of each label: a Bloom filter holds all
// labels with one letter left out (SymSpell's deletions), and only where it says yes are the labels spelled out that could stand there,
// some hundreds of look-ups in the first table. That is 20 bytes a label instead of a hundred.
//
// Hashes are polynomials over the bytes, so the hash of every part of a label, and of every label with a letter left out, put in or
// changed, follows from the sums of the prefixes in one multiplication. Who makes labels that collide makes us compare, not fail.
type index struct {
	text   []byte
	labels []labelEntry
	folded table
	shape  table
	edits  bloom
	ends   bloom // the first and the last letters of each label
	whole  bloom // the labels: a hundredth of the table, so that most of what is spelled out never reaches that
}

// labelEntry is where a label stands and what it belongs to.
type labelEntry struct {
	off uint32
	len uint8
}

// minEdit is the shortest label for which one edit says anything: of four letters, every word is one edit from another.
const minEdit = 5

const base = 0x9E3779B97F4A7C15

var powers = func() (p [maxLabel + 2]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * base
	}
	return p
}()

// sums are the hashes of all prefixes of a label.
type sums struct {
	h [maxLabel + 1]uint64
	n int
}

func (s *sums) of(b []byte) {
	s.n = len(b)
	h := uint64(0)
	for i, c := range b {
		h = h*base + uint64(c) + 1
		s.h[i+1] = h
	}
}

// hashOf is the hash of a whole.
func hashOf(b []byte) uint64 {
	h := uint64(0)
	for _, c := range b {
		h = h*base + uint64(c) + 1
	}
	return h
}

// part is the hash of b[i:j].
func (s *sums) part(i, j int) uint64 { return s.h[j] - s.h[i]*powers[j-i] }

// without is the hash of b without the letter i.
func (s *sums) without(i int) uint64 { return s.h[i]*powers[s.n-1-i] + s.part(i+1, s.n) }

// mix spreads a polynomial over all bits (the finaliser of splitmix64).
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

func newIndex(expect int) *index {
	x := &index{folded: newTable(expect), shape: newTable(expect)}
	x.labels = make([]labelEntry, 0, expect)
	x.text = make([]byte, 0, expect*12)
	x.edits = newBloom(expect * 13)
	x.ends = newBloom(expect * 2)
	x.whole = newBloom(expect)
	return x
}

func (x *index) label(id uint32) []byte {
	e := &x.labels[id]
	return x.text[e.off : e.off+uint32(e.len)]
}

// find is the number of the first label with a folded spelling.
func (x *index) find(folded []byte, hash uint64) (uint32, bool) {
	h := mix(hash)
	for at := h >> 32 & x.folded.mask; ; at = (at + 1) & x.folded.mask {
		slot := x.folded.slots[at]
		if slot == 0 {
			return 0, false
		}
		if uint32(slot>>32) == uint32(h>>32) && foldsTo(x.label(uint32(slot)-1), folded) {
			return uint32(slot) - 1, true
		}
	}
}

// each calls f with all labels that have a folded spelling: bild-d and bildd are two with one.
func (x *index) each(folded []byte, hash uint64, f func(id uint32)) {
	h := mix(hash)
	for at := h >> 32 & x.folded.mask; x.folded.slots[at] != 0; at = (at + 1) & x.folded.mask {
		if slot := x.folded.slots[at]; uint32(slot>>32) == uint32(h>>32) && foldsTo(x.label(uint32(slot)-1), folded) {
			f(uint32(slot) - 1)
		}
	}
}

// exact is the number of a label as it is written.
func (x *index) exact(label string, hash uint64) (uint32, bool) {
	h := mix(hash)
	for at := h >> 32 & x.folded.mask; ; at = (at + 1) & x.folded.mask {
		slot := x.folded.slots[at]
		if slot == 0 {
			return 0, false
		}
		if uint32(slot>>32) == uint32(h>>32) && string(x.label(uint32(slot)-1)) == label {
			return uint32(slot) - 1, true
		}
	}
}

// foldsTo says whether a label has the folded spelling.
func foldsTo(label, folded []byte) bool {
	i := 0
	for _, c := range label {
		switch {
		case c >= utf8.RuneSelf:
			var s spelling
			s.spell(string(label))
			return string(s.folded[:s.nf]) == string(folded)
		case c == '-':
			continue
		case i == len(folded) || folded[i] != c:
			return false
		}
		i++
	}
	return i == len(folded)
}

// add keeps a label and says whether it is new.
func (x *index) add(label string, s *spelling, sum *sums) (id uint32, fresh bool) {
	if id, ok := x.exact(label, sum.h[sum.n]); ok {
		return id, false
	}
	_, twin := x.find(s.folded[:s.nf], sum.h[sum.n])
	id = uint32(len(x.labels))
	x.labels = append(x.labels, labelEntry{off: uint32(len(x.text)), len: uint8(len(label))})
	x.text = append(x.text, label...)
	x.folded.put(mix(sum.h[sum.n]), id)
	x.shape.put(mix(hashOf(s.shape[:s.ns])), id)
	if !twin {
		x.addWhole(sum)
		x.addEdits(sum)
		x.addEnds(sum)
	}
	return id, true
}

func (x *index) addEdits(sum *sums) {
	if sum.n < minEdit {
		return
	}
	if x.edits.full(sum.n + 1) {
		x.edits = newBloom(3*x.edits.keys/2 + 64*(sum.n+1))
		x.again(func(s *sums) {
			if s.n >= minEdit {
				x.edits.addAll(s)
			}
		})
		return
	}
	x.edits.addAll(sum)
}

// again calls f with the sums of all labels, to fill a filter that has become too small.
func (x *index) again(f func(*sums)) {
	var sp spelling
	var s sums
	for id := range x.labels {
		sp.spell(string(x.label(uint32(id))))
		s.of(sp.folded[:sp.nf])
		f(&s)
	}
}

func (x *index) addWhole(sum *sums) {
	if x.whole.full(1) {
		x.whole = newBloom(2*x.whole.keys + 64)
		x.again(func(s *sums) { x.whole.add(mix(s.h[s.n])) })
		return
	}
	x.whole.add(mix(sum.h[sum.n]))
}

func (x *index) addEnds(sum *sums) {
	if sum.n < affixMin {
		return
	}
	if x.ends.full(2) {
		x.ends = newBloom(2*x.ends.keys + 64)
		x.again(func(s *sums) {
			if s.n >= affixMin {
				x.ends.add(mix(headKey(s)))
				x.ends.add(mix(tailKey(s)))
			}
		})
		return
	}
	x.ends.add(mix(headKey(sum)))
	x.ends.add(mix(tailKey(sum)))
}

// headKey and tailKey stand for the first and the last letters.
func headKey(s *sums) uint64 { return s.h[affixMin] }
func tailKey(s *sums) uint64 { return ^s.part(s.n-affixMin, s.n) }

// byShape calls f with each label that has the shape; the caller compares, since only 32 bits of the hash are kept.
func (x *index) byShape(hash uint64, f func(id uint32)) {
	h := mix(hash)
	for at := h >> 32 & x.shape.mask; ; at = (at + 1) & x.shape.mask {
		slot := x.shape.slots[at]
		if slot == 0 {
			return
		}
		if uint32(slot>>32) == uint32(h>>32) {
			f(uint32(slot) - 1)
		}
	}
}

// letters are what an edit puts in.
const letters = "abcdefghijklmnopqrstuvwxyz0123456789"

// oneEdit calls f with each label that is one letter put in, left out, changed or swapped with its neighbour away.
func (x *index) oneEdit(b []byte, sum *sums, f func(id uint32)) {
	n := len(b)
	if n < minEdit-1 {
		return
	}
	var buf [maxLabel]byte
	if x.edits.has(mix(sum.h[n])) {
		x.inserted(b, sum, b, f)
	}
	for i := range n {
		if i > 0 && b[i] == b[i-1] { // the same word as with the letter before left out
			continue
		}
		h := sum.without(i)
		if !x.edits.has(mix(h)) {
			continue
		}
		v := append(append(buf[:0], b[:i]...), b[i+1:]...)
		if n-1 >= minEdit {
			x.each(v, h, f)
		}
		var vs sums
		vs.of(v)
		x.inserted(v, &vs, b, f)
	}
}

// inserted calls f with each label that is v with one letter more, and one edit from b.
func (x *index) inserted(v []byte, sum *sums, b []byte, f func(id uint32)) {
	if len(v)+1 > maxLabel || len(v)+1 < minEdit {
		return
	}
	var buf [maxLabel]byte
	w := buf[:len(v)+1]
	copy(w[1:], v)
	for i := 0; i <= len(v); i++ {
		if i > 0 {
			w[i-1] = v[i-1]
		}
		left, right := sum.h[i]*base, sum.part(i, len(v))
		p := powers[len(v)-i]
		for _, c := range []byte(letters) {
			if i > 0 && c == v[i-1] {
				continue
			}
			w[i] = c
			h := (left+uint64(c)+1)*p + right
			if !x.whole.has(mix(h)) {
				continue
			}
			if _, ok := x.find(w, h); ok && near(b, w) && string(b) != string(w) {
				x.each(w, h, f)
			}
		}
	}
}

// near says whether two words are at most one edit apart (Damerau and Levenshtein, neighbours swapped once).
func near(a, b []byte) bool {
	if d := len(a) - len(b); d > 1 || d < -1 {
		return false
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	ra, rb := a[i:], b[i:]
	switch {
	case len(ra) == 0 || len(rb) == 0:
		return true
	case string(ra[1:]) == string(rb[1:]), string(ra[1:]) == string(rb), string(ra) == string(rb[1:]):
		return true
	case len(ra) < 2 || len(rb) < 2:
		return false
	}
	return ra[0] == rb[1] && ra[1] == rb[0] && string(ra[2:]) == string(rb[2:])
}
