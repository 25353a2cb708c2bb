package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"marque/deter"
	"marque/deter/coded"
	"marque/deter/countermeasure"
	"marque/deter/effect"
	"marque/deter/silence"
	"marque/internal/unpack"
	"marque/report"
)

func deterCommand(a *app) *cobra.Command {
	var view viewFlags
	var rule deter.Rule
	var by string
	c := &cobra.Command{
		Use: "deter", Short: "What it cost them: what was answered, what nobody knows, and whether it changed anything", Args: cobra.NoArgs,
		Long: `What the workspace knows of answers to the operations that are attributed to a state: answered, asked about in vain, unknown, between which
bounds all of them are answered if nothing is assumed, and how long it took until an answer, as two curves between which the truth
lies. --naming has a public attribution count as an answer; without it, what was named and no more is told apart. --by groups by
state, year or kind of measure.`,
		RunE: func(c *cobra.Command, args []string) error {
			if !slices.Contains([]string{"state", "year", "kind"}, by) {
				return usageError{fmt.Errorf("--by %q: want state, year or kind", by)}
			}
			return a.opened(func(c *cobra.Command, _ []string) error { return a.standing(c.Context(), view, rule, by) })(c, args)
		},
	}
	view.register(c, true)
	c.Flags().BoolVar(&rule.Naming, "naming", false, "count a public attribution as an answer")
	c.Flags().StringVar(&by, "by", "state", "state, year or kind (of measure)")
	c.AddCommand(deterGapCommand(a), deterTableCommand(a), deterEffectCommand(a), deterPlanCommand(a))
	return c
}

// standing tells what the workspace knows of answers.
func (a *app) standing(ctx context.Context, view viewFlags, rule deter.Rule, by string) error {
	s, err := a.snapshot(ctx, view)
	if err != nil {
		return err
	}
	fs, err := s.Followed(ctx, a.progress())
	a.done()
	if err != nil {
		return err
	}
	out := report.StandingOf(fs, rule, by, s.Graph.CountryName)
	if a.json {
		return a.printJSON(out)
	}
	return report.WriteStanding(a.stdout, &out, a.width(), a.colour())
}

// planOptions are the flags of deter plan.
type planOptions struct {
	view   viewFlags
	states []string
	file   string
}

