package workspace

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"marque/deter/countermeasure"
	"marque/stix"
	"marque/store"
)

// Plan lays out what several states could do about an operation, from what a view shows: the conditions of the law with their evidence, and
// for each state what it could do, on which basis, after what, and what is missing. It is as secret as what it rests on.
func (w *Workspace) Plan(ctx context.Context, v View, operation string, states []string, plan *countermeasure.Plan) (*countermeasure.Layout, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	e, err := s.Operation(operation)
	if err != nil {
		return nil, err
	}
	as, err := s.judgeOperation(e.ID)
	if err != nil {
		return nil, err
	}
	r := w.Reader(v)
	ids := []stix.ID{e.ID}
	var records []*stix.Object
	for _, m := range e.Members {
		rec, err := r.Get(ctx, m.ID)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("records of %s: %w", e.Name, err)
		}
		ids, records = append(ids, m.ID), append(records, rec.Object)
	}
	op, err := countermeasure.From(as, e, records...)
	if err != nil {
		return nil, err
	}
	for i, code := range states {
		states[i] = strings.ToUpper(strings.TrimSpace(code))
	}
	out, err := countermeasure.Lay(op, states, plan)
	if err != nil {
		return nil, err
	}
	if as != nil {
		ids = append(ids, s.restsOn(as)...)
	}
	level, err := store.LevelOf(ctx, r, ids...)
	if err != nil {
		return nil, err
	}
	out.Operation, out.Name, out.TLP = string(e.ID), e.Name, max(level, w.Config.TLP).String()
	return out, nil
}
