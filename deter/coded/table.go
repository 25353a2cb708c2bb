package coded

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"marque/deter/survival"
	"marque/ingest/eurepoc"
)

// Figure is one number of the table.
type Figure struct {
	Key   string
	Value float64
	None  bool // there is no value, such as the median of nothing
}

// bases are who attributes, by how EuRepoC's words for it are called.
var bases = []struct {
	name  string
	words []string // nil: any that is known
}{
	{"industry", []string{"IT-security community attributes attacker"}},
	{"political", []string{
		"Attribution by receiver government / state entity", "Attribution by EU institution/agency", "Attribution by international organization",
	}},
	{"attacker", []string{"Attacker confirms"}},
	{"media", []string{"Media-based attribution"}},
	{"any", nil},
}

// The words of the tracker for steps that somebody took, searched anywhere in its response.
var (
	anyStep   = regexp.MustCompile(`(?i)sanction|criminal charge|denounc|hack back|indict|expel`)
	hardStep  = regexp.MustCompile(`(?i)sanction|criminal charge|indict`)
	indicated = []struct{ key, prefix string }{
		{"countermeasures justified", countermeasures}, {"retorsion justified", "Unfriendly"}, {"no response justified", "No response"},
	}
)

// countermeasures is how EuRepoC's word begins for operations that the law would let one answer with countermeasures.
const countermeasures = "Countermeasures"

// Table computes the figures as coded, in the order in which they are read.
func (r *Records) Table() []Figure {
	t := &figureTable{}
	t.incidents(r)
	t.joint(r)
	t.delays(r)
	t.attributed(r)
	t.responded(r)
	t.tracker(r)
	return t.figures
}

type figureTable struct{ figures []Figure }

func (t *figureTable) put(key string, value float64) {
	t.figures = append(t.figures, Figure{Key: key, Value: value})
}

func (t *figureTable) count(key string, n int) { t.put(key, float64(n)) }

// median puts a value that may not exist.
func (t *figureTable) median(key string, value float64, ok bool) {
	t.figures = append(t.figures, Figure{Key: key, Value: value, None: !ok})
}

func (t *figureTable) incidents(r *Records) {
	t.count("eurepoc incidents", len(r.Incidents))
	t.count("eurepoc state or state-affiliated", len(r.state))
	t.count("... without any response", countIf(r.state, func(in *eurepoc.Coded) bool { return in.Answers == 0 }))
	t.count("... with a known initiator country", countIf(r.state, func(in *eurepoc.Coded) bool { return len(in.Countries) > 0 }))
	for i, w := range indicated {
		is := func(in *eurepoc.Coded) bool { return strings.HasPrefix(in.Allowed, w.prefix) }
		t.count(w.key, countIf(r.Incidents, is))
		if i == 0 {
			t.count(w.key+", with a response", countIf(r.Incidents, func(in *eurepoc.Coded) bool { return is(in) && in.Answers > 0 }))
		}
	}
}

// joint counts incidents that several states attribute.
func (t *figureTable) joint(r *Records) {
	by := map[string][]string{}
	for _, a := range r.Attributions {
		by[a.Incident] = append(by[a.Incident], a.By...)
	}
	most := 0
	states := map[int]int{}
	for _, list := range by {
		slices.Sort(list)
		n := len(slices.Compact(list))
		states[n]++
		most = max(most, n)
	}
	for _, least := range []int{2, 3, 5} {
		n := 0
		for k, incidents := range states {
			if k >= least {
				n += incidents
			}
		}
		t.count(fmt.Sprintf("jointly attributed by >= %d states", least), n)
	}
	t.count("most states in one attribution", most)
}

// dated is when an incident was first attributed.
type dated struct {
	day  time.Time // the earliest day; zero where none is known
	year time.Time // the earliest attribution of which only the year is known; zero where there is none
}

// first finds the earliest attributions by incident; the words choose whose.
func (r *Records) first(words []string) map[string]dated {
	out := map[string]dated{}
	for _, a := range r.Attributions {
		if words == nil && a.Basis == "" {
			continue
		}
		if words != nil && !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(a.Basis, w) }) {
			continue
		}
		d := out[a.Incident]
		switch {
		case a.On.IsZero():
		case isYear(a.On):
			d.year = earlier(d.year, a.On)
		default:
			d.day = earlier(d.day, a.On)
		}
		out[a.Incident] = d
	}
	return out
}

