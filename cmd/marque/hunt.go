package main

import (
	"context"
	"errors"
	"fmt"

	"marque/match"
	"marque/workspace"

	"github.com/spf13/cobra"
)

type huntOptions struct {
	from, until string
	hits        string
	workspace.HuntOptions
}

func huntCommand(a *app) *cobra.Command {
	var o huntOptions
	c := &cobra.Command{
		Use: "hunt", Short: "Look indicators up in the events of the past", Args: cobra.NoArgs,
		Long: `Looks the indicators of the workspace, those of one actor, or STIX patterns given here, up in the lake. Hits are printed as
they are found, newest hours first: sentences on a terminal, JSON lines elsewhere, or as --hits says. Those of indicators are kept as sightings, and sequences in them as notes; a
pattern given here is only tried. marque match --lake and marque serve fill the lake.`,
		Example: `  marque hunt --actor "Fancy Bear" --from 2024-03-01
  marque hunt --pattern "[domain-name:value = 'bad.example']" --pattern "[url:value LIKE '%/gate.php']"`,
		RunE: func(c *cobra.Command, args []string) error {
			var err error
			if o.From, err = parseDay("from", o.from); err != nil {
				return err
			}
			if o.Until, err = parseDay("until", o.until); err != nil {
				return err
			}
			if err := checkHits(o.hits); err != nil {
				return err
			}
			if o.Actor != "" && len(o.Patterns) > 0 {
				return usageError{errors.New("--actor and --pattern exclude each other: hunt twice")}
			}
			for _, p := range o.Patterns {
				if _, err := parsePattern(p, ""); err != nil {
					return fmt.Errorf("--pattern %s: %w", p, err)
				}
			}
			return a.opened(func(c *cobra.Command, _ []string) error { return a.hunt(c.Context(), o.hits, o.HuntOptions) })(c, args)
		},
	}
	c.Flags().StringVar(&o.Actor, "actor", "", "only indicators of this actor, by any of its names")
	c.Flags().StringArrayVar(&o.Patterns, "pattern", nil, "a STIX pattern instead of the workspace's indicators; may be repeated")
	c.Flags().StringVar(&o.hits, "hits", hitsAuto, "how hits are printed: text, jsonl or csv (default: text on a terminal, else jsonl)")
	c.Flags().StringVar(&o.from, "from", "", "first day")
	c.Flags().StringVar(&o.until, "until", "", "day at which to end")
	return c
}

func (a *app) hunt(ctx context.Context, hits string, o workspace.HuntOptions) error {
	var printErr error
	show, end := a.hitPrinter(ctx, hits)
	o.Hit = func(h match.Hit) { printErr = errors.Join(printErr, show(h)) }
	defer end()
	o.Unusable = func(err error) { a.say("  %v", err) }
	o.Progress = a.progress()
	res, err := a.w.Hunt(ctx, o)
	a.done()
	if res == nil {
		return err
	}
	for _, f := range res.Sequences {
		a.say("%s", f.Line())
	}
	a.say("%s in %s of %s: %s met one (%.1f s)", count(res.Indicators, "indicator"), count(res.Stats.Rows, "row"),
		count(res.Stats.Files, "file"), count(res.Stats.Matched, "event"), res.Stats.Elapsed.Seconds())
	if res.Stats.Files == 0 {
		a.say("the lake holds no events; marque match --lake and marque serve fill it")
	}
	return errors.Join(err, printErr)
}
