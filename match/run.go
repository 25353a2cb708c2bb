package match

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"sync"
	"time"

	"marque/event"
)

// Keeper keeps events, segment by segment. Begin is given a name that is the same whenever the same part of the same source is
// read: a segment that was begun or committed before under that name MUST be replaced, so that a run that was killed and
// resumed keeps nothing twice.
type Keeper interface {
	Begin(ctx context.Context, segment string, writers int) (Segment, error)
}

// Segment is a part of a run whose events are kept together.
type Segment interface {
	Writer(i int) Writer              // for goroutine i
	Commit(ctx context.Context) error // makes everything durable and visible; all writers are flushed
	Settle() error                    // after Commit: the counts are durable as well, so this segment is never begun again
	Abort() error
}

// Config is how Run reads. The zero value works.
type Config struct {
	Workers      int   // default: GOMAXPROCS
	ChunkBytes   int   // of memory for each worker, default 1 MiB; longer lines are refused without being read into it
	MaxLine      int   // default 1 MiB
	SegmentBytes int64 // uncompressed bytes between two commits, default 4 GiB

	Hit      func(Hit)                      // each hit, in the order of the source
	Bad      func(Bad)                      // each refused line, in the order of the source: the quarantine
	Keep     Keeper                         // where events go, or nil
	Commit   func(Checkpoint, *Tally) error // after each segment: its counts, to be stored together with the checkpoint
	Progress func(Stats)                    // every half second, and at the end
	Failed   func(source string, err error) // a source that could not be read to its end; the others go on

	// Now is the clock, for Elapsed and for telling which events cannot be true (event.Plausible). Default: time.Now.
	Now func() time.Time
}

// Stats is what a run came to so far.
type Stats struct {
	Sources    int                    `json:"sources"`
	Failed     int                    `json:"failed"`
	Bytes      int64                  `json:"bytes"` // uncompressed
	ReadBytes  int64                  `json:"read"`  // of the files, as they lie on disk
	TotalBytes int64                  `json:"total"` // of all files, 0 if unknown
	Lines      int64                  `json:"lines"`
	Events     int64                  `json:"events"`
	Matched    int64                  `json:"matched"` // events with a hit
	Bad        map[event.Reason]int64 `json:"bad,omitempty"`
	Empty      map[string]Empty       `json:"empty,omitempty"` // events in which no value was found, by format
	Suppressed map[string]uint64      `json:"suppressed,omitempty"`
	Elapsed    time.Duration          `json:"elapsed_ns"`
}

