package workspace

import (
	"context"
	"errors"
	"fmt"
	"io"

	"marque/claim"
	"marque/report"
	"marque/stix"
	"marque/store"
)

// Brief is a brief with the judgements that it tells of, for a bundle of both.
type Brief struct {
	*report.Brief
	Assessments []*claim.Assessment

	w *Workspace
}

// Brief judges every operation that the view shows and puts it into words. note is a remark of the workspace on itself, such as that
// its events are synthetic.
func (w *Workspace) Brief(ctx context.Context, v View, o report.Options, note string, progress func(Progress)) (*Brief, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	as, err := s.JudgeAll(ctx, progress)
	if err != nil {
		return nil, err
	}
	seen, err := w.sightings(ctx, s, o)
	if err != nil {
		return nil, err
	}
	in := report.Input{
		Graph: s.Graph, Assessments: as, Followed: s.followed(as), Country: s.Graph.CountryName, Negative: s.negative(), Sightings: seen, Note: note,
	}
	return &Brief{Brief: report.Build(in, o), Assessments: as, w: w}, nil
}

// Bundle writes the brief with all that it rests on as a STIX bundle. TLP:RED is refused: it leaves in no bundle.
func (b *Brief) Bundle(ctx context.Context, out io.Writer) error {
	if b.Level > stix.AmberStrict {
		return fmt.Errorf("the brief rests on %v: %w", b.Level, store.ErrRed)
	}
	return report.Bundle(out, b.Brief, b.Assessments, b.w.Reader(View{Level: b.Level}))
}

// sightings adds up the hits of the window by actor.
func (w *Workspace) sightings(ctx context.Context, s *Snapshot, o report.Options) ([]report.Sighting, error) {
	tags := actorTags(s.Graph)
	byActor := map[string]*report.Sighting{}
	for rec, err := range w.Reader(s.View).Find(ctx, store.Query{Types: []string{"sighting"}}) {
		if err != nil {
			return nil, fmt.Errorf("read sightings: %w", err)
		}
		var sg stix.Sighting
		if err := rec.Decode(&sg); err != nil || sg.SightingOfRef.Type() != "indicator" {
			continue
		}
		at := sg.LastSeen.Time()
		if (!o.From.IsZero() && at.Before(o.From)) || (!o.To.IsZero() && at.After(o.To.AddDate(0, 0, 1))) {
			continue
		}
		tag := tags[sg.SightingOfRef]
		sum := byActor[tag.Actor]
		if sum == nil {
			sum = &report.Sighting{Actor: tag.Actor, Sponsor: tag.Sponsor}
			byActor[tag.Actor] = sum
		}
		n := 1
		if sg.Count != nil {
			n = *sg.Count
		}
		sum.Add(n, sg.FirstSeen.Time(), sg.LastSeen.Time(), sg.SightingOfRef)
	}
	return report.SortSightings(byActor), nil
}

// RecordMeasures enters the measures of the workspace in the ledger: each is there once, in each version.
func (w *Workspace) RecordMeasures(ctx context.Context) error {
	var objects []*stix.Object
	for rec, err := range w.Reader(Owner()).Find(ctx, store.Query{Types: []string{claim.TypeMeasure}}) {
		if err != nil {
			return fmt.Errorf("read measures: %w", err)
		}
		objects = append(objects, rec.Object)
	}
	return w.enter(ctx, objects, nil)
}

// Case reads a bundle that is judged without being stored: see [Workspace.With]. Objects that cannot be read are left out, and told of.
func Case(r io.Reader, bad func(error)) ([]*stix.Object, error) {
	var objects []*stix.Object
	err := stix.ReadBundle(r, func(o *stix.Object) error {
		objects = append(objects, o)
		return nil
	}, func(b *stix.BadObjectError) error {
		bad(b)
		return nil
	})
	if err == nil && len(objects) == 0 {
		err = errors.New("no object that can be read")
	}
	return objects, err
}
