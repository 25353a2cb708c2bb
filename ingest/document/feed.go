package document

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"marque/ingest"
)

// MediaFeed is the media type of feeds, whose entries [Feed] reads.
const MediaFeed = "application/rss+xml"

// feedRoot is how RSS 2.0, RSS 1.0 and Atom begin.
var feedRoot = regexp.MustCompile(`(?s)^\s*(?:<\?xml[^>]*>)?\s*(?:<!--.*?-->\s*|<\?[^>]*>\s*|<!DOCTYPE[^>]*>\s*)*<(?:\w+:)?(?:rss\b|RDF\b[^>]*purl\.org/rss|feed\b[^>]*w3\.org/2005/Atom)`)

func isFeed(text []byte) bool { return feedRoot.Match(text[:min(len(text), 4096)]) }

// maxEntries bounds the entries of a feed.
const maxEntries = 5000

// entry is one of a feed, in any of its three forms.
type entry struct {
	Title   string   `xml:"title"`
	Links   []link   `xml:"link"`
	GUID    string   `xml:"guid"`
	Encoded string   `xml:"encoded"`     // RSS: content:encoded
	About   string   `xml:"description"` // RSS
	Content inner    `xml:"content"`     // Atom
	Summary inner    `xml:"summary"`
	Dates   []string `xml:"pubDate"`
	Date    string   `xml:"date"` // RSS 1.0: dc:date
	Atom    string   `xml:"published"`
	Updated string   `xml:"updated"`
}

type link struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
	Text string `xml:",chardata"`
}

// inner is text, or XHTML as it stands.
type inner struct {
	Text string `xml:",chardata"`
	XML  string `xml:",innerxml"`
	Type string `xml:"type,attr"`
}

func (i inner) html() string {
	if i.Type == "xhtml" {
		return i.XML
	}
	return i.Text
}

// Feed reads the entries of an RSS or Atom feed, each a document. An entry without text beside its title is none; how many there were of
// these stands in the last result.
func Feed(ctx context.Context, b []byte, name string) (docs []Document, without int, err error) {
	dec := newXML(b)
	publisher, inEntry := "", false
	for len(docs)+without < maxEntries {
		if ctx.Err() != nil {
			return docs, without, ctx.Err()
		}
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return docs, without, fmt.Errorf("feed, byte %d: %w: %w", dec.InputOffset(), err, ingest.ErrMalformed)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "title":
			var t string
			if err := dec.DecodeElement(&t, &start); err == nil && publisher == "" && !inEntry {
				publisher = oneLine(t)
			}
		case "item", "entry":
			inEntry = true
			var e entry
			if err := dec.DecodeElement(&e, &start); err != nil {
				return docs, without, fmt.Errorf("feed, entry %d: %w: %w", len(docs)+without+1, err, ingest.ErrMalformed)
			}
			d, err := e.document(publisher, name)
			if err != nil {
				without++
				continue
			}
			docs = append(docs, d)
		}
	}
	return docs, without, nil
}

// document is an entry as a document: its text is what the feed gives of it, all of it or its beginning.
func (e *entry) document(publisher, name string) (Document, error) {
	body := cmp.Or(e.Encoded, e.Content.html(), e.About, e.Summary.html())
	if strings.TrimSpace(body) == "" {
		return Document{}, ingest.ErrNoText
	}
	var page bytes.Buffer
	page.WriteString("<html><body><article>")
	page.WriteString(body)
	page.WriteString("</article></body></html>")
	d, err := readHTML(page.Bytes(), "")
	if err != nil {
		return Document{}, err
	}
	d.Warnings = nil // of Readability, which looks for the article that an entry is
	d.Title, d.Publisher, d.URL = oneLine(e.Title), publisher, e.address()
	for _, s := range append(e.Dates, e.Date, e.Atom, e.Updated) {
		if d.Published.IsZero() {
			d.Published = dated(s)
		}
	}
	return finish(d, "text/html", name)
}

func (e *entry) address() string {
	for _, l := range e.Links {
		if address := strings.TrimSpace(cmp.Or(l.Href, l.Text)); strings.HasPrefix(address, "http") && (l.Rel == "" || l.Rel == "alternate") {
			return address
		}
	}
	if strings.HasPrefix(e.GUID, "http") {
		return e.GUID
	}
	return ""
}
