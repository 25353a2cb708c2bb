package pattern_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"marque/stix/pattern"
)

var epoch = time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)

func event(id string, first, last int, count int64, kind string) pattern.Observation {
	return pattern.Observation{
		ID: id, First: epoch.Add(time.Duration(first) * time.Second), Last: epoch.Add(time.Duration(last) * time.Second), Count: count,
		Objects: []pattern.Object{{ID: "0", Type: "ev", Properties: map[string]any{"k": kind}}},
	}
}

func randomEvents(r *rand.Rand, n int) []pattern.Observation {
	var out []pattern.Observation
	for i := range n {
		first := r.IntN(15)
		last := first
		if r.IntN(3) == 0 {
			last += r.IntN(6)
		}
		out = append(out, event("o"+strconv.Itoa(i), first, last, 1+int64(r.IntN(4)/3), string("abcd"[r.IntN(4)])))
	}
	return out
}

func randomPattern(r *rand.Rand, depth int) string {
	var s string
	if depth > 0 && r.IntN(3) > 0 {
		op := []string{" AND ", " OR ", " FOLLOWEDBY "}[r.IntN(3)]
		parts := make([]string, 2+r.IntN(2))
		for i := range parts {
			parts[i] = randomPattern(r, depth-1)
		}
		s = "(" + strings.Join(parts, op) + ")"
	} else {
		s = []string{"[ev:k = 'a']", "[ev:k = 'b']", "[ev:k IN ('a', 'b')]", "[ev:k != 'a']", "[ev:k > 'b']"}[r.IntN(5)]
	}
	for range r.IntN(5) / 3 {
		switch r.IntN(5) {
		case 0, 1:
			s += fmt.Sprintf(" WITHIN %d SECONDS", 1+r.IntN(6))
		case 2, 3:
			s += fmt.Sprintf(" REPEATS %d TIMES", 1+r.IntN(3))
		default:
			start := epoch.Add(time.Duration(r.IntN(8)) * time.Second)
			stop := start.Add(time.Duration(r.IntN(12)) * time.Second)
			s += fmt.Sprintf(" START t'%s' STOP t'%s'", start.Format(time.RFC3339), stop.Format(time.RFC3339))
		}
	}
	return s
}

// instance is one of the number_observed of an observation.
type instance struct{ obs, n int }

// oracle lists all bindings by the words of the specification, with no thought of speed.
type oracle struct {
	obs    []pattern.Observation
	tooBig bool
}

const oracleLimit = 4000

func (o *oracle) bindings(e pattern.ObservationExpr) [][]instance {
	switch e := e.(type) {
	case *pattern.Single:
		return o.single(e)
	case *pattern.Paren:
		return o.bindings(e.Inner)
	case *pattern.Join:
		out := o.bindings(e.Operands[0])
		for _, operand := range e.Operands[1:] {
			next := o.bindings(operand)
			switch e.Op {
			case pattern.JoinOr:
				out = append(out, next...)
			case pattern.JoinAnd:
				out = o.product(out, next, func(_, _ []instance) bool { return true })
			default:
				out = o.product(out, next, func(l, r []instance) bool { return !o.latestFirst(l).After(o.earliestLast(r)) })
			}
		}
		return out
	case *pattern.Qualified:
		return o.qualified(e)
	}
	panic("unknown expression")
}

func (o *oracle) single(e *pattern.Single) [][]instance {
	var out [][]instance
	p := &pattern.Pattern{Root: e}
	for i := range o.obs {
		if m, err := p.Match(o.obs[i:i+1], pattern.Limits{}); err == nil && m.Matched() {
			for n := range int(o.obs[i].Count) {
				out = append(out, []instance{{i, n}})
			}
		}
	}
	return out
}

func (o *oracle) product(left, right [][]instance, keep func(l, r []instance) bool) [][]instance {
	var out [][]instance
	for _, l := range left {
		for _, r := range right {
			if len(out) > oracleLimit {
				o.tooBig = true
				return nil
			}
			if !slices.ContainsFunc(l, func(x instance) bool { return slices.Contains(r, x) }) && keep(l, r) {
				out = append(out, slices.Concat(l, r))
			}
		}
	}
	return out
}

func (o *oracle) qualified(e *pattern.Qualified) [][]instance {
	inner := o.bindings(e.Inner)
	switch q := e.Qualifier.(type) {
	case *pattern.Within:
		n, _ := strconv.ParseFloat(q.Seconds.Text, 64)
		return slices.DeleteFunc(inner, func(b []instance) bool {
			return o.latestFirst(b).Sub(o.earliestLast(b)).Seconds() > n
		})
	case *pattern.StartStop:
		start, _ := time.Parse(time.RFC3339, q.Start.Text)
		stop, _ := time.Parse(time.RFC3339, q.Stop.Text)
		return slices.DeleteFunc(inner, func(b []instance) bool {
			return !start.Before(stop) || slices.ContainsFunc(b, func(x instance) bool {
				return o.obs[x.obs].Last.Before(start) || !o.obs[x.obs].First.Before(stop)
			})
		})
	case *pattern.Repeats:
		times, _ := strconv.Atoi(q.Times.Text)
		out := inner
		for range times - 1 {
			out = o.product(out, inner, func(_, _ []instance) bool { return true })
		}
		return out
	}
	panic("unknown qualifier")
}

