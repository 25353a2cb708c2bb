package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"marque/casebook"
	"marque/report"
	"marque/workspace"
)

func demoCommand(a *app) *cobra.Command {
	var dir string
	var seed uint64
	var events int
	c := &cobra.Command{
		Use: "demo", Short: "The whole way on data that Marque brings along", Args: cobra.NoArgs,
		Long: `Makes a workspace of its own, reads the casebook, matches a day of synthetic events, judges every operation, enters the
judgements in the ledger, verifies it, prints the brief, and writes it as HTML and STIX beside the workspace.`,
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
	a.say("")
	if err := report.Text(a.stdout, b.Brief, a.width(), a.colour()); err != nil {
		return err
	}
	a.say("\nGo on with this workspace, for example: marque --home %s claims; marque --home %s attribute kyivstar --explain", a.w.Dir, a.w.Dir)
	return nil
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
