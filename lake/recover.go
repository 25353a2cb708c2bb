package lake

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Discard removes what a segment left, committed or not: for a keeper who knows that the segment's counts were never kept.
func (l *Lake) Discard(segment string) error {
	return l.remove("e-" + sourceName(segment) + "-*" + parquetSuffix + "*")
}

// Sweep removes what a process that was killed left unfinished of the segments whose names begin with prefix.
func (l *Lake) Sweep(prefix string) error {
	return l.remove("e-" + sourceName(prefix) + "-*" + parquetSuffix + tmpSuffix)
}

func (l *Lake) remove(pattern string) error {
	list, err := filepath.Glob(filepath.Join(l.dir, "day=*", "hour=*", pattern))
	for _, p := range list {
		if rerr := os.Remove(p); !errors.Is(rerr, os.ErrNotExist) {
			err = errors.Join(err, rerr)
		}
	}
	if err != nil {
		return fmt.Errorf("lake: %w", err)
	}
	return nil
}

// Snapshot names the files that the lake has now, relative to its folder, for HuntConfig.Only.
func (l *Lake) Snapshot() ([]string, error) {
	list, err := l.Files()
	if err != nil {
		return nil, err
	}
	list, _ = live(list)
	names := make([]string, len(list))
	for i, f := range list {
		if names[i], err = filepath.Rel(l.dir, f.Path); err != nil {
			return nil, fmt.Errorf("lake: %w", err)
		}
	}
	return names, nil
}

// only keeps the files that are named.
func (l *Lake) only(list []File, names []string) ([]File, error) {
	named := make(map[string]bool, len(names))
	for _, n := range names {
		named[filepath.Join(l.dir, n)] = true
	}
	kept := list[:0]
	for _, f := range list {
		if named[f.Path] {
			kept = append(kept, f)
			delete(named, f.Path)
		}
	}
	var gone []error
	for path := range named {
		gone = append(gone, fmt.Errorf("lake file %s: %w", path, os.ErrNotExist))
	}
	return kept, errors.Join(gone...)
}
