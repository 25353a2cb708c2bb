package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"marque/lake/bucket"
)

// CompactConfig says what Compact joins. The zero value works.
type CompactConfig struct {
	FileBytes int64     // files of an hour are joined up to about this size; default 256 MiB
	MinFiles  int       // hours with fewer files that could be joined are left alone; default 2
	Before    time.Time // only hours that ended before it; zero: all
	Progress  func(done, total int)
	// Swap, if set, is called with what puts a joined file in place of others, and calls it unless these are needed still.
	Swap func(do func() error) error
}

// Compacted is what a compaction did.
type Compacted struct {
	Read    int   `json:"read"`    // files joined
	Written int   `json:"written"` // files they became
	Before  int64 `json:"before"`  // bytes
	After   int64 `json:"after"`
}

// Compact joins the small files of each hour into larger ones with better compression, statistics for every column and a
// split-block Bloom filter per hash column. A new file names those it replaces in its metadata: readers leave those out, and a
// compaction that was killed between its rename and its removals is finished by the next one. Files of segments that are not settled are
// left alone. Errors: ErrLocked, ErrBusy.
func (l *Lake) Compact(ctx context.Context, cfg CompactConfig) (Compacted, error) {
	if cfg.FileBytes <= 0 {
		cfg.FileBytes = 256 << 20
	}
	cfg.MinFiles = max(cfg.MinFiles, 2)
	var out Compacted
	return out, l.tend(func() error { return l.compact(ctx, cfg, &out) })
}

func (l *Lake) compact(ctx context.Context, cfg CompactConfig, out *Compacted) error {
	list, err := l.Files(ctx)
	if err != nil {
		return err
	}
	list, replaced := l.live(ctx, list)
	err = l.swap(cfg.Swap, func() error { return l.sweepCompacted(ctx, replaced) })
	if err != nil {
		return fmt.Errorf("lake: compact: %w", err)
	}
	if list, err = l.settled(ctx, list); err != nil {
		return err
	}
	var faults []error
	groups := compactable(list, cfg)
	for i, g := range groups {
		err := ctx.Err()
		if err == nil {
			err = l.join(ctx, g, cfg.Swap, out)
		}
		if ctx.Err() != nil || errors.Is(err, ErrBusy) {
			return errors.Join(append(faults, err)...)
		}
		if err != nil {
			faults = append(faults, err)
		}
		if cfg.Progress != nil {
			cfg.Progress(i+1, len(groups))
		}
	}
	return errors.Join(faults...)
}

// sweepCompacted removes what a compaction that was killed left: files that are replaced, and half a file.
func (l *Lake) sweepCompacted(ctx context.Context, replaced []File) error {
	return errors.Join(
		l.bucket.Abandon(ctx, func(name string) bool { return strings.HasPrefix(path.Base(name), "c-") }),
		l.bucket.Delete(ctx, namesOf(replaced)...))
}

func namesOf(list []File) []string {
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.Name
	}
	return names
}

// compactable groups the files of each hour that together stay under the size.
func compactable(list []File, cfg CompactConfig) [][]File {
	var out [][]File
	var group []File
	var size int64
	flush := func() {
		if len(group) >= cfg.MinFiles {
			out = append(out, group)
		}
		group, size = nil, 0
	}
	for _, f := range list {
		if f.Bytes >= cfg.FileBytes/2 || !cfg.Before.IsZero() && f.Hour.Add(time.Hour).After(cfg.Before) {
			continue
		}
		if len(group) > 0 && (!group[0].Hour.Equal(f.Hour) || size+f.Bytes > cfg.FileBytes) {
			flush()
		}
		group, size = append(group, f), size+f.Bytes
	}
	flush()
	return out
}

// replacesKey is the metadata of a compacted file that names the files it replaces, one per line.
const replacesKey = "marque.replaces"

// join writes one file out of several and removes them.
func (l *Lake) join(ctx context.Context, group []File, swap func(func() error) error, out *Compacted) error {
	dir := path.Dir(group[0].Name)
	names := make([]string, len(group))
	var before int64
	for i, f := range group {
		names[i] = path.Base(f.Name)
		before += f.Bytes
	}
	joined := path.Join(dir, fmt.Sprintf("c-%016x%s", digestOf(names), parquetSuffix))
	to, err := l.bucket.Create(ctx, joined)
	var after int64
	if err == nil {
		after, err = l.writeJoined(ctx, to, group, names)
		if err = errors.Join(err, to.Close()); err == nil {
			err = l.swap(swap, func() error { return l.replace(ctx, to, joined, group) })
		}
		err = errors.Join(err, to.Abort())
	}
	if err != nil {
		return fmt.Errorf("lake: compact %s: %w", l.bucket.Where(dir), err)
	}
	out.Read += len(group)
	out.Written++
	out.Before += before
	out.After += after
	return nil
}