func (c *Config) defaults() {
	if c.Workers <= 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.ChunkBytes <= 0 {
		c.ChunkBytes = 1 << 20
	}
	c.ChunkBytes = max(c.ChunkBytes, badText)
	if c.MaxLine <= 0 {
		c.MaxLine = DefaultMaxLine
	}
	if c.SegmentBytes <= 0 {
		c.SegmentBytes = 4 << 30
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}

// Run reads the sources one after the other, each in parallel, matches every event against set and returns the counts. The
// result does not depend on the number of workers. A source that fails is reported and the next one read; the error is ctx's, a
// callback's or a Keeper's, or joins what failed.
func Run(ctx context.Context, sources []Source, formats *event.Formats, set *Set, cfg Config) (Stats, *Tally, error) {
	cfg.defaults()
	r := &run{cfg: cfg, formats: formats, set: set, total: NewTally(), start: cfg.Now()}
	r.stats.Bad, r.stats.Empty = map[event.Reason]int64{}, map[string]Empty{}
	r.stats.Suppressed = map[string]uint64{}
	for range cfg.Workers {
		r.buffers = append(r.buffers, make([]byte, cfg.ChunkBytes))
	}
	r.results = make(chan *Result, 4*cfg.Workers)
	for range cap(r.results) {
		r.results <- new(Result)
	}
	var faults []error
	for i := range sources {
		r.stats.Sources++
		err := r.source(ctx, &sources[i])
		if err == nil {
			continue
		}
		if ctx.Err() != nil || errors.Is(err, errKeep) {
			return r.finish(), r.total, err
		}
		r.stats.Failed++
		if cfg.Failed != nil {
			cfg.Failed(sources[i].Path, err)
		}
		faults = append(faults, err)
	}
	return r.finish(), r.total, errors.Join(faults...)
}

// errKeep marks errors after which going on would lose events.
var errKeep = errors.New("keep events")

// run is the state of one Run; all but results and the workers' own belong to the collecting goroutine.
type run struct {
	cfg     Config
	formats *event.Formats
	set     *Set
	total   *Tally
	stats   Stats
	start   time.Time
	told    time.Time
	buffers [][]byte     // one for each worker, which reads, indexes and decodes in its core's own cache
	results chan *Result // free ones: how far workers may run ahead of the collector
	base    int64        // bytes read of the sources before
	raw     *counter     // of the source being read
}

func (r *run) finish() Stats {
	r.tell(true)
	s := r.stats
	s.Bad, s.Empty = maps.Clone(s.Bad), maps.Clone(s.Empty)
	return s
}

func (r *run) tell(force bool) {
	now := r.cfg.Now()
	r.stats.Elapsed = now.Sub(r.start)
	if r.cfg.Progress == nil || !force && now.Sub(r.told) < 500*time.Millisecond {
		return
	}
	r.told = now
	r.cfg.Progress(r.stats)
}

// source reads one source, segment by segment.
func (r *run) source(ctx context.Context, s *Source) error {
	if s.From.Done {
		return nil
	}
	st, err := s.open(r.formats)
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	r.stats.TotalBytes += st.size
	r.base, r.raw = r.stats.ReadBytes, st.raw
	c := &chunker{st: st, size: r.cfg.ChunkBytes, offset: s.From.Offset, live: s.Live}
	point := s.From
	point.Path, point.Head, point.Digest = s.Path, int64(len(st.head)), Digest(st.head)
	for !point.Done && err == nil {
		err = r.segment(ctx, c, &point)
		r.stats.ReadBytes = r.base + r.raw.n.Load()
	}
	if cerr := st.close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("read events: %s: %w", s.Path, err)
	}
	return nil
}

// done is a chunk that a worker has finished.
type done struct {
	chunk
	result *Result
	err    error
}

// job is a chunk for a worker, with the result to fill.
type job struct {
	chunk
	more   bool // there is a chunk
	result *Result
}

// segment reads up to SegmentBytes, commits them and moves the checkpoint. What was read before an error of the source is
// committed too.
func (r *run) segment(ctx context.Context, c *chunker, point *Checkpoint) error {
	var keep Segment
	if r.cfg.Keep != nil {
		var err error
		name := fmt.Sprintf("%s-%d", point.Digest[len("xxh3:"):], point.Offset)
		if keep, err = r.cfg.Keep.Begin(ctx, name, r.cfg.Workers); err != nil {
			return fmt.Errorf("%w: %w", errKeep, err)
		}
	}
	counts := NewTally()
	next := *point
	readErr, workErr := r.process(ctx, c, keep, &next, counts)
	if workErr == nil {
		workErr = ctx.Err()
	}
	if workErr != nil {
		if keep != nil {
			workErr = errors.Join(workErr, keep.Abort())
		}
		return fmt.Errorf("%w: %w", errKeep, workErr)
	}
	next.Offset, next.Beginning = c.offset, c.st.text.text
	next.Done = errors.Is(readErr, io.EOF)
	if keep != nil {
		if err := keep.Commit(ctx); err != nil {
			return fmt.Errorf("%w: %w", errKeep, err)
		}
	}
	r.total.Merge(counts)
	if r.cfg.Commit != nil {
		if err := r.cfg.Commit(next, counts); err != nil {
			return fmt.Errorf("%w: %w", errKeep, err)
		}
	}
	if keep != nil {
		if err := keep.Settle(); err != nil {
			return fmt.Errorf("%w: %w", errKeep, err)
		}
	}
	*point = next
	if next.Done {
		return nil
	}
	return readErr
}

