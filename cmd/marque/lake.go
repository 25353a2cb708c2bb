package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"marque/lake"
	"marque/lake/bench"
	"marque/report"
)

// openLake opens the workspace's lake.
func (a *app) openLake() (*lake.Lake, error) { return lake.Open(filepath.Join(a.home, "lake")) }

func lakeCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "lake", Short: "The events that are kept: list, compact, let go, read from elsewhere"}
	withLake := func(f func(c *cobra.Command, l *lake.Lake) error) func(*cobra.Command, []string) error {
		return func(c *cobra.Command, _ []string) error {
			if err := a.open(c.Context()); err != nil {
				return err
			}
			l, err := a.openLake()
			if err != nil {
				return err
			}
			return f(c, l)
		}
	}
	tended := func(f func(c *cobra.Command, l *lake.Lake) error) func(*cobra.Command, []string) error {
		return withLake(func(c *cobra.Command, l *lake.Lake) error {
			release, err := a.restIntake(c.Context())
			if err != nil {
				return err
			}
			return errors.Join(f(c, l), release())
		})
	}
	ls := &cobra.Command{
		Use: "ls", Short: "The lake's files by hour", Args: cobra.NoArgs,
		RunE: withLake(func(_ *cobra.Command, l *lake.Lake) error {
			files, err := l.Files()
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
		RunE: withLake(func(_ *cobra.Command, l *lake.Lake) error {
			s, err := l.Stats()
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
			bar := a.bar("compact")
			res, err := l.Compact(c.Context(), lake.CompactConfig{Progress: func(done, total int) { bar.to(int64(done), int64(total)) }})
			bar.done()
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(res)
			}
			_, err = fmt.Fprintf(a.stdout, "%d files became %d; %d bytes became %d\n", res.Read, res.Written, res.Before, res.After)
			return err
		}),
	}
	var before string
	var size int64
	var dry bool
	retain := &cobra.Command{
		Use: "retain", Short: "Let go of whole hours, oldest first, by age or size", Args: cobra.NoArgs,
		Long: "Removes whole hours of events. marque serve does so by itself with events.keep_for and events.keep_bytes.",
		RunE: tended(func(_ *cobra.Command, l *lake.Lake) error {
			day, err := parseDay("before", before)
			if err != nil {
				return err
			}
			if day.IsZero() && size == 0 {
				return usageError{errors.New("nothing to go by; give --before DAY or --bytes N")}
			}
			res, err := l.Retain(lake.RetainConfig{Before: day, Bytes: size, DryRun: dry})
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(res)
			}
			_, err = fmt.Fprintf(a.stdout, "%d files, %d bytes\n", res.Files, res.Bytes)
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
			_, err = fmt.Fprintln(a.stdout, sql)
			return err
		}),
	}
	ddl.Flags().StringVar(&engine, "engine", "duckdb", strings.Join(lake.Engines(), ", "))
	c.AddCommand(ls, stats, compact, retain, ddl)
	return c
}

func benchCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "bench", Short: "Measure matching and looking back on a synthetic workload, beside DuckDB where it is installed"}
	var cfg bench.Config
	flags := func(c *cobra.Command) *cobra.Command {
		c.Flags().Uint64Var(&cfg.Workload.Seed, "seed", 1, "seed of the workload")
		c.Flags().IntVar(&cfg.Workload.Events, "events", 1_000_000, "events")
		c.Flags().IntVar(&cfg.Workload.Indicators, "indicators", 1_000_000, "indicators")
		c.Flags().Float64Var(&cfg.Workload.HitRate, "hit-rate", 0.01, "share of events that meet an indicator")
		c.Flags().BoolVar(&cfg.Workload.Mixed, "mixed", false, "all event formats instead of the short form alone")
		c.Flags().IntVar(&cfg.Workers, "workers", 0, "goroutines (default: one a core)")
		c.Flags().StringVar(&cfg.Dir, "dir", "", "folder for the workload (default: the system's temporary folder)")
		c.Flags().StringVar(&cfg.Python, "python", "python3", "a Python with the duckdb module; - for none")
		return c
	}
	step := func(s string) { a.say("%s", s) }
	events := flags(&cobra.Command{
		Use: "events", Short: "Events from a file: decode, match, roll up, keep", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg.Step = step
			rep, err := bench.Events(c.Context(), cfg)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(rep)
			}
			return rep.Print(a.stdout)
		},
	})
	hunt := flags(&cobra.Command{
		Use: "hunt", Short: "Indicators against the events of the past", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg.Step = step
			if !c.Flags().Changed("indicators") {
				cfg.Workload.Indicators = 10_000
			}
			rep, err := bench.Hunt(c.Context(), cfg)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(rep)
			}
			return rep.Print(a.stdout)
		},
	})
	c.AddCommand(events, hunt, dayCommand(a))
	return c
}

func dayCommand(a *app) *cobra.Command {
	var cfg bench.DayConfig
	var kept bool
	c := &cobra.Command{
		Use: "day", Short: "A whole day of events, made in memory as the run goes", Args: cobra.NoArgs,
		Long: `Makes events in memory, block by block, and runs them through decoding, matching and roll-ups (and with --lake into a lake of
its own, which is removed afterwards). The counts are compared with what was generated. Making the events is reported apart.
Interrupted, it reports what it did until then.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if kept {
				dir, err := os.MkdirTemp(cfg.Lake, "marque-day-")
				if err != nil {
					return err
				}
				cfg.Lake = dir
			} else {
				cfg.Lake = ""
			}
			bar := a.bar("events")
			cfg.Progress = func(done, total int) { bar.to(int64(done), int64(total)) }
			rep, err := bench.Day(c.Context(), cfg)
			bar.done()
			if rep.Events == 0 {
				return err
			}
			if a.json {
				return errors.Join(err, a.printJSON(rep))
			}
			return errors.Join(err, rep.Print(a.stdout))
		},
	}
	c.Flags().Uint64Var(&cfg.Workload.Seed, "seed", 1, "seed of the workload")
	c.Flags().IntVar(&cfg.Workload.Events, "events", 600_000_000, "events")
	c.Flags().IntVar(&cfg.Workload.Indicators, "indicators", 1_000_000, "indicators")
	c.Flags().Float64Var(&cfg.Workload.HitRate, "hit-rate", 0.01, "share of events that meet an indicator")
	c.Flags().IntVar(&cfg.Workers, "workers", 0, "goroutines (default: one a core)")
	c.Flags().BoolVar(&kept, "lake", false, "keep the events in a lake, which is removed afterwards")
	c.Flags().Int64Var(&cfg.LakeBytes, "lake-bytes", 16<<30, "the lake's oldest hours go beyond this size")
	c.Flags().StringVar(&cfg.Lake, "dir", "", "folder for the lake (default: the system's temporary folder)")
	return c
}
