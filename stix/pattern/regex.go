package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// Limits of a MATCHES expression.
const (
	maxRegex     = 64 << 10 // bytes of source
	maxRegexSize = 100_000  // instructions of the engine, about
)

// verticalSpace is PCRE's \v and, with \r\n, its \R.
const verticalSpace = `\n\x0b\f\r\x{85}\x{2028}\x{2029}`

const horizontalSpace = `\t \x{a0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}`

// regex is a regular expression made ready. A search takes at most a time that is proportional to size and to the
// length of the value.
type regex struct {
	match func(string) bool
	size  int
}

// compileRegex turns a PCRE expression into one for Go's engine. What that engine cannot do is an error that wraps
// ErrUnsupported; what is no regular expression at all wraps ErrPattern.
func compileRegex(source string) (regex, error) {
	if len(source) > maxRegex {
		return regex{}, fmt.Errorf("regular expression of %d bytes: %w", len(source), ErrLimit)
	}
	if text, ok := plainText(source); ok {
		return text.regex(), nil
	}
	tree, translated, err := parseRegex(source)
	if err != nil {
		return regex{}, err
	}
	size := regexSize(tree)
	if size > maxRegexSize {
		return regex{}, fmt.Errorf("regular expression %.60q of %d instructions: %w", source, size, ErrLimit)
	}
	re, err := regexp.Compile(translated)
	if err != nil {
		return regex{}, regexError(source, err)
	}
	return regex{match: re.MatchString, size: size}, nil
}

// parseRegex translates a PCRE expression for Go's engine and parses it.
func parseRegex(source string) (tree *syntax.Regexp, translated string, err error) {
	t := regexTranslator{src: source}
	if err := t.run(); err != nil {
		return nil, "", err
	}
	translated = t.out.String()
	if tree, err = syntax.Parse(translated, syntax.Perl); err != nil {
		return nil, "", regexError(source, err)
	}
	return tree, translated, nil
}

func regexError(source string, err error) error {
	if se, ok := errors.AsType[*syntax.Error](err); ok {
		switch {
		case se.Code == syntax.ErrInvalidRepeatOp && strings.HasSuffix(se.Expr, "+"):
			return unsupported("possessive quantifier " + se.Expr)
		case se.Code == syntax.ErrInvalidRepeatSize, se.Code == syntax.ErrLarge, se.Code == syntax.ErrNestingDepth:
			return fmt.Errorf("regular expression %.60q: %s: %w", source, se.Code, ErrLimit)
		}
	}
	return fmt.Errorf("%w: regular expression %.60q: %w", ErrPattern, source, err)
}

// regexSize estimates how many instructions the engine needs: one for each character, class, choice and repetition,
// and those of a counted repetition as often as it is counted.
func regexSize(re *syntax.Regexp) int {
	size := 1 + len(re.Rune)
	for _, sub := range re.Sub {
		size += regexSize(sub)
	}
	if re.Op == syntax.OpRepeat {
		size *= max(1, re.Min, re.Max)
	}
	return min(size, maxRegexSize+1)
}

// anchored is a regular expression that is plain text, at the beginning of the value, at its end, or anywhere.
type anchored struct {
	text       string
	begin, end bool
}

// plainText reads a regular expression that has anchors and escaped punctuation at most, as those of most indicators.
func plainText(source string) (anchored, bool) {
	var a anchored
	var b strings.Builder
	source, a.begin = strings.CutPrefix(source, "^")
	for i := 0; i < len(source); i++ {
		c := source[i]
		switch {
		case c == '$' && i == len(source)-1:
			a.end = true
			continue
		case c == '\\' && i+1 < len(source) && source[i+1] < utf8.RuneSelf && !isNamePart(source[i+1]):
			i++
		case strings.IndexByte(`\.+*?()|[]{}^$`, c) >= 0:
			return a, false
		}
		b.WriteByte(source[i])
	}
	a.text = b.String()
	return a, true
}

func (a anchored) regex() regex {
	line := a.text + "\n" // PCRE: $ is also before a last newline
	match := func(v string) bool { return strings.Contains(v, a.text) }
	switch {
	case a.begin && a.end:
		match = func(v string) bool { return v == a.text || v == line }
	case a.begin:
		match = func(v string) bool { return strings.HasPrefix(v, a.text) }
	case a.end:
		match = func(v string) bool { return strings.HasSuffix(v, a.text) || strings.HasSuffix(v, line) }
	}
	return regex{match: match, size: 1}
}

func unsupported(what string) error {
	return fmt.Errorf("%s in MATCHES: %w", what, ErrUnsupported)
}

type regexTranslator struct {
	src       string
	pos       int
	out       strings.Builder
	multiline bool // (?m) was seen: $ then already means what PCRE means
}

