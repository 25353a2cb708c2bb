package graph

import (
	"bytes"
	"context"
	"iter"
	"time"

	"marque/claim"
	"marque/stix"
	"marque/store"
)

// AsKnown streams what a query asks for as it was known on a day: of each object the latest version made before that day, or
// the first one that is held where all are later. A claim is read in its latest version whatever the day: a review corrects the
// reading, it is no news. With a zero day it is the latest version of everything. With a day it reads twice, so that memory holds
// no object.
func AsKnown(ctx context.Context, r store.Reader, q store.Query, asOf time.Time) iter.Seq2[*stix.Object, error] {
	return func(yield func(*stix.Object, error) bool) {
		for rec, err := range RecordsAsKnown(ctx, r, q, asOf) {
			var o *stix.Object
			if err == nil {
				o = rec.Object
			}
			if !yield(o, err) {
				return
			}
		}
	}
}

// RecordsAsKnown is [AsKnown] with what the store knows of each object, its level above all.
func RecordsAsKnown(ctx context.Context, r store.Reader, q store.Query, asOf time.Time) iter.Seq2[*store.Record, error] {
	return func(yield func(*store.Record, error) bool) {
		q.AllVersions = !asOf.IsZero()
		v := newVersions(asOf)
		if q.AllVersions {
			for rec, err := range r.Find(ctx, q) {
				if err != nil {
					yield(nil, err)
					return
				}
				v.see(rec.Object)
			}
		}
		for rec, err := range r.Find(ctx, q) {
			switch {
			case err != nil:
				yield(nil, err)
				return
			case (!q.AllVersions || v.take(rec.Object)) && !yield(rec, nil):
				return
			}
		}
	}
}

// versions picks one version of each object.
type versions struct {
	asOf   time.Time
	picked map[stix.ID]stix.Timestamp
}

func newVersions(asOf time.Time) versions {
	return versions{asOf, map[stix.ID]stix.Timestamp{}}
}

// see compares a version with the one that is picked so far.
func (v versions) see(o *stix.Object) {
	at := o.Version()
	have, known := v.picked[o.ID]
	later := at.Compare(have) > 0
	before := at.Time().Before(v.asOf)
	switch {
	case !known:
	case isClaim(o):
		if !later {
			return
		}
	case before != have.Time().Before(v.asOf):
		if !before {
			return
		}
	case later != before:
		return
	}
	v.picked[o.ID] = at
}

// take tells whether a version is the one that was picked, once.
func (v versions) take(o *stix.Object) bool {
	at, known := v.picked[o.ID]
	if !known || at.Compare(o.Version()) != 0 {
		return false
	}
	delete(v.picked, o.ID)
	return true
}

func isClaim(o *stix.Object) bool { return bytes.Contains(o.Raw(), []byte(claim.Extension)) }
