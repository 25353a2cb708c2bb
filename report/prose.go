package report

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var (
	citations = regexp.MustCompile(`\s*\(Citation: [^)]*\)`)
	links     = regexp.MustCompile(`\[([^\][]*)\]\(https?://[^)\s]*\)`)
	tags      = regexp.MustCompile(`</?(?:code|b|i|em|strong|p|br)\s*/?>`)
)

// clean takes the mark-up of other publishers out of a text: ATT&CK's citations, links in Markdown, a few tags.
func clean(s string) string {
	if !strings.ContainsAny(s, "(<[") {
		return s
	}
	s = citations.ReplaceAllString(s, "")
	s = links.ReplaceAllString(s, "$1")
	return strings.TrimSpace(tags.ReplaceAllString(s, ""))
}

// frontPage tells whether an address leads to a publisher's front page, or to one of its lists, rather than to a document.
func frontPage(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	path := strings.Trim(u.Path, "/")
	return path == "" && u.RawQuery == "" || strings.HasPrefix(path, "hub/")
}

// titled is a publisher and a title read out of a document's address, for documents of which nobody gave either.
func titled(address string) (publisher, title string) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", ""
	}
	publisher = strings.TrimPrefix(u.Hostname(), "www.")
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	for _, part := range slices.Backward(parts) {
		words := strings.FieldsFunc(strings.TrimSuffix(part, ".html"), func(r rune) bool { return r == '-' || r == '_' || r == '+' || r == '.' })
		n := 0
		for _, w := range words {
			if len(w) > 2 && strings.IndexFunc(w, unicode.IsDigit) < 0 {
				n++
			}
		}
		if n >= 3 {
			return publisher, capital(strings.Join(words, " "))
		}
	}
	return publisher, "A page of " + publisher
}
