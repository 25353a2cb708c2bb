package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"marque/casebook"
	"marque/ingest"
	"marque/report"
	"marque/workspace"
)

func demoCommand(a *app) *cobra.Command {
	var dir string
	var seed uint64
	var events int
	c := &cobra.Command{
		Use: "demo", Short: "The whole way on data that Marque brings along", Args: cobra.NoArgs,
		Long: `Makes a workspace of its own, reads the casebook, then rows of two data sets that tell of the same operations; joins them, lets a person settle
the pair that is left open and judge an operation; matches a day of synthetic events, judges every operation, enters all of it in the ledger,
says what changed and because of what, prints the brief, and writes it as HTML and STIX beside the workspace.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if a.home == "" {
				a.home = filepath.Join(dir, "workspace")
			}
			return a.demo(c.Context(), dir, seed, events)
		},
	}
	c.Flags().StringVar(&dir, "dir", "out", "folder for the workspace, the events and the brief")
	c.Flags().Uint64Var(&seed, "seed", 1, "seed of the synthetic events")
	c.Flags().IntVar(&events, "events", 20000, "how many synthetic events")
	return c
}

func (a *app) demo(ctx context.Context, dir string, seed uint64, events int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := a.open(ctx); err != nil {
		return err
	}
	res, err := a.w.IngestCasebook(ctx)
	if err != nil {
		return err
	}
	a.say("casebook: %s, %d of them new", count(res.Objects, "object"), res.Added)
	before, err := a.joinDemo(ctx)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "events.jsonl")
	if err := writeEvents(path, seed, events); err != nil {
		return err
	}
	matched, err := a.w.Match(ctx, workspace.MatchOptions{Keep: true, Progress: a.progress()}, path)
	if err != nil {
		return err
	}
	a.say("%d synthetic events against %s: %d met one", matched.Stats.Events, count(matched.Indicators, "indicator"), matched.Stats.Matched)
	b, err := a.judgeDemo(ctx, dir)
	if err != nil {
		return err
	}
	if a.json {
		return report.JSON(a.stdout, b.Brief)
	}
	if err := a.demoChanges(ctx, before); err != nil {
		return err
	}
	a.say("")
	if err := report.Text(a.stdout, b.Brief, a.width(), a.colour()); err != nil {
		return err
	}
	a.say("\nGo on with this workspace, for example: marque --home %s claims; marque --home %s attribute kyivstar --explain", a.w.Dir, a.w.Dir)
	return nil
}

// What a person says in the demo.
const (
	demoPerson = "the demo's analyst"
	demoJoin   = "one night in April 2015, one broadcaster: the date in one list is that of a report"
)

// joinDemo reads two data sets that tell of the same operations. What joins by itself is told; a person settles the pair that is left open, and
// judges the operation. Once it is done, nothing is said again. It returns the time between the two.
func (a *app) joinDemo(ctx context.Context) (before time.Time, err error) {
	err = a.w.IngestExcerpt(ctx, func(name string, res ingest.Result) {
		a.say("%s: %s, %d of them new", name, count(res.Objects, "object"), res.Added)
		if before.IsZero() {
			before = a.now().UTC() // what came with the second set is what changed
		}
	})
	if err != nil {
		return before, err
	}
	return before, a.settleDemo(ctx)
}

// settleDemo is what a person says of what was joined and what was not.
func (a *app) settleDemo(ctx context.Context) error {
	s, err := a.w.Snapshot(ctx, workspace.Owner())
	if err != nil {
		return err
	}
	joined := 0
	for _, e := range s.Graph.Operations() {
		if len(e.Members) > 1 {
			joined++
		}
	}
	a.say("joined: %s told by both", count(joined, "operation"))
	for _, j := range s.Unsettled() {
		said, err := a.w.Join(ctx, workspace.Word{A: string(j.A.ID), B: string(j.B.ID), Reason: demoJoin, By: demoPerson})
		if err != nil {
			return err
		}
		a.say("a pair that waited (%.0f %%): %s says that %q and %q are one", 100*j.Probability, demoPerson, said.A.Name, said.B.Name)
	}
	x, err := a.w.Assessed(ctx, workspace.Owner(), "TV5 Le Monde Attack 2015")
	if err != nil || len(x.Analysts) > 0 {
		return err
	}
	view, err := a.w.Assess(ctx, workspace.Owner(), workspace.PersonsView{
		Operation: string(x.Operation.ID), KeyJudgement: "Russian military intelligence did it under a false flag.", Actor: "Forest Blizzard", State: "RU", Word: "very likely",
		Confidence: "moderate", Dissent: "Nobody has shown the broadcaster's logs; a second reader would say likely.",
		Signed: workspace.Signed{By: demoPerson, Reason: "the French authorities and two companies came to it apart"},
	})
	if err != nil {
		return err
	}
	a.say("%s on it: %s (%s, %.0f %%); the computed judgement parts from it in %s", demoPerson, view.KeyJudgement, view.Word, 100*view.Probability, count(len(view.Differs), "point"))
	return nil
}

// demoChanges prints what changed since the second data set came.
func (a *app) demoChanges(ctx context.Context, since time.Time) error {
	c, err := a.w.Diff(ctx, workspace.Owner(), since, time.Time{}, a.progress())
	if err != nil {
		return err
	}
	a.done()
	return report.Text(a.stdout, c.Brief(a.now().UTC()), a.width(), a.colour())
}

// judgeDemo judges, signs and writes the brief.
func (a *app) judgeDemo(ctx context.Context, dir string) (*workspace.Brief, error) {
	if err := a.w.RecordMeasures(ctx); err != nil {
		return nil, err
	}
	b, err := a.w.Brief(ctx, workspace.Owner(), report.Options{Generated: a.now().UTC(), Detail: 25}, casebook.Synthetic, a.progress())
	if err != nil {
		return nil, err
	}
	s, err := a.w.Snapshot(ctx, workspace.Owner())
	if err != nil {
		return nil, err
	}
	if err := a.w.KeepJudgements(ctx, s, b.Assessments, true); err != nil {
		return nil, err
	}
	l, err := a.w.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	a.say("%s on %s; the ledger holds %s", count(len(b.Assessments), "judgement"), count(b.Counts.Operations, "operation"), count(l.Size(), "signed entry"))
	for format, name := range map[string]string{"html": "brief.html", "stix": "brief.stix.json"} {
		if err := a.writeBrief(ctx, b, format, filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func writeEvents(path string, seed uint64, n int) error {
	domains, err := casebook.Domains()
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := casebook.WriteDay(f, seed, n, domains); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return f.Close()
}
