package graph

import (
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Precision is how exactly a source dates something.
type Precision string

// The precisions. A date of unknown precision orders things and is never shown as when something happened.
const (
	Day        Precision = "day"
	Month      Precision = "month"
	AboutMonth Precision = "about-month" // a month that a list writes and does not know: in truth it may be a neighbour; sure is the year
	Year       Precision = "year"
	Unknown    Precision = "unknown"
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

// Sure is what of a precision can be relied on.
func (p Precision) Sure() Precision {
	if p == AboutMonth {
		return Year
	}
	return p
}

// rank orders precisions, the finest first.
func (p Precision) rank() int {
	return slices.Index([]Precision{Day, Month, AboutMonth, Year, Unknown}, p)
}

// Earliest is the first day that a date of a precision can mean.
func Earliest(t time.Time, p Precision) time.Time {
	switch p.Sure() {
	case Year:
		return time.Date(t.Year(), time.January, 1, 0, 0, 0, 0, time.UTC)
	case Month:
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	return t
}

// Latest is the last day that a date of a precision can mean.
func Latest(t time.Time, p Precision) time.Time {
	first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	switch p.Sure() {
	case Year:
		return time.Date(t.Year(), time.December, 31, 0, 0, 0, 0, time.UTC)
	case Month:
		return first.AddDate(0, 1, -1)
	}
	return t
}

// agree tells whether two dates can mean one day.
func agree(a time.Time, p Precision, b time.Time, q Precision) bool {
	return !Latest(a, p).Before(Earliest(b, q)) && !Latest(b, q).Before(Earliest(a, p))
}

// maxYears is how long an operation may last by its dates: of more than that, the beginning is taken for an error of writing.
const maxYears = 15

// date settles when an operation or another entity is dated, how exactly, and by whom.
func (e *Entity) date(first, last time.Time) {
	e.Date, e.Last, e.Precision, e.LastPrecision, e.Origin = first, last, PrecisionOf(first), PrecisionOf(last), Stated
	if op := e.Operation; op != nil {
		e.Precision, e.LastPrecision = coarser(e.Precision, Precision(op.FirstPrecision)), coarser(e.LastPrecision, Precision(op.LastPrecision))
	}
	switch {
	case !first.IsZero():
		e.doubt()
	case placeholder(e.Created):
		e.Origin = Undated
	case e.Operation != nil && e.Operation.DatedBy == string(Reported):
		e.Date, e.Origin = e.Created, Reported
	default:
		e.Date, e.Origin = e.Created, File
	}
}

// coarser is the coarser of two precisions, the second of which may be empty.
func coarser(p, q Precision) Precision {
	if q.rank() > p.rank() {
		return q
	}
	return p
}

var yearName = regexp.MustCompile(`\b(?:19|20)\d\d\b`)

// doubt makes unknown what cannot be: a beginning more than [maxYears] before the end, and one after or years before the only year that
// the operation's own name gives.
func (e *Entity) doubt() {
	if !IsOperation(e.Type) {
		return
	}
	if !e.Last.IsZero() && e.Last.Year()-e.Date.Year() > maxYears {
		e.Precision = Unknown
		return
	}
	years := yearName.FindAllString(e.Name, -1)
	if len(years) != 1 {
		return
	}
	year, err := strconv.Atoi(years[0])
	if err == nil && (year < e.Date.Year() || !e.Last.IsZero() && year > e.Last.Year()+1) {
		e.Precision, e.LastPrecision = Unknown, Unknown
	}
}

// dated is a date with its precision.
type dated struct {
	at        time.Time
	precision Precision
}

// settleDate is when several records have something begin or end: where they agree the finest of them, else the one that lies furthest out,
// of which then only the year is sure.
func settleDate(ds []dated, further func(a, b time.Time) bool) dated {
	if len(ds) == 0 {
		return dated{precision: Unknown}
	}
	one, far, all := ds[0], ds[0], true
	for i, d := range ds {
		if d.precision.rank() < one.precision.rank() {
			one = d
		}
		if further(d.at, far.at) {
			far = d
		}
		for _, o := range ds[:i] {
			all = all && agree(d.at, d.precision, o.at, o.precision) && (max(d.precision.rank(), o.precision.rank()) != AboutMonth.rank() || d.at.Month() == o.at.Month())
		}
	}
	if all {
		return one
	}
	far.precision = coarser(far.precision, Year)
	return far
}

// settleDates dates a joined operation by what its records say of the whole; what tells of a part counts where nothing else does. Days on
// which it was told count where no record says when it happened, the earliest of them.
func (e *Entity) settleDates(records []*Entity, part func(*Entity) bool) {
	var first, last, reported []dated
	for _, parts := range []bool{false, true} {
		for _, r := range records {
			switch {
			case part(r) != parts:
			case r.Origin != Stated && !r.Date.IsZero():
				reported = append(reported, dated{r.Date, Unknown})
			default:
				if r.Precision != Unknown {
					first = append(first, dated{r.Date, r.Precision})
				}
				if !r.Last.IsZero() && r.LastPrecision != Unknown {
					last = append(last, dated{r.Last, r.LastPrecision})
				}
			}
		}
		if len(first) > 0 {
			break
		}
	}
	if len(first) == 0 {
		for _, r := range records {
			if r.Origin == Stated && r.Precision == Unknown {
				return // the one that says when it happened cannot be right: the others only tell when it was told
			}
			if !r.Date.IsZero() && r.Date.Before(e.Date) {
				e.Date, e.Origin = r.Date, r.Origin
			}
		}
		return
	}
	d := settleDate(first, time.Time.Before)
	for _, r := range reported { // told before it began: one of the two is wrong
		if r.at.Before(Earliest(d.at, d.precision)) {
			d.precision = Year
			if r.at.Year() != d.at.Year() {
				d.precision = Unknown
			}
		}
	}
	e.Date, e.Precision, e.Origin = d.at, d.precision, Stated
	d = settleDate(last, time.Time.After)
	e.Last, e.LastPrecision = d.at, d.precision
}
