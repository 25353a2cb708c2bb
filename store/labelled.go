package store

import (
	"context"
	"fmt"
	"iter"

	"marque/claim"
	"marque/stix"
)

// Labelled is a reader whose objects carry their level, for what leaves: an object without a marking of its own that is as strict, because its
// level is that of its source or of a definition that the receiver may not have, gets the fixed marking of TLP 2.0 beside its own
// (claim.Label). CLEAR objects stay as they are. What is stored does not change.
func Labelled(r Reader) Reader { return &labelled{r} }

var _ Reader = (*labelled)(nil)

// labelled does not embed the reader: a method that is new to Reader must not pass by it.
type labelled struct{ r Reader }

func label(rec *Record) error {
	o, err := claim.Label(rec.Object, rec.Level)
	if err != nil {
		return fmt.Errorf("label %s with its level: %w", rec.ID, err)
	}
	rec.Object = o
	return nil
}

func labelAll(recs []*Record, err error) ([]*Record, error) {
	for _, rec := range recs {
		if err == nil {
			err = label(rec)
		}
	}
	if err != nil {
		return nil, err
	}
	return recs, nil
}

func labelEach(in iter.Seq2[*Record, error]) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		for rec, err := range in {
			if err == nil {
				err = label(rec)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// Get returns the latest version, labelled.
func (l *labelled) Get(ctx context.Context, id stix.ID) (*Record, error) {
	rec, err := l.r.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return rec, label(rec)
}

// Versions returns all versions, labelled.
func (l *labelled) Versions(ctx context.Context, id stix.ID) ([]*Record, error) {
	return labelAll(l.r.Versions(ctx, id))
}

// Sources returns where the latest version came from.
func (l *labelled) Sources(ctx context.Context, id stix.ID) ([]Provenance, error) {
	return l.r.Sources(ctx, id)
}

// Find streams what the query asks for, labelled.
func (l *labelled) Find(ctx context.Context, q Query) iter.Seq2[*Record, error] {
	return labelEach(l.r.Find(ctx, q))
}

// Count counts what Find would stream.
func (l *labelled) Count(ctx context.Context, q Query) (int, error) { return l.r.Count(ctx, q) }

// Page selects what Find would stream.
func (l *labelled) Page(ctx context.Context, q Query) (Page, error) {
	p, err := l.r.Page(ctx, q)
	if p.Records != nil {
		p.Records = labelEach(p.Records)
	}
	return p, err
}

// Related streams the relations, labelled.
func (l *labelled) Related(ctx context.Context, id stix.ID, d Direction) iter.Seq2[*Record, error] {
	return labelEach(l.r.Related(ctx, id, d))
}

// Search finds by words.
func (l *labelled) Search(ctx context.Context, words string, limit int) ([]*Record, error) {
	return labelAll(l.r.Search(ctx, words, limit))
}

// Stats counts objects by type.
func (l *labelled) Stats(ctx context.Context) (map[string]int, error) { return l.r.Stats(ctx) }
