package taxii

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/go-json-experiment/json/jsontext"

	"marque/stix"
)

// Limits on an envelope, so that what is made of a body is bounded by its size: two bytes of JSON can stand for a hundred of memory.
const (
	// maxItems is of objects in an envelope. The smallest objects that say something fill 16 MiB before it is reached.
	maxItems = 100_000
	// maxTokens is of names and values in one object.
	maxTokens = 200_000
)

var (
	errManyItems  = fmt.Errorf("it has more than %d objects: send them in several requests", maxItems)
	errManyTokens = fmt.Errorf("more than %d names and values", maxTokens)
)

// envelope is the objects of an envelope (section 3.7), which stay in the body that they came in. Properties that it does not know
// are passed over, as section 7.1.1 allows.
type envelope struct {
	list  []byte // the value of objects
	count int
	heavy map[int]error // objects that are too much to be read, by position
}

// readEnvelope checks the form of an envelope and of the limits, in one pass that keeps nothing of it.
func readEnvelope(body []byte) (*envelope, error) {
	// Names that occur twice are looked for where an object is read: a table of the names of all objects is what a body would pay for.
	dec := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))
	if dec.PeekKind() != '{' {
		return nil, errors.New("want a JSON object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	var e *envelope
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		if name.String() != "objects" {
			if err := skip(dec, nil); err != nil {
				return nil, err
			}
			continue
		}
		if e != nil {
			return nil, errors.New("objects occurs twice")
		}
		e = &envelope{heavy: map[int]error{}}
		if err := e.scan(dec, body); err != nil {
			return nil, err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more data after the envelope")
	}
	if e == nil || e.count == 0 {
		return nil, errors.New("no objects")
	}
	return e, nil
}

// scan walks through the list of objects.
func (e *envelope) scan(dec *jsontext.Decoder, body []byte) error {
	if dec.PeekKind() != '[' {
		return errors.New("objects is not a list")
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	from := dec.InputOffset() - 1
	for k := dec.PeekKind(); k != ']' && k != 0; k = dec.PeekKind() {
		if e.count == maxItems {
			return errManyItems
		}
		n := 0
		if err := skip(dec, &n); err != nil {
			return err
		}
		if n > maxTokens {
			e.heavy[e.count] = errManyTokens
		}
		e.count++
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	e.list = body[from:dec.InputOffset()]
	return nil
}

// skip passes over a value and counts its tokens. It has no memory of what it passed, unlike SkipValue of a deep value.
func skip(dec *jsontext.Decoder, tokens *int) error {
	n := 0
	for depth := dec.StackDepth(); ; {
		if _, err := dec.ReadToken(); err != nil {
			return err
		}
		if n++; dec.StackDepth() > depth+stix.MaxDepth {
			return fmt.Errorf("nested deeper than %d: %w", stix.MaxDepth, stix.ErrTooLarge)
		}
		if dec.StackDepth() == depth {
			break
		}
	}
	if tokens != nil {
		*tokens = n
	}
	return nil
}

// item is one object of an envelope, or why it cannot be read.
type item struct {
	raw []byte // valid as long as the body
	err error
}

// items are the objects in their order.
func (e *envelope) items() iter.Seq2[int, item] {
	return func(yield func(int, item) bool) {
		dec := jsontext.NewDecoder(bytes.NewBuffer(e.list), jsontext.AllowDuplicateNames(true))
		_, _ = dec.ReadToken() // the scan has read all of it
		for i := range e.count {
			raw, err := dec.ReadValue()
			if err == nil {
				err = e.heavy[i]
			}
			if !yield(i, item{raw, err}) {
				return
			}
		}
	}
}
