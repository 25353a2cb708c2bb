package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"marque/casebook"
	"marque/ingest"
	"marque/report"
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
			return a.demo(c, dir, seed, events)
		},
	}
	c.Flags().StringVar(&dir, "dir", "out", "folder for the workspace, the events and the brief")
	c.Flags().Uint64Var(&seed, "seed", 1, "seed of the synthetic events")
	c.Flags().IntVar(&events, "events", 20000, "how many synthetic events")
	return c
}

func (a *app) demo(c *cobra.Command, dir string, seed uint64, events int) error {
	ctx := c.Context()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := a.open(ctx); err != nil {
		return err
	}
	src, err := casebook.Source()
	if err != nil {
		return err
	}
	res, err := ingest.New(a.db, a.registry(ctx), ingest.Config{TLP: a.cfg.TLP, Now: a.now}).Stream(ctx, "casebook", src)
	if err != nil {
		return err
	}
	a.say("casebook: %d objects, %d of them new", res.Objects, res.Added)
	path := filepath.Join(dir, "events.jsonl")
	if err := writeEvents(path, seed, events); err != nil {
		return err
	}
	matched, err := a.match(ctx, []string{path}, matchOptions{keep: true})
	if err != nil {
		return err
	}
	a.say("%d synthetic events against %d indicators: %d met one", matched.Stats.Events, matched.Indicator, matched.Stats.Matched)
	if err := a.recordMeasures(ctx); err != nil {
		return err
	}
	b, as, err := a.brief(ctx, report.Options{Generated: a.now().UTC(), Detail: 25}, casebook.Synthetic)
	if err != nil {
		return err
	}
	if err := a.keepAssessments(c, as); err != nil {
		return err
	}
	l, err := a.judgements()
	if err != nil {
		return err
	}
	a.say("%d judgements on %d operations; the ledger holds %d signed entries", len(as), b.Counts.Operations, l.Size())
	for _, f := range []string{"html", "stix"} {
		name := map[string]string{"html": "brief.html", "stix": "brief.stix.json"}[f]
		if err := a.writeBrief(b, as, f, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	if a.json {
		return report.JSON(a.stdout, b)
	}
	a.say("")
	if err := report.Text(a.stdout, b, a.width(), a.colour()); err != nil {
		return err
	}
	a.say("\nGo on with this workspace: marque --home %s claims, attribute, graph show, verify, report", a.home)
	return nil
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

// recordMeasures enters the measures of the workspace in the ledger: each is there once, in each version.
func (a *app) recordMeasures(ctx context.Context) error {
	l, err := a.judgements()
	if err != nil {
		return err
	}
	objects, err := a.measures(ctx)
	if err != nil {
		return err
	}
	_, err = l.Append(objects)
	return err
}
