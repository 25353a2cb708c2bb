package workspace

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"marque/attribute"
	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// PersonsView is a person's judgement of an operation, as it is entered.
type PersonsView struct {
	Operation    string
	KeyJudgement string
	Actor, State string  // who it was, and for whom; both empty: nobody can be named
	Probability  float64 // 0 to 1; 0 where only the word is given
	Word         string  // of ICD 203; empty where only the probability is given
	Confidence   string  // low, moderate, high
	Dissent      string
	// Accepted and Rejected name evidence: numbers as [Assessed.Evidence] lists it, ids of claims, or what these begin with. Added is what the
	// person knows besides, in words.
	Accepted, Rejected, Added []string
	Signed
}

// Assessed is an operation with the machine's judgement and what persons say of it.
type Assessed struct {
	Operation Operation         `json:"operation"`
	Computed  *claim.Assessment `json:"computed"`
	Analysts  []AnalystView     `json:"analysts"`
	Evidence  []Piece           `json:"evidence"`
	Notes     []Note            `json:"notes"`
}

// AnalystView is a person's standing judgement, and where it parts from the computed one.
type AnalystView struct {
	ID           stix.ID                `json:"id"`
	Name         string                 `json:"name"`
	Date         string                 `json:"date"`
	KeyJudgement string                 `json:"key_judgement"`
	Answer       string                 `json:"answer"`
	Actor        string                 `json:"actor,omitempty"`
	State        string                 `json:"state,omitempty"`
	Probability  float64                `json:"probability"`
	Word         string                 `json:"word"`
	Confidence   string                 `json:"confidence"`
	Reason       string                 `json:"reason"`
	Dissent      string                 `json:"dissent,omitempty"`
	Accepted     []string               `json:"accepted,omitempty"`
	Rejected     []string               `json:"rejected,omitempty"`
	Added        []string               `json:"added,omitempty"`
	Differs      []attribute.Difference `json:"differs,omitempty"`
}

// Analysts are what persons say of an operation, beside what was computed (nil: nothing was).
func (s *Snapshot) Analysts(op stix.ID, computed *claim.Assessment) []AnalystView {
	out := []AnalystView{}
	for _, a := range s.Graph.Analysts(op) {
		h := &a.Hypotheses[0]
		out = append(out, AnalystView{
			ID: a.ID, Name: a.Analyst.Name, Date: day(a.Modified.Time()), KeyJudgement: a.Analyst.KeyJudgement, Answer: h.Statement, Actor: h.Actor,
			State: h.Sponsor, Probability: h.Probability, Word: h.Words, Confidence: a.Level, Reason: a.Reason, Dissent: a.Analyst.Dissent,
			Accepted: texts(a.Analyst.Accepted), Rejected: texts(a.Analyst.Rejected), Added: texts(a.Analyst.Added), Differs: attribute.Differ(a, computed, s.Graph.Same),
		})
	}
	return out
}

func texts(bs []claim.Basis) []string {
	var out []string
	for _, b := range bs {
		out = append(out, b.Text)
	}
	return out
}

// Assessed is what the machine and persons say of an operation.
func (w *Workspace) Assessed(ctx context.Context, v View, name string) (*Assessed, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	e, err := s.Operation(name)
	if err != nil {
		return nil, err
	}
	a, err := s.judgeOperation(e.ID)
	if err != nil {
		return nil, err
	}
	out := &Assessed{Computed: a, Analysts: s.Analysts(e.ID, a), Evidence: s.pieces(e, a)}
	if out.Notes, err = w.Notes(ctx, v, e.ID); err != nil {
		return nil, err
	}
	out.Operation = s.operation(e, a, s.followedOne(e, a))
	return out, nil
}

