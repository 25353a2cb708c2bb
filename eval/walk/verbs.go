package walk

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"marque/attribute"
	"marque/claim"
	"marque/deter"
	"marque/deter/measure"
	"marque/deter/nomination"
	"marque/influence/event"
	"marque/report"
	"marque/stix"
	"marque/workspace"
)

// Way is a way out of a workspace. It writes what it tells from a level.
type Way struct {
	Name string
	Ask  func(ctx context.Context, h *House, level stix.TLP, out io.Writer) error
	Last bool // it leaves traces that others would find
}

// Ways are all ways out.
func Ways() []Way {
	var out []Way
	out = append(out, storeWays()...)
	out = append(out, verbs()...)
	out = append(out, exports()...)
	return append(out, routes()...)
}

// named are what is asked for by name: shared things, what documents name, and a few words of every level.
func (h *House) named() []string {
	names := []string{"Actor 0", "Actor 1", "Operation 0", "APT28", "canary", "report on a break-in", "Operatoin 1", id("campaign", 1)}
	return append(names, h.words[:min(3, len(h.words))]...)
}

// answered writes the answer of a verb, as it goes out as JSON.
func answered(out io.Writer, answer any, err error) error {
	if err != nil {
		fmt.Fprintln(out, err)
		return nil
	}
	return json.NewEncoder(out).Encode(answer)
}

// asked asks a snapshot about each of the names. A name that is asked for is no news, so that it is taken out of the answer.
func asked[T any](ask func(*workspace.Snapshot, string) (T, error)) func(context.Context, *House, stix.TLP, io.Writer) error {
	return func(ctx context.Context, h *House, level stix.TLP, out io.Writer) error {
		s, err := h.snapshot(ctx, level)
		if err != nil {
			return err
		}
		for _, name := range h.named() {
			var b strings.Builder
			answer, err := ask(s, name)
			if err := answered(&b, answer, err); err != nil {
				return err
			}
			text := b.String()
			if err != nil {
				text = strings.ReplaceAll(text, name, "ASKED")
			}
			fmt.Fprintf(out, "%s", text)
		}
		return nil
	}
}

// seen asks a snapshot.
func seen[T any](ask func(context.Context, *workspace.Snapshot) (T, error)) func(context.Context, *House, stix.TLP, io.Writer) error {
	return func(ctx context.Context, h *House, level stix.TLP, out io.Writer) error {
		s, err := h.snapshot(ctx, level)
		if err != nil {
			return err
		}
		answer, err := ask(ctx, s)
		return answered(out, answer, err)
	}
}

// told asks a workspace from a view.
func told[T any](ask func(context.Context, *House, workspace.View) (T, error)) func(context.Context, *House, stix.TLP, io.Writer) error {
	return func(ctx context.Context, h *House, level stix.TLP, out io.Writer) error {
		answer, err := ask(ctx, h, workspace.View{Level: level})
		return answered(out, answer, err)
	}
}

