package prose

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var months = map[string]time.Month{
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}

var weekdays = map[string]time.Weekday{
	"sunday": 0, "monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6,
}

const monthNames = `(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)`

var (
	fullDate  = regexp.MustCompile(`\b(` + monthNames + `) (\d{1,2}),? (\d{4})\b`)
	euroDate  = regexp.MustCompile(`\b(\d{1,2}) (` + monthNames + `),? (\d{4})\b`)
	isoDate   = regexp.MustCompile(`\b(\d{4})-(\d{2})-(\d{2})\b`)
	monthYear = regexp.MustCompile(`\b(` + monthNames + `),? (\d{4})\b`)
	dayMonth  = regexp.MustCompile(`\b(` + monthNames + `) (\d{1,2})\b`)
	monthDay  = regexp.MustCompile(`\b(\d{1,2}) (` + monthNames + `)\b`)
	bareMonth = regexp.MustCompile(`\b(?i:in|since|until|early|late|mid|last|this|of|by|during|from|through|between|and|to) ?-?(?:(?i:early|late|mid) ?-?)?(` + monthNames + `)\b`)
	yearOnly  = regexp.MustCompile(`\b(?i:in|since|during|throughout|early|late|mid-?|year|by|from) ((?:19|20)\d\d)\b`)
	anyYear   = regexp.MustCompile(`(?:^|[^\w-])(20\d\d)\b`)
	period    = regexp.MustCompile(`\b(?:between|from) (` + monthNames + `),? (\d{4}) (?:and|to|through|until) (` + monthNames + `),? (\d{4})\b`)
	relative  = regexp.MustCompile(`(?i)\b(yesterday|today|last week|this week|last month|this month|last year|this year|earlier this month|earlier this year)\b`)
	ago       = regexp.MustCompile(`(?i)\b(\d+|two|three|four|five|six|seven|eight|nine|ten) (days|weeks|months|years) ago\b`)
	timeCue   = regexp.MustCompile(`[12]\d{3}|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|day\b|last |Last |this |This |year|ago`)
	dayName   = regexp.MustCompile(`\b(?:on |last |late |early )?(Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b`)
)

// monthCue and the two lists below spare a sentence the expressions that cannot match it.
var monthCue = regexp.MustCompile(`Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec`)

var (
	needsMonth = map[*regexp.Regexp]bool{period: true, fullDate: true, euroDate: true, monthYear: true, dayMonth: true, monthDay: true, bareMonth: true}
	needsDigit = map[*regexp.Regexp]bool{period: true, fullDate: true, euroDate: true, isoDate: true, monthYear: true, dayMonth: true, monthDay: true, yearOnly: true}
)

// Calendar reads expressions of time in a text. Those without a year are told by the day on which the text was published.
type Calendar struct {
	text      string
	Published time.Time  // given or inferred
	Year      int        // of dates without one, 0 if unknown
	Month     time.Month // the latest that the text speaks of as past
	Period    When       // that the text says it covers
	Warnings  []string   // what was inferred
}

// NewCalendar returns the calendar of a text; a zero time is a day of publication that nobody knows.
func NewCalendar(text string, published time.Time) *Calendar {
	c := &Calendar{text: text, Published: published}
	c.readDates()
	return c
}

// readDates infers the publication date where none is given, and the period that the text says it covers.
func (c *Calendar) readDates() {
	head := c.text[:min(len(c.text), 600)]
	if c.Published.IsZero() {
		if d, ok := explicitDay(head); ok && strings.Index(c.text, strconv.Itoa(d.Year())) < 300 && c.isDateline(d) {
			c.Published = d
			c.Warnings = append(c.Warnings, "published: taken from the dateline")
		}
	}
	if !c.Published.IsZero() {
		c.Year, c.Month = c.Published.Year(), c.Published.Month()
	} else {
		c.inferYear()
		c.inferDay(head)
	}
	if m := period.FindStringSubmatchIndex(c.text); m != nil {
		g := period.FindStringSubmatch(c.text)
		from, to := monthOf(g[1]), monthOf(g[3])
		fy, _ := strconv.Atoi(g[2])
		ty, _ := strconv.Atoi(g[4])
		c.Period = When{From: day(fy, from, 1), To: lastOf(ty, to), Text: c.text[m[0]:m[1]]}
	}
}

// inferDay takes the day of a dateline without a year ("KYIV, July 29 - "), in the latest year of the text, for the day of
// publication.
func (c *Calendar) inferDay(head string) {
	if c.Year == 0 {
		return
	}
	for line := range strings.SplitSeq(head, "\n") {
		cut := strings.IndexAny(line, "—–")
		if dash := strings.Index(line, " - "); cut < 0 || dash >= 0 && dash < cut {
			cut = dash
		}
		if cut <= 0 || cut > 60 {
			continue
		}
		month, d := "", ""
		if g := dayMonth.FindStringSubmatch(line[:cut]); g != nil {
			month, d = g[1], g[2]
		} else if g := monthDay.FindStringSubmatch(line[:cut]); g != nil {
			month, d = g[2], g[1]
		}
		if t, ok := dayFrom(strconv.Itoa(c.Year), month, d); ok && month != "" {
			c.Published, c.Month = t, t.Month()
			c.Warnings = append(c.Warnings, "published: the dateline's day, in the latest year of the text")
			return
		}
	}
}

