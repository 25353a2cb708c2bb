package taxii_test

import (
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"marque/ingest/taxii"
	"marque/internal/guard"
)

func TestPagingWays(t *testing.T) {
	for _, c := range []struct {
		name string
		feed *feed
	}{
		{"next", &feed{useNext: true, cap: 7}},
		{"next without dates", &feed{useNext: true, noDates: true, cap: 7}},
		{"added_after", &feed{cap: 7}},
		{"added_after, two objects a page", &feed{cap: 2}},
		{"one page", &feed{cap: 1000}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.feed.entries = newFeed(53, 1, 0).entries
			r := start(t, c.feed)
			res := r.mustRun()
			r.has(53)
			if res.Added != 53 {
				t.Errorf("added %d", res.Added)
			}
		})
	}
}

func TestEqualDates(t *testing.T) {
	for _, same := range []int{2, 3, 7, 10, 11, 25} { // groups that pages cut, that fill one, that are larger
		t.Run(fmt.Sprint(same), func(t *testing.T) {
			r := start(t, newFeed(100, same, 400))
			r.mustRun()
			r.has(100)
		})
	}
}

// TestGroupThatNobodyCanRead: the server cuts a group of equal dates, and has no next. Nothing may be skipped in silence.
func TestGroupThatNobodyCanRead(t *testing.T) {
	f := newFeed(100, 30, 10)
	r := start(t, f)
	if _, err := r.run(); !errors.Is(err, taxii.ErrLoop) || !strings.Contains(err.Error(), "cannot be read without skipping") {
		t.Fatal(err)
	}
	if len(f.requests) > 20 {
		t.Errorf("%d requests", len(f.requests))
	}
}

