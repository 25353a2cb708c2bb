package model

// Named is a sentence in the eyes of the model that finds names in it.
type Named struct {
	*Sentence
	Names     []uint16 // kinds of known names that begin (low byte) or go on (high byte) at a word, as bits
	Elsewhere []uint8  // 1 + the kind that the same form mostly has in this document, by a first look; 0 for none
	Capitals  []uint8  // how the form is written elsewhere in the document: bit 0 in lower case, bit 1 with a capital within a sentence
	Shape     uint8    // of the block
	Labels    []uint8
}

// Label fills n.Labels from left to right: 0 is outside, odd labels begin a name and the even ones after them go on with it.
func (n *Named) Label(w Scorer, classes int) {
	scores := make([]int32, classes)
	rows := make([]uint32, 0, 96)
	for i := range n.Words {
		clear(scores)
		w.Add(n.Rows(i, rows), scores)
		n.Labels[i] = n.Legal(i, scores)
	}
}

// Legal is the best label that may stand at i: a name goes on only where one of its kind stands before.
func (n *Named) Legal(i int, scores []int32) uint8 {
	var prev uint8
	if i > 0 {
		prev = n.Labels[i-1]
	}
	best := uint8(0)
	for k := uint8(1); int(k) < len(scores); k++ {
		if k%2 == 0 && prev != k && prev != k-1 {
			continue
		}
		if scores[k] > scores[best] {
			best = k
		}
	}
	return best
}

// Rows returns the features of word i, given the labels to its left.
func (n *Named) Rows(i int, rows []uint32) []uint32 {
	rows = rows[:0]
	s := n.Sentence
	w, l1, l2, r1, r2 := at(s, i), at(s, i-1), at(s, i-2), at(s, i+1), at(s, i+2)
	tag := func(k int) uint32 {
		if k < 0 || k >= len(s.Tags) {
			return 0
		}
		return uint32(s.Tags[k]) + 1
	}
	var p1, p2 uint32
	if i > 0 {
		p1 = uint32(n.Labels[i-1]) + 1
	}
	if i > 1 {
		p2 = uint32(n.Labels[i-2]) + 1
	}
	t, tl, tr := tag(i), tag(i-1), tag(i+1)
	g, gr := uint32(n.Names[i]), uint32(0)
	if i+1 < len(n.Names) {
		gr = uint32(n.Names[i+1])
	}
	e, c := uint32(n.Elsewhere[i]), uint32(n.Capitals[i])
	full := w.low
	if full == 0 {
		full = hash(Normal(w.Form))
	}
	pos := place(s, i)
	id := uint32(4000)
	f := func(a, b, c uint32) {
		id++
		rows = append(rows, row(id, a, b, c))
	}
	f(p1, 0, 0)
	f(p1, p2, 0)
	f(full, 0, 0)
	f(full, p1, 0)
	f(w.shape, t, 0)
	f(w.shape, p1, 0)
	f(w.shape, c, pos)
	f(w.fine, 0, 0)
	f(w.fine, p1, 0)
	f(w.coarse, w.shape, 0)
	f(t, p1, 0)
	f(t, tl, tr)
	f(w.suffix[1], w.shape, 0)
	f(w.suffix[2], 0, 0)
	f(w.suffix[3], 0, 0)
	f(w.prefix[2], 0, 0)
	f(g, p1, 0)
	f(g, w.shape, c)
	f(g, t, e)
	f(g, gr, 0)
	f(g, r1.low, 0)
	f(g, l1.low, 0)
	f(g, full, 0)
	f(e, p1, 0)
	f(e, w.shape, c)
	f(e, r1.low, 0)
	f(e, l1.low, 0)
	f(l1.low, w.shape, 0)
	f(r1.low, w.shape, 0)
	f(l1.low, p1, 0)
	f(r1.low, p1, w.shape)
	f(l2.low, w.shape, 0)
	f(r2.low, w.shape, 0)
	f(l1.low, l2.low, w.shape)
	f(r1.low, r2.low, w.shape)
	f(l1.low, r1.low, 0)
	f(l1.fine, w.shape, p1)
	f(r1.fine, w.shape, p1)
	f(l2.fine, w.shape, 0)
	f(r2.fine, w.shape, 0)
	f(l1.shape, w.shape, r1.shape)
	f(l1.suffix[2], w.shape, 0)
	f(r1.suffix[2], w.shape, p1)
	f(uint32(n.Shape), w.shape, pos)
	f(t, c, pos)
	f(full, r1.low, 0)
	f(full, l1.low, 0)
	f(r1.fine, r2.fine, w.shape)
	f(l1.fine, l2.fine, w.shape)
	f(tr, r1.shape, w.shape)
	return rows
}

// Votes says for each word what its form mostly was in the document, as [Named].Elsewhere has it: 1 where it was never a
// name, 2 and more the kind where most of its places are names, 10 and more where few are.
func Votes(doc []*Named) [][]uint8 {
	const kinds = 8
	votes := map[string]*[kinds]int{}
	for _, n := range doc {
		for i, w := range n.Words {
			v := votes[w.Form]
			if v == nil {
				v = new([kinds]int)
				votes[w.Form] = v
			}
			v[(n.Labels[i]+1)/2]++
		}
	}
	all := make([][]uint8, len(doc))
	for k, n := range doc {
		all[k] = make([]uint8, len(n.Words))
		for i, w := range n.Words {
			v, best := votes[w.Form], 0
			for kind := 1; kind < kinds; kind++ {
				if v[kind] > 0 && (best == 0 || v[kind] > v[best]) {
					best = kind
				}
			}
			switch {
			case best == 0:
				all[k][i] = 1
			case v[best] >= v[0]:
				all[k][i] = 2 + uint8(best)
			default:
				all[k][i] = 10 + uint8(best)
			}
		}
	}
	return all
}
