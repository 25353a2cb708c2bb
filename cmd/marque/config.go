package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"marque/ingest"
	"marque/serve/rooms"
	"marque/workspace"
)

// config is the one configuration file of a workspace: its own settings, and those of the server. The zero value works.
type config struct {
	workspace.Config `yaml:",inline"`
	Rooms            rooms.Config `yaml:",inline"`
}

// readConfig reads the configuration of the workspace in a folder and names every problem.
func readConfig(home string) (config, error) {
	cfg := config{Config: workspace.DefaultConfig()}
	path := filepath.Join(home, workspace.ConfigFile)
	if err := workspace.ReadConfig(path, &cfg); err != nil {
		return cfg, err
	}
	if err := errors.Join(cfg.Validate(home), cfg.Rooms.Validate()); err != nil {
		return cfg, fmt.Errorf("configuration %s: %w", path, err)
	}
	return cfg, nil
}

func configCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Look at the configuration"}
	c.AddCommand(&cobra.Command{
		Use: "check", Short: "Read the configuration and name every problem", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			home, err := a.homeDir()
			if err != nil {
				return err
			}
			cfg, err := readConfig(home)
			if err != nil {
				return fmt.Errorf("%w: %w", err, errCheck)
			}
			path := filepath.Join(home, workspace.ConfigFile)
			if a.json {
				return a.printJSON(map[string]any{"file": path, "name": cfg.Name, "tlp": cfg.TLP, "ok": true})
			}
			err = a.print("%s is right: instance %s, unmarked input is %s\n", path, cfg.Name, cfg.TLP)
			return err
		},
	})
	return c
}

func initCommand(a *app) *cobra.Command {
	var with, name string
	c := &cobra.Command{
		Use: "init", Short: "Make a workspace: folder, configuration, store and signing key", Args: cobra.NoArgs,
		Long: "Makes a workspace where there is none. --with casebook also reads the operations that come with Marque into it,\n--with measures these and its measures since 2014, most of them unchecked.",
		RunE: a.opened(func(c *cobra.Command, _ []string) error {
			read := map[string]func(context.Context) (ingest.Result, error){"": nil, "casebook": a.w.IngestCasebook, "measures": a.w.IngestMeasures}
			if _, known := read[with]; !known {
				return usageError{fmt.Errorf("--with %q: want casebook or measures", with)}
			}
			if err := workspace.CheckName(name); err != nil {
				return usageError{fmt.Errorf("--name: %w", err)}
			}
			path, key, err := a.w.Init(c.Context(), name)
			if err != nil {
				return err
			}
			if with != "" {
				res, err := read[with](c.Context())
				if err != nil {
					return err
				}
				a.say("casebook: %s, %d of them new", count(res.Objects, "object"), res.Added)
			}
			if a.json {
				return a.printJSON(map[string]string{"home": a.w.Dir, "config": path, "key": key})
			}
			err = a.print("workspace %s\nconfiguration %s\nverifier key %s\n", a.w.Dir, path, key)
			return err
		}),
	}
	c.Flags().StringVar(&name, "name", "", "name of this instance, in its ledger's heads (default marque)")
	c.Flags().StringVar(&with, "with", "", "casebook: read the operations that come with Marque; measures: and its measures since 2014")
	return c
}
