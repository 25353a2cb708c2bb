package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Text writes the brief for a terminal.
func Text(w io.Writer, b *Brief, width int, colour bool) error {
	p := NewPrinter(w, width, colour)
	p.Title(b.Level.String() + " · " + b.Title + " · " + b.window())
	if b.Note != "" {
		p.Para(b.Note)
	}
	p.Heading("In short")
	for _, s := range b.Summary {
		p.Line(s.cited(), "")
	}
	for i := range b.Operations {
		p.operation(i+1, &b.Operations[i])
	}
	if len(b.Others) > 0 {
		p.Heading("Further operations")
		p.Table(rowTable(b.Others[:min(len(b.Others), maxOthers)]))
		if n := len(b.Others) - maxOthers; n > 0 {
			p.Dim(fmt.Sprintf("and %d more; --json lists all", n))
		}
	}
	if len(b.Matrix.Sponsors) > 0 {
		p.Heading("Sponsor × target (attributed operations)")
		p.Table(b.Matrix.table())
	}
	if len(b.Trend) > 0 {
		p.Heading("The blurred line: share of operations with both a state and a criminal side, by quarter")
		p.trend(b.Trend)
	}
	p.sentences("What was answered, and what nobody knows", b.Answers)
	p.sentences("What is said of states and criminals", b.Statements)
	p.sentences("Searched for and not found", b.Negative)
	p.sentences("Seen in events", b.Sightings)
	p.Heading("How this was judged")
	for _, m := range b.Method {
		p.Dim(m)
	}
	p.Heading("References")
	for _, r := range b.References {
		p.wrapped(fmt.Sprintf("  %3d  ", r.Number), "       ", r.line(), "")
	}
	p.Heading(b.Level.String())
	return p.Err()
}

// maxOthers is how many further operations are listed for reading; JSON holds all.
const maxOthers = 40

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
	if r.URL != "" {
		parts = append(parts, r.URL)
	}
	return strings.Join(parts, ". ")
}

func (p *Printer) sentences(heading string, ss []Sentence) {
	if len(ss) == 0 {
		return
	}
	p.Heading(heading)
	for _, s := range ss {
		p.Line(s.cited(), "")
	}
}

func (p *Printer) operation(n int, o *Operation) {
	p.Heading(fmt.Sprintf("%d. %s", n, o.Name))
	p.Dim(strings.Trim(o.When+" · "+o.Victims, " ·"))
	for _, s := range o.What {
		p.Field("What", s.cited())
	}
	p.Field("Who", o.Who.cited())
	p.Field("How close", o.HowClose.cited())
	p.Field("Why", o.Why.cited())
	p.Field("How sure", o.HowSure.cited())
	for i, e := range o.For {
		p.Field(once(i, "For"), e.line())
	}
	for i, e := range o.Against {
		p.Field(once(i, "Against"), e.line())
	}
	for i, r := range o.Rivals {
		p.Field(once(i, "Or else"), fmt.Sprintf("%s: %s (%s)", r.Statement, r.Words, percent(r.Probability)))
	}
	for _, a := range o.Analysts {
		for i, line := range a.lines() {
			p.Field(once(i, "Analyst"), line)
		}
	}
	for i, d := range o.Disputed {
		p.Field(once(i, "Disputed"), d)
	}
	for i, d := range o.Denials {
		p.Field(once(i, "Denied"), d.cited())
	}
	if len(o.Denials) == 0 && o.Assessment != "" {
		p.Field("Denied", "by nobody on record")
	}
	for i, s := range o.Overturns {
		p.Field(once(i, "Hinges on"), s)
	}
	if len(o.Sought) > 0 {
		p.Field("Not found", strings.Join(o.Sought, "; "))
	}
	for i, s := range o.Followed {
		p.Field(once(i, "Followed"), s.cited())
	}
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

func (m Matrix) table() [][]string {
	rows := [][]string{append([]string{""}, m.Targets...)}
	for i, s := range m.Sponsors {
		row := []string{s}
		for _, n := range m.Cells[i] {
			if n == 0 {
				row = append(row, "·")
			} else {
				row = append(row, strconv.Itoa(n))
			}
		}
		rows = append(rows, row)
	}
	return rows
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

// trend draws a bar for each quarter, as long as the terminal allows.
func (p *Printer) trend(qs []Quarter) {
	const around = 2 + len("2024 Q2") + 2 + 2 + len("100 of 100 (over 99 %)")
	barWidth := min(30, max(5, p.width-around))
	for _, q := range qs {
		filled := int(q.Share*float64(barWidth) + 0.5)
		bar := strings.Repeat("█", filled) + strings.Repeat("░", barWidth-filled)
		if q.Operations == 0 {
			bar = strings.Repeat(" ", barWidth)
		}
		p.print(fmt.Sprintf("  %s  %s  %s\n", q.Label, p.style(cyan, bar), q.caption()))
	}
}

func (q Quarter) caption() string {
	if q.Operations == 0 {
		return "no operations"
	}
	return fmt.Sprintf("%d of %d (%s)", q.Blurred, q.Operations, percent(q.Share))
}
