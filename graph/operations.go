package graph

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/graph/join"
	"marque/ingest/entity"
	"marque/stix"
)

// Member is a record of a joined operation: one source's telling of it.
type Member struct {
	ID     stix.ID
	Name   string
	Source string // the list that it stands in, such as "eurepoc"; "document" for what was read from a text
	Record string // its number or key there; the object's id where it has none
	Part   bool   // it tells of a part: one victim, one year, one of two groups
	// Probability that it tells of this operation; 1 where a person says so, and at the record that stands for the others.
	Probability float64
	Why         []string
}

// IsOperation tells whether objects of the type are operations.
func IsOperation(typ string) bool { return typ == "campaign" || typ == "incident" }

// Relations by which a person says how two operations stand to each other.
const (
	SameOperation claim.Relation = "same-operation-as"
	NotSame       claim.Relation = "not-same-as"
	PartOf        claim.Relation = "part-of"
)

// joinOperations finds which records tell of one operation and has the graph show each operation once: claims, measures and
// moments of all members stand at the one that represents them.
func (b *builder) joinOperations() {
	g := b.g
	g.record = map[stix.ID]*Entity{}
	for _, id := range g.ids {
		if e := g.entities[id]; IsOperation(e.Type) {
			e.Members = []Member{e.member()}
		}
	}
	if b.apart {
		return
	}
	found := join.Find(g.JoinRecords(), g.decisions())
	g.review = found.Review
	to := map[stix.ID]stix.ID{}
	for _, c := range found.Clusters {
		one := g.represent(c)
		for _, m := range one.Members {
			g.record[m.ID] = g.entities[m.ID]
			to[m.ID] = one.ID
		}
		for _, m := range one.Members {
			g.entities[m.ID] = one
		}
	}
	if len(to) > 0 {
		g.redirect(to)
	}
}

// member is the entity as the only record of itself.
func (e *Entity) member() Member {
	m := Member{ID: e.ID, Name: e.Name, Source: "document", Record: string(e.ID), Probability: 1}
	for _, r := range e.refs {
		if r.ExternalID != "" {
			m.Source, m.Record = strings.ToLower(strings.TrimPrefix(r.Source, "mitre-")), r.ExternalID
			break
		}
	}
	return m
}

// represent makes the entity that stands for a cluster. It is named and described as its first record, which is the one that most
// is said of, and bears what all of them tell.
func (g *Graph) represent(c join.Cluster) *Entity {
	why := map[stix.ID]join.Member{}
	var es []*Entity
	for _, m := range c.Members {
		why[stix.ID(m.ID)] = m
		es = append(es, g.entities[stix.ID(m.ID)])
	}
	slices.SortFunc(es, func(x, y *Entity) int {
		return cmp.Or(btoi(why[x.ID].Part)-btoi(why[y.ID].Part), btoi(y.periodic())-btoi(x.periodic()), cmp.Compare(len(g.byEntity[y.ID]), len(g.byEntity[x.ID])), cmp.Compare(x.ID, y.ID))
	})
	one := *es[0]
	one.Aliases, one.External, one.Members, one.refs = slices.Clone(one.Aliases), slices.Clone(one.External), nil, slices.Clone(one.refs)
	var facts *claim.Operation
	for i, e := range es {
		m := e.member()
		m.Part, m.Probability, m.Why = why[e.ID].Part, why[e.ID].Probability, why[e.ID].Why
		one.Members = append(one.Members, m)
		facts = addFacts(facts, e.Operation)
		one.Aliases = append(append(one.Aliases, e.Name), e.Aliases...)
		if i == 0 {
			continue
		}
		one.External, one.refs = append(one.External, e.External...), append(one.refs, e.refs...)
		one.Sectors = append(slices.Clone(one.Sectors), e.Sectors...)
	}
	one.Name = shortName(es)
	one.Operation = facts
	one.settleDates(es, func(e *Entity) bool { return why[e.ID].Part })
	one.Aliases = slices.Compact(slices.Sorted(slices.Values(one.Aliases)))
	one.Aliases = slices.DeleteFunc(one.Aliases, func(a string) bool { return a == one.Name })
	return &one
}

