package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"marque/claim"
	"marque/deter"
	"marque/graph"
	"marque/stix"
)

// Limits of the overview.
const (
	maxTargets    = 10
	maxStatements = 20
)

func (b *builder) count(ops []*graph.Entity) {
	c := &b.brief.Counts
	c.Operations = len(ops)
	for _, e := range ops {
		if a := b.byOp[e.ID]; a != nil {
			if len(a.Disputed) > 0 {
				c.Disputed++
			}
			if slices.ContainsFunc(a.Denials, func(d claim.Denial) bool { return d.Kind != claim.NoComment }) {
				c.Denied++
			}
		}
		if b.blurred(e) {
			c.Blurred++
		}
		if b.attributed(e.ID) {
			c.Attributed++
			if f := b.after[e.ID]; f == nil || f.Impunity() {
				c.Unanswered++
			}
		}
		for _, cl := range b.in.Graph.At(e.ID) {
			if cl.Document != "" {
				b.docs[cl.Document] = true
				b.roots[cl.Root] = true
			}
		}
	}
	c.Documents, c.Roots = len(b.docs), len(b.roots)
}

// matrix counts attributed operations by sponsor and country of the victims; what several states did together counts for each. Columns beyond maxTargets are added up.
func (b *builder) matrix(ops []*graph.Entity) Matrix {
	cells := map[string]map[string]int{}
	bySponsor, byTarget := map[string]int{}, map[string]int{}
	for _, e := range ops {
		h := b.leading(e.ID)
		if h == nil || h.Sponsor == "" || h.Probability < likely {
			continue
		}
		for _, state := range append([]string{h.Sponsor}, h.Jointly...) {
			if cells[state] == nil {
				cells[state] = map[string]int{}
			}
			bySponsor[state]++
			for _, t := range b.countries(e) {
				cells[state][t]++
			}
		}
		for _, t := range b.countries(e) {
			byTarget[t]++
		}
	}
	most := func(m map[string]int) []string {
		return slices.SortedFunc(maps.Keys(m), func(x, y string) int { return cmp.Or(cmp.Compare(m[y], m[x]), cmp.Compare(x, y)) })
	}
	var out Matrix
	targets := most(byTarget)
	rest := targets[min(len(targets), maxTargets):]
	targets = targets[:min(len(targets), maxTargets)]
	for _, t := range targets {
		out.Targets = append(out.Targets, b.in.Country(t))
	}
	if len(rest) > 0 {
		out.Targets = append(out.Targets, "others")
	}
	for _, s := range most(bySponsor) {
		out.Sponsors = append(out.Sponsors, b.in.Country(s))
		var row []int
		for _, t := range targets {
			row = append(row, cells[s][t])
		}
		if len(rest) > 0 {
			n := 0
			for _, t := range rest {
				n += cells[s][t]
			}
			row = append(row, n)
		}
		out.Cells = append(out.Cells, row)
	}
	return out
}

// trend is the share of operations with both a state and a criminal side, by the quarter in which they began. Quarters
// without operations are kept between the first and the last, so that the line has no gaps.
func (b *builder) trend(ops []*graph.Entity) []Quarter {
	type point struct{ all, blurred int }
	points := map[int]*point{}
	for _, e := range ops {
		first, _ := b.span(e)
		if first.IsZero() {
			continue
		}
		if first.Before(b.o.From) {
			first = b.o.From
		}
		q := first.Year()*4 + (int(first.Month())-1)/3
		if points[q] == nil {
			points[q] = &point{}
		}
		points[q].all++
		if b.blurred(e) {
			points[q].blurred++
		}
	}
	if len(points) == 0 {
		return []Quarter{}
	}
	keys := slices.Sorted(maps.Keys(points))
	var out []Quarter
	for q := keys[0]; q <= keys[len(keys)-1]; q++ {
		p := points[q]
		if p == nil {
			p = &point{}
		}
		quarter := Quarter{Label: fmt.Sprintf("%d Q%d", q/4, q%4+1), Operations: p.all, Blurred: p.blurred}
		if p.all > 0 {
			quarter.Share = float64(p.blurred) / float64(p.all)
		}
		out = append(out, quarter)
	}
	return out
}

