package intake_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"marque/match"
	"marque/serve/intake"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

// TestPatternsAreReplaced takes an indicator through versions: a pattern, another pattern, a value, a pattern, and none.
func TestPatternsAreReplaced(t *testing.T) {
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "store.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	watcher := match.NewPatternWatcher()
	x := open(t, dir, intake.Config{}, func(d *intake.Deps) {
		d.Indicators, d.Patterns = intake.FromStore{Reader: db.View(store.Owner())}, watcher
		d.Set.SetWatchers(watcher)
	})
	x.run()
	pattern := func(name string) string { return fmt.Sprintf("[domain-name:value LIKE '%s%%']", name) }
	versions := []struct {
		pattern string
		want    []string // of a.example, b.example, c.example, those that match
	}{
		{pattern("a"), []string{"a"}},
		{pattern("b"), []string{"b"}},
		{"[domain-name:value = 'c.example']", []string{"c"}},
		{pattern("a"), []string{"a"}},
		{"", nil},
	}
	sent, hits := 0, uint64(0)
	for i, v := range versions {
		ind := stix.Indicator{
			Common:  stix.NewCommon(stix.ID(indicatorID(60)), stix.At(time.Unix(firstHour+int64(i), 0)), stix.MarqueIdentity),
			Pattern: v.pattern, PatternType: "stix", ValidFrom: stix.At(time.Unix(0, 0)),
		}
		ind.Created = stix.At(time.Unix(firstHour, 0))
		if v.pattern == "" {
			ind.Revoked, ind.Pattern = true, pattern("a")
		}
		o, err := stix.New(ind)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Put(t.Context(), store.Provenance{Source: "test", Importer: "test", Time: time.Unix(firstHour, 0)}, []*stix.Object{o}); err != nil {
			t.Fatal(err)
		}
		x.applied(t, db)
		for _, name := range []string{"a", "b", "c"} {
			x.send([]byte(eventLine(name+".example", 1000*i+int(name[0]))))
			sent++
		}
		x.events(int64(sent))
		total, err := x.in.Journal().Tally(t.Context(), intake.Live)
		if err != nil {
			t.Fatal(err)
		}
		n := uint64(0)
		for _, s := range total.Sightings {
			n += s.Count
		}
		if n-hits != uint64(len(v.want)) {
			t.Errorf("version %d (%s): %d of a, b and c met it, want %v", i, v.pattern, n-hits, v.want)
		}
		hits = n
	}
}

// applied waits until what the store has is in force.
func (x *instance) applied(t *testing.T, db *sqlite.DB) {
	t.Helper()
	last := int64(0)
	for rec, err := range db.View(store.Owner()).Find(t.Context(), store.Query{Types: []string{"indicator"}}) {
		if err != nil {
			t.Fatal(err)
		}
		last = max(last, rec.Seq)
	}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); x.in.Applied() < last; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("in force up to %d, want %d", x.in.Applied(), last)
		}
	}
}
