// Package plain keeps characters that do something, instead of showing something, away from terminals, tables and pages: control
// characters, which drive a terminal; direction overrides and isolates, with which a name reads as another one (CVE-2021-42574); and
// invisible ones, with which two names look alike.
package plain

import (
	"fmt"
	"strings"
	"unicode"
)

// Hidden tells whether a character shows nothing and may do something. Newlines and tabs are no such characters.
func Hidden(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029')
}

// Text is a text without hidden characters.
func Text(s string) string {
	return strings.Map(func(r rune) rune {
		if Hidden(r) {
			return -1
		}
		return r
	}, s)
}

// Line is a text in one line without hidden characters.
func Line(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case Hidden(r):
			return -1
		}
		return r
	}, s)
}

// JSON spells the hidden characters of a JSON text as escapes: it means the same, and can be shown.
func JSON(text []byte) []byte {
	if strings.IndexFunc(string(text), Hidden) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range string(text) {
		switch {
		case !Hidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return []byte(b.String())
}
