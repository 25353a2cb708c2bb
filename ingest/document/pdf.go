package document

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/ledongthuc/pdf"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"marque/ingest"
)

const (
	maxPages = 3000
	minText  = 10 // characters a page, under which a PDF counts as a scan
)

var errPassword = fmt.Errorf("PDF is encrypted; remove the password first: %w", ingest.ErrNoText)

// readPDF takes the text of all pages. What the reader of text cannot open (a cross-reference table that is wrong or missing, newer
// encryption with an empty password) is written anew first by a library that repairs.
func readPDF(ctx context.Context, b []byte) (Document, error) {
	b = trimPDF(b)
	r, err := openPDF(b)
	if err != nil || r.NumPage() == 0 {
		if mended := withStart(b); mended != nil {
			r, err = openPDF(mended)
		}
	}
	if err != nil || r.NumPage() == 0 {
		whole, repairErr := repairPDF(b)
		if repairErr != nil {
			return Document{}, repairErr
		}
		if r, err = openPDF(whole); err != nil {
			return Document{}, fmt.Errorf("read PDF: %w: %w", err, ingest.ErrMalformed)
		}
	}
	return pagesOf(ctx, r)
}

// pagesOf reads the pages of an open PDF.
func pagesOf(ctx context.Context, r *pdf.Reader) (Document, error) {
	pages := r.NumPage()
	if pages > maxPages {
		return Document{}, fmt.Errorf("PDF with %d pages, limit %d: %w", pages, maxPages, ingest.ErrTooLarge)
	}
	var text strings.Builder
	var d Document
	bad, pictures := 0, 0
	for i := 1; i <= pages; i++ {
		if err := ctx.Err(); err != nil {
			return Document{}, err
		}
		page, isPicture, err := pageText(ctx, r, i)
		if err != nil {
			bad++
		}
		if isPicture {
			pictures++
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
		d.Missed = append(d.Missed, fmt.Sprintf("%d of %d pages, not or in parts", bad, pages))
	}
	if pictures > 0 {
		d.Missed = append(d.Missed, fmt.Sprintf("%d of %d pages, which hold pictures and no text: run text recognition on them", pictures, pages))
	}
	info := r.Trailer().Key("Info")
	d.Title = info.Key("Title").Text()
	d.Published = parsePDFDate(info.Key("CreationDate").Text())
	d.Text = text.String()
	return d, nil
}

// trimPDF takes off what servers and mail put around a PDF.
func trimPDF(b []byte) []byte {
	if n := bytes.Index(b[:min(len(b), pdfWithin)], []byte("%PDF-")); n > 0 {
		b = b[n:]
	}
	if n := bytes.LastIndex(b, []byte("%%EOF")); n > 0 {
		b = b[:n+len("%%EOF")]
	}
	return b
}

// pdfWithin is how far into a file a PDF may begin.
const pdfWithin = 4 << 10

// crossReference is the beginning of a cross-reference table, or of the object that holds one as a stream.
var crossReference = regexp.MustCompile(`(?:^|[\r\n])(?:(xref)[ \t]*[\r\n]|([0-9]+[ \t]+[0-9]+[ \t]+obj)\b[^\r\n]{0,4}[\r\n]{0,2}<<[^>]{0,400}/Type ?/XRef\b)`)

// withStart is the PDF with a startxref that points to the last cross-reference that it holds, nil where there is none.
func withStart(b []byte) []byte {
	found := crossReference.FindAllSubmatchIndex(b, -1)
	if len(found) == 0 {
		return nil
	}
	last := found[len(found)-1]
	at := max(last[2], last[4])
	if n := bytes.LastIndex(b, []byte("startxref")); n > at {
		b = b[:n]
	}
	return fmt.Appendf(bytes.Clone(b), "\nstartxref\n%d\n%%%%EOF", at)
}

// pdfHeader is how a PDF begins, on a line of its own.
var pdfHeader = regexp.MustCompile(`(?:^|[\r\n])[\x00 \t]*%PDF-[12]\.[0-9]`)

// isPDF tells whether a PDF begins in head, perhaps behind the header of an HTTP answer.
func isPDF(head []byte) bool { return pdfHeader.Match(head[:min(len(head), pdfWithin)]) }

// openPDF opens a PDF with the library that reads its text.
func openPDF(b []byte) (r *pdf.Reader, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v: %w", p, ingest.ErrMalformed)
		}
	}()
	if r, err = pdf.NewReader(bytes.NewReader(b), int64(len(b))); err == nil {
		_ = r.NumPage() // what it panics of shall be met here
	}
	return r, err
}

// repairPDF writes a PDF anew, decrypted with the empty password.
func repairPDF(b []byte) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("read PDF: %v: %w", p, ingest.ErrMalformed)
		}
	}()
	api.DisableConfigDir() // it would write one to the user's folder
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationRelaxed
	conf.WriteObjectStream, conf.WriteXRefStream = false, false
	var whole bytes.Buffer
	if bytes.Contains(b, []byte("/Encrypt")) {
		err = api.Decrypt(bytes.NewReader(b), &whole, conf)
	} else {
		err = rewrite(bytes.NewReader(b), &whole, conf)
	}
	switch {
	case err != nil && strings.Contains(err.Error(), "password"):
		return nil, errPassword
	case err != nil:
		return nil, fmt.Errorf("read PDF: %w: %w", err, ingest.ErrMalformed)
	}
	return whole.Bytes(), nil
}

func rewrite(r io.ReadSeeker, w io.Writer, conf *model.Configuration) error {
	c, err := api.ReadContext(r, conf)
	if err != nil {
		return err
	}
	return api.WriteContext(c, w)
}

// errOperators ends a page that is drawn with more operators than any is.
var errOperators = errors.New("page with too many operators")

// pageText reads one page; the libraries panic on fonts and operators that they do not know. What stands before is kept.
func pageText(ctx context.Context, r *pdf.Reader, i int) (text string, isPicture bool, err error) {
	p := &pageReader{ctx: ctx, fonts: map[string]*pdfFont{}}
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("page %d: %v", i, fault)
		}
		text = layout(p.runs)
		isPicture = text == "" && p.pictures > 0
	}()
	page := r.Page(i)
	if page.V.IsNull() {
		return "", false, nil
	}
	p.draw(page.V.Key("Contents"), page.Resources(), identity, 0)
	return "", false, nil
}
