//go:build unix

package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"marque/event"
	"marque/lake"
	"marque/lake/bench"
	"marque/match"
)

func load(b *testing.B, mixed bool) ([]byte, *match.Set, *event.Formats) {
	b.Helper()
	w := bench.Workload{Seed: 1, Events: 50_000, Indicators: 100_000, Mixed: mixed}
	var buf bytes.Buffer
	if err := w.WriteEvents(context.Background(), &buf); err != nil {
		b.Fatal(err)
	}
	t, err := w.Table(1)
	if err != nil {
		b.Fatal(err)
	}
	f, err := event.NewFormats()
	if err != nil {
		b.Fatal(err)
	}
	return buf.Bytes(), match.NewSet(1, t), f
}

// cpu returns the processor time of the process, which tells more than the clock on a machine that others use too.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func rate(b *testing.B, events int64, used time.Duration) {
	b.ReportMetric(float64(events)/b.Elapsed().Seconds()/1e6, "Mevents/s")
	b.ReportMetric(float64(events)/used.Seconds()/1e6, "Mevents/cpu-s")
}

func BenchmarkDecode(b *testing.B) {
	data, _, f := load(b, false)
	d := event.NewDecoder(f)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	n, began := int64(0), cpu()
	for b.Loop() {
		for line := range bytes.Lines(data) {
			if _, reason := d.Decode(line); reason != "" {
				b.Fatal(reason)
			}
			n++
		}
	}
	rate(b, n, cpu()-began)
}

