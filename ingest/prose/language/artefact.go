package language

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// artefact is the length and kind of the technical trace at the beginning of s, which has no space; 0 where there is none.
func artefact(s string) (int, Kind) {
	for _, find := range artefacts {
		if n, kind := find(s); n > 0 {
			return n, kind
		}
	}
	return 0, Plain
}

var artefacts = []func(string) (int, Kind){link, identifier, digest, path, handle, host}

// link is a URL, its scheme perhaps disguised (hxxp, http[:]//).
func link(s string) (int, Kind) {
	colon := strings.IndexAny(s[:min(len(s), 12)], ":[")
	if colon >= 3 && plainLetters(s[:colon]) {
		rest := s[colon:]
		for _, sep := range []string{"://", "[:]//", "[://]", ":\\\\"} {
			if strings.HasPrefix(rest, sep) {
				return trimmed(s, colon+len(sep)), URL
			}
		}
	}
	if low := strings.ToLower(s[:min(len(s), 6)]); strings.HasPrefix(low, "www.") || strings.HasPrefix(low, "www[.]") {
		return trimmed(s, 4), URL
	}
	return 0, Plain
}

func plainLetters(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return s != ""
}

// trimmed is the end of what begins as a link: up to a quote or angle, without the punctuation of the sentence around it.
func trimmed(s string, from int) int {
	end := from
	opened := 0
	for end < len(s) && !strings.ContainsRune("<>\"|`", rune(s[end])) {
		switch s[end] {
		case '(', '[':
			opened++
		case ')', ']':
			if opened == 0 {
				return clean(s, from, end)
			}
			opened--
		}
		end++
	}
	return clean(s, from, end)
}

func clean(s string, from, end int) int {
	for end > from {
		r, n := utf8.DecodeLastRuneInString(s[:end])
		if !strings.ContainsRune(".,;:!?'’”»*_", r) {
			break
		}
		end -= n
	}
	return end
}

// identifier is a number of a vulnerability or technique.
func identifier(s string) (int, Kind) {
	if len(s) > 9 && strings.EqualFold(s[:4], "CVE-") {
		n := 4
		for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] == '-' && n == 8) {
			n++
		}
		if n > 9 {
			return n, Ident
		}
	}
	if len(s) >= 5 && s[0] == 'T' && figures(s[1:]) == 4 {
		if len(s) >= 9 && s[5] == '.' && figures(s[6:]) == 3 {
			return 9, Ident
		}
		return 5, Ident
	}
	return 0, Plain
}

func figures(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// digest is a hash by the number of its hexadecimal figures.
func digest(s string) (int, Kind) {
	n, digits := 0, 0
	for n < len(s) {
		c := s[n]
		if c >= '0' && c <= '9' {
			digits++
		} else if c |= 0x20; c < 'a' || c > 'f' {
			break
		}
		n++
	}
	if n < len(s) {
		if r, _ := utf8.DecodeRuneInString(s[n:]); letter(r) {
			return 0, Plain
		}
	}
	switch n {
	case 32, 40, 56, 64, 96, 128:
		if digits > 0 {
			return n, Digest
		}
	}
	return 0, Plain
}

// path is a path of Windows or Unix, or a key of the registry.
func path(s string) (int, Kind) {
	windows := len(s) > 3 && plainLetters(s[:1]) && s[1] == ':' && s[2] == '\\' || len(s) > 3 && s[0] == '\\' && s[1] == '\\'
	if !windows && s[0] == '%' {
		end := strings.IndexByte(s[1:], '%')
		windows = end > 1 && plainLetters(s[1:end+1])
	}
	if !windows && strings.HasPrefix(s, "HK") {
		slash := strings.IndexByte(s, '\\')
		windows = slash > 2 && slash < 22
	}
	if windows {
		return clean(s, 3, strings.IndexFunc(s+" ", func(r rune) bool { return strings.ContainsRune(" \"<>|,;)", r) })), Path
	}
	if s[0] == '/' || strings.HasPrefix(s, "~/") || strings.HasPrefix(s, "./") {
		end := strings.IndexFunc(s+" ", func(r rune) bool {
			return !letter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/._-~+%", r)
		})
		if p := s[:end]; strings.Count(p, "/") >= 2 && len(p) > 3 {
			return clean(s, 1, end), Path
		}
	}
	return 0, Plain
}

// handle is an account's name or a topic.
func handle(s string) (int, Kind) {
	if s[0] != '@' && s[0] != '#' {
		return 0, Plain
	}
	n := 1
	for n < len(s) {
		r, k := utf8.DecodeRuneInString(s[n:])
		if !letter(r) && !unicode.IsDigit(r) && r != '_' {
			break
		}
		n += k
	}
	if n < 3 || figures(s[1:n]) == n-1 {
		return 0, Plain
	}
	return n, Handle
}

// host is what is written with points: a domain, an address, an e-mail address or a file's name. Points may be disguised.
func host(s string) (int, Kind) {
	end, points, disguised, at := 0, 0, false, -1
	label := 0 // where the last label begins
	for end < len(s) {
		c := s[end]
		if n := point(s[end:]); n > 0 {
			after, _ := utf8.DecodeRuneInString(s[end+n:])
			if end == label || !letter(after) && !unicode.IsDigit(after) {
				break
			}
			points++
			disguised = disguised || n > 1
			end += n
			label = end
			continue
		}
		if c == '@' && at < 0 && end > 0 {
			at, points = end, 0
			end++
			label = end
			continue
		}
		r, n := utf8.DecodeRuneInString(s[end:])
		if !letter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' && (r != '+' || at >= 0) {
			break
		}
		end += n
	}
	if points == 0 || end == label {
		return 0, Plain
	}
	last := strings.ToLower(s[label:end])
	switch _, known := lists().domains[last]; {
	case at > 0:
		return end, Email
	case figures(last) == len(last):
		if points == 3 && addressLike(s[:end]) {
			return withPort(s, end), Host
		}
	case disguised:
		return withPort(s, end), Host
	case fileLike(last) && label > 1:
		return end, File
	case known && points >= 1 && unicode.IsLower(rune(s[label])) && label > 2:
		return withPort(s, end), Host
	}
	return 0, Plain
}

// point is the length of a point at the beginning of s, also disguised; 0 for none.
func point(s string) int {
	if s[0] == '.' {
		return 1
	}
	if s[0] != '[' && s[0] != '(' && s[0] != '{' {
		return 0
	}
	for _, p := range []string{"[.]", "(.)", "{.}", "[dot]", "(dot)", "[.", "[@]"} {
		if strings.HasPrefix(s, p) && p != "[@]" {
			return len(p)
		}
	}
	return 0
}

func addressLike(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) && !strings.ContainsRune(".[](){}dot", r) }) < 0
}

func withPort(s string, end int) int {
	if end < len(s) && (s[end] == ':' || s[end] == '/') {
		if s[end] == '/' {
			return trimmed(s, end+1)
		}
		if n := figures(s[end+1:]); n > 0 {
			return end + 1 + n
		}
	}
	return end
}

func fileLike(ending string) bool {
	_, ok := lists().files[ending]
	return ok
}
