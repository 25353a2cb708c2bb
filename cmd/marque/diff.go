package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"marque/report"
	"marque/workspace"
)

type diffOptions struct {
	view         viewFlags
	since, until string
	out, format  string
	watched      bool
}

func diffCommand(a *app) *cobra.Command {
	var o diffOptions
	c := &cobra.Command{
		Use: "diff --since 7d", Short: "What changed: judgements and because of what, claims, denials, measures, names, joins", Args: cobra.NoArgs,
		Long: `Compares what the workspace knows with what it had been told by an earlier time: --since takes an age (7d, 36h), a day, or an instant,
--until another end than now. Both ends are judged by today's method, so what differs is what became known. --watched keeps what touches
marque watch; --out writes it as a brief (.html, .pdf, .docx, .md, .txt).`,
		RunE: a.opened(func(c *cobra.Command, _ []string) error {
			if o.since == "" {
				return usageError{fmt.Errorf("--since is needed: an age such as 7d, a day, or an instant")}
			}
			return a.diff(c.Context(), o)
		}),
	}
	o.view.register(c, false)
	c.Flags().StringVar(&o.since, "since", "", "from when: an age such as 7d, a day, or an instant in RFC 3339")
	c.Flags().StringVar(&o.until, "until", "", "until when (default: now)")
	c.Flags().BoolVar(&o.watched, "watched", false, "only what touches what is watched")
	c.Flags().StringVarP(&o.out, "out", "o", "", "write to this file")
	c.Flags().StringVar(&o.format, "format", "", "text, markdown, html, pdf, docx or json")
	return c
}

func (a *app) diff(ctx context.Context, o diffOptions) error {
	v, err := o.view.view()
	if err != nil {
		return err
	}
	since, err := parseSince("since", o.since, a.now())
	if err != nil {
		return err
	}
	until, err := parseSince("until", o.until, a.now())
	if err != nil {
		return err
	}
	if !until.IsZero() && !until.After(since) {
		return usageError{fmt.Errorf("--until %s lies before --since %s", o.until, o.since)}
	}
	changes, err := a.w.Diff(ctx, v, since, until, a.progress())
	if err != nil {
		return err
	}
	if o.watched {
		ws, err := a.w.Watches(ctx)
		if err != nil {
			return err
		}
		if err := a.w.Only(ctx, v, changes, ws); err != nil {
			return err
		}
	}
	a.done()
	if a.json && o.out == "" {
		return a.printJSON(changes)
	}
	return a.writeTelling(changes.Brief(a.now().UTC()), o.format, o.out)
}

// writeTelling writes headings and sentences in a format that briefs have.
func (a *app) writeTelling(b *report.Brief, format, out string) error {
	var err error
	if format == "" {
		if format, err = formatOf(out, a.json); err != nil {
			return err
		}
	}
	write, err := a.renderer(b, format, out)
	if err != nil {
		return err
	}
	if err := a.writeTo(out, write); err != nil {
		return fmt.Errorf("write %s: %w", strings.ToLower(b.Title), err)
	}
	if out != "" {
		a.say("wrote %s", out)
	}
	return nil
}

// renderer is how a brief is written in a format.
func (a *app) renderer(b *report.Brief, format, out string) (func(io.Writer) error, error) {
	switch format {
	case "text":
		return func(w io.Writer) error { return report.Text(w, b, a.width(), out == "" && a.colour()) }, nil
	case "markdown", "md":
		return func(w io.Writer) error { return report.Markdown(w, b) }, nil
	case "html":
		return func(w io.Writer) error { return report.HTML(w, b) }, nil
	case "pdf":
		return func(w io.Writer) error { return report.PDF(w, b) }, nil
	case "docx":
		return func(w io.Writer) error { return report.DOCX(w, b) }, nil
	case "json":
		return func(w io.Writer) error { return report.JSON(w, b) }, nil
	}
	return nil, usageError{fmt.Errorf("format %q: want text, markdown, html, pdf, docx or json, and stix for a brief", format)}
}

func watchCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "watch", Short: "What you want to be told of: actors, states, operations, words"}
	kinds := "actor, state, operation or query"
	var by signedFlags
	add := &cobra.Command{
		Use: "add KIND NAME", Short: "Watch an " + kinds, Args: cobra.ExactArgs(2),
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			x, err := a.w.AddWatch(c.Context(), args[0], args[1], by.signed().By)
			if err != nil {
				return err
			}
			return a.answer(x, "watching the %s %s; marque diff --since 7d --watched tells what changed\n", x.Kind, x.Name)
		}),
	}
	add.Flags().StringVar(&by.by, "by", "", "who watches (default: who runs this)")
	list := &cobra.Command{
		Use: "list", Short: "What is watched", Args: cobra.NoArgs,
		RunE: a.opened(func(c *cobra.Command, _ []string) error {
			ws, err := a.w.Watches(c.Context())
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(ws)
			}
			p := report.NewPrinter(a.stdout, a.width(), a.colour())
			for _, x := range ws {
				p.Line(x.Kind+" "+x.Name, fmt.Sprintf("%s, since %s", x.By, x.Since.Format(time.DateOnly)))
			}
			if len(ws) == 0 {
				p.Dim("nothing is watched; marque watch add actor NAME begins")
			}
			return p.Err()
		}),
	}
	remove := &cobra.Command{
		Use: "remove KIND NAME", Short: "Watch it no longer", Args: cobra.ExactArgs(2),
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			x, err := a.w.RemoveWatch(c.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return a.answer(x, "no longer watching the %s %s\n", x.Kind, x.Name)
		}),
	}
	c.AddCommand(add, list, remove)
	return c
}

func searchCommand(a *app) *cobra.Command {
	var view viewFlags
	var limit int
	c := &cobra.Command{
		Use: "search WORDS...", Short: "Search everything: names, claims, quotes, documents, observables; with why each was found", Args: cobra.MinimumNArgs(1),
		Long: `Searches names and other names of actors and operations, claims and their quotes, descriptions, patterns, observables (defanged ones too)
and the texts of documents. Exact names come first; where nothing is found, names that are a slip of the finger away are offered.`,
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			v, err := view.view()
			if err != nil {
				return err
			}
			found, err := a.w.Search(c.Context(), v, strings.Join(args, " "), limit)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(found)
			}
			p := report.NewPrinter(a.stdout, a.width(), a.colour())
			for _, f := range found {
				p.Line(fmt.Sprintf("%s (%s): %s", f.Name, f.Type, f.Why), string(f.ID))
				if f.Passage != "" {
					p.Indent(f.Passage)
				}
			}
			p.Dim(count(len(found), "result"))
			return p.Err()
		}),
	}
	view.register(c, true)
	c.Flags().IntVar(&limit, "limit", 20, "at most so many; 0 is all")
	return c
}

func timelineCommand(a *app) *cobra.Command {
	var view viewFlags
	var out, format string
	c := &cobra.Command{
		Use: "timeline OPERATION|ACTOR", Short: "What happened and what was said, day by day", Args: cobra.ExactArgs(1),
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			s, err := a.snapshot(c.Context(), view)
			if err != nil {
				return err
			}
			t, err := s.Timeline(args[0])
			if err != nil {
				return err
			}
			if a.json && out == "" {
				return a.printJSON(t)
			}
			return a.writeTelling(t.Brief(s.Graph.Level, a.now().UTC()), format, out)
		}),
	}
	view.register(c, true)
	c.Flags().StringVarP(&out, "out", "o", "", "write to this file (.html, .pdf, .docx, .md, .txt)")
	c.Flags().StringVar(&format, "format", "", "text, markdown, html, pdf, docx or json")
	return c
}

// drawing writes a picture of a neighbourhood, in the format of the file's ending.
func (a *app) drawing(p *report.Picture, out string) error {
	write := map[string]func(io.Writer) error{"html": p.HTML, "htm": p.HTML, "dot": p.DOT, "gv": p.DOT, "graphml": p.GraphML}[strings.ToLower(out[strings.LastIndex(out, ".")+1:])]
	if write == nil {
		return usageError{fmt.Errorf("--out %s: want .html, .dot or .graphml", out)}
	}
	if err := a.writeTo(out, write); err != nil {
		return fmt.Errorf("write picture: %w", err)
	}
	a.say("wrote %s: %s, %s", out, count(len(p.Nodes), "entity"), count(len(p.Edges), "relation"))
	return nil
}

// maxDrawn is how many entities a picture holds: more cannot be read.
const maxDrawn = 120

// pictureOf is a neighbourhood to be drawn.
func pictureOf(s *workspace.Snapshot, name string, depth int) (*report.Picture, error) {
	e, err := s.Entity(name)
	if err != nil {
		if op, operr := s.Operation(name); operr == nil {
			e, err = op, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return s.Picture(e, depth, maxDrawn), nil
}
