package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"marque/claim"
	"marque/deter/nomination"
	"marque/deter/screen"
	"marque/graph"
	"marque/stix"
)

func nominateCommand(a *app) *cobra.Command {
	var view viewFlags
	var lists []string
	var format string
	c := &cobra.Command{
		Use: "nominate ACTOR", Short: "What a proposal to list somebody needs: who, evidence in public sources, operations, a draft of reasons",
		Long: "Puts together who an actor is, which operations sources attribute to it, on whose word, what speaks against it, where it is listed\n" +
			"already, and a draft statement of reasons in which each sentence has its reference. Public sources only, unless --tlp says otherwise.",
		Args: cobra.ExactArgs(1),
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			s, err := a.snapshot(c.Context(), view)
			if err != nil {
				return err
			}
			subject, err := oneActor(s.Graph, args[0])
			if err != nil {
				return err
			}
			var ix *screen.Index
			if len(lists) > 0 {
				if ix, err = a.readLists(c.Context(), lists); err != nil {
					return err
				}
			}
			p, err := nomination.Build(s.Graph, subject, ix)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(p)
			}
			switch format {
			case "markdown":
				return p.Markdown(a.stdout)
			case "html":
				return p.HTML(a.stdout)
			case "stix":
				o, err := p.Report(claim.MarqueIdentity, stix.At(a.now()))
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(a.stdout, "%s\n", o.Raw())
				return err
			}
			return usageError{fmt.Errorf("--format %q: want markdown, html or stix", format)}
		}),
	}
	view.register(c, true)
	view.tlp, c.Flags().Lookup("tlp").DefValue = "clear", "clear"
	c.Flags().StringArrayVar(&lists, "list", nil, "file or folder of sanctions lists that are asked whether it is listed already (repeat)")
	c.Flags().StringVar(&format, "format", "markdown", "markdown, html or stix")
	return c
}

// oneActor resolves a name or an id to one actor, and says which there are where it means several.
func oneActor(g *graph.Graph, name string) (stix.ID, error) {
	if g.Entity(stix.ID(name)) != nil {
		return stix.ID(name), nil
	}
	r := g.Resolve(name)
	switch {
	case len(r.Candidates) == 0:
		return "", fmt.Errorf("nominate %q: no actor of that name; marque actor lists names", name)
	case r.Ambiguous:
		var ids strings.Builder
		for _, x := range r.Candidates {
			fmt.Fprintf(&ids, "\n  %s  %s (%s)", x.ID, x.Name, x.Source)
		}
		return "", fmt.Errorf("nominate %q: the name may mean several; give one of these ids:%s", name, &ids)
	}
	return r.Candidates[0].ID, nil
}
