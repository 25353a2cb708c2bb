package document

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/mail"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	htmlcharset "golang.org/x/net/html/charset"

	"marque/ingest"
	"marque/internal/unpack"
)

// The documents that are zip archives of XML: Word (ECMA-376), OpenDocument (ISO 26300), EPUB. Only their text is read: paragraphs, tables
// row by row, foot- and endnotes, headers and footers; not what was deleted with changes being tracked.

const (
	mediaDocx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	mediaOdt  = "application/vnd.oasis.opendocument.text"
	mediaEpub = "application/epub+zip"
)

// maxPart bounds one file within a document.
const maxPart = 64 << 20

// officeType tells which document a zip archive is by the names of the files that stand first in it, "" for none.
func officeType(head []byte) string {
	if !unpack.IsZip(head) {
		return ""
	}
	has := func(s string) bool { return bytes.Contains(head, []byte(s)) }
	switch {
	case has("mimetype" + mediaEpub):
		return mediaEpub
	case has("mimetype" + mediaOdt):
		return mediaOdt
	case has("word/"):
		return mediaDocx
	}
	return ""
}

// archive are the files of a document by name.
type archive map[string]unpack.Member

func openArchive(b []byte) (archive, error) {
	members, err := unpack.Zip(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("read document: %w: %w", err, ingest.ErrMalformed)
	}
	out := archive{}
	for _, m := range members {
		out[m.Name] = m
	}
	return out, nil
}

// read returns a file's bytes, none where it is not there.
func (a archive) read(name string) ([]byte, error) {
	m, ok := a[name]
	if !ok {
		return nil, nil
	}
	r, err := m.Open(maxPart)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return b, nil
}

// xmlText says what the elements of a format are, by their local names.
type xmlText struct {
	words  map[string]bool   // whose character data is text; nil: all
	skip   map[string]bool   // whose content is none
	blocks map[string]string // what stands behind the end of one
	signs  map[string]string // what an element stands for
}

// blankLines are more of them than part paragraphs.
var blankLines = regexp.MustCompile(`\n\s*\n\s*\n\s*`)

// maxNested bounds how deep elements may be nested.
const maxNested = 500

// text takes the text out of XML. In cells of a table paragraphs are parted by blanks, so that a row is a line.
func (x *xmlText) text(ctx context.Context, b []byte) (string, error) {
	dec := newXML(b)
	var out strings.Builder
	depth, skipped, words, cells := 0, 0, 0, 0
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return "", ctx.Err()
		}
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return blankLines.ReplaceAllString(out.String(), "\n\n"), nil
		}
		if err != nil {
			return out.String(), fmt.Errorf("%w: %w", err, ingest.ErrMalformed)
		}
		switch t := token.(type) {
		case xml.StartElement:
			name := t.Name.Local
			if depth++; depth > maxNested {
				return out.String(), fmt.Errorf("elements nested deeper than %d: %w", maxNested, ingest.ErrMalformed)
			}
			switch {
			case skipped > 0 || x.skip[name]:
				skipped++
			case x.words[name]:
				words++
			case x.blocks[name] == "\t":
				cells++
			}
			if skipped == 0 {
				out.WriteString(x.signs[name])
			}
		case xml.EndElement:
			name := t.Name.Local
			depth--
			if skipped > 0 {
				skipped--
				continue
			}
			if x.words[name] {
				words--
			}
			end := x.blocks[name]
			switch {
			case end == "\t":
				cells--
				end = " "
			case end == "\n\n" && cells > 0:
				end = " "
			}
			out.WriteString(end)
		case xml.CharData:
			if skipped == 0 && (x.words == nil || words > 0) {
				out.Write(t)
			}
		}
		if out.Len() > MaxText {
			return "", fmt.Errorf("document with more than %d bytes of text: %w", MaxText, ingest.ErrTooLarge)
		}
	}
}

