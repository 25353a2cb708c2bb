package walk

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"marque/claim"
	"marque/export"
	"marque/graph"
	"marque/stix"
	"marque/store"
	"marque/workspace"
)

// dayBetween parts what was published of what was not yet.
var dayBetween = time.Date(2024, 3, 15, 0, 0, 0, 0, time.UTC)

// storeWays read the store itself, and the graph of what it shows.
func storeWays() []Way {
	read := func(look func(context.Context, io.Writer, store.Reader) error) func(context.Context, *House, stix.TLP, io.Writer) error {
		return func(ctx context.Context, h *House, level stix.TLP, out io.Writer) error {
			return look(ctx, out, h.Reader(workspace.View{Level: level}))
		}
	}
	return []Way{
		{Name: "store", Ask: read(readAll)},
		{Name: "search", Ask: read(search)},
		{Name: "graph", Ask: read(func(ctx context.Context, w io.Writer, r store.Reader) error { return readGraph(ctx, w, r, time.Time{}) })},
		{Name: "graph as of a day", Ask: read(func(ctx context.Context, w io.Writer, r store.Reader) error { return readGraph(ctx, w, r, dayBetween) })},
		{Name: "documents", Ask: func(ctx context.Context, h *House, level stix.TLP, out io.Writer) error {
			for d, err := range h.Store().ListDocuments(ctx, level) {
				if err != nil {
					return err
				}
				fmt.Fprintf(out, "%+v\n", d)
			}
			return nil
		}},
		{Name: "profiles", Ask: func(ctx context.Context, h *House, level stix.TLP, out io.Writer) error {
			s, err := h.snapshot(ctx, level)
			if err != nil {
				return err
			}
			return json.NewEncoder(out).Encode(s.Corpus)
		}},
	}
}

// readAll reads by every method of a reader.
func readAll(ctx context.Context, w io.Writer, r store.Reader) error {
	var ids []stix.ID
	for _, all := range []bool{false, true} {
		for rec, err := range r.Find(ctx, store.Query{AllVersions: all}) {
			if err != nil {
				return err
			}
			ids = append(ids, rec.ID)
			fmt.Fprintf(w, "%v %s %+v\n", rec.Level, rec.Raw(), withoutTime(rec.Provenance))
		}
	}
	for _, id := range ids {
		versions, err := r.Versions(ctx, id)
		if err != nil {
			return err
		}
		sources, err := r.Sources(ctx, id)
		if err != nil {
			return err
		}
		for i := range sources {
			sources[i] = withoutTime(sources[i])
		}
		level, err := store.LevelOf(ctx, r, id)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s: %d versions, rests on %v, %+v\n", id, len(versions), level, sources)
		for rec, err := range r.Related(ctx, id, store.Both) {
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "  %s\n", rec.ID)
		}
	}
	stats, err := r.Stats(ctx)
	if err != nil {
		return err
	}
	n, err := r.Count(ctx, store.Query{AllVersions: true})
	fmt.Fprintln(w, stats, n) // maps print sorted
	return err
}

func withoutTime(p store.Provenance) store.Provenance {
	p.Digest = "" // of the whole file, which is another without what is above
	return p
}

func search(ctx context.Context, w io.Writer, r store.Reader) error {
	for _, words := range []string{"canary", "they said", "actor", "operation", "report on a break-in"} {
		recs, err := r.Search(ctx, words, 0)
		if err != nil {
			return err
		}
		found := map[stix.ID]bool{}
		for _, rec := range recs {
			found[rec.ID] = true
		}
		fmt.Fprintln(w, words, found)
	}
	return nil
}

func readGraph(ctx context.Context, w io.Writer, r store.Reader, asOf time.Time) error {
	g, err := graph.Load(ctx, r, graph.Options{AsOf: asOf})
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	fmt.Fprintln(w, g.Level, g.Stats, g.Sponsors())
	for _, e := range g.Entities() {
		_ = enc.Encode([]any{
			e, g.LevelOf(e.ID), g.ActorNames(e.ID), g.NameConflicts(e.ID), g.Ties(e.ID), g.Edges(e.ID), g.SponsorOf(e.ID), g.Assessment(e.ID),
		})
	}
	for _, c := range g.Claims() {
		_ = enc.Encode(c)
	}
	for _, d := range g.Documents() {
		_ = enc.Encode(d)
	}
	for _, m := range g.Measures() {
		_ = enc.Encode(m)
	}
	for _, name := range []string{"Actor 0", "Actor 1", "APT28", "Sandworm", "Canary"} {
		_ = enc.Encode(g.Resolve(name))
	}
	return nil
}

// exports are all formats for all uses.
func exports() []Way {
	var out []Way
	for use := store.Knowledge; use <= store.Blocking; use++ {
		for _, f := range []struct {
			name  string
			write func(context.Context, io.Writer, *export.Reader) (export.Summary, error)
		}{
			{"bundle", func(ctx context.Context, w io.Writer, r *export.Reader) (export.Summary, error) {
				return export.Bundle(ctx, w, r, store.Query{})
			}},
			{"bundle of types", func(ctx context.Context, w io.Writer, r *export.Reader) (export.Summary, error) {
				return export.Bundle(ctx, w, r, store.Query{Types: []string{"indicator", claim.TypeMeasure}})
			}},
			{"csv", func(ctx context.Context, w io.Writer, r *export.Reader) (export.Summary, error) {
				return export.CSV(ctx, w, r, store.Query{})
			}},
			{"misp", func(ctx context.Context, w io.Writer, r *export.Reader) (export.Summary, error) {
				return export.MISP(ctx, w, r, store.Query{})
			}},
			{"feed", func(ctx context.Context, w io.Writer, r *export.Reader) (export.Summary, error) {
				return export.Feed(ctx, func(name string, write func(io.Writer) error) error {
					fmt.Fprintln(w, name)
					return write(w)
				}, r, store.Query{})
			}},
			{"navigator", func(ctx context.Context, w io.Writer, r *export.Reader) (export.Summary, error) {
				return export.Navigator(ctx, w, r, export.LayerConfig{})
			}},
		} {
			out = append(out, Way{Name: fmt.Sprintf("export %s for %v", f.name, use), Ask: func(ctx context.Context, h *House, level stix.TLP, w io.Writer) error {
				r, err := h.Export(level, use)
				if err != nil {
					return err
				}
				sum, err := f.write(ctx, w, r)
				fmt.Fprintf(w, "\n%+v", sum)
				return err
			}})
		}
	}
	return out
}
