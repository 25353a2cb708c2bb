package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/deter"
	"marque/deter/measure"
	"marque/graph"
	"marque/stix"
)

// Year is the yearly report: what is told about a window, beside the window of the same length before it.
//
// Every sentence has references, or the number of a table whose rows have them; a sentence without either is not written.
type Year struct {
	Title      string         `json:"title"`
	Level      stix.TLP       `json:"tlp"`
	From       stix.Timestamp `json:"from"`
	To         stix.Timestamp `json:"to"`
	BeforeFrom stix.Timestamp `json:"before_from"` // the window that it is compared with
	BeforeTo   stix.Timestamp `json:"before_to"`
	Generated  stix.Timestamp `json:"generated"`
	Note       string         `json:"note,omitzero"`
	Figures    []Figure       `json:"figures"`
	Summary    []Told         `json:"summary"` // two pages, first
	Sections   []Section      `json:"sections"`
	Method     []string       `json:"method"`
	Limits     []string       `json:"limits"`
	References []Reference    `json:"references"`
	Operations []stix.ID      `json:"operation_refs"`
	Measures   []stix.ID      `json:"measure_refs"`
}

// Figure is a number of the window beside that of the window before.
type Figure struct {
	Key    string `json:"key"`
	Label  string `json:"label"`
	Now    int    `json:"now"`
	Before int    `json:"before"`
	Table  int    `json:"table"` // where it comes from
}

// Told is a sentence with its references, or the table that it sums up.
type Told struct {
	Sentence
	Table int `json:"table,omitzero"`
}

// Section is a part of the yearly report.
type Section struct {
	Key    string  `json:"key"`
	Title  string  `json:"title"`
	Told   []Told  `json:"told"`
	Tables []Table `json:"tables"`
}

// Table is numbered through the report. A chart shows the same numbers.
type Table struct {
	Number  int        `json:"number"`
	Caption string     `json:"caption"`
	Head    []string   `json:"head"`
	Rows    []TableRow `json:"rows"`
	Left    int        `json:"left,omitzero"` // rows that are counted and not shown
	Chart   *Chart     `json:"chart,omitempty"`
}

// TableRow is a line with the documents that it rests on.
type TableRow struct {
	Cells []string `json:"cells"`
	Refs  []int    `json:"refs,omitempty"`
}

// YearInput is what a yearly report is made from: all of it from one view.
type YearInput struct {
	Input
	Measures        []measure.Row
	Coverage        []measure.Coverage
	SightingsBefore []Sighting
	Sites           []SiteFate // of the watched operations; nil where nothing is watched
	Watched         int        // sites
}

// SiteFate is what became of a site that was taken away.
type SiteFate struct {
	Operation, Host, Successor string
	ID                         stix.ID
	Seized                     time.Time
	Days                       int // from the seizure to the successor
}

// SortFates orders sites by when they were taken and name.
func SortFates(fs []SiteFate) {
	slices.SortFunc(fs, func(a, b SiteFate) int { return cmp.Or(a.Seized.Compare(b.Seized), cmp.Compare(a.Host, b.Host)) })
}

// Limits on what is shown; JSON has the same.
const (
	maxYearRows = 40
	maxRowRefs  = 3
)

