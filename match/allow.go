package match

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"strings"

	"github.com/gaissmai/bart"

	"marque/event"
	"marque/event/value"
)

// Allow is a set of allow-lists in the MISP warninglist format: values known to be innocent, whose hits are counted and not
// reported. A hit is dropped if a list names the event's value or the indicator's.
type Allow struct {
	exact   map[string]string // value → list
	hosts   map[string]string // domain, with everything under it → list
	cidrs   bart.Table[string]
	parts   []allowPart
	regexps []allowRegexp
}

type allowPart struct{ part, list string }

type allowRegexp struct {
	re   *regexp.Regexp
	list string
}

// ErrEntry is an entry of a list that cannot be used; the others count.
var ErrEntry = errors.New("entry passed over")

// NewAllow returns an empty set of lists.
func NewAllow() *Allow {
	return &Allow{exact: map[string]string{}, hosts: map[string]string{}}
}

// maxAllowList is the largest list file that is read.
const maxAllowList = 256 << 20

// Read adds one list. Types: string, substring, hostname, cidr, regex (github.com/MISP/misp-warninglists, schema.json). Entries
// that cannot be used are named in the error, which then is ErrEntry, and the others count. A list of strings may hold blocks of addresses,
// and a value may have a comment behind it.
func (a *Allow) Read(r io.Reader) error {
	var file struct {
		Name string `json:"name"`
		Type string `json:"type"`
		List []any  `json:"list"`
	}
	if err := json.NewDecoder(io.LimitReader(r, maxAllowList)).Decode(&file); err != nil {
		return fmt.Errorf("warninglist: %w", err)
	}
	if file.Name == "" {
		return errors.New("warninglist: no name")
	}
	var faults []error
	for _, entry := range file.List {
		v := fmt.Sprint(entry) // numbers of autonomous systems are no texts
		if err := a.add(file.Type, strings.TrimSpace(v), file.Name); err != nil {
			faults = append(faults, fmt.Errorf("warninglist %q: entry %.80q: %w: %w", file.Name, v, err, ErrEntry))
		}
	}
	return errors.Join(faults...)
}

func (a *Allow) add(kind, v, list string) error {
	if kind != "regex" && kind != "substring" {
		v = strings.TrimSpace(comment.ReplaceAllString(v, ""))
	}
	if v == "" {
		return errors.New("empty")
	}
	switch kind {
	case "string":
		if strings.Contains(v, "/") && a.addCIDR(v, list) == nil {
			return nil // a block among values
		}
		if read, err := value.Guess(v); err == nil {
			a.exact[strings.ToLower(read.Text)] = list
		}
		a.exact[strings.ToLower(v)] = list
	case "substring":
		a.parts = append(a.parts, allowPart{strings.ToLower(v), list})
	case "hostname":
		_, host, ok := event.Canonical(event.Domain, strings.TrimPrefix(strings.TrimPrefix(v, "*"), "."))
		if !ok {
			return errors.New("no host name")
		}
		a.hosts[host] = list
	case "cidr":
		return a.addCIDR(v, list)
	case "regex":
		re, err := regexp.Compile(goRegexp(v))
		if err != nil {
			return err
		}
		a.regexps = append(a.regexps, allowRegexp{re, list})
	default:
		return fmt.Errorf("type %q is none of string, substring, hostname, cidr, regex", kind)
	}
	return nil
}

// comment is what people write behind a value.
var comment = regexp.MustCompile(`\s+(?:#|//|;).*$`)

func (a *Allow) addCIDR(v, list string) error {
	p, err := netip.ParsePrefix(v)
	if err != nil {
		addr, addrErr := netip.ParseAddr(v)
		if addrErr != nil {
			return err
		}
		p = netip.PrefixFrom(addr, addr.BitLen())
	}
	a.cidrs.Insert(p.Masked(), list)
	return nil
}

// goRegexp turns PHP's /expression/i into Go's form.
func goRegexp(v string) string {
	end := strings.LastIndexByte(v, '/')
	if len(v) < 2 || v[0] != '/' || end == 0 {
		return v
	}
	var flags []rune
	for _, f := range "ims" { // the others (u, x, D) Go has always, or not at all
		if strings.ContainsRune(v[end:], f) {
			flags = append(flags, f)
		}
	}
	if len(flags) > 0 {
		return "(?" + string(flags) + ")" + v[1:end]
	}
	return v[1:end]
}

// find returns the name of a list that holds the event's value or the indicator's, or "". A network and a pattern's comparison
// (KindNone) are no values.
func (a *Allow) find(o *event.Observable, stored string, kind event.Kind) string {
	if list := a.Holds(string(o.Value), o.Kind); list != "" || kind == event.CIDR || kind == event.KindNone || stored == string(o.Value) {
		return list
	}
	return a.Holds(stored, kind)
}

// Holds is the name of a list that holds a canonical value, empty where none does.
func (a *Allow) Holds(v string, kind event.Kind) string {
	if list, ok := a.exact[strings.ToLower(v)]; ok {
		return list
	}
	host := ""
	switch kind {
	case event.IPv4, event.IPv6:
		if addr, err := netip.ParseAddr(v); err == nil {
			if list, ok := a.cidrs.Lookup(addr); ok {
				return list
			}
		}
	case event.Domain:
		host = v
	case event.URL:
		host = string(event.URLHost([]byte(v)))
		if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
			if list, ok := a.cidrs.Lookup(addr); ok {
				return list
			}
		}
	case event.Email:
		_, host, _ = strings.Cut(v, "@")
	}
	for host != "" {
		if list, ok := a.hosts[host]; ok {
			return list
		}
		_, host, _ = strings.Cut(host, ".")
	}
	for _, p := range a.parts {
		if strings.Contains(strings.ToLower(v), p.part) {
			return p.list
		}
	}
	for _, r := range a.regexps {
		if r.re.MatchString(v) {
			return r.list
		}
	}
	return ""
}
