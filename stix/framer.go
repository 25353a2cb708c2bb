package stix

import (
	"fmt"
	"io"
)

// framer finds where JSON values begin and end by their brackets and quotes alone. It judges nothing else: what stands between is
// for a real parser. That is what lets one bad value be skipped and the next one be read.
type framer struct {
	r     io.Reader
	buf   []byte
	pos   int
	base  int64 // offset of buf[0]
	err   error
	stack []byte // open brackets of the value being read
	taps  []*framed
	until int64 // offset up to which the value being read may reach
}

// framed are the bytes of a value, up to a limit.
type framed struct {
	bytes []byte
	limit int
	over  bool // there were more
}

// Limits on what is passed over to reach the next value.
const (
	maxOpenBrackets = 1 << 20
	maxSkipped      = 4 * MaxObjectBytes
)

func newFramer(r io.Reader) *framer { return &framer{r: r, buf: make([]byte, 0, 1<<16)} }

// offset is that of the next byte.
func (f *framer) offset() int64 { return f.base + int64(f.pos) }

// fill makes sure that there is a byte at pos.
func (f *framer) fill() error {
	for f.pos == len(f.buf) {
		if f.err != nil {
			return f.err
		}
		f.base += int64(len(f.buf))
		f.pos = 0
		if f.until > 0 && f.base > f.until {
			return fmt.Errorf("value over %d bytes: %w", maxSkipped, ErrTooLarge)
		}
		n, err := f.r.Read(f.buf[:cap(f.buf)])
		f.buf, f.err = f.buf[:n], err
	}
	return nil
}

// take moves over n bytes of the buffer and hands them to whoever records.
func (f *framer) take(n int) {
	for _, t := range f.taps {
		t.add(f.buf[f.pos : f.pos+n])
	}
	f.pos += n
}

func (t *framed) add(b []byte) {
	if room := t.limit - len(t.bytes); len(b) > room {
		t.over = true
		b = b[:room]
	}
	t.bytes = append(t.bytes, b...)
}

// record begins to keep what is read from here on.
func (f *framer) record() *framed {
	t := &framed{limit: MaxObjectBytes}
	f.taps = append(f.taps, t)
	return t
}

// stop ends all recording.
func (f *framer) stop() { f.taps = nil }

// peek skips white space and returns the next byte without taking it.
func (f *framer) peek() (byte, error) {
	for n := 0; ; n++ {
		if n > MaxObjectBytes {
			return 0, fmt.Errorf("byte %d: %d bytes of white space: %w", f.offset(), n, ErrTooLarge)
		}
		if err := f.fill(); err != nil {
			return 0, err
		}
		switch c := f.buf[f.pos]; c {
		case ' ', '\t', '\n', '\r':
			f.take(1)
		default:
			return c, nil
		}
	}
}

// expect takes the next byte, which must be c.
func (f *framer) expect(c byte) error {
	got, err := f.peek()
	if err != nil {
		return err
	}
	if got != c {
		return fmt.Errorf("byte %d: want %q, found %q: %w", f.offset(), c, got, ErrSyntax)
	}
	f.take(1)
	return nil
}

// value takes one value and returns its bytes, up to a limit.
func (f *framer) value(limit int) (framed, error) {
	v := &framed{limit: limit}
	f.taps = append(f.taps, v)
	f.until = f.offset() + maxSkipped
	err := f.skip()
	f.taps, f.until = f.taps[:len(f.taps)-1], 0
	return *v, err
}

func (f *framer) skip() error {
	c, err := f.peek()
	if err != nil {
		return err
	}
	switch c {
	case '"':
		f.take(1)
		return f.skipString()
	case '{', '[':
		return f.skipNested()
	case '}', ']', ',', ':':
		return fmt.Errorf("byte %d: want a value, found %q: %w", f.offset(), c, ErrSyntax)
	}
	for { // number, true, false, null, or something that is none of these
		if err := f.fill(); err != nil {
			return err
		}
		n := 0
		for n < len(f.buf)-f.pos && !ends(f.buf[f.pos+n]) {
			n++
		}
		more := n == len(f.buf)-f.pos
		f.take(n)
		if !more {
			return nil
		}
	}
}

func ends(c byte) bool {
	switch c {
	case ',', '}', ']', ':', ' ', '\t', '\n', '\r', '"', '{', '[':
		return true
	}
	return false
}

// skipString takes the rest of a string, whose first quote was taken.
func (f *framer) skipString() error {
	escaped := false
	for {
		if err := f.fill(); err != nil {
			return err
		}
		for i, c := range f.buf[f.pos:] {
			switch {
			case escaped:
				escaped = false
			case c == '\\':
				escaped = true
			case c == '"':
				f.take(i + 1)
				return nil
			}
		}
		f.take(len(f.buf) - f.pos)
	}
}

// skipNested takes an object or a list. Brackets must close in their order: otherwise nobody can tell where the value ends.
func (f *framer) skipNested() error {
	f.stack = f.stack[:0]
	for {
		if err := f.fill(); err != nil {
			return err
		}
		c, n := byte(0), 0
		for n < len(f.buf)-f.pos && c == 0 {
			switch x := f.buf[f.pos+n]; x {
			case '"', '{', '[', '}', ']':
				c = x
			}
			n++
		}
		switch c {
		case '{', '[':
			if len(f.stack) == maxOpenBrackets {
				return fmt.Errorf("byte %d: more than %d open brackets: %w", f.offset(), maxOpenBrackets, ErrTooLarge)
			}
			f.stack = append(f.stack, c+2) // '}' and ']' stand two behind their openings in ASCII
		case '}', ']':
			if f.stack[len(f.stack)-1] != c {
				return fmt.Errorf("byte %d: want %q, found %q: %w", f.offset()+int64(n)-1, f.stack[len(f.stack)-1], c, ErrSyntax)
			}
			f.stack = f.stack[:len(f.stack)-1]
		}
		f.take(n)
		switch {
		case c == '"':
			if err := f.skipString(); err != nil {
				return err
			}
		case len(f.stack) == 0:
			return nil
		}
	}
}
