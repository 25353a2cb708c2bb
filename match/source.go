package match

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync/atomic"

	"github.com/zeebo/xxh3"
	"golang.org/x/text/transform"

	"marque/event"
	"marque/internal/charset"
	"marque/internal/unpack"
)

// Checkpoint says how far a file was read. Everything before Offset is in the results, nothing behind it.
type Checkpoint struct {
	Path   string `json:"path"`
	Offset int64  `json:"offset"` // of the next line, in the uncompressed text
	Line   int64  `json:"line"`   // lines before it
	Digest string `json:"digest"` // of the file's first bytes, see Head
	Head   int64  `json:"head"`   // how many bytes Digest covers
	Done   bool   `json:"done"`
	// Beginning is how the text begins, unpacked: up to 64 KiB. It tells the file from others when it has grown, see Origin.
	Beginning []byte `json:"beginning,omitempty"`
}

// ErrChanged says that a file is not the one its checkpoint was made of.
var ErrChanged = errors.New("file changed since its checkpoint")

// headSize is how much of a file its digest covers at most: enough to tell a rotated log from its forerunner.
const headSize = 64 << 10

// Source is one stream of lines: a path, "-" for standard input, or a Reader with a name. what package unpack knows is
// recognised by its first bytes; of a zip archive the one file in it is read.
type Source struct {
	Path   string
	Reader io.Reader // read instead of Path, if set
	Live   bool      // Reader grows while it is read: nothing waits for more than is there
	From   Checkpoint
}

// stream is an opened source.
type stream struct {
	io.Reader
	close func() error
	head  []byte
	text  *beginning
	raw   *counter // compressed bytes read, for progress
	size  int64    // of the file, 0 if unknown
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

var utf8BOM = []byte{0xef, 0xbb, 0xbf}

// beginning keeps the beginning of what is read through it.
type beginning struct {
	r    io.Reader
	text []byte
}

func (b *beginning) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if missing := headSize - len(b.text); missing > 0 {
		b.text = append(b.text, p[:min(n, missing)]...)
	}
	return n, err
}

// open opens the source and moves it to its checkpoint.
func (s *Source) open(formats *event.Formats) (*stream, error) {
	st := &stream{close: func() error { return nil }}
	r := s.Reader
	var file *os.File
	switch {
	case r != nil:
	case s.Path == "-":
		r = os.Stdin
	default:
		f, err := os.Open(s.Path)
		if err != nil {
			return nil, err
		}
		info, err := f.Stat()
		if err == nil && info.IsDir() {
			err = fmt.Errorf("%s: is a folder", s.Path)
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		st.size, st.close = info.Size(), f.Close
		r, file = f, f
	}
	st.raw = &counter{r: r}
	if err := st.start(s, file, formats); err != nil {
		return nil, errors.Join(err, st.close())
	}
	return st, nil
}

// start reads the head, tells the compression and skips to the checkpoint.
func (st *stream) start(s *Source, file *os.File, formats *event.Formats) error {
	head := make([]byte, headSize)
	read := io.ReadFull
	if s.Live {
		read = func(r io.Reader, p []byte) (int, error) { return r.Read(p) }
	}
	n, err := read(st.raw, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	st.head = head[:n]
	if from := s.From; from.Offset > 0 {
		if from.Head > int64(n) || Digest(st.head[:from.Head]) != from.Digest {
			return fmt.Errorf("%s: %w", s.Path, ErrChanged)
		}
	}
	st.Reader = io.MultiReader(bytes.NewReader(st.head), st.raw)
	switch {
	case unpack.Packed(st.head) != "":
		plain, release, err := unpack.Decoder(st.head, st.Reader)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Path, err)
		}
		closeFile := st.close
		st.close = func() error { release(); return closeFile() }
		st.Reader = plain
	case file != nil && unpack.IsZip(st.head):
		if err := st.openZip(file); err != nil {
			return fmt.Errorf("%s: %w", s.Path, err)
		}
	case unpack.Foreign(st.head) != nil:
		return fmt.Errorf("%s: %w", s.Path, unpack.Foreign(st.head))
	case charset.UTF16(st.head) != nil || turned(formats, st.head): // below, as rotated logs are packed
	case file != nil && s.From.Offset > 0:
		_, err := file.Seek(s.From.Offset, io.SeekStart)
		st.raw.n.Store(s.From.Offset)
		st.Reader, st.text = st.raw, &beginning{text: s.From.Beginning}
		return err
	}
	st.text = &beginning{r: st.Reader}
	st.Reader = st.text
	if err := st.asLines(formats, s.Live); err != nil {
		return fmt.Errorf("%s: %w", s.Path, err)
	}
	if s.From.Offset > 0 {
		if _, err := io.CopyN(io.Discard, st, s.From.Offset); err != nil {
			return fmt.Errorf("%s: skip to checkpoint: %w", s.Path, err)
		}
	}
	return nil
}

