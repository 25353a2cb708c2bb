package stix

import (
	"bufio"
	"errors"
	"fmt"
	"io"
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
// whatever the size of the bundle. Good objects go to each. An object that does not parse, is nested too deep or is over
// [MaxObjectBytes] goes to bad, as far as its brackets and quotes tell where it ends, and reading goes on behind it. Only a file
// whose brackets do not close ends reading, with an error that names the byte; so does anything that follows the bundle. An
// error of each or bad ends it too and is returned as it is.
func ReadBundle(r io.Reader, each func(*Object) error, bad func(*BadObjectError) error) error {
	b := &bundleReader{f: newFramer(r), each: each, bad: bad}
	first, err := b.f.peek()
	switch {
	case err == nil && first == '[':
		err = b.list()
	case err == nil && first == '{':
		err = b.top()
	case err == nil || errors.Is(err, io.EOF):
		return fmt.Errorf("read bundle: want a JSON object or list: %w", ErrNotBundle)
	}
	if err != nil {
		return err
	}
	if _, err := b.f.peek(); err == nil {
		return fmt.Errorf("read bundle: more data at byte %d, after the end: %w", b.f.offset(), ErrSyntax)
	} else if !errors.Is(err, io.EOF) {
		return fmt.Errorf("read bundle: %w", err)
	}
	return nil
}

type bundleReader struct {
	f     *framer
	each  func(*Object) error
	bad   func(*BadObjectError) error
	index int
}

// top reads {"type":"bundle","objects":[…]} in any order of names. An input without "objects" is a single object: it is read as
// one, byte for byte.
func (b *bundleReader) top() error {
	whole := b.f.record() // everything from here on, until it turns out to be a bundle
	defer b.f.stop()
	if err := b.f.expect('{'); err != nil {
		return b.broken(err)
	}
	seen := false
	for n := 0; ; n++ {
		c, err := b.f.peek()
		if err != nil {
			return b.broken(err)
		}
		if c == '}' {
			break
		}
		if n > 0 {
			if err := b.f.expect(','); err != nil {
				return b.broken(err)
			}
		}
		if err := b.member(&seen); err != nil {
			return err
		}
	}
	if err := b.f.expect('}'); err != nil {
		return b.broken(err)
	}
	if seen {
		return nil
	}
	if whole.over {
		return fmt.Errorf("read bundle: top level over %d bytes without objects: %w", MaxObjectBytes, ErrTooLarge)
	}
	o, err := Parse(whole.bytes)
	switch {
	case err == nil && o.Type != "bundle":
		return b.each(o)
	case err == nil:
		return nil // a bundle without objects is allowed (section 8)
	case errors.Is(err, ErrNotObject):
		return fmt.Errorf("read bundle: neither a bundle nor an object: %w: %w", err, ErrNotBundle)
	}
	return fmt.Errorf("read bundle: %w", err)
}

// member reads a name and its value; the list of objects is read as such.
func (b *bundleReader) member(seen *bool) error {
	if c, err := b.f.peek(); err != nil || c != '"' {
		if err == nil {
			err = fmt.Errorf("byte %d: want a name: %w", b.f.offset(), ErrSyntax)
		}
		return b.broken(err)
	}
	name, err := b.f.value(1 << 10)
	if err == nil {
		err = b.f.expect(':')
	}
	var c byte
	if err == nil {
		c, err = b.f.peek()
	}
	if err != nil {
		return b.broken(err)
	}
	if string(name.bytes) == `"objects"` && c == '[' {
		*seen = true
		b.f.stop()
		return b.list()
	}
	if _, err := b.f.value(0); err != nil {
		return b.broken(err)
	}
	return nil
}

func (b *bundleReader) list() error {
	if err := b.f.expect('['); err != nil {
		return b.broken(err)
	}
	for n := 0; ; n++ {
		c, err := b.f.peek()
		if err != nil {
			return b.broken(err)
		}
		if c == ']' {
			break
		}
		if n > 0 {
			if err := b.f.expect(','); err != nil {
				return b.broken(err)
			}
			if _, err := b.f.peek(); err != nil {
				return b.broken(err)
			}
		}
		if err := b.element(); err != nil {
			return err
		}
	}
	if err := b.f.expect(']'); err != nil {
		return b.broken(err)
	}
	return nil
}

// element reads one object of the list.
func (b *bundleReader) element() error {
	offset := b.f.offset()
	v, err := b.f.value(MaxObjectBytes)
	if err != nil {
		return b.broken(err)
	}
	var o *Object
	if v.over {
		err = fmt.Errorf("object over %d bytes: %w", MaxObjectBytes, ErrTooLarge)
	} else {
		o, err = Parse(v.bytes)
	}
	if err != nil {
		err = b.bad(&BadObjectError{Index: b.index, Offset: offset, Raw: v.bytes[:min(len(v.bytes), maxKept)], Err: err})
	} else {
		err = b.each(o)
	}
	b.index++
	return err
}

func (b *bundleReader) broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("read bundle: cut off at byte %d, after %d objects: %w", b.f.offset(), b.index, ErrSyntax)
	}
	return fmt.Errorf("read bundle: after %d objects: %w", b.index, err)
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
