package intake_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"marque/intake"
	"marque/lake"
)

// TestClockJumps takes in events whose times go backwards while the clock does too, with compaction and retention in between.
func TestClockJumps(t *testing.T) {
	now := time.Now()
	cfg := intake.Config{KeepFor: 1000 * time.Hour}
	cfg.SetNow(func() time.Time { return now })
	x := open(t, t.TempDir(), cfg)
	end := x.run()
	truth := map[string]bool{}
	hours := []int{9, 8, 8, 3, 9, 7, 2, 2, 0, 9}
	clocks := []time.Duration{0, -time.Hour, 48 * time.Hour, -100 * 365 * 24 * time.Hour, 50 * 365 * 24 * time.Hour}
	for i, hour := range hours {
		var body strings.Builder
		for k := range 20 {
			name := fmt.Sprintf("%d.%d", i, k)
			truth[name] = true
			fmt.Fprintf(&body, `{"time":%d,"sensor":"s","victim":%q,"domain":"x.evil1.example"}`+"\n", firstHour+hour*3600-k, name)
		}
		if !post(t.Context(), x.url, fmt.Sprint(i), []byte(body.String()), false, false) {
			t.Fatal("not acknowledged")
		}
		x.events(int64(20 * (i + 1)))
		now = time.Now().Add(clocks[i%len(clocks)])
		if err := x.in.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	end()
	tally, err := x.in.Journal().Tally(t.Context(), intake.Live)
	if err != nil {
		t.Fatal(err)
	}
	n := uint64(0)
	for _, s := range tally.Sightings {
		n += s.Count
	}
	if n != uint64(len(truth)) {
		t.Errorf("%d events in sightings, want %d", n, len(truth))
	}
	(&truthOf{truth}).lake(t, x.dir)
}

// truthOf are events by victim.
type truthOf struct{ events map[string]bool }

func (w *truthOf) lake(t *testing.T, dir string) {
	t.Helper()
	g := newTruth()
	g.events = w.events
	g.checkLake(t, dir)
}

// TestTendJoinsAndLetsGo compacts what came in piece by piece, and keeps what is young.
func TestTendJoinsAndLetsGo(t *testing.T) {
	cfg := intake.Config{KeepFor: 5 * time.Hour}
	cfg.SetNow(func() time.Time { return time.Unix(firstHour+24*3600, 0) })
	x := open(t, t.TempDir(), cfg)
	x.run()
	for i := range 10 {
		line := fmt.Sprintf(`{"time":%d,"victim":"v%d","domain":"good.example"}`+"\n", firstHour+i%2*10*3600, i)
		if !post(t.Context(), x.url, fmt.Sprint(i), []byte(line), false, false) {
			t.Fatal("not acknowledged")
		}
		x.events(int64(i + 1))
	}
	l, err := lake.Open(filepath.Join(x.dir, "lake"))
	if err != nil {
		t.Fatal(err)
	}
	before, err := l.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := x.in.Tend(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, err := l.Stats(t.Context())
	if err != nil || before.Files != 10 || after.Files != 1 || after.Rows != 5 || after.First.Unix() != firstHour+10*3600 {
		t.Errorf("before %+v, after %+v, %v", before, after, err)
	}
}

// TestRest lets nobody else tend the lake while an intake needs it.
func TestRest(t *testing.T) {
	dir := t.TempDir()
	release, err := intake.Rest(t.Context(), filepath.Join(dir, "intake"))
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	x := open(t, dir, intake.Config{})
	if _, err := intake.Rest(t.Context(), filepath.Join(dir, "intake")); !errors.Is(err, intake.ErrLocked) {
		t.Errorf("while it runs: %v", err)
	}
	x.stop()
	if release, err = intake.Rest(t.Context(), filepath.Join(dir, "intake")); err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
}
