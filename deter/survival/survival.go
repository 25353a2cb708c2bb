package survival

import (
	"cmp"
	"math"
	"slices"
)

// Time is how long something was watched.
type Time struct {
	Days  int
	Event bool // it ended with the event; else the records ended first
}

// Step is the curve from one event on.
type Step struct {
	Days     int     `json:"days"`
	AtRisk   int     `json:"at_risk"`  // watched until this day, the event not yet reached
	Survival float64 `json:"survival"` // share that the event had not reached by the end of this day
	SE       float64 `json:"se"`       // of Survival, after Greenwood
}

// Curve is a survival curve: a step for each day with an event, in order. Before the first, everything survives.
type Curve []Step

// Estimate computes the curve of Kaplan and Meier.
func Estimate(times []Time) Curve {
	sorted := slices.SortedFunc(slices.Values(times), func(a, b Time) int { return cmp.Compare(a.Days, b.Days) })
	var curve Curve
	survival, greenwood := 1.0, 0.0
	for i := 0; i < len(sorted); {
		day, atRisk, events := sorted[i].Days, len(sorted)-i, 0
		for ; i < len(sorted) && sorted[i].Days == day; i++ {
			if sorted[i].Event {
				events++
			}
		}
		if events == 0 {
			continue
		}
		n, d := float64(atRisk), float64(events)
		survival *= 1 - d/n
		if n > d {
			greenwood += d / (n * (n - d))
		}
		curve = append(curve, Step{Days: day, AtRisk: atRisk, Survival: survival, SE: survival * math.Sqrt(greenwood)})
	}
	return curve
}

// At is the step that holds on a day.
func (c Curve) At(days int) Step {
	i, found := slices.BinarySearchFunc(c, days, func(s Step, d int) int { return cmp.Compare(s.Days, d) })
	if !found {
		i--
	}
	if i < 0 {
		return Step{Survival: 1}
	}
	return c[i]
}

// Reached is the share that the event had reached by a day.
func (c Curve) Reached(days int) float64 { return 1 - c.At(days).Survival }

// Median is the first day by which the event had reached half of all; false where it never did.
func (c Curve) Median() (int, bool) {
	for _, s := range c {
		if s.Survival <= 0.5 {
			return s.Days, true
		}
	}
	return 0, false
}

// Interval is the 95 % interval of the survival at a step on the log-log scale (Kalbfleisch and Prentice 1980), which stays
// between 0 and 1. Where nothing or everything survives there is no width to compute and the bounds are the value itself.
func (s Step) Interval() (low, high float64) {
	if s.Survival <= 0 || s.Survival >= 1 {
		return s.Survival, s.Survival
	}
	log := math.Log(s.Survival)
	spread := math.Exp(1.959964 * s.SE / (s.Survival * math.Abs(log)))
	return math.Pow(s.Survival, spread), math.Pow(s.Survival, 1/spread)
}

// Span is a time that is known within bounds. Both are the same where the day is known.
type Span struct{ Earliest, Latest Time }

// Bounds are the curves between which the truth lies: Lower takes each event as late as it can have been, Upper as early, so
// that what the event had reached by a day lies between Lower.Reached and Upper.Reached.
type Bounds struct {
	Lower Curve `json:"lower"`
	Upper Curve `json:"upper"`
}

// Reached are the bounds of the share that the event had reached by a day. The curves may cross, for who is watched changes with the dates
// too: the bounds are the lesser and the greater of both.
func (b Bounds) Reached(days int) (low, high float64) {
	x, y := b.Lower.Reached(days), b.Upper.Reached(days)
	return min(x, y), max(x, y)
}

// Bound estimates both curves.
func Bound(spans []Span) Bounds {
	early, late := make([]Time, len(spans)), make([]Time, len(spans))
	for i, s := range spans {
		early[i], late[i] = s.Earliest, s.Latest
	}
	return Bounds{Lower: Estimate(late), Upper: Estimate(early)}
}
