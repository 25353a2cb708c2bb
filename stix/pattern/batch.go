package pattern

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// batchSize is how many objects are looked at together. Their values fit in the processor's cache.
const batchSize = 256

// set is a set of numbers below batchSize.
type set [batchSize / 64]uint64

func (s *set) add(i int) { s[i>>6] |= 1 << (i & 63) }

func (s *set) has(i int) bool { return s[i>>6]>>(i&63)&1 != 0 }

func (s *set) empty() bool { return *s == set{} }

// each calls f for the elements, the least first, until it returns false.
func (s *set) each(f func(i int) bool) {
	for w, left := range s {
		for ; left != 0; left &= left - 1 {
			if !f(w<<6 + bits.TrailingZeros64(left)) {
				return
			}
		}
	}
}

// batch finds out which observations satisfy which bracketed expressions of a plan, and fills a pool with those that
// fit one of its leaves. It goes by comparisons and not by observations: a comparison runs over all objects that are
// still undecided, and the value that a scalar path selects is looked up once for all comparisons that ask for it.
type batch struct {
	pool
	sorted bool // the items are in order of first
	plan   *plan
	limit  int64 // steps for each observation
	most   int64 // fits in the pool

	// Observations are gathered in seats and their objects in rows. When there are enough rows they are evaluated, and
	// when there are enough seats those that fit are put into the pool.
	observations []Observation
	seats        []seat
	holds        []set // by expression, the seats that satisfy it
	rows         []row
	room         int    // for rows
	ofType       []set  // by type, the rows
	cells        []cell // by row and path

	at   int32              // the row at hand
	byID map[string]*Object // of the observation at hand, when it has many objects
	of   int32              // the seat that byID is of
}

// seat holds an observation, by its index.
type seat struct {
	obs   int
	spent int64 // steps
}

// row holds an object, by its index in the observation of the seat.
type row struct{ seat, object int32 }

// cell is the value that a scalar path selects in an object.
type cell struct {
	value  any
	known  bool
	exists bool
}

// maxCells bounds the memory for the values of patterns with many paths.
const maxCells = 1 << 14

// prepare makes the batch ready for an empty pool. It takes memory of former use again.
func (b *batch) prepare(p *plan, limit, most int64) {
	b.items, b.fits, b.sorted = b.items[:0], b.fits[:0], true
	b.plan, b.limit, b.most = p, limit, min(most, math.MaxInt32)
	b.room = min(batchSize, max(1, maxCells/max(1, len(p.paths))))
	b.seats, b.rows = b.seats[:0], b.rows[:0]
	b.holds, b.ofType = zeroed(b.holds, len(p.singles)), zeroed(b.ofType, len(p.types))
	b.byID, b.of = nil, none
}

// collect fills the pool. Items know their observation by its index.
func (b *batch) collect(observations []Observation) error {
	b.observations = observations
	for i := range observations {
		if err := b.add(i); err != nil {
			return err
		}
	}
	err := b.flush()
	if !b.sorted {
		slices.SortStableFunc(b.items, func(x, y item) int { return cmp.Compare(x.first, y.first) })
	}
	b.observations = nil
	return err
}

func (b *batch) add(index int) error {
	o := &b.observations[index]
	if err := o.validate(); err != nil {
		return err
	}
	begin := true
	for i := range o.Objects {
		typ := slices.Index(b.plan.types, o.Objects[i].Type)
		if typ < 0 {
			continue
		}
		if begin {
			if len(b.seats) == batchSize {
				if err := b.flush(); err != nil {
					return err
				}
			}
			b.seats = append(b.seats, seat{obs: index})
			begin = false
		}
		if len(b.rows) == b.room {
			if err := b.evaluate(); err != nil {
				return err
			}
		}
		b.ofType[typ].add(len(b.rows))
		b.rows = append(b.rows, row{seat: int32(len(b.seats) - 1), object: int32(i)})
	}
	return nil
}

// flush puts the observations of the seats that fit some leaf into the pool.
func (b *batch) flush() error {
	if err := b.evaluate(); err != nil {
		return err
	}
	var some set
	for i := range b.holds {
		some = some.or(b.holds[i])
	}
	some.each(func(i int) bool {
		b.emit(i)
		return true
	})
	if int64(len(b.fits)) > b.most {
		return fmt.Errorf("%d observations that fit parts of the pattern %d times: %w", len(b.items), len(b.fits), ErrLimit)
	}
	clear(b.holds)
	b.seats, b.of = b.seats[:0], none
	return nil
}

