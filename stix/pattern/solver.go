package pattern

import (
	"math"
	"slices"
	"sort"
)

// pool holds the observations that a search may bind.
type pool struct {
	items []item // by first
	fits  []fit  // of all items
}

// item is an observation as the solver sees it: an interval in time and how often it may still be bound. The leaves
// that it can serve are fits[from:to] of its pool.
type item struct {
	first, last int64
	free        int64
	obs         int // what the caller knows it by
	from, to    int32
}

// fit says that an item serves a leaf because it satisfies an expression.
type fit struct{ leaf, expr int32 }

func (p *pool) fitsOf(i int) []fit { return p.fits[p.items[i].from:p.items[i].to] }

// exprFor tells by which expression an item serves a leaf.
func (p *pool) exprFor(i int, leaf int32) int {
	for _, f := range p.fitsOf(i) {
		if f.leaf == leaf {
			return int(f.expr)
		}
	}
	return -1
}

// slot is a demand for observations: so many that fit the leaf, with last >= lo and first <= hi.
type slot struct {
	cands  *candidates
	leaf   int32
	holds  int32 // the first hold of the slot, or none
	lo, hi int64
}

// hold says that a slot has units of an item. Holds are linked by item and by slot. One that lost its units stays until
// its slot is dropped.
type hold struct {
	units              int64
	item, slot         int32
	nextItem, nextSlot int32 // the next hold of the same item, of the same slot
}

const none = -1

// usage is what the solver knows about an item.
type usage struct {
	used    int64
	holds   int32 // the first hold of the item, or none
	visited int   // the round of augment that saw it last
}

// candidates are the items that fit a leaf, by first; maxLast[i] is the latest last among items[:i+1].
type candidates struct {
	items   []int32
	maxLast []int64
	units   int64
	room    int // how many items will come
}

// memo is what the solver has worked out about a node.
type memo struct {
	union *candidates // of all leaves below
	lasts []int64     // of them, sorted
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
	pool
	cands     []candidates // by leaf
	indices   []int32      // of all candidates
	lasts     []int64      // of all candidates
	memos     []memo       // by node
	slots     []slot
	holds     []hold
	unused    int32   // the first hold that no slot has, linked by nextSlot
	usage     []usage // by item
	round     int
	steps     int64
	depth     int
	exhausted bool
}

// maxSearchDepth bounds the recursion of the search, which grows with the number of slots.
const maxSearchDepth = 20_000

func newSolver(p *plan, items pool, steps int64) *solver {
	s := &solver{pool: items}
	s.prepare(p, steps)
	return s
}

// prepare makes the solver ready for a run over the items of its pool.
func (s *solver) prepare(p *plan, steps int64) {
	s.cands, s.memos, s.usage = zeroed(s.cands, p.leaves), zeroed(s.memos, p.nodes), zeroed(s.usage, len(s.items))
	s.slots, s.holds, s.unused, s.round = s.slots[:0], s.holds[:0], none, 0
	s.steps, s.depth, s.exhausted = steps, 0, false
	total := 0
	for i := range s.items {
		s.usage[i].holds = none
		for _, f := range s.fitsOf(i) {
			s.cands[f.leaf].room++
			total++
		}
	}
	s.indices, s.lasts = zeroed(s.indices, total), zeroed(s.lasts, total)
	from := 0
	for i := range s.cands {
		c := &s.cands[i]
		to := from + c.room
		c.items, c.maxLast = s.indices[from:from:to], s.lasts[from:from:to]
		from = to
	}
	for i := range s.items {
		for _, f := range s.fitsOf(i) {
			s.add(&s.cands[f.leaf], int32(i))
		}
	}
}

