package event

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// Activity is one thing that a sponsor did against a target on a day: an operation, a site that was registered, an account's first post.
type Activity struct {
	ID      string
	Sponsor string // ISO 3166 code of the state, or whoever else is meant; the same word for the same sponsor
	Target  string
	Day     time.Time
}

// Event is something that was to happen at a place on a day.
type Event struct {
	Target string
	Day    time.Time
	Kind   string
}

// Cell is what one sponsor did against one target.
type Cell struct {
	Sponsor string    `json:"sponsor"`
	Target  string    `json:"target"`
	Count   int       `json:"count"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
}

// Matrix counts by sponsor and target, in alphabetical order.
func Matrix(activities []Activity) []Cell {
	cells := map[[2]string]*Cell{}
	for _, a := range activities {
		k := [2]string{a.Sponsor, a.Target}
		c := cells[k]
		if c == nil {
			c = &Cell{Sponsor: a.Sponsor, Target: a.Target, First: a.Day, Last: a.Day}
			cells[k] = c
		}
		c.Count++
		if a.Day.Before(c.First) {
			c.First = a.Day
		}
		if a.Day.After(c.Last) {
			c.Last = a.Day
		}
	}
	out := make([]Cell, 0, len(cells))
	for _, k := range slices.SortedFunc(maps.Keys(cells), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		out = append(out, *cells[k])
	}
	return out
}

// Quarter is what one sponsor did against one target in a quarter of a year.
type Quarter struct {
	Sponsor string `json:"sponsor"`
	Target  string `json:"target"`
	Year    int    `json:"year"`
	Quarter int    `json:"quarter"` // 1 to 4
	Count   int    `json:"count"`
}

// Quarters counts by sponsor, target and quarter, in this order.
func Quarters(activities []Activity) []Quarter {
	counts := map[Quarter]int{}
	for _, a := range activities {
		counts[Quarter{a.Sponsor, a.Target, a.Day.Year(), (int(a.Day.Month())-1)/3 + 1, 0}]++
	}
	out := make([]Quarter, 0, len(counts))
	for q, n := range counts {
		q.Count = n
		out = append(out, q)
	}
	slices.SortFunc(out, func(a, b Quarter) int {
		return cmp.Or(cmp.Compare(a.Sponsor, b.Sponsor), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Year, b.Year), cmp.Compare(a.Quarter, b.Quarter))
	})
	return out
}

// ReadEvents reads a calendar: CSV with the columns country and date (2006-01-02), and kind and level where they are there. expand gives
// the targets that an event at a country counts for (the members, for an election of a union); itself alone where expand is nil. Rows that
// cannot be read are told in the error, by line; the others are returned with it.
func ReadEvents(r io.Reader, expand func(country string) []string) ([]Event, error) {
	c := csv.NewReader(r)
	c.FieldsPerRecord = -1
	head, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("events: header: %w", err)
	}
	at := func(row []string, column string) string {
		if i := slices.Index(head, column); i >= 0 && i < len(row) {
			return row[i]
		}
		return ""
	}
	if !slices.Contains(head, "country") || !slices.Contains(head, "date") {
		return nil, fmt.Errorf("events: columns %q: want country and date", head)
	}
	var out []Event
	var errs []error
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return out, errors.Join(errs...)
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			errs = append(errs, fmt.Errorf("events: line %d: %w", bad.StartLine, bad.Err))
			continue
		}
		if err != nil {
			return out, errors.Join(append(errs, fmt.Errorf("events: %w", err))...)
		}
		line, _ := c.FieldPos(0)
		day, err := time.Parse(time.DateOnly, at(row, "date"))
		if err != nil || at(row, "country") == "" {
			errs = append(errs, fmt.Errorf("events: line %d: want a country and a date such as 2024-06-09, got %.60q", line, row))
			continue
		}
		targets := []string{at(row, "country")}
		if expand != nil {
			targets = expand(targets[0])
		}
		for _, t := range targets {
			out = append(out, Event{Target: t, Day: day, Kind: at(row, "kind")})
		}
	}
}
