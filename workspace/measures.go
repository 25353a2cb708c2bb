package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/deter/measure"
	"marque/graph"
	"marque/ingest"
	"marque/ingest/entity"
	"marque/report"
	"marque/stix"
	"marque/store"
)

// Measures are the measures that a view shows and a filter chooses, by date.
func (w *Workspace) Measures(ctx context.Context, v View, f measure.Filter) ([]measure.Row, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	return measure.Rows(s.Graph, f), nil
}

// MeasureSources says what each source of measures covers and until when.
func (w *Workspace) MeasureSources(ctx context.Context, v View) ([]measure.Coverage, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	return measure.Sources(s.Graph)
}

// MeasureBundle writes measures with what they refer to, and who says what they answer, as a STIX bundle of a level. TLP:RED is refused.
func (w *Workspace) MeasureBundle(ctx context.Context, out io.Writer, v View, rows []measure.Row) error {
	if v.Level > stix.AmberStrict {
		return fmt.Errorf("measures as STIX: %w", store.ErrRed)
	}
	ids := make([]stix.ID, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	return report.Objects(ctx, out, "measures", v.Level, ids, w.Reader(v))
}

// NewMeasure is a measure as a person writes it down.
type NewMeasure struct {
	Kind, Name, Basis, Status string
	Date                      string   // 2024, 2024-05, 2024-05-03; empty where it is not known
	By, States                []string // ISO 3166-1 alpha-2; By names of bodies and companies too
	Against                   []string // names or ids
	Answers                   []string // operations: names, ids or records, as Record takes them
	Source, Title, URL        string   // who published it, where
	Certainty, Checked, Note  string
	Author                    string // who says that it answers the operations
	Level                     stix.TLP
}

// validate returns every problem at once.
func (m *NewMeasure) validate() error {
	var errs []error
	for _, f := range []struct{ what, text string }{{"name", m.Name}, {"source", m.Source}} {
		if strings.TrimSpace(f.text) == "" {
			errs = append(errs, fmt.Errorf("no %s: a measure needs one", f.what))
		}
	}
	if len(m.By) == 0 {
		errs = append(errs, errors.New("nobody took it: name states, bodies or companies"))
	}
	errs = append(errs, oneOf("kind", m.Kind, claim.MeasureKinds), oneOf("status", m.Status, claim.MeasureStatuses))
	_, _, err := measureDate(m.Date)
	return errors.Join(append(errs, err)...)
}

// oneOf refuses a word that a code list does not have, with the one that was meant.
func oneOf(what, word string, of []claim.Code) error {
	codes := claim.Codes(of)
	if slices.Contains(codes, word) {
		return nil
	}
	best, away := "", 3
	for _, c := range codes {
		if n := edits(word, c, away); n < away {
			best, away = c, n
		}
	}
	if best != "" {
		return fmt.Errorf("%s %q is not known; did you mean %s?", what, word, best)
	}
	return fmt.Errorf("%s %q is not known: want one of %s", what, word, strings.Join(codes, ", "))
}

// measureDate reads a date to its precision.
func measureDate(s string) (at stix.Timestamp, part string, err error) {
	for _, form := range []struct{ layout, part string }{{time.DateOnly, ""}, {"2006-01", measure.Month}, {"2006", measure.Year}} {
		if t, err := time.Parse(form.layout, s); err == nil {
			return stix.At(t.UTC()), form.part, nil
		}
	}
	if s == "" {
		return at, "", nil
	}
	return at, "", fmt.Errorf("date %q: want a day, month or year: 2024-05-03, 2024-05, 2024", s)
}

// AddMeasure writes a measure down and who says which operations it answers, each at the strictest level of what it rests on, and enters
// it in the ledger. Adding the same again changes nothing.
func (w *Workspace) AddMeasure(ctx context.Context, n NewMeasure) (stix.ID, error) {
	n.Status = cmp.Or(n.Status, "done")
	if err := n.validate(); err != nil {
		return "", fmt.Errorf("measure: %w", err)
	}
	s, err := w.Snapshot(ctx, Owner())
	if err != nil {
		return "", err
	}
	k := &keeper{w: w, atLeast: n.Level}
	id, err := k.measure(ctx, s, &n)
	if err != nil {
		return "", fmt.Errorf("measure: %w", err)
	}
	if _, err := w.Keep(ctx, "measures", k.out); err != nil {
		return "", fmt.Errorf("measure: %w", err)
	}
	return id, nil
}

// keeper gathers conclusions of objects that an entity writer makes; those that are there already it leaves alone.
type keeper struct {
	w       *Workspace
	atLeast stix.TLP
	restsOn []stix.ID
	made    []*stix.Object
	out     []Conclusion
}

// take turns what was made since the last call into conclusions.
func (k *keeper) take(ctx context.Context) error {
	level, err := k.w.freest(ctx, k.restsOn...)
	if err != nil {
		return err
	}
	for _, o := range k.made {
		if _, err := k.w.Reader(View{Level: max(level, k.atLeast, k.w.Config.TLP)}).Get(ctx, o.ID); err == nil {
			continue
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		k.out = append(k.out, Conclusion{Object: o, RestsOn: k.restsOn, Word: true, AtLeast: k.atLeast})
	}
	k.made = nil
	return nil
}

func (k *keeper) measure(ctx context.Context, s *Snapshot, n *NewMeasure) (stix.ID, error) {
	sink := &gathered{to: &k.made}
	e := entity.NewWriter(sink)
	date, part, _ := measureDate(n.Date) // checked before
	at := date
	if at.IsZero() {
		at = entity.Epoch
	}
	source := e.Organisation(n.Source)
	id := stix.DerivedID(claim.TypeMeasure, "written", strings.ToLower(n.Source), n.Kind, n.Date, strings.ToLower(n.Name))
	doc := k.document(e, n, at, id)
	m := claim.Measure{
		Common: stix.NewCommon(id, at, source), Name: n.Name, Description: n.Note, Kind: n.Kind, Date: date, DatePart: part, By: upper(n.By),
		AgainstStates: upper(n.States), LegalBasis: n.Basis, Status: n.Status, Certainty: n.Certainty, CheckedBy: n.Checked, DocumentRefs: []stix.ID{doc},
	}
	for _, name := range n.Against {
		ref, err := s.aimed(e, name)
		if err != nil {
			return "", err
		}
		m.AgainstRefs, k.restsOn = append(m.AgainstRefs, ref), append(k.restsOn, ref)
	}
	if err := m.Extensions.Extend(claim.MeasureExtension, map[string]string{"extension_type": "new-sdo"}); err != nil {
		return "", err
	}
	e.Add(id, m)
	if err := errors.Join(e.Err(), k.take(ctx)); err != nil {
		return "", err
	}
	for _, name := range n.Answers {
		op, err := s.record(name)
		if err != nil {
			return "", err
		}
		if err := k.answers(ctx, e, n, id, doc, op); err != nil {
			return "", err
		}
	}
	return id, nil
}

// document is where a measure stands.
func (k *keeper) document(e *entity.Writer, n *NewMeasure, at stix.Timestamp, about stix.ID) stix.ID {
	if n.URL != "" {
		return e.WebReport(n.URL, about)
	}
	return e.NamedReport(n.Source, cmp.Or(n.Title, n.Name), at, about)
}

// answers is the author's claim that the measure answers an operation; it is as secret as the operation.
func (k *keeper) answers(ctx context.Context, e *entity.Writer, n *NewMeasure, id, doc stix.ID, op *graph.Entity) error {
	before := k.restsOn
	k.restsOn = append(slices.Clone(before), op.ID)
	defer func() { k.restsOn = before }()
	level, err := k.w.freest(ctx, k.restsOn...)
	if err != nil {
		return err
	}
	shown, err := k.w.Snapshot(ctx, View{Level: level}) // its name too is that of the level
	if err != nil {
		return err
	}
	by, speaker := e.Organisation(n.Source), n.Source
	if n.Author != "" {
		by, speaker = e.Person(n.Author), n.Author
	}
	e.Says(entity.Said{By: by, At: stix.At(k.w.now()), Claim: claim.Claim{
		ClaimID: entity.ClaimID("answers", string(by), string(id), string(op.ID)), DocumentRef: doc, RootRef: doc, Speaker: speaker, Stance: claim.Asserts,
		Relation: graph.Answers, Subjects: []claim.Ref{{Ref: id, Text: n.Name}}, Objects: []claim.Ref{{Ref: op.ID, Text: shown.Graph.Name(op.ID)}}, Note: n.Note,
		Reliability: "B", Credibility: 2, Status: claim.Accepted, Rule: "person",
	}}, id, op.ID)
	return errors.Join(e.Err(), k.take(ctx))
}

// record is the record of an operation that a name means: what is joined to it, others may not know of.
func (s *Snapshot) record(name string) (*graph.Entity, error) {
	if m, err := s.Record(name); err == nil {
		return s.Graph.Record(m.ID), nil
	}
	return s.Operation(name)
}

// aimed is whom a name means: an entity of the view, a state by its code, else an actor of that name.
func (s *Snapshot) aimed(e *entity.Writer, name string) (stix.ID, error) {
	found, err := s.Entity(name)
	if err == nil {
		return found.ID, nil
	}
	if !errors.Is(err, ErrUnknown) {
		return "", err
	}
	return e.NamedActor(name), nil
}

func upper(codes []string) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = c
		if len(c) == 2 {
			out[i] = strings.ToUpper(c)
		}
	}
	return out
}

