package prose

import (
	"iter"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"
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
	cve       = regexp.MustCompile(`(?i)\bCVE-(\d{4})-(\d{4,7})\b`)
	technique = regexp.MustCompile(`\b(?:T1\d{3}(?:\.\d{3})?|TA00\d\d|S[01]\d{3}|G[01]\d{3}|C00\d\d|M1\d{3})\b`)
	domainRE  = regexp.MustCompile(`^(?:[a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?\.)+(?:xn--[a-z0-9-]{2,}|[a-zA-Z]{2,24})$`)
	emailRE   = regexp.MustCompile(`^[a-zA-Z0-9._%+-]{1,64}@((?:[a-zA-Z0-9-]{1,63}\.)+[a-zA-Z]{2,24})$`)
	refang    = strings.NewReplacer("hxxps", "https", "hxxp", "http", "hXXps", "https", "hXXp", "http", "[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", "[:]", ":", "[://]", "://", "[@]", "@", "[at]", "@", "\\.", ".", "[.", ".", ".]", ".")
)

// knownEnds are top-level domains taken for one in a plain word; a defanged word may have any.
var knownEnds = set([]string{"com", "net", "org", "info", "biz", "ru", "cn", "ir", "kp", "ua", "uk", "de", "fr", "io", "co", "us", "eu", "tv", "me", "top", "xyz", "site", "online", "club", "icu", "shop", "pw", "cc", "su", "by", "in", "pl", "it", "es", "nl", "tk", "ml", "ga", "cf", "gq", "ltd", "live", "news", "pro", "space", "website", "store", "app", "dev", "cloud", "link", "press", "expert", "gov", "edu", "mil", "tw", "kr", "jp", "hk", "vn", "tr", "il", "ae", "se", "no", "fi", "ch", "at", "be", "cz", "ro", "md", "rs", "in", "pk", "onion", "fun", "life", "world", "agency", "today", "wtf", "bz", "la", "ws"})

// readObservables collects traces, CVEs and ATT&CK ids from the whole text, boilerplate and tables included.
func (rd *reading) readObservables() {
	text := rd.doc.Text
	seen := map[string]bool{}
	add := func(o Observable) {
		if key := o.Type + o.Value; !seen[key] && len(rd.res.Observables) < maxObservables {
			seen[key] = true
			rd.res.Observables = append(rd.res.Observables, o)
		}
	}
	for from, to := range traceWords(text) {
		raw := text[from:to]
		if strings.ContainsAny(raw, "0123456789") {
			rd.readIDs(raw)
			for _, m := range hexRun.FindAllStringIndex(raw, -1) {
				typ := map[int]string{32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}[m[1]-m[0]]
				add(Observable{Type: typ, Value: strings.ToLower(raw[m[0]:m[1]]), Text: raw[m[0]:m[1]], Start: from + m[0], End: from + m[1]})
			}
		}
		if !strings.ContainsAny(raw, ".:@[") {
			continue
		}
		trimmed := strings.TrimRight(strings.TrimLeft(raw, "'‘’`*_[{"), ".:!?'’`*_…")
		start := from + strings.Index(raw, trimmed)
		clean := refang.Replace(trimmed)
		if typ, value, ok := observable(clean, clean != trimmed); ok {
			add(Observable{Type: typ, Value: value, Text: trimmed, Defanged: clean != trimmed, Start: start, End: start + len(trimmed)})
		}
	}
}

// traceWords are the words of a text that can be a trace, with their places: runs without spaces, quotation marks and the like.
func traceWords(text string) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		from := -1
		for i, r := range text + " " {
			stop := unicode.IsSpace(r) || strings.ContainsRune("<>\"“”|,;()", r)
			if stop && from >= 0 && i-from > 3 && !yield(from, i) {
				return
			}
			switch {
			case stop:
				from = -1
			case from < 0:
				from = i
			}
		}
	}
}

// readIDs notes the flaws and the ATT&CK ids in a word.
func (rd *reading) readIDs(word string) {
	for _, c := range cve.FindAllString(word, -1) {
		if c = strings.ToUpper(c); !slices.Contains(rd.res.CVEs, c) && len(rd.res.CVEs) < 2000 {
			rd.res.CVEs = append(rd.res.CVEs, c)
		}
	}
	for _, t := range technique.FindAllString(word, -1) {
		if !slices.Contains(rd.res.ATTACKIDs, t) && len(rd.res.ATTACKIDs) < 2000 {
			rd.res.ATTACKIDs = append(rd.res.ATTACKIDs, t)
		}
	}
}

// observable types one refanged word.
func observable(s string, defanged bool) (typ, value string, ok bool) {
	if strings.Contains(s, "://") {
		scheme, rest, _ := strings.Cut(s, "://")
		switch strings.ToLower(scheme) {
		case "http", "https", "ftp", "tcp", "sftp", "ws", "wss":
			host, _, _ := strings.Cut(rest, "/")
			return "url", s, host != "" && (strings.Contains(host, ".") || strings.Contains(host, ":"))
		}
		return "", "", false
	}
	if g := emailRE.FindStringSubmatch(s); g != nil {
		return "email-addr", strings.ToLower(s), true
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
	if path := strings.IndexByte(s, '/'); path > 0 && defanged && domainRE.MatchString(s[:path]) {
		return "url", s, true
	}
	if domainRE.MatchString(s) && len(s) < 254 {
		end := strings.ToLower(s[strings.LastIndexByte(s, '.')+1:])
		if defanged || knownEnds[end] && strings.ToLower(s) == s && len(s) > 4 {
			return "domain-name", strings.ToLower(s), true
		}
	}
	return "", "", false
}