// newXML is a decoder that forgives what documents hold, and knows encodings.
func newXML(b []byte) *xml.Decoder {
	dec := xml.NewDecoder(bytes.NewReader(b))
	dec.Strict, dec.Entity = false, xml.HTMLEntity
	dec.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(label), "utf-16") {
			return in, nil // turned into UTF-8 before
		}
		return htmlcharset.NewReaderLabel(label, in)
	}
	return dec
}

func set(names ...string) map[string]bool {
	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}
	return out
}

var docxText = &xmlText{
	words:  set("t"),
	skip:   set("del", "moveFrom", "instrText", "Fallback"),
	blocks: map[string]string{"p": "\n\n", "tc": "\t", "tr": "\n"},
	signs:  map[string]string{"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"},
}

var odtText = &xmlText{
	skip:   set("tracked-changes", "annotation", "automatic-styles", "font-face-decls", "scripts", "sequence-decls", "forms"),
	blocks: map[string]string{"p": "\n\n", "h": "\n\n", "table-cell": "\t", "table-row": "\n"},
	signs:  map[string]string{"tab": " ", "s": " ", "line-break": "\n"},
}

// xhtmlText reads chapters of an EPUB as XML: an HTML parser takes all behind <title/> for the title.
var xhtmlText = &xmlText{
	skip: set("head", "script", "style", "svg", "template"),
	blocks: map[string]string{
		"p": "\n\n", "div": "\n\n", "h1": "\n\n", "h2": "\n\n", "h3": "\n\n", "h4": "\n\n", "li": "\n", "pre": "\n\n", "blockquote": "\n\n", "td": "\t", "th": "\t", "tr": "\n",
		"dt": "\n", "dd": "\n", "section": "\n\n", "table": "\n\n", "figcaption": "\n\n",
	},
	signs: map[string]string{"br": "\n"},
}

// properties are what a document says of itself, in Dublin Core.
type properties struct{ title, creator, date, publisher, language string }

func readProperties(b []byte) (p properties) {
	dec := newXML(b)
	var at string
	for {
		token, err := dec.Token()
		if err != nil {
			return p
		}
		switch t := token.(type) {
		case xml.StartElement:
			at = t.Name.Local
		case xml.EndElement:
			at = ""
		case xml.CharData:
			text := strings.TrimSpace(string(t))
			for name, into := range map[string]*string{
				"title": &p.title, "creator": &p.creator, "created": &p.date, "creation-date": &p.date, "date": &p.date, "publisher": &p.publisher,
				"Company": &p.publisher, "language": &p.language,
			} {
				if at == name && *into == "" {
					*into = text
				}
			}
		}
	}
}

// fill sets what properties tell, as far as nothing was told before.
func (d *Document) fill(p properties) {
	d.Title, d.Publisher, d.Lang = cmp.Or(d.Title, p.title), cmp.Or(d.Publisher, p.publisher), cmp.Or(d.Lang, p.language)
	if d.Published.IsZero() {
		d.Published = dated(p.date)
	}
}

// dated is a date as documents and feeds write it, without one the zero time.
func dated(s string) time.Time {
	s = strings.TrimSpace(s)
	if len(s) >= 10 {
		if t, err := time.Parse(time.DateOnly, s[:10]); err == nil {
			return t
		}
	}
	if t, err := mail.ParseDate(s); err == nil {
		return t.UTC()
	}
	return parseDate(s)
}

