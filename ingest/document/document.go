package document

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"strings"
	"time"
	"unicode"

	"marque/ingest"
	"marque/ingest/table"
	"marque/internal/charset"
	"marque/stix"
)

// Limits of a document. Parsing that takes longer than MaxTime is given up.
const (
	MaxBytes = 64 << 20
	MaxText  = 16 << 20
	MaxTime  = 60 * time.Second
)

// Document is a report's text and what is known of it. What is unknown is empty.
type Document struct {
	Title     string
	Publisher string
	Published time.Time
	URL       string // canonical address, as the document says it
	Lang      string // BCP 47
	MediaType string // text/plain, text/markdown, text/html, message/rfc822, application/pdf, or that of a Word, OpenDocument or EPUB file
	Text      string // UTF-8
	// Page is the text of the whole page where that is more than Text, and Tables that of its tables and preformatted parts: vendors put
	// what machines look for where an article's text does not reach.
	Page, Tables string
	Digest       string // SHA-256 of Text, hexadecimal
	// Labelled tells that the document says its own level, and Level which: the strictest of its labels.
	Labelled bool
	Level    stix.TLP
	Warnings []string
	// Missed is what of the document was seen and not read, such as attachments.
	Missed []string

	label label
}

// MediaType guesses what bytes are, from their beginning and the file's name. It is empty for what is no document.
func MediaType(head []byte, name string) string {
	if isPDF(head) {
		return "application/pdf"
	}
	if office := officeType(head); office != "" {
		return office
	}
	text, _ := charset.ToUTF8(head, "")
	switch {
	case isMail(head): // its encoding is that of its parts
		return "message/rfc822"
	case !isText(text):
		return ""
	case isHTML(text):
		return "text/html"
	case isFeed(text):
		return MediaFeed
	case ingest.ShapeOf(text).Kind != 0, table.Looks(text), isMarkup(text):
		return ""
	case strings.HasSuffix(strings.ToLower(name), ".md"), strings.HasSuffix(strings.ToLower(name), ".markdown"),
		bytes.HasPrefix(text, []byte("---\n")), bytes.HasPrefix(text, []byte("# ")):
		return "text/markdown"
	default:
		return "text/plain"
	}
}

// isText tells writing from binary data by its control characters.
func isText(text []byte) bool {
	runes, odd, letters := 0, 0, 0
	for _, r := range string(text[:min(len(text), 16<<10)]) {
		runes++
		switch {
		case r == unicode.ReplacementChar, unicode.IsControl(r) && !unicode.IsSpace(r):
			odd++
		case unicode.IsLetter(r):
			letters++
		}
	}
	return runes > 0 && odd*20 < runes && letters*4 > runes
}

func isHTML(text []byte) bool {
	start := bytes.ToLower(bytes.TrimSpace(text[:min(len(text), 2048)]))
	for _, mark := range []string{"<!doctype html", "<html", "<head", "<body", "<article", "<meta ", "<title"} {
		if bytes.HasPrefix(start, []byte(mark)) || bytes.HasPrefix(start, []byte("<!--")) && bytes.Contains(start, []byte(mark)) {
			return true
		}
	}
	return bytes.HasPrefix(start, []byte("<?xml")) && bytes.Contains(start, []byte("<html"))
}

func isMarkup(text []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(text), []byte("<?xml")) }

// Parse reads a document. name is its file name or URL.
func Parse(ctx context.Context, b []byte, name string) (Document, error) {
	if len(bytes.TrimSpace(b)) == 0 {
		return Document{}, ingest.ErrEmpty
	}
	if len(b) > MaxBytes {
		return Document{}, fmt.Errorf("document of %d bytes, limit %d: %w", len(b), MaxBytes, ingest.ErrTooLarge)
	}
	media := MediaType(b[:min(len(b), ingest.HeadSize)], name)
	var d Document
	var err error
	switch media {
	case "application/pdf":
		d, err = guarded(ctx, "PDF", func(ctx context.Context) (Document, error) { return readPDF(ctx, b) })
	case "text/html":
		d, err = guarded(ctx, "HTML", func(context.Context) (Document, error) { return readHTML(b, name) })
	case mediaDocx:
		d, err = guarded(ctx, "Word file", func(ctx context.Context) (Document, error) { return readDocx(ctx, b) })
	case mediaOdt:
		d, err = guarded(ctx, "OpenDocument file", func(ctx context.Context) (Document, error) { return readOdt(ctx, b) })
	case mediaEpub:
		d, err = guarded(ctx, "EPUB", func(ctx context.Context) (Document, error) { return readEpub(ctx, b) })
	case "message/rfc822":
		d, err = guarded(ctx, "mail", func(ctx context.Context) (Document, error) { return readMail(ctx, b, name) })
	case "text/markdown":
		text, _ := charset.ToUTF8(b, "")
		d = readMarkdown(string(text))
	case "text/plain":
		text, _ := charset.ToUTF8(b, "")
		d = readPlain(string(text))
	default:
		return Document{}, fmt.Errorf("neither text, Markdown, HTML, mail, PDF, Word, OpenDocument nor EPUB: %w", ingest.ErrUnknownFormat)
	}
	if err != nil {
		return Document{}, err
	}
	return finish(d, media, name)
}

