package pattern

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokKeyword
	tokName       // identifier without a hyphen
	tokHyphenName // identifier with a hyphen: object types only
	tokInt
	tokFloat
	tokString
	tokHex
	tokBinary
	tokTimestamp
	tokOperator // = != < <= > >=
	tokPunct    // : . , ( ) [ ] *
	tokBad      // nothing that the grammar knows
)

// token is one lexical unit. text is canonical: a string without quotes and escapes, == as =, a number without plus; of a
// tokBad it says why it is bad. A token is small enough to be kept in registers.
type token struct {
	kind        tokenKind
	offset, end int32 // MaxLength fits
	text        string
}

func (t token) is(kind tokenKind, text string) bool { return t.kind == kind && t.text == text }

func isKeyword(s string) bool {
	switch s {
	case "AND", "OR", "NOT", "FOLLOWEDBY", "LIKE", "MATCHES", "ISSUPERSET", "ISSUBSET", "EXISTS", "LAST",
		"IN", "START", "STOP", "SECONDS", "true", "false", "WITHIN", "REPEATS", "TIMES":
		return true
	}
	return false
}

// isSpace holds the white space of the grammar; it is neither Unicode's nor Go's list.
func isSpace(r rune) bool {
	switch r {
	case ' ', '\t', '\r', '\n', '\v', '\f', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
		return true
	}
	return r >= 0x2000 && r <= 0x200A
}

// lexer splits a pattern into tokens on demand, each the longest that fits, as the grammar's ANTLR lexer does.
type lexer struct {
	src string
	pos int
}

func (l *lexer) next() token {
	if bad, ok := l.skipBlanks(); !ok {
		return bad
	}
	start := l.pos
	if start == len(l.src) {
		return token{kind: tokEOF, offset: int32(start), end: int32(start)}
	}
	t := l.scan(l.src[start:])
	t.offset, t.end = int32(start), int32(l.pos)
	return t
}

// skipBlanks passes over white space and comments. A comment that never ends is reported as a bad token.
func (l *lexer) skipBlanks() (token, bool) {
	for l.pos < len(l.src) {
		if l.src[l.pos] == ' ' {
			l.pos++
			continue
		}
		rest := l.src[l.pos:]
		if r, size := utf8.DecodeRuneInString(rest); isSpace(r) {
			l.pos += size
			continue
		}
		switch {
		case strings.HasPrefix(rest, "//"):
			if n := strings.IndexAny(rest, "\r\n"); n >= 0 {
				l.pos += n
			} else {
				l.pos = len(l.src)
			}
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				at := int32(l.pos)
				l.pos = len(l.src)
				return token{kind: tokBad, offset: at, end: at + 2, text: "this comment is never closed with */"}, false
			}
			l.pos += n + 4
		default:
			return token{}, true
		}
	}
	return token{}, true
}

func (l *lexer) scan(rest string) token {
	c := rest[0]
	switch {
	case isNameStart(c):
		return l.scanName(rest)
	case c >= '0' && c <= '9', c == '+', c == '-', c == '.':
		return l.scanNumber(rest)
	case c == '\'':
		text, n, problem := scanString(rest)
		if problem != "" {
			return l.take(tokBad, 1, problem)
		}
		return l.take(tokString, n, text)
	}
	if n, op := scanOperator(rest); n > 0 {
		return l.take(tokOperator, n, op)
	}
	if strings.IndexByte(":,()[]*", c) >= 0 {
		return l.take(tokPunct, 1, rest[:1])
	}
	_, size := utf8.DecodeRuneInString(rest)
	return l.take(tokBad, size, badCharacterHint(rest[:size]))
}

// scanOperator gives the length and the canonical form of a comparison operator at the start of s.
func scanOperator(s string) (n int, op string) {
	second := byte(0)
	if len(s) > 1 {
		second = s[1]
	}
	switch s[0] {
	case '=':
		if second == '=' {
			return 2, "="
		}
		return 1, "="
	case '!':
		if second == '=' {
			return 2, "!="
		}
	case '<':
		switch second {
		case '>':
			return 2, "!="
		case '=':
			return 2, "<="
		}
		return 1, "<"
	case '>':
		if second == '=' {
			return 2, ">="
		}
		return 1, ">"
	}
	return 0, ""
}

func (l *lexer) take(kind tokenKind, n int, text string) token {
	l.pos += n
	return token{kind: kind, text: text}
}

func badCharacterHint(s string) string {
	switch s {
	case "“", "”", "‘", "’", "\"", "`":
		return "strings are written in straight single quotes: 'like this'"
	case "/":
		return "a regular expression is a string in single quotes, not between slashes"
	case "&":
		return "write AND"
	case "|":
		return "write OR"
	case "!":
		return "write NOT before the operator, or !="
	case "\ufeff":
		return "the text begins with a byte order mark: remove it"
	}
	return ""
}

