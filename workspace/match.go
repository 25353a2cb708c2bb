package workspace

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"marque/event"
	"marque/graph"
	"marque/internal/lock"
	"marque/match"
	"marque/match/sequence"
	"marque/stix"
	"marque/store"
)

// tableSeed seeds the hashes of indicator tables of this program; any number does, it is fixed so that runs can be compared.
const tableSeed = 0x6d617271

// MatchOptions say how events are matched.
type MatchOptions struct {
	Stdin io.Reader // what the path "-" means
	Keep  bool      // sightings and sequences are kept in the workspace
	Lake  bool      // events are kept in the lake
	// Follow matches what is added to one file from now on until the context ends, which then is no error.
	Follow bool
	// Stats is told what a run came to, every half second while events come; may be nil.
	Stats func(match.Stats)
	// SegmentBytes is how much text lies between two checkpoints; 0 is the default of package match.
	SegmentBytes int64
	Hit          func(match.Hit) // each hit; nil: they are counted only
	Unusable     func(err error) // each indicator that nothing can be matched with
	Progress     func(Progress)
}

// MatchResult is what a run found.
type MatchResult struct {
	Stats      match.Stats         `json:"stats"`
	Indicators int                 `json:"indicators"`
	Unusable   int                 `json:"unusable_indicators"`
	Sightings  []match.SightingRow `json:"sightings"`
	Rollup     []match.RollupRow   `json:"rollup"`
	Sequences  []sequence.Finding  `json:"sequences,omitempty"`
	Kept       int                 `json:"kept"`
	Resumed    int64               `json:"resumed_lines,omitempty"` // lines that an earlier, interrupted run had matched
}

// ErrNoIndicators says that there is nothing to match events with.
var ErrNoIndicators = errors.New("no indicators in this workspace; marque ingest reads them from STIX, MISP and tables, and marque indicators accept makes them of what reports give")

// ErrSetAside says that some input was set aside in the quarantine.
var ErrSetAside = errors.New("some input was set aside; see marque quarantine")

// ErrNotUnderstood says that something in the input was seen and could not be read.
var ErrNotUnderstood = errors.New("some input was not understood, as said above")

// Match matches the events of files against the workspace's indicators. An interrupted run goes on where it stood; with other
// indicators it begins anew. With ErrSetAside the result is whole.
func (w *Workspace) Match(ctx context.Context, o MatchOptions, paths ...string) (*MatchResult, error) {
	formats, err := w.formats()
	if err != nil {
		return nil, err
	}
	cfg := match.Config{SegmentBytes: o.SegmentBytes, Now: w.now}
	seed := uint64(tableSeed)
	if o.Lake {
		l, err := w.Lake()
		if err != nil {
			return nil, err
		}
		cfg.Keep, seed = l, l.Seed()
	}
	set, in, err := w.indicatorSet(ctx, seed, o.Unusable)
	if err != nil {
		return nil, err
	}
	if o.Follow {
		// One worker, and a commit behind whatever was there to read: a hit is told when its line is written.
		cfg.Workers, cfg.SegmentBytes = 1, 1
	}
	res := &MatchResult{Indicators: in.count, Unusable: in.unusable}
	if res.Indicators == 0 && !o.Lake {
		return nil, ErrNoIndicators
	}
	runs := map[string]*matchProgress{}
	var sources []match.Source
	for _, p := range paths {
		if runs[p] != nil {
			continue // named twice
		}
		if runs[p], err = w.resume(cmp.Or(map[bool]string{true: "-"}[o.Follow], p), o.Lake, in.mark); err != nil {
			return nil, fmt.Errorf("match %s: %w", p, err)
		}
		defer func() { _ = runs[p].release() }() // nothing is written to it
		source := match.Source{Path: p, From: runs[p].Point}
		res.Resumed += runs[p].Point.Line
		if p == "-" {
			source.Reader = o.Stdin
		}
		if o.Follow {
			if source.Reader, err = match.OpenTail(ctx, p, nil); err != nil {
				return nil, fmt.Errorf("follow: %w", err)
			}
			source.Live = true
		}
		sources = append(sources, source)
	}
	if o.Follow {
		cfg.Progress = o.Stats
		ctx = context.WithoutCancel(ctx) // the tail ends with it, and what was found is kept
	} else if o.Progress != nil {
		cfg.Progress = func(s match.Stats) { o.Progress(Progress{What: "events", Done: s.ReadBytes, Total: s.TotalBytes}) }
	}
	cfg.Commit = func(point match.Checkpoint, counts *match.Tally) error { return runs[point.Path].commit(point, counts) }
	cfg.Bad = func(b match.Bad) {
		runs[b.Source].Rejects = append(runs[b.Source].Rejects, store.Reject{
			Source: b.Source, Importer: "events", Place: fmt.Sprintf("line %d", b.Line), Offset: b.Offset, Reason: string(b.Reason),
			Raw: bytes.Clone(b.Text[:min(len(b.Text), 4096)]), Time: w.now(),
		})
	}
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
	stats, _, err := match.Run(ctx, sources, formats, set, cfg)
	if errors.Is(err, match.ErrChanged) {
		return nil, errors.Join(err, forget(runs), errors.New("run it again to match what the files hold now"))
	}
	if err != nil {
		return nil, err
	}
	return res, w.conclude(ctx, o, res, stats, runs, trail)
}

