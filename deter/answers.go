package deter

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"marque/deter/silence"
	"marque/deter/survival"
)

// Rule says what counts as an answer; it is shown with every figure that rests on it. The zero Rule counts measures and words against
// somebody, and not that somebody was named.
type Rule struct {
	Naming bool // a public attribution, or a joint statement, is an answer
}

// weight is what a kind of measure is towards the attacker.
type weight int

const (
	costs   weight = iota // takes something: sanctions, charges, a seizure; every kind that is not listed below
	words                 // says something against somebody
	naming                // says who it was
	nothing               // is not aimed at the attacker
)

// weights are the kinds that take nothing by themselves.
var weights = map[string]weight{
	"protest": words, "summons": words, "recall": words,
	"public-attribution": naming, "joint-statement": naming,
	"advisory": nothing, "other": nothing, "legislation": nothing, "agreement": nothing, "delisting": nothing, "list-change": nothing,
}

// answer tells what a consequence is as an answer to the operation of f. What is aimed at the state at large answers none in
// particular, and what the accused state does itself, such as an arrest, answers nobody.
func (f *Followed) answer(c *Consequence) weight {
	own := len(c.By) > 0 && !slices.ContainsFunc(c.By, func(by string) bool { return by == "" || !slices.Contains(f.States(), by) })
	if c.Link == Sponsor || own {
		return nothing
	}
	return weights[c.Kind]
}

// Standing is what can be said about answers to an operation: answered, silent or unknown.
func (f *Followed) Standing(rule Rule) silence.Standing {
	return silence.Of(f.answered(rule), !f.Asked.IsZero())
}

func (f *Followed) answered(rule Rule) bool {
	return slices.ContainsFunc(f.Consequences, func(c Consequence) bool { return rule.counts(f.answer(&c)) })
}

func (u Rule) counts(w weight) bool { return w == costs || w == words || (w == naming && u.Naming) }

// Answers is what can be said about the operations of a state, a year, or both.
type Answers struct {
	State string `json:"state"` // empty in a summary by year; ISO 3166-1 alpha-2
	Year  int    `json:"year"`  // of the operation's beginning; 0 in a summary by state, and where it is not known
	silence.Tally
	OnlyWords int            `json:"only_words"` // of the answered: nothing that takes anything
	Named     int            `json:"named"`      // of those that are not answered: somebody was named, and beyond that nothing is on record
	Until     time.Time      `json:"until"`      // the last day of which the records know that asked; zero where none did
	Kinds     map[string]int `json:"kinds"`      // measures at the operations and their actors
	// Waits are how long it took from the end of an operation to its first answer, over those that are answered or asked about;
	// what is known to the year gives the bounds. Operations and answers without a date are left out.
	Waits survival.Bounds `json:"waits"`
	Dated int             `json:"dated"` // on how many operations Waits rests
}

// Median is how many days it took until half of those that are answered or asked about were answered, between two bounds. It is
// false where half never were, or no date is known.
func (a *Answers) Median() (low, high int, ok bool) {
	low, okLow := a.Waits.Upper.Median()
	high, okHigh := a.Waits.Lower.Median()
	return min(low, high), max(low, high), okLow && okHigh
}

// ByState tallies by the state behind, most operations first. What several states did together counts for each of them.
func ByState(fs []Followed, rule Rule) []Answers {
	out := tally(fs, rule, func(f *Followed) ([]string, int) { return f.States(), 0 })
	slices.SortStableFunc(out, func(a, b Answers) int { return cmp.Compare(b.Operations(), a.Operations()) })
	return out
}

// ByStateAndYear tallies by both, by state, then year.
func ByStateAndYear(fs []Followed, rule Rule) []Answers {
	return tally(fs, rule, func(f *Followed) ([]string, int) { return f.States(), f.Year })
}

// ByYear tallies by the year in which the operations began.
func ByYear(fs []Followed, rule Rule) []Answers {
	return tally(fs, rule, func(f *Followed) ([]string, int) { return []string{""}, f.Year })
}

// All tallies all of them, each once.
func All(fs []Followed, rule Rule) Answers {
	out := tally(fs, rule, func(*Followed) ([]string, int) { return []string{""}, 0 })
	if len(out) == 0 {
		return Answers{Kinds: map[string]int{}}
	}
	return out[0]
}

