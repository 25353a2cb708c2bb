package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/parquet-go/parquet-go"
	"golang.org/x/sync/errgroup"

	"marque/event"
	"marque/match"
)

// HuntConfig says where a hunt looks and what it tells. Callbacks come from one goroutine at a time.
type HuntConfig struct {
	From, Until time.Time // hours that touch this span; zero: no limit
	Only        []string  // look in these files alone, named by Snapshot; nil: in all
	Workers     int       // default GOMAXPROCS
	Allow       *match.Allow
	Patterns    *match.Patterns // nil: none. With any, every event is read, not the hash columns alone
	Hit         func(match.Hit) // as found, newest hours first; with patterns of several events, oldest first
	Progress    func(HuntStats) // after each file
}

// HuntStats is what a hunt came to so far.
type HuntStats struct {
	Files      int           `json:"files"`
	TotalFiles int           `json:"total_files"`
	Skipped    int           `json:"skipped"` // row groups whose filters rule every indicator out
	Rows       int64         `json:"rows"`
	Candidates int64         `json:"candidates"` // rows whose hash is an indicator's
	Matched    int64         `json:"matched"`    // rows with a hit
	Hits       int64         `json:"hits"`
	Broken     []string      `json:"broken,omitempty"`
	Elapsed    time.Duration `json:"elapsed_ns"`
}

// Hunt looks indicators up in the past. It reads the hash columns, and of the rows that may match the values, which go through
// the same matcher as live events. Files that cannot be read, or are gone, are named in Broken and in the error; the rest is searched.
func (l *Lake) Hunt(ctx context.Context, indicators []match.Indicator, cfg HuntConfig) (HuntStats, *match.Tally, error) {
	h, err := l.newHunt(indicators, cfg)
	if err != nil {
		return HuntStats{}, nil, err
	}
	held, err := l.locks.Share(ctx, huntLock) // files stay as long as they are read
	if err != nil {
		return HuntStats{}, nil, fmt.Errorf("lake: %w", err)
	}
	defer func() { _ = held.Close() }() // nothing was written
	list, err := l.Files(ctx)
	if err != nil {
		return HuntStats{}, nil, err
	}
	list, _ = l.live(ctx, list)
	if cfg.Only != nil {
		list, err = l.only(list, cfg.Only)
		h.faults = append(h.faults, err)
	}
	list = slices.DeleteFunc(list, func(f File) bool {
		return !cfg.From.IsZero() && !f.Hour.Add(time.Hour).After(cfg.From) || !cfg.Until.IsZero() && !f.Hour.Before(cfg.Until)
	})
	h.stats.TotalFiles = len(list)
	for _, files := range h.order(list) {
		if err = h.search(ctx, files); err != nil {
			break
		}
	}
	h.stats.Elapsed = time.Since(h.start)
	return h.stats, h.tally, errors.Join(append(h.faults, err)...)
}

// order gives the files that may be searched together, one lot after the other: all of them, the newest first, or an hour after the
// other where patterns want the events in their order.
func (h *hunt) order(list []File) [][]File {
	slices.SortStableFunc(list, func(a, b File) int { return b.Hour.Compare(a.Hour) })
	if !h.ordered {
		return [][]File{list}
	}
	slices.Reverse(list)
	var lots [][]File
	for lot := range slices.Values(list) {
		if n := len(lots); n > 0 && lots[n-1][0].Hour.Equal(lot.Hour) {
			lots[n-1] = append(lots[n-1], lot)
		} else {
			lots = append(lots, []File{lot})
		}
	}
	return lots
}

