// Package table reads CSV that others wrote, damaged rows included.
//
// In comes a whole file in any encoding with a header row; out come rows with their number, line and byte offset (in the
// UTF-8 form). A row whose quotes never close or whose number of fields is wrong is handed over with its error, and reading
// goes on at the next line: one lost quote does not swallow the rest of the file. RFC 4180.
package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"marque/ingest"
	"marque/internal/charset"
	"marque/store"
)

const (
	maxRecord = 1 << 20 // bytes of one row
	maxBad    = 10_000  // bad rows in sequence, after which the file is no table
)

// Table is an open table.
type Table struct {
	// Header holds the names of the columns.
	Header []string

	data   []byte
	start  int // of the first row
	line   int
	column map[string]int
	br     *bufio.Reader
}

// Row is one row.
type Row struct {
	Number int // from 1, without the header
	Line   int // from 1, of the file
	Offset int64
	Fields []string // as far as they could be told apart
	Raw    []byte
	Err    error // why it is no good row

	t *Table
}

// IsHeader tells whether the first line of a file names all the given columns.
func IsHeader(head []byte, columns ...string) bool {
	text, _ := charset.ToUTF8(head, "")
	line, _, _ := bytes.Cut(text, []byte("\n"))
	names, err := csv.NewReader(bytes.NewReader(line)).Read()
	if err != nil {
		return false
	}
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	for _, c := range columns {
		if !slices.Contains(names, c) {
			return false
		}
	}
	return true
}

// Open reads the header and checks that it has the columns that are needed.
func Open(data []byte, needed ...string) (*Table, error) {
	text, _ := charset.ToUTF8(data, "")
	t := &Table{data: text, br: bufio.NewReaderSize(bytes.NewReader(nil), 4096), column: map[string]int{}}
	end := t.end(0)
	fields, err := t.parse(text[:end])
	if err != nil {
		return nil, fmt.Errorf("header: %w: %w", err, ingest.ErrMalformed)
	}
	for i, name := range fields {
		fields[i] = strings.TrimSpace(name)
		t.column[fields[i]] = i
	}
	t.Header, t.start, t.line = fields, end, 2
	var missing []string
	for _, name := range needed {
		if _, ok := t.column[name]; !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("header lacks the columns %s: %w", strings.Join(missing, ", "), ingest.ErrMalformed)
	}
	return t, nil
}

// Get is a field by the name of its column, without surrounding space; empty where there is none.
func (r *Row) Get(column string) string {
	i, ok := r.t.column[column]
	if !ok || i >= len(r.Fields) {
		return ""
	}
	return strings.TrimSpace(r.Fields[i])
}

// ColumnNames are the names of the header.
func (r *Row) ColumnNames() []string { return r.t.Header }

// Reject is the row for the quarantine.
func (r *Row) Reject(reason string) store.Reject {
	return store.Reject{Place: fmt.Sprintf("row %d, line %d", r.Number, r.Line), Offset: r.Offset, Reason: reason, Raw: bytes.Clone(r.Raw)}
}

// Each hands over all rows, bad ones with Err set.
func (t *Table) Each(each func(*Row) error) error {
	at, line, bad := t.start, t.line, 0
	for number := 1; at < len(t.data); {
		end := t.end(at)
		raw := t.data[at:end]
		if len(bytes.TrimSpace(raw)) == 0 {
			line += bytes.Count(raw, []byte("\n"))
			at = end
			continue
		}
		row := &Row{Number: number, Line: line, Offset: int64(at), Raw: raw, t: t}
		row.Fields, row.Err = t.parse(raw)
		if row.Err == nil && len(row.Fields) != len(t.Header) {
			row.Err = fmt.Errorf("%d fields where the header has %d", len(row.Fields), len(t.Header))
		}
		if row.Err != nil && bytes.Count(raw, []byte("\n")) > 1 {
			// a lost quote joined lines: this line alone is bad
			end = at + bytes.IndexByte(raw, '\n') + 1
			row.Raw = t.data[at:end]
			row.Fields, _ = t.parse(row.Raw)
			if len(row.Fields) == len(t.Header) {
				row.Err = nil
			}
		}
		if row.Err == nil {
			bad = 0
		} else if bad++; bad > maxBad {
			return fmt.Errorf("line %d: more than %d bad rows in sequence: %w", line, maxBad, ingest.ErrMalformed)
		}
		if err := each(row); err != nil {
			return err
		}
		line += bytes.Count(t.data[at:end], []byte("\n"))
		at = end
		number++
	}
	return nil
}

// end is where the row that begins at start ends: at a line end outside quotes, or at the first line end where the quotes do
// not close within maxRecord.
func (t *Table) end(start int) int {
	window := t.data[start:min(len(t.data), start+maxRecord)]
	quoted, first := false, 0
	for i, c := range window {
		switch c {
		case '"':
			quoted = !quoted
		case '\n':
			if first == 0 {
				first = i + 1
			}
			if !quoted {
				return start + i + 1
			}
		}
	}
	if !quoted && start+len(window) == len(t.data) || first == 0 {
		return start + len(window)
	}
	return start + first
}

func (t *Table) parse(raw []byte) ([]string, error) {
	t.br.Reset(bytes.NewReader(raw))
	r := csv.NewReader(t.br)
	r.FieldsPerRecord = -1
	fields, err := r.Read()
	if err != nil {
		return fields, fmt.Errorf("row does not parse as CSV: %w", err)
	}
	return fields, nil
}
