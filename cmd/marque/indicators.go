package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"marque/report"
	"marque/workspace"
)

func indicatorsCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "indicators", Short: "What events are matched with: list, accept, extend, revoke",
		Long: `What a report gives to look for (what it made harmless, digests, addresses, what stands in its tables) is a candidate, which matches nothing
until it is accepted: by marque indicators accept, by marque ingest --indicators accept, or by the setting indicators: accept. It then
holds since always, as far as is known, and expires some days after the report, by kind (setting expiry_days).`,
	}
	c.AddCommand(indicatorsListCommand(a), indicatorsAcceptCommand(a), indicatorsRejectCommand(a), indicatorsExtendCommand(a), indicatorsRevokeCommand(a))
	return c
}

func registerIndicatorFilter(c *cobra.Command, f *workspace.IndicatorFilter) {
	c.Flags().StringVar(&f.Kind, "kind", "", "only this kind: ip, ipv4, ipv6, cidr, domain, url, email, md5, sha1, sha256, sha512")
	c.Flags().StringVar(&f.Report, "report", "", "only what a report names: a part of its title, or its id")
	c.Flags().StringVar(&f.Text, "text", "", "only where value, pattern or name have this text")
}

func indicatorsListCommand(a *app) *cobra.Command {
	var f workspace.IndicatorFilter
	limit := 200
	c := &cobra.Command{
		Use: "list", Short: "The indicators of the workspace, and what reports give to be one", Args: cobra.NoArgs,
		Example: "  marque indicators list --state candidate --report \"Copper Finch\"",
		RunE: func(c *cobra.Command, args []string) error {
			if f.State != "" && !slices.Contains(workspace.IndicatorStates, f.State) {
				return usageError{fmt.Errorf("--state %q: want one of %s", f.State, strings.Join(workspace.IndicatorStates, ", "))}
			}
			return a.opened(func(c *cobra.Command, _ []string) error {
				rows, err := a.w.Indicators(c.Context(), f)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(rows)
				}
				p := report.NewPrinter(a.stdout, a.width(), a.colour())
				p.Indicators(indicatorLines(rows), limit)
				return p.Err()
			})(c, args)
		},
	}
	registerIndicatorFilter(c, &f)
	c.Flags().StringVar(&f.State, "state", "", strings.Join(workspace.IndicatorStates, ", "))
	c.Flags().IntVar(&limit, "limit", limit, "print so many; 0 is all")
	return c
}

// indicatorLines are rows as they are printed.
func indicatorLines(rows []*workspace.IndicatorRow) []report.IndicatorLine {
	out := make([]report.IndicatorLine, len(rows))
	for i, r := range rows {
		out[i] = report.IndicatorLine{State: r.State, Kind: r.Kind, Value: r.Value, Until: r.ValidUntil, By: r.CreatedBy}
		if r.Value == "" {
			out[i].Value = r.Pattern
		}
		for _, d := range r.Reports {
			out[i].Reports = append(out[i].Reports, d.Name)
		}
	}
	return out
}

// chooseIndicators are the candidates that the names or the filter of a command choose.
func (a *app) chooseIndicators(ctx context.Context, names []string, f workspace.IndicatorFilter, all bool) ([]*workspace.IndicatorRow, error) {
	if len(names) > 0 {
		return a.w.PickIndicators(ctx, names)
	}
	if !all && f.Report == "" && f.Kind == "" && f.Text == "" {
		return nil, usageError{errors.New("no candidate named: name values or ids, or choose with --report, --kind, --text or --all")}
	}
	f.State = workspace.IndicatorCandidate
	return a.w.Indicators(ctx, f)
}

type untilOptions struct {
	until   string
	days    int
	forever bool
}

func (o *untilOptions) register(c *cobra.Command) {
	c.Flags().StringVar(&o.until, "until", "", "the day on which they expire")
	c.Flags().IntVar(&o.days, "days", 0, "they expire so many days from now")
	c.Flags().BoolVar(&o.forever, "forever", false, "they do not expire")
}

// end is when indicators expire, nil for never; said is false where nothing was told.
func (o *untilOptions) end(now time.Time) (until *time.Time, said bool, err error) {
	n := 0
	for _, set := range []bool{o.until != "", o.days != 0, o.forever} {
		if set {
			n++
		}
	}
	switch {
	case n > 1:
		return nil, false, usageError{errors.New("--until, --days and --forever together; choose one")}
	case o.days < 0:
		return nil, false, usageError{fmt.Errorf("--days %d: want a number of days from now", o.days)}
	case o.until != "":
		t, err := parseDay("until", o.until)
		return &t, true, err
	case o.days > 0:
		t := now.AddDate(0, 0, o.days)
		return &t, true, nil
	}
	return nil, o.forever, nil
}

