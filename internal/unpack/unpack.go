package unpack

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// Sentinels.
var (
	// ErrTooLarge is input over a limit, packed or unpacked.
	ErrTooLarge = errors.New("input too large")
	// ErrMalformed is packed input that breaks off or is damaged.
	ErrMalformed = errors.New("malformed input")
	// ErrForeign is packed in a way that is not read.
	ErrForeign = errors.New("packed in a way that is not read")
)

// Limits against packed bombs. A file may grow maxRatio-fold when it is unpacked; up to freeBytes nobody asks.
const (
	maxRatio  = 200
	freeBytes = 64 << 20
	maxWindow = 256 << 20 // what an unpacker may keep in memory
)

// buffer is how many bytes of the plain text can be looked at ahead.
const buffer = 64 << 10

// packing is one way to pack a stream.
type packing struct {
	name  string
	magic string
	open  func(r io.Reader) (io.Reader, func(), error)
}

var packings = []packing{
	{"gzip", "\x1f\x8b", func(r io.Reader) (io.Reader, func(), error) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, nil, err
		}
		return z, func() { _ = z.Close() }, nil
	}},
	{"zstd", "\x28\xb5\x2f\xfd", func(r io.Reader) (io.Reader, func(), error) {
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxWindow))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	}},
	{"bzip2", "BZh", func(r io.Reader) (io.Reader, func(), error) { return bzip2.NewReader(r), func() {}, nil }},
	{"xz", "\xfd7zXZ\x00", func(r io.Reader) (io.Reader, func(), error) {
		z, err := xz.NewReader(r)
		return z, func() {}, err
	}},
}

// foreign are the beginnings of what is not unpacked.
var foreign = []struct{ magic, name string }{
	{"7z\xbc\xaf\x27\x1c", "a 7z archive"},
	{"Rar!\x1a\x07", "a RAR archive"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or encrypted Office file"},
	{"\x1f\x9d", "a file of compress (.Z)"},
	{"MSCF", "a cabinet"},
	{"\x04\x22\x4d\x18", "an LZ4 file"},
}

// others are the beginnings of what is no packing, and what to do with it.
var others = []struct{ magic, name string }{
	{"ElfFile\x00", "a Windows event log in its binary form: export it as XML (wevtutil qe FILE /lf:true /f:RenderedXml) or JSON lines (evtx_dump -o jsonl)"},
	{"\xd4\xc3\xb2\xa1", "a packet capture: have Zeek or Suricata read it, whose logs are read here"},
	{"\xa1\xb2\xc3\xd4", "a packet capture: have Zeek or Suricata read it, whose logs are read here"},
	{"\x0a\x0d\x0d\x0a", "a packet capture: have Zeek or Suricata read it, whose logs are read here"},
	{"SQLite format 3\x00", "an SQLite database: export its tables as CSV or JSON"},
	{"PAR1", "a Parquet file: export it as JSON lines"},
}

// Foreign is an error for what begins like a packing that is not read, nil for anything else.
func Foreign(head []byte) error {
	for _, f := range foreign {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return fmt.Errorf("%s: unpack it first: %w", f.name, ErrForeign)
		}
	}
	for _, f := range others {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return fmt.Errorf("%s: %w", f.name, ErrForeign)
		}
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return fmt.Errorf("a tar archive: unpack it first: %w", ErrForeign)
	}
	return nil
}

// Packed names the packing of a stream that begins with head, "" where it is not packed in a way that [Stream] reads.
func Packed(head []byte) string {
	for _, p := range packings {
		if bytes.HasPrefix(head, []byte(p.magic)) {
			return p.name
		}
	}
	return ""
}

// Decoder returns the plain bytes of a stream that begins with head, and how to release what that takes; r itself where it is not
// packed. It has no limits: those who read a stream line by line need none.
func Decoder(head []byte, r io.Reader) (io.Reader, func(), error) {
	for _, p := range packings {
		if !bytes.HasPrefix(head, []byte(p.magic)) {
			continue
		}
		plain, release, err := p.open(r)
		if err != nil {
			return nil, nil, fmt.Errorf("unpack %s: %w: %w", p.name, err, ErrMalformed)
		}
		return named{plain, p.name}, release, nil
	}
	return r, func() {}, nil
}

// Stream returns the plain bytes of r, packed or not, within limits, and how to release what that takes.
func Stream(ctx context.Context, r io.Reader, limit int64) (*bufio.Reader, func(), error) {
	packed := &Counter{R: Cancelled(ctx, r)}
	br := bufio.NewReaderSize(packed, buffer)
	head, err := br.Peek(300)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	if err := Foreign(head); err != nil {
		return nil, nil, err
	}
	if Packed(head) == "" {
		return bufio.NewReaderSize(&guard{r: br, limit: limit, what: "input"}, buffer), func() {}, nil
	}
	plain, release, err := Decoder(head, br)
	if err != nil {
		return nil, nil, err
	}
	return bufio.NewReaderSize(&guard{r: plain, packed: packed, limit: limit, what: "unpacked input"}, buffer), release, nil
}

// All reads a stream as a whole.
func All(ctx context.Context, r io.Reader, limit int64) ([]byte, error) {
	plain, release, err := Stream(ctx, r, limit)
	if err != nil {
		return nil, err
	}
	defer release()
	return io.ReadAll(plain)
}

// LimitError is input over a number of bytes.
type LimitError struct {
	What  string
	Limit int64
}

// Error names the limit.
func (e *LimitError) Error() string { return fmt.Sprintf("%s over %d bytes", e.What, e.Limit) }

// Unwrap is ErrTooLarge.
func (e *LimitError) Unwrap() error { return ErrTooLarge }

// Cancelled ends the reading of r when the context does.
func Cancelled(ctx context.Context, r io.Reader) io.Reader { return &cancelReader{ctx: ctx, r: r} }

type cancelReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *cancelReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// Counter counts what is read through it.
type Counter struct {
	R io.Reader
	N int64
}

// Read reads from R.
func (c *Counter) Read(p []byte) (int, error) {
	n, err := c.R.Read(p)
	c.N += int64(n)
	return n, err
}

// named says of which packing an error is.
type named struct {
	r    io.Reader
	name string
}

func (u named) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, context.Canceled) {
		err = fmt.Errorf("unpack %s: %w: %w", u.name, err, ErrMalformed)
	}
	return n, err
}

// guard stops reading beyond the limit and, of packed input, growth beyond any honest ratio.
type guard struct {
	r      io.Reader
	packed *Counter // nil: not packed
	n      int64
	limit  int64
	what   string
}

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.n += int64(n)
	switch {
	case g.n > g.limit:
		return n, &LimitError{What: g.what, Limit: g.limit}
	case g.packed != nil && g.n > freeBytes && g.n > maxRatio*g.packed.N:
		return n, fmt.Errorf("unpacked input grows more than %d-fold, as bombs do: %w", maxRatio, ErrTooLarge)
	}
	return n, err
}
