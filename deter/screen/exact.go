package screen

import (
	"cmp"
	"strings"

	"golang.org/x/net/idna"

	"marque/ingest/sanctions"
)

// exactKeys are the keys under which a subject is found exactly.
func exactKeys(s *sanctions.Subject) []string {
	var out []string
	for _, w := range s.Wallets {
		// A currency whose check is not known here is found as it is written.
		out = append(out, "wallet:"+cmp.Or(WalletKey(w.Address), w.Address))
	}
	for _, id := range s.Identifiers {
		if key := identifierKey(id.Kind, id.Value); key != "" {
			out = append(out, key)
		}
	}
	return out
}

// numbersKind is the kind under which numbers are found that lists and askers call by different words.
const numbersKind = "number:"

func identifierKey(kind sanctions.IdentifierKind, value string) string {
	switch kind {
	case sanctions.Email:
		if e := canonicalEmail(value); e != "" {
			return "email:" + e
		}
	case sanctions.Website:
		if d := canonicalDomain(value); d != "" {
			return "domain:" + d
		}
	default:
		if n := canonicalNumber(value); n != "" {
			return numbersKind + n
		}
	}
	return ""
}

// leastNumber is the least length of a number that is looked up: shorter ones are shared by many registers.
const leastNumber = 5

// canonicalNumber takes off what numbers are written with: spaces, dashes, dots, the word in front.
func canonicalNumber(s string) string {
	var b strings.Builder
	digit := false
	for _, r := range strings.ToUpper(s) {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			b.WriteRune(r)
			digit = digit || r <= '9'
		}
	}
	n := strings.TrimPrefix(b.String(), "IMO")
	if len(n) < leastNumber || !digit {
		return ""
	}
	return n
}

func canonicalEmail(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	local, host, ok := strings.Cut(s, "@")
	if !ok || local == "" {
		return ""
	}
	if host = canonicalDomain(host); host == "" {
		return ""
	}
	return local + "@" + host
}

// canonicalDomain takes the host out of an address and writes it in ASCII, without www.
func canonicalDomain(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	s = strings.ReplaceAll(s, "[.]", ".")
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	s, _, _ = strings.Cut(s, "/")
	s, _, _ = strings.Cut(s, ":")
	s = strings.TrimPrefix(strings.TrimSuffix(s, "."), "www.")
	a, err := idna.Lookup.ToASCII(s)
	if err != nil || !strings.Contains(a, ".") {
		return ""
	}
	return a
}

// Exact is what an identifier finds.
type Exact struct {
	Subject *sanctions.Subject `json:"-"`
	// As says what the value was taken for: "wallet", "email", "domain", "number".
	As string `json:"as"`
}

// Lookup finds the subjects that have exactly this wallet, e-mail address, domain or number, after its spelling is made canonical. A
// domain also finds what is listed for the domains above it.
func (ix *Index) Lookup(value string) []Exact {
	var out []Exact
	take := func(as, key string) {
		if key == "" {
			return
		}
		for _, id := range ix.exact[as+":"+key] {
			out = append(out, Exact{Subject: ix.subjects[id], As: as})
		}
	}
	value = strings.TrimSpace(value)
	if len(value) > MaxName {
		return nil
	}
	take("wallet", cmp.Or(WalletKey(value), value))
	if e := canonicalEmail(value); e != "" {
		take("email", e)
		return out
	}
	if d := canonicalDomain(value); d != "" {
		for ; strings.Contains(d, "."); _, d, _ = strings.Cut(d, ".") {
			take("domain", d)
		}
	}
	take("number", canonicalNumber(value))
	return out
}
