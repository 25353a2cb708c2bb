package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"marque/internal/lock"
)

// A segment is pending from Begin until Settle: whoever keeps its counts has not said yet that they are durable. Killed meanwhile, it
// is begun again and its files are replaced, so nobody may join them with others. An empty file in the folder "pending" says so.

// Errors of Compact and Retain. Both pass.
var (
	// ErrBusy says that a look back reads the lake.
	ErrBusy = errors.New("a look back is under way")
	// ErrLocked says that files are being joined or removed already.
	ErrLocked = errors.New("another compaction is under way")
)

func (l *Lake) pendingDir() string { return filepath.Join(l.dir, "pending") }

func (s *segment) marker() string { return filepath.Join(s.lake.pendingDir(), s.name) }

// mark makes the segment pending; Commit makes that durable before any file gets its name.
func (s *segment) mark() error {
	if err := os.MkdirAll(s.lake.pendingDir(), 0o750); err != nil {
		return err
	}
	return os.WriteFile(s.marker(), nil, 0o640)
}

// Settle implements match.Segment.
func (s *segment) Settle() error {
	if err := os.Remove(s.marker()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("lake: %w", err)
	}
	return nil
}

// pending returns the names of the segments that are not settled.
func (l *Lake) pending() (map[string]bool, error) {
	list, err := os.ReadDir(l.pendingDir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("lake: %w", err)
	}
	names := map[string]bool{}
	for _, e := range list {
		names[strings.TrimPrefix(e.Name(), "e-")] = true
	}
	return names, nil
}

// settled returns the files that no segment to be begun again has written. The list must be older than the call.
func (l *Lake) settled(list []File) ([]File, error) {
	waiting, err := l.pending()
	if err != nil || len(waiting) == 0 {
		return list, err
	}
	var out []File
	for _, f := range list {
		name := filepath.Base(f.Path)
		if !strings.HasPrefix(name, "e-") || !waiting[segmentOf(name)] {
			out = append(out, f)
		}
	}
	return out, nil
}

// tend runs f while no other process joins or removes files.
func (l *Lake) tend(f func() error) error {
	held, err := lock.Try(filepath.Join(l.dir, "compact.lock"))
	if errors.Is(err, lock.ErrLocked) {
		err = ErrLocked
	}
	if err != nil {
		return fmt.Errorf("lake %s: %w", l.dir, err)
	}
	return errors.Join(f(), held.Close())
}

// swap runs f, which takes files away, while nobody looks back; else it returns ErrBusy.
func (l *Lake) swap(outer func(func() error) error, f func() error) error {
	inner := func() error {
		held, err := lock.Try(l.huntLock())
		if errors.Is(err, lock.ErrLocked) {
			err = ErrBusy
		}
		if err != nil {
			return err
		}
		return errors.Join(f(), held.Close())
	}
	if outer == nil {
		return inner()
	}
	return outer(inner)
}

func (l *Lake) huntLock() string { return filepath.Join(l.dir, "hunt.lock") }