// zeroed gives n zero elements, in the memory of s if it has room.
func zeroed[T any](s []T, n int) []T {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

// add appends an item to candidates.
func (s *solver) add(c *candidates, i int32) {
	latest := s.items[i].last
	if n := len(c.maxLast); n > 0 {
		latest = max(latest, c.maxLast[n-1])
	}
	c.items = append(c.items, i)
	c.maxLast = append(c.maxLast, latest)
	c.units = satAdd(c.units, s.items[i].free)
}

// unionSteps is what an element of a union costs: it is sorted, and its memory is kept.
const unionSteps = 4

// union gives the candidates of all leaves below a node.
func (s *solver) union(n *node) *candidates {
	if n.kind == nodeLeaf {
		return &s.cands[n.leaf]
	}
	if len(n.kids) == 1 {
		return s.union(n.kids[0])
	}
	if c := s.memos[n.id].union; c != nil {
		return c
	}
	total := 0
	for _, kid := range n.kids {
		total += len(s.union(kid).items)
	}
	s.spend(unionSteps * total)
	items := make([]int32, 0, total)
	if len(n.kids) == 2 {
		items = merge(items, s.union(n.kids[0]).items, s.union(n.kids[1]).items)
	} else {
		for _, kid := range n.kids {
			items = append(items, s.union(kid).items...)
		}
		slices.Sort(items)
		items = slices.Compact(items)
	}
	c := &candidates{items: items[:0], maxLast: make([]int64, 0, len(items))}
	for _, i := range items {
		s.add(c, i)
	}
	s.memos[n.id].union = c
	return c
}

// merge appends the elements of two sorted lists without repeats in order, each once.
func merge(list, a, b []int32) []int32 {
	for len(a) > 0 && len(b) > 0 {
		least := min(a[0], b[0])
		if a[0] == least {
			a = a[1:]
		}
		if b[0] == least {
			b = b[1:]
		}
		list = append(list, least)
	}
	return append(append(list, a...), b...)
}

func (s *solver) step() bool { return s.spend(1) }

func (s *solver) spend(steps int) bool {
	if s.steps -= int64(steps); s.steps < 0 {
		s.exhausted = true
	}
	return !s.exhausted
}

// each calls f for the items in the interval, by first, until it returns false.
func (s *solver) each(c *candidates, lo, hi int64, f func(i int32) bool) {
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
		s.each(&s.cands[n.leaf], lo, hi, func(i int32) bool {
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
	times := s.memos[n.id].lasts
	if times == nil {
		items := s.union(n).items
		times = make([]int64, len(items))
		for k, i := range items {
			times[k] = s.items[i].last
		}
		slices.Sort(times)
		times = slices.Compact(times)
		s.memos[n.id].lasts = times
	}
	begin := sort.Search(len(times), func(k int) bool { return times[k] >= lo })
	end := sort.Search(len(times), func(k int) bool { return times[k] >= hi-n.span }) + 1
	return times[begin:max(begin, min(max(end, begin+1), len(times)))]
}

// place opens a slot and fills it, moving other slots' observations if need be. It leaves nothing behind on failure.
func (s *solver) place(c *candidates, leaf int32, need, lo, hi int64) bool {
	if need > c.units {
		return false
	}
	index := int32(len(s.slots))
	s.slots = append(s.slots, slot{cands: c, leaf: leaf, holds: none, lo: lo, hi: hi})
	s.each(c, lo, hi, func(i int32) bool {
		need -= s.take(index, i, need)
		return need > 0
	})
	for need > 0 {
		s.round++
		got := s.augment(index, need)
		if got == 0 {
			s.drop(int(index))
			return false
		}
		need -= got
	}
	return true
}

func (s *solver) take(index, i int32, want int64) int64 {
	n := min(want, s.items[i].free-s.usage[i].used)
	if n > 0 {
		s.usage[i].used += n
		s.give(index, i, n)
	}
	return n
}

// give books n units of an item to a slot, or back when n is negative.
func (s *solver) give(index, i int32, n int64) {
	for h := s.usage[i].holds; h != none; h = s.holds[h].nextItem {
		if s.holds[h].slot == index {
			s.holds[h].units += n
			return
		}
	}
	h := s.unused
	if h == none {
		h = int32(len(s.holds))
		s.holds = append(s.holds, hold{})
	} else {
		s.unused = s.holds[h].nextSlot
	}
	s.holds[h] = hold{units: n, item: i, slot: index, nextItem: s.usage[i].holds, nextSlot: s.slots[index].holds}
	s.usage[i].holds, s.slots[index].holds = h, h
}

// augment finds one augmenting path for a slot and says how many units it carried.
func (s *solver) augment(index int32, want int64) (got int64) {
	c, lo, hi := s.slots[index].cands, s.slots[index].lo, s.slots[index].hi
	s.each(c, lo, hi, func(i int32) bool {
		got = s.take(index, i, want)
		return got == 0
	})
	if got > 0 {
		return got
	}
	s.each(c, lo, hi, func(i int32) bool {
		if s.usage[i].visited == s.round {
			return true
		}
		s.usage[i].visited = s.round
		for h := s.usage[i].holds; h != none; h = s.holds[h].nextItem {
			if !s.step() {
				return false
			}
			if s.holds[h].slot == index || s.holds[h].units == 0 {
				continue
			}
			if got = s.augment(s.holds[h].slot, min(want, s.holds[h].units)); got > 0 {
				s.holds[h].units -= got
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
		for h := s.slots[k].holds; h != none; {
			next := s.holds[h].nextSlot
			u := &s.usage[s.holds[h].item]
			u.used -= s.holds[h].units
			link := &u.holds
			for *link != h {
				link = &s.holds[*link].nextItem
			}
			*link = s.holds[h].nextItem
			s.holds[h].nextSlot = s.unused
			s.unused = h
			h = next
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
		return s.place(&s.cands[n.leaf], n.leaf, satMul(n.count, times), lo, hi)
	case nodeOr:
		return s.place(s.union(n), none, times, lo, hi)
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
		if s.place(&s.cands[n.leaf], n.leaf, n.count, lo, hi) && then(0) {
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
