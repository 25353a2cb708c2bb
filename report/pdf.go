package report

import (
	"fmt"
	"io"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/goregular"

	"marque/internal/plain"
)

// Measures of a page in millimetres, and sizes of letters in points.
const (
	pdfMargin = 18.0
	pdfWidth  = 210 - 2*pdfMargin
	pdfLabel  = 22.0 // the column of labels
	pdfText   = 9.5
	pdfLine   = 4.6
)

// PDF writes the brief on A4 with bookmarks, in Go's fonts, which know Latin, Greek and Cyrillic letters. The level stands on every page. The same
// brief gives the same bytes.
func PDF(w io.Writer, b *Brief) error {
	p := &pdf{Fpdf: fpdf.New("P", "mm", "A4", "")}
	p.AddUTF8FontFromBytes("go", "", goregular.TTF)
	p.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	p.AddUTF8FontFromBytes("go", "I", goitalic.TTF)
	p.SetMargins(pdfMargin, pdfMargin, pdfMargin)
	p.SetAutoPageBreak(true, pdfMargin)
	p.SetCatalogSort(true)
	p.SetCreationDate(b.Generated.Time().UTC())
	p.SetModificationDate(b.Generated.Time().UTC())
	p.SetTitle(b.Title+" · "+b.window(), true)
	p.SetCreator("Marque", true)
	p.SetLang("en")
	p.SetKeywords(b.Level.String(), true)
	p.AliasNbPages("")
	p.SetHeaderFunc(func() { p.marking(b.Level.String(), 8) })
	p.SetFooterFunc(func() { p.marking(fmt.Sprintf("%s · page %d of {nb}", b.Level, p.PageNo()), -12) })
	p.AddPage()
	p.write("B", 20, 9, 0, b.Title)
	p.write("I", pdfText, pdfLine, 0, b.window())
	if b.Note != "" {
		p.write("I", pdfText, pdfLine, 0, b.Note)
	}
	for _, x := range b.layout() {
		p.block(&x)
	}
	if err := p.Output(w); err != nil {
		return fmt.Errorf("brief as PDF: %w", err)
	}
	return nil
}

type pdf struct{ *fpdf.Fpdf }

// marking writes at the head (a height) or the foot (one from below) of a page.
func (p *pdf) marking(text string, y float64) {
	p.SetY(y)
	p.SetFont("go", "B", 8)
	p.SetTextColor(0, 0, 0)
	p.CellFormat(0, 5, text, "", 0, "R", false, 0, "")
	if y > 0 {
		p.SetY(pdfMargin)
	}
}

// write is a paragraph that hangs by an indent.
func (p *pdf) write(style string, size, line, indent float64, text string) {
	p.SetFont("go", style, size)
	p.SetX(pdfMargin + indent)
	p.MultiCell(pdfWidth-indent, line, pdfLineOf(text), "", "L", false)
}

// pdfLineOf is a text as the fonts can write it: in one line, letters outside the first plane as a box.
func pdfLineOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xffff {
			return '□'
		}
		return r
	}, plain.Line(s))
}

// heading begins with room for what follows, and stands in the bookmarks.
func (p *pdf) heading(level int, size float64, text string) {
	if p.GetY() > 297-pdfMargin-30 {
		p.AddPage()
	}
	p.Ln(3 + float64(2-level))
	p.Bookmark(pdfLineOf(text), level, -1)
	p.SetTextColor(31, 78, 140)
	p.write("B", size, size*.48, 0, text)
	p.SetTextColor(0, 0, 0)
	p.Ln(1)
}

func (p *pdf) block(x *block) {
	switch x.kind {
	case sectionBlock:
		p.heading(0, 14, x.text)
	case groupBlock:
		p.heading(0, 12, x.text)
	case opBlock:
		p.heading(1, 10.5, x.text)
	case metaBlock:
		p.SetTextColor(91, 102, 117)
		p.write("I", 8.5, 4.2, 0, x.text)
		p.SetTextColor(0, 0, 0)
		p.Ln(1)
	case paraBlock:
		p.write("", pdfText, pdfLine, 0, x.text)
	case itemBlock:
		p.labelled("•", 4, x.text)
	case fieldBlock:
		p.labelled(x.label, pdfLabel, x.text)
	case refBlock:
		p.labelled(x.label, 10, x.text)
	case tableBlock:
		p.table(x.rows)
	case barsBlock:
		p.bars(x)
	case pageBlock:
		p.AddPage()
	}
}

// labelled is a paragraph beside its label.
func (p *pdf) labelled(label string, indent float64, text string) {
	if p.GetY() > 297-pdfMargin-2*pdfLine {
		p.AddPage()
	}
	y := p.GetY()
	p.SetFont("go", "B", 8.5)
	p.SetXY(pdfMargin, y)
	p.CellFormat(indent, pdfLine, label, "", 0, "L", false, 0, "")
	p.write("", pdfText, pdfLine, indent, text)
	p.Ln(.8)
}

// table is rows in columns as wide as what stands in them; long cells are cut, and the widest gives way first.
func (p *pdf) table(rows [][]string) {
	p.SetFont("go", "", 8)
	widths := make([]float64, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], p.GetStringWidth(pdfLineOf(c))+3)
		}
	}
	for sum(widths) > pdfWidth {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		widths[widest]--
	}
	for n, r := range rows {
		if p.GetY() > 297-pdfMargin-6 {
			p.AddPage()
		}
		style := ""
		if n == 0 {
			style = "B"
		}
		p.SetFont("go", style, 8)
		p.SetX(pdfMargin)
		for i, c := range r {
			align := "L"
			if n > 0 && numeric(c) {
				align = "R"
			}
			p.CellFormat(widths[i], 5, p.cut(pdfLineOf(c), widths[i]-2), "B", 0, align, false, 0, "")
		}
		p.Ln(5)
	}
	p.Ln(2)
}

func sum(ws []float64) (total float64) {
	for _, w := range ws {
		total += w
	}
	return total
}

// cut is as much of a text as fits.
func (p *pdf) cut(s string, width float64) string {
	if p.GetStringWidth(s) <= width {
		return s
	}
	r := []rune(s)
	for len(r) > 1 && p.GetStringWidth(string(r)+"…") > width {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}

// bars draws a bar for each share.
func (p *pdf) bars(x *block) {
	const label, bar, height = 26.0, 90.0, 4.0
	for i, r := range x.rows {
		if p.GetY() > 297-pdfMargin-6 {
			p.AddPage()
		}
		p.SetFont("go", "", 8)
		y := p.GetY()
		p.SetXY(pdfMargin, y)
		p.CellFormat(label, height, pdfLineOf(r[0]), "", 0, "L", false, 0, "")
		p.SetFillColor(216, 222, 230)
		p.Rect(pdfMargin+label, y+.6, bar, height-1.2, "F")
		p.SetFillColor(179, 84, 30)
		p.Rect(pdfMargin+label, y+.6, bar*x.shares[i], height-1.2, "F")
		p.SetXY(pdfMargin+label+bar+3, y)
		p.CellFormat(0, height, pdfLineOf(r[1]), "", 0, "L", false, 0, "")
		p.Ln(height + .4)
	}
	p.Ln(2)
}
