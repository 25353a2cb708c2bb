package workspace

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"marque/graph"
	"marque/stix"
)

// ErrUnknown says that nothing that the view shows is called so.
var ErrUnknown = errors.New("none in this workspace has this name")

// AmbiguousError says that a name fits several; the caller asks again with the id of one of them.
type AmbiguousError struct {
	What, Name, Why string
	Candidates      []Named
}

// Named is something by its id and name.
type Named struct {
	ID   stix.ID
	Name string
	Why  string // why it may be meant
}

func (e *AmbiguousError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q: %s; take one by its id:", e.What, e.Name, e.Why)
	for _, c := range e.Candidates {
		fmt.Fprintf(&b, "\n  %s  %s", c.ID, c.Name)
		if c.Why != "" {
			b.WriteString(": " + c.Why)
		}
	}
	return b.String()
}

// Entity finds what a name stands for: an id, an actor's name as analysts use it, else any entity's.
func (s *Snapshot) Entity(name string) (*graph.Entity, error) {
	if e := s.Graph.Entity(stix.ID(name)); e != nil {
		return e, nil
	}
	r := s.Graph.Resolve(name)
	if best := r.Best(); best != nil {
		return s.Graph.Entity(best.ID), nil
	}
	if r.Ambiguous {
		e := &AmbiguousError{What: "name", Name: name, Why: "it is ambiguous, " + r.Why}
		for _, c := range r.Candidates {
			e.Candidates = append(e.Candidates, Named{c.ID, fmt.Sprintf("%s (%s)", c.Name, c.Source), strings.Join(c.Reasons, "; ")})
		}
		return nil, e
	}
	return pickOne(s.Graph.Entities(), name, "entity")
}

// shown is how many names a message offers.
const shown = 6

// pickOne finds the one entity that a user means: by its exact name, else by a part of it.
func pickOne(es []*graph.Entity, name, what string) (*graph.Entity, error) {
	want := graph.NormalName(name)
	var exact, part []*graph.Entity
	for _, e := range es {
		switch {
		case bears(e, func(n string) bool { return n == want }):
			exact = append(exact, e)
		case want != "" && bears(e, func(n string) bool { return strings.Contains(n, want) }):
			part = append(part, e)
		}
	}
	found := exact
	if len(found) == 0 {
		found = part
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, fmt.Errorf("%s %q: %w%s", what, name, ErrUnknown, didYouMean(es, want))
	}
	slices.SortFunc(found, func(x, y *graph.Entity) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	e := &AmbiguousError{What: what, Name: name, Why: fmt.Sprintf("%d have this name", len(found))}
	for _, x := range found[:min(len(found), shown)] {
		e.Candidates = append(e.Candidates, Named{ID: x.ID, Name: x.Name})
	}
	return nil, e
}

// bears tells whether the entity's name, or that of a record of a joined operation, is as wanted in its normal form.
func bears(e *graph.Entity, wanted func(string) bool) bool {
	return wanted(graph.NormalName(e.Name)) || slices.ContainsFunc(e.Members, func(m graph.Member) bool { return wanted(graph.NormalName(m.Name)) })
}

// didYouMean offers the names that are a slip of the finger away: an edit for each four letters.
func didYouMean(es []*graph.Entity, want string) string {
	type near struct {
		name string
		away int
	}
	var found []near
	for _, e := range es {
		for _, name := range append([]string{e.Name}, e.Aliases...) {
			n := graph.NormalName(name)
			if away := edits(n, want, 1+len(want)/4); away <= len(want)/4 && !slices.ContainsFunc(found, func(f near) bool { return f.name == name }) {
				found = append(found, near{name, away})
			}
		}
	}
	if len(found) == 0 {
		return ""
	}
	slices.SortFunc(found, func(x, y near) int { return cmp.Or(cmp.Compare(x.away, y.away), cmp.Compare(x.name, y.name)) })
	var names []string
	for _, f := range found[:min(len(found), shown)] {
		names = append(names, f.name)
	}
	return "; did you mean " + strings.Join(names, ", ") + "?"
}

// edits is the distance of two strings in inserted, dropped, replaced and exchanged letters (optimal string alignment), or limit
// where it is no less.
func edits(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d >= limit || -d >= limit {
		return limit
	}
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(row[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least >= limit {
			return limit
		}
		before, last, row = last, row, before
	}
	return min(last[len(y)], limit)
}
