package pattern

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// maxDigits bounds a number literal, since comparing exact numbers costs time that grows with their length.
const maxDigits = 400

// constant is a literal made ready for comparing.
type constant struct {
	kind  LiteralKind
	text  string    // string
	bytes []byte    // hex, binary
	num   number    // int, float
	time  time.Time // timestamp
	truth bool      // boolean
}

func newConstant(l Literal) (constant, error) {
	c := constant{kind: l.Kind, text: l.Text}
	var err error
	switch l.Kind {
	case LitInt, LitFloat:
		if len(l.Text) > maxDigits {
			return c, fmt.Errorf("number of %d digits: %w", len(l.Text), ErrLimit)
		}
		c.num, _ = parseNumber(l.Text)
	case LitBool:
		c.truth = l.Text == "true"
	case LitHex:
		c.bytes, err = hex.DecodeString(l.Text)
	case LitBinary:
		c.bytes, err = base64.StdEncoding.DecodeString(l.Text)
	case LitTimestamp:
		var ok bool
		if c.time, ok = parseTime(l.Text); !ok {
			err = fmt.Errorf("timestamp %s does not exist", l.Text)
		}
	}
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrPattern, err)
	}
	return c, nil
}

// parseTime reads a STIX timestamp: upper-case T and Z, any number of fraction digits, nothing else. A leap second
// counts as the first instant of the next minute.
func parseTime(s string) (time.Time, bool) {
	if timestampProblem(s) != "" {
		return time.Time{}, false
	}
	leap := s[17:19] == "60"
	if leap {
		s = s[:17] + "59" + s[19:]
	}
	if dot := strings.IndexByte(s, '.'); dot >= 0 && len(s) > dot+11 {
		s = s[:dot+10] + "Z" // time.Time holds nanoseconds
	}
	t, err := time.Parse("2006-01-02T15:04:05.999999999Z", s)
	if leap {
		t = t.Add(time.Second)
	}
	return t, err == nil
}

// order compares a value with the constant. known is false when the two types cannot be compared at all;
// sane is false when a string cannot be read as bytes, which makes every comparison false (section 9.6.1).
func (c *constant) order(v any) (result int, known, sane bool, err error) {
	switch c.kind {
	case LitString:
		switch v := v.(type) {
		case string:
			return strings.Compare(v, c.text), true, true, nil
		case []byte:
			b, ok := latin1(c.text)
			return bytes.Compare(v, b), true, ok, nil
		}
	case LitHex, LitBinary:
		switch v := v.(type) {
		case []byte:
			return bytes.Compare(v, c.bytes), true, true, nil
		case string:
			b, ok := latin1(v)
			return bytes.Compare(b, c.bytes), true, ok, nil
		}
	case LitInt, LitFloat:
		if n, ok := numberOf(v); ok {
			return n.compare(c.num), true, true, nil
		}
	case LitTimestamp:
		switch v := v.(type) {
		case time.Time:
			return v.Compare(c.time), true, true, nil
		case string:
			t, ok := parseTime(v)
			if !ok {
				return 0, false, false, fmt.Errorf("value %.40q is compared with a timestamp and is none: %w", v, ErrData)
			}
			return t.Compare(c.time), true, true, nil
		}
	}
	return 0, false, true, nil
}

func (c *constant) equal(v any) (bool, error) {
	switch v := v.(type) {
	case string:
		if c.kind == LitString {
			return v == c.text, nil
		}
	case bool:
		return c.kind == LitBool && v == c.truth, nil
	}
	result, known, sane, err := c.order(v)
	return known && sane && result == 0, err
}

// latin1 reads each code point as one byte; ok is false when one is above 255.
func latin1(s string) (b []byte, ok bool) {
	b = make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			return nil, false
		}
		b = append(b, byte(r))
	}
	return b, true
}

// fromLatin1 is the reverse of latin1.
func fromLatin1(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}

// number is an exact JSON number: an int64, or a float64, or (beyond both) a rational.
type number struct {
	isInt bool
	i     int64
	f     float64
	exact *big.Rat
}

func parseNumber(s string) (number, bool) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return number{isInt: true, i: i}, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return number{}, false
	}
	n := number{f: f}
	if len(s) <= maxDigits && !strings.ContainsAny(s, ".eE") {
		n.exact, _ = new(big.Rat).SetString(s)
	}
	return n, true
}

func numberOf(v any) (number, bool) {
	switch v := v.(type) {
	case int64:
		return number{isInt: true, i: v}, true
	case int:
		return number{isInt: true, i: int64(v)}, true
	case float64:
		return number{f: v}, true
	case json.Number:
		return parseNumber(string(v))
	}
	return number{}, false
}

func (n number) compare(m number) int {
	switch {
	case n.isInt && m.isInt:
		return cmp.Compare(n.i, m.i)
	case n.exact == nil && m.exact == nil && n.small() && m.small():
		return cmp.Compare(n.float(), m.float())
	case math.IsInf(n.f, 0) && n.exact == nil || math.IsInf(m.f, 0) && m.exact == nil:
		return cmp.Compare(n.float(), m.float())
	}
	return n.rat().Cmp(m.rat())
}

// small says that the number converts to float64 exactly.
func (n number) small() bool { return !n.isInt || n.i > -1<<53 && n.i < 1<<53 }

func (n number) float() float64 {
	if n.isInt {
		return float64(n.i)
	}
	return n.f
}

func (n number) rat() *big.Rat {
	switch {
	case n.exact != nil:
		return n.exact
	case n.isInt:
		return new(big.Rat).SetInt64(n.i)
	}
	if r := new(big.Rat).SetFloat64(n.f); r != nil {
		return r
	}
	return new(big.Rat)
}
