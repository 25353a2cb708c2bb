package event

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
	"time"
)

// clock reads times. It keeps the last day read, as the next event is of the same one.
type clock struct {
	date    [10]byte // as in 2006-01-02
	seconds int64    // since 1970, of its midnight
	before  int64    // what no time may reach, nanoseconds since 1970: a time without its year is the last one before it; 0: none is known
}

// parse reads RFC 3339 (a space for the T, an offset without its colon and a missing offset, meaning UTC, are accepted) or
// an epoch number, whose magnitude tells seconds, milliseconds, microseconds and nanoseconds apart. Years 1678 to 2261.
func (c *clock) parse(b []byte) (int64, bool) {
	if len(b) >= 19 && b[4] == '-' && b[7] == '-' && (b[10] == 'T' || b[10] == ' ' || b[10] == 't') && b[13] == ':' && b[16] == ':' {
		if t, ok := c.rfc3339(b); ok {
			return t, true
		}
		return c.spelt(b)
	}
	if t, ok := parseEpoch(b); ok {
		return t, true
	}
	return c.spelt(b)
}

// layouts are the other spellings of times in logs: those of CEF and LEEF, of web servers, of mail, of tables made by Windows. Day and
// month as numbers are not among them: nobody can tell which is which.
var layouts = []string{
	"Jan _2 2006 15:04:05", "Jan _2 2006 15:04:05 MST", "Jan _2 2006 15:04:05 -0700", "Jan _2, 2006 15:04:05 MST", "Jan _2, 2006 @ 15:04:05",
	"02/Jan/2006:15:04:05 -0700", "2006/01/02 15:04:05", "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -0700 MST",
	"Mon, _2 Jan 2006 15:04:05 MST", "Mon, _2 Jan 2006 15:04:05 -0700", "Mon Jan _2 15:04:05 2006", "Mon Jan _2 15:04:05 MST 2006",
	"02 Jan 2006 15:04:05", "02-Jan-2006 15:04:05", "Mon Jan _2 2006 15:04:05", "20060102T150405Z",
	"1/2/2006, 3:04:05 PM", "1/2/2006 3:04:05 PM", // Microsoft's portals and Purview: with AM and PM the month comes first
}

// yearless are the spellings of RFC 3164.
var yearless = []string{"Jan _2 15:04:05", "Jan _2 15:04:05 MST"}

// spelt reads a time in words, UTC where it does not say another zone by a number.
func (c *clock) spelt(b []byte) (int64, bool) {
	if len(b) < 14 || len(b) > 48 {
		return 0, false
	}
	text := string(bytes.TrimSpace(b))
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 1678 && t.Year() < 2262 {
			return t.UnixNano(), true
		}
	}
	if c.before == 0 || c.before == math.MaxInt64 {
		return 0, false
	}
	limit := time.Unix(0, c.before).UTC()
	for _, layout := range yearless {
		// 2000 had a 29 February, without which none is parsed.
		if t, err := time.Parse("2006 "+layout, "2000 "+text); err == nil {
			for t = t.AddDate(limit.Year()-2000, 0, 0); !t.Before(limit); t = t.AddDate(-1, 0, 0) {
			}
			return t.UnixNano(), true
		}
	}
	return 0, false
}

func (c *clock) rfc3339(b []byte) (int64, bool) {
	if string(b[:10]) != string(c.date[:]) {
		if !c.day(b) {
			return 0, false
		}
	}
	hour, ok0 := twoDigits(b[11:])
	minute, ok1 := twoDigits(b[14:])
	second, ok2 := twoDigits(b[17:])
	if !ok0 || !ok1 || !ok2 || hour > 23 || minute > 59 || second > 60 {
		return 0, false
	}
	rest, nanos := b[19:], int64(0)
	if len(rest) > 0 && (rest[0] == '.' || rest[0] == ',') {
		n := 0
		if nanos, n = fraction(rest[1:]); n == 0 {
			return 0, false
		}
		rest = rest[1+n:]
	}
	offset, ok := parseOffset(rest)
	if !ok {
		return 0, false
	}
	return (c.seconds+int64(hour*3600+minute*60+second)-offset)*1e9 + nanos, true
}

// day reads a date and keeps it.
func (c *clock) day(b []byte) bool {
	year, ok0 := number(b[0:4])
	month, ok1 := number(b[5:7])
	day, ok2 := number(b[8:10])
	if !ok0 || !ok1 || !ok2 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || year < 1678 || year > 2261 {
		return false
	}
	copy(c.date[:], b)
	c.seconds = daysSince1970(year, month, day) * 86400
	return true
}

