package report

import (
	"fmt"
	"io"
	"strings"

	"marque/internal/plain"

	"github.com/mattn/go-runewidth"
)

// Printer writes for a terminal: wrapped to its width, with colour only where the caller says so. Control characters of the
// text are dropped, so that no document can drive the terminal.
type Printer struct {
	w      io.Writer
	width  int
	colour bool
	err    error
}

// NewPrinter writes to w. Widths under 40 are taken as 40, over 120 as 120: longer lines are hard to read.
func NewPrinter(w io.Writer, width int, colour bool) *Printer {
	return &Printer{w: w, width: min(max(width, 40), 120), colour: colour}
}

// Err is the first error of the underlying writer.
func (p *Printer) Err() error { return p.err }

const (
	bold = "1"
	dim  = "2"
	cyan = "36"
)

func (p *Printer) style(code, s string) string {
	if !p.colour || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p *Printer) print(s string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, s)
	}
}

// Title begins a document.
func (p *Printer) Title(s string) {
	p.wrapped("", "", s, bold)
	p.print(strings.Repeat("═", min(p.width, runewidth.StringWidth(plain.Line(s)))) + "\n")
}

// Heading begins a part.
func (p *Printer) Heading(s string) { p.wrapped("\n", "", s, bold) }

// Line is a statement with a remark in a dimmer colour below or behind it.
func (p *Printer) Line(text, remark string) {
	p.wrapped("  • ", "    ", text, "")
	p.wrapped("    ", "    ", remark, dim)
}

// Quote is verbatim text.
func (p *Printer) Quote(s string) { p.wrapped("    “", "     ", strings.TrimSpace(s)+"”", cyan) }

// Indent is a paragraph below a line.
func (p *Printer) Indent(s string) { p.wrapped("    ", "    ", s, "") }

// Para is a paragraph.
func (p *Printer) Para(s string) { p.wrapped("", "", s, "") }

// Dim is a remark.
func (p *Printer) Dim(s string) { p.wrapped("  ", "  ", s, dim) }

// Field is a labelled paragraph with a hanging indent.
func (p *Printer) Field(label, s string) {
	const room = 11
	head := fmt.Sprintf("  %-*s", room, label)
	p.wrapped(p.style(dim, head), strings.Repeat(" ", room+2), s, "")
}

// wrapped prints s in lines of at most the width: first before the first line, hang before the others.
func (p *Printer) wrapped(first, hang, s, code string) {
	words := strings.Fields(plain.Line(s))
	if len(words) == 0 {
		return
	}
	prefix, line, used := first, "", runewidth.StringWidth(hang)
	flush := func() {
		p.print(prefix + p.style(code, line) + "\n")
		prefix, line, used = hang, "", runewidth.StringWidth(hang)
	}
	for _, w := range words {
		n := runewidth.StringWidth(w)
		if line != "" && used+1+n > p.width {
			flush()
		}
		if line != "" {
			line += " "
			used++
		}
		line += w
		used += n
	}
	flush()
}

// Table prints rows in columns; the first row is the header. What is too wide for the terminal is cut in the widest columns
// first, down to a few characters; columns that still do not fit are left out at the right, and the header says how many.
func (p *Printer) Table(rows [][]string) {
	if len(rows) == 0 {
		return
	}
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], runewidth.StringWidth(plain.Line(c)))
		}
	}
	widths = fit(widths, p.width)
	for n, r := range rows {
		var b strings.Builder
		for i, w := range widths {
			c := runewidth.Truncate(plain.Line(r[i]), w, "…")
			b.WriteString("  ")
			if numeric(c) && n > 0 {
				b.WriteString(runewidth.FillLeft(c, w))
			} else {
				b.WriteString(runewidth.FillRight(c, w))
			}
		}
		line := strings.TrimRight(b.String(), " ")
		if n == 0 {
			line = p.style(dim, line)
		}
		p.print(line + "\n")
	}
	if cut := len(rows[0]) - len(widths); cut > 0 {
		p.Dim(fmt.Sprintf("%d more columns do not fit; a wider terminal or --json shows them", cut))
	}
}

// fit narrows columns, two spaces before each, to a width.
func fit(widths []int, width int) []int {
	const narrowest = 6
	total := func() (n int) {
		for _, w := range widths {
			n += w + 2
		}
		return n
	}
	for total() > width {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= narrowest {
			if len(widths) == 1 {
				break
			}
			widths = widths[:len(widths)-1]
			continue
		}
		widths[widest]--
	}
	return widths
}

func numeric(s string) bool {
	return s != "" && strings.Trim(s, "0123456789.,%+-−· ") == ""
}