// seated is the observation of a seat.
func (b *batch) seated(seat int32) *Observation { return &b.observations[b.seats[seat].obs] }

func (b *batch) emit(i int) {
	o := b.seated(int32(i))
	it := item{first: ticks(o.First), last: ticks(o.Last), free: o.Count, obs: b.seats[i].obs, from: int32(len(b.fits))}
	for k := range b.plan.alternatives {
		alt := &b.plan.alternatives[k]
		if !b.holds[alt.expr].has(i) || !alt.open(it.first, it.last) {
			continue
		}
		if n := len(b.fits); n > int(it.from) && b.fits[n-1].leaf == alt.leaf {
			continue // an earlier alternative of the leaf will do
		}
		b.fits = append(b.fits, fit{leaf: alt.leaf, expr: int32(alt.expr)})
	}
	if it.to = int32(len(b.fits)); it.from == it.to {
		return
	}
	b.sorted = b.sorted && (len(b.items) == 0 || b.items[len(b.items)-1].first <= it.first)
	b.items = append(b.items, it)
}

// evaluate runs all expressions on the rows and empties them.
func (b *batch) evaluate() error {
	if len(b.rows) == 0 {
		return nil
	}
	b.cells = zeroed(b.cells, len(b.rows)*len(b.plan.paths))
	var all set
	for i := range b.rows {
		all.add(i)
	}
	for k := range b.plan.singles {
		hold, err := b.condition(&b.plan.singles[k], all)
		if err != nil {
			return fmt.Errorf("observation %s: %w", b.seated(b.rows[b.at].seat).ID, err)
		}
		hold.each(func(i int) bool {
			b.holds[k].add(int(b.rows[i].seat))
			return true
		})
	}
	clear(b.ofType)
	b.rows = b.rows[:0]
	return nil
}

func (s set) or(t set) set {
	for w := range s {
		s[w] |= t[w]
	}
	return s
}

func (s set) without(t set) set {
	for w := range s {
		s[w] &^= t[w]
	}
	return s
}

// condition gives those of the rows that satisfy the condition. An operand is only asked about rows for which the
// operands before it leave the answer open.
func (b *batch) condition(c *condition, in set) (out set, err error) {
	switch c.op {
	case LogicAnd:
		out = in
		for i := range c.kids {
			if out, err = b.condition(&c.kids[i], out); err != nil || out.empty() {
				return out, err
			}
		}
		return out, nil
	case LogicOr:
		for i := range c.kids {
			some, err := b.condition(&c.kids[i], in)
			if err != nil {
				return out, err
			}
			out, in = out.or(some), in.without(some)
			if in.empty() {
				break
			}
		}
		return out, nil
	}
	return b.test(&c.test, in)
}

// test gives those of the rows that satisfy the test.
func (b *batch) test(t *test, in set) (out set, err error) {
	rows := &b.ofType[t.path.typ]
	paths := len(b.plan.paths)
	for w := range in {
		for left := in[w] & rows[w]; left != 0; left &= left - 1 {
			i := w<<6 + bits.TrailingZeros64(left)
			known := &b.cells[i*paths+t.path.cell]
			if !known.known {
				b.at = int32(i)
				if err := b.follow(known, t.path); err != nil {
					return out, err
				}
			}
			var holds bool
			if text, ok := known.value.(string); ok && t.texts != nil {
				holds = t.text(text)
			} else if known.exists {
				b.at = int32(i)
				if holds, err = b.value(t, known.value); err != nil {
					return out, err
				}
			}
			if holds != t.absent {
				out[w] |= left & -left
			}
		}
	}
	return out, nil
}

// value says whether the value of a scalar path satisfies the test, or one that the steps of another path select.
func (b *batch) value(t *test, v any) (bool, error) {
	if !t.path.scalar {
		return b.walk(t, v, t.path.steps)
	}
	return t.pred(b, v)
}

// spend takes steps from the budget of the observation at hand.
func (b *batch) spend(steps int64) bool {
	spent := &b.seats[b.rows[b.at].seat].spent
	*spent += steps
	return *spent <= b.limit
}
