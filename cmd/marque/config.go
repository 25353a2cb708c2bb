package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"marque/serve"
	"marque/serve/auth"
	"marque/serve/taxii"
	"marque/stix"
)

const configName = "config.yaml"

// config is the one configuration file of a workspace. The zero value works.
type config struct {
	// Name is the instance in checkpoints of the ledger and in exports.
	Name string `yaml:"name"`
	// TLP is the level of what is read without a marking of its own.
	TLP stix.TLP `yaml:"tlp"`
	// AllowLists are MISP warning lists: values that never match.
	AllowLists []string `yaml:"allow_lists"`
	// Mappings are further field mappings for event formats.
	Mappings []string `yaml:"event_mappings"`
	// Serve, Auth and Taxii are the settings of marque serve.
	Serve serve.Config `yaml:"serve"`
	Auth  auth.Config  `yaml:"auth"`
	Taxii taxii.Config `yaml:"taxii"`
	// Events are those of the event intake.
	Events eventsConfig `yaml:"events"`
}

const configText = `# Marque's configuration. Every setting has a default; marque config check reads it.

# The name of this instance, in the ledger's checkpoints and in what it shares: letters, digits, dots, dashes, slashes.
name: marque

# The level of what is read without a TLP marking: clear, green, amber, amber+strict, red.
tlp: clear

# MISP warning lists (files): values that never count as a match.
allow_lists: []

# Further field mappings for event formats (files), see docs/events.md.
event_mappings: []

# Who may use marque serve, and up to which TLP level they see; marque user token NAME makes credentials.
auth:
  users: []

# Where marque serve listens, and what it offers over TAXII 2.1: docs/taxii.md.
serve:
  listen: 127.0.0.1:7490
taxii:
  title: Marque

# Taking events in over HTTP (POST /v1/events, users in the group sensors), from NATS and from folders: docs/events.md.
events:
  enabled: false
  follow: []
  hunt: auto
`

var originForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*$`)

func loadConfig(path string) (config, error) {
	cfg := config{Name: "marque"}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return cfg, nil
	}
	if err != nil {
		return cfg, fmt.Errorf("read configuration: %w", err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&cfg); err != nil {
		return cfg, fmt.Errorf("configuration %s: %w", path, err)
	}
	if err := cfg.validate(filepath.Dir(path)); err != nil {
		return cfg, fmt.Errorf("configuration %s: %w", path, err)
	}
	return cfg, nil
}

// validate returns every problem at once. Relative paths are taken from the workspace.
func (c *config) validate(dir string) error {
	var errs []error
	if !originForm.MatchString(c.Name) {
		errs = append(errs, fmt.Errorf("name %q: want letters, digits, dots, dashes and slashes", c.Name))
	}
	for setting, files := range map[string][]string{"allow_lists": c.AllowLists, "event_mappings": c.Mappings} {
		for i, f := range files {
			if !filepath.IsAbs(f) {
				files[i] = filepath.Join(dir, f)
			}
			if _, err := os.Stat(files[i]); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", setting, err))
			}
		}
	}
	for section, err := range map[string]error{"serve": c.Serve.Validate(), "auth": c.Auth.Validate(), "taxii": c.Taxii.Validate(), "events": c.Events.validate()} {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", section, err))
		}
	}
	return errors.Join(errs...)
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
			path := filepath.Join(home, configName)
			cfg, err := loadConfig(path)
			if err != nil {
				return fmt.Errorf("%w: %w", err, errCheck)
			}
			if a.json {
				return a.printJSON(map[string]any{"file": path, "name": cfg.Name, "tlp": cfg.TLP, "ok": true})
			}
			_, err = fmt.Fprintf(a.stdout, "%s is right: instance %s, unmarked input is %s\n", path, cfg.Name, cfg.TLP)
			return err
		},
	})
	return c
}

func initCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "init", Short: "Make a workspace: folder, configuration, store and signing key", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.open(c.Context()); err != nil {
				return err
			}
			path := filepath.Join(a.home, configName)
			f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
			if err == nil {
				_, err = f.WriteString(configText)
				err = errors.Join(err, f.Close())
			}
			if err != nil && !errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("write configuration: %w", err)
			}
			l, err := a.judgements()
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]string{"home": a.home, "config": path, "key": l.Key()})
			}
			_, err = fmt.Fprintf(a.stdout, "workspace %s\nconfiguration %s\nverifier key %s\n", a.home, path, l.Key())
			return err
		},
	}
}
