package event

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Files that are no lines of JSON as they stand are turned into them before anything else: lists and objects over several lines, XML that
// Windows exports, tables, logs as Zeek writes them. A record becomes a line, so numbers of lines are those of records; only Zeek's stay.

// Lines returns a reader of lines for text that begins with head, and what the text is taken for; nil where it is lines already. The text
// must be UTF-8 without a byte order mark; head is better long (64 KiB).
func (f *Formats) Lines(head []byte) (turn func(io.Reader) io.Reader, what string) {
	text := bytes.TrimLeft(head, " \t\r\n")
	switch {
	case IsZeek(head):
		return func(r io.Reader) io.Reader { return NewZeekReader(r) }, "Zeek's own log"
	case isJSONRecords(text) && !f.isEvent(text):
		return func(r io.Reader) io.Reader { return records(newJSONRecords(r)) }, "JSON over several lines or in a list"
	case bytes.HasPrefix(text, []byte("<?xml")) && bytes.Contains(text, []byte("<Event")), bytes.HasPrefix(text, []byte("<Event")):
		return func(r io.Reader) io.Reader { return records(newXMLRecords(r)) }, "XML of Windows events"
	}
	if comma, ok := f.isTable(text); ok {
		return func(r io.Reader) io.Reader { return records(newTableRecords(r, comma)) }, "a table"
	}
	return nil, ""
}

// isEvent tells whether text begins with a line that is an event by itself: what looks like a list in it is a part of it.
func (f *Formats) isEvent(text []byte) bool {
	line, _, whole := bytes.Cut(text, []byte("\n"))
	if !whole || line[0] != '{' {
		return false
	}
	d := NewDecoder(f)
	vals, err := d.scan.Scan(line)
	if err != nil {
		return false
	}
	e, reason := d.own(line, vals)
	return reason == "" && len(e.Observables) > 0
}

// maxRecord bounds the memory of a record; what is cut there is longer than any line that is read.
const maxRecord = 2 << 20

// recordReader reads the lines that next returns, each without its end.
type recordReader struct {
	next func() ([]byte, error)
	line []byte
	err  error
}

func records(next func() ([]byte, error)) io.Reader { return &recordReader{next: next} }

// Read implements io.Reader.
func (r *recordReader) Read(p []byte) (int, error) {
	for len(r.line) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		var line []byte
		if line, r.err = r.next(); len(line) > 0 {
			for i, ch := range line {
				if ch == '\n' || ch == '\r' {
					line[i] = ' '
				}
			}
			line = append(line, '\n')
			r.line = line
		}
	}
	n := copy(p, r.line)
	r.line = r.line[n:]
	return n, nil
}

// listKeys are the keys under which answers and exports keep a list of events: AWS, Azure, Graph, searches.
var listKeys = []string{"Records", "records", "value", "results", "logEvents", "hits", "events", "Events", "rows", "logs"}

// jsonRecords walks a stream of JSON and yields each value at the top, or each element of a list at the top or under a key of listKeys.
type jsonRecords struct {
	r      *bufio.Reader
	listed bool // within a list
	nested int  // levels around the list that are still open
}

func newJSONRecords(r io.Reader) func() ([]byte, error) {
	j := &jsonRecords{r: bufio.NewReaderSize(r, 64<<10)}
	return j.next
}

// isJSONRecords tells whether text begins with a list of objects, an object over several lines, or one that holds a list of events.
func isJSONRecords(text []byte) bool {
	if len(text) < 2 {
		return false
	}
	if text[0] == '[' {
		rest := bytes.TrimLeft(text[1:], " \t\r\n")
		return bytes.HasPrefix(rest, []byte("{")) || bytes.HasPrefix(rest, []byte(`"{`))
	}
	if text[0] != '{' {
		return false
	}
	s := shape{}
	for i, ch := range text {
		if s.step(ch); s.depth == 0 && i > 0 {
			return false // whole on its line
		}
		if s.isList && ch == '{' && s.depth <= 4 {
			return true
		}
		if ch == '\n' {
			return true
		}
	}
	return false
}