// finish cleans the text and fills in what the text itself tells.
func finish(d Document, media, name string) (Document, error) {
	d.MediaType = media
	d.label.read(d.Title)
	d.label.read(d.Text)
	d.Level, d.Labelled = d.label.level, d.label.found
	d.Text, d.Page, d.Tables = tidy(d.Text), tidy(d.Page), tidy(d.Tables)
	if d.Text == "" {
		return Document{}, ingest.ErrNoText
	}
	if len(d.Text) > MaxText {
		return Document{}, fmt.Errorf("document with %d bytes of text, limit %d: %w", len(d.Text), MaxText, ingest.ErrTooLarge)
	}
	d.Title = oneLine(d.Title)
	if d.Title == "" {
		d.Title = titleOf(d.Text)
	}
	if d.Publisher = oneLine(d.Publisher); d.Publisher == "" {
		d.Publisher = agencyOf(d.Text)
	}
	if d.Published.IsZero() {
		d.Published = dateOf(d.Text)
	}
	if d.URL == "" && strings.Contains(name, "://") {
		d.URL = name
	}
	if d.Title == "" {
		d.Title = strings.TrimSuffix(path.Base(name), path.Ext(name))
	}
	sum := sha256.Sum256([]byte(d.Text))
	d.Digest = hex.EncodeToString(sum[:])
	return d, nil
}

// plain writes in one way what looks the same: line ends, spaces, hyphens that only tell where a line may break, ligatures; and drops
// what is not seen.
var plain = func() *strings.Replacer {
	pairs := []string{
		"\r\n", "\n", "\r", "\n", "\f", "\n", "\u2028", "\n", "\u2029", "\n", "\x00", "",
		"\u00a0", " ", "\u202f", " ", "\u2007", " ", "\u2009", " ", "\u200a", " ",
		"\u00ad", "", "\u200b", "", "\u200c", "", "\u2060", "", "\ufeff", "",
		"\u200e", "", "\u200f", "", "\u202a", "", "\u202b", "", "\u202c", "", "\u202d", "", "\u202e", "", "\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "",
		"\u2010", "-", "\u2011", "-", "ﬀ", "ff", "ﬁ", "fi", "ﬂ", "fl", "ﬃ", "ffi", "ﬄ", "ffl", "ﬅ", "st", "ﬆ", "st",
	}
	for r := '！'; r <= '～'; r++ { // the wide forms of ASCII
		pairs = append(pairs, string(r), string(r-'！'+'!'))
	}
	return strings.NewReplacer(pairs...)
}()

// tidy makes text uniform, without which offsets would depend on the platform and names on the typesetter.
func tidy(s string) string {
	s = plain.Replace(s)
	lines := strings.Split(s, "\n")
	var out []string
	blank := 0
	for _, l := range lines {
		l = strings.TrimRight(l, " \t")
		if l == "" {
			if blank++; blank > 2 {
				continue
			}
		} else {
			blank = 0
		}
		out = append(out, l)
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// guarded runs a library that reads hostile input: its panics become errors, and it gets so much time. Work that is given up
// may still be going on in its goroutine; the limits on size bound how long.
func guarded(ctx context.Context, what string, read func(context.Context) (Document, error)) (Document, error) {
	ctx, cancel := context.WithTimeout(ctx, MaxTime)
	defer cancel()
	type result struct {
		d   Document
		err error
	}
	done := make(chan result, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- result{err: fmt.Errorf("%s that its library cannot read (%v): %w", what, p, ingest.ErrMalformed)}
			}
		}()
		d, err := read(ctx)
		done <- result{d, err}
	}()
	select {
	case r := <-done:
		return r.d, r.err
	case <-ctx.Done():
		return Document{}, fmt.Errorf("%s given up: %w", what, ctx.Err())
	}
}
