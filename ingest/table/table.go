// Package table reads CSV that others wrote, damaged rows included.
//
// In comes a whole file in any encoding with a header row, separated by commas, semicolons, tabs or bars; lines that begin with # are
// comments, and the last of them is the header where it has as many fields as the first row. Out come rows with their number, line
// and byte offset (in the UTF-8 form). A row whose quotes never close or whose number of fields is wrong is handed over with its error, and reading
// goes on at the next line: one lost quote does not swallow the rest of the file. RFC 4180.
package table

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"

	"marque/event/value"
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

	// Comma separates the fields.
	Comma rune

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

// IsHeader tells whether the first line of a file names all the given columns, in any order and case.
func IsHeader(head []byte, columns ...string) bool {
	t, err := Open(head, columns...)
	return err == nil && t != nil
}

// Open reads the header and checks that it has the columns that are needed, in any case.
func Open(data []byte, needed ...string) (*Table, error) {
	text, _ := charset.ToUTF8(data, "")
	t := &Table{data: text, br: bufio.NewReaderSize(bytes.NewReader(nil), 4096), column: map[string]int{}}
	fields, err := t.header()
	if err != nil {
		return nil, fmt.Errorf("header: %w: %w", err, ingest.ErrMalformed)
	}
	for i, name := range fields {
		fields[i] = strings.TrimSpace(name)
		if _, taken := t.column[strings.ToLower(fields[i])]; !taken {
			t.column[strings.ToLower(fields[i])] = i
		}
	}
	for i, name := range fields {
		t.column[name] = i
	}
	t.Header = fields
	var missing []string
	for _, name := range needed {
		if _, ok := t.index(name); !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("header lacks the columns %s, has %s: %w", strings.Join(missing, ", "), list(fields), ingest.ErrMalformed)
	}
	return t, nil
}

// maxNamed is how many columns an error names.
const maxNamed = 12

func list(names []string) string {
	if len(names) > maxNamed {
		return fmt.Sprintf("%.300s and %d more", strings.Join(names[:maxNamed], ", "), len(names)-maxNamed)
	}
	return fmt.Sprintf("%.300s", strings.Join(names, ", "))
}

// Columns are the names of the header as an error shows them.
func (t *Table) Columns() string { return list(t.Header) }

// header finds the line that names the columns and what separates them: the first line, the first one after a line "sep=;" and comments,
// or the last comment before the rows.
func (t *Table) header() ([]string, error) {
	at, line := 0, 1
	var comment []byte
	for at < len(t.data) {
		end := t.end(at)
		raw := t.data[at:end]
		trimmed := bytes.TrimSpace(raw)
		switch sep, ok := bytes.CutPrefix(bytes.ToLower(bytes.Trim(trimmed, `"`)), []byte("sep=")); {
		case ok && len(sep) <= 1:
			if t.Comma = '\t'; len(sep) == 1 {
				t.Comma = rune(sep[0])
			}
		case isComment(trimmed):
			if text := bytes.TrimLeft(trimmed, "# "); len(text) > 0 {
				comment = text
			}
		case len(trimmed) == 0:
		default:
			if t.Comma == 0 {
				t.Comma = separator(raw)
			}
			fields, err := t.parse(raw)
			t.start, t.line = end, line+bytes.Count(raw, []byte("\n"))
			if named, commentErr := t.parse(comment); commentErr == nil && len(named) > 1 && len(named) == len(fields) && !IsNames(fields) {
				t.start, t.line = at, line
				return named, nil
			}
			return fields, err
		}
		line += bytes.Count(raw, []byte("\n"))
		at = end
	}
	return nil, errors.New("no row")
}

// IsNames tells whether fields can be names of columns: short words, none of them a number, a date or a value to look for.
func IsNames(fields []string) bool {
	for _, f := range fields {
		f = strings.TrimSpace(f)
		if len(f) > 64 || strings.ContainsAny(f, "@[]") || strings.Contains(f, "://") || f != "" && strings.Trim(f, "0123456789.:-+TZ /") == "" {
			return false
		}
		if _, err := value.Guess(f); err == nil {
			return false
		}
	}
	return true
}

func isComment(line []byte) bool { return len(line) > 0 && line[0] == '#' }

// separator is the sign that separates the fields of a row: the one that stands in it most often outside quotes.
func separator(row []byte) rune {
	best, most, quoted := ',', 0, false
	count := map[byte]int{}
	for _, c := range row {
		if c == '"' {
			quoted = !quoted
		} else if !quoted {
			count[c]++
		}
	}
	for _, c := range ",;\t|" {
		if n := count[byte(c)]; n > most {
			best, most = c, n
		}
	}
	return best
}

// index is the place of a column by its name, in any case.
func (t *Table) index(name string) (int, bool) {
	if i, ok := t.column[name]; ok {
		return i, true
	}
	i, ok := t.column[strings.ToLower(name)]
	return i, ok
}

// Get is a field by the name of its column, without surrounding space; empty where there is none.
func (r *Row) Get(column string) string {
	i, ok := r.t.index(column)
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
		if trimmed := bytes.TrimSpace(raw); len(trimmed) == 0 || isComment(trimmed) {
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
	r.Comma = cmp.Or(t.Comma, ',')
	r.TrimLeadingSpace = r.Comma != '\t'
	fields, err := r.Read()
	if err != nil {
		return fields, fmt.Errorf("row does not parse as CSV: %w", err)
	}
	return fields, nil
}

// maxProbe is how many lines [Looks] reads.
const maxProbe = 20

// Looks tells a table from prose by its first lines: at least three of them, each with as many separators as the first, and nearly none
// with a blank behind it as in a sentence.
func Looks(head []byte) bool {
	text, _ := charset.ToUTF8(head, "")
	var lines [][]byte
	whole := text
	if cut := bytes.LastIndexByte(text, '\n'); cut >= 0 && len(text) >= ingest.HeadSize/2 {
		whole = text[:cut]
	}
	for line := range bytes.Lines(whole) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || isComment(line) || bytes.HasPrefix(bytes.ToLower(line), []byte("sep=")) {
			continue
		}
		if lines = append(lines, line); len(lines) == maxProbe {
			break
		}
	}
	if len(lines) < 2 {
		return false
	}
	comma := string(separator(lines[0]))
	want := bytes.Count(lines[0], []byte(comma))
	if want == 0 {
		return false
	}
	if len(lines) == 2 && (want < 2 || bytes.IndexByte(lines[0], ' ') >= 0) {
		return false // two lines of prose may have as many commas
	}
	fit, spaced := 0, 0
	for _, line := range lines {
		n := bytes.Count(line, []byte(comma))
		if n == want || n > want && bytes.IndexByte(line, '"') >= 0 {
			fit++
		}
		if comma != "|" && comma != "\t" && n > 0 && bytes.Count(line, []byte(comma+" ")) == n && bytes.IndexByte(line, '"') < 0 {
			spaced++
		}
	}
	return 5*fit >= 4*len(lines) && 2*spaced < len(lines)
}
