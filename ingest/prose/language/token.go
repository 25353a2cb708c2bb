package language

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is what a token is by its letters alone.
type Kind uint8

// Kinds of tokens.
const (
	Plain  Kind = iota // a word
	Number             // figures, also with separators, and times of day
	Mark               // punctuation and symbols
	URL                // also defanged
	Host               // a domain name or an address with points, also defanged
	Email
	Digest // MD5, SHA-1, SHA-2 as hexadecimal figures
	Ident  // CVE-2021-44228, T1059.001
	Path   // a path or key of the registry
	File   // a file's name with its ending
	Handle // @name, #topic
	Blob   // too long to be anything that is read
)

var kindNames = [...]string{"word", "number", "mark", "url", "host", "email", "digest", "identifier", "path", "file", "handle", "blob"}

// String names the kind.
func (k Kind) String() string { return kindNames[k] }

// Artefact says whether a token of this kind is a technical trace and no word of the language.
func (k Kind) Artefact() bool { return k >= URL }

// span is a token before it is known to which sentence it belongs.
type span struct {
	start, end int
	kind       Kind
	glued      bool // no space before it
}

// longestRun is the number of bytes without a space up to which tokens are looked for. What is longer is a [Blob].
const longestRun = 2048

// tokens cuts text[from:to] into tokens, as the Universal Dependencies treebanks of English do: clitics are words,
// hyphens stand alone but after a prefix and within a name, what an analyst would copy as one piece stays one.
func tokens(text string, from, to int, out []span) []span {
	for i := from; i < to; {
		r, n := utf8.DecodeRuneInString(text[i:to])
		if unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' {
			i += n
			continue
		}
		end := i
		for end < to {
			r, n := utf8.DecodeRuneInString(text[end:to])
			if unicode.IsSpace(r) {
				break
			}
			end += n
		}
		if end-i > longestRun {
			out = append(out, span{i, end, Blob, false})
		} else {
			out = run(text, i, end, out)
		}
		i = end
	}
	return out
}

// run cuts what stands between two spaces.
func run(text string, from, to int, out []span) []span {
	first := len(out)
	for i := from; i < to; {
		s := text[i:to]
		n, kind := artefact(s)
		if n == 0 {
			n, kind = number(s)
		}
		if n > 0 {
			out = append(out, span{i, i + n, kind, true})
			i += n
			continue
		}
		if n = word(s); n > 0 {
			out = cut(text, i, i+n, out)
			i += n
			continue
		}
		n = mark(s)
		out = append(out, span{i, i + n, Mark, true})
		i += n
	}
	if len(out) > first {
		out[first].glued = false
	}
	return out
}

