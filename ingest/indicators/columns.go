package indicators

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"marque/event/value"
	"marque/ingest"
	"marque/ingest/table"
)

//go:embed columns.csv
var columnsCSV string

// columnOf are our columns by the words that others have for them.
var columnOf = func() map[string]string {
	rows, err := csv.NewReader(strings.NewReader(columnsCSV)).ReadAll()
	if err != nil {
		return nil // the embedded file is covered by a test
	}
	out := make(map[string]string, len(rows))
	for _, r := range rows[1:] {
		out[r[1]] = r[0]
	}
	return out
}()

// layout is what the columns of a table mean.
type layout struct {
	at     map[string]string // our column → the table's
	typed  []string          // columns that hold values of the type that they are named after
	unread []string          // columns that mean nothing here
}

// layoutOf reads a header. ok is false where no column holds something to look for.
func layoutOf(header []string) (l layout, ok bool) {
	l.at = map[string]string{}
	for _, exact := range []bool{true, false} { // a column of our own name goes before others' words for it
		for _, name := range header {
			column, known := columnOf[value.Word(name)]
			if !known || exact != (column == strings.ToLower(name)) || l.at[column] != "" || slices.Contains(header, column) && name != column {
				continue
			}
			l.at[column] = name
		}
	}
	for _, name := range header {
		switch {
		case slices.Contains(l.columns(), name):
		case value.IsType(name):
			l.typed = append(l.typed, name)
		case strings.TrimSpace(name) != "":
			l.unread = append(l.unread, name)
		}
	}
	switch {
	case l.at["pattern"] != "":
		return l, true
	case l.at["value"] != "":
		l.unread, l.typed = append(l.unread, l.typed...), nil
		return l, true
	default:
		return l, len(l.typed) > 0
	}
}

func (l layout) columns() []string {
	var names []string
	for _, n := range l.at {
		names = append(names, n)
	}
	return names
}

// rows are the indicators that one row of the table tells of: one by type and value or pattern, else one for each typed column that is
// not empty.
func (l layout) rows(row *table.Row) []Row {
	var r Row
	for i, field := range r.fields() {
		if name := l.at[Columns[i]]; name != "" {
			*field = unguard(row.Get(name))
		}
	}
	if len(l.typed) == 0 {
		return []Row{r}
	}
	var out []Row
	for _, name := range l.typed {
		if text := unguard(row.Get(name)); text != "" && !strings.EqualFold(text, "n/a") && text != "-" && !strings.EqualFold(text, "none") {
			one := r
			one.ID, one.Type, one.Value = "", name, text // an id that is no STIX id would be that of the row
			out = append(out, one)
		}
	}
	return out
}

// notUnderstood is the error for a table whose columns mean nothing.
func notUnderstood(t *table.Table) error {
	return fmt.Errorf("a table whose columns (%s) mean nothing here: want type and value, or pattern and pattern_type, or columns named "+
		"after what they hold (ip, domain, url, email, md5, sha1, sha256): %w", t.Columns(), ingest.ErrUnknownFormat)
}
