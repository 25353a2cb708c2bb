package pattern

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Limits bounds the work of matching. Fields that are zero take the default.
type Limits struct {
	// Steps is how many steps the search for bindings may take, and the walk along the object paths of one
	// observation; 20 million by default, well under a second. 100 steps more are granted for each observation.
	Steps int64
	// Bindings is how many bindings Match returns at most; 1 by default.
	Bindings int
	// Observations is how many observations a State keeps; 4096 by default. Beyond it the oldest are dropped.
	Observations int
	// Lateness is by how much an observation may come to a State after one with a later first_observed.
	Lateness time.Duration
}

func (l Limits) withDefaults() Limits {
	l.Steps = cmp.Or(l.Steps, 20_000_000)
	l.Bindings = cmp.Or(l.Bindings, 1)
	l.Observations = cmp.Or(l.Observations, 4096)
	return l
}

// Bound says that an observation serves one bracketed expression of a pattern.
type Bound struct {
	Expr        int    // which bracketed expression, counted from 0 in the order of the text; see Pattern.Singles
	Observation int    // which observation, counted from 0 in the order of the input
	ID          string // its id
	Count       int64  // how many of its number_observed are bound here
}

// Binding tells which observations satisfy which parts of a pattern. No observation is bound more often than its
// number_observed. It is sorted by expression, then by observation. Expressions on the side of an OR that was not
// needed are absent.
type Binding []Bound

// Matches is the result of matching. The bindings share no observations.
type Matches struct{ Bindings []Binding }

// Matched says whether there is at least one binding.
func (m Matches) Matched() bool { return len(m.Bindings) > 0 }

// Singles lists the bracketed expressions in the order of the text; Bound.Expr is an index into it.
func (p *Pattern) Singles() []*Single { return appendSingles(nil, p.Root) }

func appendSingles(list []*Single, e ObservationExpr) []*Single {
	switch e := e.(type) {
	case *Single:
		list = append(list, e)
	case *Paren:
		list = appendSingles(list, e.Inner)
	case *Qualified:
		list = appendSingles(list, e.Inner)
	case *Join:
		for _, o := range e.Operands {
			list = appendSingles(list, o)
		}
	}
	return list
}

// Match holds the pattern against observations (section 9.5). The order of the observations does not matter to whether
// it matches; among equal choices the earlier are bound first. Errors wrap ErrPattern, ErrUnsupported, ErrData or
// ErrLimit; with an error nothing is known.
func (p *Pattern) Match(observations []Observation, limits Limits) (Matches, error) {
	limits = limits.withDefaults()
	plan, err := p.plan()
	if err != nil {
		return Matches{}, err
	}
	items, err := plan.items(observations, limits.Steps)
	if err != nil {
		return Matches{}, err
	}
	steps := limits.Steps + 100*int64(len(items))
	var m Matches
	for {
		s := newSolver(plan, items, steps)
		if !s.run(plan.root) {
			if s.exhausted {
				return Matches{}, fmt.Errorf("search for bindings of %d observations: %w", len(observations), ErrLimit)
			}
			return m, nil
		}
		b := s.binding()
		for i := range b {
			b[i].ID = observations[b[i].Observation].ID
		}
		m.Bindings = append(m.Bindings, b)
		if len(m.Bindings) >= limits.Bindings {
			return m, nil
		}
		items = s.consume()
	}
}

// items gives the observations that fit some part of the pattern, by first_observed.
func (p *plan) items(observations []Observation, steps int64) ([]item, error) {
	items := make([]item, 0, len(observations)/2+1)
	sort := newSorter(p, steps)
	sort.fits = make([]fit, 0, len(observations)/2+1)
	for i := range observations {
		it, fits, err := sort.item(&observations[i], i)
		if err != nil {
			return nil, err
		}
		if fits {
			items = append(items, it)
		}
	}
	byFirst := func(a, b item) int { return cmp.Compare(a.first, b.first) }
	if !slices.IsSortedFunc(items, byFirst) {
		slices.SortStableFunc(items, byFirst)
	}
	return items, nil
}

// sorter evaluates the conditions of a plan on one observation after another.
type sorter struct {
	plan  *plan
	limit int64  // steps for the paths of one observation
	holds []bool // by expression, for the observation at hand
	fits  []fit  // of all observations; items hold parts of it
}

func newSorter(p *plan, limit int64) *sorter {
	return &sorter{plan: p, limit: limit, holds: make([]bool, len(p.singles))}
}

// item tells which leaves of the plan the observation can serve, and whether there is one.
func (s *sorter) item(o *Observation, index int) (it item, fits bool, err error) {
	if err := o.validate(); err != nil {
		return it, false, err
	}
	e := evaluator{obs: o, steps: s.limit}
	for i, c := range s.plan.singles {
		ok, err := e.single(c)
		if err != nil {
			return it, false, fmt.Errorf("observation %s: %w", o.ID, err)
		}
		s.holds[i] = ok
		fits = fits || ok
	}
	if !fits {
		return it, false, nil
	}
	it = item{first: ticks(o.First), last: ticks(o.Last), free: o.Count, obs: index}
	begin := len(s.fits)
	for _, l := range s.plan.leaves {
		for i := range l.alts {
			if alt := &l.alts[i]; s.holds[alt.expr] && alt.open(it.first, it.last) {
				s.fits = append(s.fits, fit{leaf: l.id, expr: alt.expr})
				break
			}
		}
	}
	it.fits = slices.Clip(s.fits[begin:])
	return it, len(it.fits) > 0, nil
}

// open says whether all windows around the expression are open to an observation from first to last.
func (a *alternative) open(first, last int64) bool {
	for _, w := range a.windows {
		if !w.open(first, last) {
			return false
		}
	}
	return true
}

// binding reads the result out of the slots of a successful run.
func (s *solver) binding() Binding {
	var b Binding
	for _, sl := range s.slots {
		for i, n := range sl.flow {
			if n == 0 {
				continue
			}
			it := s.items[i]
			b = append(b, Bound{Expr: it.exprFor(sl.leaf), Observation: it.obs, Count: n})
		}
	}
	slices.SortFunc(b, func(x, y Bound) int {
		return cmp.Or(cmp.Compare(x.Expr, y.Expr), cmp.Compare(x.Observation, y.Observation))
	})
	merged := b[:0]
	for _, x := range b {
		if k := len(merged) - 1; k >= 0 && merged[k].Expr == x.Expr && merged[k].Observation == x.Observation {
			merged[k].Count += x.Count
			continue
		}
		merged = append(merged, x)
	}
	return merged
}

// consume gives the items that are left when those of the binding are used up.
func (s *solver) consume() []item {
	left := make([]item, 0, len(s.items))
	for i, it := range s.items {
		if it.free -= s.used[i]; it.free > 0 {
			left = append(left, it)
		}
	}
	return left
}
