package taxii_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"marque/serve/auth"
	"marque/serve/taxii"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

// ask sends a request and returns the answer.
func ask(ctx context.Context, h http.Handler, user, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	r.Header.Set("Accept", taxii.MediaType)
	r.Header.Set("Content-Type", taxii.MediaType)
	if user != "" {
		r.Header.Set("Authorization", "Bearer "+user+"-token")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

type envelope struct {
	More    bool              `json:"more"`
	Next    string            `json:"next"`
	Objects []json.RawMessage `json:"objects"`
}

// TestPagingUnderWrites: while writers write (from a feed, by POST, new versions), readers page in both ways that the
// specification knows. Each must see, in order, each version exactly once, and at the end all of them.
func TestPagingUnderWrites(t *testing.T) {
	db := open(t, sqlite.Config{})
	cfg, users := worldConfig()
	cfg.PageLimit, cfg.MaxContentLength = 1000, 1<<20
	h := serverFor(t, db, cfg, users)
	const writers, batches, size = 3, 40, 12
	ctx, done := context.WithCancel(t.Context())
	defer done()
	var writing, reading sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(w), 1))
			for b := range batches {
				var objects []*stix.Object
				for i := range size {
					objects = append(objects, object("tool", w*1000+rng.IntN(100), w*1_000_000+b*1000+i, stix.Clear))
				}
				if w == 0 {
					body, _ := json.Marshal(map[string]any{"objects": objects})
					if res := ask(t.Context(), h, "alice", http.MethodPost, "/api1/collections/"+inbox+"/objects/", string(body)); res.Code != http.StatusAccepted {
						t.Errorf("post: %d %s", res.Code, res.Body)
					}
					continue
				}
				if _, err := db.Put(t.Context(), store.Provenance{Importer: taxii.Importer(inbox)}, objects); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, way := range []string{"next", "added_after"} {
		for _, limit := range []int{1, 7, 100} {
			reading.Go(func() {
				path := "/api1/collections/" + inbox + "/objects/"
				seen := pageThrough(t, ctx, h, path, way, limit)
				if len(seen) != writers*batches*size {
					t.Errorf("%s, limit %d: %d of %d", way, limit, len(seen), writers*batches*size)
				}
			})
		}
	}
	writing.Wait()
	done()
	reading.Wait()
}

// pageThrough reads all versions until the context has ended and a page after that is the last.
func pageThrough(t *testing.T, ctx context.Context, h http.Handler, path, way string, limit int) map[string]bool {
	seen := map[string]bool{}
	at := url.Values{"limit": {fmt.Sprint(limit)}, "match[version]": {"all"}}
	for {
		ended := ctx.Err() != nil
		res := ask(t.Context(), h, "alice", http.MethodGet, path+"?"+at.Encode(), "")
		var env envelope
		if err := json.Unmarshal(res.Body.Bytes(), &env); err != nil || res.Code != http.StatusOK || len(env.Objects) > limit {
			t.Errorf("%d, %d objects, %v", res.Code, len(env.Objects), err)
			return seen
		}
		for _, o := range env.Objects {
			if seen[string(o)] {
				t.Errorf("%s twice", o)
				return seen
			}
			seen[string(o)] = true
		}
		if !env.More && ended {
			return seen
		}
		if way == "next" && env.More {
			at.Set("next", env.Next)
		} else {
			at.Del("next")
			at.Set("added_after", res.Header().Get("X-TAXII-Date-Added-Last"))
		}
	}
}

// TestNobodySeesMore walks every route with random markings, sources and users. Whatever is answered, to reading, writing and
// deleting, holds nothing of an object above the clearance of who asks, and nothing of a red one.
func TestNobodySeesMore(t *testing.T) {
	levels := []stix.TLP{stix.Clear, stix.Green, stix.Amber, stix.AmberStrict, stix.Red}
	rapid.Check(t, func(rt *rapid.T) {
		db := open(t, sqlite.Config{})
		cfg, users := worldConfig()
		cfg.PageLimit = rapid.IntRange(1, 6).Draw(rt, "page")
		users.Users = nil
		for _, l := range levels {
			users.Users = append(users.Users, auth.Account{Name: l.String()[4:], TokenHashes: []string{tokenHash(l.String()[4:] + "-token")}, Clearance: l})
		}
		users.Anonymous = new(stix.TLP)
		for i := range cfg.Roots[0].Collections {
			cfg.Roots[0].Collections[i].Readers = []string{auth.Everybody}
			if cfg.Roots[0].Collections[i].Own {
				cfg.Roots[0].Collections[i].Writers = []string{auth.Everybody}
			}
		}
		h := serverFor(t, db, cfg, users)
		level := fillAtRandom(rt, db, levels)
		user, clearance := "", stix.Clear // without credentials
		if l := rapid.SampledFrom(append(levels, -1)).Draw(rt, "user"); l >= 0 {
			user, clearance = l.String()[4:], l
		}
		for _, path := range routes() {
			res := ask(t.Context(), h, user, http.MethodGet, path, "")
			for name, at := range level {
				if (at > clearance || at == stix.Red) && strings.Contains(res.Body.String(), name) {
					rt.Fatalf("%q sees %s of %v by %s:\n%s", user, name, at, path, res.Body)
				}
			}
		}
		// Who deletes must not learn of it either.
		for name, at := range level {
			n := 0
			if _, err := fmt.Sscanf(name, "secret-%d-", &n); err != nil {
				rt.Fatal(err)
			}
			_, err := db.View(store.View{}).Get(t.Context(), id("malware", n))
			path := "/api1/collections/" + inbox + "/objects/" + string(id("malware", n)) + "/?match[version]=all"
			if res := ask(t.Context(), h, "CLEAR", http.MethodDelete, path, ""); err != nil && res.Code != http.StatusNotFound {
				rt.Fatalf("deleting %s of %v: %d", name, at, res.Code)
			}
		}
	})
}

// fillAtRandom stores versions of a few objects from random sources, each with a word of its own, and returns their levels.
func fillAtRandom(rt *rapid.T, db *sqlite.DB, levels []stix.TLP) map[string]stix.TLP {
	level := map[string]stix.TLP{}
	for i := range rapid.IntRange(1, 15).Draw(rt, "objects") {
		n := rapid.IntRange(0, someObjects-1).Draw(rt, "object")
		name := fmt.Sprintf("secret-%d-%d.", n, i)
		own := rapid.SampledFrom(levels).Draw(rt, "level")
		from := rapid.SampledFrom(levels).Draw(rt, "source's level")
		change := map[string]any{"name": name}
		level[name] = own
		if rapid.Bool().Draw(rt, "unmarked") {
			change["object_marking_refs"] = nil
			level[name] = from
		}
		o, err := object("malware", n, 1+i, own).With(change)
		if err != nil {
			rt.Fatal(err)
		}
		importer := rapid.SampledFrom([]string{"stix", "feed:x", taxii.Importer(inbox), taxii.Importer(secret)}).Draw(rt, "importer")
		if _, err := db.Put(context.Background(), store.Provenance{Importer: importer, TLP: from}, []*stix.Object{o}); err != nil {
			rt.Fatal(err)
		}
	}
	return level
}

// someObjects is how many objects the random stores have.
const someObjects = 3

// routes are all ways to read.
func routes() []string {
	paths := []string{"/taxii2/", "/api1/", "/api1/collections/"}
	for _, c := range []string{everything, feed, inbox} { // a query, one by importer, one of its own
		base := "/api1/collections/" + c + "/"
		paths = append(paths, base)
		for _, q := range []string{"", "?match[version]=all", "?match[version]=first", "?match[version]=all&limit=2"} {
			paths = append(paths, base+"objects/"+q, base+"manifest/"+q)
		}
		for n := range someObjects {
			one := base + "objects/" + string(id("malware", n)) + "/"
			paths = append(paths, one, one+"?match[version]=all", one+"versions/")
		}
	}
	return paths
}

// FuzzFilter: no query brings the server down, and none is answered by anything but 200, 400 or 404.
func FuzzFilter(f *testing.F) {
	for _, q := range []string{
		"", "limit=1", "limit=-1&next=x", "added_after=2024-05-01T12:00:00Z&match[version]=all", "match[id]=a,b&match[type]=,", "match[version]=first,last,2024-01-01T00:00:01.000Z",
		"match[spec_version]=2.1", "%zz", "next=AAAAAAAAAAUAAAAA", "added_after=0000-01-01T00:00:00Z", "added_after=9999-12-31T23:59:59.999999999Z", "match[version]=0000-01-01T00:00:00Z",
	} {
		f.Add(q)
	}
	cfg, users := worldConfig()
	h := serverFor(f, world(f), cfg, users)
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"objects/", "manifest/", "objects/" + string(id("malware", 1)) + "/", "objects/" + string(id("malware", 1)) + "/versions/"} {
			u := url.URL{Path: "/api1/collections/" + everything + "/" + path, RawQuery: query}
			r := &http.Request{Method: http.MethodGet, URL: &u, Header: http.Header{"Accept": {taxii.MediaType}, "Authorization": {"Bearer alice-token"}}}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r.WithContext(t.Context()))
			if w.Code != http.StatusOK && w.Code != http.StatusBadRequest && w.Code != http.StatusNotFound {
				t.Errorf("%s: %d %s", u.RawQuery, w.Code, w.Body)
			}
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s: %s", u.RawQuery, w.Body)
			}
		}
	})
}

// FuzzEnvelope: no body brings the server down, what it answers is JSON, and what it says that it took can be read back.
func FuzzEnvelope(f *testing.F) {
	tool, _ := json.Marshal(map[string]any{"objects": []*stix.Object{object("tool", 1, 1, stix.Clear), domain("x.example")}})
	for _, b := range []string{string(tool), `{}`, `{"objects":[{}]}`, `{"objects":[1,null,"x",{"type":"tool","id":"tool--1"}]}`, `[`, `{"objects":[{"type":"bundle"}]}`} {
		f.Add([]byte(b))
	}
	cfg, users := worldConfig()
	h := serverFor(f, world(f), cfg, users)
	f.Fuzz(func(t *testing.T, body []byte) {
		path := "/api1/collections/" + inbox + "/objects/"
		w := ask(t.Context(), h, "alice", http.MethodPost, path, string(body))
		var st struct {
			Total     int `json:"total_count"`
			Succeeded int `json:"success_count"`
			Failed    int `json:"failure_count"`
			Successes []struct{ ID, Version string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &st); err != nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
		if w.Code == http.StatusAccepted && (st.Total != st.Succeeded+st.Failed || st.Succeeded != len(st.Successes)) {
			t.Errorf("%s", w.Body)
		}
	})
}
