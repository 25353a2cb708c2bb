package workspace

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"marque/attribute"
	"marque/claim"
	"marque/graph"
	"marque/stix"
	"marque/store"
)

// Waiting is something that was computed and waits for a person to say whether it is so.
type Waiting struct {
	Kind     string   `json:"kind"` // claim, join, …
	ID       string   `json:"id"`
	Text     string   `json:"text"` // what would be accepted, in a sentence
	Why      string   `json:"why,omitempty"`
	Before   string   `json:"before,omitempty"` // the paragraph around the quote
	Quote    string   `json:"quote,omitempty"`
	After    string   `json:"after,omitempty"`
	Document string   `json:"document,omitempty"`
	Source   string   `json:"source,omitempty"` // who says it
	Rule     string   `json:"rule,omitempty"`
	Moves    float64  `json:"moves"` // by how much a probability may change, 0 to 1
	Verdicts []Effect `json:"verdicts,omitempty"`
}

// Effect is what a review would do to a judgement: the probability of its leading answer now, and about what it would be.
type Effect struct {
	Operation    string  `json:"operation"`
	OperationRef stix.ID `json:"operation_ref"`
	Answer       string  `json:"answer"`
	Now          float64 `json:"now"`
	Accepted     float64 `json:"accepted"`
	Rejected     float64 `json:"rejected"`
}

// Verdict is what a person decides.
type Verdict string

// Verdicts.
const (
	Accept Verdict = claim.Accepted
	Reject Verdict = claim.Rejected
)

// reviewKind is one kind of things that wait. Whoever computes something that a person should confirm adds one to [Workspace.kinds].
type reviewKind interface {
	// name is the word for it, in the singular.
	name() string
	// waiting lists what waits, as a snapshot shows it.
	waiting(ctx context.Context, s *Snapshot) ([]Waiting, error)
	// decide enters a person's verdict, signed.
	decide(ctx context.Context, ids []string, v Verdict, by Signed) error
	// undo takes the last decision on each back: it waits again.
	undo(ctx context.Context, ids []string, by Signed) error
}

func (w *Workspace) kinds() []reviewKind { return []reviewKind{claimQueue{w}, joinQueue{w}} }

// QueueFilter chooses what waits. Empty fields choose everything; a name fits where a part of it does, in any case.
type QueueFilter struct {
	Kind, Rule, Document, Source, Operation string
	IDs                                     []string // what ids begin with
}

// Queue lists what waits for a person, what would move a verdict most first.
func (w *Workspace) Queue(ctx context.Context, v View, f QueueFilter) ([]Waiting, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	op := stix.ID("")
	if f.Operation != "" {
		e, err := s.Operation(f.Operation)
		if err != nil {
			return nil, err
		}
		op = e.ID
	}
	out := []Waiting{}
	for _, k := range w.kinds() {
		if f.Kind != "" && f.Kind != k.name() {
			continue
		}
		items, err := k.waiting(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("review of %ss: %w", k.name(), err)
		}
		for _, x := range items {
			if f.keeps(&x, op) {
				out = append(out, x)
			}
		}
	}
	for _, id := range f.IDs {
		if !slices.ContainsFunc(out, func(x Waiting) bool { return begins(x.ID, id) }) {
			return nil, fmt.Errorf("%s: nothing that waits has this id; marque review lists what does", id)
		}
	}
	slices.SortStableFunc(out, func(x, y Waiting) int { return cmp.Or(cmp.Compare(y.Moves, x.Moves), cmp.Compare(x.ID, y.ID)) })
	return out, nil
}

func (f *QueueFilter) keeps(x *Waiting, op stix.ID) bool {
	has := func(want, in string) bool { return strings.Contains(strings.ToLower(in), strings.ToLower(want)) }
	return (f.Rule == "" || f.Rule == x.Rule) && has(f.Document, x.Document) && has(f.Source, x.Source) &&
		(op == "" || slices.ContainsFunc(x.Verdicts, func(e Effect) bool { return e.OperationRef == op })) &&
		(len(f.IDs) == 0 || slices.ContainsFunc(f.IDs, func(id string) bool { return begins(x.ID, id) }))
}