// named is how many words a name has at most: more are a sentence.
const named = 4

// shortName is what a joined operation is called: as its first record calls it, or, where that is a sentence, as the first one does that
// has a name for it, else by the fewest words.
func shortName(es []*Entity) string {
	best := es[0].Name
	for _, e := range es {
		words := len(strings.Fields(e.Name))
		if words > 0 && len(strings.Fields(best)) > named && words < len(strings.Fields(best)) {
			best = e.Name
		}
	}
	return best
}

// periodic tells whether the record knows when the operation began and ended, not only a day on which it was told.
func (e *Entity) periodic() bool { return !e.Last.IsZero() }

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// addFacts adds what another record tells was done.
func addFacts(a, b *claim.Operation) *claim.Operation {
	if b == nil {
		return a
	}
	if a == nil {
		out := *b
		return &out
	}
	join := func(x, y []string) []string { return slices.Compact(slices.Sorted(slices.Values(slices.Concat(x, y)))) }
	out := *a
	out.Kinds, out.Acts, out.Sectors, out.Countries = join(a.Kinds, b.Kinds), join(a.Acts, b.Acts), join(a.Sectors, b.Sectors), join(a.Countries, b.Countries)
	out.Victims, out.DisclosedBy = join(a.Victims, b.Victims), join(a.DisclosedBy, b.DisclosedBy)
	out.DocumentRefs = slices.Compact(slices.Sorted(slices.Values(slices.Concat(a.DocumentRefs, b.DocumentRefs))))
	return &out
}

// redirect has everything that points to a member point to the one that represents it.
func (g *Graph) redirect(to map[stix.ID]stix.ID) {
	turn := func(id stix.ID) stix.ID { return cmp.Or(to[id], id) }
	merged := map[stix.ID][]int32{}
	touched := map[int32]bool{}
	for member, one := range to {
		merged[one] = append(merged[one], g.byEntity[member]...)
		for _, at := range g.byEntity[member] {
			touched[at] = true
		}
		if level := max(g.levels[one], g.levels[member]); level > stix.Clear {
			g.levels[one] = level // it tells what all its records tell
		}
		if member != one {
			delete(g.byEntity, member)
			g.moments[one] = append(g.moments[one], g.moments[member]...)
			if a := g.assessments[member]; a != "" && g.assessments[one] == "" {
				g.assessments[one] = a
			}
		}
	}
	for one, at := range merged {
		slices.Sort(at)
		g.byEntity[one] = slices.Compact(at)
		slices.SortFunc(g.moments[one], time.Time.Compare)
	}
	for at := range touched {
		c := g.claims[at]
		for i := range c.Links {
			c.Links[i].From, c.Links[i].To = turn(c.Links[i].From), turn(c.Links[i].To)
		}
		for i := range c.AboutRefs {
			c.AboutRefs[i] = turn(c.AboutRefs[i])
		}
		for _, refs := range [][]claim.Ref{c.Subjects, c.Objects, c.Targets} {
			for i := range refs {
				refs[i].Ref = turn(refs[i].Ref)
			}
		}
	}
	for i, m := range g.measures {
		if slices.ContainsFunc(m.OperationRef, func(id stix.ID) bool { return to[id] != "" }) {
			turned := *m
			turned.OperationRef = make([]stix.ID, len(m.OperationRef))
			for k, id := range m.OperationRef {
				turned.OperationRef[k] = turn(id)
			}
			slices.Sort(turned.OperationRef)
			turned.OperationRef = slices.Compact(turned.OperationRef)
			g.measures[i] = &turned
		}
	}
	g.ids = slices.DeleteFunc(g.ids, func(id stix.ID) bool { return to[id] != "" && to[id] != id })
}

