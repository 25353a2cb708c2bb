package workspace

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"golang.org/x/sync/errgroup"

	"marque/attribute"
	"marque/attribute/profile"
	"marque/claim"
	"marque/deter"
	"marque/graph"
	"marque/stix"
	"marque/store"
)

// Snapshot is what is known from a view, made ready for questions and judgements. It is read-only and safe for concurrent use.
type Snapshot struct {
	View View
	// Graph is what the view shows. What is made of all of it is as secret as [graph.Graph.Level].
	Graph *graph.Graph
	// Corpus is what the profiles of actors are learned from.
	Corpus profile.Corpus

	now    func() stix.Timestamp // it may have been made long ago
	models func() (models, error)

	judging  sync.Mutex
	verdicts []*claim.Assessment // of every operation, once all were judged
	after    []deter.Followed    // what followed upon each of them
	// unstored are the objects of a case that the workspace does not hold.
	unstored map[stix.ID]bool

	carriersOnce sync.Once
	carriers     map[stix.ID]*graph.Claim // claims by the objects that carry them, found when first asked for
}

// models are what judgements are made with: learned from the snapshot when the first one is asked for.
type models struct {
	history *attribute.History
	index   *profile.Index // nil where no report about any actor's techniques is known
}

// Snapshot is what a view shows, loaded once until the store changes.
func (w *Workspace) Snapshot(ctx context.Context, v View) (*Snapshot, error) {
	return w.snapshots.get(ctx, w.db, v, func(ctx context.Context) (*Snapshot, error) { return w.load(ctx, v, nil) })
}

// With loads what a view shows together with objects that are not stored, such as the bundle of a case.
func (w *Workspace) With(ctx context.Context, v View, objects []*stix.Object) (*Snapshot, error) {
	return w.load(ctx, v, objects)
}

func (w *Workspace) load(ctx context.Context, v View, extra []*stix.Object) (*Snapshot, error) {
	s := &Snapshot{View: v, now: func() stix.Timestamp { return stix.At(w.now()) }, unstored: map[stix.ID]bool{}}
	for _, o := range extra {
		s.unstored[o.ID] = true
	}
	uses := make(chan *stix.Object, 1024)
	records := func(yield func(*store.Record, error) bool) {
		defer close(uses)
		for rec, err := range graph.RecordsAsKnown(ctx, w.Reader(v), store.Query{}, v.AsOf) {
			if err == nil && profiled[rec.Type] {
				uses <- rec.Object
			}
			if !yield(rec, err) {
				return
			}
		}
	}
	var both errgroup.Group
	both.Go(func() (err error) {
		s.Corpus, err = profile.FromObjects(received(uses))
		return err
	})
	both.Go(func() (err error) {
		s.Graph, err = graph.CollectRecords(records, graph.Options{AsOf: v.AsOf, Extra: extra})
		return err
	})
	if err := both.Wait(); err != nil {
		return nil, err
	}
	s.models = sync.OnceValues(s.learn)
	return s, nil
}

// profiled are the types of objects that the profiles of actors are made of.
var profiled = map[string]bool{"intrusion-set": true, "campaign": true, "attack-pattern": true, "malware": true, "tool": true, "relationship": true}

func received(objects <-chan *stix.Object) iter.Seq2[*stix.Object, error] {
	return func(yield func(*stix.Object, error) bool) {
		more := true
		for o := range objects { // to the end, for the sender waits
			more = more && yield(o, nil)
		}
	}
}

func (s *Snapshot) learn() (m models, err error) {
	m.history = attribute.Learn(s.Graph)
	if len(s.Corpus.Uses) > 0 {
		if m.index, err = profile.New(s.Corpus, profile.Config{Sponsors: s.Graph.Sponsors()}); err != nil {
			return m, fmt.Errorf("profiles of actors: %w", err)
		}
	}
	return m, nil
}
