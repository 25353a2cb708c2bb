package lake

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"marque/match"
)

// zones computes the hash of a domain's registrable domain, remembering the domains seen last: the list of public suffixes is
// slow to walk and names recur.
type zones struct {
	seen []zoneOf
}

type zoneOf struct{ domain, zone int64 }

const zoneCache = 1 << 14

// hash returns the hash of the registrable domain of name, whose own hash is h.
func (z *zones) hash(name []byte, h int64, seed uint64) int64 {
	if z.seen == nil {
		z.seen = make([]zoneOf, zoneCache)
	}
	s := &z.seen[uint64(h)%zoneCache]
	if s.domain != h {
		*s = zoneOf{h, int64(match.Hash(match.Domain, name[len(name)-len(registrable(view(name))):], seed))}
	}
	return s.zone
}

// registrable returns the domain one label below the public suffix, or the name itself if it is a suffix.
func registrable(name string) string {
	suffix, _ := publicsuffix.PublicSuffix(name)
	if len(suffix) >= len(name) {
		return name
	}
	return name[strings.LastIndexByte(name[:len(name)-len(suffix)-1], '.')+1:]
}
