package document_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"marque/ingest"
	"marque/ingest/document"
)

func parse(t *testing.T, name, content string) document.Document {
	t.Helper()
	d, err := document.Parse(t.Context(), []byte(content), name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return d
}

const body = `<p>A group that vendors call Example Bear broke into the mail servers of three ministries in spring, according to
a report that Example Labs published on Tuesday, and stayed there for weeks before anybody noticed that something was wrong.</p>
<p>The company said it had <b>moderate confidence</b> that the group works for a service of the state, because it took only
diplomatic papers, never asked for money, and worked in the office hours of the capital, with a long break at noon.</p>
<p>An embassy spokesperson rejected the accusation as groundless, and said that the state itself was a victim of such attacks
every single day, without naming those that it holds to be responsible for them.</p>`

const page = `<!DOCTYPE html><html lang="en"><head><title>Ministries' mail was read – Example Times</title>
<meta property="og:site_name" content="Example Times"><meta property="article:published_time" content="2024-10-15T08:30:00+02:00">
<link rel="canonical" href="https://times.example/world/mail"><script>var tracking = "do not read me";</script></head>
<body><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>Ministries' mail was read</h1>` + body + `</article>
<aside><h3>Most read</h3><ul><li><a href="/1">Cat stuck in a tree</a></li><li><a href="/2">Ten recipes</a></li></ul></aside>
<footer>Subscribe to our newsletter. All rights reserved.</footer></body></html>`

func TestHTML(t *testing.T) {
	d := parse(t, "story.html", page)
	if d.MediaType != "text/html" || !strings.Contains(d.Title, "Ministries' mail was read") || d.Publisher != "Example Times" ||
		d.URL != "https://times.example/world/mail" || d.Lang != "en" || !d.Published.Equal(time.Date(2024, 10, 15, 6, 30, 0, 0, time.UTC)) {
		t.Errorf("%+v", d)
	}
	for _, want := range []string{"Example Bear broke into", "moderate confidence that the group", "rejected the accusation"} {
		if !strings.Contains(d.Text, want) {
			t.Errorf("text lacks %q:\n%s", want, d.Text)
		}
	}
	for _, not := range []string{"do not read me", "Ten recipes", "newsletter", "Sport"} {
		if strings.Contains(d.Text, not) {
			t.Errorf("text holds boilerplate %q", not)
		}
	}
	if len(d.Digest) != 64 || strings.Count(d.Text, "\n\n") < 2 {
		t.Errorf("digest %q, paragraphs in %q", d.Digest, d.Text)
	}
}

func TestPageWithoutArticleIsReadWhole(t *testing.T) {
	d := parse(t, "https://short.example/a", `<html><body><div>Short note: <i>Example Bear</i> is back.</div></body></html>`)
	if d.Text != "Short note: Example Bear is back." || d.Publisher != "short.example" || d.URL != "https://short.example/a" {
		t.Errorf("%+v", d)
	}
}

func TestMarkdown(t *testing.T) {
	d := parse(t, "a.md", "---\ntitle: \"The title\"\ndate: 2024-03-02\npublisher: Example Labs\nurl: https://x.example/\n---\n# Heading\n\nSome **bold** text with a [link](https://x.example/y \"t\").\n\n> quoted\n\n- item\n\n***\n")
	if d.MediaType != "text/markdown" || d.Title != "The title" || d.Publisher != "Example Labs" || d.Published.Format(time.DateOnly) != "2024-03-02" || d.URL != "https://x.example/" {
		t.Errorf("%+v", d)
	}
	if want := "Heading\n\nSome bold text with a link.\n\nquoted\n\nitem"; d.Text != want {
		t.Errorf("text %q", d.Text)
	}
}

func TestPlainText(t *testing.T) {
	long := strings.Repeat("This is a sentence about something. ", 20)
	for _, c := range []struct{ name, text, title, publisher, published string }{
		{"headline.txt", "Ministries' mail was read\n\nWASHINGTON (AP) — " + long, "Ministries' mail was read", "Associated Press", ""},
		{"line.txt", "Headline\n\nPublished October 15, 2024\n\n" + long, "Headline", "", "2024-10-15"},
		{"dateline.txt", "Headline\n\nBERLIN, 3 Sept. 2023 — " + long, "Headline", "", "2023-09-03"},
		{"inside.txt", "Headline\n\nOn June 27, 2017 a worm spread. " + long, "Headline", "", ""},
		{"dir/none.txt", long, "none", "", ""},
	} {
		d := parse(t, c.name, c.text)
		got := ""
		if !d.Published.IsZero() {
			got = d.Published.Format(time.DateOnly)
		}
		if d.Title != c.title || d.Publisher != c.publisher || got != c.published {
			t.Errorf("%s: title %q, publisher %q, published %q", c.name, d.Title, d.Publisher, got)
		}
	}
}

func TestEncodings(t *testing.T) {
	const text = "Über „Beweise“ der Spione schweigt die Botschaft – noch."
	utf16le, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	utf16be, _ := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(text)
	latin, _ := charmap.Windows1252.NewEncoder().String(text)
	cyrillic, _ := charmap.Windows1251.NewEncoder().String("<html><head><meta charset=windows-1251></head><body><p>Взлом почты</p></body></html>")
	for name, content := range map[string]string{"utf-8": text, "bom": "\xef\xbb\xbf" + text, "utf-16le": utf16le, "utf-16be": utf16be, "windows-1252": latin} {
		if d := parse(t, name, content); d.Text != text {
			t.Errorf("%s: %q", name, d.Text)
		}
	}
	if d := parse(t, "c.html", cyrillic); d.Text != "Взлом почты" {
		t.Errorf("windows-1251: %q", d.Text)
	}
}

func TestSameTextSameDigest(t *testing.T) {
	if a, b := parse(t, "a", "One line.\r\nTwo lines.  \r\n"), parse(t, "b", "One line.\nTwo lines.\n"); a.Digest != b.Digest || a.Text != b.Text {
		t.Errorf("%q and %q", a.Text, b.Text)
	}
}

// pdfOf writes a PDF with one content stream a page.
func pdfOf(pages ...string) string {
	var b bytes.Buffer
	var offsets []int
	object := func(format string, args ...any) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), fmt.Sprintf(format, args...))
	}
	b.WriteString("%PDF-1.4\n")
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 5+2*i)
	}
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [%s] /Count %d >>", kids, len(pages))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	object("<< /Title (The report) /CreationDate (D:20240201093000+01'00') >>")
	for i, p := range pages {
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> >> >>", 6+2*i)
		object("<< /Length %d >>\nstream\n%s\nendstream", len(p), p)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return b.String()
}

