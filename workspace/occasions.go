package workspace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"marque/graph"
	"marque/influence/event"
	"marque/influence/media"
	"marque/ingest/entity"
)

// OccasionsResult says who works on whom, and when.
type OccasionsResult struct {
	// Activities are operations that have a sponsor, a target and a day, once for each target; Left are the operations that lack one.
	Activities int `json:"activities"`
	Left       int `json:"operations_left_out"`
	// From and To are the first and the last day.
	From   time.Time    `json:"from,omitzero"`
	To     time.Time    `json:"to,omitzero"`
	Matrix []event.Cell `json:"matrix"`
	// Around tests activity before the events of a calendar; Unread tells the rows of it that could not be read.
	Around []event.Effect `json:"around,omitempty"`
	Unread string         `json:"unread,omitempty"`
	// Convergence are the pairs of sponsors that meet on targets.
	Convergence []event.Meeting `json:"convergence"`
}

// Occasions counts the operations that the view shows by sponsor and target, as claimed; tests whether more of them fall before the events
// of a calendar (a CSV with the columns country and date; empty: none); and finds sponsors that meet on targets.
func (s *Snapshot) Occasions(calendar string, o event.Options) (*OccasionsResult, error) {
	out := &OccasionsResult{}
	var activities []event.Activity
	for _, op := range s.Graph.Operations() {
		a := s.activities(op)
		if len(a) == 0 {
			out.Left++
		}
		activities = append(activities, a...)
	}
	out.Activities = len(activities)
	for _, a := range activities {
		if out.From.IsZero() || a.Day.Before(out.From) {
			out.From = a.Day
		}
		if a.Day.After(out.To) {
			out.To = a.Day
		}
	}
	out.Matrix = event.Matrix(activities)
	out.Convergence = event.Convergence(activities, o)
	if calendar == "" {
		return out, nil
	}
	f, err := os.Open(calendar)
	if err != nil {
		return nil, fmt.Errorf("read calendar: %w", err)
	}
	defer f.Close()
	events, err := event.ReadEvents(f, nil)
	switch {
	case len(events) == 0:
		return nil, fmt.Errorf("read calendar %s: no event is there: %w", calendar, errors.Join(err))
	case err != nil:
		out.Unread = err.Error()
	}
	out.Around = event.Around(activities, events, o)
	return out, nil
}

// activities are an operation against each of its targets by each of its sponsors. A 1 January stands for a year and is no day.
func (s *Snapshot) activities(op *graph.Entity) (out []event.Activity) {
	if op.Date.IsZero() || op.Date.YearDay() == 1 || op.Operation == nil {
		return nil
	}
	sponsors := map[string]bool{}
	for _, actor := range s.Graph.AttributedTo(op.ID) {
		if state := s.Graph.SponsorOf(actor); state != "" && !sponsors[state] {
			sponsors[state] = true
			for _, target := range op.Operation.Countries {
				if target != state {
					out = append(out, event.Activity{ID: string(op.ID), Sponsor: state, Target: target, Day: op.Date.Truncate(24 * time.Hour)})
				}
			}
		}
	}
	return out
}

// CountryName is a country's name in English, or what is written where it is none.
func CountryName(code string) string { return entity.CountryName(code) }

// MediaFile is what a file says of itself, or why it was not read.
type MediaFile struct {
	File   string       `json:"file"`
	Report media.Report `json:"report,omitzero"`
	Error  string       `json:"error,omitempty"`
	// Alike are earlier ones of the files that look like it.
	Alike []media.Use `json:"alike,omitempty"`
}

// maxMedia bounds a file.
const maxMedia = 1 << 30

// Media reads what files say of themselves. A file that cannot be read is told, and stops nothing.
func (w *Workspace) Media(ctx context.Context, paths []string) ([]MediaFile, error) {
	index := media.NewIndex()
	var out []MediaFile
	for _, path := range paths {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		m := MediaFile{File: path}
		if err := m.read(w.now(), index); err != nil {
			m.Error = err.Error()
		}
		out = append(out, m)
	}
	return out, nil
}

func (m *MediaFile) read(now time.Time, index *media.Index) error {
	f, err := os.Open(m.File)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxMedia+1))
	if err != nil {
		return err
	}
	if len(data) > maxMedia {
		return fmt.Errorf("over %d bytes", maxMedia)
	}
	if m.Report, err = media.Read(data, now); err != nil || m.Report.Hash == "" {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if h, err := media.HashImage(f); err == nil {
		m.Alike = index.Add(m.File, h)
	}
	return nil
}
