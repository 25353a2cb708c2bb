package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"marque/claim"
	"marque/event"
	"marque/graph"
	"marque/match"
	"marque/match/sequence"
	"marque/report"
	"marque/stix"
	"marque/store"
)

// tableSeed seeds the hashes of indicator tables of this program; any number does, it is fixed so that runs can be compared.
const tableSeed = 0x6d617271

func matchCommand(a *app) *cobra.Command {
	var o matchOptions
	c := &cobra.Command{
		Use: "match EVENTS...", Short: "Match events against the indicators of the workspace", Args: cobra.MinimumNArgs(1),
		Long: `Reads event files (JSON lines: OCSF, ECS, Zeek, Suricata EVE, Marque's short form; gzip and zstd), folders or standard
input as "-", and matches each event against the STIX indicators of the workspace. Hits are counted as sightings (indicator ×
sensor × hour) and kept; --hits prints each with its reason as a JSON line. Lines that cannot be read are counted by reason
and kept in the quarantine. docs/events.md describes formats and mappings.

Interrupted, the same command goes on where it stood; with other indicators, or other content in a file, it begins anew.`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.open(c.Context()); err != nil {
				return err
			}
			paths, err := expand(args)
			if err != nil {
				return err
			}
			res, err := a.match(c.Context(), paths, o)
			if res == nil {
				return err
			}
			return errors.Join(err, a.printMatch(res))
		},
	}
	c.Flags().BoolVar(&o.hits, "hits", false, "print each hit as a JSON line")
	c.Flags().BoolVar(&o.keep, "keep", true, "keep sightings in the workspace")
	c.Flags().BoolVar(&o.lake, "lake", false, "keep the events in the lake, so that marque hunt can look back")
	c.Flags().Int64Var(&o.segment, "checkpoint-bytes", 1<<30, "text between two checkpoints")
	return c
}

type matchOptions struct {
	hits, keep, lake bool
	segment          int64
}

type matchResult struct {
	Stats     match.Stats         `json:"stats"`
	Indicator int                 `json:"indicators"`
	Unusable  int                 `json:"unusable_indicators"`
	Sightings []match.SightingRow `json:"sightings"`
	Rollup    []match.RollupRow   `json:"rollup"`
	Sequences []sequence.Finding  `json:"sequences,omitempty"`
	Kept      int                 `json:"kept"`
	Resumed   int64               `json:"resumed_lines,omitempty"` // lines that an earlier, interrupted run had matched
}

func (a *app) match(ctx context.Context, paths []string, o matchOptions) (*matchResult, error) {
	formats, err := a.formats()
	if err != nil {
		return nil, err
	}
	cfg := match.Config{SegmentBytes: o.segment}
	seed := uint64(tableSeed)
	if o.lake {
		l, err := a.openLake()
		if err != nil {
			return nil, err
		}
		cfg.Keep, seed = l, l.Seed()
	}
	set, in, err := a.indicatorSet(ctx, seed)
	if err != nil {
		return nil, err
	}
	res := &matchResult{Indicator: in.count, Unusable: in.unusable}
	if res.Indicator == 0 && !o.lake {
		return nil, errors.New("no indicators in this workspace; marque ingest reads them from STIX")
	}
	runs := map[string]*progress{}
	sources := make([]match.Source, len(paths))
	for i, p := range paths {
		if runs[p], err = a.resume(p, o.lake, in.mark); err != nil {
			return nil, err
		}
		sources[i] = match.Source{Path: p, From: runs[p].Point}
		res.Resumed += runs[p].Point.Line
		if p == "-" {
			sources[i].Reader = a.stdin
		}
	}
	bar := a.bar("events")
	cfg.Progress = func(s match.Stats) { bar.to(s.ReadBytes, s.TotalBytes) }
	cfg.Commit = func(point match.Checkpoint, counts *match.Tally) error { return runs[point.Path].commit(point, counts) }
	cfg.Bad = func(b match.Bad) {
		runs[b.Source].Rejects = append(runs[b.Source].Rejects, store.Reject{
			Source: b.Source, Importer: "events", Place: fmt.Sprintf("line %d", b.Line), Offset: b.Offset, Reason: string(b.Reason),
			Raw: bytes.Clone(b.Text[:min(len(b.Text), 4096)]), Time: a.now(),
		})
	}
	trail, err := newTrail()
	if err != nil {
		return nil, err
	}
	var printErr error
	cfg.Hit = func(h match.Hit) {
		if o.hits {
			printErr = errors.Join(printErr, a.printLine(h))
		}
		trail.add(h)
	}
	stats, _, err := match.Run(ctx, sources, formats, set, cfg)
	bar.done()
	if errors.Is(err, match.ErrChanged) {
		return nil, errors.Join(err, a.forget(runs), errors.New("run it again to match what the files hold now"))
	}
	if err != nil || printErr != nil {
		return nil, errors.Join(err, printErr)
	}
	tally := match.NewTally()
	var rejects []store.Reject
	for _, path := range slices.Sorted(maps.Keys(runs)) {
		p := runs[path]
		tally.Merge(p.tally)
		rejects = append(rejects, p.Rejects...)
	}
	res.Stats, res.Sightings, res.Rollup = stats, tally.SightingRows(), tally.RollupRows()
	if err := a.db.PutRejects(ctx, rejects); err != nil {
		return nil, fmt.Errorf("keep quarantine: %w", err)
	}
	res.Sequences = trail.find(res.Sightings)
	if o.keep && len(res.Sightings) > 0 {
		put, err := a.putSightings(ctx, res.Sightings)
		if err != nil {
			return nil, err
		}
		res.Kept = put.Stored()
		if err := a.putSequences(ctx, res.Sequences); err != nil {
			return nil, err
		}
	}
	if err := a.forget(runs); err != nil {
		return res, err
	}
	if len(rejects) > 0 {
		return res, errSetAside
	}
	return res, nil
}