// impunity sums up, by sponsor, what met no consequence and how long consequences took.
func (b *builder) impunity(ops []*graph.Entity) {
	var fs []deter.Followed
	for _, e := range ops {
		if h := b.leading(e.ID); h == nil || h.Probability < likely || h.Sponsor == "" {
			continue
		}
		if f := b.after[e.ID]; f != nil {
			fs = append(fs, *f)
		}
	}
	for _, g := range deter.BySponsor(fs) {
		text := fmt.Sprintf("%s: %d of %s met no consequence", b.in.Country(g.Sponsor), g.Without, plural(g.Operations, "attributed operation", "attributed operations"))
		if g.OnlyWords > 0 {
			text += fmt.Sprintf(", %d of these answered with words only", g.OnlyWords)
		}
		if g.MedianDays >= 0 {
			text += fmt.Sprintf("; where one followed, it came %s after the end in the median", plural(g.MedianDays, "day", "days"))
		}
		b.brief.Impunity = append(b.brief.Impunity, Sentence{Text: text + "."})
	}
}

// statements are claims about states that belong to no operation: who works with whom, who denies it.
func (b *builder) statements() {
	g := b.in.Graph
	type key struct {
		who            string
		relation       claim.Relation
		stance, object string
	}
	order := []key{}
	subjects, docs := map[key][]string{}, map[key][]stix.ID{}
	hedges := map[key]string{}
	for _, c := range g.Claims() {
		if c.Plain || !aboutStates[c.Relation] {
			continue
		}
		for _, l := range c.Links {
			if l.Relation != c.Relation {
				continue
			}
			from, to := g.Entity(l.From), g.Entity(l.To)
			if from == nil || !from.IsState() || to == nil {
				continue
			}
			k := key{g.Name(c.Source), c.Relation, c.Stance, to.Name}
			if docs[k] == nil {
				order = append(order, k)
			}
			if !slices.Contains(subjects[k], from.Name) {
				subjects[k] = append(subjects[k], from.Name)
			}
			if !slices.Contains(docs[k], c.Document) {
				docs[k] = append(docs[k], c.Document)
			}
			hedges[k] = c.Hedge
		}
	}
	slices.SortFunc(order, func(x, y key) int {
		return cmp.Or(cmp.Compare(x.relation, y.relation), cmp.Compare(x.who, y.who), cmp.Compare(x.object, y.object), cmp.Compare(x.stance, y.stance))
	})
	for _, k := range order[:min(len(order), maxStatements)] {
		slices.Sort(subjects[k])
		text := fmt.Sprintf("%s %s that %s %s %s", k.who, stanceVerbs[k.stance], list(subjects[k]), verbs[k.relation][min(len(subjects[k]), 2)-1], k.object)
		if hedges[k] != "" {
			text += " (“" + hedges[k] + "”)"
		}
		b.brief.Statements = append(b.brief.Statements, Sentence{Text: text + ".", Refs: b.cite(docs[k]...)})
	}
}

var aboutStates = map[claim.Relation]bool{"uses": true, "outsources-to": true, "shares-resources": true, "partners-with": true}

// verbs are in the singular and the plural.
var verbs = map[claim.Relation][2]string{
	"uses": {"uses", "use"}, "outsources-to": {"has handed work to", "have handed work to"},
	"shares-resources": {"shares resources with", "share resources with"}, "partners-with": {"works with", "work with"},
}

var stanceVerbs = map[string]string{
	claim.Asserts: "says", claim.Denies: "denies", claim.Doubts: "doubts", claim.NoEvidence: "sees no evidence", claim.NoComment: "did not comment on the statement",
}

func (b *builder) summary(ops []*graph.Entity) {
	c := b.brief.Counts
	add := func(s Sentence) { b.brief.Summary = append(b.brief.Summary, s) }
	if c.Operations == 0 {
		add(Sentence{Text: "No operation in this window. marque ingest reads reports and feeds; marque demo shows a filled workspace."})
		return
	}
	add(Sentence{Text: fmt.Sprintf("%s in the window, known from %s that go back to %s.", plural(c.Operations, "operation", "operations"),
		plural(c.Documents, "document", "documents"), plural(c.Roots, "independent root", "independent roots"))})
	add(Sentence{Text: fmt.Sprintf("%d are attributed at \"likely\" or more; %d of them met no consequence; %d are denied, %d disputed between sources.",
		c.Attributed, c.Unanswered, c.Denied, c.Disputed)})
	share := float64(c.Blurred) / float64(c.Operations)
	add(Sentence{Text: fmt.Sprintf("The blurred line: %d of %d operations (%s) have both a state and a criminal side.", c.Blurred, c.Operations, percent(share))})
	for i, op := range b.brief.Operations {
		if i == 4 {
			break
		}
		if op.Probability >= likely {
			add(Sentence{Text: op.Name + ": " + op.Who.Text, Refs: op.Who.Refs})
		}
	}
}
