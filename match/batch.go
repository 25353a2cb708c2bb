package match

import (
	"bytes"
)

// DefaultMaxLine is the longest line that is decoded unless a Config says otherwise.
const DefaultMaxLine = 1 << 20

// Writer takes the events of one goroutine, in the lake's case for good. Append copies what it keeps no later than Flush,
// which is called before the memory of the events' lines is reused.
type Writer interface {
	Append(*Event) error
	Flush() error
}

// Bad is a line that was refused.
type Bad struct {
	Source string `json:"source"`
	Line   int64  `json:"line"`   // from 1
	Offset int64  `json:"offset"` // of the line in the uncompressed source
	Length int64  `json:"length"`
	Reason Reason `json:"reason"`
	Text   []byte `json:"text"` // the line, or its beginning
}

// badText is how much of a refused line is kept.
const badText = 4 << 10

// Result is what one batch of lines came to. Line numbers in Bad and Hits count from 1 within the batch, offsets from its
// start.
type Result struct {
	Lines   int64 // blank lines included
	Events  int64
	Matched int64 // events with a hit
	Bad     []Bad
	Hits    []Hit // nil unless the worker keeps hits
	Tally   *Tally
}

func (r *Result) reset() {
	r.Lines, r.Events, r.Matched = 0, 0, 0
	r.Bad, r.Hits = r.Bad[:0], r.Hits[:0]
	if r.Tally == nil {
		r.Tally = NewTally()
	}
	r.Tally.Reset()
}

// Worker runs batches of lines through decoder, matcher and writer. One goroutine owns it; make one per core over the same Set.
// It is what files, HTTP and queues share.
type Worker struct {
	dec      *Decoder
	match    *Matching
	out      Writer
	maxLine  int
	keepHits bool
	pending  pending
}

// pending is an event that is decoded and prepared, and looked up once the next one is.
type pending struct {
	event *Event // nil: none
	line  int64
}

// NewWorker returns a worker. out may be nil; keepHits asks for the hits themselves beside their tally.
func NewWorker(formats *Formats, set *Set, out Writer, maxLine int, keepHits bool) *Worker {
	if maxLine <= 0 {
		maxLine = DefaultMaxLine
	}
	return &Worker{dec: NewDecoder(formats), match: NewMatching(set), out: out, maxLine: maxLine, keepHits: keepHits}
}

// Suppressed returns, by allow-list, how many hits were dropped so far.
func (w *Worker) Suppressed() map[string]uint64 { return w.match.Suppressed() }

// Do reads the lines of data, of which the last needs no newline, and fills r, reusing its memory. An error comes from the
// writer only: bad lines are part of the result.
func (w *Worker) Do(data []byte, r *Result) error {
	r.reset()
	w.pending = pending{}
	for start := 0; start < len(data); {
		end, next := len(data), len(data)
		if n := bytes.IndexByte(data[start:], '\n'); n >= 0 {
			end, next = start+n, start+n+1
		}
		r.Lines++
		if err := w.line(data[start:end], int64(start), r); err != nil {
			return err
		}
		start = next
	}
	w.match.turn()
	if err := w.finish(w.pending, r); err != nil {
		return err
	}
	if w.out != nil {
		return w.out.Flush()
	}
	return nil
}

func (w *Worker) line(line []byte, offset int64, r *Result) error {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	if len(line) == 0 || line[0] <= ' ' && len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	var e *Event
	reason := BadLength
	if len(line) <= w.maxLine {
		e, reason = w.dec.Decode(line)
	}
	if reason != "" {
		r.Bad = append(r.Bad, Bad{Line: r.Lines, Offset: offset, Length: int64(len(line)), Reason: reason, Text: bytes.Clone(line[:min(len(line), badText)])})
		return nil
	}
	r.Events++
	e.Offset = offset
	last := w.pending
	w.pending = pending{e, r.Lines}
	w.match.turn()
	w.match.prepare(e)
	return w.finish(last, r)
}

// finish looks an event up, counts its hits and keeps it.
func (w *Worker) finish(p pending, r *Result) error {
	e := p.event
	if e == nil {
		return nil
	}
	hits := w.match.lookUp(e)
	if len(hits) > 0 {
		r.Matched++
		r.Tally.Count(hits)
		if w.keepHits {
			for i := range hits {
				hits[i].Line, hits[i].Offset = p.line, e.Offset
			}
			r.Hits = append(r.Hits, hits...)
		}
	}
	if w.out != nil {
		return w.out.Append(e)
	}
	return nil
}
