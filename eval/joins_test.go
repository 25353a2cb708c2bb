package eval_test

import (
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"marque/eval"
	"marque/graph"
	"marque/store"
	"marque/workspace"
)

// statedJoins are the weights as they were stated before any were learned.
var statedJoins = map[string]float64{
	"document": 5, "text": 8, "common": 3, "indicted": 2, "name": 3, "mention": 1, "victim": 3, "software": 1, "overlap": 1, "day": 2, "gap": -1, "undated": -0.5, "actor": 2,
	"rival": -1, "state": 1, "otherhand": -2, "place": 2, "elsewhere": -2, "exchanged": -4, "deed": 0.5, "otherdeed": -0.5, "onelist": -3, "year": -2,
}

// TestLearnOperationJoins learns the weights of joins on the development half and prints them for graph/join/weights.json, with the
// pairs that are hardest.
func TestLearnOperationJoins(t *testing.T) {
	data, path := joined(t, "MARQUE_OPERATIONS")
	if os.Getenv("MARQUE_LEARN") == "" {
		t.Skip("MARQUE_LEARN is not set: the weights are learned when somebody asks for it")
	}
	known, err := eval.KnownOperations(path)
	if err != nil {
		t.Fatal(err)
	}
	known = slices.DeleteFunc(known, func(k eval.KnownOperation) bool { return !eval.Development(k.Key) })
	w := eval.Joined(t, data)
	g, err := graph.Collect(graph.AsKnown(t.Context(), w.Reader(workspace.Owner()), store.Query{}, time.Time{}), graph.Options{Apart: true})
	if err != nil {
		t.Fatal(err)
	}
	xs := eval.JoinExamples(g, known)
	intercept, fitted := eval.FitJoins(xs, -7, statedJoins, 1)
	step, among := eval.FitAmong(xs)
	t.Logf("among %.2f %v", step, among)
	same := 0
	type hard struct {
		x    eval.JoinExample
		p, l float64
	}
	var hs []hard
	for _, x := range xs {
		z := intercept
		for n, v := range x.Features.Values() {
			z += fitted[n] * v
		}
		p := 1 / (1 + math.Exp(-z))
		if x.Same {
			same++
			hs = append(hs, hard{x, p, -math.Log(p)})
		} else {
			hs = append(hs, hard{x, p, -math.Log(1 - p)})
		}
	}
	sort.Slice(hs, func(i, k int) bool { return hs[i].l > hs[k].l })
	t.Logf("%d examples, %d the same", len(xs), same)
	for _, h := range hs[:60] {
		var parts []string
		for _, n := range slices.Sorted(maps.Keys(fitted)) {
			if v := h.x.Features.Values()[n]; v != 0 {
				parts = append(parts, fmt.Sprintf("%s %.2f", n, v))
			}
		}
		t.Logf("%.3f %v %s ~ %s: %s", h.p, h.x.Same, h.x.A, h.x.B, strings.Join(parts, ", "))
	}
	for _, x := range xs {
		if !x.OneList && (x.Same || x.Lead > 0) {
			t.Logf("lead %v odds %.2f lead %.2f %s ~ %s text %.2f common %.2f doc %.2f name %.2f mention %.2f gap %.2f", x.Same, x.Odds, x.Lead, x.A, x.B, x.Features.Text, x.Features.Common, x.Features.Document, x.Features.Name, x.Features.Mention, x.Features.Gap)
		}
	}
	var out []string
	for _, n := range slices.Sorted(maps.Keys(fitted)) {
		out = append(out, fmt.Sprintf("%q: %.2f", n, fitted[n]))
	}
	t.Logf("intercept %.2f {%s}", intercept, strings.Join(out, ", "))
}
