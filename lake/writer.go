package lake

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"marque/event"
	"marque/lake/bucket"
	"marque/match"
)

const (
	// heldBytes is how much a writer holds in memory before it writes the largest of its row groups.
	heldBytes = 64 << 20
	// syncBytes is how much of a file is written until it is made durable.
	syncBytes = 32 << 20
	// maxGroups is how many row groups a file has at most.
	maxGroups = 1000
	// openHours is how many hours a writer keeps open: beyond it, the one unused longest is closed.
	openHours = 200
)

// segment is an uncommitted part of the lake: uploads, until Commit.
type segment struct {
	ctx     context.Context // of Begin, without its end: what was begun is ended in any case
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
func (l *Lake) Begin(ctx context.Context, name string, writers int) (match.Segment, error) {
	s := &segment{ctx: context.WithoutCancel(ctx), lake: l, name: "e-" + sourceName(name)}
	err := l.bucket.Abandon(ctx, s.has)
	if err = errors.Join(err, ctx.Err()); err != nil {
		return nil, fmt.Errorf("lake: begin %s: %w", s.name, err)
	}
	for i := range writers {
		s.writers = append(s.writers, &Writer{ctx: s.ctx, lake: l, name: fmt.Sprintf("%s-%d", s.name, i)})
	}
	return s, nil
}

// has tells whether a file is one of the segment's, or of an earlier one of its name.
func (s *segment) has(name string) bool { return strings.HasPrefix(path.Base(name), s.name+"-") }

// Writer returns the writer for goroutine i.
func (s *segment) Writer(i int) match.Writer { return s.writers[i] }

// Commit closes the files, makes them durable and gives them their names; a context that has ended keeps it from beginning.
func (s *segment) Commit(ctx context.Context) error {
	made, err := s.close()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("lake: commit %s: %w", s.name, err), s.Abort())
	}
	err = bucket.Put(s.ctx, s.lake.bucket, s.marker(), nil)
	var old []string
	if err == nil {
		old, err = s.files()
	}
	if err == nil {
		err = s.lake.bucket.Delete(s.ctx, old...)
	}
	if err == nil {
		err = s.lake.bucket.Commit(s.ctx, made...)
	}
	if err != nil {
		return fmt.Errorf("lake: commit %s: %w", s.name, err)
	}
	return nil
}

// files are those that an earlier segment of the name left.
func (s *segment) files() (names []string, err error) {
	list, err := s.lake.Files(s.ctx)
	for _, f := range list {
		if s.has(f.Name) {
			names = append(names, f.Name)
		}
	}
	return names, err
}

// close finishes the files of all writers at the same time.
func (s *segment) close() ([]bucket.Upload, error) {
	var group sync.WaitGroup
	faults := make([]error, len(s.writers))
	for i, w := range s.writers {
		group.Go(func() { faults[i] = w.close() })
	}
	group.Wait()
	var made []bucket.Upload
	for _, w := range s.writers {
		made = append(made, w.made...)
	}
	return made, errors.Join(faults...)
}

// Abort removes what the segment wrote.
func (s *segment) Abort() error {
	var faults []error
	for _, w := range s.writers {
		faults = append(faults, w.abort())
	}
	if old, err := s.files(); err == nil && len(old) == 0 { // else the files of a segment that was cut off stay pending
		faults = append(faults, s.Settle())
	}
	return errors.Join(faults...)
}

// Writer writes the events of one goroutine, one file per hour.
type Writer struct {
	ctx    context.Context // of the segment
	lake   *Lake
	name   string
	parts  []cells // of the event at hand
	files  []*hourFile
	last   *hourFile       // of the event before
	held   int             // bytes of all groups
	made   []bucket.Upload // of finished files
	number int
	rows   int64
	closer closer
}

type hourFile struct {
	hour   int64 // in seconds
	from   int64 // the same in nanoseconds
	name   string
	w      *columnWriter
	synced int64  // bytes
	g      *group // nil: no rows wait
	used   int64  // rows of the writer when it was last turned to or away from
}

// Append adds an event. All of it is copied.
func (w *Writer) Append(e *event.Event) error {
	h := w.last
	if h == nil || e.Time < h.from || e.Time >= h.from+int64(time.Hour) || len(h.w.groups) >= maxGroups {
		var err error
		if h, err = w.open(match.Hour(e.Time)); err != nil {
			return fmt.Errorf("lake: %w", err)
		}
		w.last = h
	}
	w.parts = append(w.parts[:0], cells{})
	for i := range e.Observables {
		o, placed := &e.Observables[i], false
		for k := 0; k < len(w.parts) && !placed; k++ {
			placed = w.parts[k].place(o)
		}
		if !placed {
			w.parts = append(w.parts, cells{})
			w.parts[len(w.parts)-1].place(o)
		}
	}
	for part := range w.parts {
		if err := w.row(h, e, part); err != nil {
			return err
		}
	}
	if w.held < heldBytes {
		return nil
	}
	return w.write(slices.MaxFunc(w.files, func(a, b *hourFile) int { return a.size() - b.size() }))
}

