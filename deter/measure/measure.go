package measure

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// Row is one measure with its names beside its ids.
type Row struct {
	ID        stix.ID   `json:"id"`
	Date      string    `json:"date,omitempty"`  // to its precision: 2024, 2024-05, 2024-05-03; empty where no source gives one
	Precision string    `json:"precision"`       // day, month, year, between, unknown
	After     string    `json:"after,omitempty"` // of an interval: it was taken after this day and by Date
	Kind      string    `json:"kind"`
	Name      string    `json:"name"`
	By        []string  `json:"by"`      // ISO 3166-1 alpha-2, or names of bodies and companies
	States    []string  `json:"states"`  // of those whom it is aimed at
	Against   []string  `json:"against"` // actors, persons, organs
	Answers   []Answer  `json:"answers"` // operations that it answers, each on somebody's word
	Basis     string    `json:"basis,omitempty"`
	Status    string    `json:"status,omitempty"`
	Source    string    `json:"source"`    // who records it
	Documents []Source  `json:"documents"` // where it stands
	Certainty string    `json:"certainty,omitempty"`
	Checked   string    `json:"checked_by,omitempty"` // what it was held against; empty and a certainty: unchecked
	Codes     []string  `json:"codes,omitempty"`
	TLP       string    `json:"tlp"`
	At        time.Time `json:"-"` // the earliest day that Date can mean; zero where there is none

	againstRefs []stix.ID
}

// Source is a document.
type Source struct {
	ID    stix.ID `json:"id"`
	Title string  `json:"title"`
	By    string  `json:"by,omitempty"`
	Date  string  `json:"date,omitempty"`
	URL   string  `json:"url,omitempty"`
}

// Answer is the word that a measure answers an operation.
type Answer struct {
	Operation stix.ID `json:"operation,omitempty"` // empty where no record of it is here
	Name      string  `json:"name"`
	By        string  `json:"by"` // on whose word
	Document  string  `json:"document,omitempty"`
	Claim     string  `json:"claim,omitempty"` // id, as marque review takes it
	Status    string  `json:"status,omitempty"`
	Note      string  `json:"note,omitempty"`
}

// Filter chooses rows. Empty fields choose everything; names, bases and operations fit where a part of them does, in any case.
type Filter struct {
	State     string // of those who took it, or a body: US, EU
	Target    string // state, actor or person that it is aimed at
	Kind      string
	Operation string
	Actor     string
	Basis     string
	Status    string
	Year      int
}