func readDocx(ctx context.Context, b []byte) (Document, error) {
	a, err := openArchive(b)
	if err != nil {
		return Document{}, err
	}
	var d Document
	var text strings.Builder
	for _, glob := range []string{"word/header*.xml", "word/document.xml", "word/footnotes.xml", "word/endnotes.xml", "word/comments.xml", "word/footer*.xml"} {
		said := map[string]bool{} // headers of several sections are alike
		for _, name := range slices.Sorted(maps.Keys(a)) {
			if ok, _ := path.Match(glob, name); !ok {
				continue
			}
			part, err := a.read(name)
			if err != nil {
				return Document{}, err
			}
			t, err := docxText.text(ctx, part)
			if err != nil {
				d.Missed = append(d.Missed, fmt.Sprintf("the end of %s: %v", name, err))
			}
			if !said[t] {
				said[t] = true
				text.WriteString(strings.TrimSpace(t) + "\n\n")
			}
		}
	}
	for _, name := range []string{"docProps/core.xml", "docProps/app.xml"} {
		if part, err := a.read(name); err == nil {
			d.fill(readProperties(part))
		}
	}
	d.Text = text.String()
	return d, nil
}

func readOdt(ctx context.Context, b []byte) (Document, error) {
	a, err := openArchive(b)
	if err != nil {
		return Document{}, err
	}
	if manifest, err := a.read("META-INF/manifest.xml"); err == nil && bytes.Contains(manifest, []byte("encryption-data")) {
		return Document{}, fmt.Errorf("OpenDocument file is encrypted; remove the password first: %w", ingest.ErrNoText)
	}
	var d Document
	for _, name := range []string{"styles.xml", "content.xml"} { // headers and footers stand among the styles
		part, err := a.read(name)
		if err != nil {
			return Document{}, err
		}
		t, err := odtText.text(ctx, part)
		if err != nil {
			d.Missed = append(d.Missed, fmt.Sprintf("the end of %s: %v", name, err))
		}
		d.Text += t + "\n\n"
	}
	if part, err := a.read("meta.xml"); err == nil {
		d.fill(readProperties(part))
	}
	return d, nil
}

func readEpub(ctx context.Context, b []byte) (Document, error) {
	a, err := openArchive(b)
	if err != nil {
		return Document{}, err
	}
	if rights, err := a.read("META-INF/rights.xml"); err == nil && rights != nil {
		return Document{}, fmt.Errorf("EPUB with a lock (DRM): %w", ingest.ErrNoText)
	}
	var container struct {
		Roots []struct {
			Path string `xml:"full-path,attr"`
		} `xml:"rootfiles>rootfile"`
	}
	part, err := a.read("META-INF/container.xml")
	if err == nil {
		err = newXML(part).Decode(&container)
	}
	if err != nil || len(container.Roots) == 0 {
		return Document{}, fmt.Errorf("EPUB without a table of its files: %w", ingest.ErrMalformed)
	}
	root := container.Roots[0].Path
	var book struct {
		Items []struct {
			ID   string `xml:"id,attr"`
			Href string `xml:"href,attr"`
		} `xml:"manifest>item"`
		Spine []struct {
			ID string `xml:"idref,attr"`
		} `xml:"spine>itemref"`
	}
	if part, err = a.read(root); err != nil {
		return Document{}, err
	}
	if err := newXML(part).Decode(&book); err != nil {
		return Document{}, fmt.Errorf("EPUB: %s: %w: %w", root, err, ingest.ErrMalformed)
	}
	var d Document
	d.fill(readProperties(part))
	files := map[string]string{}
	for _, item := range book.Items {
		files[item.ID] = path.Join(path.Dir(root), item.Href)
	}
	var text strings.Builder
	for _, item := range book.Spine {
		if err := ctx.Err(); err != nil {
			return Document{}, err
		}
		chapter, err := a.read(files[item.ID])
		if err != nil {
			return Document{}, err
		}
		t, err := xhtmlText.text(ctx, chapter)
		if err != nil {
			d.Missed = append(d.Missed, fmt.Sprintf("the end of the chapter %s: %v", files[item.ID], err))
		}
		text.WriteString(strings.TrimSpace(t) + "\n\n")
		if text.Len() > MaxText {
			return Document{}, fmt.Errorf("EPUB with more than %d bytes of text: %w", MaxText, ingest.ErrTooLarge)
		}
	}
	d.Text = text.String()
	return d, nil
}
