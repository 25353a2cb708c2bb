package account

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// object is a row of a JSON export.
type object map[string]any

// find goes into objects by the parts of a path. In a list, a number takes one of its members and a name is looked for in all.
func (o object) find(path string) []any {
	at := []any{map[string]any(o)}
	for part := range strings.SplitSeq(path, ".") {
		var next []any
		for _, v := range at {
			next = append(next, step(v, part)...)
		}
		at = next
	}
	return at
}

func step(v any, part string) []any {
	switch v := v.(type) {
	case map[string]any:
		if x, ok := v[part]; ok && x != nil {
			return []any{x}
		}
	case []any:
		if i, err := strconv.Atoi(part); err == nil {
			if i >= 0 && i < len(v) {
				return v[i : i+1]
			}
			return nil
		}
		var out []any
		for _, x := range v {
			if m, ok := x.(map[string]any); ok {
				out = append(out, step(m, part)...)
			}
		}
		return out
	}
	return nil
}

func (o object) value(column string) string {
	var b strings.Builder
	for _, v := range o.find(column) {
		writeText(&b, v, 0)
	}
	return b.String()
}

func (o object) values(column string) []string {
	var out []string
	for _, v := range o.find(column) {
		if list, ok := v.([]any); ok {
			for _, x := range list {
				if s := scalar(x); s != "" {
					out = append(out, s)
				}
			}
			continue
		}
		if s := scalar(v); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// writeText writes a value as text. Telegram writes a message as a list of pieces, some of them objects with a text.
func writeText(b *strings.Builder, v any, depth int) {
	switch v := v.(type) {
	case []any:
		if depth < 4 {
			for _, x := range v {
				writeText(b, x, depth+1)
			}
		}
	case map[string]any:
		if depth < 4 {
			writeText(b, v["text"], depth+1)
		}
	default:
		b.WriteString(scalar(v))
	}
}

func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// json reads JSON lines, one list, or one object with a list in it. The first row decides on the mapping.
func (r *Reader) json(in *bufio.Reader, known Mappings) error {
	source, err := jsonRows(in, known)
	if err != nil {
		return fmt.Errorf("posts: %w", err)
	}
	r.next = func() (row, error) {
		r.line++
		o, err := source()
		if err != nil {
			return nil, err
		}
		if r.mapping.Name == "" {
			m, ok := known.find(func(c string) bool { return len(o.find(c)) > 0 })
			if !ok { // a row of another kind, such as "X joined the group"
				return nil, rowError{fmt.Errorf("%w of %s", ErrUnknownExport, known.names())}
			}
			r.mapping, r.reads = m, m
		}
		return o, nil
	}
	return nil
}

// jsonRows gives the rows of a JSON input, one at a time.
func jsonRows(in *bufio.Reader, known Mappings) (func() (object, error), error) {
	if c, err := firstByte(in); err == nil && c == '{' {
		if line, err := in.Peek(in.Size()); bytes.ContainsRune(line, '\n') && wholeObject(line) || errors.Is(err, io.EOF) && wholeObject(append(line, '\n')) && !holdsList(line, known) {
			return jsonLines(in), nil
		}
	}
	d := jsontext.NewDecoder(in, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if err := intoList(d, known); err != nil {
		return nil, err
	}
	return func() (object, error) {
		if d.PeekKind() != '{' {
			if d.PeekKind() == ']' {
				return nil, io.EOF
			}
			if err := d.SkipValue(); err != nil {
				return nil, err
			}
			return nil, rowError{errors.New("not an object")}
		}
		var o object
		return o, json.UnmarshalDecode(d, &o)
	}, nil
}

// firstByte looks at the first byte that is no space.
func firstByte(in *bufio.Reader) (byte, error) {
	for {
		c, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		if !strings.ContainsRune(" \t\r\n", rune(c)) {
			return c, in.UnreadByte()
		}
	}
}

// wholeObject says whether the first line is an object of its own.
func wholeObject(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return jsontext.Value(bytes.TrimSpace(line)).IsValid()
}

// holdsList says whether the object is a wrapping with a list of posts in it.
func holdsList(line []byte, known Mappings) bool {
	d := jsontext.NewDecoder(bytes.NewReader(line))
	return intoList(d, known) == nil
}

// intoList goes on to the first post: into the list that is the input, or that is the wanted member of the object that it is.
func intoList(d *jsontext.Decoder, known Mappings) error {
	if d.PeekKind() == '[' {
		_, err := d.ReadToken()
		return err
	}
	wanted := map[string]bool{"data": true}
	for _, m := range known.Mappings {
		wanted[m.List] = m.List != ""
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		if wanted[name.String()] && d.PeekKind() == '[' {
			_, err := d.ReadToken()
			return err
		}
		if err := d.SkipValue(); err != nil {
			return err
		}
	}
	return fmt.Errorf("object without a list of posts: %w", ErrUnknownExport)
}

// jsonLines reads an object a line; a bad line is one bad row.
func jsonLines(in *bufio.Reader) func() (object, error) {
	l := lines{in: in}
	return func() (object, error) {
		for {
			line, err := l.next()
			if err != nil {
				return nil, err
			}
			if strings.TrimSpace(line) == "" {
				continue
			}
			var o object
			err = json.Unmarshal([]byte(line), &o, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
			if err != nil {
				return nil, rowError{fmt.Errorf("JSON: %w", err)}
			}
			return o, nil
		}
	}
}