// KindWaits are how long it took until the first measure of each kind that counts as an answer, over the operations that are answered or asked
// about; by kind.
func KindWaits(fs []Followed, rule Rule) map[string]Answers {
	kinds := map[string]bool{}
	for i := range fs {
		for j := range fs[i].Consequences {
			if c := &fs[i].Consequences[j]; rule.counts(fs[i].answer(c)) {
				kinds[c.Kind] = true
			}
		}
	}
	out := map[string]Answers{}
	for kind := range kinds {
		only := make([]Followed, len(fs))
		for i, f := range fs {
			f.Consequences = slices.DeleteFunc(slices.Clone(f.Consequences), func(c Consequence) bool { return c.Kind != kind })
			only[i] = f
		}
		out[kind] = All(only, rule)
	}
	return out
}

type stateYear struct {
	state string
	year  int
}

func tally(fs []Followed, rule Rule, by func(*Followed) ([]string, int)) []Answers {
	rows, spans := map[stateYear]*Answers{}, map[stateYear][]survival.Span{}
	for i := range fs {
		f := &fs[i]
		states, year := by(f)
		for _, state := range states {
			k := stateYear{state, year}
			if rows[k] == nil {
				rows[k] = &Answers{State: state, Year: year, Kinds: map[string]int{}}
			}
			rows[k].add(f, rule)
			if s, ok := f.wait(rule); ok {
				spans[k] = append(spans[k], s)
			}
		}
	}
	out := make([]Answers, 0, len(rows))
	for _, k := range slices.SortedFunc(maps.Keys(rows), func(a, b stateYear) int {
		return cmp.Or(cmp.Compare(a.state, b.state), cmp.Compare(a.year, b.year))
	}) {
		rows[k].Waits, rows[k].Dated = survival.Bound(spans[k]), len(spans[k])
		out = append(out, *rows[k])
	}
	return out
}

// add counts an operation.
func (a *Answers) add(f *Followed, rule Rule) {
	standing := a.Add(f.answered(rule), !f.Asked.IsZero(), silence.Early(lastDay(f.When), f.Asked))
	has := func(w weight) bool {
		return slices.ContainsFunc(f.Consequences, func(c Consequence) bool { return f.answer(&c) == w })
	}
	switch {
	case standing == silence.Answered && !has(costs):
		a.OnlyWords++
	case standing != silence.Answered && has(naming):
		a.Named++
	}
	if f.Asked.After(a.Until) {
		a.Until = f.Asked
	}
	for _, c := range f.Consequences {
		if c.Link != Sponsor {
			a.Kinds[c.Kind]++
		}
	}
}

// wait is the time from the operation's end to its first answer, or to the end of the record that asked and found none. A measure
// that came while it went on took no time. It is false where nothing is dated, or nobody asked and nothing is known.
func (f *Followed) wait(rule Rule) (survival.Span, bool) {
	if f.When.IsZero() || f.vague {
		return survival.Span{}, false
	}
	first, last := f.When, lastDay(f.When)
	for _, c := range f.Consequences {
		if c.Dated && rule.counts(f.answer(&c)) {
			return survival.Span{
				Earliest: survival.Time{Days: days(last, c.Date), Event: true},
				Latest:   survival.Time{Days: days(first, lastDay(c.Date)), Event: true},
			}, true
		}
	}
	if f.Standing(rule) != silence.Silent {
		return survival.Span{}, false
	}
	return survival.Span{
		Earliest: survival.Time{Days: days(first, f.Asked)}, Latest: survival.Time{Days: days(last, f.Asked)},
	}, true
}

// days is how many whole days lie between two times, none where the second comes first.
func days(from, to time.Time) int { return max(0, int(to.Sub(from).Hours()/24)) }

// lastDay is the last day that a date can mean: a 1 January stands for its year.
func lastDay(t time.Time) time.Time {
	if !t.IsZero() && t.Month() == time.January && t.Day() == 1 {
		return time.Date(t.Year(), time.December, 31, 0, 0, 0, 0, time.UTC)
	}
	return t
}
