package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"marque/report"
	"marque/stix"
	"marque/workspace"

	"github.com/spf13/cobra"
)

type reportOptions struct {
	view        viewFlags
	from, to    string
	format, out string
	detail      int
}

func reportCommand(a *app) *cobra.Command {
	var o reportOptions
	c := &cobra.Command{
		Use: "report", Short: "The brief: what happened, who, why, how sure, who denies it, what followed", Args: cobra.NoArgs,
		Long: `Writes the brief for a window. Without --format the terminal gets text; --out FILE takes the format from the file's ending
(.html, .pdf, .docx, .md, .json, .stix.json, .txt).

The brief carries the strictest TLP level of what it is made from. --tlp LEVEL makes it from what that level shows, and from
nothing else. What rests on TLP:RED is written to a file only with --tlp red, and into no bundle.`,
		RunE: func(c *cobra.Command, args []string) error {
			ro, err := o.window(a)
			if err != nil {
				return err
			}
			return a.opened(func(c *cobra.Command, _ []string) error { return a.report(c.Context(), o, ro) })(c, args)
		},
	}
	o.view.register(c, false)
	c.Flags().StringVar(&o.from, "from", "", "first day of the window, such as 2023-07-01")
	c.Flags().StringVar(&o.to, "to", "", "last day of the window")
	c.Flags().StringVar(&o.format, "format", "", "text, markdown, html, pdf, docx, json or stix")
	c.Flags().StringVarP(&o.out, "out", "o", "", "write to this file")
	c.Flags().IntVar(&o.detail, "detail", 25, "operations with a section of their own")
	c.AddCommand(yearCommand(a))
	return c
}

// window is what the brief is to tell of.
func (o *reportOptions) window(a *app) (report.Options, error) {
	ro := report.Options{Generated: a.now().UTC(), Detail: o.detail}
	var err error
	if ro.From, err = parseDay("from", o.from); err != nil {
		return ro, err
	}
	if ro.To, err = parseDay("to", o.to); err != nil {
		return ro, err
	}
	if !ro.To.IsZero() && ro.To.Before(ro.From) {
		return ro, usageError{fmt.Errorf("--to %s lies before --from %s", o.to, o.from)}
	}
	if o.format == "" {
		o.format, err = formatOf(o.out, a.json)
	}
	return ro, err
}

func (a *app) report(ctx context.Context, o reportOptions, ro report.Options) error {
	v, err := o.view.view()
	if err != nil {
		return err
	}
	if o.format == "stix" && o.view.tlp == "" {
		v.Level = stix.AmberStrict // TLP:RED leaves in no bundle
	}
	b, err := a.w.Brief(ctx, v, ro, "", a.progress())
	if err != nil {
		return err
	}
	a.done()
	if b.Level == stix.Red && o.out != "" && o.view.tlp == "" {
		return usageError{fmt.Errorf("the brief rests on TLP:RED; --tlp red writes it to %s all the same, --tlp amber+strict makes one without", o.out)}
	}
	return a.writeBrief(ctx, b, o.format, o.out)
}

// formatOf finds the format from the ending of a file's name.
func formatOf(out string, asJSON bool) (string, error) {
	switch ext := strings.ToLower(filepath.Ext(out)); {
	case strings.HasSuffix(strings.ToLower(out), ".stix.json"):
		return "stix", nil
	case ext == ".html" || ext == ".htm":
		return "html", nil
	case ext == ".md":
		return "markdown", nil
	case ext == ".pdf" || ext == ".docx":
		return ext[1:], nil
	case ext == ".json" || (out == "" && asJSON):
		return "json", nil
	case ext == ".txt" || ext == "":
		return "text", nil
	default:
		return "", usageError{fmt.Errorf("--out %s: a brief is not written as %s; want .html, .pdf, .docx (which other word processors read too), .md, .txt, .json or .stix.json, or --format", out, ext)}
	}
}

// writeBrief writes one format to a file or to standard output.
func (a *app) writeBrief(ctx context.Context, b *workspace.Brief, format, out string) error {
	write := func(w io.Writer) error { return b.Bundle(ctx, w) }
	var err error
	if format != "stix" {
		if write, err = a.renderer(b.Brief, format, out); err != nil {
			return err
		}
	}
	err = a.writeTo(out, write)
	if err != nil {
		return fmt.Errorf("write brief: %w", err)
	}
	if out != "" {
		a.say("wrote %s", out)
	}
	return nil
}