func TestHostilePages(t *testing.T) {
	empty := func(next string) string { return `{"more":true,"next":"` + next + `"}` }
	for _, c := range []struct {
		name string
		hook func(n int, w http.ResponseWriter) bool
		feed func(*feed)
		want error // nil: all is read
	}{
		{"the same next again and again, with dates", nil, func(f *feed) { f.next = func(string) string { return "10" } }, nil},
		{"the same next again and again, without dates", nil, func(f *feed) {
			f.noDates, f.next = true, func(string) string { return "10" }
		}, taxii.ErrLoop},
		{"a next that goes back and forth", nil, func(f *feed) {
			n := 0
			f.noDates, f.next = true, func(string) string { n++; return fmt.Sprint(10 + n%2) }
		}, taxii.ErrLoop},
		{"the same page under new nexts", nil, func(f *feed) {
			n := 0
			f.noDates, f.next = true, func(string) string { n++; return "0" + strings.Repeat("0", n) }
		}, taxii.ErrLoop},
		{"empty pages for ever", func(n int, w http.ResponseWriter) bool {
			fmt.Fprint(w, empty(fmt.Sprint("n", n)))
			return true
		}, nil, taxii.ErrLoop},
		{"an empty page that promises more, without next", func(_ int, w http.ResponseWriter) bool {
			fmt.Fprint(w, `{"more":true}`)
			return true
		}, nil, taxii.ErrLoop},
		{"the same, with a date that goes on", func(n int, w http.ResponseWriter) bool {
			w.Header().Set("X-TAXII-Date-Added-Last", begin.Add(time.Duration(n)*time.Hour).Format(rfc3339))
			fmt.Fprint(w, `{"more":true}`)
			return true
		}, nil, taxii.ErrLoop},
		{"a few empty pages", func(n int, w http.ResponseWriter) bool {
			if n > 1 && n < 6 {
				fmt.Fprint(w, empty(fmt.Sprint("010", strings.Repeat(" ", n))))
			}
			return n > 1 && n < 6
		}, func(f *feed) { f.noDates = false }, nil},
		{"more without next and without a date", func(_ int, w http.ResponseWriter) bool {
			fmt.Fprint(w, `{"more":true,"objects":[`+tool(1)+`]}`)
			return true
		}, nil, taxii.ErrLoop},
		{"a date that goes back", func(n int, w http.ResponseWriter) bool {
			w.Header().Set("X-TAXII-Date-Added-Last", begin.Add(-time.Duration(n)*time.Hour).Format(rfc3339))
			fmt.Fprint(w, `{"more":true,"objects":[`+tool(n)+`]}`)
			return true
		}, nil, taxii.ErrLoop},
		{"a date that is none", func(_ int, w http.ResponseWriter) bool {
			w.Header().Set("X-TAXII-Date-Added-Last", "yesterday")
			fmt.Fprint(w, `{"more":true,"objects":[`+tool(1)+`]}`)
			return true
		}, nil, taxii.ErrLoop},
		{"an immense next", func(n int, w http.ResponseWriter) bool {
			fmt.Fprintf(w, `{"more":true,"next":"%s%d","objects":[%s]}`, strings.Repeat("x", 100_000), n, tool(n))
			return true
		}, nil, taxii.ErrLoop},
		{"pages without end", func(n int, w http.ResponseWriter) bool {
			fmt.Fprintf(w, `{"more":true,"next":"%d","objects":[%s]}`, n, tool(n))
			return true
		}, nil, taxii.ErrTooLarge},
		{"a next that is a number", func(n int, w http.ResponseWriter) bool {
			if n == 1 {
				fmt.Fprint(w, `{"more":true,"next":3,"objects":[`+tool(0)+`,`+tool(1)+`,`+tool(2)+`]}`)
			}
			return n == 1
		}, nil, nil},
		{"a page that is too large", func(_ int, w http.ResponseWriter) bool {
			fmt.Fprint(w, `{"x":"`+strings.Repeat("x", 200_000)+`"}`)
			return true
		}, nil, taxii.ErrTooLarge},
		{"HTML", func(_ int, w http.ResponseWriter) bool {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html>")
			return true
		}, nil, taxii.ErrRefused},
		{"TAXII 2.0", func(_ int, w http.ResponseWriter) bool {
			w.Header().Set("Content-Type", "application/vnd.oasis.stix+json; version=2.0")
			return true
		}, nil, taxii.ErrRefused},
		{"no content type", func(_ int, w http.ResponseWriter) bool {
			w.Header()["Content-Type"] = nil
			fmt.Fprint(w, "{}")
			return true
		}, nil, taxii.ErrRefused},
		{"truncated JSON once", func(n int, w http.ResponseWriter) bool {
			if n == 2 {
				fmt.Fprint(w, `{"more":true,"next":"90","objects":[`+tool(10)+`,{"type"`)
			}
			return n == 2
		}, nil, nil},
		{"truncated JSON always", func(_ int, w http.ResponseWriter) bool {
			fmt.Fprint(w, `{"objects":[`)
			return true
		}, nil, taxii.ErrUnavailable},
		{"two documents", func(_ int, w http.ResponseWriter) bool {
			fmt.Fprint(w, `{} {}`)
			return true
		}, nil, taxii.ErrUnavailable},
		{"a connection that breaks", func(n int, w http.ResponseWriter) bool {
			if n%2 == 0 {
				w.Header().Set("Content-Length", "1000")
				fmt.Fprint(w, `{"more":`)
			}
			return n%2 == 0
		}, nil, nil},
		{"objects that are no list", func(_ int, w http.ResponseWriter) bool {
			fmt.Fprint(w, `{"objects":{}}`)
			return true
		}, nil, taxii.ErrRefused},
		{"no access", func(_ int, w http.ResponseWriter) bool {
			w.WriteHeader(http.StatusForbidden)
			return true
		}, nil, taxii.ErrRefused},
		{"always unavailable", func(_ int, w http.ResponseWriter) bool {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}, nil, taxii.ErrUnavailable},
		{"a next that the server forgets once", func(n int, w http.ResponseWriter) bool {
			if n == 4 {
				w.WriteHeader(http.StatusNotFound)
			}
			return n == 4
		}, nil, nil},
		{"a next that the server never knows", func(n int, w http.ResponseWriter) bool {
			if n%2 == 0 {
				w.WriteHeader(http.StatusBadRequest)
			}
			return n%2 == 0
		}, func(f *feed) { f.noDates = true }, taxii.ErrRefused},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFeed(100, 3, 20)
			f.useNext = true
			if c.hook != nil {
				f.before = func(n int, w http.ResponseWriter, _ *http.Request) bool { return c.hook(n, w) }
			}
			if c.feed != nil {
				c.feed(f)
			}
			r := start(t, f)
			r.cfg.MaxPages, r.cfg.MaxPageBytes = 100, 150_000
			_, err := r.run()
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if c.want == nil {
				r.has(100)
			}
			if len(f.requests) > 101 {
				t.Errorf("%d requests", len(f.requests))
			}
		})
	}
}

