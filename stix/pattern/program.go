package pattern

import "slices"

// Lookup is one simple comparison that decides a pattern alone: an object of the type whose value at the path equals
// the value (Op is OpEqual) or lies in the block (Op is OpSubset).
type Lookup struct {
	ObjectType string
	Path       string // canonical, without the type: hashes.'SHA-256'
	Op         Op
	Value      Literal // for OpSubset a string holding an address or CIDR block
}

// Program is a pattern made ready for a stream of observations.
type Program struct {
	plan    *plan
	lookups []Lookup
	types   []string
	singles []*Single
}

// Compile prepares a pattern. Errors wrap ErrPattern, ErrUnsupported or ErrLimit.
func Compile(p *Pattern) (*Program, error) {
	plan, err := p.plan()
	if err != nil {
		return nil, err
	}
	pr := &Program{plan: plan, types: slices.Sorted(slices.Values(plan.types)), singles: p.Singles()}
	if lookups, ok := observationLookups(nil, p.Root); ok {
		pr.lookups = lookups
	}
	return pr, nil
}

// Lookups gives the pattern as a disjunction of simple comparisons, so that it can be answered by hash and prefix
// tables: the pattern matches exactly those observations that one of them hits. ok is false when it is none; then use
// NewState. Sets are expanded. A pattern that can never match has no lookups and is ok.
func (p *Program) Lookups() (lookups []Lookup, ok bool) { return p.lookups, p.lookups != nil }

// ObjectTypes lists the object types that the pattern names, sorted. An observation without an object of one of these
// types cannot take part in a match and need not be fed.
func (p *Program) ObjectTypes() []string { return p.types }

// Alone says that one observation decides: the pattern is one bracketed expression, or several joined by OR, with no qualifier but
// START and STOP. A [Probe] answers it, and no order of observations matters.
func (p *Program) Alone() bool { return p.plan.root.kind == nodeLeaf && p.plan.root.count == 1 }

func observationLookups(list []Lookup, e ObservationExpr) ([]Lookup, bool) {
	switch e := e.(type) {
	case *Single:
		return comparisonLookups(list, e.Cond)
	case *Paren:
		return observationLookups(list, e.Inner)
	case *Join:
		if e.Op != JoinOr {
			return nil, false
		}
		for _, o := range e.Operands {
			var ok bool
			if list, ok = observationLookups(list, o); !ok {
				return nil, false
			}
		}
		return list, true
	}
	return nil, false
}

func comparisonLookups(list []Lookup, e ComparisonExpr) ([]Lookup, bool) {
	switch e := e.(type) {
	case *Group:
		return comparisonLookups(list, e.Inner)
	case *Logical:
		if e.Op != LogicOr {
			return nil, false
		}
		for _, o := range e.Operands {
			var ok bool
			if list, ok = comparisonLookups(list, o); !ok {
				return nil, false
			}
		}
		return list, true
	case *Test:
		return testLookups(list, e)
	}
	return nil, false
}

func testLookups(list []Lookup, t *Test) ([]Lookup, bool) {
	op := t.Op
	if op == OpIn {
		op = OpEqual
	}
	if t.Negated || op != OpEqual && op != OpSubset {
		return nil, false
	}
	if list == nil {
		list = []Lookup{}
	}
	path := t.Path.String()[len(t.Path.Type)+1:]
	for _, v := range t.Values {
		if v.Kind == LitTimestamp {
			return nil, false // compared as instants, which spell in many ways
		}
		list = append(list, Lookup{ObjectType: t.Path.Type, Path: path, Op: op, Value: v})
	}
	return list, true
}
