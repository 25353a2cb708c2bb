package pattern

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// condition is a comparison expression made ready to run on one object.
type condition struct {
	op    LogicOp
	kids  []*condition
	test  *test    // nil when kids are there
	types []string // the object types that its tests name
}

type test struct {
	typ    string
	steps  []step
	plain  bool // the path is one property that needs no resolving
	exists bool
	negate bool // of exists; other predicates hold their own negation
	pred   func(any) (bool, error)
}

// step is a Step with what the name of its property says about the value.
type step struct {
	Step
	hex, bin  bool // the value is binary, written in hex or base64
	ref, refs bool // the value names objects, and the path goes on with their properties
}

func newSteps(path []Step) []step {
	steps := make([]step, len(path))
	for i, p := range path {
		steps[i] = step{
			Step: p,
			hex:  strings.HasSuffix(p.Key, "_hex"),
			bin:  strings.HasSuffix(p.Key, "_bin"),
			ref:  strings.HasSuffix(p.Key, "_ref") && i+1 < len(path),
			refs: strings.HasSuffix(p.Key, "_refs") && i+2 < len(path),
		}
	}
	return steps
}

func newCondition(e ComparisonExpr) (*condition, error) {
	c := &condition{}
	switch e := e.(type) {
	case *Group:
		return newCondition(e.Inner)
	case *Logical:
		c.op = e.Op
		for _, o := range e.Operands {
			kid, err := newCondition(o)
			if err != nil {
				return nil, err
			}
			c.kids = append(c.kids, kid)
			for _, typ := range kid.types {
				if !slices.Contains(c.types, typ) {
					c.types = append(c.types, typ)
				}
			}
		}
	case *Test:
		pred, err := newPredicate(e)
		if err != nil {
			return nil, fmt.Errorf("comparison %s: %w", e, err)
		}
		c.types = []string{e.Path.Type}
		steps := newSteps(e.Path.Steps)
		c.test = &test{
			typ: e.Path.Type, steps: steps, plain: len(steps) == 1 && !steps[0].hex && !steps[0].bin,
			exists: e.Op == OpExists, negate: e.Negated, pred: pred,
		}
	}
	return c, nil
}

func newPredicate(t *Test) (func(any) (bool, error), error) {
	var pred func(any) (bool, error)
	var err error
	switch t.Op {
	case OpExists:
		return func(any) (bool, error) { return true, nil }, nil
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
	return func(v any) (bool, error) {
		ok, err := pred(v)
		return !ok, err
	}, nil
}

// compareTest is the predicate of =, != and the four orders. An order between types that have none is false, with NOT
// and without; inequality between them is true.
func compareTest(t *Test) (func(any) (bool, error), error) {
	c, err := newConstant(t.Values[0])
	if err != nil {
		return nil, err
	}
	if t.Op == OpEqual || t.Op == OpNotEqual {
		want := (t.Op == OpEqual) != t.Negated
		if c.kind == LitString {
			return func(v any) (bool, error) {
				if s, ok := v.(string); ok {
					return (s == c.text) == want, nil
				}
				equal, err := c.equal(v)
				return equal == want, err
			}, nil
		}
		return func(v any) (bool, error) {
			equal, err := c.equal(v)
			return equal == want, err
		}, nil
	}
	return func(v any) (bool, error) {
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
func setTest(values []Literal) (func(any) (bool, error), error) {
	set := make([]constant, len(values))
	strs := make(map[string]bool, len(values))
	for i, l := range values {
		if family(l.Kind) != family(values[0].Kind) {
			return nil, fmt.Errorf("%w: the set mixes %s and %s", ErrPattern, values[0].Kind, l.Kind)
		}
		var err error
		if set[i], err = newConstant(l); err != nil {
			return nil, err
		}
		if l.Kind == LitString {
			strs[l.Text] = true
		}
	}
	return func(v any) (bool, error) {
		if s, ok := v.(string); ok && len(strs) > 0 {
			return strs[s], nil
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

// evaluator runs conditions on one observation within a budget of steps.
type evaluator struct {
	obs   *Observation
	steps int64
}

// single says whether one object of the observation satisfies the condition.
func (e *evaluator) single(c *condition) (bool, error) {
	for i := range e.obs.Objects {
		o := &e.obs.Objects[i]
		if !slices.Contains(c.types, o.Type) {
			continue
		}
		if ok, err := e.object(c, o); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

func (e *evaluator) object(c *condition, o *Object) (bool, error) {
	if c.test != nil {
		if c.test.typ != o.Type {
			return false, nil
		}
		var ok bool
		var err error
		if c.test.plain {
			var v any
			if v, ok = o.Properties[c.test.steps[0].Key]; ok {
				ok, err = c.test.pred(v)
			}
		} else {
			ok, err = e.walk(c.test, o.Properties, c.test.steps)
		}
		return ok != (c.test.exists && c.test.negate), err
	}
	for _, kid := range c.kids {
		ok, err := e.object(kid, o)
		if err != nil {
			return false, err
		}
		if ok == (c.op == LogicOr) {
			return ok, nil
		}
	}
	return c.op == LogicAnd, nil
}

// walk says whether one of the values that the remaining steps select satisfies the test.
func (e *evaluator) walk(t *test, v any, steps []step) (bool, error) {
	if e.steps--; e.steps < 0 {
		return false, fmt.Errorf("evaluation of object paths: %w", ErrLimit)
	}
	if len(steps) == 0 {
		return t.pred(v)
	}
	step, rest := &steps[0], steps[1:]
	if step.Kind == StepKey {
		properties, ok := v.(map[string]any)
		if !ok {
			return false, nil
		}
		value, ok := properties[step.Key]
		if !ok {
			return false, nil
		}
		value, err := e.resolve(step, value)
		if err != nil {
			return false, err
		}
		return e.walk(t, value, rest)
	}
	list, ok := v.([]any)
	if !ok {
		return false, nil
	}
	if step.Kind == StepIndex {
		if step.Index < 0 || step.Index >= len(list) {
			return false, nil
		}
		list = list[step.Index : step.Index+1]
	}
	for _, item := range list {
		if ok, err := e.walk(t, item, rest); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// resolve gives a property's value the meaning that the property's name says: bytes for text that is hex or base64,
// the object in the place of a reference, and likewise in a list of references. References that do not resolve stay
// strings, which have no properties.
func (e *evaluator) resolve(s *step, v any) (any, error) {
	switch v := v.(type) {
	case string:
		var b []byte
		var err error
		switch {
		case s.ref:
			return e.referent(v), nil
		case s.hex:
			b, err = hex.DecodeString(v)
		case s.bin:
			b, err = base64.StdEncoding.DecodeString(v)
		default:
			return v, nil
		}
		if err != nil {
			return nil, fmt.Errorf("property %s: %w: %w", s.Key, ErrData, err)
		}
		return b, nil
	case []any:
		if !s.refs {
			return v, nil
		}
		resolved := make([]any, len(v))
		for i, item := range v {
			resolved[i] = item
			if id, ok := item.(string); ok {
				resolved[i] = e.referent(id)
			}
		}
		return resolved, nil
	}
	return v, nil
}

func (e *evaluator) referent(id string) any {
	if o := e.obs.object(id); o != nil {
		return o.Properties
	}
	return id
}
