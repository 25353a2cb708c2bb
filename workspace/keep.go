package workspace

import (
	"context"
	"errors"
	"fmt"

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

// Keep stores conclusions, each marked with the strictest level of what it rests on, at least the workspace's own, and enters
// judgements and measures in the ledger. All or nothing is stored; what the store refuses is an error.
func (w *Workspace) Keep(ctx context.Context, importer string, cs []Conclusion) (store.PutResult, error) {
	objects, err := w.atTheirLevels(ctx, cs)
	if err != nil {
		return store.PutResult{}, err
	}
	var res store.PutResult
	put := func(ctx context.Context) (err error) {
		res, err = w.put(ctx, importer, objects)
		for _, r := range res.Refused {
			err = errors.Join(err, fmt.Errorf("%s: %s", r.Object.ID, r.Reason))
		}
		return err
	}
	var judged []*stix.Object
	for _, o := range objects {
		if o.Type == claim.TypeAssessment || o.Type == claim.TypeMeasure {
			judged = append(judged, o)
		}
	}
	if len(judged) == 0 {
		err = put(ctx)
	} else {
		err = w.enter(ctx, judged, put)
	}
	return res, err
}

// put stores what the program concluded.
func (w *Workspace) put(ctx context.Context, importer string, objects []*stix.Object) (store.PutResult, error) {
	return w.db.Put(ctx, store.Provenance{Importer: importer, Source: importer, Time: w.now().UTC(), TLP: w.Config.TLP}, objects)
}

// atTheirLevels are the objects of conclusions, marked as what they rest on asks for.
func (w *Workspace) atTheirLevels(ctx context.Context, cs []Conclusion) ([]*stix.Object, error) {
	levels := levelCache{w.Reader(Owner()), map[stix.ID]stix.TLP{}}
	objects := make([]*stix.Object, len(cs))
	for i, c := range cs {
		level := w.Config.TLP
		for _, id := range c.RestsOn {
			l, err := levels.of(ctx, id)
			if err != nil {
				return nil, fmt.Errorf("keep %s: %w", c.Object.ID, err)
			}
			level = max(level, l)
		}
		var err error
		if objects[i], err = marked(c.Object, level); err != nil {
			return nil, fmt.Errorf("keep %s: %w", c.Object.ID, err)
		}
	}
	return objects, nil
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

// levelCache looks levels up once.
type levelCache struct {
	r     store.Reader
	known map[stix.ID]stix.TLP
}

// of is the level of an object; what the store does not hold says nothing.
func (c levelCache) of(ctx context.Context, id stix.ID) (stix.TLP, error) {
	if l, ok := c.known[id]; ok {
		return l, nil
	}
	rec, err := c.r.Get(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return stix.Red, err
	}
	if err == nil {
		c.known[id] = rec.Level
	} else {
		c.known[id] = stix.Clear
	}
	return c.known[id], nil
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
	levels := levelCache{w.Reader(Owner()), map[stix.ID]stix.TLP{}}
	var cs []Conclusion
	for _, a := range as {
		a, err := w.atItsLevel(ctx, levels, owner, a)
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
		cs = append(cs, Conclusion{o, restsOn(a)})
	}
	if _, err := w.Keep(ctx, judge, cs); err != nil {
		return fmt.Errorf("keep judgements: %w", err)
	}
	return nil
}

// atItsLevel judges an operation from the view of the level that its judgement rests on, where that is below the highest that the
// given judgement was made from.
func (w *Workspace) atItsLevel(ctx context.Context, levels levelCache, s *Snapshot, a *claim.Assessment) (*claim.Assessment, error) {
	level := w.Config.TLP
	for _, id := range restsOn(a) {
		l, err := levels.of(ctx, id)
		if err != nil {
			return a, err
		}
		level = max(level, l)
	}
	if level >= s.Highest {
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
