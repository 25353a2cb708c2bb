package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"marque/attribute"
	"marque/attribute/profile"
	"marque/claim"
	"marque/ingest/entity"
	"marque/report"
	"marque/workspace"
)

type attributeOptions struct {
	view              viewFlags
	caseFile          string
	explain, all, dry bool
}

func attributeCommand(a *app) *cobra.Command {
	var o attributeOptions
	c := &cobra.Command{
		Use: "attribute [OPERATION]", Short: "Weigh who stands behind an operation, why, and how close a state stands to it", Args: cobra.MaximumNArgs(1),
		Long: `Judges an operation by competing hypotheses: names it by its id or a part of its name. The judgement is kept as an
assessment and entered in the ledger; an earlier one is superseded, never overwritten.

--case FILE judges an operation given as a STIX bundle without storing anything. --as-of DAY uses only claims whose source is
dated before that day, --tlp LEVEL only what that level shows; nothing is stored then. --explain prints the matrix of evidence
and hypotheses and what would overturn the judgement. --all judges every operation of the workspace.`,
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			as, prof, err := a.attribute(c.Context(), o, args)
			if err != nil {
				return err
			}
			a.done()
			return a.printAssessments(c.Context(), as, prof, o)
		}),
	}
	o.view.register(c, true)
	c.Flags().StringVar(&o.caseFile, "case", "", "judge the operation in this STIX bundle, without storing it")
	c.Flags().BoolVar(&o.explain, "explain", false, "print the matrix of evidence and what would overturn the judgement")
	c.Flags().BoolVar(&o.all, "all", false, "judge every operation")
	c.Flags().BoolVar(&o.dry, "dry-run", false, "do not keep the judgement")
	return c
}

// attribute judges what the options and arguments name, and keeps the judgements that are the owner's of today.
func (a *app) attribute(ctx context.Context, o attributeOptions, args []string) ([]*claim.Assessment, *profile.Judgement, error) {
	v, err := o.view.view()
	if err != nil {
		return nil, nil, err
	}
	if n := btoi(o.caseFile != "") + btoi(o.all) + len(args); n != 1 {
		return nil, nil, usageError{errors.New("name one operation, or --case FILE, or --all")}
	}
	if o.caseFile != "" {
		return a.judgeCase(ctx, v, o.caseFile)
	}
	s, err := a.w.Snapshot(ctx, v)
	if err != nil {
		return nil, nil, err
	}
	var as []*claim.Assessment
	var prof *profile.Judgement
	if o.all {
		as, err = s.JudgeAll(ctx, a.progress())
	} else {
		var one claim.Assessment
		one, prof, err = judgeNamed(s, args[0])
		as = append(as, &one)
	}
	if err == nil && o.view.whole() && !o.dry {
		err = a.w.KeepJudgements(ctx, s, as, o.all)
	}
	return as, prof, err
}

func judgeNamed(s *workspace.Snapshot, name string) (claim.Assessment, *profile.Judgement, error) {
	op, err := s.Operation(name)
	if err != nil {
		return claim.Assessment{}, nil, err
	}
	cs, err := attribute.CaseOf(s.Graph, op.ID)
	if err != nil {
		return claim.Assessment{}, nil, err
	}
	return s.Judge(cs)
}

// judgeCase judges the operation of a bundle that is not stored.
func (a *app) judgeCase(ctx context.Context, v workspace.View, path string) ([]*claim.Assessment, *profile.Judgement, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("case: %w", err)
	}
	defer f.Close()
	objects, err := workspace.Case(f, func(bad error) { a.say("marque: case %s: left out: %v", path, bad) })
	if err != nil {
		return nil, nil, fmt.Errorf("case %s: %w", path, err)
	}
	s, err := a.w.With(ctx, v, objects)
	if err != nil {
		return nil, nil, err
	}
	cs, err := attribute.FromObjects(s.Graph, objects)
	if err != nil {
		return nil, nil, err
	}
	as, prof, err := s.Judge(cs)
	return []*claim.Assessment{&as}, prof, err
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// judged is an assessment for machines, with the countries added up and the profile model's ranking of all actors.
type judged struct {
	*claim.Assessment
	Countries []country          `json:"countries"`
	Profile   *profile.Judgement `json:"profile,omitempty"`
	// Analysts are what persons say of it, and where that parts from the computed judgement.
	Analysts []workspace.AnalystView `json:"analysts"`
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

func (a *app) printAssessments(ctx context.Context, as []*claim.Assessment, prof *profile.Judgement, o attributeOptions) error {
	all, explain := o.all, o.explain
	s, err := a.snapshot(ctx, o.view) // kept since it was judged from
	if err != nil {
		return err
	}
	if a.json {
		if all {
			return a.printJSON(as)
		}
		return a.printJSON(judged{as[0], countries(as[0]), prof, s.Analysts(as[0].SubjectRef, as[0])})
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
		for _, view := range s.Analysts(x.SubjectRef, x) {
			printAnalyst(p, &view)
		}
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
