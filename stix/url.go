package stix

import (
	"regexp"
	"strings"
)

var schemePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)

// IsURL checks the characters and the scheme of RFC 3986, which STIX asks of every URL; what follows the scheme is its own
// business.
func IsURL(text string) bool {
	scheme := schemePattern.FindString(text)
	if scheme == "" || len(scheme) == len(text) {
		return false
	}
	brackets := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case isAlphanumeric(c), strings.IndexByte("-._~:/?#@!$&'()*+,;=", c) >= 0:
		case c == '%':
			if i+2 >= len(text) || !isHexDigit(text[i+1]) || !isHexDigit(text[i+2]) {
				return false
			}
		case c == '[' || c == ']':
			brackets = true
		default:
			return false
		}
	}
	if !brackets {
		return true
	}
	_, authority, _ := strings.Cut(text, "//") // brackets are for IP literals in the authority
	end := strings.IndexAny(authority, "/?#")
	return end < 0 || !strings.ContainsAny(authority[end:], "[]")
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// LinkTo is a reference to a page. Text that sources give for a link and that is no URL becomes the description: the reference
// stays valid, and nothing is lost (section 2.5).
func LinkTo(source, link string) ExternalReference {
	if IsURL(link) {
		return ExternalReference{SourceName: source, URL: link}
	}
	return ExternalReference{SourceName: source, Description: link}
}
