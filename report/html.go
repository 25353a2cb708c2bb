package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"marque/internal/plain"
	"marque/stix"
)

//go:embed assets/brief.html
var page string

// HTML writes the brief as one self-contained file: no script, no font, no picture from elsewhere. It reads without
// JavaScript, follows the reader's light or dark theme, and prints.
func HTML(w io.Writer, b *Brief) error {
	t, err := template.New("brief").Funcs(template.FuncMap{
		"window":     func() string { return b.window() },
		"refs":       referenceLinks,
		"percent":    percent,
		"strip":      unbroken,
		"join":       strings.Join,
		"lines":      func(a Analyst) []string { return a.lines() },
		"bar":        func(p float64) string { return fmt.Sprintf("%.1f%%", 100*p) },
		"db":         func(f float64) string { return fmt.Sprintf("%+.1f", f) },
		"inc":        func(i int) int { return i + 1 },
		"trend":      func() template.HTML { return barChart(b.bars()) },
		"matrix":     func() template.HTML { return matrixChart(&b.Matrix) },
		"key":        func() string { return b.Matrix.key() },
		"further":    b.furtherOf,
		"operations": func(n int) string { return plural(n, "operation", "operations") },
		"link":       safeLink,
		"mark":       pageMark,
		"colour":     func() string { return colours[b.Level] },
		"day":        func() string { return day(b.Generated.Time()) },
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("brief as HTML: %w", err)
	}
	if err := t.Execute(w, b); err != nil {
		return fmt.Errorf("brief as HTML: %w", err)
	}
	return nil
}

// pageMark is a level as the text of a page's margin.
func pageMark(l stix.TLP) template.CSS {
	return template.CSS(`"` + l.String() + `"`) //nolint:gosec // one of five fixed words
}

// colours are those of TLP 2.0 (FIRST), on black.
var colours = map[stix.TLP]string{stix.Clear: "clear", stix.Green: "green", stix.Amber: "amber", stix.AmberStrict: "amber", stix.Red: "red"}

// referenceLinks are the numbers as links to the list of references.
func referenceLinks(ns []int) template.HTML {
	var b strings.Builder
	for i, n := range ns {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `<a href="#ref-%d">%d</a>`, n, n)
	}
	if b.Len() == 0 {
		return ""
	}
	return template.HTML(`<sup class="ref">[` + b.String() + `]</sup>`) //nolint:gosec // numbers only
}

// safeLink is an address that may be linked: http and https.
func safeLink(s string) string {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.String()
}

// unbroken is text of a document in one line, with each percent sign kept beside its number.
func unbroken(s string) string { return strings.ReplaceAll(plain.Line(s), " %", "\u00a0%") }

// furtherRows are the operations of a group without a section.
type furtherRows struct {
	Title, Rest string
	Rows        []Row
	Open        bool
}

// maxOpen is how many lines a table may have that is shown unfolded; maxRows bounds a group's.
const (
	maxOpen = 12
	maxRows = 200
)

func (b *Brief) furtherOf(g Group) *furtherRows {
	if len(g.Rows) == 0 {
		return nil
	}
	f := &furtherRows{Title: plural(len(g.Rows), "further operation", "further operations"), Open: len(g.Rows) <= maxOpen}
	for _, i := range g.Rows[:min(len(g.Rows), maxRows)] {
		f.Rows = append(f.Rows, b.Others[i])
	}
	if n := len(g.Rows) - maxRows; n > 0 {
		f.Rest = fmt.Sprintf("and %d more; marque operations lists all", n)
	}
	return f
}

// barChart draws a bar for each period, as long as the share of operations with a state and a criminal side. It is text, so it reads at any
// width, in print and aloud.
func barChart(qs []Quarter) template.HTML {
	var b strings.Builder
	b.WriteString(`<div class="bars">`)
	for _, q := range qs {
		fmt.Fprintf(&b, `<span>%s</span><span class="bar" aria-hidden="true"><i style="width:%.1f%%"></i></span><span>%s</span>`,
			template.HTMLEscapeString(q.Label), 100*q.Share, unbroken(template.HTMLEscapeString(q.caption())))
	}
	b.WriteString(`</div>`)
	return template.HTML(b.String()) //nolint:gosec // text is escaped above
}

// matrixChart draws sponsor × target as a table whose cells are shaded by their counts. Columns are headed by codes, which fit a telephone.
func matrixChart(m *Matrix) template.HTML {
	sponsors, cells := m.drawn()
	most := 1
	for _, row := range cells {
		most = max(most, slices.Max(append([]int{0}, row...)))
	}
	var b strings.Builder
	b.WriteString(`<table class="matrix"><thead><tr><th scope="row"></th>`)
	for j, head := range m.heads() {
		fmt.Fprintf(&b, `<th scope="col"><abbr title="%s">%s</abbr></th>`, template.HTMLEscapeString(m.Targets[j]), template.HTMLEscapeString(head))
	}
	b.WriteString(`</tr></thead><tbody>`)
	for i, s := range sponsors {
		fmt.Fprintf(&b, `<tr><th scope="row">%s</th>`, template.HTMLEscapeString(s))
		for _, n := range cells[i] {
			class, text := "", "·"
			if n > 0 {
				text = strconv.Itoa(n)
			}
			if 3*n > most {
				class = ` class="strong"`
			}
			fmt.Fprintf(&b, `<td%s style="--o:%.2f"><span>%s</span></td>`, class, shade(n, most), text)
		}
		b.WriteString(`</tr>`)
	}
	b.WriteString(`</tbody></table>`)
	return template.HTML(b.String()) //nolint:gosec // text is escaped above
}

// shade is how dark a cell is, by the root of its count: small numbers stay visible beside large ones.
func shade(n, most int) float64 {
	if n == 0 {
		return 0.04
	}
	return 0.15 + 0.8*math.Sqrt(float64(n)/float64(most))
}
