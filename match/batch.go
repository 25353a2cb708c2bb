package match

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"marque/event"
)

// DefaultMaxLine is the longest line that is decoded unless a Config says otherwise.
const DefaultMaxLine = 1 << 20

// Writer takes the events of one goroutine, in the lake's case for good. Append copies what it keeps no later than Flush,
// which is called before the memory of the events' lines is reused.
type Writer interface {
	Append(*event.Event) error
	Flush() error
}

// Bad is a line that was refused.
type Bad struct {
	Source string       `json:"source"`
	Line   int64        `json:"line"`   // from 1
	Offset int64        `json:"offset"` // of the line in the uncompressed source
	Length int64        `json:"length"`
	Reason event.Reason `json:"reason"`
	Text   []byte       `json:"text"` // the line, or its beginning
}

// badText is how much of a refused line is kept.
const badText = 4 << 10

// Result is what one batch of lines came to. Line numbers in Bad and Hits count from 1 within the batch, offsets from its
// start. Counts and hits are complete after Settle.
type Result struct {
	Lines   int64 // blank lines included
	Events  int64
	Matched int64 // events with a hit
	Bad     []Bad
	Empty   map[string]Empty // events in which no value was found, by format
	Hits    []Hit            // nil unless the worker keeps hits
	Tally   *Tally
	Later   []Later // events that count once Settle is called

	keepHits bool
}

// Empty counts the events of a format in which no value was found, with the beginning of the first of them.
type Empty struct {
	Events int64  `json:"events"`
	Sample string `json:"sample"`
}

// maxSample is how much of a sample is kept.
const maxSample = 300

// empty counts an event in which no value was found.
func (r *Result) empty(e *event.Event) {
	if r.Empty == nil {
		r.Empty = map[string]Empty{}
	}
	got := r.Empty[e.Format]
	if got.Events++; got.Sample == "" {
		got.Sample = string(e.Line[:min(len(e.Line), maxSample)])
	}
	r.Empty[e.Format] = got
}

// Settle counts the events that are in Later. It is called for one result after the other, in the order of the source, whoever
// did the work: patterns of several events see these in their order then.
func (r *Result) Settle() {
	for i := range r.Later {
		l := &r.Later[i]
		hits := l.Settle()
		if len(hits) > 0 {
			r.count(hits, l.Line, l.Offset)
		}
	}
	if r.keepHits && len(r.Later) > 0 {
		slices.SortStableFunc(r.Hits, func(a, b Hit) int { return cmp.Compare(a.Line, b.Line) })
	}
	r.Later = r.Later[:0]
}

// count counts the hits of an event, and keeps them if they are wanted.
func (r *Result) count(hits []Hit, line, offset int64) {
	r.Matched++
	r.Tally.Count(hits)
	if r.keepHits {
		for i := range hits {
			hits[i].Line, hits[i].Offset = line, offset
		}
		r.Hits = append(r.Hits, hits...)
	}
}

func (r *Result) reset() {
	r.Lines, r.Events, r.Matched = 0, 0, 0
	clear(r.Empty)
	r.Bad, r.Hits, r.Later = r.Bad[:0], r.Hits[:0], r.Later[:0]
	if r.Tally == nil {
		r.Tally = NewTally()
	}
	r.Tally.Reset()
}

// Worker runs batches of lines through decoder, matcher and writer. One goroutine owns it; make one per core over the same Set.
// It is what files, HTTP and queues share.
type Worker struct {
	dec     *event.Decoder
	match   *Matching
	cfg     WorkerConfig
	pending pending
}

// pending is an event that is decoded and prepared, and looked up once the next one is.
type pending struct {
	event *event.Event // nil: none
	line  int64
}

// WorkerConfig is how a worker works. The zero value counts, and keeps nothing.
type WorkerConfig struct {
	Out      Writer           // where events go; nil: nowhere
	MaxLine  int              // longer lines are refused; default DefaultMaxLine
	KeepHits bool             // the hits themselves are wanted, beside their tally
	Now      func() time.Time // the clock, see event.Plausible; nil: time.Now
}

// NewWorker returns a worker.
func NewWorker(formats *event.Formats, set *Set, cfg WorkerConfig) *Worker {
	if cfg.MaxLine <= 0 {
		cfg.MaxLine = DefaultMaxLine
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	w := &Worker{dec: event.NewDecoder(formats), match: NewMatching(set), cfg: cfg}
	if cfg.KeepHits {
		w.match.Tell()
	}
	return w
}

// Suppressed returns, by allow-list, how many hits were dropped so far.
func (w *Worker) Suppressed() map[string]uint64 { return w.match.Suppressed() }

// Do reads the lines of data, of which the last needs no newline, and fills r, reusing its memory. An error comes from the
// writer only: bad lines are part of the result.
func (w *Worker) Do(data []byte, r *Result) error {
	r.reset()
	r.keepHits = w.cfg.KeepHits
	w.dec.Within(event.Plausible(w.cfg.Now()))
	w.pending = pending{}
	for offset := 0; offset < len(data); {
		block := w.dec.Begin(data[offset:])
		for start := 0; start < len(block); {
			r.Lines++
			next, err := w.line(start, int64(offset+start), r)
			if err != nil {
				return err
			}
			start = next
		}
		offset += len(block)
	}
	w.match.turn()
	if err := w.finish(w.pending, r); err != nil {
		return err
	}
	if w.cfg.Out != nil {
		return w.cfg.Out.Flush()
	}
	return nil
}

// line reads the line that begins at start and returns where the next one does.
func (w *Worker) line(start int, offset int64, r *Result) (next int, err error) {
	e, line, next, reason := w.dec.Next(start, w.cfg.MaxLine)
	if e == nil && reason == "" {
		return next, nil // a blank line
	}
	if reason != "" {
		r.Bad = append(r.Bad, Bad{Line: r.Lines, Offset: offset, Length: int64(len(line)), Reason: reason, Text: bytes.Clone(line[:min(len(line), badText)])})
		return next, nil
	}
	r.Events++
	if len(e.Observables) == 0 {
		r.empty(e)
	}
	e.Offset = offset
	last := w.pending
	w.pending = pending{e, r.Lines}
	w.match.turn()
	w.match.prepare(e)
	return next, w.finish(last, r)
}

// finish looks an event up, counts its hits and keeps it.
func (w *Worker) finish(p pending, r *Result) error {
	e := p.event
	if e == nil {
		return nil
	}
	hits, later := w.match.lookUp(e)
	if later != nil {
		later.Line = p.line
		r.Later = append(r.Later, *later)
	} else if len(hits) > 0 {
		r.count(hits, p.line, e.Offset)
	}
	if w.cfg.Out != nil {
		return w.cfg.Out.Append(e)
	}
	return nil
}
