package model

// Tagger gives each word of a sentence a tag, from left to right.
type Tagger struct {
	Lexicon *Lexicon
	Weights Scorer
}

// Tag fills s.Tags. With gold tags and a teacher it learns from each word instead, and goes on with what it thought.
func (t *Tagger) Tag(s *Sentence) {
	scores := make([]int32, len(t.Lexicon.Tags))
	var buf [64]uint32
	for i := range s.Words {
		clear(scores)
		t.Weights.Add(tagRows(s, i, buf[:0]), scores)
		s.Tags[i] = Best(scores)
	}
}

// TagRows returns the features of word i, whose neighbours to the left have their tags. For training.
func TagRows(s *Sentence, i int) []uint32 { return tagRows(s, i, make([]uint32, 0, 64)) }

// Best is the class with the highest score, the first of equals.
func Best(scores []int32) uint8 {
	b := 0
	for k, v := range scores {
		if v > scores[b] {
			b = k
		}
	}
	return uint8(b)
}

var outside = Word{}

func at(s *Sentence, i int) *Word {
	if i < 0 || i >= len(s.Words) {
		return &outside
	}
	return &s.Words[i]
}

func tagAt(s *Sentence, i int) uint32 {
	if i < 0 {
		return 0
	}
	return uint32(s.Tags[i]) + 1
}

// place says where a word stands: first, last, alone or within.
func place(s *Sentence, i int) uint32 {
	var p uint32 = 1
	if i == 0 {
		p |= 2
	}
	if i == len(s.Words)-1 {
		p |= 4
	}
	return p
}

func tagRows(s *Sentence, i int, rows []uint32) []uint32 {
	w, l1, l2, r1, r2 := at(s, i), at(s, i-1), at(s, i-2), at(s, i+1), at(s, i+2)
	t1, t2, pos := tagAt(s, i-1), tagAt(s, i-2), place(s, i)
	n := uint32(1000)
	f := func(a, b, c uint32) {
		n++
		rows = append(rows, row(n, a, b, c))
	}
	f(w.low, 0, 0)
	f(w.low, w.shape, 0)
	f(w.shape, pos, 0)
	for k := range w.suffix {
		f(w.suffix[k], 0, 0)
	}
	for k := range w.prefix {
		f(w.prefix[k], 0, 0)
	}
	f(w.suffix[2], w.shape, 0)
	f(w.fine, 0, 0)
	f(w.coarse, w.shape, 0)
	f(l1.low, 0, 0)
	f(l2.low, 0, 0)
	f(r1.low, 0, 0)
	f(r2.low, 0, 0)
	f(l1.fine, 0, 0)
	f(r1.fine, 0, 0)
	f(l2.coarse, 0, 0)
	f(r2.coarse, 0, 0)
	f(t1, 0, 0)
	f(t1, t2, 0)
	f(t1, t2, w.coarse)
	f(t1, w.low, 0)
	f(t1, w.suffix[2], 0)
	f(t1, w.fine, r1.fine)
	f(t1, r1.low, 0)
	f(t1, r1.suffix[1], w.shape)
	f(w.low, r1.low, 0)
	f(l1.low, w.low, 0)
	f(w.fine, r1.coarse, 0)
	f(l1.coarse, w.fine, 0)
	f(l1.coarse, w.coarse, r1.coarse)
	f(w.coarse, r1.coarse, r2.coarse)
	f(l1.suffix[2], 0, 0)
	f(r1.suffix[2], 0, 0)
	f(r1.shape, w.shape, l1.shape)
	f(w.low, pos, 0)
	f(w.fine, t1, 0)
	f(w.fine, t1, t2)
	f(l1.fine, w.low, 0)
	f(w.low, r1.fine, 0)
	f(l1.fine, w.fine, 0)
	f(w.fine, r1.fine, 0)
	f(r1.fine, r2.coarse, t1)
	f(w.suffix[2], r1.fine, 0)
	f(w.suffix[1], t1, r1.coarse)
	f(w.fine, w.suffix[2], 0)
	f(l1.low, r1.low, 0)
	return rows
}
