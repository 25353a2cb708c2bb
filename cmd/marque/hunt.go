package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"marque/graph"
	"marque/lake"
	"marque/match"
	"marque/stix"
	"marque/stix/pattern"
)

type huntOptions struct {
	actor    string
	patterns []string
	cfg      lake.HuntConfig
}

func huntCommand(a *app) *cobra.Command {
	var o huntOptions
	var from, until string
	c := &cobra.Command{
		Use: "hunt", Short: "Look indicators up in the events of the past", Args: cobra.NoArgs,
		Long: `Looks the indicators of the workspace, those of one actor, or STIX patterns given here, up in the lake. Hits are printed as
JSON lines as they are found, newest hours first. Those of indicators are kept as sightings, and sequences in them as notes; a
pattern given here is only tried. marque match --lake and marque serve fill the lake.`,
		Example: `  marque hunt --actor "Fancy Bear" --from 2024-03-01
  marque hunt --pattern "[domain-name:value = 'bad.example']" --pattern "[url:value LIKE '%/gate.php']"`,
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if o.cfg.From, err = parseDay("from", from); err != nil {
				return err
			}
			if o.cfg.Until, err = parseDay("until", until); err != nil {
				return err
			}
			if o.actor != "" && len(o.patterns) > 0 {
				return usageError{errors.New("--actor and --pattern exclude each other: hunt twice")}
			}
			if err := a.open(c.Context()); err != nil {
				return err
			}
			return a.hunt(c.Context(), o)
		},
	}
	c.Flags().StringVar(&o.actor, "actor", "", "only indicators of this actor, by any of its names")
	c.Flags().StringArrayVar(&o.patterns, "pattern", nil, "a STIX pattern instead of the workspace's indicators; may be repeated")
	c.Flags().StringVar(&from, "from", "", "first day")
	c.Flags().StringVar(&until, "until", "", "day at which to end")
	return c
}

func (a *app) hunt(ctx context.Context, o huntOptions) error {
	l, err := a.openLake()
	if err != nil {
		return err
	}
	in, err := a.quarry(ctx, o)
	if err != nil {
		return err
	}
	cfg := o.cfg
	if cfg.Allow, err = a.allowLists(); err != nil {
		return err
	}
	if in.watcher.Len() > 0 {
		cfg.Watchers = []match.Watcher{in.watcher}
	}
	trail, err := newTrail()
	if err != nil {
		return err
	}
	bar := a.bar("hunt")
	var printErr error
	cfg.Hit = func(h match.Hit) {
		printErr = errors.Join(printErr, a.printLine(h))
		trail.add(h)
	}
	cfg.Progress = func(s lake.HuntStats) { bar.to(int64(s.Files), int64(s.TotalFiles)) }
	stats, tally, err := l.Hunt(ctx, in.values, cfg)
	bar.done()
	if tally != nil && len(o.patterns) == 0 {
		rows := tally.SightingRows()
		found := trail.find(rows)
		_, perr := a.putSightings(ctx, rows)
		if perr = errors.Join(perr, a.putSequences(ctx, found)); perr != nil {
			return errors.Join(err, perr)
		}
		for _, f := range found {
			a.say("%s", sequenceLine(f))
		}
	}
	a.say("%d indicators in %d rows of %d files: %d events met one (%.1f s)", in.count, stats.Rows, stats.Files, stats.Matched, stats.Elapsed.Seconds())
	return errors.Join(err, printErr)
}

// quarry is what a hunt looks for: patterns from the command line, or indicators of the workspace.
func (a *app) quarry(ctx context.Context, o huntOptions) (*compiled, error) {
	if len(o.patterns) > 0 {
		out := &compiled{watcher: match.NewPatternWatcher()}
		for _, p := range o.patterns {
			c, err := match.CompilePattern(match.Indicator{ID: p}, p)
			if err != nil {
				return nil, fmt.Errorf("--pattern %s: %w", p, err)
			}
			out.add(c)
		}
		return out, nil
	}
	g, err := graph.Load(ctx, a.reader(), graph.Options{})
	if err != nil {
		return nil, err
	}
	in, err := a.compileIndicators(ctx, g, actorNamed(g, o.actor))
	if err == nil && in.count == 0 {
		err = errors.New("no indicators in this workspace; marque ingest reads them from STIX, MISP and CSV")
		if o.actor != "" {
			err = fmt.Errorf("no indicators of %q in this workspace; marque actor %q tells who is meant", o.actor, o.actor)
		}
	}
	return in, err
}

// actorNamed tells whether an actor is one that the name may mean. An ambiguous name means all of its candidates; no name,
// everybody and nobody.
func actorNamed(g *graph.Graph, name string) func(stix.ID) bool {
	if name == "" {
		return func(stix.ID) bool { return true }
	}
	meant := g.Resolve(name)
	return func(actor stix.ID) bool {
		for _, c := range meant.Candidates {
			if g.Same(c.ID, actor) {
				return true
			}
		}
		return strings.EqualFold(g.Name(actor), name)
	}
}

// add takes a compiled indicator in.
func (c *compiled) add(m match.Compiled) {
	c.count++
	c.values = append(c.values, m.Values...)
	if m.Program != nil {
		c.watcher.Add(m.Head, m.Program, pattern.Limits{})
	}
}
