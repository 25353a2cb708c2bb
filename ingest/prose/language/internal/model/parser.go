package model

import "slices"

// Actions of the arc-hybrid system (Kuhlmann et al. 2011), each arc with the kind of its relation. Action 0 is SHIFT: the
// front of the buffer goes on the stack. Then come the LEFTs: the top of the stack becomes a child of the front of the
// buffer; then the RIGHTs: the top of the stack becomes a child of the word under it.
const (
	shift uint8 = 0
	left  uint8 = 1
	right uint8 = 8
)

// lefts and rights are the kinds of relations to each side that the parser tells apart while it builds; what matters for
// the shape of the tree, no more. [Labeller] tells all of them once the tree stands. What is not listed is the last kind.
var (
	lefts = [right - left][]string{
		{"nsubj", "nsubj:pass", "csubj", "csubj:pass", "expl", "nsubj:outer"},
		{"case", "mark", "cc"},
		{"det", "amod", "nummod", "compound", "nmod:poss", "det:predet", "nmod", "nmod:desc", "flat"},
		{"aux", "aux:pass", "cop"},
		{"advmod", "discourse", "cc:preconj"},
		{"punct"},
	}
	rights = [Actions - right][]string{
		{"obj", "iobj"},
		{"obl", "obl:agent", "obl:unmarked"},
		{"nmod", "nmod:poss", "nmod:unmarked"},
		{"conj"},
		{"acl", "acl:relcl", "appos"},
		{"ccomp", "xcomp", "advcl", "advcl:relcl", "parataxis"},
		{"punct"},
	}
)

// arcAction is the action that makes an arc of a relation.
func arcAction(rel string, first uint8, kinds [][]string) uint8 {
	for k, list := range kinds {
		if slices.Contains(list, rel) {
			return first + uint8(k)
		}
	}
	return first + uint8(len(kinds)) - 1
}

// item is a word on the stack with the children that it has so far.
type item struct {
	word           int32
	l1, l2, r1, r2 int32  // outermost two children to each side; −1 for none
	kinds          uint16 // of arcs to children, by action
	below          int32  // the item under it; −1 at the bottom
}

// state is a partial tree. States point to the one that they came from; what two share exists once.
type state struct {
	score  int32
	top    int32 // item on the top of the stack; −1 for none
	front  int32 // first word of the buffer; len(words) is the root
	l1, l2 int32 // children of the front
	kinds  uint16
	action uint8
	prev   int32
}

// Parser finds the heads of a tagged sentence in time linear in its length: the beam keeps the best few partial trees.
type Parser struct {
	Weights Scorer
	Width   int // of the beam; 1 is greedy
}

// search is the work of one sentence.
type search struct {
	s      *Sentence
	w      Scorer
	items  []item
	states []state
	beam   []int32
	next   []candidate
	attrs  []attr
	rows   []uint32
	verbs  []uint16 // verbs before a place, modulo 65,536
	commas []uint16
	drop   []bool // templates that do not count in this sentence; nil for none
}

// attr is a word in the eyes of the parser.
type attr struct{ w, t, wt, c, k, u uint32 }

type candidate struct {
	score  int32
	from   int32
	action uint8
}

func newSearch(s *Sentence, w Scorer, class func(tag uint8) uint32) *search {
	n := len(s.Words)
	se := &search{s: s, w: w, attrs: make([]attr, n+2), verbs: make([]uint16, n+2), commas: make([]uint16, n+2), rows: make([]uint32, 0, 128)}
	for i := range s.Words {
		word, tag := &s.Words[i], uint32(s.Tags[i])+1
		a := attr{w: word.low, t: tag, c: word.fine, k: word.coarse, u: class(s.Tags[i])}
		if a.w == 0 {
			a.w = word.suffix[2] ^ 0x5bd1e995
		}
		a.wt = a.w ^ tag*0x01000193
		se.attrs[i+1] = a
		se.verbs[i+1], se.commas[i+1] = se.verbs[i], se.commas[i]
		if a.u == verbal {
			se.verbs[i+1]++
		}
		if word.Form == "," || word.Form == ";" || word.Form == ":" {
			se.commas[i+1]++
		}
	}
	se.verbs[n+1], se.commas[n+1] = se.verbs[n], se.commas[n]
	se.attrs[n+1] = attr{w: 7, t: 255, wt: 7, c: 60000, k: 60000, u: 30}
	se.states = append(se.states, state{top: -1, l1: -1, l2: -1, prev: -1})
	return se
}