// gathered is a sink of objects that are not stored yet.
type gathered struct{ to *[]*stix.Object }

var _ ingest.Sink = (*gathered)(nil)

func (g *gathered) Object(o *stix.Object) error     { *g.to = append(*g.to, o); return nil }
func (g *gathered) Derived(o *stix.Object) error    { return g.Object(o) }
func (g *gathered) Supplement(o *stix.Object) error { return g.Object(o) }
func (g *gathered) Document(store.Document) error   { return nil }
func (g *gathered) Reject(r store.Reject) error     { return errors.New(r.Reason) }
func (g *gathered) Warn(string)                     {}
func (g *gathered) Merge(o *stix.Object, _ func(stored, o *stix.Object) (*stix.Object, error)) error {
	return g.Object(o)
}

// EditMeasure makes a new version of a measure; the old one stays. Empty fields of the change leave what is there.
func (w *Workspace) EditMeasure(ctx context.Context, name string, change NewMeasure) (stix.ID, error) {
	rec, err := w.measureRecord(ctx, name)
	if err != nil {
		return "", err
	}
	set := map[string]any{}
	put := func(field, value string) {
		if value != "" {
			set[field] = value
		}
	}
	if change.Kind != "" {
		err = errors.Join(err, oneOf("kind", change.Kind, claim.MeasureKinds))
	}
	if change.Status != "" {
		err = errors.Join(err, oneOf("status", change.Status, claim.MeasureStatuses))
	}
	date, part, derr := measureDate(change.Date)
	if err = errors.Join(err, derr); err != nil {
		return "", fmt.Errorf("measure: %w", err)
	}
	if !date.IsZero() {
		set["date"] = date
		set["date_part"] = any(nil)
		put("date_part", part)
	}
	for field, value := range map[string]string{
		"kind": change.Kind, "status": change.Status, "name": change.Name, "legal_basis": change.Basis, "certainty": change.Certainty,
		"checked_by": change.Checked, "description": change.Note,
	} {
		put(field, value)
	}
	for field, list := range map[string][]string{"by_names": change.By, "against_states": change.States} {
		if len(list) > 0 {
			set[field] = upper(list)
		}
	}
	s, err := w.Snapshot(ctx, Owner())
	if err != nil {
		return "", err
	}
	k := &keeper{w: w, atLeast: max(change.Level, rec.Level), restsOn: []stix.ID{rec.ID}}
	e := entity.NewWriter(&gathered{to: &k.made})
	for _, name := range change.Answers {
		op, err := s.record(name)
		if err != nil {
			return "", err
		}
		n := change
		n.Source, n.Name = cmp.Or(change.Source, s.Graph.Name(rec.CreatedByRef)), rec.Name
		var m claim.Measure
		if err := rec.Decode(&m); err != nil {
			return "", err
		}
		doc := stix.ID("")
		if len(m.DocumentRefs) > 0 {
			doc = m.DocumentRefs[0]
		}
		if err := k.answers(ctx, e, &n, rec.ID, doc, op); err != nil {
			return "", err
		}
	}
	if len(set) > 0 {
		next, err := w.nextVersion(rec.Object, set)
		if err != nil {
			return "", err
		}
		k.out = append(k.out, Conclusion{Object: next, RestsOn: []stix.ID{rec.ID}, From: rec.Level, AtLeast: max(rec.Level, k.atLeast)})
	}
	if len(k.out) == 0 {
		return rec.ID, nil
	}
	if _, err := w.Keep(ctx, "measures", k.out); err != nil {
		return "", fmt.Errorf("measure: %w", err)
	}
	return rec.ID, nil
}

