package coded

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"time"

	"marque/deter/effect"
)

// The months of the series: before 2010 the data set holds few operations with a day, and after 2022 it ends.
var (
	firstMonth = time.Date(2010, time.January, 1, 0, 0, 0, 0, time.UTC)
	lastMonth  = time.Date(2022, time.December, 1, 0, 0, 0, 0, time.UTC)
)

// Series are the state operations by month, of one state as EuRepoC writes it and of all others. Those of which only the year is
// known are in no month.
func (r *Records) Series(state string) *effect.Series {
	n := monthsBetween(firstMonth, lastMonth) + 1
	s := &effect.Series{First: firstMonth, Own: make([]int, n), Others: make([]int, n)}
	for _, in := range r.state {
		i := monthsBetween(firstMonth, in.Start)
		if !hasDay(in.Start) || i < 0 || i >= n {
			continue
		}
		if slices.Contains(in.Countries, state) {
			s.Own[i]++
		} else {
			s.Others[i]++
		}
	}
	return s
}

func monthsBetween(from, to time.Time) int {
	return (to.Year()-from.Year())*12 + int(to.Month()) - int(from.Month())
}

//go:embed measures.csv
var measuresCSV string

// Measures are the well-known measures of states against states whose effect is tested together: columns state (as EuRepoC writes
// it), date, measure.
func Measures() ([]effect.Measure, error) {
	rows, err := csv.NewReader(strings.NewReader(measuresCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("measures.csv: %w", err)
	}
	var out []effect.Measure
	for i, row := range rows[1:] {
		on, err := time.Parse(time.DateOnly, row[1])
		if err != nil {
			return nil, fmt.Errorf("measures.csv: line %d: date %q: want year-month-day", i+2, row[1])
		}
		out = append(out, effect.Measure{State: row[0], Date: on, What: row[2]})
	}
	return out, nil
}
