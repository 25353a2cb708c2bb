package document

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/ledongthuc/pdf"

	"marque/ingest"
)

const (
	maxPages = 3000
	minText  = 10 // characters a page, under which a PDF counts as a scan
)

// readPDF takes the text of all pages.
func readPDF(ctx context.Context, b []byte) (Document, error) {
	r, err := pdf.NewReader(bytes.NewReader(b), int64(len(b)))
	switch {
	case errors.Is(err, pdf.ErrInvalidPassword):
		return Document{}, fmt.Errorf("PDF is encrypted; remove the password first: %w", ingest.ErrNoText)
	case err != nil:
		return Document{}, fmt.Errorf("read PDF: %w: %w", err, ingest.ErrMalformed)
	}
	pages := r.NumPage()
	if pages > maxPages {
		return Document{}, fmt.Errorf("PDF with %d pages, limit %d: %w", pages, maxPages, ingest.ErrTooLarge)
	}
	var text strings.Builder
	var d Document
	bad := 0
	for i := 1; i <= pages; i++ {
		if err := ctx.Err(); err != nil {
			return Document{}, err
		}
		page, err := pageText(r, i)
		if err != nil {
			bad++
			continue
		}
		d.label.page(page)
		text.WriteString(page)
		text.WriteString("\n\n")
		if text.Len() > MaxText {
			return Document{}, fmt.Errorf("PDF with more than %d bytes of text: %w", MaxText, ingest.ErrTooLarge)
		}
	}
	if got := len(strings.Join(strings.Fields(text.String()), "")); got < minText*max(pages, 1) && got < 200 {
		return Document{}, fmt.Errorf("PDF of %d pages has %d characters of text; it looks like a scan, run text recognition on it first: %w",
			pages, got, ingest.ErrNoText)
	}
	if bad > 0 {
		d.Warnings = append(d.Warnings, fmt.Sprintf("%d of %d pages could not be read", bad, pages))
	}
	info := r.Trailer().Key("Info")
	d.Title = info.Key("Title").Text()
	d.Published = parsePDFDate(info.Key("CreationDate").Text())
	d.Text = unwrap(text.String())
	return d, nil
}

// pageText reads one page; the library panics on fonts and operators that it does not know.
func pageText(r *pdf.Reader, i int) (text string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("page %d: %v", i, p)
		}
	}()
	page := r.Page(i)
	if page.V.IsNull() {
		return "", nil
	}
	return page.GetPlainText(nil)
}

var (
	hyphenated = regexp.MustCompile(`(\p{Ll})-\n(\p{Ll})`)
	wrapped    = regexp.MustCompile(`([^\n.!?:])\n([^\n])`)
)

// unwrap joins the lines of a paragraph, which PDF knows only as lines.
func unwrap(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = hyphenated.ReplaceAllString(s, "$1$2")
	return wrapped.ReplaceAllString(s, "$1 $2")
}
