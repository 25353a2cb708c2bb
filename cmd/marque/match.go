package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"marque/match"
	"marque/report"
	"marque/workspace"

	"github.com/spf13/cobra"
)

type matchOptions struct {
	hits     string
	explain  string
	mappings []string
	workspace.MatchOptions
}

func matchCommand(a *app) *cobra.Command {
	var o matchOptions
	c := &cobra.Command{
		Use: "match EVENTS...", Short: "Match events against the indicators of the workspace",
		Args: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("explain-line") {
				return cobra.MaximumNArgs(1)(c, args)
			}
			return cobra.MinimumNArgs(1)(c, args)
		},
		Long: `Reads event files (OCSF, ECS, Zeek, Suricata EVE, CEF, LEEF, Windows and Sysmon, CloudTrail, Microsoft 365 and others, see
docs/formats.md; as lines, lists, tables or XML, packed or not), folders or standard input as "-", and matches each event against the STIX indicators of the workspace. Hits are counted as sightings (indicator ×
sensor × hour) and kept; --hits prints each, with whom it happened to and its reason. Lines that cannot be read are counted by reason
and kept in the quarantine. docs/events.md describes formats and mappings.

--explain-line tells how one line is read: its text is the value, or its number where a file is named. --mapping tries mapping
files that are not configured.

Interrupted, the same command goes on where it stood; with other indicators, or other content in a file, it begins anew.`,
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("explain-line") {
				return a.explainLine(c.Context(), o, args)
			}
			if len(o.mappings) > 0 {
				return usageError{errors.New("--mapping goes with --explain-line; the setting mappings is for all events")}
			}
			if err := checkHits(o.hits); err != nil {
				return err
			}
			if o.Follow {
				if len(args) != 1 || args[0] == "-" {
					return usageError{errors.New("--follow: want one file; events: follow of the configuration takes folders")}
				}
				return a.match(c.Context(), o, args)
			}
			paths, err := expand(args)
			if err != nil {
				return err
			}
			return a.match(c.Context(), o, paths)
		}),
	}
	c.Flags().StringVar(&o.hits, "hits", "", hitsHelp)
	c.Flags().Lookup("hits").NoOptDefVal = hitsAuto
	c.Flags().StringVar(&o.explain, "explain-line", "", "tell how this line is read, or the line of this number in the file that is named")
	c.Flags().StringSliceVar(&o.mappings, "mapping", nil, "with --explain-line: mapping files that are tried first")
	c.Flags().BoolVar(&o.Keep, "keep", true, "keep sightings in the workspace")
	c.Flags().BoolVarP(&o.Follow, "follow", "f", false, "match what is added to one file from now on, over its rotations, until interrupted")
	c.Flags().BoolVar(&o.Lake, "lake", false, "keep the events in the lake, so that marque hunt can look back")
	c.Flags().Int64Var(&o.SegmentBytes, "checkpoint-bytes", 1<<30, "text between two checkpoints")
	return c
}

func (a *app) match(ctx context.Context, o matchOptions, paths []string) error {
	var printErr error
	if o.hits != "" {
		show, end := a.hitPrinter(context.WithoutCancel(ctx), o.hits) // what is found is told, also when it is the last
		o.Hit = func(h match.Hit) { printErr = errors.Join(printErr, show(h)) }
		defer end()
	}
	o.Stdin, o.Progress = a.stdin, a.progress()
	if o.Follow {
		o.Stats = a.liveLine()
	}
	o.Unusable = func(err error) { a.say("  %v", err) }
	res, err := a.w.Match(ctx, o.MatchOptions, paths...)
	a.done()
	if res == nil {
		return errors.Join(err, printErr)
	}
	if o.hits == hitsCSV {
		return errors.Join(err, printErr) // the table is the answer
	}
	return errors.Join(err, printErr, a.printMatch(res))
}

// explainLine tells how one line of events is read.
func (a *app) explainLine(ctx context.Context, o matchOptions, args []string) error {
	x := workspace.ExplainOptions{Text: o.explain, Stdin: a.stdin, Mappings: o.mappings, Unusable: func(err error) { a.say("  %v", err) }}
	if len(args) == 1 {
		n, err := strconv.ParseInt(o.explain, 10, 64)
		if err != nil || n < 1 {
			return usageError{fmt.Errorf("--explain-line %q: want the number of a line of %s", o.explain, args[0])}
		}
		x.Path, x.Line = args[0], n
	}
	e, err := a.w.ExplainLine(ctx, x)
	if err != nil {
		return err
	}
	if a.json {
		err = a.printJSON(e)
	} else {
		p := report.NewPrinter(a.stdout, a.width(), a.colour())
		p.EventLine(e)
		err = p.Err()
	}
	if err == nil && e.Refused() {
		return workspace.ErrNotUnderstood
	}
	return err
}

func (a *app) printMatch(r *workspace.MatchResult) error {
	if a.json {
		return a.printJSON(r)
	}
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	rate := float64(r.Stats.Events) / max(r.Stats.Elapsed.Seconds(), 1e-9)
	p.Para(fmt.Sprintf("%d events from %d lines against %d indicators: %d events met one (%.1f s, %.0f events/s)",
		r.Stats.Events, r.Stats.Lines, r.Indicators, r.Stats.Matched, r.Stats.Elapsed.Seconds(), rate))
	if r.Unusable > 0 {
		p.Dim(fmt.Sprintf("%d indicators can match nothing and were left out", r.Unusable))
	}
	if r.Resumed > 0 {
		p.Dim(fmt.Sprintf("%d lines before these were matched by an earlier run that was interrupted; the counts below are of both", r.Resumed))
	}
	for _, f := range r.Sequences {
		p.Para(f.Line())
	}
	for reason, n := range r.Stats.Bad {
		p.Dim(fmt.Sprintf("%d lines set aside: %s", n, reason))
	}
	for _, format := range slices.Sorted(maps.Keys(r.Stats.Empty)) {
		none := r.Stats.Empty[format]
		p.Dim(fmt.Sprintf("%d events taken for %s hold no value that is looked for", none.Events, format))
		if 10*none.Events > r.Stats.Events {
			p.Dim("  such as " + none.Sample)
		}
	}
	type key struct{ actor, sponsor string }
	counts := map[key]uint64{}
	for _, row := range r.Rollup {
		counts[key{row.Actor, row.Sponsor}] += row.Events
	}
	table := [][]string{{"actor", "sponsor", "events"}}
	for k, n := range counts {
		table = append(table, []string{cmp.Or(k.actor, "not named"), cmp.Or(k.sponsor, "–"), fmt.Sprint(n)})
	}
	slices.SortFunc(table[1:], func(x, y []string) int {
		return cmp.Or(cmp.Compare(len(y[2]), len(x[2])), cmp.Compare(y[2], x[2]), cmp.Compare(x[0], y[0]))
	})
	if len(table) > 1 {
		p.Table(table)
	}
	return p.Err()
}