// shape follows JSON byte by byte, as far as finding records needs.
type shape struct {
	depth   int
	quoted  bool
	escaped bool
	word    []byte // the string that is being read, or was last, in the first two levels
	keys    [3]string
	isList  bool // the list of events has begun
}

func (s *shape) step(ch byte) {
	if s.quoted {
		switch {
		case s.escaped:
			s.escaped = false
		case ch == '\\':
			s.escaped = true
		case ch == '"':
			s.quoted = false
		case s.depth <= 2 && len(s.word) < 16:
			s.word = append(s.word, ch)
		}
		return
	}
	switch ch {
	case '"':
		s.quoted, s.word = true, s.word[:0]
	case ':':
		if s.depth >= 0 && s.depth <= 2 {
			s.keys[s.depth] = string(s.word)
		}
	case '{':
		s.depth++
	case '[':
		s.isList = s.isList || s.depth == 1 && s.keys[1] != "hits" && slices.Contains(listKeys, s.keys[1]) || s.depth == 2 && s.keys[1] == "hits" && s.keys[2] == "hits"
		s.depth++
	case '}', ']':
		s.depth--
	}
}

func (j *jsonRecords) next() ([]byte, error) {
	for {
		ch, err := j.r.ReadByte()
		if err != nil {
			return nil, err
		}
		switch ch {
		case ' ', '\t', '\r', '\n', ',':
		case '[':
			j.listed = true
		case ']', '}':
			if j.listed && ch == ']' {
				j.listed = false
				if err := j.leave(); err != nil {
					return nil, err
				}
			}
		case '{':
			if record, whole, err := j.object(); whole || err != nil {
				return record, err
			}
		default:
			return j.other(ch)
		}
	}
}

// object reads an object whose brace was read. Where it holds a list of events, it is left at the list's beginning.
func (j *jsonRecords) object() (record []byte, whole bool, err error) {
	var s shape
	s.step('{')
	record = append(record, '{')
	for s.depth > 0 {
		ch, err := j.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return record, true, nil // cut off: the decoder says so
		}
		if err != nil {
			return nil, false, err
		}
		s.step(ch)
		if s.isList && !j.listed {
			if next, _ := j.r.Peek(1); len(next) == 0 || !bytes.ContainsAny(next, "{\" \t\r\n]") {
				s.isList = false
			} else {
				j.listed, j.nested = true, s.depth-1
				return nil, false, nil
			}
		}
		if len(record) <= maxRecord {
			record = append(record, ch)
		}
	}
	return record, true, nil
}

// leave passes over what stands behind a list in the objects around it.
func (j *jsonRecords) leave() error {
	s := shape{depth: j.nested}
	for j.nested = 0; s.depth > 0; {
		ch, err := j.r.ReadByte()
		if err != nil {
			return err
		}
		s.step(ch)
	}
	return nil
}

// other reads a value that is no object and no list: a string that may hold an event, or what is no JSON, up to its line's end.
func (j *jsonRecords) other(first byte) ([]byte, error) {
	record := []byte{first}
	s := shape{}
	s.step(first)
	for {
		ch, err := j.r.ReadByte()
		if err != nil {
			return record, nil //nolint:nilerr // the next call meets it again
		}
		if s.step(ch); first == '"' && !s.quoted {
			var text string
			record = append(record, ch)
			if json.Unmarshal(record, &text) == nil && text != "" {
				return []byte(text), nil
			}
			return record, nil
		}
		if first != '"' && (ch == '\n' || j.listed && (ch == ',' || ch == ']')) {
			return record, j.r.UnreadByte()
		}
		if len(record) <= maxRecord {
			record = append(record, ch)
		}
	}
}

