package misp

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"marque/stix"
)

// Record is a MISP record as it came: names and values, unknown ones included. MISP writes numbers as strings or as numbers and
// truth as true, "1" or 1; the methods read them alike.
type Record map[string]jsontext.Value

// ParseRecord reads one JSON object.
func ParseRecord(raw []byte) (Record, error) {
	var r Record
	if err := json.Unmarshal(raw, &r, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)); err != nil {
		return nil, err
	}
	return r, nil
}

// Text is a string or a number as text; "" for everything else.
func (r Record) Text(k string) string {
	v := r[k]
	switch v.Kind() {
	case '"':
		b, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			return ""
		}
		return string(b)
	case '0':
		return string(v)
	default:
		return ""
	}
}

// Flag is truth in any of MISP's spellings.
func (r Record) Flag(k string) bool {
	return r[k].Kind() == 't' || r.Text(k) == "1" || strings.EqualFold(r.Text(k), "true")
}

// Sub is a record inside.
func (r Record) Sub(k string) Record {
	if r[k].Kind() != '{' {
		return nil
	}
	s, _ := ParseRecord(r[k])
	return s
}

// List is the records of a list, or the one record where a list is expected. What is no record is left out.
func (r Record) List(k string) []Record {
	switch r[k].Kind() {
	case '{':
		if s := r.Sub(k); s != nil {
			return []Record{s}
		}
	case '[':
		var raws []jsontext.Value
		if json.Unmarshal(r[k], &raws, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)) != nil {
			return nil
		}
		out := make([]Record, 0, len(raws))
		for _, raw := range raws {
			if s, err := ParseRecord(raw); err == nil && s != nil {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// Without is the record less some names.
func (r Record) Without(names ...string) Record {
	out := maps.Clone(r)
	for _, n := range names {
		delete(out, n)
	}
	return out
}

// Set puts a value.
func (r Record) Set(k string, v any) {
	raw, err := json.Marshal(v, json.Deterministic(true))
	if err == nil {
		r[k] = raw
	}
}

// Time is an instant: seconds since 1970, RFC 3339 with any offset, or a date.
func (r Record) Time(k string) (stix.Timestamp, bool) {
	s := strings.TrimSpace(r.Text(k))
	if s == "" || s == "0" {
		return stix.Timestamp{}, false
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return inRange(time.Unix(n, 0))
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return inRange(t)
		}
	}
	return stix.Timestamp{}, false
}

// inRange keeps to the years that a STIX timestamp can name.
func inRange(t time.Time) (stix.Timestamp, bool) {
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return stix.Timestamp{}, false
	}
	return stix.At(t), true
}

// UUID is the record's own identifier in lower case.
func (r Record) UUID() (string, error) {
	s := r.Text("uuid")
	if _, err := uuid.Parse(s); err != nil || len(s) != 36 {
		return "", fmt.Errorf("uuid %.40q: want 36 characters", s)
	}
	return strings.ToLower(s), nil
}

// Tags are the names of the record's tags, in order.
func (r Record) Tags() []string {
	var out []string
	for _, t := range r.List("Tag") {
		if n := strings.TrimSpace(t.Text("name")); n != "" {
			out = append(out, n)
		}
	}
	return out
}

// Raw is the record as JSON, with its names in order.
func Raw(r Record) ([]byte, error) {
	return json.Marshal(r, json.Deterministic(true), jsontext.AllowDuplicateNames(true))
}

// Attachment names the artifact that has the data of an attribute's record. It reports false where the record has no data, or has it
// itself.
func (r Record) Attachment() (stix.ID, bool) {
	data := r.Text("data")
	return stix.ID(data), strings.HasPrefix(data, "artifact--")
}
