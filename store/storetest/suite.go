package storetest

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"marque/stix"
	"marque/store"
)

// Run runs the suite. Each case gets a store of its own from open, empty.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(*suite)
	}{
		{"lossless", lossless},
		{"outcomes", outcomes},
		{"idempotent", idempotent},
		{"order within a batch", orderWithinBatch},
		{"repeats within a batch", repeatsWithinBatch},
		{"versions are ordered by instant", versionsByInstant},
		{"objects without versions", unversioned},
		{"another creator is refused", anotherCreator},
		{"other content of a version is refused", otherContent},
		{"all or nothing", allOrNothing},
		{"append-only", appendOnly},
		{"provenance", provenance},
		{"provenance above the level", provenanceAboveLevel},
		{"what an importer brought", importerOrder},
		{"what several importers brought", severalImporters},
		{"what an importer withdrew", withdrawals},
		{"what a strict importer brought", strictImporter},
		{"a moment of its own", moments},
		{"first and last versions", picks},
		{"pages", pages},
		{"as of an earlier time", asOf},
		{"TLP levels", levels},
		{"TLP of a later version", raisedAndLowered},
		{"TLP of a second source", secondSource},
		{"TLP of what two sources tell differently", otherWords},
		{"TLP of objects without versions", sharedObservables},
		{"outcomes below what is there", blindOutcomes},
		{"two creators of one object", twoCreators},
		{"definitions of markings", definitions},
		{"definitions that come late", lateDefinitions},
		{"derived from what is raised", derived},
		{"versions apart", apart},
		{"apart from others' definitions", apartDefinitions},
		{"queries", queries},
		{"limits and counts", limits},
		{"paging under writes", paging},
		{"reading while iterating", nested},
		{"relations", relations},
		{"search", search},
		{"search takes any text", searchAnything},
		{"documents", documents},
		{"quarantine", quarantine},
		{"marks", marks},
		{"receipts", receipts},
		{"concurrent use", concurrent},
		{"cancelled", cancelled},
		{"as the model says", model},
		{"as if there were nothing above", strangers},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(&suite{T: t, Store: open(t), open: open}) })
	}
}

// suite is a case under way: a test and its store.
type suite struct {
	*testing.T
	store.Store
	open func(*testing.T) store.Store
}

// Props are the properties of an object to be made.
type props = map[string]any

// id is the n-th id of a type.
func id(typ string, n int) stix.ID {
	return stix.ID(fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", typ, n))
}

// object makes the n-th object of a type, version 1, created by Vendor; more overrides, and nil removes.
func (s *suite) object(typ string, n int, more props) *stix.Object {
	s.Helper()
	p := props{
		"type": typ, "spec_version": "2.1", "id": id(typ, n), "created_by_ref": Vendor,
		"created": version(0), "modified": version(1), "name": fmt.Sprintf("%s %d", typ, n),
	}
	return s.make(p, more)
}

func (s *suite) make(p, more props) *stix.Object {
	s.Helper()
	maps.Copy(p, more)
	maps.DeleteFunc(p, func(_ string, v any) bool { return v == nil })
	o, err := stix.New(p)
	if err != nil {
		s.Fatal(err)
	}
	return o
}

func (s *suite) relationship(n int, source, target stix.ID, more props) *stix.Object {
	s.Helper()
	p := props{"relationship_type": "uses", "source_ref": source, "target_ref": target, "name": nil}
	maps.Copy(p, more)
	return s.object("relationship", n, p)
}

// domain makes a cyber observable: an object without creator and version.
func (s *suite) domain(value string, more props) *stix.Object {
	s.Helper()
	oid, _ := stix.ObservableID("domain-name", props{"value": value})
	return s.make(props{"type": "domain-name", "spec_version": "2.1", "id": oid, "value": value}, more)
}

// version is the n-th instant that the suite uses for versions.
func version(n int) string {
	return stix.At(time.Date(2024, 1, 1, 0, 0, n, 0, time.UTC)).String()
}

func marked(level stix.TLP) props { return props{"object_marking_refs": []stix.ID{level.MarkingID()}} }

var source = store.Provenance{
	Document: id("report", 900), Source: "feed.json", Importer: "stix/2.1", Digest: "d1",
	Time: time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC),
}

// put stores a batch from the usual source and returns what became of it.
func (s *suite) put(objects ...*stix.Object) store.PutResult {
	s.Helper()
	return s.putFrom(source, objects...)
}

func (s *suite) putFrom(p store.Provenance, objects ...*stix.Object) store.PutResult {
	s.Helper()
	res, err := s.Put(s.Context(), p, objects)
	if err != nil {
		s.Fatal(err)
	}
	return res
}

func (s *suite) owner() store.Reader { return s.View(store.Owner()) }

// at is the owner's view as of a time.
func (s *suite) at(t time.Time) store.Reader { return s.View(store.View{MaxTLP: stix.Red, AsOf: t}) }

func (s *suite) get(r store.Reader, id stix.ID) *store.Record {
	s.Helper()
	rec, err := r.Get(s.Context(), id)
	if err != nil {
		s.Fatal(err)
	}
	return rec
}

func (s *suite) find(r store.Reader, q store.Query) []*store.Record {
	s.Helper()
	return collect(s.T, r.Find(s.Context(), q))
}

func (s *suite) search(r store.Reader, words string) []stix.ID {
	s.Helper()
	recs, err := r.Search(s.Context(), words, 0)
	if err != nil {
		s.Fatalf("search %q: %v", words, err)
	}
	return ids(recs)
}

// missing checks that an object is not there for a view, by any way of reading.
func (s *suite) missing(r store.Reader, id stix.ID) {
	s.Helper()
	if _, err := r.Get(s.Context(), id); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("get %s: %v, want ErrNotFound", id, err)
	}
	if _, err := r.Versions(s.Context(), id); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("versions of %s: %v, want ErrNotFound", id, err)
	}
	if _, err := r.Sources(s.Context(), id); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("sources of %s: %v, want ErrNotFound", id, err)
	}
	for _, all := range []bool{false, true} {
		q := store.Query{IDs: []stix.ID{id}, AllVersions: all}
		if got := s.find(r, q); len(got) > 0 {
			s.Errorf("find %+v: %v, want none", q, ids(got))
		}
		if n, err := r.Count(s.Context(), q); n != 0 || err != nil {
			s.Errorf("count %+v: %d, %v, want none", q, n, err)
		}
	}
}

func collect[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var out []T
	for v, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

func ids(recs []*store.Record) []stix.ID {
	out := make([]stix.ID, len(recs))
	for i, r := range recs {
		out[i] = r.ID
	}
	return out
}

// bodies are the raw bytes of records: what a reader is shown.
func bodies(recs []*store.Record) []string {
	out := make([]string, len(recs))
	for i, r := range recs {
		out[i] = string(r.Raw())
	}
	return out
}

func (s *suite) equal(what string, got, want any) {
	s.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		s.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// counts checks a PutResult but for the refusals' details.
func (s *suite) counts(res store.PutResult, added, updated, older, unchanged, refused int) {
	s.Helper()
	s.equal("result", []int{res.Added, res.Updated, res.Older, res.Unchanged, len(res.Refused)}, []int{added, updated, older, unchanged, refused})
}
