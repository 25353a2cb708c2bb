package pattern

import (
	"math"
	"slices"
	"sort"
)

// item is an observation as the solver sees it: an interval in time and how often it may still be bound.
type item struct {
	first, last int64
	free        int64
	obs         int   // what the caller knows it by
	fits        []fit // the leaves that it can serve
}

// fit says that an item serves a leaf because it satisfies an expression.
type fit struct{ leaf, expr int }

func (it *item) exprFor(leaf int) int {
	for _, f := range it.fits {
		if f.leaf == leaf {
			return f.expr
		}
	}
	return -1
}

// slot is a demand for observations: so many that fit the leaf, with last >= lo and first <= hi. flow says which
// items serve it now.
type slot struct {
	cands  *candidates
	leaf   int
	lo, hi int64
	flow   map[int]int64
}

// candidates are the items that fit a leaf, by first; maxLast[i] is the latest last among items[:i+1].
type candidates struct {
	items   []int
	maxLast []int64
	units   int64
}

// solver looks for one binding of a plan to items.
//
// All conditions in time are thresholds. A FOLLOWEDBY B holds exactly when there is an instant s with first <= s for
// all of A and last >= s for all of B. WITHIN d holds exactly when there is an instant t with last >= t and
// first <= t+d for all. Once the instants are chosen, what is left is to give each slot its own observations, which is
// a flow in a bipartite graph and is solved by augmenting paths. So the search is over instants and over the branches
// of OR only; each choice is checked against relaxations before the search goes deeper:
//   - earliest: the earliest instant at which a node can be complete if observations could be used twice;
//   - relaxed: whether all slots below a node can be filled if the order inside it did not matter.
//
// Every step is counted. When the budget is used up the search stops and exhausted is set.
type solver struct {
	items     []item
	cands     []candidates
	unions    map[*node]*candidates
	lasts     map[*node][]int64
	slots     []slot
	used      []int64
	holders   [][]int // by item, the slots that hold units of it
	visited   []int
	round     int
	steps     int64
	depth     int
	exhausted bool
}

// maxSearchDepth bounds the recursion of the search, which grows with the number of slots.
const maxSearchDepth = 20_000

func newSolver(p *plan, items []item, steps int64) *solver {
	s := &solver{
		items: items, cands: make([]candidates, len(p.leaves)), unions: map[*node]*candidates{},
		lasts: map[*node][]int64{}, used: make([]int64, len(items)), holders: make([][]int, len(items)), visited: make([]int, len(items)), steps: steps,
	}
	counts := make([]int, len(p.leaves))
	for i := range items {
		for _, f := range items[i].fits {
			counts[f.leaf]++
		}
	}
	for i, n := range counts {
		s.cands[i].items = make([]int, 0, n)
	}
	for i := range items {
		for _, f := range items[i].fits {
			s.cands[f.leaf].items = append(s.cands[f.leaf].items, i)
		}
	}
	for i := range s.cands {
		s.finish(&s.cands[i])
	}
	return s
}

func (s *solver) finish(c *candidates) {
	latest := int64(math.MinInt64)
	c.maxLast = make([]int64, 0, len(c.items))
	for _, i := range c.items {
		latest = max(latest, s.items[i].last)
		c.maxLast = append(c.maxLast, latest)
		c.units = satAdd(c.units, s.items[i].free)
	}
}

// union gives the candidates of all leaves below a node.
func (s *solver) union(n *node) *candidates {
	if n.kind == nodeLeaf {
		return &s.cands[n.leaf.id]
	}
	if c := s.unions[n]; c != nil {
		return c
	}
	if len(n.kids) == 1 {
		return s.union(n.kids[0])
	}
	c := &candidates{}
	for _, kid := range n.kids {
		c.items = append(c.items, s.union(kid).items...)
	}
	slices.Sort(c.items)
	c.items = slices.Compact(c.items)
	s.finish(c)
	s.unions[n] = c
	return c
}

func (s *solver) step() bool {
	if s.steps--; s.steps < 0 {
		s.exhausted = true
	}
	return !s.exhausted
}

// each calls f for the items in the interval, by first, until it returns false.
func (s *solver) each(c *candidates, lo, hi int64, f func(i int) bool) {
	start := sort.Search(len(c.maxLast), func(k int) bool { return c.maxLast[k] >= lo })
	for _, i := range c.items[start:] {
		if s.items[i].first > hi || !s.step() {
			return
		}
		if s.items[i].last >= lo && !f(i) {
			return
		}
	}
}