// search searches files, and settles the events whose hits depend on others among them.
func (h *hunt) search(ctx context.Context, list []File) error {
	files := make(chan File)
	var workers errgroup.Group
	for range cmp.Or(h.cfg.Workers, runtime.GOMAXPROCS(0)) {
		workers.Go(func() error {
			m := match.NewMatching(h.set)
			var r hashReader
			for f := range files {
				h.done(f, h.lake.read(ctx, f, func(p *parquet.File) error { return h.file(ctx, p, m, &r) }))
			}
			return nil
		})
	}
	err := send(ctx, files, list)
	close(files)
	err = errors.Join(err, workers.Wait())
	slices.SortStableFunc(h.later, func(a, b *match.Later) int { return cmp.Compare(a.Time, b.Time) })
	for _, l := range h.later {
		h.report(l.Settle())
	}
	h.later = h.later[:0]
	return err
}

func send(ctx context.Context, files chan<- File, list []File) error {
	for _, f := range list {
		select {
		case files <- f:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// hunt is the state of one Hunt.
type hunt struct {
	lake    *Lake
	cfg     HuntConfig
	set     *match.Set
	start   time.Time
	columns []column
	nets    bool // CIDR indicators: addresses are read, not their hashes
	all     bool // every row is a candidate
	ordered bool // patterns want the events in their order

	mu     sync.Mutex // guards what follows, and the callbacks
	stats  HuntStats
	tally  *match.Tally
	faults []error
	later  []*match.Later
}

// column is a hash column and the hashes looked for in it.
type column struct {
	name   string
	hashes *hashes
}

func (l *Lake) newHunt(indicators []match.Indicator, cfg HuntConfig) (*hunt, error) {
	seed := l.meta.Seed
	b := match.NewBuilder(seed, len(indicators))
	kinds := map[string][]int64{}
	h := &hunt{lake: l, cfg: cfg, start: time.Now(), tally: match.NewTally()}
	if cfg.Patterns != nil {
		h.all, h.ordered = cfg.Patterns.Len() > 0, cfg.Patterns.Ordered()
	}
	for _, in := range indicators {
		if err := b.Add(in); err != nil {
			return nil, fmt.Errorf("hunt: %w", err)
		}
		kind, value, ok := event.Canonical(in.Kind, in.Value)
		if !ok || in.Revoked {
			continue
		}
		switch kind {
		case event.CIDR:
			h.nets = true
		case event.Domain:
			kinds["zone_h"] = append(kinds["zone_h"], int64(event.Hash(kind, []byte(zone(value)), seed)))
		case event.URL:
			kinds["url_h"] = append(kinds["url_h"], int64(event.Hash(kind, []byte(value), seed)))
		case event.Email:
			kinds["email_h"] = append(kinds["email_h"], int64(event.Hash(kind, []byte(value), seed)))
		case event.IPv4, event.IPv6:
			v := int64(event.Hash(kind, []byte(value), seed))
			kinds["src_ip_h"], kinds["dst_ip_h"] = append(kinds["src_ip_h"], v), append(kinds["dst_ip_h"], v)
		default:
			kinds["digest_h"] = append(kinds["digest_h"], int64(event.Hash(kind, []byte(value), seed)))
		}
	}
	for _, name := range hashColumns {
		if list := kinds[name]; len(list) > 0 {
			h.columns = append(h.columns, column{name, newHashes(list)})
		}
	}
	h.set = match.NewSet(seed, b.Build())
	h.set.SetAllow(cfg.Allow)
	h.set.SetPatterns(cfg.Patterns)
	return h, nil
}

// done accounts for a file.
func (h *hunt) done(f File, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stats.Files++
	if err != nil {
		h.faults = append(h.faults, err)
		h.stats.Broken = append(h.stats.Broken, f.Path)
	}
	h.stats.Elapsed = time.Since(h.start)
	if h.cfg.Progress != nil {
		h.cfg.Progress(h.stats)
	}
}

// file searches one file, row group by row group.
func (h *hunt) file(ctx context.Context, p *parquet.File, m *match.Matching, r *hashReader) error {
	for number, g := range p.RowGroups() {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows, skipped, err := h.candidates(p, number, g, r)
		if err != nil {
			return err
		}
		h.mu.Lock()
		h.stats.Rows += g.NumRows()
		h.stats.Candidates += int64(len(rows))
		if skipped {
			h.stats.Skipped++
		}
		h.mu.Unlock()
		if err := h.verify(p, g, rows, m); err != nil {
			return err
		}
	}
	return nil
}

// candidates returns the numbers of the rows that may match, in order.
func (h *hunt) candidates(p *parquet.File, number int, g parquet.RowGroup, r *hashReader) (rows []int64, skipped bool, err error) {
	if h.all {
		rows = make([]int64, g.NumRows())
		for i := range rows {
			rows[i] = int64(i)
		}
		return rows, false, nil
	}
	skipped = !h.nets
	chunks := g.ColumnChunks()
	for _, c := range h.columns {
		leaf, ok := p.Schema().Lookup(c.name)
		if !ok {
			return nil, false, fmt.Errorf("no column %s", c.name)
		}
		chunk := chunks[leaf.ColumnIndex]
		possible, err := c.hashes.possible(chunk.BloomFilter())
		if err != nil {
			return nil, false, fmt.Errorf("filter of column %s: %w", c.name, err)
		}
		if !possible {
			continue
		}
		skipped = false
		meta := &p.Metadata().RowGroups[number].Columns[leaf.ColumnIndex].MetaData
		found, err := c.hashes.scan(r, p, meta, chunk)
		if err == nil && c.name == "zone_h" && len(found) > fewRows {
			found, err = h.sift(p, chunks, found)
		}
		if err != nil {
			return nil, false, fmt.Errorf("column %s: %w", c.name, err)
		}
		rows = append(rows, found...)
	}
	if h.nets {
		for _, name := range []string{"src_ip", "dst_ip"} {
			leaf, ok := p.Schema().Lookup(name)
			if !ok {
				return nil, false, fmt.Errorf("no column %s", name)
			}
			if rows, err = h.scanAddresses(rows, chunks[leaf.ColumnIndex]); err != nil {
				return nil, false, fmt.Errorf("column %s: %w", name, err)
			}
		}
	}
	slices.Sort(rows)
	return slices.Compact(rows), skipped, nil
}

// fewRows is how many rows of one zone are read whole rather than sifted by their domain first.
const fewRows = 64

// sift keeps the rows whose domain, or a parent of it, is an indicator.
func (h *hunt) sift(p *parquet.File, chunks []parquet.ColumnChunk, rows []int64) ([]int64, error) {
	leaf, ok := p.Schema().Lookup("domain")
	if !ok {
		return nil, errors.New("no column domain")
	}
	next := 0
	return eachPage(nil, chunks[leaf.ColumnIndex], func(out []int64, first int64, page parquet.Page) ([]int64, error) {
		at := first - 1
		return eachValue(out, first, page, func(v parquet.Value) bool {
			at++
			if next == len(rows) || rows[next] != at {
				return false
			}
			next++
			return h.set.HasDomain(v.ByteArray())
		})
	})
}

// verify reads candidate rows and runs them through the matcher.
func (h *hunt) verify(p *parquet.File, g parquet.RowGroup, numbers []int64, m *match.Matching) error {
	if len(numbers) == 0 {
		return nil
	}
	rows, err := readRows(p, g, numbers)
	if err != nil {
		return err
	}
	var ev eventOf
	for i := range rows {
		hits, later := m.Look(ev.event(&rows[i]))
		if later != nil {
			h.mu.Lock()
			h.later = append(h.later, later)
			h.mu.Unlock()
			continue
		}
		h.report(hits)
	}
	return nil
}

func (h *hunt) report(hits []match.Hit) {
	if len(hits) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stats.Matched++
	h.stats.Hits += int64(len(hits))
	h.tally.Count(hits)
	if h.cfg.Hit != nil {
		for _, hit := range hits {
			h.cfg.Hit(hit)
		}
	}
}
