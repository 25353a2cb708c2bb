package pattern

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"
)

// lazyPlan compiles a pattern once, when it is first matched.
type lazyPlan struct {
	once sync.Once
	plan *plan
	err  error
}

// plan is a pattern made ready for matching: the conditions of its bracketed expressions, in the order of the text,
// and a tree that says how many observations must satisfy which of them, and when.
type plan struct {
	types        []string // that the paths name
	paths        []*path
	singles      []condition
	alternatives []alternative // of all leaves, in their order
	leaves       int           // how many there are
	root         *node
	nodes        int // how many there are
}

type nodeKind uint8

const (
	nodeLeaf   nodeKind = iota // count observations out of one leaf
	nodeAnd                    // all kids, on disjoint observations
	nodeOr                     // one kid
	nodeSeq                    // kids[0], and then kids[1]
	nodeWithin                 // kids[0], all within span
	nodeRepeat                 // count disjoint bindings of kids[0]
)

type node struct {
	id    int
	kind  nodeKind
	kids  []*node
	leaf  int32         // index of the leaf
	alts  []alternative // of a leaf: [a] OR [b] is one leaf
	count int64
	span  int64 // ticks
}

// alternative is a bracketed expression that an observation must satisfy to fill a leaf.
type alternative struct {
	leaf    int32
	expr    int      // index of the bracketed expression
	windows []window // the START … STOP around it
}

// window is the half-open interval [start, stop) in ticks.
type window struct{ start, stop int64 }

// open says whether an observation from first to last may lie in the window.
func (w window) open(first, last int64) bool {
	return w.start < w.stop && last >= w.start && first < w.stop
}

// ticks counts time in steps of 100 ns since 1970, which reach beyond the years that a timestamp can name.
func ticks(t time.Time) int64 { return t.Unix()*10_000_000 + int64(t.Nanosecond())/100 }

func (p *Pattern) plan() (*plan, error) {
	p.compiled.once.Do(func() {
		b := planner{plan: &plan{singles: make([]condition, 0, 4)}}
		b.plan.root, p.compiled.err = b.build(p.Root, nil)
		if p.compiled.err == nil {
			b.plan.alternatives = make([]alternative, 0, len(b.plan.singles))
			p.compiled.err = b.plan.number(b.plan.root)
		}
		p.compiled.plan = b.plan
	})
	return p.compiled.plan, p.compiled.err
}

// maxLeaves bounds how many observations a pattern may tie together. Branches of OR that are one observation each
// count as one, so it does not bound lists of alternatives.
const maxLeaves = 10_000

// number collects the leaves below n, and gives nodes and leaves their ids.
func (p *plan) number(n *node) error {
	n.id = p.nodes
	p.nodes++
	if n.kind == nodeLeaf {
		if p.leaves == maxLeaves {
			return fmt.Errorf("pattern that ties together more than %d observations: %w", maxLeaves, ErrLimit)
		}
		n.leaf = int32(p.leaves)
		p.leaves++
		for _, alt := range n.alts {
			alt.leaf = n.leaf
			p.alternatives = append(p.alternatives, alt)
		}
	}
	for _, kid := range n.kids {
		if err := p.number(kid); err != nil {
			return err
		}
	}
	return nil
}

type planner struct{ plan *plan }

func (b *planner) build(e ObservationExpr, windows []window) (*node, error) {
	switch e := e.(type) {
	case *Single:
		c, err := b.plan.condition(e.Cond)
		if err != nil {
			return nil, err
		}
		b.plan.singles = append(b.plan.singles, c)
		return newLeaf(alternative{expr: len(b.plan.singles) - 1, windows: windows}), nil
	case *Paren:
		return b.build(e.Inner, windows)
	case *Join:
		return b.join(e, windows)
	case *Qualified:
		return b.qualified(e, windows)
	}
	return nil, fmt.Errorf("%w: empty observation expression", ErrPattern)
}

func newLeaf(alts ...alternative) *node {
	return &node{kind: nodeLeaf, alts: alts, count: 1}
}