// conclude keeps what a run found and forgets how far it came.
func (w *Workspace) conclude(ctx context.Context, o MatchOptions, res *MatchResult, stats match.Stats, runs map[string]*matchProgress, trail *trail) error {
	tally := match.NewTally()
	var accounts []match.Account
	var rejects []store.Reject
	for _, path := range slices.Sorted(maps.Keys(runs)) {
		p := runs[path]
		tally.Merge(p.tally)
		accounts = append(accounts, match.Account{Origin: match.Origin{Beginning: p.Point.Beginning}, Rows: p.tally.SightingRows()})
		rejects = append(rejects, p.Rejects...)
	}
	res.Stats, res.Sightings, res.Rollup = stats, tally.SightingRows(), tally.RollupRows()
	if err := w.db.PutRejects(ctx, rejects); err != nil {
		return fmt.Errorf("keep quarantine: %w", err)
	}
	res.Sequences = trail.find(res.Sightings)
	if o.Keep {
		var err error
		if res.Kept, err = w.keepSightings(ctx, accounts, res.Sequences); err != nil {
			return err
		}
	}
	if err := forget(runs); err != nil {
		return err
	}
	if len(rejects) > 0 {
		return ErrSetAside
	}
	return nil
}

// forget removes the progress of files that are through.
func forget(runs map[string]*matchProgress) error {
	var faults []error
	for _, p := range runs {
		faults = append(faults, p.done())
	}
	return errors.Join(faults...)
}

// formats are the event formats: those of more mapping files, of the configuration, and the built-in ones, tried in this order.
func (w *Workspace) formats(more ...string) (*event.Formats, error) {
	var own []event.Format
	for _, path := range slices.Concat(more, w.Config.Mappings) {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("event mappings: %w", err)
		}
		fs, err := event.ReadFormats(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("event mappings %s: %w", path, err)
		}
		for i := range fs {
			fs[i].File = path
		}
		own = append(own, fs...)
	}
	return event.NewFormats(own...)
}

// compiled are the workspace's indicators made ready.
type compiled struct {
	values   []match.Indicator
	patterns []match.Pattern
	texts    []patternEntry // of patterns
	count    int
	unusable int
	mark     int64 // the last sequence of the store that was looked at
}

// compileIndicators makes indicators ready whose actor is wanted, each tagged with that actor and its state.
func (w *Workspace) compileIndicators(ctx context.Context, g *graph.Graph, wanted func(actor stix.ID) bool, unusable func(error)) (*compiled, error) {
	actors, tags := indicated(g), actorTags(g)
	out := &compiled{}
	for rec, err := range w.Reader(Owner()).Find(ctx, store.Query{Types: []string{"indicator"}}) {
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
			if out.unusable++; unusable != nil {
				unusable(err)
			}
			continue
		}
		out.add(c)
		if c.Program != nil {
			out.texts = append(out.texts, patternEntry{c.Pattern().Indicator, textOf(rec.Object)})
		}
	}
	return out, nil
}

