package match

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"marque/event"
	"marque/stix/pattern"
)

// Pattern is an indicator that tables cannot hold: comparisons other than equality, AND, several observations, time windows.
type Pattern struct {
	Indicator Indicator // identity, validity and tags; its kind and value are not used
	Program   *pattern.Program
}

// Patterns are the patterns in force. Each event is one observation with the observables that it shows; values on an allow-list
// are not shown. Readers take the list with one atomic load, a writer swaps in a new one. What the patterns of several events have
// half seen is kept, bounded for each (pattern.State), across changes.
type Patterns struct {
	mu  sync.Mutex // writers
	now atomic.Pointer[patternTable]
}

// NewPatterns returns a list with some patterns in it.
func NewPatterns(list ...Pattern) *Patterns {
	p := new(Patterns)
	p.now.Store(new(patternTable))
	p.Add(list...)
	return p
}

// Add puts patterns in force, apart from revoked ones. They do not replace others of the same id: see Remove. Many at once cost
// little more than one.
func (p *Patterns) Add(list ...Pattern) {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := slices.Clone(p.now.Load().list)
	for _, in := range list {
		if !in.Indicator.Revoked {
			next = append(next, newWatched(in))
		}
	}
	p.now.Store(newPatternTable(next))
}

// Remove takes the patterns of indicators out of force, and forgets what they had half seen.
func (p *Patterns) Remove(ids ...string) {
	gone := make(map[string]bool, len(ids))
	for _, id := range ids {
		gone[id] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.now.Load().list
	next := slices.DeleteFunc(slices.Clone(old), func(w *watched) bool { return gone[w.id] })
	if len(next) < len(old) {
		p.now.Store(newPatternTable(next))
	}
}

// Len is how many patterns are in force.
func (p *Patterns) Len() int { return len(p.now.Load().list) }

// Ordered reports whether some pattern asks for several events, so that it matters in which order they are settled (see Later).
func (p *Patterns) Ordered() bool {
	return slices.ContainsFunc(p.now.Load().list, func(w *watched) bool { return w.state != nil })
}

// watched is a pattern in force.
type watched struct {
	id          string
	tag         Tag
	from, until int64 // as in entry
	program     *pattern.Program

	mu    sync.Mutex     // of what follows
	state *pattern.State // nil: one event decides
	fed   int            // events
}

func newWatched(in Pattern) *watched {
	w := &watched{
		id: in.Indicator.ID, tag: Tag{in.Indicator.Actor, in.Indicator.Sponsor, in.Indicator.Labels},
		from: millis(in.Indicator.ValidFrom), until: millis(in.Indicator.ValidUntil), program: in.Program,
	}
	if !in.Program.Alone() {
		w.state = in.Program.NewState(pattern.Limits{})
	}
	return w
}

const manyKinds = event.Email + 1

// patternTable is a list of patterns made ready to be met. It is immutable, but for the states of its patterns.
type patternTable struct {
	list  []*watched
	kinds [manyKinds]sieve
}

func newPatternTable(list []*watched) *patternTable {
	t := &patternTable{list: list}
	r := newRarity()
	for _, w := range list {
		r.count(w.program)
	}
	for i, w := range list {
		for _, n := range w.program.Needs(r.of) {
			for _, kind := range kindsShowing(n) {
				t.kinds[kind].add(n.Text, uint32(i), r)
			}
		}
	}
	for i := range t.kinds {
		t.kinds[i].build()
	}
	return t
}

// kindsShowing are the kinds of observables that may show what a pattern needs.
func kindsShowing(n pattern.Need) (kinds []event.Kind) {
	path := strings.ReplaceAll(n.Path, "'", "")
	if n.ObjectType == "file" {
		name, digest := strings.CutPrefix(path, "hashes.")
		for kind, spelled := range hashNames {
			if digest && name == spelled || path == "hashes" || path == "type" || path == "" || strings.HasPrefix(path, "hashes[") {
				kinds = append(kinds, kind)
			}
		}
		return kinds
	}
	for kind, name := range objectTypes {
		if name == n.ObjectType && (path == "value" || path == "type" || path == "" || strings.HasPrefix(path, "value[") || strings.HasPrefix(path, "value.")) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// watch adds the hits of patterns. Later is what patterns that ask for several events know when those before are settled.
func (m *Matching) watch(t *patternTable, e *event.Event) (parts []part) {
	m.may = m.may[:0]
	for i := range e.Observables {
		if s := &t.kinds[e.Observables[i].Kind]; !s.empty() {
			m.may = s.sift(m.may, e.Observables[i].Value, &m.folded)
		}
	}
	if len(m.may) == 0 {
		return nil
	}
	slices.Sort(m.may)
	ms := floorMillis(e.Time)
	m.shown.event = nil
	for i, number := range m.may {
		w := t.list[number]
		if i > 0 && m.may[i-1] == number || !inForce(w.from, w.until, ms) {
			continue
		}
		m.shown.show(e)
		met, err := m.probe.Met(w.program, &m.shown.observation, pattern.Limits{})
		if err != nil || len(met) == 0 {
			continue // ErrLimit: a value and a regular expression that are too long for each other do not meet
		}
		if w.state == nil {
			m.meet(w, e, met)
		} else if p, ok := m.part(w, e, met); ok {
			parts = append(parts, p)
		}
	}
	return parts
}

// meet reports the objects of an event that meet a pattern, each once.
func (m *Matching) meet(w *watched, e *event.Event, met []pattern.Met) {
	for i, x := range met {
		same := func(y pattern.Met) bool { return y.Object == x.Object }
		if !slices.ContainsFunc(met[:i], same) {
			m.report(e, m.shown.observable(x), w.found(x))
		}
	}
}

func (w *watched) found(x pattern.Met) found {
	tests := make([]string, len(x.Tests))
	for i, t := range x.Tests {
		tests[i] = t.String()
	}
	return found{id: w.id, tag: &w.tag, by: ByPattern, stored: strings.Join(tests, " AND ")}
}

// part is an event that fits a part of a pattern which asks for several.
type part struct {
	of          *watched
	observation pattern.Observation
	exprs       []int // the bracketed expressions that it fits
	hits        []Hit // and the hits that it makes if it completes the pattern with that expression
}

// part is false where allow-lists name all values that fit.
func (m *Matching) part(w *watched, e *event.Event, met []pattern.Met) (p part, ok bool) {
	p = part{of: w, observation: m.shown.observation}
	var innocent []int
	for _, x := range met {
		o, f := m.shown.observable(x), w.found(x)
		if m.allowed(o, &f) {
			innocent = append(innocent, x.Object)
			continue
		}
		p.exprs, p.hits = append(p.exprs, x.Expr), append(p.hits, m.newHit(e, o, &f))
	}
	p.observation.Objects = nil
	for i, o := range m.shown.observation.Objects {
		if !slices.Contains(innocent, i) {
			p.observation.Objects = append(p.observation.Objects, o)
		}
	}
	return p, len(p.hits) > 0
}

// settle feeds the event to the pattern, and returns the hit if it completes it.
func (p *part) settle() []Hit {
	w := p.of
	w.mu.Lock()
	defer w.mu.Unlock()
	number := w.fed
	w.fed++
	bindings, err := w.state.Feed(p.observation)
	if err != nil || len(bindings) == 0 {
		return nil // ErrLimit: the state keeps the event and searches again with the next one
	}
	for _, b := range bindings {
		for _, bound := range b {
			if i := slices.Index(p.exprs, bound.Expr); bound.Observation == number && i >= 0 {
				return p.hits[i : i+1]
			}
		}
	}
	return p.hits[:1]
}

// Later is an event some of whose hits depend on the events before it.
type Later struct {
	Time   int64 // of the event, nanoseconds since 1970
	Line   int64 // as in Hit
	Offset int64

	known []Hit
	parts []part
}

// Settle returns all hits of the event. It is called once, for one event after the other: in their order, whoever decoded them.
func (l *Later) Settle() []Hit {
	hits := l.known
	for i := range l.parts {
		hits = append(hits, l.parts[i].settle()...)
	}
	return hits
}