func (w *Workspace) nextVersion(o *stix.Object, set map[string]any) (*stix.Object, error) {
	now := stix.At(w.now())
	if !now.Time().After(o.Modified.Time()) {
		return nil, fmt.Errorf("%s: its version %s lies in the future; set the clock", o.ID, o.Modified)
	}
	set["modified"] = now
	return o.With(set)
}

// measureRecord finds a measure by its id, the beginning of it, or its name.
func (w *Workspace) measureRecord(ctx context.Context, name string) (*store.Record, error) {
	var found []*store.Record
	want := strings.ToLower(strings.TrimSpace(name))
	for rec, err := range w.Reader(Owner()).Find(ctx, store.Query{Types: []string{claim.TypeMeasure}}) {
		if err != nil {
			return nil, fmt.Errorf("read measures: %w", err)
		}
		if string(rec.ID) == want {
			return rec, nil
		}
		_, uuid, _ := strings.Cut(string(rec.ID), "--")
		if want != "" && (strings.HasPrefix(uuid, want) || strings.Contains(strings.ToLower(rec.Name), want)) {
			found = append(found, rec)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, fmt.Errorf("measure %q: %w; marque measures lists them", name, ErrUnknown)
	}
	e := &AmbiguousError{What: "measure", Name: name, Why: fmt.Sprintf("%d fit", len(found))}
	for _, rec := range found[:min(len(found), shown)] {
		e.Candidates = append(e.Candidates, Named{ID: rec.ID, Name: rec.Name})
	}
	return nil, e
}

// MeasureVersion is what a measure said at a time.
type MeasureVersion struct {
	At     time.Time `json:"at"`
	Status string    `json:"status,omitempty"`
	Kind   string    `json:"kind"`
	Name   string    `json:"name"`
	Basis  string    `json:"basis,omitempty"`
}

// MeasureHistory is a measure as it stands, and its versions, the newest first.
func (w *Workspace) MeasureHistory(ctx context.Context, v View, name string) (measure.Row, []MeasureVersion, error) {
	rec, err := w.measureRecord(ctx, name)
	if err != nil {
		return measure.Row{}, nil, err
	}
	rows, err := w.Measures(ctx, v, measure.Filter{})
	if err != nil {
		return measure.Row{}, nil, err
	}
	at := slices.IndexFunc(rows, func(r measure.Row) bool { return r.ID == rec.ID })
	if at < 0 {
		return measure.Row{}, nil, fmt.Errorf("measure %q: %w; marque measures lists them", name, ErrUnknown)
	}
	var out []MeasureVersion
	for rec, err := range w.Reader(v).Find(ctx, store.Query{Types: []string{claim.TypeMeasure}, AllVersions: true}) {
		if err != nil {
			return rows[at], nil, fmt.Errorf("read measures: %w", err)
		}
		var m claim.Measure
		if rec.ID != rows[at].ID || rec.Decode(&m) != nil {
			continue
		}
		out = append(out, MeasureVersion{rec.Modified.Time(), m.Status, m.Kind, m.Name, m.LegalBasis})
	}
	slices.SortFunc(out, func(a, b MeasureVersion) int { return b.At.Compare(a.At) })
	return rows[at], out, nil
}
