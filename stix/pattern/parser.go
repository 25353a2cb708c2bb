package pattern

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Limits of the parser. They are far above any pattern that a person or a tool has a reason to write.
const (
	MaxLength = 4 << 20 // bytes of text
	MaxDepth  = 500     // nested parentheses
)

// Parse reads a STIX 2.1 pattern (section 9). The error is a *SyntaxError, or wraps ErrLimit.
func Parse(src string) (*Pattern, error) { return ParseVersion(src, V21) }

// ParseVersion reads a pattern of the given edition.
func ParseVersion(src string, v Version) (*Pattern, error) {
	if len(src) > MaxLength {
		return nil, fmt.Errorf("pattern of %d bytes, at most %d are read: %w", len(src), MaxLength, ErrLimit)
	}
	p := &parser{lex: lexer{src: src}, version: v, open: make([]opened, 0, 4)}
	p.advance()
	root, err := p.observationExprs()
	if err == nil && p.tok.kind != tokEOF {
		err = p.trailing()
	}
	if err != nil {
		return nil, err
	}
	return &Pattern{Root: root, version: v}, nil
}

// opened remembers a bracket, so that a missing partner can be reported with its place.
type opened struct {
	char   string
	offset int
}

type parser struct {
	lex     lexer
	tok     token
	prev    token
	version Version
	open    []opened
}

func (p *parser) advance() {
	p.prev = p.tok
	p.tok = p.lex.next()
	if p.version == V20 && p.tok.is(tokKeyword, "EXISTS") {
		p.tok.kind = tokName // not a keyword yet
	}
}