// BuildYear makes the yearly report for a window, both days inclusive.
func BuildYear(in YearInput, from, to, generated time.Time) *Year {
	before := Options{From: from.Add(from.Sub(to.AddDate(0, 0, 1))), To: from.AddDate(0, 0, -1), Generated: generated}
	y := &yearly{
		in:  in,
		now: newPeriod(in.Input, Options{From: from, To: to, Generated: generated}), before: newPeriod(in.Input, before),
		year: &Year{
			Title: "State-linked operations, and what they cost", Level: max(in.Level, in.Graph.Level), From: stix.At(from), To: stix.At(to),
			BeforeFrom: stix.At(before.From), BeforeTo: stix.At(before.To), Generated: stix.At(generated), Note: in.Note, Method: yearMethod, Limits: []string{},
			Summary: []Told{}, Operations: []stix.ID{}, Measures: []stix.ID{},
		},
	}
	for _, f := range y.now.facts {
		y.year.Operations = append(y.year.Operations, f.e.ID)
	}
	y.measures = y.within(y.now)
	y.measuresBefore = y.within(y.before)
	for i := range y.measures {
		y.year.Measures = append(y.year.Measures, y.measures[i].ID)
	}
	for _, part := range []func() Section{
		y.blurredLine, y.whoForWhom, y.motives, y.targets, y.mercenaries, y.denied, y.sites, y.measuresAndSilence, y.jointly, y.hits, y.operations, y.rests,
	} {
		y.year.Sections = append(y.year.Sections, part())
	}
	y.year.Sections = append(y.year.Sections, y.changed())
	y.limits()
	y.summarise()
	y.year.References = y.now.brief.References
	if y.year.References == nil {
		y.year.References = []Reference{}
	}
	return y.year
}

// yearMethod is what a reader must know of how the numbers came about.
var yearMethod = []string{
	"An operation counts in a window that it overlaps. One that no source dates is placed by the day of its earliest document; one that is dated to the year only stands in no quarter.",
	"Attributed means that one answer is at \"likely\" (ICD 203, from 55 %) or more, by competing hypotheses over independent roots; docs/judging.md has the method.",
	"The blurred line: a state is likely behind it, and the actor is criminal or for hire, or somebody earned by it, or a source calls the actors criminals.",
	"Answered: a measure is on record against actor or state for the operation. Silent: a record that looks for answers has none. Everything else is unknown; the bounds assume nothing of it.",
	"Naming somebody is no answer unless the table says so. Measures of a state against its own are none.",
	"The window before has the same length and ends the day before this one begins.",
}

// period is the builder of a window with what is known of each of its operations.
type period struct {
	*builder
	facts []fact
}

// fact is an operation of a window.
type fact struct {
	e       *graph.Entity
	a       *claim.Assessment // nil where nobody says who did it
	lead    *claim.Hypothesis // nil where nobody is named
	likely  bool              // attributed
	blurred bool
}

func newPeriod(in Input, o Options) *period {
	p := &period{builder: newBuilder(in, o)}
	ops := p.window()
	for _, e := range ops {
		p.facts = append(p.facts, fact{e, p.byOp[e.ID], p.leading(e.ID), p.attributed(e.ID), p.blurred(e)})
	}
	p.count(ops)
	return p
}

func (p *period) entities() []*graph.Entity {
	out := make([]*graph.Entity, len(p.facts))
	for i, f := range p.facts {
		out[i] = f.e
	}
	return out
}

// states of an attributed operation: the sponsor and those who acted with it.
func (f *fact) states() []string {
	if !f.likely || f.lead.Sponsor == "" {
		return nil
	}
	return append([]string{f.lead.Sponsor}, f.lead.Jointly...)
}

// told are the documents of an operation, few.
func (p *period) told(e *graph.Entity) []stix.ID {
	docs := p.documents(e.ID, func(c *graph.Claim) bool { return c.Stance == claim.Asserts })
	if e.Operation != nil {
		docs = append(docs, e.Operation.DocumentRefs...)
	}
	return docs
}

// yearly makes the sections.
type yearly struct {
	in                       YearInput
	year                     *Year
	now, before              *period
	measures, measuresBefore []measure.Row
	tables                   int
	at                       map[string]int // numbers of tables by key
}

// within are the measures of a window: those whose whole date lies in it.
func (y *yearly) within(p *period) []measure.Row {
	var out []measure.Row
	for _, r := range y.in.Measures {
		if !r.At.IsZero() && !r.At.Before(p.o.From) && r.At.Before(p.o.To.AddDate(0, 0, 1)) {
			out = append(out, r)
		}
	}
	return out
}

// rows gathers rows under a key with their documents, the most frequent first.
type rows struct {
	order []string
	count map[string]int
	docs  map[string][]stix.ID
	cells map[string][]string
}

func newRows() *rows {
	return &rows{count: map[string]int{}, docs: map[string][]stix.ID{}, cells: map[string][]string{}}
}

