package pattern

import (
	"fmt"
	"strings"
)

// Explain tells in English what the pattern looks for, as an indented list. Numbers in braces are those of Bound.Expr.
func (p *Pattern) Explain() string {
	x := explainer{}
	x.observation(p.Root, 0)
	return x.b.String()
}

type explainer struct {
	b     strings.Builder
	exprs int
}

func (x *explainer) line(depth int, format string, args ...any) {
	x.b.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(&x.b, format, args...)
	x.b.WriteByte('\n')
}

func (x *explainer) observation(e ObservationExpr, depth int) {
	switch e := e.(type) {
	case *Single:
		x.line(depth, "an observation {%d} that shows %s", x.exprs, subject(e.Cond))
		x.exprs++
		x.comparison(e.Cond, depth+1)
	case *Paren:
		x.observation(e.Inner, depth)
	case *Join:
		x.line(depth, "%s", map[JoinOp]string{
			JoinAnd:        "all of these, in any order, each seen in its own observation:",
			JoinOr:         "at least one of these:",
			JoinFollowedBy: "these, each seen no earlier than the one before:",
		}[e.Op])
		for _, o := range e.Operands {
			x.observation(o, depth+1)
		}
	case *Qualified:
		x.line(depth, "%s", qualifierSentence(e.Qualifier))
		x.observation(e.Inner, depth+1)
	}
}

func qualifierSentence(q Qualifier) string {
	switch q := q.(type) {
	case *Within:
		return "within " + q.Seconds.Text + " seconds:"
	case *Repeats:
		if q.Times.Text == "1" {
			return "once:"
		}
		return q.Times.Text + " times, each time in other observations:"
	case *StartStop:
		return "from " + q.Start.Text + " on and before " + q.Stop.Text + ":"
	}
	return ""
}

// subject names the one object that all comparisons in a bracket are about.
func subject(e ComparisonExpr) string {
	types := possibleTypes(e)
	if len(types) == 0 {
		return "an object that cannot exist (its comparisons ask for different types):"
	}
	if len(types) > 1 {
		return "an object for which"
	}
	for typ := range types {
		article := "a"
		if strings.ContainsRune("aeiou", rune(typ[0]|0x20)) {
			article = "an"
		}
		return article + " " + typ + " object for which"
	}
	return ""
}

func (x *explainer) comparison(e ComparisonExpr, depth int) {
	switch e := e.(type) {
	case *Group:
		x.comparison(e.Inner, depth)
	case *Test:
		x.line(depth, "%s", e.sentence())
	case *Logical:
		if e.Op == LogicAnd {
			x.line(depth, "all of these hold:")
		} else {
			x.line(depth, "at least one of these holds:")
		}
		for _, o := range e.Operands {
			x.comparison(o, depth+1)
		}
	}
}

func (t *Test) sentence() string {
	not := func(plain, negated string) string {
		if t.Negated {
			return negated
		}
		return plain
	}
	path := t.Path.String()
	for _, s := range t.Path.Steps {
		if s.Kind == StepAny {
			path = "some value of " + path
			break
		}
	}
	if t.Op == OpExists {
		return path + not(" is present", " is absent")
	}
	if t.Op == OpIn {
		values := make([]string, len(t.Values))
		for i, v := range t.Values {
			values[i] = v.String()
		}
		if len(values) == 0 {
			return path + not(" is one of an empty list (never true)", " is present")
		}
		return path + not(" is one of ", " is none of ") + strings.Join(values, ", ")
	}
	v := t.Values[0].String()
	switch t.Op {
	case OpEqual:
		return path + not(" is ", " is other than ") + v
	case OpNotEqual:
		return path + not(" is other than ", " is ") + v
	case OpLess:
		return path + not(" is less than ", " is not less than ") + v
	case OpLessEqual:
		return path + not(" is at most ", " is not at most ") + v
	case OpGreater:
		return path + not(" is greater than ", " is not greater than ") + v
	case OpGreaterEqual:
		return path + not(" is at least ", " is not at least ") + v
	case OpLike:
		return path + not(" has the form ", " does not have the form ") + v + " (% is any text, _ any one character)"
	case OpMatches:
		return path + not(" contains a match of the regular expression ", " contains no match of the regular expression ") + v
	case OpSubset:
		return path + not(" lies in the network ", " lies outside the network ") + v
	}
	return path + not(" is a network that contains ", " is no network that contains ") + v
}
