package site

// sets are disjoint sets of numbers (Tarjan). The smallest number stands for its set, so the outcome does not depend on the order.
type sets struct{ parent []uint32 }

func newSets(n int) *sets {
	s := &sets{parent: make([]uint32, n)}
	for i := range s.parent {
		s.parent[i] = uint32(i)
	}
	return s
}

func (s *sets) find(x uint32) uint32 {
	for s.parent[x] != x {
		s.parent[x] = s.parent[s.parent[x]]
		x = s.parent[x]
	}
	return x
}

func (s *sets) join(x, y uint32) {
	x, y = s.find(x), s.find(y)
	s.parent[max(x, y)] = min(x, y)
}
