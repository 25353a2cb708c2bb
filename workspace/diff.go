package workspace

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/graph"
	"marque/stix"
	"marque/store"
)

// Changes are what is known at one time and was not, or was otherwise, at another.
type Changes struct {
	Since      time.Time         `json:"since"`
	Until      time.Time         `json:"until"`
	Level      stix.TLP          `json:"tlp"`
	Judgements []JudgementChange `json:"judgements"`
	Analysts   []AnalystChange   `json:"analysts"`
	Operations []NewOperation    `json:"operations"` // that nothing was known of
	Joins      []JoinChange      `json:"joins"`
	Denials    []*ClaimRow       `json:"denials"` // and doubts, and silence
	Names      []*ClaimRow       `json:"names"`
	Claims     []*ClaimRow       `json:"claims"` // all others, new or changed
	Measures   []MeasureChange   `json:"measures"`
}

// Standing is a judgement at one of the two times.
type Standing struct {
	Answer      string  `json:"answer"`
	Actor       string  `json:"actor,omitempty"`
	State       string  `json:"state,omitempty"`
	Probability float64 `json:"probability"`
	Word        string  `json:"word"`
	Confidence  string  `json:"confidence"`
	Contested   bool    `json:"contested"`
	Named       bool    `json:"named"`
	actor       stix.ID
}

// JudgementChange is a judgement that came out otherwise, and because of what.
type JudgementChange struct {
	Operation    string    `json:"operation"`
	OperationRef stix.ID   `json:"operation_ref"`
	Before       *Standing `json:"before"` // absent where nothing was judged
	After        *Standing `json:"after"`
	Because      []string  `json:"because"`
}

// AnalystChange is a person's judgement that was entered between.
type AnalystChange struct {
	Operation    string  `json:"operation"`
	OperationRef stix.ID `json:"operation_ref"`
	AnalystView
}

// NewOperation is an operation that nothing was known of before.
type NewOperation struct {
	ID       stix.ID   `json:"id"`
	Name     string    `json:"name"`
	Date     string    `json:"date,omitempty"`
	Standing *Standing `json:"standing,omitempty"`
}

// JoinChange is an operation that other records tell of than before.
type JoinChange struct {
	Operation    string   `json:"operation"`
	OperationRef stix.ID  `json:"operation_ref"`
	Joined       []string `json:"joined,omitempty"` // names of records that were apart, or are new
	Parted       []string `json:"parted,omitempty"`
	Why          []string `json:"why,omitempty"`
}

// MeasureChange is a measure that was not known, or is known otherwise.
type MeasureChange struct {
	ID   stix.ID  `json:"id"`
	Name string   `json:"name"`
	Kind string   `json:"kind"`
	Date string   `json:"date,omitempty"`
	By   []string `json:"by,omitempty"`
}

// moved is how far a probability must go to be told, where its word stays.
const moved = 0.05

// Diff compares what a view shows with what the workspace had been told by an earlier time. Both are judged by today's method, so what
// differs is what became known. until is now where it is zero.
func (w *Workspace) Diff(ctx context.Context, v View, since, until time.Time, progress func(Progress)) (*Changes, error) {
	late := v
	if !until.IsZero() {
		late.ToldBy = until
	}
	early := v
	early.ToldBy = since
	before, err := w.judgedSnapshot(ctx, early, progress)
	if err != nil {
		return nil, err
	}
	after, err := w.judgedSnapshot(ctx, late, progress)
	if err != nil {
		return nil, err
	}
	if until.IsZero() {
		until = w.now().UTC()
	}
	out := &Changes{
		Since: since, Until: until, Level: max(before.Graph.Level, after.Graph.Level), Judgements: []JudgementChange{}, Analysts: []AnalystChange{}, Operations: []NewOperation{}, Joins: []JoinChange{},
		Denials: []*ClaimRow{}, Names: []*ClaimRow{}, Claims: []*ClaimRow{}, Measures: []MeasureChange{},
	}
	if err := w.claimChanges(ctx, late, since, out); err != nil {
		return nil, err
	}
	for _, e := range after.Graph.Operations() {
		out.operation(before, after, e)
	}
	if err := w.measureChanges(ctx, late, since, out); err != nil {
		return nil, err
	}
	slices.SortStableFunc(out.Judgements, func(x, y JudgementChange) int { return cmp.Compare(y.size(), x.size()) })
	return out, nil
}

