package store

import (
	"context"
	"errors"
	"fmt"

	"marque/stix"
)

// LevelOf is the strictest level among objects, as a reader sees them: what is concluded from them is no freer. A relationship, a
// sighting, a note and an opinion are as secret as what they join or speak of, one step far. What the reader does not show counts
// for nothing: a conclusion is made from what its reader may see.
func LevelOf(ctx context.Context, r Reader, refs ...stix.ID) (stix.TLP, error) {
	level, seen := stix.Clear, map[stix.ID]bool{}
	raise := func(id stix.ID) (*Record, error) {
		if id == "" || seen[id] {
			return nil, nil
		}
		seen[id] = true
		rec, err := r.Get(ctx, id)
		if errors.Is(err, ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("level of what is concluded: %w", err)
		}
		level = max(level, rec.Level)
		return rec, nil
	}
	for _, id := range refs {
		rec, err := raise(id)
		if err != nil {
			return stix.Red, err
		}
		if rec == nil {
			continue
		}
		for _, end := range Ends(rec.Object) {
			if _, err := raise(end); err != nil {
				return stix.Red, err
			}
		}
	}
	return level, nil
}

// Ends are the objects that a relationship, a sighting, a note or an opinion joins or speaks of; none for other objects.
func Ends(o *stix.Object) []stix.ID {
	switch o.Type {
	case "relationship":
		return []stix.ID{o.SourceRef, o.TargetRef}
	case "sighting":
		return []stix.ID{o.SightingOfRef}
	case "note", "opinion":
		var view struct {
			Refs []stix.ID `json:"object_refs"`
		}
		if o.Decode(&view) == nil {
			return view.Refs
		}
	}
	return nil
}
