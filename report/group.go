package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"marque/graph"
)

// Group is the operations behind which one state stands, or none. Sections are numbered through all groups.
type Group struct {
	Title      string  `json:"title"`
	State      string  `json:"state,omitzero"` // ISO 3166-1 alpha-2
	Operations int     `json:"operations"`     // in the window, with a section or without
	Weight     float64 `json:"weight"`         // of all of them: how sure, how close a state, how many sources
	Sections   []int   `json:"sections"`       // indices into the brief's operations, the weightiest first
	Rows       []int   `json:"rows"`           // indices into the others
}

// Titles of the groups without a state.
const (
	noState = "No state is likely behind them"
	nobody  = "Nobody is named"
)

// groupOf is the title and state of the group that an operation belongs to.
func (b *builder) groupOf(e *graph.Entity) (title, state string) {
	h := b.leading(e.ID)
	switch {
	case h == nil || h.Probability < likely:
		return nobody, ""
	case h.Sponsor == "":
		return noState, ""
	}
	return b.in.Country(h.Sponsor), h.Sponsor
}

// sections gives the weightiest operations a section each, and all others a line; both in groups, the weightiest group first.
func (b *builder) sections(ops []*graph.Entity) {
	ranked := b.ranked(ops)
	byTitle := map[string]*Group{}
	var groups []*Group
	for _, e := range ranked {
		title, state := b.groupOf(e)
		if byTitle[title] == nil {
			byTitle[title] = &Group{Title: title, State: state}
			groups = append(groups, byTitle[title])
		}
		byTitle[title].Operations++
		byTitle[title].Weight += b.weight(e)
	}
	last := func(g *Group) int { return btoi(g.Title == noState) + 2*btoi(g.Title == nobody) }
	slices.SortStableFunc(groups, func(x, y *Group) int {
		return cmp.Or(last(x)-last(y), cmp.Compare(y.Weight, x.Weight), cmp.Compare(x.Title, y.Title))
	})
	detailed := map[string]bool{}
	for _, e := range ranked[:min(len(ranked), b.o.Detail)] {
		detailed[string(e.ID)] = true
	}
	for _, g := range groups {
		for _, e := range ranked {
			if title, _ := b.groupOf(e); title != g.Title {
				continue
			}
			if detailed[string(e.ID)] {
				g.Sections = append(g.Sections, len(b.brief.Operations))
				b.brief.Operations = append(b.brief.Operations, b.operation(e))
			} else {
				g.Rows = append(g.Rows, len(b.brief.Others))
				b.brief.Others = append(b.brief.Others, b.row(e))
			}
		}
		g.Weight = float64(int(10*g.Weight+.5)) / 10
		b.brief.Groups = append(b.brief.Groups, *g)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// contents is a line of the table of contents.
func (g *Group) contents() string {
	text := fmt.Sprintf("%s: %s", g.Title, plural(g.Operations, "operation", "operations"))
	switch n := len(g.Sections); {
	case n == 1:
		text += fmt.Sprintf(", section %d", g.Sections[0]+1)
	case n > 1:
		text += fmt.Sprintf(", sections %d to %d", g.Sections[0]+1, g.Sections[n-1]+1)
	}
	return text
}

// maxOthers is how many further operations are listed for reading; JSON holds all.
const maxOthers = 40

// further are the lines of a group that are listed for reading, with a remark on the rest.
func (b *Brief) further(g *Group) (rows []Row, rest string) {
	most := max(3, maxOthers*g.Operations/max(1, b.Counts.Operations))
	for _, i := range g.Rows[:min(len(g.Rows), most)] {
		rows = append(rows, b.Others[i])
	}
	if n := len(g.Rows) - len(rows); n > 0 {
		rest = fmt.Sprintf("and %s more; marque operations lists all", strings.TrimSpace(fmt.Sprint(n)))
	}
	return rows, rest
}
