package workspace

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"marque/attribute"
	"marque/claim"
	"marque/deter"
	"marque/deter/silence"
	"marque/graph"
	"marque/ingest/entity"
	"marque/stix"
)

// Operation is a joined operation with its judgement, as docs/operations.md describes it: one line of `marque operations --json`.
type Operation struct {
	ID         stix.ID               `json:"id"`
	Names      []string              `json:"names"`
	Members    []OperationMember     `json:"members"`
	First      OperationDate         `json:"first"`
	Last       OperationDate         `json:"last"`
	Countries  []string              `json:"countries"`
	Sectors    []string              `json:"sectors"`
	Hypotheses []OperationHypothesis `json:"hypotheses"`
	States     []OperationState      `json:"states"`
	Leading    string                `json:"leading"`
	Named      bool                  `json:"named"`
	Contested  bool                  `json:"contested"`
	Confidence string                `json:"confidence"`
	Personas   []string              `json:"personas"`
	Mode       string                `json:"mode"`
	Motives    []string              `json:"motives"`
	DeniedBy   []OperationDenial     `json:"denied_by"`
	NoComment  []OperationDenial     `json:"no_comment_by"`
	Measures   []OperationMeasure    `json:"measures"`
	Answer     string                `json:"answer"`
	Until      string                `json:"on_record_until,omitempty"`
	Analysts   []AnalystView         `json:"analysts"`
}

// OperationMember is a record that tells of the operation, or of a part of it.
type OperationMember struct {
	Source      string   `json:"source"`
	Record      string   `json:"record"`
	Part        bool     `json:"part"`
	Why         []string `json:"why,omitempty"`
	ID          stix.ID  `json:"id"`
	Name        string   `json:"name"`
	Probability float64  `json:"probability"`
}

// OperationDate is a date to its precision: day, month, year or unknown.
type OperationDate struct {
	Date      string `json:"date,omitempty"`
	Precision string `json:"precision"`
	Origin    string `json:"origin"`
}

// OperationHypothesis is one answer to who did it.
type OperationHypothesis struct {
	Actor       string   `json:"actor,omitempty"`
	Ref         stix.ID  `json:"actor_ref,omitempty"`
	ActorNames  []string `json:"actor_names,omitempty"`
	State       string   `json:"state,omitempty"`
	Probability float64  `json:"probability"`
	Word        string   `json:"word"`
}

// OperationState is what all hypotheses that name a state come to.
type OperationState struct {
	State       string  `json:"state"`
	Probability float64 `json:"probability"`
}

// OperationDenial is who denies it, or did not comment.
type OperationDenial struct {
	Who      string `json:"who"`
	Date     string `json:"date,omitempty"`
	Document string `json:"document,omitempty"`
}

// OperationMeasure is what answered it.
type OperationMeasure struct {
	Date      string   `json:"date,omitempty"`
	Precision string   `json:"precision"`
	By        []string `json:"by"`
	Kind      string   `json:"kind"`
	Name      string   `json:"name"`
	Source    string   `json:"source"`
}

// What is known of an operation's answer.
const (
	Answered       = string(silence.Answered)
	AskedAndSilent = "asked-and-silent"
	AnswerUnknown  = string(silence.Unknown)
)

// Operations lists the joined operations that a view shows, judged, by id. The list is kept until the store changes: it must not be
// written to.
func (w *Workspace) Operations(ctx context.Context, v View, progress func(Progress)) ([]Operation, error) {
	return w.operations.get(ctx, w.db, v, func(ctx context.Context) ([]Operation, error) { return w.judgedOperations(ctx, v, progress) })
}

func (w *Workspace) judgedOperations(ctx context.Context, v View, progress func(Progress)) ([]Operation, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	as, err := s.JudgeAll(ctx, progress)
	if err != nil {
		return nil, err
	}
	judged := map[stix.ID]*claim.Assessment{}
	for _, a := range as {
		judged[a.SubjectRef] = a
	}
	followed := map[stix.ID]deter.Followed{}
	for _, f := range s.followed(as) {
		followed[f.Operation] = f
	}
	ops := s.Graph.Operations()
	out := make([]Operation, 0, len(ops))
	for _, e := range ops {
		f, ok := followed[e.ID]
		if !ok {
			f = deter.Follow(s.Graph, []deter.Attributed{{Operation: e.ID}})[0]
		}
		out = append(out, s.operation(e, judged[e.ID], f))
	}
	return out, nil
}