// forget removes the progress of files that are through.
func (a *app) forget(runs map[string]*progress) error {
	var faults []error
	for _, p := range runs {
		faults = append(faults, p.done())
	}
	return errors.Join(faults...)
}

func (a *app) formats() (*event.Formats, error) {
	var own []event.Format
	for _, path := range a.cfg.Mappings {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("event mappings: %w", err)
		}
		fs, err := event.ReadFormats(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("event mappings %s: %w", path, err)
		}
		own = append(own, fs...)
	}
	return event.NewFormats(own...)
}

// compiled are the workspace's indicators made ready.
type compiled struct {
	values   []match.Indicator
	watcher  *match.PatternWatcher
	count    int
	unusable int
	mark     int64 // the last sequence of the store that was looked at
}

// compileIndicators makes indicators ready whose actor is wanted, each tagged with that actor and its state.
func (a *app) compileIndicators(ctx context.Context, g *graph.Graph, wanted func(actor stix.ID) bool) (*compiled, error) {
	actors, tags := indicated(g), actorTags(g)
	out := &compiled{watcher: match.NewPatternWatcher()}
	for rec, err := range a.reader().Find(ctx, store.Query{Types: []string{"indicator"}}) {
		if err != nil {
			return nil, fmt.Errorf("read indicators: %w", err)
		}
		out.mark = max(out.mark, rec.Seq)
		if !wanted(actors[rec.ID]) {
			continue
		}
		tag := tags[rec.ID]
		c, err := match.Compile(rec.Object, tag.Actor, tag.Sponsor)
		if err != nil {
			out.unusable++
			a.say("  %v", err)
			continue
		}
		out.add(c)
	}
	return out, nil
}

// indicatorSet is the workspace's indicators as a set that events are matched against, hashed with a seed.
func (a *app) indicatorSet(ctx context.Context, seed uint64) (*match.Set, *compiled, error) {
	g, err := graph.Load(ctx, a.reader(), graph.Options{})
	if err != nil {
		return nil, nil, err
	}
	in, err := a.compileIndicators(ctx, g, func(stix.ID) bool { return true })
	if err != nil {
		return nil, nil, err
	}
	builder := match.NewBuilder(seed, len(in.values))
	for _, v := range in.values {
		if err := builder.Add(v); err != nil {
			return nil, nil, err
		}
	}
	set := match.NewSet(seed, builder.Build())
	if in.watcher.Len() > 0 {
		set.SetWatchers(in.watcher)
	}
	allow, err := a.allowLists()
	if err != nil {
		return nil, nil, err
	}
	set.SetAllow(allow)
	return set, in, nil
}

