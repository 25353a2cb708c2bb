package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"marque/report"
	"marque/stix"
)

func yearCommand(a *app) *cobra.Command {
	var o reportOptions
	c := &cobra.Command{
		Use: "year", Short: "The yearly report of any window: what happened, who for whom, what followed, and what changed", Args: cobra.NoArgs,
		Long: `Tells of a window beside the window of the same length before it: the blurred line by quarter, who works for whom, motives, sponsor and target,
mercenaries, denials, sites and what took their place, measures and silence, attributions made together, hits by state, what changed, method and
limits. Two pages of summary first; each sentence has its sources, or the table that it sums up. --out FILE takes the format from the
file's ending (.html, which prints on A4, .md, .json, .stix.json, .txt). What is not known is unknown.`,
		RunE: func(c *cobra.Command, args []string) error {
			ro, err := o.window(a)
			if err != nil {
				return err
			}
			if ro.From.IsZero() || ro.To.IsZero() {
				return usageError{errors.New("--from and --to are needed: the window that is told of, such as --from 2023-07-01 --to 2024-06-30")}
			}
			return a.opened(func(c *cobra.Command, _ []string) error { return a.yearly(c.Context(), &o, ro) })(c, args)
		},
	}
	o.view.register(c, true)
	c.Flags().StringVar(&o.from, "from", "", "first day of the window, such as 2023-07-01")
	c.Flags().StringVar(&o.to, "to", "", "last day of the window")
	c.Flags().StringVar(&o.format, "format", "", "text, markdown, html, json or stix")
	c.Flags().StringVarP(&o.out, "out", "o", "", "write to this file")
	return c
}

func (a *app) yearly(ctx context.Context, o *reportOptions, ro report.Options) error {
	v, err := o.view.view()
	if err != nil {
		return err
	}
	if o.format == "stix" && o.view.tlp == "" {
		v.Level = stix.AmberStrict // TLP:RED leaves in no bundle
	}
	y, err := a.w.Year(ctx, v, ro.From, ro.To, a.progress())
	if err != nil {
		return err
	}
	a.done()
	if y.Level == stix.Red && o.out != "" && o.view.tlp == "" {
		return usageError{fmt.Errorf("the report rests on TLP:RED; --tlp red writes it to %s all the same, --tlp amber+strict makes one without", o.out)}
	}
	err = a.writeTo(o.out, func(w io.Writer) error {
		switch o.format {
		case "text":
			return report.YearText(w, y.Year, a.width(), o.out == "" && a.colour())
		case "markdown", "md":
			return report.YearMarkdown(w, y.Year)
		case "html":
			return report.YearHTML(w, y.Year)
		case "json":
			return report.JSON(w, y.Year)
		case "stix":
			return y.Bundle(ctx, w)
		}
		return usageError{fmt.Errorf("format %q: want text, markdown, html, json or stix", o.format)}
	})
	if err != nil {
		return fmt.Errorf("write yearly report: %w", err)
	}
	if o.out != "" {
		a.say("wrote %s", o.out)
	}
	return nil
}
