package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"marque/internal/durable"
)

// file is a file of JSON lines. Its position is its own last line, so it is the same as what it holds, whenever the process is killed.
type file struct {
	Sink
	fsys durable.FS
	box  string
	read bool  // size and at are known
	size int64 // of what counts
	at   int64 // the last entry in it
}

const (
	defaultRotate = 64 << 20
	defaultKeep   = 10
)

func newFile(s Sink, fsys durable.FS, box string) *file {
	if s.RotateBytes == 0 {
		s.RotateBytes = defaultRotate
	}
	if s.Keep == 0 {
		s.Keep = defaultKeep
	}
	return &file{Sink: s, fsys: fsys, box: box}
}

// send appends the alerts that are not there yet, in one write.
func (f *file) send(_ context.Context, list []Alert) (int, error) {
	if err := f.find(); err != nil {
		return 0, err
	}
	var out bytes.Buffer
	at := f.at
	for i := range list {
		if list[i].Seq <= f.at {
			continue
		}
		line, err := json.Marshal(&list[i])
		if err != nil {
			return i, fmt.Errorf("%w: %w", ErrRefused, err)
		}
		out.Write(line)
		out.WriteByte('\n')
		at = list[i].Seq
	}
	if out.Len() == 0 {
		return len(list), nil
	}
	if f.size > 0 && f.size+int64(out.Len()) > f.RotateBytes {
		f.read = false // until it is through
		if err := f.rotate(); err != nil {
			return 0, fmt.Errorf("put %s aside: %w", f.Path, err)
		}
		f.read, f.size = true, 0
	}
	if err := durable.Append(f.fsys, f.Path, out.Bytes(), 0o640); err != nil {
		f.read = false // nobody knows how much of it is there
		return 0, err
	}
	f.size += int64(out.Len())
	f.at = at
	return len(list), nil
}

// find reads where the file ends, and cuts off a line that a kill left half written.
func (f *file) find() error {
	if f.read {
		return nil
	}
	if err := durable.MkdirAll(f.fsys, filepath.Dir(f.Path), 0o750); err != nil {
		return err
	}
	// A rename that was cut off may have left a file under both names.
	first, err := f.head(f.Path)
	if err != nil {
		return err
	}
	if second, err := f.head(f.aside(1)); err != nil {
		return err
	} else if len(first) > 0 && bytes.Equal(first, second) {
		if err := durable.Remove(f.fsys, f.Path); err != nil {
			return err
		}
	}
	text, err := readIfThere(f.fsys, f.Path)
	if err != nil {
		return err
	}
	whole := bytes.LastIndexByte(text, '\n') + 1
	if whole < len(text) {
		if err := durable.Truncate(f.fsys, f.Path, int64(whole)); err != nil {
			return err
		}
	}
	f.size, f.at = int64(whole), 0
	text = text[:whole]
	if whole == 0 {
		if text, err = readIfThere(f.fsys, f.aside(1)); err != nil {
			return err
		}
	}
	if f.at, err = f.last(text); err != nil {
		return err
	}
	// What was written before a kill may not be on the disk yet, and whoever counts on it must be able to.
	if whole > 0 {
		if err := errors.Join(durable.SyncFile(f.fsys, f.Path), durable.SyncDir(f.fsys, filepath.Dir(f.Path))); err != nil {
			return err
		}
	}
	f.read = true
	return nil
}

// last is the entry that a text ends with; 0 where it is of another outbox, whose numbers say nothing.
func (f *file) last(text []byte) (int64, error) {
	text = bytes.TrimSuffix(text, []byte("\n"))
	if len(text) == 0 {
		return 0, nil
	}
	var a struct {
		Seq int64  `json:"seq"`
		Box string `json:"outbox"`
	}
	if err := json.Unmarshal(text[bytes.LastIndexByte(text, '\n')+1:], &a); err != nil || a.Seq == 0 {
		return 0, fmt.Errorf("path %s: its last line is no alert; name another file, or move this one away", f.Path)
	}
	if a.Box != f.box {
		return 0, nil
	}
	return a.Seq, nil
}

func readIfThere(fsys durable.FS, path string) ([]byte, error) {
	text, err := durable.ReadFile(fsys, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// aside is the name of a file that was put aside, 1 the youngest.
func (f *file) aside(n int) string { return fmt.Sprintf("%s.%d", f.Path, n) }

// rotate puts the file aside, and those before it one further, as far as the first number that is free: that of the oldest when all are
// taken, and the one that an interrupted rotation left.
func (f *file) rotate() error {
	free := 1
	for ; free < f.Keep; free++ {
		this, err := f.head(f.aside(free))
		if err != nil {
			return err
		}
		next, err := f.head(f.aside(free + 1))
		if err != nil {
			return err
		}
		if len(this) == 0 || bytes.Equal(this, next) {
			break
		}
	}
	for n := free; n > 1; n-- {
		if err := durable.Rename(f.fsys, f.aside(n-1), f.aside(n)); err != nil {
			return err
		}
	}
	return durable.Rename(f.fsys, f.Path, f.aside(1))
}

// head is a file's beginning, empty where there is none. No two files begin alike: their first alerts have different numbers.
func (f *file) head(path string) ([]byte, error) {
	h, err := f.fsys.OpenFile(path, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(h, 4096))
	return text, errors.Join(err, h.Close())
}

func (f *file) close() error { return nil }
