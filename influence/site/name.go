package site

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

// maxHost and maxLabel are the limits of RFC 1035, section 2.3.4. A longer host name cannot exist, so it is refused before it is read.
const (
	maxHost  = 253
	maxLabel = 63
)

// Name is a host name taken apart.
type Name struct {
	// Host is the name in lower case, without "www." and the final dot.
	Host string
	// Label is what the registrant chose: the label before the ending, decoded where it was punycode.
	Label string
	// Ending is what the registrant chose it under: a public suffix, or one sold like it (co.com).
	Ending string
	// Sub is what stands before the registered name, without the dot between.
	Sub string
}

// Registered is the name that was registered.
func (n Name) Registered() string { return n.Host[len(n.Host)-len(registeredPart(n.Host, n.Sub)):] }

func registeredPart(host, sub string) string {
	if sub == "" {
		return host
	}
	return host[len(sub)+1:]
}

// Parse takes a host name apart. URLs and defanged spellings (example[.]org) are the reader's business, not ours.
func Parse(host string) (Name, error) {
	if len(host) > maxHost+5 {
		return Name{}, fmt.Errorf("host of %d bytes: %w", len(host), ErrTooLong)
	}
	clean := lower(host)
	clean = strings.TrimSuffix(clean, ".")
	clean = strings.TrimPrefix(clean, "www.")
	last := strings.LastIndexByte(clean, '.')
	if last <= 0 || last == len(clean)-1 || len(clean) > maxHost {
		return Name{}, fmt.Errorf("host %q: %w", clean, ErrNotHost)
	}
	cut := last
	if first := strings.IndexByte(clean, '.'); first != last {
		cut = endingStart(clean, last)
	}
	start := strings.LastIndexByte(clean[:cut], '.') + 1
	n := Name{Host: clean, Label: clean[start:cut], Ending: clean[cut+1:]}
	if start > 0 {
		n.Sub = clean[:start-1]
	}
	if n.Label == "" || len(n.Label) > 4*maxLabel {
		return Name{}, fmt.Errorf("host %q: %w", clean, ErrNotHost)
	}
	n.Label = decoded(n.Label)
	return n, nil
}

// endingStart finds the dot before the ending of a name with three labels or more.
func endingStart(host string, last int) int {
	second := strings.LastIndexByte(host[:last], '.')
	if second > 0 && soldLikeEndings[host[second+1:]] {
		return second
	}
	// A platform's suffix (github.io) counts as well: who stands behind the name below it chose that label.
	suffix, _ := publicsuffix.PublicSuffix(host)
	if len(suffix) >= len(host) || suffix == "" {
		return last
	}
	return len(host) - len(suffix) - 1
}

// lower avoids a copy where there is nothing to change, which is nearly always.
func lower(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' || c <= ' ' {
			return strings.ToLower(strings.TrimSpace(strings.ToValidUTF8(s, "")))
		}
	}
	return s
}

// decoded turns punycode (RFC 3492) into what a reader sees. It is decoded once: what comes out is never decoded again.
func decoded(label string) string {
	if !strings.HasPrefix(label, "xn--") {
		return label
	}
	u, err := idna.Punycode.ToUnicode(label)
	if err != nil || u == "" || len(u) > 4*maxLabel {
		return label
	}
	return strings.ToLower(u)
}

// spelling is a label in the two forms that it is looked up by, on the stack.
type spelling struct {
	// folded: without hyphens and marks, look-alikes of other scripts as the ASCII letters that they pass for.
	folded [maxLabel]byte
	// shape: besides, digits and letters that are read alike made one, doubled letters made single.
	shape   [maxLabel]byte
	nf, ns  int
	hyphens bool
	foreign bool // letters of another script were taken for ASCII ones
}

// spell folds a label. Where the label is longer than a label can be the rest is left off.
func (s *spelling) spell(label string) {
	s.nf, s.ns, s.hyphens, s.foreign = 0, 0, false, false
	for i := range len(label) {
		c := label[i]
		if c >= utf8.RuneSelf {
			s.spellUnicode(label)
			break
		}
		if c == '-' {
			s.hyphens = true
			continue
		}
		if s.nf < len(s.folded) {
			s.folded[s.nf] = c
			s.nf++
		}
	}
	s.makeShape()
}

// spellUnicode is spell for labels in other letters than ASCII.
func (s *spelling) spellUnicode(label string) {
	s.nf = 0
	for _, r := range norm.NFKD.String(label) {
		switch {
		case r == '-' || r == '‐' || r == '·':
			s.hyphens = true
			continue
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
			continue
		}
		r = unicode.ToLower(r)
		if a, ok := lookAlike[r]; ok {
			r, s.foreign = rune(a), true
		}
		if n := utf8.RuneLen(r); n > 0 && s.nf+n <= len(s.folded) {
			s.nf += utf8.EncodeRune(s.folded[s.nf:], r)
		}
	}
}

func (s *spelling) makeShape() {
	hasLetter := false
	for _, c := range s.folded[:s.nf] {
		if c < '0' || c > '9' {
			hasLetter = true
			break
		}
	}
	f := s.folded[:s.nf]
	if !hasLetter { // a number is itself
		s.ns = copy(s.shape[:], f)
		return
	}
	for i := 0; i < len(f); i++ {
		c := f[i]
		if i+1 < len(f) {
			if p := pairShape(c, f[i+1]); p != 0 {
				c = p
				i++
			}
		}
		c = shapes[c]
		if s.ns == 0 || s.shape[s.ns-1] != c {
			s.shape[s.ns] = c
			s.ns++
		}
	}
}

// pairShape is the letter that two letters run together to, or 0.
func pairShape(a, b byte) byte {
	for _, p := range shapePairs {
		if p.a == a && p.b == b {
			return p.as
		}
	}
	return 0
}
