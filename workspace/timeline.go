package workspace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// Moment is something that happened to an operation or an actor, or was said of it, on a day.
type Moment struct {
	Date      string  `json:"date"` // to its precision
	Precision string  `json:"precision"`
	Kind      string  `json:"kind"` // began, ended, attribution, denial, measure, judgement, name, …
	Text      string  `json:"text"`
	Document  stix.ID `json:"document,omitempty"`
	Source    string  `json:"source,omitempty"`
	at        time.Time
}

// Timeline is what happened to an operation or an actor, and was said of it, in the order of the days. Undated says how much has none.
type Timeline struct {
	ID      stix.ID  `json:"id"`
	Name    string   `json:"name"`
	Moments []Moment `json:"moments"`
	Undated int      `json:"undated"`
}

// Timeline tells an operation's or an actor's days.
func (s *Snapshot) Timeline(name string) (*Timeline, error) {
	e, err := s.Operation(name)
	if err != nil {
		if e, err = s.Entity(name); err != nil {
			return nil, err
		}
	}
	t := &Timeline{ID: e.ID, Name: e.Name, Moments: []Moment{}}
	ids := []stix.ID{e.ID}
	if graph.IsOperation(e.Type) {
		t.operation(e, "")
	} else if graph.IsActor(e.Type) {
		ids = s.sameActors(e.ID)
		for _, op := range s.operationsBy(ids) {
			t.operation(op, op.Name+": ")
		}
	}
	t.claims(s, ids)
	t.measures(s, ids)
	for _, a := range s.Graph.Analysts(e.ID) {
		t.add(a.Modified.Time(), graph.Day, Moment{Kind: "judgement", Text: fmt.Sprintf("%s: %s", a.Analyst.Name, a.Analyst.KeyJudgement)})
	}
	slices.SortStableFunc(t.Moments, func(x, y Moment) int { return cmp.Or(x.at.Compare(y.at), strings.Compare(x.Text, y.Text)) })
	t.Moments = slices.CompactFunc(t.Moments, func(x, y Moment) bool { return x.Date == y.Date && x.Text == y.Text })
	return t, nil
}

func (t *Timeline) add(at time.Time, p graph.Precision, m Moment) {
	if at.IsZero() || p == graph.Unknown {
		t.Undated++
		return
	}
	switch m.at, m.Precision = at, string(p); p {
	case graph.Year:
		m.Date = at.Format("2006")
	case graph.Month, graph.AboutMonth:
		m.Date = at.Format("2006-01")
	default:
		m.Date = at.Format(time.DateOnly)
	}
	t.Moments = append(t.Moments, m)
}

func (t *Timeline) operation(e *graph.Entity, prefix string) {
	t.add(e.Date, e.Precision, Moment{Kind: "began", Text: prefix + "first seen"})
	if !e.Last.IsZero() && e.Last.After(e.Date) {
		t.add(e.Last, e.LastPrecision, Moment{Kind: "ended", Text: prefix + "last seen"})
	}
}

// operationsBy are the operations that somebody attributes to one of the actors.
func (s *Snapshot) operationsBy(actors []stix.ID) []*graph.Entity {
	var out []*graph.Entity
	for _, op := range s.Graph.Operations() {
		if slices.ContainsFunc(s.Graph.AttributedTo(op.ID), func(id stix.ID) bool { return slices.Contains(actors, id) }) {
			out = append(out, op)
		}
	}
	return out
}

// claims are what was said, each statement once a day and source.
func (t *Timeline) claims(s *Snapshot, ids []stix.ID) {
	for _, c := range s.claimsOf(ids) {
		if c.Plain && c.Document == "" || c.Relation == claim.Targets {
			continue // bare facts of a list: they stand in the operation's own dates
		}
		kind := "said"
		switch {
		case c.Stance != claim.Asserts && c.Stance != "":
			kind = c.Stance
		case c.Relation.Attributes():
			kind = "attribution"
		case c.Relation == claim.AliasOf:
			kind = "name"
		}
		text := fmt.Sprintf("%s: %s", s.Graph.Name(c.Source), s.linksOf(c))
		if c.Quote != "" {
			text += " (“" + strings.Join(strings.Fields(c.Quote), " ") + "”)"
		}
		t.add(c.Date, graph.Day, Moment{Kind: kind, Text: text, Document: c.Document, Source: s.Graph.Name(c.Source)})
	}
}

// measures are what answered an operation, or is aimed at an actor.
func (t *Timeline) measures(s *Snapshot, ids []stix.ID) {
	at := map[stix.ID]bool{}
	for _, id := range ids {
		at[id] = true
		if e := s.Graph.Entity(id); e != nil {
			for _, m := range e.Members {
				at[m.ID] = true
			}
		}
	}
	for _, m := range s.Graph.Measures() {
		if slices.ContainsFunc(slices.Concat(m.OperationRef, m.AgainstRefs), func(id stix.ID) bool { return at[id] }) {
			t.add(m.Date.Time(), graph.PrecisionOf(m.Date.Time()), Moment{Kind: "measure", Text: strings.ReplaceAll(m.Kind, "-", " ") + ": " + m.Name, Source: strings.Join(m.By, ", ")})
		}
	}
}
