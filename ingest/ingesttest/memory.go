// Package ingesttest is what tests of readers share: a store in memory and a way to run a reader over bytes.
//
// In comes input; out comes what a reader made of it. The store keeps the promises of package store that readers lean on:
// idempotence, refusal of conflicts, order of storing. It is no driver.
package ingesttest

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"marque/claim"
	"marque/ingest"
	"marque/stix"
	"marque/store"
)

// Memory is a store for tests.
type Memory struct {
	Records  []*store.Record // in the order of storing
	Texts    map[stix.ID]store.Document
	Rejected []store.Reject
	FailPut  error // returned by Put when set
	byID     map[stix.ID][]*store.Record
}

var _ ingest.Store = (*Memory)(nil)

// NewMemory is an empty store.
func NewMemory() *Memory {
	return &Memory{Texts: map[stix.ID]store.Document{}, byID: map[stix.ID][]*store.Record{}}
}

// Put stores a batch.
func (m *Memory) Put(_ context.Context, p store.Provenance, objects []*stix.Object) (store.PutResult, error) {
	var res store.PutResult
	if m.FailPut != nil {
		return res, m.FailPut
	}
	for i, o := range objects {
		m.put(&res, i, p, o)
	}
	return res, nil
}

func (m *Memory) put(res *store.PutResult, i int, p store.Provenance, o *stix.Object) {
	refuse := func(reason string) {
		res.Refused = append(res.Refused, store.Refusal{Index: i, Object: o, Reason: reason})
	}
	digest, err := o.Digest()
	if err != nil {
		refuse(err.Error())
		return
	}
	rec := &store.Record{Object: o, Seq: int64(len(m.Records) + 1), Stored: p.Time, Level: p.TLP, Provenance: p}
	if level, ok := o.TLP(); ok {
		rec.Level = level
	}
	last := m.latest(o.ID, rec.Level)
	for _, k := range m.byID[o.ID] {
		if k.Level > rec.Level || k.Version().Compare(o.Version()) != 0 {
			continue
		}
		if d, _ := k.Digest(); d == digest {
			res.Unchanged++
		} else {
			refuse("other content under the same id and version")
		}
		return
	}
	switch {
	case last == nil:
		res.Added++
	case last.CreatedByRef != o.CreatedByRef:
		refuse("the object belongs to another creator")
		return
	case o.Version().Compare(last.Version()) < 0:
		res.Older++
	default:
		res.Updated++
	}
	m.Records = append(m.Records, rec)
	m.byID[o.ID] = append(m.byID[o.ID], rec)
}

// latest is the latest version up to a level, or nil.
func (m *Memory) latest(id stix.ID, level stix.TLP) *store.Record {
	var last *store.Record
	for _, r := range m.byID[id] {
		if r.Level <= level && (last == nil || r.Version().Compare(last.Version()) >= 0) {
			last = r
		}
	}
	return last
}

// PutDocument keeps a text.
func (m *Memory) PutDocument(_ context.Context, d store.Document) error {
	m.Texts[d.ID] = d
	return nil
}

// GetDocument returns a text.
func (m *Memory) GetDocument(_ context.Context, id stix.ID, _ stix.TLP) (store.Document, error) {
	d, ok := m.Texts[id]
	if !ok {
		return d, store.ErrNotFound
	}
	return d, nil
}

// ListDocuments lists the texts.
func (m *Memory) ListDocuments(context.Context, stix.TLP) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		for _, d := range m.Texts {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// PutRejects keeps rejects, each once.
func (m *Memory) PutRejects(_ context.Context, rs []store.Reject) error {
	for _, r := range rs {
		known := slices.ContainsFunc(m.Rejected, func(k store.Reject) bool {
			return k.Source == r.Source && k.Place == r.Place && k.Reason == r.Reason
		})
		if !known {
			m.Rejected = append(m.Rejected, r)
		}
	}
	return nil
}

// Rejects lists the quarantine.
func (m *Memory) Rejects(context.Context) iter.Seq2[store.Reject, error] {
	return func(yield func(store.Reject, error) bool) {
		for _, r := range m.Rejected {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// View reads; only Get is of use to the pipeline.
func (m *Memory) View(v store.View) store.Reader { return view{m: m, level: v.MaxTLP} }

type view struct {
	store.Reader
	m     *Memory
	level stix.TLP
}

func (v view) Get(_ context.Context, id stix.ID) (*store.Record, error) {
	if r := v.m.latest(id, v.level); r != nil {
		return r, nil
	}
	return nil, store.ErrNotFound
}

// Get is the latest version of an object, or nil.
func (m *Memory) Get(id stix.ID) *store.Record { return m.latest(id, stix.Red) }

// Objects lists the latest versions in the order of storing.
func (m *Memory) Objects() []*stix.Object {
	var out []*stix.Object
	for _, r := range m.Records {
		if m.Get(r.ID) == r {
			out = append(out, r.Object)
		}
	}
	return out
}

// OfType lists the latest versions of a type in the order of storing.
func (m *Memory) OfType(typ string) []*stix.Object {
	var out []*stix.Object
	for _, r := range m.Records {
		if r.Type == typ && m.Get(r.ID) == r {
			out = append(out, r.Object)
		}
	}
	return out
}

// Named is the latest object of a type with a name, or nil.
func (m *Memory) Named(typ, name string) *stix.Object {
	for _, o := range m.OfType(typ) {
		if o.Name == name {
			return o
		}
	}
	return nil
}

// Relations writes the relationships as "source -type-> target" by names, sorted, for comparing.
func (m *Memory) Relations(relation string) []string {
	var out []string
	for _, o := range m.OfType("relationship") {
		if relation == "" || o.RelationshipType == relation {
			out = append(out, fmt.Sprintf("%s -%s-> %s", m.name(o.SourceRef), o.RelationshipType, m.name(o.TargetRef)))
		}
	}
	slices.Sort(out)
	return out
}

func (m *Memory) name(id stix.ID) string {
	if r := m.Get(id); r != nil && r.Name != "" {
		return r.Name
	}
	return string(id)
}

// Dangling lists references of relationships, opinions and notes that nothing in the store answers.
func (m *Memory) Dangling() []stix.ID {
	var out []stix.ID
	for id := range m.byID {
		r := m.Get(id)
		for _, id := range []stix.ID{r.SourceRef, r.TargetRef, r.CreatedByRef} {
			if id != "" && id != claim.MarqueIdentity && m.Get(id) == nil {
				out = append(out, id)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Read runs a pipeline with the given readers over bytes.
func Read(t testing.TB, m *Memory, name, content string, readers ...ingest.Reader) (ingest.Result, error) {
	t.Helper()
	return ingest.New(m, ingest.NewRegistry(readers...), ingest.Config{}).Stream(t.Context(), name, strings.NewReader(content))
}

// MustRead is Read where an error fails the test.
func MustRead(t testing.TB, m *Memory, name, content string, readers ...ingest.Reader) ingest.Result {
	t.Helper()
	res, err := Read(t, m, name, content, readers...)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// Data is the path of a file of the real data, and skips the test where there is none.
func Data(t testing.TB, parts ...string) string {
	t.Helper()
	root := os.Getenv("MARQUE_DATA")
	if root == "" {
		t.Skip("MARQUE_DATA is unset: this test reads the published data sets")
	}
	return filepath.Join(append([]string{root}, parts...)...)
}

// Unzip is the text of a gzip file.
func Unzip(t testing.TB, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
