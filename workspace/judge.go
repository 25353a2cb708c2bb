package workspace

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"marque/attribute"
	"marque/attribute/profile"
	"marque/claim"
	"marque/deter"
	"marque/graph"
	"marque/report"
	"marque/stix"
)

// Judge weighs one case. With it comes what the profile model says of it, nil where the operation's techniques and software are not
// known.
func (s *Snapshot) Judge(cs attribute.Case) (claim.Assessment, *profile.Judgement, error) {
	return s.judge(cs, attribute.Supposition{})
}

func (s *Snapshot) judge(cs attribute.Case, sup attribute.Supposition) (claim.Assessment, *profile.Judgement, error) {
	m, err := s.models()
	if err != nil {
		return claim.Assessment{}, nil, err
	}
	o := attribute.Options{History: m.history, Suppose: sup}
	if s.View.AsOf.IsZero() {
		o.Created = s.now() // as of a day, the same judgement comes out whenever it is asked for
	}
	j, err := s.profileOf(m.index, cs)
	if err != nil {
		return claim.Assessment{}, nil, err
	}
	if j != nil {
		o.Profile = candidates(j)
	}
	return attribute.Judge(s.Graph, cs, o), j, nil
}

// profileOf asks the profile model.
func (s *Snapshot) profileOf(index *profile.Index, cs attribute.Case) (*profile.Judgement, error) {
	if index == nil || len(cs.Uses) == 0 {
		return nil, nil
	}
	asOf := s.View.AsOf
	if asOf.IsZero() {
		asOf = s.now().Time()
	}
	q := profile.Query{AsOf: asOf, Exclude: s.told(cs.Subject)}
	for _, id := range cs.Uses {
		q.Features = append(q.Features, s.feature(index, id))
	}
	j, err := index.Judge(q)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cs.Name, err)
	}
	if j.Coverage.Features == 0 {
		return nil, nil
	}
	return &j, nil
}

// told lists the reports that an operation's techniques and software were taken from, where the workspace holds it: they tell of
// this operation, and are no earlier history of anybody.
func (s *Snapshot) told(op stix.ID) []string {
	if s.unstored[op] {
		return nil
	}
	var out []string
	for _, cl := range s.Graph.At(op) {
		if cl.Relation != "uses" {
			continue
		}
		if d := s.Graph.Document(cl.Document); d != nil && d.Name != "" {
			out = append(out, d.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// feature is how the profile model knows a technique or program: by its id, else by its catalogue numbers, else by its name.
func (s *Snapshot) feature(index *profile.Index, id stix.ID) string {
	names := []string{string(id)}
	if e := s.Graph.Entity(id); e != nil {
		names = append(append(names, e.External...), e.Name)
	}
	for _, name := range names {
		if index.Knows(name) {
			return name
		}
	}
	return names[len(names)-1]
}

// candidates hands the profile model's answer to the judgement.
func candidates(j *profile.Judgement) *attribute.Profile {
	out := &attribute.Profile{Method: j.Method, Basis: fmt.Sprintf("learned, n=%d reports on %d actors", j.Coverage.Reports, j.Coverage.Actors)}
	for _, h := range j.Hypotheses {
		if h.Actor == profile.Unknown {
			out.Unknown = h.Probability
			continue
		}
		cand := attribute.Candidate{ActorRef: stix.ID(h.Actor), Actor: h.Name, Country: h.Country, Probability: h.Probability}
		for _, ev := range h.Evidence {
			if ev.Decibans > 0 {
				cand.Why = append(cand.Why, ev.Name)
			}
		}
		out.Candidates = append(out.Candidates, cand)
	}
	return out
}

// JudgeAll judges every operation of whose authors anything is known, on all processors; in the order of the operations. A snapshot does
// not change, so it judges once; the caller must not change the judgements.
func (s *Snapshot) JudgeAll(ctx context.Context, progress func(Progress)) ([]*claim.Assessment, error) {
	s.judging.Lock()
	defer s.judging.Unlock()
	if s.verdicts == nil {
		all, err := s.judgeAll(ctx, progress)
		if err != nil {
			return nil, err
		}
		s.verdicts = all
	}
	return slices.Clone(s.verdicts), nil
}

// judgedAndFollowed are the judgements on every operation, and what followed upon each.
func (s *Snapshot) judgedAndFollowed(ctx context.Context, progress func(Progress)) ([]*claim.Assessment, []deter.Followed, error) {
	as, err := s.JudgeAll(ctx, progress)
	if err != nil {
		return nil, nil, err
	}
	s.judging.Lock()
	defer s.judging.Unlock()
	if s.after == nil {
		s.after = s.followed(as)
	}
	return as, slices.Clone(s.after), nil
}

func (s *Snapshot) judgeAll(ctx context.Context, progress func(Progress)) ([]*claim.Assessment, error) {
	ops := s.Graph.Operations()
	judged := make([]*claim.Assessment, len(ops))
	tell := counter(progress, "judge operations", len(ops))
	var pool errgroup.Group
	pool.SetLimit(runtime.GOMAXPROCS(0))
	for i, op := range ops {
		pool.Go(func() (err error) {
			if err = ctx.Err(); err == nil {
				judged[i], err = s.judgeOperation(op.ID)
			}
			tell()
			return err
		})
	}
	if err := pool.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(judged, func(a *claim.Assessment) bool { return a == nil }), nil
}

// judgeOperation judges an operation; it returns nothing where nobody says anything of who did it.
func (s *Snapshot) judgeOperation(op stix.ID) (*claim.Assessment, error) {
	cs, err := attribute.CaseOf(s.Graph, op)
	if err != nil || len(cs.Claims) == 0 && len(cs.Uses) == 0 {
		return nil, err
	}
	as, _, err := s.Judge(cs)
	return &as, err
}

// Operation finds an operation by its id or a part of its name.
func (s *Snapshot) Operation(name string) (*graph.Entity, error) {
	if e := s.Graph.Entity(stix.ID(name)); e != nil {
		return e, nil
	}
	return pickOne(s.Graph.Operations(), name, "operation")
}

// followed joins the judged operations to the measures.
func (s *Snapshot) followed(as []*claim.Assessment) []deter.Followed {
	ops := make([]deter.Attributed, 0, len(as))
	for _, a := range as {
		op, ok := deter.FromAssessment(a)
		if !ok {
			op = deter.Attributed{Operation: a.SubjectRef}
		}
		ops = append(ops, op)
	}
	return deter.Follow(s.Graph, ops)
}

// negative answers whether the big four share resources, where the workspace knows anything of their actors.
func (s *Snapshot) negative() []report.Finding {
	answer := attribute.NexusShared(s.Graph, []string{"RU", "CN", "IR", "KP"})
	if len(answer.Actors) < 2 {
		return nil
	}
	var docs []stix.ID
	for _, id := range answer.Claims {
		if cl := s.Graph.Claim(id); cl != nil && !slices.Contains(docs, cl.Document) {
			docs = append(docs, cl.Document)
		}
	}
	return []report.Finding{{Text: answer.Words, Docs: docs}}
}
