package site

// pairCounts count how often two numbers occur together: open addressing over pairs, a third of the cost of a map.
type pairCounts struct {
	keys   []uint64
	counts []int32
	n      int
}

func newPairCounts() *pairCounts {
	return &pairCounts{keys: make([]uint64, 1<<10), counts: make([]int32, 1<<10)}
}

func (p *pairCounts) add(u, v uint32) {
	if 4*p.n > 3*len(p.keys) {
		old := *p
		*p = pairCounts{keys: make([]uint64, 2*len(old.keys)), counts: make([]int32, 2*len(old.keys)), n: old.n}
		for i, k := range old.keys {
			if k != 0 {
				at := p.slot(k)
				p.keys[at], p.counts[at] = k, old.counts[i]
			}
		}
	}
	key := (uint64(min(u, v))<<32 | uint64(max(u, v))) + 1
	at := p.slot(key)
	if p.keys[at] == 0 {
		p.keys[at] = key
		p.n++
	}
	p.counts[at]++
}

func (p *pairCounts) slot(key uint64) uint64 {
	mask := uint64(len(p.keys) - 1)
	at := mix(key) & mask
	for p.keys[at] != 0 && p.keys[at] != key {
		at = (at + 1) & mask
	}
	return at
}

func (p *pairCounts) each(f func(u, v uint32, n int32)) {
	for i, k := range p.keys {
		if k != 0 {
			f(uint32((k-1)>>32), uint32(k-1), p.counts[i])
		}
	}
}
