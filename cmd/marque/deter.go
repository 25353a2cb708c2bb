package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"marque/deter"
	"marque/deter/coded"
	"marque/deter/effect"
	"marque/deter/silence"
	"marque/internal/unpack"
	"marque/report"
)

func deterCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "deter", Short: "What it cost them: what was answered, what nobody knows, and whether it changed anything"}
	c.AddCommand(deterGapCommand(a), deterTableCommand(a), deterEffectCommand(a))
	return c
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
