package workspace

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"marque/graph"
	"marque/lake"
	"marque/match"
	"marque/match/sequence"
	"marque/stix"
)

// HuntOptions say what is looked for in the events of the past: the workspace's indicators, those of one actor, or patterns.
type HuntOptions struct {
	Actor       string   // by any of its names
	Patterns    []string // STIX patterns instead of the workspace's indicators; what they find is not kept
	From, Until time.Time
	Hit         func(match.Hit)
	Unusable    func(err error)
	Progress    func(Progress)
}

// HuntResult is what a look back found.
type HuntResult struct {
	Stats      lake.HuntStats     `json:"stats"`
	Indicators int                `json:"indicators"`
	Sequences  []sequence.Finding `json:"sequences,omitempty"`
}

// Lake opens the events that are kept.
func (w *Workspace) Lake() (*lake.Lake, error) { return lake.Open(w.path("lake")) }

// Hunt looks indicators up in the lake, newest hours first. Hits of indicators are kept as sightings, sequences in them as notes.
func (w *Workspace) Hunt(ctx context.Context, o HuntOptions) (*HuntResult, error) {
	l, err := w.Lake()
	if err != nil {
		return nil, err
	}
	in, err := w.quarry(ctx, o)
	if err != nil {
		return nil, err
	}
	cfg := lake.HuntConfig{From: o.From, Until: o.Until}
	if cfg.Allow, err = w.allowLists(o.Unusable); err != nil {
		return nil, err
	}
	cfg.Patterns = match.NewPatterns(in.patterns...)
	trail, err := newTrail()
	if err != nil {
		return nil, err
	}
	cfg.Hit = func(h match.Hit) {
		if o.Hit != nil {
			o.Hit(h)
		}
		trail.add(h)
	}
	if o.Progress != nil {
		cfg.Progress = func(s lake.HuntStats) {
			o.Progress(Progress{What: "hunt", Done: int64(s.Files), Total: int64(s.TotalFiles)})
		}
	}
	res := &HuntResult{Indicators: in.count}
	stats, tally, err := l.Hunt(ctx, in.values, cfg)
	res.Stats = stats
	if tally != nil && len(o.Patterns) == 0 {
		rows := tally.SightingRows()
		res.Sequences = trail.find(rows)
		// What was found before an interruption is kept too.
		_, kerr := w.keepSightings(context.WithoutCancel(ctx), []match.Account{{Origin: match.Origin{Lake: true}, Rows: rows}}, res.Sequences)
		err = errors.Join(err, kerr)
	}
	return res, err
}

// quarry is what a hunt looks for: the patterns, or indicators of the workspace.
func (w *Workspace) quarry(ctx context.Context, o HuntOptions) (*compiled, error) {
	if len(o.Patterns) > 0 {
		out := &compiled{}
		for _, p := range o.Patterns {
			c, err := match.CompilePattern(match.Indicator{ID: p}, p)
			if err != nil {
				return nil, fmt.Errorf("--pattern %s: %w", p, err)
			}
			out.add(c)
		}
		return out, nil
	}
	s, err := w.Snapshot(ctx, Owner())
	if err != nil {
		return nil, err
	}
	in, err := w.compileIndicators(ctx, s.Graph, actorNamed(s.Graph, o.Actor), o.Unusable)
	if err != nil || in.count > 0 {
		return in, err
	}
	if o.Actor != "" {
		return nil, fmt.Errorf("no indicators of %q in this workspace; marque actor %q tells who is meant", o.Actor, o.Actor)
	}
	return nil, ErrNoIndicators
}

// actorNamed tells whether an actor is one that the name may mean. An ambiguous name means all of its candidates; no name,
// everybody and nobody.
func actorNamed(g *graph.Graph, name string) func(stix.ID) bool {
	if name == "" {
		return func(stix.ID) bool { return true }
	}
	meant := g.Resolve(name)
	return func(actor stix.ID) bool {
		for _, c := range meant.Candidates {
			if g.Same(c.ID, actor) {
				return true
			}
		}
		return strings.EqualFold(g.Name(actor), name)
	}
}

// add takes a compiled indicator in.
func (c *compiled) add(m match.Compiled) {
	c.count++
	c.values = append(c.values, m.Values...)
	if m.Program != nil {
		c.patterns = append(c.patterns, m.Pattern())
	}
}