// judgedSnapshot is a snapshot with its judgements by operation.
type judgedSnapshot struct {
	*Snapshot
	of map[stix.ID]*claim.Assessment
}

func (w *Workspace) judgedSnapshot(ctx context.Context, v View, progress func(Progress)) (*judgedSnapshot, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	as, err := s.JudgeAll(ctx, progress)
	if err != nil {
		return nil, err
	}
	out := &judgedSnapshot{s, map[stix.ID]*claim.Assessment{}}
	for _, a := range as {
		out.of[a.SubjectRef] = a
	}
	return out, nil
}

func standing(a *claim.Assessment) *Standing {
	if a == nil || len(a.Hypotheses) == 0 {
		return nil
	}
	h := &a.Hypotheses[0]
	return &Standing{h.Statement, h.Actor, h.Sponsor, h.Probability, h.Words, a.Level, len(a.Disputed) > 0, !a.Abstained, h.ActorRef}
}

// size is how much a change matters: another answer more than a moved number.
func (c *JudgementChange) size() float64 {
	if c.Before == nil || c.After == nil {
		return 1
	}
	d := math.Abs(c.Before.Probability - c.After.Probability)
	if c.Before.Answer != c.After.Answer {
		d = 1 + max(c.Before.Probability, c.After.Probability)
	}
	return d
}

// operation compares one operation.
func (c *Changes) operation(before, after *judgedSnapshot, e *graph.Entity) {
	old, joined, parted := was(before.Snapshot, e)
	if old == nil {
		c.Operations = append(c.Operations, NewOperation{e.ID, e.Name, day(e.Date), standing(after.of[e.ID])})
	}
	for _, a := range after.Analysts(e.ID, after.of[e.ID]) {
		if !slices.ContainsFunc(before.Graph.Analysts(e.ID), func(b *claim.Assessment) bool { return b.ID == a.ID }) {
			c.Analysts = append(c.Analysts, AnalystChange{e.Name, e.ID, a})
		}
	}
	if old == nil {
		return
	}
	if len(joined)+len(parted) > 0 {
		j := JoinChange{Operation: e.Name, OperationRef: e.ID, Joined: joined, Parted: parted}
		for _, m := range e.Members {
			j.Why = append(j.Why, m.Why...)
		}
		c.Joins = append(c.Joins, j)
	}
	x, y := standing(before.of[old.ID]), standing(after.of[e.ID])
	if !differs(after.Graph, x, y) {
		return
	}
	change := JudgementChange{Operation: e.Name, OperationRef: e.ID, Before: x, After: y, Because: because(before.of[old.ID], after.of[e.ID])}
	for _, name := range joined {
		change.Because = append(change.Because, "joined with "+name)
	}
	for _, name := range parted {
		change.Because = append(change.Because, "parted from "+name)
	}
	if len(change.Because) == 0 {
		change.Because = []string{"what is known of other operations: base rates and learned weights"}
	}
	c.Judgements = append(c.Judgements, change)
}

// was is the operation as it stood, with the records that came to it and left it.
func was(before *Snapshot, e *graph.Entity) (old *graph.Entity, joined, parted []string) {
	now := map[stix.ID]bool{}
	for _, m := range e.Members {
		now[m.ID] = true
		if o := before.Graph.Entity(m.ID); o != nil && old == nil {
			old = o
		}
	}
	if old == nil {
		return nil, nil, nil
	}
	then := map[stix.ID]bool{}
	for _, m := range old.Members {
		then[m.ID] = true
		if !now[m.ID] {
			parted = append(parted, fmt.Sprintf("%s (%s:%s)", m.Name, m.Source, m.Record))
		}
	}
	for _, m := range e.Members {
		if !then[m.ID] {
			joined = append(joined, fmt.Sprintf("%s (%s:%s)", m.Name, m.Source, m.Record))
		}
	}
	return old, joined, parted
}

