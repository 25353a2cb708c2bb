package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Problem is something wrong with a pattern.
type Problem struct {
	// Warning is true for what the language allows but what cannot be meant, or what this matcher cannot run.
	Warning bool
	// Unsupported is true where the pattern is good and only this matcher cannot run it.
	Unsupported bool

	Offset  int // byte offset in the text
	Line    int // from 1
	Column  int // in code points, from 1
	Message string
	Section string // of STIX 2.1
}

func (p Problem) String() string {
	kind := "error"
	if p.Warning {
		kind = "warning"
	}
	return fmt.Sprintf("%d:%d: %s: %s (STIX 2.1, section %s)", p.Line, p.Column, kind, p.Message, p.Section)
}

// Check is what `marque pattern check` does: it parses the text and then looks for what the grammar does not say.
// A pattern is valid when no problem is an error. The pattern is nil when the text does not parse.
//
// Beyond the grammar, errors are: a hash value that does not have the form of its algorithm, and (from 2.1 on) two
// qualifiers of one kind directly on one bracketed expression. Match runs patterns with these errors all the same.
// AND between different object types breaks a MUST of section 9.5, yet is a warning: the pattern has a meaning (nothing
// matches), and the OASIS validator accepts it.
func Check(src string, v Version) (*Pattern, []Problem) {
	p, err := ParseVersion(src, v)
	c := checker{src: src, version: v}
	if err != nil {
		if se, ok := errors.AsType[*SyntaxError](err); ok {
			message := "expected " + se.Expected + ", found " + se.Found
			if se.Hint != "" {
				message += ": " + se.Hint
			}
			c.report(false, se.Offset, "9", "%s", message)
		} else {
			c.report(false, 0, "9", "%s", err)
		}
		return nil, c.problems
	}
	c.observation(p.Root)
	if _, err := p.plan(); err != nil {
		c.report(true, 0, "9", "this matcher cannot run the pattern: %s", err)
		c.problems[len(c.problems)-1].Unsupported = true
	}
	return p, c.problems
}

type checker struct {
	src      string
	version  Version
	problems []Problem
}

func (c *checker) report(warning bool, offset int, section, format string, args ...any) {
	line, column := position(c.src, offset)
	c.problems = append(c.problems, Problem{
		Warning: warning, Offset: offset, Line: line, Column: column, Message: fmt.Sprintf(format, args...), Section: section,
	})
}

func (c *checker) observation(e ObservationExpr) {
	switch e := e.(type) {
	case *Single:
		c.comparison(e.Cond)
		if len(possibleTypes(e.Cond)) == 0 {
			c.report(true, e.Offset, "9.5", "no object can match: the operands of AND must be satisfiable with one object type")
		}
	case *Paren:
		c.observation(e.Inner)
	case *Join:
		for _, o := range e.Operands {
			c.observation(o)
		}
	case *Qualified:
		c.observation(e.Inner)
		c.qualifier(e)
	}
}

func (c *checker) qualifier(e *Qualified) {
	if q, ok := e.Qualifier.(*StartStop); ok {
		start, ok1 := parseTime(q.Start.Text)
		stop, ok2 := parseTime(q.Stop.Text)
		if ok1 && ok2 && !start.Before(stop) {
			c.report(true, q.Start.Offset, "9.5.1", "no observation can match: START is not before STOP")
		}
	}
	kind := func(q Qualifier) string { return strings.Fields(qualifierText(q))[0] }
	inner, depth := e.Inner, 0
	for {
		q, ok := inner.(*Qualified)
		if !ok {
			break
		}
		if kind(q.Qualifier) == kind(e.Qualifier) {
			depth++
		}
		inner = q.Inner
	}
	if single, ok := inner.(*Single); ok && depth > 0 && c.version != V20 {
		c.report(false, single.Offset, "9.5.1", "duplicate qualifier %s on one observation expression", kind(e.Qualifier))
	}
}

func (c *checker) comparison(e ComparisonExpr) {
	switch e := e.(type) {
	case *Group:
		c.comparison(e.Inner)
	case *Logical:
		for _, o := range e.Operands {
			c.comparison(o)
		}
	case *Test:
		c.hash(e)
		c.names(e.Path)
		for _, s := range e.Path.Steps {
			if s.Kind == StepIndex && s.Index < 0 {
				c.report(true, e.Path.Offset, "9.7", "a negative list index selects nothing")
			}
		}
	}
}

var (
	typeName     = regexp.MustCompile(`^[a-z][a-z0-9-]{2,249}$`)
	propertyName = regexp.MustCompile(`^([a-z][a-z0-9_]{2,249}|id)$`)
)

// names finds types and properties that section 3.1 lets no object have.
func (c *checker) names(p Path) {
	if !typeName.MatchString(p.Type) {
		c.report(true, p.Offset, "3.1", "no object can match: %q is no name of a type", p.Type)
	}
	if first := p.Steps[0]; first.Kind == StepKey && !propertyName.MatchString(first.Key) {
		c.report(true, p.Offset, "3.1", "no object can match: %q is no name of a property", first.Key)
	}
}

// hash checks that the text of a hash has the form of the algorithm that the path names.
func (c *checker) hash(t *Test) {
	last := t.Path.Steps[len(t.Path.Steps)-1]
	named := false
	for _, s := range t.Path.Steps {
		named = named || s.Kind == StepKey && s.Key == "hashes"
	}
	if !named || last.Kind != StepKey || t.Op != OpEqual && t.Op != OpNotEqual && t.Op != OpIn {
		return
	}
	for _, v := range t.Values {
		if v.Kind == LitString && !hashFits(last.Key, v.Text) {
			c.report(false, v.Offset, "10.6", "%s is not a valid %s hash", v, last.Key)
		}
	}
}

var ssdeepForm = regexp.MustCompile(`^[A-Za-z0-9/+:.]{1,128}$`)

// hashFits knows the forms of the algorithms of hash-algorithm-ov, and lets all others pass.
func hashFits(algorithm, value string) bool {
	var digits []int
	switch strings.ToUpper(strings.ReplaceAll(algorithm, "-", "")) {
	case "MD5":
		digits = []int{32}
	case "MD6":
		digits = []int{32, 40, 56, 64, 96, 128}
	case "RIPEMD160", "SHA1":
		digits = []int{40}
	case "SHA224", "SHA3224":
		digits = []int{56}
	case "SHA256", "SHA3256":
		digits = []int{64}
	case "SHA384", "SHA3384":
		digits = []int{96}
	case "SHA512", "SHA3512", "WHIRLPOOL":
		digits = []int{128}
	case "SSDEEP":
		return ssdeepForm.MatchString(value)
	default:
		return true
	}
	for _, n := range digits {
		if len(value) == n && hexProblem(value) == "" {
			return true
		}
	}
	return false
}

// possibleTypes gives the object types that could satisfy the expression.
func possibleTypes(e ComparisonExpr) map[string]bool {
	types := map[string]bool{}
	switch e := e.(type) {
	case *Group:
		return possibleTypes(e.Inner)
	case *Test:
		types[e.Path.Type] = true
	case *Logical:
		for i, o := range e.Operands {
			of := possibleTypes(o)
			for typ := range types {
				if e.Op == LogicAnd && !of[typ] {
					delete(types, typ)
				}
			}
			for typ := range of {
				if e.Op == LogicOr || i == 0 {
					types[typ] = true
				}
			}
		}
	}
	return types
}