// replace gives a joined file its name and removes those it was made of.
func (l *Lake) replace(ctx context.Context, to bucket.Upload, joined string, group []File) error {
	if err := l.bucket.Commit(ctx, to); err != nil {
		return err
	}
	old := slices.DeleteFunc(namesOf(group), func(name string) bool { return name == joined })
	return l.bucket.Delete(ctx, old...)
}

// writeJoined writes the rows of several files and returns the bytes that they take.
func (l *Lake) writeJoined(ctx context.Context, to io.Writer, group []File, names []string) (int64, error) {
	options := []parquet.WriterOption{
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedDefault}),
		parquet.CreatedBy("marque", fmt.Sprint(l.meta.Version), ""),
		parquet.KeyValueMetadata("marque.seed", fmt.Sprint(l.meta.Seed)),
		parquet.KeyValueMetadata(replacesKey, strings.Join(names, "\n")),
		parquet.MaxRowsPerRowGroup(1 << 20),
	}
	f := counter{w: to}
	var filters []parquet.BloomFilterColumn
	for _, c := range hashColumns {
		filters = append(filters, parquet.SplitBlockFilter(10, c))
	}
	w := parquet.NewGenericWriter[Row](&f, append(options, parquet.BloomFilters(filters...))...)
	rows := make([]Row, 1024)
	for _, in := range group {
		err := l.read(ctx, in, func(p *parquet.File) error {
			r := parquet.NewGenericReader[Row](p)
			for {
				n, err := r.Read(rows)
				if _, werr := w.Write(rows[:n]); werr != nil {
					return errors.Join(werr, r.Close())
				}
				if errors.Is(err, io.EOF) {
					return r.Close()
				}
				if err != nil {
					return errors.Join(err, r.Close())
				}
			}
		})
		if err != nil {
			return 0, err
		}
	}
	err := w.Close()
	return f.n, err
}

// counter counts what is written.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// RetainConfig says what Retain removes.
type RetainConfig struct {
	Before time.Time // hours that ended before it go; zero: no limit
	Bytes  int64     // the oldest hours go until the lake is no larger; 0: no limit
	DryRun bool      // only say what would go
	// Swap is as in CompactConfig.
	Swap func(do func() error) error
}

// Removed is what Retain removed.
type Removed struct {
	Files int       `json:"files"`
	Bytes int64     `json:"bytes"`
	Until time.Time `json:"until"` // end of the youngest hour removed
}

// Retain removes whole hours, oldest first, by age and then by size. Errors: ErrLocked, ErrBusy.
func (l *Lake) Retain(ctx context.Context, cfg RetainConfig) (Removed, error) {
	if cfg.DryRun {
		return l.retain(ctx, cfg)
	}
	var out Removed
	err := l.tend(func() error {
		return l.swap(cfg.Swap, func() (err error) {
			out, err = l.retain(ctx, cfg)
			return err
		})
	})
	return out, err
}

func (l *Lake) retain(ctx context.Context, cfg RetainConfig) (Removed, error) {
	var out Removed
	list, err := l.Files(ctx)
	if err != nil {
		return out, err
	}
	var total int64
	for _, f := range list {
		total += f.Bytes
	}
	var hour time.Time
	going := false
	for i, f := range list {
		if i == 0 || !f.Hour.Equal(hour) {
			hour = f.Hour
			old := !cfg.Before.IsZero() && !hour.Add(time.Hour).After(cfg.Before)
			going = old || cfg.Bytes > 0 && total > cfg.Bytes
		}
		if !going {
			continue
		}
		if !cfg.DryRun {
			if err := l.bucket.Delete(ctx, f.Name); err != nil {
				return out, fmt.Errorf("lake: %w", err)
			}
		}
		total -= f.Bytes
		out.Files++
		out.Bytes += f.Bytes
		out.Until = hour.Add(time.Hour)
	}
	return out, nil
}

// live leaves out the files that a compacted file next to them replaces, which happens when a compaction was killed before it
// could remove them. It returns those as well.
func (l *Lake) live(ctx context.Context, list []File) (keep, replaced []File) {
	gone := map[string]bool{}
	for _, f := range list {
		if !strings.HasPrefix(path.Base(f.Name), "c-") {
			continue
		}
		_ = l.read(ctx, f, func(p *parquet.File) error { // a damaged file is reported by whoever reads it
			names, _ := p.Lookup(replacesKey)
			for name := range strings.SplitSeq(names, "\n") {
				gone[path.Join(path.Dir(f.Name), name)] = true
			}
			return nil
		})
	}
	for _, f := range list {
		if gone[f.Name] {
			replaced = append(replaced, f)
		} else {
			keep = append(keep, f)
		}
	}
	return keep, slices.Clip(replaced)
}