func TestWaiting(t *testing.T) {
	for _, c := range []struct {
		name       string
		status     int
		retryAfter string
		times      int
		want       []time.Duration
		err        error
	}{
		{"back-off doubles", 500, "", 3, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}, nil},
		{"Retry-After in seconds", 429, "17", 1, []time.Duration{17 * time.Second}, nil},
		{"Retry-After as a date", 503, begin.Add(42 * time.Second).Format(http.TimeFormat), 1, []time.Duration{42 * time.Second}, nil},
		{"Retry-After in the past", 503, begin.Add(-time.Hour).Format(http.TimeFormat), 1, []time.Duration{500 * time.Millisecond}, nil},
		{"Retry-After of nonsense", 503, "soon", 1, []time.Duration{500 * time.Millisecond}, nil},
		{"Retry-After of a day", 429, "86400", 1, nil, taxii.ErrUnavailable},
		{"Retry-After beyond numbers", 429, "9223372036854775807", 1, nil, taxii.ErrUnavailable},
		{"too often", 502, "", 9, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}, taxii.ErrUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFeed(3, 1, 10)
			f.before = func(n int, w http.ResponseWriter, _ *http.Request) bool {
				if n > c.times {
					return false
				}
				if c.retryAfter != "" {
					w.Header().Set("Retry-After", c.retryAfter)
				}
				w.WriteHeader(c.status)
				return true
			}
			r := start(t, f)
			if _, err := r.run(); !errors.Is(err, c.err) {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, r.waits); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestRate(t *testing.T) {
	f := newFeed(50, 1, 10)
	f.useNext = true
	r := start(t, f)
	r.cfg.Rate = 4
	r.mustRun()
	var sum time.Duration
	for _, d := range r.waits {
		sum += d
	}
	if want := 6 * 250 * time.Millisecond; sum != want { // discovery, collections, five pages
		t.Errorf("waited %v in all, want %v", sum, want)
	}
}

func TestResume(t *testing.T) {
	f := newFeed(60, 1, 10)
	f.useNext = true
	r := start(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	r.cfg.Progress = func(p taxii.Progress) {
		if p.Pages == 3 {
			cancel()
		}
	}
	if _, err := r.runIn(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	r.has(30)
	r.cfg.Progress = nil
	f.requests = nil
	r.mustRun()
	r.has(60)
	if d := cmp.Diff([]string{"limit=10&next=30", "limit=10&next=40", "limit=10&next=50"}, f.requests); d != "" {
		t.Error("requests after the break", d)
	}
	// The next run asks for what is new, and finds what came under the date that was the last.
	f.entries = append(f.entries, entry{tool(60), f.entries[59].date}, entry{tool(61), f.entries[59].date.Add(time.Second)})
	f.requests = nil
	res := r.mustRun()
	r.has(62)
	if len(f.requests) != 1 || res.Objects != 3 || res.Unchanged != 1 {
		t.Errorf("%d requests, %d objects, %d known", len(f.requests), res.Objects, res.Unchanged)
	}
	// And may be told to begin anew.
	r.cfg.Restart = true
	if res := r.mustRun(); res.Objects != 62 || res.Unchanged != 62 {
		t.Errorf("anew: %+v", res)
	}
}

// TestResumeWithoutDates: the server's clock is what is left.
func TestResumeWithoutDates(t *testing.T) {
	f := newFeed(20, 1, 10)
	f.useNext, f.noDates = true, true
	f.before = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Date", begin.Add(10*time.Second).Format(http.TimeFormat))
		return false
	}
	r := start(t, f)
	r.mustRun()
	f.requests = nil
	r.mustRun()
	if want := "added_after=2024-05-01T11%3A59%3A10.000000Z&limit=10"; f.requests[0] != want {
		t.Errorf("asked %s, want %s", f.requests[0], want)
	}
}

func TestBadObjects(t *testing.T) {
	f := newFeed(3, 1, 10)
	f.entries[1].raw = `{"type":"tool","id":"nonsense"}`
	f.entries = append(f.entries, entry{`[]`, begin.Add(time.Hour)}, entry{tool(2), begin.Add(time.Hour)})
	r := start(t, f)
	res := r.mustRun()
	if res.Objects != 3 || res.Added != 2 || res.Unchanged != 1 || res.Rejected != 2 || len(r.store.Rejected) != 2 {
		t.Errorf("%+v, quarantine %d", res.Result, len(r.store.Rejected))
	}
	rej := r.store.Rejected[0]
	if rej.Importer != taxii.Importer(colID) || rej.Source != r.url+"/api/collections/"+colID+"/objects/" || string(rej.Raw) != f.entries[1].raw {
		t.Errorf("%+v", rej)
	}
	p := r.store.Records[0].Provenance
	if p.Importer != taxii.Importer(colID) || p.Digest == "" {
		t.Errorf("provenance %+v", p)
	}
}

func TestLift(t *testing.T) {
	f := newFeed(1, 1, 10)
	f.entries[0].raw = `{"type":"tool","spec_version":"2.0","id":"tool--00000000-0000-4000-8000-000000000000","created":"2024-01-01T00:00:00.000Z"}`
	r := start(t, f)
	r.cfg.Lift = func([]byte) ([][]byte, error) { return [][]byte{[]byte(tool(0)), []byte(tool(1))}, nil }
	r.mustRun()
	r.has(2)
}

func TestCredentials(t *testing.T) {
	var got []string
	f := newFeed(1, 1, 10)
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		got = append(got, q.Header.Get("Authorization")+" "+q.Header.Get("Accept"))
		f.ServeHTTP(w, q)
	}))
	r.cfg.User, r.cfg.Password = "u", "p"
	r.mustRun()
	r.cfg.User, r.cfg.Password, r.cfg.Token = "", "", "t"
	r.mustRun()
	for i, a := range got {
		want := "Basic dTpw " + media
		if i >= len(got)/2 {
			want = "Bearer t " + media
		}
		if a != want {
			t.Errorf("request %d: %q, want %q", i, a, want)
		}
	}
}

