package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"marque/deter/measure"
	"marque/ingest/sanctions"
	"marque/report"
	"marque/stix"
	"marque/workspace"
)

// measureOptions are the flags of marque measures.
type measureOptions struct {
	view        viewFlags
	filter      measure.Filter
	format, out string
	sources     bool
}

func measuresCommand(a *app) *cobra.Command {
	var o measureOptions
	c := &cobra.Command{
		Use: "measures", Short: "The ledger of measures: who did what, when, on which basis, against whom, and on whose word for which operation", Args: cobra.NoArgs,
		Long: `Lists measures: sanctions, charges, seizures, takedowns, words that name somebody, and more (docs/model.md has the kinds). Each has who took it,
when as exactly as is known, the legal basis, whom it is aimed at, its status, and the operations that it answers, each on
somebody's word. --sources says what each source covers and until when. What no source has is not here; that is no word that there was none.`,
		RunE: a.opened(func(c *cobra.Command, _ []string) error { return a.measures(c.Context(), &o) }),
	}
	o.view.register(c, true)
	f := c.Flags()
	f.StringVar(&o.filter.State, "state", "", "who took it: a state's code or name, or a body such as EU")
	f.StringVar(&o.filter.Target, "target", "", "at whom it is aimed: a state, or a part of a name")
	f.StringVar(&o.filter.Kind, "kind", "", "sanctions, indictment, seizure, …")
	f.StringVar(&o.filter.Operation, "operation", "", "what it answers: a part of the operation's name")
	f.StringVar(&o.filter.Actor, "actor", "", "the actor, under any of its names")
	f.StringVar(&o.filter.Basis, "basis", "", "a part of the legal basis")
	f.StringVar(&o.filter.Status, "status", "", "announced, in-force, pending, done or lifted")
	f.IntVar(&o.filter.Year, "year", 0, "the year in which it was taken")
	f.StringVar(&o.format, "format", "", "table, csv, json or stix (default table; json with --json)")
	f.StringVarP(&o.out, "out", "o", "", "write to this file")
	f.BoolVar(&o.sources, "sources", false, "what each source of measures covers and until when")
	c.AddCommand(measuresShowCommand(a), measuresAddCommand(a), measuresEditCommand(a), measuresListsCommand(a))
	return c
}

func (a *app) measures(ctx context.Context, o *measureOptions) error {
	v, err := o.view.view()
	if err != nil {
		return err
	}
	if o.sources {
		return a.measureSources(ctx, v)
	}
	format := o.format
	if format == "" && (a.json || strings.HasSuffix(o.out, ".json")) {
		format = "json"
	}
	if format == "" && strings.HasSuffix(o.out, ".csv") {
		format = "csv"
	}
	if strings.HasSuffix(o.out, ".stix.json") && o.format == "" {
		format = "stix"
	}
	if format == "stix" && o.view.tlp == "" {
		v.Level = stix.AmberStrict // TLP:RED leaves in no bundle
	}
	rows, err := a.w.Measures(ctx, v, o.filter)
	if err != nil {
		return err
	}
	return a.writeTo(o.out, func(w io.Writer) error {
		switch format {
		case "", "table", "text":
			return report.Measures(w, rows, a.width(), o.out == "" && a.colour())
		case "csv":
			return measure.CSV(w, rows)
		case "json":
			return report.JSON(w, append([]measure.Row{}, rows...))
		case "stix":
			return a.w.MeasureBundle(ctx, w, v, rows)
		}
		return usageError{fmt.Errorf("--format %q: want table, csv, json or stix", o.format)}
	})
}

func (a *app) measureSources(ctx context.Context, v workspace.View) error {
	cs, err := a.w.MeasureSources(ctx, v)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(cs)
	}
	return report.Coverage(a.stdout, cs, a.width(), a.colour())
}

