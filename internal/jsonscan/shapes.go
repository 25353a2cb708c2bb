package jsonscan

import (
	"bytes"
	"math/bits"
	"unsafe"
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
	known []*Shape
	bytes int // held by the skeletons

	window, met int // texts tried and met in the current window
	rest        int // texts to go without trying
}

// step is one stretch of skeleton and the value behind it, in one cache line. At each place of a text one of several steps may follow.
type step struct {
	head [2]uint64 // the skeleton as two words, the rest zero
	mask [2]uint64 // which of their bytes it has
	text string
	size int32
	next int32 // first of the steps that may come next; where the text ends, the number of its shape
	alt  int32 // another step for this place, or 0
	path uint16
	kind kind
	typ  Type
}

// stepSize is the length of the longest stretch of skeleton in one step.
const stepSize = 16

// kind is what stands behind a stretch of skeleton.
type kind uint8

const (
	wantText kind = iota // a string that is wanted
	skipText             // one that is not
	wantNumber
	skipNumber
	wantBool
	skipWord // true, false or null that nobody wants
	wantNull // null at a wanted path
	goesOn   // no value: more skeleton
	atEnd
)

// types has the type of the value that a wanted kind yields.
var types = [atEnd + 1]Type{wantText: String, wantNumber: Number, wantBool: Bool}

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

func (p *shapes) forget() { p.steps, p.known, p.bytes = p.steps[:0], p.known[:0], 0 }

// Follow reads the line of the block that begins at start by the skeletons seen before. It returns the wanted values, valid until
// the next call, and the line's end; -1 if the line has a new skeleton or a value that needs the full grammar.
func (s *Scanner) Follow(start int) ([]Value, int) {
	s.shape, s.data, s.count = nil, s.block, 0
	if s.learning = s.shapes.wants(); !s.learning || len(s.shapes.steps) == 0 {
		return nil, -1
	}
	i, at := start, s.shapes.steps[0].next
	for at != 0 {
		if i, at = s.glide(i, at); at == 0 {
			break
		}
		if s.shape != nil {
			return s.found[:s.count], i
		}
		st := &s.shapes.steps[at]
		begin := i + len(st.text)
		if begin > len(s.data) || string(s.data[i:begin]) != st.text {
			at = st.alt
			continue
		}
		end := s.pass(st.kind, begin)
		if end < 0 {
			at = st.alt
			continue
		}
		if st.kind == atEnd {
			s.meet(st)
			return s.found[:s.count], end
		}
		if st.typ != 0 {
			s.found[s.count] = Value{Path: st.path, Type: st.typ, Text: s.data[begin:end]}
			s.count++
		}
		i, at = end, st.next
	}
	return nil, -1
}

// meet notes that a line ends with a step.
func (s *Scanner) meet(st *step) {
	s.shape = s.shapes.known[st.next]
	s.shapes.met++
}

// glide does what the loop of Follow does, from the step at for place i on, as long as values are of the common kinds: strings
// without escapes, short integers. It returns the step it leaves to Follow, or 0 if none meets the text, and its place. As it
// calls nothing, checks no bounds but one and needs few variables, they stay in registers: twice as fast.
func (s *Scanner) glide(i int, at int32) (int, int32) {
	d, marks, steps, vals := s.block, s.index.bits, unsafe.Pointer(unsafe.SliceData(s.shapes.steps)), &s.found
	last := len(d) - stepSize // up to here two words can be read
	n := uint(s.count)
	for at != 0 {
		st := (*step)(unsafe.Add(steps, int(at)*int(unsafe.Sizeof(step{}))))
		begin := i + int(st.size)
		if begin > last {
			break
		}
		differ := (word(d, i)^st.head[0])&st.mask[0] | (word(d, i+8)^st.head[1])&st.mask[1]
		if differ != 0 {
			at = st.alt
			continue
		}
		end := -1
		switch {
		case st.kind <= skipText:
			p := begin
			w := word(marks, p>>3) >> (p & 7)
			for w == 0 { // the next bits
				p = p&^7 + 64
				w = word(marks, p>>3)
			}
			if p += bits.TrailingZeros64(w); p < last+stepSize && byteAt(d, p) == '"' {
				end = p
			}
		case st.kind <= skipNumber:
			if n := digits(word(d, begin)); n > 0 {
				end = begin + n
			}
		case st.kind <= skipWord:
			if n := boolean(word(d, begin)); n > 0 {
				end = begin + n
			}
		case st.kind == goesOn:
			end = begin
		case st.kind == atEnd && byteAt(d, begin) == '\n':
			s.meet(st)
			i = begin
		}
		if end < 0 {
			break
		}
		if st.typ != 0 {
			vals[n%maxMarks] = Value{Path: st.path, Type: st.typ, Text: unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(d)), begin)), last+stepSize-begin)[:end-begin]}
			n++
		}
		i, at = end, st.next
	}
	s.count = int(n)
	return i, at
}