func (r *rows) add(key string, cells []string, docs ...stix.ID) {
	if r.count[key] == 0 {
		r.order = append(r.order, key)
		r.cells[key] = cells
	}
	r.count[key]++
	for _, d := range docs {
		if len(r.docs[key]) < maxRowRefs && d != "" && !slices.Contains(r.docs[key], d) {
			r.docs[key] = append(r.docs[key], d)
		}
	}
}

func (r *rows) sorted() []string {
	slices.SortStableFunc(r.order, func(a, b string) int { return cmp.Or(cmp.Compare(r.count[b], r.count[a]), cmp.Compare(a, b)) })
	return r.order
}

// table numbers a table of rows whose last cell is their count, at most so many.
func (y *yearly) table(key, caption string, head []string, r *rows) Table {
	t := y.blank(key, caption, head)
	keys := r.sorted()
	for _, k := range keys[:min(len(keys), maxYearRows)] {
		t.Rows = append(t.Rows, TableRow{append(slices.Clone(r.cells[k]), fmt.Sprint(r.count[k])), y.now.cite(r.docs[k]...)})
	}
	t.Left = len(keys) - len(t.Rows)
	return t
}

// blank numbers a table without rows.
func (y *yearly) blank(key, caption string, head []string) Table {
	y.tables++
	if y.at == nil {
		y.at = map[string]int{}
	}
	y.at[key] = y.tables
	return Table{Number: y.tables, Caption: caption, Head: head, Rows: []TableRow{}}
}

// say is a sentence that sums up a table.
func (y *yearly) say(key, format string, args ...any) Told {
	return Told{Sentence{Text: fmt.Sprintf(format, args...)}, y.at[key]}
}

func (y *yearly) blurredLine() Section {
	s := Section{Key: "blurred-line", Title: "The blurred line"}
	trend := y.now.trend(y.now.entities())
	quarters := y.blank("quarters", "Operations by the quarter in which they began, and those with a state and a criminal side", []string{"quarter", "operations", "with both sides", "share"})
	chart := &Chart{Kind: Bars, Series: []Series{{Name: "operations"}, {Name: "with a state and a criminal side"}}}
	for _, q := range trend {
		quarters.Rows = append(quarters.Rows, TableRow{Cells: []string{q.Label, fmt.Sprint(q.Operations), fmt.Sprint(q.Blurred), percent(q.Share)}})
		chart.Labels = append(chart.Labels, q.Label)
		chart.Series[0].Values = append(chart.Series[0].Values, float64(q.Operations))
		chart.Series[1].Values = append(chart.Series[1].Values, float64(q.Blurred))
	}
	quarters.Chart = chart
	list := y.blank("blurred", "Operations with a state and a criminal side", []string{"operation", "when", "who", "how sure"})
	for _, f := range y.now.ranked(y.now.entities()) {
		if !y.now.blurred(f) {
			continue
		}
		if len(list.Rows) == maxYearRows {
			list.Left++
			continue
		}
		h := y.now.leading(f.ID)
		list.Rows = append(list.Rows, TableRow{[]string{f.Name, y.now.when(f), h.Statement, h.Words}, y.now.few(y.now.told(f))})
	}
	now, was := y.now.brief.Counts, y.before.brief.Counts
	s.Told = []Told{y.say("blurred", "%d of %s (%s) have a state and a criminal side; in the window before %d of %d.", now.Blurred, plural(now.Operations, "operation", "operations"),
		shareOf(now.Blurred, now.Operations), was.Blurred, was.Operations)}
	if undated := y.now.brief.Counts.Undated; undated > 0 {
		s.Told = append(s.Told, y.say("quarters", "Of %s no source says in which quarter it began: left out of the chart.", plural(undated, "operation", "operations")))
	}
	s.Tables = []Table{quarters, list}
	return s
}

// few cites at most so many documents.
func (p *period) few(docs []stix.ID) []int { return p.cite(docs[:min(len(docs), maxRowRefs)]...) }

func shareOf(n, of int) string {
	if of == 0 {
		return "none"
	}
	return percent(float64(n) / float64(of))
}