func (o *oracle) latestFirst(b []instance) time.Time {
	return o.obs[slices.MaxFunc(b, func(x, y instance) int { return o.obs[x.obs].First.Compare(o.obs[y.obs].First) }).obs].First
}

func (o *oracle) earliestLast(b []instance) time.Time {
	return o.obs[slices.MinFunc(b, func(x, y instance) int { return o.obs[x.obs].Last.Compare(o.obs[y.obs].Last) }).obs].Last
}

// only gives the observations of a binding, each as often as it is bound.
func only(observations []pattern.Observation, b pattern.Binding) []pattern.Observation {
	counts := map[int]int64{}
	for _, x := range b {
		counts[x.Observation] += x.Count
	}
	var out []pattern.Observation
	for i, n := range counts {
		o := observations[i]
		if n > o.Count {
			return nil
		}
		o.Count = n
		out = append(out, o)
	}
	return out
}

// TestMatchAgreesWithOracle holds Match against the oracle, and its bindings against the pattern.
func TestMatchAgreesWithOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	matched, compared := 0, 0
	for range 2500 {
		src := randomPattern(r, 2)
		p, err := pattern.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		o := oracle{obs: randomEvents(r, 1+r.IntN(6))}
		all := o.bindings(p.Root)
		if o.tooBig {
			continue
		}
		compared++
		m, err := p.Match(o.obs, pattern.Limits{})
		if err != nil || m.Matched() != (len(all) > 0) {
			t.Fatalf("%s on %v: got %v, %v; the oracle has %d bindings", src, o.obs, m, err, len(all))
		}
		if !m.Matched() {
			continue
		}
		matched++
		few := oracle{obs: only(o.obs, m.Bindings[0])}
		if len(few.bindings(p.Root)) == 0 && !few.tooBig {
			t.Fatalf("%s on %v: binding %v does not satisfy the pattern", src, o.obs, m.Bindings[0])
		}
	}
	if matched < compared/10 || compared < 1500 {
		t.Fatalf("only %d of %d compared patterns matched: the test shows little", matched, compared)
	}
}

// TestStateAgreesWithMatch feeds streams and asks, after each observation, whether Match on all so far says the same.
func TestStateAgreesWithMatch(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	matched := 0
	for range 2500 {
		src := randomPattern(r, 2)
		p, err := pattern.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		events := randomEvents(r, 1+r.IntN(12))
		slices.SortStableFunc(events, func(a, b pattern.Observation) int { return a.First.Compare(b.First) })
		program, err := pattern.Compile(p)
		if err != nil {
			t.Fatal(err)
		}
		state := program.NewState(pattern.Limits{})
		reported := false
		used := map[int]int64{}
		for i := range events {
			bindings, err := state.Feed(events[i])
			if err != nil {
				t.Fatalf("%s: %v", src, err)
			}
			for _, b := range bindings {
				reported = true
				m, err := p.Match(only(events, b), pattern.Limits{})
				if err != nil || !m.Matched() {
					t.Fatalf("%s on %v: binding %v does not satisfy the pattern (%v)", src, events[:i+1], b, err)
				}
				for _, x := range b {
					if used[x.Observation] += x.Count; used[x.Observation] > events[x.Observation].Count {
						t.Fatalf("%s on %v: observation %d is bound too often", src, events[:i+1], x.Observation)
					}
				}
			}
			m, err := p.Match(events[:i+1], pattern.Limits{})
			if err != nil || m.Matched() != reported {
				t.Fatalf("%s on %v: Match says %v (%v), State says %v", src, events[:i+1], m.Matched(), err, reported)
			}
		}
		if reported {
			matched++
		}
	}
	if matched < 250 {
		t.Fatalf("only %d streams matched: the test shows little", matched)
	}
}

// TestMatchIgnoresOrder shuffles the input.
func TestMatchIgnoresOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		p, err := pattern.Parse(randomPattern(r, 2))
		if err != nil {
			t.Fatal(err)
		}
		events := randomEvents(r, 8)
		want, err := p.Match(events, pattern.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(events, func(a, b pattern.Observation) int { return cmp.Compare(b.ID, a.ID) })
		got, err := p.Match(events, pattern.Limits{})
		if err != nil || got.Matched() != want.Matched() {
			t.Fatalf("%s: %v one way, %v the other (%v)", p, want.Matched(), got.Matched(), err)
		}
	}
}
