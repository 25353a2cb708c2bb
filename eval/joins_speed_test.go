package eval_test

import (
	"os"
	"testing"

	"marque/eval"
	"marque/graph"
	"marque/workspace"
)

// TestOperationJoinsAreCheap: the graph of the joined workspace takes little more work with its joins than without.
func TestOperationJoinsAreCheap(t *testing.T) {
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: the data sets of the joined workspace are not here")
	}
	w := eval.Joined(t, data)
	load := func(apart bool) func() {
		return func() {
			if _, err := graph.Load(t.Context(), w.Reader(workspace.Owner()), graph.Options{Apart: apart}); err != nil {
				t.Fatal(err)
			}
		}
	}
	load(false)() // what is made once counts for neither
	without, bytesWithout := work(load(true))
	with, bytesWith := work(load(false))
	t.Logf("graph loaded with %d allocations of %d MB, with joins %d of %d MB", without, bytesWithout>>20, with, bytesWith>>20)
	if with > without*14/10 || bytesWith > bytesWithout*14/10 {
		t.Errorf("with joins the graph takes %d allocations of %d bytes, more than 1.4 times the %d of %d that it takes without", with, bytesWith, without, bytesWithout)
	}
}