func (y *yearly) whoForWhom() Section {
	s := Section{Key: "who-for-whom", Title: "Who works for whom"}
	pairs, states := newRows(), newRows()
	for i := range y.now.facts {
		f := &y.now.facts[i]
		for _, state := range f.states() {
			name := y.in.Country(state)
			states.add(name, []string{name}, y.now.told(f.e)...)
			who := cmp.Or(f.lead.Actor, "nobody in particular")
			close := cmp.Or(words(f.lead.Responsibility), "unknown")
			pairs.add(name+"|"+graph.NormalName(who)+"|"+close, []string{name, who, close}, y.now.told(f.e)...)
		}
	}
	byState := y.table("states", "Attributed operations by state", []string{"state", "operations"}, states)
	byState.Chart = barsOf(byState, "operations")
	table := y.table("pairs", "Actors that states stand behind, and how close (Healey)", []string{"state", "actor", "how close", "operations"}, pairs)
	s.Tables = []Table{byState, table}
	attributed := y.now.brief.Counts.Attributed
	s.Told = []Told{y.say("states", "%d of %s are attributed, %d of these to a state.", attributed, plural(len(y.now.facts), "operation", "operations"), y.now.ofStates())}
	if keys := pairs.sorted(); len(keys) > 0 {
		c := pairs.cells[keys[0]]
		s.Told = append(s.Told, Told{Sentence{
			Text: fmt.Sprintf("Most often it is %s for %s (%s): %s.", c[1], c[0], c[2], plural(pairs.count[keys[0]], "operation", "operations")),
			Refs: y.now.cite(pairs.docs[keys[0]]...),
		}, table.Number})
	}
	return s
}

// ofStates counts the operations that are attributed to a state.
func (p *period) ofStates() (n int) {
	for i := range p.facts {
		if len(p.facts[i].states()) > 0 {
			n++
		}
	}
	return n
}

func (y *yearly) motives() Section {
	s := Section{Key: "motives", Title: "Motives"}
	shares, leading, docs, known := map[string]float64{}, map[string]int{}, map[string][]stix.ID{}, 0
	for _, f := range y.now.facts {
		if f.a == nil || len(f.a.Motives) == 0 {
			continue
		}
		known++
		leading[f.a.Motives[0].Motive]++
		for _, m := range f.a.Motives {
			shares[m.Motive] += m.Share
			if len(docs[m.Motive]) < maxRowRefs {
				docs[m.Motive] = append(docs[m.Motive], y.now.told(f.e)...)
			}
		}
	}
	t := y.blank("motives", "Motives, read from what was done; a mix counts in parts", []string{"motive", "leads in", "share of all"})
	t.Chart = &Chart{Kind: Bars, Series: []Series{{Name: "operations in which it leads"}}}
	for _, m := range slices.SortedFunc(maps.Keys(shares), func(a, b string) int { return cmp.Or(cmp.Compare(shares[b], shares[a]), cmp.Compare(a, b)) }) {
		t.Rows = append(t.Rows, TableRow{[]string{words(m), fmt.Sprint(leading[m]), percent(shares[m] / float64(max(1, known)))}, y.now.few(docs[m])})
		t.Chart.Labels = append(t.Chart.Labels, words(m))
		t.Chart.Series[0].Values = append(t.Chart.Series[0].Values, float64(leading[m]))
	}
	s.Tables = []Table{t}
	s.Told = []Told{y.say("motives", "Of %d of %s something is known of the motive; of the others it is unknown.", known, plural(len(y.now.facts), "operation", "operations"))}
	return s
}

