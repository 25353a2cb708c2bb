package prose

import (
	"iter"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"marque/event"
	"marque/event/value"
)

// Observable is a technical trace that the text names, refanged.
type Observable struct {
	Type     string `json:"type"` // ipv4-addr, ipv6-addr, domain-name, url, email-addr, md5, sha1, sha256, sha512
	Value    string `json:"value"`
	Text     string `json:"text"`
	Defanged bool   `json:"defanged,omitempty"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
}

const maxObservables = 50_000

var (
	hexRun    = regexp.MustCompile(`\b(?:[0-9a-fA-F]{128}|[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})\b`)
	cve       = regexp.MustCompile(`(?i)\bCVE\s?[-‐‑‒–—−]\s?(\d{4})\s?[-‐‑‒–—−]\s?(\d{4,7})\b`)
	technique = regexp.MustCompile(`\b(?:T1\d{3}(?:\.\d{3})?|TA00\d\d|S[01]\d{3}|G[01]\d{3}|C00\d\d|M1\d{3})\b`)
	domainRE  = regexp.MustCompile(`^(?:[a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?\.)+(?:xn--[a-z0-9-]{2,}|[a-zA-Z]{2,24})$`)
	emailRE   = regexp.MustCompile(`^[a-zA-Z0-9._%+-]{1,64}@((?:[a-zA-Z0-9-]{1,63}\.)+[a-zA-Z]{2,24})$`)
)

// knownEnds are top-level domains taken for one in a plain word; a defanged word may have any.
var knownEnds = set([]string{"com", "net", "org", "info", "biz", "ru", "cn", "ir", "kp", "ua", "uk", "de", "fr", "io", "co", "us", "eu", "tv", "me", "top", "xyz", "site", "online", "club", "icu", "shop", "pw", "cc", "su", "by", "in", "pl", "it", "es", "nl", "tk", "ml", "ga", "cf", "gq", "ltd", "live", "news", "pro", "space", "website", "store", "app", "dev", "cloud", "link", "press", "expert", "gov", "edu", "mil", "tw", "kr", "jp", "hk", "vn", "tr", "il", "ae", "se", "no", "fi", "ch", "at", "be", "cz", "ro", "md", "rs", "in", "pk", "onion", "fun", "life", "world", "agency", "today", "wtf", "bz", "la", "ws"})

// Traces are what a text names that machines look for.
type Traces struct {
	Observables []Observable
	CVEs        []string // CVE-2024-12345
	ATTACKIDs   []string // T1566.001, G0007
}

// Find collects the traces of a whole text, tables included. With sure set, a plain word that has the form of a host name or an e-mail
// address is none unless it was defanged: the frame of a page names hosts that are nobody's traces.
func Find(text string, sure bool) Traces {
	f := finder{text: text, sure: sure, seen: map[string]bool{}}
	for _, m := range cve.FindAllStringSubmatch(text, -1) {
		if c := "CVE-" + m[1] + "-" + m[2]; !slices.Contains(f.CVEs, c) && len(f.CVEs) < maxIDs {
			f.CVEs = append(f.CVEs, c)
		}
	}
	f.wrapped()
	for from, to := range traceWords(text) {
		f.word(from, to)
	}
	return f.Traces
}

const maxIDs = 2000

// readObservables notes the traces of the text.
func (rd *reading) readObservables() {
	t := Find(rd.doc.Text, false)
	rd.res.Observables, rd.res.CVEs, rd.res.ATTACKIDs = t.Observables, t.CVEs, t.ATTACKIDs
}

// finder finds the traces of one text.
type finder struct {
	Traces
	text    string
	sure    bool
	seen    map[string]bool
	numbers int // where the last number of a version or section ended, -1: none
}

func (f *finder) add(o Observable) {
	if key := o.Type + o.Value; !f.seen[key] && len(f.Observables) < maxObservables {
		f.seen[key] = true
		f.Observables = append(f.Observables, o)
	}
}

// digestSizes are the types of digests by their number of digits.
var digestSizes = map[int]string{32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}

// brokenRun is a run of hex digits that a line end breaks.
var brokenRun = regexp.MustCompile(`\b([0-9a-fA-F]{8,127})-?[ \t]*\n[ \t]*([0-9a-fA-F]{4,120})\b`)

// wrapped joins digests that a line end breaks in two, where neither part is one by itself.
func (f *finder) wrapped() {
	for _, m := range brokenRun.FindAllStringSubmatchIndex(f.text, -1) {
		first, second := f.text[m[2]:m[3]], f.text[m[4]:m[5]]
		typ := digestSizes[len(first)+len(second)]
		if typ == "" || digestSizes[len(first)] != "" && digestSizes[len(second)] != "" {
			continue
		}
		f.add(Observable{Type: typ, Value: strings.ToLower(first + second), Text: f.text[m[0]:m[1]], Start: m[0], End: m[1]})
		if digestSizes[len(first)] != "" || digestSizes[len(second)] != "" {
			f.seen[digestSizes[len(first)]+strings.ToLower(first)] = digestSizes[len(first)] != ""
			f.seen[digestSizes[len(second)]+strings.ToLower(second)] = digestSizes[len(second)] != ""
		}
	}
}

// word notes the traces in one word.
func (f *finder) word(from, to int) {
	raw := f.text[from:to]
	if strings.ContainsAny(raw, "0123456789") {
		for _, t := range technique.FindAllString(raw, -1) {
			if !slices.Contains(f.ATTACKIDs, t) && len(f.ATTACKIDs) < maxIDs {
				f.ATTACKIDs = append(f.ATTACKIDs, t)
			}
		}
		for _, m := range hexRun.FindAllStringIndex(raw, -1) {
			f.add(Observable{Type: digestSizes[m[1]-m[0]], Value: strings.ToLower(raw[m[0]:m[1]]), Text: raw[m[0]:m[1]], Start: from + m[0], End: from + m[1]})
		}
	}
	if !strings.ContainsAny(raw, ".:@[({") {
		return
	}
	trimmed := strings.TrimRight(strings.TrimLeft(raw, "'‘’`*_[{"), ".:!?'’`*_…\\")
	start := from + strings.Index(raw, trimmed)
	clean := value.Refang(trimmed)
	if !strings.Contains(trimmed, "://") && strings.Contains(clean, "@") && strings.Contains(clean, ":") {
		_, clean, _ = strings.Cut(clean, ":") // mailto:, From:
	}
	fanged := clean != trimmed && !strings.HasSuffix(trimmed, clean)
	typ, text, ok := observable(clean, fanged)
	switch {
	case !ok:
		return
	case typ == "ipv4-addr" && !fanged && f.isNumber(start, start+len(trimmed)):
		f.numbers = start + len(trimmed)
		return
	case f.sure && !fanged && (typ == "domain-name" || typ == "email-addr" || typ == "url"):
		return
	}
	f.add(Observable{Type: typ, Value: text, Text: trimmed, Defanged: fanged, Start: start, End: start + len(trimmed)})
}

var (
	numbered = regexp.MustCompile(`(?i)(?:\b(?:versions?|ver\.?|v\.?|sections?|sec\.|chapters?|clauses?|paragraphs?|para\.|releases?|builds?|firmware|revisions?|rev\.?|updates?|appendix|annex|articles?|figures?|tables?|steps?|items?|oid|rules?)|§§?)\s*(?:number|no\.|to|is|was|=|:)?\s*$`)
	joined   = regexp.MustCompile(`(?i)^\s*(?:,|and|or|to|through|until|/|&|,\s*and|,\s*or|before|[-–])?\s*(?:v|version)?\s*$`)
)

// isNumber tells whether four numbers with dots are those of a version or a section: the word before says so, or they go on a list of
// such.
func (f *finder) isNumber(start, end int) bool {
	before := f.text[max(0, start-40):start]
	if numbered.MatchString(before) {
		return true
	}
	return f.numbers > 0 && f.numbers <= start && start-f.numbers < 16 && joined.MatchString(f.text[f.numbers:start])
}

// fanging is what stands in brackets in the middle of a defanged word.
var fanging = regexp.MustCompile(`(?i)[ \t]?[\[({](?: ?(?:\.|dot|@|at) ?|:|/|:/|//|://)[\])}](?:[ \t]?|\n)|\[\.|\.\]`)

// traceWords are the words of a text that can be a trace, with their places: runs without spaces, quotation marks and the like, but for
// what stands in brackets to defang a word, and brackets that open and close within a URL.
func traceWords(text string) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		marks := fanging.FindAllStringIndex(text, -1)
		from, depth := -1, 0
		for i, r := range text + " " {
			for len(marks) > 0 && i >= marks[0][1] {
				marks = marks[1:]
			}
			if len(marks) > 0 && i >= marks[0][0] && from >= 0 {
				continue
			}
			stop := unicode.IsSpace(r) || strings.ContainsRune("<>\"“”„«»‘‚|,;()—…", r)
			if from >= 0 && (r == '(' || r == ')' && depth > 0) && strings.Contains(text[from:i], "://") {
				if depth++; r == ')' {
					depth -= 2
				}
				stop = false
			}
			if stop && from >= 0 && i-from > 3 && !yield(from, i) {
				return
			}
			switch {
			case stop:
				from, depth = -1, 0
			case from < 0:
				from = i
			}
		}
	}
}

// observable types one refanged word.
func observable(s string, defanged bool) (typ, text string, ok bool) {
	if strings.Contains(s, "://") {
		scheme, rest, _ := strings.Cut(s, "://")
		switch strings.ToLower(scheme) {
		case "http", "https", "ftp", "tcp", "sftp", "ws", "wss":
			host, _, _ := strings.Cut(rest, "/")
			if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
				if _, canonical, ok := event.Canonical(event.URL, s); ok {
					s = canonical // STIX' URLs are those of RFC 3986, which know ASCII alone
				}
			}
			return "url", s, host != "" && (strings.Contains(host, ".") || strings.Contains(host, ":"))
		}
		return "", "", false
	}
	if at := strings.IndexByte(s, '@'); at > 0 {
		v, err := value.Of(event.Email, s)
		return "email-addr", v.Text, err == nil && (emailRE.MatchString(s) || defanged)
	}
	host, port, hasPort := strings.Cut(s, ":")
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		if a.Is4() {
			return "ipv4-addr", a.String(), true
		}
		return "ipv6-addr", a.String(), strings.Count(s, ":") > 2 || defanged
	}
	if a, err := netip.ParseAddr(host); err == nil && hasPort && a.Is4() && len(port) < 6 {
		return "ipv4-addr", a.String(), true
	}
	path := strings.IndexByte(s, '/')
	switch {
	case path > 0 && defanged:
		v, err := value.Of(event.URL, s)
		return "url", v.Text, err == nil && (domainRE.MatchString(s[:path]) || isAddress(s[:path]))
	case path > 0:
		s = s[:path] // a host before its path
		if !strings.HasPrefix(s, "www.") && strings.Count(s, ".") > 3 {
			return "", "", false
		}
	case hasPort && defanged && strings.Trim(port, "0123456789") == "":
		s = host
	}
	return hostName(s, defanged, path > 0)
}

func isAddress(s string) bool {
	_, err := value.Of(event.IPv4, s)
	return err == nil
}

// fileEnds are the top-level domains that names of files end in, too.
var fileEnds = set([]string{"md", "rs", "app", "zip", "mov", "py", "sh", "pl", "ps", "so"})

// hostName reads a word as a host name: a defanged one under any end, a plain one under a known end, where it is no name of a file.
func hostName(s string, defanged, beforePath bool) (typ, text string, ok bool) {
	v, err := value.Of(event.Domain, s)
	if err != nil || v.Note != "" {
		return "", "", false
	}
	if defanged {
		return "domain-name", v.Text, true
	}
	end := s[strings.LastIndexByte(s, '.')+1:]
	file := fileEnds[end] && strings.Count(s, ".") == 1
	if !domainRE.MatchString(s) || !knownEnds[end] || strings.ToLower(s) != s || len(s) <= 4 || file && !beforePath {
		return "", "", false
	}
	return "domain-name", v.Text, true
}
