package pattern

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// State matches a program against a stream of observations, one at a time, in bounded memory.
//
// Observations should come in the order of first_observed, give or take Limits.Lateness. After each one that fits some
// part of the pattern, the state looks for bindings among those that it keeps. The observations of a binding are then
// used up, so every observation is reported once, and a State has reported something exactly when Match on all
// observations so far matches.
//
// That holds as long as nothing is dropped for want of room. What is kept: an observation leaves when no WITHIN around
// the expressions that it fits can reach from it to the newest one any more, unless it belongs to a group that may
// already be complete and waits for the rest of the pattern. Where no WITHIN bounds an expression, its observations
// stay. Beyond Limits.Observations the oldest is dropped and counted in Dropped.
//
// A State is not safe for concurrent use.
type State struct {
	plan   *plan
	limits Limits
	pool
	batch   batch
	ids     map[int]string
	fed     int
	dropped int64
	newest  int64
	reaches [][]reach // by leaf, the WITHINs around it
}

// reach is one WITHIN around a leaf.
type reach struct {
	node  *node
	whole bool // nothing but OR stands above it, so its completion completes the pattern
}

// NewState begins a stream.
func (p *Program) NewState(limits Limits) *State {
	limits = limits.withDefaults()
	s := &State{
		plan: p.plan, limits: limits, ids: map[int]string{},
		newest: math.MinInt64, reaches: make([][]reach, p.plan.leaves),
	}
	s.setReaches(p.plan.root, nil, true)
	return s
}

func (s *State) setReaches(n *node, around []reach, whole bool) {
	switch n.kind {
	case nodeLeaf:
		s.reaches[n.leaf] = around
	case nodeWithin:
		around = append(slices.Clip(around), reach{n, whole})
	case nodeAnd, nodeSeq, nodeRepeat:
		whole = false
	}
	for _, kid := range n.kids {
		s.setReaches(kid, around, whole)
	}
}

// Len is how many observations are kept.
func (s *State) Len() int { return len(s.items) }

// Dropped is how many observations were dropped for want of room, not counting those out of reach of every WITHIN.
func (s *State) Dropped() int64 { return s.dropped }

// Feed takes the next observation and returns the bindings that it completes. Bound.Observation counts the calls of
// Feed from 0. An error that wraps ErrData says that this observation is malformed: it is left out and the state goes
// on. ErrLimit says that the search was given up: the observation is kept, and the next Feed searches again.
func (s *State) Feed(o Observation) ([]Binding, error) {
	index := s.fed
	s.fed++
	b := &s.batch
	b.prepare(s.plan, s.limits.Steps, math.MaxInt32)
	if err := b.collect([]Observation{o}); err != nil {
		return nil, err
	}
	s.newest = max(s.newest, ticks(o.First))
	if len(b.items) == 0 {
		return nil, nil
	}
	it := b.items[0]
	it.obs = index
	s.insert(it, b.fits)
	s.ids[index] = o.ID
	bindings, err := s.search()
	s.evict()
	return bindings, err
}

// insert puts an item in its place.
func (s *State) insert(it item, fits []fit) {
	it.from = int32(len(s.fits))
	s.fits = append(s.fits, fits...)
	it.to = int32(len(s.fits))
	at, _ := slices.BinarySearchFunc(s.items, it, func(a, b item) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.obs, b.obs))
	})
	s.items = slices.Insert(s.items, at, it)
}

func (s *State) search() ([]Binding, error) {
	var found []Binding
	for s.enough(s.plan.root, s.units()) {
		sv := newSolver(s.plan, s.pool, s.limits.Steps)
		if !sv.run(s.plan.root) {
			if sv.exhausted {
				return found, fmt.Errorf("search for bindings of %d observations: %w", len(s.items), ErrLimit)
			}
			break
		}
		b := sv.binding()
		for i := range b {
			b[i].ID = s.ids[b[i].Observation]
		}
		found = append(found, b)
		sv.consume()
		s.keep(sv.pool)
	}
	return found, nil
}

func (s *State) keep(items pool) {
	s.pool = items
	if len(s.ids) == len(s.items) {
		return
	}
	ids := make(map[int]string, len(s.items))
	for i := range s.items {
		ids[s.items[i].obs] = s.ids[s.items[i].obs]
	}
	s.ids = ids
}

// units counts for each leaf how many observations could serve it.
func (s *State) units() []int64 {
	units := make([]int64, s.plan.leaves)
	for i := range s.items {
		for _, f := range s.fitsOf(i) {
			units[f.leaf] = satAdd(units[f.leaf], s.items[i].free)
		}
	}
	return units
}

// enough is the cheap test that comes before the search: no leaf that must be served lacks observations.
func (s *State) enough(n *node, units []int64) bool {
	switch n.kind {
	case nodeLeaf:
		return units[n.leaf] >= n.count
	case nodeOr:
		return slices.ContainsFunc(n.kids, func(kid *node) bool { return s.enough(kid, units) })
	}
	return !slices.ContainsFunc(n.kids, func(kid *node) bool { return !s.enough(kid, units) })
}

// evict lets go of what cannot take part in any binding to come, and then of the oldest beyond the limit.
func (s *State) evict() {
	watermark := s.newest - int64(s.limits.Lateness/(100*time.Nanosecond))
	var sv *solver
	kept := pool{items: make([]item, 0, len(s.items)), fits: make([]fit, 0, len(s.fits))}
	for i, it := range s.items {
		from := int32(len(kept.fits))
		for _, f := range s.fitsOf(i) {
			useful := true
			for _, r := range s.reaches[f.leaf] {
				if watermark-it.last <= r.node.span {
					continue // an observation to come may still be near enough
				}
				if !r.whole && sv == nil {
					sv = newSolver(s.plan, s.pool, s.limits.Steps)
				}
				useful = useful && !r.whole && sv.mayBelong(r.node, &s.items[i])
			}
			if useful {
				kept.fits = append(kept.fits, f)
			}
		}
		if it.from, it.to = from, int32(len(kept.fits)); it.from < it.to {
			kept.items = append(kept.items, it)
		}
	}
	if over := len(kept.items) - s.limits.Observations; over > 0 {
		s.dropped += int64(over)
		kept.items = kept.items[over:]
	}
	s.keep(kept)
}

// mayBelong says whether some span that holds the item could be complete with what is there.
func (s *solver) mayBelong(n *node, it *item) bool {
	for _, t := range s.anchors(n, it.first-n.span, math.MaxInt64) {
		if t > it.last {
			break
		}
		if s.feasible(part{n.kids[0], t, t + n.span}) {
			return true
		}
		if s.exhausted {
			return true
		}
	}
	return false
}
