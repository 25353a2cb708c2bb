package graph

import (
	"cmp"
	"slices"

	"marque/stix"
)

// lineage finds the root of each document. "duplicate-of" makes documents one; "derived-from" leads to what is retold.
type lineage struct {
	parents map[stix.ID][]stix.ID // derived-from
	same    map[stix.ID]stix.ID   // union-find over duplicate-of
	docs    map[stix.ID]*Document
}

func newLineage(docs map[stix.ID]*Document) *lineage {
	return &lineage{parents: map[stix.ID][]stix.ID{}, same: map[stix.ID]stix.ID{}, docs: docs}
}

func (l *lineage) derived(doc, from stix.ID) {
	if doc != from {
		l.parents[doc] = append(l.parents[doc], from)
	}
}

// find is the representative of a set of duplicates.
func (l *lineage) find(id stix.ID) stix.ID {
	for {
		up, ok := l.same[id]
		if !ok {
			return id
		}
		id = up
	}
}

// duplicate joins two documents; the earlier one stands for both.
func (l *lineage) duplicate(a, b stix.ID) {
	a, b = l.find(a), l.find(b)
	if a == b {
		return
	}
	if l.before(b, a) {
		a, b = b, a
	}
	l.same[b] = a
}

// before orders documents by date, undated ones last, then by id.
func (l *lineage) before(a, b stix.ID) bool {
	da, db := l.docs[a], l.docs[b]
	dated := func(d *Document) bool { return d != nil && !d.Date.IsZero() }
	switch {
	case dated(da) && dated(db) && !da.Date.Equal(db.Date):
		return da.Date.Before(db.Date)
	case dated(da) != dated(db):
		return dated(da)
	}
	return a < b
}

// resolve gives every document that takes part in lineage its root. A document that retells several reports has the
// earliest as its root; the documents of a circle have the earliest of the circle.
func (l *lineage) resolve() map[stix.ID]stix.ID {
	up := map[stix.ID]stix.ID{} // one parent per set of duplicates
	for doc, froms := range l.parents {
		self := l.find(doc)
		for _, f := range froms {
			f = l.find(f)
			if f == self {
				continue
			}
			if cur, ok := up[self]; !ok || l.before(f, cur) {
				up[self] = f
			}
		}
	}
	roots := map[stix.ID]stix.ID{}
	resolve := func(id stix.ID) stix.ID {
		path := []stix.ID{l.find(id)}
		for {
			next, ok := up[path[len(path)-1]]
			if !ok {
				return path[len(path)-1]
			}
			if at := slices.Index(path, next); at >= 0 {
				return slices.MinFunc(path[at:], func(a, b stix.ID) int {
					if l.before(a, b) {
						return -1
					}
					return cmp.Compare(1, 0)
				})
			}
			path = append(path, next)
		}
	}
	for id := range l.parents {
		roots[id] = resolve(id)
	}
	for id := range l.same {
		roots[id] = resolve(id)
		roots[l.find(id)] = resolve(l.find(id))
	}
	return roots
}