func (y *yearly) targets() Section {
	s := Section{Key: "targets", Title: "Sponsor and target"}
	m := y.now.matrix(y.now.entities())
	docs := map[string][]stix.ID{}
	for i := range y.now.facts {
		f := &y.now.facts[i]
		for _, state := range f.states() {
			if name := y.in.Country(state); len(docs[name]) < maxRowRefs {
				docs[name] = append(docs[name], y.now.told(f.e)...)
			}
		}
	}
	t := y.blank("matrix", "Attributed operations by sponsor and country of the victims; an operation counts for each", append([]string{"sponsor"}, m.Targets...))
	t.Chart = &Chart{Kind: Heat, Columns: m.Targets}
	for i, sponsor := range m.Sponsors {
		row := []string{sponsor}
		values := []float64{}
		for _, n := range m.Cells[i] {
			row, values = append(row, fmt.Sprint(n)), append(values, float64(n))
		}
		t.Rows = append(t.Rows, TableRow{row, y.now.few(docs[sponsor])})
		t.Chart.Labels = append(t.Chart.Labels, sponsor)
		t.Chart.Series = append(t.Chart.Series, Series{sponsor, values})
	}
	s.Tables = []Table{t}
	best, sponsor, target := 0, "", ""
	for i := range m.Sponsors {
		for j := range m.Targets {
			if n := m.Cells[i][j]; n > best && m.Targets[j] != "others" {
				best, sponsor, target = n, m.Sponsors[i], m.Targets[j]
			}
		}
	}
	if best > 0 {
		s.Told = []Told{y.say("matrix", "Most often it is %s against %s: %s.", sponsor, target, plural(best, "operation", "operations"))}
	} else {
		s.Told = []Told{y.say("matrix", "Of no operation both a sponsor and a target are known.")}
	}
	return s
}

// forHire are the kinds of actors who work for others.
var forHire = []string{"private-sector-offensive-actor", "contractor"}

func (y *yearly) mercenaries() Section {
	s := Section{Key: "mercenaries", Title: "Mercenaries"}
	hired := newRows()
	for i := range y.now.facts {
		f := &y.now.facts[i]
		if f.lead == nil || !f.likely {
			continue
		}
		if e := y.in.Graph.Entity(f.lead.ActorRef); e != nil && slices.ContainsFunc(forHire, e.Is) {
			client := "unknown"
			if f.lead.Sponsor != "" {
				client = y.in.Country(f.lead.Sponsor)
			}
			hired.add(e.Name+"|"+client, []string{e.Name, client}, y.now.told(f.e)...)
		}
	}
	t := y.table("mercenaries", "Actors for hire behind operations of the window", []string{"actor", "for", "operations"}, hired)
	known := newRows()
	for _, r := range y.measures {
		for _, name := range r.Against {
			if found := y.in.Graph.Resolve(name); found.Best() != nil {
				if e := y.in.Graph.Entity(found.Best().ID); e != nil && slices.ContainsFunc(forHire, e.Is) {
					known.add(e.Name, []string{e.Name}, documentsOf(&r)...)
				}
			}
		}
	}
	against := y.table("mercenary-measures", "Measures of the window against actors for hire", []string{"actor", "measures"}, known)
	s.Tables = []Table{t, against}
	switch {
	case len(hired.order)+len(known.order) == 0:
		s.Told = []Told{y.say("mercenaries", "No operation of the window is attributed to an actor for hire and no measure against one is on record here, which is no word that there was none.")}
	default:
		s.Told = []Told{y.say("mercenaries", "%s attributed to an actor for hire; measures against %s are on record.", areOf(total(hired), "operation is", "operations are"),
			plural(len(known.order), "such actor", "such actors"))}
	}
	return s
}

// areOf is "1 operation is", "3 operations are", or "no operation is".
func areOf(n int, one, many string) string {
	if n == 0 {
		return "No " + one
	}
	return plural(n, one, many)
}

func total(r *rows) (n int) {
	for _, c := range r.count {
		n += c
	}
	return n
}

func documentsOf(r *measure.Row) (out []stix.ID) {
	for _, d := range r.Documents {
		out = append(out, d.ID)
	}
	return out
}