// process runs the chunks of one segment through the workers and collects their results in order.
func (r *run) process(ctx context.Context, c *chunker, keep Segment, point *Checkpoint, counts *Tally) (readErr, workErr error) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	f := &feed{c: c, until: c.offset + r.cfg.SegmentBytes}
	out := make(chan done, cap(r.results))
	var workers sync.WaitGroup
	ws := make([]*Worker, r.cfg.Workers)
	first := make([]job, len(ws)) // each has a part of a short source too
	for i := range ws {
		var w Writer
		if keep != nil {
			w = keep.Writer(i)
		}
		ws[i] = NewWorker(r.formats, r.set, WorkerConfig{Out: w, MaxLine: r.cfg.MaxLine, KeepHits: r.cfg.Hit != nil, Now: r.cfg.Now})
		first[i].result = <-r.results
		first[i].chunk, first[i].more = f.next(inner, r.buffers[i])
	}
	for i, j := range first { // when all have theirs: the first ones would use up the results before anybody collects
		workers.Go(func() {
			for j.more {
				err := ws[i].Do(j.data, j.result)
				out <- done{j.chunk, j.result, err}
				j.result = <-r.results // before the chunk, so that the one all others wait for is never without
				j.chunk, j.more = f.next(inner, r.buffers[i])
			}
			r.results <- j.result
		})
	}
	go func() {
		workers.Wait()
		close(out)
	}()
	waiting := map[int64]done{}
	seq := int64(0)
	for d := range out {
		waiting[d.seq] = d
		for d, ok := waiting[seq]; ok; d, ok = waiting[seq] {
			delete(waiting, seq)
			seq++
			if d.err != nil && workErr == nil {
				workErr = d.err
				cancel()
			}
			r.collect(&d, point, counts)
			r.results <- d.result
		}
	}
	for _, w := range ws {
		for list, n := range w.Suppressed() {
			r.stats.Suppressed[list] += n
		}
	}
	return f.err, workErr
}

// feed hands the chunks of a segment to whoever is free.
type feed struct {
	mu    sync.Mutex
	c     *chunker
	until int64 // the segment ends with the first chunk that reaches this offset
	seq   int64
	err   error // why there is no more: nil at the segment's end
}

// next reads the next chunk into buf.
func (f *feed) next(ctx context.Context, buf []byte) (ch chunk, more bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil || f.c.offset >= f.until {
		return ch, false
	}
	if f.err = ctx.Err(); f.err != nil {
		return ch, false
	}
	ch.seq = f.seq
	if ch.data, ch.offset, ch.skip, f.err = f.c.next(buf); f.err != nil {
		return ch, false
	}
	f.seq++
	return ch, true
}

// collect adds a finished chunk to the segment, giving its lines their place in the source.
func (r *run) collect(d *done, point *Checkpoint, counts *Tally) {
	res := d.result
	if d.skip != nil {
		res.Lines = 1
		d.skip.Line = 1
		d.skip.Offset = 0
		res.Bad = append(res.Bad, *d.skip)
	}
	for i := range res.Bad {
		b := &res.Bad[i]
		r.stats.Bad[b.Reason]++
		b.Source, b.Line, b.Offset = point.Path, b.Line+point.Line, b.Offset+d.offset
		if r.cfg.Bad != nil {
			r.cfg.Bad(*b)
		}
	}
	res.Settle()
	for i := range res.Hits {
		h := &res.Hits[i]
		h.Source, h.Line, h.Offset = point.Path, h.Line+point.Line, h.Offset+d.offset
		r.cfg.Hit(*h)
	}
	counts.Merge(res.Tally)
	point.Line += res.Lines
	r.stats.Lines += res.Lines
	r.stats.Events += res.Events
	for format, n := range res.Empty {
		all := r.stats.Empty[format]
		r.stats.Empty[format] = Empty{Events: all.Events + n.Events, Sample: cmp.Or(all.Sample, n.Sample)}
	}
	r.stats.Matched += res.Matched
	r.stats.ReadBytes = r.base + r.raw.n.Load()
	r.stats.Bytes += int64(len(d.data))
	r.tell(false)
}
