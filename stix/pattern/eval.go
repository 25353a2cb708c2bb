package pattern

import (
	"bytes"
	"fmt"
	"slices"
)

// condition is a comparison expression made ready to run.
type condition struct {
	op   LogicOp // of kids, or none
	kids []condition
	test test
}

// test is a comparison made ready to run. It holds for an object when one of the values at the path satisfies the
// predicate; an absent one when there is none.
type test struct {
	source *Test
	path   *path
	pred   predicate
	absent bool // NOT EXISTS; other predicates hold their own negation

	// A text is compared with these at once, without a call of pred: it holds when it is one of them, or (negated) none.
	texts   []string
	negated bool
}

// text tells whether the test holds for a text.
func (t *test) text(text string) bool {
	return slices.Contains(t.texts, text) != t.negated
}

// predicate looks at one value. The batch is there for its budget of steps.
type predicate func(b *batch, v any) (bool, error)

func (p *plan) condition(e ComparisonExpr) (c condition, err error) {
	switch e := e.(type) {
	case *Group:
		return p.condition(e.Inner)
	case *Logical:
		c = condition{op: e.Op, kids: make([]condition, len(e.Operands))}
		for i, o := range e.Operands {
			if c.kids[i], err = p.condition(o); err != nil {
				return c, err
			}
		}
	case *Test:
		c.test = test{source: e, absent: e.Op == OpExists && e.Negated, texts: textsOf(e), negated: e.Negated != (e.Op == OpNotEqual)}
		if c.test.path, err = p.path(e.Path); err == nil {
			c.test.pred, err = newPredicate(e, c.test.texts)
		}
		if err != nil {
			return c, fmt.Errorf("comparison %s: %w", e, err)
		}
	}
	return c, nil
}

// fewTexts is up to how many strings a text is compared with one by one.
const fewTexts = 8

// textsOf gives the few strings that =, != or IN compares with, or nil when it compares with something else.
func textsOf(t *Test) []string {
	if t.Op != OpEqual && t.Op != OpNotEqual && t.Op != OpIn || len(t.Values) > fewTexts {
		return nil
	}
	for _, v := range t.Values {
		if v.Kind != LitString {
			return nil
		}
	}
	texts := make([]string, len(t.Values))
	for i, v := range t.Values {
		texts[i] = v.Text
	}
	return texts
}

// bytesTest is the predicate of =, != and IN with strings for values that are no text.
func bytesTest(texts []string, negated bool) predicate {
	return func(_ *batch, v any) (bool, error) {
		if v, ok := v.([]byte); ok {
			for _, text := range texts {
				if raw, ok := latin1(text); ok && bytes.Equal(raw, v) {
					return !negated, nil
				}
			}
		}
		return negated, nil
	}
}

func newPredicate(t *Test, texts []string) (predicate, error) {
	if len(texts) > 0 {
		return bytesTest(texts, t.Negated != (t.Op == OpNotEqual)), nil
	}
	var pred predicate
	var err error
	switch t.Op {
	case OpExists:
		return func(*batch, any) (bool, error) { return true, nil }, nil
	case OpIn:
		pred, err = setTest(t.Values)
	case OpLike:
		pred = likeTest(t.Values[0].Text)
	case OpMatches:
		pred, err = regexTest(t.Values[0].Text)
	case OpSubset, OpSuperset:
		pred, err = subnetTest(t.Values[0].Text, t.Op == OpSuperset)
	default:
		return compareTest(t)
	}
	if err != nil || !t.Negated {
		return pred, err
	}
	return func(b *batch, v any) (bool, error) {
		ok, err := pred(b, v)
		return !ok, err
	}, nil
}

// compareTest is the predicate of =, != and the four orders. An order between types that have none is false, with NOT
// and without; inequality between them is true.
func compareTest(t *Test) (predicate, error) {
	c, err := newConstant(t.Values[0])
	if err != nil {
		return nil, err
	}
	if t.Op == OpEqual || t.Op == OpNotEqual {
		want := (t.Op == OpEqual) != t.Negated
		return func(_ *batch, v any) (bool, error) {
			equal, err := c.equal(v)
			return equal == want, err
		}, nil
	}
	return func(_ *batch, v any) (bool, error) {
		result, known, sane, err := c.order(v)
		if !known || err != nil {
			return false, err
		}
		holds := false
		switch t.Op {
		case OpLess:
			holds = result < 0
		case OpLessEqual:
			holds = result <= 0
		case OpGreater:
			holds = result > 0
		case OpGreaterEqual:
			holds = result >= 0
		}
		return (holds && sane) != t.Negated, nil
	}, nil
}

// setTest is the predicate of IN: equal to one of the elements, which all have one type (numbers count as one).
func setTest(values []Literal) (predicate, error) {
	set := make([]constant, len(values))
	for i, l := range values {
		if family(l.Kind) != family(values[0].Kind) {
			return nil, fmt.Errorf("%w: the set mixes %s and %s", ErrPattern, values[0].Kind, l.Kind)
		}
		var err error
		if set[i], err = newConstant(l); err != nil {
			return nil, err
		}
	}
	var index map[string]bool // of a large set of strings
	if len(set) > fewTexts && set[0].kind == LitString {
		index = make(map[string]bool, len(set))
		for _, c := range set {
			index[c.text] = true
		}
	}
	return func(_ *batch, v any) (bool, error) {
		if s, ok := v.(string); ok && index != nil {
			return index[s], nil
		}
		for i := range set {
			if equal, err := set[i].equal(v); equal || err != nil {
				return equal, err
			}
		}
		return false, nil
	}, nil
}

func family(k LiteralKind) LiteralKind {
	switch k {
	case LitFloat:
		return LitInt
	case LitBinary:
		return LitHex
	}
	return k
}
