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

// Conclusion is something that the program concluded or a person decided, what it rests on, and the level that it was concluded from:
// what is seen there of these counts.
type Conclusion struct {
	Object  *stix.Object
	RestsOn []stix.ID
	From    stix.TLP
	// Word says that it is a person's word on what it rests on: as free as the freest telling of these, whatever others say of them in
	// confidence; From does not count. What is only referred to, and stored nowhere, may be known from a secret: a word on it is RED.
	Word bool
	// AtLeast is how secret it is besides: what a person said of a list that stands in no store.
	AtLeast stix.TLP
}

// Keep stores conclusions, each at the strictest level of what it rests on, at least the workspace's own, and enters judgements,
// measures and what persons say in the ledger. All or nothing of a level is stored; what the store refuses is an error.
func (w *Workspace) Keep(ctx context.Context, importer string, cs []Conclusion) (store.PutResult, error) {
	leveled, judged, err := w.atTheirLevels(ctx, cs, importer == person)
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
		res, err := w.db.Put(ctx, store.Provenance{Importer: importer, Source: importer, Time: w.now().UTC(), TLP: level, Derived: true}, leveled[level])
		sum.Merge(res)
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// atTheirLevels sorts conclusions by the strictest level of what they rest on. Judgements and measures are marked with it too, for they
// travel; other objects may be known from elsewhere under the same id, and a marking of ours would hide what others gave freely.
func (w *Workspace) atTheirLevels(ctx context.Context, cs []Conclusion, said bool) (leveled map[stix.TLP][]*stix.Object, judged []*stix.Object, err error) {
	leveled = map[stix.TLP][]*stix.Object{}
	for _, c := range cs {
		o := c.Object
		if c.Word {
			if c.From, err = w.freest(ctx, c.RestsOn...); err != nil {
				return nil, nil, fmt.Errorf("keep %s: %w", o.ID, err)
			}
			c.AtLeast = max(c.AtLeast, c.From)
		}
		level, err := store.LevelOf(ctx, w.Reader(View{Level: c.From}), c.RestsOn...)
		if err != nil {
			return nil, nil, fmt.Errorf("keep %s: %w", o.ID, err)
		}
		level = max(level, w.Config.TLP, c.AtLeast)
		if o.Type == claim.TypeAssessment || o.Type == claim.TypeMeasure {
			if o, err = o.Marked(level); err != nil {
				return nil, nil, fmt.Errorf("keep %s: %w", o.ID, err)
			}
			judged = append(judged, o)
		} else if said && slices.Contains(ledger.Claims, o.Type) {
			judged = append(judged, o)
		}
		leveled[level] = append(leveled[level], o)
	}
	return leveled, judged, nil
}

// freest is the lowest level that shows all of these objects, RED where one is stored nowhere.
func (w *Workspace) freest(ctx context.Context, ids ...stix.ID) (stix.TLP, error) {
	level := stix.Clear
	for _, id := range ids {
		for ; id != "" && level < stix.Red; level++ {
			_, err := w.Reader(View{Level: level}).Get(ctx, id)
			if err == nil {
				break
			}
			if !errors.Is(err, store.ErrNotFound) {
				return level, err
			}
		}
	}
	return level, nil
}

// enter enters judgements and measures, which put stores, in the ledger, each version once.
func (w *Workspace) enter(ctx context.Context, judged []*stix.Object, put func(context.Context) error) error {
	return w.books(ctx, func(l *ledger.Log) error {
		_, err := l.Keep(ctx, w.db, judged, put)
		return err
	})
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

// Importers of what is made here, and what the ledger must hold: judgements, and what persons say.
const (
	judge  = "attribute"
	person = "person"
)

// KeepJudgements keeps judgements on operations: for each level the one that is made from what that level shows, where it rests on
// something of that level. So every reader finds the judgement that its view allows, no number in it betrays what is above, and
// nothing is missing that would tell of more. The owner's judgements of today are given, all tells whether they are on every operation;
// those of the levels below are made here.
func (w *Workspace) KeepJudgements(ctx context.Context, owner *Snapshot, as []*claim.Assessment, all bool) error {
	var cs []Conclusion
	for level := w.Config.TLP; level <= max(owner.Graph.Level, w.Config.TLP); level++ {
		s, of, err := w.judgedAt(ctx, level, owner, as, all)
		if err != nil {
			return fmt.Errorf("judge from %v: %w", level, err)
		}
		for _, a := range of {
			c, err := w.due(ctx, level, s, a)
			if err != nil {
				return fmt.Errorf("keep judgement on %s: %w", a.SubjectName, err)
			}
			if c != nil {
				cs = append(cs, *c)
			}
		}
	}
	if _, err := w.Keep(ctx, judge, cs); err != nil {
		return fmt.Errorf("keep judgements: %w", err)
	}
	return nil
}

// judgedAt are the judgements on the same operations from a level's view; the owner's own where nothing is above the level.
func (w *Workspace) judgedAt(ctx context.Context, level stix.TLP, owner *Snapshot, as []*claim.Assessment, all bool) (*Snapshot, []*claim.Assessment, error) {
	if level >= owner.Graph.Level {
		return owner, as, nil
	}
	s, err := w.Snapshot(ctx, View{Level: level})
	if err != nil {
		return nil, nil, err
	}
	if all {
		out, err := s.JudgeAll(ctx, nil)
		return s, out, err
	}
	var out []*claim.Assessment
	for _, a := range as {
		if s.Graph.Entity(a.SubjectRef) == nil {
			continue
		}
		again, err := s.judgeOperation(a.SubjectRef)
		if err != nil {
			return nil, nil, err
		}
		if again != nil {
			out = append(out, again)
		}
	}
	return s, out, nil
}

// due is a judgement from a level's view as it is to be kept: nil where it rests on less than that level, or is there already.
func (w *Workspace) due(ctx context.Context, level stix.TLP, s *Snapshot, a *claim.Assessment) (*Conclusion, error) {
	refs := s.restsOn(a)
	rests, err := store.LevelOf(ctx, w.Reader(View{Level: level}), refs...)
	if err != nil || max(rests, w.Config.TLP) < level {
		return nil, err
	}
	kept := *a
	if level > stix.Clear { // from another level's view the same inputs may be named and ordered otherwise
		kept.ID = stix.DerivedID(claim.TypeAssessment, string(a.ID), level.String())
	}
	if _, err := w.Reader(Owner()).Get(ctx, kept.ID); err == nil {
		return nil, nil // the same inputs were judged before: the judgement stands
	}
	o, err := stix.New(&kept)
	return &Conclusion{Object: o, RestsOn: refs, From: level}, err
}
