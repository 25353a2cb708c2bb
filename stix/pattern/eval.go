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
	steps  []Step
	exists bool
	negate bool // of exists; other predicates hold their own negation
	pred   func(any) (bool, error)
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
		c.test = &test{typ: e.Path.Type, steps: e.Path.Steps, exists: e.Op == OpExists, negate: e.Negated, pred: pred}
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
		ok, err := e.walk(c.test, o.Properties, c.test.steps)
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
func (e *evaluator) walk(t *test, v any, steps []Step) (bool, error) {
	if e.steps--; e.steps < 0 {
		return false, fmt.Errorf("evaluation of object paths: %w", ErrLimit)
	}
	if len(steps) == 0 {
		return t.pred(v)
	}
	step, rest := steps[0], steps[1:]
	if step.Kind == StepKey {
		properties, ok := v.(map[string]any)
		if !ok {
			return false, nil
		}
		value, ok := properties[step.Key]
		if !ok {
			return false, nil
		}
		value, err := binaryValue(step.Key, value)
		if err != nil {
			return false, err
		}
		if len(rest) > 0 {
			value = e.dereference(step.Key, value, len(rest) > 1)
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

// binaryValue decodes the value of a property whose name says that it is binary.
func binaryValue(key string, v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return v, nil
	}
	var b []byte
	var err error
	switch {
	case strings.HasSuffix(key, "_hex"):
		b, err = hex.DecodeString(s)
	case strings.HasSuffix(key, "_bin"):
		b, err = base64.StdEncoding.DecodeString(s)
	default:
		return v, nil
	}
	if err != nil {
		return nil, fmt.Errorf("property %s: %w: %w", key, ErrData, err)
	}
	return b, nil
}

// dereference puts the object that a _ref names in the place of the reference, and likewise for each element of _refs
// when the path goes on behind the element. References that do not resolve stay strings, which have no properties.
func (e *evaluator) dereference(key string, v any, beyond bool) any {
	switch v := v.(type) {
	case string:
		if strings.HasSuffix(key, "_ref") {
			if o := e.obs.object(v); o != nil {
				return o.Properties
			}
		}
	case []any:
		if !strings.HasSuffix(key, "_refs") || !beyond {
			return v
		}
		resolved := make([]any, len(v))
		for i, ref := range v {
			resolved[i] = ref
			if id, ok := ref.(string); ok {
				if o := e.obs.object(id); o != nil {
					resolved[i] = o.Properties
				}
			}
		}
		return resolved
	}
	return v
}
