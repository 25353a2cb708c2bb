//go:build unix

package eval_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"marque/influence/account"
)

// manyPosts is how many posts TestCoordinationOfMany scores.
const manyPosts = 2_400_000

// writePosts repeats the posts of an operation, each time 300 days later, and writes them to a file out of order.
func writePosts(t testing.TB, posts int) string {
	t.Helper()
	op := postsData(t, "ira-posts-2016-2017.tsv.gz")
	path := filepath.Join(t.TempDir(), "posts.tsv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(f, "account\tpublished\tpost_type\ttext")
	buf := make([]byte, 0, 1<<16)
	for i := range posts {
		// The last ones come first: a file in reverse order, as platforms export them.
		k := posts - 1 - i
		p := op.Posts[k%len(op.Posts)]
		at := p.Time.AddDate(0, 0, 300*(k/len(op.Posts)))
		buf = fmt.Appendf(buf, "%s\t%s\t\t%s\n", p.Account, at.Format("2006-01-02T15:04:05"), p.Text)
		if len(buf) > 1<<16-1024 || i == posts-1 {
			if _, err := f.Write(buf); err != nil {
				t.Fatal(err)
			}
			buf = buf[:0]
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// scorePosts scores the accounts of a file on one processor, sorting included.
func scorePosts(t testing.TB, path string) *account.Result {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	known, err := account.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	r, err := account.NewReader(in, known)
	if err != nil {
		t.Fatal(err)
	}
	result, err := account.Run(t.Context(), r.Posts(), account.Config{}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if r.Rejected() > 0 {
		t.Errorf("%d posts rejected", r.Rejected())
	}
	return result
}

// TestCoordinationOfMany scores the accounts of 2.4 million posts that come out of order: what that may take of memory, and of work beside that
// of a quarter of the posts. BenchmarkCoordination tells the time.
func TestCoordinationOfMany(t *testing.T) {
	if testing.Short() {
		t.Skip("2.4 million posts are not short")
	}
	quarter, all := writePosts(t, manyPosts/4), writePosts(t, manyPosts)
	part, _ := work(func() { scorePosts(t, quarter) })
	var result *account.Result
	whole, _ := work(func() { result = scorePosts(t, all) })
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%d posts with %d allocations, a quarter of them with %d; %d MB from the system", result.Stats.Posts, whole, part, m.Sys>>20)
	if result.Stats.Posts != manyPosts {
		t.Errorf("%d of %d posts taken", result.Stats.Posts, manyPosts)
	}
	if m.Sys > 500<<20 {
		t.Errorf("%d MB of memory, gate 500", m.Sys>>20)
	}
	if whole > 6*part {
		t.Errorf("%d allocations, a quarter of the posts takes %d: more than linear", whole, part)
	}
	if !slices.IsSortedFunc(result.Scores(), func(a, b account.Score) int { return cmp.Compare(b.Score, a.Score) }) {
		t.Error("scores are not in order")
	}
}

// BenchmarkCoordination reports the posts scored in a second of one processor: a clock would measure the neighbours.
func BenchmarkCoordination(b *testing.B) {
	path := writePosts(b, manyPosts)
	before := processorTime(b)
	for b.Loop() {
		scorePosts(b, path)
	}
	b.ReportMetric(float64(manyPosts)*float64(b.N)/(processorTime(b)-before).Seconds(), "posts/cpu-s")
}

// processorTime is what this process has used.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
