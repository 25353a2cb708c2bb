package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Elements walks the list under key at the top level of a JSON document, or the list that is the document where key is
// empty. each gets the position, the byte offset and the bytes of an element; its error ends the walk. A document that is
// cut off or broken gives its good elements first and then ErrMalformed.
func Elements(doc []byte, key string, each func(index int, offset int64, raw jsontext.Value) error) error {
	bom := int64(0)
	if plain, cut := bytes.CutPrefix(doc, []byte("\xef\xbb\xbf")); cut {
		doc, bom = plain, 3
	}
	dec := jsontext.NewDecoder(bytes.NewReader(doc), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	broken := func(err error) error {
		what := "broken"
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			what = "cut off"
		}
		return fmt.Errorf("%s at byte %d: %w: %w", what, dec.InputOffset()+bom, err, ErrMalformed)
	}
	list := func() error {
		if _, err := dec.ReadToken(); err != nil {
			return broken(err)
		}
		for i := 0; dec.PeekKind() != ']'; i++ {
			raw, err := dec.ReadValue()
			if err != nil {
				return broken(err)
			}
			if err := each(i, dec.InputOffset()+bom-int64(len(raw)), raw); err != nil {
				return err
			}
		}
		_, err := dec.ReadToken()
		return err
	}
	if key == "" {
		if dec.PeekKind() != '[' {
			return fmt.Errorf("want a list: %w", ErrMalformed)
		}
		return list()
	}
	if dec.PeekKind() != '{' {
		return fmt.Errorf("want an object: %w", ErrMalformed)
	}
	if _, err := dec.ReadToken(); err != nil {
		return broken(err)
	}
	found := false
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return broken(err)
		}
		if name.String() == key && dec.PeekKind() == '[' {
			found = true
			if err := list(); err != nil {
				return err
			}
			continue
		}
		if err := dec.SkipValue(); err != nil {
			return broken(err)
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return broken(err)
	}
	if !found {
		return fmt.Errorf("no list %q: %w", key, ErrMalformed)
	}
	return nil
}
