package pattern

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Limits bounds the work of matching. Fields that are zero take the default.
type Limits struct {
	// Steps is how many steps the search for a binding may take, with 100 more for each observation, and how many the
	// comparisons may take on one observation: for walking along object paths, and for LIKE and MATCHES, where 16
	// comparisons of a character with a part of the operand are one step. 20 million by default, about a second.
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
	w := workspaces.Get().(*workspace)
	defer w.release()
	b, s := &w.batch, &w.solver
	steps := limits.Steps + 100*int64(len(observations))
	b.prepare(plan, limits.Steps, steps/unionSteps)
	if err := b.collect(observations); err != nil {
		return Matches{}, err
	}
	s.pool = b.pool
	var m Matches
	for {
		s.prepare(plan, steps)
		if !s.run(plan.root) {
			if s.exhausted {
				return Matches{}, fmt.Errorf("search for bindings of %d observations: %w", len(observations), ErrLimit)
			}
			return m, nil
		}
		found := s.binding()
		for i := range found {
			found[i].ID = observations[found[i].Observation].ID
		}
		m.Bindings = append(m.Bindings, found)
		if len(m.Bindings) >= limits.Bindings {
			return m, nil
		}
		s.consume()
	}
}

// workspace is the memory of one Match. It is used again, for most of it is large and short-lived. Until then, or until
// the garbage collector empties the pool, it holds on to some of the values that were looked at.
type workspace struct {
	batch  batch
	solver solver
}

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// largeWorkspace is from how many elements of any kind on a workspace is not kept.
const largeWorkspace = 1 << 16

func (w *workspace) release() {
	if max(cap(w.batch.items), cap(w.batch.fits), cap(w.batch.holds), cap(w.batch.cells), cap(w.solver.holds)) <= largeWorkspace {
		clear(w.solver.memos)
		workspaces.Put(w)
	}
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
	b := make(Binding, 0, len(s.holds))
	for i := range s.slots {
		for h := s.slots[i].holds; h != none; h = s.holds[h].nextSlot {
			if held := &s.holds[h]; held.units > 0 {
				expr := s.exprFor(int(held.item), s.slots[i].leaf)
				b = append(b, Bound{Expr: expr, Observation: s.items[held.item].obs, Count: held.units})
			}
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

// consume takes what the binding uses up out of the pool.
func (s *solver) consume() {
	left := s.items[:0]
	for i, it := range s.items {
		if it.free -= s.usage[i].used; it.free > 0 {
			left = append(left, it)
		}
	}
	s.items = left
}
