package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"marque/attribute"
	"marque/attribute/profile"
	"marque/claim"
	"marque/deter"
	"marque/graph"
	"marque/report"
	"marque/stix"
	"marque/store"
)

// court is everything that a judgement needs, loaded once for all operations.
type court struct {
	g       *graph.Graph
	history *attribute.History
	index   *profile.Index // nil where no report about any actor's techniques is known
	now     stix.Timestamp
	// unstored are the objects of a case that the workspace does not hold.
	unstored map[stix.ID]bool
}

// court loads the graph as of a day and makes the models ready.
func (a *app) court(ctx context.Context, asOf time.Time, extra []*stix.Object) (*court, error) {
	type loaded struct {
		g   *graph.Graph
		err error
	}
	graphs := make(chan loaded, 1)
	go func() {
		g, err := graph.Load(ctx, a.reader(), graph.Options{AsOf: asOf, Extra: extra})
		graphs <- loaded{g, err}
	}()
	corpus, err := a.corpus(ctx, asOf)
	l := <-graphs
	if err := errors.Join(l.err, err); err != nil {
		return nil, err
	}
	c := &court{g: l.g, history: attribute.Learn(l.g), now: stix.At(a.now()), unstored: map[stix.ID]bool{}}
	for _, o := range extra {
		c.unstored[o.ID] = true
	}
	if len(corpus.Uses) > 0 {
		if c.index, err = profile.New(corpus, profile.Config{Sponsors: sponsors(l.g)}); err != nil {
			return nil, fmt.Errorf("profiles of actors: %w", err)
		}
	}
	return c, nil
}

// corpus gives the profile model what the store knows of actors' techniques and software: nothing without actors that have
// such profiles.
func (a *app) corpus(ctx context.Context, asOf time.Time) (profile.Corpus, error) {
	profiled := false
	for _, err := range a.reader().Find(ctx, store.Query{Types: []string{"intrusion-set"}, Limit: 1}) {
		if err != nil {
			return profile.Corpus{}, fmt.Errorf("profiles of actors: %w", err)
		}
		profiled = true
	}
	if !profiled {
		return profile.Corpus{}, nil
	}
	r, w := io.Pipe()
	go func() {
		bw := stix.NewBundleWriter(w, "bundle--00000000-0000-4000-8000-000000000000")
		q := store.Query{Types: []string{"intrusion-set", "campaign", "attack-pattern", "malware", "tool", "relationship"}}
		for o, err := range graph.AsKnown(ctx, a.reader(), q, asOf) {
			if err == nil {
				err = bw.Write(o)
			}
			if err != nil {
				w.CloseWithError(err)
				return
			}
		}
		w.CloseWithError(bw.Close())
	}()
	c, err := profile.ReadBundle(r)
	_ = r.Close() // lets the writer go where reading ended early
	if err != nil {
		return c, fmt.Errorf("profiles of actors: %w", err)
	}
	return c, nil
}

// sponsors says which state each profiled actor works for: what is said of it or of actors of the same names. The main name
// votes three times, an alias once; a tie names nobody.
func sponsors(g *graph.Graph) map[string]string {
	states := map[string][]string{} // name to the states that its bearers work for
	for _, e := range g.Entities("threat-actor", "intrusion-set") {
		state := g.SponsorOf(e.ID)
		if state == "" {
			continue
		}
		seen := map[string]bool{}
		for _, name := range append([]string{e.Name}, e.Aliases...) {
			if n := graph.NormalName(name); !seen[n] {
				seen[n] = true
				states[n] = append(states[n], state)
			}
		}
	}
	out := map[string]string{}
	for _, e := range g.Entities("intrusion-set") {
		votes, seen := map[string]int{}, map[string]bool{}
		for i, name := range append([]string{e.Name}, e.Aliases...) {
			n := graph.NormalName(name)
			if seen[n] {
				continue
			}
			seen[n] = true
			for _, state := range states[n] {
				votes[state]++
				if i == 0 {
					votes[state] += 2
				}
			}
		}
		if state := winner(votes); state != "" {
			out[string(e.ID)] = state
		}
	}
	return out
}

func winner(votes map[string]int) string {
	best, tie := "", false
	for state, n := range votes {
		switch {
		case best == "" || n > votes[best]:
			best, tie = state, false
		case n == votes[best]:
			tie = true
		}
	}
	if tie {
		return ""
	}
	return best
}

// judge weighs one case. With it comes what the profile model says of it, nil where the operation's techniques and software
// are not known.
func (c *court) judge(cs attribute.Case) (claim.Assessment, *profile.Judgement, error) {
	o := attribute.Options{History: c.history}
	if c.g.AsOf.IsZero() {
		o.Created = c.now // as of a day, the same judgement comes out whenever it is asked for
	}
	j, err := c.profileOf(cs)
	if err != nil {
		return claim.Assessment{}, nil, err
	}
	if j != nil {
		o.Profile = candidates(j)
	}
	return attribute.Judge(c.g, cs, o), j, nil
}

