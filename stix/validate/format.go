package validate

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/language"

	"marque/stix"
)

// formats check strings whose property asks for a certain form, by their name in spec.txt.
var formats = map[string]func(*run, *propSpec, *node){
	"lang":              formatLanguage,
	"url":               formatURL,
	"kill-chain-name":   formatKillChain,
	"country":           formatCountry,
	"product":           formatProduct,
	"relationship-type": formatRelationshipType,
	"mime":              formatMIME,
	"charset":           formatCharset,
	"domain":            formatDomain,
	"email":             formatEmail,
	"decoded":           formatDecoded,
	"ipv4":              formatIPv4,
	"ipv6":              formatIPv6,
	"mac":               matches(macPattern, "a lower-case, colon-delimited MAC-48 address"),
	"cpe":               matches(cpePattern, "a CPE 2.3 name"),
	"protocol":          formatProtocol,
	"lowercase":         formatLowercase,
	"priority":          formatPriority,
	"registry-key":      formatRegistryKey,
	"marking-type":      formatMarkingType,
	"property-name":     matches(propertyNamePattern, "a property name of a-z, 0-9 and _"),
}

var (
	macPattern = regexp.MustCompile(`^([0-9a-f]{2}:){5}[0-9a-f]{2}$`)
	// cpePattern is the formatted string binding of NISTIR 7695: part and ten attributes.
	cpePattern          = lazily(`^cpe:2\.3:[aho*\-](:(\*|-|[?*]*([a-zA-Z0-9\-._]|\\[\\*?!"#$%&'()+,/:;<=>@\[\]^` + "`" + `{|}~\-._])+[?*]*)){10}$`)
	relationPattern     = regexp.MustCompile(`^[a-z0-9-]+$`)
	capecPattern        = regexp.MustCompile(`^CAPEC-[0-9]+$`)
	cvePattern          = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,}$`)
	mimePattern         = lazily(`^([A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126})/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$`)
	servicePattern      = regexp.MustCompile(`^[a-z0-9][a-z0-9.+_/-]*$`)
	encodedWordPattern  = regexp.MustCompile(`=\?[^?\s]+\?[bBqQ]\?[^?]*\?=`)
	truncatedHive       = regexp.MustCompile(`(?i)^(HKLM|HKCU|HKCR|HKU|HKCC|HKPD|HKDD)(\\|$)`)
	propertyNamePattern = lazily(`^[a-z0-9_]{3,250}$`)
	emailPattern        = regexp.MustCompile(`^([^\s@<>()\[\],;:\\"]+|"[^"]+")@([^\s@<>()\[\],;:\\"]+|\[[^\]\s]+\])$`)
)

func matches(pattern interface{ MatchString(string) bool }, what string) func(*run, *propSpec, *node) {
	return func(r *run, p *propSpec, n *node) {
		if !pattern.MatchString(n.str) {
			r.badFormat(p, n, what)
		}
	}
}

// lazy is a pattern that is compiled when it is first asked for: those with large counts take milliseconds, which every start would pay.
type lazy func() *regexp.Regexp

func lazily(pattern string) lazy {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// MatchString is that of regexp.Regexp.
func (l lazy) MatchString(s string) bool { return l().MatchString(s) }

func (r *run) badFormat(p *propSpec, n *node, what string) {
	r.add(Error, codeFormat, p.section, n, fmt.Sprintf("%q is not %s", clip(n.str), what), "")
}

// defanged says that values were made harmless on purpose ("hxxp", "example[.]com"), so that their form is not checked.
func (r *run) defanged() bool { return r.root.isTrue("defanged") }

func formatLanguage(r *run, p *propSpec, n *node) {
	if !isLanguage(n.str) {
		r.add(Error, codeFormat, p.section, n, fmt.Sprintf("%q is not a language code of RFC 5646", clip(n.str)), "")
	}
}

// isLanguage wants a well-formed tag whose subtags are registered.
func isLanguage(tag string) bool {
	if tag == "" || strings.ContainsAny(tag, "_ ") {
		return false
	}
	_, err := language.Parse(tag)
	return err == nil
}

func formatURL(r *run, p *propSpec, n *node) {
	if !r.defanged() && !stix.IsURL(n.str) {
		r.add(Error, codeFormat, p.section, n, fmt.Sprintf("%q is not a URL of RFC 3986", clip(n.str)), "percent-encode what is not allowed; give a scheme")
	}
}

func formatKillChain(r *run, _ *propSpec, n *node) {
	if strings.ToLower(n.str) != n.str || strings.ContainsAny(n.str, " _") {
		r.add(Warning, codeKillChain, "2.11", n, fmt.Sprintf("%q is not lower case with hyphens", clip(n.str)), "")
	}
}

func formatCountry(r *run, p *propSpec, n *node) {
	if !r.spec.vocabs["country"].terms[strings.ToUpper(n.str)] {
		r.add(Warning, codeIANA, p.section, n, fmt.Sprintf("%q is not an ISO 3166-1 alpha-2 code", clip(n.str)), "")
	}
}

func formatProduct(r *run, p *propSpec, n *node) {
	if strings.ToLower(n.str) != n.str || strings.ContainsAny(n.str, " _") {
		r.add(Warning, codeVocabFormat, p.section, n, fmt.Sprintf("product %q is not lower case with hyphens", clip(n.str)), "")
	}
}

func formatRelationshipType(r *run, p *propSpec, n *node) {
	if !relationPattern.MatchString(n.str) {
		r.badFormat(p, n, "a relationship type of a-z, 0-9 and -")
	}
}

func formatMIME(r *run, p *propSpec, n *node) {
	m := mimePattern().FindStringSubmatch(n.str)
	if m == nil || !r.spec.vocabs["mime-top-level"].terms[strings.ToLower(m[1])] {
		r.add(Warning, codeIANA, p.section, n, fmt.Sprintf("%q is not an IANA media type", clip(n.str)), "")
	}
}

func formatCharset(r *run, p *propSpec, n *node) {
	if !r.spec.vocabs["charset"].terms[strings.ToLower(n.str)] {
		r.badFormat(p, n, "the preferred name of a character set in the IANA registry")
	}
}

func formatDomain(r *run, p *propSpec, n *node) {
	if !r.defanged() && !isDomain(n.str) {
		r.badFormat(p, n, "a domain name of RFC 1034 with labels of RFC 5890")
	}
}

// isDomain checks lengths and labels: letters, digits and inner hyphens, or the U-labels of internationalised names.
func isDomain(name string) bool {
	name = strings.TrimSuffix(name, ".")
	if name == "" || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range label {
			letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-'
			international := c > unicode.MaxASCII && (unicode.IsLetter(c) || unicode.IsMark(c) || unicode.IsDigit(c) || strings.ContainsRune("\u00b7\u05f3\u05f4\u30fb\u200c\u200d", c))
			if !letter && !international {
				return false
			}
		}
	}
	return true
}

func formatEmail(r *run, p *propSpec, n *node) {
	if !r.defanged() && !emailPattern.MatchString(n.str) {
		r.badFormat(p, n, "an e-mail address without display name (RFC 5322 addr-spec)")
	}
}

func formatDecoded(r *run, p *propSpec, n *node) {
	if encodedWordPattern.MatchString(n.str) {
		r.badFormat(p, n, "decoded: it holds encoded words of RFC 2047")
	}
}

func formatIPv4(r *run, p *propSpec, n *node) {
	if !r.defanged() && !isAddress(n.str, netip.Addr.Is4) {
		r.badFormat(p, n, "an IPv4 address or CIDR block")
	}
}

func formatIPv6(r *run, p *propSpec, n *node) {
	if !r.defanged() && !isAddress(n.str, func(a netip.Addr) bool { return a.Is6() && a.Zone() == "" }) {
		r.badFormat(p, n, "an IPv6 address or CIDR block")
	}
}

func isAddress(text string, family func(netip.Addr) bool) bool {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return family(prefix.Addr())
	}
	addr, err := netip.ParseAddr(text)
	return err == nil && family(addr)
}

func formatProtocol(r *run, p *propSpec, n *node) {
	if !servicePattern.MatchString(n.str) {
		r.add(Warning, codeIANA, p.section, n, fmt.Sprintf("%q is not a service name of the IANA registry", clip(n.str)), "names are lower case")
		return
	}
	if !r.spec.vocabs["protocol"].terms[n.str] {
		r.add(Warning, codeIANA, p.section, n, fmt.Sprintf("protocol %q is not among the IANA service and protocol names known here", clip(n.str)), "the list holds the common ones; check the registry")
	}
}

func formatLowercase(r *run, p *propSpec, n *node) {
	if strings.ToLower(n.str) != n.str {
		r.add(Warning, codeFormat, p.section, n, fmt.Sprintf("%q is not lower case", clip(n.str)), "")
	}
}

func formatPriority(r *run, p *propSpec, n *node) {
	if !strings.HasSuffix(n.str, "_CLASS") {
		r.add(Warning, codeFormat, p.section, n, fmt.Sprintf("priority %q does not end in _CLASS", clip(n.str)), "")
	}
}

func formatRegistryKey(r *run, p *propSpec, n *node) {
	if truncatedHive.MatchString(n.str) {
		r.add(Error, codeFormat, p.section, n, fmt.Sprintf("hive of %q is truncated", clip(n.str)), "write it out, e.g. HKEY_LOCAL_MACHINE")
	}
}

func formatMarkingType(r *run, _ *propSpec, n *node) {
	if n.str != "statement" && n.str != "tlp" {
		r.add(Warning, codeMarking, "7.2.1", n, fmt.Sprintf("definition_type %q is neither statement nor tlp", clip(n.str)), "define new markings with an extension")
	}
}
