package deter

import (
	"cmp"
	"math"
	"slices"
	"time"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// How a measure is joined to an operation.
const (
	Direct  = "direct"  // the measure names the operation
	Actor   = "actor"   // it is aimed at the actor
	Sponsor = "sponsor" // it is aimed at the state behind the actor
)

// Window is how long after an operation an indirect measure may come and still be read as an answer to it. A thumb rule:
// indictments for operations of 2016 came within two years, sanctions within three.
const Window = 3 * 365 * 24 * time.Hour

// Attributed is an operation with who stands behind it, as judged (or, without a judgement, as claimed).
type Attributed struct {
	Operation stix.ID
	Actor     stix.ID   // empty where none is named
	Sponsor   string    // ISO 3166-1 alpha-2, empty where none
	Allies    []string  // states that acted together with the sponsor
	When      time.Time // the operation's last day; zero: the graph's last day of it, else the day on which it began
}

// FromAssessment takes the leading hypothesis of an assessment; it reports false where the assessment abstains.
func FromAssessment(a *claim.Assessment) (Attributed, bool) {
	if a.Abstained || len(a.Hypotheses) == 0 {
		return Attributed{}, false
	}
	lead := &a.Hypotheses[0]
	return Attributed{Operation: a.SubjectRef, Actor: lead.ActorRef, Sponsor: lead.Sponsor, Allies: lead.Jointly}, true
}

// States are the sponsor and its allies; one empty name where there is none.
func (a *Attributed) States() []string { return append([]string{a.Sponsor}, a.Allies...) }

// Consequence is a measure that followed upon an operation.
type Consequence struct {
	Measure stix.ID
	Name    string
	Kind    string
	By      []string
	Date    time.Time
	// Days is how many days after the operation's end it came; negative: so long before the end, while the operation went on
	// (or, where the end is not known, before the day that its record gives).
	Days  int
	Dated bool // both dates are known; else Days says nothing
	Link  string
}

// Followed is an operation and what followed.
type Followed struct {
	Attributed
	Name         string
	Year         int           // in which it began
	Consequences []Consequence // by date
	// Asked is the last day of which a record that looked for answers to the operation knows; zero where none looked.
	Asked time.Time
	began time.Time
	vague bool // no source says when it happened, only when it was reported
}

// index finds measures by what they answer.
type index struct {
	byOperation map[stix.ID][]*claim.Measure
	byTarget    map[stix.ID][]*claim.Measure
	byState     map[string][]*claim.Measure
}

func newIndex(g *graph.Graph) *index {
	ix := &index{byOperation: map[stix.ID][]*claim.Measure{}, byTarget: map[stix.ID][]*claim.Measure{}, byState: map[string][]*claim.Measure{}}
	for _, m := range g.Measures() {
		for _, op := range m.OperationRef {
			ix.byOperation[op] = append(ix.byOperation[op], m)
		}
		if len(m.OperationRef) > 0 {
			// What answers a named operation answers no other.
			continue
		}
		if len(m.AgainstRefs) == 0 {
			for _, s := range m.AgainstStates {
				ix.byState[s] = append(ix.byState[s], m)
			}
		}
		for _, t := range m.AgainstRefs {
			if e := g.Entity(t); e != nil && (e.IsState() || e.Is("state-organ")) {
				if s := g.StateOf(t); s != "" {
					ix.byState[s] = append(ix.byState[s], m)
				}
			} else {
				ix.byTarget[t] = append(ix.byTarget[t], m)
			}
		}
	}
	return ix
}

// Follow finds what followed upon each operation, in the order given.
func Follow(g *graph.Graph, ops []Attributed) []Followed {
	ix := newIndex(g)
	out := make([]Followed, 0, len(ops))
	for _, a := range ops {
		f := Followed{Attributed: a, Name: g.Name(a.Operation)}
		began := f.When
		e := g.Entity(a.Operation)
		if e != nil && f.When.IsZero() {
			began, f.When = e.Date, e.Date
			if e.Last.After(f.When) {
				f.When = e.Last
			}
			f.vague = e.Precision == graph.Unknown
		}
		f.Asked = asked(e)
		if !began.IsZero() && !f.vague {
			f.Year = began.Year()
		}
		f.began = began
		f.take(ix.byOperation[a.Operation], Direct)
		for _, id := range people(g, a.Actor) {
			f.take(ix.byTarget[id], Actor)
		}
		for _, state := range f.States() {
			if state != "" {
				f.take(ix.byState[state], Sponsor)
			}
		}
		slices.SortStableFunc(f.Consequences, func(x, y Consequence) int {
			return cmp.Or(x.Date.Compare(y.Date), cmp.Compare(x.Measure, y.Measure))
		})
		out = append(out, f)
	}
	return out
}

// asked is the last day of which any record knows that looked for answers to an operation.
func asked(e *graph.Entity) time.Time {
	var last time.Time
	if e == nil || e.Operation == nil {
		return last
	}
	for _, q := range e.Operation.Inquiries {
		if t := q.Until.Time(); t.After(last) {
			last = t
		}
	}
	return last
}

// people are the actor itself, the objects of other sources that stand for it, and who is said to belong to it.
func people(g *graph.Graph, actor stix.ID) []stix.ID {
	if actor == "" {
		return nil
	}
	out := []stix.ID{actor}
	for _, n := range g.ActorNames(actor) {
		if n.Entity != actor && !slices.Contains(out, n.Entity) && g.Same(actor, n.Entity) {
			out = append(out, n.Entity)
		}
	}
	for _, c := range g.At(actor) {
		if c.Stance != claim.Asserts {
			continue
		}
		for _, l := range c.Links {
			if l.To == actor && (l.Relation == "member-of" || l.Relation == "part-of") {
				out = append(out, l.From)
			}
			if l.From == actor && (l.Relation == "part-of" || l.Relation == "attributed-to") && l.To.Type() == "identity" && !g.Entity(l.To).IsState() && !g.Entity(l.To).Is("state-organ") {
				out = append(out, l.To)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// take adds measures that are not there yet; an indirect one only where it came after the operation began, and within the
// window after its end.
func (f *Followed) take(ms []*claim.Measure, link string) {
	for _, m := range ms {
		if slices.ContainsFunc(f.Consequences, func(c Consequence) bool { return c.Measure == m.ID }) {
			continue
		}
		c := Consequence{Measure: m.ID, Name: m.Name, Kind: m.Kind, By: m.By, Date: m.Date.Time(), Link: link}
		dated := !f.When.IsZero() && !c.Date.IsZero()
		if c.Dated = dated && !f.vague; c.Dated {
			c.Days = int(math.Floor(c.Date.Sub(f.When).Hours() / 24))
		}
		if link != Direct && (!dated || c.Date.Before(f.began) || c.Date.Sub(f.When) > Window) {
			continue
		}
		f.Consequences = append(f.Consequences, c)
	}
}
