package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Text writes the brief for a terminal.
func Text(w io.Writer, b *Brief, width int, colour bool) error {
	p := NewPrinter(w, width, colour)
	p.Title(b.Level.String() + " · " + b.Title + " · " + b.window())
	if b.Note != "" {
		p.Para(b.Note)
	}
	for _, x := range b.layout() {
		p.block(&x)
	}
	p.Heading(b.Level.String())
	return p.Err()
}

// block prints a piece of a brief.
func (p *Printer) block(x *block) {
	switch x.kind {
	case sectionBlock:
		p.Heading(x.text)
	case groupBlock:
		p.Heading("── " + x.text + " ──")
	case opBlock:
		p.Heading(x.text)
	case metaBlock:
		p.Dim(x.text)
	case paraBlock:
		p.Para(x.text)
	case itemBlock:
		p.Line(x.text, "")
	case fieldBlock:
		p.Field(x.label, x.text)
	case refBlock:
		p.wrapped(fmt.Sprintf("  %3s  ", x.label), "       ", x.text, "")
	case tableBlock:
		p.Table(x.rows)
	case barsBlock:
		p.bars(x)
	case pageBlock: // a terminal has none
	}
}

func (b *Brief) window() string {
	from, to := day(b.From.Time()), day(b.To.Time())
	switch {
	case from == "" && to == "":
		return "everything on record · as of " + day(b.Generated.Time())
	case from == "":
		return "until " + to
	case to == "":
		return "since " + from
	}
	return from + " to " + to
}

// cited is the sentence with its references: "… [1, 4]".
func (s Sentence) cited() string {
	if len(s.Refs) == 0 {
		return s.Text
	}
	return s.Text + " " + refs(s.Refs)
}

// refs writes numbers in brackets, runs shortened: [1–3, 7].
func refs(ns []int) string {
	var parts []string
	for i := 0; i < len(ns); {
		j := i
		for j+1 < len(ns) && ns[j+1] == ns[j]+1 {
			j++
		}
		switch j - i {
		case 0:
			parts = append(parts, strconv.Itoa(ns[i]))
		case 1:
			parts = append(parts, strconv.Itoa(ns[i]), strconv.Itoa(ns[j]))
		default:
			parts = append(parts, fmt.Sprintf("%d–%d", ns[i], ns[j]))
		}
		i = j + 1
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func (r Reference) line() string {
	parts := []string{}
	if r.Publisher != "" && r.Publisher != r.Title {
		parts = append(parts, r.Publisher)
	}
	parts = append(parts, r.Title)
	if r.Date != "" {
		parts = append(parts, r.Date)
	}
	if r.Retells > 0 {
		parts = append(parts, fmt.Sprintf("retells [%d]", r.Retells))
	}
	switch {
	case r.FrontPage:
		parts = append(parts, r.URL+" (the publisher's front page; the document's own address is not on record)")
	case r.URL != "":
		parts = append(parts, r.URL)
	}
	return strings.Join(parts, ". ")
}

func once(i int, label string) string {
	if i > 0 {
		return ""
	}
	return label
}

func (w Weighed) line() string {
	s := fmt.Sprintf("%+.1f dB  %s", w.Decibans, w.cited())
	if w.Discount != "" {
		s += " (" + w.Discount + ")"
	}
	return s
}

func rowTable(rows []Row) [][]string {
	out := [][]string{{"when", "operation", "leading answer", "probability", "measures"}}
	for _, r := range rows {
		p := ""
		if r.Probability > 0 {
			p = percent(r.Probability)
		}
		out = append(out, []string{r.When, r.Name, r.Leading, p, strconv.Itoa(r.Measures)})
	}
	return out
}

// bars draws a bar for each share, as long as the terminal allows.
func (p *Printer) bars(x *block) {
	label, caption := 0, 0
	for _, r := range x.rows {
		label, caption = max(label, runewidth.StringWidth(r[0])), max(caption, runewidth.StringWidth(r[1]))
	}
	width := min(30, max(5, p.width-label-caption-6))
	for i, r := range x.rows {
		filled := int(x.shares[i]*float64(width) + 0.5)
		bar := strings.Repeat("█", filled) + strings.Repeat("░", width-filled)
		p.print(fmt.Sprintf("  %s  %s  %s\n", runewidth.FillRight(r[0], label), p.style(cyan, bar), r[1]))
	}
}

func (q Quarter) caption() string {
	if q.Blurred == 0 || q.Blurred == q.Operations {
		return fmt.Sprintf("%d of %d", q.Blurred, q.Operations)
	}
	return fmt.Sprintf("%d of %d (%s)", q.Blurred, q.Operations, percent(q.Share))
}