// pass checks a value of a kind and returns its end, or -1.
func (s *Scanner) pass(k kind, i int) int {
	if i >= len(s.data) && k < goesOn {
		return -1
	}
	end, got := i, badSyntax
	switch k {
	case wantText:
		end, got = s.plain(i)
	case skipText:
		end, got = s.skipString(i)
		end--
	case wantNumber, skipNumber:
		end, got = s.number(i)
	case wantNull:
		end, got = s.literal(i, "null")
	case skipWord, wantBool:
		if s.data[i]-'a' <= 'z'-'a' && (k == skipWord || s.data[i] != 'n') {
			end, got = s.scalar(i)
		}
	case goesOn:
		got = ok
	case atEnd:
		if s.lineEnds(i) {
			got = ok
		}
	}
	if got != ok {
		return -1
	}
	return end
}

// digits returns the length of the integer of one to seven digits that begins a word of text; 0 if that is something else.
func digits(w uint64) int {
	x := w ^ ones*'0'
	n := bits.TrailingZeros64((x+ones*0x76|x)&highs) >> 3
	if c := byte(w >> (8 * n)); n == 8 || c == '.' || c|0x20 == 'e' || byte(w) == '0' {
		return 0
	}
	return n
}

// boolean returns the length of the true or false that begins a word of text, or 0.
func boolean(w uint64) int {
	const isTrue, isFalse = 't' | 'r'<<8 | 'u'<<16 | 'e'<<24, 'f' | 'a'<<8 | 'l'<<16 | 's'<<24 | 'e'<<32
	switch {
	case w&(1<<32-1) == isTrue:
		return 4
	case w&(1<<40-1) == isFalse:
		return 5
	}
	return 0
}

// lineEnds reports whether a line ends before i.
func (s *Scanner) lineEnds(i int) bool {
	rest := s.data[i:]
	if len(rest) > 0 && rest[0] == '\r' {
		rest = rest[1:]
	}
	return len(rest) == 0 || rest[0] == '\n'
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

// learn adds the skeleton of a valid line that begins at start and whose values are marked.
func (s *Scanner) learn(start int) {
	p := &s.shapes
	text := s.data[start:]
	if len(s.marks) >= maxMarks || len(text) > learnSize {
		return
	}
	if len(p.steps)+len(s.marks)+len(text)/stepSize+2 > maxSteps || p.bytes+len(text) > maxBytes {
		p.forget()
	}
	if len(p.steps) == 0 {
		p.steps = append(p.steps, step{})
	}
	from, at := start, int32(0)
	for _, m := range s.marks {
		if at = p.add(at, s.data[from:m.start], m.kind, m.path); at == 0 {
			return
		}
		from = m.end
	}
	p.add(at, bytes.TrimSuffix(bytes.TrimSuffix(s.data[from:], []byte("\n")), []byte("\r")), atEnd, 0)
}

// add returns the step after parent with this skeleton and kind, making it, and others before it if the skeleton is long, if
// needed; 0 if there are too many, or if lines would end within it.
func (p *shapes) add(parent int32, skeleton []byte, k kind, path uint16) int32 {
	if len(skeleton) > stepSize {
		if parent = p.add(parent, skeleton[:stepSize], goesOn, 0); parent == 0 {
			return 0
		}
		return p.add(parent, skeleton[stepSize:], k, path)
	}
	count := 0
	for at := p.steps[parent].next; at != 0; at = p.steps[at].alt {
		st := &p.steps[at]
		if st.kind == k && st.path == path && st.text == string(skeleton) {
			return at
		}
		count++
	}
	if count >= maxAlts || bytes.IndexByte(skeleton, '\n') >= 0 {
		return 0
	}
	st := step{text: string(skeleton), size: int32(len(skeleton)), kind: k, typ: types[k], path: path, alt: p.steps[parent].next}
	if k == atEnd {
		st.next = int32(len(p.known))
		p.known = append(p.known, new(Shape))
	}
	for i, c := range skeleton {
		st.head[i/8] |= uint64(c) << (i % 8 * 8)
		st.mask[i/8] |= 0xFF << (i % 8 * 8)
	}
	p.bytes += len(st.text)
	p.steps = append(p.steps, st)
	at := int32(len(p.steps) - 1)
	p.steps[parent].next = at
	return at
}