func TestRedirects(t *testing.T) {
	f := newFeed(5, 1, 10)
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked++; f.ServeHTTP(w, r) }))
	defer other.Close()
	to := ""
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if strings.HasPrefix(q.URL.Path, "/taxii2/") {
			http.Redirect(w, q, to, http.StatusTemporaryRedirect)
			return
		}
		q.URL.Path = strings.TrimPrefix(q.URL.Path, "/moved")
		f.ServeHTTP(w, q)
	}))
	r.cfg.Token = "t"
	to = other.URL + "/taxii2/"
	if _, err := r.run(); !errors.Is(err, guard.ErrRedirect) || asked > 0 {
		t.Errorf("to another server: %v, asked %d times", err, asked)
	}
	to = "/taxii2/"
	if _, err := r.run(); !errors.Is(err, guard.ErrRedirect) {
		t.Errorf("in circles: %v", err)
	}
	to = "/moved/taxii2/"
	r.mustRun()
	r.has(5)
}

func TestSlowServer(t *testing.T) {
	f := newFeed(5, 1, 10)
	f.before = func(_ int, w http.ResponseWriter, q *http.Request) bool {
		fmt.Fprint(w, `{"objects":[`)
		w.(http.Flusher).Flush()
		<-q.Context().Done()
		return true
	}
	r := start(t, f)
	r.cfg.Timeout, r.cfg.Attempts = 50*time.Millisecond, 2
	if _, err := r.run(); !errors.Is(err, taxii.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestWays(t *testing.T) {
	f := newFeed(5, 1, 10)
	for _, c := range []struct {
		name, path string
		choose     []string
		want       error
	}{
		{"the server", "", nil, nil},
		{"discovery", "/taxii2/", nil, nil},
		{"an API root", "/api", nil, nil},
		{"a collection", "/api/collections/" + colID + "/", nil, nil},
		{"by id", "", []string{colID}, nil},
		{"by title and alias, once", "/api/", []string{"some FEED", "some"}, nil},
		{"one that is not there", "", []string{"other"}, taxii.ErrRefused},
		{"nothing", "/nothing/", nil, taxii.ErrRefused},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, f)
			r.cfg.URL += c.path
			r.cfg.Collections = c.choose
			if c.want == nil {
				r.mustRun()
				r.has(5)
				return
			}
			if _, err := r.run(); !errors.Is(err, c.want) {
				t.Error(err)
			}
		})
	}
}

