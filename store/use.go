package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"marque/stix"
)

// Use says what objects are taken out for. PAP markings (stix.PAP) say which uses are permitted.
type Use int

// Uses. Knowledge is reading and sharing: PAP forbids none of it, and the marking goes along. Detection is feeding sensors that
// watch traffic or ask others: PAP:RED is left out. Blocking is acting on it: PAP:AMBER is left out too.
const (
	Knowledge Use = iota
	Detection
	Blocking
)

var uses = [...]string{"knowledge", "detection", "blocking"}

// String is the use in a word.
func (u Use) String() string {
	if u < Knowledge || u > Blocking {
		return fmt.Sprintf("use(%d)", int(u))
	}
	return uses[u]
}

// MarshalText writes the word.
func (u Use) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads the word.
func (u *Use) UnmarshalText(b []byte) error {
	i := slices.Index(uses[:], string(b))
	if i < 0 {
		return fmt.Errorf("use %q: want %s", b, strings.Join(uses[:], ", "))
	}
	*u = Use(i)
	return nil
}

// Permits tells whether a PAP level permits the use.
func (u Use) Permits(p stix.PAP) bool {
	switch u {
	case Knowledge:
		return true
	case Detection:
		return p <= stix.PAPAmber
	default:
		return p <= stix.PAPGreen
	}
}

// Viewer is what can be viewed.
type Viewer interface {
	View(view View) Reader
}

// Shared is a reader of what may leave.
type Shared struct {
	Reader
	paps *paps
}

// Share is the reader of every way out of the workspace: the one place where it is decided what may leave. It shows a view up to
// AMBER+STRICT (above that it is ErrRed), narrowed to what PAP markings permit for a use, and each object carries its level ([Labelled]).
func Share(st Viewer, v View, u Use) (*Shared, error) {
	if v.MaxTLP > stix.AmberStrict {
		return nil, fmt.Errorf("share up to %v: %w", v.MaxTLP, ErrRed)
	}
	// What forbids a use does so for those, too, who may not read what it says.
	all := st.View(View{MaxTLP: stix.Red, AsOf: v.AsOf})
	s := &Shared{Reader: st.View(v), paps: &paps{all: all, seen: st.View(v), levels: map[stix.ID]stix.PAP{}}}
	if u != Knowledge {
		s.Reader = &permitted{r: s.Reader, use: u, paps: s.paps}
	}
	s.Reader = Labelled(s.Reader)
	return s, nil
}

// PAP is the strictest PAP level among an object's markings, granular ones and labels included. A marking definition that was never
// stored says nothing of PAP; of TLP it is RED, so that what it marks does not leave.
func (s *Shared) PAP(ctx context.Context, o *stix.Object) (stix.PAP, error) { return s.paps.of(ctx, o) }

// paps looks up PAP levels.
type paps struct {
	all    Reader // whatever its level: what definitions say
	seen   Reader // what may leave
	mu     sync.Mutex
	levels map[stix.ID]stix.PAP // of marking definitions that are not fixed ones
}

// of is the strictest level of an object's markings. Of an object without versions, all count that it came with, as far as the view
// shows them: who acts on it cannot know for which of its sources.
func (p *paps) of(ctx context.Context, o *stix.Object) (stix.PAP, error) {
	if !o.Version().IsZero() {
		return p.ofVersion(ctx, o)
	}
	recs, err := p.seen.Versions(ctx, o.ID)
	if errors.Is(err, ErrNotFound) {
		return p.ofVersion(ctx, o)
	}
	level := stix.PAPClear
	for _, rec := range recs {
		l, err := p.ofVersion(ctx, rec.Object)
		if err != nil {
			return stix.PAPRed, err
		}
		level = max(level, l)
	}
	return level, err
}

func (p *paps) ofVersion(ctx context.Context, o *stix.Object) (stix.PAP, error) {
	var failed error
	level, _ := o.PAPBy(func(id stix.ID) (stix.PAP, bool) {
		l, err := p.marking(ctx, id)
		failed = errors.Join(failed, err)
		return l, true
	})
	if failed != nil {
		return stix.PAPRed, fmt.Errorf("PAP of %s: %w", o.ID, failed)
	}
	return level, nil
}

func (p *paps) marking(ctx context.Context, id stix.ID) (stix.PAP, error) {
	p.mu.Lock()
	l, known := p.levels[id]
	p.mu.Unlock()
	if known {
		return l, nil
	}
	rec, err := p.all.Get(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return stix.PAPClear, nil
	}
	if err != nil {
		return stix.PAPRed, err
	}
	l, _ = rec.PAP()
	p.mu.Lock()
	p.levels[id] = l
	p.mu.Unlock()
	return l, nil
}

