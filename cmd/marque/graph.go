package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"marque/attribute"
	"marque/graph"
	"marque/report"
	"marque/stix"
)

func graphCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "graph", Short: "Look at what is known and who says so"}
	var depth int
	var asOf string
	show := &cobra.Command{
		Use: "show NAME", Short: "An entity, its relations and on how many independent sources each rests", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			day, err := parseDay("as-of", asOf)
			if err != nil {
				return err
			}
			if err := a.open(c.Context()); err != nil {
				return err
			}
			g, err := graph.Load(c.Context(), a.reader(), graph.Options{AsOf: day})
			if err != nil {
				return err
			}
			e := g.Entity(stix.ID(args[0]))
			if e == nil {
				if e, err = named(g, args[0]); err != nil {
					return err
				}
			}
			return a.printHood(g, e, g.Neighbours(e.ID, depth, 500))
		},
	}
	show.Flags().IntVar(&depth, "depth", 1, "how many steps to walk")
	show.Flags().StringVar(&asOf, "as-of", "", "only claims dated before this day")
	c.AddCommand(show)
	return c
}

// named resolves an actor's name as analysts use it, else any entity's.
func named(g *graph.Graph, name string) (*graph.Entity, error) {
	r := g.Resolve(name)
	if best := r.Best(); best != nil {
		return g.Entity(best.ID), nil
	}
	if r.Ambiguous {
		var hints []string
		for _, c := range r.Candidates {
			hints = append(hints, fmt.Sprintf("\n  %s  %s (%s): %s", c.ID, c.Name, c.Source, strings.Join(c.Reasons, "; ")))
		}
		return nil, fmt.Errorf("the name %q is ambiguous: %s; take one by its id:%s", name, r.Why, strings.Join(hints, ""))
	}
	return pickOne(g.Entities(), name, "entity")
}

func containsNormal(in, part string) bool { return strings.Contains(in, part) }

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
		r := edgeRow{From: g.Name(ed.From), FromRef: ed.From, Relation: ed.Relation, To: g.Name(ed.To), ToRef: ed.To, Roots: ed.Roots, Claims: len(ed.Claims)}
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
	return &cobra.Command{
		Use: "actor NAME", Short: "Who calls an actor what, since when, on whose word, and where vendors disagree", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.open(c.Context()); err != nil {
				return err
			}
			g, err := graph.Load(c.Context(), a.reader(), graph.Options{})
			if err != nil {
				return err
			}
			return a.printActor(g, args[0])
		},
	}
}

func (a *app) printActor(g *graph.Graph, name string) error {
	r := g.Resolve(name)
	if e := g.Entity(stix.ID(name)); e != nil {
		r = graph.Resolution{Query: name, Candidates: []graph.Candidate{{ID: e.ID, Name: e.Name, Source: g.Name(e.CreatedBy)}}}
	}
	if len(r.Candidates) == 0 {
		return fmt.Errorf("actor %q: no source in this workspace uses this name", name)
	}
	type state struct {
		State    string  `json:"state"`
		Relation string  `json:"relation"`
		Via      string  `json:"via,omitempty"`
		Strength float64 `json:"strength"`
	}
	type answer struct {
		graph.Candidate
		Names     []graph.NameClaim `json:"names"`
		Conflicts []graph.Conflict  `json:"conflicts"`
		States    []state           `json:"states"`
	}
	var answers []answer
	for _, cand := range r.Candidates {
		ans := answer{Candidate: cand, Names: g.ActorNames(cand.ID), Conflicts: g.NameConflicts(cand.ID)}
		for _, t := range g.Ties(cand.ID) {
			s := state{State: t.State, Relation: t.Relation, Strength: t.Strength}
			if t.Via != "" {
				s.Via = g.Name(t.Via)
			}
			if !slices.Contains(ans.States, s) {
				ans.States = append(ans.States, s)
			}
		}
		answers = append(answers, ans)
	}
	if a.json {
		return a.printJSON(map[string]any{"query": name, "ambiguous": r.Ambiguous, "why": r.Why, "candidates": answers})
	}
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	if r.Ambiguous {
		p.Para(fmt.Sprintf("%q is ambiguous: %s. It may mean:", name, r.Why))
	}
	for _, ans := range answers {
		p.Heading(fmt.Sprintf("%s (%s)", ans.Name, ans.Source))
		p.Dim(string(ans.ID))
		for _, reason := range ans.Reasons {
			p.Line(reason, "")
		}
		rows := [][]string{{"name", "on whose word", "since", "how"}}
		for _, n := range ans.Names {
			since := ""
			if !n.Since.IsZero() {
				since = n.Since.Format("2006-01-02")
			}
			rows = append(rows, []string{n.Name, n.Source, since, n.Via})
		}
		p.Table(rows)
		for _, s := range ans.States {
			text := fmt.Sprintf("%s: %s", g.CountryName(s.State), s.Relation)
			if s.Via != "" {
				text += " by way of " + s.Via
			}
			p.Field("state", fmt.Sprintf("%s (strength %.2f, a thumb rule on the wording)", text, s.Strength))
		}
		for _, k := range ans.Conflicts {
			p.Field("conflict", k.Name+": "+k.Why)
		}
	}
	return p.Err()
}

func nexusCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "nexus", Short: "Ties between states and criminals, hacktivists and mercenaries, with strength and trend", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.open(c.Context()); err != nil {
				return err
			}
			g, err := graph.Load(c.Context(), a.reader(), graph.Options{})
			if err != nil {
				return err
			}
			ties := attribute.Nexus(g)
			if a.json {
				return a.printJSON(ties)
			}
			p := report.NewPrinter(a.stdout, a.width(), a.colour())
			rows := [][]string{{"state", "actor", "kind", "tie", "strength", "roots", "years", "trend", "denied by"}}
			for _, t := range ties {
				rows = append(rows, []string{
					g.CountryName(t.State), t.Name, t.Kind, t.Relation, fmt.Sprintf("%.2f", t.Strength), fmt.Sprint(t.Roots),
					fmt.Sprintf("%d–%d", t.First, t.Last), t.Trend, strings.Join(t.Denied, ", "),
				})
			}
			p.Table(rows)
			return p.Err()
		},
	}
	var between string
	shared := &cobra.Command{
		Use: "shared", Short: "Do states share resources or use the same criminal networks?", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			states := strings.FieldsFunc(strings.ToUpper(between), func(r rune) bool { return r == ',' || r == ' ' })
			if len(states) < 2 {
				return usageError{errors.New("--between wants two or more countries, such as RU,CN,IR,KP")}
			}
			if err := a.open(c.Context()); err != nil {
				return err
			}
			g, err := graph.Load(c.Context(), a.reader(), graph.Options{})
			if err != nil {
				return err
			}
			answer := attribute.NexusShared(g, states)
			if a.json {
				return a.printJSON(answer)
			}
			return a.printShared(g, answer)
		},
	}
	shared.Flags().StringVar(&between, "between", "RU,CN,IR,KP", "the states, by their two-letter codes")
	c.AddCommand(shared)
	return c
}

// maxShown is how many resources of a list are printed.
const maxShown = 40

func (a *app) printShared(g *graph.Graph, s attribute.SharedAnswer) error {
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	p.Heading(string(s.Verdict))
	p.Para(s.Words)
	rows := [][]string{{"class", "searched", "shared", "actors with any known"}}
	for _, cov := range s.Coverage {
		var known []string
		for _, st := range s.States {
			known = append(known, fmt.Sprintf("%s %d of %d", st, cov.Known[st], s.Actors[st]))
		}
		rows = append(rows, []string{cov.Class, fmt.Sprint(cov.Searched), fmt.Sprint(cov.Shared), strings.Join(known, ", ")})
	}
	p.Heading("What was searched")
	p.Table(rows)
	part := func(title string, list []attribute.Shared) {
		if len(list) == 0 {
			return
		}
		p.Heading(title)
		for _, r := range list[:min(len(list), maxShown)] {
			var by []string
			for _, st := range slices.Sorted(maps.Keys(r.By)) {
				var names []string
				for _, id := range r.By[st] {
					names = append(names, g.Name(id))
				}
				if len(names) > 0 {
					by = append(by, st+": "+strings.Join(names, ", "))
				}
			}
			p.Line(fmt.Sprintf("%s (%s; %s)", r.Name, r.Class, strings.Join(by, " · ")), cmp.Or(r.Explain, r.Discount))
		}
		if n := len(list) - maxShown; n > 0 {
			p.Dim(fmt.Sprintf("and %d more; --json lists all", n))
		}
	}
	part("What speaks against it", s.Refuting)
	part("Shared, and explained", s.Weak)
	part("Of one state's actors and of criminals tied to no state", s.Criminal)
	for _, said := range s.Said {
		p.Line(said, "")
	}
	return p.Err()
}
