package attribute

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"marque/stix"
)

// clock is when people of a state work: its offset from UTC, its days of rest, its fixed holidays and its languages. Stated.
type clock struct {
	state     string
	offset    time.Duration
	rest      []time.Weekday
	holidays  []string // first and last day, as "01-02"
	languages []string // names in English, lower case
}

var (
	saturdaySunday = []time.Weekday{time.Saturday, time.Sunday}
	fridaySaturday = []time.Weekday{time.Friday, time.Saturday}
)

// clocks are those of the states that operations are most often attributed to. Russia and the United States have several
// offsets: those of their capitals stand here.
var clocks = []clock{
	{"AE", 4 * time.Hour, saturdaySunday, []string{"12-02", "12-03"}, []string{"arabic"}},
	{"BY", 3 * time.Hour, saturdaySunday, []string{"01-01", "01-02", "01-07", "01-07", "05-09", "05-09", "07-03", "07-03"}, []string{"russian", "belarusian"}},
	{"CN", 8 * time.Hour, saturdaySunday, []string{"01-01", "01-01", "05-01", "05-03", "10-01", "10-07"}, []string{"chinese", "mandarin"}},
	{"IL", 2 * time.Hour, fridaySaturday, nil, []string{"hebrew"}},
	{"IN", 5*time.Hour + 30*time.Minute, saturdaySunday, []string{"01-26", "01-26", "08-15", "08-15"}, []string{"hindi"}},
	{"IR", 3*time.Hour + 30*time.Minute, []time.Weekday{time.Thursday, time.Friday}, []string{"02-11", "02-11", "03-20", "04-02"}, []string{"persian", "farsi"}},
	{"KP", 9 * time.Hour, []time.Weekday{time.Sunday}, []string{"01-01", "01-01", "02-16", "02-17", "04-15", "04-16", "09-09", "09-09", "10-10", "10-10"}, []string{"korean"}},
	{"KR", 9 * time.Hour, saturdaySunday, []string{"01-01", "01-01", "03-01", "03-01", "08-15", "08-15", "10-03", "10-03"}, []string{"korean"}},
	{"LB", 2 * time.Hour, saturdaySunday, nil, []string{"arabic"}},
	{"PK", 5 * time.Hour, saturdaySunday, []string{"03-23", "03-23", "08-14", "08-14"}, []string{"urdu"}},
	{"RU", 3 * time.Hour, saturdaySunday, []string{"01-01", "01-08", "02-23", "02-23", "05-01", "05-01", "05-09", "05-09", "06-12", "06-12", "11-04", "11-04"}, []string{"russian"}},
	{"SY", 3 * time.Hour, fridaySaturday, nil, []string{"arabic"}},
	{"TR", 3 * time.Hour, saturdaySunday, []string{"01-01", "01-01", "04-23", "04-23", "10-29", "10-29"}, []string{"turkish"}},
	{"TW", 8 * time.Hour, saturdaySunday, []string{"01-01", "01-01", "10-10", "10-10"}, []string{"chinese", "mandarin"}},
	{"UA", 2 * time.Hour, saturdaySunday, []string{"01-01", "01-01", "08-24", "08-24"}, []string{"ukrainian", "russian"}},
	{"US", -5 * time.Hour, saturdaySunday, []string{"01-01", "01-01", "07-04", "07-04", "12-25", "12-25"}, nil},
	{"VN", 7 * time.Hour, saturdaySunday, []string{"01-01", "01-01", "04-30", "05-01", "09-02", "09-02"}, []string{"vietnamese"}},
}

// What working hours may say. All stated: they are easily faked, and many states share an offset.
const (
	firstHour, lastHour = 8, 19 // local; the hours between count as work
	atWork              = 0.7   // share of moments in working hours where people keep them
	minDays             = 10    // fewer days say nothing
	clockCap            = 3.0   // decibans, for or against
)