// Decided is what a review changed.
type Decided struct {
	Verdict Verdict             `json:"verdict"`
	IDs     map[string][]string `json:"ids"` // by kind
}

// The mark that remembers the last decisions, so that they can be taken back one by one, and how many.
const (
	lastReviews = "review.last"
	maxReviews  = 100
)

// reviews are the decisions that can be taken back, oldest first.
func (w *Workspace) reviews(ctx context.Context) ([]Decided, error) {
	text, err := w.db.GetMark(ctx, lastReviews)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	var out []Decided
	if err == nil {
		err = json.Unmarshal([]byte(text), &out)
	}
	if err != nil {
		return nil, fmt.Errorf("last reviews: %w", err)
	}
	return out, nil
}

func (w *Workspace) rememberReviews(ctx context.Context, ds []Decided) error {
	text, err := json.Marshal(ds[max(0, len(ds)-maxReviews):])
	if err == nil {
		err = w.db.PutMark(ctx, lastReviews, string(text))
	}
	if err != nil {
		return fmt.Errorf("remember reviews: %w", err)
	}
	return nil
}

// Decide enters a person's verdict on things that wait, signed.
func (w *Workspace) Decide(ctx context.Context, items []Waiting, v Verdict, by Signed) (*Decided, error) {
	out := &Decided{Verdict: v, IDs: map[string][]string{}}
	for _, x := range items {
		out.IDs[x.Kind] = append(out.IDs[x.Kind], x.ID)
	}
	for _, k := range w.kinds() {
		if ids := out.IDs[k.name()]; len(ids) > 0 {
			if err := k.decide(ctx, ids, v, by); err != nil {
				return nil, fmt.Errorf("review of %ss: %w", k.name(), err)
			}
		}
	}
	last, err := w.reviews(ctx)
	if err != nil {
		return nil, err
	}
	return out, w.rememberReviews(ctx, append(last, *out))
}

// ErrNothingToUndo says that no review stands that could be taken back.
var ErrNothingToUndo = errors.New("no review stands that could be taken back")

// UndoReview takes the last decision back, all of it: what was decided waits again.
func (w *Workspace) UndoReview(ctx context.Context, by Signed) (*Decided, error) {
	all, err := w.reviews(ctx)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, ErrNothingToUndo
	}
	last := all[len(all)-1]
	for _, k := range w.kinds() {
		if ids := last.IDs[k.name()]; len(ids) > 0 {
			if err := k.undo(ctx, ids, by); err != nil {
				return nil, fmt.Errorf("undo the review of %ss: %w", k.name(), err)
			}
		}
	}
	return &last, w.rememberReviews(ctx, all[:len(all)-1])
}

// EffectOf is what a verdict on several things would do to each judgement, where all are decided alike.
func (w *Workspace) EffectOf(ctx context.Context, v View, items []Waiting) ([]Effect, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	refs := map[stix.ID][]stix.ID{} // by operation
	rows, err := w.Claims(ctx, v, ClaimFilter{Status: claim.Candidate})
	if err != nil {
		return nil, err
	}
	byID := map[string]*ClaimRow{}
	for _, r := range rows {
		byID[r.ID] = r
	}
	for _, x := range items {
		for _, e := range x.Verdicts {
			if r := byID[x.ID]; r != nil {
				refs[e.OperationRef] = append(refs[e.OperationRef], r.Carriers...)
			}
		}
	}
	var out []Effect
	for op, carriers := range refs {
		if e, err := s.effect(op, carriers); err != nil {
			return nil, err
		} else if e != nil {
			out = append(out, *e)
		}
	}
	slices.SortFunc(out, func(x, y Effect) int {
		return cmp.Or(cmp.Compare(y.size(), x.size()), cmp.Compare(x.Operation, y.Operation))
	})
	return out, nil
}

func (e *Effect) size() float64 { return max(math.Abs(e.Accepted-e.Now), math.Abs(e.Rejected-e.Now)) }

