package value

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// How addresses are made harmless, and back. An opening or closing bracket alone is met too: people lose the other.
var (
	bracketedDot   = regexp.MustCompile(`(?i)\s?[\[({<]\s?(?:\.|dot|d0t|punkt|punto|point)\s?[\])}>]\s?`)
	bracketedColon = regexp.MustCompile(`\s?[\[({<](:(?:/{1,2})?|/{1,2})[\])}>]`)
	bracketedAt    = regexp.MustCompile(`(?i)\s?[\[({<]\s?(?:@|at|et)\s?[\])}>]\s?`)
	halfDot        = strings.NewReplacer("[.", ".", ".]", ".", "(.", ".", `\.`, ".", "{.", ".")
	fangedScheme   = regexp.MustCompile(`(?i)^[\[({<]?(h(?:tt|xx|\*\*|__|--|\+\+|zz|tx|xt)p|meow|fxp|ftp)(s?)[\])}>]?\s?(?::|__|\[:\])\s?[/\\]{2}\s?`)
)

// unseen are characters that are not seen and mean nothing in a value: places to break a word, marks of direction, byte order marks.
var unseen = strings.NewReplacer("\u00ad", "", "\u200b", "", "\u200c", "", "\u200d", "", "\u2060", "", "\ufeff", "", "\u200e", "", "\u200f", "",
	"\u202a", "", "\u202b", "", "\u202c", "", "\u202d", "", "\u202e", "", "\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "")

// Refang undoes the ways in which addresses are made harmless ("hxxps[:]//a[.]example", "user (at) a (dot) example") and drops
// characters that are not seen. Text that is none of that comes back as it is.
func Refang(s string) string {
	if !plainASCII(s) {
		s = norm.NFKC.String(unseen.Replace(s))
	}
	if strings.ContainsAny(s, "[({<") {
		s = bracketedColon.ReplaceAllString(s, "$1")
		s = bracketedDot.ReplaceAllString(s, ".")
	}
	if m := fangedScheme.FindStringSubmatchIndex(s); m != nil {
		scheme := "http"
		if first := s[m[2]] | 0x20; first == 'f' {
			scheme = "ftp"
		}
		if m[4] < m[5] {
			scheme += "s"
		}
		s = scheme + "://" + s[m[1]:]
	}
	if !strings.Contains(s, "://") {
		s = bracketedAt.ReplaceAllString(s, "@")
		return halfDot.Replace(s)
	}
	return refangHost(s)
}

// refangHost mends half brackets in a URL's host only: a path may hold any of them.
func refangHost(s string) string {
	scheme, rest, _ := strings.Cut(s, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host := rest[:end]
	if !strings.HasPrefix(host, "[") || !strings.Contains(host, ":") { // an IPv6 address stands in brackets
		host = halfDot.Replace(host)
	}
	return scheme + "://" + host + rest[end:]
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
