package jsonscan

import (
	"bytes"
	"encoding/binary"
)

// Shape stands for all texts that differ in their values only: the same keys in the same order, the same kinds of values. Plan is
// the caller's: what it made of the first text of a shape holds for all of them.
type Shape struct {
	Plan any
}

// shapes remembers the skeletons of the texts seen so far as a trie of steps. Events of one source are written by one program, so
// the next text has, nearly always, a skeleton seen before. Comparing skeletons replaces finding, checking and looking up every
// key: a quarter of the time per text.
//
// A text that a trie accepts is valid: its skeleton is that of a text that went through the full grammar, and each value in it
// is checked to be a complete value of the same kind.
type shapes struct {
	steps []step // steps[0] is a sentinel before the first
	bytes int    // held by the skeletons

	window, met int // texts tried and met in the current window
	rest        int // texts to go without trying
}

// step is one stretch of skeleton and the value behind it. At each place of a text one of several steps may follow.
type step struct {
	word  uint64 // the first eight bytes of text, and which bits of them count
	mask  uint64
	text  []byte
	shape *Shape // where the text ends
	next  int32  // first of the steps that may come next
	alt   int32  // another step for this place, or 0
	path  uint16
	kind  kind
}

// kind is what stands behind a stretch of skeleton.
type kind uint8

const (
	atEnd    kind = iota
	wantText      // a string that is wanted
	wantNumber
	wantBool
	wantNull // null at a wanted path
	skipText // a string that nobody wants
	skipNumber
	skipWord // true, false or null that nobody wants
)

// mark is where a value stood in a text that is being learnt.
type mark struct {
	start, end int
	path       uint16
	kind       kind
}

// Bounds of what a scanner remembers; beyond them it starts anew.
const (
	maxSteps  = 8 << 10
	maxBytes  = 1 << 20
	maxMarks  = 512 // values of one text
	maxAlts   = 32  // steps for one place
	learnSize = 64 << 10
)

// The scanner looks at windows of texts. When fewer than a quarter of one had a known skeleton, trying does not pay: it rests
// for a while.
const (
	windowSize = 1 << 10
	restSize   = 15 << 10
)

// wants says whether to try, and to learn from, the next text.
func (p *shapes) wants() bool {
	if p.rest > 0 {
		p.rest--
		return false
	}
	p.window++
	if p.window > windowSize {
		if p.met < windowSize/4 {
			p.rest = restSize
			p.forget()
		}
		p.window, p.met = 1, 0
	}
	return true
}

func (p *shapes) forget() { p.steps, p.bytes = p.steps[:0], 0 }

// follow walks the trie along the scanner's text. It returns nil if the text has a new skeleton or a value that needs the full
// grammar.
func (s *Scanner) follow() *Shape {
	if len(s.shapes.steps) == 0 {
		return nil
	}
	d, steps := s.data, s.shapes.steps
	i, at := 0, steps[0].next
	for {
		st := &steps[at]
		if !st.meets(d, i) {
			if at = st.alt; at == 0 {
				return nil
			}
			continue
		}
		i += len(st.text)
		if st.kind == atEnd {
			if i == len(d) {
				return st.shape
			}
			if at = st.alt; at == 0 {
				return nil
			}
			i -= len(st.text)
			continue
		}
		n, ok := s.follows(st, i)
		if !ok {
			return nil
		}
		i, at = n, st.next
	}
}

// meets reports whether the step's skeleton, and the first byte of a value of its kind, stand at i. Eight bytes are compared
// first, as most alternatives differ there.
func (st *step) meets(d []byte, i int) bool {
	if i+8 > len(d) {
		return bytes.HasPrefix(d[i:], st.text) && st.begins(d, i+len(st.text))
	}
	if (binary.LittleEndian.Uint64(d[i:])^st.word)&st.mask != 0 {
		return false
	}
	n := len(st.text)
	if n > 8 && (i+n > len(d) || string(d[i+8:i+n]) != string(st.text[8:])) {
		return false
	}
	return st.kind <= wantText || st.kind == skipText || st.begins(d, i+n)
}