// isDateline tells that the date stands in a line of its own or before the first sentence.
func (c *Calendar) isDateline(time.Time) bool {
	for _, line := range strings.SplitN(c.text, "\n", 8)[:min(7, strings.Count(c.text, "\n")+1)] {
		line = strings.TrimSpace(line)
		if _, ok := explicitDay(line); ok && (len(line) < 80 || dateline(line)) {
			return true
		}
	}
	return false
}

func dateline(line string) bool {
	cut := strings.IndexAny(line, "—–")
	if cut < 0 {
		cut = strings.Index(line, " - ")
	}
	_, ok := explicitDay(line[:max(0, cut)])
	return cut > 0 && cut < 80 && ok
}

// inferYear takes the latest year that the text names, up to the latest month it speaks of without a year. It is a
// thumb rule: a report rarely names a year that has not come, except for plans and elections.
func (c *Calendar) inferYear() {
	best := 0
	for _, m := range anyYear.FindAllStringSubmatch(c.text, 400) {
		if y, err := strconv.Atoi(m[1]); err == nil && y > best && y < 2100 {
			best = y
		}
	}
	if best == 0 {
		return
	}
	c.Year, c.Month = best, 12
	c.Warnings = append(c.Warnings, "published: unknown; dates without a year are taken to be of "+strconv.Itoa(best)+", the latest year in the text")
}

func explicitDay(s string) (time.Time, bool) {
	if g := fullDate.FindStringSubmatch(s); g != nil {
		return dayFrom(g[3], g[1], g[2])
	}
	if g := euroDate.FindStringSubmatch(s); g != nil {
		return dayFrom(g[3], g[2], g[1])
	}
	if g := isoDate.FindStringSubmatch(s); g != nil {
		t, err := time.Parse(time.DateOnly, g[0])
		return t, err == nil
	}
	return time.Time{}, false
}

func dayFrom(y, m, d string) (time.Time, bool) {
	year, err1 := strconv.Atoi(y)
	dd, err2 := strconv.Atoi(d)
	if err1 != nil || err2 != nil || dd < 1 || dd > 31 || year < 1980 || year > 2100 {
		return time.Time{}, false
	}
	return day(year, monthOf(m), dd), true
}

func monthOf(s string) time.Month { return months[strings.ToLower(strings.TrimSuffix(s, "."))] }

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func lastOf(y int, m time.Month) time.Time { return day(y, m+1, 1).AddDate(0, 0, -1) }

// Time is an expression of time with its place in the text.
type Time struct {
	Start, End int
	When       When
}

// needsWord are words of which each reading of an expression has one, in lower case.
var needsWord = map[*regexp.Regexp][]string{
	period:   {"between", "from"},
	isoDate:  {"-"},
	relative: {"day", "last ", "this "},
	ago:      {" ago"},
	dayName:  {"day"},
}

// In finds the expressions of time in a run of the text, the most exact reading of each place first.
func (c *Calendar) In(start, end int) []Time {
	text := c.text[start:end]
	if !timeCue.MatchString(text) {
		return nil
	}
	var out []Time
	taken := func(a, b int) bool {
		for _, e := range out {
			if a < e.End && b > e.Start {
				return true
			}
		}
		return false
	}
	low := strings.ToLower(text)
	month, digit := monthCue.MatchString(text), strings.ContainsAny(text, "0123456789")
	add := func(re *regexp.Regexp, read func(g []string) (When, bool)) {
		if needsMonth[re] && !month || needsDigit[re] && !digit {
			return
		}
		if words := needsWord[re]; words != nil && !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(low, w) }) {
			return
		}
		for _, m := range re.FindAllStringSubmatchIndex(text, 20) {
			if taken(start+m[0], start+m[1]) {
				continue
			}
			g := make([]string, len(m)/2)
			for i := range g {
				if m[2*i] >= 0 {
					g[i] = text[m[2*i]:m[2*i+1]]
				}
			}
			if w, ok := read(g); ok {
				w.Text = g[0]
				out = append(out, Time{start + m[0], start + m[1], w})
			}
		}
	}
	one := func(t time.Time, ok bool) (When, bool) { return When{From: t, To: t}, ok }
	add(period, func(g []string) (When, bool) {
		fy, _ := strconv.Atoi(g[2])
		ty, _ := strconv.Atoi(g[4])
		return When{From: day(fy, monthOf(g[1]), 1), To: lastOf(ty, monthOf(g[3]))}, true
	})
	add(fullDate, func(g []string) (When, bool) { return one(dayFrom(g[3], g[1], g[2])) })
	add(euroDate, func(g []string) (When, bool) { return one(dayFrom(g[3], g[2], g[1])) })
	add(isoDate, func(g []string) (When, bool) { return one(explicitDay(g[0])) })
	add(monthYear, func(g []string) (When, bool) {
		y, _ := strconv.Atoi(g[2])
		return When{From: day(y, monthOf(g[1]), 1), To: lastOf(y, monthOf(g[1]))}, true
	})
	add(dayMonth, func(g []string) (When, bool) { return c.dayWithoutYear(g[1], g[2]) })
	add(monthDay, func(g []string) (When, bool) { return c.dayWithoutYear(g[2], g[1]) })
	add(bareMonth, func(g []string) (When, bool) { return c.monthWithoutYear(monthOf(g[1])) })
	add(relative, func(g []string) (When, bool) { return c.relative(strings.ToLower(g[1])) })
	add(ago, func(g []string) (When, bool) { return c.ago(strings.ToLower(g[1]), g[2]) })
	add(dayName, func(g []string) (When, bool) { return c.weekday(weekdays[strings.ToLower(g[1])]) })
	add(yearOnly, func(g []string) (When, bool) {
		y, _ := strconv.Atoi(g[1])
		return When{From: day(y, 1, 1), To: day(y, 12, 31)}, true
	})
	return out
}

