package stix

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// BadObjectError is an object of a bundle that could not be read: where it stood, what it was, why. The bytes are cut to
// maxKept, so that a quarantine of a hostile file stays small.
type BadObjectError struct {
	Index  int    // position in "objects", from 0
	Offset int64  // byte offset in the input
	Raw    []byte // the bytes, as far as they were kept
	Err    error
}

// Error names the place and the reason.
func (b *BadObjectError) Error() string {
	return fmt.Sprintf("object %d at byte %d: %v", b.Index, b.Offset, b.Err)
}

func (b *BadObjectError) Unwrap() error { return b.Err }

const maxKept = 1 << 20

// ReadBundle reads a bundle, a bare list of objects or a single object as a stream: memory holds one object at a time,
// whatever the size of the bundle. Good objects go to each; objects that do not parse go to bad and reading goes on. Only
// JSON that is broken beyond the next object ends it, with an error that names the byte; so do an object far over
// [MaxObjectBytes] and anything that follows the bundle. An error of each or bad ends it too and is returned as it is.
func ReadBundle(r io.Reader, each func(*Object) error, bad func(*BadObjectError) error) error {
	in := &allowance{r: r}
	dec := jsontext.NewDecoder(bufio.NewReaderSize(in, 1<<16), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	b := &bundleReader{in: in, dec: dec, each: each, bad: bad}
	in.renew()
	switch dec.PeekKind() {
	case '[':
		if err := b.list(); err != nil {
			return err
		}
		return b.end()
	case '{':
		if err := b.top(); err != nil {
			return err
		}
		return b.end()
	default:
		if _, err := dec.ReadToken(); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read bundle: %w", syntaxError(err))
		}
		return fmt.Errorf("read bundle: want a JSON object or list: %w", ErrNotBundle)
	}
}

// allowance lets so much be read until it is renewed: the decoder holds a value whole, and must not hold just anything.
type allowance struct {
	r    io.Reader
	left int
}

func (a *allowance) renew() { a.left = MaxObjectBytes + 1<<20 }

func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, fmt.Errorf("value over %d bytes: %w", MaxObjectBytes, ErrTooLarge)
	}
	n, err := a.r.Read(p[:min(len(p), a.left)])
	a.left -= n
	return n, err
}

type bundleReader struct {
	in    *allowance
	dec   *jsontext.Decoder
	each  func(*Object) error
	bad   func(*BadObjectError) error
	index int
}

// top reads {"type":"bundle","objects":[…]} in any order of names. An input without "objects" is a single object: its
// members are gathered and read as one.
func (b *bundleReader) top() error {
	var single bytes.Buffer
	enc := jsontext.NewEncoder(&single, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if _, err := b.dec.ReadToken(); err != nil {
		return b.broken(err)
	}
	_ = enc.WriteToken(jsontext.BeginObject)
	seen := false
	for b.dec.PeekKind() == '"' {
		b.in.renew()
		tok, err := b.dec.ReadToken()
		if err != nil {
			return b.broken(err)
		}
		name := tok.String() // now: the next look at the decoder takes the token away
		if name == "objects" && b.dec.PeekKind() == '[' {
			seen = true
			if err := b.list(); err != nil {
				return err
			}
			continue
		}
		_ = enc.WriteToken(jsontext.String(name))
		val, err := b.dec.ReadValue()
		if err != nil {
			return b.broken(err)
		}
		if single.Len()+len(val) > MaxObjectBytes {
			return fmt.Errorf("read bundle: top level over %d bytes without objects: %w", MaxObjectBytes, ErrTooLarge)
		}
		_ = enc.WriteValue(val)
	}
	if _, err := b.dec.ReadToken(); err != nil {
		return b.broken(err)
	}
	_ = enc.WriteToken(jsontext.EndObject)
	if seen {
		return nil
	}
	o, err := Parse(single.Bytes())
	if err != nil {
		return fmt.Errorf("read bundle: neither a bundle nor an object: %w: %w", err, ErrNotBundle)
	}
	if o.Type == "bundle" {
		return nil // a bundle without objects is allowed (section 8)
	}
	return b.each(o)
}

func (b *bundleReader) list() error {
	if _, err := b.dec.ReadToken(); err != nil {
		return b.broken(err)
	}
	for b.dec.PeekKind() != ']' {
		b.in.renew()
		val, err := b.dec.ReadValue()
		if err != nil {
			return b.broken(err)
		}
		offset := b.dec.InputOffset() - int64(len(val))
		raw := bytes.Clone(val)
		o, err := Parse(raw)
		if err != nil {
			err = b.bad(&BadObjectError{Index: b.index, Offset: offset, Raw: raw[:min(len(raw), maxKept)], Err: err})
		} else {
			err = b.each(o)
		}
		if err != nil {
			return err
		}
		b.index++
	}
	_, err := b.dec.ReadToken()
	if err != nil {
		return b.broken(err)
	}
	return nil
}

// end makes sure that nothing follows: what is not read must not look as if it were.
func (b *bundleReader) end() error {
	b.in.renew()
	_, err := b.dec.ReadToken()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		return fmt.Errorf("read bundle: more data at byte %d, after the end: %w", b.dec.InputOffset(), ErrSyntax)
	}
	return b.broken(err)
}

func (b *bundleReader) broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("read bundle: cut off at byte %d, after %d objects: %w", b.dec.InputOffset(), b.index, ErrSyntax)
	}
	return fmt.Errorf("read bundle: after %d objects: %w", b.index, syntaxError(err))
}

// BundleWriter writes a bundle as a stream. Section 8: a bundle has an id and no spec_version of its own.
type BundleWriter struct {
	w     *bufio.Writer
	count int
}

// NewBundleWriter begins a bundle with the given id.
func NewBundleWriter(w io.Writer, id ID) *BundleWriter {
	bw := &BundleWriter{w: bufio.NewWriter(w)}
	fmt.Fprintf(bw.w, `{"type":"bundle","id":%q,"objects":[`, string(id))
	return bw
}

// Write adds an object.
func (bw *BundleWriter) Write(o *Object) error {
	if bw.count > 0 {
		_ = bw.w.WriteByte(',')
	}
	_ = bw.w.WriteByte('\n')
	bw.count++
	_, err := bw.w.Write(o.Raw())
	return err
}

// Close ends the bundle. The underlying writer stays open.
func (bw *BundleWriter) Close() error {
	_, _ = bw.w.WriteString("\n]}\n")
	return bw.w.Flush()
}
