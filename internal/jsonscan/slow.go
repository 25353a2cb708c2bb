package jsonscan

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// walker holds the buffers of the slow path, made on its first use.
type walker struct {
	dec   *jsontext.Decoder
	in    bytes.Reader
	nodes []int32 // trie node of each open container; noNode where nothing is wanted
	state []state // what each open container expects next
	key   int32   // node of the key read last
	text  []byte  // unescaped strings of the current text; a new one for each text, as the values point into it
}

type state uint8

const (
	inArray state = iota
	beforeKey
	beforeValue
)

// slow validates the text that begins at i with the fast path's own grammar, so that both paths refuse the same texts for the
// same reason, and then takes the values out with jsontext, which knows every escape.
func (s *Scanner) slow(i int) ([]Value, error) {
	s.vals = s.vals[:0]
	end, st := s.skip(i, 0)
	if st == ok && s.space(end) != len(s.data) {
		st = badSyntax
	}
	if st != ok {
		return nil, st.err()
	}
	w := &s.walk
	w.in.Reset(s.data[i:])
	if w.dec == nil {
		w.dec = jsontext.NewDecoder(&w.in, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	} else {
		w.dec.Reset(&w.in, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	}
	w.nodes, w.state, w.key = w.nodes[:0], w.state[:0], 0
	w.text = make([]byte, 0, 256)
	for {
		tok, err := w.dec.ReadToken()
		if errors.Is(err, io.EOF) {
			return s.vals, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
		}
		s.token(tok)
	}
}

// token follows one token of a valid text through the trie.
func (s *Scanner) token(tok jsontext.Token) {
	w := &s.walk
	top := len(w.nodes) - 1
	kind := tok.Kind()
	if kind == '}' || kind == ']' {
		w.nodes, w.state = w.nodes[:top], w.state[:top]
		return
	}
	at := w.key
	if top >= 0 {
		switch w.state[top] {
		case beforeKey:
			w.state[top], w.key = beforeValue, s.keyNode(tok, w.nodes[top])
			return
		case beforeValue:
			w.state[top] = beforeKey
		case inArray:
			at = w.nodes[top]
		}
	}
	switch kind {
	case '{':
		w.nodes, w.state = append(w.nodes, at), append(w.state, beforeKey)
	case '[':
		w.nodes, w.state = append(w.nodes, at), append(w.state, inArray)
	default:
		s.take(tok, at)
	}
}

// keyNode returns the trie node of a key in an object at node at.
func (s *Scanner) keyNode(tok jsontext.Token, at int32) int32 {
	if at == noNode {
		return noNode
	}
	w := &s.walk
	start := len(w.text)
	w.text = append(w.text, tok.String()...)
	name := w.text[start:]
	return s.paths.child(at, prefixOf(name), name)
}

// take keeps a scalar that stands at a wanted path.
func (s *Scanner) take(tok jsontext.Token, at int32) {
	if at == noNode || s.paths.nodes[at].leaf < 0 {
		return
	}
	w := &s.walk
	v := Value{Path: uint16(s.paths.nodes[at].leaf)}
	start := len(w.text)
	w.text = append(w.text, tok.String()...)
	v.Text = w.text[start:len(w.text):len(w.text)]
	switch tok.Kind() {
	case '"':
		v.Type = String
	case '0':
		v.Type = Number
	case 't', 'f':
		v.Type = Bool
	default:
		return
	}
	s.vals = append(s.vals, v)
}