// operation puts a joined operation together. Without a judgement nobody says who did it.
func (s *Snapshot) operation(e *graph.Entity, a *claim.Assessment, f deter.Followed) Operation {
	op := Operation{
		ID: e.ID, Names: append([]string{e.Name}, e.Aliases...), Confidence: "low", Leading: "unknown", Answer: AnswerUnknown,
		First: firstOf(e), Last: lastOf(e), Countries: []string{}, Sectors: []string{},
		Hypotheses: []OperationHypothesis{}, States: []OperationState{}, Personas: []string{}, Motives: []string{},
		DeniedBy: []OperationDenial{}, NoComment: []OperationDenial{}, Measures: []OperationMeasure{},
	}
	if e.Operation != nil {
		op.Countries, op.Sectors = append(op.Countries, e.Operation.Countries...), append(op.Sectors, e.Operation.Sectors...)
	}
	for _, m := range e.Members {
		op.Members = append(op.Members, member(m))
	}
	if a != nil {
		s.judged(&op, a)
	}
	s.answered(&op, f)
	op.Analysts = s.Analysts(e.ID, a)
	return op
}

// judged adds who, how surely, and who denies it.
func (s *Snapshot) judged(op *Operation, a *claim.Assessment) {
	for i := range a.Hypotheses {
		h := &a.Hypotheses[i]
		x := OperationHypothesis{Actor: h.Actor, Ref: h.ActorRef, State: h.Sponsor, Probability: h.Probability, Word: h.Words}
		if h.ActorRef != "" {
			x.ActorNames = s.actorNames(h.ActorRef)
			for _, id := range h.AlsoRefs {
				x.ActorNames = appendNew(x.ActorNames, s.actorNames(id)...)
				if s.Graph.Behind(id) != "" {
					op.Personas = appendNew(op.Personas, s.Graph.Name(id))
				}
			}
		}
		op.Hypotheses = append(op.Hypotheses, x)
	}
	shares := attribute.StateShares(a)
	for _, share := range shares {
		op.States = append(op.States, OperationState{share.State, share.Probability})
	}
	op.Contested, op.Confidence = len(a.Disputed) > 0, a.Level
	if lead := &a.Hypotheses[0]; !a.Abstained {
		op.Named = lead.Actor != "" || lead.Sponsor != ""
		op.Leading, op.Mode = cmp.Or(lead.Actor, s.Graph.CountryName(lead.Sponsor), "unknown"), lead.Responsibility
	} else if len(shares) > 0 && shares[0].Probability >= attribute.AbstainBelow { // no one answer, and yet one state
		op.Named, op.Leading, op.Mode = true, s.Graph.CountryName(shares[0].State), lead.Responsibility
	}
	for _, m := range a.Motives {
		op.Motives = append(op.Motives, m.Motive)
	}
	for _, d := range a.Denials {
		x := OperationDenial{Who: cmp.Or(s.Graph.StateOf(d.ByRef), d.By)}
		if c := s.carriedBy(d.Ref, d.ByRef); c != nil {
			x.Date, x.Document = day(c.Date), s.Graph.Name(c.Document)
		}
		if d.Kind == claim.NoComment {
			op.NoComment = append(op.NoComment, x)
		} else {
			op.DeniedBy = append(op.DeniedBy, x)
		}
	}
}

// carriedBy is the response that an object carries.
func (s *Snapshot) carriedBy(ref, by stix.ID) *graph.Claim {
	for _, c := range s.Graph.Responses() {
		if c.Source == by && slices.Contains(c.Carriers, ref) {
			return c
		}
	}
	return nil
}

// appendNew appends what is not there yet.
func appendNew(list []string, more ...string) []string {
	for _, x := range more {
		if !slices.Contains(list, x) {
			list = append(list, x)
		}
	}
	return list
}

// actorNames are all names of an actor, its own first.
func (s *Snapshot) actorNames(id stix.ID) []string {
	out := []string{s.Graph.Name(id)}
	if e := s.Graph.Entity(id); e != nil && e.Is("state-organ") {
		out = appendNew(out, entity.OrganForms(e.Name)...)
	}
	for _, n := range s.Graph.ActorNames(id) {
		if (n.Entity == id || s.Graph.Same(id, n.Entity)) && !slices.Contains(out, n.Name) {
			out = append(out, n.Name)
		}
	}
	return out
}

