package report

import (
	"cmp"
	"fmt"
	"slices"

	"marque/deter"
	"marque/deter/silence"
)

// changed is the table of all figures beside those of the window before.
func (y *yearly) changed() Section {
	s := Section{Key: "changed", Title: "What changed against the window before"}
	now, was := y.now.brief.Counts, y.before.brief.Counts
	add := func(key, label string, n, before int, table string) {
		y.year.Figures = append(y.year.Figures, Figure{Key: key, Label: label, Now: n, Before: before, Table: y.at[table]})
	}
	fs, fsBefore := y.now.followedOps(), y.before.followedOps()
	add("operations", "operations", now.Operations, was.Operations, "operations")
	add("attributed", "attributed, likely or more", now.Attributed, was.Attributed, "states")
	add("to-states", "attributed to a state", y.now.ofStates(), y.before.ofStates(), "states")
	add("blurred", "with a state and a criminal side", now.Blurred, was.Blurred, "blurred")
	add("denied", "denied", now.Denied, was.Denied, "denials")
	add("disputed", "disputed between sources", now.Disputed, was.Disputed, "operations")
	add("measures", "measures", len(y.measures), len(y.measuresBefore), "measures")
	add("answered", "attributed to a state and answered", standing(fs, "answered"), standing(fsBefore, "answered"), "answers")
	add("silent", "asked about, no answer on record", standing(fs, "silent"), standing(fsBefore, "silent"), "answers")
	add("unknown", "of whose answer nobody knows", standing(fs, "unknown"), standing(fsBefore, "unknown"), "answers")
	t := y.blank("changed", "Figures of the window and of the one before", []string{"figure", "now", "before", "change", "from table"})
	for _, f := range y.year.Figures {
		t.Rows = append(t.Rows, TableRow{Cells: []string{f.Label, fmt.Sprint(f.Now), fmt.Sprint(f.Before), fmt.Sprintf("%+d", f.Now-f.Before), fmt.Sprint(f.Table)}})
	}
	movers := y.movers()
	s.Tables = []Table{t, movers}
	s.Told = []Told{y.say("changed", "%d operations now, %d before; %d measures now, %d before.", now.Operations, was.Operations, len(y.measures), len(y.measuresBefore))}
	if len(movers.Rows) > 0 {
		c := movers.Rows[0].Cells
		s.Told = append(s.Told, y.say("movers", "The largest change among states is that of %s: from %s to %s attributed operations.", c[0], c[2], c[1]))
	}
	s.Told = append(s.Told, y.say("changed", "A change may be one of what was reported, not of what was done: sources that end before the window count for less of it."))
	return s
}

// movers are the attributed operations by state, now and before, the largest change first.
func (y *yearly) movers() Table {
	t := y.blank("movers", "Attributed operations by state, now and before", []string{"state", "now", "before", "change"})
	counts := map[string][2]int{}
	for k, p := range []*period{y.now, y.before} {
		for i := range p.facts {
			for _, s := range p.facts[i].states() {
				c := counts[s]
				c[k]++
				counts[s] = c
			}
		}
	}
	var states []string
	for s := range counts {
		states = append(states, s)
	}
	diff := func(s string) int { return counts[s][0] - counts[s][1] }
	abs := func(n int) int { return max(n, -n) }
	slices.SortFunc(states, func(a, b string) int { return cmp.Or(cmp.Compare(abs(diff(b)), abs(diff(a))), cmp.Compare(a, b)) })
	for _, s := range states[:min(len(states), maxYearRows)] {
		t.Rows = append(t.Rows, TableRow{Cells: []string{y.in.Country(s), fmt.Sprint(counts[s][0]), fmt.Sprint(counts[s][1]), fmt.Sprintf("%+d", diff(s))}})
	}
	return t
}

// limits says what this report cannot know.
func (y *yearly) limits() {
	add := func(format string, args ...any) { y.year.Limits = append(y.year.Limits, fmt.Sprintf(format, args...)) }
	to := y.now.o.To.Format("2006-01-02")
	for _, c := range y.in.Coverage {
		if c.Until != "" && c.Until < to {
			add("%s reaches to %s: of answers after that day it knows nothing.", c.Source, c.Until)
		}
	}
	if n := y.now.brief.Counts.Undated; n > 0 {
		add("%s without a date, or with a year only, stand in no quarter.", plural(n, "operation", "operations"))
	}
	add("What is counted is what sources tell of. Operations that nobody found, or that a victim keeps to itself, are not here, and no rate is corrected for them.")
	add("Answers come late, often years after: a recent window looks less answered than it will.")
}

// summarise writes the two pages that come first: the leading sentence of each section, and who stands behind the operations that matter most.
func (y *yearly) summarise() {
	if len(y.now.facts) == 0 {
		y.year.Summary = append(y.year.Summary, y.say("operations", "No operation of this window is known here. marque ingest reads reports and feeds."))
	}
	for _, key := range []string{"operations", "who-for-whom", "blurred-line", "motives", "targets", "mercenaries", "denials", "measures", "joint", "sites", "hits", "changed", "sources"} {
		at := slices.IndexFunc(y.year.Sections, func(s Section) bool { return s.Key == key })
		told := y.year.Sections[at].Told
		keep := 1
		if key == "measures" || key == "who-for-whom" || key == "changed" {
			keep = 2
		}
		y.year.Summary = append(y.year.Summary, told[:min(len(told), keep)]...)
	}
	shown := 0
	for _, e := range y.now.ranked(y.now.entities()) {
		h := y.now.leading(e.ID)
		if h == nil || h.Probability < likely || shown == 6 {
			continue
		}
		shown++
		y.year.Summary = append(y.year.Summary, Told{Sentence{Text: fmt.Sprintf("%s: %s (%s).", e.Name, h.Statement, h.Words), Refs: y.now.few(y.now.told(e))}, y.at["operations"]})
	}
}

// standing counts the operations of which that is known of an answer.
func standing(fs []deter.Followed, what silence.Standing) (n int) {
	for i := range fs {
		if fs[i].Standing(deter.Rule{}) == what {
			n++
		}
	}
	return n
}
