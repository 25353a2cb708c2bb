package report_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/ledongthuc/pdf"

	"marque/report"
)

// What stands in the brief stands on paper too: every operation's name, the level on each page, and the same bytes each time.
func TestPaper(t *testing.T) {
	_, in := world(t)
	b := report.Build(in, report.Options{Generated: written, Detail: 3})
	var doc, again bytes.Buffer
	for _, w := range []*bytes.Buffer{&doc, &again} {
		if err := report.DOCX(w, b); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(doc.Bytes(), again.Bytes()) {
		t.Error("the same brief gives two documents")
	}
	z, err := zip.NewReader(bytes.NewReader(doc.Bytes()), int64(doc.Len()))
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		part := ""
		for d := xml.NewDecoder(r); ; {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			if s, ok := tok.(xml.CharData); ok {
				part += string(s)
			}
		}
		if strings.HasPrefix(f.Name, "word/header") && strings.TrimSpace(part) != b.Level.String() {
			t.Errorf("header %q", part)
		}
		text += part
	}
	var out bytes.Buffer
	if err := report.PDF(&out, b); err != nil {
		t.Fatal(err)
	}
	p, err := pdf.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.GetPlainText()
	if err != nil {
		t.Fatal(err)
	}
	paper, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(paper), b.Level.String()); n < 2*p.NumPage() {
		t.Errorf("the level stands %d times on %d pages", n, p.NumPage())
	}
	bare := func(s string) string { return strings.Join(strings.Fields(strings.ReplaceAll(s, "\u00a0", " ")), "") }
	for _, op := range b.Operations {
		if !strings.Contains(bare(text), bare(op.Name)) || !strings.Contains(bare(string(paper)), bare(op.Name)) {
			t.Errorf("%q is not on paper", op.Name)
		}
	}
}

// How many operations have sections of their own changes no figure.
func TestDetailIsLayoutOnly(t *testing.T) {
	_, in := world(t)
	few, many := report.Build(in, report.Options{Generated: written, Detail: 2}), report.Build(in, report.Options{Generated: written, Detail: 500})
	if few.Counts != many.Counts {
		t.Errorf("%+v with two sections, %+v with all", few.Counts, many.Counts)
	}
	texts := func(b *report.Brief) (out []string) {
		for _, s := range slices.Concat(b.Summary, b.New, b.Matters, b.Unsure) {
			out = append(out, s.Text)
		}
		return out
	}
	if !slices.Equal(texts(few), texts(many)) {
		t.Error("the summary changes with the number of sections")
	}
}

// Groups hold every operation once; no mark-up of others and no reference without a title reaches the reader.
func TestBriefIsWhole(t *testing.T) {
	_, in := world(t)
	b := report.Build(in, report.Options{Generated: written, Detail: 5})
	seen, all := map[int]bool{}, 0
	for _, g := range b.Groups {
		all += g.Operations
		if g.Operations != len(g.Sections)+len(g.Rows) {
			t.Errorf("%s: %d operations, %d in sections, %d in lines", g.Title, g.Operations, len(g.Sections), len(g.Rows))
		}
		for _, i := range g.Sections {
			seen[i] = true
		}
	}
	if all != b.Counts.Operations || len(seen) != len(b.Operations) {
		t.Errorf("groups hold %d operations and %d sections", all, len(seen))
	}
	if len(b.New) == 0 || len(b.Matters) == 0 || len(b.Unsure) == 0 {
		t.Errorf("a summary without a part: %d new, %d matter, %d unsure", len(b.New), len(b.Matters), len(b.Unsure))
	}
	for _, r := range b.References {
		if strings.Contains(r.Title, "--") || r.Title == "" {
			t.Errorf("reference %+v", r)
		}
	}
	for _, q := range b.Trend {
		if q.Operations == 0 {
			t.Errorf("a row of no operations: %+v", q)
		}
	}
}
