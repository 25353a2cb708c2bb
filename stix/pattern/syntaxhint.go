package pattern

import (
	"fmt"
	"strings"
)

// fail builds the error for the token at hand.
func (p *parser) fail(expected string) error {
	e := &SyntaxError{Offset: int(p.tok.offset), Expected: expected, Found: p.found(), Hint: p.hint()}
	e.Line, e.Column = position(p.lex.src, e.Offset)
	return e
}

// trailing is the error for text behind a complete pattern.
func (p *parser) trailing() error {
	return p.fail("AND, OR, FOLLOWEDBY, WITHIN, REPEATS, START or the end of the pattern")
}

func (p *parser) found() string {
	switch p.tok.kind {
	case tokEOF:
		return "the end of the pattern"
	case tokString:
		return "a string"
	}
	text := []rune(p.lex.src[p.tok.offset:p.tok.end])
	if len(text) > 40 {
		text = append(text[:40], '…')
	}
	return fmt.Sprintf("%q", string(text))
}

// hint guesses what the author meant. The first rule that fits speaks.
func (p *parser) hint() string {
	t := p.tok
	if t.kind == tokBad {
		return t.text
	}
	if t.kind == tokName || t.kind == tokHyphenName {
		if h := nameHint(t.text); h != "" {
			return h
		}
	}
	inBracket := len(p.open) > 0 && p.open[0].char == "[" || len(p.open) > 1 && p.open[len(p.open)-1].char == "["
	switch {
	case t.kind == tokHyphenName && (p.prev.is(tokPunct, ":") || p.prev.is(tokPunct, ".")):
		return fmt.Sprintf("a name with a hyphen needs quotes here: '%s'", t.text)
	case t.kind == tokKeyword && (p.prev.is(tokPunct, ":") || p.prev.is(tokPunct, ".")):
		return fmt.Sprintf("%s is a keyword; as a property name it needs quotes: '%s'", t.text, t.text)
	case t.is(tokPunct, ".") && p.prev.kind == tokName:
		return "the object type is separated from the path by a colon, as in file:size"
	case t.kind == tokString && p.prev.kind == tokKeyword && (p.prev.text == "START" || p.prev.text == "STOP"):
		return "put a t before the quote: t'…'"
	case t.kind == tokName && p.prev.kind == tokName && nameHint(p.prev.text) != "":
		return nameHint(p.prev.text)
	case len(p.open) == 0 && p.prev.kind == tokEOF && (t.kind == tokName || t.kind == tokHyphenName):
		return "a comparison stands in square brackets: [file:size = 1]"
	case t.kind == tokOperator && p.prev.kind == tokOperator:
		return "operators are =, !=, <, <=, >, >= and are written without a space inside"
	case (t.kind == tokName || t.kind == tokHyphenName) && inBracket && p.afterOperator():
		return "a string is written in single quotes"
	case t.is(tokPunct, ")") || t.is(tokPunct, "]"):
		return p.closingHint(t.text)
	case t.kind == tokEOF && len(p.open) > 0:
		return p.closingHint("")
	case t.is(tokPunct, "[") && p.prev.is(tokPunct, "]"):
		return "join the two observation expressions with AND, OR or FOLLOWEDBY"
	}
	return ""
}

func (p *parser) afterOperator() bool {
	switch p.prev.kind {
	case tokOperator:
		return true
	case tokKeyword:
		return p.prev.text != "AND" && p.prev.text != "OR" && p.prev.text != "NOT" && p.prev.text != "EXISTS"
	}
	return false
}

func (p *parser) closingHint(found string) string {
	if len(p.open) == 0 {
		return fmt.Sprintf("nothing is open that this %s could close", found)
	}
	last := p.open[len(p.open)-1]
	want := map[string]string{"(": ")", "[": "]"}[last.char]
	if found == want {
		return ""
	}
	line, column := position(p.lex.src, last.offset)
	return fmt.Sprintf("missing %s for the %s opened at line %d, column %d", want, last.char, line, column)
}

// nameHint knows the words that people write where the language has a keyword.
func nameHint(word string) string {
	upper := strings.ToUpper(word)
	switch upper {
	case "TRUE", "FALSE":
		return "booleans are written in lower case: " + strings.ToLower(word)
	case "NULL", "NONE", "NIL":
		return "the language has no null; ask NOT EXISTS path instead"
	case "SECOND", "SEC", "SECS", "MINUTE", "MINUTES", "HOUR", "HOURS", "DAY", "DAYS":
		return "the only unit of time is SECONDS"
	case "TIME":
		return "write TIMES"
	case "FOLLOWED":
		return "write FOLLOWEDBY as one word"
	}
	if word != upper && isKeyword(upper) {
		return fmt.Sprintf("%q must be written %s", word, upper)
	}
	return ""
}
