package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"marque/attribute"
	"marque/graph"
	"marque/report"

	"github.com/spf13/cobra"
)

func nexusCommand(a *app) *cobra.Command {
	var view viewFlags
	c := &cobra.Command{
		Use: "nexus", Short: "Ties between states and criminals, hacktivists and mercenaries, with strength and trend", Args: cobra.NoArgs,
		RunE: a.opened(func(c *cobra.Command, _ []string) error {
			s, err := a.snapshot(c.Context(), view)
			if err != nil {
				return err
			}
			ties := attribute.Nexus(s.Graph)
			if a.json {
				return a.printJSON(ties)
			}
			return a.printNexus(s.Graph, ties)
		}),
	}
	view.register(c, true)
	c.AddCommand(sharedCommand(a))
	return c
}

func (a *app) printNexus(g *graph.Graph, ties []attribute.NexusTie) error {
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	rows := [][]string{{"state", "actor", "kind", "tie", "strength", "roots", "years", "trend", "denied by"}}
	for _, t := range ties {
		rows = append(rows, []string{
			g.CountryName(t.State), t.Name, t.Kind, string(t.Relation), fmt.Sprintf("%.2f", t.Strength), fmt.Sprint(t.Roots),
			fmt.Sprintf("%d–%d", t.First, t.Last), t.Trend, strings.Join(t.Denied, ", "),
		})
	}
	p.Table(rows)
	return p.Err()
}

func sharedCommand(a *app) *cobra.Command {
	var view viewFlags
	var between string
	c := &cobra.Command{
		Use: "shared", Short: "Do states share resources or use the same criminal networks?", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, args []string) error {
			states := strings.FieldsFunc(strings.ToUpper(between), func(r rune) bool { return r == ',' || r == ' ' })
			if len(states) < 2 {
				return usageError{errors.New("--between wants two or more countries, such as RU,CN,IR,KP")}
			}
			return a.opened(func(c *cobra.Command, _ []string) error {
				s, err := a.snapshot(c.Context(), view)
				if err != nil {
					return err
				}
				answer := attribute.NexusShared(s.Graph, states)
				if a.json {
					return a.printJSON(answer)
				}
				return a.printShared(s.Graph, answer)
			})(c, args)
		},
	}
	c.Flags().StringVar(&between, "between", "RU,CN,IR,KP", "the states, by their two-letter codes")
	view.register(c, true)
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
