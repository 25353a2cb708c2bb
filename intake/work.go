package intake

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"marque/event"
	"marque/match"
)

// piece is some lines of a segment.
type piece struct {
	number int    // within the segment, from 0
	name   string // for the quarantine: subject and sequence number, or a path
	packed packing
	data   []byte
	offset int64 // of data in the file; lines count on from piece to piece
	text   bool  // lines of a file, unpacked already
}

// packing says how a message's lines are packed.
type packing string

const (
	plain packing = ""   // gzip and zstd are told from the first bytes
	inS2  packing = "s2" // a block, which has no mark of its own
)

// maxMessage bounds a message when it is unpacked.
const maxMessage = 16 << 20

// outcome is what a segment came to.
type outcome struct {
	tally    *match.Tally
	counters map[string]int64
	bad      []match.Bad
	hits     []match.Hit // where they are told
	lines    int64
}

// work runs the pieces of one segment through matchers and the lake's writers.
type work struct {
	in      chan piece
	keep    match.Segment // nil: no lake
	tell    bool
	workers []*worker
	group   sync.WaitGroup
	cells   atomic.Int64 // of all tallies
	failed  atomic.Bool
}

type worker struct {
	w       *match.Worker
	unpack  unpacker
	tally   *match.Tally
	cells   int
	parts   []part
	matched int64
	later   int // events and hits
	err     error
}

// part is what is known of one piece.
type part struct {
	number int
	name   string
	offset int64
	lines  int64
	events int64
	bad    []match.Bad
	hits   []match.Hit
	later  []match.Later
}

// maxCells is how many counts a segment may have before it is committed.
const maxCells = 400_000

// newWork begins a segment. Tell says that its hits are told, and not only counted.
func newWork(d Deps, cfg Config, keep match.Segment, tell bool) *work {
	k := &work{in: make(chan piece, 2*cfg.Workers), keep: keep, tell: tell}
	for i := range cfg.Workers {
		var out match.Writer
		if keep != nil {
			out = keep.Writer(i)
		}
		w := &worker{w: match.NewWorker(d.Formats, d.Set, match.WorkerConfig{Out: out, MaxLine: cfg.MaxLine, KeepHits: tell, Now: cfg.now}), tally: match.NewTally()}
		k.workers = append(k.workers, w)
		k.group.Go(func() { k.run(w) })
	}
	return k
}

func (k *work) run(w *worker) {
	var res match.Result
	for p := range k.in {
		if w.err != nil {
			continue // drain
		}
		data, err := p.data, error(nil)
		if !p.text {
			data, err = w.unpack.lines(p.packed, p.data)
		}
		if err != nil {
			w.parts = append(w.parts, part{number: p.number, name: p.name, lines: 1, bad: []match.Bad{{
				Line: 1, Length: int64(len(p.data)), Reason: event.BadEncoding, Text: bytes.Clone(p.data[:min(len(p.data), 4<<10)]),
			}}})
			continue
		}
		if err := w.w.Do(data, &res); err != nil {
			w.err = err
			k.failed.Store(true)
			continue
		}
		w.parts = append(w.parts, part{number: p.number, name: p.name, offset: p.offset, lines: res.Lines, events: res.Events, bad: slices.Clone(res.Bad), hits: slices.Clone(res.Hits), later: slices.Clone(res.Later)})
		w.matched += res.Matched
		w.tally.Merge(res.Tally)
		w.later += len(res.Later) + len(res.Hits)
		cells := len(w.tally.Rollup) + len(w.tally.Sightings) + w.later
		k.cells.Add(int64(cells - w.cells))
		w.cells = cells
	}
}

// full reports whether the segment has to end: too many counts, or a fault.
func (k *work) full() bool { return k.cells.Load() >= maxCells || k.failed.Load() }

// finish waits for the workers and joins what they found. Lines are counted from line on where pieces are parts of one file.
func (k *work) finish(line int64, file bool) (*outcome, error) {
	close(k.in)
	k.group.Wait()
	out := &outcome{tally: match.NewTally(), counters: map[string]int64{}}
	var faults []error
	var parts []part
	for _, w := range k.workers {
		faults = append(faults, w.err)
		parts = append(parts, w.parts...)
		out.tally.Merge(w.tally)
		out.counters["matched"] += w.matched
		for list, n := range w.w.Suppressed() {
			out.counters["suppressed:"+list] += int64(n)
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.number, b.number) })
	for _, p := range parts {
		for _, b := range p.bad {
			b.Source = p.name
			if file {
				b.Line += line + out.lines
				b.Offset += p.offset
			}
			out.counters["bad:"+string(b.Reason)]++
			out.bad = append(out.bad, b)
		}
		hits := p.hits
		for i := range p.later {
			l := &p.later[i]
			found := l.Settle()
			if len(found) == 0 {
				continue
			}
			out.counters["matched"]++
			out.tally.Count(found)
			for _, h := range found {
				h.Line, h.Offset = l.Line, l.Offset
				hits = append(hits, h)
			}
		}
		for _, h := range hits {
			if k.tell {
				out.hits = append(out.hits, placed(h, p, line+out.lines, file))
			}
		}
		out.lines += p.lines
		out.counters["events"] += p.events
	}
	out.counters["lines"] += out.lines
	return out, errors.Join(faults...)
}

// placed says where a hit of a part was found. Lines of a file count on from before.
func placed(h match.Hit, p part, before int64, file bool) match.Hit {
	h.Source = p.name
	if file {
		h.Line += before
		h.Offset += p.offset
	}
	return h
}

// abort drops the segment.
func (k *work) abort() error {
	close(k.in)
	k.group.Wait()
	if k.keep == nil {
		return nil
	}
	return k.keep.Abort()
}

// unpacker unpacks messages, reusing its memory.
type unpacker struct {
	buf  []byte
	zstd *zstd.Decoder
	gzip gzip.Reader
}

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// lines returns the lines of a message. The result is valid until the next call.
func (u *unpacker) lines(p packing, data []byte) ([]byte, error) {
	switch {
	case p == inS2:
		n, err := s2.DecodedLen(data)
		if err != nil {
			return nil, err
		}
		if n > maxMessage {
			return nil, fmt.Errorf("message of %d bytes: want no more than %d", n, maxMessage)
		}
		u.buf = slices.Grow(u.buf[:0], n)
		return s2.Decode(u.buf[:n], data)
	case bytes.HasPrefix(data, gzipMagic):
		if err := u.gzip.Reset(bytes.NewReader(data)); err != nil {
			return nil, err
		}
		return u.read(&u.gzip)
	case bytes.HasPrefix(data, zstdMagic):
		if u.zstd == nil {
			d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxMessage), zstd.WithDecoderConcurrency(1))
			if err != nil {
				return nil, err
			}
			u.zstd = d
		}
		if err := u.zstd.Reset(bytes.NewReader(data)); err != nil {
			return nil, err
		}
		return u.read(u.zstd)
	}
	return data, nil
}

func (u *unpacker) read(r io.Reader) ([]byte, error) {
	b := bytes.NewBuffer(u.buf[:0])
	n, err := io.Copy(b, io.LimitReader(r, maxMessage+1))
	u.buf = b.Bytes()
	if err == nil && n > maxMessage {
		err = fmt.Errorf("message unpacks to more than %d bytes", maxMessage)
	}
	return u.buf, err
}