func (y *yearly) denied() Section {
	s := Section{Key: "denials", Title: "Denials"}
	t := y.blank("denials", "Who denies what", []string{"operation", "what is said"})
	for _, f := range y.now.facts {
		if f.a == nil {
			continue
		}
		for _, d := range y.now.denials(f.a) {
			if len(t.Rows) == maxYearRows {
				t.Left++
				continue
			}
			refs := d.Refs
			if len(refs) == 0 {
				refs = y.now.few(y.now.told(f.e))
			}
			t.Rows = append(t.Rows, TableRow{[]string{f.e.Name, d.Text}, refs})
		}
	}
	s.Tables = []Table{t}
	s.Told = []Told{y.say("denials", "%d of %s are denied; of the others no denial is known.", y.now.brief.Counts.Denied, plural(len(y.now.facts), "operation", "operations"))}
	return s
}

func (y *yearly) sites() Section {
	s := Section{Key: "sites", Title: "Sites and what took their place"}
	t := y.blank("sites", "Sites that were taken away in the window, and the first that came in their place", []string{"operation", "site", "taken", "in its place", "days"})
	replaced, within := 0, 0
	for _, f := range y.in.Sites {
		if f.Seized.Before(y.now.o.From) || !f.Seized.Before(y.now.o.To.AddDate(0, 0, 1)) {
			continue
		}
		within++
		place, days := "none known", ""
		if f.Successor != "" {
			replaced++
			place, days = f.Successor, fmt.Sprint(f.Days)
		}
		if len(t.Rows) == maxYearRows {
			t.Left++
			continue
		}
		t.Rows = append(t.Rows, TableRow{[]string{f.Operation, f.Host, f.Seized.Format(time.DateOnly), place, days}, y.now.few(y.now.documents(f.ID, func(*graph.Claim) bool { return true }))})
	}
	s.Tables = []Table{t}
	if y.in.Watched == 0 {
		s.Told = []Told{y.say("sites", "Unknown: this workspace watches no sites.")}
	} else {
		s.Told = []Told{y.say("sites", "Of %s that are watched %d were taken away in the window, and a successor of %d is known.", plural(y.in.Watched, "site", "sites"), within, replaced)}
	}
	return s
}

func (y *yearly) measuresAndSilence() Section {
	s := Section{Key: "measures", Title: "Measures, and silence"}
	byState := y.blank("answers", "What is known of answers to the attributed operations of the window, by state", []string{
		"state", "answered", "words only", "silent", "too early", "unknown", "of the asked", "of all", "answered if naming counts",
	})
	fs := y.now.followedOps()
	naming := map[string]int{}
	for _, a := range deter.ByState(fs, deter.Rule{Naming: true}) {
		naming[a.State] = a.Answered
	}
	docs := y.answerDocs(fs)
	answered, silent, unknown := 0, 0, 0
	for i := range fs {
		switch fs[i].Standing(deter.Rule{}) {
		case "answered":
			answered++
		case "silent":
			silent++
		default:
			unknown++
		}
	}
	chart := &Chart{Kind: Stack, Series: []Series{{Name: "answered"}, {Name: "silent"}, {Name: "unknown"}}}
	for _, a := range deter.ByState(fs, deter.Rule{}) {
		share := "nobody asked"
		if x, ok := a.OfAsked(); ok {
			share = fmt.Sprintf("%s (%s to %s)", percent(x.Value), percent(x.Low), percent(x.High))
		}
		low, high := a.Bounds()
		byState.Rows = append(byState.Rows, TableRow{[]string{
			y.in.Country(a.State), fmt.Sprint(a.Answered), fmt.Sprint(a.OnlyWords), fmt.Sprint(a.Silent), fmt.Sprint(a.Early), fmt.Sprint(a.Unknown), share,
			percent(low) + " to " + percent(high), fmt.Sprint(naming[a.State]),
		}, y.now.few(docs[a.State])})
		chart.Labels = append(chart.Labels, y.in.Country(a.State))
		for k, n := range []int{a.Answered, a.Silent, a.Unknown} {
			chart.Series[k].Values = append(chart.Series[k].Values, float64(n))
		}
	}
	byState.Chart = chart
	kinds := newRows()
	for i := range y.measures {
		r := &y.measures[i]
		kinds.add(r.Kind, []string{words(r.Kind)}, documentsOf(r)...)
	}
	byKind := y.table("kinds", "Measures taken in the window, by kind, whatever they answer", []string{"kind", "measures"}, kinds)
	byKind.Chart = barsOf(byKind, "measures")
	list := y.measureTable("measures", "Measures taken in the window", y.measures)
	s.Tables = []Table{byState, byKind, list}
	tied, unchecked := 0, 0
	for i := range y.measures {
		if len(y.measures[i].Answers) > 0 {
			tied++
		}
		if y.measures[i].Unchecked() {
			unchecked++
		}
	}
	s.Told = []Told{
		y.say("measures", "%s are known from the window, %d in the window before; %d of them are tied to an operation by somebody's word, %d are from memory and unchecked.",
			plural(len(y.measures), "measure", "measures"), len(y.measuresBefore), tied, unchecked),
		y.answerSentence(fs, answered, silent, unknown),
		y.say("answers", "Whether any measure changed anything cannot be told from such a window; marque deter effect says what could have been seen."),
	}
	return s
}

