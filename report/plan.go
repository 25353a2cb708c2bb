package report

import (
	"fmt"
	"io"
	"strings"

	"marque/deter/countermeasure"
)

// WritePlan writes the conditions and what several states could do, for a terminal.
func WritePlan(w io.Writer, l *countermeasure.Layout, width int, colour bool) error {
	p := NewPrinter(w, width, colour)
	p.Title(l.TLP + " · " + l.Name)
	p.Dim("What the law asks for, and what is known of it. Nothing here is called permitted.")
	p.Heading("Conditions, for " + list(l.States) + " together")
	for _, a := range l.Answers {
		p.Line(fmt.Sprintf("%s: %s", strings.ToUpper(string(a.Finding)), a.Asks), strings.Join(a.Sources, ", "))
		for _, e := range a.Evidence {
			p.Indent(e.Source + ": " + e.Says)
		}
		if a.Missing != "" {
			p.Indent("missing: " + a.Missing)
		}
	}
	state := ""
	for _, way := range l.Ways {
		if way.State != state {
			state = way.State
			p.Heading(state)
		}
		remark := "on " + strings.Join(way.Basis, ", ")
		if len(way.After) > 0 {
			remark += "; after: " + strings.Join(way.After, "; ")
		}
		p.Line(way.Do, remark)
		if len(way.Missing) > 0 {
			p.Indent("not met or unknown: " + strings.Join(way.Missing, ", "))
		}
		if way.Apart != "" {
			p.Indent("disputed: " + way.Apart)
		}
	}
	return p.Err()
}
