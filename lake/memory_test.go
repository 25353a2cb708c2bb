package lake_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/lake"
	"marque/lake/bucket"
	"marque/lake/bucket/buckettest"
)

// TestAnyBucket: a lake does the same in a bucket that is no folder and knows of no locks.
func TestAnyBucket(t *testing.T) {
	folder := open(t)
	memory, err := lake.New(t.Context(), struct{ bucket.Bucket }{buckettest.Memory()})
	if err != nil {
		t.Fatal(err)
	}
	type answer struct {
		Hours             int
		Rows              int64
		Found, FoundAgain int64
		Left              int
	}
	ask := func(l *lake.Lake) (a answer) {
		t.Helper()
		for _, text := range []string{sample(2000), sample(3000)} {
			keep(t, l, text)
		}
		find := func() int64 {
			found, _, err := l.Hunt(t.Context(), wanted, lake.HuntConfig{})
			if err != nil {
				t.Fatal(err)
			}
			return found.Hits
		}
		s, err := l.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a.Hours, a.Rows, a.Found = s.Hours, s.Rows, find()
		if done, err := l.Compact(t.Context(), lake.CompactConfig{}); err != nil || done.Written == 0 {
			t.Fatal(done, err)
		}
		a.FoundAgain = find()
		if _, err := l.Retain(t.Context(), lake.RetainConfig{Before: s.First.Add(2 * time.Hour)}); err != nil {
			t.Fatal(err)
		}
		list, err := l.Files(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a.Left = len(list)
		return a
	}
	want, got := ask(folder), ask(memory)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-folder +memory):\n%s", d)
	}
	if want.Found == 0 || want.FoundAgain != want.Found || want.Left == 0 || want.Left >= want.Hours {
		t.Errorf("nothing to compare: %+v", want)
	}
	if _, _, err := memory.Hunt(t.Context(), nil, lake.HuntConfig{Only: []string{"day=1/hour=1/x.parquet"}}); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "memory:") {
		t.Errorf("a file that is gone: %v", err)
	}
}
