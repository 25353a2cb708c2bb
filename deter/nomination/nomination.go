package nomination

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/deter/screen"
	"marque/graph"
	"marque/ingest/sanctions"
	"marque/stix"
)

// ErrUnknown says that the subject is not in the graph.
var ErrUnknown = errors.New("subject is not known")

// Package is a proposal to list a subject.
type Package struct {
	Subject stix.ID `json:"subject"`
	Name    string  `json:"name"`
	// Names are the other names with who uses them.
	Names []Named `json:"names,omitempty"`
	// Statement is the draft statement of reasons, Against what speaks against it.
	Statement []Sentence `json:"statement"`
	Against   []Sentence `json:"against,omitempty"`
	// Operations are those that the statement tells of.
	Operations []stix.ID `json:"operations,omitempty"`
	// Identifiers come from the lists on which the subject may stand already.
	Identifiers []sanctions.Identifier `json:"identifiers,omitempty"`
	Listed      []screen.Hit           `json:"listed,omitempty"`
	// Missing says what a listing asks for and is not on record.
	Missing    []string    `json:"missing,omitempty"`
	References []Reference `json:"references"`
}

// Named is a name and who uses it.
type Named struct {
	Name string   `json:"name"`
	By   []string `json:"by"`
}

// Sentence is one sentence with the numbers of its references.
type Sentence struct {
	Text string `json:"text"`
	Refs []int  `json:"references"`
	// Roots counts the independent sources.
	Roots int `json:"independent_sources"`
}

// Reference is a public source.
type Reference struct {
	Number    int     `json:"number"`
	ID        stix.ID `json:"id"`
	Title     string  `json:"title"`
	Publisher string  `json:"publisher,omitempty"`
	Date      string  `json:"date,omitempty"`
	URL       string  `json:"url,omitempty"`
}

// leastListed is the score from which a list's entry is shown as perhaps the same.
const leastListed = .85

// Build puts the package together. lists may be nil.
func Build(g *graph.Graph, subject stix.ID, lists *screen.Index) (*Package, error) {
	e := g.Entity(subject)
	if e == nil {
		return nil, fmt.Errorf("nominate %s: %w", subject, ErrUnknown)
	}
	b := builder{g: g, p: &Package{Subject: subject, Name: e.Name}, numbers: map[stix.ID]int{}}
	b.names()
	b.operations()
	b.ties()
	b.against()
	if lists != nil {
		b.listed(lists)
	}
	b.missing()
	return b.p, nil
}

type builder struct {
	g       *graph.Graph
	p       *Package
	numbers map[stix.ID]int
}

// cite gives the number of a claim's document, 0 where it has none.
func (b *builder) cite(c *graph.Claim) int {
	if c.Document == "" {
		return 0
	}
	if n, ok := b.numbers[c.Document]; ok {
		return n
	}
	d := b.g.Document(c.Document)
	if d == nil {
		return 0
	}
	n := len(b.p.References) + 1
	b.numbers[c.Document] = n
	r := Reference{Number: n, ID: d.ID, Title: d.Name, Publisher: d.Publisher, URL: d.URL}
	r.Date = day(d.Date)
	b.p.References = append(b.p.References, r)
	return n
}

// day writes a date; what has none is dated at the beginning of the epoch.
func day(t time.Time) string {
	if t.Unix() <= 0 {
		return ""
	}
	return t.Format("2 January 2006")
}

// sentence makes one of claims that say the same. Claims without a document make none.
func (b *builder) sentence(text string, claims []*graph.Claim) (Sentence, bool) {
	s := Sentence{Text: text}
	roots := map[stix.ID]bool{}
	for _, c := range claims {
		if n := b.cite(c); n > 0 {
			s.Refs = append(s.Refs, n)
			roots[cmp.Or(c.Root, c.Document)] = true
		}
	}
	slices.Sort(s.Refs)
	s.Refs, s.Roots = slices.Compact(s.Refs), len(roots)
	return s, len(s.Refs) > 0
}

// speakers lists who says it, each once.
func (b *builder) speakers(claims []*graph.Claim) string {
	var out []string
	for _, c := range claims {
		if who := cmp.Or(c.Speaker, b.g.Name(c.Source)); who != "" && !slices.Contains(out, who) {
			out = append(out, who)
		}
	}
	switch len(out) {
	case 0:
		return "A source"
	case 1:
		return out[0]
	}
	return strings.Join(out[:len(out)-1], ", ") + " and " + out[len(out)-1]
}

func (b *builder) names() {
	by := map[string]int{}
	for _, n := range b.g.ActorNames(b.p.Subject) {
		if n.Name == b.p.Name || n.Via == "external-id" {
			continue
		}
		i, ok := by[n.Name]
		if !ok {
			i = len(b.p.Names)
			by[n.Name] = i
			b.p.Names = append(b.p.Names, Named{Name: n.Name})
		}
		if n.Source != "" && !slices.Contains(b.p.Names[i].By, n.Source) {
			b.p.Names[i].By = append(b.p.Names[i].By, n.Source)
		}
	}
}

