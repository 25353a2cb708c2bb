package account

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// maxLine is how long a line may be; longer ones are left out and counted.
const maxLine = 8 << 20

// maxRejects is how many rejected rows are told in full; all are counted.
const maxRejects = 100

// ErrUnknownExport says that no mapping fits the columns.
var ErrUnknownExport = errors.New("no mapping fits")

// Reject is a row that could not be used.
type Reject struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

// Reader reads posts from an export: CSV, TSV, or JSON (lines, one list, or one object with a list in it). Rows that cannot be used are
// counted and told (Rejects); the others are read.
type Reader struct {
	mapping  Mapping
	reads    Mapping // the mapping without columns that the table does not have
	dates    []string
	next     func() (row, error) // io.EOF at the end; errRow for one bad row
	line     int
	rejected int
	rejects  []Reject
	err      error
}

// rowError is a row that cannot be read; the next one can.
type rowError struct{ err error }

func (e rowError) Error() string { return e.err.Error() }
func (e rowError) Unwrap() error { return e.err }

// NewReader finds out from the beginning of the input what it is. The error for an export that nothing fits names its columns and what
// mappings there are.
func NewReader(src io.Reader, known Mappings) (*Reader, error) {
	in := bufio.NewReaderSize(src, 1<<16)
	if bom, _ := in.Peek(3); bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3)
	}
	r := &Reader{dates: known.Dates}
	head, err := in.Peek(1 << 12)
	if len(head) == 0 {
		if err == nil || errors.Is(err, io.EOF) {
			err = errors.New("empty")
		}
		return nil, fmt.Errorf("posts: %w", err)
	}
	if c := bytes.TrimLeft(head, " \t\r\n"); len(c) > 0 && (c[0] == '{' || c[0] == '[') {
		return r, r.json(in, known)
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	if bytes.ContainsRune(first, '\t') {
		return r, r.tabs(in, known)
	}
	return r, r.commas(in, known, first)
}

// Mapping is the one that was found to fit.
func (r *Reader) Mapping() Mapping { return r.mapping }

// Posts gives the posts in the order of the file. Ask Err afterwards.
func (r *Reader) Posts() iter.Seq[Post] {
	return func(yield func(Post) bool) {
		for {
			row, err := r.next()
			if bad := (rowError{}); errors.As(err, &bad) {
				r.reject(bad.err)
				continue
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					r.err = fmt.Errorf("posts: line %d: %w", r.line, err)
				}
				return
			}
			p, err := r.reads.post(row, r.dates)
			if err != nil {
				r.reject(err)
				continue
			}
			if !yield(p) {
				return
			}
		}
	}
}

// Err is what ended the reading before the end of the input.
func (r *Reader) Err() error { return r.err }

// Rejected is how many rows could not be used; Rejects are the first hundred of them.
func (r *Reader) Rejected() int { return r.rejected }

// Rejects tells the first hundred rows that could not be used.
func (r *Reader) Rejects() []Reject { return r.rejects }

func (r *Reader) reject(err error) {
	r.rejected++
	if len(r.rejects) < maxRejects {
		r.rejects = append(r.rejects, Reject{r.line, err.Error()})
	}
}

// header finds the mapping for a table's columns.
func (r *Reader) header(columns []string, known Mappings) (table, error) {
	t := table{at: make(map[string]int, len(columns))}
	for i, c := range columns {
		if _, had := t.at[c]; !had {
			t.at[c] = i
		}
	}
	var ok bool
	has := func(c string) bool { _, ok := t.at[c]; return ok }
	if r.mapping, ok = known.find(has); !ok {
		return t, fmt.Errorf("posts: columns %.300q: %w of %s", strings.Join(columns, ", "), ErrUnknownExport, known.names())
	}
	r.reads = r.mapping.only(has)
	return t, nil
}

// table is a row of a table.
type table struct {
	at     map[string]int
	fields []string
}

func (t *table) value(column string) string {
	i, ok := t.at[column]
	if !ok || i >= len(t.fields) || t.fields[i] == "NA" {
		return ""
	}
	return t.fields[i]
}

func (t *table) values(column string) []string { return splitList(t.value(column)) }

// commas reads CSV, with commas or semicolons.
func (r *Reader) commas(in *bufio.Reader, known Mappings, first []byte) error {
	c := csv.NewReader(in)
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		c.Comma = ';'
	}
	c.FieldsPerRecord = -1
	columns, err := c.Read()
	if err != nil {
		return fmt.Errorf("posts: header: %w", err)
	}
	t, err := r.header(columns, known)
	r.next = func() (row, error) {
		fields, err := c.Read()
		if len(fields) > 0 {
			r.line, _ = c.FieldPos(0)
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			r.line = bad.StartLine
			return nil, rowError{bad.Err}
		}
		t.fields = fields
		return &t, err
	}
	return err
}

// tabs reads TSV, in which nothing is quoted.
func (r *Reader) tabs(in *bufio.Reader, known Mappings) error {
	l := lines{in: in}
	head, err := l.next()
	if err != nil {
		return fmt.Errorf("posts: header: %w", err)
	}
	r.line = 1
	t, err := r.header(strings.Split(head, "\t"), known)
	r.next = func() (row, error) {
		for {
			r.line++
			line, err := l.next()
			if err != nil {
				return nil, err
			}
			if line == "" {
				continue
			}
			t.fields = t.fields[:0]
			for more := true; more; {
				var f string
				f, line, more = strings.Cut(line, "\t")
				t.fields = append(t.fields, f)
			}
			return &t, nil
		}
	}
	return err
}

// lines reads lines of any length, but keeps only those within maxLine.
type lines struct {
	in  *bufio.Reader
	buf []byte
}

// next gives a line without its end.
func (l *lines) next() (string, error) {
	l.buf = l.buf[:0]
	long := false
	for {
		part, err := l.in.ReadSlice('\n')
		if long = long || len(l.buf)+len(part) > maxLine; !long {
			l.buf = append(l.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || len(l.buf) == 0 && !long):
			return "", err
		case long:
			return "", rowError{fmt.Errorf("longer than %d MiB", maxLine>>20)}
		}
		return strings.TrimSuffix(strings.TrimSuffix(string(l.buf), "\n"), "\r"), nil
	}
}