// decisions are what persons said of two operations. A later word on a pair overrules an earlier one.
func (g *Graph) decisions() []join.Decision {
	kinds := map[claim.Relation]join.Kind{SameOperation: join.Same, NotSame: join.NotSame, PartOf: join.Part}
	var out []join.Decision
	for _, c := range g.claims {
		if c.Stance != claim.Asserts {
			continue
		}
		for _, l := range c.Links {
			kind, ok := kinds[l.Relation]
			if ok && IsOperation(l.From.Type()) && IsOperation(l.To.Type()) {
				out = append(out, join.Decision{A: string(l.From), B: string(l.To), Kind: kind, Why: g.Name(c.Source) + ": " + cmp.Or(c.Note, c.Why, c.Quote), At: c.Date})
			}
		}
	}
	return out
}

// JoinRecords are the operations as they are compared; of a graph that was loaded apart, each as its source has it.
func (g *Graph) JoinRecords() []join.Record {
	var out []join.Record
	for _, id := range g.ids {
		e := g.entities[id]
		if !IsOperation(e.Type) {
			continue
		}
		out = append(out, g.joinRecord(e))
	}
	return out
}

func (g *Graph) joinRecord(e *Entity) join.Record {
	m := e.member()
	r := join.Record{ID: string(e.ID), Source: m.Source, Names: append([]string{e.Name}, e.Aliases...), Own: m.Source == "document", Text: e.Description, First: known(e.Date), Last: known(e.Last)}
	docs, states := map[string]bool{}, map[string]bool{}
	for _, ref := range e.refs {
		if ref.URL != "" && ref.ExternalID == "" {
			docs[ref.URL] = true
		}
		if ref.ExternalID != "" && ref.Description != "" {
			r.Text += "\n" + ref.Description
		}
	}
	document := func(id stix.ID) {
		if d := g.docs[id]; d != nil && d.URL != "" {
			docs[d.URL] = true
		}
	}
	if op := e.Operation; op != nil {
		r.Countries, r.Sectors, r.Kinds, r.Victims = op.Countries, op.Sectors, op.Kinds, op.Victims
		for _, id := range op.DocumentRefs {
			document(id)
		}
	}
	seen := map[stix.ID]bool{}
	countries := map[string]bool{}
	for _, c := range g.At(e.ID) {
		if c.Stance != claim.Asserts && c.Stance != claim.Doubts {
			continue
		}
		for _, l := range c.Links {
			to := g.entities[l.To]
			if l.From != e.ID || to == nil {
				continue
			}
			if l.Relation.Attributes() {
				document(c.Document)
			}
			if seen[l.To] {
				continue
			}
			seen[l.To] = true
			switch {
			case l.Relation == "uses" && (to.Type == "malware" || to.Type == "tool"):
				r.Software = append(r.Software, to.Name)
			case l.Relation == "targets" && to.Type == "location" && to.Country != "":
				countries[to.Country] = true
			case !l.Relation.Attributes():
			case to.IsState():
				states[to.Country] = true
			case IsActor(to.Type) && !to.Is("class"):
				r.Actors = append(r.Actors, g.called(to))
				if s := g.StateOf(to.ID); s != "" {
					states[s] = true
				}
			case IsActor(to.Type):
				if s := g.StateOf(to.ID); s != "" {
					states[s] = true
				}
			}
		}
	}
	if len(r.Countries) == 0 {
		r.Countries = slices.Sorted(maps.Keys(countries))
	}
	if len(r.Countries) == 0 {
		r.Places = slices.DeleteFunc(entity.CountriesIn(e.Description), func(s string) bool { return states[s] })
	}
	r.States, r.Documents = slices.Sorted(maps.Keys(states)), slices.Sorted(maps.Keys(docs))
	return r
}

// known leaves out times that stand for none.
func known(t time.Time) time.Time {
	if t.Year() <= 1970 {
		return time.Time{}
	}
	return t
}

// called is an actor by all its names, its own first.
func (g *Graph) called(e *Entity) join.Actor {
	a := join.Actor{Names: []string{e.Name}}
	for _, n := range g.names.byEntity[e.ID] {
		if n.Via != "external-id" && !slices.Contains(a.Names, n.Name) {
			a.Names = append(a.Names, n.Name)
		}
	}
	return a
}
