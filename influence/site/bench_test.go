package site_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"

	"marque/influence/site"
)

// madeLabels are labels that can be spoken, three to six syllables, now and then with a digit or a hyphen.
func madeLabels(n int, seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]string, n)
	var b []byte
	for i := range out {
		b = b[:0]
		for range 3 + r.IntN(4) {
			b = append(b, "bcdfghjklmnpqrstvwxz"[r.IntN(20)], "aeiouy"[r.IntN(6)])
			if r.IntN(3) == 0 {
				b = append(b, "lmnrstx"[r.IntN(7)])
			}
		}
		switch r.IntN(8) {
		case 0:
			b = strconv.AppendInt(b, int64(r.IntN(1000)), 10)
		case 1:
			b = append(b[:4], append([]byte("-"), b[4:]...)...)
		}
		out[i] = string(b)
	}
	return out
}

func watchOf(t testing.TB, n int) *site.Watch {
	t.Helper()
	w, err := site.NewWatch(site.Config{Expect: n})
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range madeLabels(n, 7) {
		if err := w.Add(site.Site{Host: l + "." + []string{"com", "ltd", "news", "in"}[i%4], Operation: "made"}); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// BenchmarkLook looks names up against few and many watched sites; names/s is what counts. "naive" compares each name with each watched one
// by edit distance, as permutation tools' counterparts do.
func BenchmarkLook(b *testing.B) {
	fresh := madeLabels(20_000, 99)
	for i := range fresh {
		fresh[i] += ".info"
	}
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("watched=%d", n), func(b *testing.B) {
			w := watchOf(b, n)
			i := 0
			for b.Loop() {
				_, _, _ = w.Look(site.New{Host: fresh[i%len(fresh)]})
				i++
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "names/s")
		})
	}
	b.Run("naive/watched=1000", func(b *testing.B) {
		known := madeLabels(1_000, 7)
		i := 0
		for b.Loop() {
			for _, k := range known {
				editDistance(k, fresh[i%len(fresh)])
			}
			i++
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "names/s")
	})
}

func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			last, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, last+cost)
		}
	}
	return row[len(b)]
}

// BenchmarkLookReal looks a day's new names up.
func BenchmarkLookReal(b *testing.B) {
	fresh := lines(b, "domains", "newly-registered-sample.txt.gz")
	w := watchOf(b, 1000)
	i := 0
	for b.Loop() {
		_, _, _ = w.Look(site.New{Host: fresh[i%len(fresh)]})
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "names/s")
}

// TestMemory holds ten million watched names to a gigabyte, at a fiftieth of the size; MARQUE_LARGE=1 takes the ten million.
func TestMemory(t *testing.T) {
	n := 200_000 // the tables double, so this is as full as ten million make them
	if os.Getenv("MARQUE_LARGE") != "" {
		n = 10_000_000
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	w, err := site.NewWatch(site.Config{Expect: n})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 3))
	var host []byte
	for range n {
		host = host[:0]
		for range 9 + r.IntN(6) {
			host = append(host, byte('a'+r.IntN(26)))
		}
		host = append(host, ".example"...)
		if err := w.Add(site.Site{Host: string(host), Operation: "made"}); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	per := float64(after.HeapAlloc-before.HeapAlloc) / float64(n)
	t.Logf("%d watched names: %.0f bytes each, %.0f MB", w.Len(), per, per*float64(n)/1e6)
	if per > 100 {
		t.Errorf("%.0f bytes a watched name: ten million do not fit into a gigabyte", per)
	}
	runtime.KeepAlive(w)
}

// BenchmarkFamilies gathers sites with twelve indicators each: eight that about three sites share, four that thousands do.
func BenchmarkFamilies(b *testing.B) {
	const n = 200_000
	r := rand.New(rand.NewPCG(5, 5))
	type told struct {
		domain string
		facts  []site.Fact
	}
	all := make([]told, n)
	for i := range all {
		all[i].domain = "s" + strconv.Itoa(i) + ".example"
		for k := range 12 {
			v := r.IntN(n / 3)
			if k >= 8 {
				v = r.IntN(50)
			}
			all[i].facts = append(all[i].facts, site.Fact{Kind: "kind" + string(rune('a'+k)), Value: strconv.Itoa(v)})
		}
	}
	for b.Loop() {
		f := site.NewFamilies()
		for _, t := range all {
			f.Tell(t.domain, t.facts...)
		}
		if len(f.All()) == 0 {
			b.Fatal("no families")
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "sites/s")
}