func TestRoots(t *testing.T) {
	f := newFeed(5, 1, 10)
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer other.Close()
	var roots string
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/taxii2/":
			w.Header().Set("Content-Type", media)
			fmt.Fprintf(w, `{"title":"t","api_roots":[%s]}`, roots)
		case "/shut/collections/":
			w.WriteHeader(http.StatusForbidden)
		case "/odd/collections/":
			w.Header().Set("Content-Type", media)
			fmt.Fprint(w, `{"collections":[{"id":"../../secret","title":"x","can_read":true}]}`)
		default:
			f.ServeHTTP(w, q)
		}
	}))
	roots = fmt.Sprintf(`%q, %q, "/shut/", "/odd/"`, other.URL+"/api/", r.url+"/api/")
	res, err := r.run()
	if !errors.Is(err, taxii.ErrElsewhere) || !errors.Is(err, taxii.ErrRefused) || asked > 0 {
		t.Errorf("%v; the other server was asked %d times", err, asked)
	}
	if len(res) != 1 || !res[0].Complete {
		t.Fatal("the root that can be read was not", res)
	}
	r.has(5)
}

func TestTLS(t *testing.T) {
	srv := httptest.NewTLSServer(newFeed(5, 1, 10))
	defer srv.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, http.NotFoundHandler())
	r.cfg.URL, r.cfg.Attempts = srv.URL, 1
	if _, err := r.run(); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an unknown authority: %v", err)
	}
	r.cfg.Guard.CA = ca
	r.mustRun()
	r.has(5)
	r.cfg.Guard.Certificate = ca
	if _, err := taxii.New(r.store, r.cfg); err == nil {
		t.Error("a client certificate without key was taken")
	}
}

// TestTLSEndsAtOnce: what asking again does not change is asked once, and the words say what is wrong.
func TestTLSEndsAtOnce(t *testing.T) {
	plain := httptest.NewServer(newFeed(1, 1, 10))
	defer plain.Close()
	foreign := httptest.NewTLSServer(newFeed(1, 1, 10))
	defer foreign.Close()
	for url, word := range map[string]string{strings.Replace(plain.URL, "http:", "https:", 1): "no TLS", foreign.URL: "certificate"} {
		r := start(t, http.NotFoundHandler())
		r.cfg.URL = url
		if _, err := r.run(); !errors.Is(err, taxii.ErrRefused) || !strings.Contains(err.Error(), word) || len(r.waits) > 0 {
			t.Errorf("%v, waited %v", err, r.waits)
		}
	}
}

