package effect

import (
	"errors"
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/mat"
)

// Series are operations by month of their start: of one state, and of all others. Both have the same length.
type Series struct {
	First  time.Time // the first month: midnight UTC of its first day
	Own    []int
	Others []int
}

// month is the index of the month in which t lies.
func (s *Series) month(t time.Time) int {
	return (t.Year()-s.First.Year())*12 + int(t.Month()) - int(s.First.Month())
}

// Measure is what is tested: something done to a state on a day.
type Measure struct {
	State string
	Date  time.Time
	What  string
}

// Verdict is what an answer says.
type Verdict string

// Verdicts. None says that a measure had no effect.
const (
	CannotTell Verdict = "cannot be told"
	Fell       Verdict = "fell" // fewer operations began after it than the model expects without it
	Rose       Verdict = "rose"
	NotTested  Verdict = "not tested" // too near the end or the beginning of the records
)

// Answer is what can be told of one measure.
type Answer struct {
	Measure
	Verdict Verdict
	Why     string // why it was not tested

	Before, After int     // operations in the window before and after
	Ratio         float64 // of the rate after to the rate that the model expects without the measure
	Low, High     float64 // its 95 % interval by the model
	Dispersion    float64
	Placebos      int     // other months at which the same model was fitted
	P             float64 // share of these with an effect at least as large
	Corrected     float64 // P after Holm, over all measures that were tested together
	// Least is the smallest corrected p that so many placebo dates and measures can give. At the level or above it, nothing could have
	// been told whatever happened.
	Least        float64
	SmallestDrop float64 // the smallest fall, as a share, that would have been seen four times in five
	SmallestRise float64 // the smallest rise, as a share
}

// Config says how measures are tested. The zero Config is the protocol that docs/deterrence.md describes.
type Config struct {
	Window int     // months on each side; default 24
	Least  int     // months that must lie after a measure; default 12
	Apart  int     // a placebo date lies further from the measure than so many months; default 6
	Level  float64 // of the corrected p; default 0.05
}

func (c Config) withDefaults() Config {
	if c.Window <= 0 {
		c.Window = 24
	}
	if c.Least <= 0 {
		c.Least = 12
	}
	if c.Apart <= 0 {
		c.Apart = 6
	}
	if c.Level <= 0 {
		c.Level = 0.05
	}
	return c
}

// Points of the standard normal distribution: the 95 % interval, and what is seen with 80 % power at that level.
const (
	z95   = 1.96
	power = 1.96 + 0.84
)

// Test answers for measures that are tested together; every one that was looked at belongs among them, because the correction
// counts them. The series of a measure is that of its state. The answers are in the order of the measures.
func Test(measures []Measure, series func(state string) *Series, cfg Config) []Answer {
	cfg = cfg.withDefaults()
	states := map[string]*state{}
	out := make([]Answer, len(measures))
	for i, m := range measures {
		s := states[m.State]
		if s == nil {
			s = newState(series(m.State), cfg)
			states[m.State] = s
		}
		out[i] = s.answer(m)
	}
	correct(out, cfg.Level)
	return out
}

// state is a series with the effects at its months; a placebo of one measure is the same for the next.
type state struct {
	series  *Series
	cfg     Config
	effects map[int]float64
}

func newState(s *Series, cfg Config) *state {
	return &state{series: s, cfg: cfg, effects: map[int]float64{}}
}

func (s *state) answer(m Measure) Answer {
	a := Answer{Measure: m, Verdict: NotTested}
	if s.series == nil || len(s.series.Own) == 0 || len(s.series.Own) != len(s.series.Others) {
		a.Why = "no operations of this state are on record by month"
		return a
	}
	months := len(s.series.Own)
	at := s.series.month(m.Date) + 1 // the month after: what was planned before the measure begins in its own
	switch {
	case at < s.cfg.Least:
		a.Why = fmt.Sprintf("the records begin less than %d months before it", s.cfg.Least)
		return a
	case at+s.cfg.Least > months:
		a.Why = fmt.Sprintf("the records end less than %d months after it", s.cfg.Least)
		return a
	}
	f, err := s.fit(at)
	if err != nil {
		a.Why = err.Error()
		return a
	}
	a.Verdict = CannotTell
	lo, hi := s.window(at)
	a.Before, a.After = total(s.series.Own[lo:at]), total(s.series.Own[at:hi])
	effect, se := f.coef[afterColumn], f.se[afterColumn]
	a.Ratio, a.Low, a.High = math.Exp(effect), math.Exp(effect-z95*se), math.Exp(effect+z95*se)
	a.Dispersion = f.dispersion
	a.SmallestDrop, a.SmallestRise = 1-math.Exp(-power*se), math.Exp(power*se)-1
	larger := 0
	for _, e := range s.placebos(at) {
		a.Placebos++
		if math.Abs(e) >= math.Abs(effect) {
			larger++
		}
	}
	a.P = float64(1+larger) / float64(1+a.Placebos)
	return a
}

// placebos are the effects at all other months that have a whole window before and enough months after.
func (s *state) placebos(at int) []float64 {
	var out []float64
	for j := s.cfg.Window; j < len(s.series.Own)-s.cfg.Least; j++ {
		if j-at <= s.cfg.Apart && at-j <= s.cfg.Apart {
			continue
		}
		e, ok := s.effects[j]
		if !ok {
			e = math.NaN()
			if f, err := s.fit(j); err == nil {
				e = f.coef[afterColumn]
			}
			s.effects[j] = e
		}
		if !math.IsNaN(e) {
			out = append(out, e)
		}
	}
	return out
}

func (s *state) window(at int) (lo, hi int) {
	return max(0, at-s.cfg.Window), min(len(s.series.Own), at+s.cfg.Window)
}

// The columns of the model.
const (
	slopeColumn  = 1
	afterColumn  = 2
	othersColumn = 3
	columns      = 4
)

var errEmpty = errors.New("no operations lie in the window")

// fit fits the model with the change at a month.
func (s *state) fit(at int) (*fitted, error) {
	lo, hi := s.window(at)
	x, y := mat.NewDense(hi-lo, columns, nil), make([]float64, hi-lo)
	for i := range y {
		month := lo + i
		y[i] = float64(s.series.Own[month])
		x.Set(i, 0, 1)
		x.Set(i, slopeColumn, float64(month-at)/12)
		if month >= at {
			x.Set(i, afterColumn, 1)
		}
		x.Set(i, othersColumn, math.Log1p(float64(s.series.Others[month])))
	}
	if total(s.series.Own[lo:hi]) == 0 {
		return nil, errEmpty
	}
	return negbin(x, y)
}

func total(counts []int) int {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum
}