func (b *planner) join(e *Join, windows []window) (*node, error) {
	kids := make([]*node, len(e.Operands))
	for i, o := range e.Operands {
		var err error
		if kids[i], err = b.build(o, windows); err != nil {
			return nil, err
		}
	}
	switch e.Op {
	case JoinAnd:
		return &node{kind: nodeAnd, kids: kids}, nil
	case JoinOr:
		return newOr(kids), nil
	}
	seq := kids[0]
	for _, kid := range kids[1:] {
		seq = &node{kind: nodeSeq, kids: []*node{seq, kid}}
	}
	return seq, nil
}

// newOr makes one leaf of those kids that are one observation each, and keeps the others.
func newOr(kids []*node) *node {
	var alts []alternative
	var rest []*node
	for _, kid := range kids {
		if kid.kind == nodeLeaf && kid.count == 1 {
			alts = append(alts, kid.alts...)
		} else {
			rest = append(rest, kid)
		}
	}
	if len(alts) > 0 {
		rest = append([]*node{newLeaf(alts...)}, rest...)
	}
	if len(rest) == 1 {
		return rest[0]
	}
	return &node{kind: nodeOr, kids: rest}
}

func (b *planner) qualified(e *Qualified, windows []window) (*node, error) {
	switch q := e.Qualifier.(type) {
	case *StartStop:
		w, err := newWindow(q)
		if err != nil {
			return nil, err
		}
		return b.build(e.Inner, append(slices.Clip(windows), w))
	case *Within:
		span, err := spanOf(q.Seconds)
		if err != nil {
			return nil, err
		}
		kid, err := b.build(e.Inner, windows)
		if err != nil {
			return nil, err
		}
		return within(kid, span), nil
	case *Repeats:
		times, err := timesOf(q.Times)
		if err != nil {
			return nil, err
		}
		kid, err := b.build(e.Inner, windows)
		if err != nil {
			return nil, err
		}
		return repeat(kid, times), nil
	}
	return nil, fmt.Errorf("%w: unknown qualifier", ErrPattern)
}

func newWindow(q *StartStop) (window, error) {
	start, ok1 := parseTime(q.Start.Text)
	stop, ok2 := parseTime(q.Stop.Text)
	if !ok1 || !ok2 {
		return window{}, fmt.Errorf("%w: %s holds a timestamp that does not exist", ErrPattern, qualifierText(q))
	}
	return window{ticks(start), ticks(stop)}, nil
}

func spanOf(l Literal) (int64, error) {
	seconds, err := strconv.ParseFloat(l.Text, 64)
	if seconds <= 0 || err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%w: WITHIN %s SECONDS is not a positive time", ErrPattern, l.Text)
	}
	const longest = math.MaxInt64 / 4 // two of them still add up without overflow
	if seconds >= longest/1e7 {
		return longest, nil
	}
	return int64(math.Round(seconds * 1e7)), nil
}

func timesOf(l Literal) (int64, error) {
	n, err := strconv.ParseInt(l.Text, 10, 64)
	if errors.Is(err, strconv.ErrRange) {
		return math.MaxInt64, nil
	}
	if n < 1 {
		return 0, fmt.Errorf("%w: REPEATS %s TIMES is less than once", ErrPattern, l.Text)
	}
	return n, nil
}

// within drops itself where it asks nothing, goes inside OR, and keeps the shorter of two spans.
func within(kid *node, span int64) *node {
	switch {
	case kid.kind == nodeLeaf && kid.count == 1:
		return kid
	case kid.kind == nodeOr:
		for i := range kid.kids {
			kid.kids[i] = within(kid.kids[i], span)
		}
		return kid
	case kid.kind == nodeWithin:
		kid.span = min(kid.span, span)
		return kid
	}
	return &node{kind: nodeWithin, kids: []*node{kid}, span: span}
}

// repeat goes down to the leaves where order and time do not tie observations together.
func repeat(kid *node, times int64) *node {
	switch {
	case times == 1:
		return kid
	case kid.kind == nodeLeaf, kid.kind == nodeRepeat:
		kid.count = satMul(kid.count, times)
		return kid
	case kid.kind == nodeAnd:
		for i := range kid.kids {
			kid.kids[i] = repeat(kid.kids[i], times)
		}
		return kid
	}
	return &node{kind: nodeRepeat, kids: []*node{kid}, count: times}
}

func satMul(a, b int64) int64 {
	if a > math.MaxInt64/b {
		return math.MaxInt64
	}
	return a * b
}

func satAdd(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
