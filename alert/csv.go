package alert

import (
	"strconv"
	"strings"
	"time"

	"marque/internal/plain"
)

// Columns are the columns of a finding as a row of a table.
var Columns = []string{
	"time", "host", "user", "src", "dst", "sensor", "victim", "kind", "value", "matcher", "field", "indicator", "name", "actor", "sponsor",
	"technique", "confidence", "tlp", "reports", "source", "line",
}

// Row is a finding as a row of a table. Fields that a spreadsheet would take for a formula begin with an apostrophe.
func (f *Finding) Row() []string {
	confidence, line := "", ""
	if f.Confidence != nil {
		confidence = strconv.Itoa(*f.Confidence)
	}
	if f.Hit.Line > 0 {
		line = strconv.FormatInt(f.Hit.Line, 10)
	}
	names := make([]string, len(f.Reports))
	for i, r := range f.Reports {
		names[i] = r.Name
	}
	row := []string{
		f.Time.UTC().Format(time.RFC3339Nano), f.Host, f.User, f.Src, f.Dst, f.Sensor, f.Victim, f.Kind, f.Searched, string(f.By), f.Field, f.Indicator, f.Name,
		f.Actor, f.Sponsor, f.Technique, confidence, f.TLP.String(), strings.Join(names, "; "), f.Source, line,
	}
	for i, field := range row {
		if field = plain.Line(field); field != "" && strings.ContainsRune("=+-@", rune(field[0])) {
			field = "'" + field
		}
		row[i] = field
	}
	return row
}
