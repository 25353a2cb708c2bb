package taxii

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"marque/ingest"
	"marque/ingest/bundle"
	"marque/stix"
	"marque/store"
)

// Result is what became of a collection.
type Result struct {
	Collection Collection
	Pages      int
	Complete   bool // read to its end
	// Objects and what became of them, all pages together. Its Source is the URL of the collection's objects.
	ingest.Result
}

// Importer is the importer of what a collection brought.
func Importer(collectionID string) string { return "taxii-feed:" + collectionID }

// position is where the reading of a collection stands; it is what the mark keeps.
type position struct {
	// After is the added_after of the requests; empty from the beginning.
	After string `json:"added_after,omitempty"`
	// Next is the next of the following request; empty where none is under way.
	Next string `json:"next,omitempty"`
	// Last is the latest date that a page of this walk ended with.
	Last string `json:"last,omitempty"`
	// Began is when this walk began, by the server's clock.
	Began string `json:"began,omitempty"`
}

// Bounds of patience with a server.
const (
	maxEmpty  = 20      // pages without objects in a row that promise more
	maxRepeat = 3       // pages that came before in this walk
	maxReset  = 3       // times that a server takes its next back
	maxNext   = 4096    // bytes of a next
	maxLimit  = 100_000 // objects asked for where many have one date
)

// instant is the step back from a date, so that what else has that date is not skipped: dates have microseconds.
const instant = time.Microsecond

// skew is the step back where only the server's clock tells how far a walk came.
const skew = time.Minute

// walk is one run over a collection.
type walk struct {
	*Client
	col   Collection
	pos   position
	limit int
	// byTime: the server's next is of no use, pages go by added_after.
	byTime bool
	nexts  map[string]bool
	pages  map[[sha256.Size]byte]bool

	empty, repeats, resets int
	stuckAt                string // the date that a larger page was asked for at
	stuckWith              int    // and how many objects the page had
	res                    Result
}

func (c *Client) read(ctx context.Context, col Collection) (Result, error) {
	w := &walk{Client: c, col: col, limit: c.cfg.Limit, nexts: map[string]bool{}, pages: map[[sha256.Size]byte]bool{}}
	w.res = Result{Collection: col}
	w.res.Source, w.res.Format = col.URL(), Importer(col.ID)
	if err := w.load(ctx); err != nil {
		return w.res, err
	}
	start := c.cfg.Now()
	err := w.run(ctx)
	w.res.Elapsed = c.cfg.Now().Sub(start)
	return w.res, err
}

func (w *walk) mark() string { return "taxii " + w.col.URL() }

func (w *walk) load(ctx context.Context) error {
	if w.cfg.Restart {
		return nil
	}
	text, err := w.store.GetMark(ctx, w.mark())
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), &w.pos); err != nil {
		return fmt.Errorf("mark %q: %w", w.mark(), err)
	}
	return nil
}

func (w *walk) save(ctx context.Context) error {
	text, err := json.Marshal(w.pos)
	if err != nil {
		return err
	}
	return w.store.PutMark(ctx, w.mark(), string(text))
}

func (w *walk) run(ctx context.Context) error {
	for w.res.Pages < w.cfg.MaxPages {
		p, err := w.page(ctx)
		if err != nil && w.pos.Next != "" && refusesNext(err) && w.resets < maxReset {
			w.resets++ // a next that the server forgot, as some do after a while or when the collection changes
			w.backToTime()
			continue
		}
		if err != nil {
			return err
		}
		if err := w.keep(ctx, p); err != nil {
			return err
		}
		done, err := w.advance(p)
		if err != nil {
			return err
		}
		if err := w.save(ctx); err != nil {
			return err
		}
		w.cfg.Progress(Progress{Collection: w.col, Pages: w.res.Pages, Objects: w.res.Objects})
		if done {
			w.res.Complete = true
			return nil
		}
	}
	return fmt.Errorf("more than %d pages: %w", w.cfg.MaxPages, ErrTooLarge)
}

func refusesNext(err error) bool {
	se, ok := errors.AsType[*statusError](err)
	return ok && (se.status == http.StatusBadRequest || se.status == http.StatusNotFound || se.status == http.StatusGone ||
		se.status == http.StatusUnprocessableEntity)
}

// page asks for what is at the position.
func (w *walk) page(ctx context.Context) (*page, error) {
	u := w.col.objects()
	q := url.Values{"limit": {strconv.Itoa(w.limit)}}
	if w.pos.After != "" {
		q.Set("added_after", w.pos.After)
	}
	if w.pos.Next != "" {
		q.Set("next", w.pos.Next)
	}
	u.RawQuery = q.Encode()
	var p *page
	a, err := w.get(ctx, u, func(a *answer) (err error) {
		p, err = readPage(a)
		return err
	}, func(d time.Duration, why string) {
		w.cfg.Progress(Progress{Collection: w.col, Pages: w.res.Pages, Objects: w.res.Objects, Wait: d, Reason: why})
	})
	if err != nil {
		return nil, err
	}
	if t, err := http.ParseTime(a.header.Get("Date")); err == nil && w.pos.Began == "" {
		w.pos.Began = microseconds(t.Add(-skew))
	}
	return p, nil
}