// working tells whether a moment falls into the state's working hours.
func (c *clock) working(at time.Time) bool {
	local := at.UTC().Add(c.offset)
	if h := local.Hour(); h < firstHour || h >= lastHour || slices.Contains(c.rest, local.Weekday()) {
		return false
	}
	day := local.Format("01-02")
	for i := 0; i+1 < len(c.holidays); i += 2 {
		if c.holidays[i] <= day && day <= c.holidays[i+1] {
			return false
		}
	}
	return true
}

// free is the share of all hours that are the state's working hours: what an operation without hours would show.
func (c *clock) free() float64 { return float64(lastHour-firstHour) / 24 * float64(7-len(c.rest)) / 7 }

// decibans is how much better the state's working hours tell when something was seen than no hours at all. One moment a day
// counts, the first: what runs on a day runs together.
func (c *clock) decibans(days []time.Time) (db float64, in int) {
	for _, at := range days {
		if c.working(at) {
			in++
			db += 10 * math.Log10(atWork/c.free())
		} else {
			db += 10 * math.Log10((1-atWork)/(1-c.free()))
		}
	}
	return max(-clockCap, min(clockCap, db)), in
}

// workingDays are the first moments of each day on which the operation was seen at work.
func (j *judgement) workingDays() []time.Time {
	var days []time.Time
	last := ""
	for _, at := range j.g.Moments(j.c.Subject) {
		if day := at.UTC().Format(time.DateOnly); day != last {
			days, last = append(days, at), day
		}
	}
	return days
}

// timing weighs the hours at which the operation was seen at work.
func (j *judgement) timing() {
	days := j.workingDays()
	if len(days) < minDays {
		return
	}
	p := piece{
		dim: dimTiming, kind: "timing", root: timingRoot(j.c.Subject), refs: []stix.ID{j.c.Subject}, factor: 1, basis: fmt.Sprintf("stated, n=%d days", len(days)), weights: map[string]float64{},
		discount: fmt.Sprintf("held to ±%.0f dB: hours are easily faked, and states share them", clockCap),
	}
	var said []string
	for i := range clocks {
		c := &clocks[i]
		db, in := c.decibans(days)
		for _, h := range j.f.list {
			if j.home(h) == c.state {
				p.weights[h.key] = db
				said = append(said, fmt.Sprintf("%s %d of %d", c.state, in, len(days)))
			}
		}
	}
	if len(said) == 0 {
		return
	}
	p.text = "days on which it was first seen in working hours: " + strings.Join(sortedSet(said), ", ")
	j.pieces = append(j.pieces, p)
}

func timingRoot(op stix.ID) stix.ID { return stix.DerivedID("report", "timing", string(op)) }

// languageIn finds a language in words, with the states where it is spoken.
func languageIn(text string) (language string, states []string) {
	text = strings.ToLower(text)
	for i := range clocks {
		for _, l := range clocks[i].languages {
			if strings.Contains(text, l) && (language == "" || language == l) {
				language, states = l, append(states, clocks[i].state)
			}
		}
	}
	return language, sortedSet(states)
}

var offsetWords = regexp.MustCompile(`(?i)\b(?:UTC|GMT)\s?([+-]\d{1,2})(?::?([0-5]\d))?`)

// zoneIn finds an offset from UTC in words, with the states that keep it.
func zoneIn(text string) (zone string, states []string) {
	m := offsetWords.FindStringSubmatch(text)
	if m == nil {
		return "", nil
	}
	hours, _ := strconv.Atoi(m[1]) // two digits at most
	minutes, _ := strconv.Atoi(m[2])
	offset := time.Duration(hours) * time.Hour
	if hours < 0 {
		minutes = -minutes
	}
	offset += time.Duration(minutes) * time.Minute
	for i := range clocks {
		if clocks[i].offset == offset {
			states = append(states, clocks[i].state)
		}
	}
	return m[0], states
}
