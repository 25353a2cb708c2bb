package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"marque/attribute"
	"marque/attribute/profile"
	"marque/claim"
	"marque/ingest/entity"
	"marque/report"
	"marque/stix"
)

func attributeCommand(a *app) *cobra.Command {
	var caseFile, asOf string
	var explain, all, dry bool
	c := &cobra.Command{
		Use: "attribute [OPERATION]", Short: "Weigh who stands behind an operation, why, and how close a state stands to it", Args: cobra.MaximumNArgs(1),
		Long: `Judges an operation by competing hypotheses: names it by its id or a part of its name. The judgement is kept as an
assessment and entered in the ledger; an earlier one is superseded, never overwritten.

--case FILE judges an operation given as a STIX bundle without storing anything. --as-of DAY uses only claims whose source is
dated before that day. --explain prints the matrix of evidence and hypotheses and what would overturn the judgement. --all
judges every operation of the workspace.`,
		RunE: func(c *cobra.Command, args []string) error {
			day, err := parseDay("as-of", asOf)
			if err != nil {
				return err
			}
			if n := btoi(caseFile != "") + btoi(all) + len(args); n != 1 {
				return usageError{errors.New("name one operation, or --case FILE, or --all")}
			}
			ctx := c.Context()
			if err := a.open(ctx); err != nil {
				return err
			}
			var extra []*stix.Object
			if caseFile != "" {
				if extra, err = a.readCase(caseFile); err != nil {
					return err
				}
			}
			ct, err := a.court(ctx, day, extra)
			if err != nil {
				return err
			}
			var as []*claim.Assessment
			var prof *profile.Judgement
			switch {
			case all:
				if as, err = ct.all(ctx); err != nil {
					return err
				}
			default:
				var cs attribute.Case
				if caseFile != "" {
					cs, err = attribute.FromObjects(ct.g, extra)
				} else {
					op, ferr := ct.operation(args[0])
					if ferr != nil {
						return ferr
					}
					cs, err = attribute.CaseOf(ct.g, op.ID)
				}
				if err != nil {
					return err
				}
				one, p, err := ct.judge(cs)
				if err != nil {
					return err
				}
				as, prof = []*claim.Assessment{&one}, p
			}
			if caseFile == "" && day.IsZero() && !dry {
				if err := a.keepAssessments(c, as); err != nil {
					return err
				}
			}
			return a.printAssessments(as, prof, all, explain)
		},
	}
	c.Flags().StringVar(&caseFile, "case", "", "judge the operation in this STIX bundle, without storing it")
	c.Flags().StringVar(&asOf, "as-of", "", "use only claims dated before this day; nothing is stored")
	c.Flags().BoolVar(&explain, "explain", false, "print the matrix of evidence and what would overturn the judgement")
	c.Flags().BoolVar(&all, "all", false, "judge every operation")
	c.Flags().BoolVar(&dry, "dry-run", false, "do not keep the judgement")
	return c
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// keepAssessments stores judgements that are new and enters them in the ledger.
func (a *app) keepAssessments(c *cobra.Command, as []*claim.Assessment) error {
	objects := make([]*stix.Object, 0, len(as))
	for _, x := range as {
		if _, err := a.reader().Get(c.Context(), x.ID); err == nil {
			continue // the same inputs were judged before: the judgement stands
		}
		o, err := stix.New(x)
		if err != nil {
			return fmt.Errorf("keep judgement on %s: %w", x.SubjectName, err)
		}
		objects = append(objects, o)
	}
	if _, err := a.keep(c.Context(), "attribute", objects); err != nil {
		return fmt.Errorf("keep judgements: %w", err)
	}
	return nil
}

// judged is an assessment for machines, with the countries added up and the profile model's ranking of all actors.
type judged struct {
	*claim.Assessment
	Countries []country          `json:"countries"`
	Profile   *profile.Judgement `json:"profile,omitempty"`
}

type country struct {
	Code        string  `json:"code"` // ISO 3166-1 alpha-2
	Name        string  `json:"name"`
	Probability float64 `json:"probability"`
}

// countries adds up the hypotheses by sponsor, most probable first. What several states did together counts for each.
func countries(x *claim.Assessment) []country {
	sums := map[string]float64{}
	for _, h := range x.Hypotheses {
		if h.Sponsor == "" {
			continue
		}
		for _, state := range append([]string{h.Sponsor}, h.Jointly...) {
			sums[state] += h.Probability
		}
	}
	out := []country{}
	for code, p := range sums {
		out = append(out, country{Code: code, Name: entity.CountryName(code), Probability: p})
	}
	slices.SortFunc(out, func(x, y country) int {
		return cmp.Or(cmp.Compare(y.Probability, x.Probability), cmp.Compare(x.Code, y.Code))
	})
	return out
}

func (a *app) printAssessments(as []*claim.Assessment, prof *profile.Judgement, all, explain bool) error {
	if a.json {
		if all {
			return a.printJSON(as)
		}
		return a.printJSON(judged{as[0], countries(as[0]), prof})
	}
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	for _, x := range as {
		if all && !explain {
			lead := "not attributed"
			if h := attribute.Leading(x); h != nil && !x.Abstained {
				lead = fmt.Sprintf("%s, %s (%.0f %%)", h.Statement, h.Words, 100*h.Probability)
			}
			p.Line(x.SubjectName+": "+lead, "")
			continue
		}
		p.Heading(x.SubjectName)
		p.Para(attribute.Paragraph(x))
		if explain {
			printMatrix(p, x)
		}
	}
	return p.Err()
}

// maxColumns is how many hypotheses the matrix shows side by side.
const maxColumns = 5

func printMatrix(p *report.Printer, x *claim.Assessment) {
	m := attribute.ACH(x)
	n := min(len(m.Hypotheses), maxColumns)
	p.Heading("Hypotheses")
	for i, h := range x.Hypotheses[:min(len(x.Hypotheses), 2*maxColumns)] {
		p.Field(fmt.Sprintf("H%d", i+1), fmt.Sprintf("%s: %s (%.1f %%, prior %.1f %%)", h.Statement, h.Words, 100*h.Probability, 100*h.Prior))
	}
	p.Heading("Evidence × hypotheses, in decibans; the most diagnostic first")
	head := []string{"evidence"}
	for i := range n {
		head = append(head, fmt.Sprintf("H%d", i+1))
	}
	rows := [][]string{append(head, "basis")}
	for _, r := range m.Rows {
		row := []string{r.Text}
		for _, db := range r.Decibans[:n] {
			row = append(row, fmt.Sprintf("%+.1f", db))
		}
		rows = append(rows, append(row, r.Basis))
	}
	p.Table(rows)
	if over := attribute.Overturn(x); len(over) > 0 {
		p.Heading("What would change it")
		for _, s := range over {
			p.Line(s, "")
		}
	}
	p.Dim(strings.Join([]string{x.Method, "inputs " + short(x.InputsDigest), string(x.ID)}, " · "))
}
