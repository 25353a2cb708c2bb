package event

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// IsZeek tells whether text begins like a log that Zeek writes by itself: tab-separated, with its fields in lines that begin with #.
func IsZeek(head []byte) bool {
	return bytes.HasPrefix(head, []byte("#separator ")) || bytes.HasPrefix(head, []byte("#fields\t"))
}

// ZeekReader turns a log as Zeek writes it into JSON lines, one for each line, so that numbers of lines stay. Lines of comments become
// empty ones, and rows that do not fit the fields stay as they are, for the decoder to refuse.
type ZeekReader struct {
	r      *bufio.Reader
	out    []byte
	err    error
	sep    string
	set    string
	empty  string
	unset  string
	path   string
	fields []string
	types  []string
}

// NewZeekReader reads the log r.
func NewZeekReader(r io.Reader) *ZeekReader {
	return &ZeekReader{r: bufio.NewReaderSize(r, 1<<16), sep: "\t", set: ",", empty: "(empty)", unset: "-"}
}

// maxZeekLine is the longest row that is turned; the rest of a longer one is a row by itself, and refused.
const maxZeekLine = 1 << 20

// Read implements io.Reader.
func (z *ZeekReader) Read(p []byte) (int, error) {
	for len(z.out) == 0 {
		if z.err != nil {
			return 0, z.err
		}
		z.out = z.out[:0]
		line, err := z.line()
		if z.err = err; len(line) == 0 && err != nil {
			continue
		}
		text, ended := bytes.CutSuffix(line, []byte("\n"))
		z.convert(bytes.TrimSuffix(text, []byte("\r")))
		if ended {
			z.out = append(z.out, '\n')
		}
	}
	n := copy(p, z.out)
	z.out = z.out[n:]
	return n, nil
}

func (z *ZeekReader) line() ([]byte, error) {
	var long []byte
	for {
		part, err := z.r.ReadSlice('\n')
		if !errors.Is(err, bufio.ErrBufferFull) && long == nil {
			return part, err
		}
		long = append(long, part...)
		if !errors.Is(err, bufio.ErrBufferFull) || len(long) > maxZeekLine {
			if errors.Is(err, bufio.ErrBufferFull) {
				err = nil
			}
			return long, err
		}
	}
}

// convert appends what becomes of one line.
func (z *ZeekReader) convert(line []byte) {
	if len(line) > 0 && line[0] == '#' {
		z.header(string(line))
		return
	}
	values := strings.Split(string(line), z.sep)
	if len(values) != len(z.fields) || len(line) == 0 {
		z.out = append(z.out, line...)
		return
	}
	z.out = append(z.out, '{')
	if z.path != "" {
		z.out = appendJSON(append(z.out, `"_path":`...), z.path)
		z.out = append(z.out, ',')
	}
	for i, v := range values {
		if v == z.unset {
			continue
		}
		z.out = append(appendJSON(z.out, z.fields[i]), ':')
		typ := ""
		if i < len(z.types) {
			typ = z.types[i]
		}
		z.value(typ, v)
		z.out = append(z.out, ',')
	}
	z.out = append(bytes.TrimSuffix(z.out, []byte(",")), '}')
}

func (z *ZeekReader) header(line string) {
	if rest, ok := strings.CutPrefix(line, "#separator "); ok {
		if s := unescape(rest); s != "" {
			z.sep = s
		}
		return
	}
	name, rest, _ := strings.Cut(line, z.sep)
	switch name {
	case "#set_separator":
		z.set = unescape(rest)
	case "#empty_field":
		z.empty = rest
	case "#unset_field":
		z.unset = rest
	case "#path":
		z.path = rest
	case "#fields":
		z.fields = strings.Split(rest, z.sep)
		if slices.ContainsFunc(z.fields, func(name string) bool { return len(name) > maxColumn }) {
			z.fields = nil
		}
	case "#types":
		z.types = strings.Split(rest, z.sep)
	}
}

// value appends a value of a Zeek type in JSON.
func (z *ZeekReader) value(typ, v string) {
	if strings.HasPrefix(typ, "set[") || strings.HasPrefix(typ, "vector[") {
		z.out = append(z.out, '[')
		if v != z.empty {
			for i, item := range strings.Split(v, z.set) {
				if i > 0 {
					z.out = append(z.out, ',')
				}
				z.out = appendJSON(z.out, unescape(item))
			}
		}
		z.out = append(z.out, ']')
		return
	}
	switch {
	case v == z.empty:
		v = ""
	case typ == "time" || typ == "interval" || typ == "count" || typ == "int" || typ == "double" || typ == "port":
		if _, err := strconv.ParseFloat(v, 64); err == nil && strings.Trim(v, "0123456789.-") == "" {
			z.out = append(z.out, v...)
			return
		}
	case typ == "bool" && (v == "T" || v == "F"):
		z.out = strconv.AppendBool(z.out, v == "T")
		return
	}
	z.out = appendJSON(z.out, unescape(v))
}

// unescape undoes Zeek's \xHH.
func unescape(s string) string {
	if !strings.Contains(s, `\x`) {
		return s
	}
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, `\x`)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		if n, err := strconv.ParseUint(after[:min(2, len(after))], 16, 8); err == nil && len(after) >= 2 {
			b.WriteByte(byte(n))
			s = after[2:]
			continue
		}
		b.WriteString(`\x`)
		s = after
	}
}

const hexDigit = "0123456789abcdef"

// appendJSON appends a string in quotes. Bytes that are no UTF-8 become U+FFFD.
func appendJSON(out []byte, s string) []byte {
	out = append(out, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r < ' ':
			out = append(out, '\\', 'u', '0', '0', hexDigit[r>>4], hexDigit[r&15])
		default:
			out = append(out, string(r)...)
		}
	}
	return append(out, '"')
}
