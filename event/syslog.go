package event

import (
	"bytes"
	"slices"
	"strings"
)

// Lines that are no JSON by themselves: what security devices send over syslog (RFC 3164, RFC 5424), and XML of Windows. Each is turned
// into the JSON that formats.yaml maps, so that a user's mapping reads it like any other.

// startWithin is how far into a line what it carries may begin: a header of syslog with structured data is shorter.
const startWithin = 4 << 10

// carried are the beginnings of what a line may carry, and how it becomes JSON; the one that begins first counts. What cannot be turned
// is nil.
var carried = []struct {
	name, mark string
	turn       func(header, text []byte) []byte
}{
	{"CEF", "CEF:", cefJSON},
	{"LEEF", "LEEF:", leefJSON},
	{"Windows event XML", "<Event ", windowsJSON},
	{"Windows event XML", "<Event>", windowsJSON},
	{"JSON behind a header", "{", innerJSON},
}

// carriedIn finds what a line that is no JSON carries, as JSON, and names it.
func carriedIn(line []byte) (text []byte, name string) {
	head := line[:min(len(line), startWithin)]
	best, at := -1, len(head)
	for i := range carried {
		if n := bytes.Index(head[:at], []byte(carried[i].mark)); n >= 0 {
			best, at = i, n
		}
	}
	if best < 0 {
		return nil, ""
	}
	c := &carried[best]
	return c.turn(line[:at], line[at:]), c.name
}

// innerJSON is the object that stands behind a header, as syslog carries Suricata's events, with what follows it left out.
func innerJSON(header, text []byte) []byte {
	end := bytes.LastIndexByte(text, '}')
	if len(bytes.TrimSpace(header)) == 0 || end < 0 {
		return nil // it was JSON all along
	}
	return text[:end+1]
}

// object is a JSON object that is being written. Each value is a string.
type object struct{ out []byte }

func newObject(size int) *object { return &object{out: append(make([]byte, 0, size), '{')} }

func (o *object) put(key, value string) {
	o.out = appendJSON(append(appendJSON(o.out, key), ':'), value)
	o.out = append(o.out, ',')
}

func (o *object) begin(key string) { o.out = append(appendJSON(o.out, key), ':', '{') }

func (o *object) close() { o.out = append(bytes.TrimSuffix(o.out, []byte(",")), '}', ',') }

func (o *object) done() []byte {
	o.close()
	return o.out[:len(o.out)-1]
}

// syslog puts the time and the host of a header of syslog, of either RFC or neither, under "syslog".
func (o *object) syslog(header []byte) {
	rest := strings.TrimSpace(string(header))
	if n := strings.IndexByte(rest, '>'); n > 0 && n < 5 && rest[0] == '<' {
		rest = rest[n+1:]
	}
	if after, ok := strings.CutPrefix(rest, "1 "); ok {
		rest = after
	}
	if rest == "" {
		return
	}
	when, rest := cutTime(rest)
	host, _, _ := strings.Cut(rest, " ")
	o.begin("syslog")
	if when != "" {
		o.put("time", when)
	}
	if host != "" && host != "-" {
		o.put("host", host)
	}
	o.close()
}

// cutTime cuts a time off the beginning of a header: one word, or three or four of which the first is a month's name.
func cutTime(s string) (when, rest string) {
	fields := strings.Fields(s)
	n := 0
	switch {
	case len(fields) == 0:
	case s[0]-'0' <= 9:
		n = 1
	case len(fields) > 3 && isMonth(fields[0]) && strings.IndexByte(fields[2], ':') > 0:
		n = 3
	case len(fields) > 4 && isMonth(fields[0]) && strings.IndexByte(fields[3], ':') > 0:
		n = 4 // with a year
	}
	return strings.Join(fields[:n], " "), strings.Join(fields[n:], " ")
}

var months = []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

func isMonth(s string) bool {
	return slices.Contains(months, s)
}

