package eval_test

import (
	"os"
	"testing"

	"marque/eval"
)

// TestNames is the gate on resolving names across vendors: Microsoft's actors in the MISP galaxy.
func TestNames(t *testing.T) {
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: the names of Microsoft and of the MISP galaxy are not here")
	}
	res, err := eval.Names(data)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d actors: %d right, %d wrong, %d sets, %d unknown", res.Actors, res.Right, res.Wrong, res.Ambiguous, res.Unknown)
	for _, m := range res.Misses {
		t.Log(m)
	}
	if res.Right < 130 {
		t.Errorf("%d resolved right, gate 130", res.Right)
	}
	if res.Wrong > 0 {
		t.Errorf("%d forced wrong, gate 0", res.Wrong)
	}
}
