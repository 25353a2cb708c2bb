package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"marque/deter"
	"marque/deter/silence"
)

// Standing is what can be said about answers to operations that are attributed to a state, by state, year or kind of measure.
type Standing struct {
	By     string        `json:"by"`
	Naming bool          `json:"naming_counts"` // a public attribution is an answer
	Rows   []StandingRow `json:"rows"`
	All    StandingRow   `json:"all"` // each operation once
}

// StandingRow are the three numbers of a group, with their bounds and how long it took.
type StandingRow struct {
	Group     string         `json:"group"`
	Answered  int            `json:"answered"`
	OnlyWords int            `json:"only_words"` // of the answered
	Silent    int            `json:"silent"`
	Early     int            `json:"early"` // of the silent
	Unknown   int            `json:"unknown"`
	Named     int            `json:"named_only"`         // of those not answered
	OfAsked   *silence.Share `json:"of_asked,omitempty"` // with Wilson's 95 % interval; absent where nobody asked
	Low       float64        `json:"of_all_low"`         // if nothing is assumed of the unknown
	High      float64        `json:"of_all_high"`        //
	Until     string         `json:"on_record_until,omitempty"`
	Dated     int            `json:"dated"`                 // on how many the curves rest
	Within    []Within       `json:"within"`                // points of both curves
	Median    []int          `json:"median_days,omitempty"` // two bounds; absent where half never were
}

// Within is which share was answered within so many days, between two curves: each answer as late as it can have been, and as early.
type Within struct {
	Days int     `json:"days"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// horizons are the days at which curves are read for a table; JSON has the same.
var horizons = []int{90, 365, 730, 1095}

// StandingOf tallies operations by "state", "year" or "kind".
func StandingOf(fs []deter.Followed, rule deter.Rule, by string, country func(string) string) Standing {
	all := deter.All(fs, rule)
	out := Standing{By: by, Naming: rule.Naming, Rows: []StandingRow{}, All: standingRow("all, each once", &all)}
	switch by {
	case "year":
		for _, a := range deter.ByYear(fs, rule) {
			group := "no year"
			if a.Year > 0 {
				group = strconv.Itoa(a.Year)
			}
			out.Rows = append(out.Rows, standingRow(group, &a))
		}
	case "kind":
		kinds := deter.KindWaits(fs, rule)
		for _, kind := range slices.Sorted(maps.Keys(kinds)) {
			a := kinds[kind]
			out.Rows = append(out.Rows, standingRow(words(kind), &a))
		}
	default:
		for _, a := range deter.ByState(fs, rule) {
			out.Rows = append(out.Rows, standingRow(country(a.State), &a))
		}
	}
	return out
}

func standingRow(group string, a *deter.Answers) StandingRow {
	r := StandingRow{
		Group: group, Answered: a.Answered, OnlyWords: a.OnlyWords, Silent: a.Silent, Early: a.Early, Unknown: a.Unknown, Named: a.Named,
		Until: day(a.Until), Dated: a.Dated, Within: []Within{},
	}
	r.Low, r.High = a.Bounds()
	if s, ok := a.OfAsked(); ok {
		r.OfAsked = &s
	}
	for _, d := range horizons {
		low, high := a.Waits.Reached(d)
		r.Within = append(r.Within, Within{d, low, high})
	}
	if low, high, ok := a.Median(); ok && a.Dated >= fewAnswers {
		r.Median = []int{low, high}
	}
	return r
}

// WriteStanding writes it for a terminal: the numbers, then how long it took.
func WriteStanding(w io.Writer, s *Standing, width int, colour bool) error {
	p := NewPrinter(w, width, colour)
	head := []string{s.By, "answered", "words", "silent", "early", "unknown", "named", "of the asked", "of all"}
	counts := [][]string{head}
	waits := [][]string{{s.By, "dated", "in 90 days", "in a year", "in two", "in three", "half within"}}
	for _, r := range append(slices.Clone(s.Rows), s.All) {
		share := "–"
		if r.OfAsked != nil {
			share = fmt.Sprintf("%.2f (%.2f–%.2f)", r.OfAsked.Value, r.OfAsked.Low, r.OfAsked.High)
		}
		line := []string{r.Group}
		for _, n := range []int{r.Answered, r.OnlyWords, r.Silent, r.Early, r.Unknown, r.Named} {
			line = append(line, strconv.Itoa(n))
		}
		counts = append(counts, append(line, share, fmt.Sprintf("%.2f–%.2f", r.Low, r.High)))
		if r.Dated == 0 {
			continue
		}
		line = []string{r.Group, strconv.Itoa(r.Dated)}
		for _, x := range r.Within {
			line = append(line, fmt.Sprintf("%.2f–%.2f", x.Low, x.High))
		}
		median := "–"
		if r.Median != nil {
			median = daysBetween(r.Median[0], r.Median[1])
		}
		waits = append(waits, append(line, median))
	}
	rule := "Naming somebody is no answer here (--naming counts it)."
	if s.Naming {
		rule = "Naming somebody counts as an answer here."
	}
	p.Dim("words: of the answered, with words only. early: of the silent, within three years of the record's end. named: of those not answered, somebody was named and no more.")
	p.Dim(rule + " Silent: a record asked and has none. Unknown is neither: nobody asked, so there is no share of all but between bounds.")
	p.Table(counts)
	p.Heading("How long until the first answer, over those that are answered or asked about: between two curves")
	p.Table(waits)
	return p.Err()
}
