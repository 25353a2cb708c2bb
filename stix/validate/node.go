package validate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// node is one JSON value with its place in the input. kind is jsontext's: '{', '[', '"', '0', 't', 'f' or 'n'.
type node struct {
	kind    jsontext.Kind
	str     string // a string's text, a number's literal
	members []member
	items   []*node
	offset  int64
	// places is where the last member of each name stands, once there are so many that looking through them costs. It is as
	// good as the number of members that it was made for.
	places map[string]int
	placed int
}

// manyMembers is from where on members are found by an index.
const manyMembers = 64

type member struct {
	name  string
	value *node
}

// get returns the last member of that name, or nil.
func (n *node) get(name string) *node {
	if n == nil {
		return nil
	}
	if len(n.members) > manyMembers {
		if at, ok := n.index()[name]; ok {
			return n.members[at].value
		}
		return nil
	}
	for _, m := range slices.Backward(n.members) {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

func (n *node) index() map[string]int {
	if n.places == nil || n.placed != len(n.members) {
		n.places, n.placed = make(map[string]int, len(n.members)), len(n.members)
		for i, m := range n.members {
			n.places[m.name] = i
		}
	}
	return n.places
}

// text returns a string member's text, or "".
func (n *node) text(name string) string {
	if m := n.get(name); m != nil && m.kind == '"' {
		return m.str
	}
	return ""
}

// isTrue says whether a member is the literal true.
func (n *node) isTrue(name string) bool {
	m := n.get(name)
	return m != nil && m.kind == 't'
}

// appendJSON writes the value as it was read: order, number literals and unknown members kept.
func (n *node) appendJSON(dst []byte) []byte {
	switch n.kind {
	case '{':
		dst = append(dst, '{')
		for i, m := range n.members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, m.name)
			dst = append(dst, ':')
			dst = m.value.appendJSON(dst)
		}
		return append(dst, '}')
	case '[':
		dst = append(dst, '[')
		for i, item := range n.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = item.appendJSON(dst)
		}
		return append(dst, ']')
	case '"':
		return appendString(dst, n.str)
	case '0':
		return append(dst, n.str...)
	case 't':
		return append(dst, "true"...)
	case 'f':
		return append(dst, "false"...)
	}
	return append(dst, "null"...)
}

// appendString quotes text; node text is always valid UTF-8, so it cannot fail.
func appendString(dst []byte, text string) []byte {
	dst, _ = jsontext.AppendQuote(dst, text)
	return dst
}

var errDepth = errors.New("nesting is too deep")

// reader builds nodes and reports what strict JSON forbids without stopping at it.
type reader struct {
	dec      *jsontext.Decoder
	maxDepth int
	// report is called with a code, the pointer and offset of the value, and the message.
	report func(code, path string, offset int64, message string)
}

func newReader(raw []byte, maxDepth int, report func(code, path string, offset int64, message string)) *reader {
	dec := jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return &reader{dec: dec, maxDepth: maxDepth, report: report}
}

// document reads exactly one value.
func (r *reader) document() (*node, error) {
	n, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return n, errors.New("more input after the value")
	}
	return n, nil
}

func (r *reader) value(depth int) (*node, error) {
	if depth > r.maxDepth {
		return nil, errDepth
	}
	switch kind := r.dec.PeekKind(); kind {
	case '{':
		return r.object(depth)
	case '[':
		return r.array(depth)
	default:
		raw, err := r.dec.ReadValue()
		if err != nil {
			return nil, err
		}
		n := &node{kind: raw.Kind(), offset: r.dec.InputOffset() - int64(len(raw))}
		switch n.kind {
		case '"':
			n.str = r.unquote(raw, n.offset)
		case '0':
			n.str = string(raw)
		}
		return n, nil
	}
}

func (r *reader) object(depth int) (*node, error) {
	if _, err := r.dec.ReadToken(); err != nil {
		return nil, err
	}
	n := &node{kind: '{', offset: r.dec.InputOffset() - 1, members: make([]member, 0, 8)}
	var seen map[string]bool
	for r.dec.PeekKind() != '}' {
		raw, err := r.dec.ReadValue()
		if err != nil {
			return nil, err
		}
		at := r.dec.InputOffset() - int64(len(raw))
		name := r.unquote(raw, at)
		duplicate := seen[name]
		if seen == nil {
			duplicate = n.get(name) != nil
		}
		if duplicate {
			r.report(codeDuplicateKey, string(r.dec.StackPointer()), at, fmt.Sprintf("key %q appears more than once", name))
		}
		if len(n.members) == 32 && seen == nil { // from here a scan per key would cost the square
			seen = make(map[string]bool, 64)
			for _, m := range n.members {
				seen[m.name] = true
			}
		}
		value, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.members = append(n.members, member{name, value})
		if seen != nil {
			seen[name] = true
		}
	}
	_, err := r.dec.ReadToken()
	return n, err
}

func (r *reader) array(depth int) (*node, error) {
	if _, err := r.dec.ReadToken(); err != nil {
		return nil, err
	}
	n := &node{kind: '[', offset: r.dec.InputOffset() - 1}
	for r.dec.PeekKind() != ']' {
		item, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, item)
	}
	_, err := r.dec.ReadToken()
	return n, err
}

// unquote turns a JSON string into text; bytes that are not UTF-8 and lone surrogates become U+FFFD and are reported.
func (r *reader) unquote(raw jsontext.Value, offset int64) string {
	if bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : len(raw)-1])
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		r.report(codeUTF8, string(r.dec.StackPointer()), offset, "string is not valid UTF-8")
	}
	return string(text)
}