func benchmarkWorker(b *testing.B, mixed, keep bool) {
	data, set, f := load(b, mixed)
	var out match.Writer
	if keep {
		for line := range bytes.Lines(data) {
			copy(line[len(`{"time":"2024-03-01T`):], "00") // one hour, as the lake sees it
		}
		l, err := lake.Open(b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		seg, err := l.Begin(b.Context(), "x", 1)
		if err != nil {
			b.Fatal(err)
		}
		defer seg.Abort()
		out = seg.Writer(0)
	}
	runtime.GC()
	w := match.NewWorker(f, set, match.WorkerConfig{Out: out})
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	var r match.Result
	n, began := int64(0), cpu()
	for b.Loop() {
		for rest := data; len(rest) > 0; {
			cut := len(rest)
			if cut > 1<<20 {
				cut = bytes.LastIndexByte(rest[:1<<20], '\n') + 1
			}
			if err := w.Do(rest[:cut], &r); err != nil {
				b.Fatal(err)
			}
			if len(r.Bad) > 0 {
				b.Fatalf("%+v %s", r.Bad[0].Reason, r.Bad[0].Text)
			}
			rest = rest[cut:]
			n += r.Events
		}
	}
	rate(b, n, cpu()-began)
}

// BenchmarkMatch looks decoded events up, and BenchmarkLake writes them, without the decoding.
func BenchmarkMatch(b *testing.B) {
	data, set, f := load(b, false)
	events := decoded(b, data, f)
	m := match.NewMatching(set)
	b.ReportAllocs()
	n, began := int64(0), cpu()
	for b.Loop() {
		for i := range events {
			m.Match(&events[i])
			n++
		}
	}
	rate(b, n, cpu()-began)
}

func BenchmarkLake(b *testing.B) {
	data, set, f := load(b, false)
	for line := range bytes.Lines(data) {
		copy(line[len(`{"time":"2024-03-01T`):], "00")
	}
	events := decoded(b, data, f)
	m := match.NewMatching(set)
	for i := range events {
		m.Match(&events[i]) // the lake keeps the hashes
	}
	l, err := lake.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	seg, err := l.Begin(b.Context(), "x", 1)
	if err != nil {
		b.Fatal(err)
	}
	defer seg.Abort()
	out := seg.Writer(0)
	b.ReportAllocs()
	n, began := int64(0), cpu()
	for b.Loop() {
		for i := range events {
			if err := out.Append(&events[i]); err != nil {
				b.Fatal(err)
			}
			n++
		}
		if err := out.Flush(); err != nil {
			b.Fatal(err)
		}
	}
	rate(b, n, cpu()-began)
}

// BenchmarkHuntScan looks 10,000 indicators up that hardly an event has, so that it measures reading the hash columns.
func BenchmarkHuntScan(b *testing.B) {
	l, err := lake.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	f, err := event.NewFormats()
	if err != nil {
		b.Fatal(err)
	}
	w := bench.Workload{Seed: 1, Events: 500_000, Indicators: 10_000, HitRate: -1, Hours: 1}
	var buf bytes.Buffer
	if err := w.WriteEvents(b.Context(), &buf); err != nil {
		b.Fatal(err)
	}
	if _, _, err = match.Run(b.Context(), []match.Source{{Path: "x", Reader: &buf}}, f, match.NewSet(l.Seed(), nil), match.Config{Workers: 1, Keep: l}); err != nil {
		b.Fatal(err)
	}
	var list []match.Indicator
	if err := w.Each(func(in match.Indicator) error { list = append(list, in); return nil }); err != nil {
		b.Fatal(err)
	}
	files, err := l.Files(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for i := range 39 { // twenty million rows; links, so that the disk is not what is measured
		dir := filepath.Join(l.Where(), "day=2024-03-02", fmt.Sprintf("hour=%02d", i%24))
		if err := os.MkdirAll(dir, 0o750); err != nil {
			b.Fatal(err)
		}
		for k, file := range files {
			if err := os.Link(file.Path, filepath.Join(dir, fmt.Sprintf("%d-%d.parquet", i, k))); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportAllocs()
	n, began := int64(0), cpu()
	for b.Loop() {
		stats, _, err := l.Hunt(b.Context(), list, lake.HuntConfig{Workers: 1})
		if err != nil || stats.Rows != 20_000_000 {
			b.Fatal(stats, err)
		}
		n += stats.Rows
	}
	rate(b, n, cpu()-began)
}

// decoded returns the events of data, each with observables of its own.
func decoded(b *testing.B, data []byte, f *event.Formats) []event.Event {
	b.Helper()
	d := event.NewDecoder(f)
	var out []event.Event
	for line := range bytes.Lines(data) {
		e, reason := d.Decode(line)
		if reason != "" {
			b.Fatal(reason)
		}
		kept := *e
		kept.Observables = slices.Clone(e.Observables)
		out = append(out, kept)
	}
	return out
}

// BenchmarkFile is the whole way: a file, a million indicators in a prepared table, roll-ups.
func BenchmarkFile(b *testing.B) {
	dir := b.TempDir()
	w := bench.Workload{Seed: 1, Events: 200_000, Indicators: 1_000_000}
	f, err := os.Create(filepath.Join(dir, "events"))
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(w.WriteEvents(b.Context(), f), f.Close()); err != nil {
		b.Fatal(err)
	}
	t, err := w.Table(1)
	if err != nil {
		b.Fatal(err)
	}
	formats, err := event.NewFormats()
	if err != nil {
		b.Fatal(err)
	}
	set := match.NewSet(1, t)
	runtime.GC()
	n, began := int64(0), cpu()
	for b.Loop() {
		stats, _, err := match.Run(b.Context(), []match.Source{{Path: f.Name()}}, formats, set, match.Config{})
		if err != nil {
			b.Fatal(err)
		}
		n += stats.Events
	}
	rate(b, n, cpu()-began)
}

func BenchmarkWorker(b *testing.B)      { benchmarkWorker(b, false, false) }
func BenchmarkWorkerMixed(b *testing.B) { benchmarkWorker(b, true, false) }
func BenchmarkWorkerLake(b *testing.B)  { benchmarkWorker(b, false, true) }

// BenchmarkNewlines and BenchmarkEncodingJSON are the yardsticks: the limit of reading, and the standard library.
func BenchmarkNewlines(b *testing.B) {
	data, _, _ := load(b, false)
	b.SetBytes(int64(len(data)))
	n, began := int64(0), cpu()
	for b.Loop() {
		for range bytes.Lines(data) {
			n++
		}
	}
	rate(b, n, cpu()-began)
}

func BenchmarkEncodingJSON(b *testing.B) {
	data, _, _ := load(b, false)
	b.SetBytes(int64(len(data)))
	n, began := int64(0), cpu()
	var e struct {
		Time, Sensor, Technique, Sector, Country, Victim string
		Domain, URL, Digest                              string
		IP                                               string `json:"dst_ip"`
	}
	for b.Loop() {
		for line := range bytes.Lines(data) {
			if err := json.Unmarshal(line, &e); err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	rate(b, n, cpu()-began)
}

// BenchmarkEvents and BenchmarkHunt print the report of one run of bench.Events and bench.Hunt. MARQUE_BENCH is a workload as JSON,
// MARQUE_PYTHON names the Python that DuckDB is asked through.
func BenchmarkEvents(b *testing.B) {
	report(b, func(cfg bench.Config) (printer, error) { return bench.Events(b.Context(), cfg) })
}

func BenchmarkHunt(b *testing.B) {
	report(b, func(cfg bench.Config) (printer, error) { return bench.Hunt(b.Context(), cfg) })
}

type printer interface{ Print(io.Writer) error }

func report(b *testing.B, run func(bench.Config) (printer, error)) {
	b.Helper()
	text := os.Getenv("MARQUE_BENCH")
	if text == "" {
		b.Skip(`MARQUE_BENCH is not set; try {"Events":2000000,"Indicators":1000000}`)
	}
	var w bench.Workload
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		rep, err := run(bench.Config{Workload: w, Python: os.Getenv("MARQUE_PYTHON")})
		if err != nil {
			b.Fatal(err)
		}
		if err := rep.Print(os.Stdout); err != nil {
			b.Fatal(err)
		}
	}
}