func TestPDF(t *testing.T) {
	d := parse(t, "r.pdf", pdfOf("BT /F1 12 Tf 72 720 Td (A group broke into the mail servers of three ministries.) Tj ET", "BT /F1 12 Tf 72 720 Td (It asked for no money.) Tj ET"))
	if d.MediaType != "application/pdf" || d.Title != "The report" || d.Published.Format(time.DateOnly) != "2024-02-01" {
		t.Errorf("%+v", d)
	}
	if !strings.Contains(d.Text, "mail servers of three ministries.") || !strings.Contains(d.Text, "It asked for no money.") {
		t.Errorf("text %q", d.Text)
	}
}

func TestBadDocuments(t *testing.T) {
	deep := "<html><body>" + strings.Repeat("<div>", 100_000) + "text"
	many := "<html><body>" + strings.Repeat("<p>x</p>", 300_000)
	whole := pdfOf("BT /F1 12 Tf (text) Tj ET")
	for _, c := range []struct {
		name, content string
		err           error
		says          string
	}{
		{"scan.pdf", pdfOf("q 612 0 0 792 0 0 cm Q", "q Q"), ingest.ErrNoText, "scan"},
		{"cut.pdf", whole[:len(whole)/2], ingest.ErrMalformed, "PDF"},
		{"no.pdf", "%PDF-1.7\nnothing here", ingest.ErrMalformed, "PDF"},
		{"deep.html", deep, nil, "HTML"},
		{"many.html", many, ingest.ErrTooLarge, "elements"},
		{"tags.html", "<html><head><title>x</title></head><body><script>1</script></body></html>", ingest.ErrNoText, ""},
		{"empty.txt", " \n ", ingest.ErrEmpty, ""},
		{"binary.txt", "\x00\x01\x02\x7f\x00\x01", ingest.ErrUnknownFormat, ""},
		{"table.csv", "a,b,c\n1,2,3\n4,5,6", ingest.ErrUnknownFormat, ""},
		{"data.json", `{"a":1}`, ingest.ErrUnknownFormat, ""},
	} {
		_, err := document.Parse(t.Context(), []byte(c.content), c.name)
		if err == nil || c.err != nil && !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v saying %q", c.name, err, c.err, c.says)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(page), "a.html")
	f.Add([]byte(pdfOf("BT /F1 12 Tf (text) Tj ET")), "a.pdf")
	f.Add([]byte("---\ntitle: x\n---\n# y\n"), "a.md")
	f.Add([]byte("\xff\xfea\x00"), "a.txt")
	f.Fuzz(func(t *testing.T, b []byte, name string) {
		d, err := document.Parse(t.Context(), b, name)
		if err != nil {
			return
		}
		again, err := document.Parse(t.Context(), b, name)
		if err != nil || again.Digest != d.Digest || d.Text == "" {
			t.Errorf("%v, digest %s then %s", err, d.Digest, again.Digest)
		}
	})
}
