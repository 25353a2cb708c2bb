package coded

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"marque/deter/silence"
	"marque/ingest/eurepoc"
)

// Gap is what the columns code about one state and year. An operation that several states began counts once for each.
type Gap struct {
	State      string // as EuRepoC writes it
	Year       int    // of the start; 0 where it has no date
	Operations int
	Responded  int // the coders count a response
	Unused     int // countermeasures would be justified in the coder's view, and no response is counted
}

// Impunity is the share without a counted response and Wilson's 95 % interval. It takes a zero as no response, which the columns
// do not say: what can be said of them is [Records.Said].
func (g *Gap) Impunity() silence.Share {
	without := g.Operations - g.Responded
	s := silence.Share{Value: float64(without) / float64(g.Operations)}
	s.Low, s.High = silence.Wilson(without, g.Operations)
	return s
}

// stateYear is a state, as EuRepoC writes it, and the year of a start; 0 is undated.
type stateYear struct {
	state string
	year  int
}

// byStateThenYear puts what has no date last.
func byStateThenYear(a, b stateYear) int {
	undated := func(k stateYear) int {
		if k.year == 0 {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.state, b.state), cmp.Compare(undated(a), undated(b)), cmp.Compare(a.year, b.year))
}

// each calls f for every state operation under each state that is named as behind it.
func (r *Records) each(f func(stateYear, *eurepoc.Coded)) {
	for _, in := range r.state {
		year := 0
		if !in.Start.IsZero() {
			year = in.Start.Year()
		}
		for _, state := range in.Countries {
			f(stateYear{state, year}, in)
		}
	}
}

// Gap counts state operations by state and year as coded, sorted by both.
func (r *Records) Gap() []Gap {
	rows := map[stateYear]*Gap{}
	r.each(func(k stateYear, in *eurepoc.Coded) {
		g := rows[k]
		if g == nil {
			g = &Gap{State: k.state, Year: k.year}
			rows[k] = g
		}
		g.Operations++
		switch {
		case in.Answers > 0:
			g.Responded++
		case strings.HasPrefix(in.Allowed, countermeasures):
			g.Unused++
		}
	})
	out := make([]Gap, 0, len(rows))
	for _, k := range slices.SortedFunc(maps.Keys(rows), byStateThenYear) {
		out = append(out, *rows[k])
	}
	return out
}

// Rule says what counts as an answer; it is shown with every figure that rests on it.
type Rule struct {
	// Naming counts the attribution by a government, the EU or an international organisation as an answer.
	Naming bool
}

// Said is what can be said about one state and year.
type Said struct {
	State string // as EuRepoC writes it
	Year  int    // of the start; 0 where it has no date
	silence.Tally
}

// add counts an incident by what EuRepoC's row says about answers to it.
func (u Rule) add(t *silence.Tally, in *eurepoc.Coded, end time.Time) {
	named := u.Naming && slices.ContainsFunc(in.Bases, isGovernments)
	t.Add(in.Answers > 0 || named, in.Asked(), silence.Early(latest(in.Start), end))
}

// isGovernments tells whether a basis is the word of a government, the EU or an international organisation.
func isGovernments(basis string) bool {
	for _, b := range bases {
		if b.name == "political" {
			return slices.Contains(b.words, basis)
		}
	}
	return false
}

// Said tallies state operations by state and year, sorted by both.
func (r *Records) Said(rule Rule) []Said {
	rows := map[stateYear]*Said{}
	r.each(func(k stateYear, in *eurepoc.Coded) {
		s := rows[k]
		if s == nil {
			s = &Said{State: k.state, Year: k.year}
			rows[k] = s
		}
		rule.add(&s.Tally, in, r.end)
	})
	out := make([]Said, 0, len(rows))
	for _, k := range slices.SortedFunc(maps.Keys(rows), byStateThenYear) {
		out = append(out, *rows[k])
	}
	return out
}

// TrackerTotal tallies the operations of the CFR tracker, rows that describe actors left out. Its silence says nothing, so that an
// operation is answered or unknown.
func (r *Records) TrackerTotal() silence.Tally {
	var t silence.Tally
	for _, c := range r.Tracker {
		if !c.Actor {
			t.Add(c.Answered(), false, false)
		}
	}
	return t
}

// Total tallies all state operations, each once, those without a known state among them.
func (r *Records) Total(rule Rule) silence.Tally {
	var t silence.Tally
	for _, in := range r.state {
		rule.add(&t, in, r.end)
	}
	return t
}