// answered adds the measures that answer the operation itself, and what can be said where none is on record.
func (s *Snapshot) answered(op *Operation, f deter.Followed) {
	byID := map[stix.ID]*claim.Measure{}
	for _, m := range s.Graph.Measures() {
		byID[m.ID] = m
	}
	for _, c := range f.Consequences {
		if c.Link != deter.Direct {
			continue // what is aimed at the actor or the state need not answer this one
		}
		m := byID[c.Measure]
		if deter.AnswersNobody(m) {
			continue
		}
		d := operationDate(c.Date, graph.PrecisionOf(c.Date))
		op.Measures = append(op.Measures, OperationMeasure{d.Date, d.Precision, append([]string{}, c.By...), c.Kind, c.Name, s.Graph.Name(m.CreatedByRef)})
	}
	if op.Answer = string(silence.Of(len(op.Measures) > 0, !f.Asked.IsZero())); op.Answer == string(silence.Silent) {
		op.Answer = AskedAndSilent
	}
	if !f.Asked.IsZero() {
		op.Until = f.Asked.Format(time.DateOnly)
	}
}

// firstOf is when an operation began, as far as that can be relied on. Where it is only known when it was told, that day stands there and its
// precision is unknown.
func firstOf(e *graph.Entity) OperationDate {
	d := operationDate(e.Date, e.Precision.Sure())
	d.Origin = string(e.Origin)
	return d
}

// lastOf is when it ended.
func lastOf(e *graph.Entity) OperationDate {
	if e.Last.IsZero() {
		return OperationDate{Precision: string(graph.Unknown), Origin: string(graph.Undated)}
	}
	d := operationDate(e.Last, e.LastPrecision.Sure())
	d.Origin = string(graph.Stated)
	return d
}

// operationDate writes a date to its precision; of unknown precision, as the day that stands for it.
func operationDate(t time.Time, p graph.Precision) OperationDate {
	if t.IsZero() || t.Year() <= 1970 {
		return OperationDate{Precision: string(graph.Unknown)}
	}
	layout := map[graph.Precision]string{graph.Year: "2006", graph.Month: "2006-01"}[p]
	return OperationDate{Date: t.Format(cmp.Or(layout, time.DateOnly)), Precision: string(p)}
}

func day(t time.Time) string { return operationDate(t, graph.PrecisionOf(t)).Date }

// OpenJoin is a pair of records that may tell of one operation and waits for a person.
type OpenJoin struct {
	A           OperationMember `json:"a"`
	B           OperationMember `json:"b"`
	Probability float64         `json:"probability"`
	Why         []string        `json:"why"`
}

// Unsettled lists the pairs of records that may tell of one operation and wait for a person, most probable first.
func (s *Snapshot) Unsettled() []OpenJoin {
	var out []OpenJoin
	for _, l := range s.Graph.Unsettled() {
		out = append(out, OpenJoin{s.memberOf(stix.ID(l.A)), s.memberOf(stix.ID(l.B)), l.Probability, l.Why})
	}
	return out
}

func member(m graph.Member) OperationMember {
	return OperationMember{m.Source, m.Record, m.Part, m.Why, m.ID, m.Name, m.Probability}
}

// memberOf is a record by its id.
func (s *Snapshot) memberOf(id stix.ID) OperationMember {
	if e := s.Graph.Entity(id); e != nil {
		for _, m := range e.Members {
			if m.ID == id {
				return member(m)
			}
		}
	}
	return OperationMember{ID: id}
}

// Operation is a joined operation by its id, or by that of a record of it.
func (w *Workspace) Operation(ctx context.Context, v View, id stix.ID) (*Operation, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	ops, err := w.Operations(ctx, v, nil)
	if err != nil {
		return nil, err
	}
	if e := s.Graph.Entity(id); e != nil {
		id = e.ID
	}
	i := slices.IndexFunc(ops, func(o Operation) bool { return o.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("operation %q: %w", id, ErrUnknown)
	}
	return &ops[i], nil
}
