package bench_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"marque/lake/bench"
)

func TestDayCountsWhatItGenerates(t *testing.T) {
	for _, where := range []string{"", filepath.Join(t.TempDir(), "lake")} {
		w := bench.Workload{Seed: 9, Events: 50_000, Indicators: 40_000, HitRate: 0.05}
		rep, err := bench.Day(t.Context(), bench.DayConfig{Workload: w, Workers: 2, Lake: where})
		if err != nil {
			t.Fatal(err)
		}
		if rep.Events != 50_000 || rep.Wrong != 0 || rep.Matched < 2000 || rep.Matched > 3000 || rep.Cells < 1000 || rep.Segments != 1 {
			t.Errorf("%+v", rep)
		}
		if size := rep.Bytes / 50_000; size < 480 || size > 640 {
			t.Errorf("%d bytes an event", size)
		}
		var out bytes.Buffer
		if err := rep.Print(&out); err != nil || !strings.Contains(out.String(), "all are what was generated") {
			t.Errorf("%v\n%s", err, out.String())
		}
	}
}

func TestDayInterruptedReportsWhatItDid(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := bench.Workload{Events: 1 << 40, Indicators: 1000}
	rep, err := bench.Day(ctx, bench.DayConfig{Workload: w, Progress: func(int, int) { cancel() }})
	if !errors.Is(err, context.Canceled) || rep.Events == 0 || rep.Wrong != 0 || rep.Segments != 1 {
		t.Errorf("%v %+v", err, rep)
	}
}
