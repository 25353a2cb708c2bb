package jsonscan

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"
	"unsafe"
)

// Type is the JSON type of a scalar value.
type Type uint8

// The scalar types; null is never returned.
const (
	String Type = iota + 1
	Number
	Bool
)

// Value is one scalar found at a wanted path. Text is a part of the input, or memory of its own if it had escapes.
type Value struct {
	Path uint16
	Type Type
	Text []byte
}

// Why a text is refused.
var (
	ErrSyntax    = errors.New("json: syntax")
	ErrTruncated = errors.New("json: ends early")
	ErrNotObject = errors.New("json: outermost value is not an object")
	ErrDepth     = errors.New("json: nested deeper than 10,000")
)

// maxDepth is encoding/json's limit on nesting.
const maxDepth = 10000

// maxWanted is how deep the fast path follows wanted paths, arrays included.
const maxWanted = 32

type status uint8

const (
	ok status = iota
	slow
	badSyntax
	badEnd
	badDepth
)

func (s status) err() error {
	switch s {
	case badSyntax:
		return ErrSyntax
	case badEnd:
		return ErrTruncated
	case badDepth:
		return ErrDepth
	}
	return nil
}

// Scanner holds the buffers of one goroutine.
type Scanner struct {
	paths *Paths
	block []byte
	index index
	data  []byte // block, up to the end of the line being read
	vals  []Value
	stack [maxDepth/64 + 1]uint64 // one bit per open container of skip: 1 for an object
	walk  walker

	shapes   shapes
	shape    *Shape
	found    [maxMarks]Value // by Follow
	count    int
	learning bool
	marks    []mark
}

// New returns a scanner for paths.
func New(paths *Paths) *Scanner { return &Scanner{paths: paths} }

// Shape returns the shape of the text scanned last, or nil if it was not seen before.
func (s *Scanner) Shape() *Shape { return s.shape }

// Scan returns the wanted values of one JSON object. The result is valid until the next call.
func (s *Scanner) Scan(text []byte) ([]Value, error) {
	s.Begin(text)
	if vals, end := s.Follow(0); end >= 0 {
		switch string(text[end:]) {
		case "", "\n", "\r\n", "\r":
			return vals, nil
		}
	}
	return s.Read(0, len(text))
}

// Begin makes block, lines of JSON, what Follow and Read read. Blocks that the processor's nearest cache holds are read fastest.
func (s *Scanner) Begin(block []byte) {
	s.block, s.data = block, block
	s.index.make(block)
}

// Read returns the wanted values of a line that Follow could not read: block[start:end], where end is that of the block or the
// place of a control character. The result is valid until the next call.
func (s *Scanner) Read(start, end int) ([]Value, error) {
	text := s.block[:end]
	s.data, s.vals, s.shape, s.marks = text, s.vals[:0], nil, s.marks[:0]
	i := s.space(start)
	if i >= end {
		return nil, ErrTruncated
	}
	if text[i] != '{' {
		return nil, s.notObject(i)
	}
	end, st := s.object(i+1, 0, 1)
	if st == slow {
		return s.slow(i)
	}
	if st == ok && s.space(end) != len(text) {
		st = badSyntax
	}
	if st != ok {
		return nil, st.err()
	}
	if s.learning {
		s.learn(start)
	}
	return s.vals, nil
}

// notObject tells a valid text that is no object from an invalid one.
func (s *Scanner) notObject(i int) error {
	end, st := s.skip(i, 0)
	if st == ok && s.space(end) != len(s.data) {
		st = badSyntax
	}
	if st != ok {
		return st.err()
	}
	return ErrNotObject
}

func (s *Scanner) space(i int) int {
	for i < len(s.data) {
		c := s.data[i]
		if c > ' ' || (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
			break
		}
		i++
	}
	return i
}

