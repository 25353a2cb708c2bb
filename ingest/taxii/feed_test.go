package taxii_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"marque/ingest/ingesttest"
	"marque/ingest/taxii"
	"marque/stix"
	"marque/store"
)

const (
	colID   = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
	media   = "application/taxii+json;version=2.1"
	rfc3339 = "2006-01-02T15:04:05.000000Z"
)

// memory is a store with marks.
type memory struct {
	*ingesttest.Memory
	marks map[string]string
}

func newMemory() *memory {
	return &memory{Memory: ingesttest.NewMemory(), marks: map[string]string{}}
}

func (m *memory) GetMark(_ context.Context, name string) (string, error) {
	v, ok := m.marks[name]
	if !ok {
		return "", store.ErrNotFound
	}
	return v, nil
}

func (m *memory) PutMark(_ context.Context, name, value string) error {
	m.marks[name] = value
	return nil
}

// entry is an object of a feed and when it was added.
type entry struct {
	raw  string
	date time.Time
}

// feed is a server with one collection. It is honest unless its hooks make it otherwise.
type feed struct {
	mu       sync.Mutex
	entries  []entry
	cap      int  // objects in a page at most
	useNext  bool // else pages go by added_after
	noDates  bool // no X-TAXII-Date-Added headers
	requests []string
	// before may answer a request for objects itself.
	before func(n int, w http.ResponseWriter, r *http.Request) bool
	// next may change the next of an envelope.
	next func(string) string
}

var begin = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

func tool(n int) string {
	return fmt.Sprintf(`{"type":"tool","spec_version":"2.1","id":"tool--00000000-0000-4000-8000-%012d","created":"2024-01-01T00:00:00.000Z",`+
		`"modified":"2024-01-01T00:00:00.000Z","name":"tool %d"}`, n, n)
}

// newFeed has n objects of which each `same` follow each other with one date.
func newFeed(n, same, cap int) *feed {
	f := &feed{cap: cap}
	for i := range n {
		f.entries = append(f.entries, entry{tool(i), begin.Add(time.Duration(i/same) * time.Second)})
	}
	return f
}

func (f *feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w.Header().Set("Content-Type", media)
	switch r.URL.Path {
	case "/taxii2/":
		fmt.Fprint(w, `{"title":"t","api_roots":["/api/"]}`)
	case "/api/":
		fmt.Fprint(w, `{"title":"r","versions":["`+media+`"],"max_content_length":1000}`)
	case "/api/collections/":
		fmt.Fprintf(w, `{"collections":[{"id":%q,"title":"Some feed","alias":"some","can_read":true,"can_write":false}]}`, colID)
	case "/api/collections/" + colID + "/":
		fmt.Fprintf(w, `{"id":%q,"title":"Some feed","alias":"some","can_read":true,"can_write":false}`, colID)
	case "/api/collections/" + colID + "/objects/":
		f.requests = append(f.requests, r.URL.RawQuery)
		if f.before == nil || !f.before(len(f.requests), w, r) {
			f.objects(w, r)
		}
	default:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"title":"nothing here"}`)
	}
}

func (f *feed) objects(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	from := 0
	if after, err := time.Parse(time.RFC3339, q.Get("added_after")); err == nil {
		from = slices.IndexFunc(f.entries, func(e entry) bool { return e.date.After(after) })
		if from < 0 {
			from = len(f.entries)
		}
	}
	if n, err := strconv.Atoi(q.Get("next")); err == nil {
		from = n
	}
	limit, _ := strconv.Atoi(q.Get("limit"))
	to := min(from+min(limit, f.cap), len(f.entries))
	env := map[string]any{}
	var list []json.RawMessage
	for _, e := range f.entries[min(from, to):to] {
		list = append(list, json.RawMessage(e.raw))
	}
	if len(list) > 0 {
		env["objects"] = list
		if !f.noDates {
			w.Header().Set("X-TAXII-Date-Added-First", f.entries[from].date.Format(rfc3339))
			w.Header().Set("X-TAXII-Date-Added-Last", f.entries[to-1].date.Format(rfc3339))
		}
	}
	if to < len(f.entries) {
		env["more"] = true
		if f.useNext {
			env["next"] = strconv.Itoa(to)
		}
	}
	if next, ok := env["next"].(string); ok && f.next != nil {
		env["next"] = f.next(next)
	}
	_ = json.NewEncoder(w).Encode(env)
}

// run is a client against a feed, with a clock that only waiting moves.
type run struct {
	*testing.T
	url   string
	store *memory
	waits []time.Duration
	now   time.Time
	cfg   taxii.Config
}

func start(t *testing.T, h http.Handler) *run {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	r := &run{T: t, url: srv.URL, store: newMemory(), now: begin}
	r.cfg = taxii.Config{
		URL: srv.URL, Limit: 10, Timeout: 10 * time.Second, Rate: 1e12, Attempts: 4,
		Now:    func() time.Time { return r.now },
		Random: func() float64 { return 0 },
		Sleep: func(ctx context.Context, d time.Duration) error {
			r.waits = append(r.waits, d)
			r.now = r.now.Add(d)
			return ctx.Err()
		},
	}
	return r
}

func (r *run) run() ([]taxii.Result, error) { return r.runIn(r.Context()) }

func (r *run) runIn(ctx context.Context) ([]taxii.Result, error) {
	r.Helper()
	c, err := taxii.New(r.store, r.cfg)
	if err != nil {
		r.Fatal(err)
	}
	return c.Run(ctx)
}

func (r *run) mustRun() taxii.Result {
	r.Helper()
	res, err := r.run()
	if err != nil || len(res) != 1 || !res[0].Complete {
		r.Fatalf("%+v: %v", res, err)
	}
	return res[0]
}

// has checks that the store holds exactly the tools 0 to n-1.
func (r *run) has(n int) {
	r.Helper()
	seen := map[stix.ID]bool{}
	for _, rec := range r.store.Records {
		if seen[rec.ID] {
			r.Fatalf("%s is stored twice", rec.ID)
		}
		seen[rec.ID] = true
	}
	for i := range n {
		if id := stix.ID(fmt.Sprintf("tool--00000000-0000-4000-8000-%012d", i)); !seen[id] {
			r.Fatalf("%s is missing; the store has %d of %d", id, len(seen), n)
		}
	}
	if len(seen) != n {
		r.Fatalf("the store has %d objects, want %d", len(seen), n)
	}
}
