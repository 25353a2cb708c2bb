package ingest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"marque/internal/unpack"
	"marque/stix"
	"marque/store"
)

// maxBatchBytes ends a batch early when its objects are large.
const maxBatchBytes = 16 << 20

// maxRejectBytes is how much of a rejected record is kept.
const maxRejectBytes = 1 << 20

// batch is what is stored at once: all of it under one document.
type batch struct {
	document *store.Document // stored before the objects
	under    stix.ID         // provenance of the objects
	level    stix.TLP        // that their document says of itself, or the record that brings them
	objects  []*stix.Object
	policies []policy          // by index of objects
	merges   map[int]mergeFunc // of those with the policy merge
	rejects  []store.Reject
	warnings map[string]int
	bytes    int
	read     int64
}

// sink gathers what a reader finds into batches and sends them to the writer.
type sink struct {
	ctx     context.Context //nolint:containedctx // the life of one run
	batches chan batch
	packed  *unpack.Counter
	size    int
	cur     batch
}

// policy says what to do with an object that the store refuses.
type policy byte

const (
	refuse  policy = iota // to the quarantine
	succeed               // it is a new version of what is there
	yield                 // what is there stands
	merge                 // it and what is there become a new version
)

type mergeFunc func(stored, o *stix.Object) (*stix.Object, error)

func (s *sink) Object(o *stix.Object) error { return s.add(o, refuse) }

func (s *sink) Derived(o *stix.Object) error { return s.add(o, succeed) }

func (s *sink) Supplement(o *stix.Object) error { return s.add(o, yield) }

func (s *sink) Merge(o *stix.Object, f func(stored, o *stix.Object) (*stix.Object, error)) error {
	if s.cur.merges == nil {
		s.cur.merges = map[int]mergeFunc{}
	}
	s.cur.merges[len(s.cur.objects)] = f
	return s.add(o, merge)
}

func (s *sink) add(o *stix.Object, p policy) error {
	s.cur.objects = append(s.cur.objects, o)
	s.cur.policies = append(s.cur.policies, p)
	s.cur.bytes += len(o.Raw())
	return s.flushFull()
}

func (s *sink) Document(d store.Document) error {
	if err := s.flush(); err != nil {
		return err
	}
	s.cur.document = &d
	s.cur.under, s.cur.level = d.ID, d.Level
	return s.ctx.Err()
}

func (s *sink) atLeast(level stix.TLP) error {
	if level == s.cur.level {
		return nil
	}
	if err := s.flush(); err != nil {
		return err
	}
	s.cur.level = level
	return nil
}

func (s *sink) Reject(r store.Reject) error {
	if len(r.Raw) > maxRejectBytes {
		r.Raw = r.Raw[:maxRejectBytes]
	}
	s.cur.rejects = append(s.cur.rejects, r)
	s.cur.bytes += len(r.Raw)
	return s.flushFull()
}

func (s *sink) Warn(kind string) {
	if s.cur.warnings == nil {
		s.cur.warnings = map[string]int{}
	}
	s.cur.warnings[kind]++
}

func (s *sink) flushFull() error {
	if len(s.cur.objects)+len(s.cur.rejects) < s.size && s.cur.bytes < maxBatchBytes {
		return nil
	}
	return s.flush()
}

func (s *sink) flush() error {
	b := s.cur
	if b.document == nil && len(b.objects) == 0 && len(b.rejects) == 0 && len(b.warnings) == 0 {
		return s.ctx.Err()
	}
	b.read = s.packed.N
	s.cur = batch{under: b.under, level: b.level}
	select {
	case s.batches <- b:
		return s.ctx.Err()
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	}
}

// writer stores batches and counts.
type writer struct {
	store Store
	prov  store.Provenance
	now   time.Time
	res   *Result
}

func (w *writer) write(ctx context.Context, b batch) error {
	for kind, n := range b.warnings {
		if w.res.Warnings == nil {
			w.res.Warnings = map[string]int{}
		}
		w.res.Warnings[kind] += n
	}
	prov := w.prov
	prov.Document = b.under
	prov.TLP = max(prov.TLP, b.level)
	if b.under != "" {
		w.res.Level = max(w.res.Level, prov.TLP)
	}
	w.res.Objects += len(b.objects)
	if len(b.objects) > 0 {
		if err := w.put(ctx, prov, &b); err != nil {
			return err
		}
	}
	if b.document != nil {
		d := *b.document
		d.Level = max(d.Level, prov.TLP)
		if err := w.document(ctx, d); err != nil {
			return err
		}
		w.res.Documents++
		w.res.Reports = append(w.res.Reports, d.ID)
	}
	return w.quarantine(ctx, b.rejects)
}

// document keeps a text. The same text out of another file (saved anew, or as another kind of document) is known: the bytes that it was
// first read from stay those it is known by.
func (w *writer) document(ctx context.Context, d store.Document) error {
	err := w.store.PutDocument(ctx, d)
	if !errors.Is(err, store.ErrConflict) {
		return err
	}
	known, getErr := w.store.GetDocument(ctx, d.ID, stix.Red)
	if getErr != nil || known.Text != d.Text {
		return err
	}
	d.Digest = known.Digest
	return w.store.PutDocument(ctx, d)
}

