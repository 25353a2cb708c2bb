package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"marque/claim"
	"marque/graph"
)

// Limits of the summary: two pages, whatever the window.
const (
	maxNew     = 6
	maxMatters = 6
	maxUnsure  = 6
	newDays    = 90 // what began, was answered or was judged by a person in the last days of what is told is new
)

func (b *builder) summary(ops []*graph.Entity) {
	c := b.brief.Counts
	add := func(s Sentence) { b.brief.Summary = append(b.brief.Summary, s) }
	if c.Operations == 0 {
		add(Sentence{Text: "No operation in this window. marque ingest reads reports and feeds; marque demo shows a filled workspace."})
		return
	}
	add(Sentence{Text: fmt.Sprintf("%s in the window, known from %s that go back to %s.", plural(c.Operations, "operation", "operations"),
		plural(c.Documents, "document", "documents"), plural(c.Roots, "independent root", "independent roots"))})
	add(Sentence{Text: fmt.Sprintf("%s attributed at \"likely\" or more%s; %s denied, %d disputed between sources.",
		isAre(c.Attributed), c.answersText(), isAre(c.Denied), c.Disputed)})
	add(Sentence{Text: fmt.Sprintf("The blurred line: %s both a state and a criminal side.", of(c.Blurred, c.Operations, "operation", "has", "have"))})
	b.news(ops)
	b.matters(ops)
	b.unsure(ops)
}

// news tells what is new at the end of what is told: what began, what answered, what a person judged.
func (b *builder) news(ops []*graph.Entity) {
	until := b.o.To
	if until.IsZero() {
		for _, e := range ops {
			if e.Precision != graph.Unknown && e.Date.After(until) && !e.Date.After(b.o.Generated) {
				until = e.Date
			}
		}
	}
	since := until.AddDate(0, 0, -newDays)
	within := func(t time.Time) bool { return !t.Before(since) && !t.After(until.AddDate(0, 0, 1)) }
	type item struct {
		at time.Time
		Sentence
	}
	var items []item
	for _, e := range ops {
		if h := b.leading(e.ID); e.Precision != graph.Unknown && e.Precision != graph.Year && within(e.Date) {
			who := "nobody is named"
			if h != nil && h.Probability >= likely {
				who = fmt.Sprintf("%s (%s, %s)", h.Statement, h.Words, percent(h.Probability))
			}
			items = append(items, item{e.Date, Sentence{Text: fmt.Sprintf("%s: %s began; %s.", b.when(e), trimStop(clean(e.Name)), who), Refs: b.cite(first(b.documents(e.ID, everything))...)}})
		}
		for _, a := range b.in.Graph.Analysts(e.ID) {
			items = append(items, item{until, Sentence{Text: fmt.Sprintf("%s judged %s on %s: %s", a.Analyst.Name, clean(e.Name), day(a.Modified.Time()), a.Analyst.KeyJudgement)}})
		}
	}
	for _, m := range b.in.Graph.Measures() {
		if at := m.Date.Time(); !m.Date.IsZero() && within(at) {
			items = append(items, item{at, Sentence{Text: fmt.Sprintf("%s, %s: %s.", at.Format("2 January 2006"), words(m.Kind), trimStop(m.Name)), Refs: b.cite(first(m.DocumentRefs)...)}})
		}
	}
	slices.SortStableFunc(items, func(x, y item) int { return cmp.Or(y.at.Compare(x.at), cmp.Compare(x.Text, y.Text)) })
	for _, x := range items[:min(len(items), maxNew)] {
		b.brief.New = append(b.brief.New, x.Sentence)
	}
	if n := len(items) - maxNew; n > 0 {
		b.brief.New = append(b.brief.New, Sentence{Text: fmt.Sprintf("And %d more between %s and %s.", n, day(since), day(until))})
	}
}

func everything(*graph.Claim) bool { return true }

// first is the first of a list, if there is one.
func first[T any](xs []T) []T { return xs[:min(len(xs), 1)] }