// object reads the members of an object whose brace stands before i, at trie node at.
func (s *Scanner) object(i int, at int32, depth int) (int, status) {
	d := s.data
	if depth > maxWanted {
		return i, slow
	}
	i = s.space(i)
	if i < len(d) && d[i] == '}' {
		return i + 1, ok
	}
	for {
		i = s.space(i)
		if i >= len(d) {
			return i, badEnd
		}
		if d[i] != '"' {
			return i, badSyntax
		}
		start := i + 1
		end, prefix, st := s.key(start)
		if st != ok {
			return end, st
		}
		child := s.paths.child(at, prefix, d[start:end])
		i = end + 1
		if i < len(d) && d[i] != ':' {
			i = s.space(i)
		}
		if i >= len(d) {
			return i, badEnd
		}
		if d[i] != ':' {
			return i, badSyntax
		}
		i++
		if i < len(d) && d[i] <= ' ' {
			i = s.space(i)
		}
		if child == noNode {
			i, st = s.skip(i, depth)
		} else {
			i, st = s.value(i, child, depth)
		}
		if st != ok {
			return i, st
		}
		if i < len(d) && d[i] <= ' ' {
			i = s.space(i)
		}
		if i >= len(d) {
			return i, badEnd
		}
		switch d[i] {
		case ',':
			i++
		case '}':
			return i + 1, ok
		default:
			return i, badSyntax
		}
	}
}

// value reads the value that begins at i and belongs to trie node at.
func (s *Scanner) value(i int, at int32, depth int) (int, status) {
	d := s.data
	if i >= len(d) {
		return i, badEnd
	}
	n := &s.paths.nodes[at]
	switch d[i] {
	case '"':
		if n.leaf < 0 {
			return s.skip(i, depth)
		}
		end, st := s.plain(i + 1)
		if st != ok {
			return end, st
		}
		if s.learning {
			s.mark(i+1, end, n.leaf, wantText)
		}
		s.vals = append(s.vals, Value{Path: uint16(n.leaf), Type: String, Text: d[i+1 : end]})
		return end + 1, ok
	case '{':
		if n.slots == nil {
			return s.skip(i, depth)
		}
		return s.object(i+1, at, depth+1)
	case '[':
		return s.array(i+1, at, depth+1)
	}
	end, st := s.scalar(i)
	if s.learning && st == ok {
		s.markScalar(i, end, n.leaf)
	}
	if st == ok && n.leaf >= 0 && d[i] != 'n' {
		t := Number
		if d[i] == 't' || d[i] == 'f' {
			t = Bool
		}
		s.vals = append(s.vals, Value{Path: uint16(n.leaf), Type: t, Text: d[i:end]})
	}
	return end, st
}

// array reads the elements of an array whose bracket stands before i; each belongs to the array's own node.
func (s *Scanner) array(i int, at int32, depth int) (int, status) {
	d := s.data
	if depth > maxWanted {
		return i, slow
	}
	i = s.space(i)
	if i < len(d) && d[i] == ']' {
		return i + 1, ok
	}
	for {
		var st status
		i, st = s.value(s.space(i), at, depth)
		if st != ok {
			return i, st
		}
		i = s.space(i)
		if i >= len(d) {
			return i, badEnd
		}
		switch d[i] {
		case ',':
			i++
		case ']':
			return i + 1, ok
		default:
			return i, badSyntax
		}
	}
}

// key finds the end of a key that begins at i, with the word of its first eight bytes. Keys with escapes or bytes above
// 0x7F go the slow way.
func (s *Scanner) key(i int) (end int, prefix uint64, st status) {
	end = s.index.next(i)
	if end >= len(s.data) {
		return end, 0, badEnd
	}
	if c := s.data[end]; c != '"' {
		return end, 0, stopAt(c)
	}
	return end, prefixOf(s.data[i:end]), ok
}

// stopAt tells what an unusual byte in a wanted string means.
func stopAt(c byte) status {
	if c < 0x20 {
		return badSyntax
	}
	return slow
}

// plain finds the quote that ends a string without escapes; others, and those that are not UTF-8, are left to the slow path.
func (s *Scanner) plain(i int) (int, status) {
	d, start, wide := s.data, i, false
	for {
		i = s.index.next(i)
		if i >= len(d) {
			return i, badEnd
		}
		switch c := d[i]; {
		case c == '"' && (!wide || utf8.Valid(d[start:i])):
			return i, ok
		case c == '"':
			return i, slow
		case c < 0x80:
			return i, stopAt(c)
		}
		i, wide = behindWide(d, i), true
	}
}

// behindWide returns the first place from i on whose byte is below 0x80.
func behindWide(d []byte, i int) int {
	for i < len(d) && d[i] >= 0x80 {
		i++
	}
	return i
}

// word returns the eight bytes at i; the caller has checked that i+8 <= len(d). Leaving the second check out makes the
// loops over strings a fifth faster.
func word(d []byte, i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(d)), i))[:])
}

// byteAt returns the byte at i; the caller has checked that i < len(d).
func byteAt(d []byte, i int) byte {
	return *(*byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(d)), i))
}