// begins tells numbers from words, which have no quote before them that would.
func (st *step) begins(d []byte, i int) bool {
	if st.kind == atEnd || st.kind == wantText || st.kind == skipText {
		return true
	}
	if i >= len(d) {
		return false
	}
	switch c := d[i]; st.kind {
	case wantNumber, skipNumber:
		return c-'0' <= 9 || c == '-'
	case wantNull:
		return c == 'n'
	case wantBool:
		return c == 't' || c == 'f'
	}
	return d[i]-'a' <= 'z'-'a'
}

// follows checks the value of a step and keeps it if it is wanted.
func (s *Scanner) follows(st *step, i int) (int, bool) {
	var n int
	var got status
	typ := String
	switch st.kind {
	case wantText:
		n, got = s.plain(i)
	case skipText:
		n, got = s.skipString(i)
		return n - 1, got == ok
	case skipNumber:
		n, got = s.number(i)
		return n, got == ok
	case skipWord, wantNull:
		n, got = s.scalar(i)
		return n, got == ok
	case wantNumber:
		typ = Number
		n, got = s.number(i)
	case wantBool:
		typ = Bool
		n, got = s.scalar(i)
	}
	if got != ok {
		return 0, false
	}
	s.vals = append(s.vals, Value{Path: st.path, Type: typ, Text: s.data[i:n]})
	return n, true
}

// mark notes a value of a text that is being learnt.
func (s *Scanner) mark(start, end int, leaf int32, k kind) {
	if len(s.marks) < maxMarks {
		s.marks = append(s.marks, mark{start, end, uint16(max(leaf, 0)), k})
	}
}

// markScalar notes a number, true, false or null.
func (s *Scanner) markScalar(start, end int, leaf int32) {
	k := wantNumber
	switch s.data[start] {
	case 't', 'f':
		k = wantBool
	case 'n':
		k = wantNull
	}
	switch {
	case leaf >= 0:
	case k == wantNumber:
		k = skipNumber
	default:
		k = skipWord
	}
	s.mark(start, end, leaf, k)
}

// learn adds the skeleton of a valid text whose values are marked.
func (s *Scanner) learn() {
	p := &s.shapes
	if len(s.marks) >= maxMarks || len(s.data) > learnSize {
		return
	}
	if len(p.steps)+len(s.marks)+2 > maxSteps || p.bytes+len(s.data) > maxBytes {
		p.forget()
	}
	if len(p.steps) == 0 {
		p.steps = append(p.steps, step{})
	}
	from, at := 0, int32(0)
	for _, m := range s.marks {
		if at = p.add(at, s.data[from:m.start], m.kind, m.path); at == 0 {
			return
		}
		from = m.end
	}
	if at = p.add(at, s.data[from:], atEnd, 0); at != 0 && p.steps[at].shape == nil {
		p.steps[at].shape = new(Shape)
	}
}

// add returns the step after parent with this skeleton and kind, making it if needed; 0 if there are too many.
func (p *shapes) add(parent int32, skeleton []byte, k kind, path uint16) int32 {
	count := 0
	for at := p.steps[parent].next; at != 0; at = p.steps[at].alt {
		st := &p.steps[at]
		if st.kind == k && st.path == path && bytes.Equal(st.text, skeleton) {
			return at
		}
		count++
	}
	if count >= maxAlts {
		return 0
	}
	st := step{text: bytes.Clone(skeleton), kind: k, path: path, alt: p.steps[parent].next}
	st.word = prefixOf(st.text)
	st.mask = ^uint64(0)
	if n := len(st.text); n < 8 {
		st.mask = 1<<(8*n) - 1
	}
	p.bytes += len(st.text)
	p.steps = append(p.steps, st)
	at := int32(len(p.steps) - 1)
	p.steps[parent].next = at
	return at
}
