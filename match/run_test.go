package match_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"marque/event"
	"marque/match"
)

func evilSet(t testing.TB) *match.Set {
	return match.NewSet(0, build(t, match.Indicator{ID: indicatorID(1), Kind: event.Domain, Value: "evil.example", Actor: "A"}))
}

func formats(t testing.TB) *event.Formats {
	t.Helper()
	f, err := event.NewFormats()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// sample writes n lines of which every tenth hits and every seventh is broken.
func sample(n int) (text []byte, hits, bad int) {
	var b bytes.Buffer
	for i := range n {
		switch {
		case i%7 == 3:
			b.WriteString("{\"time\":\n")
			bad++
		case i%10 == 0:
			fmt.Fprintf(&b, `{"time":%d,"sensor":"s%d","domain":"x%d.evil.example"}`+"\r\n", 1709287200+i, i%3, i)
			hits++
		default:
			fmt.Fprintf(&b, `{"time":%d,"domain":"x%d.good.example"}`+"\n", 1709287200+i, i)
		}
	}
	return b.Bytes(), hits, bad
}

func TestRunIsIndependentOfWorkersAndPacking(t *testing.T) {
	text, hits, bad := sample(20000)
	dir := t.TempDir()
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	w.Write(text)
	w.Close()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"a.jsonl": text, "a.gz": gz.Bytes(), "a.zst": enc.EncodeAll(text, nil), "bom": append([]byte("\xef\xbb\xbf"), text...)}
	var want []match.RollupRow
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, workers := range []int{1, 4} {
			var seen []match.Hit
			var refused []match.Bad
			stats, tally, err := match.Run(t.Context(), []match.Source{{Path: path}}, formats(t), evilSet(t), match.Config{
				Workers: workers, ChunkBytes: 8 << 10, SegmentBytes: 300 << 10,
				Hit: func(h match.Hit) { seen = append(seen, h) }, Bad: func(b match.Bad) { refused = append(refused, b) },
			})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if len(seen) != hits || len(refused) != bad || stats.Lines != 20000 || stats.Events != int64(20000-bad) || stats.Bad[event.BadEnd] != int64(bad) || stats.Matched != int64(hits) {
				t.Errorf("%s, %d workers: %d hits of %d, %d refused of %d, %+v", name, workers, len(seen), hits, len(refused), bad, stats)
			}
			for i, h := range seen {
				at := text[h.Offset-int64(len(data)-len(text))*b2i(name == "bom"):]
				if line, _, _ := bytes.Cut(at, []byte("\r")); !bytes.Contains(line, []byte(h.Searched)) || int64(bytes.Count(text[:len(text)-len(at)], []byte("\n")))+1 != h.Line {
					t.Fatalf("%s: hit %d at line %d offset %d is not there", name, i, h.Line, h.Offset)
				}
				if i > 0 && h.Line <= seen[i-1].Line {
					t.Fatalf("%s: hits out of order", name)
				}
			}
			if want == nil {
				want = tally.RollupRows()
			}
			if d := cmp.Diff(want, tally.RollupRows()); d != "" {
				t.Errorf("%s, %d workers: %s", name, workers, d)
			}
		}
	}
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// TestHostileLines runs what a broken or hostile sender may write; the good lines between must all count.
func TestHostileLines(t *testing.T) {
	good := `{"time":1000000001,"domain":"evil.example"}` + "\n"
	long := strings.Repeat("x", 100<<20) // one line of 100 MB
	deep := `{"time":1000000001,"a":` + strings.Repeat("[", 100000) + "\n"
	in := io.MultiReader(strings.NewReader(good), strings.NewReader(`{"time":1000000001,"a":"`), strings.NewReader(long), strings.NewReader("\"}\n"),
		strings.NewReader(good), strings.NewReader(deep), strings.NewReader("NaN\nnull\n\n  \n{\x00\n\xff\xfe\n"), strings.NewReader(good), strings.NewReader(`{"time":1000000001,"domain":"evil.exam`))
	var bad []string
	stats, _, err := match.Run(t.Context(), []match.Source{{Path: "x", Reader: in}}, formats(t), evilSet(t), match.Config{
		Bad: func(b match.Bad) {
			bad = append(bad, fmt.Sprintf("%d %s %d", b.Line, string(b.Reason), min(b.Length, 1e6)))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2 too_long 1000000", "4 too_deep 100023", "5 syntax 3", "6 not_an_object 4", "9 encoding 2", "10 encoding 2", "12 truncated 38"}
	if d := cmp.Diff(want, bad); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if stats.Matched != 3 || stats.Events != 3 {
		t.Errorf("%+v", stats)
	}
}

// TestResume stops at every commit, starts again from the checkpoint, and must count everything once.
func TestResume(t *testing.T) {
	text, hits, _ := sample(5000)
	for _, packed := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "f")
		data := text
		if packed {
			enc, _ := zstd.NewWriter(nil)
			data = enc.EncodeAll(text, nil)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		total := match.NewTally()
		var at match.Checkpoint
		stop := errors.New("stop")
		for runs := 0; !at.Done; runs++ {
			_, _, err := match.Run(t.Context(), []match.Source{{Path: path, From: at}}, formats(t), evilSet(t), match.Config{
				ChunkBytes: 8 << 10, SegmentBytes: 20 << 10,
				Commit: func(c match.Checkpoint, counts *match.Tally) error {
					at = c
					total.Merge(counts)
					return stop
				},
			})
			if !errors.Is(err, stop) {
				t.Fatal(err)
			}
			if runs > 100 {
				t.Fatal("no progress")
			}
		}
		sum := uint64(0)
		for _, n := range total.Rollup {
			sum += n
		}
		if sum != uint64(hits) || at.Offset != int64(len(text)) || at.Line != 5000 {
			t.Errorf("packed %v: %d hits of %d, checkpoint %+v", packed, sum, hits, at)
		}
		data[10] ^= 1
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		at.Done = false
		if _, _, err := match.Run(t.Context(), []match.Source{{Path: path, From: at}}, formats(t), evilSet(t), match.Config{}); !errors.Is(err, match.ErrChanged) {
			t.Errorf("changed file: %v", err)
		}
	}
}

func TestRunReportsWhatFailedAndGoesOn(t *testing.T) {
	text, hits, _ := sample(100)
	dir := t.TempDir()
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	w.Write(text)
	w.Close()
	half := filepath.Join(dir, "half.gz")
	os.WriteFile(half, gz.Bytes()[:gz.Len()/2], 0o600)
	whole := filepath.Join(dir, "whole")
	os.WriteFile(whole, text, 0o600)
	var failed []string
	stats, _, err := match.Run(t.Context(), []match.Source{{Path: filepath.Join(dir, "missing")}, {Path: half}, {Path: dir}, {Path: whole}}, formats(t), evilSet(t), match.Config{
		Failed: func(s string, _ error) { failed = append(failed, filepath.Base(s)) },
	})
	if !errors.Is(err, os.ErrNotExist) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v", err)
	}
	if d := cmp.Diff([]string{"missing", "half.gz", filepath.Base(dir)}, failed); d != "" {
		t.Error(d)
	}
	if stats.Failed != 3 || stats.Matched < int64(hits) {
		t.Errorf("%+v", stats)
	}
}

func TestWorkerAllocatesNothingWithoutHits(t *testing.T) {
	var lines bytes.Buffer
	for i := range 50 {
		fmt.Fprintf(&lines, `{"time":"2024-03-01T10:00:%02dZ","sensor":"s%d","dst_ip":"203.0.113.%d","domain":"a%d.b.example.com","url":"http://a%d.b.example.com/x.php?y"}`+"\n", i, i%3, i, i, i)
	}
	w := match.NewWorker(formats(t), evilSet(t), match.WorkerConfig{KeepHits: true})
	var r match.Result
	if n := testing.AllocsPerRun(20, func() {
		if err := w.Do(lines.Bytes(), &r); err != nil || r.Events != 50 || r.Matched != 0 {
			t.Fatal(err, r)
		}
	}); n != 0 {
		t.Errorf("%v allocations per batch", n)
	}
}

// TestWorkerKeepsLinesApart mixes hits, misses, bad and blank lines, as an event is looked up only when the next is decoded.
func TestWorkerKeepsLinesApart(t *testing.T) {
	text := `{"time":1000000001,"domain":"evil.example","sensor":"one"}` + "\n{\n\n" + `{"time":1000000002,"domain":"good.example","sensor":"two"}` + "\n" +
		`{"time":1000000003,"domain":"x.evil.example","sensor":"thr\u0065e"}` + "\nnull\n[\n" + `{"time":1000000004,"domain":"evil.example","sensor":"four"}`
	w := match.NewWorker(formats(t), evilSet(t), match.WorkerConfig{KeepHits: true})
	var r match.Result
	for range 2 { // the second time the shapes are known
		if err := w.Do([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range r.Hits {
			got = append(got, fmt.Sprint(h.Line, " ", h.Sensor, " ", h.Searched, " ", text[h.Offset:h.Offset+18]))
		}
		want := []string{`1 one evil.example {"time":1000000001`, `5 three x.evil.example {"time":1000000003`, `8 four evil.example {"time":1000000004`}
		if d := cmp.Diff(want, got); d != "" || len(r.Bad) != 3 || r.Matched != 3 {
			t.Errorf("(-want +got):\n%s%+v", d, r)
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	text, _, _ := sample(10000)
	_, _, err := match.Run(ctx, []match.Source{{Reader: bytes.NewReader(text)}}, formats(t), evilSet(t), match.Config{ChunkBytes: 4 << 10, Hit: func(match.Hit) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func FuzzRun(f *testing.F) {
	text, _, _ := sample(30)
	f.Add(text, uint16(64))
	f.Add([]byte("\n\n{\"time\":1000000001}\r\n"), uint16(1))
	fm, set := formats(f), evilSet(f)
	f.Fuzz(func(t *testing.T, in []byte, extra uint16) {
		var want match.Result
		if err := match.NewWorker(fm, set, match.WorkerConfig{}).Do(bytes.TrimPrefix(in, []byte("\xef\xbb\xbf")), &want); err != nil {
			t.Fatal(err)
		}
		stats, tally, err := match.Run(context.Background(), []match.Source{{Reader: bytes.NewReader(in)}}, fm, set, match.Config{Workers: 2, ChunkBytes: 4096 + int(extra)})
		if bytes.HasPrefix(in, []byte("\x1f\x8b")) || bytes.HasPrefix(in, []byte("\x28\xb5\x2f\xfd")) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if stats.Lines != want.Lines {
			t.Fatalf("%d lines, want %d", stats.Lines, want.Lines)
		}
		if stats.Bad[event.BadLength] == 0 && (stats.Events != want.Events || !cmp.Equal(tally.RollupRows(), want.Tally.RollupRows())) {
			t.Fatalf("run %+v, worker %d lines %d events", stats, want.Lines, want.Events)
		}
	})
}

// TestEventsOfNoPlausibleTimeAreSetAside: nothing of 1969 counts, nor of the day after tomorrow, unless the clock was never set.
func TestEventsOfNoPlausibleTimeAreSetAside(t *testing.T) {
	now := time.Date(2024, 3, 1, 22, 0, 0, 0, time.UTC)
	var b strings.Builder
	for _, at := range []string{"1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z", "1989-12-31T23:59:59Z", "1990-01-01T00:00:00Z", "2024-03-01T22:30:00Z", "2024-03-02T23:59:59Z", "2024-03-03T00:00:00Z", "2107-01-01T00:00:00Z"} {
		fmt.Fprintf(&b, "{\"time\":%q,\"domain\":\"evil.example\"}\n", at)
	}
	for _, tt := range []struct {
		now  time.Time
		want []int64 // lines
	}{{now, []int64{1, 2, 3, 7, 8}}, {time.Unix(0, 0), []int64{1, 2, 3}}} {
		var refused []int64
		stats, tally, err := match.Run(t.Context(), []match.Source{{Path: "x", Reader: strings.NewReader(b.String())}}, formats(t), evilSet(t), match.Config{
			Now: func() time.Time { return tt.now },
			Bad: func(b match.Bad) {
				if b.Reason != event.FarTime || len(b.Text) == 0 {
					t.Errorf("%+v", b)
				}
				refused = append(refused, b.Line)
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, refused); d != "" {
			t.Errorf("at %v: refused lines (-want +got):\n%s", tt.now, d)
		}
		if stats.Events != int64(8-len(tt.want)) || len(tally.Sightings) != 8-len(tt.want) {
			t.Errorf("at %v: %+v", tt.now, stats)
		}
	}
}