// differs tells whether two judgements differ in what a reader would act on.
func differs(g *graph.Graph, x, y *Standing) bool {
	if x == nil || y == nil {
		return x != y
	}
	same := x.Answer == y.Answer || x.State == y.State && x.actor != "" && y.actor != "" && g.Same(x.actor, y.actor)
	return !same || x.Word != y.Word || x.Named != y.Named || x.Contested != y.Contested || x.Confidence != y.Confidence ||
		math.Abs(x.Probability-y.Probability) >= moved
}

// maxBecause is how many reasons of a change are told: those that weigh most.
const maxBecause = 4

// because are the pieces of evidence that came, went or changed their weight.
func because(x, y *claim.Assessment) []string {
	weights := func(a *claim.Assessment) map[string]float64 {
		out := map[string]float64{}
		if a == nil || len(a.Hypotheses) == 0 {
			return out
		}
		key := y.Hypotheses[0].Key
		if !slices.ContainsFunc(a.Hypotheses, func(h claim.Hypothesis) bool { return h.Key == key }) {
			key = a.Hypotheses[0].Key // the answer of today did not compete then
		}
		for _, e := range a.Evidence {
			out[e.Text] += e.Decibans[key]
		}
		return out
	}
	if y == nil || len(y.Hypotheses) == 0 {
		return []string{"nothing is said any more of who did it"}
	}
	was, is := weights(x), weights(y)
	type reason struct {
		text string
		db   float64
	}
	var out []reason
	for text, db := range is {
		old, known := was[text]
		switch {
		case !known && math.Abs(db) >= 0.5:
			out = append(out, reason{fmt.Sprintf("new: %s (%+.1f dB)", text, db), db})
		case known && math.Abs(db-old) >= 1:
			out = append(out, reason{fmt.Sprintf("weighs otherwise: %s (%+.1f dB, was %+.1f)", text, db, old), db - old})
		}
	}
	for text, db := range was {
		if _, still := is[text]; !still && math.Abs(db) >= 0.5 {
			out = append(out, reason{fmt.Sprintf("gone: %s (was %+.1f dB)", text, db), db})
		}
	}
	slices.SortFunc(out, func(a, b reason) int {
		return cmp.Or(cmp.Compare(math.Abs(b.db), math.Abs(a.db)), strings.Compare(a.text, b.text))
	})
	var texts []string
	for _, r := range out[:min(len(out), maxBecause)] {
		texts = append(texts, r.text)
	}
	return texts
}

// claimChanges are the claims that came or changed.
func (w *Workspace) claimChanges(ctx context.Context, v View, since time.Time, out *Changes) error {
	rows, err := w.Claims(ctx, v, ClaimFilter{})
	if err != nil {
		return err
	}
	for _, r := range rows {
		switch {
		case !r.Read.After(since):
		case r.Kind == KindResponse:
			out.Denials = append(out.Denials, r)
		case r.Kind == KindName:
			out.Names = append(out.Names, r)
		default:
			out.Claims = append(out.Claims, r)
		}
	}
	return nil
}

func (w *Workspace) measureChanges(ctx context.Context, v View, since time.Time, out *Changes) error {
	for rec, err := range w.Reader(v).Find(ctx, store.Query{Types: []string{claim.TypeMeasure}}) {
		if err != nil {
			return fmt.Errorf("read measures: %w", err)
		}
		var m claim.Measure
		if !rec.Stored.After(since) || rec.Decode(&m) != nil {
			continue
		}
		out.Measures = append(out.Measures, MeasureChange{m.ID, m.Name, m.Kind, day(m.Date.Time()), m.By})
	}
	return nil
}
