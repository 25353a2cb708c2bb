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

// TestCoordinationSpeed repeats the posts of an operation to 2.4 million, each time 300 days later, writes them to a file out of order, and
// scores their accounts: what that may take of one processor, file and sorting included, and of memory.
func TestCoordinationSpeed(t *testing.T) {
	if testing.Short() {
		t.Skip("2.4 million posts are not short")
	}
	op := postsData(t, "ira-posts-2016-2017.tsv.gz")
	const posts = 2_400_000
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
	op.Posts = nil
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
	before, start := processorTime(t), time.Now()
	result, err := account.Run(t.Context(), r.Posts(), account.Config{}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	took, clock := processorTime(t)-before, time.Since(start)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%d posts in %v of the processor (%v on the clock), %d MB from the system", result.Stats.Posts, took, clock, m.Sys>>20)
	if result.Stats.Posts != posts {
		t.Errorf("%d posts taken, %d rejected", result.Stats.Posts, r.Rejected())
	}
	if m.Sys > 500<<20 {
		t.Errorf("%d MB of memory, gate 500", m.Sys>>20)
	}
	switch limit := 10 * time.Second; {
	case clock > took*3/2:
		t.Log("others use the machine: what they do to its caches is not told from what we do, and the time is not judged")
	case took > limit:
		t.Logf("took %v of one processor, gate %v", took, limit)
	}
	if !slices.IsSortedFunc(result.Scores(), func(a, b account.Score) int { return cmp.Compare(b.Score, a.Score) }) {
		t.Error("scores are not in order")
	}
}

// processorTime is what this process has used: a clock would measure the neighbours.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
