package workspace

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"marque/claim"
	"marque/ledger"
	"marque/stix"
	"marque/store"
)

// Conclusion is something that the program concluded or a person decided, and what it rests on.
type Conclusion struct {
	Object  *stix.Object
	RestsOn []stix.ID
}

// Keep stores conclusions, each at the strictest level of what it rests on, at least the workspace's own, and enters judgements and
// measures in the ledger. All or nothing of a level is stored; what the store refuses is an error.
func (w *Workspace) Keep(ctx context.Context, importer string, cs []Conclusion) (store.PutResult, error) {
	leveled, judged, err := w.atTheirLevels(ctx, cs)
	if err != nil {
		return store.PutResult{}, err
	}
	var res store.PutResult
	put := func(ctx context.Context) (err error) {
		res, err = w.put(ctx, importer, leveled)
		for _, r := range res.Refused {
			err = errors.Join(err, fmt.Errorf("%s: %s", r.Object.ID, r.Reason))
		}
		return err
	}
	if len(judged) == 0 {
		err = put(ctx)
	} else {
		err = w.enter(ctx, judged, put)
	}
	return res, err
}

// put stores what the program concluded, the freest first.
func (w *Workspace) put(ctx context.Context, importer string, leveled map[stix.TLP][]*stix.Object) (store.PutResult, error) {
	var sum store.PutResult
	for _, level := range slices.Sorted(maps.Keys(leveled)) {
		res, err := w.db.Put(ctx, store.Provenance{Importer: importer, Source: importer, Time: w.now().UTC(), TLP: level}, leveled[level])
		sum.Merge(res)
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// atTheirLevels sorts conclusions by the strictest level of what they rest on. Judgements and measures are marked with it too, for they
// travel; other objects may be known from elsewhere under the same id, and a marking of ours would hide what others gave freely.
func (w *Workspace) atTheirLevels(ctx context.Context, cs []Conclusion) (leveled map[stix.TLP][]*stix.Object, judged []*stix.Object, err error) {
	r := w.Reader(Owner())
	leveled = map[stix.TLP][]*stix.Object{}
	for _, c := range cs {
		o := c.Object
		level, err := store.LevelOf(ctx, r, c.RestsOn...)
		if err != nil {
			return nil, nil, fmt.Errorf("keep %s: %w", o.ID, err)
		}
		level = max(level, w.Config.TLP)
		if o.Type == claim.TypeAssessment || o.Type == claim.TypeMeasure {
			if o, err = marked(o, level); err != nil {
				return nil, nil, fmt.Errorf("keep %s: %w", o.ID, err)
			}
			judged = append(judged, o)
		}
		leveled[level] = append(leveled[level], o)
	}
	return leveled, judged, nil
}

// enter enters judgements and measures, which put stores, in the ledger, each version once.
func (w *Workspace) enter(ctx context.Context, judged []*stix.Object, put func(context.Context) error) error {
	return w.books(ctx, func(l *ledger.Log) error {
		_, err := l.Keep(ctx, w.db, judged, put)
		return err
	})
}

// marked is an object with a level's marking, unless its own is as strict.
func marked(o *stix.Object, level stix.TLP) (*stix.Object, error) {
	if own, has := o.TLP(); level == stix.Clear || has && own >= level {
		return o, nil
	}
	refs := []stix.ID{level.MarkingID()}
	for _, id := range o.MarkingRefs {
		if _, tlp := stix.MarkingLevel(id); !tlp {
			refs = append(refs, id)
		}
	}
	return o.With(map[string]any{"object_marking_refs": refs})
}

// restsOn is what a judgement rests on, with all records of the operation that it is on.
func (s *Snapshot) restsOn(as *claim.Assessment) []stix.ID {
	out := restsOn(as)
	if e := s.Graph.Entity(as.SubjectRef); e != nil {
		for _, m := range e.Members {
			out = append(out, m.ID)
		}
	}
	return out
}

// restsOn is what a judgement rests on: its subject, every piece of its evidence with the claims and documents, and those who deny it.
func restsOn(as *claim.Assessment) []stix.ID {
	out := []stix.ID{as.SubjectRef}
	for _, e := range as.Evidence {
		out = append(append(out, e.Refs...), e.RootRef)
	}
	for _, h := range as.Hypotheses {
		out = append(out, h.ActorRef, h.SponsorRef)
	}
	for _, d := range as.Denials {
		out = append(out, d.Ref, d.ByRef)
	}
	return out
}

// judge is the importer of judgements that are made here; these the ledger must hold.
const judge = "attribute"

// KeepJudgements judges operations again, each from the view of the level that its judgement rests on, so that no number in it
// betrays what is above that level, and keeps those that are new. Judgements of the owner's view are given; what is kept is returned.
func (w *Workspace) KeepJudgements(ctx context.Context, owner *Snapshot, as []*claim.Assessment) error {
	var cs []Conclusion
	for _, a := range as {
		a, err := w.atItsLevel(ctx, owner, a)
		if err != nil {
			return fmt.Errorf("keep judgement on %s: %w", a.SubjectName, err)
		}
		if _, err := w.Reader(Owner()).Get(ctx, a.ID); err == nil {
			continue // the same inputs were judged before: the judgement stands
		}
		o, err := stix.New(a)
		if err != nil {
			return fmt.Errorf("keep judgement on %s: %w", a.SubjectName, err)
		}
		cs = append(cs, Conclusion{o, owner.restsOn(a)})
	}
	if _, err := w.Keep(ctx, judge, cs); err != nil {
		return fmt.Errorf("keep judgements: %w", err)
	}
	return nil
}

// atItsLevel judges an operation from the view of the level that its judgement rests on, where that is below the highest that the
// given judgement was made from.
func (w *Workspace) atItsLevel(ctx context.Context, s *Snapshot, a *claim.Assessment) (*claim.Assessment, error) {
	level, err := store.LevelOf(ctx, w.Reader(Owner()), s.restsOn(a)...)
	if err != nil {
		return a, err
	}
	level = max(level, w.Config.TLP)
	if level >= s.Graph.Level {
		return a, nil
	}
	below, err := w.Snapshot(ctx, View{Level: level})
	if err != nil {
		return a, err
	}
	again, err := below.judgeOperation(a.SubjectRef)
	if err != nil || again == nil {
		return a, err
	}
	return again, nil
}
