package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"marque/claim"
	"marque/ingest/entity"
	"marque/ingest/sanctions"
	"marque/internal/durable"
	"marque/stix"
	"marque/store"
)

// ListUpdate says how a new version of sanctions lists is taken in.
type ListUpdate struct {
	Paths []string
	// Day is the date of the new version; that of the older one is kept with it.
	Day sanctions.Date
	// Before are the files of an older version, with its day, where it is not the one that the workspace remembers.
	Before    []string
	BeforeDay sanctions.Date
	// Whole says that a person looked and that the new version is all of the list although much is gone.
	Whole bool
	// Only compares: nothing is stored or remembered.
	Only bool
}

// ListChanges are the differences of one list.
type ListChanges struct {
	List     string             `json:"list"`
	Subjects int                `json:"subjects"`
	First    bool               `json:"first"` // nothing to compare with: the version is remembered
	After    string             `json:"after,omitempty"`
	By       string             `json:"by"`
	Listed   int                `json:"listed"`
	Changed  int                `json:"changed"`
	Lifted   int                `json:"lifted"`
	Problems int                `json:"problems"`
	Changes  []sanctions.Change `json:"changes"`
}

// UpdateLists compares versions of lists and keeps each difference as a dated measure, in the ledger too. A version that lacks too much of
// the one before is refused with what is missing (sanctions.ErrTruncated), and nobody is lifted by it; the lists before it in the order
// are kept.
func (w *Workspace) UpdateLists(ctx context.Context, u ListUpdate) ([]ListChanges, error) {
	newer, err := sanctions.Find(u.Paths...)
	if err != nil {
		return nil, err
	}
	if len(newer) == 0 {
		return nil, errors.New("no sanctions list is there")
	}
	older := map[string]sanctions.Source{}
	if len(u.Before) > 0 {
		found, err := sanctions.Find(u.Before...)
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			older[s.Key()] = s
		}
	}
	var out []ListChanges
	for _, s := range newer {
		c, err := w.updateList(ctx, &u, s, older)
		if err != nil {
			return out, err
		}
		out = append(out, *c)
	}
	return out, nil
}

func (w *Workspace) updateList(ctx context.Context, u *ListUpdate, s sanctions.Source, older map[string]sanctions.Source) (*ListChanges, error) {
	now, err := sanctions.Take(s.Subjects(), s.Key(), u.Day)
	if err != nil {
		return nil, err
	}
	now.Whole = u.Whole
	out := &ListChanges{List: s.Key(), Subjects: len(now.Subjects), By: u.Day.String(), Problems: now.Problems, Changes: []sanctions.Change{}}
	was, err := w.versionBefore(u, s, older)
	switch {
	case err != nil:
		return nil, err
	case was == nil:
		out.First = true
	default:
		out.After = was.AsOf.String()
		if out.Changes, err = sanctions.Compare(was, now); err != nil {
			return nil, err
		}
	}
	for _, c := range out.Changes {
		switch c.Kind {
		case sanctions.Listed:
			out.Listed++
		case sanctions.Changed:
			out.Changed++
		case sanctions.Lifted:
			out.Lifted++
		}
	}
	if u.Only {
		return out, nil
	}
	if err := w.keepChanges(ctx, s.List, out.Changes); err != nil {
		return nil, err
	}
	return out, w.rememberVersion(now)
}

// versionBefore is the version that a new one is compared with; nil where there is none.
func (w *Workspace) versionBefore(u *ListUpdate, s sanctions.Source, older map[string]sanctions.Source) (*sanctions.Version, error) {
	if len(u.Before) > 0 {
		o, ok := older[s.Key()]
		if !ok {
			return nil, fmt.Errorf("%s: no older version of this list was named", s.Key())
		}
		return sanctions.Take(o.Subjects(), o.Key(), u.BeforeDay)
	}
	raw, err := os.ReadFile(w.versionFile(s.Key()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("older version of %s: %w", s.Key(), err)
	}
	v := &sanctions.Version{}
	if err := json.Unmarshal(raw, v); err != nil {
		return nil, fmt.Errorf("older version of %s: %s: %w; name one with --before", s.Key(), w.versionFile(s.Key()), err)
	}
	return v, nil
}

func (w *Workspace) versionFile(key string) string { return w.path("versions", key+".json") }

func (w *Workspace) rememberVersion(v *sanctions.Version) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("remember %s: %w", v.List, err)
	}
	path := w.versionFile(v.List)
	if err := durable.MkdirAll(durable.OS, filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("remember %s: %w", v.List, err)
	}
	return durable.WriteFile(durable.OS, path, append(raw, '\n'), 0o640)
}

// keepChanges stores the measures of changes; a listing that is there already becomes a new version with its date, and one that is lifted
// says so.
func (w *Workspace) keepChanges(ctx context.Context, list string, changes []sanctions.Change) error {
	if len(changes) == 0 {
		return nil
	}
	var made []*stix.Object
	e := entity.NewWriter(&gathered{to: &made})
	sanctions.WriteChanges(e, list, changes)
	if err := e.Err(); err != nil {
		return fmt.Errorf("measures of %s: %w", list, err)
	}
	var out []Conclusion
	keep := func(o *stix.Object) {
		out = append(out, Conclusion{Object: o, From: stix.Red})
	}
	for _, o := range made {
		rec, err := w.Reader(Owner()).Get(ctx, o.ID)
		switch {
		case errors.Is(err, store.ErrNotFound):
			keep(o)
		case err != nil:
			return fmt.Errorf("measures of %s: %w", list, err)
		case o.Type == claim.TypeMeasure:
			next, err := w.dated(rec, o)
			if err != nil {
				return fmt.Errorf("measures of %s: %w", list, err)
			}
			if next != nil {
				keep(next)
			}
		}
	}
	for _, c := range changes {
		if c.Kind != sanctions.Lifted {
			continue
		}
		rec, err := w.Reader(Owner()).Get(ctx, sanctions.ListingID(list, c.ID))
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("measures of %s: %w", list, err)
		}
		next, err := w.nextVersion(rec.Object, map[string]any{"status": "lifted"})
		if err != nil {
			return err
		}
		keep(next)
	}
	_, err := w.Keep(ctx, "lists", out)
	return err
}

// dated gives a listing that is stored without a date the one that two versions give it; nil where it has one.
func (w *Workspace) dated(rec *store.Record, o *stix.Object) (*stix.Object, error) {
	var was, is claim.Measure
	if err := errors.Join(rec.Decode(&was), o.Decode(&is)); err != nil {
		return nil, err
	}
	if was.Date.Time().Year() > 1970 && was.Status == is.Status {
		return nil, nil
	}
	set := map[string]any{"date": is.Date, "status": is.Status}
	if !is.DateAfter.IsZero() {
		set["date_after"] = is.DateAfter
	}
	return w.nextVersion(rec.Object, set)
}
