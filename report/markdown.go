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
	m.sentences("In short", b.Summary)
	if len(b.Operations) > 0 {
		m.line("## Operations")
	}
	for i := range b.Operations {
		m.operation(i+1, &b.Operations[i])
	}
	if len(b.Others) > 0 {
		m.line("## Further operations")
		m.table(rowTable(b.Others))
	}
	if len(b.Matrix.Sponsors) > 0 {
		m.line("## Sponsor × target")
		m.table(b.Matrix.table())
	}
	if len(b.Trend) > 0 {
		m.line("## The blurred line")
		rows := [][]string{{"quarter", "operations", "with a state and a criminal side", "share"}}
		for _, q := range b.Trend {
			rows = append(rows, []string{q.Label, fmt.Sprint(q.Operations), fmt.Sprint(q.Blurred), percent(q.Share)})
		}
		m.table(rows)
	}
	m.sentences("What was answered, and what nobody knows", b.Answers)
	m.sentences("What is said of states and criminals", b.Statements)
	m.sentences("Searched for and not found", b.Negative)
	m.sentences("Seen in events", b.Sightings)
	m.line("## How this was judged")
	for _, s := range b.Method {
		m.item(escape(s))
	}
	m.line("")
	m.line("## References")
	for _, r := range b.References {
		m.item(fmt.Sprintf("[%d] %s", r.Number, escape(r.line())))
	}
	m.line("")
	m.line("**" + b.Level.String() + "**")
	return m.w.Flush()
}

type markdown struct{ w *bufio.Writer }

func (m *markdown) line(s string) { fmt.Fprintf(m.w, "%s\n\n", s) }

func (m *markdown) item(s string) { fmt.Fprintf(m.w, "- %s\n", s) }

func (m *markdown) sentences(heading string, ss []Sentence) {
	if len(ss) == 0 {
		return
	}
	m.line("## " + heading)
	for _, s := range ss {
		m.item(escape(s.cited()))
	}
	m.line("")
}

func (m *markdown) operation(n int, o *Operation) {
	m.line(fmt.Sprintf("### %d. %s", n, escape(o.Name)))
	m.line("*" + escape(strings.Trim(o.When+" · "+o.Victims, " ·")) + "*")
	for _, s := range o.What {
		m.line(escape(s.cited()))
	}
	field := func(label string, texts ...string) {
		for _, t := range texts {
			if t != "" {
				m.item("**" + label + "** " + escape(t))
			}
		}
	}
	field("Who", o.Who.cited())
	field("How close", o.HowClose.cited())
	field("Why", o.Why.cited())
	field("How sure", o.HowSure.cited())
	for _, e := range o.For {
		field("For", e.line())
	}
	for _, e := range o.Against {
		field("Against", e.line())
	}
	for _, r := range o.Rivals {
		field("Or else", fmt.Sprintf("%s: %s (%s)", r.Statement, r.Words, percent(r.Probability)))
	}
	for _, a := range o.Analysts {
		field("Analyst", a.lines()...)
	}
	field("Disputed", o.Disputed...)
	for _, d := range o.Denials {
		field("Denied", d.cited())
	}
	field("Hinges on", o.Overturns...)
	field("Not found", strings.Join(o.Sought, "; "))
	for _, s := range o.Followed {
		field("Followed", s.cited())
	}
	m.line("")
}

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