func indicatorsAcceptCommand(a *app) *cobra.Command {
	var f workspace.IndicatorFilter
	var o untilOptions
	var all bool
	c := &cobra.Command{
		Use: "accept [VALUE...]", Short: "Make indicators of candidates, so that they match",
		Example: "  marque indicators accept --report \"Copper Finch\" --days 180",
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			until, said, err := o.end(a.now())
			if err != nil {
				return err
			}
			if o.forever {
				until = new(time.Time)
			} else if !said {
				until = nil
			}
			rows, err := a.chooseIndicators(c.Context(), args, f, all)
			if err != nil {
				return err
			}
			accepted, err := a.w.AcceptIndicators(c.Context(), rows, until)
			return a.printChanged(accepted, "accepted", err)
		}),
	}
	registerIndicatorFilter(c, &f)
	o.register(c)
	c.Flags().BoolVar(&all, "all", false, "all candidates")
	return c
}

func indicatorsRejectCommand(a *app) *cobra.Command {
	var f workspace.IndicatorFilter
	var all bool
	c := &cobra.Command{
		Use: "reject [VALUE...]", Short: "Take candidates out of the list for good",
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			rows, err := a.chooseIndicators(c.Context(), args, f, all)
			if err != nil {
				return err
			}
			n, err := a.w.RejectIndicators(c.Context(), rows)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]int{"rejected": n})
			}
			return a.print("%s rejected\n", count(n, "candidate"))
		}),
	}
	registerIndicatorFilter(c, &f)
	c.Flags().BoolVar(&all, "all", false, "all candidates")
	return c
}

func indicatorsExtendCommand(a *app) *cobra.Command {
	var o untilOptions
	c := &cobra.Command{
		Use: "extend VALUE...", Short: "Give indicators another end", Args: cobra.MinimumNArgs(1),
		Long: `Makes a new version of each indicator that is this workspace's own: of a report, a table or a list. Those of others keep the end that
their creators gave them.`,
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			until, said, err := o.end(a.now())
			if err != nil {
				return err
			}
			if !said {
				return usageError{errors.New("say until when: --days, --until or --forever")}
			}
			rows, err := a.w.PickIndicators(c.Context(), args)
			if err != nil {
				return err
			}
			changed, err := a.w.ExtendIndicators(c.Context(), rows, until)
			return a.printChanged(changed, "extended", err)
		}),
	}
	o.register(c)
	return c
}

func indicatorsRevokeCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "revoke VALUE...", Short: "Withdraw indicators, which match nothing from then on", Args: cobra.MinimumNArgs(1),
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			rows, err := a.w.PickIndicators(c.Context(), args)
			if err != nil {
				return err
			}
			changed, err := a.w.RevokeIndicators(c.Context(), rows)
			return a.printChanged(changed, "revoked", err)
		}),
	}
}

// reviewIndicators accepts or rejects candidates for indicators that ids or a document choose, or lists them.
func (a *app) reviewIndicators(ctx context.Context, o reviewOptions, ids []string) error {
	f := workspace.IndicatorFilter{State: workspace.IndicatorCandidate, Report: o.filter.Document}
	rows, err := a.w.Indicators(ctx, f)
	if err == nil && len(ids) > 0 {
		rows, err = a.w.PickIndicators(ctx, ids)
	}
	switch {
	case err != nil:
		return err
	case o.accept && !o.preview:
		accepted, err := a.w.AcceptIndicators(ctx, rows, nil)
		return a.printChanged(accepted, "accepted", err)
	case o.reject && !o.preview:
		n, err := a.w.RejectIndicators(ctx, rows)
		if err != nil || a.json {
			return errors.Join(err, a.printJSON(map[string]int{"rejected": n}))
		}
		return a.print("%s rejected\n", count(n, "candidate"))
	case a.json:
		return a.printJSON(rows)
	}
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	p.Indicators(indicatorLines(rows), o.limit)
	return p.Err()
}

// printChanged says what became of indicators, or the error that kept it from becoming.
func (a *app) printChanged(rows []*workspace.IndicatorRow, what string, err error) error {
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(rows)
	}
	expired := 0
	for _, r := range rows {
		if r.State == workspace.IndicatorExpired {
			expired++
		}
	}
	if err := a.print("%s %s\n", count(len(rows), "indicator"), what); err != nil || expired == 0 {
		return err
	}
	return a.print("  %d of them past their term, so they match events of before only; --days, --until or --forever of extend give them another\n", expired)
}
