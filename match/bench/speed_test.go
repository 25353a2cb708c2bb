package bench_test

import (
	"bytes"
	"context"
	"testing"

	"marque/lake"
	"marque/match"
	"marque/match/bench"
)

func load(b *testing.B, mixed bool) ([]byte, *match.Set, *match.Formats) {
	b.Helper()
	w := bench.Workload{Seed: 1, Events: 50_000, Indicators: 1_000_000, Mixed: mixed}
	var buf bytes.Buffer
	if err := w.WriteEvents(context.Background(), &buf); err != nil {
		b.Fatal(err)
	}
	t, err := w.Table(1)
	if err != nil {
		b.Fatal(err)
	}
	f, err := match.NewFormats()
	if err != nil {
		b.Fatal(err)
	}
	return buf.Bytes(), match.NewSet(1, t), f
}

func rate(b *testing.B, events int64) {
	b.ReportMetric(float64(events)/b.Elapsed().Seconds()/1e6, "Mevents/s")
}

func BenchmarkDecode(b *testing.B) {
	data, _, f := load(b, false)
	d := match.NewDecoder(f)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	n := int64(0)
	for b.Loop() {
		for line := range bytes.Lines(data) {
			if _, err := d.Decode(line); err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	rate(b, n)
}

func benchmarkWorker(b *testing.B, mixed, keep bool) {
	data, set, f := load(b, mixed)
	var out match.Writer
	if keep {
		l, err := lake.Open(b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		seg, err := l.Begin("x", 1)
		if err != nil {
			b.Fatal(err)
		}
		defer seg.Abort()
		out = seg.Writer(0)
	}
	w := match.NewWorker(f, set, out, 0, false)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	var r match.Result
	n := int64(0)
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
	rate(b, n)
}

func BenchmarkWorker(b *testing.B)      { benchmarkWorker(b, false, false) }
func BenchmarkWorkerMixed(b *testing.B) { benchmarkWorker(b, true, false) }
func BenchmarkWorkerLake(b *testing.B)  { benchmarkWorker(b, false, true) }