// headerFields cuts n fields off a header of CEF or LEEF, which bars separate and backslashes escape.
func headerFields(s string, n int) (fields []string, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '|' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case s[i] == '|':
			fields = append(fields, b.String())
			b.Reset()
			if len(fields) == n {
				return fields, s[i+1:], true
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return append(fields, b.String()), "", len(fields) == n-1
}

// cefJSON reads ArcSight's Common Event Format: CEF:0|vendor|product|version|signature|name|severity|key=value key=value.
func cefJSON(header, text []byte) []byte {
	fields, rest, ok := headerFields(string(text), 7)
	if !ok {
		return nil
	}
	o := newObject(2*len(text) + 128)
	o.syslog(header)
	o.begin("cef")
	o.put("version", strings.TrimPrefix(fields[0], "CEF:"))
	for i, key := range []string{"vendor", "product", "device_version", "signature", "name", "severity"} {
		o.put(key, fields[i+1])
	}
	pairs(rest, func(key, value string) { o.put(key, cefEscapes.Replace(value)) })
	o.close()
	return o.done()
}

var cefEscapes = strings.NewReplacer(`\=`, "=", `\\`, `\`, `\n`, "\n", `\r`, "\r", `\|`, "|")

// pairs yields key=value separated by blanks; a value goes on to the last blank before the next key. An equals sign whose left side is no
// key belongs to the value, as senders do not escape those of addresses.
func pairs(s string, yield func(key, value string)) {
	key, from := "", 0
	for i := 0; i < len(s); i++ {
		if s[i] != '=' || i > 0 && s[i-1] == '\\' {
			continue
		}
		start := i
		for start > from && isKeyByte(s[start-1]) {
			start--
		}
		if start == i || start > 0 && s[start-1] != ' ' && s[start-1] != '\t' {
			continue
		}
		if key != "" {
			yield(key, strings.TrimSpace(s[from:start]))
		}
		key, from = s[start:i], i+1
	}
	if key != "" {
		yield(key, strings.TrimSpace(s[from:]))
	}
}

func isKeyByte(ch byte) bool {
	return domainBytes[ch] != badByte || ch == '[' || ch == ']'
}

// leefJSON reads IBM's Log Event Extended Format: LEEF:1.0|vendor|product|version|event|attributes, tabs between them; version 2.0 may name
// another separator before the attributes. Relays of syslog write tabs as #011.
func leefJSON(header, text []byte) []byte {
	fields, rest, ok := headerFields(string(text), 5)
	if !ok {
		return nil
	}
	separator := "\t"
	if version := strings.TrimPrefix(fields[0], "LEEF:"); strings.HasPrefix(version, "2") {
		if named, after, found := strings.Cut(rest, "|"); found && len(named) < 7 && !strings.Contains(named, "=") {
			rest = after
			if named != "" {
				separator = leefSeparator(named)
			}
		}
	}
	if separator == "\t" && !strings.Contains(rest, "\t") && strings.Contains(rest, "#011") {
		separator = "#011"
	}
	o := newObject(2*len(text) + 128)
	o.syslog(header)
	o.begin("leef")
	o.put("version", strings.TrimPrefix(fields[0], "LEEF:"))
	for i, key := range []string{"vendor", "product", "device_version", "event"} {
		o.put(key, fields[i+1])
	}
	for pair := range strings.SplitSeq(rest, separator) {
		if key, value, ok := strings.Cut(strings.TrimSpace(pair), "="); ok && key != "" {
			o.put(key, value)
		}
	}
	o.close()
	return o.done()
}

// leefSeparator reads the separator that a header names: a character, or its number as x5E or 0x5E.
func leefSeparator(s string) string {
	digits, isHex := strings.CutPrefix(strings.ToLower(s), "0x")
	if !isHex {
		digits, isHex = strings.CutPrefix(strings.ToLower(s), "x")
	}
	if isHex && len(digits) > 0 && len(digits) <= 4 {
		n := 0
		for _, ch := range []byte(digits) {
			if hexBytes[ch] == 0 {
				return s
			}
			n = n<<4 | int(nibble(ch))
		}
		return string(rune(n))
	}
	return s
}