// row adds a row of an event.
func (w *Writer) row(h *hourFile, e *event.Event, part int) error {
	if h.g == nil {
		if err := w.tidy(); err != nil {
			return err
		}
		h.g = w.lake.groups.Get().(*group)
	}
	w.rows++
	before := h.g.bytes
	h.g.add(e, int32(part), &w.parts[part], w.lake.meta.Seed)
	w.held += h.g.bytes - before
	if h.g.full() {
		return w.write(h)
	}
	return nil
}

// tidy writes the groups of hours that are over, as far as the order of events tells, so that another hour takes their memory.
func (w *Writer) tidy() error {
	for _, h := range w.files {
		if h.g == nil || w.rows-h.used < groupRows {
			continue
		}
		if err := w.write(h); err != nil {
			return err
		}
	}
	return nil
}

// Flush implements match.Writer: nothing of an event is shared.
func (w *Writer) Flush() error { return nil }

func (h *hourFile) size() int {
	if h.g == nil {
		return 0
	}
	return h.g.bytes
}

// write writes the group of a file.
func (w *Writer) write(h *hourFile) error {
	if h.g == nil {
		return nil
	}
	err := h.w.group(h.g)
	w.drop(h)
	if err != nil {
		return fmt.Errorf("lake file %s: %w", w.lake.bucket.Where(h.name), err)
	}
	if h.w.at-h.synced >= syncBytes {
		h.synced = h.w.at
		w.closer.do(h.w.f.Sync) // meanwhile, so that the end need not wait for all of it
	}
	return nil
}

// drop gives the group's memory back.
func (w *Writer) drop(h *hourFile) {
	if h.g != nil {
		w.held -= h.g.bytes
		h.g.reset()
		w.lake.groups.Put(h.g)
		h.g = nil
	}
}

// open returns the file of an hour.
func (w *Writer) open(hour int64) (*hourFile, error) {
	if w.last != nil {
		w.last.used = w.rows
		w.last = nil
	}
	for _, h := range w.files {
		if h.hour == hour && len(h.w.groups) < maxGroups {
			h.used = w.rows
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
	name := fmt.Sprintf("%s/%s-%d%s", time.Unix(hour, 0).UTC().Format(hourLayout), w.name, w.number, parquetSuffix)
	w.number++
	f, err := w.lake.bucket.Create(w.ctx, name)
	if err != nil {
		return nil, err
	}
	c, err := newColumnWriter(f, w.lake.layout)
	if err != nil {
		return nil, errors.Join(err, f.Abort())
	}
	h := &hourFile{hour: hour, from: hour * int64(time.Second), name: name, used: w.rows, w: c}
	w.files = append(w.files, h)
	return h, nil
}

// finish completes a file, and makes it durable while others are written.
func (w *Writer) finish(h *hourFile) error {
	w.made = append(w.made, h.w.f)
	err := w.write(h)
	if err == nil {
		err = h.w.finish(w.lake.meta)
	}
	if err != nil {
		return err
	}
	w.closer.do(h.w.f.Close)
	return nil
}

// closer runs functions in the background and keeps their errors.
type closer struct {
	group  sync.WaitGroup
	mu     sync.Mutex
	faults []error
}

func (c *closer) do(f func() error) {
	c.group.Go(func() {
		if err := f(); err != nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.faults = append(c.faults, err)
		}
	})
}

func (c *closer) wait() error {
	c.group.Wait()
	return errors.Join(c.faults...)
}

// close finishes all files.
func (w *Writer) close() error {
	var faults []error
	for _, h := range w.files {
		faults = append(faults, w.finish(h))
	}
	w.files = nil
	return errors.Join(append(faults, w.closer.wait())...)
}

// abort drops all files.
func (w *Writer) abort() error {
	_ = w.closer.wait() // what could not be written is dropped
	var faults []error
	for _, h := range w.files {
		w.drop(h)
		w.made = append(w.made, h.w.f)
	}
	w.files = nil
	for _, f := range w.made {
		faults = append(faults, f.Abort())
	}
	w.made = nil
	return errors.Join(faults...)
}
