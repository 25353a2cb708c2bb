package eval

import (
	"slices"
	"strconv"
	"strings"
)

// ToldOperation is an operation that came out of reading a text: the names of those behind it and of their states, whom it hit (with the
// operation's own name, which says so), its first and last day ("2024-05-17", "" for none).
type ToldOperation struct {
	Name        string
	Who, States []string
	Victims     []string
	First, Last string
}

// OperationScore counts operations: those that the notes tell, those that came out, and of these the ones that fit a told one in each respect.
type OperationScore struct {
	Told, Claimed, Found, Right int // Found: told ones with a claimed one that is right in all respects; Right: claimed ones
	Who, State, Victim, Date    int // claimed ones, of those that are about a told one
	Paired                      int
}

// Plus adds scores.
func (s OperationScore) Plus(o OperationScore) OperationScore {
	return OperationScore{
		s.Told + o.Told, s.Claimed + o.Claimed, s.Found + o.Found, s.Right + o.Right,
		s.Who + o.Who, s.State + o.State, s.Victim + o.Victim, s.Date + o.Date, s.Paired + o.Paired,
	}
}

// MatchOperations pairs each operation that came out with the told one that it fits best, by who or by whom it hit.
func MatchOperations(told []Told, claimed []ToldOperation) OperationScore {
	s := OperationScore{Told: len(told), Claimed: len(claimed)}
	found := make([]bool, len(told))
	for _, c := range claimed {
		best, at := 0, -1
		var fits [4]bool
		for i, w := range told {
			f := w.fits(c)
			if !f[0] && !f[2] {
				continue
			}
			n := 0
			for _, ok := range f {
				if ok {
					n++
				}
			}
			if n > best {
				best, at, fits = n, i, f
			}
		}
		if at < 0 {
			continue
		}
		s.Paired++
		for k, count := range []*int{&s.Who, &s.State, &s.Victim, &s.Date} {
			if fits[k] {
				*count++
			}
		}
		if best == len(fits) {
			s.Right++
			found[at] = true
		}
	}
	for _, ok := range found {
		if ok {
			s.Found++
		}
	}
	return s
}

// fits compares who, state, victim and date.
func (w Told) fits(c ToldOperation) [4]bool {
	return [4]bool{w.who(c), w.state(c), w.victim(c), w.date(c)}
}

func (w Told) who(c ToldOperation) bool {
	named := slices.DeleteFunc(slices.Clone(w.Who), func(n string) bool { return strings.HasPrefix(n, "unnamed") })
	if len(named) == 0 {
		return !slices.ContainsFunc(c.Who, func(n string) bool { return strings.ToLower(n) != n })
	}
	return anyTells(c.Who, named)
}

func (w Told) state(c ToldOperation) bool {
	state, _, _ := strings.Cut(w.State, " (")
	switch state {
	case "", "none", "open":
		return len(c.States) == 0
	}
	return anyTells(c.States, []string{state})
}

func (w Told) victim(c ToldOperation) bool {
	return len(w.Victim) == 0 || anyTells(append(slices.Clone(c.Victims), c.Name), w.Victim)
}

func (w Told) date(c ToldOperation) bool {
	if w.First == "" && w.Last == "" {
		return c.First == ""
	}
	if c.First == "" {
		return w.First == ""
	}
	first, last := w.First, w.Last
	if first == "" {
		first = last
	}
	if last == "" {
		last = first
	}
	return c.First[:len(first)] >= first && c.First[:len(last)] <= last
}

func anyTells(told, want []string) bool {
	return slices.ContainsFunc(want, func(n string) bool {
		return slices.ContainsFunc(told, func(t string) bool { return tells(t, n) })
	})
}

// OperationIntro heads the table in docs/quality.md.
const OperationIntro = `## Operations told by real texts

The same sixteen texts through ingest: campaigns with who is behind them, of which state, whom they hit and when they began, against those that an
analyst notes. An operation that comes out is about a noted one when who or whom agree. What is wanted is .60 of those claimed and .50 of those told;
that is far off: one operation comes out in parts, a part a kind of deed and a victim, so that none has all of who, whom and when.

`

// OperationTable is a table of scores, a row a half.
func OperationTable(halves []string, scores []OperationScore) string {
	var b strings.Builder
	b.WriteString("| operations | told | all right, of those told | all right, of those claimed | of those claimed that are about one: who | state | victim | date |\n|---|---|---|---|---|---|---|---|\n")
	for i, s := range scores {
		row := []string{halves[i], strconv.Itoa(s.Told), Share{s.Found, s.Told}.String(), Share{s.Right, s.Claimed}.String()}
		for _, n := range []int{s.Who, s.State, s.Victim, s.Date} {
			row = append(row, Share{n, s.Paired}.String())
		}
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	return b.String()
}
