package main

import (
	"fmt"
	"strings"

	"marque/report"
	"marque/stix"
	"marque/workspace"

	"github.com/spf13/cobra"
)

type claimsOptions struct {
	view   viewFlags
	filter workspace.ClaimFilter
	since  string
}

func claimsCommand(a *app) *cobra.Command {
	var o claimsOptions
	c := &cobra.Command{
		Use: "claims", Short: "Who says what of whom, in which words, in which document", Args: cobra.NoArgs,
		Long: `Lists the claims of the workspace: who says it, of whom, what, with which stance; the verbatim quote, the document that it
stands in, and the root, the document that it first stood in. A filter takes a part of a name, in any case. With --operation or --actor,
relationships that other tools brought without a word of who says so are listed too: all that the judgement is made from.`,
		RunE: a.opened(func(c *cobra.Command, _ []string) error {
			v, err := o.view.view()
			if err != nil {
				return err
			}
			if o.filter.Since, err = parseSince("since", o.since, a.now()); err != nil {
				return err
			}
			rows, err := a.w.Claims(c.Context(), v, o.filter)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(rows)
			}
			return a.printClaims(rows)
		}),
	}
	o.view.register(c, false)
	f := &o.filter
	for _, flag := range []struct {
		to         *string
		name, help string
	}{
		{&f.Operation, "operation", "only claims at this operation, under each of its names and records"},
		{&f.Actor, "actor", "only claims at this actor, under each of its names"},
		{&o.since, "since", "only claims that came in since: a day, an instant, or an age such as 7d"},
		{&f.Source, "source", "only claims of this source: who says it, its document, or the list that brought it, such as eurepoc"},
		{&f.Kind, "kind", "attribution, tie, name, deed, response, motive, word or other"},
		{&f.Who, "who", "only claims of who says so"},
		{&f.Subject, "subject", "only claims about this subject"},
		{&f.Object, "object", "only claims with this object"},
		{&f.Relation, "relation", "only this relation, for example compromised"},
		{&f.Stance, "stance", "asserts, doubts, denies, no-evidence or no-comment"},
		{&f.Document, "document", "only claims in this document (id or part of its name)"},
		{&f.Status, "status", "candidate, accepted or rejected"},
		{&f.Rule, "rule", "only claims that this rule read"},
		{&f.Text, "text", "only claims with these words"},
	} {
		c.Flags().StringVar(flag.to, flag.name, "", flag.help)
	}
	return c
}

func (a *app) printClaims(rows []*workspace.ClaimRow) error {
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	doc := stix.ID("-")
	roots := map[stix.ID]bool{}
	for _, r := range rows {
		roots[r.Root.ID] = true
		if r.Document.ID != doc {
			doc = r.Document.ID
			title := r.Document.Name
			if title == "" {
				title = "No document"
			}
			if len(r.Document.Published) >= 10 {
				title += ", " + r.Document.Published[:10]
			}
			p.Heading(title)
			if r.Root.ID != r.Document.ID {
				p.Dim("retells " + r.Root.Name)
			}
		}
		p.Line(r.Sentence(), badges(r))
		if r.Quote != "" {
			p.Quote(r.Quote)
		} else if r.Note != "" {
			p.Indent(r.Note)
		}
	}
	if len(rows) == 0 {
		p.Dim("no claim fits; marque claims without a filter lists all")
		return p.Err()
	}
	p.Dim(fmt.Sprintf("%s from %s", count(len(rows), "claim"), count(len(roots), "independent root")))
	return p.Err()
}

func badges(r *workspace.ClaimRow) string {
	b := r.Stance
	if r.Hedge != "" {
		b += ", hedged: " + r.Hedge
	}
	return fmt.Sprintf("%s · %s%d · %s · %s", b, r.Reliability, r.Credibility, r.Status, short(r.ID))
}

// short is what an id begins with, enough to name it.
func short(id string) string {
	if _, uuid, ok := strings.Cut(id, "--"); ok {
		id = uuid
	}
	return id[:min(8, len(id))]
}