// newXMLRecords yields each <Event> element.
func newXMLRecords(r io.Reader) func() ([]byte, error) {
	br := bufio.NewReaderSize(r, 64<<10)
	return func() ([]byte, error) {
		var record []byte
		for {
			piece, err := br.ReadSlice('>')
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				return record, err
			}
			if record == nil {
				at := bytes.LastIndexByte(piece, '<')
				if at < 0 || !isEventStart(piece[at:]) {
					continue
				}
				piece = piece[at:]
			}
			if len(record) <= maxRecord {
				record = append(record, piece...)
			}
			if bytes.HasSuffix(piece, []byte("</Event>")) {
				return record, nil
			}
		}
	}
}

func isEventStart(tag []byte) bool {
	rest, ok := bytes.CutPrefix(tag, []byte("<Event"))
	return ok && len(rest) > 0 && bytes.IndexByte([]byte(" >\t\r\n"), rest[0]) >= 0
}

// isTable tells whether text begins with a row of column names that a format reads, and what stands between them.
func (f *Formats) isTable(text []byte) (comma rune, ok bool) {
	first, _, whole := bytes.Cut(text, []byte("\n"))
	if !whole || len(first) == 0 || first[0] == '{' || first[0] == '<' || first[0] == '#' {
		return 0, false
	}
	for _, comma := range ",\t;|" {
		if bytes.IndexByte(first, byte(comma)) < 0 {
			continue
		}
		row, err := tableReader(bytes.NewReader(first), comma).Read()
		if err != nil || len(row) < 2 {
			continue
		}
		var present pathSet
		for _, name := range row {
			if len(name) > maxColumn {
				return 0, false
			}
			if name = columnName(name); slices.Contains(envelopes, name) && name != "value" && name != "data" {
				return comma, true
			}
			if i := slices.Index(f.names, name); i >= 0 {
				present[i/64] |= 1 << (i % 64)
			}
		}
		if f.detect(&present) != nil {
			return comma, true
		}
	}
	return 0, false
}

// maxColumn bounds the names of columns, which every row repeats.
const maxColumn = 256

// columnName is the name of a column without what Azure's portal adds: the zone of its times.
func columnName(s string) string {
	return strings.TrimSuffix(strings.TrimSpace(s), " [UTC]")
}

func tableReader(r io.Reader, comma rune) *csv.Reader {
	t := csv.NewReader(r)
	t.Comma, t.LazyQuotes, t.FieldsPerRecord = comma, true, -1
	return t
}

// newTableRecords yields each row as an object with the columns' names for keys. A cell that holds an object stays one.
func newTableRecords(r io.Reader, comma rune) func() ([]byte, error) {
	guard := &rowGuard{r: r}
	t := tableReader(guard, comma)
	var names []string
	return func() ([]byte, error) {
		if names == nil {
			row, err := t.Read()
			if err != nil {
				return nil, err
			}
			for _, name := range row {
				names = append(names, columnName(name))
			}
		}
		row, err := t.Read()
		if err != nil {
			return nil, err
		}
		guard.n = 0
		o := newObject(1 << 10)
		for i, cell := range row {
			if i >= len(names) || cell == "" {
				continue
			}
			if isObject(cell) && json.Valid([]byte(cell)) {
				o.out = append(append(append(appendJSON(o.out, names[i]), ':'), cell...), ',')
				continue
			}
			o.put(names[i], cell)
		}
		return o.done(), nil
	}
}

func isObject(s string) bool {
	s = strings.TrimSpace(s)
	return len(s) > 1 && s[0] == '{' && s[len(s)-1] == '}'
}

// rowGuard ends reading where one row takes too much: a quote that is never closed.
type rowGuard struct {
	r io.Reader
	n int
}

func (g *rowGuard) Read(p []byte) (int, error) {
	if g.n > 8*maxRecord {
		return 0, fmt.Errorf("table: a row is longer than %d bytes: look for a quote that is not closed", 8*maxRecord)
	}
	n, err := g.r.Read(p)
	g.n += n
	return n, err
}