func (t *regexTranslator) run() error {
	for t.pos < len(t.src) {
		var err error
		switch c := t.src[t.pos]; c {
		case '\\':
			err = t.escape(false)
		case '[':
			err = t.class()
		case '(':
			err = t.group()
		case '$':
			t.pos++
			if t.multiline {
				t.out.WriteByte('$')
			} else {
				t.out.WriteString(`(?:\n?\z)`) // PCRE: at the end, or before a last newline
			}
		default:
			t.out.WriteByte(c)
			t.pos++
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *regexTranslator) group() error {
	rest := t.src[t.pos:]
	for _, g := range [...]struct{ prefix, name string }{
		{"(?=", "lookahead"},
		{"(?!", "negative lookahead"},
		{"(?<=", "lookbehind"},
		{"(?<!", "negative lookbehind"},
		{"(?>", "atomic group"},
		{"(?|", "branch reset group"},
		{"(?(", "conditional group"},
		{"(?R", "recursion"},
		{"(?&", "subroutine call"},
		{"(?P>", "subroutine call"},
		{"(?P=", "backreference"},
		{"(*", "control verb"},
		{"(?C", "callout"},
		{"(?'", "quoted group name"},
	} {
		if strings.HasPrefix(rest, g.prefix) {
			return unsupported(g.name + " " + g.prefix + "…)")
		}
	}
	if strings.HasPrefix(rest, "(?#") {
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return fmt.Errorf("%w: regular expression comment is not closed", ErrPattern)
		}
		t.pos += end + 1
		return nil
	}
	if flags, ok := strings.CutPrefix(rest, "(?"); ok {
		if end := strings.IndexAny(flags, ":)"); end >= 0 && flags[0] != 'P' && flags[0] != '<' {
			on, _, _ := strings.Cut(flags[:end], "-")
			switch {
			case strings.Contains(on, "x"):
				return unsupported("extended mode (?x)")
			case on != "" && isDigit(on[0]):
				return unsupported("subroutine call (?" + on + ")")
			case strings.Contains(on, "m"):
				t.multiline = true
			}
		}
	}
	t.out.WriteByte('(')
	t.pos++
	return nil
}

// class copies a bracket expression.
func (t *regexTranslator) class() error {
	t.out.WriteByte('[')
	t.pos++
	if strings.HasPrefix(t.src[t.pos:], "^") {
		t.out.WriteByte('^')
		t.pos++
	}
	for first := true; t.pos < len(t.src); first = false {
		c := t.src[t.pos]
		switch {
		case c == '\\':
			if err := t.escape(true); err != nil {
				return err
			}
			continue
		case c == ']' && first:
			t.out.WriteByte('\\')
		case c == ']':
			t.out.WriteByte(']')
			t.pos++
			return nil
		case strings.HasPrefix(t.src[t.pos:], "[:"):
			if end := strings.Index(t.src[t.pos:], ":]"); end > 0 {
				t.out.WriteString(t.src[t.pos : t.pos+end+2])
				t.pos += end + 2
				continue
			}
		}
		t.out.WriteByte(c)
		t.pos++
	}
	return fmt.Errorf("%w: regular expression has an unclosed [", ErrPattern)
}

func (t *regexTranslator) escape(inClass bool) error {
	if t.pos+1 >= len(t.src) {
		return fmt.Errorf("%w: regular expression ends with a backslash", ErrPattern)
	}
	r, size := utf8.DecodeRuneInString(t.src[t.pos+1:])
	t.pos += 1 + size
	if s := spaceClass(r, inClass); s != "" {
		t.out.WriteString(s)
		return nil
	}
	switch {
	case r >= '1' && r <= '9' && inClass:
		return unsupported(fmt.Sprintf(`octal escape \%c`, r))
	case r >= '1' && r <= '9', r == 'g', r == 'k':
		return unsupported(fmt.Sprintf(`backreference \%c`, r))
	case r == 'K', r == 'G', r == 'X', r == 'C':
		return unsupported(fmt.Sprintf(`\%c`, r))
	case r == 'b' && inClass:
		t.out.WriteString(`\x08`)
	case r == 'Z' && !inClass:
		t.out.WriteString(`(?:\n?\z)`)
	case r == 'e':
		t.out.WriteString(`\x1b`)
	case r == 'x':
		t.hexEscape(2)
	case r == 'u':
		t.hexEscape(4)
	case r == 'c' && t.pos < len(t.src):
		fmt.Fprintf(&t.out, `\x%02x`, strings.ToUpper(t.src[t.pos : t.pos+1])[0]^0x40)
		t.pos++
	case r == 'Q':
		text, _, _ := strings.Cut(t.src[t.pos:], `\E`)
		t.out.WriteString(regexp.QuoteMeta(text))
		t.pos = min(len(t.src), t.pos+len(text)+2)
	case r == 'E':
	case r >= utf8.RuneSelf:
		t.out.WriteRune(r)
	default:
		t.out.WriteString(`\` + string(r))
	}
	return nil
}

// spaceClass gives PCRE's white space escapes in Go's words.
func spaceClass(r rune, inClass bool) string {
	set := ""
	switch r {
	case 's':
		set = `\s\x0b`
	case 'v':
		set = verticalSpace
	case 'h':
		set = horizontalSpace
	case 'S', 'V', 'H', 'N':
		if inClass {
			return ""
		}
		return "[^" + map[rune]string{'S': `\s\x0b`, 'V': verticalSpace, 'H': horizontalSpace, 'N': `\n`}[r] + "]"
	case 'R':
		return `(?:\r\n|[` + verticalSpace + `])`
	default:
		return ""
	}
	if inClass {
		return set
	}
	return "[" + set + "]"
}

// hexEscape writes \xh, \xhh, \x{h…} and \uhhhh in the one form that Go reads.
func (t *regexTranslator) hexEscape(width int) {
	if strings.HasPrefix(t.src[t.pos:], "{") {
		t.out.WriteString(`\x`)
		return
	}
	n := 0
	for n < width && t.pos+n < len(t.src) && strings.IndexByte("0123456789abcdefABCDEF", t.src[t.pos+n]) >= 0 {
		n++
	}
	digits := t.src[t.pos : t.pos+n]
	if n == 0 {
		digits = "0"
	}
	t.out.WriteString(`\x{` + digits + `}`)
	t.pos += n
}
