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
	least := [2]time.Duration{time.Hour, time.Hour} // without joins, with
	for i := range 8 {
		start := time.Now()
		if _, err := graph.Load(t.Context(), w.Reader(workspace.Owner()), graph.Options{Apart: i%2 == 0}); err != nil {
			t.Fatal(err)
		}
		least[i%2] = min(least[i%2], time.Since(start))
	}
	without, with := least[0], least[1]
	t.Logf("graph loaded in %v, with joins in %v", without, with)
	if with > without*13/10+50*time.Millisecond {
		t.Errorf("with joins the graph takes %v, more than 1.3 times the %v that it takes without", with, without)
	}
}
