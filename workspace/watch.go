package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"marque/stix"
	"marque/store"
)

// Kinds of what can be watched.
const (
	WatchActor     = "actor"
	WatchState     = "state"
	WatchOperation = "operation"
	WatchQuery     = "query"
)

// Watch is something whose changes somebody wants to be told.
type Watch struct {
	Kind  string    `json:"kind"`
	Name  string    `json:"name"`
	Ref   stix.ID   `json:"ref,omitempty"`
	State string    `json:"state,omitempty"` // ISO 3166-1 alpha-2
	By    string    `json:"by"`
	Since time.Time `json:"since"`
}

const watchMark = "watch"

// Watches are what is watched, oldest first.
func (w *Workspace) Watches(ctx context.Context) ([]Watch, error) {
	text, err := w.db.GetMark(ctx, watchMark)
	if errors.Is(err, store.ErrNotFound) {
		return []Watch{}, nil
	}
	out := []Watch{}
	if err == nil {
		err = json.Unmarshal([]byte(text), &out)
	}
	if err != nil {
		return nil, fmt.Errorf("what is watched: %w", err)
	}
	return out, nil
}

// AddWatch adds something to watch: an actor, a state or an operation by its name, or words.
func (w *Workspace) AddWatch(ctx context.Context, kind, name, by string) (*Watch, error) {
	s, err := w.Snapshot(ctx, Owner())
	if err != nil {
		return nil, err
	}
	x := Watch{Kind: kind, Name: strings.TrimSpace(name), By: Signed{By: by}.who(), Since: w.now().UTC().Truncate(time.Second)}
	switch kind {
	case WatchActor:
		e, err := s.Entity(name)
		if err != nil {
			return nil, err
		}
		x.Name, x.Ref = e.Name, e.ID
	case WatchOperation:
		e, err := s.Operation(name)
		if err != nil {
			return nil, err
		}
		x.Name, x.Ref = e.Name, e.ID
	case WatchState:
		if x.State = s.stateCode(name); x.State == "" {
			return nil, fmt.Errorf("state %q: not a country's name or its ISO 3166-1 code", name)
		}
		x.Name = s.Graph.CountryName(x.State)
	case WatchQuery:
	default:
		return nil, fmt.Errorf("kind %q: want actor, state, operation or query", kind)
	}
	all, err := w.Watches(ctx)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(all, func(o Watch) bool { return o.Kind == x.Kind && o.Name == x.Name }) {
		return nil, fmt.Errorf("%s %s is watched already", x.Kind, x.Name)
	}
	return &x, w.putWatches(ctx, append(all, x))
}

// RemoveWatch removes what is watched under a name.
func (w *Workspace) RemoveWatch(ctx context.Context, kind, name string) (*Watch, error) {
	all, err := w.Watches(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(o Watch) bool {
		return o.Kind == kind && (strings.EqualFold(o.Name, name) || strings.EqualFold(o.State, name) && o.State != "")
	})
	if i < 0 {
		return nil, fmt.Errorf("%s %s is not watched; marque watch list shows what is", kind, name)
	}
	x := all[i]
	return &x, w.putWatches(ctx, slices.Delete(all, i, i+1))
}

func (w *Workspace) putWatches(ctx context.Context, all []Watch) error {
	text, err := json.Marshal(all)
	if err == nil {
		err = w.db.PutMark(ctx, watchMark, string(text))
	}
	if err != nil {
		return fmt.Errorf("keep what is watched: %w", err)
	}
	return nil
}

// Only keeps the changes that touch what is watched.
func (w *Workspace) Only(ctx context.Context, v View, c *Changes, ws []Watch) error {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return err
	}
	judged := func(op stix.ID, name string, of ...*Standing) bool {
		return slices.ContainsFunc(ws, func(x Watch) bool { return s.touchesOperation(&x, op, name, of) })
	}
	c.Judgements = slices.DeleteFunc(c.Judgements, func(j JudgementChange) bool { return !judged(j.OperationRef, j.Operation, j.Before, j.After) })
	c.Operations = slices.DeleteFunc(c.Operations, func(o NewOperation) bool { return !judged(o.ID, o.Name, o.Standing) })
	c.Joins = slices.DeleteFunc(c.Joins, func(j JoinChange) bool { return !judged(j.OperationRef, j.Operation) })
	c.Analysts = slices.DeleteFunc(c.Analysts, func(a AnalystChange) bool {
		return !judged(a.OperationRef, a.Operation, &Standing{Actor: a.Actor, State: a.State})
	})
	unwatched := func(r *ClaimRow) bool {
		return !slices.ContainsFunc(ws, func(x Watch) bool { return s.touchesClaim(&x, r) })
	}
	c.Denials, c.Names, c.Claims = slices.DeleteFunc(c.Denials, unwatched), slices.DeleteFunc(c.Names, unwatched), slices.DeleteFunc(c.Claims, unwatched)
	c.Measures = slices.DeleteFunc(c.Measures, func(m MeasureChange) bool {
		return !slices.ContainsFunc(ws, func(x Watch) bool { return strings.Contains(strings.ToLower(m.Name), strings.ToLower(x.Name)) })
	})
	return nil
}

func (s *Snapshot) touchesOperation(x *Watch, op stix.ID, name string, of []*Standing) bool {
	switch x.Kind {
	case WatchOperation:
		e := s.Graph.Entity(x.Ref)
		return x.Ref == op || e != nil && e.ID == op
	case WatchQuery:
		return strings.Contains(strings.ToLower(name), strings.ToLower(x.Name))
	}
	return slices.ContainsFunc(of, func(st *Standing) bool {
		return st != nil && (x.Kind == WatchState && st.State == x.State ||
			x.Kind == WatchActor && (st.Actor == x.Name || st.actor != "" && (st.actor == x.Ref || s.Graph.Same(st.actor, x.Ref))))
	})
}

func (s *Snapshot) touchesClaim(x *Watch, r *ClaimRow) bool {
	if x.Kind == WatchQuery {
		return strings.Contains(strings.ToLower(r.Sentence()+" "+r.Quote), strings.ToLower(x.Name))
	}
	want := x.Ref
	if x.Kind == WatchState {
		want = s.Graph.StateEntity(x.State)
	}
	return slices.ContainsFunc(slices.Concat(r.SubjectRefs, r.ObjectRefs, []stix.ID{r.WhoRef}), func(id stix.ID) bool {
		e := s.Graph.Entity(id)
		return id == want || e != nil && e.ID == want || x.Kind == WatchActor && s.Graph.Same(id, want)
	})
}
