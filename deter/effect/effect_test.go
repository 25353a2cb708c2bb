package effect_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"marque/deter/effect"
)

var first = time.Date(2010, time.January, 1, 0, 0, 0, 0, time.UTC)

// on is a day in the month before the one in which the model lets the change begin.
func on(month int) time.Time { return first.AddDate(0, month-1, 14) }

// flat has a constant number of operations a month, and another from a month on.
func flat(months, change, before, after int) *effect.Series {
	s := &effect.Series{First: first, Own: make([]int, months), Others: make([]int, months)}
	for i := range s.Own {
		s.Own[i], s.Others[i] = before, 20+i%7
		if i >= change {
			s.Own[i] = after
		}
	}
	return s
}

func TestRatioOfAChangeWithoutNoise(t *testing.T) {
	s := flat(156, 80, 10, 5)
	a := effect.Test([]effect.Measure{{State: "X", Date: on(80)}}, func(string) *effect.Series { return s }, effect.Config{})[0]
	if math.Abs(a.Ratio-0.5) > 0.001 || a.Before != 240 || a.After != 120 {
		t.Errorf("ratio %.4f, %d before, %d after", a.Ratio, a.Before, a.After)
	}
	if a.Low >= 0.5 || a.High <= 0.5 || a.SmallestDrop <= 0 || a.SmallestDrop >= 1 || a.SmallestRise <= a.SmallestDrop {
		t.Errorf("%+v", a)
	}
	if a.Least > 0.011 {
		t.Errorf("one measure tested alone could not have been told from nothing: %.3f", a.Least)
	}
	if a.Verdict != effect.Fell {
		t.Errorf("a halving without any noise: %s, p %.3f", a.Verdict, a.P)
	}
}

// noisy draws counts around a mean that others share, with a change of the state's own from a month on.
func noisy(seed uint64, change int, ratio float64) *effect.Series {
	r := rand.New(rand.NewPCG(seed, 1))
	s := &effect.Series{First: first, Own: make([]int, 156), Others: make([]int, 156)}
	level := 1.0
	for i := range s.Own {
		level = max(0.4, min(2.5, level*math.Exp(r.NormFloat64()/8)))
		own := 6 * level
		if i >= change {
			own *= ratio
		}
		s.Own[i], s.Others[i] = poisson(r, own), poisson(r, 12*level)
	}
	return s
}

func poisson(r *rand.Rand, mean float64) int {
	n, p := 0, r.Float64()
	for limit := math.Exp(-mean); p > limit; n++ {
		p *= r.Float64()
	}
	return n
}

// Nothing happened, and fourteen things were tested: the corrected p must not find anything more often than it says.
func TestNothingIsFoundWhereNothingHappened(t *testing.T) {
	found, seenAlone := 0, 0
	for family := range 2 {
		series := map[string]*effect.Series{}
		var ms []effect.Measure
		for i := range 14 {
			state := fmt.Sprint(family, "-", i%4)
			series[state] = noisy(uint64(family*4+i%4), 999, 1)
			ms = append(ms, effect.Measure{State: state, Date: on(40 + 7*i)})
		}
		for _, a := range effect.Test(ms, func(s string) *effect.Series { return series[s] }, effect.Config{}) {
			if a.Verdict != effect.CannotTell {
				found++
			}
			if a.P < 0.05 {
				seenAlone++
			}
			if a.Corrected < a.P {
				t.Fatalf("corrected p %.3f below p %.3f", a.Corrected, a.P)
			}
			if a.Least <= 0.05 {
				t.Fatalf("fourteen measures and %d placebo dates could have given a corrected p of %.3f", a.Placebos, a.Least)
			}
		}
	}
	if found > 0 {
		t.Errorf("%d changes found among 28 measures that changed nothing", found)
	}
	if seenAlone == 0 {
		t.Error("no single p below .05 among 28: the series have no noise to correct for")
	}
}

func TestALargeFallIsSeenWhereItIsTestedAlone(t *testing.T) {
	seen := 0
	for seed := range uint64(6) {
		s := noisy(100+seed, 80, 0.05)
		a := effect.Test([]effect.Measure{{State: "X", Date: on(80)}}, func(string) *effect.Series { return s }, effect.Config{})[0]
		if a.Verdict == effect.Rose {
			t.Errorf("seed %d: a fall was read as a rise", seed)
		}
		if a.Verdict == effect.Fell {
			seen++
		}
	}
	if seen < 4 {
		t.Errorf("a fall by 95 %% was seen %d times of 6", seen)
	}
}

func TestWhatCannotBeTestedSaysWhyAndCorrectsNothing(t *testing.T) {
	series := map[string]*effect.Series{"X": flat(156, 80, 10, 5), "empty": flat(156, 80, 0, 0)}
	ms := []effect.Measure{
		{State: "X", Date: on(80)},
		{State: "X", Date: on(150)},
		{State: "X", Date: on(3)},
		{State: "X", Date: on(-900)},
		{State: "empty", Date: on(80)},
		{State: "unheard of", Date: on(80)},
	}
	as := effect.Test(ms, func(s string) *effect.Series { return series[s] }, effect.Config{})
	for i, why := range []string{"", "end less", "begin less", "begin less", "no operations lie", "no operations of this state"} {
		if (why == "") != (as[i].Verdict != effect.NotTested) || !strings.Contains(as[i].Why, why) {
			t.Errorf("measure %d: %s, %q, want %q", i, as[i].Verdict, as[i].Why, why)
		}
	}
	if as[0].Corrected != as[0].P {
		t.Errorf("one was tested, and its p %.3f became %.3f", as[0].P, as[0].Corrected)
	}
}
