package eval

import (
	"math"
	"slices"
	"strings"

	"marque/graph"
	"marque/graph/join"
)

// toldTwice are operations that the Council's tracker has in two rows, as a count of its answers found.
var toldTwice = [][2]string{
	{"cfr 22", "cfr 65"},
	{"cfr 38", "cfr 127"},
	{"cfr 392", "cfr 403"},
	{"cfr 456", "cfr 415"},
	{"cfr 461", "cfr 472"},
	{"cfr 389", "cfr 400"},
	{"cfr 316", "cfr 341"},
}

// JoinExample is a pair of records with the truth on it.
type JoinExample struct {
	A, B string // "eurepoc 87"
	join.Weighed
	Same   bool
	Weight float64
}

// JoinExamples are the pairs that the answers tell of: records of one operation, and each of these with every other record that has
// anything in common with it. The graph must have been loaded apart.
func JoinExamples(g *graph.Graph, known []KnownOperation) []JoinExample {
	records := g.JoinRecords()
	label := map[string]string{}
	for _, e := range g.Operations() {
		label[string(e.ID)] = e.Members[0].Source + " " + e.Members[0].Record
	}
	op, row, free := map[string]string{}, map[string]bool{}, map[[2]string]bool{}
	unlike := map[[2]string]bool{}
	for i := range known {
		k := &known[i]
		rows, parts := k.Rows.list(), k.Parts.list()
		for _, r := range append(slices.Clone(rows), parts...) {
			op[r], row[r] = k.Key, slices.Contains(rows, r)
			for _, e := range k.Either.list() {
				free[[2]string{r, e}], free[[2]string{e, r}] = true, true
			}
			for _, n := range k.NotSame.list() {
				unlike[[2]string{r, n}], unlike[[2]string{n, r}] = true, true
			}
		}
	}
	var out []JoinExample
	for pair, f := range join.Pairs(records) {
		a, b := label[pair[0]], label[pair[1]]
		twice := slices.Contains(toldTwice, [2]string{a, b}) || slices.Contains(toldTwice, [2]string{b, a})
		told := strings.HasPrefix(a, "document") || strings.HasPrefix(b, "document") // of which the answers say nothing
		if op[a] == "" && op[b] == "" && !twice || free[[2]string{a, b}] || told {
			continue
		}
		same := twice || op[a] == op[b]
		if same && !twice && !row[a] && !row[b] {
			continue // two parts need not tell of the same
		}
		x := JoinExample{A: a, B: b, Weighed: f, Same: same, Weight: 1}
		if unlike[[2]string{a, b}] {
			x.Weight = 4 // those that look alike teach most
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(x, y JoinExample) int { return slices.Compare([]string{x.A, x.B}, []string{y.A, y.B}) })
	return out
}

// FitJoins learns the weights of a logistic model by gradient descent, pulled towards the given ones as by a ridge: what the examples
// do not tell stays as it was stated.
func FitJoins(xs []JoinExample, intercept float64, stated map[string]float64, ridge float64) (float64, map[string]float64) {
	rows := make([]map[string]float64, len(xs))
	for i := range xs {
		rows[i] = xs[i].Features.Values()
	}
	return fit(xs, rows, intercept, stated, ridge)
}

// FitAmong learns the weights of the second step, in which the pairs of two lists compete, from the odds and leads of the first.
func FitAmong(xs []JoinExample) (float64, map[string]float64) {
	xs = slices.DeleteFunc(slices.Clone(xs), func(x JoinExample) bool { return x.OneList })
	rows := make([]map[string]float64, len(xs))
	for i := range xs {
		rows[i] = map[string]float64{"odds": xs[i].Odds, "lead": xs[i].Lead}
	}
	return fit(xs, rows, 0, map[string]float64{"odds": 1, "lead": .5}, 1)
}

func fit(xs []JoinExample, values []map[string]float64, intercept float64, stated map[string]float64, ridge float64) (float64, map[string]float64) {
	names := make([]string, 0, len(stated))
	for n := range stated {
		names = append(names, n)
	}
	slices.Sort(names)
	rows := make([][]float64, len(xs))
	for i := range xs {
		v := values[i]
		rows[i] = make([]float64, len(names))
		for k, n := range names {
			rows[i][k] = v[n]
		}
	}
	w, start := make([]float64, len(names)+1), make([]float64, len(names)+1)
	start[len(names)] = intercept
	for k, n := range names {
		start[k] = stated[n]
	}
	copy(w, start)
	sum := make([]float64, len(w)) // of squared gradients: each weight has its own pace
	for range 4000 {
		grad := make([]float64, len(w))
		for i, r := range rows {
			z := w[len(names)]
			for k, v := range r {
				z += w[k] * v
			}
			y := 0.0
			if xs[i].Same {
				y = 1
			}
			d := (1/(1+math.Exp(-z)) - y) * xs[i].Weight
			for k, v := range r {
				grad[k] += d * v
			}
			grad[len(names)] += d
		}
		for k := range w {
			pull := ridge
			if k == len(names) {
				pull = ridge / 10
			}
			grad[k] += pull * (w[k] - start[k])
			sum[k] += grad[k] * grad[k]
			w[k] -= .3 * grad[k] / (math.Sqrt(sum[k]) + 1e-9)
		}
	}
	fitted := map[string]float64{}
	for k, n := range names {
		fitted[n] = w[k]
	}
	return w[len(names)], fitted
}
