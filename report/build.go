package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/deter"
	"marque/graph"
	"marque/stix"
)

// Input is what a brief is made from: all of it from one view, so that nothing in it, no number either, tells of what is above the
// view's level.
type Input struct {
	Graph       *graph.Graph
	Level       stix.TLP                 // strictest level of what is not in the graph
	Assessments []*claim.Assessment      // at most one an operation
	Followed    []deter.Followed         // what followed upon the operations
	Country     func(code string) string // a state's name for its code
	Negative    []Finding                // answers of the kind "not refuted"
	Sightings   []Sighting               // hits of the window
	Note        string
}

// Finding is a sentence with the documents that it rests on.
type Finding struct {
	Text string
	Docs []stix.ID
}

// Options say which window is told and how.
type Options struct {
	From, To  time.Time // inclusive days; zero is open
	Generated time.Time
	Detail    int // operations with a section of their own; 0 is 25
}

// builder numbers references while sentences are made.
type builder struct {
	in      Input
	o       Options
	brief   *Brief
	numbers map[stix.ID]int
	byOp    map[stix.ID]*claim.Assessment
	after   map[stix.ID]*deter.Followed
	measure map[stix.ID]*claim.Measure
	carrier map[stix.ID]stix.ID // of a response to the document that it stands in
}

// newBuilder is ready to tell of a window.
func newBuilder(in Input, o Options) *builder {
	b := &builder{
		in: in, o: o, numbers: map[stix.ID]int{}, byOp: map[stix.ID]*claim.Assessment{}, after: map[stix.ID]*deter.Followed{},
		measure: map[stix.ID]*claim.Measure{}, carrier: map[stix.ID]stix.ID{},
		brief: &Brief{
			Title: "Who stands behind it", Level: max(in.Level, in.Graph.Level), Generated: stix.At(o.Generated), Note: in.Note, Method: method,
		},
	}
	if !o.From.IsZero() {
		b.brief.From = stix.At(o.From)
	}
	if !o.To.IsZero() {
		b.brief.To = stix.At(o.To)
	}
	for _, a := range in.Assessments {
		b.byOp[a.SubjectRef] = a
	}
	for i := range in.Followed {
		b.after[in.Followed[i].Operation] = &in.Followed[i]
	}
	for _, m := range in.Graph.Measures() {
		b.measure[m.ID] = m
	}
	for _, c := range in.Graph.Claims() {
		if c.Stance == claim.Denies || c.Stance == claim.NoComment {
			for _, id := range c.Carriers {
				b.carrier[id] = c.Document
			}
		}
	}
	return b
}

// Build makes the brief.
func Build(in Input, o Options) *Brief {
	if o.Detail == 0 {
		o.Detail = 25
	}
	b := newBuilder(in, o)
	ops := b.window()
	b.count(ops)
	b.brief.Matrix = b.matrix(ops)
	b.brief.Trend = b.trend(ops)
	b.summary(ops) // first: its sources have the first numbers
	b.sections(ops)
	b.answers(ops)
	b.statements()
	for _, f := range in.Negative {
		b.brief.Negative = append(b.brief.Negative, Sentence{Text: f.Text, Refs: b.cite(f.Docs...)})
	}
	for _, s := range in.Sightings {
		b.brief.Sightings = append(b.brief.Sightings, Sentence{Text: s.words(in.Country)})
	}
	return b.brief
}

// method is what a reader must know of how the numbers came about.
var method = []string{
	"Hypotheses compete; each starts from a base rate and moves by the weights of independent pieces of evidence, in decibans (ten times the decimal logarithm of the likelihood ratio: 10 dB is ten to one).",
	"One root counts once: a report and all articles that retell it are one source. What a rule read and nobody has reviewed counts less.",
	"Weights marked \"stated\" are judgements of the authors, not learned from data; docs/judging.md gives each with its reason.",
	"Words for probability are those of ICD 203; the state's closeness is Healey's spectrum of state responsibility, the mode Maurer's.",
	"A measure follows when it answers the operation, or is aimed at the actor and came within three years; the brief says which. Naming the culprit and advice to victims are listed and are no answer; a protest is one, with words only. What nobody asked about is unknown, not unanswered.",
	"That nothing is on record is unknown, not none: an operation is recorded as unanswered only where a source that looks for answers covers it, until the day to which that source reaches.",
}

// window are the operations that overlap the window. One without a date is placed by its earliest document.
func (b *builder) window() []*graph.Entity {
	var out []*graph.Entity
	for _, e := range b.in.Graph.Operations() {
		first, last := b.span(e)
		if !b.o.To.IsZero() && !first.Before(b.o.To.AddDate(0, 0, 1)) {
			continue
		}
		if !b.o.From.IsZero() && last.Before(b.o.From) {
			continue
		}
		if first.IsZero() && (!b.o.From.IsZero() || !b.o.To.IsZero()) {
			continue
		}
		out = append(out, e)
	}
	return out
}

func (b *builder) span(e *graph.Entity) (first, last time.Time) {
	first, last = e.Date, e.Last
	if first.IsZero() {
		for _, c := range b.in.Graph.At(e.ID) {
			if !c.Date.IsZero() && (first.IsZero() || c.Date.Before(first)) {
				first = c.Date
			}
		}
	}
	if last.Before(first) {
		last = first
	}
	return first, last
}