// indicatorSet is the workspace's indicators as a set that events are matched against, hashed with a seed.
func (w *Workspace) indicatorSet(ctx context.Context, seed uint64, unusable func(error)) (*match.Set, *compiled, error) {
	set, in, ok := w.restore(ctx, seed, unusable)
	if !ok {
		var err error
		if set, in, err = w.compileSet(ctx, seed, unusable); err != nil {
			return nil, nil, err
		}
	}
	set.SetPatterns(match.NewPatterns(in.patterns...))
	allow, err := w.allowLists(unusable)
	if err != nil {
		return nil, nil, err
	}
	set.SetAllow(allow)
	return set, in, nil
}

// compileSet compiles the workspace's indicators, and prepares them for the next run.
func (w *Workspace) compileSet(ctx context.Context, seed uint64, unusable func(error)) (*match.Set, *compiled, error) {
	seq, err := w.db.LastSeq(ctx) // before they are read: what comes meanwhile makes them old
	if err != nil {
		return nil, nil, err
	}
	s, err := w.Snapshot(ctx, Owner())
	if err != nil {
		return nil, nil, err
	}
	var why []string
	in, err := w.compileIndicators(ctx, s.Graph, func(stix.ID) bool { return true }, func(err error) {
		why = append(why, err.Error())
		if unusable != nil {
			unusable(err)
		}
	})
	if err != nil {
		return nil, nil, err
	}
	builder := match.NewBuilder(seed, len(in.values))
	for _, v := range in.values {
		if err := builder.Add(v); err != nil {
			return nil, nil, err
		}
	}
	table := builder.Build()
	w.prepare(seed, seq, in, why, table)
	return match.NewSet(seed, table), in, nil
}

// allowLists reads the lists of the configuration. Entries that cannot be used are told of and passed over.
func (w *Workspace) allowLists(unusable func(error)) (*match.Allow, error) {
	if len(w.Config.AllowLists) == 0 {
		return nil, nil
	}
	allow := match.NewAllow()
	for _, path := range w.Config.AllowLists {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("allow list: %w", err)
		}
		err = allow.Read(f)
		if errors.Is(err, match.ErrEntry) {
			if unusable != nil {
				unusable(fmt.Errorf("allow list %s: %w", path, err))
			}
			err = nil
		}
		if err := errors.Join(err, f.Close()); err != nil {
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

// keepSightings keeps counts as sightings of their indicators (match.Sightings), and sequences as notes for judgements to read; it
// returns how many sightings are new or grew.
func (w *Workspace) keepSightings(ctx context.Context, accounts []match.Account, found []sequence.Finding) (int, error) {
	if err := os.MkdirAll(w.path("match"), 0o750); err != nil {
		return 0, fmt.Errorf("keep sightings: %w", err)
	}
	held, err := lock.Exclusive(ctx, w.path("match", "sightings.lock")) // what is added to must not change in between
	if err != nil {
		return 0, fmt.Errorf("keep sightings: %w", err)
	}
	defer func() { _ = held.Close() }() // nothing is written to it
	objects, err := match.Sightings(ctx, w.Reader(Owner()), accounts...)
	if err != nil {
		return 0, fmt.Errorf("keep sightings: %w", err)
	}
	stored, err := w.putSightings(ctx, "match", objects)
	if err != nil {
		return 0, fmt.Errorf("keep sightings: %w", err)
	}
	notes := make([]Conclusion, len(found))
	for i := range found {
		n, err := found[i].Note()
		if err != nil {
			return 0, fmt.Errorf("keep sequences: %w", err)
		}
		if notes[i].Object, err = stix.New(n); err != nil {
			return 0, fmt.Errorf("keep sequences: %w", err)
		}
		notes[i].RestsOn, notes[i].From = n.ObjectRefs, stix.Red
	}
	if _, err := w.Keep(ctx, "match", notes); err != nil {
		return 0, fmt.Errorf("keep sequences: %w", err)
	}
	return stored, nil
}

// putSightings stores sightings, each as secret as its indicator.
func (w *Workspace) putSightings(ctx context.Context, importer string, objects []*stix.Object) (int, error) {
	cs := make([]Conclusion, len(objects))
	for i, o := range objects {
		var v stix.Sighting
		if err := o.Decode(&v); err != nil {
			return 0, err
		}
		cs[i] = Conclusion{Object: o, RestsOn: []stix.ID{v.SightingOfRef}, From: stix.Red}
	}
	leveled, _, err := w.atTheirLevels(ctx, cs, false)
	if err != nil {
		return 0, err
	}
	put, err := w.put(ctx, importer, leveled)
	return put.Stored(), err
}