// matters tells the operations of most weight, and which state stands behind most.
func (b *builder) matters(ops []*graph.Entity) {
	for _, e := range b.ranked(ops) {
		h := b.leading(e.ID)
		if len(b.brief.Matters) == maxMatters-1 || h == nil || h.Probability < likely {
			break
		}
		about := b.when(e)
		if v := b.victims(e); v != "" {
			about += "; " + v
		}
		docs := b.documents(e.ID, func(c *graph.Claim) bool { return c.Stance == claim.Asserts })
		b.brief.Matters = append(b.brief.Matters, Sentence{
			Text: fmt.Sprintf("%s (%s): %s (%s), %s.", trimStop(clean(e.Name)), about, h.Words, percent(h.Probability), h.Statement), Refs: b.cite(docs[:min(len(docs), 3)]...),
		})
	}
	m := &b.brief.Matrix
	if len(m.Sponsors) > 1 {
		most := fmt.Sprintf("Most attributed operations are those of %s", m.Sponsors[0])
		if target := m.most(0); target != "" {
			most += ", most often against " + target
		}
		b.brief.Matters = append(b.brief.Matters, Sentence{Text: fmt.Sprintf("%s; then come %s.", most, list(m.Sponsors[1:min(len(m.Sponsors), 4)]))})
	}
}

// most is the target that a sponsor hit most; empty where no cell stands out.
func (m *Matrix) most(sponsor int) string {
	best := -1
	for j, n := range m.Cells[sponsor] {
		if n > 1 && m.Targets[j] != others && (best < 0 || n > m.Cells[sponsor][best]) {
			best = j
		}
	}
	if best < 0 {
		return ""
	}
	return m.Targets[best]
}

// unsure tells what a reader must not rely on.
func (b *builder) unsure(ops []*graph.Entity) {
	add := func(format string, args ...any) {
		b.brief.Unsure = append(b.brief.Unsure, Sentence{Text: fmt.Sprintf(format, args...)})
	}
	low, hinges := 0, 0
	var disputed, differ []string
	for _, e := range b.ranked(ops) {
		a := b.byOp[e.ID]
		for _, p := range b.analysts(e, a) {
			if len(p.Differs) > 0 {
				differ = append(differ, fmt.Sprintf("%s (%s: %s; computed: %s)", clean(e.Name), p.Name, trimStop(p.Differs[0].Person), trimStop(p.Differs[0].Marque)))
			}
		}
		if a == nil {
			continue
		}
		if len(a.Disputed) > 0 {
			disputed = append(disputed, clean(e.Name))
		}
		if !b.attributed(e.ID) {
			continue
		}
		if a.Level == "low" {
			low++
		}
		if slices.ContainsFunc(a.Sensitivity, func(s claim.Sensitivity) bool { return s.Overturns }) {
			hinges++
		}
	}
	c := b.brief.Counts
	if low > 0 {
		add("%s on low confidence; for %d the leading answer hinges on one source.", of(low, c.Attributed, "attributed operation", "rests", "rest"), hinges)
	}
	if len(disputed) > 0 {
		add("Sources contradict each other on %s: %s.", plural(len(disputed), "operation", "operations"), among(disputed, 4))
	}
	if len(differ) > 0 {
		add("A person judges otherwise than the method: %s.", among(differ, 3))
	}
	if n := c.Operations - c.Attributed; n > 0 {
		add("For %s nobody is named at \"likely\" or more.", of(n, c.Operations, "operation", "", ""))
	}
	if c.Unknown > 0 {
		add("Whether %s met an answer is unknown: no source that looks for answers covers them.", of(c.Unknown, c.Attributed, "attributed operation", "", ""))
	}
	if c.Undated > 0 {
		add("Of %s no source says in which quarter it happened: left out of the trend.", plural(c.Undated, "operation", "operations"))
	}
	b.brief.Unsure = b.brief.Unsure[:min(len(b.brief.Unsure), maxUnsure)]
}

// among are the first of many names.
func among(names []string, n int) string {
	if len(names) <= n {
		return list(names)
	}
	return list(append(slices.Clone(names[:n]), plural(len(names)-n, "other", "others")))
}

// isAre is "1 is" or "3 are".
func isAre(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}

// of is a part of a number, with its share and a verb that agrees.
func of(n, all int, what, one, many string) string {
	text := fmt.Sprintf("%d of %s", n, plural(all, what, what+"s"))
	if n > 0 && n < all {
		text += " (" + percent(float64(n)/float64(all)) + ")"
	}
	if verb := map[bool]string{true: one, false: many}[n == 1]; verb != "" {
		text += " " + verb
	}
	return text
}