func isNameStart(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

func isNamePart(c byte) bool { return isNameStart(c) || isDigit(c) }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (l *lexer) scanName(rest string) token {
	if len(rest) > 1 && rest[1] == '\'' {
		if t, ok := l.scanTyped(rest); ok {
			return t
		}
	}
	n, kind := 1, tokName
	for n < len(rest) && (isNamePart(rest[n]) || rest[n] == '-') {
		if rest[n] == '-' {
			kind = tokHyphenName
		}
		n++
	}
	if isKeyword(rest[:n]) {
		kind = tokKeyword
	}
	return l.take(kind, n, rest[:n])
}

// scanTyped reads h'..', b'..' and t'..'. A broken one is a bad token with the reason.
func (l *lexer) scanTyped(rest string) (token, bool) {
	var kind tokenKind
	var valid func(string) string
	switch rest[0] {
	case 'h':
		kind, valid = tokHex, hexProblem
	case 'b':
		kind, valid = tokBinary, base64Problem
	case 't':
		kind, valid = tokTimestamp, timestampProblem
	case 'H', 'B', 'T':
		return l.take(tokBad, 1, fmt.Sprintf("the prefix must be lower-case: %s'…'", strings.ToLower(rest[:1]))), true
	default:
		return token{}, false
	}
	n := strings.IndexByte(rest[2:], '\'')
	if n < 0 {
		return l.take(tokBad, 1, "this literal is never closed with a single quote"), true
	}
	text := rest[2 : 2+n]
	if problem := valid(text); problem != "" {
		return l.take(tokBad, 1, problem), true
	}
	return l.take(kind, n+3, text), true
}

func (l *lexer) scanNumber(rest string) token {
	sign, i := "", 0
	if rest[0] == '+' || rest[0] == '-' {
		sign, i = strings.TrimPrefix(rest[:1], "+"), 1
	}
	digits := countDigits(rest[i:])
	if fraction := rest[i+digits:]; len(fraction) > 1 && fraction[0] == '.' && isDigit(fraction[1]) {
		n := i + digits + 1 + countDigits(fraction[1:])
		return l.take(tokFloat, n, sign+rest[i:n])
	}
	switch {
	case digits == 0 && rest[0] == '.':
		return l.take(tokPunct, 1, ".")
	case digits == 0:
		return l.take(tokBad, 1, "a sign must stand directly before its number")
	case rest[i] == '0':
		digits = 1 // no leading zeros: 01 is 0 and then 1
	}
	return l.take(tokInt, i+digits, sign+rest[i:i+digits])
}

func countDigits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// scanString reads a string literal at the start of s: its value and its length, or why it is none.
func scanString(s string) (value string, n int, problem string) {
	if end := strings.IndexAny(s[1:], `'\`); end >= 0 && s[1+end] == '\'' {
		return s[1 : 1+end], end + 2, ""
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\'':
			return b.String(), i + 1, ""
		case '\\':
			if i+1 == len(s) || (s[i+1] != '\'' && s[i+1] != '\\') {
				return "", 0, `in a string a backslash is written \\ and a quote \'`
			}
			i++
		}
		b.WriteByte(s[i])
	}
	return "", 0, "this string is never closed with a single quote"
}

func hexProblem(s string) string {
	if len(s)%2 != 0 {
		return "a hex literal needs two digits for each byte"
	}
	for i := range len(s) {
		if c := s[i] | 0x20; !isDigit(s[i]) && (c < 'a' || c > 'f') {
			return fmt.Sprintf("%q is not a hex digit", s[i])
		}
	}
	return ""
}

// base64Problem checks for what the grammar asks: groups of four characters, padding only at the end, not empty.
func base64Problem(s string) string {
	if s == "" || len(s)%4 != 0 {
		return "base64 comes in groups of four characters, and at least one group"
	}
	body := strings.TrimSuffix(strings.TrimSuffix(s, "="), "=")
	for i := range len(body) {
		if c := body[i]; c == '_' || !isNamePart(c) && c != '+' && c != '/' {
			return fmt.Sprintf("%q is not a base64 character here", c)
		}
	}
	return ""
}

// timestampProblem checks for what the grammar asks. It lets 30 February pass, as the grammar does.
func timestampProblem(s string) string {
	const shape = "0000-00-00T00:00:00"
	wrong := "a timestamp is written t'2006-01-02T15:04:05Z', with optional fraction, capital T and Z"
	if len(s) <= len(shape) {
		return wrong
	}
	for i := range len(shape) {
		if shape[i] == '0' && !isDigit(s[i]) || shape[i] != '0' && s[i] != shape[i] {
			return wrong
		}
	}
	rest, ok := strings.CutSuffix(s[len(shape):], "Z")
	if !ok || rest != "" && (rest[0] != '.' || len(rest) == 1 || countDigits(rest[1:]) != len(rest)-1) {
		return wrong
	}
	for _, field := range [...]struct {
		at       int
		low, top string
		name     string
	}{
		{5, "01", "12", "month"},
		{8, "01", "31", "day"},
		{11, "00", "23", "hour"},
		{14, "00", "59", "minute"},
		{17, "00", "60", "second"},
	} {
		if v := s[field.at : field.at+2]; v < field.low || v > field.top {
			return fmt.Sprintf("%s %s is out of range", field.name, v)
		}
	}
	return ""
}