// mark is the length of the punctuation at the beginning of s: one character, or a run of the same that is written as one.
func mark(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	if !strings.ContainsRune(".-!?=*_#~", r) {
		return n
	}
	k := n
	for k < len(s) && s[k] == s[0] && n == 1 {
		k++
	}
	return k
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

func quote(r rune) bool { return r == '\'' || r == '’' }

// word is the length of the word at the beginning of s, with points of abbreviations, apostrophes and hyphens that belong to it.
func word(s string) int {
	end, last := 0, rune(0)
	for end < len(s) {
		r, n := utf8.DecodeRuneInString(s[end:])
		next, m := utf8.DecodeRuneInString(s[end+n:])
		inner := m > 0 && (letter(next) || unicode.IsDigit(next)) && end > 0
		switch {
		case letter(r), unicode.IsDigit(r):
		case quote(r) && inner:
		case quote(r) && last == 's' && !inner: // the possessive of a plural
			return end
		case r == '.' && end > 0 && pointBelongs(s, end):
		case r == '&' && inner && unicode.IsUpper(last) && unicode.IsUpper(next): // R&D, AT&T
		case r == '_' && inner:
		case r == '-' && inner && hyphenBelongs(s, end):
		default:
			return end
		}
		last = r
		end += n
	}
	return end
}

// pointBelongs says whether the point at s[at] is part of the word before it: an abbreviation, initials, a name like ASP.NET.
func pointBelongs(s string, at int) bool {
	start := strings.LastIndexFunc(s[:at], func(r rune) bool { return !letter(r) && r != '.' }) + 1
	before := strings.ToLower(s[start:at])
	next, _ := utf8.DecodeRuneInString(s[at+1:])
	if _, ok := lists().abbreviations[before]; ok {
		return true
	}
	tail := before[strings.LastIndexByte(before, '.')+1:]
	if utf8.RuneCountInString(tail) == 1 && letter(rune(tail[0])) { // U.S., J. Smith
		first, _ := utf8.DecodeRuneInString(s[start:])
		return letter(next) && at+1 < len(s) || unicode.IsUpper(first) || strings.Contains(before, ".")
	}
	return at+1 < len(s) && unicode.IsUpper(next) && len(s) > at+3 && strings.ToUpper(s[at+1:at+4]) == s[at+1:at+4]
}

// hyphenBelongs says whether the hyphen at s[at] joins a prefix or is part of a name with figures (Storm-0501, APT-C-36).
func hyphenBelongs(s string, at int) bool {
	start := strings.LastIndexFunc(s[:at], func(r rune) bool { return !letter(r) && !unicode.IsDigit(r) }) + 1
	before := s[start:at]
	if _, ok := lists().prefixes[strings.ToLower(before)]; ok && start == 0 {
		return true
	}
	first, _ := utf8.DecodeRuneInString(s)
	if !unicode.IsUpper(first) && !unicode.IsDigit(first) {
		return false
	}
	end := at + 1
	figure, lower := false, false
	for end < len(s) {
		r, n := utf8.DecodeRuneInString(s[end:])
		if !letter(r) && !unicode.IsDigit(r) && r != '-' {
			break
		}
		figure = figure || unicode.IsDigit(r)
		lower = lower || unicode.IsLower(r)
		end += n
	}
	if !unicode.IsUpper(first) {
		return figure && !lower && strings.ContainsFunc(before, letter)
	}
	return figure && (!lower || end-at <= 3)
}

// cut takes clitics off a word.
func cut(text string, from, to int, out []span) []span {
	w := text[from:to]
	low := strings.ToLower(strings.ReplaceAll(w, "’", "'"))
	lift := len(w) - len(low) // a typographic apostrophe has three bytes
	if n, ok := lists().joined[low]; ok {
		return append(out, span{from, from + n, Plain, true}, span{from + n, to, Plain, true})
	}
	for _, c := range lists().clitics {
		if strings.HasSuffix(low, c) && len(low) > len(c) {
			at := to - len(c)
			if lift > 0 && strings.Contains(w[len(w)-min(len(w), len(c)+lift):], "’") {
				at = max(from+1, to-len(c)-2)
			}
			return append(out, span{from, at, Plain, true}, span{at, to, Plain, true})
		}
	}
	return append(out, span{from, to, Plain, true})
}

// number is the length of the number at the beginning of s with separators, or of a time or date in figures.
func number(s string) (int, Kind) {
	end := 0
	for end < len(s) {
		c := s[end]
		if c >= '0' && c <= '9' {
			end++
			continue
		}
		if end > 0 && strings.IndexByte(".,:/-", c) >= 0 && end+1 < len(s) && s[end+1] >= '0' && s[end+1] <= '9' {
			end++
			continue
		}
		break
	}
	if end == 0 {
		return 0, Plain
	}
	rest := s[end:]
	if r, _ := utf8.DecodeRuneInString(rest); letter(r) {
		for _, unit := range []string{"am", "pm", "AM", "PM"} {
			if after, ok := strings.CutPrefix(rest, unit); ok {
				if r, _ := utf8.DecodeRuneInString(after); !letter(r) {
					return end, Number
				}
			}
		}
		return 0, Plain // 3rd, 70s, 16GB, 8Base: a word with figures
	}
	if d := strings.Count(s[:end], "-"); d > 0 && d != 2 {
		return strings.IndexByte(s, '-'), Number // 2016-2017 is a span of two
	}
	return end, Number
}
