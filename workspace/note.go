package workspace

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"marque/claim"
	"marque/stix"
	"marque/store"
)

// Note is a remark of a person on an operation, an actor or anything else.
type Note struct {
	ID    stix.ID   `json:"id"`
	By    string    `json:"by"`
	Date  string    `json:"date"`
	Text  string    `json:"text"`
	About []stix.ID `json:"about"`
	On    []string  `json:"on"` // the names of what it is about
}

// Note keeps a remark, signed. It weighs nothing in any judgement.
func (w *Workspace) Note(ctx context.Context, about, text, by string) (*Note, error) {
	if strings.TrimSpace(text) == "" {
		return nil, fmt.Errorf("note on %s: it is empty", about)
	}
	s, err := w.Snapshot(ctx, Owner())
	if err != nil {
		return nil, err
	}
	e, err := s.end(about)
	if err != nil {
		return nil, err
	}
	who, err := personOf(Signed{By: by}.who())
	if err != nil {
		return nil, err
	}
	now := stix.At(w.now())
	o, err := stix.New(stix.Note{
		Common: stix.NewCommon(stix.DerivedID("note", "person", string(who.ID), string(e.ID), now.String()), now, who.ID), Content: strings.TrimSpace(text),
		ObjectRefs: []stix.ID{e.ID},
	})
	if err != nil {
		return nil, err
	}
	if _, err := w.Keep(ctx, person, []Conclusion{
		{Object: who, RestsOn: []stix.ID{e.ID}, Word: true}, {Object: o, RestsOn: []stix.ID{e.ID}, Word: true},
	}); err != nil {
		return nil, fmt.Errorf("keep note: %w", err)
	}
	return &Note{ID: o.ID, By: who.Name, Date: day(now.Time()), Text: strings.TrimSpace(text), About: []stix.ID{e.ID}, On: []string{e.Name}}, nil
}

// Notes are the remarks of persons that a view shows, on one thing or on everything, oldest first.
func (w *Workspace) Notes(ctx context.Context, v View, about stix.ID) ([]Note, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	out := []Note{}
	for rec, err := range w.Reader(v).Find(ctx, store.Query{Types: []string{"note"}, Importers: []string{person}}) {
		if err != nil {
			return nil, fmt.Errorf("read notes: %w", err)
		}
		var n stix.Note
		var c claim.Claim
		if is, err := rec.ExtensionOf(claim.Extension, &c); is || err != nil || rec.Revoked || rec.Decode(&n) != nil {
			continue // a claim that a person reviewed is no remark
		}
		note := Note{ID: rec.ID, By: s.Graph.Name(rec.CreatedByRef), Date: day(rec.Created.Time()), Text: n.Content, About: n.ObjectRefs}
		on := false
		for _, id := range n.ObjectRefs {
			e := s.Graph.Entity(id)
			on = on || id == about || e != nil && e.ID == about
			note.On = append(note.On, s.Graph.Name(id))
		}
		if about == "" || on {
			out = append(out, note)
		}
	}
	return out, nil
}

// UndoNote takes a note back: a revoked version of it is entered.
func (w *Workspace) UndoNote(ctx context.Context, id string, by Signed) (*Note, error) {
	all, err := w.Notes(ctx, Owner(), "")
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(n Note) bool {
		_, uuid, _ := strings.Cut(string(n.ID), "--")
		return id == "" || !strings.HasPrefix(string(n.ID), id) && !strings.HasPrefix(uuid, id)
	})
	if len(all) != 1 {
		return nil, fmt.Errorf("note %s: %d begin so; marque note list shows them", id, len(all))
	}
	rec, err := w.Reader(Owner()).Get(ctx, all[0].ID)
	if err != nil {
		return nil, err
	}
	next, err := rec.With(map[string]any{"revoked": true, "modified": stix.At(w.now()), "x_undone_by": by.who(), "x_undone_reason": by.Reason})
	if err != nil {
		return nil, err
	}
	_, err = w.Keep(ctx, person, []Conclusion{{Object: next, RestsOn: []stix.ID{rec.ID}, From: rec.Level, AtLeast: rec.Level}})
	return &all[0], err
}

// NotesOn are the remarks on what a name stands for; on everything where it is empty.
func (w *Workspace) NotesOn(ctx context.Context, v View, name string) ([]Note, error) {
	if name == "" {
		return w.Notes(ctx, v, "")
	}
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	e, err := s.end(name)
	if err != nil {
		return nil, err
	}
	if whole := s.Graph.Entity(e.ID); whole != nil {
		e = whole
	}
	return w.Notes(ctx, v, e.ID)
}
