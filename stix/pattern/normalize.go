package pattern

import (
	"slices"
	"strings"
)

// Normalize gives a pattern that matches the same observations in a form that equal patterns share: parentheses that
// change nothing are gone, AND and OR are flat and sorted and without repeats (an observation AND keeps its repeats,
// for they ask for more observations), sets are sorted and a set of one is an equality, NOT = is != and NOT != is =.
func (p *Pattern) Normalize() *Pattern {
	return &Pattern{Root: normalizeObservation(p.Root), version: p.version}
}

func normalizeObservation(e ObservationExpr) ObservationExpr {
	switch e := e.(type) {
	case *Single:
		return &Single{Cond: normalizeComparison(e.Cond)}
	case *Paren:
		return normalizeObservation(e.Inner)
	case *Join:
		return normalizeJoin(e)
	case *Qualified:
		inner := normalizeObservation(e.Inner)
		_, join := inner.(*Join)
		_, paren := e.Inner.(*Paren)
		_, qualified := inner.(*Qualified)
		if join || paren && qualified {
			inner = &Paren{Inner: inner}
		}
		return &Qualified{Inner: inner, Qualifier: e.Qualifier}
	}
	return e
}

func observationText(e ObservationExpr) string {
	var b strings.Builder
	writeObservation(&b, e)
	return b.String()
}

func normalizeJoin(e *Join) ObservationExpr {
	var operands []ObservationExpr
	for i, o := range e.Operands {
		n := normalizeObservation(o)
		j, ok := n.(*Join)
		switch {
		case ok && j.Op == e.Op && (e.Op != JoinFollowedBy || i == 0):
			operands = append(operands, j.Operands...)
		case ok:
			operands = append(operands, &Paren{Inner: n})
		default:
			operands = append(operands, n)
		}
	}
	if e.Op != JoinFollowedBy {
		slices.SortStableFunc(operands, func(a, b ObservationExpr) int {
			return strings.Compare(observationText(a), observationText(b))
		})
	}
	if e.Op == JoinOr {
		operands = slices.CompactFunc(operands, func(a, b ObservationExpr) bool {
			return observationText(a) == observationText(b)
		})
	}
	if len(operands) == 1 {
		return operands[0]
	}
	return &Join{Op: e.Op, Operands: operands}
}

func comparisonText(e ComparisonExpr) string {
	var b strings.Builder
	writeComparison(&b, e)
	return b.String()
}

func normalizeComparison(e ComparisonExpr) ComparisonExpr {
	switch e := e.(type) {
	case *Group:
		return normalizeComparison(e.Inner)
	case *Test:
		return normalizeTest(e)
	case *Logical:
		var operands []ComparisonExpr
		for _, o := range e.Operands {
			n := normalizeComparison(o)
			l, ok := n.(*Logical)
			switch {
			case ok && l.Op == e.Op:
				operands = append(operands, l.Operands...)
			case ok:
				operands = append(operands, &Group{Inner: n})
			default:
				operands = append(operands, n)
			}
		}
		byText := func(a, b ComparisonExpr) int { return strings.Compare(comparisonText(a), comparisonText(b)) }
		slices.SortStableFunc(operands, byText)
		operands = slices.CompactFunc(operands, func(a, b ComparisonExpr) bool { return byText(a, b) == 0 })
		if len(operands) == 1 {
			return operands[0]
		}
		return &Logical{Op: e.Op, Operands: operands}
	}
	return e
}

func normalizeTest(t *Test) *Test {
	n := &Test{Path: t.Path, Op: t.Op, Negated: t.Negated, Values: slices.Clone(t.Values)}
	if n.Op == OpIn {
		slices.SortStableFunc(n.Values, func(a, b Literal) int { return strings.Compare(a.String(), b.String()) })
		n.Values = slices.CompactFunc(n.Values, func(a, b Literal) bool { return a.String() == b.String() })
		if len(n.Values) == 1 {
			n.Op = OpEqual
		}
	}
	if n.Negated && n.Op == OpEqual {
		n.Negated, n.Op = false, OpNotEqual
	} else if n.Negated && n.Op == OpNotEqual {
		n.Negated, n.Op = false, OpEqual
	}
	return n
}