func deterPlanCommand(a *app) *cobra.Command {
	var o planOptions
	c := &cobra.Command{
		Use: "plan OPERATION", Short: "Countermeasures by several states: who could do what, on which basis, in which order, what is missing", Args: cobra.ExactArgs(1),
		Long: `Answers the conditions of international law for an operation (ARSIWA 22, 49 to 54, Tallinn Manual 2.0), each as met, not met or unknown with its
evidence, and lays out for each state of --by what it could do, on which basis, after what, and what is missing. --plan FILE (YAML) says
what only a plan can: for conditions by id, finding and evidence. Nothing here is called permitted.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(o.states) == 0 {
				return usageError{errors.New("--by is needed: the states that would act, such as --by US,GB,EE")}
			}
			return a.opened(func(c *cobra.Command, args []string) error { return a.plan(c.Context(), &o, args[0]) })(c, args)
		},
	}
	o.view.register(c, true)
	c.Flags().StringSliceVar(&o.states, "by", nil, "the states that would act")
	c.Flags().StringVar(&o.file, "plan", "", "YAML file with what the planners say of conditions")
	return c
}

func (a *app) plan(ctx context.Context, o *planOptions, operation string) error {
	v, err := o.view.view()
	if err != nil {
		return err
	}
	var plan *countermeasure.Plan
	if o.file != "" {
		raw, err := os.ReadFile(o.file)
		if err != nil {
			return err
		}
		if plan, err = countermeasure.ReadPlan(raw); err != nil {
			return fmt.Errorf("%s: %w", o.file, err)
		}
	}
	p, err := a.w.Plan(ctx, v, operation, o.states, plan)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(p)
	}
	return report.WritePlan(a.stdout, p, a.width(), a.colour())
}

func deterGapCommand(a *app) *cobra.Command {
	var view viewFlags
	var rule deter.Rule
	var asCoded bool
	c := &cobra.Command{
		Use: "gap [FILE...]", Short: "By state and year: answered, asked and silent, unknown",
		Long: `Three numbers by state and year, and no share of all, which would measure who was asked: operations that were answered, those a
record asked about in vain, and those nobody knows about. The share is of what was asked, with its 95 % interval. Without files it
tells of the workspace, with files of the data sets in them (EuRepoC's CSV). --as-coded counts the columns of the files as they
are, a zero as no response: that is what the data sets code, not what Marque says.`,
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		switch {
		case asCoded && len(args) == 0:
			return usageError{errors.New("--as-coded wants files; see marque deter gap --help")}
		case asCoded:
			return a.codedGap(c.Context(), args)
		case len(args) > 0:
			return a.codedSaid(c.Context(), args, coded.Rule{Naming: rule.Naming})
		}
		return a.opened(func(c *cobra.Command, _ []string) error { return a.answers(c.Context(), view, rule) })(c, args)
	}
	view.register(c, true)
	c.Flags().BoolVar(&rule.Naming, "naming", false, "count a public attribution as an answer")
	c.Flags().BoolVar(&asCoded, "as-coded", false, "count the columns of the files as they are")
	return c
}

func deterTableCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "table FILE...", Short: "Figures of EuRepoC and CFR as they code them", Args: cobra.MinimumNArgs(1),
		Long: `Counts and survival curves from EuRepoC's Global Database and attribution dataset and the CFR tracker (CSV, packed or not), as
coded: what others count from the same columns. A date of 1 January is a year there; the curves have bounds.`,
		RunE: func(c *cobra.Command, args []string) error {
			r, err := a.codedRecords(c.Context(), args)
			if err != nil {
				return err
			}
			figures := r.Table()
			if a.json {
				return a.printJSON(figures)
			}
			rows := [][]string{{"as coded", "value"}}
			for _, f := range figures {
				value := "–"
				if !f.None {
					value = strconv.FormatFloat(f.Value, 'g', 4, 64)
				}
				rows = append(rows, []string{f.Key, value})
			}
			return a.printTable(rows)
		},
	}
}

func deterEffectCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "effect FILE...", Short: "Did measures change anything: an interval and, nearly always, cannot be told", Args: cobra.MinimumNArgs(1),
		Long: `Tests well-known measures on EuRepoC's operations by month: an interrupted time series with other states as covariate, placebo
dates, and a correction for everything that is tested. No answer says that a measure had no effect.`,
		RunE: func(c *cobra.Command, args []string) error {
			r, err := a.codedRecords(c.Context(), args)
			if err != nil {
				return err
			}
			measures, err := coded.Measures()
			if err != nil {
				return err
			}
			answers := effect.Test(measures, r.Series, effect.Config{})
			if a.json {
				return a.printJSON(answers)
			}
			return a.printEffects(answers)
		},
	}
}

// printEffects tells each answer in two lines: what was tested, and what can be told.
func (a *app) printEffects(answers []effect.Answer) error {
	for _, x := range answers {
		told := fmt.Sprintf("%s: ratio %.2f (%.2f–%.2f), p %.3f, corrected %.2f; a fall by %.0f %% would have been seen",
			x.Verdict, x.Ratio, x.Low, x.High, x.P, x.Corrected, 100*x.SmallestDrop)
		if x.Verdict == effect.NotTested {
			told = fmt.Sprintf("%s: %s", x.Verdict, x.Why)
		}
		if err := a.print("%s, %s: %s\n  %s\n", x.State, x.Date.Format("2006-01-02"), x.What, told); err != nil {
			return err
		}
	}
	return nil
}

// answers tells of the workspace.
func (a *app) answers(ctx context.Context, view viewFlags, rule deter.Rule) error {
	s, err := a.snapshot(ctx, view)
	if err != nil {
		return err
	}
	fs, err := s.Followed(ctx, a.progress())
	a.done()
	if err != nil {
		return err
	}
	out := deter.ByStateAndYear(fs, rule)
	if a.json {
		return a.printJSON(out)
	}
	rows := [][]string{saidHeader}
	for _, x := range out {
		rows = append(rows, saidRow(s.Graph.CountryName(x.State), x.Year, x.Tally))
	}
	return a.printTable(rows)
}

var saidHeader = []string{"state", "year", "answered", "silent", "of these early", "unknown", "of the asked", "of all"}

// saidRow is a line of the three numbers, with the share of the asked and the bounds of all.
func saidRow(state string, year int, t silence.Tally) []string {
	began, share := "–", "–"
	if year > 0 {
		began = strconv.Itoa(year)
	}
	if s, ok := t.OfAsked(); ok {
		share = fmt.Sprintf("%.2f (%.2f–%.2f)", s.Value, s.Low, s.High)
	}
	low, high := t.Bounds()
	return []string{
		state, began, strconv.Itoa(t.Answered), strconv.Itoa(t.Silent), strconv.Itoa(t.Early), strconv.Itoa(t.Unknown), share,
		fmt.Sprintf("%.2f–%.2f", low, high),
	}
}

// codedSaid tells what can be said of the files.
func (a *app) codedSaid(ctx context.Context, paths []string, rule coded.Rule) error {
	r, err := a.codedRecords(ctx, paths)
	if err != nil {
		return err
	}
	said := r.Said(rule)
	if a.json {
		return a.printJSON(said)
	}
	rows := [][]string{saidHeader}
	for _, x := range said {
		rows = append(rows, saidRow(x.State, x.Year, x.Tally))
	}
	rows = append(rows, saidRow("all, each once", 0, r.Total(rule)))
	return a.printTable(rows)
}

// codedGap counts the columns of the files.
func (a *app) codedGap(ctx context.Context, paths []string) error {
	r, err := a.codedRecords(ctx, paths)
	if err != nil {
		return err
	}
	gaps := r.Gap()
	if a.json {
		return a.printJSON(gaps)
	}
	rows := [][]string{{"state", "year", "operations", "responded", "countermeasures unused", "without, as coded"}}
	for _, g := range gaps {
		year, s := "–", g.Impunity()
		if g.Year > 0 {
			year = strconv.Itoa(g.Year)
		}
		rows = append(rows, []string{
			g.State, year, strconv.Itoa(g.Operations), strconv.Itoa(g.Responded), strconv.Itoa(g.Unused), fmt.Sprintf("%.3f (%.3f–%.3f)", s.Value, s.Low, s.High),
		})
	}
	return a.printTable(rows)
}

// codedRecords reads data sets, each known by its header. A row that cannot be read is named on standard error and counts nowhere.
func (a *app) codedRecords(ctx context.Context, paths []string) (*coded.Records, error) {
	const maxFile = 1 << 30
	var files coded.Files
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		data, err := unpack.All(ctx, f, maxFile)
		if err == nil {
			err = files.Add(data)
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	r, err := coded.Read(files)
	if err != nil {
		return nil, err
	}
	for _, bad := range r.Bad {
		a.say("not counted: %v", bad)
	}
	return r, nil
}

func (a *app) printTable(rows [][]string) error {
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	p.Table(rows)
	return p.Err()
}