// verbal is the class of verbs, auxiliaries apart, in [attr].
const verbal = 1

// Parse fills s.Heads. Every word gets a head, exactly one of them the root, and there is no cycle, whatever the words.
func (p *Parser) Parse(s *Sentence, class func(tag uint8) uint32) {
	if len(s.Words) == 0 {
		return
	}
	se := newSearch(s, p.Weights, class)
	se.run(p.Width, nil)
	se.heads(se.beam[0], s.Heads)
}

// run searches to the end, or calls each after every step.
func (se *search) run(width int, each func(step int)) {
	se.beam = append(se.beam[:0], 0)
	for step := range 2 * len(se.s.Words) {
		se.expand(width)
		se.beam = se.beam[:0]
		for _, c := range se.next {
			se.beam = append(se.beam, se.apply(c))
		}
		if each != nil {
			each(step)
		}
	}
}

// expand fills next with the best actions on the states of the beam, best first.
func (se *search) expand(width int) {
	se.next = se.next[:0]
	for _, id := range se.beam {
		st := &se.states[id]
		legal := se.legal(st)
		var scores [Actions]int32
		if legal != 1<<shift {
			se.w.Add(se.features(st), scores[:])
		}
		for a := range uint8(Actions) {
			if legal>>a&1 != 0 {
				se.offer(candidate{st.score + scores[a], id, a}, width)
			}
		}
	}
}

// offer keeps a candidate if it is among the best; of equals the first stays.
func (se *search) offer(c candidate, width int) {
	if len(se.next) == width && c.score <= se.next[width-1].score {
		return
	}
	if len(se.next) < width {
		se.next = append(se.next, c)
	}
	k := len(se.next) - 1
	for k > 0 && se.next[k-1].score < c.score {
		se.next[k] = se.next[k-1]
		k--
	}
	se.next[k] = c
}

// legal is the set of actions that lead to a tree with one root.
func (se *search) legal(st *state) uint16 {
	const allLeft, allRight = 1<<right - 1<<left, 1<<Actions - 1<<right
	n := int32(len(se.s.Words))
	var set uint16
	if st.front < n {
		set |= 1 << shift
	}
	if st.top >= 0 {
		alone := se.items[st.top].below < 0
		if st.front < n || alone {
			set |= allLeft
		}
		if !alone {
			set |= allRight
		}
	}
	return set
}

// apply makes the state that a candidate leads to.
func (se *search) apply(c candidate) int32 {
	st := se.states[c.from]
	next := st
	next.score, next.prev, next.action = c.score, c.from, c.action
	switch {
	case c.action == shift:
		se.items = append(se.items, item{word: st.front, l1: st.l1, l2: st.l2, r1: -1, r2: -1, kinds: st.kinds, below: st.top})
		next.top, next.front, next.l1, next.l2, next.kinds = int32(len(se.items)-1), st.front+1, -1, -1, 0
	case c.action < right:
		top := &se.items[st.top]
		next.l1, next.l2, next.top = top.word, st.l1, top.below
		next.kinds = st.kinds | 1<<c.action
	default:
		top := se.items[st.top]
		under := se.items[top.below]
		under.r1, under.r2 = top.word, under.r1
		under.kinds |= 1 << c.action
		se.items = append(se.items, under)
		next.top = int32(len(se.items) - 1)
	}
	se.states = append(se.states, next)
	return int32(len(se.states) - 1)
}

// heads reads the arcs off the chain of states.
func (se *search) heads(id int32, heads []int32) {
	n := int32(len(se.s.Words))
	for ; se.states[id].prev >= 0; id = se.states[id].prev {
		st := &se.states[id]
		before := &se.states[st.prev]
		switch {
		case st.action == shift:
		case st.action < right:
			heads[se.items[before.top].word] = before.front
			if before.front == n {
				heads[se.items[before.top].word] = -1
			}
		default:
			top := &se.items[before.top]
			heads[top.word] = se.items[top.below].word
		}
	}
}