func (w *writer) quarantine(ctx context.Context, rejects []store.Reject) error {
	if len(rejects) == 0 {
		return nil
	}
	for i := range rejects {
		r := &rejects[i]
		r.Source, r.Importer, r.Time = w.prov.Source, w.prov.Importer, w.now
		w.res.reject(r.Reason)
	}
	return w.store.PutRejects(ctx, rejects)
}

// put stores the objects of a batch and settles what was refused.
func (w *writer) put(ctx context.Context, prov store.Provenance, b *batch) error {
	above, err := w.above(ctx, prov.TLP, b)
	if err != nil {
		return err
	}
	got, err := w.store.Put(ctx, prov, b.objects)
	if err != nil {
		return err
	}
	var again []*stix.Object
	refused := got.Refused[:0:0]
	for _, ref := range got.Refused {
		next, stands, err := w.settle(ctx, prov.TLP, ref.Object, b.policies[ref.Index], b.merges[ref.Index])
		switch {
		case err != nil:
			return err
		case stands:
			got.Unchanged++
		case next != nil:
			again = append(again, next)
		default:
			refused = append(refused, ref)
		}
	}
	got.Refused = refused
	if len(again) > 0 {
		more, err := w.store.Put(ctx, prov, again)
		if err != nil {
			return err
		}
		got.Merge(more)
	}
	w.res.Added += got.Added
	w.res.Updated += got.Updated
	w.res.Older += got.Older
	w.res.Unchanged += got.Unchanged
	for _, ref := range got.Refused {
		b.rejects = append(b.rejects, store.Reject{
			Place: "object " + string(ref.Object.ID), Offset: -1, Reason: ref.Reason, Raw: ref.Object.Raw(),
		})
	}
	return w.raise(ctx, prov, b, above)
}

// at is the latest version that a view up to a level shows, nil where there is none.
func (w *writer) at(ctx context.Context, level stix.TLP, id stix.ID) (*store.Record, error) {
	rec, err := w.store.View(store.View{MaxTLP: level}).Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return rec, err
}

// above finds, of the objects that are to be merged, what the stricter levels know of them: what is told now goes into these, too.
func (w *writer) above(ctx context.Context, level stix.TLP, b *batch) (map[int][]*store.Record, error) {
	out := map[int][]*store.Record{}
	for i := range b.merges {
		rec, err := w.at(ctx, stix.Red, b.objects[i].ID)
		if err != nil {
			return nil, err
		}
		if rec == nil || rec.Level <= level {
			continue
		}
		for l := level + 1; l <= stix.Red; l++ {
			rec, err := w.at(ctx, l, b.objects[i].ID)
			if err != nil {
				return nil, err
			}
			if rec != nil && rec.Level == l {
				out[i] = append(out[i], rec)
			}
		}
	}
	return out, nil
}

// raise merges what was told at one level into what the stricter levels know. So each level has what may be known there of an
// object that several documents tell of, and no more.
func (w *writer) raise(ctx context.Context, prov store.Provenance, b *batch, above map[int][]*store.Record) error {
	for _, i := range slices.Sorted(maps.Keys(above)) {
		for _, rec := range above[i] {
			o := b.objects[i]
			if rec.CreatedByRef != o.CreatedByRef {
				continue
			}
			merged, err := b.merges[i](rec.Object, o)
			if err != nil {
				return err
			}
			prov.TLP = rec.Level
			latest, err := w.at(ctx, rec.Level, o.ID)
			if err != nil {
				return err
			}
			next, err := w.after(latest, merged)
			if err != nil {
				return err
			}
			if next == nil {
				continue
			}
			if _, err := w.store.Put(ctx, prov, []*stix.Object{next}); err != nil {
				return err
			}
		}
	}
	return nil
}

// settle decides what becomes of a refused object, by what may be known at its level: the stored one stands, or it goes in as the next
// version, or (neither) it stays refused because somebody else made what is stored.
func (w *writer) settle(ctx context.Context, level stix.TLP, o *stix.Object, p policy, f mergeFunc) (next *stix.Object, stands bool, err error) {
	if p == refuse {
		return nil, false, nil
	}
	latest, err := w.at(ctx, level, o.ID)
	if err != nil || latest == nil || latest.CreatedByRef != o.CreatedByRef {
		return nil, false, err
	}
	if p == yield || o.Version().IsZero() {
		return nil, true, nil
	}
	if p == merge {
		if o, err = f(latest.Object, o); err != nil {
			return nil, false, err
		}
	}
	next, err = w.after(latest, o)
	return next, next == nil && err == nil, err
}

// after makes an object the next version after another, nil where it says the same.
func (w *writer) after(latest *store.Record, o *stix.Object) (*stix.Object, error) {
	same, err := equalBut(latest.Object, o)
	if err != nil || same {
		return nil, err
	}
	at := stix.At(w.now)
	if !at.Time().After(latest.Version().Time()) {
		at = stix.At(latest.Version().Time().Add(time.Millisecond))
	}
	return o.With(map[string]any{"created": latest.Created, "modified": at})
}

// equalBut tells whether two objects differ in their version only.
func equalBut(a, b *stix.Object) (bool, error) {
	strip := map[string]any{"created": stix.At(time.Unix(0, 0)), "modified": stix.At(time.Unix(0, 0))}
	var digests [2]string
	for i, o := range []*stix.Object{a, b} {
		p, err := o.With(strip)
		if err != nil {
			return false, err
		}
		if digests[i], err = p.Digest(); err != nil {
			return false, err
		}
	}
	return digests[0] == digests[1], nil
}
