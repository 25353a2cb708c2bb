package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"marque/graph"
	"marque/report"
	"marque/stix"
	"marque/workspace"

	"github.com/spf13/cobra"
)

type graphOptions struct {
	view  viewFlags
	depth int
	out   string
}

func graphCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "graph", Short: "Look at what is known and who says so"}
	var o graphOptions
	show := &cobra.Command{
		Use: "show NAME", Short: "An entity, its relations and on how many independent sources each rests", Args: cobra.ExactArgs(1),
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			s, err := a.snapshot(c.Context(), o.view)
			if err != nil {
				return err
			}
			if o.out != "" {
				p, err := pictureOf(s, args[0], o.depth)
				if err != nil {
					return err
				}
				return a.drawing(p, o.out)
			}
			e, err := s.Entity(args[0])
			if err != nil {
				return err
			}
			return a.printHood(s.Graph, e, s.Graph.Neighbours(e.ID, o.depth, 500))
		}),
	}
	show.Flags().IntVar(&o.depth, "depth", 1, "how many steps to walk")
	show.Flags().StringVarP(&o.out, "out", "o", "", "draw it into this file: .html (a page with a picture, without script), .dot or .graphml")
	o.view.register(show, true)
	c.AddCommand(show)
	return c
}

// snapshot is what the flags' view shows.
func (a *app) snapshot(ctx context.Context, flags viewFlags) (*workspace.Snapshot, error) {
	v, err := flags.view()
	if err != nil {
		return nil, err
	}
	return a.w.Snapshot(ctx, v)
}

type edgeRow struct {
	From      string   `json:"from"`
	FromRef   stix.ID  `json:"from_ref"`
	Relation  string   `json:"relation"`
	To        string   `json:"to"`
	ToRef     stix.ID  `json:"to_ref"`
	Roots     int      `json:"roots"`
	Claims    int      `json:"claims"`
	Stances   []string `json:"stances"`
	Documents []string `json:"documents"`
}

func (a *app) printHood(g *graph.Graph, e *graph.Entity, h graph.Hood) error {
	rows := make([]edgeRow, 0, len(h.Edges))
	for _, ed := range h.Edges {
		r := edgeRow{From: g.Name(ed.From), FromRef: ed.From, Relation: string(ed.Relation), To: g.Name(ed.To), ToRef: ed.To, Roots: ed.Roots, Claims: len(ed.Claims)}
		for _, cl := range ed.Claims {
			if !slices.Contains(r.Stances, cl.Stance) {
				r.Stances = append(r.Stances, cl.Stance)
			}
			if d := g.Document(cl.Document); d != nil && !slices.Contains(r.Documents, d.Name) {
				r.Documents = append(r.Documents, d.Name)
			}
		}
		rows = append(rows, r)
	}
	if a.json {
		return a.printJSON(map[string]any{
			"id": e.ID, "type": e.Type, "name": e.Name, "aliases": e.Aliases, "kinds": e.Kinds, "description": e.Description, "relations": rows,
		})
	}
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	p.Heading(e.Name)
	p.Dim(e.Type + " · " + string(e.ID))
	p.Para(e.Description)
	if len(e.Aliases) > 0 {
		p.Field("also", strings.Join(e.Aliases, ", "))
	}
	table := [][]string{{"from", "relation", "to", "roots", "stance", "document"}}
	for _, r := range rows {
		doc := strings.Join(r.Documents, "; ")
		table = append(table, []string{r.From, r.Relation, r.To, fmt.Sprint(r.Roots), strings.Join(r.Stances, ", "), doc})
	}
	p.Table(table)
	return p.Err()
}

func actorCommand(a *app) *cobra.Command {
	var view viewFlags
	var all bool
	c := &cobra.Command{
		Use: "actor NAME", Short: "Who calls an actor what, since when, on whose word, and where vendors disagree", Args: cobra.ExactArgs(1),
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			s, err := a.snapshot(c.Context(), view)
			if err != nil {
				return err
			}
			answer, err := s.Actor(args[0])
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(answer)
			}
			if err := a.printSummary(s.Graph, answer); err != nil || !all {
				return err
			}
			return a.printActor(s.Graph, answer)
		}),
	}
	c.Flags().BoolVar(&all, "all", false, "every name with who gives it and since when, every tie and conflict")
	view.register(c, true)
	return c
}

