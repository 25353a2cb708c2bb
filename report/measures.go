package report

import (
	"fmt"
	"io"
	"strings"

	"marque/deter/measure"
)

// Measures writes measures as a table for a terminal, with what they answer below those that answer anything.
func Measures(w io.Writer, rows []measure.Row, width int, colour bool) error {
	p := NewPrinter(w, width, colour)
	table := [][]string{{"when", "kind", "by", "against", "status", "measure"}}
	answering, unchecked := 0, 0
	for i := range rows {
		r := &rows[i]
		whom := r.States
		if len(whom) == 0 {
			whom = r.Against
		}
		name := r.Name
		if r.Unchecked() {
			name += " (unchecked)"
			unchecked++
		}
		if len(r.Answers) > 0 {
			answering++
		}
		table = append(table, []string{r.When(), words(r.Kind), some(r.By, 4), some(whom, 3), words(r.Status), name})
	}
	p.Table(table)
	p.Dim(fmt.Sprintf("%s, of these %d tied to an operation by somebody's word, %d from memory and unchecked; what is not here is unknown, not none",
		plural(len(rows), "measure", "measures"), answering, unchecked))
	return p.Err()
}

// some are the first names of a list, with how many more there are.
func some(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, " ")
	}
	return fmt.Sprintf("%s +%d", strings.Join(names[:n-1], " "), len(names)-n+1)
}

// Measure writes one measure in full; versions are its states over time, the newest first.
func Measure(w io.Writer, r *measure.Row, versions []string, width int, colour bool) error {
	p := NewPrinter(w, width, colour)
	p.Title(r.Name)
	field := func(label, text string) {
		if text != "" {
			p.Field(label, text)
		}
	}
	field("kind", words(r.Kind))
	field("when", r.When())
	field("by", strings.Join(r.By, ", "))
	field("against", strings.Join(append(append([]string{}, r.Against...), r.States...), ", "))
	field("basis", r.Basis)
	field("status", strings.Join(append([]string{words(r.Status)}, versions[min(1, len(versions)):]...), "; before "))
	for _, a := range r.Answers {
		text := a.Name
		if a.Operation == "" {
			text += " (no record of it here)"
		}
		text += ", says " + a.By
		if a.Document != "" && a.Document != r.Name {
			text += " in " + a.Document
		}
		if a.Claim != "" {
			text += " [" + a.Claim[:min(8, len(a.Claim))] + "]"
		}
		field("answers", text)
	}
	field("source", r.Source)
	for _, d := range r.Documents {
		field("document", strings.Trim(strings.Join([]string{d.By, d.Title, d.Date, d.URL}, ". "), ". "))
	}
	switch {
	case r.Unchecked():
		field("checked", "no: written down from memory ("+r.Certainty+")")
	case r.Checked != "":
		field("checked", "against "+r.Checked)
	}
	field("level", r.TLP)
	field("id", string(r.ID))
	return p.Err()
}

// Coverage writes what the sources of measures cover.
func Coverage(w io.Writer, cs []measure.Coverage, width int, colour bool) error {
	p := NewPrinter(w, width, colour)
	for _, c := range cs {
		p.Line(fmt.Sprintf("%s: %s, until %s", c.Source, plural(c.Measures, "measure", "measures"), orElse(c.Until, "an unknown day")), c.Covers+" "+c.Silence)
	}
	return p.Err()
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