// delays are the days from an incident to its attribution, of those where both have a day.
func (t *figureTable) delays(r *Records) {
	for _, b := range bases {
		first := r.first(b.words)
		var list []int
		for _, in := range r.Incidents {
			d := first[in.Incident].day
			if !d.IsZero() && hasDay(in.Start) && !d.Before(in.Start) {
				list = append(list, days(in.Start, d))
			}
		}
		slices.Sort(list)
		t.count(fmt.Sprintf("days to attribution, %s: incidents", b.name), len(list))
		key := fmt.Sprintf("days to attribution, %s: median", b.name)
		if n := len(list); n > 0 {
			t.median(key, float64(list[(n-1)/2]+list[n/2])/2, true)
		} else {
			t.median(key, 0, false)
		}
	}
}

// attributed is the survival of state operations that begin on a day, up to any attribution, within bounds.
func (t *figureTable) attributed(r *Records) {
	b := survival.Bound(r.untilAttribution())
	for _, side := range []struct {
		name  string
		curve survival.Curve
	}{{"lower", b.Lower}, {"upper", b.Upper}} {
		for _, d := range []int{30, 180, 365, 730} {
			t.put(fmt.Sprintf("attributed within %d days, state operations, %s bound", d, side.name), side.curve.Reached(d))
		}
		t.put(fmt.Sprintf("attributed within 365 days, %s bound, standard error", side.name), side.curve.At(365).SE)
		m, ok := side.curve.Median()
		t.median(fmt.Sprintf("median days to attribution, %s bound", side.name), float64(m), ok)
	}
}

// untilAttribution are the spans from the start of each state operation to its first attribution. One that is known to the year
// lies between the start (or the year's first day) and the year's last day (or the end of the records); one without a date lies
// anywhere, so it may have come at once or not within the records.
func (r *Records) untilAttribution() []survival.Span {
	first := r.first(nil)
	var out []survival.Span
	for _, in := range r.state {
		s := in.Start
		if !hasDay(s) {
			continue
		}
		watched := survival.Time{Days: days(s, r.end)}
		d, attributed := first[in.Incident]
		early, late := span(d, s, r.end)
		switch {
		case !early.IsZero() && !late.IsZero():
			out = append(out, survival.Span{
				Earliest: survival.Time{Days: days(s, early), Event: true}, Latest: survival.Time{Days: days(s, late), Event: true},
			})
		case attributed:
			out = append(out, survival.Span{Earliest: survival.Time{Event: true}, Latest: watched})
		case r.end.After(s):
			out = append(out, survival.Span{Earliest: watched, Latest: watched})
		}
	}
	return out
}

// span is the earliest and the latest day on which an incident that began on start can first have been attributed; zero where no
// attribution on or after the start is dated at all.
func span(d dated, start, end time.Time) (early, late time.Time) {
	if !d.day.IsZero() && !d.day.Before(start) {
		early, late = d.day, d.day
	}
	if y := d.year; !y.IsZero() && y.Year() >= start.Year() {
		from, to := y, latest(y)
		if from.Before(start) {
			from = start
		}
		if to.After(end) {
			to = end
		}
		early = earlier(early, from)
		if !to.Before(start) {
			late = earlier(late, to)
		}
	}
	return early, late
}

// responded is the survival of state operations up to a dated response. Its steps take a start of 1 January as that day, as the
// column is coded.
func (t *figureTable) responded(r *Records) {
	var times []survival.Time
	n := 0
	for _, in := range r.state {
		if in.Start.IsZero() {
			continue
		}
		var first time.Time
		for _, on := range in.AnsweredOn {
			if !on.Before(in.Start) {
				first = earlier(first, on)
			}
		}
		if first.IsZero() {
			times = append(times, survival.Time{Days: max(0, days(in.Start, r.end))})
			continue
		}
		times = append(times, survival.Time{Days: days(in.Start, first), Event: true})
		n++
	}
	c := survival.Estimate(times)
	t.count("state operations with a dated response", n)
	for _, d := range []int{90, 365, 1095} {
		t.put(fmt.Sprintf("responded to within %d days", d), c.Reached(d))
	}
}

func (t *figureTable) tracker(r *Records) {
	t.count("cfr incidents", len(r.Tracker))
	sponsored, quiet, hard := 0, 0, 0
	for _, c := range r.Tracker {
		if c.Sponsor == "" {
			continue
		}
		sponsored++
		if !anyStep.MatchString(c.Response) {
			quiet++
		}
		if hardStep.MatchString(c.Response) {
			hard++
		}
	}
	t.count("cfr with a sponsor", sponsored)
	t.count("cfr with a sponsor and no sanction, charge, denouncement or hack back", quiet)
	t.count("cfr with sanctions or criminal charges", hard)
}

// earlier is the earlier of two dates; a zero one is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

func countIf(list []*eurepoc.Coded, is func(*eurepoc.Coded) bool) int {
	n := 0
	for _, in := range list {
		if is(in) {
			n++
		}
	}
	return n
}
