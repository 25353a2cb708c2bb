package taxii_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"marque/serve/taxii"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
	"marque/store/storetest"
)

// BenchmarkServe reads a whole collection over HTTP, by pages. MARQUE_TAXII_OBJECTS sets its size (1000000 is what the figures
// of docs/taxii.md are for). It reports objects per second and the most memory that the process held while serving, less what
// it held before.
func BenchmarkServe(b *testing.B) {
	n := 20_000
	if s := os.Getenv("MARQUE_TAXII_OBJECTS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	db := open(b, sqlite.Config{})
	began, size := time.Now(), 0
	for start := 0; start < n; start += 10_000 {
		objects := storetest.Generate(min(10_000, n-start), uint64(start+1))
		for _, o := range objects {
			size += len(o.Raw())
		}
		if _, err := db.Put(b.Context(), store.Provenance{Importer: "stix"}, objects); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d objects of %d bytes stored in %v", n, size/n, time.Since(began).Round(time.Millisecond))
	cfg, users := worldConfig()
	cfg.PageLimit = n
	srv := httptest.NewServer(serverFor(b, db, cfg, users))
	defer srv.Close()
	for _, limit := range []int{1000, 10_000, n} {
		b.Run(fmt.Sprintf("limit=%d", limit), func(b *testing.B) {
			runtime.GC()
			debug.FreeOSMemory()
			peak := newPeak()
			got := 0
			for b.Loop() {
				got += readAll(b, srv.URL, limit)
			}
			b.ReportMetric(float64(got)/b.Elapsed().Seconds(), "objects/s")
			b.ReportMetric(float64(peak.stop())/(1<<20), "MB")
			if got != n*b.N {
				b.Fatalf("%d objects, want %d", got, n*b.N)
			}
		})
	}
}

// readAll pages through everything and counts, without keeping anything.
func readAll(b *testing.B, base string, limit int) (objects int) {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	for {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, base+"/api1/collections/"+everything+"/objects/?"+q.Encode(), http.NoBody)
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Accept", taxii.MediaType)
		req.Header.Set("Authorization", "Bearer dave-token")
		res, err := http.DefaultClient.Do(req)
		if err != nil || res.StatusCode != http.StatusOK {
			b.Fatal(err, res)
		}
		n, head := count(b, res.Body)
		objects += n
		_ = res.Body.Close()
		last, err := time.Parse(time.RFC3339, res.Header.Get("X-TAXII-Date-Added-Last"))
		if err != nil || last.IsZero() {
			b.Fatal(err)
		}
		_, next, more := strings.Cut(head, `"next":"`)
		if !more {
			return objects
		}
		next, _, _ = strings.Cut(next, `"`)
		q.Set("next", next)
	}
}

// count counts the objects of an envelope as it comes, by a property that each has once, and returns its first bytes.
func count(b *testing.B, r io.Reader) (objects int, head string) {
	needle := []byte(`"spec_version"`)
	buf := make([]byte, 64<<10)
	kept := 0 // bytes of the read before that the needle may begin in
	for {
		n, err := r.Read(buf[kept:])
		part := buf[:kept+n]
		if head == "" {
			head = string(part[:min(n, 200)])
		}
		objects += bytes.Count(part, needle)
		kept = copy(buf, part[max(0, len(part)-len(needle)+1):])
		if err == io.EOF {
			return objects, head
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// peak watches the resident memory of the process.
type peak struct {
	done  chan struct{}
	most  chan int64
	start int64
}

func newPeak() *peak {
	p := &peak{done: make(chan struct{}), most: make(chan int64), start: resident()}
	go func() {
		most := int64(0)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				most = max(most, resident())
			case <-p.done:
				p.most <- max(most, resident())
				return
			}
		}
	}()
	return p
}

// stop returns the most that the process held, all of it.
func (p *peak) stop() int64 {
	close(p.done)
	return <-p.most
}

// resident is the resident set of the process where the system tells, else what Go holds.
func resident() int64 {
	if raw, err := os.ReadFile("/proc/self/statm"); err == nil {
		if f := strings.Fields(string(raw)); len(f) > 1 {
			if pages, err := strconv.ParseInt(f[1], 10, 64); err == nil {
				return pages * int64(os.Getpagesize())
			}
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys - m.HeapReleased)
}

// BenchmarkPost adds objects, a thousand in each request.
func BenchmarkPost(b *testing.B) {
	db := open(b, sqlite.Config{})
	cfg, users := worldConfig()
	cfg.MaxContentLength = 64 << 20
	h := serverFor(b, db, cfg, users)
	n := 0
	for b.Loop() {
		objects := make([]*stix.Object, 1000)
		for i := range objects {
			objects[i] = object("tool", n, 1, stix.Clear)
			n++
		}
		body, err := json.Marshal(map[string]any{"objects": slices.Clip(objects)})
		if err != nil {
			b.Fatal(err)
		}
		if w := ask(b.Context(), h, "alice", http.MethodPost, "/api1/collections/"+inbox+"/objects/", string(body)); w.Code != http.StatusAccepted {
			b.Fatal(w.Code, w.Body)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "objects/s")
}