// says tells whether a claim may stand in a statement: asserted, by somebody, and not as a likeness.
func says(c *graph.Claim) bool {
	return (c.Stance == claim.Asserts || c.Stance == "") && !c.Relation.Likeness()
}

func (b *builder) operations() {
	by := map[stix.ID][]*graph.Claim{}
	var order []stix.ID
	for _, c := range b.g.At(b.p.Subject) {
		if !says(c) {
			continue
		}
		for _, l := range c.Links {
			op := b.g.Entity(l.From)
			if l.To != b.p.Subject || !l.Relation.Attributes() || op == nil || op.Type != "campaign" && op.Type != "incident" {
				continue
			}
			if by[l.From] == nil {
				order = append(order, l.From)
			}
			by[l.From] = append(by[l.From], c)
		}
	}
	slices.SortStableFunc(order, func(x, y stix.ID) int { return b.g.Entity(x).Date.Compare(b.g.Entity(y).Date) })
	for _, id := range order {
		verb := "attributes"
		who := b.speakers(by[id])
		if strings.Contains(who, " and ") {
			verb = "attribute"
		}
		when := ""
		if d := day(b.g.Entity(id).Date); d != "" {
			when = " (" + d + ")"
		}
		s, ok := b.sentence(fmt.Sprintf("%s %s “%s”%s to %s%s.", who, verb, b.g.Name(id), when, b.p.Name, hedged(by[id])), by[id])
		if ok {
			b.p.Statement = append(b.p.Statement, s)
			b.p.Operations = append(b.p.Operations, id)
		}
	}
}

// hedged adds the hedges of the sources, so that no sentence says more than they do.
func hedged(claims []*graph.Claim) string {
	var words []string
	for _, c := range claims {
		if c.Hedge != "" && !slices.Contains(words, c.Hedge) {
			words = append(words, c.Hedge)
		}
	}
	if len(words) == 0 {
		return ""
	}
	return ", with the reserve “" + strings.Join(words, "”, “") + "”"
}

func (b *builder) ties() {
	type key struct {
		state    string
		relation claim.Relation
	}
	by := map[key][]*graph.Claim{}
	var order []key
	for _, t := range b.g.Ties(b.p.Subject) {
		if t.Claim == nil || !says(t.Claim) || t.Relation.Attributes() && t.Relation != claim.OnBehalfOf {
			continue
		}
		k := key{t.State, t.Relation}
		if by[k] == nil {
			order = append(order, k)
		}
		by[k] = append(by[k], t.Claim)
	}
	for _, k := range order {
		verb := "says"
		who := b.speakers(by[k])
		if strings.Contains(who, " and ") {
			verb = "say"
		}
		first, second := b.p.Name, b.g.CountryName(k.state)
		if k.relation.StateFirst() {
			first, second = second, first
		}
		text := fmt.Sprintf("%s %s of the tie between %s and %s: “%s”%s.", who, verb, first, second, k.relation.Words(), hedged(by[k]))
		if s, ok := b.sentence(text, by[k]); ok {
			b.p.Statement = append(b.p.Statement, s)
		}
	}
}

// against collects denials and doubts on the claims that the statement rests on.
func (b *builder) against() {
	seen := map[string]bool{}
	take := func(c *graph.Claim) {
		if seen[c.ID] || c.Stance != claim.Denies && c.Stance != claim.Doubts {
			return
		}
		seen[c.ID] = true
		text := fmt.Sprintf("%s %s it", b.speakers([]*graph.Claim{c}), c.Stance)
		if c.Quote != "" {
			text += ": “" + strings.TrimSpace(c.Quote) + "”"
		}
		if s, ok := b.sentence(text+".", []*graph.Claim{c}); ok {
			b.p.Against = append(b.p.Against, s)
		}
	}
	for _, c := range b.g.At(b.p.Subject) {
		take(c)
		for _, answer := range b.g.About(c.ID) {
			take(answer)
		}
	}
}

// listed asks the lists for the subject's names.
func (b *builder) listed(lists *screen.Index) {
	seen := map[*sanctions.Subject]bool{}
	for _, name := range append([]Named{{Name: b.p.Name}}, b.p.Names...) {
		for _, h := range lists.Search(screen.Query{Name: name.Name}, screen.Options{Least: leastListed}) {
			if seen[h.Subject] {
				continue
			}
			seen[h.Subject] = true
			b.p.Listed = append(b.p.Listed, h)
			b.p.Identifiers = append(b.p.Identifiers, h.Subject.Identifiers...)
		}
	}
}

func (b *builder) missing() {
	p := b.p
	roots := map[stix.ID]bool{}
	for _, r := range p.References {
		roots[b.g.Root(r.ID)] = true
	}
	for _, m := range []struct {
		lacks bool
		what  string
	}{
		{len(p.Statement) == 0, "a public source that says what it did"},
		{len(p.Operations) == 0, "an operation that a public source attributes to it"},
		{len(roots) == 1, "a second independent source: all that is said goes back to one"},
		{len(p.Identifiers) == 0, "identifiers: date and place of birth, numbers, addresses"},
		{len(p.Against) == 0, "its own answer: no denial and no comment is on record, which is not that there was none"},
	} {
		if m.lacks {
			p.Missing = append(p.Missing, m.what)
		}
	}
}
