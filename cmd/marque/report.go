package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"marque/claim"
	"marque/graph"
	"marque/report"
	"marque/stix"
	"marque/store"
)

func reportCommand(a *app) *cobra.Command {
	var from, to, format, out string
	var detail int
	c := &cobra.Command{
		Use: "report", Short: "The brief: what happened, who, why, how sure, who denies it, what followed", Args: cobra.NoArgs,
		Long: `Writes the brief for a window. Without --format the terminal gets text; --out FILE takes the format from the file's ending
(.html, .md, .json, .stix.json, .txt).`,
		RunE: func(c *cobra.Command, _ []string) error {
			o := report.Options{Generated: a.now().UTC(), Detail: detail}
			var err error
			if o.From, err = parseDay("from", from); err != nil {
				return err
			}
			if o.To, err = parseDay("to", to); err != nil {
				return err
			}
			if !o.To.IsZero() && o.To.Before(o.From) {
				return usageError{fmt.Errorf("--to %s lies before --from %s", to, from)}
			}
			if format == "" {
				format = formatOf(out, a.json)
			}
			if err := a.open(c.Context()); err != nil {
				return err
			}
			b, made, err := a.brief(c.Context(), o, "")
			if err != nil {
				return err
			}
			return a.writeBrief(b, made, format, out)
		},
	}
	c.Flags().StringVar(&from, "from", "", "first day of the window, such as 2023-07-01")
	c.Flags().StringVar(&to, "to", "", "last day of the window")
	c.Flags().StringVar(&format, "format", "", "text, markdown, html, json or stix")
	c.Flags().StringVarP(&out, "out", "o", "", "write to this file")
	c.Flags().IntVar(&detail, "detail", 25, "operations with a section of their own")
	return c
}

func formatOf(out string, asJSON bool) string {
	switch ext := strings.ToLower(filepath.Ext(out)); {
	case strings.HasSuffix(out, ".stix.json"):
		return "stix"
	case ext == ".html" || ext == ".htm":
		return "html"
	case ext == ".md":
		return "markdown"
	case ext == ".json" || (out == "" && asJSON):
		return "json"
	}
	return "text"
}

// brief judges what there is and puts it into words. It returns the judgements too, for a bundle.
func (a *app) brief(ctx context.Context, o report.Options, note string) (*report.Brief, []*claim.Assessment, error) {
	ct, err := a.court(ctx, time.Time{}, nil)
	if err != nil {
		return nil, nil, err
	}
	as, err := ct.all(ctx)
	if err != nil {
		return nil, nil, err
	}
	seen, err := a.sightings(ctx, ct.g, o)
	if err != nil {
		return nil, nil, err
	}
	in := report.Input{
		Graph: ct.g, Assessments: as, Followed: ct.followed(as), Country: ct.g.CountryName, Negative: ct.negative(), Sightings: seen, Note: note,
	}
	return report.Build(in, o), as, nil
}

// sightings adds up hits of the window by actor.
func (a *app) sightings(ctx context.Context, g *graph.Graph, o report.Options) ([]report.Sighting, error) {
	tags := actorTags(g)
	byActor := map[string]*report.Sighting{}
	for rec, err := range a.reader().Find(ctx, store.Query{Types: []string{"sighting"}}) {
		if err != nil {
			return nil, fmt.Errorf("read sightings: %w", err)
		}
		var s stix.Sighting
		if err := rec.Decode(&s); err != nil || s.SightingOfRef.Type() != "indicator" {
			continue
		}
		at := s.LastSeen.Time()
		if (!o.From.IsZero() && at.Before(o.From)) || (!o.To.IsZero() && at.After(o.To.AddDate(0, 0, 1))) {
			continue
		}
		tag := tags[s.SightingOfRef]
		sum := byActor[tag.Actor]
		if sum == nil {
			sum = &report.Sighting{Actor: tag.Actor, Sponsor: tag.Sponsor}
			byActor[tag.Actor] = sum
		}
		n := 1
		if s.Count != nil {
			n = *s.Count
		}
		sum.Add(n, s.FirstSeen.Time(), s.LastSeen.Time(), s.SightingOfRef)
	}
	return report.SortSightings(byActor), nil
}

// writeBrief writes one format to a file or to standard output.
func (a *app) writeBrief(b *report.Brief, as []*claim.Assessment, format, out string) (err error) {
	w := io.Writer(a.stdout)
	if out != "" {
		f, ferr := os.Create(out)
		if ferr != nil {
			return fmt.Errorf("write brief: %w", ferr)
		}
		defer func() {
			if cerr := f.Close(); err == nil {
				err = cerr
			}
			if err == nil {
				a.say("wrote %s", out)
			}
		}()
		w = f
	}
	switch format {
	case "text":
		return report.Text(w, b, a.width(), out == "" && a.colour())
	case "markdown", "md":
		return report.Markdown(w, b)
	case "html":
		return report.HTML(w, b)
	case "json":
		return report.JSON(w, b)
	case "stix":
		return report.Bundle(w, b, as, a.shareable())
	}
	return usageError{fmt.Errorf("format %q: want text, markdown, html, json or stix", format)}
}

// shareable is the view for what leaves the workspace: TLP:RED stays.
func (a *app) shareable() store.Reader { return a.db.View(store.View{MaxTLP: stix.AmberStrict}) }
