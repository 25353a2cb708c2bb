package sanctions

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxField is the longest field of a row, and maxFields how many a row may have. Lists stay far below: OFAC cuts remarks at 1,000.
const (
	maxField  = 1 << 20
	maxFields = 256
)

// table reads the rows of one CSV file.
type table struct {
	file    string
	r       *csv.Reader
	columns map[string]int // nil for a file without a head
	line    int
	first   int // the column that is exchanged with the first one
	ended   bool
}

// newTable reads a file without a head row.
func newTable(file string, r io.Reader) *table {
	c := csv.NewReader(&boundedLines{r: r})
	c.FieldsPerRecord, c.LazyQuotes, c.ReuseRecord = -1, true, true
	return &table{file: file, r: c}
}

// newHeadedTable reads the head row and checks that the columns are there.
func newHeadedTable(file string, r io.Reader, comma rune, want ...string) (*table, error) {
	t := newTable(file, r)
	t.r.Comma = comma
	head, err := t.r.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: empty: want a head row with %s: %w", file, strings.Join(want, ", "), ErrColumns)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: head row: %w", file, err)
	}
	t.columns = make(map[string]int, len(head))
	for i, name := range head {
		t.columns[strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))] = i
	}
	var missing []string
	for _, name := range want {
		if _, ok := t.columns[name]; !ok {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		var extra []string
		for name := range t.columns {
			if !slices.Contains(want, name) {
				extra = append(extra, name)
			}
		}
		slices.Sort(extra)
		return nil, fmt.Errorf("%s: no column %s (not known: %s): %w", file, strings.Join(missing, ", "), strings.Join(extra, ", "), ErrColumns)
	}
	return t, nil
}

// next returns the next row that has fields. io.EOF ends the file; a *EntryError is a row to pass over.
func (t *table) next() ([]string, error) {
	for {
		row, err := t.r.Read()
		if err != nil {
			var bad *csv.ParseError
			if errors.As(err, &bad) && !errors.Is(bad.Err, ErrTooLarge) {
				return nil, &EntryError{File: t.file, Line: bad.StartLine, Reason: bad.Err.Error()}
			}
			return nil, err
		}
		t.line, _ = t.r.FieldPos(0)
		if len(row) > maxFields {
			return nil, &EntryError{File: t.file, Line: t.line, Reason: fmt.Sprintf("%d fields, more than %d", len(row), maxFields)}
		}
		// OFAC ends its files with the end-of-file mark of DOS.
		if len(row) == 1 && strings.Trim(row[0], "\x1a \x00") == "" {
			continue
		}
		if t.first > 0 && t.first < len(row) {
			row[0], row[t.first] = row[t.first], row[0]
		}
		return row, nil
	}
}

// row returns the next row. Rows to pass over go to report, as does an error that ends the reading. nil is the end: that of the file, which is
// then ended, or the end for whom report speaks.
func (t *table) row(report func(error) bool) []string {
	for {
		row, err := t.next()
		var p *EntryError
		switch {
		case err == nil:
			return row
		case errors.Is(err, io.EOF):
			t.ended = true
			return nil
		case !errors.As(err, &p):
			report(fmt.Errorf("%s: %w", t.file, err))
			return nil
		case !report(p):
			return nil
		}
	}
}

// get returns the field of a column, "" where the row is too short.
func (t *table) get(row []string, column string) string {
	i, ok := t.columns[column]
	if !ok || i >= len(row) {
		return ""
	}
	return clean(row[i])
}

func (t *table) problem(field, format string, args ...any) *EntryError {
	return &EntryError{File: t.file, Line: t.line, Field: field, Reason: fmt.Sprintf(format, args...)}
}

// boundedLines refuses a record without an end, which encoding/csv would read into memory: an open quote makes one of the rest of the
// file. The bound is on the bytes between two line breaks that end a row or stand in a field.
type boundedLines struct {
	r     io.Reader
	since int
	open  bool
}

func (b *boundedLines) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	for _, c := range p[:n] {
		switch {
		case c == '"':
			b.open = !b.open
		case c == '\n' && !b.open:
			b.since = 0
			continue
		}
		b.since++
	}
	if b.since > maxField {
		return 0, fmt.Errorf("row longer than %d bytes, or a quote that is never closed: %w", maxField, ErrTooLarge)
	}
	return n, err
}

// cursor walks a file in the order of its keys beside another one.
type cursor struct {
	t    *table
	cols int
	less func(a, b string) bool
	row  []string
	last string
}

// take hands the rows of a key to each, and reports rows of earlier keys, which belong to nobody. It must be called with rising keys.
func (c *cursor) take(key string, each func(row []string), report func(error) bool) (bool, error) {
	if c == nil {
		return true, nil
	}
	for {
		if c.row == nil {
			row := c.t.row(report)
			if row == nil {
				return c.t.ended, nil
			}
			if len(row) < c.cols {
				if !report(c.t.problem("", "%d fields, want %d", len(row), c.cols)) {
					return false, nil
				}
				continue
			}
			if c.last != "" && c.less(row[0], c.last) {
				return false, fmt.Errorf("%s: line %d: %s after %s: %w; sort the file by its first column", c.t.file, c.t.line, row[0], c.last, ErrOrder)
			}
			c.row, c.last = row, row[0]
		}
		switch {
		case c.less(c.row[0], key):
			if !report(c.t.problem("", "%s is not in the list", c.row[0])) {
				return false, nil
			}
		case c.row[0] == key:
			each(c.row)
		default:
			return true, nil
		}
		c.row = nil
	}
}

// numerically compares numbers written as text.
func numerically(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}
