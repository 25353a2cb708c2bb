package match

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

// Tail reads what is added to a file from now on, as tail -F does: it goes on with the file that takes the name when the old one is put
// aside, and from the beginning when a file is cut. It ends, with io.EOF, when its context does. One goroutine owns it.
type Tail struct {
	ctx    context.Context //nolint:containedctx // an io.Reader has no other way to end
	path   string
	wait   func(context.Context) error
	file   *os.File // nil: there is none under the name now
	offset int64
	last   byte // that was read
}

// tailPoll is how often a file is looked at.
const tailPoll = 250 * time.Millisecond

// OpenTail begins at the end of a file. Wait is called when there is nothing to read; nil waits a quarter of a second.
func OpenTail(ctx context.Context, path string, wait func(context.Context) error) (*Tail, error) {
	if wait == nil {
		wait = func(ctx context.Context) error {
			t := time.NewTimer(tailPoll)
			defer t.Stop()
			select {
			case <-t.C:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	t := &Tail{ctx: ctx, path: path, wait: wait, last: '\n'}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t.file = f
	if t.offset, err = f.Seek(0, io.SeekEnd); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return t, nil
}

// Read returns what was added, waiting for it.
func (t *Tail) Read(p []byte) (int, error) {
	for {
		if t.file != nil {
			n, err := t.file.Read(p)
			if n > 0 {
				t.offset += int64(n)
				t.last = p[n-1]
				return n, nil
			}
			if err != nil && !errors.Is(err, io.EOF) {
				return 0, err
			}
		}
		moved, err := t.move()
		switch {
		case err != nil:
			return 0, err
		case moved && t.last != '\n': // the last line of the file before has no end, and is none of the next file's
			p[0], t.last = '\n', '\n'
			return 1, nil
		case moved:
			continue
		}
		if t.wait(t.ctx) != nil {
			if err := t.Close(); err != nil {
				return 0, err
			}
			return 0, io.EOF
		}
	}
}

// move goes on with the file that has the name now, where that is another one, or was cut.
func (t *Tail) move() (moved bool, err error) {
	now, err := os.Stat(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // being rotated
	}
	if err != nil {
		return false, err
	}
	if t.file != nil {
		own, err := t.file.Stat()
		if err != nil {
			return false, err
		}
		if os.SameFile(own, now) {
			if now.Size() >= t.offset {
				return false, nil
			}
			t.offset, err = t.file.Seek(0, io.SeekStart)
			return true, err
		}
		if own.Size() > t.offset { // written to since it was read to its end
			return false, nil
		}
	}
	next, err := os.Open(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = t.Close()
	t.file, t.offset = next, 0
	return true, err
}

// Close closes the file that is open.
func (t *Tail) Close() error {
	if t.file == nil {
		return nil
	}
	f := t.file
	t.file = nil
	return f.Close()
}