// effect is what the review of the claims that these objects carry would do to the judgement of an operation.
func (s *Snapshot) effect(op stix.ID, carriers []stix.ID) (*Effect, error) {
	a, err := s.judgeOperation(op)
	if err != nil || a == nil || len(a.Hypotheses) == 0 {
		return nil, err
	}
	e := &Effect{Operation: a.SubjectName, OperationRef: op, Answer: a.Hypotheses[0].Statement}
	e.Now, e.Accepted, e.Rejected = attribute.Swing(a, carriers)
	return e, nil
}

// claimQueue are the claims that a rule read and nobody has looked at.
type claimQueue struct{ w *Workspace }

func (claimQueue) name() string { return "claim" }

func (q claimQueue) waiting(ctx context.Context, s *Snapshot) ([]Waiting, error) {
	rows, err := q.w.Claims(ctx, s.View, ClaimFilter{Status: claim.Candidate})
	if err != nil {
		return nil, err
	}
	ops := s.operationsOf(rows)
	texts := map[stix.ID]string{}
	var out []Waiting
	for _, r := range rows {
		x := Waiting{
			Kind: q.name(), ID: r.ID, Text: r.Sentence(), Why: r.Why, Quote: r.Quote, Document: r.Document.Name, Source: cmp.Or(r.Who, r.Speaker), Rule: r.Rule,
		}
		if _, read := texts[r.Document.ID]; !read {
			d, err := q.w.db.GetDocument(ctx, r.Document.ID, s.View.Level)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
			texts[r.Document.ID] = d.Text
		}
		x.Before, x.After = around(texts[r.Document.ID], r.Start, r.End)
		for _, op := range ops[r.ID] {
			e, err := s.effect(op, r.Carriers)
			if err != nil {
				return nil, err
			}
			if e != nil {
				x.Verdicts, x.Moves = append(x.Verdicts, *e), max(x.Moves, e.size())
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// operationsOf are the operations that claims bear on: at which they stand, or of whose claims they speak.
func (s *Snapshot) operationsOf(rows []*ClaimRow) map[string][]stix.ID {
	want := map[string]bool{}
	for _, r := range rows {
		want[r.ID] = true
	}
	out := map[string][]stix.ID{}
	for _, e := range s.Graph.Operations() {
		for _, c := range s.claimsOf([]stix.ID{e.ID}) {
			if want[c.ID] && !slices.Contains(out[c.ID], e.ID) {
				out[c.ID] = append(out[c.ID], e.ID)
			}
		}
	}
	return out
}

// around is the rest of the paragraph that a quote stands in.
func around(text string, start, end int) (before, after string) {
	if start < 0 || end > len(text) || start >= end {
		return "", ""
	}
	const most = 400
	before, after = text[:start], text[end:]
	if i := strings.LastIndex(before, "\n\n"); i >= 0 {
		before = before[i:]
	}
	if i := strings.Index(after, "\n\n"); i >= 0 {
		after = after[:i]
	}
	if len(before) > most {
		before = "…" + strings.ToValidUTF8(before[len(before)-most:], "")
	}
	if len(after) > most {
		after = strings.ToValidUTF8(after[:most], "") + "…"
	}
	return strings.Join(strings.Fields(before), " "), strings.Join(strings.Fields(after), " ")
}

func (q claimQueue) rows(ctx context.Context, ids []string) ([]*ClaimRow, error) {
	return q.w.PickClaims(ctx, Owner(), ids, false)
}

func (q claimQueue) decide(ctx context.Context, ids []string, v Verdict, by Signed) error {
	rows, err := q.rows(ctx, ids)
	if err == nil {
		_, err = q.w.Review(ctx, rows, string(v), by)
	}
	return err
}

func (q claimQueue) undo(ctx context.Context, ids []string, by Signed) error {
	rows, err := q.rows(ctx, ids)
	if err == nil {
		_, err = q.w.UndoClaims(ctx, rows, by)
	}
	return err
}

// joinQueue are the pairs of records that may tell of one operation.
type joinQueue struct{ w *Workspace }

func (joinQueue) name() string { return "join" }

const joinSeparator = "+"

func (q joinQueue) waiting(_ context.Context, s *Snapshot) ([]Waiting, error) {
	judged := map[stix.ID]*claim.Assessment{}
	judge := func(id stix.ID) (*claim.Assessment, error) {
		e := s.Graph.Entity(id)
		if e == nil {
			return nil, nil
		}
		if a, ok := judged[e.ID]; ok {
			return a, nil
		}
		a, err := s.judgeOperation(e.ID)
		judged[e.ID] = a
		return a, err
	}
	var out []Waiting
	for _, j := range s.Unsettled() {
		a, err := judge(j.A.ID)
		if err != nil {
			return nil, err
		}
		b, err := judge(j.B.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, Waiting{
			Kind: q.name(), ID: string(j.A.ID) + joinSeparator + string(j.B.ID), Source: j.A.Source + " " + j.B.Source, Rule: "join",
			Text:  fmt.Sprintf("%s (%s:%s) and %s (%s:%s) are one operation (%.0f %%)", j.A.Name, j.A.Source, j.A.Record, j.B.Name, j.B.Source, j.B.Record, 100*j.Probability),
			Why:   strings.Join(j.Why, "; "),
			Moves: 4 * j.Probability * (1 - j.Probability) * apart(s.Graph, a, b), Verdicts: bothVerdicts(a, b),
		})
	}
	return out, nil
}

// apart is how far two judgements are from each other: as much as the surer one says where they name others.
func apart(g *graph.Graph, a, b *claim.Assessment) float64 {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil || b == nil:
		return cmp.Or(a, b).Hypotheses[0].Probability
	}
	x, y := &a.Hypotheses[0], &b.Hypotheses[0]
	if x.Key == y.Key || x.ActorRef != "" && y.ActorRef != "" && g.Same(x.ActorRef, y.ActorRef) {
		return math.Abs(x.Probability - y.Probability)
	}
	return max(x.Probability, y.Probability)
}

// bothVerdicts are the judgements as they stand; what they would be when joined is known only once they are.
func bothVerdicts(as ...*claim.Assessment) []Effect {
	var out []Effect
	for _, a := range as {
		if a != nil {
			p := a.Hypotheses[0].Probability
			out = append(out, Effect{a.SubjectName, a.SubjectRef, a.Hypotheses[0].Statement, p, p, p})
		}
	}
	return out
}

func (q joinQueue) each(ids []string, do func(Word) error, by Signed) error {
	for _, id := range ids {
		a, b, ok := strings.Cut(id, joinSeparator)
		if !ok {
			return fmt.Errorf("join %q: want two ids", id)
		}
		if err := do(Word{A: a, B: b, Reason: cmp.Or(by.Reason, "reviewed"), By: by.By}); err != nil {
			return err
		}
	}
	return nil
}

func (q joinQueue) decide(ctx context.Context, ids []string, v Verdict, by Signed) error {
	return q.each(ids, func(word Word) (err error) {
		if v == Accept {
			_, err = q.w.Join(ctx, word)
		} else {
			_, err = q.w.Split(ctx, word)
		}
		return err
	}, by)
}

func (q joinQueue) undo(ctx context.Context, ids []string, by Signed) error {
	return q.each(ids, func(word Word) error {
		_, err := q.w.Unsay(ctx, word)
		return err
	}, by)
}

// Sentence is the claim as subject, relation, object, with who says it.
func (r *ClaimRow) Sentence() string {
	parts := []string{r.Who + ":"}
	if len(r.Subject) > 0 {
		parts = append(parts, strings.Join(r.Subject, ", "))
	}
	parts = append(parts, "— "+string(r.Relation)+" —")
	if len(r.Object) > 0 {
		parts = append(parts, strings.Join(r.Object, ", "))
	}
	if len(r.Motives) > 0 {
		parts = append(parts, "("+strings.Join(r.Motives, ", ")+")")
	}
	if r.Count != nil {
		parts = append(parts, fmt.Sprintf("(%s %g %s)", r.Count.Op, r.Count.N, r.Count.Unit))
	}
	if r.Stance != claim.Asserts && r.Stance != "" {
		parts = append(parts, "["+r.Stance+"]")
	}
	return strings.Join(parts, " ")
}

// Empty tells whether a filter chooses everything.
func (f *QueueFilter) Empty() bool {
	return f.Kind+f.Rule+f.Document+f.Source+f.Operation == "" && len(f.IDs) == 0
}