// weight is how much an operation matters to a reader: who did it and how sure that is, a state behind it, a criminal side, a person's word,
// how many independent sources tell of it.
func (b *builder) weight(e *graph.Entity) float64 {
	s := 0.0
	if len(b.in.Graph.Analysts(e.ID)) > 0 {
		s++
	}
	lead := b.leading(e.ID)
	if lead == nil {
		return s
	}
	s += lead.Probability
	if lead.Sponsor != "" {
		s++
	}
	if b.blurred(e) {
		s++
	}
	return s + 0.1*float64(min(5, b.byOp[e.ID].Roots))
}

// ranked puts first what a reader should see first: states behind it, then how sure, then how recent.
func (b *builder) ranked(ops []*graph.Entity) []*graph.Entity {
	scores := make(map[stix.ID]float64, len(ops))
	for _, e := range ops {
		scores[e.ID] = b.weight(e)
	}
	return slices.SortedFunc(slices.Values(ops), func(x, y *graph.Entity) int {
		return cmp.Or(cmp.Compare(scores[y.ID], scores[x.ID]), y.Date.Compare(x.Date), cmp.Compare(x.ID, y.ID))
	})
}

// leading is the hypothesis that the assessment puts first, or nil where there is no assessment or it abstains.
func (b *builder) leading(op stix.ID) *claim.Hypothesis {
	a := b.byOp[op]
	if a == nil || a.Abstained || len(a.Hypotheses) == 0 || a.Hypotheses[0].Key == "unknown" {
		return nil
	}
	return &a.Hypotheses[0]
}

// likely is the word from which on the brief calls an operation attributed (ICD 203).
const likely = 0.55

func (b *builder) attributed(op stix.ID) bool {
	h := b.leading(op)
	return h != nil && h.Probability >= likely
}

// gain are acts by which somebody earns.
var gain = []string{"ransom-demand", "fee-demand", "sale-of-data", "money-theft"}

// blurred tells whether an operation has both a state and a criminal side: a state is likely behind it, and the actor is
// criminal or for hire, or somebody earned by it, or a source calls the actors criminals.
func (b *builder) blurred(e *graph.Entity) bool {
	h := b.leading(e.ID)
	if h == nil || h.Sponsor == "" || h.Probability < likely {
		return false
	}
	if actor := b.in.Graph.Entity(h.ActorRef); criminal(actor) {
		return true
	}
	if e.Operation != nil && slices.ContainsFunc(e.Operation.Acts, func(a string) bool { return slices.Contains(gain, a) }) {
		return true
	}
	for _, c := range b.in.Graph.At(e.ID) {
		if c.Stance != claim.Asserts {
			continue
		}
		for _, l := range c.Links {
			if l.Relation == "attributed-to" && l.From == e.ID && criminal(b.in.Graph.Entity(l.To)) {
				return true
			}
		}
	}
	return false
}

func criminal(e *graph.Entity) bool {
	return e != nil && slices.ContainsFunc([]string{"criminal", "crime-syndicate", "private-sector-offensive-actor", "contractor"}, e.Is)
}

// cite gives the numbers of documents, in the order of first use. A document that retells another brings its root along.
func (b *builder) cite(docs ...stix.ID) []int {
	var out []int
	for _, id := range docs {
		if id == "" {
			continue
		}
		if n := b.number(id); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

func (b *builder) number(id stix.ID) int {
	if n, ok := b.numbers[id]; ok {
		return n
	}
	d := b.in.Graph.Document(id)
	ref := Reference{ID: id, Title: "A document that is known by its number only"}
	root := id
	if d != nil {
		ref.Publisher, ref.Date, ref.URL, root = d.Publisher, day(d.Date), d.URL, d.Root
		ref.title(d.Name)
	}
	ref.Number = len(b.brief.References) + 1
	b.numbers[id] = ref.Number
	b.brief.References = append(b.brief.References, ref)
	if root != id && root != "" {
		b.brief.References[ref.Number-1].Retells = b.number(root)
	}
	return ref.Number
}

// title gives a reference its title: the document's own, else one read out of its address.
func (r *Reference) title(name string) {
	if safeLink(name) != "" {
		r.URL = cmp.Or(r.URL, name)
		name = ""
	}
	r.FrontPage = frontPage(r.URL)
	if strings.HasPrefix(r.Publisher, "identity--") {
		r.Publisher = ""
	}
	host, read := titled(r.URL)
	switch {
	case name != "":
		r.Title = clean(name)
	case read != "":
		r.Title = read
	}
	if name == "" && host != "" || r.Publisher == "" {
		r.Publisher = host
	}
}

// documents are the documents of the claims at an operation that pass a filter.
func (b *builder) documents(op stix.ID, keep func(*graph.Claim) bool) []stix.ID {
	var out []stix.ID
	for _, c := range b.in.Graph.At(op) {
		if c.Document != "" && keep(c) && !slices.Contains(out, c.Document) {
			out = append(out, c.Document)
		}
	}
	return out
}

func percent(p float64) string {
	switch {
	case p > 0.995:
		return "over 99 %"
	case p < 0.005:
		return "under 1 %"
	}
	return fmt.Sprintf("%d %%", int(math.Round(p*100)))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func list(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func words(code string) string { return strings.ReplaceAll(code, "-", " ") }

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
