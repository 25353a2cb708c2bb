package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"

	"marque/claim"
	"marque/stix"
	"marque/store"
)

// Store is what the ledger asks of the store beside it.
type Store interface {
	store.Marks
	View(store.View) store.Reader
}

// Marks in the store. The store is the second place that remembers the newest head: who cuts the ledger back must change both.
const (
	headMark     = "ledger.head"
	promisedMark = "ledger.promised" // ids of what is being stored and not entered yet, as JSON
)

// Known are the heads that the store remembers: none, or one.
func Known(ctx context.Context, marks store.Marks) ([]KnownHead, error) {
	msg, err := marks.GetMark(ctx, headMark)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("head of the ledger: %w", err)
	}
	return []KnownHead{{From: "the store", Note: []byte(msg)}}, nil
}

// Stored are all versions of the judgements and measures of the store, as Verify asks for them, and of the claims that one of the importers
// brought: those that persons entered. due tells which were made here.
func Stored(ctx context.Context, r store.Reader, due func(*store.Record) bool, importers ...string) iter.Seq2[Judgement, error] {
	queries := []store.Query{{Types: []string{claim.TypeAssessment, claim.TypeMeasure}, AllVersions: true}}
	if len(importers) > 0 {
		queries = append(queries, store.Query{Types: Claims, Importers: importers, AllVersions: true})
	}
	return func(yield func(Judgement, error) bool) {
		for _, q := range queries {
			for rec, err := range r.Find(ctx, q) {
				var j Judgement
				if err == nil {
					j, err = JudgementOf(rec.Object, due(rec))
				}
				if !yield(j, err) || err != nil {
					return
				}
			}
		}
	}
}

// Claims are the types of objects that carry a person's word, or what a state signs.
var Claims = []string{"relationship", "sighting", "note", "opinion", "artifact"}

// Keep lets put store judgements and enters them, so that a kill in between is made good by the next Keep: the store remembers what was
// promised to the ledger. It refuses to add to a ledger that does not continue the head that the store remembers. It returns how
// many entries were new.
func (l *Log) Keep(ctx context.Context, st Store, objects []*stix.Object, put func(context.Context) error) (int, error) {
	known, err := Known(ctx, st)
	if err != nil {
		return 0, err
	}
	for _, k := range known {
		if err := l.Continues(k); err != nil {
			return 0, fmt.Errorf("nothing is added: %w", err)
		}
	}
	left, err := promised(ctx, st)
	if err != nil {
		return 0, err
	}
	if err := promise(ctx, st, append(slices.Clip(left), objects...)); err != nil {
		return 0, err
	}
	if put != nil {
		if err := put(ctx); err != nil {
			return 0, err
		}
	}
	n, err := l.Append(append(left, objects...))
	if err != nil {
		return 0, err
	}
	if err := l.Remember(ctx, st); err != nil {
		return n, err
	}
	return n, promise(ctx, st, nil)
}

// Remember lets the store remember the newest head.
func (l *Log) Remember(ctx context.Context, marks store.Marks) error {
	head := l.Head()
	if head == nil {
		return nil
	}
	if err := marks.PutMark(ctx, headMark, string(head)); err != nil {
		return fmt.Errorf("remember head of the ledger: %w", err)
	}
	return nil
}

func promise(ctx context.Context, marks store.Marks, objects []*stix.Object) error {
	ids := make([]stix.ID, len(objects))
	for i, o := range objects {
		ids[i] = o.ID
	}
	data, err := json.Marshal(ids)
	if err == nil {
		err = marks.PutMark(ctx, promisedMark, string(data))
	}
	if err != nil {
		return fmt.Errorf("promise judgements to the ledger: %w", err)
	}
	return nil
}

// promised are the objects that an earlier Keep promised and, as a kill came in between, stored without entering them.
func promised(ctx context.Context, st Store) ([]*stix.Object, error) {
	text, err := st.GetMark(ctx, promisedMark)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	var ids []stix.ID
	if err == nil {
		err = json.Unmarshal([]byte(text), &ids)
	}
	if err != nil {
		return nil, fmt.Errorf("judgements promised to the ledger: %w", err)
	}
	r := st.View(store.Owner())
	var out []*stix.Object
	for _, id := range ids {
		rec, err := r.Get(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue // the kill came before it was stored
		}
		if err != nil {
			return nil, fmt.Errorf("judgement promised to the ledger: %w", err)
		}
		out = append(out, rec.Object)
	}
	return out, nil
}
