package workspace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"marque/claim"
	"marque/deter/measure"
	"marque/influence/site"
	"marque/report"
	"marque/stix"
	"marque/store"
)

// Year is a yearly report with the judgements that it tells of.
type Year struct {
	*report.Year
	Assessments []*claim.Assessment

	w *Workspace
}

// Year makes the yearly report of a window, both days inclusive, from what a view shows.
func (w *Workspace) Year(ctx context.Context, v View, from, to time.Time, progress func(Progress)) (*Year, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	as, after, err := s.judgedAndFollowed(ctx, progress)
	if err != nil {
		return nil, err
	}
	in := report.YearInput{
		Input:    report.Input{Graph: s.Graph, Assessments: as, Followed: after, Country: s.Graph.CountryName},
		Measures: measure.Rows(s.Graph, measure.Filter{}),
	}
	if in.Coverage, err = measure.Sources(s.Graph); err != nil {
		return nil, err
	}
	before := report.Options{From: from.Add(from.Sub(to.AddDate(0, 0, 1))), To: from.AddDate(0, 0, -1)}
	if in.Sightings, err = w.sightings(ctx, s, report.Options{From: from, To: to}); err != nil {
		return nil, err
	}
	if in.SightingsBefore, err = w.sightings(ctx, s, before); err != nil {
		return nil, err
	}
	if in.Sites, in.Watched, err = w.siteFates(ctx, v); err != nil {
		return nil, err
	}
	return &Year{report.BuildYear(in, from, to, w.now().UTC()), as, w}, nil
}

// siteFates are the sites that were taken away, of all watched operations that a view shows.
func (w *Workspace) siteFates(ctx context.Context, v View) (out []report.SiteFate, watched int, err error) {
	known, err := w.Sites(ctx, SitesOptions{View: v, AsOf: v.AsOf})
	if errors.Is(err, ErrNothingWatched) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	for op := range known.Operations {
		fates, err := known.watch.AfterSeizure(op, site.LookAlike)
		if err != nil {
			return nil, 0, err
		}
		for _, f := range fates {
			out = append(out, report.SiteFate{Operation: op, Host: f.Host, ID: known.ids[f.Host], Successor: f.Successor, Seized: f.Seized, Days: f.Days})
		}
	}
	report.SortFates(out)
	return out, known.Sites, nil
}

// Bundle writes the report with all that it rests on as a STIX bundle. TLP:RED is refused: it leaves in no bundle.
func (y *Year) Bundle(ctx context.Context, out io.Writer) error {
	if y.Level > stix.AmberStrict {
		return fmt.Errorf("the yearly report rests on %v: %w", y.Level, store.ErrRed)
	}
	return report.YearBundle(ctx, out, y.Year, y.Assessments, y.w.Reader(View{Level: y.Level}))
}
