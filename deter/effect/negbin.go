package effect

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// fitted is a negative binomial regression with a log link.
type fitted struct {
	coef       []float64
	se         []float64
	dispersion float64 // alpha of the variance mu + alpha·mu²
	logLik     float64
}

// Bounds of the search for the dispersion, and limits of the fit.
const (
	leastDispersion = 1e-4 // as good as Poisson
	mostDispersion  = 20.0
	searchSteps     = 24 // of the golden section: the logarithm to 1e-4 of the width
	maxIterations   = 60
	maxExponent     = 20.0 // of a mean: no month has more than e^20 operations or less than e^-20
	ridge           = 1e-9 // keeps the system solvable where a column is constant in the window
)

var errFit = errors.New("the model does not fit")

// negbin fits coefficients and dispersion: the profile likelihood of the dispersion has one maximum, found by golden section on
// its logarithm. Rows of x are months; the first column is the level.
func negbin(x *mat.Dense, y []float64) (*fitted, error) {
	golden := (math.Sqrt(5) - 1) / 2
	lo, hi := math.Log(leastDispersion), math.Log(mostDispersion)
	var err error
	likelihood := func(log float64) float64 {
		f, ferr := fit(x, y, math.Exp(log))
		if ferr != nil {
			err = ferr
			return math.Inf(-1)
		}
		return f.logLik
	}
	p, q := hi-golden*(hi-lo), lo+golden*(hi-lo)
	fp, fq := likelihood(p), likelihood(q)
	for range searchSteps {
		if fp > fq {
			hi, q, fq = q, p, fp
			p = hi - golden*(hi-lo)
			fp = likelihood(p)
		} else {
			lo, p, fp = p, q, fq
			q = lo + golden*(hi-lo)
			fq = likelihood(q)
		}
	}
	if err != nil {
		return nil, err
	}
	return fit(x, y, math.Exp((lo+hi)/2))
}

// fit estimates the coefficients at a given dispersion by iteratively reweighted least squares.
func fit(x *mat.Dense, y []float64, dispersion float64) (*fitted, error) {
	months, n := x.Dims()
	coef, next := mat.NewVecDense(n, nil), mat.NewVecDense(n, nil)
	coef.SetVec(0, math.Log(mean(y)+0.1))
	mu, chol := mat.NewVecDense(months, nil), &mat.Cholesky{}
	for range maxIterations {
		means(mu, x, coef)
		info, score := normalEquations(x, y, mu, coef, dispersion)
		if !chol.Factorize(info) {
			return nil, fmt.Errorf("information matrix is singular: %w", errFit)
		}
		if err := solved(chol.SolveVecTo(next, score)); err != nil {
			return nil, err
		}
		moved := 0.0
		for i := range n {
			moved = max(moved, math.Abs(next.AtVec(i)-coef.AtVec(i)))
		}
		coef, next = next, coef
		if moved < 1e-8 {
			break
		}
	}
	var inverse mat.SymDense
	if err := solved(chol.InverseTo(&inverse)); err != nil {
		return nil, err
	}
	means(mu, x, coef)
	f := &fitted{coef: coef.RawVector().Data, se: make([]float64, n), dispersion: dispersion, logLik: logLikelihood(y, mu, dispersion)}
	for i := range f.se {
		f.se[i] = math.Sqrt(max(0, inverse.At(i, i)))
	}
	if math.IsNaN(f.logLik) {
		return nil, fmt.Errorf("likelihood is not a number: %w", errFit)
	}
	return f, nil
}

// normalEquations are those of one step: the weighted cross products of the columns, and of the columns with the working response.
func normalEquations(x *mat.Dense, y []float64, mu, coef *mat.VecDense, dispersion float64) (*mat.SymDense, *mat.VecDense) {
	months, n := x.Dims()
	info, score := make([]float64, n*n), make([]float64, n)
	for i := range months {
		row, m := x.RawRowView(i), mu.AtVec(i)
		weight, response := m/(1+dispersion*m), (y[i]-m)/m
		for j, v := range row {
			response += v * coef.AtVec(j)
		}
		for j, v := range row {
			score[j] += weight * v * response
			for k := j; k < n; k++ {
				info[j*n+k] += weight * v * row[k]
			}
		}
	}
	for i := range n {
		info[i*n+i] += ridge
	}
	return mat.NewSymDense(n, info), mat.NewVecDense(n, score)
}

// solved drops the warning that a system is badly conditioned: a window without any operation on one side is, and its estimate is
// as wide as it should be.
func solved(err error) error {
	if _, ok := errors.AsType[mat.Condition](err); ok {
		return nil
	}
	return err
}

// means are the expected counts by month.
func means(mu *mat.VecDense, x *mat.Dense, coef mat.Vector) {
	mu.MulVec(x, coef)
	for i := range mu.Len() {
		mu.SetVec(i, math.Exp(max(-maxExponent, min(maxExponent, mu.AtVec(i)))))
	}
}

// logLikelihood is that of NB2 counts.
func logLikelihood(y []float64, mu mat.Vector, dispersion float64) float64 {
	r := 1 / dispersion
	sum := 0.0
	for i, t := range y {
		m := mu.AtVec(i)
		sum += lgamma(t+r) - lgamma(r) - lgamma(t+1) + r*math.Log(r/(r+m)) + t*math.Log(m/(r+m))
	}
	return sum
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

func mean(y []float64) float64 {
	sum := 0.0
	for _, v := range y {
		sum += v
	}
	return sum / float64(len(y))
}
