package document_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"marque/ingest"
	"marque/ingest/document"
)

// zipOf is a zip archive of files in the order of pairs of name and content; mimetype is stored first, as the formats ask.
func zipOf(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		method := zip.Deflate
		if pairs[i] == "mimetype" {
			method = zip.Store
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: pairs[i], Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(pairs[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	wordBody = `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="w"><w:body>` +
		`<w:p><w:r><w:t>Copper Finch broke into </w:t></w:r><w:del><w:r><w:delText>two</w:delText><w:t>gone</w:t></w:r></w:del><w:r><w:t xml:space="preserve">the port</w:t><w:noBreakHyphen/><w:t>authority.</w:t></w:r></w:p>` +
		`<w:p><w:r><w:instrText>HYPERLINK "x"</w:instrText><w:t>Second</w:t><w:tab/><w:t>paragraph &amp; more.</w:t></w:r></w:p>` +
		`<w:tbl><w:tr><w:tc><w:p><w:r><w:t>ip</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>198.51.100.7</w:t></w:r></w:p></w:tc></w:tr>` +
		`<w:tr><w:tc><w:p><w:r><w:t>domain</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>evil[.]example</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>`
	odtBody = `<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="tb"><office:body><office:text>` +
		`<text:tracked-changes><text:p>deleted words</text:p></text:tracked-changes><text:h>Heading</text:h><text:p>Copper<text:s/>Finch broke into <text:span>the port</text:span>.</text:p>` +
		`<table:table><table:table-row><table:table-cell><text:p>ip</text:p></table:table-cell><table:table-cell><text:p>198.51.100.7</text:p></table:table-cell></table:table-row></table:table></office:text></office:body></office:document-content>`
	core = `<cp:coreProperties xmlns:dc="dc"><dc:title>The title</dc:title><dcterms:created>2024-03-12T10:00:00Z</dcterms:created></cp:coreProperties>`
)

func docx(t testing.TB) []byte {
	return zipOf(t, "[Content_Types].xml", "<Types/>", "_rels/.rels", "<r/>", "word/document.xml", wordBody, "word/header1.xml", `<w:hdr xmlns:w="w"><w:p><w:r><w:t>TLP:GREEN</w:t></w:r></w:p></w:hdr>`,
		"word/header2.xml", `<w:hdr xmlns:w="w"><w:p><w:r><w:t>TLP:GREEN</w:t></w:r></w:p></w:hdr>`, "word/footnotes.xml", `<w:f xmlns:w="w"><w:p><w:r><w:t>See 203.0.113.9.</w:t></w:r></w:p></w:f>`, "docProps/core.xml", core)
}

func odt(t testing.TB) []byte {
	return zipOf(t, "mimetype", "application/vnd.oasis.opendocument.text", "content.xml", odtBody, "meta.xml", `<m xmlns:dc="dc" xmlns:meta="m"><meta:creation-date>2024-03-12T10:00:00</meta:creation-date><dc:title>The title</dc:title></m>`)
}

func epub(t testing.TB) []byte {
	return zipOf(t, "mimetype", "application/epub+zip", "META-INF/container.xml", `<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>`,
		"OEBPS/book.opf", `<package><metadata xmlns:dc="dc"><dc:title>The title</dc:title><dc:date>2024-03-12</dc:date><dc:language>en</dc:language></metadata><manifest><item id="a" href="a.xhtml"/><item id="b" href="text/b.xhtml"/></manifest><spine><itemref idref="b"/><itemref idref="a"/></spine></package>`,
		"OEBPS/a.xhtml", "<html><body><p>The end: 198.51.100.7.</p></body></html>", "OEBPS/text/b.xhtml", "<html><head><title>x</title></head><body><p>Copper Finch broke into the port.</p></body></html>")
}

func TestOfficeDocuments(t *testing.T) {
	for name, tt := range map[string]struct {
		b    []byte
		want []string
		not  []string
	}{
		"docx": {docx(t), []string{"Copper Finch broke into the port-authority.\n\nSecond paragraph & more.", "ip  198.51.100.7\ndomain  evil[.]example", "See 203.0.113.9.", "TLP:GREEN"}, []string{"gone", "two", "HYPERLINK"}},
		"odt":  {odt(t), []string{"Heading\n\nCopper Finch broke into the port.", "ip  198.51.100.7"}, []string{"deleted"}},
		"epub": {epub(t), []string{"Copper Finch broke into the port.\n\nThe end: 198.51.100.7."}, []string{"x\n"}},
	} {
		d, err := document.Parse(context.Background(), tt.b, "a."+name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(d.Text, want) {
				t.Errorf("%s: no %q in %q", name, want, d.Text)
			}
		}
		for _, not := range tt.not {
			if strings.Contains(d.Text, not) {
				t.Errorf("%s: %q in %q", name, not, d.Text)
			}
		}
		if d.Title != "The title" || d.Published.Format("2006-01-02") != "2024-03-12" {
			t.Errorf("%s: title %q, published %v", name, d.Title, d.Published)
		}
	}
	if d, err := document.Parse(context.Background(), docx(t), "a.docx"); err != nil || !d.Labelled || strings.Count(d.Text, "TLP:GREEN") != 1 {
		t.Errorf("a header's label: %+v %v", d, err)
	}
}

// TestOfficeDocumentsOfLibreOffice reads the report of testdata/pdf as LibreOffice saves it.
func TestOfficeDocumentsOfLibreOffice(t *testing.T) {
	for _, name := range []string{"report.docx", "report.odt", "report.epub"} {
		b, err := os.ReadFile("testdata/office/" + name)
		if err != nil {
			t.Fatal(err)
		}
		wholeReport(t, name, b)
	}
}

func TestBadOfficeDocuments(t *testing.T) {
	for name, tt := range map[string]struct {
		b    []byte
		want error
		says string
	}{
		"locked odt":    {zipOf(t, "mimetype", "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml", "<manifest:encryption-data/>", "content.xml", "xx"), ingest.ErrNoText, "password"},
		"locked epub":   {zipOf(t, "mimetype", "application/epub+zip", "META-INF/rights.xml", "<r/>", "META-INF/container.xml", "<c/>"), ingest.ErrNoText, "lock"},
		"empty epub":    {zipOf(t, "mimetype", "application/epub+zip", "a", "b"), ingest.ErrMalformed, "table of its files"},
		"cut docx":      {docx(t)[:700], ingest.ErrMalformed, ""},
		"docx in depth": {zipOf(t, "[Content_Types].xml", "x", "word/document.xml", strings.Repeat("<a>", 5000)), ingest.ErrNoText, ""},
		"no text":       {zipOf(t, "[Content_Types].xml", "x", "word/document.xml", "<w:document/>"), ingest.ErrNoText, ""},
		"workbook":      {zipOf(t, "[Content_Types].xml", "x", "xl/workbook.xml", "<w/>"), ingest.ErrUnknownFormat, ""},
	} {
		if _, err := document.Parse(context.Background(), tt.b, name); !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	bomb := zipOf(t, "[Content_Types].xml", "x", "word/document.xml", "<w:t>"+strings.Repeat("a", 100<<20)+"</w:t>")
	if _, err := document.Parse(context.Background(), bomb, "bomb.docx"); err == nil {
		t.Error("100 MiB of one letter are read")
	}
}

const rss = `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="c" xmlns:dc="d"><channel><title>Example Labs blog</title><link>https://labs.example/</link>
<item><title>Copper Finch raids port</title><link>https://labs.example/a</link><pubDate>Tue, 12 Mar 2024 10:00:00 GMT</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>The group Copper Finch broke into the network of a Ruritanian port authority.</p><table><tr><td>evil[.]example</td></tr></table>]]></content:encoded></item>
<item><title>Second</title><guid>https://labs.example/b</guid><dc:date>2024-03-13</dc:date><description>&lt;p&gt;The ministry denied that it was involved in it.&lt;/p&gt;</description></item>
<item><title>Nothing in it</title></item></channel></rss>`

const atom = `<feed xmlns="http://www.w3.org/2005/Atom"><title>Example Labs</title><entry><title>Copper Finch</title><link rel="self" href="https://labs.example/self"/><link href="https://labs.example/a"/>
<published>2024-03-12T10:00:00Z</published><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>The group <b>Copper Finch</b> broke into the port.</p></div></content></entry></feed>`

func TestFeeds(t *testing.T) {
	docs, without, err := document.Feed(context.Background(), []byte(rss), "feed.xml")
	if err != nil || len(docs) != 2 || without != 1 {
		t.Fatalf("%d documents, %d without text, %v", len(docs), without, err)
	}
	d := docs[0]
	if d.Title != "Copper Finch raids port" || d.Publisher != "Example Labs blog" || d.URL != "https://labs.example/a" || d.Published.Format("2006-01-02") != "2024-03-12" {
		t.Errorf("%+v", d)
	}
	if !strings.Contains(d.Text, "Copper Finch broke into the network") || !strings.Contains(d.Text+d.Page, "evil[.]example") {
		t.Errorf("%q", d.Text)
	}
	if d = docs[1]; d.URL != "https://labs.example/b" || !strings.Contains(d.Text, "denied that") || d.Published.Day() != 13 {
		t.Errorf("%+v", d)
	}
	docs, _, err = document.Feed(context.Background(), []byte(atom), "feed.xml")
	if err != nil || len(docs) != 1 || !strings.Contains(docs[0].Text, "The group Copper Finch broke into the port.") || docs[0].URL != "https://labs.example/a" {
		t.Errorf("%+v %v", docs, err)
	}
	if docs, _, err = document.Feed(context.Background(), []byte(rss[:700]), "feed.xml"); len(docs) != 1 || !errors.Is(err, ingest.ErrMalformed) {
		t.Errorf("a feed that breaks off: %d documents, %v; want its first entry and the error", len(docs), err)
	}
}

// FuzzOffice holds that no archive and no feed panics.
func FuzzOffice(f *testing.F) {
	for _, b := range [][]byte{docx(f), odt(f), epub(f), []byte(rss), []byte(atom)} {
		f.Add(b)
	}
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = document.Parse(context.Background(), b, "x")
		_, _, _ = document.Feed(context.Background(), b, "x")
	})
}
