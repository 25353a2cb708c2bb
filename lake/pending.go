package lake

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"marque/internal/lock"
)

// A segment is pending from Commit until Settle: its files are there, but whoever keeps its counts has not said yet that they are durable.
// Killed meanwhile, it is begun again and its files are replaced, so nobody may join them with others. An empty object in "pending" says so.

// Errors of Compact and Retain. Both pass.
var (
	// ErrBusy says that a look back reads the lake.
	ErrBusy = errors.New("a look back is under way")
	// ErrLocked says that files are being joined or removed already.
	ErrLocked = errors.New("another compaction is under way")
)

const pendingFolder = "pending/"

func (s *segment) marker() string { return pendingFolder + s.name }

// Settle implements match.Segment.
func (s *segment) Settle() error {
	if err := s.lake.bucket.Delete(s.ctx, s.marker()); err != nil {
		return fmt.Errorf("lake: %w", err)
	}
	return nil
}

// pending returns the names of the segments that are not settled.
func (l *Lake) pending(ctx context.Context) (map[string]bool, error) {
	names := map[string]bool{}
	for o, err := range l.bucket.List(ctx, pendingFolder) {
		if err != nil {
			return nil, fmt.Errorf("lake: %w", err)
		}
		names[strings.TrimPrefix(o.Name, pendingFolder+"e-")] = true
	}
	return names, nil
}

// settled returns the files that no segment to be begun again has written. The list must be older than the call.
func (l *Lake) settled(ctx context.Context, list []File) ([]File, error) {
	waiting, err := l.pending(ctx)
	if err != nil || len(waiting) == 0 {
		return list, err
	}
	var out []File
	for _, f := range list {
		name := path.Base(f.Name)
		if !strings.HasPrefix(name, "e-") || !waiting[segmentOf(name)] {
			out = append(out, f)
		}
	}
	return out, nil
}

// tend runs f while no other process joins or removes files.
func (l *Lake) tend(f func() error) error {
	held, err := l.locks.Lock("compact")
	if errors.Is(err, lock.ErrLocked) {
		err = ErrLocked
	}
	if err != nil {
		return fmt.Errorf("lake %s: %w", l.Where(), err)
	}
	return errors.Join(f(), held.Close())
}

// huntLock is shared by all who look back, and held alone by who takes files away.
const huntLock = "hunt"

// swap runs f, which takes files away, while nobody looks back; else it returns ErrBusy.
func (l *Lake) swap(outer func(func() error) error, f func() error) error {
	inner := func() error {
		held, err := l.locks.Lock(huntLock)
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
