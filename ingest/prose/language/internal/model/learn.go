package model

import "slices"

// Gold is the sequence of actions that builds a tree; nil where arcs cross.
func Gold(heads []int32, rels []string) []uint8 {
	n := len(heads)
	waits := make([]int32, n+1) // children still to come
	for _, h := range heads {
		if h >= 0 {
			waits[h]++
		}
	}
	var actions []uint8
	var stack []int32
	front := int32(0)
	for len(actions) < 2*n {
		k := len(stack) - 1
		switch {
		case k >= 0 && waits[stack[k]] == 0 && (heads[stack[k]] == front || heads[stack[k]] < 0 && int(front) == n && k == 0):
			if heads[stack[k]] >= 0 {
				waits[front]--
			}
			actions = append(actions, arcAction(rels[stack[k]], left, lefts[:]))
			stack = stack[:k]
		case k >= 1 && waits[stack[k]] == 0 && heads[stack[k]] == stack[k-1]:
			waits[stack[k-1]]--
			actions = append(actions, arcAction(rels[stack[k]], right, rights[:]))
			stack = stack[:k]
		case int(front) < n:
			stack = append(stack, front)
			front++
			actions = append(actions, shift)
		default:
			return nil
		}
	}
	return actions
}

// Learn parses s with the weights of p and, where the answer differs from gold, calls update for each state of the wrong
// way and of the right one up to where the wrong one is furthest ahead (max-violation, Huang et al. 2012).
// It returns whether the answer was right.
func (p *Parser) Learn(s *Sentence, class func(uint8) uint32, gold []uint8, drop []bool, update func(rows []uint32, action uint8, delta int32)) bool {
	se := newSearch(s, p.Weights, class)
	se.drop = drop
	truth := []int32{0}
	kept := int32(0) // the state of the beam that is right so far
	var worst, at, wrong int32
	se.run(p.Width, func(step int) {
		id := truth[step]
		st := se.states[id]
		var scores [Actions]int32
		if se.legal(&st) != 1<<shift {
			p.Weights.Add(se.features(&st), scores[:])
		}
		was := kept
		kept = -1
		for i, c := range se.next {
			if was >= 0 && c.from == was && c.action == gold[step] {
				kept = se.beam[i]
			}
		}
		truth = append(truth, se.apply(candidate{st.score + scores[gold[step]], id, gold[step]}))
		if lead := se.beam[0]; lead != kept {
			if by := se.states[lead].score - se.states[truth[step+1]].score; at == 0 || by >= worst {
				worst, at, wrong = by, int32(step+1), lead
			}
		}
	})
	if kept == se.beam[0] {
		return true
	}
	se.along(truth[at], wrong, update)
	return false
}

// along updates from where the two ways part.
func (se *search) along(good, bad int32, update func([]uint32, uint8, int32)) {
	way := func(id int32) []int32 {
		var ids []int32
		for ; id > 0; id = se.states[id].prev {
			ids = append(ids, id)
		}
		slices.Reverse(ids)
		return ids
	}
	parted := false
	g, b := way(good), way(bad)
	for i := range g {
		x, y := se.states[g[i]], se.states[b[i]]
		if !parted && x.action == y.action {
			continue
		}
		from, other := se.states[x.prev], se.states[y.prev]
		update(se.features(&from), x.action, 1)
		update(se.features(&other), y.action, -1)
		parted = true
	}
}
