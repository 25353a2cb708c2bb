package document

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"

	readability "codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"marque/ingest"
	"marque/internal/charset"
	"marque/stix"
)

const (
	maxElements = 200_000
	shortText   = 250 // bytes of an article under which the whole page is taken
)

// readHTML takes the article out of a page.
func readHTML(b []byte, name string) (Document, error) {
	text, _ := charset.ToUTF8(b, "text/html")
	root, err := html.Parse(bytes.NewReader(text))
	if err != nil {
		return Document{}, fmt.Errorf("read HTML: %w: %w", err, ingest.ErrMalformed)
	}
	if n := count(root); n > maxElements {
		return Document{}, fmt.Errorf("HTML with %d elements, limit %d: %w", n, maxElements, ingest.ErrTooLarge)
	}
	meta := metaOf(root)
	whole, tables := visible(root), tabular(root)
	page := pageURL(meta, name)
	a, err := readability.FromDocument(root, page)
	if err != nil {
		return Document{}, fmt.Errorf("read HTML: %w: %w", err, ingest.ErrMalformed)
	}
	d := Document{Title: a.Title(), Publisher: a.SiteName(), Lang: a.Language(), URL: meta["canonical"]}
	if a.Node != nil {
		d.Text = visible(a.Node)
	}
	d.label.read(whole)
	if said := meta["tlp"]; said != "" {
		level, _ := stix.ParseTLP(said)
		d.label.raise(level, true)
	}
	if len(d.Text) < shortText && len(whole) > 2*len(d.Text) {
		d.Text = whole
		d.Warnings = append(d.Warnings, "no article was found in the page; its whole text is read")
	}
	if d.Text != whole {
		d.Page, d.Tables = whole, tables
	}
	if t, err := a.PublishedTime(); err == nil {
		d.Published = t.UTC()
	} else {
		d.Published = parseDate(meta["date"])
	}
	if d.Publisher == "" && page.Host != "" && page.Host != "document.invalid" {
		d.Publisher = strings.TrimPrefix(page.Hostname(), "www.")
	}
	return d, nil
}

// pageURL is what relative links are relative to.
func pageURL(meta map[string]string, name string) *url.URL {
	for _, s := range []string{meta["canonical"], name} {
		if u, err := url.Parse(s); err == nil && u.Host != "" {
			return u
		}
	}
	return &url.URL{Scheme: "https", Host: "document.invalid", Path: "/"}
}

func count(n *html.Node) int {
	total := 0
	for range n.Descendants() {
		total++
	}
	return total
}

// metaOf reads what Readability leaves aside: the canonical address, and dates in other places than it looks.
func metaOf(root *html.Node) map[string]string {
	meta := map[string]string{}
	keep := func(name, value string) {
		if value = strings.TrimSpace(value); value != "" && meta[name] == "" {
			meta[name] = value
		}
	}
	for n := range root.Descendants() {
		switch n.DataAtom {
		case atom.Link:
			if strings.EqualFold(attr(n, "rel"), "canonical") {
				keep("canonical", attr(n, "href"))
			}
		case atom.Meta:
			name := strings.ToLower(attr(n, "property") + attr(n, "name") + attr(n, "itemprop"))
			switch name {
			case "og:url":
				keep("og:url", attr(n, "content"))
			case "date", "dc.date", "dcterms.date", "datepublished", "pubdate", "publish-date", "article:published_time", "citation_publication_date":
				keep("date", attr(n, "content"))
			case "tlp", "classification.tlp", "dc.rights.tlp":
				keep("tlp", attr(n, "content"))
			}
		case atom.Time:
			keep("time", attr(n, "datetime"))
		}
	}
	keep("canonical", meta["og:url"])
	keep("date", meta["time"])
	return meta
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// unseen are elements whose text nobody reads.
var unseen = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Noscript: true, atom.Template: true, atom.Head: true, atom.Svg: true,
	atom.Iframe: true, atom.Select: true, atom.Button: true,
}

// blocks are elements that stand in lines of their own.
var blocks = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Li: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true,
	atom.H6: true, atom.Blockquote: true, atom.Article: true, atom.Section: true, atom.Tr: true, atom.Table: true, atom.Ul: true,
	atom.Ol: true, atom.Pre: true, atom.Figcaption: true, atom.Header: true, atom.Footer: true, atom.Dt: true, atom.Dd: true,
	atom.Nav: true, atom.Aside: true, atom.Main: true,
}

// visible is the text under a node, a blank line between blocks. It walks without recursion: depth is the page's choice.
func visible(root *html.Node) string {
	var b strings.Builder
	space := func() {
		if s := b.String(); s != "" && !strings.HasSuffix(s, " ") && !strings.HasSuffix(s, "\n") {
			b.WriteByte(' ')
		}
	}
	skip := (*html.Node)(nil)
	for n := range root.Descendants() {
		if skip != nil && under(n, skip) {
			continue
		}
		skip = nil
		switch {
		case n.Type == html.TextNode:
			words := strings.Join(strings.Fields(n.Data), " ")
			if words == "" {
				if n.Data != "" {
					space()
				}
				continue
			}
			if strings.TrimLeft(n.Data, " \t\r\n") != n.Data {
				space()
			}
			b.WriteString(words)
			if strings.TrimRight(n.Data, " \t\r\n") != n.Data {
				b.WriteByte(' ')
			}
		case unseen[n.DataAtom]:
			skip = n
		case n.DataAtom == atom.Br:
			b.WriteByte('\n')
		case blocks[n.DataAtom]:
			b.WriteString("\n\n")
		case n.DataAtom == atom.Td || n.DataAtom == atom.Th:
			space()
		}
	}
	return tidy(b.String())
}

// tabular is the text of the tables and preformatted parts of a page.
func tabular(root *html.Node) string {
	var parts []string
	last := (*html.Node)(nil)
	for n := range root.Descendants() {
		switch n.DataAtom {
		case atom.Table, atom.Pre, atom.Code, atom.Textarea:
			if last == nil || !under(n, last) {
				parts, last = append(parts, visible(n)), n
			}
		}
	}
	return strings.Join(parts, "\n\n")
}

func under(n, ancestor *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p == ancestor {
			return true
		}
	}
	return false
}
