package pattern

import "fmt"

// Met tells why an object satisfies a bracketed expression.
type Met struct {
	Expr   int     // which bracketed expression, counted from 0 in the order of the text; see Pattern.Singles
	Object int     // index in Observation.Objects
	Tests  []*Test // the comparisons that hold for it: all of AND, the first of OR
}

// Probe holds single observations against programs, using its memory again. One goroutine owns it.
type Probe struct {
	batch batch
	one   [1]Observation
}

// Met returns which objects of an observation satisfy which bracketed expressions of a program, whatever operators join these;
// START and STOP are minded. An expression is met by the observation when it is met by one of its objects. Errors wrap ErrData or
// ErrLimit.
func (pr *Probe) Met(p *Program, o *Observation, limits Limits) ([]Met, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	limits = limits.withDefaults()
	pr.one[0] = *o
	b := &pr.batch
	b.prepare(p.plan, limits.Steps, 1)
	b.observations = pr.one[:]
	b.seats = append(b.seats, seat{})
	defer func() { b.observations, pr.one[0] = nil, Observation{} }()
	var list []Met
	for from := 0; from < len(o.Objects); {
		from = b.fill(from)
		var err error
		if list, err = b.met(list); err != nil {
			return nil, fmt.Errorf("observation %s: %w", o.ID, err)
		}
	}
	return list, nil
}

// fill makes rows of the objects from an index on, as many as there is room for, and returns the next index.
func (b *batch) fill(from int) int {
	objects := b.observations[0].Objects
	clear(b.ofType)
	for b.rows = b.rows[:0]; from < len(objects) && len(b.rows) < b.room; from++ {
		for typ, name := range b.plan.types {
			if name == objects[from].Type {
				b.ofType[typ].add(len(b.rows))
				b.rows = append(b.rows, row{object: int32(from)})
				break
			}
		}
	}
	b.cells = zeroed(b.cells, len(b.rows)*len(b.plan.paths))
	return from
}

// met appends which of the rows satisfy which expressions.
func (b *batch) met(list []Met) ([]Met, error) {
	var all set
	for i := range b.rows {
		all.add(i)
	}
	first, last := ticks(b.observations[0].First), ticks(b.observations[0].Last)
	for k := range b.plan.alternatives {
		alt := &b.plan.alternatives[k]
		if !alt.open(first, last) {
			continue
		}
		hold, err := b.condition(&b.plan.singles[alt.expr], all)
		if err != nil {
			return nil, err
		}
		hold.each(func(i int) bool {
			m := Met{Expr: alt.expr, Object: int(b.rows[i].object)}
			var row set
			row.add(i)
			m.Tests, err = b.why(nil, &b.plan.singles[alt.expr], row)
			list = append(list, m)
			return err == nil
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// why appends the tests that make a condition hold for the one row.
func (b *batch) why(list []*Test, c *condition, row set) ([]*Test, error) {
	switch c.op {
	case LogicAnd:
		for i := range c.kids {
			var err error
			if list, err = b.why(list, &c.kids[i], row); err != nil {
				return list, err
			}
		}
		return list, nil
	case LogicOr:
		for i := range c.kids {
			hold, err := b.condition(&c.kids[i], row)
			if err != nil {
				return list, err
			}
			if !hold.empty() {
				return b.why(list, &c.kids[i], row)
			}
		}
		return list, nil
	}
	return append(list, c.test.source), nil
}
