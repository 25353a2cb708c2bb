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

// blockBytes is how much text is indexed at a time: as much as the nearest cache holds together with the index.
const blockBytes = 32 << 10

// Do reads the lines of data, of which the last needs no newline, and fills r, reusing its memory. An error comes from the
// writer only: bad lines are part of the result.
func (w *Worker) Do(data []byte, r *Result) error {
	r.reset()
	w.pending = pending{}
	for offset := 0; offset < len(data); {
		block := wholeLines(data[offset:], blockBytes)
		w.dec.scan.Begin(block)
		for start := 0; start < len(block); {
			r.Lines++
			next, err := w.line(block, start, int64(offset+start), r)
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
	if w.out != nil {
		return w.out.Flush()
	}
	return nil
}

// wholeLines returns the lines at the beginning of data that fit in size bytes, or the first line if it does not.
func wholeLines(data []byte, size int) []byte {
	if len(data) <= size {
		return data
	}
	if n := bytes.LastIndexByte(data[:size], '\n'); n >= 0 {
		return data[:n+1]
	}
	if n := bytes.IndexByte(data[size:], '\n'); n >= 0 {
		return data[:size+n+1]
	}
	return data
}

// line reads the line that begins at start and returns where the next one does. Lines of a known shape need no search for
// their end.
func (w *Worker) line(block []byte, start int, offset int64, r *Result) (next int, err error) {
	vals, end := w.dec.scan.Follow(start)
	known := end >= 0
	if !known {
		end = lineEnd(block, start)
	}
	line, next := block[start:end], nextLine(block, end)
	var e *Event
	reason := BadLength
	switch {
	case !known && len(bytes.TrimSpace(line)) == 0:
		return next, nil
	case len(line) > w.maxLine:
	case known:
		e, reason = w.dec.event(line, vals)
	default:
		e, reason = w.dec.parse(start, line)
	}
	if reason != "" {
		r.Bad = append(r.Bad, Bad{Line: r.Lines, Offset: offset, Length: int64(len(line)), Reason: reason, Text: bytes.Clone(line[:min(len(line), badText)])})
		return next, nil
	}
	r.Events++
	e.Offset = offset
	last := w.pending
	w.pending = pending{e, r.Lines}
	w.match.turn()
	w.match.prepare(e)
	return next, w.finish(last, r)
}

// lineEnd returns the end of the line that begins at start, its newline or carriage return and newline excluded.
func lineEnd(block []byte, start int) int {
	end := len(block)
	if n := bytes.IndexByte(block[start:], '\n'); n >= 0 {
		end = start + n
	}
	if end > start && block[end-1] == '\r' {
		end--
	}
	return end
}

// nextLine returns the beginning of the line after the one that ends at end.
func nextLine(block []byte, end int) int {
	if end < len(block) && block[end] == '\r' {
		end++
	}
	return min(end+1, len(block))
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
