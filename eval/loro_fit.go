package eval

import (
	"fmt"
	"math"

	"marque/attribute/profile"
)

// example is one query for the fit: the terms of every hypothesis, the unknown actor's last, and the true one.
type example struct {
	terms [][]float64
	truth int
}

// weightCount is the number of weights that are fitted.
const weightCount = 9

// columns orders the weights that the fit finds.
func columns(w *profile.Weights) [weightCount]*float64 {
	return [weightCount]*float64{
		&w.Technique, &w.Software, &w.Rarest, &w.Activity, &w.Link, &w.Alike,
		&w.UnknownBias, &w.UnknownRate, &w.UnknownKnown,
	}
}

// Fit finds the weights of the conditional logit by maximum likelihood on the run's queries that keep accepts,
// with a ridge of 1 on the standardised weights (the unknown actor's constant free). The other constants stay.
func (r Run) Fit(keep func(LOROQuery) bool) (profile.Weights, error) {
	base := NewBaseline(r.Corpus, r.Mode)
	var examples []example
	for _, q := range r.Queries {
		scores := base.Scores(q, r.Gap)
		if !keep(q) || len(scores) == 0 {
			continue
		}
		actors, unknown, err := r.Index.Terms(r.query(q, base))
		if err != nil {
			return profile.Weights{}, fmt.Errorf("report %q: %w", q.Report, err)
		}
		e := example{truth: len(actors)}
		for n, t := range actors {
			e.terms = append(e.terms, []float64{t.Technique, t.Software, t.Rarest, t.Activity, t.Link, t.Alike, 0, 0, 0})
			if _, known := scores[q.Actor]; known && t.Actor == q.Actor {
				e.truth = n
			}
		}
		e.terms = append(e.terms, []float64{0, 0, 0, 0, 0, 0, 1, unknown.NewShare, unknown.Known})
		examples = append(examples, e)
	}
	scale := standardise(examples)
	found := newton(examples)
	w := profile.DefaultWeights()
	for n, at := range columns(&w) {
		*at = found[n] / scale[n]
	}
	return w, nil
}

// standardise divides each term by its standard deviation over the hypotheses that have it, and returns those.
func standardise(examples []example) [weightCount]float64 {
	var sum, squares, count, scale [weightCount]float64
	for _, e := range examples {
		for h, terms := range e.terms {
			unknown := h == len(e.terms)-1
			for n, t := range terms {
				if unknown == (n >= firstUnknown) {
					sum[n], squares[n], count[n] = sum[n]+t, squares[n]+t*t, count[n]+1
				}
			}
		}
	}
	for n := range scale {
		mean := sum[n] / count[n]
		scale[n] = math.Sqrt(max(squares[n]/count[n]-mean*mean, 0))
		if scale[n] < 1e-9 {
			scale[n] = 1
		}
	}
	for _, e := range examples {
		for _, terms := range e.terms {
			for n := range terms {
				terms[n] /= scale[n]
			}
		}
	}
	return scale
}

// firstUnknown is the first column that only the unknown actor has: its constant.
const firstUnknown = 6

// newton maximises the penalised log-likelihood, which is concave, halving steps that overshoot.
func newton(examples []example) [weightCount]float64 {
	var w [weightCount]float64
	reached := likelihood(examples, w)
	for range 100 {
		gradient, hessian := slope(examples, w)
		step := solve(hessian, gradient)
		next, better := w, math.Inf(-1)
		for shrink := 1.0; shrink > 1e-6 && better < reached; shrink /= 2 {
			for n := range w {
				next[n] = w[n] + shrink*step[n]
			}
			better = likelihood(examples, next)
		}
		if better < reached+1e-10 {
			break
		}
		w, reached = next, better
	}
	return w
}

func ridge(n int) float64 {
	if n == firstUnknown {
		return 0.01
	}
	return 1
}

func likelihood(examples []example, w [weightCount]float64) float64 {
	var sum float64
	for n := range w {
		sum -= ridge(n) * w[n] * w[n] / 2
	}
	for _, e := range examples {
		sum += math.Log(softmax(e.terms, w)[e.truth] + 1e-300)
	}
	return sum
}

// slope is the gradient of the penalised log-likelihood and its negated second derivative.
func slope(examples []example, w [weightCount]float64) (gradient [weightCount]float64, hessian [weightCount][weightCount]float64) {
	for n := range w {
		gradient[n] -= ridge(n) * w[n]
		hessian[n][n] += ridge(n)
	}
	for _, e := range examples {
		p := softmax(e.terms, w)
		var mean [weightCount]float64
		for h, terms := range e.terms {
			for n, t := range terms {
				mean[n] += p[h] * t
			}
		}
		for h, terms := range e.terms {
			for n := range terms {
				for m := range terms {
					hessian[n][m] += p[h] * (terms[n] - mean[n]) * (terms[m] - mean[m])
				}
			}
		}
		for n := range w {
			gradient[n] += e.terms[e.truth][n] - mean[n]
		}
	}
	return gradient, hessian
}

func softmax(terms [][]float64, w [weightCount]float64) []float64 {
	p := make([]float64, len(terms))
	top := math.Inf(-1)
	for h, row := range terms {
		for n, t := range row {
			p[h] += w[n] * t
		}
		top = max(top, p[h])
	}
	var sum float64
	for h := range p {
		p[h] = math.Exp(p[h] - top)
		sum += p[h]
	}
	for h := range p {
		p[h] /= sum
	}
	return p
}

// solve is Gauss elimination; the ridge keeps the matrix positive definite, so no pivoting is needed.
func solve(a [weightCount][weightCount]float64, b [weightCount]float64) [weightCount]float64 {
	for n := range b {
		for m := n + 1; m < weightCount; m++ {
			f := a[m][n] / a[n][n]
			for k := n; k < weightCount; k++ {
				a[m][k] -= f * a[n][k]
			}
			b[m] -= f * b[n]
		}
	}
	for n := weightCount - 1; n >= 0; n-- {
		for k := n + 1; k < weightCount; k++ {
			b[n] -= a[n][k] * b[k]
		}
		b[n] /= a[n][n]
	}
	return b
}
