package taxii_test

import (
	"context"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	client "marque/ingest/taxii"
	"marque/serve/taxii"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
	"marque/store/storetest"
)

// TestRoundTrip: from one store through the server, the client and the pipeline into another, every object arrives as it was,
// byte for byte, although more are stored while it is read; and what comes later comes with the next run.
func TestRoundTrip(t *testing.T) {
	from, to := open(t, sqlite.Config{}), open(t, sqlite.Config{})
	objects := storetest.Generate(6000, 5)
	odd, err := stix.Parse([]byte(`{"z_custom":{"b":1.50,"a":[ ]},"type":"x-thing","spec_version":"2.1","id":"x-thing--00000000-0000-4000-8000-000000000001",` +
		`"created":"2024-01-01T00:00:00.5Z","modified":"2024-01-01T00:00:00.500000Z","name":"\u00fc \ud83d\ude00","big":12345678901234567890}`))
	if err != nil {
		t.Fatal(err)
	}
	objects = append([]*stix.Object{odd}, objects...)
	put := func(part []*stix.Object) {
		for batch := range slices.Chunk(part, 500) {
			if _, err := from.Put(t.Context(), store.Provenance{Importer: "stix"}, batch); err != nil {
				t.Error(err)
			}
		}
	}
	put(objects[:2000])
	cfg, users := worldConfig()
	cfg.PageLimit = 300
	srv := httptest.NewServer(serverFor(t, from, cfg, users))
	defer srv.Close()
	var once sync.Once
	var writing sync.WaitGroup
	c, err := client.New(to, client.Config{
		URL: srv.URL, Token: "dave-token", Collections: []string{"everything"}, Limit: 250, Rate: 1e9,
		Progress: func(client.Progress) { once.Do(func() { writing.Go(func() { put(objects[2000:4000]) }) }) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		res, err := c.Run(t.Context())
		if err != nil || len(res) != 1 || !res[0].Complete || res[0].Rejected > 0 {
			t.Fatalf("run %d: %+v, %v", i, res, err)
		}
		if i == 0 {
			writing.Wait()
			put(objects[4000:])
		}
	}
	want, got := raws(t, from), raws(t, to)
	if len(got) != len(objects) {
		t.Errorf("%d of %d arrived", len(got), len(objects))
	}
	for id, raw := range want {
		if got[id] != raw {
			t.Fatalf("%s arrived as\n%s, was\n%s", id, got[id], raw)
		}
	}
}

func raws(t *testing.T, db *sqlite.DB) map[stix.ID]string {
	t.Helper()
	all := map[stix.ID]string{}
	for rec, err := range db.View(store.Owner()).Find(context.WithoutCancel(t.Context()), store.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		all[rec.ID] = string(rec.Raw())
	}
	return all
}

func TestConfigValidate(t *testing.T) {
	good, _ := worldConfig()
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	if err := (taxii.Config{}).Validate(); err != nil {
		t.Fatal("the zero value must work:", err)
	}
	for name, spoil := range map[string]func(*taxii.Config){
		"plain URL":           func(c *taxii.Config) { c.URL = "http://x" },
		"URL with a path":     func(c *taxii.Config) { c.URL = "https://x/y/" },
		"negative limit":      func(c *taxii.Config) { c.PageLimit = -1 },
		"path of discovery":   func(c *taxii.Config) { c.Roots[0].Path = "taxii2" },
		"path with a slash":   func(c *taxii.Config) { c.Roots[0].Path = "a/b" },
		"path of dots":        func(c *taxii.Config) { c.Roots[0].Path = ".." },
		"path twice":          func(c *taxii.Config) { c.Roots[1].Path = "api1" },
		"root without title":  func(c *taxii.Config) { c.Roots[0].Title = "" },
		"id that is no UUID":  func(c *taxii.Config) { c.Roots[0].Collections[0].ID = "x" },
		"id in upper case":    func(c *taxii.Config) { c.Roots[0].Collections[0].ID = "AAAAAAAA-1111-4111-8111-111111111111" },
		"id twice":            func(c *taxii.Config) { c.Roots[0].Collections[0].ID = inbox },
		"no title":            func(c *taxii.Config) { c.Roots[0].Collections[0].Title = "" },
		"alias that is an id": func(c *taxii.Config) { c.Roots[0].Collections[0].Alias = inbox },
		"alias with a slash":  func(c *taxii.Config) { c.Roots[0].Collections[0].Alias = "a/b" },
		"alias twice":         func(c *taxii.Config) { c.Roots[0].Collections[1].Alias = "everything" },
		"query with writers":  func(c *taxii.Config) { c.Roots[0].Collections[0].Writers = []string{"*"} },
		"own with importers":  func(c *taxii.Config) { c.Roots[0].Collections[3].Importers = []string{"x"} },
		"no level":            func(c *taxii.Config) { c.Roots[0].Collections[3].TLP = 9 },
		"no use":              func(c *taxii.Config) { c.Roots[0].Collections[3].Use = 9 },
	} {
		cfg, _ := worldConfig()
		spoil(&cfg)
		if cfg.Validate() == nil {
			t.Errorf("%s was taken", name)
		}
		if _, err := taxii.New(nil, nil, nil, cfg); err == nil {
			t.Errorf("%s: a server was made", name)
		}
	}
}