// TestOldServer: a server of TAXII 2.0 is recognised, wherever it says so.
func TestOldServer(t *testing.T) {
	const old = "application/vnd.oasis.taxii+json; version=2.0"
	for _, c := range []struct {
		name, path string
		serve      http.HandlerFunc
	}{
		{"answers 2.0 whatever is asked", "", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", old)
			fmt.Fprint(w, `{"title":"t"}`)
		}},
		{"406 for 2.1", "/api/", func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept") != old {
				w.WriteHeader(http.StatusNotAcceptable)
				return
			}
			w.Header().Set("Content-Type", old)
			fmt.Fprint(w, `{"title":"t"}`)
		}},
		{"discovery where 2.0 has it", "", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/taxii/" {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			w.Header().Set("Content-Type", old)
			fmt.Fprint(w, `{"title":"t"}`)
		}},
	} {
		r := start(t, c.serve)
		r.cfg.URL += c.path
		if _, err := r.run(); !errors.Is(err, taxii.ErrVersion) || !errors.Is(err, taxii.ErrRefused) || len(r.waits) > 0 {
			t.Errorf("%s: %v, waited %v", c.name, err, r.waits)
		}
	}
	r := start(t, http.NotFoundHandler())
	if _, err := r.run(); errors.Is(err, taxii.ErrVersion) || !errors.Is(err, taxii.ErrRefused) {
		t.Errorf("no server at all: %v", err)
	}
}

// TestRefusalsEndAtOnce: what the client did wrong is not asked again.
func TestRefusalsEndAtOnce(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 406, 410, 413, 418, 422, 501} {
		f := newFeed(3, 1, 10)
		f.before = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(status)
			fmt.Fprint(w, `{"title":"no way","http_status":"400"}`)
			return true
		}
		r := start(t, f)
		if _, err := r.run(); !errors.Is(err, taxii.ErrRefused) || !strings.Contains(err.Error(), "no way") || len(f.requests) != 1 {
			t.Errorf("%d: %v, %d requests", status, err, len(f.requests))
		}
	}
}

// TestServersThatIgnore: a server that takes no notice of added_after, or gives the youngest first, is read whole or not at all.
func TestServersThatIgnore(t *testing.T) {
	ignore := func(f *feed) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			q.Del("added_after")
			r.URL.RawQuery = q.Encode()
			f.ServeHTTP(w, r)
		}
	}
	f := newFeed(50, 1, 10)
	f.useNext = true
	r := start(t, ignore(f))
	r.mustRun()
	r.has(50)
	if res := r.mustRun(); res.Objects != 50 || res.Unchanged != 50 {
		t.Errorf("again: %+v", res)
	}
	f = newFeed(50, 1, 10)
	if _, err := start(t, ignore(f)).run(); !errors.Is(err, taxii.ErrLoop) || len(f.requests) > 20 {
		t.Errorf("without next: %v, %d requests", err, len(f.requests))
	}
	f = newFeed(50, 1, 1000) // gives as many as are asked for
	r = start(t, ignore(f))
	r.mustRun()
	r.has(50)

	backwards := newFeed(30, 1, 10)
	slices.Reverse(backwards.entries)
	if _, err := start(t, backwards).run(); !errors.Is(err, taxii.ErrLoop) {
		t.Errorf("the youngest first, without next: %v", err)
	}
	backwards = newFeed(30, 1, 10)
	slices.Reverse(backwards.entries)
	backwards.useNext = true
	r = start(t, backwards)
	r.mustRun()
	r.has(30)
}