// earliest is the least possible latest first of a binding of n, were observations not used up. ok is false when
// there is none.
func (s *solver) earliest(n *node, lo, hi int64) (at int64, ok bool) {
	if !s.step() {
		return 0, false
	}
	switch n.kind {
	case nodeLeaf:
		need := n.count
		s.each(&s.cands[n.leaf.id], lo, hi, func(i int) bool {
			need -= min(need, s.items[i].free)
			at = s.items[i].first
			return need > 0
		})
		return at, need == 0
	case nodeAnd:
		at = math.MinInt64
		for _, kid := range n.kids {
			t, ok := s.earliest(kid, lo, hi)
			if !ok {
				return 0, false
			}
			at = max(at, t)
		}
		return at, true
	case nodeOr:
		at = math.MaxInt64
		for _, kid := range n.kids {
			if t, found := s.earliest(kid, lo, hi); found {
				at, ok = min(at, t), true
			}
		}
		return at, ok
	case nodeSeq:
		left, ok := s.earliest(n.kids[0], lo, hi)
		if !ok {
			return 0, false
		}
		right, ok := s.earliest(n.kids[1], max(lo, left), hi)
		return max(left, right), ok
	case nodeWithin:
		for _, t := range s.anchors(n, lo, hi) {
			if at, ok := s.earliest(n.kids[0], t, min(hi, t+n.span)); ok || s.exhausted {
				return at, ok
			}
		}
		return 0, false
	}
	return s.earliest(n.kids[0], lo, hi) // nodeRepeat
}

// anchors are the instants at which a span can begin: the lasts of its candidates from lo on, up to the first from
// which the span reaches hi, since a later one asks more and allows nothing more.
func (s *solver) anchors(n *node, lo, hi int64) []int64 {
	times, ok := s.lasts[n]
	if !ok {
		items := s.union(n).items
		times = make([]int64, len(items))
		for k, i := range items {
			times[k] = s.items[i].last
		}
		if !slices.IsSorted(times) {
			slices.Sort(times)
		}
		times = slices.Compact(times)
		s.lasts[n] = times
	}
	begin := sort.Search(len(times), func(k int) bool { return times[k] >= lo })
	end := sort.Search(len(times), func(k int) bool { return times[k] >= hi-n.span }) + 1
	return times[begin:max(begin, min(max(end, begin+1), len(times)))]
}

// place opens a slot and fills it, moving other slots' observations if need be. It leaves nothing behind on failure.
func (s *solver) place(c *candidates, leaf int, need, lo, hi int64) bool {
	if need > c.units {
		return false
	}
	index := len(s.slots)
	s.slots = append(s.slots, slot{cands: c, leaf: leaf, lo: lo, hi: hi})
	s.each(c, lo, hi, func(i int) bool {
		need -= s.take(index, i, need)
		return need > 0
	})
	for need > 0 {
		s.round++
		got := s.augment(index, need)
		if got == 0 {
			s.drop(index)
			return false
		}
		need -= got
	}
	return true
}

func (s *solver) take(index, i int, want int64) int64 {
	n := min(want, s.items[i].free-s.used[i])
	if n > 0 {
		s.used[i] += n
		s.give(index, i, n)
	}
	return n
}

// give books n units of an item to a slot, or back when n is negative.
func (s *solver) give(index, i int, n int64) {
	flow := s.slots[index].flow
	if flow == nil {
		flow = map[int]int64{}
		s.slots[index].flow = flow
	}
	if flow[i] == 0 {
		s.holders[i] = append(s.holders[i], index)
	}
	if flow[i] += n; flow[i] == 0 {
		delete(flow, i)
		s.release(index, i)
	}
}

func (s *solver) release(index, i int) {
	h := s.holders[i]
	at := slices.Index(h, index)
	h[at] = h[len(h)-1]
	s.holders[i] = h[:len(h)-1]
}

// augment finds one augmenting path for a slot and says how many units it carried.
func (s *solver) augment(index int, want int64) (got int64) {
	sl := &s.slots[index]
	c, lo, hi := sl.cands, sl.lo, sl.hi
	s.each(c, lo, hi, func(i int) bool {
		got = s.take(index, i, want)
		return got == 0
	})
	if got > 0 {
		return got
	}
	s.each(c, lo, hi, func(i int) bool {
		if s.visited[i] == s.round {
			return true
		}
		s.visited[i] = s.round
		for _, other := range slices.Clone(s.holders[i]) {
			if !s.step() {
				return false
			}
			if other == index {
				continue
			}
			if got = s.augment(other, min(want, s.slots[other].flow[i])); got > 0 {
				s.give(other, i, -got)
				s.give(index, i, got)
				return false
			}
		}
		return true
	})
	return got
}

// drop closes the slots from index on. What the others hold stays valid.
func (s *solver) drop(index int) {
	for k := len(s.slots) - 1; k >= index; k-- {
		for i, n := range s.slots[k].flow {
			s.used[i] -= n
			s.release(k, i)
		}
	}
	s.slots = s.slots[:index]
}

