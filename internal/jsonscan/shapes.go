package jsonscan

import "math/bits"

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

// step is one stretch of skeleton and the value behind it, in one cache line. At each place of a text one of several steps may follow.
type step struct {
	first uint64 // the first eight bytes of the skeleton; shorter ones are padded with zero bits, which mask leaves out
	mask  uint64
	last  uint64 // its last eight bytes, if it has as many
	text  string
	shape *Shape // where the text ends
	next  int32  // first of the steps that may come next
	alt   int32  // another step for this place, or 0
	path  uint16
	kind  kind
	typ   Type
}

// kind is what stands behind a stretch of skeleton.
type kind uint8

const (
	wantText kind = iota // a string that is wanted
	wantNumber
	wantBool
	wantNull // null at a wanted path; this one and those below yield no value
	skipText // a string that nobody wants
	skipNumber
	skipWord // true, false or null that nobody wants
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

func (p *shapes) forget() { p.steps, p.bytes = p.steps[:0], 0 }

// follow walks the trie along the scanner's text. It returns nil if the text has a new skeleton or a value that needs the full
// grammar. The loop keeps all it needs in registers and does the common case, a string that is wanted, without a call.
func (s *Scanner) follow() *Shape {
	if len(s.shapes.steps) == 0 {
		return nil
	}
	d, steps, vals := s.data, s.shapes.steps, s.vals
	i, at := 0, steps[0].next
	for at != 0 {
		st := &steps[at]
		start := i + len(st.text)
		// What meets does, for the usual length without a call: a tenth of the time per text.
		if i+8 <= len(d) && start <= len(d) && len(st.text) > 8 && len(st.text) <= 16 {
			if (word(d, i)^st.first)|(word(d, start-8)^st.last) != 0 || st.kind != wantText && !st.begins(d, start) {
				at = st.alt
				continue
			}
		} else if !st.meets(d, i, start) {
			at = st.alt
			continue
		}
		end := start
		if st.kind == wantText {
			for ; end+8 <= len(d); end += 8 {
				if m := unusual(word(d, end)); m != 0 {
					end += bits.TrailingZeros64(m) >> 3
					break
				}
			}
			if end >= len(d) || d[end] != '"' {
				n, got := s.plain(end)
				if got != ok {
					return nil
				}
				end = n
			}
		} else if st.kind == atEnd {
			if start != len(d) {
				at = st.alt
				continue
			}
			s.vals = vals
			return st.shape
		} else if end = s.pass(st.kind, start); end < 0 {
			return nil
		}
		if st.kind <= wantBool {
			vals = append(vals, Value{Path: st.path, Type: st.typ, Text: d[start:end]})
		}
		i, at = end, st.next
	}
	return nil
}

// pass checks a value that is no wanted string and returns its end, or -1.
func (s *Scanner) pass(k kind, i int) int {
	var end int
	var got status
	switch k {
	case skipText:
		end, got = s.skipString(i)
		end--
	case wantNumber, skipNumber:
		end, got = s.number(i)
	default:
		end, got = s.scalar(i)
	}
	if got != ok {
		return -1
	}
	return end
}

// meets reports whether the step's skeleton, and the first byte of a value of its kind, stand at i; end is i plus the
// skeleton's length. Most skeletons are no longer than sixteen bytes, which two words cover.
func (st *step) meets(d []byte, i, end int) bool {
	if i+8 > len(d) || end > len(d) {
		return end <= len(d) && string(d[i:end]) == st.text && st.begins(d, end)
	}
	if (word(d, i)^st.first)&st.mask != 0 {
		return false
	}
	if n := end - i; n > 8 && (word(d, end-8) != st.last || n > 16 && string(d[i+8:end-8]) != st.text[8:n-8]) {
		return false
	}
	return st.kind == wantText || st.begins(d, end)
}

// begins tells numbers from words, which have no quote before them that would.
func (st *step) begins(d []byte, i int) bool {
	if st.kind == wantText || st.kind == skipText || st.kind == atEnd {
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
		if st.kind == k && st.path == path && st.text == string(skeleton) {
			return at
		}
		count++
	}
	if count >= maxAlts {
		return 0
	}
	st := step{text: string(skeleton), kind: k, typ: types[k], path: path, alt: p.steps[parent].next}
	st.first = prefixOf(skeleton)
	st.mask = ^uint64(0)
	if n := len(st.text); n < 8 {
		st.mask = 1<<(8*n) - 1
	} else {
		st.last = word(skeleton, n-8)
	}
	p.bytes += len(st.text)
	p.steps = append(p.steps, st)
	at := int32(len(p.steps) - 1)
	p.steps[parent].next = at
	return at
}