var _ Reader = (*permitted)(nil)

// permitted narrows a reader to the objects whose PAP markings permit a use. It does not embed the reader: a method that is new to
// Reader must not pass by it.
type permitted struct {
	r    Reader
	use  Use
	paps *paps
}

func (p *permitted) permits(ctx context.Context, o *stix.Object) (bool, error) {
	l, err := p.paps.of(ctx, o)
	return err == nil && p.use.Permits(l), err
}

// Get returns the latest version, if its marking permits the use.
func (p *permitted) Get(ctx context.Context, id stix.ID) (*Record, error) {
	rec, err := p.r.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if ok, err := p.permits(ctx, rec.Object); err != nil {
		return nil, err
	} else if !ok {
		return nil, fmt.Errorf("get %s: %w", id, ErrNotFound)
	}
	return rec, nil
}

// Versions returns those versions that permit the use, if the latest one does.
func (p *permitted) Versions(ctx context.Context, id stix.ID) ([]*Record, error) {
	if _, err := p.Get(ctx, id); err != nil {
		return nil, err
	}
	recs, err := p.r.Versions(ctx, id)
	if err != nil {
		return nil, err
	}
	return p.filter(ctx, recs)
}

// Sources returns where the latest version came from, if its marking permits the use.
func (p *permitted) Sources(ctx context.Context, id stix.ID) ([]Provenance, error) {
	if _, err := p.Get(ctx, id); err != nil {
		return nil, err
	}
	return p.r.Sources(ctx, id)
}

func (p *permitted) filter(ctx context.Context, recs []*Record) ([]*Record, error) {
	var out []*Record
	for _, rec := range recs {
		ok, err := p.permits(ctx, rec.Object)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, rec)
		}
	}
	return out, nil
}

// Find streams what the query asks for and the use permits; the limit counts these.
func (p *permitted) Find(ctx context.Context, q Query) iter.Seq2[*Record, error] {
	limit := q.Limit
	q.Limit = 0
	return p.stream(ctx, p.r.Find(ctx, q), limit)
}

// Related streams the relations that the use permits.
func (p *permitted) Related(ctx context.Context, id stix.ID, d Direction) iter.Seq2[*Record, error] {
	return p.stream(ctx, p.r.Related(ctx, id, d), 0)
}

func (p *permitted) stream(ctx context.Context, in iter.Seq2[*Record, error], limit int) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		n := 0
		for rec, err := range in {
			ok := false
			if err == nil {
				ok, err = p.permits(ctx, rec.Object)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !ok {
				continue
			}
			if n++; !yield(rec, nil) || n == limit {
				return
			}
		}
	}
}

// Count counts what Find would stream.
func (p *permitted) Count(ctx context.Context, q Query) (int, error) {
	n := 0
	for _, err := range p.Find(ctx, q) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// pageBlock is how many records of the wider reader are looked at together.
const pageBlock = 1000

// Page selects what Find would stream.
func (p *permitted) Page(ctx context.Context, q Query) (Page, error) {
	var (
		page   Page
		blocks []Page
		kept   = map[int64]bool{}
		limit  = q.Limit
	)
	for q.Limit = pageBlock; !page.More; {
		block, err := p.r.Page(ctx, q)
		if err != nil {
			return Page{}, err
		}
		for rec, err := range p.stream(ctx, block.Records, 0) {
			if err != nil {
				return Page{}, err
			}
			if page.More = limit > 0 && page.Count == limit; page.More {
				break
			}
			if page.Count++; page.Count == 1 {
				page.First = rec.Added
			}
			page.LastSeq, page.Last, kept[rec.Seq] = rec.Seq, rec.Added, true
		}
		blocks = append(blocks, block)
		if !block.More {
			break
		}
		q.AfterSeq = block.LastSeq
	}
	page.Records = func(yield func(*Record, error) bool) {
		for _, block := range blocks {
			for rec, err := range block.Records {
				if (err != nil || kept[rec.Seq]) && !yield(rec, err) {
					return
				}
			}
		}
	}
	return page, nil
}

// Search finds by words; of the limit's hits, those that the use does not permit are left out.
func (p *permitted) Search(ctx context.Context, words string, limit int) ([]*Record, error) {
	recs, err := p.r.Search(ctx, words, limit)
	if err != nil {
		return nil, err
	}
	return p.filter(ctx, recs)
}

// Stats counts objects by type.
func (p *permitted) Stats(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	for rec, err := range p.Find(ctx, Query{}) {
		if err != nil {
			return nil, err
		}
		counts[rec.Type]++
	}
	return counts, nil
}
