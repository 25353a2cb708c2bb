package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"marque/claim"
	"marque/deter"
	"marque/deter/silence"
	"marque/graph"
	"marque/stix"
)

// Limits of the overview.
const (
	maxTargets    = 10
	maxStatements = 20
	fewAnswers    = 5 // below it, no median is told
	others        = "others"
)

func (b *builder) count(ops []*graph.Entity) {
	c := &b.brief.Counts
	c.Operations = len(ops)
	docs, roots := map[stix.ID]bool{}, map[stix.ID]bool{} // that tell of these operations, whether they are cited or not
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
			c.answer(b.after[e.ID])
		}
		for _, cl := range b.in.Graph.At(e.ID) {
			if cl.Document != "" {
				docs[cl.Document] = true
				roots[cl.Root] = true
			}
		}
	}
	c.Documents, c.Roots = len(docs), len(roots)
}

// answer counts an attributed operation by what is known of answers to it.
func (c *Counts) answer(f *deter.Followed) {
	standing := silence.Unknown
	if f != nil {
		standing = f.Standing(deter.Rule{})
	}
	switch standing {
	case silence.Answered:
		c.Answered++
	case silence.Silent:
		c.Silent++
	default:
		c.Unknown++
	}
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
		out.Targets, out.TargetCodes = append(out.Targets, b.in.Country(t)), append(out.TargetCodes, t)
	}
	if len(rest) > 0 {
		out.Targets, out.TargetCodes = append(out.Targets, others), append(out.TargetCodes, "")
	}
	for _, s := range most(bySponsor) {
		out.Sponsors, out.SponsorCodes = append(out.Sponsors, b.in.Country(s)), append(out.SponsorCodes, s)
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
// without operations are left out. What no source dates, or only to the year,
// stands in no quarter: it is counted as undated.
func (b *builder) trend(ops []*graph.Entity) []Quarter {
	type point struct{ all, blurred int }
	points := map[int]*point{}
	for _, e := range ops {
		first := e.Date
		if e.Precision == graph.Unknown || e.Precision == graph.Year {
			b.brief.Counts.Undated++
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
	var out []Quarter
	for _, q := range slices.Sorted(maps.Keys(points)) {
		p := points[q]
		out = append(out, Quarter{Label: fmt.Sprintf("%d Q%d", q/4, q%4+1), Operations: p.all, Blurred: p.blurred, Share: float64(p.blurred) / float64(p.all)})
	}
	return out
}

// answers sums up by sponsor what was answered, what a record asked about in vain, and what nobody knows. Naming somebody is no answer
// here; what was named and no more is told apart.
func (b *builder) answers(ops []*graph.Entity) {
	var fs []deter.Followed
	for _, e := range ops {
		if h := b.leading(e.ID); h == nil || h.Probability < likely || h.Sponsor == "" {
			continue
		}
		if f := b.after[e.ID]; f != nil {
			fs = append(fs, *f)
		}
	}
	for _, a := range deter.ByState(fs, deter.Rule{}) {
		x := Answer{
			Sentence: Sentence{Text: b.in.Country(a.State) + ": " + answersOf(&a) + "."}, State: a.State, Operations: a.Operations(), Answered: a.Answered,
			OnlyWords: a.OnlyWords, Silent: a.Silent, Unknown: a.Unknown, Named: a.Named, Until: day(a.Until),
		}
		if share, ok := a.OfAsked(); ok {
			x.Share = &Share{share.Value, share.Low, share.High}
		}
		b.brief.Answers = append(b.brief.Answers, x)
	}
}

// answersOf says what is known about answers, without a share of all: it would measure who asked.
func answersOf(a *deter.Answers) string {
	text := fmt.Sprintf("of %s %d answered", plural(a.Operations(), "attributed operation", "attributed operations"), a.Answered)
	if a.OnlyWords > 0 {
		text += fmt.Sprintf(" (%d with words only)", a.OnlyWords)
	}
	if a.Silent > 0 {
		text += fmt.Sprintf(", of %d no answer on record as of %s", a.Silent, a.Until.Format("2006-01-02"))
		if a.Early > 0 {
			text += fmt.Sprintf(" (%d of these within three years of it, too early to say)", a.Early)
		}
	}
	if a.Unknown > 0 {
		text += fmt.Sprintf(", %d unknown because nobody asked", a.Unknown)
	}
	if a.Named > 0 {
		text += fmt.Sprintf("; at %d of those not answered somebody was named, and no more is on record", a.Named)
	}
	if share, ok := a.OfAsked(); ok && a.Asked() > a.Answered-a.Unasked {
		text += fmt.Sprintf("; of those asked about %s answered (95 %% interval %s to %s)", percent(share.Value), percent(share.Low), percent(share.High))
	}
	if low, high, ok := a.Median(); ok && a.Silent == 0 && a.Dated >= fewAnswers {
		text += fmt.Sprintf("; half of the %d whose dates are known came within %s of the end", a.Dated, daysBetween(low, high))
	}
	return text
}

func daysBetween(low, high int) string {
	if low == high {
		return plural(low, "day", "days")
	}
	return fmt.Sprintf("%d to %d days", low, high)
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

// answersText says of how many an answer is known.
func (c *Counts) answersText() string {
	if c.Attributed == 0 {
		return ""
	}
	text := fmt.Sprintf("; an answer to %d of them is on record", c.Answered)
	if c.Silent > 0 {
		text += fmt.Sprintf(", a record asked about %d and has none", c.Silent)
	}
	if c.Unknown > 0 {
		text += fmt.Sprintf(", of %d nobody knows", c.Unknown)
	}
	return text
}
