package walk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"marque/attribute"
	"marque/attribute/profile"
	"marque/claim"
	"marque/deter"
	"marque/export"
	"marque/graph"
	"marque/report"
	"marque/stix"
	"marque/store"
)

// written is the day on which everything is written.
var written = time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)

// Look reads a store up to a level by every way out, and returns what it saw by the name of the way. Times and sequences of the store are
// left out: they tell of the machine.
func Look(ctx context.Context, st store.Store, level stix.TLP) (map[string]string, error) {
	out := map[string]string{}
	r := st.View(store.View{MaxTLP: level})
	for name, look := range map[string]func(context.Context, io.Writer, store.Reader) error{
		"store": readAll, "search": search, "graph": readGraph, "judgements and brief": judge,
	} {
		var b bytes.Buffer
		if err := look(ctx, &b, r); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = b.String()
	}
	var texts strings.Builder
	for d, err := range st.ListDocuments(ctx, level) {
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&texts, "%+v\n", d)
	}
	out["documents"] = texts.String()
	for use := store.Knowledge; use <= store.Blocking && level < stix.Red; use++ {
		if err := exports(ctx, out, st, level, use); err != nil {
			return nil, err
		}
	}
	return out, nil
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

func readGraph(ctx context.Context, w io.Writer, r store.Reader) error {
	for _, asOf := range []time.Time{{}, time.Date(2024, 3, 15, 0, 0, 0, 0, time.UTC)} {
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
		_ = enc.Encode(attribute.Nexus(g))
		_ = enc.Encode(attribute.NexusShared(g, []string{"RU", "CN"}))
	}
	return nil
}

func judge(ctx context.Context, w io.Writer, r store.Reader) error {
	g, err := graph.Load(ctx, r, graph.Options{})
	if err != nil {
		return err
	}
	corpus, err := profile.FromObjects(graph.AsKnown(ctx, r, store.Query{}, time.Time{}))
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	_ = enc.Encode(corpus)
	in := report.Input{Graph: g, Country: g.CountryName}
	var ops []deter.Attributed
	history := attribute.Learn(g)
	for _, op := range g.Operations() {
		c, err := attribute.CaseOf(g, op.ID)
		if err != nil {
			return err
		}
		a := attribute.Judge(g, c, attribute.Options{History: history, Created: stix.At(written)})
		in.Assessments = append(in.Assessments, &a)
		_ = enc.Encode(&a)
		fmt.Fprintln(w, attribute.Paragraph(&a), attribute.Overturn(&a))
		if o, ok := deter.FromAssessment(&a); ok {
			ops = append(ops, o)
		}
	}
	in.Followed = deter.Follow(g, ops)
	_ = enc.Encode(deter.ByState(in.Followed, deter.Rule{}))
	return brief(w, in, r)
}

// brief renders in every form.
func brief(w io.Writer, in report.Input, r store.Reader) error {
	b := report.Build(in, report.Options{Generated: written})
	for _, render := range []func() error{
		func() error { return report.Text(w, b, 100, false) }, func() error { return report.Markdown(w, b) },
		func() error { return report.HTML(w, b) }, func() error { return report.JSON(w, b) }, func() error { return report.DOCX(w, b) },
		func() error { return report.Bundle(w, b, in.Assessments, r) },
	} {
		if err := render(); err != nil {
			return err
		}
	}
	return nil
}

func exports(ctx context.Context, out map[string]string, st store.Store, level stix.TLP, use store.Use) error {
	r, err := export.Open(st, store.View{MaxTLP: level}, use)
	if err != nil {
		return err
	}
	for name, write := range map[string]func(io.Writer) (export.Summary, error){
		"bundle": func(w io.Writer) (export.Summary, error) { return export.Bundle(ctx, w, r, store.Query{}) },
		"bundle of types": func(w io.Writer) (export.Summary, error) {
			return export.Bundle(ctx, w, r, store.Query{Types: []string{"indicator", claim.TypeMeasure}})
		},
		"csv":  func(w io.Writer) (export.Summary, error) { return export.CSV(ctx, w, r, store.Query{}) },
		"misp": func(w io.Writer) (export.Summary, error) { return export.MISP(ctx, w, r, store.Query{}) },
		"feed": func(w io.Writer) (export.Summary, error) {
			return export.Feed(ctx, func(name string, write func(io.Writer) error) error {
				fmt.Fprintln(w, name)
				return write(w)
			}, r, store.Query{})
		},
		"navigator": func(w io.Writer) (export.Summary, error) { return export.Navigator(ctx, w, r, export.LayerConfig{}) },
	} {
		var b bytes.Buffer
		sum, err := write(&b)
		if err != nil {
			return fmt.Errorf("export %s: %w", name, err)
		}
		out[fmt.Sprintf("export %s for %v", name, use)] = fmt.Sprintf("%s\n%+v", b.String(), sum)
	}
	return nil
}
