package report

import (
	"fmt"
	"strings"
)

// IndicatorLine is one row of a list of indicators.
type IndicatorLine struct {
	State, Kind, Value, Until, By string
	Reports                       []string
}

// Indicators prints a list of indicators, at most limit rows of it; 0 is all.
func (p *Printer) Indicators(lines []IndicatorLine, limit int) {
	if len(lines) == 0 {
		p.Dim("no indicator fits; marque indicators list without a filter lists all")
		return
	}
	rows := [][]string{{"state", "kind", "value", "until", "of"}}
	counts := map[string]int{}
	for i, l := range lines {
		counts[l.State]++
		if limit > 0 && i >= limit {
			continue
		}
		of := strings.Join(l.Reports, "; ")
		if of == "" {
			of = l.By
		}
		until, _, _ := strings.Cut(l.Until, "T")
		rows = append(rows, []string{l.State, l.Kind, l.Value, until, of})
	}
	p.Table(rows)
	if more := len(lines) - len(rows) + 1; more > 0 {
		p.Dim(fmt.Sprintf("and %d more; --limit 0 prints all", more))
	}
	var parts []string
	for _, state := range []string{"candidate", "active", "expired", "revoked"} {
		if counts[state] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[state], state))
		}
	}
	p.Dim(strings.Join(parts, ", "))
}
