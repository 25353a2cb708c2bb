package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"marque/lake"
	"marque/report"
)

func lakeCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "lake", Short: "The events that are kept: list, compact, let go, read from elsewhere"}
	withLake := func(f func(c *cobra.Command, l *lake.Lake) error) func(*cobra.Command, []string) error {
		return a.opened(func(c *cobra.Command, _ []string) error {
			l, err := a.w.Lake()
			if err != nil {
				return err
			}
			return f(c, l)
		})
	}
	tended := func(f func(c *cobra.Command, l *lake.Lake) error) func(*cobra.Command, []string) error {
		return withLake(func(c *cobra.Command, l *lake.Lake) error {
			release, err := a.w.RestIntake(c.Context())
			if err != nil {
				return err
			}
			return errors.Join(f(c, l), release())
		})
	}
	ls := &cobra.Command{
		Use: "ls", Short: "The lake's files by hour", Args: cobra.NoArgs,
		RunE: withLake(func(c *cobra.Command, l *lake.Lake) error {
			files, err := l.Files(c.Context())
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(files)
			}
			rows := [][]string{{"hour", "bytes", "file"}}
			for _, f := range files {
				rows = append(rows, []string{f.Hour.Format(time.RFC3339), fmt.Sprint(f.Bytes), filepath.Base(f.Path)})
			}
			p := report.NewPrinter(a.stdout, a.width(), a.colour())
			p.Table(rows)
			return p.Err()
		}),
	}
	stats := &cobra.Command{
		Use: "stats", Short: "How much the lake holds, and which files are damaged", Args: cobra.NoArgs,
		RunE: withLake(func(c *cobra.Command, l *lake.Lake) error {
			s, err := l.Stats(c.Context())
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(s)
			}
			fmt.Fprintf(a.stdout, "%d events' rows in %d files of %d hours, %d bytes\n", s.Rows, s.Files, s.Hours, s.Bytes)
			if s.Files > 0 {
				fmt.Fprintf(a.stdout, "from %s to %s\n", s.First.Format(time.RFC3339), s.Last.Format(time.RFC3339))
			}
			for _, b := range s.Broken {
				fmt.Fprintf(a.stdout, "damaged: %s\n", b)
			}
			return nil
		}),
	}
	compact := &cobra.Command{
		Use: "compact", Short: "Join small files", Args: cobra.NoArgs,
		Long: "Joins the small files of each hour. marque serve does so by itself while it takes events in, and must not run meanwhile.",
		RunE: tended(func(c *cobra.Command, l *lake.Lake) error {
			res, err := l.Compact(c.Context(), lake.CompactConfig{Progress: a.steps("compact")})
			a.done()
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(res)
			}
			err = a.print("%d files became %d; %d bytes became %d\n", res.Read, res.Written, res.Before, res.After)
			return err
		}),
	}
	var before string
	var size int64
	var dry bool
	retain := &cobra.Command{
		Use: "retain", Short: "Let go of whole hours, oldest first, by age or size", Args: cobra.NoArgs,
		Long: "Removes whole hours of events. marque serve does so by itself with events.keep_for and events.keep_bytes.",
		RunE: tended(func(c *cobra.Command, l *lake.Lake) error {
			day, err := parseDay("before", before)
			if err != nil {
				return err
			}
			if day.IsZero() && size == 0 {
				return usageError{errors.New("nothing to go by; give --before DAY or --bytes N")}
			}
			res, err := l.Retain(c.Context(), lake.RetainConfig{Before: day, Bytes: size, DryRun: dry})
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(res)
			}
			err = a.print("%d files, %d bytes\n", res.Files, res.Bytes)
			return err
		}),
	}
	retain.Flags().StringVar(&before, "before", "", "hours that ended before this day go")
	retain.Flags().Int64Var(&size, "bytes", 0, "the oldest hours go until the lake is no larger")
	retain.Flags().BoolVar(&dry, "dry-run", false, "only say what would go")
	var engine string
	ddl := &cobra.Command{
		Use: "ddl", Short: "The statement with which another engine reads the lake in place", Args: cobra.NoArgs,
		RunE: withLake(func(_ *cobra.Command, l *lake.Lake) error {
			sql, err := l.DDL(engine)
			if err != nil {
				return usageError{err}
			}
			if a.json {
				return a.printJSON(map[string]string{"engine": engine, "statement": sql})
			}
			_, err = fmt.Fprintln(a.stdout, sql)
			return err
		}),
	}
	ddl.Flags().StringVar(&engine, "engine", "duckdb", strings.Join(lake.Engines(), ", "))
	c.AddCommand(ls, stats, compact, retain, ddl)
	return c
}