func measuresShowCommand(a *app) *cobra.Command {
	var view viewFlags
	c := &cobra.Command{
		Use: "show MEASURE", Short: "One measure with its documents, whose word ties it to what, and its status over time", Args: cobra.ExactArgs(1),
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			v, err := view.view()
			if err != nil {
				return err
			}
			row, versions, err := a.w.MeasureHistory(c.Context(), v, args[0])
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(struct {
					measure.Row
					Versions []workspace.MeasureVersion `json:"versions"`
				}{row, versions})
			}
			times := make([]string, len(versions))
			for i, x := range versions {
				times[i] = x.At.Format(time.DateOnly) + ": " + x.Status
			}
			return report.Measure(a.stdout, &row, times, a.width(), a.colour())
		}),
	}
	view.register(c, false)
	return c
}

// newMeasureFlags are what add and edit share.
type newMeasureFlags struct {
	workspace.NewMeasure
	tlp      string
	casebook bool
}

func (n *newMeasureFlags) register(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&n.Kind, "kind", "", "sanctions, indictment, seizure, … (docs/model.md)")
	f.StringVar(&n.Date, "date", "", "as exactly as is known: 2024-05-03, 2024-05, 2024")
	f.StringSliceVar(&n.By, "by", nil, "who took it: codes of states, EU, NATO, or names")
	f.StringSliceVar(&n.States, "target", nil, "codes of the states of those at whom it is aimed")
	f.StringArrayVar(&n.Against, "against", nil, "an actor, person or organ at which it is aimed (repeat)")
	f.StringArrayVar(&n.Answers, "answers", nil, "an operation that it answers (repeat)")
	f.StringVar(&n.Basis, "basis", "", "legal basis")
	f.StringVar(&n.Status, "status", "", "announced, in-force, pending, done or lifted")
	f.StringVar(&n.Source, "source", "", "who made it public")
	f.StringVar(&n.Title, "title", "", "title of the document")
	f.StringVar(&n.URL, "url", "", "address of the document")
	f.StringVar(&n.Certainty, "certainty", "", "where it is from memory: sure, likely, uncertain")
	f.StringVar(&n.Checked, "checked", "", "what it was held against")
	f.StringVar(&n.Note, "note", "", "a remark")
	f.StringVar(&n.Author, "author", "", "who says that it answers the operations (default: the source)")
	f.StringVar(&n.tlp, "tlp", "", "at least this TLP level")
}

func (n *newMeasureFlags) level() (err error) {
	if n.tlp == "" {
		return nil
	}
	if n.Level, err = stix.ParseTLP(n.tlp); err != nil {
		return usageError{fmt.Errorf("--tlp: %w", err)}
	}
	return nil
}

func measuresAddCommand(a *app) *cobra.Command {
	var n newMeasureFlags
	c := &cobra.Command{
		Use: "add NAME", Short: "Write a measure down, with its source and what it answers", Args: cobra.MaximumNArgs(1),
		Long: `Writes a measure down as a claim of its source, and enters it in the ledger. It is as secret as what it is aimed at; that it answers an
operation is a claim of its own (marque claims, marque review), as secret as the operation. --casebook reads the measures
since 2014 that come with Marque: from memory, most of them unchecked, as each says.`,
		RunE: func(c *cobra.Command, args []string) error {
			if n.casebook == (len(args) == 1) {
				return usageError{errors.New("want a name, or --casebook; see marque measures add --help")}
			}
			if err := n.level(); err != nil {
				return err
			}
			return a.opened(func(c *cobra.Command, args []string) error { return a.addMeasure(c.Context(), &n, args) })(c, args)
		},
	}
	n.register(c)
	c.Flags().BoolVar(&n.casebook, "casebook", false, "read the measures that come with Marque")
	return c
}

func (a *app) addMeasure(ctx context.Context, n *newMeasureFlags, args []string) error {
	if n.casebook {
		res, err := a.w.IngestMeasures(ctx)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(map[string]int64{"objects": int64(res.Objects), "added": int64(res.Added), "set_aside": int64(res.Rejected)})
		}
		return a.print("casebook of measures: %s, %d of them new\n", count(res.Objects, "object"), res.Added)
	}
	n.Name = args[0]
	id, err := a.w.AddMeasure(ctx, n.NewMeasure)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]stix.ID{"id": id})
	}
	return a.print("%s\n", id)
}