func (p *parser) accept(kind tokenKind, text string) bool {
	if !p.tok.is(kind, text) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(kind tokenKind, text string) error {
	if p.accept(kind, text) {
		return nil
	}
	return p.fail(text)
}

func (p *parser) enter(char string) error {
	if len(p.open) >= MaxDepth {
		return fmt.Errorf("pattern nested deeper than %d: %w", MaxDepth, ErrLimit)
	}
	p.open = append(p.open, opened{char, int(p.tok.offset)})
	p.advance()
	return nil
}

func (p *parser) leave(closing, alternatives string) error {
	if !p.accept(tokPunct, closing) {
		return p.fail(alternatives + closing)
	}
	p.open = p.open[:len(p.open)-1]
	return nil
}

// observationExprs: OR-expressions joined by FOLLOWEDBY, which binds weakest.
func (p *parser) observationExprs() (ObservationExpr, error) {
	return p.join(JoinFollowedBy, func() (ObservationExpr, error) {
		return p.join(JoinOr, func() (ObservationExpr, error) {
			return p.join(JoinAnd, p.qualified)
		})
	})
}

func (p *parser) join(op JoinOp, operand func() (ObservationExpr, error)) (ObservationExpr, error) {
	first, err := operand()
	if err != nil || !p.tok.is(tokKeyword, string(op)) {
		return first, err
	}
	operands := append(make([]ObservationExpr, 0, 4), first)
	for p.accept(tokKeyword, string(op)) {
		next, err := operand()
		if err != nil {
			return nil, err
		}
		operands = append(operands, next)
	}
	return &Join{Op: op, Operands: operands}, nil
}

func (p *parser) qualified() (ObservationExpr, error) {
	expr, err := p.primary()
	for err == nil && p.tok.kind == tokKeyword {
		var q Qualifier
		switch p.tok.text {
		case "WITHIN":
			q, err = p.within()
		case "REPEATS":
			q, err = p.repeats()
		case "START":
			q, err = p.startStop()
		default:
			return expr, nil
		}
		expr = &Qualified{Inner: expr, Qualifier: q}
	}
	return expr, err
}

func (p *parser) primary() (ObservationExpr, error) {
	start := int(p.tok.offset)
	switch {
	case p.tok.is(tokPunct, "["):
		if err := p.enter("["); err != nil {
			return nil, err
		}
		cond, err := p.comparison()
		if err != nil {
			return nil, err
		}
		return &Single{Cond: cond, Offset: start}, p.leave("]", "AND, OR or ")
	case p.tok.is(tokPunct, "("):
		if err := p.enter("("); err != nil {
			return nil, err
		}
		inner, err := p.observationExprs()
		if err != nil {
			return nil, err
		}
		return &Paren{Inner: inner}, p.leave(")", "AND, OR, FOLLOWEDBY, a qualifier or ")
	}
	return nil, p.fail("[ or (")
}

func (p *parser) within() (Qualifier, error) {
	p.advance()
	seconds, err := p.positiveNumber("a number of seconds", tokInt, tokFloat)
	if err != nil {
		return nil, err
	}
	return &Within{Seconds: seconds}, p.expect(tokKeyword, "SECONDS")
}

func (p *parser) repeats() (Qualifier, error) {
	p.advance()
	times, err := p.positiveNumber("a whole number of times", tokInt, tokInt)
	if err != nil {
		return nil, err
	}
	return &Repeats{Times: times}, p.expect(tokKeyword, "TIMES")
}

func (p *parser) positiveNumber(what string, kinds ...tokenKind) (Literal, error) {
	t := p.tok
	if (t.kind != kinds[0] && t.kind != kinds[1]) || strings.HasPrefix(t.text, "-") {
		return Literal{}, p.fail(what + ", not negative")
	}
	return p.literal()
}

func (p *parser) startStop() (Qualifier, error) {
	p.advance()
	start, err := p.instant()
	if err != nil {
		return nil, err
	}
	if err := p.expect(tokKeyword, "STOP"); err != nil {
		return nil, err
	}
	stop, err := p.instant()
	return &StartStop{Start: start, Stop: stop}, err
}

func (p *parser) instant() (Literal, error) {
	if p.tok.kind == tokTimestamp || p.version == V20 && p.tok.kind == tokString {
		return p.literal()
	}
	return Literal{}, p.fail("a timestamp such as t'2006-01-02T15:04:05Z'")
}

func (p *parser) comparison() (ComparisonExpr, error) {
	return p.logical(LogicOr, func() (ComparisonExpr, error) {
		return p.logical(LogicAnd, p.test)
	})
}

func (p *parser) logical(op LogicOp, operand func() (ComparisonExpr, error)) (ComparisonExpr, error) {
	first, err := operand()
	if err != nil || !p.tok.is(tokKeyword, string(op)) {
		return first, err
	}
	operands := append(make([]ComparisonExpr, 0, 4), first)
	for p.accept(tokKeyword, string(op)) {
		next, err := operand()
		if err != nil {
			return nil, err
		}
		operands = append(operands, next)
	}
	return &Logical{Op: op, Operands: operands}, nil
}

func (p *parser) test() (ComparisonExpr, error) {
	if p.tok.is(tokPunct, "(") {
		if err := p.enter("("); err != nil {
			return nil, err
		}
		inner, err := p.comparison()
		if err != nil {
			return nil, err
		}
		return &Group{Inner: inner}, p.leave(")", "AND, OR or ")
	}
	t := &Test{Offset: int(p.tok.offset)}
	if p.version != V20 && p.tok.kind == tokKeyword && (p.tok.text == "EXISTS" || p.tok.text == "NOT") {
		return p.exists(t)
	}
	var err error
	if t.Path, err = p.path(); err != nil {
		return nil, err
	}
	t.Negated = p.accept(tokKeyword, "NOT")
	return t, p.operator(t)
}

func (p *parser) exists(t *Test) (ComparisonExpr, error) {
	t.Negated = p.accept(tokKeyword, "NOT")
	if err := p.expect(tokKeyword, "EXISTS"); err != nil {
		return nil, err
	}
	t.Op = OpExists
	var err error
	t.Path, err = p.path()
	return t, err
}

func (p *parser) operator(t *Test) error {
	op := p.tok
	switch {
	case op.kind == tokOperator:
	case op.kind == tokKeyword && (op.text == "IN" || op.text == "LIKE" || op.text == "MATCHES" ||
		op.text == "ISSUBSET" || op.text == "ISSUPERSET"):
	default:
		what := "an operator (=, !=, <, <=, >, >=, IN, LIKE, MATCHES, ISSUBSET, ISSUPERSET)"
		if !t.Negated {
			what = "a path component, NOT, or " + what
		}
		return p.fail(what)
	}
	p.advance()
	t.Op = Op(op.text)
	var err error
	switch t.Op {
	case OpIn:
		t.Values, err = p.set()
		return err
	case OpLike, OpMatches, OpSubset, OpSuperset:
		if p.tok.kind != tokString {
			return p.fail("a string in single quotes")
		}
	case OpLess, OpLessEqual, OpGreater, OpGreaterEqual:
		if p.tok.kind == tokKeyword {
			return p.fail("a number, string, timestamp, hex or binary literal")
		}
	}
	v, err := p.literal()
	t.Values = []Literal{v}
	return err
}

func (p *parser) set() ([]Literal, error) {
	if !p.tok.is(tokPunct, "(") {
		return nil, p.fail("( and a list of literals")
	}
	if err := p.enter("("); err != nil {
		return nil, err
	}
	values := make([]Literal, 0, 4)
	if !p.tok.is(tokPunct, ")") {
		for {
			v, err := p.literal()
			if err != nil {
				return nil, err
			}
			values = append(values, v)
			if !p.accept(tokPunct, ",") {
				break
			}
		}
	}
	return values, p.leave(")", ", or ")
}

func (p *parser) literal() (Literal, error) {
	lit := Literal{Text: p.tok.text, Offset: int(p.tok.offset)}
	switch {
	case p.tok.kind == tokInt:
		lit.Kind = LitInt
	case p.tok.kind == tokFloat:
		lit.Kind = LitFloat
	case p.tok.kind == tokString:
		lit.Kind = LitString
	case p.tok.kind == tokHex:
		lit.Kind = LitHex
	case p.tok.kind == tokBinary:
		lit.Kind = LitBinary
	case p.tok.kind == tokTimestamp:
		lit.Kind = LitTimestamp
	case p.tok.kind == tokKeyword && (p.tok.text == "true" || p.tok.text == "false"):
		lit.Kind = LitBool
	default:
		return lit, p.fail("a literal (string, number, true, false, t'…', h'…' or b'…')")
	}
	p.advance()
	return lit, nil
}

func (p *parser) path() (Path, error) {
	path := Path{Type: p.tok.text, Offset: int(p.tok.offset)}
	if p.tok.kind != tokName && p.tok.kind != tokHyphenName {
		return path, p.fail("an object type such as file or ipv4-addr")
	}
	p.advance()
	if err := p.expect(tokPunct, ":"); err != nil {
		return path, err
	}
	key, err := p.key()
	if err != nil {
		return path, err
	}
	path.Steps = append(make([]Step, 0, 2), key)
	for {
		var step Step
		switch {
		case p.accept(tokPunct, "."):
			step, err = p.key()
		case p.tok.is(tokPunct, "["):
			step, err = p.index()
		default:
			return path, nil
		}
		if err != nil {
			return path, err
		}
		path.Steps = append(path.Steps, step)
	}
}

func (p *parser) key() (Step, error) {
	if p.tok.kind != tokName && p.tok.kind != tokString {
		return Step{}, p.fail("a property name, in quotes if it has other characters than letters, digits and _")
	}
	step := Step{Kind: StepKey, Key: p.tok.text}
	p.advance()
	return step, nil
}

func (p *parser) index() (Step, error) {
	if err := p.enter("["); err != nil {
		return Step{}, err
	}
	step := Step{Kind: StepAny}
	switch {
	case p.tok.kind == tokInt:
		n, err := strconv.Atoi(p.tok.text)
		if errors.Is(err, strconv.ErrRange) {
			n = math.MaxInt // no list is that long; neither is there a place before its first
		}
		step = Step{Kind: StepIndex, Index: n}
	case !p.tok.is(tokPunct, "*"):
		return step, p.fail("a list index or *")
	}
	p.advance()
	return step, p.leave("]", "")
}
