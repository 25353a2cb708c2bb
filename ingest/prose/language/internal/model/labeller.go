package model

// Labeller names the relation of each word to its head in a tree that is complete.
type Labeller struct {
	Lexicon *Lexicon
	Weights Scorer
}

// Label fills s.Rels, heads before children, so that a word knows the relation of its head.
func (l *Labeller) Label(s *Sentence, class func(uint8) uint32) {
	scores := make([]int32, len(l.Lexicon.Relations))
	Walk(s, class, func(i int, rows []uint32) {
		clear(scores)
		l.Weights.Add(rows, scores)
		s.Rels[i] = Best(scores)
	})
}

// tree is a sentence with its children in order.
type tree struct {
	s     *Sentence
	first []int32 // where the children of a word begin in kids
	kids  []int32
	class []uint32
}

func newTree(s *Sentence, class func(uint8) uint32) *tree {
	n := len(s.Words)
	t := &tree{s: s, first: make([]int32, n+2), kids: make([]int32, n), class: make([]uint32, n)}
	for _, h := range s.Heads {
		t.first[h+2]++
	}
	// Shifted by one so that the root's children come first: place k+1 holds the children of word k.
	for i := 1; i < len(t.first); i++ {
		t.first[i] += t.first[i-1]
	}
	fill := make([]int32, n+2)
	copy(fill, t.first)
	for i, h := range s.Heads {
		k := h + 1
		t.kids[fill[k]] = int32(i)
		fill[k]++
		t.class[i] = class(s.Tags[i])
	}
	return t
}

func (t *tree) children(i int32) []int32 { return t.kids[t.first[i+1]:t.first[i+2]] }

// Walk visits the words from the root down, the children of one head from left to right, with their features.
func Walk(s *Sentence, class func(uint8) uint32, visit func(i int, rows []uint32)) {
	if len(s.Words) == 0 {
		return
	}
	t := newTree(s, class)
	rows := make([]uint32, 0, 64)
	queue := make([]int32, 1, len(s.Words)+1)
	queue[0] = -1
	for len(queue) > 0 {
		h := queue[0]
		queue = queue[1:]
		kids := t.children(h)
		var seen uint32
		prev := uint32(0)
		for k, c := range kids {
			rows = t.rows(rows[:0], kids, k, h, prev, seen)
			visit(int(c), rows)
			prev = uint32(s.Rels[c]) + 1
			seen |= 1 << (prev % 32)
		}
		queue = append(queue, kids...)
	}
}

func (t *tree) tag(i int32) uint32 {
	if i < 0 {
		return 0
	}
	return uint32(t.s.Tags[i]) + 1
}

// kin sums up the children of a word: the first that is a preposition or mark, and which kinds there are.
func (t *tree) kin(i int32) (link, kinds, firstTag uint32) {
	if i < 0 {
		return 0, 0, 0
	}
	for n, c := range t.children(i) {
		if n == 24 {
			break // what a flat heap of children tells, the first of them tell
		}
		if n == 0 {
			firstTag = t.tag(c)
		}
		side := uint32(0)
		if c > i {
			side = 1
		}
		u := t.class[c]
		if link == 0 && side == 0 && u == adposition {
			link = t.s.Words[c].low
		}
		kinds |= 1 << (u*2%30 + side)
	}
	return link, kinds, firstTag
}

// adposition is the class of prepositions and marks in [attr].
const adposition = 2

func (t *tree) rows(rows []uint32, kids []int32, k int, h int32, prev, seen uint32) []uint32 {
	i := kids[k]
	w := &t.s.Words[i]
	tag := t.tag(i)
	var hw Word
	var hr, gt uint32
	htag := t.tag(h)
	dir := uint32(1)
	if h >= 0 {
		hw = t.s.Words[h]
		hr = uint32(t.s.Rels[h]) + 1
		gt = t.tag(t.s.Heads[h])
		if h < i {
			dir = 2
		}
	}
	var before, after int32 = -1, -1
	if k > 0 {
		before = kids[k-1]
	}
	if k+1 < len(kids) {
		after = kids[k+1]
	}
	link, kinds, firstTag := t.kin(i)
	hlink, hkinds, hfirst := t.kin(h)
	low := w.low
	if low == 0 {
		low = w.suffix[2]
	}
	dist := uint32(0)
	if h >= 0 {
		dist = distance(min(h, i), max(h, i))
	}
	dt := dir<<8 | tag
	n := uint32(2000)
	f := func(a, b, c uint32) {
		n++
		rows = append(rows, row(n, a, b, c))
	}
	f(low, dir, 0)
	f(dt, 0, 0)
	f(dt, htag, 0)
	f(dt, htag, dist)
	f(dt, hw.low, 0)
	f(low, dir, htag)
	f(low, hw.low, dir)
	f(dt, w.fine, hw.fine)
	f(dt, w.fine, htag)
	f(dt, w.coarse, hw.coarse)
	f(dt, hw.fine, htag)
	f(w.suffix[2], dt, htag)
	f(w.shape, dt, hw.shape)
	f(link, dt, htag)
	f(link, hw.low, dt)
	f(link, low, dir)
	f(link, w.fine, htag)
	f(kinds, dt, 0)
	f(kinds, dt, htag)
	f(hkinds, dt, htag)
	f(hkinds, dt, link)
	f(hlink, dt, htag)
	f(firstTag, dt, htag)
	f(hfirst, dt, htag)
	f(t.tag(before), dt, htag)
	f(t.tag(after), dt, htag)
	f(t.tag(before), t.tag(after), dt)
	f(prev, dt, htag)
	f(prev, low, dir)
	f(prev, seen, dt)
	f(seen, dt, htag)
	f(hr, dt, htag)
	f(hr, low, dir)
	f(hr, link, dt)
	f(gt, htag, dt)
	f(t.tagNext(i, 1), dt, htag)
	f(t.tagNext(i, -1), dt, htag)
	f(uint32(min(k, 4)), uint32(min(len(kids), 6)), dt)
	return rows
}

func (t *tree) tagNext(i, by int32) uint32 {
	if i+by < 0 || int(i+by) >= len(t.s.Words) {
		return 0
	}
	return t.tag(i + by)
}
