package stix

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Timestamp is a STIX timestamp (section 2.16): UTC, RFC 3339 with "Z", any number of sub-second digits. The text is kept,
// so that "…:01.50Z" leaves as it came.
type Timestamp struct {
	t    time.Time
	text string
}

// At makes a timestamp with millisecond precision, the precision that the specification asks of created and modified.
func At(t time.Time) Timestamp {
	t = t.UTC().Truncate(time.Millisecond)
	return Timestamp{t: t, text: t.Format("2006-01-02T15:04:05.000Z")}
}

// ParseTimestamp reads a STIX timestamp. Offsets other than "Z" are an error, as the specification says.
func ParseTimestamp(s string) (Timestamp, error) {
	if !strings.HasSuffix(s, "Z") {
		return Timestamp{}, fmt.Errorf("timestamp %.40q: want UTC in RFC 3339, ending in Z", s)
	}
	const second = len("2024-10-15T23:59:")
	text, leap := s, time.Duration(0)
	if len(s) > second+2 && s[second-6:second+2] == "23:59:60" { // RFC 3339 has leap seconds, package time has none
		text, leap = s[:second]+"59"+s[second+2:], time.Second
	}
	// time.Parse is more lenient than RFC 3339: it takes a comma for the point, and hours of one digit.
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || len(s) < len("2024-10-15T08:30:00Z") || s[13] != ':' || strings.Contains(s, ",") {
		return Timestamp{}, fmt.Errorf("timestamp %.40q: want RFC 3339 such as 2024-10-15T08:30:00.000Z", s)
	}
	return Timestamp{t: t.Add(leap), text: s}, nil
}

// Always is the valid_from of an indicator of which nobody said since when it holds: section 4.7 asks for a time, and none shall be
// invented. Events are met from then on, which is all of them.
var Always = At(time.Unix(0, 0))

// Time is the instant, to the nanosecond. A leap second is the second after it.
func (t Timestamp) Time() time.Time { return t.t }

// IsZero tells whether the timestamp is absent.
func (t Timestamp) IsZero() bool { return t.text == "" }

// String is the text as it came.
func (t Timestamp) String() string { return t.text }

// Compare orders by instant, then by text, so that equal instants of different precision have a stable order.
func (t Timestamp) Compare(u Timestamp) int {
	if c := t.t.Compare(u.t); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(t.fraction(), u.fraction()), strings.Compare(t.text, u.text))
}

// SortKey is text that sorts by instant and is equal for equal instants, whatever the number of digits.
func (t Timestamp) SortKey() string {
	whole := t.t.UTC().Format("2006-01-02T15:04:05")
	if digits := t.fraction(); digits != "" {
		return whole + "." + digits
	}
	return whole
}

// fraction is what stands behind the second, without zeros at its end.
func (t Timestamp) fraction() string {
	_, digits, _ := strings.Cut(strings.TrimSuffix(t.text, "Z"), ".")
	return strings.TrimRight(digits, "0")
}

// MarshalText writes the text as it came.
func (t Timestamp) MarshalText() ([]byte, error) { return []byte(t.text), nil }

// UnmarshalText reads a STIX timestamp.
func (t *Timestamp) UnmarshalText(b []byte) error {
	v, err := ParseTimestamp(string(b))
	if err != nil {
		return err
	}
	*t = v
	return nil
}

// SameInstants writes each instant that is a whole string of a JSON text in one way, with three digits of a second or as many as it
// takes: tools rewrite them as they pass objects on, and mean the same. Text without such instants comes back as it is.
func SameInstants(text []byte) []byte {
	var out []byte
	done := 0
	for at := 0; ; {
		end := bytes.Index(text[at:], []byte(`Z"`))
		if end < 0 {
			break
		}
		end += at
		at = end + 2
		start := bytes.LastIndexByte(text[done:end], '"') + done + 1
		digits, ok := fractionOf(text[start:end])
		if !ok || start >= 2 && text[start-2] == '\\' {
			continue
		}
		kept := bytes.TrimRight(digits, "0")
		if len(digits) == max(3, len(kept)) {
			continue
		}
		out = append(append(out, text[done:start+wholeSecond]...), '.')
		out = append(out, kept...)
		out = append(out, "000"[min(3, len(kept)):]...)
		done = end
	}
	if done == 0 {
		return text
	}
	return append(out, text[done:]...)
}

// wholeSecond is the length of an instant without a fraction and its zone.
const wholeSecond = len("2024-10-15T08:30:00")

// fractionOf are the digits behind the second of an instant without its Z; ok is false for what is none.
func fractionOf(b []byte) (digits []byte, ok bool) {
	const form = "dddd-dd-ddTdd:dd:dd"
	if len(b) < wholeSecond || len(b) == wholeSecond+1 {
		return nil, false
	}
	for i, want := range []byte(form) {
		if isDigit := b[i]-'0' <= 9; want == 'd' && !isDigit || want != 'd' && b[i] != want {
			return nil, false
		}
	}
	if digits = b[wholeSecond:]; len(digits) == 0 {
		return nil, true
	}
	for _, c := range digits[1:] {
		if c-'0' > 9 {
			return nil, false
		}
	}
	return digits[1:], digits[0] == '.'
}