// relaxed opens slots for all that n must have, leaving out order inside it and the choices of OR.
func (s *solver) relaxed(n *node, times, lo, hi int64) bool {
	if !s.step() {
		return false
	}
	switch n.kind {
	case nodeLeaf:
		return s.place(&s.cands[n.leaf.id], n.leaf.id, satMul(n.count, times), lo, hi)
	case nodeOr:
		return s.place(s.union(n), -1, times, lo, hi)
	case nodeSeq:
		after, ok := s.earliest(n.kids[0], lo, hi)
		return ok && s.relaxed(n.kids[0], times, lo, hi) && s.relaxed(n.kids[1], times, max(lo, after), hi)
	}
	for _, kid := range n.kids {
		if n.kind == nodeRepeat {
			times = satMul(times, n.count)
		}
		if !s.relaxed(kid, times, lo, hi) {
			return false
		}
	}
	return true
}

// feasible tries relaxed on several nodes at once and takes everything back.
func (s *solver) feasible(parts ...part) bool {
	mark := len(s.slots)
	ok := true
	for _, p := range parts {
		if ok = s.relaxed(p.n, 1, p.lo, p.hi); !ok {
			break
		}
	}
	s.drop(mark)
	return ok && !s.exhausted
}

type part struct {
	n      *node
	lo, hi int64
}

// solve searches a binding of n within the thresholds, starting with the from-th choice of n itself, and goes on with
// then, which gets the choice that was made. It returns true when then did, with the slots left in place.
func (s *solver) solve(n *node, lo, hi int64, from int, then func(choice int) bool) bool {
	if s.depth++; s.depth > maxSearchDepth {
		s.exhausted = true
	}
	defer func() { s.depth-- }()
	if !s.step() {
		return false
	}
	mark := len(s.slots)
	switch n.kind {
	case nodeLeaf:
		if s.place(&s.cands[n.leaf.id], n.leaf.id, n.count, lo, hi) && then(0) {
			return true
		}
	case nodeAnd:
		return s.all(n.kids, lo, hi, then)
	case nodeOr:
		for i := from; i < len(n.kids); i++ {
			if s.solve(n.kids[i], lo, hi, 0, func(int) bool { return then(i) }) {
				return true
			}
		}
	case nodeSeq:
		return s.sequence(n, lo, hi, from, then)
	case nodeWithin:
		anchors := s.anchors(n, lo, hi)
		for i := from; i < len(anchors) && !s.exhausted; i++ {
			t := anchors[i]
			top := min(hi, t+n.span)
			if !s.feasible(part{n.kids[0], t, top}) {
				continue
			}
			if s.solve(n.kids[0], t, top, 0, func(int) bool { return then(i) }) {
				return true
			}
		}
	case nodeRepeat:
		return s.feasible(part{n, lo, hi}) && s.repeated(n.kids[0], n.count, lo, hi, 0, then)
	}
	s.drop(mark)
	return false
}

func (s *solver) all(kids []*node, lo, hi int64, then func(int) bool) bool {
	if len(kids) == 0 {
		return then(0)
	}
	return s.solve(kids[0], lo, hi, 0, func(int) bool { return s.all(kids[1:], lo, hi, then) })
}

// repeated binds n times over. The bindings are alike, so their choices need not come in more than one order.
func (s *solver) repeated(n *node, times int64, lo, hi int64, from int, then func(int) bool) bool {
	if times == 0 {
		return then(0)
	}
	return s.solve(n, lo, hi, from, func(choice int) bool { return s.repeated(n, times-1, lo, hi, choice, then) })
}

// sequence tries the instants that can separate the left side from the right one, the earliest first.
func (s *solver) sequence(n *node, lo, hi int64, from int, then func(int) bool) bool {
	left, right := n.kids[0], n.kids[1]
	soonest, ok := s.earliest(left, lo, hi)
	if !ok {
		return false
	}
	c := s.union(left)
	begin := from + sort.Search(len(c.items)-from, func(k int) bool {
		at := s.items[c.items[from+k]].first
		return at >= soonest && s.feasible(part{left, lo, min(hi, at)})
	})
	mark := len(s.slots)
	tried := int64(math.MinInt64)
	for k := begin; k < len(c.items) && !s.exhausted; k++ {
		at := s.items[c.items[k]].first
		if at > hi {
			break
		}
		if at == tried {
			continue
		}
		tried = at
		after := max(lo, at)
		if !s.feasible(part{right, after, hi}) {
			break // a later instant leaves still less to the right side
		}
		if !s.feasible(part{left, lo, at}, part{right, after, hi}) {
			continue
		}
		if s.solve(left, lo, at, 0, func(int) bool {
			return s.solve(right, after, hi, 0, func(int) bool { return then(k) })
		}) {
			return true
		}
		s.drop(mark)
	}
	return false
}

// run looks for a binding of the whole plan.
func (s *solver) run(root *node) bool {
	lo, hi := int64(math.MinInt64), int64(math.MaxInt64)
	if _, ok := s.earliest(root, lo, hi); !ok {
		return false
	}
	if root.kind != nodeLeaf && !s.feasible(part{root, lo, hi}) {
		return false
	}
	return s.solve(root, lo, hi, 0, func(int) bool { return true })
}