func (y *yearly) answerSentence(fs []deter.Followed, answered, silent, unknown int) Told {
	if len(fs) == 0 {
		return y.say("answers", "No operation of the window is attributed to a state, so nothing can be said of answers.")
	}
	return y.say("answers", "Of %s attributed to a state %d answered, a record asked about %d and has none, and of %d nobody knows: between %s and %s if nothing is assumed of these.",
		plural(len(fs), "operation", "operations"), answered, silent, unknown, shareOf(answered, len(fs)), shareOf(answered+unknown, len(fs)))
}

// followedOps are the operations attributed to a state with what followed.
func (p *period) followedOps() (out []deter.Followed) {
	for i := range p.facts {
		f := &p.facts[i]
		if x := p.after[f.e.ID]; x != nil && len(f.states()) > 0 {
			out = append(out, *x)
		}
	}
	return out
}

// answerDocs are documents of the answers by state, else of the operations.
func (y *yearly) answerDocs(fs []deter.Followed) map[string][]stix.ID {
	out := map[string][]stix.ID{}
	for i := range fs {
		var docs []stix.ID
		for _, c := range fs[i].Consequences {
			if m := y.now.measure[c.Measure]; m != nil && c.Link != deter.Sponsor {
				docs = append(docs, m.DocumentRefs...)
			}
		}
		if e := y.in.Graph.Entity(fs[i].Operation); e != nil {
			docs = append(docs, y.now.told(e)...)
		}
		for _, s := range fs[i].States() {
			if len(out[s]) < maxRowRefs {
				out[s] = append(out[s], docs...)
			}
		}
	}
	return out
}

func (y *yearly) measureTable(key, caption string, ms []measure.Row) Table {
	t := y.blank(key, caption, []string{"when", "by", "kind", "what", "answers", "status"})
	for i := range ms {
		r := &ms[i]
		if len(t.Rows) == 2*maxYearRows {
			t.Left++
			continue
		}
		var answers []string
		for _, a := range r.Answers {
			answers = append(answers, a.Name)
		}
		name := r.Name
		if r.Unchecked() {
			name += " (unchecked)"
		}
		t.Rows = append(t.Rows, TableRow{[]string{r.When(), some(r.By, 5), words(r.Kind), name, some2(answers), words(r.Status)}, y.now.few(documentsOf(r))})
	}
	return t
}

// some2 are the first two names of a list, with how many more there are.
func some2(names []string) string {
	if len(names) <= 2 {
		return strings.Join(names, "; ")
	}
	return fmt.Sprintf("%s; %s; %d more", names[0], names[1], len(names)-2)
}

func (y *yearly) jointly() Section {
	s := Section{Key: "joint", Title: "Said together"}
	var joint []measure.Row
	count := func(ms []measure.Row) (out []measure.Row) {
		for _, r := range ms {
			if (r.Kind == "public-attribution" || r.Kind == "joint-statement") && (len(r.By) > 1 || r.Kind == "joint-statement") {
				out = append(out, r)
			}
		}
		return out
	}
	joint = count(y.measures)
	t := y.measureTable("joint", "Attributions by several states or bodies together", joint)
	s.Tables = []Table{t}
	s.Told = []Told{y.say("joint", "%s by several states or bodies together; %d in the window before.", areOf(len(joint), "attribution is known", "attributions are known"),
		len(count(y.measuresBefore)))}
	return s
}

