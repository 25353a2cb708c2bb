package taxii_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"marque/serve/auth"
	"marque/serve/taxii"
	"marque/stix"
	"marque/store/sqlite"
)

// list is a JSON list of about n bytes, made of one text again and again.
func list(text string, n int) string {
	return "[" + strings.TrimSuffix(strings.Repeat(text+",", n/(len(text)+1)), ",") + "]"
}

// TestBodiesThatSwell: whatever a body is made of, what is made of it stays in proportion to its size, and the answer and the receipt are
// small. Memory is counted as all that was allocated on the way, which is more than was ever held.
func TestBodiesThatSwell(t *testing.T) {
	const size = 4 << 20
	cfg, users := worldConfig()
	cfg.MaxContentLength = 0
	h := serverFor(t, open(t, sqlite.Config{}), cfg, users)
	objects := func(list string) string { return `{"objects":` + list + `}` }
	marked := `{"type":"tool","id":"tool--00000000-0000-4000-8000-000000000001","spec_version":"2.1","granular_markings":`
	for name, body := range map[string]string{
		"numbers":             objects(list("0", size)),
		"objects of nothing":  objects(list("{}", size)),
		"empty strings":       objects(list(`""`, size)),
		"a few long strings":  objects(list(`"`+strings.Repeat("x", size/4)+`"`, size)),
		"null":                objects(list("null", size)),
		"lists in lists":      objects(list(list("[]", 4096), size)),
		"one list":            objects("[" + list("[]", size) + "]"),
		"no id":               objects(list(`{"type":"malware"}`, size)),
		"long ids":            objects(list(`{"type":"malware","id":"`+strings.Repeat("m", 60)+`"}`, size)),
		"one id":              objects(`[{"type":"malware","id":"` + strings.Repeat("m", size) + `"}]`),
		"many names":          objects(`[{"type":"malware",` + strings.Trim(list(`"":0`, size), "[]") + `}]`),
		"many markings":       objects("[" + marked + list("{}", size) + "}]"),
		"another property":    `{"x":` + list("{}", size) + `,"objects":[0]}`,
		"deep":                objects(strings.Repeat("[", size)),
		"deep elsewhere":      `{"x":` + strings.Repeat(`{"a":`, size/5),
		"small, many failing": objects(list("0", 100_000)),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			res := ask(t.Context(), h, "alice", http.MethodPost, "/api1/collections/"+inbox+"/objects/", body)
			runtime.ReadMemStats(&after)
			if made := after.TotalAlloc - before.TotalAlloc; made > 12*uint64(len(body))+(24<<20) {
				t.Errorf("%d bytes of memory for a body of %d", made, len(body))
			}
			if n := res.Body.Len(); n > 32<<10 {
				t.Errorf("an answer of %d bytes", n)
			}
			if res.Code != http.StatusAccepted && res.Code != http.StatusUnprocessableEntity && res.Code != http.StatusRequestEntityTooLarge {
				t.Errorf("%d %.200s", res.Code, res.Body)
			}
			var st struct {
				Total    int   `json:"total_count"`
				Failed   int   `json:"failure_count"`
				Failures []any `json:"failures"`
			}
			if err := json.Unmarshal(res.Body.Bytes(), &st); err != nil || res.Code == http.StatusAccepted && (st.Failed != st.Total || len(st.Failures) == 0) {
				t.Errorf("%v: %+v", err, st)
			}
		})
	}
}

// gate is a body that tells when it is read and then waits.
type gate struct {
	io.Reader
	once  sync.Once
	begun func()
	open  <-chan struct{}
}

func (g *gate) Read(p []byte) (int, error) {
	g.once.Do(func() {
		g.begun()
		<-g.open
	})
	return g.Reader.Read(p)
}

// TestManyLargeBodies: of twelve large bodies at most four are in memory, of one user's two; small ones go past them.
func TestManyLargeBodies(t *testing.T) {
	cfg, users := worldConfig()
	cfg.MaxContentLength = 1 << 20
	cfg.Roots[0].Collections[3].Writers = []string{auth.Everybody}
	h := serverFor(t, open(t, sqlite.Config{}), cfg, users)
	large := `{"objects":[` + string(object("tool", 1, 1, stix.Clear).Raw()) + `],"x":"` + strings.Repeat("x", 1<<19) + `"}`
	for name, writers := range map[string][]string{"of one user": {"alice"}, "of all": {"alice", "bob", "carol", "dave"}} {
		t.Run(name, func(t *testing.T) {
			var now, most atomic.Int32
			open, begun := make(chan struct{}), make(chan struct{}, 12)
			var posts sync.WaitGroup
			for i := range 12 {
				posts.Go(func() {
					g := &gate{Reader: strings.NewReader(large), open: open, begun: func() {
						n := now.Add(1)
						for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
						}
						begun <- struct{}{}
					}}
					r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api1/collections/"+inbox+"/objects/", g)
					r.ContentLength = -1 // as large as it may be
					r.Header.Set("Accept", taxii.MediaType)
					r.Header.Set("Content-Type", taxii.MediaType)
					r.Header.Set("Authorization", "Bearer "+writers[i%len(writers)]+"-token")
					w := httptest.NewRecorder()
					h.ServeHTTP(w, r)
					if w.Code != http.StatusAccepted {
						t.Errorf("%d %s", w.Code, w.Body)
					}
				})
			}
			want := int32(4)
			if len(writers) == 1 {
				want = 2
			}
			for range want {
				<-begun
			}
			small := `{"objects":[` + string(object("tool", 2, 1, stix.Clear).Raw()) + `]}`
			if res := ask(t.Context(), h, "alice", http.MethodPost, "/api1/collections/"+inbox+"/objects/", small); res.Code != http.StatusAccepted {
				t.Errorf("a small body beside large ones: %d", res.Code)
			}
			if n := most.Load(); n != want {
				t.Errorf("%d bodies at the same time, want %d", n, want)
			}
			close(open)
			posts.Wait()
		})
	}
}

// TestPacked: who takes gzip gets it, and the same bytes.
func TestPacked(t *testing.T) {
	cfg, users := worldConfig()
	h := serverFor(t, world(t), cfg, users)
	path := "/api1/collections/" + everything + "/objects/?match[version]=all"
	plain := ask(t.Context(), h, "alice", http.MethodGet, path, "")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	r.Header.Set("Accept", taxii.MediaType)
	r.Header.Set("Accept-Encoding", "gzip")
	r.Header.Set("Authorization", "Bearer alice-token")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got := w.Header().Get("Content-Encoding"); got != "gzip" || w.Body.Len() >= plain.Body.Len() {
		t.Fatalf("content coding %q, %d bytes for %d", got, w.Body.Len(), plain.Body.Len())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(got, plain.Body.Bytes()) {
		t.Errorf("%v: %s", err, got)
	}
	if got := w.Header().Get("Vary"); !strings.Contains(got, "Accept-Encoding") {
		t.Errorf("Vary %q", got)
	}
}