// asLines turns what is no lines of JSON into them, packed or not; offsets are then those of the lines.
func (st *stream) asLines(formats *event.Formats, live bool) error {
	r := bufio.NewReaderSize(st.Reader, headSize)
	enough := headSize
	if live {
		_, _ = r.Peek(1) // what is wrong with it comes again
		enough = r.Buffered()
	}
	head, err := r.Peek(enough)
	if len(head) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if enc := charset.UTF16(head); enc != nil {
		r = bufio.NewReaderSize(transform.NewReader(r, enc.NewDecoder()), headSize)
		head, _ = r.Peek(headSize) // what is wrong with it comes again with the lines
	}
	st.Reader = r
	if turn, _ := formats.Lines(bytes.TrimPrefix(head, utf8BOM)); turn != nil {
		if bytes.HasPrefix(head, utf8BOM) {
			_, _ = r.Discard(len(utf8BOM)) // it was peeked at
		}
		st.Reader = turn(r)
	}
	return nil
}

// turned tells whether a file that begins with head is turned into lines first.
func turned(formats *event.Formats, head []byte) bool {
	turn, _ := formats.Lines(bytes.TrimPrefix(head, utf8BOM))
	return turn != nil
}

// openZip reads the one file of an archive.
func (st *stream) openZip(file *os.File) error {
	members, err := unpack.Zip(file, st.size)
	if err != nil {
		return err
	}
	if len(members) != 1 {
		return fmt.Errorf("zip archive with %d files: want one, or unpack it first: %w", len(members), unpack.ErrForeign)
	}
	plain, err := members[0].Open(math.MaxInt64)
	if err != nil {
		return err
	}
	closeFile := st.close
	st.close = func() error { return errors.Join(plain.Close(), closeFile()) }
	st.Reader = plain
	return nil
}

// Digest is the checksum that checkpoints keep of a file's head.
func Digest(b []byte) string {
	h := xxh3.Hash128(b).Bytes()
	return fmt.Sprintf("xxh3:%x", h[:])
}

// chunk is a piece of a source that ends with a line's end.
type chunk struct {
	seq    int64
	offset int64
	data   []byte
	skip   *Bad // instead of data: a line that is longer than a chunk
}

// chunker cuts a stream at line ends.
type chunker struct {
	st     *stream
	size   int
	buf    []byte // bytes read and not yet handed out
	n      int
	offset int64
	end    bool
	live   bool  // hands out what is there
	err    error // what ended the stream: io.EOF, or a fault whose report follows the lines before it
}

// chunkBytes is the usual size of a chunk: what stays in a core's cache until it is decoded, and long enough for a call.
const chunkBytes = 256 << 10

// next fills buf with whole lines. A line that does not fit is skipped to its end and reported as Bad. io.EOF ends
// the stream.
func (c *chunker) next(buf []byte) (data []byte, offset int64, bad *Bad, err error) {
	buf = buf[:c.size]
	n := copy(buf, c.buf[:c.n])
	c.n = 0
	for full := min(c.size, chunkBytes); n < c.size && !c.end; full = c.size {
		for n < full && !c.end {
			m, err := c.st.Read(buf[n:full])
			n += m
			c.note(err)
			if c.live && bytes.IndexByte(buf[n-m:n], '\n') >= 0 {
				break
			}
		}
		if bytes.IndexByte(buf[:n], '\n') >= 0 {
			break // no long line
		}
	}
	if n == 0 {
		return nil, c.offset, nil, c.err
	}
	offset = c.offset
	cut := n
	if !c.end {
		cut = bytes.LastIndexByte(buf[:n], '\n') + 1
		if cut == 0 {
			return nil, offset, c.skipLine(buf), nil
		}
	}
	c.keep(buf[cut:n])
	c.offset += int64(cut)
	data = buf[:cut]
	if offset == 0 {
		data = bytes.TrimPrefix(data, utf8BOM)
		offset += int64(cut - len(data))
	}
	return data, offset, nil, nil
}

func (c *chunker) keep(rest []byte) {
	if c.buf == nil {
		c.buf = make([]byte, c.size)
	}
	c.n = copy(c.buf, rest)
}

// skipLine drops the line that fills buf, in constant memory.
func (c *chunker) skipLine(buf []byte) *Bad {
	bad := &Bad{Offset: c.offset, Length: int64(len(buf)), Reason: event.BadLength, Text: bytes.Clone(buf[:badText])}
	c.offset += int64(len(buf))
	c.keep(nil)
	for {
		n, err := c.st.Read(buf)
		c.note(err)
		if i := bytes.IndexByte(buf[:n], '\n'); i >= 0 {
			bad.Length += int64(i)
			c.offset += int64(i + 1)
			c.keep(buf[i+1 : n])
			return bad
		}
		bad.Length += int64(n)
		c.offset += int64(n)
		if c.end {
			return bad
		}
	}
}

// note remembers that the stream has ended, and why.
func (c *chunker) note(err error) {
	if err != nil {
		c.end, c.err = true, err
	}
}
