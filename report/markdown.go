package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"marque/internal/plain"
)

// Markdown writes the brief as CommonMark with tables as GitHub reads them.
func Markdown(w io.Writer, b *Brief) error {
	m := &markdown{w: bufio.NewWriter(w)}
	m.line("**" + b.Level.String() + "**")
	m.line("# " + escape(b.Title) + " · " + b.window())
	if b.Note != "" {
		m.line("> " + escape(b.Note))
	}
	list := false
	for _, x := range b.layout() {
		item := x.kind == itemBlock || x.kind == fieldBlock || x.kind == refBlock
		if list && !item {
			m.line("")
		}
		list = item
		m.block(&x)
	}
	m.line("")
	m.line("**" + b.Level.String() + "**")
	return m.w.Flush()
}

// block writes a piece of a brief.
func (m *markdown) block(x *block) {
	switch x.kind {
	case sectionBlock:
		m.line("## " + escape(x.text))
	case groupBlock:
		m.line("### " + escape(x.text))
	case opBlock:
		m.line("#### " + escape(x.text))
	case metaBlock:
		m.line("*" + escape(x.text) + "*")
	case paraBlock:
		m.line(escape(x.text))
	case itemBlock:
		m.item(escape(x.text))
	case fieldBlock:
		if x.label != "" {
			m.item("**" + x.label + "** " + escape(x.text))
		} else {
			m.item(escape(x.text))
		}
	case refBlock:
		m.item("[" + x.label + "] " + escape(x.text))
	case tableBlock:
		m.table(x.rows)
	case barsBlock:
		m.table(append([][]string{{"when", "with a state and a criminal side"}}, x.rows...))
	case pageBlock: // Markdown has none
	}
}

type markdown struct{ w *bufio.Writer }

func (m *markdown) line(s string) { fmt.Fprintf(m.w, "%s\n\n", s) }

func (m *markdown) item(s string) { fmt.Fprintf(m.w, "- %s\n", s) }

func (m *markdown) table(rows [][]string) {
	for i, r := range rows {
		cells := make([]string, len(r))
		for j, c := range r {
			cells[j] = strings.ReplaceAll(escape(c), "|", `\|`)
		}
		fmt.Fprintf(m.w, "| %s |\n", strings.Join(cells, " | "))
		if i == 0 {
			fmt.Fprintf(m.w, "|%s\n", strings.Repeat(" --- |", len(r)))
		}
	}
	m.line("")
}

var markdownSpecials = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", ">", "&gt;", "#", `\#`)

// escape makes text of documents harmless: no markup, no HTML, one line.
func escape(s string) string { return markdownSpecials.Replace(plain.Line(s)) }