// keep stores the objects of a page.
func (w *walk) keep(ctx context.Context, p *page) error {
	w.res.Pages++
	if p.objects == 0 {
		return nil
	}
	reader := feedReader{Reader: bundle.New(w.cfg.Lift), name: Importer(w.col.ID)}
	pipe := ingest.New(w.store, ingest.NewRegistry(reader), ingest.Config{Format: reader.name, TLP: w.cfg.TLP, Now: w.cfg.Now})
	res, err := pipe.Bytes(ctx, w.col.URL(), p.body)
	merge(&w.res.Result, res)
	return err
}

// feedReader is the reader of STIX under the name of a collection.
type feedReader struct {
	*bundle.Reader
	name string
}

func (r feedReader) Name() string { return r.name }

// advance finds the position after a page. It tells whether the collection was read to its end.
func (w *walk) advance(p *page) (done bool, err error) {
	if last, err := stix.ParseTimestamp(w.pos.Last); !p.last.IsZero() && (err != nil || p.last.Time().After(last.Time())) {
		w.pos.Last = p.last.String()
	}
	if !p.more {
		w.end()
		return true, nil
	}
	if err := w.progress(p); err != nil {
		return false, err
	}
	if p.next != "" && len(p.next) <= maxNext && !w.byTime && !w.nexts[p.next] && p.next != w.pos.Next {
		w.nexts[p.next] = true
		w.pos.Next = p.next
		return false, nil
	}
	return false, w.byDate(p)
}

// end sets out from where the next run goes on.
func (w *walk) end() {
	switch last := before(w.pos.Last); {
	case last != "":
		w.pos = position{After: latest(w.pos.After, last)}
	case w.pos.Began != "" && w.res.Bytes > 0: // objects, but from a server that does not tell when they were added
		w.pos = position{After: latest(w.pos.After, w.pos.Began)}
	default:
		w.pos = position{After: w.pos.After}
	}
}

// progress counts pages that bring nothing on.
func (w *walk) progress(p *page) error {
	if p.objects == 0 {
		if w.empty++; w.empty > maxEmpty {
			return fmt.Errorf("%d empty pages in a row: %w", w.empty, ErrLoop)
		}
		return nil
	}
	w.empty = 0
	if w.pages[p.digest] {
		if w.repeats++; w.repeats > maxRepeat {
			return fmt.Errorf("the same page came %d times: %w", w.repeats, ErrLoop)
		}
	}
	w.pages[p.digest] = true
	return nil
}

// byDate goes on by time: from an instant before the page's last date.
func (w *walk) byDate(p *page) error {
	w.byTime = true
	if p.last.IsZero() {
		return fmt.Errorf("no usable next and no X-TAXII-Date-Added-Last: %w", ErrLoop)
	}
	to := before(p.last.String())
	if latest(w.pos.After, to) != w.pos.After {
		w.pos.After, w.pos.Next = to, ""
		return nil
	}
	if p.objects == 0 {
		return fmt.Errorf("an empty page without next promises more: %w", ErrLoop)
	}
	// The whole page has one date, and more of that date is to come: only a larger page leads on.
	if w.stuckAt == to && p.objects <= w.stuckWith || w.limit >= maxLimit {
		return fmt.Errorf("more than %d objects have the date %s, the server gives no more at once and no usable next: "+
			"the rest cannot be read without skipping some: %w", p.objects, p.last, ErrLoop)
	}
	w.stuckAt, w.stuckWith, w.limit = to, p.objects, min(w.limit*4, maxLimit)
	w.pos.Next = ""
	return nil
}

// backToTime gives up the server's next and goes on from the last date that is sure, or from the beginning of the walk.
func (w *walk) backToTime() {
	w.pos.Next = ""
	if last := before(w.pos.Last); last != "" {
		w.pos.After = latest(w.pos.After, last)
	}
	clear(w.nexts)
	clear(w.pages)
}

// before is an instant before a timestamp; empty for what is none.
func before(s string) string {
	t, err := stix.ParseTimestamp(s)
	if err != nil {
		return ""
	}
	return microseconds(t.Time().Add(-instant))
}

// latest is the later of two timestamps, the first where they are equal.
func latest(a, b string) string {
	ta, erra := stix.ParseTimestamp(a)
	tb, errb := stix.ParseTimestamp(b)
	if errb != nil || erra == nil && !tb.Time().After(ta.Time()) {
		return a
	}
	return b
}

func microseconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// merge adds the result of a page.
func merge(to *ingest.Result, r ingest.Result) {
	to.Bytes += r.Bytes
	to.Objects += r.Objects
	to.Added += r.Added
	to.Updated += r.Updated
	to.Older += r.Older
	to.Unchanged += r.Unchanged
	to.Rejected += r.Rejected
	to.Reasons = sum(to.Reasons, r.Reasons)
	to.Warnings = sum(to.Warnings, r.Warnings)
}

// maxReasons bounds what is counted by name: the reasons of a hostile server may all differ.
const maxReasons = 100

func sum(to, from map[string]int) map[string]int {
	for k, n := range from {
		if to == nil {
			to = map[string]int{}
		}
		if _, known := to[k]; !known && len(to) >= maxReasons {
			k = "other reasons"
		}
		to[k] += n
	}
	return to
}
