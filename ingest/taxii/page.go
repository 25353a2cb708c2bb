package taxii

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"marque/stix"
)

// page is a part of a collection.
type page struct {
	body []byte
	more bool
	// saysMore: more stands there. Without it, a next says that there is more: servers exist that leave more out.
	saysMore bool
	next     string
	objects  int
	digest   [sha256.Size]byte // of the objects
	last     stix.Timestamp    // X-TAXII-Date-Added-Last; zero where it is missing, no timestamp, or before the first
}

// readPage looks at an envelope (section 3.7) without reading the objects. Anything else than a whole envelope is an error, and
// the page is asked for again.
func readPage(a *answer) (*page, error) {
	p := &page{body: a.body}
	p.last, _ = stix.ParseTimestamp(a.header.Get("X-TAXII-Date-Added-Last"))
	if first, err := stix.ParseTimestamp(a.header.Get("X-TAXII-Date-Added-First")); err == nil && first.Time().After(p.last.Time()) {
		p.last = stix.Timestamp{} // the youngest first, against section 3.3: going on from the last date would skip
	}
	dec := jsontext.NewDecoder(bytes.NewReader(a.body), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if dec.PeekKind() != '{' {
		return nil, errors.New("page is not a JSON object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		if err := p.property(dec, name.String()); err != nil {
			return nil, fmt.Errorf("page: %w", err)
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, fmt.Errorf("page is cut off or broken: %w", err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("page has more data after its end")
	}
	p.more = p.more || !p.saysMore && p.next != "" && p.objects > 0
	return p, nil
}

// wrongType is a property of a kind that the specification does not know: the server will answer so again.
func wrongType(name, want string, kind jsontext.Kind) error {
	return fmt.Errorf("%s: want %s, this is %s: %w", name, want, kind, ErrRefused)
}

func (p *page) property(dec *jsontext.Decoder, name string) error {
	switch kind := dec.PeekKind(); name {
	case "more":
		return p.readMore(dec, kind)
	case "next":
		switch kind {
		case 'n':
			return dec.SkipValue()
		case '"', '0': // a string, but servers exist that send numbers
			tok, err := dec.ReadToken()
			p.next = tok.String()
			return err
		}
		return wrongType("next", "a string", kind)
	case "objects":
		switch kind {
		case '[':
			return p.list(dec)
		case 'n':
			return dec.SkipValue()
		}
		return wrongType("objects", "a list", kind)
	}
	return dec.SkipValue()
}

// readMore reads true and false, and as servers exist that send them so, "true", "false", 1 and 0.
func (p *page) readMore(dec *jsontext.Decoder, kind jsontext.Kind) error {
	tok, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch kind {
	case 't', 'f', 'n':
		p.more, p.saysMore = kind == 't', kind != 'n'
		return nil
	case '"', '0':
		if p.more, err = strconv.ParseBool(strings.ToLower(strings.TrimSpace(tok.String()))); err == nil {
			p.saysMore = true
			return nil
		}
	}
	return wrongType("more", "true or false", kind)
}

func (p *page) list(dec *jsontext.Decoder) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	h := sha256.New()
	for k := dec.PeekKind(); k != ']' && k != 0; k = dec.PeekKind() {
		v, err := dec.ReadValue()
		if err != nil {
			return err
		}
		p.objects++
		_, _ = h.Write([]byte(strconv.Itoa(len(v))))
		_, _ = h.Write(v)
	}
	p.digest = [sha256.Size]byte(h.Sum(nil))
	_, err := dec.ReadToken()
	return err
}
