package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"marque/export"
	"marque/stix"
	"marque/store"
)

func exportCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "export", Short: "Share: STIX, MISP, a MISP feed, CSV of indicators, ATT&CK Navigator layers",
		Long: `Writes what the workspace holds in other tools' formats, up to a TLP level (--tlp, default clear) and for a use that PAP permits
(--use). TLP:RED never leaves. docs/export.md and docs/misp.md have the mappings.`,
	}
	var tlp, use, out string
	var types, ids []string
	var since string
	flags := c.PersistentFlags()
	flags.StringVar(&tlp, "tlp", "clear", "highest level that goes out: clear, green, amber, amber+strict")
	flags.StringVar(&use, "use", "knowledge", "what it is for: knowledge, detection, blocking")
	flags.StringVarP(&out, "out", "o", "", "write to this file (feed: this folder)")
	flags.StringSliceVar(&types, "types", nil, "only objects of these types")
	flags.StringSliceVar(&ids, "ids", nil, "only these objects")
	flags.StringVar(&since, "since", "", "only what was stored after this day")

	open := func(ctx context.Context) (*export.Reader, store.Query, error) {
		q := store.Query{Types: types}
		for _, id := range ids {
			parsed, err := stix.ParseID(id)
			if err != nil {
				return nil, q, usageError{err}
			}
			q.IDs = append(q.IDs, parsed)
		}
		var err error
		if q.AddedAfter, err = parseDay("since", since); err != nil {
			return nil, q, err
		}
		level, err := stix.ParseTLP(tlp)
		if err != nil {
			return nil, q, usageError{err}
		}
		var u store.Use
		if err := u.UnmarshalText([]byte(use)); err != nil {
			return nil, q, usageError{fmt.Errorf("--use: %w", err)}
		}
		if err := a.open(ctx); err != nil {
			return nil, q, err
		}
		r, err := export.Open(a.db, store.View{MaxTLP: level}, u)
		if errors.Is(err, export.ErrRed) {
			err = usageError{err}
		}
		return r, q, err
	}
	run := func(write func(context.Context, io.Writer, *export.Reader, store.Query) (export.Summary, error)) func(*cobra.Command, []string) error {
		return func(c *cobra.Command, _ []string) error {
			r, q, err := open(c.Context())
			if err != nil {
				return err
			}
			var sum export.Summary
			err = a.writeTo(out, func(w io.Writer) error {
				var err error
				sum, err = write(c.Context(), w, r, q)
				return err
			})
			if err != nil {
				return fmt.Errorf("export: %w", err)
			}
			a.saySummary(sum)
			return nil
		}
	}
	stixOut := &cobra.Command{Use: "stix", Short: "A STIX 2.1 bundle; objects leave byte for byte as they came", Args: cobra.NoArgs, RunE: run(export.Bundle)}
	mispOut := &cobra.Command{Use: "misp", Short: "MISP events", Args: cobra.NoArgs, RunE: run(export.MISP)}
	csvOut := &cobra.Command{Use: "csv", Short: "Indicators as CSV", Args: cobra.NoArgs, RunE: run(export.CSV)}
	feed := &cobra.Command{
		Use: "feed", Short: "A MISP feed: a folder with an event per file, manifest.json and hashes.csv", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if out == "" {
				return usageError{errors.New("--out names the folder of the feed")}
			}
			r, q, err := open(c.Context())
			if err != nil {
				return err
			}
			if err := os.MkdirAll(out, 0o755); err != nil {
				return fmt.Errorf("export: %w", err)
			}
			sum, err := export.Feed(c.Context(), func(name string) (io.WriteCloser, error) {
				return os.Create(filepath.Join(out, filepath.Base(name)))
			}, r, q)
			if err != nil {
				return fmt.Errorf("export: %w", err)
			}
			a.saySummary(sum)
			return nil
		},
	}
	var subject string
	var layer export.LayerConfig
	navigator := &cobra.Command{
		Use: "navigator", Short: "An ATT&CK Navigator layer", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			r, _, err := open(c.Context())
			if err != nil {
				return err
			}
			if subject != "" {
				ct, err := a.court(c.Context(), time.Time{}, nil)
				if err != nil {
					return err
				}
				e, err := named(ct.g, subject)
				if err != nil {
					return err
				}
				layer.Subject = e.ID
			}
			return a.writeTo(out, func(w io.Writer) error {
				sum, err := export.Navigator(c.Context(), w, r, layer)
				a.saySummary(sum)
				return err
			})
		},
	}
	navigator.Flags().StringVar(&subject, "of", "", "an actor, operation, malware or tool (default: everybody)")
	navigator.Flags().StringVar(&layer.Name, "name", "", "name of the layer")
	navigator.Flags().StringVar(&layer.Domain, "domain", "", "ATT&CK's domain (default enterprise-attack)")
	navigator.Flags().StringVar(&layer.Attack, "attack", "", "version of ATT&CK")
	c.AddCommand(stixOut, mispOut, csvOut, feed, navigator)
	return c
}

func (a *app) saySummary(s export.Summary) {
	a.say("%d written", s.Written)
	for typ, n := range s.Skipped {
		a.say("  %d of type %s have no place in this format", n, typ)
	}
}

// writeTo writes to a file, or to standard output where none is named.
func (a *app) writeTo(path string, write func(io.Writer) error) (err error) {
	if path == "" {
		return write(a.stdout)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return write(f)
}
