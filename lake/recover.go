package lake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Sweep removes what a process that was killed left of the segments whose names begin with prefix: files under temporary
// names, and segments that the keeper of the counts does not know.
func (l *Lake) Sweep(ctx context.Context, prefix string, known func(segment string) bool) error {
	list, err := filepath.Glob(filepath.Join(l.dir, "day=*", "hour=*", "e-"+sourceName(prefix)+"-*"+parquetSuffix+"*"))
	for _, p := range list {
		if ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		name, temporary := strings.CutSuffix(filepath.Base(p), tmpSuffix)
		if !temporary && known(segmentOf(name)) {
			continue
		}
		if rerr := os.Remove(p); !errors.Is(rerr, os.ErrNotExist) {
			err = errors.Join(err, rerr)
		}
	}
	waiting, perr := l.pending()
	err = errors.Join(err, perr)
	for name := range waiting { // what is known is settled, and of the rest nothing is left
		if strings.HasPrefix(name, sourceName(prefix)+"-") {
			err = errors.Join(err, (&segment{lake: l, name: "e-" + name}).Settle())
		}
	}
	if err != nil {
		return fmt.Errorf("lake: %w", err)
	}
	return nil
}

// segmentOf takes a segment's name out of a file's, which has the numbers of writer and file behind it.
func segmentOf(name string) string {
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(name, "e-"), parquetSuffix), "-")
	return strings.Join(parts[:max(len(parts)-2, 0)], "-")
}

// Snapshot names the files that the lake has now, relative to its folder, for HuntConfig.Only.
func (l *Lake) Snapshot(ctx context.Context) ([]string, error) {
	list, err := l.Files(ctx)
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