// profileOf asks the profile model.
func (c *court) profileOf(cs attribute.Case) (*profile.Judgement, error) {
	if c.index == nil || len(cs.Uses) == 0 {
		return nil, nil
	}
	asOf := c.g.AsOf
	if asOf.IsZero() {
		asOf = c.now.Time()
	}
	q := profile.Query{AsOf: asOf, Exclude: c.told(cs.Subject)}
	for _, id := range cs.Uses {
		q.Features = append(q.Features, c.feature(id))
	}
	j, err := c.index.Judge(q)
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
func (c *court) told(op stix.ID) []string {
	var out []string
	for _, cl := range c.g.At(op) {
		if cl.Relation != "uses" || c.unstored[op] {
			continue
		}
		if d := c.g.Document(cl.Document); d != nil && d.Name != "" {
			out = append(out, d.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// feature is how the profile model knows a technique or program: by its id, else by its catalogue numbers, else by its name.
func (c *court) feature(id stix.ID) string {
	names := []string{string(id)}
	if e := c.g.Entity(id); e != nil {
		names = append(append(names, e.External...), e.Name)
	}
	for _, name := range names {
		if c.index.Knows(name) {
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

// all judges every operation of the graph of whose authors anything is known, on all processors; in the order of the operations.
func (c *court) all(ctx context.Context) ([]*claim.Assessment, error) {
	ops := c.g.Operations()
	judged, errs := make([]*claim.Assessment, len(ops)), make([]error, len(ops))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(ops) {
					return
				}
				judged[i], errs[i] = c.one(ops[i].ID)
			}
		})
	}
	workers.Wait()
	if err := errors.Join(append(errs, ctx.Err())...); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(judged, func(a *claim.Assessment) bool { return a == nil }), nil
}

// one judges an operation; it returns nothing where nobody says anything of who did it.
func (c *court) one(op stix.ID) (*claim.Assessment, error) {
	cs, err := attribute.CaseOf(c.g, op)
	if err != nil || len(cs.Claims) == 0 && len(cs.Uses) == 0 {
		return nil, err
	}
	as, _, err := c.judge(cs)
	return &as, err
}

// followed joins the judged operations to the measures.
func (c *court) followed(as []*claim.Assessment) []deter.Followed {
	ops := make([]deter.Attributed, 0, len(as))
	for _, a := range as {
		op, ok := deter.FromAssessment(a)
		if !ok {
			op = deter.Attributed{Operation: a.SubjectRef}
		}
		ops = append(ops, op)
	}
	return deter.Follow(c.g, ops)
}

// negative answers whether the big four share resources, where the workspace knows anything of their actors.
func (c *court) negative() []report.Finding {
	answer := attribute.NexusShared(c.g, []string{"RU", "CN", "IR", "KP"})
	if len(answer.Actors) < 2 {
		return nil
	}
	var docs []stix.ID
	for _, id := range answer.Claims {
		if cl := c.g.Claim(id); cl != nil && !slices.Contains(docs, cl.Document) {
			docs = append(docs, cl.Document)
		}
	}
	return []report.Finding{{Text: answer.Words, Docs: docs}}
}

// operation finds an operation by id or by a part of its name.
func (c *court) operation(name string) (*graph.Entity, error) {
	if e := c.g.Entity(stix.ID(name)); e != nil {
		return e, nil
	}
	return pickOne(c.g.Operations(), name, "operation")
}

// readCase reads a bundle that is judged without being stored. Objects that cannot be read are left out, and said so.
func (a *app) readCase(path string) ([]*stix.Object, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("case: %w", err)
	}
	defer f.Close()
	var objects []*stix.Object
	err = stix.ReadBundle(f, func(o *stix.Object) error {
		objects = append(objects, o)
		return nil
	}, func(bad *stix.BadObjectError) error {
		fmt.Fprintf(a.stderr, "marque: case %s: left out: %v\n", path, bad)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("case %s: %w", path, err)
	}
	return objects, nil
}

// parseDay reads a day or an instant in UTC.
func parseDay(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usageError{fmt.Errorf("--%s %q: want a day such as 2024-06-30, or an instant in RFC 3339", flag, s)}
}

// pickOne finds the one entity that a user means: by its exact name, else by a part of it.
func pickOne(es []*graph.Entity, name, what string) (*graph.Entity, error) {
	want := graph.NormalName(name)
	var exact, part []*graph.Entity
	for _, e := range es {
		switch n := graph.NormalName(e.Name); {
		case n == want:
			exact = append(exact, e)
		case want != "" && containsNormal(n, want):
			part = append(part, e)
		}
	}
	found := exact
	if len(found) == 0 {
		found = part
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, fmt.Errorf("%s %q: none in this workspace has this name", what, name)
	}
	slices.SortFunc(found, func(x, y *graph.Entity) int { return cmp.Compare(x.Name, y.Name) })
	var hints []string
	for _, e := range found[:min(len(found), 6)] {
		hints = append(hints, fmt.Sprintf("\n  %s  %s", e.ID, e.Name))
	}
	return nil, fmt.Errorf("%s %q: %d have this name; take one of them by its id:%s", what, name, len(found), strings.Join(hints, ""))
}

// measures are the measures of the workspace as objects.
func (a *app) measures(ctx context.Context) ([]*stix.Object, error) {
	var out []*stix.Object
	for rec, err := range a.reader().Find(ctx, store.Query{Types: []string{claim.TypeMeasure}}) {
		if err != nil {
			return nil, fmt.Errorf("read measures: %w", err)
		}
		out = append(out, rec.Object)
	}
	return out, nil
}
