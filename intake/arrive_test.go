package intake_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"marque/claim"
	"marque/event"
	"marque/intake"
	"marque/lake/bench"
	"marque/match"
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
	t.Cleanup(func() { db.Close() }) // after the intake, which asks it for indicators
	patterns := match.NewPatterns()
	x := open(t, dir, intake.Config{}, func(d *intake.Deps) {
		d.Indicators, d.Patterns = intake.FromStore{Reader: db.View(store.Owner())}, patterns
		d.Set.SetPatterns(patterns)
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
			Common:  stix.NewCommon(stix.ID(indicatorID(60)), stix.At(time.Unix(firstHour+int64(i), 0)), claim.MarqueIdentity),
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
	for {
		changed := x.in.Changed()
		if x.in.Applied() >= last {
			return
		}
		select {
		case <-changed:
		case <-t.Context().Done():
			t.Fatalf("in force up to %d, want %d", x.in.Applied(), last)
		}
	}
}

// none is asked for nothing.
type none struct{}

func (none) Arrived(_ context.Context, after, _ int64) (intake.Arrival, error) {
	return intake.Arrival{Mark: after}, nil
}

// BenchmarkArrival is how long matching rests for indicators that are put in force beside a million others, with a thousand files in the
// lake to be looked back in.
func BenchmarkArrival(b *testing.B) {
	for _, n := range []int{1, 1000, 20_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := b.TempDir()
			d := benchDeps(b, bench.Workload{Indicators: 1_000_000}, dir)
			d.Indicators = none{}
			for i := range 1000 {
				s, err := d.Lake.Begin(b.Context(), fmt.Sprint("x-", i), 1)
				if err != nil {
					b.Fatal(err)
				}
				e := event.Event{Time: int64(firstHour+i%100*3600) * 1e9, Format: "short"}
				if err := errors.Join(s.Writer(0).Append(&e), s.Commit(b.Context()), s.Settle()); err != nil {
					b.Fatal(err)
				}
			}
			in, err := intake.Open(b.Context(), d, intake.Config{Dir: filepath.Join(dir, "intake")})
			if err != nil {
				b.Fatal(err)
			}
			defer in.Close()
			mark := int64(0)
			for b.Loop() {
				b.StopTimer()
				mark++
				a := intake.Arrival{Mark: mark}
				for i := range n {
					a.New = append(a.New, match.Indicator{ID: indicatorID(int(mark)*1_000_000 + i), Kind: event.Domain, Value: fmt.Sprintf("n%d.m%d.example", i, mark)})
				}
				b.StartTimer()
				if err := in.Admit(b.Context(), &a); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(in.LongestPause().Microseconds())/1000, "ms-longest-pause")
		})
	}
}
