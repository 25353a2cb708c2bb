package lake

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"

	"marque/match"
)

const (
	// groupRows is how many rows a writer holds in memory before it writes a row group.
	groupRows = 128 << 10
	// openHours is how many hours a writer keeps open: beyond it, the one unused longest is closed.
	openHours = 26
)

// segment is an uncommitted part of the lake. Its files lie under temporary names until Commit.
type segment struct {
	lake    *Lake
	name    string
	writers []*Writer
}

var (
	_ match.Keeper  = (*Lake)(nil)
	_ match.Segment = (*segment)(nil)
	_ match.Writer  = (*Writer)(nil)
)

// Begin starts a segment, see match.Keeper. The files that an earlier segment of that name left are replaced at Commit.
func (l *Lake) Begin(name string, writers int) (match.Segment, error) {
	s := &segment{lake: l, name: "e-" + sourceName(name)}
	left, err := filepath.Glob(filepath.Join(l.dir, "day=*", "hour=*", s.name+"-*"+parquetSuffix+tmpSuffix))
	for _, p := range left {
		err = errors.Join(err, os.Remove(p))
	}
	if err != nil {
		return nil, fmt.Errorf("lake: begin %s: %w", s.name, err)
	}
	for i := range writers {
		s.writers = append(s.writers, &Writer{lake: l, name: fmt.Sprintf("%s-%d", s.name, i), rower: rower{seed: l.meta.Seed}})
	}
	return s, nil
}

// Writer returns the writer for goroutine i.
func (s *segment) Writer(i int) match.Writer { return s.writers[i] }

// Commit closes the files, makes them durable and gives them their names.
func (s *segment) Commit() error {
	var made []string
	for _, w := range s.writers {
		files, err := w.close()
		made = append(made, files...)
		if err != nil {
			return errors.Join(fmt.Errorf("lake: commit %s: %w", s.name, err), s.Abort())
		}
	}
	old, err := filepath.Glob(filepath.Join(s.lake.dir, "day=*", "hour=*", s.name+"-*"+parquetSuffix))
	if err != nil {
		return fmt.Errorf("lake: commit %s: %w", s.name, err)
	}
	for _, p := range old {
		if err := os.Remove(p); err != nil {
			return fmt.Errorf("lake: commit %s: %w", s.name, err)
		}
	}
	dirs := map[string]bool{}
	for _, tmp := range made {
		if err := os.Rename(tmp, tmp[:len(tmp)-len(tmpSuffix)]); err != nil {
			return fmt.Errorf("lake: commit %s: %w", s.name, err)
		}
		dirs[filepath.Dir(tmp)] = true
	}
	for dir := range dirs {
		if err := errors.Join(syncDir(dir), syncDir(filepath.Dir(dir)), syncDir(s.lake.dir)); err != nil {
			return fmt.Errorf("lake: commit %s: %w", s.name, err)
		}
	}
	return nil
}

// Abort removes what the segment wrote.
func (s *segment) Abort() error {
	var faults []error
	for _, w := range s.writers {
		faults = append(faults, w.abort())
	}
	return errors.Join(faults...)
}

// Writer writes the events of one goroutine, one file per hour.
type Writer struct {
	lake    *Lake
	name    string
	rower   rower
	batch   []Row // of one hour
	hour    int64
	files   []*hourFile
	made    []string // closed files, under their temporary names
	number  int
	flushes int64
}

type hourFile struct {
	hour int64
	path string
	f    *os.File
	w    *parquet.GenericWriter[Row]
	rows int
	used int64
}

// batchRows is how many rows are handed to the Parquet writer at a time.
const batchRows = 512

// Append adds an event.
func (w *Writer) Append(e *match.Event) error {
	if hour := match.Hour(e.Time); hour != w.hour || len(w.batch) >= batchRows {
		if err := w.write(); err != nil {
			return err
		}
		w.hour = hour
	}
	w.batch = w.rower.rows(w.batch, e)
	return nil
}

// Flush hands over the rows that still share memory with events.
func (w *Writer) Flush() error {
	err := w.write()
	w.rower.reset()
	return err
}

func (w *Writer) write() error {
	if len(w.batch) == 0 {
		return nil
	}
	h, err := w.open(w.hour)
	if err != nil {
		return fmt.Errorf("lake: %w", err)
	}
	if _, err := h.w.Write(w.batch); err != nil {
		return fmt.Errorf("lake file %s: %w", h.path, err)
	}
	h.rows += len(w.batch)
	w.batch = w.batch[:0]
	if h.rows >= groupRows {
		h.rows = 0
		if err := h.w.Flush(); err != nil {
			return fmt.Errorf("lake file %s: %w", h.path, err)
		}
	}
	return nil
}

// open returns the file of an hour.
func (w *Writer) open(hour int64) (*hourFile, error) {
	w.flushes++
	for _, h := range w.files {
		if h.hour == hour {
			h.used = w.flushes
			return h, nil
		}
	}
	if len(w.files) >= openHours {
		oldest := slices.MinFunc(w.files, func(a, b *hourFile) int { return int(a.used - b.used) })
		w.files = slices.DeleteFunc(w.files, func(h *hourFile) bool { return h == oldest })
		if err := w.finish(oldest); err != nil {
			return nil, err
		}
	}
	dir := filepath.Join(w.lake.dir, filepath.FromSlash(time.Unix(hour, 0).UTC().Format(hourLayout)))
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, fmt.Sprintf("%s-%d%s%s", w.name, w.number, parquetSuffix, tmpSuffix))
	w.number++
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	h := &hourFile{hour: hour, path: path, f: f, used: w.flushes, w: parquet.NewGenericWriter[Row](f, freshOptions(w.lake.meta)...)}
	w.files = append(w.files, h)
	return h, nil
}

// freshOptions are for files that are written while events flow, quickly: no compression, and statistics of the time alone. Compaction
// makes up for both.
func freshOptions(m meta) []parquet.WriterOption {
	options := []parquet.WriterOption{
		parquet.Compression(&parquet.Uncompressed),
		parquet.PageBufferSize(128 << 10),
		parquet.WriteBufferSize(1 << 20),
		parquet.MaxRowsPerRowGroup(groupRows),
		parquet.CreatedBy("marque", fmt.Sprint(m.Version), ""),
		parquet.KeyValueMetadata("marque.seed", fmt.Sprint(m.Seed)),
	}
	for _, c := range sqlColumns {
		if c.name != "time" {
			options = append(options, parquet.SkipPageBounds(c.name), parquet.SkipPageStatistics(c.name))
		}
	}
	return options
}

func (w *Writer) finish(h *hourFile) error {
	w.made = append(w.made, h.path)
	err := h.w.Close()
	if err == nil {
		err = h.f.Sync()
	}
	return errors.Join(err, h.f.Close())
}

// close finishes all files and returns their temporary names.
func (w *Writer) close() ([]string, error) {
	err := w.Flush()
	for _, h := range w.files {
		err = errors.Join(err, w.finish(h))
	}
	w.files = nil
	return w.made, err
}

// abort closes and removes all files.
func (w *Writer) abort() error {
	var faults []error
	for _, h := range w.files {
		faults = append(faults, h.f.Close())
		w.made = append(w.made, h.path)
	}
	w.files = nil
	for _, p := range w.made {
		if err := os.Remove(p); err != nil && !errors.Is(err, os.ErrNotExist) {
			faults = append(faults, err)
		}
	}
	w.made = nil
	return errors.Join(faults...)
}