// Assess enters a person's judgement beside the machine's. It supersedes the person's earlier one on the operation, which stays on record.
func (w *Workspace) Assess(ctx context.Context, v View, p PersonsView) (*AnalystView, error) {
	if strings.TrimSpace(p.KeyJudgement) == "" {
		return nil, errors.New("a key judgement is needed: the sentence that you stand for")
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	e, err := s.Operation(p.Operation)
	if err != nil {
		return nil, err
	}
	computed, err := s.judgeOperation(e.ID)
	if err != nil {
		return nil, err
	}
	lead, err := s.answerOf(&p)
	if err != nil {
		return nil, err
	}
	a := &claim.Assessment{
		Question: "Who stands behind " + e.Name + "?", SubjectRef: e.ID, SubjectName: e.Name, AsOf: stix.At(w.now()), Hypotheses: []claim.Hypothesis{*lead},
		Level: p.Confidence, Reason: strings.TrimSpace(p.Reason), Method: "a person's judgement",
		Analyst: &claim.Analyst{Name: p.who(), KeyJudgement: strings.TrimSpace(p.KeyJudgement), Dissent: strings.TrimSpace(p.Dissent)},
	}
	if lead.Key != "unknown" {
		a.Hypotheses = append(a.Hypotheses, claim.Hypothesis{Key: "unknown", Statement: "somebody else", Probability: math.Round(1e4*(1-lead.Probability)) / 1e4, Words: attribute.Words(1 - lead.Probability)})
	}
	if err := s.rest(a, e, computed, &p); err != nil {
		return nil, err
	}
	return w.keepAssessment(ctx, s, e, a, computed)
}

// rest fills in what a person's judgement rests on.
func (s *Snapshot) rest(a *claim.Assessment, e *graph.Entity, computed *claim.Assessment, p *PersonsView) (err error) {
	pieces := s.pieces(e, computed)
	if a.Analyst.Accepted, err = pick(pieces, p.Accepted); err != nil {
		return err
	}
	if a.Analyst.Rejected, err = pick(pieces, p.Rejected); err != nil {
		return err
	}
	for _, text := range p.Added {
		a.Analyst.Added = append(a.Analyst.Added, claim.Basis{Text: strings.TrimSpace(text)})
	}
	roots := map[stix.ID]bool{}
	for _, b := range a.Analyst.Accepted {
		roots[b.Ref] = true
	}
	a.Roots, a.Documents = len(roots), len(a.Analyst.Accepted)
	if computed != nil {
		a.Analyst.BesideRef, a.InputsDigest = computed.ID, computed.InputsDigest
	}
	for _, old := range s.Graph.Analysts(e.ID) {
		if old.Analyst.Name == a.Analyst.Name {
			a.Supersedes = old.ID
		}
	}
	return nil
}

// answerOf is a person's answer as a hypothesis; probability and word agree.
func (s *Snapshot) answerOf(p *PersonsView) (*claim.Hypothesis, error) {
	if !slices.Contains([]string{"low", "moderate", "high"}, p.Confidence) {
		return nil, fmt.Errorf("confidence %q: want low, moderate or high", p.Confidence)
	}
	h := &claim.Hypothesis{Key: "unknown", Statement: "nobody can be named"}
	if p.State != "" {
		h.Sponsor = s.stateCode(p.State)
		if h.Sponsor == "" {
			return nil, fmt.Errorf("state %q: not a country's name or its ISO 3166-1 code", p.State)
		}
		h.Key, h.Statement, h.SponsorRef = "state:"+h.Sponsor, s.Graph.CountryName(h.Sponsor), s.Graph.StateEntity(h.Sponsor)
	}
	if p.Actor != "" {
		e, err := s.Entity(p.Actor)
		if err != nil {
			return nil, err
		}
		h.Key, h.Actor, h.ActorRef, h.Statement = string(e.ID), e.Name, e.ID, e.Name
		if h.Sponsor != "" {
			h.Statement += " for " + s.Graph.CountryName(h.Sponsor)
		}
	}
	h.Probability, h.Words = p.Probability, strings.ToLower(strings.TrimSpace(p.Word))
	switch middle, known := attribute.Probability(h.Words); {
	case h.Words == "" && p.Probability == 0:
		return nil, errors.New("a probability or a word of ICD 203 is needed")
	case h.Words == "":
		h.Words = attribute.Words(p.Probability)
	case !known:
		return nil, fmt.Errorf("word %q: want one of ICD 203: %s", p.Word, strings.Join(attribute.ProbabilityWords(), ", "))
	case p.Probability == 0:
		h.Probability = middle
	case attribute.Words(p.Probability) != h.Words:
		return nil, fmt.Errorf("%.0f %% is %q in ICD 203, not %q; give one of them, or two that agree", 100*p.Probability, attribute.Words(p.Probability), h.Words)
	}
	if h.Probability < 0 || h.Probability > 1 {
		return nil, fmt.Errorf("probability %g: want one between 0 and 100 %%", 100*h.Probability)
	}
	return h, nil
}

// keepAssessment stores and signs. The judgement is as secret as what its author saw of the operation.
func (w *Workspace) keepAssessment(ctx context.Context, s *Snapshot, e *graph.Entity, a, computed *claim.Assessment) (*AnalystView, error) {
	who, err := personOf(a.Analyst.Name)
	if err != nil {
		return nil, err
	}
	now := stix.At(w.now())
	a.Common = stix.NewCommon(stix.DerivedID(claim.TypeAssessment, "person", a.Analyst.Name, string(e.ID), now.String()), now, who.ID)
	if err := a.Extensions.Extend(claim.AssessmentExtension, map[string]string{"extension_type": "new-sdo"}); err != nil {
		return nil, err
	}
	rests := s.restsOn(a)
	if computed != nil {
		rests = append(rests, s.restsOn(computed)...)
	}
	for _, b := range slices.Concat(a.Analyst.Accepted, a.Analyst.Rejected) {
		rests = append(rests, b.Ref)
		if c := s.Graph.Claim(b.Claim); c != nil {
			rests = append(append(rests, c.Carriers...), c.Document)
		}
	}
	o, err := stix.New(a)
	if err != nil {
		return nil, err
	}
	cs := []Conclusion{{Object: who, RestsOn: rests, From: s.View.Level}, {Object: o, RestsOn: rests, From: s.View.Level}}
	if _, err := w.Keep(ctx, person, cs); err != nil {
		return nil, fmt.Errorf("keep the assessment of %s: %w", e.Name, err)
	}
	h := &a.Hypotheses[0]
	return &AnalystView{
		ID: a.ID, Name: a.Analyst.Name, Date: day(now.Time()), KeyJudgement: a.Analyst.KeyJudgement, Answer: h.Statement, Actor: h.Actor, State: h.Sponsor,
		Probability: h.Probability, Word: h.Words, Confidence: a.Level, Reason: a.Reason, Dissent: a.Analyst.Dissent, Accepted: texts(a.Analyst.Accepted),
		Rejected: texts(a.Analyst.Rejected), Added: texts(a.Analyst.Added), Differs: attribute.Differ(a, computed, s.Graph.Same),
	}, nil
}

// UndoAssess takes a person's standing judgement on an operation back: a revoked version of it is entered, and the one before it stands again.
func (w *Workspace) UndoAssess(ctx context.Context, operation string, by Signed) (*AnalystView, error) {
	s, err := w.Snapshot(ctx, Owner())
	if err != nil {
		return nil, err
	}
	e, err := s.Operation(operation)
	if err != nil {
		return nil, err
	}
	of := s.Graph.Analysts(e.ID)
	i := slices.IndexFunc(of, func(a *claim.Assessment) bool { return a.Analyst.Name == by.who() })
	if i < 0 {
		return nil, fmt.Errorf("%s has no standing judgement on %s", by.who(), e.Name)
	}
	rec, err := w.Reader(Owner()).Get(ctx, of[i].ID)
	if err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	analyst := *of[i].Analyst
	analyst.UndoneBy, analyst.UndoneReason = by.who(), strings.TrimSpace(by.Reason)
	next, err := rec.With(map[string]any{"revoked": true, "modified": stix.At(w.now()), "analyst": analyst})
	if err != nil {
		return nil, err
	}
	if _, err := w.Keep(ctx, person, []Conclusion{{Object: next, RestsOn: []stix.ID{rec.ID}, From: rec.Level, AtLeast: rec.Level}}); err != nil {
		return nil, fmt.Errorf("undo the assessment of %s: %w", e.Name, err)
	}
	views := s.Analysts(e.ID, nil)
	return &views[i], nil
}

// stateCode is the code of a state by its name or code.
func (s *Snapshot) stateCode(name string) string {
	if code := strings.ToUpper(strings.TrimSpace(name)); len(code) == 2 && s.Graph.CountryName(code) != code {
		return code
	}
	return s.Graph.StateNamed(name)
}
