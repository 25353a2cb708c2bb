package graph

import (
	"regexp"
	"strconv"
	"time"
)

// ATT&CK writes a citation as "Author. (2019, May 15). Title. Retrieved June 1, 2019."
var (
	monthDate = regexp.MustCompile(`\(([0-9]{4}),[\s\p{Z}]*([A-Z][a-z]{2})[a-z]*\.?[\s\p{Z}]*([0-9]{1,2})?`)
	yearDate  = regexp.MustCompile(`\(([0-9]{4})\)`)
	months    = map[string]time.Month{
		"Jan": time.January, "Feb": time.February, "Mar": time.March, "Apr": time.April, "May": time.May,
		"Jun": time.June, "Jul": time.July, "Aug": time.August, "Sep": time.September, "Oct": time.October,
		"Nov": time.November, "Dec": time.December,
	}
)

// lastDay stands for every later day and for a missing one: what is dated vaguely counts as known late, and the
// 28th exists in each month.
const lastDay = 28

// firstYear keeps numbers out that are no years of a report on computers.
const firstYear = 1900

// CitationDate reads the date of publication out of a citation's description, at midnight UTC. A month without a
// day is its 28th, a year alone its 28 December, and later days are cut to the 28th.
func CitationDate(description string) (time.Time, bool) {
	if m := monthDate.FindStringSubmatch(description); m != nil {
		if month, ok := months[m[2]]; ok {
			day := lastDay
			if m[3] != "" {
				day, _ = strconv.Atoi(m[3]) // two ASCII digits
			}
			return date(m[1], month, min(max(day, 1), lastDay))
		}
	}
	if m := yearDate.FindStringSubmatch(description); m != nil {
		return date(m[1], time.December, lastDay)
	}
	return time.Time{}, false
}

func date(year string, month time.Month, day int) (time.Time, bool) {
	y, err := strconv.Atoi(year)
	if err != nil || y < firstYear {
		return time.Time{}, false
	}
	return time.Date(y, month, day, 0, 0, 0, 0, time.UTC), true
}
