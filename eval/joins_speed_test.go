package eval_test

import (
	"os"
	"testing"
	"time"

	"marque/eval"
	"marque/graph"
	"marque/workspace"
)

// TestOperationJoinsAreCheap: the graph of the joined workspace takes little longer with its joins than without.
func TestOperationJoinsAreCheap(t *testing.T) {
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: the data sets of the joined workspace are not here")
	}
	w := eval.Joined(t, data)
	best := func(apart bool) time.Duration {
		least := time.Hour
		for range 3 {
			start := time.Now()
			if _, err := graph.Load(t.Context(), w.Reader(workspace.Owner()), graph.Options{Apart: apart}); err != nil {
				t.Fatal(err)
			}
			least = min(least, time.Since(start))
		}
		return least
	}
	without, with := best(true), best(false)
	t.Logf("graph loaded in %v, with joins in %v", without, with)
	if with > without*13/10+50*time.Millisecond {
		t.Errorf("with joins the graph takes %v, more than 1.3 times the %v that it takes without", with, without)
	}
}