func (a *app) allowLists() (*match.Allow, error) {
	if len(a.cfg.AllowLists) == 0 {
		return nil, nil
	}
	allow := match.NewAllow()
	for _, path := range a.cfg.AllowLists {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("allow list: %w", err)
		}
		if err := errors.Join(allow.Read(f), f.Close()); err != nil {
			return nil, fmt.Errorf("allow list %s: %w", path, err)
		}
	}
	return allow, nil
}

// indicated says for each indicator which actor it indicates.
func indicated(g *graph.Graph) map[stix.ID]stix.ID {
	actors := map[stix.ID]stix.ID{}
	for _, c := range g.Claims() {
		for _, l := range c.Links {
			if _, known := actors[l.From]; !known && l.Relation == "indicates" && graph.IsActor(l.To.Type()) {
				actors[l.From] = l.To
			}
		}
	}
	return actors
}

// actorTags says for each indicator the actor that it indicates and which state stands behind it.
func actorTags(g *graph.Graph) map[stix.ID]match.Tag {
	tags := map[stix.ID]match.Tag{}
	for indicator, actor := range indicated(g) {
		tags[indicator] = match.Tag{Actor: g.Name(actor), Sponsor: g.SponsorOf(actor)}
	}
	return tags
}

// putSightings keeps counts as sightings of their indicators. The id is that of indicator, sensor and hour: matching a file
// again changes nothing.
func (a *app) putSightings(ctx context.Context, rows []match.SightingRow) (store.PutResult, error) {
	objects := make([]*stix.Object, 0, len(rows))
	for _, r := range rows {
		id := stix.DerivedID("sighting", r.Indicator, r.Sensor, fmt.Sprint(r.Hour))
		n := int(min(r.Count, 999_999_999)) // the specification's limit for count
		v := stix.Sighting{
			Common:      stix.NewCommon(id, stix.At(time.Unix(r.Hour, 0)), claim.MarqueIdentity),
			Description: "seen by sensor " + cmp.Or(r.Sensor, "(unnamed)"), FirstSeen: stix.At(r.First), LastSeen: stix.At(r.Last.Add(time.Millisecond)),
			Count: &n, SightingOfRef: stix.ID(r.Indicator), Summary: true,
		}
		o, err := stix.New(v)
		if err != nil {
			return store.PutResult{}, err
		}
		objects = append(objects, o)
	}
	res, err := a.db.Put(ctx, store.Provenance{Importer: "match", Source: "events", Time: a.now().UTC(), TLP: a.cfg.TLP}, objects)
	if err != nil {
		return res, fmt.Errorf("keep sightings: %w", err)
	}
	return res, nil
}

func (a *app) printMatch(r *matchResult) error {
	if a.json {
		return a.printJSON(r)
	}
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	rate := float64(r.Stats.Events) / max(r.Stats.Elapsed.Seconds(), 1e-9)
	p.Para(fmt.Sprintf("%d events from %d lines against %d indicators: %d events met one (%.1f s, %.0f events/s)",
		r.Stats.Events, r.Stats.Lines, r.Indicator, r.Stats.Matched, r.Stats.Elapsed.Seconds(), rate))
	if r.Resumed > 0 {
		p.Dim(fmt.Sprintf("%d lines before these were matched by an earlier run that was interrupted; the counts below are of both", r.Resumed))
	}
	for _, f := range r.Sequences {
		p.Para(sequenceLine(f))
	}
	for reason, n := range r.Stats.Bad {
		p.Dim(fmt.Sprintf("%d lines set aside: %s", n, reason))
	}
	type key struct{ actor, sponsor string }
	counts := map[key]uint64{}
	for _, row := range r.Rollup {
		counts[key{row.Actor, row.Sponsor}] += row.Events
	}
	table := [][]string{{"actor", "sponsor", "events"}}
	for k, n := range counts {
		table = append(table, []string{cmp.Or(k.actor, "not named"), cmp.Or(k.sponsor, "–"), fmt.Sprint(n)})
	}
	slices.SortFunc(table[1:], func(x, y []string) int {
		return cmp.Or(cmp.Compare(len(y[2]), len(x[2])), cmp.Compare(y[2], x[2]), cmp.Compare(x[0], y[0]))
	})
	if len(table) > 1 {
		p.Table(table)
	}
	return p.Err()
}
