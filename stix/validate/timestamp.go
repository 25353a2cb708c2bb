package validate

import (
	"strings"
	"time"
)

// timestamp is an instant of any precision.
type timestamp struct {
	seconds  int64
	fraction string // digits after the second, without trailing zeros
	digits   int    // as written
}

// parseTimestamp reads YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16.1). A leap second is RFC 3339's 23:59:60.
func parseTimestamp(text string) (timestamp, bool) {
	const whole = "2006-01-02T15:04:05"
	if len(text) < len(whole)+1 || text[len(text)-1] != 'Z' || text[10] != 'T' {
		return timestamp{}, false
	}
	fraction := text[len(whole) : len(text)-1]
	if fraction != "" && (fraction[0] != '.' || len(fraction) == 1 || strings.Trim(fraction[1:], "0123456789") != "") {
		return timestamp{}, false
	}
	base, leap := text[:len(whole)], int64(0)
	if strings.HasSuffix(base, "T23:59:60") {
		base, leap = base[:len(base)-2]+"59", 1
	}
	if strings.Trim(base, "0123456789-T:") != "" {
		return timestamp{}, false
	}
	t, err := time.Parse(whole, base)
	if err != nil {
		return timestamp{}, false
	}
	fraction = strings.TrimPrefix(fraction, ".")
	return timestamp{t.Unix() + leap, strings.TrimRight(fraction, "0"), len(fraction)}, true
}

func (t timestamp) compare(u timestamp) int {
	switch {
	case t.seconds < u.seconds:
		return -1
	case t.seconds > u.seconds:
		return 1
	}
	return strings.Compare(t.fraction, u.fraction)
}