// verbs are the verbs of a workspace that answer.
func verbs() []Way {
	type snapshot = workspace.Snapshot
	type view = workspace.View
	return []Way{
		{Name: "actor", Ask: asked((*snapshot).Actor)},
		{Name: "entity", Ask: asked((*snapshot).Entity)},
		{Name: "operation", Ask: asked((*snapshot).Operation)},
		{Name: "record", Ask: asked((*snapshot).Record)},
		{Name: "nominate", Ask: asked(nominate)},
		{Name: "claims", Ask: told(func(ctx context.Context, h *House, v view) (any, error) {
			return h.Claims(ctx, v, workspace.ClaimFilter{})
		})},
		{Name: "claims of an actor", Ask: told(func(ctx context.Context, h *House, v view) (any, error) {
			return h.Claims(ctx, v, workspace.ClaimFilter{Object: "actor", Stance: claim.Asserts})
		})},
		{Name: "claims by id", Ask: func(ctx context.Context, h *House, level stix.TLP, out io.Writer) error {
			for _, w := range append([]string{""}, h.words...) {
				rows, err := h.PickClaims(ctx, workspace.View{Level: level}, []string{"claim-" + strings.ToLower(w)}, false)
				if err != nil {
					fmt.Fprintln(out, strings.ReplaceAll(err.Error(), strings.ToLower(w), "ASKED"))
				} else if err := answered(out, rows, nil); err != nil {
					return err
				}
			}
			return nil
		}},
		{Name: "attribute", Ask: seen(func(ctx context.Context, s *snapshot) (any, error) { return s.JudgeAll(ctx, nil) })},
		{Name: "operations", Ask: told(func(ctx context.Context, h *House, v view) (any, error) { return h.Operations(ctx, v, nil) })},
		{Name: "open joins", Ask: seen(func(_ context.Context, s *snapshot) (any, error) { return s.Unsettled(), nil })},
		{Name: "what followed", Ask: seen(func(ctx context.Context, s *snapshot) (any, error) {
			fs, err := s.Followed(ctx, nil)
			return []any{fs, deter.ByStateAndYear(fs, deter.Rule{})}, err
		})},
		{Name: "nexus", Ask: seen(func(_ context.Context, s *snapshot) (any, error) {
			return []any{attribute.Nexus(s.Graph), attribute.NexusShared(s.Graph, []string{"RU", "CN"})}, nil
		})},
		{Name: "influence events", Ask: seen(func(_ context.Context, s *snapshot) (any, error) { return s.Occasions("", event.Options{}) })},
		{Name: "brief", Ask: brief},
		{Name: "brief as of a day", Ask: told(func(ctx context.Context, h *House, v view) (any, error) {
			v.AsOf = dayBetween
			b, err := h.Brief(ctx, v, report.Options{Generated: written}, "", nil)
			if err != nil {
				return nil, err
			}
			return b.Brief, nil
		})},
		{Name: "assessed", Ask: func(ctx context.Context, h *House, level stix.TLP, out io.Writer) error {
			for i := range things {
				answer, err := h.Assessed(ctx, workspace.View{Level: level}, id("campaign", i))
				if err := answered(out, answer, err); err != nil {
					return err
				}
				notes, err := h.NotesOn(ctx, workspace.View{Level: level}, id("campaign", i))
				if err := answered(out, notes, err); err != nil {
					return err
				}
			}
			return nil
		}},
		{Name: "measures", Ask: told(func(ctx context.Context, h *House, v view) (any, error) {
			rows, err := h.Measures(ctx, v, measure.Filter{})
			if err != nil {
				return nil, err
			}
			sources, err := h.MeasureSources(ctx, v)
			if err != nil {
				return nil, err
			}
			var bundle strings.Builder
			err = h.MeasureBundle(ctx, &bundle, v, rows)
			return []any{rows, sources, bundle.String()}, err
		})},
		{Name: "sites", Ask: told(func(ctx context.Context, h *House, v view) (any, error) {
			return h.Sites(ctx, workspace.SitesOptions{View: v})
		})},
		{Name: "successors", Ask: told(func(ctx context.Context, h *House, v view) (any, error) {
			names, err := h.file("asked.txt", "lemonde-presse.org\nspiegel-news.org\n")
			if err != nil {
				return nil, err
			}
			return h.Successors(ctx, workspace.SuccessorsOptions{SitesOptions: workspace.SitesOptions{View: v}, Names: []string{names}, Least: 5})
		})},
		{Name: "predict", Ask: told(func(ctx context.Context, h *House, v view) (any, error) {
			return h.Predict(ctx, workspace.SitesOptions{View: v}, "", 5)
		})},
		{Name: "replacements", Ask: told(func(ctx context.Context, h *House, v view) (any, error) {
			return h.Replacements(ctx, workspace.SitesOptions{View: v}, "")
		})},
		{Name: "case", Ask: told(func(ctx context.Context, h *House, v view) (any, error) {
			o, err := stix.Parse(fmt.Appendf(nil, `{"type":"campaign","spec_version":"2.1","id":%q,%s,"modified":"2024-06-01T00:00:00.000Z","name":"A case"}`,
				id("campaign", 90), created))
			if err != nil {
				return nil, err
			}
			s, err := h.With(ctx, v, []*stix.Object{o})
			if err != nil {
				return nil, err
			}
			return s.JudgeAll(ctx, nil)
		})},
	}
}

// nominate drafts a proposal to list an actor, in every form.
func nominate(s *workspace.Snapshot, name string) (any, error) {
	e, err := s.Entity(name)
	if err != nil {
		return nil, err
	}
	p, err := nomination.Build(s.Graph, e.ID, nil)
	if err != nil {
		return nil, err
	}
	var text, page strings.Builder
	if err := p.Markdown(&text); err != nil {
		return nil, err
	}
	if err := p.HTML(&page); err != nil {
		return nil, err
	}
	o, err := p.Report(claim.MarqueIdentity, stix.At(written))
	if err != nil {
		return nil, err
	}
	return []any{p, text.String(), page.String(), string(o.Raw())}, nil
}

// brief writes the brief in every form.
func brief(ctx context.Context, h *House, level stix.TLP, out io.Writer) error {
	b, err := h.Brief(ctx, workspace.View{Level: level}, report.Options{Generated: written}, "", nil)
	if err != nil {
		return err
	}
	for _, a := range b.Assessments {
		fmt.Fprintln(out, attribute.Paragraph(a), attribute.Overturn(a))
	}
	for _, render := range []func() error{
		func() error { return report.Text(out, b.Brief, 100, false) }, func() error { return report.Markdown(out, b.Brief) },
		func() error { return report.HTML(out, b.Brief) }, func() error { return report.JSON(out, b.Brief) },
		func() error { return report.DOCX(out, b.Brief) },
		func() error { return b.Bundle(ctx, out) },
	} {
		if err := render(); err != nil {
			return err
		}
	}
	return nil
}
