package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// Sweep removes what a process that was killed left of the segments whose names begin with prefix: files under temporary
// names, and segments that the keeper of the counts does not know.
func (l *Lake) Sweep(ctx context.Context, prefix string, known func(segment string) bool) error {
	ours := func(name string) bool { return strings.HasPrefix(path.Base(name), "e-"+sourceName(prefix)+"-") }
	err := l.bucket.Abandon(ctx, ours)
	list, lerr := l.Files(ctx)
	for _, f := range list {
		if ours(f.Name) && !known(segmentOf(path.Base(f.Name))) {
			err = errors.Join(err, l.bucket.Delete(ctx, f.Name))
		}
	}
	err = errors.Join(err, lerr)
	waiting, perr := l.pending(ctx)
	err = errors.Join(err, perr)
	for name := range waiting { // what is known is settled, and of the rest nothing is left
		if strings.HasPrefix(name, sourceName(prefix)+"-") {
			err = errors.Join(err, (&segment{ctx: ctx, lake: l, name: "e-" + name}).Settle())
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

// Snapshot names the files that the lake has now, for HuntConfig.Only.
func (l *Lake) Snapshot(ctx context.Context) ([]string, error) {
	list, err := l.Files(ctx)
	if err != nil {
		return nil, err
	}
	list, _ = l.live(ctx, list)
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.Name
	}
	return names, nil
}

// only keeps the files that are named.
func (l *Lake) only(list []File, names []string) ([]File, error) {
	named := make(map[string]bool, len(names))
	for _, n := range names {
		named[filepath.ToSlash(n)] = true // as names were kept before they were those of a bucket
	}
	kept := list[:0]
	for _, f := range list {
		if named[f.Name] {
			kept = append(kept, f)
			delete(named, f.Name)
		}
	}
	var gone []error
	for name := range named {
		gone = append(gone, fmt.Errorf("lake file %s: %w", l.bucket.Where(name), fs.ErrNotExist))
	}
	return kept, errors.Join(gone...)
}
