package store_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

const papRed = `{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--aaaaaaaa-0000-4000-8000-000000000001","created":"2020-01-01T00:00:00.000Z","definition_type":"statement","object_marking_refs":["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"],"definition":{"statement":"PAP:RED"}}`

// TestShareNarrowsEveryMethod: what PAP does not permit is not there, whichever way one reads.
func TestShareNarrowsEveryMethod(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	ids := map[string]stix.ID{}
	var objects []*stix.Object
	put := func(raw string) *stix.Object {
		o, err := stix.Parse([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
		return o
	}
	put(papRed)
	for name, marking := range map[string]string{
		"free": "", "green": string(stix.PAPGreen.MarkingID()), "amber": string(stix.PAPAmber.MarkingID()), "red": string(stix.PAPRed.MarkingID()),
		"stated": "marking-definition--aaaaaaaa-0000-4000-8000-000000000001",
	} {
		refs := ""
		if marking != "" {
			refs = `,"object_marking_refs":["` + marking + `"]`
		}
		id := stix.DerivedID("tool", name)
		ids[name] = id
		put(`{"type":"tool","spec_version":"2.1","id":"` + string(id) + `","created":"2020-01-01T00:00:00.000Z","modified":"2020-01-01T00:00:00.000Z","name":"needle ` + name + `"` + refs + `}`)
	}
	if _, err := db.Put(t.Context(), store.Provenance{Source: "x", Importer: "x"}, objects); err != nil {
		t.Fatal(err)
	}
	q := store.Query{Types: []string{"tool"}}
	for use, want := range map[store.Use][]string{
		store.Knowledge: {"amber", "free", "green", "red", "stated"},
		store.Detection: {"amber", "free", "green"},
		store.Blocking:  {"free", "green"},
	} {
		r, err := store.Share(db, store.View{MaxTLP: stix.AmberStrict}, use)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for rec, err := range r.Find(t.Context(), q) {
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, strings.TrimPrefix(rec.Name, "needle "))
		}
		slices.Sort(found)
		if !slices.Equal(found, want) {
			t.Errorf("use %d: %v, want %v", use, found, want)
		}
		n, err := r.Count(t.Context(), q)
		x, xerr := r.Page(t.Context(), q)
		stats, serr := r.Stats(t.Context())
		hits, herr := r.Search(t.Context(), "needle", 10)
		if err := errors.Join(err, xerr, serr, herr); err != nil || n != len(want) || x.Count != n || stats["tool"] != n || len(hits) != n {
			t.Errorf("use %d: count %d, page %+v, stats %v, %d hits, %v", use, n, x, stats, len(hits), err)
		}
		for name, id := range ids {
			permitted := slices.Contains(want, name)
			_, err := r.Get(t.Context(), id)
			_, verr := r.Versions(t.Context(), id)
			_, serr := r.Sources(t.Context(), id)
			for _, err := range []error{err, verr, serr} {
				if (err == nil) != permitted || err != nil && !errors.Is(err, store.ErrNotFound) {
					t.Errorf("use %d, %s: %v", use, name, err)
				}
			}
		}
	}
}
