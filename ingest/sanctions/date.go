package sanctions

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Date is a day, a month or a year: Month and Day are 0 where the list does not say. The zero Date is unknown.
type Date struct {
	Year, Month, Day int
	// Circa says that the list gives the date as about right.
	Circa bool
}

// IsZero says that nothing is known.
func (d Date) IsZero() bool { return d.Year == 0 }

// String writes as much as is known: 1983-10-28, 1983-10, 1983, "circa 1983", "".
func (d Date) String() string {
	var s string
	switch {
	case d.Year == 0:
		return ""
	case d.Month == 0:
		s = fmt.Sprintf("%04d", d.Year)
	case d.Day == 0:
		s = fmt.Sprintf("%04d-%02d", d.Year, d.Month)
	default:
		s = fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
	}
	if d.Circa {
		return "circa " + s
	}
	return s
}

// MarshalJSON writes the date as String does.
func (d Date) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Date) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("date: %w", err)
	}
	v, ok := ParseDate(s)
	if !ok && s != "" {
		return fmt.Errorf("date %q: want year, year-month or year-month-day", s)
	}
	*d = v
	return nil
}

var (
	isoDate    = regexp.MustCompile(`^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:T.*|[+-]\d\d:\d\d|Z)?$`)
	slashDate  = regexp.MustCompile(`^(\d{1,2}|dd)[/.](\d{1,2}|mm)[/.](\d{4})$`)
	writtenDay = regexp.MustCompile(`^(?:(\d{1,2})\s+)?(?:([A-Za-z]{3,9})\.?\s+)?(\d{4})$`)
	months     = map[string]int{
		"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
	}
)

// ParseDate reads the ways in which lists write a date: 1983-10-28, 28/10/1983 (day first), dd/mm/1983 and 00/00/1983 (a year), 28 Oct
// 1983, Oct 1983, 1983, circa 1983.
func ParseDate(s string) (Date, bool) {
	s = clean(strings.Trim(s, " .;,"))
	var d Date
	for _, word := range []string{"circa ", "c. ", "approximately ", "about "} {
		if rest, ok := strings.CutPrefix(strings.ToLower(s), word); ok {
			d.Circa, s = true, rest
		}
	}
	switch {
	case isoDate.MatchString(s):
		m := isoDate.FindStringSubmatch(s)
		d.Year, d.Month, d.Day = number(m[1]), number(m[2]), number(m[3])
	case slashDate.MatchString(s):
		m := slashDate.FindStringSubmatch(s)
		d.Year, d.Month, d.Day = number(m[3]), number(m[2]), number(m[1])
	case writtenDay.MatchString(s):
		m := writtenDay.FindStringSubmatch(s)
		d.Year, d.Day = number(m[3]), number(m[1])
		if m[2] != "" {
			month, ok := months[strings.ToLower(m[2])[:3]]
			if !ok {
				return Date{}, false
			}
			d.Month = month
		}
	}
	if d.Year < 1000 || d.Month > 12 || d.Day > 31 {
		return Date{}, false
	}
	if d.Month == 0 {
		d.Day = 0
	}
	return d, true
}

// number reads digits; anything else, as in dd/mm/1960, is 0: not known.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// Fits says whether two dates can be the same day: what both know agrees; a date about right may be off by slack years.
func (d Date) Fits(o Date, slack int) bool {
	if d.IsZero() || o.IsZero() {
		return true
	}
	if d.Circa || o.Circa {
		return abs(d.Year-o.Year) <= slack
	}
	return d.Year == o.Year && (d.Month == 0 || o.Month == 0 || d.Month == o.Month) && (d.Day == 0 || o.Day == 0 || d.Day == o.Day)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
