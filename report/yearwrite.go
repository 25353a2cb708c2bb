package report

import (
	"bufio"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"marque/internal/plain"
	"marque/stix"
)

//go:embed assets/year.html
var yearPage string

var yearTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("year").Funcs(template.FuncMap{
		"refs": referenceLinks, "strip": plain.Line, "link": safeLink,
		"colour": func(l stix.TLP) string { return colours[l] },
		"day":    func(t stix.Timestamp) string { return day(t.Time()) },
		"svg":    func(t Table) template.HTML { return t.Chart.SVG(t.Caption) },
		"mark":   pageMark,
		"front":  (*Year).front,
		"signed": func(f Figure) string { return fmt.Sprintf("%+d", f.Now-f.Before) },
		"number": numeric, "cited": func(t Table) bool { return t.cited() },
		"numbers": func(t Table, i int) bool {
			return len(t.Rows) > 0 && i < len(t.Rows[0].Cells) && numeric(t.Rows[0].Cells[i])
		},
	}).Parse(yearPage))
})

// front are the tables whose charts belong to the summary: the blurred line, sponsor and target, what was answered.
func (y *Year) front() (out []Table) {
	for _, key := range []string{"blurred-line", "targets", "measures"} {
		for _, s := range y.Sections {
			if s.Key == key && len(s.Tables) > 0 && s.Tables[0].Chart.SVG("") != "" {
				out = append(out, s.Tables[0])
			}
		}
	}
	return out
}

// YearHTML writes the report as one self-contained file that reads without JavaScript on a narrow screen and prints on A4: the two-page
// summary first, a table beside each chart.
func YearHTML(w io.Writer, y *Year) error {
	if err := yearTemplate().Execute(w, y); err != nil {
		return fmt.Errorf("yearly report as HTML: %w", err)
	}
	return nil
}

func (y *Year) window() string { return day(y.From.Time()) + " to " + day(y.To.Time()) }

// cited is a sentence with where it comes from.
func (t Told) cited() string {
	if t.Table > 0 {
		return fmt.Sprintf("%s (table %d)", t.Sentence.cited(), t.Table)
	}
	return t.Sentence.cited()
}

// cited tells whether any row has references.
func (t *Table) cited() bool {
	return slices.ContainsFunc(t.Rows, func(r TableRow) bool { return len(r.Refs) > 0 })
}

// withRefs are the rows of a table as text, with the references in a last column where any row has some.
func (t *Table) withRefs() [][]string {
	cited := t.cited()
	out := [][]string{slices.Clone(t.Head)}
	if cited {
		out[0] = append(out[0], "sources")
	}
	for _, r := range t.Rows {
		cells := slices.Clone(r.Cells)
		if cited {
			cells = append(cells, strings.Trim(strings.ReplaceAll(fmt.Sprint(r.Refs), " ", ", "), "[]"))
		}
		out = append(out, cells)
	}
	return out
}

// YearMarkdown writes the report as CommonMark with tables as GitHub reads them.
func YearMarkdown(w io.Writer, y *Year) error {
	m := &markdown{w: bufio.NewWriter(w)}
	m.line("**" + y.Level.String() + "**")
	m.line("# " + escape(y.Title) + " · " + y.window())
	if y.Note != "" {
		m.line("> " + escape(y.Note))
	}
	m.line("## Summary")
	figures := [][]string{{"figure", "now", "before", "table"}}
	for _, f := range y.Figures {
		figures = append(figures, []string{f.Label, fmt.Sprint(f.Now), fmt.Sprint(f.Before), fmt.Sprint(f.Table)})
	}
	m.table(figures)
	m.told(y.Summary)
	for i := range y.Sections {
		s := &y.Sections[i]
		m.line("## " + escape(s.Title))
		m.told(s.Told)
		for k := range s.Tables {
			t := &s.Tables[k]
			m.line(fmt.Sprintf("**Table %d.** %s", t.Number, escape(t.Caption)))
			if len(t.Rows) == 0 {
				m.line("Nothing on record here.")
				continue
			}
			m.table(t.withRefs())
			if t.Left > 0 {
				m.line(fmt.Sprintf("%d more rows are not shown.", t.Left))
			}
		}
	}
	m.line("## Method")
	m.items(y.Method)
	m.line("## Limits")
	m.items(y.Limits)
	m.line("## References")
	for _, r := range y.References {
		m.item(fmt.Sprintf("[%d] %s", r.Number, escape(r.line())))
	}
	m.line("")
	m.line("**" + y.Level.String() + "**")
	return m.w.Flush()
}

func (m *markdown) told(ts []Told) {
	for _, t := range ts {
		m.item(escape(t.cited()))
	}
	m.line("")
}

func (m *markdown) items(texts []string) {
	for _, t := range texts {
		m.item(escape(t))
	}
	m.line("")
}

// YearText writes the summary and the tables for a terminal.
func YearText(w io.Writer, y *Year, width int, colour bool) error {
	p := NewPrinter(w, width, colour)
	p.Title(y.Level.String() + " · " + y.Title + " · " + y.window())
	if y.Note != "" {
		p.Para(y.Note)
	}
	for _, t := range y.Summary {
		p.Line(t.cited(), "")
	}
	for i := range y.Sections {
		s := &y.Sections[i]
		p.Heading(s.Title)
		for _, t := range s.Told {
			p.Line(t.cited(), "")
		}
		for k := range s.Tables {
			if t := &s.Tables[k]; len(t.Rows) > 0 {
				p.Dim(fmt.Sprintf("Table %d. %s", t.Number, t.Caption))
				p.Table(t.withRefs())
			}
		}
	}
	p.Heading("Method and limits")
	for _, t := range append(slices.Clone(y.Method), y.Limits...) {
		p.Dim(t)
	}
	p.Heading("References")
	for _, r := range y.References {
		p.wrapped(fmt.Sprintf("  %3d  ", r.Number), "       ", r.line(), "")
	}
	return p.Err()
}
