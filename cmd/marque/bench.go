package main

import (
	"errors"
	"os"

	"marque/lake/bench"

	"github.com/spf13/cobra"
)

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
			cfg.Progress = a.steps("events")
			rep, err := bench.Day(c.Context(), cfg)
			a.done()
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