func measuresEditCommand(a *app) *cobra.Command {
	var n newMeasureFlags
	var name string
	c := &cobra.Command{
		Use: "edit MEASURE", Short: "A new version of a measure; the old one stays on record", Args: cobra.ExactArgs(1),
		Long: "Changes the fields that are named. MEASURE is an id, the beginning of its number, or a part of its name. --answers adds a claim.",
		RunE: func(c *cobra.Command, args []string) error {
			if err := n.level(); err != nil {
				return err
			}
			n.Name = name
			return a.opened(func(c *cobra.Command, args []string) error {
				id, err := a.w.EditMeasure(c.Context(), args[0], n.NewMeasure)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(map[string]stix.ID{"id": id})
				}
				return a.print("%s\n", id)
			})(c, args)
		},
	}
	n.register(c)
	c.Flags().StringVar(&name, "name", "", "another name")
	return c
}

// listFlags are the flags of measures lists.
type listFlags struct {
	workspace.ListUpdate
	day, beforeDay string
}

func measuresListsCommand(a *app) *cobra.Command {
	var o listFlags
	c := &cobra.Command{
		Use: "lists FILE...", Short: "A new version of sanctions lists: what was listed, changed, lifted since the last one, as dated measures", Args: cobra.MinimumNArgs(1),
		Long: `Compares lists (docs/screening.md has which) with the version that the workspace remembers, or with the files of --before, and keeps exactly the
differences as measures. A date is the list's own where it gives one; else the measure lies between the days of both versions. A list that
is cut off is refused with what is missing, and nobody is lifted by it; --whole says that a person looked.`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.days(a.now()); err != nil {
				return err
			}
			o.Paths = args
			return a.opened(func(c *cobra.Command, _ []string) error { return a.updateLists(c.Context(), &o) })(c, args)
		},
	}
	f := c.Flags()
	f.StringVar(&o.day, "as-of", "", "the day of the new version (default: today)")
	f.StringArrayVar(&o.Before, "before", nil, "file or folder of the older version (repeat; default: the one that is remembered)")
	f.StringVar(&o.beforeDay, "before-as-of", "", "the day of the older version")
	f.BoolVar(&o.Whole, "whole", false, "the new version is all of the list, although much is gone from it")
	f.BoolVar(&o.Only, "dry-run", false, "only compare: store and remember nothing")
	return c
}

func (o *listFlags) days(now time.Time) error {
	if len(o.Before) > 0 && o.beforeDay == "" {
		return usageError{errors.New("--before needs --before-as-of: a measure lies after that day")}
	}
	if o.day == "" {
		o.day = now.UTC().Format(time.DateOnly)
	}
	for _, d := range []struct {
		flag, text string
		into       *sanctions.Date
	}{{"as-of", o.day, &o.Day}, {"before-as-of", o.beforeDay, &o.BeforeDay}} {
		t, err := parseDay(d.flag, d.text)
		if err != nil {
			return err
		}
		if !t.IsZero() {
			*d.into = sanctions.Date{Year: t.Year(), Month: int(t.Month()), Day: t.Day()}
		}
	}
	return nil
}

func (a *app) updateLists(ctx context.Context, o *listFlags) error {
	out, err := a.w.UpdateLists(ctx, o.ListUpdate)
	if errors.Is(err, sanctions.ErrTruncated) {
		err = fmt.Errorf("%w: %w", err, errCheck)
	}
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(out)
	}
	for _, l := range out {
		if l.First {
			err = a.print("%s: %s as of %s remembered; the next version is compared with this one\n", l.List, count(l.Subjects, "subject"), l.By)
		} else {
			err = a.print("%s: %s, since %s: %d listed, %d changed, %d lifted\n", l.List, count(l.Subjects, "subject"), l.After, l.Listed, l.Changed, l.Lifted)
		}
		rows := [][]string{{"what", "id", "when", "name", "fields"}}
		for _, c := range l.Changes {
			when := c.On.String()
			if when == "" {
				when = c.After.String() + " to " + c.By.String()
			}
			rows = append(rows, []string{string(c.Kind), c.ID, when, c.Name, strings.Join(c.Fields, " ")})
		}
		if len(rows) > 1 {
			err = errors.Join(err, a.printTable(rows))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