// TestCompressed: pages may be compressed, and are bounded as they are unpacked.
func TestCompressed(t *testing.T) {
	bomb := false
	f := newFeed(20, 1, 10)
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		if bomb && strings.HasSuffix(q.URL.Path, "/objects/") {
			w.Header().Set("Content-Type", media)
			fmt.Fprint(z, `{"x":"`+strings.Repeat("x", 10<<20)+`"}`)
			return
		}
		rec := httptest.NewRecorder()
		f.ServeHTTP(rec, q)
		maps.Copy(w.Header(), rec.Header())
		_, _ = z.Write(rec.Body.Bytes())
	}))
	r.mustRun()
	r.has(20)
	bomb, r.cfg.MaxPageBytes = true, 1<<20
	if _, err := r.run(); !errors.Is(err, taxii.ErrTooLarge) {
		t.Errorf("%v", err)
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []taxii.Config{
		{},
		{URL: "ftp://x"},
		{URL: "https://u:p@x/"},
		{URL: "http://taxii.example/", Token: "t"},
		{URL: "https://x", Token: "t", User: "u"},
		{URL: "https://x", User: "a:b"},
		{URL: "https://x", Token: "t\nX: y"},
		{URL: "https://x", Limit: -1},
	} {
		if c.Validate() == nil {
			t.Errorf("%+v was taken", c)
		}
	}
	if err := (taxii.Config{URL: "http://127.0.0.1:1/", Token: "t"}).Validate(); err != nil {
		t.Error(err)
	}
}

// TestAnyServer: whatever the dates and the pages of a server that keeps to the specification, and whatever it adds between
// pages, all that it has is read, each once.
func TestAnyServer(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := &feed{cap: rapid.IntRange(1, 12).Draw(rt, "page"), useNext: rapid.Bool().Draw(rt, "next")}
		at, n := begin, 0
		add := func(max int) {
			for range rapid.IntRange(0, max).Draw(rt, "objects") {
				at = at.Add(rapid.SampledFrom([]time.Duration{0, 0, time.Microsecond, time.Millisecond, time.Hour}).Draw(rt, "gap"))
				f.entries = append(f.entries, entry{tool(n), at})
				n++
			}
		}
		add(40)
		adds := rapid.IntRange(0, 6).Draw(rt, "adds")
		f.before = func(i int, _ http.ResponseWriter, _ *http.Request) bool {
			if i <= adds {
				add(5)
			}
			return false
		}
		r := start(t, f)
		r.cfg.Limit = rapid.IntRange(1, 20).Draw(rt, "limit")
		for range 2 {
			res, err := r.run()
			group := largestGroup(f.entries)
			if err != nil && (f.useNext || !errors.Is(err, taxii.ErrLoop) || group < f.cap) {
				rt.Fatalf("largest group %d, page %d: %v", group, f.cap, err)
			}
			if err != nil {
				return
			}
			if !res[0].Complete || len(r.store.Records) != n {
				rt.Fatalf("%d of %d: %+v", len(r.store.Records), n, res[0])
			}
			add(5)
			f.before = nil
		}
	})
}

func largestGroup(es []entry) int {
	most, run := 0, 0
	for i, e := range es {
		if i > 0 && !e.date.Equal(es[i-1].date) {
			run = 0
		}
		run++
		most = max(most, run)
	}
	return most
}

func FuzzPage(f *testing.F) {
	for _, s := range []string{`{}`, `{"more":true,"next":"x","objects":[{"type":"tool"}]}`, `{"objects":[1,[2]]} `, `{"objects":[`, `[]`, `{"more":1,"next":[],"objects":null}`} {
		f.Add([]byte(s), "2024-05-01T12:00:00.000000Z")
	}
	f.Fuzz(func(t *testing.T, body []byte, last string) {
		n, more, next, err := taxii.ReadPage(body, last)
		if err != nil && (n != 0 || more || next != "") {
			t.Errorf("an error with a page: %d %v %q", n, more, next)
		}
	})
}
