package bench_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"marque/event"
	"marque/lake/bench"
	"marque/match"
)

func TestWorkloadIsRepeatableAndReadable(t *testing.T) {
	for _, mixed := range []bool{false, true} {
		w := bench.Workload{Seed: 3, Events: 2000, Indicators: 4000, HitRate: 0.1, Mixed: mixed}
		var a, b bytes.Buffer
		if err := w.WriteEvents(t.Context(), &a); err != nil {
			t.Fatal(err)
		}
		if err := w.WriteEvents(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Error("two runs differ")
		}
		if size := a.Len() / 2000; size < 480 || size > 640 {
			t.Errorf("%d bytes an event", size)
		}
		table, err := w.Table(1)
		if err != nil || table.Len() != 4000 {
			t.Fatal(table.Len(), err)
		}
		f, err := event.NewFormats()
		if err != nil {
			t.Fatal(err)
		}
		d := event.NewDecoder(f)
		formats := map[string]int{}
		for line := range bytes.Lines(a.Bytes()) {
			e, reason := d.Decode(line)
			if reason != "" {
				t.Fatalf("%s: %s", reason, line)
			}
			formats[e.Format]++
			if len(e.Observables) != 4 {
				t.Fatalf("%d observables in %s", len(e.Observables), line)
			}
		}
		if want := map[bool]int{false: 1, true: 5}[mixed]; len(formats) != want {
			t.Errorf("formats %v", formats)
		}
		stats, _, err := match.Run(t.Context(), []match.Source{{Reader: &a}}, f, match.NewSet(1, table), match.Config{})
		if err != nil || stats.Matched < 120 || stats.Matched > 300 {
			t.Errorf("%d of 2,000 events matched, %v", stats.Matched, err)
		}
	}
}

// TestEventsAgreesWithDuckDB compares where MARQUE_PYTHON names a Python with the duckdb module.
func TestEventsAgreesWithDuckDB(t *testing.T) {
	python := os.Getenv("MARQUE_PYTHON")
	if python == "" {
		t.Skip("MARQUE_PYTHON is not set: no Python with duckdb to compare with")
	}
	rep, err := bench.Events(t.Context(), bench.Config{Workload: bench.Workload{Seed: 5, Events: 20000, Indicators: 10000, HitRate: 0.2}, Dir: t.TempDir(), Python: python})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Agree == nil || !*rep.Agree || rep.Matched == 0 {
		t.Errorf("%+v", rep)
	}
}

func TestHuntAgreesWithDuckDB(t *testing.T) {
	python := os.Getenv("MARQUE_PYTHON")
	if python == "" {
		t.Skip("MARQUE_PYTHON is not set: no Python with duckdb to compare with")
	}
	rep, err := bench.Hunt(t.Context(), bench.Config{Workload: bench.Workload{Seed: 5, Events: 20000, Indicators: 1000, HitRate: 0.2}, Dir: t.TempDir(), Python: python})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Agree == nil || !*rep.Agree || rep.Matched == 0 {
		t.Errorf("%+v", rep)
	}
	var out bytes.Buffer
	if err := rep.Print(&out); err != nil || !strings.Contains(out.String(), "identical") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestEventsWithoutPeer(t *testing.T) {
	rep, err := bench.Events(t.Context(), bench.Config{Workload: bench.Workload{Events: 1000, Indicators: 1000}, Dir: t.TempDir(), Python: "-"})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := rep.Print(&out); err != nil || !strings.Contains(out.String(), "synthetic") || len(rep.Measures) != 2 {
		t.Errorf("%v\n%s", err, out.String())
	}
	rep, err = bench.Events(t.Context(), bench.Config{Workload: bench.Workload{Events: 100, Indicators: 100}, Dir: t.TempDir(), Python: "/nonexistent/python"})
	if err != nil || !strings.Contains(rep.Peer, "did not run") {
		t.Errorf("%v %s", err, rep.Peer)
	}
	if left, _ := os.ReadDir(t.TempDir()); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
