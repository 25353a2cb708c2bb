package eurepoc

import (
	"time"

	"marque/ingest/entity"
	"marque/stix"
)

// Precisions of a row's dates, where they are less than they look (docs/model.md).
const (
	aboutMonth = "about-month"
	onlyYear   = "year"
)

// period is what a row's dates say of the end, and how exactly start and end are known.
type period struct {
	last                          stix.Timestamp // zero where the row says nothing of the end
	firstPrecision, lastPrecision string         // empty: as they stand
}

// noEnd stands in rows that know no end.
var noEnd = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

// periodOf reads start and end of a row. The first day of a month is written where a month is thought of, and in a third of the rows that can be
// checked it is another month: sure is the year. A year's first day is followed by the next year's where that one year is meant, or both:
// then the end is not known. An end before the start is the start with day and month exchanged, or leaves only the year.
func periodOf(start, end stix.Timestamp) period {
	if start == entity.Undated {
		return period{}
	}
	first, last := start.Time(), end.Time()
	p := period{firstPrecision: monthOf(first)}
	switch {
	case end.IsZero(), last.Equal(noEnd) && first.After(last):
	case last.Equal(first.AddDate(1, 0, 0)) && first.YearDay() == 1:
	case !last.Before(first):
		p.last, p.lastPrecision = end, monthOf(last)
	case exchanged(last).Equal(first):
		p.last = start
	case last.Year() == first.Year():
		p.last, p.firstPrecision, p.lastPrecision = start, onlyYear, onlyYear
	default:
		p.firstPrecision = onlyYear
	}
	return p
}

// monthOf is the precision of a first of a month; a first of January is a year in any case.
func monthOf(t time.Time) string {
	if t.Day() == 1 && t.Month() != time.January {
		return aboutMonth
	}
	return ""
}

// exchanged is the date with day and month exchanged, zero where there is none.
func exchanged(t time.Time) time.Time {
	if t.Day() > 12 {
		return time.Time{}
	}
	return time.Date(t.Year(), time.Month(t.Day()), int(t.Month()), 0, 0, 0, 0, time.UTC)
}