// fraction reads the digits behind a point, in billionths, and how many there are. Up to seven are read as one word.
func fraction(b []byte) (nanos int64, n int) {
	if cap(b) >= 8 {
		x := binary.LittleEndian.Uint64(b[:8]) ^ eachByte*'0'
		n = min(bits.TrailingZeros64((x+eachByte*0x76|x)&highBits)>>3, len(b))
		if n < 8 {
			x &= 1<<(8*n) - 1
			x = x * (1 + 10<<8) >> 8 & 0x00FF00FF00FF00FF // pairs of digits
			x = x * (1 + 100<<16) >> 16 & 0x0000FFFF0000FFFF
			return int64(x*(1+10000<<32)>>32) * 10, n
		}
	}
	scale := int64(100_000_000)
	for n = 0; n < len(b) && b[n]-'0' <= 9; n++ {
		nanos += int64(b[n]-'0') * scale
		scale /= 10
	}
	return nanos, n
}

func twoDigits(b []byte) (int, bool) {
	tens, units := b[0]-'0', b[1]-'0'
	return int(tens)*10 + int(units), tens <= 9 && units <= 9
}

// parseOffset reads "", Z, +hh:mm, +hhmm, in seconds.
func parseOffset(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) == 1 && (b[0] == 'Z' || b[0] == 'z') {
		return 0, true
	}
	if len(b) == 6 && b[3] == ':' {
		b = []byte{b[0], b[1], b[2], b[4], b[5]}
	}
	if len(b) != 5 || b[0] != '+' && b[0] != '-' {
		return 0, false
	}
	h, ok0 := number(b[1:3])
	m, ok1 := number(b[3:5])
	if !ok0 || !ok1 || h > 23 || m > 59 {
		return 0, false
	}
	offset := int64(h*3600 + m*60)
	if b[0] == '-' {
		offset = -offset
	}
	return offset, true
}

func number(b []byte) (int, bool) {
	n := 0
	for _, c := range b {
		if c-'0' > 9 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSince1970 counts days in the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms").
func daysSince1970(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	yoe := year - era*400
	doy := (153*(month-3)+2)/5 + day - 1
	return int64(era*146097+yoe*365+yoe/4-yoe/100+doy) - 719468
}

// Magnitudes that separate the units of an epoch number: as seconds they would lie after the year 5138.
const (
	maxSeconds = 1e11
	maxMillis  = 1e14
	maxMicros  = 1e17
)

func parseEpoch(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 32 || b[0]-'0' > 9 && b[0] != '-' {
		return 0, false
	}
	if seconds, nanos, ok := decimal(b); ok {
		switch {
		case seconds < maxSeconds:
			if seconds > math.MaxInt64/1_000_000_000-1 {
				return 0, false
			}
			return seconds*1e9 + nanos, true
		case seconds < maxMillis:
			return seconds*1e6 + nanos/1e3, nanosFit(seconds, 1e6)
		case seconds < maxMicros:
			return seconds*1e3 + nanos/1e6, nanosFit(seconds, 1e3)
		}
		return seconds, true
	}
	f, err := strconv.ParseFloat(view(b), 64)
	if err != nil || math.IsNaN(f) {
		return 0, false
	}
	size := math.Abs(f)
	switch {
	case size < maxSeconds:
		f *= 1e9
	case size < maxMillis:
		f *= 1e6
	case size < maxMicros:
		f *= 1e3
	}
	if math.Abs(f) >= math.MaxInt64 {
		return 0, false
	}
	return int64(f), true
}

func nanosFit(n, scale int64) bool { return n < math.MaxInt64/scale }

// decimal reads digits with an optional fraction of which nine digits count, exactly.
func decimal(b []byte) (whole, nanos int64, ok bool) {
	i := 0
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		if i == 18 {
			return 0, 0, false
		}
		whole = whole*10 + int64(b[i]-'0')
	}
	if i == 0 {
		return 0, 0, false
	}
	if i == len(b) {
		return whole, 0, true
	}
	if b[i] != '.' {
		return 0, 0, false
	}
	scale := int64(100_000_000)
	for i++; i < len(b); i++ {
		if b[i]-'0' > 9 {
			return 0, 0, false
		}
		nanos += int64(b[i]-'0') * scale
		scale /= 10
	}
	return whole, nanos, true
}
