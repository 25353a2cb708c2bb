package pattern

import (
	"strconv"
	"strings"
)

// String writes the pattern in canonical spelling: single spaces, = and !=, no comments. Parsing it again gives the
// same tree.
func (p *Pattern) String() string {
	var b strings.Builder
	writeObservation(&b, p.Root)
	return b.String()
}

func writeObservation(b *strings.Builder, e ObservationExpr) {
	switch e := e.(type) {
	case *Single:
		b.WriteByte('[')
		writeComparison(b, e.Cond)
		b.WriteByte(']')
	case *Paren:
		b.WriteByte('(')
		writeObservation(b, e.Inner)
		b.WriteByte(')')
	case *Join:
		for i, o := range e.Operands {
			if i > 0 {
				b.WriteString(" " + string(e.Op) + " ")
			}
			writeObservation(b, o)
		}
	case *Qualified:
		writeObservation(b, e.Inner)
		b.WriteByte(' ')
		b.WriteString(qualifierText(e.Qualifier))
	}
}

func qualifierText(q Qualifier) string {
	switch q := q.(type) {
	case *Within:
		return "WITHIN " + q.Seconds.String() + " SECONDS"
	case *Repeats:
		return "REPEATS " + q.Times.String() + " TIMES"
	case *StartStop:
		return "START " + q.Start.String() + " STOP " + q.Stop.String()
	}
	return ""
}

func writeComparison(b *strings.Builder, e ComparisonExpr) {
	switch e := e.(type) {
	case *Group:
		b.WriteByte('(')
		writeComparison(b, e.Inner)
		b.WriteByte(')')
	case *Logical:
		for i, o := range e.Operands {
			if i > 0 {
				b.WriteString(" " + string(e.Op) + " ")
			}
			writeComparison(b, o)
		}
	case *Test:
		b.WriteString(e.String())
	}
}

// String writes the comparison in canonical spelling.
func (t *Test) String() string {
	not := ""
	if t.Negated {
		not = "NOT "
	}
	switch t.Op {
	case OpExists:
		return not + "EXISTS " + t.Path.String()
	case OpIn:
		values := make([]string, len(t.Values))
		for i, v := range t.Values {
			values[i] = v.String()
		}
		return t.Path.String() + " " + not + "IN (" + strings.Join(values, ", ") + ")"
	}
	return t.Path.String() + " " + not + string(t.Op) + " " + t.Values[0].String()
}

// String writes the path, quoting the components that need it.
func (p Path) String() string {
	var b strings.Builder
	b.WriteString(p.Type + ":")
	for i, s := range p.Steps {
		switch s.Kind {
		case StepIndex:
			b.WriteString("[" + strconv.Itoa(s.Index) + "]")
		case StepAny:
			b.WriteString("[*]")
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			if plainName(s.Key) {
				b.WriteString(s.Key)
			} else {
				b.WriteString(quote(s.Key))
			}
		}
	}
	return b.String()
}

func plainName(s string) bool {
	if s == "" || !isNameStart(s[0]) || isKeyword(s) {
		return false
	}
	for i := range len(s) {
		if !isNamePart(s[i]) {
			return false
		}
	}
	return true
}

// String writes the constant as the language spells it.
func (l Literal) String() string {
	switch l.Kind {
	case LitString:
		return quote(l.Text)
	case LitHex:
		return "h'" + l.Text + "'"
	case LitBinary:
		return "b'" + l.Text + "'"
	case LitTimestamp:
		return "t'" + l.Text + "'"
	}
	return l.Text
}

func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
