package intake

import (
	"bytes"
	"errors"
	"io"
	"os"
	"time"

	"marque/internal/unpack"
	"marque/match"
)

// headSize is how much of a file's text tells it from others.
const headSize = 64 << 10

// followedFile is an opened file, unpacked.
type followedFile struct {
	path   string
	file   *os.File
	size   int64 // on disk
	time   time.Time
	head   []byte
	raw    []byte // of head, as it lies on disk
	packed bool
	known  *follower // nil: a new file
	copied bool      // begins like a file that is there
	done   bool      // nothing is left to read
}

func openFollowed(path string) (*followedFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t := &followedFile{path: path, file: file}
	err = t.start()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return t, nil
}

func (t *followedFile) start() error {
	info, err := t.file.Stat()
	if err != nil {
		return err
	}
	t.size, t.time = info.Size(), info.ModTime()
	t.raw = make([]byte, min(t.size, headSize))
	if n, err := t.file.ReadAt(t.raw, 0); err != nil {
		t.raw = t.raw[:n] // truncated since
	}
	r, end, err := t.reader()
	if err != nil {
		return err
	}
	defer end()
	t.head = make([]byte, headSize)
	n, err := io.ReadFull(r, t.head)
	t.head = t.head[:n]
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// reader reads the text from its beginning, unpacked where the file is packed in a way that package unpack knows.
func (t *followedFile) reader() (io.Reader, func(), error) {
	raw := io.NewSectionReader(t.file, 0, t.size)
	if unpack.Packed(t.raw) == "" {
		return raw, func() {}, nil
	}
	t.packed = true
	return unpack.Decoder(t.raw, raw)
}

// from reads the text from an offset on.
func (t *followedFile) from(offset int64) (io.Reader, func(), error) {
	r, end, err := t.reader()
	if err != nil {
		return nil, nil, err
	}
	if s, ok := r.(io.Seeker); ok {
		_, err = s.Seek(offset, io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, r, offset)
	}
	if err != nil {
		end()
		return nil, nil, err
	}
	return r, end, nil
}

// same reports whether what was read since the file was opened is of one file: it was not truncated and written anew meanwhile.
func (t *followedFile) same() bool {
	info, err := t.file.Stat()
	if err != nil || info.Size() < t.size {
		return false
	}
	now := make([]byte, len(t.raw))
	_, err = t.file.ReadAt(now, 0)
	return err == nil && bytes.Equal(now, t.raw)
}

func (t *followedFile) close() error { return t.file.Close() }

// is reports whether the text is the one that a checkpoint was made of, as far as its beginning tells.
func (t *followedFile) is(c *follower) bool {
	return c.Head > 0 && c.Head <= int64(len(t.head)) && match.Digest(t.head[:c.Head]) == c.Digest && (t.packed || t.size >= c.Offset)
}

// chunkSize is how much of a file one worker takes at a time.
const chunkSize = 1 << 20

// cutter cuts a text at line ends.
type cutter struct {
	r       io.Reader
	maxLine int
	rested  bool   // the last line needs no newline
	offset  int64  // of the next piece
	buf     []byte // read and not handed out yet
	n       int
	err     error
}

var byteOrderMark = []byte{0xef, 0xbb, 0xbf}

// next returns whole lines in memory of their own, or nil when there are no more. A line that is far too long is returned as its beginning,
// which is too long as well.
func (c *cutter) next() []byte {
	size := max(chunkSize, 2*c.maxLine)
	if len(c.buf) < size {
		c.buf = append(c.buf, make([]byte, size-len(c.buf))...)
	}
	c.fill()
	cut := bytes.LastIndexByte(c.buf[:c.n], '\n') + 1
	if cut == 0 && c.err != nil && c.rested {
		cut = c.n
	}
	if cut == 0 && c.n == len(c.buf) {
		return c.long()
	}
	if cut == 0 {
		return nil
	}
	data := bytes.Clone(c.buf[:cut])
	c.n = copy(c.buf, c.buf[cut:c.n])
	if c.offset == 0 {
		data = bytes.TrimPrefix(data, byteOrderMark)
	}
	c.offset += int64(cut)
	return data
}

func (c *cutter) fill() {
	for c.n < len(c.buf) && c.err == nil {
		var n int
		n, c.err = c.r.Read(c.buf[c.n:])
		c.n += n
	}
}

// long passes over a line that fills the memory, if its end has come.
func (c *cutter) long() []byte {
	data := bytes.Clone(c.buf[:c.maxLine+2])
	passed := int64(0)
	for {
		if i := bytes.IndexByte(c.buf[:c.n], '\n'); i >= 0 {
			c.n = copy(c.buf, c.buf[i+1:c.n])
			c.offset += passed + int64(i+1)
			return append(data, '\n')
		}
		if c.err != nil {
			if !c.rested {
				return nil
			}
			c.offset += passed + int64(c.n)
			c.n = 0
			return data
		}
		passed += int64(c.n)
		c.n = 0
		c.fill()
	}
}