// Rows are the measures of a graph that a filter chooses, by date, those without one last.
func Rows(g *graph.Graph, f Filter) []Row {
	actors := actorIDs(g, f.Actor)
	var out []Row
	for _, m := range g.Measures() {
		if r := row(g, m); f.keeps(g, &r, actors) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Row) int {
		if a.At.IsZero() != b.At.IsZero() {
			return map[bool]int{true: 1, false: -1}[a.At.IsZero()]
		}
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func row(g *graph.Graph, m *claim.Measure) Row {
	r := Row{
		ID: m.ID, Kind: m.Kind, Name: m.Name, By: append([]string{}, m.By...), States: slices.Clone(m.AgainstStates), Against: []string{}, Answers: []Answer{},
		Basis: m.LegalBasis, Status: m.Status, Source: g.Name(m.CreatedByRef), Documents: []Source{}, Certainty: m.Certainty, Checked: m.CheckedBy,
		Codes: m.Codes, againstRefs: m.AgainstRefs, TLP: levelOf(g, m).String(),
	}
	r.Date, r.Precision, r.After = when(m)
	r.At = m.Date.Time()
	for _, id := range m.AgainstRefs {
		e := g.Entity(id)
		if s := g.StateOf(id); s != "" && !slices.Contains(r.States, s) {
			r.States = append(r.States, s)
		}
		if e != nil && !e.IsState() {
			r.Against = append(r.Against, e.Name)
		}
	}
	slices.Sort(r.States)
	if r.States == nil {
		r.States = []string{}
	}
	for _, a := range g.AnswersOf(m.ID) {
		x := Answer{Operation: a.Operation, Name: a.Name, By: g.Name(a.By), Claim: a.ClaimID, Status: a.Status, Note: a.Note}
		if e := g.Entity(a.Operation); e != nil {
			x.Name = e.Name
		} else {
			x.Operation = ""
		}
		if d := g.Document(a.Document); d != nil {
			x.Document = d.Name
		}
		if x.Name != "" {
			r.Answers = append(r.Answers, x)
		}
	}
	for _, id := range m.DocumentRefs {
		if d := g.Document(id); d != nil {
			r.Documents = append(r.Documents, Source{ID: id, Title: d.Name, By: d.Publisher, Date: dayOf(d.Date), URL: d.URL})
			if m.CreatedByRef == claim.MarqueIdentity {
				r.Source = cmp.Or(d.Publisher, r.Source)
			}
		}
	}
	return r
}

func levelOf(g *graph.Graph, m *claim.Measure) stix.TLP {
	ids := append([]stix.ID{m.ID}, m.DocumentRefs...)
	for _, a := range g.AnswersOf(m.ID) {
		ids = append(ids, a.Document)
	}
	return g.LevelOf(ids...)
}

// Precisions of dates.
const (
	Day     = "day"
	Month   = "month"
	Year    = "year"
	Between = "between"
	Unknown = "unknown"
)

// when is the date of a measure as far as it is known. A 1 January may stand for its year; the first of another month is a day, for
// dates of answers are.
func when(m *claim.Measure) (date, precision, after string) {
	t := m.Date.Time()
	switch {
	case m.Date.IsZero() || t.Year() <= 1970:
		return "", Unknown, ""
	case !m.DateAfter.IsZero():
		return t.Format(time.DateOnly), Between, dayOf(m.DateAfter.Time())
	case m.DatePart == Month:
		return t.Format("2006-01"), Month, ""
	case m.DatePart == Year, t.Month() == time.January && t.Day() == 1:
		return t.Format("2006"), Year, ""
	}
	return t.Format(time.DateOnly), Day, ""
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// When is the date in words for a table.
func (r *Row) When() string {
	switch r.Precision {
	case Unknown:
		return "no date"
	case Between:
		return r.After + " to " + r.Date
	}
	return r.Date
}

// Unchecked tells whether it was written down from memory and held against nothing.
func (r *Row) Unchecked() bool { return r.Certainty != "" && r.Checked == "" }

// actorIDs are the actors that a name means: the one it resolves to, and who is the same.
func actorIDs(g *graph.Graph, name string) []stix.ID {
	if name == "" {
		return nil
	}
	found := g.Resolve(name)
	best := found.Best()
	if best == nil {
		return nil
	}
	out := []stix.ID{best.ID}
	for _, n := range g.ActorNames(best.ID) {
		if n.Entity != best.ID && g.Same(best.ID, n.Entity) {
			out = append(out, n.Entity)
		}
	}
	return out
}

func (f Filter) keeps(g *graph.Graph, r *Row, actors []stix.ID) bool {
	has := func(want string, in ...string) bool {
		return want == "" || slices.ContainsFunc(in, func(s string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(want)) })
	}
	is := func(want string, in ...string) bool {
		return want == "" || slices.ContainsFunc(in, func(s string) bool { return strings.EqualFold(s, want) })
	}
	names := func(codes []string) (out []string) {
		for _, c := range codes {
			out = append(out, c, g.CountryName(c))
		}
		return out
	}
	operations := []string{}
	for _, a := range r.Answers {
		operations = append(operations, a.Name, string(a.Operation))
	}
	target := is(f.Target, names(r.States)...) || f.Target != "" && has(f.Target, r.Against...)
	actor := f.Actor == "" || has(f.Actor, r.Against...) || slices.ContainsFunc(r.againstRefs, func(id stix.ID) bool { return slices.Contains(actors, id) })
	return is(f.State, names(r.By)...) && target && is(f.Kind, r.Kind) && has(f.Operation, operations...) && actor &&
		has(f.Basis, r.Basis) && is(f.Status, r.Status) && (f.Year == 0 || !r.At.IsZero() && r.At.Year() == f.Year)
}

var csvHead = []string{
	"id", "date", "precision", "after", "kind", "by", "states", "against", "name", "answers", "on whose word", "basis", "status", "source", "certainty",
	"checked by", "tlp",
}

// CSV writes rows as a table for other programs. Lists stand in one cell, parted by "; ".
func CSV(w io.Writer, rows []Row) error {
	out := csv.NewWriter(w)
	lines := [][]string{csvHead}
	for i := range rows {
		r := &rows[i]
		var ops, words []string
		for _, a := range r.Answers {
			ops, words = append(ops, a.Name), append(words, a.By)
		}
		cells := []string{
			string(r.ID), r.Date, r.Precision, r.After, r.Kind, join(r.By), join(r.States), join(r.Against), r.Name, join(ops), join(words),
			r.Basis, r.Status, r.Source, r.Certainty, r.Checked, r.TLP,
		}
		for k, c := range cells {
			cells[k] = inert(c)
		}
		lines = append(lines, cells)
	}
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("measures as CSV: %w", err)
	}
	return nil
}

func join(parts []string) string { return strings.Join(parts, "; ") }

// inert keeps a spreadsheet from reading text of documents as a formula (CWE-1236).
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		if _, err := strconv.ParseFloat(cell, 64); err != nil {
			return "'" + cell
		}
	}
	return cell
}