func (y *yearly) hits() Section {
	s := Section{Key: "hits", Title: "Seen in events"}
	events := func(ss []Sighting) (byState map[string]int, all int) {
		byState = map[string]int{}
		for i := range ss {
			byState[ss[i].Sponsor] += ss[i].Events
			all += ss[i].Events
		}
		return byState, all
	}
	now, all := events(y.in.Sightings)
	was, allBefore := events(y.in.SightingsBefore)
	t := y.blank("hits", "Events that met indicators, by the state behind the actor", []string{"state", "events", "in the window before"})
	for _, code := range slices.SortedFunc(maps.Keys(now), func(a, b string) int { return cmp.Or(cmp.Compare(now[b], now[a]), cmp.Compare(a, b)) }) {
		name := "no state known"
		if code != "" {
			name = y.in.Country(code)
		}
		t.Rows = append(t.Rows, TableRow{Cells: []string{name, fmt.Sprint(now[code]), fmt.Sprint(was[code])}})
	}
	t.Chart = barsOf(t, "events")
	s.Tables = []Table{t}
	if all == 0 {
		s.Told = []Told{y.say("hits", "Unknown: no event of the window was matched in this workspace.")}
	} else {
		s.Told = []Told{y.say("hits", "%s met indicators, in the window before %d.", plural(all, "event", "events"), allBefore)}
	}
	return s
}

func (y *yearly) operations() Section {
	s := Section{Key: "operations", Title: "The operations"}
	t := y.blank("operations", "Operations of the window, those first of which most is known", []string{"when", "operation", "victims", "who", "how sure", "answers"})
	for _, e := range y.now.ranked(y.now.entities()) {
		if len(t.Rows) == 3*maxYearRows {
			t.Left++
			continue
		}
		who, sure := "not attributed", ""
		if h := y.now.leading(e.ID); h != nil {
			who, sure = h.Statement, h.Words
		}
		answer := "unknown"
		if f := y.now.after[e.ID]; f != nil {
			answer = string(f.Standing(deter.Rule{}))
		}
		t.Rows = append(t.Rows, TableRow{[]string{y.now.when(e), e.Name, y.now.victims(e), who, sure, answer}, y.now.few(y.now.told(e))})
	}
	s.Tables = []Table{t}
	s.Told = []Told{y.say("operations", "%s overlap the window, known from %s that go back to %s.", plural(len(y.now.facts), "operation", "operations"),
		plural(y.now.brief.Counts.Documents, "document", "documents"), plural(y.now.brief.Counts.Roots, "independent root", "independent roots"))}
	return s
}

func (y *yearly) rests() Section {
	s := Section{Key: "sources", Title: "What the word on measures rests on"}
	t := y.blank("sources", "Sources of measures, what they cover and until when", []string{"source", "measures", "until", "covers", "its silence"})
	short := 0
	for _, c := range y.in.Coverage {
		t.Rows = append(t.Rows, TableRow{Cells: []string{c.Source, fmt.Sprint(c.Measures), cmp.Or(c.Until, "unknown"), c.Covers, c.Silence}})
		if c.Until != "" && c.Until < y.now.o.To.Format(time.DateOnly) {
			short++
		}
	}
	s.Tables = []Table{t}
	s.Told = []Told{y.say("sources", "%d of %s end before the window does: what came later they cannot know.", short, plural(len(y.in.Coverage), "source of measures", "sources of measures"))}
	return s
}

// barsOf draws the last column of a table by its first.
func barsOf(t Table, name string) *Chart {
	c := &Chart{Kind: Bars, Series: []Series{{Name: name}}}
	for _, r := range t.Rows {
		var n float64
		if _, err := fmt.Sscan(r.Cells[1], &n); err != nil {
			continue
		}
		c.Labels = append(c.Labels, r.Cells[0])
		c.Series[0].Values = append(c.Series[0].Values, n)
	}
	return c
}