// Limits of the summary.
const (
	maxDiffer  = 2 // disagreements
	maxVendors = 5
	maxNames   = 3 // of a vendor
)

// printSummary answers in five lines what is asked first.
func (a *app) printSummary(g *graph.Graph, r *workspace.ActorAnswer) error {
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	s := &r.Summary
	p.Heading(r.Candidates[0].Name)
	var names, states []string
	more := 0
	for i, v := range s.Names {
		if i >= maxVendors {
			more += len(v.Names)
			continue
		}
		names = append(names, v.Source+": "+strings.Join(v.Names[:min(len(v.Names), maxNames)], ", "))
		more += max(0, len(v.Names)-maxNames)
	}
	if more > 0 {
		names = append(names, fmt.Sprintf("%d more with --all", more))
	}
	for _, code := range s.States {
		states = append(states, g.CountryName(code))
	}
	behind := cmp.Or(strings.Join(states, ", "), "nobody in this workspace says")
	if len(s.Services) > 0 {
		behind += ", by way of " + strings.Join(s.Services, ", ")
	}
	if s.Principal != "" {
		behind = "a front of " + s.Principal + "; " + behind
	}
	if len(s.Personas) > 0 {
		behind += "; speaks through " + strings.Join(s.Personas, ", ")
	}
	differ := cmp.Or(strings.Join(s.Differ[:min(len(s.Differ), maxDiffer)], "; "), "on nothing that is known here")
	if n := len(s.Differ) - maxDiffer; n > 0 {
		differ += fmt.Sprintf("; and %d more", n)
	}
	seen := "unknown: no dated operation is attributed to it"
	if s.LastIn != "" {
		seen = fmt.Sprintf("%s, in %s (operations: %d)", s.Last.Date, s.LastIn, s.Operations)
	}
	p.Field("names", strings.Join(names, "; "))
	p.Field("behind it", behind)
	p.Field("says who", cmp.Or(strings.Join(s.Words, ", "), "nobody"))
	p.Field("differ", differ)
	p.Field("last seen", seen)
	if r.Ambiguous {
		var others []string
		for _, c := range r.Candidates[1:] {
			if !g.Same(r.Candidates[0].ID, c.ID) && !slices.Contains(others, c.Name) {
				others = append(others, c.Name)
			}
		}
		p.Para(fmt.Sprintf("The name is ambiguous: %s. It may also mean %s.", r.Why, strings.Join(others, ", ")))
	}
	return p.Err()
}

func (a *app) printActor(g *graph.Graph, r *workspace.ActorAnswer) error {
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	if r.Ambiguous {
		p.Para(fmt.Sprintf("%q is ambiguous: %s. It may mean:", r.Query, r.Why))
	}
	for _, x := range r.Candidates {
		p.Heading(fmt.Sprintf("%s (%s)", x.Name, x.Source))
		p.Dim(string(x.ID))
		for _, reason := range x.Reasons {
			p.Line(reason, "")
		}
		rows := [][]string{{"name", "on whose word", "since", "how"}}
		for _, n := range x.Names {
			since := ""
			if !n.Since.IsZero() {
				since = n.Since.Format(time.DateOnly)
			}
			rows = append(rows, []string{n.Name, n.Source, since, n.Via})
		}
		p.Table(rows)
		for _, s := range x.States {
			text := fmt.Sprintf("%s: %s", g.CountryName(s.State), s.Relation)
			if s.Via != "" {
				text += " by way of " + s.Via
			}
			p.Field("state", fmt.Sprintf("%s (strength %.2f, a thumb rule on the wording)", text, s.Strength))
		}
		for _, k := range x.Conflicts {
			p.Field("conflict", k.Name+": "+k.Why)
		}
	}
	return p.Err()
}
