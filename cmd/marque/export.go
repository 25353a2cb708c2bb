package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"marque/export"
	"marque/internal/durable"
	"marque/stix"
	"marque/store"
	"marque/workspace"

	"github.com/spf13/cobra"
)

type exportOptions struct {
	allVersions          bool
	tlp, use, out, since string
	types, ids           []string
}

func exportCommand(a *app) *cobra.Command {
	var o exportOptions
	c := &cobra.Command{
		Use: "export", Short: "Share: STIX, MISP, a MISP feed, CSV of indicators, ATT&CK Navigator layers",
		Long: `Writes what the workspace holds in other tools' formats, up to a TLP level (--tlp, default clear) and for a use that PAP permits
(--use). TLP:RED never leaves. docs/export.md and docs/misp.md have the mappings.`,
	}
	flags := c.PersistentFlags()
	flags.StringVar(&o.tlp, "tlp", "clear", "highest level that goes out: clear, green, amber, amber+strict")
	flags.StringVar(&o.use, "use", "knowledge", "what it is for: knowledge, detection, blocking")
	flags.StringVarP(&o.out, "out", "o", "", "write to this file (feed: this folder)")
	flags.StringSliceVar(&o.types, "types", nil, "only objects of these types")
	flags.StringSliceVar(&o.ids, "ids", nil, "only these objects")
	flags.StringVar(&o.since, "since", "", "only what was stored after this day")
	bundle := exportFormat(a, &o, "stix", "A STIX 2.1 bundle; objects leave byte for byte as they came", export.Bundle)
	bundle.Flags().BoolVar(&o.allVersions, "all-versions", false, "every version of each object, not the latest alone")
	c.AddCommand(
		bundle,
		exportFormat(a, &o, "misp", "MISP events", export.MISP),
		exportFormat(a, &o, "csv", "Indicators as CSV", export.CSV),
		exportFeed(a, &o), exportNavigator(a, &o),
	)
	return c
}

// open opens the workspace and the reader of what may leave.
func (o *exportOptions) open(ctx context.Context, a *app) (*export.Reader, store.Query, error) {
	q := store.Query{Types: o.types, AllVersions: o.allVersions}
	for _, id := range o.ids {
		parsed, err := stix.ParseID(id)
		if err != nil {
			return nil, q, usageError{err}
		}
		q.IDs = append(q.IDs, parsed)
	}
	var err error
	if q.AddedAfter, err = parseDay("since", o.since); err != nil {
		return nil, q, err
	}
	level, err := stix.ParseTLP(o.tlp)
	if err != nil {
		return nil, q, usageError{err}
	}
	var use store.Use
	if err := use.UnmarshalText([]byte(o.use)); err != nil {
		return nil, q, usageError{fmt.Errorf("--use: %w", err)}
	}
	if err := a.open(ctx); err != nil {
		return nil, q, err
	}
	r, err := a.w.Export(level, use)
	return r, q, err
}

// exporter writes one format.
type exporter func(context.Context, io.Writer, *export.Reader, store.Query) (export.Summary, error)

func exportFormat(a *app, o *exportOptions, name, short string, write exporter) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: short, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			r, q, err := o.open(c.Context(), a)
			if err != nil {
				return err
			}
			var sum export.Summary
			err = a.writeTo(o.out, func(w io.Writer) (err error) {
				sum, err = write(c.Context(), w, r, q)
				return err
			})
			if err != nil {
				return fmt.Errorf("export: %w", err)
			}
			a.saySummary(sum)
			return nil
		},
	}
}

func exportFeed(a *app, o *exportOptions) *cobra.Command {
	return &cobra.Command{
		Use: "feed", Short: "A MISP feed: a folder with an event per file, manifest.json and hashes.csv", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.out == "" {
				return usageError{errors.New("--out names the folder of the feed")}
			}
			r, q, err := o.open(c.Context(), a)
			if err != nil {
				return err
			}
			if err := os.MkdirAll(o.out, 0o755); err != nil {
				return fmt.Errorf("export: %w", err)
			}
			sum, err := export.Feed(c.Context(), func(name string, write func(io.Writer) error) error {
				return durable.Output(filepath.Join(o.out, filepath.Base(name)), 0o666, write)
			}, r, q)
			if err != nil {
				return fmt.Errorf("export: %w", err)
			}
			if a.json {
				return a.printJSON(sum)
			}
			a.saySummary(sum)
			return nil
		},
	}
}

func exportNavigator(a *app, o *exportOptions) *cobra.Command {
	var subject string
	var layer export.LayerConfig
	c := &cobra.Command{
		Use: "navigator", Short: "An ATT&CK Navigator layer", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			r, _, err := o.open(c.Context(), a)
			if err != nil {
				return err
			}
			if subject != "" {
				level, err := stix.ParseTLP(o.tlp)
				if err != nil {
					return usageError{err}
				}
				s, err := a.w.Snapshot(c.Context(), workspace.View{Level: level})
				if err != nil {
					return err
				}
				e, err := s.Entity(subject)
				if err != nil {
					return err
				}
				layer.Subject = e.ID
			}
			return a.writeTo(o.out, func(w io.Writer) error {
				sum, err := export.Navigator(c.Context(), w, r, layer)
				a.saySummary(sum)
				return err
			})
		},
	}
	c.Flags().StringVar(&subject, "of", "", "an actor, operation, malware or tool (default: everybody)")
	c.Flags().StringVar(&layer.Name, "name", "", "name of the layer")
	c.Flags().StringVar(&layer.Domain, "domain", "", "ATT&CK's domain (default enterprise-attack)")
	c.Flags().StringVar(&layer.Attack, "attack", "", "version of ATT&CK")
	return c
}

func (a *app) saySummary(s export.Summary) {
	a.say("%d written", s.Written)
	for typ, n := range s.Skipped {
		a.say("  %d of type %s have no place in this format", n, typ)
	}
}
