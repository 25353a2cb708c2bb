package ingest

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Shape is what can be told of JSON from its first bytes.
type Shape struct {
	// Kind is '{' or '[', 0 for what is not JSON.
	Kind byte
	// Keys are the names at the top level, or those of the first element of a list, as far as they were seen.
	Keys []string
	// Texts are the string values of those names.
	Texts map[string]string
}

// Has tells whether all names were seen.
func (s Shape) Has(keys ...string) bool {
	for _, k := range keys {
		if !slices.Contains(s.Keys, k) {
			return false
		}
	}
	return true
}

// ShapeOf looks at JSON that may be cut off.
func ShapeOf(head []byte) Shape {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	dec := jsontext.NewDecoder(bytes.NewReader(head), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	s := Shape{Texts: map[string]string{}}
	k := dec.PeekKind()
	if k != '{' && k != '[' {
		return s
	}
	s.Kind = byte(k)
	if _, err := dec.ReadToken(); err != nil {
		return Shape{}
	}
	if k == '[' {
		if dec.PeekKind() != '{' {
			return s
		}
		if _, err := dec.ReadToken(); err != nil {
			return s
		}
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return s
		}
		key := name.String()
		s.Keys = append(s.Keys, key)
		if dec.PeekKind() == '"' {
			text, err := dec.ReadToken()
			if err != nil {
				return s
			}
			s.Texts[key] = text.String()
			continue
		}
		if err := dec.SkipValue(); err != nil {
			return s
		}
	}
	return s
}