// yearFor is the year of a month named without one: the publication's, or the year before if the month lies ahead.
func (c *Calendar) yearFor(m time.Month) int {
	if m > c.Month {
		return c.Year - 1
	}
	return c.Year
}

func (c *Calendar) dayWithoutYear(m, d string) (When, bool) {
	dd, err := strconv.Atoi(d)
	if err != nil || dd < 1 || dd > 31 {
		return When{}, false
	}
	if c.Year == 0 {
		return When{}, true
	}
	t := day(c.yearFor(monthOf(m)), monthOf(m), dd)
	return When{From: t, To: t}, true
}

func (c *Calendar) monthWithoutYear(m time.Month) (When, bool) {
	if c.Year == 0 {
		return When{}, true
	}
	y := c.yearFor(m)
	return When{From: day(y, m, 1), To: lastOf(y, m)}, true
}

func (c *Calendar) relative(what string) (When, bool) {
	t := c.Published
	if t.IsZero() {
		return When{}, true
	}
	t = day(t.Year(), t.Month(), t.Day())
	switch what {
	case "yesterday":
		return When{From: t.AddDate(0, 0, -1), To: t.AddDate(0, 0, -1)}, true
	case "today":
		return When{From: t, To: t}, true
	case "this week", "last week":
		monday := t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
		if what == "last week" {
			monday = monday.AddDate(0, 0, -7)
		}
		return When{From: monday, To: monday.AddDate(0, 0, 6)}, true
	case "this month", "earlier this month":
		return When{From: day(t.Year(), t.Month(), 1), To: t}, true
	case "last month":
		first := day(t.Year(), t.Month()-1, 1)
		return When{From: first, To: lastOf(first.Year(), first.Month())}, true
	case "this year", "earlier this year":
		return When{From: day(t.Year(), 1, 1), To: t}, true
	}
	return When{From: day(t.Year()-1, 1, 1), To: day(t.Year()-1, 12, 31)}, true
}

func (c *Calendar) ago(n, unit string) (When, bool) {
	k, err := strconv.Atoi(n)
	if err != nil {
		k = int(numberWords[n])
	}
	if c.Published.IsZero() || k <= 0 || k > 1000 {
		return When{}, true
	}
	t := c.Published
	switch unit {
	case "days":
		t = t.AddDate(0, 0, -k)
		return When{From: t, To: t}, true
	case "weeks":
		t = t.AddDate(0, 0, -7*k)
		return When{From: t.AddDate(0, 0, -3), To: t.AddDate(0, 0, 3)}, true
	case "months":
		t = t.AddDate(0, -k, 0)
		return When{From: day(t.Year(), t.Month(), 1), To: lastOf(t.Year(), t.Month())}, true
	}
	return When{From: day(t.Year()-k, 1, 1), To: day(t.Year()-k, 12, 31)}, true
}

// weekday is the last such day up to the publication.
func (c *Calendar) weekday(d time.Weekday) (When, bool) {
	if c.Published.IsZero() {
		return When{}, true
	}
	t := day(c.Published.Year(), c.Published.Month(), c.Published.Day())
	for t.Weekday() != d {
		t = t.AddDate(0, 0, -1)
	}
	return When{From: t, To: t}, true
}

// NumberWord is the number that a word in lower case names ("dozens", "million"); 0 for none.
func NumberWord(w string) int64 { return numberWords[w] }
