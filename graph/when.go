package graph

import "time"

// Precision is how exactly a source dates something.
type Precision string

// The precisions. A date of unknown precision orders things and is never shown as when something happened.
const (
	Day     Precision = "day"
	Month   Precision = "month"
	Year    Precision = "year"
	Unknown Precision = "unknown"
)

// Origin is where a date comes from.
type Origin string

// The origins.
const (
	Stated   Origin = "stated"  // the source says when it happened
	Reported Origin = "report"  // the source says when it was reported or disclosed
	File     Origin = "file"    // when the source made its entry: the file's own metadata
	Undated  Origin = "unknown" // nobody says
)

// placeholder tells times that stand for none: the Unix epoch, which readers give what has no date, and the fixed version of the entities
// that all sources share.
func placeholder(t time.Time) bool {
	return t.IsZero() || t.Equal(time.Unix(0, 0)) || t.Equal(time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC))
}

// PrecisionOf reads how exactly a date is meant, with care: sources that know only a year write its first day, and those that know only a
// month the first day of that. A true first of January is thus read too coarsely, and no year is read as a day.
func PrecisionOf(t time.Time) Precision {
	switch {
	case t.IsZero():
		return Unknown
	case t.Day() == 1 && t.Month() == time.January:
		return Year
	case t.Day() == 1:
		return Month
	}
	return Day
}

// Latest is the last day that a date of a precision can mean.
func Latest(t time.Time, p Precision) time.Time {
	first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	switch p {
	case Year:
		return time.Date(t.Year(), time.December, 31, 0, 0, 0, 0, time.UTC)
	case Month:
		return first.AddDate(0, 1, -1)
	}
	return t
}

// date settles when an operation or another entity is dated, how exactly, and by whom.
func (e *Entity) date(first, last time.Time) {
	e.Date, e.Last, e.Precision, e.LastPrecision, e.Origin = first, last, PrecisionOf(first), PrecisionOf(last), Stated
	switch {
	case !first.IsZero():
	case placeholder(e.Created):
		e.Origin = Undated
	case e.Operation != nil && e.Operation.DatedBy == string(Reported):
		e.Date, e.Origin = e.Created, Reported
	default:
		e.Date, e.Origin = e.Created, File
	}
}
