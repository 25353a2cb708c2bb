package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// blockKind is what a block of a laid-out brief is.
type blockKind int

const (
	sectionBlock blockKind = iota // a heading of the brief
	groupBlock                    // a heading of operations of one state
	opBlock                       // the heading of one operation
	metaBlock                     // a remark under a heading
	paraBlock
	itemBlock  // an item of a list
	fieldBlock // a labelled paragraph
	refBlock   // a reference; the label is its number
	tableBlock
	barsBlock // rows of label, caption; with a bar of each share
	pageBlock // a new page, where there are pages
)

// block is a piece of a brief in reading order. Renderers for paper and terminal only say how each kind looks.
type block struct {
	kind   blockKind
	label  string
	text   string
	rows   [][]string // of a table; the first is its head
	shares []float64  // of bars
}

// layout is the whole brief in reading order: two pages of summary, contents, operations by group, what is counted, sources.
func (b *Brief) layout() []block {
	var l laid
	l.sentences("In short", b.Summary)
	l.sentences("What is new", b.New)
	l.sentences("What matters", b.Matters)
	l.sentences("What is unsure", b.Unsure)
	for _, p := range b.Parts {
		l.sentences(p.Heading, p.Sentences)
	}
	if len(b.Groups) > 0 {
		l.add(block{kind: pageBlock}, block{kind: sectionBlock, text: "Contents"})
		for i := range b.Groups {
			l.add(block{kind: itemBlock, text: b.Groups[i].contents()})
		}
		l.add(block{kind: sectionBlock, text: "Operations"})
	}
	for i := range b.Groups {
		l.group(b, &b.Groups[i])
	}
	if len(b.Matrix.Sponsors) > 0 {
		l.add(block{kind: sectionBlock, text: "Sponsor × target"}, block{kind: metaBlock, text: "attributed operations, likely or more, by the country of the victims: " + b.Matrix.key()})
		l.add(block{kind: tableBlock, rows: b.Matrix.table()})
	}
	if len(b.Trend) > 0 {
		bars := b.bars()
		x := block{kind: barsBlock}
		for _, q := range bars {
			x.rows, x.shares = append(x.rows, []string{q.Label, q.caption()}), append(x.shares, q.Share)
		}
		l.add(block{kind: sectionBlock, text: "The blurred line"}, block{kind: metaBlock, text: "operations with both a state and a criminal side, by when they began"}, x)
	}
	l.sentences("What was answered, and what nobody knows", answerSentences(b.Answers))
	l.sentences("What is said of states and criminals", b.Statements)
	l.sentences("Searched for and not found", b.Negative)
	l.sentences("Seen in events", b.Sightings)
	if len(b.Method) > 0 {
		l.add(block{kind: sectionBlock, text: "How this was judged"})
	}
	for _, m := range b.Method {
		l.add(block{kind: itemBlock, text: m})
	}
	if len(b.References) > 0 {
		l.add(block{kind: sectionBlock, text: "References"})
	}
	for _, r := range b.References {
		l.add(block{kind: refBlock, label: strconv.Itoa(r.Number), text: r.line()})
	}
	return l.blocks
}

// laid is a brief while it is laid out.
type laid struct{ blocks []block }

func (l *laid) add(bs ...block) { l.blocks = append(l.blocks, bs...) }

func (l *laid) sentences(heading string, ss []Sentence) {
	if len(ss) == 0 {
		return
	}
	l.add(block{kind: sectionBlock, text: heading})
	for _, s := range ss {
		l.add(block{kind: itemBlock, text: s.cited()})
	}
}

func (l *laid) group(b *Brief, g *Group) {
	l.add(block{kind: groupBlock, text: g.Title}, block{kind: metaBlock, text: plural(g.Operations, "operation", "operations")})
	for _, i := range g.Sections {
		l.operation(i+1, &b.Operations[i])
	}
	rows, rest := b.further(g)
	if len(rows) == 0 {
		return
	}
	if len(g.Sections) > 0 {
		l.add(block{kind: metaBlock, text: "further operations, a line each"})
	}
	l.add(block{kind: tableBlock, rows: rowTable(rows)})
	if rest != "" {
		l.add(block{kind: metaBlock, text: rest})
	}
}

func (l *laid) operation(n int, o *Operation) {
	l.add(block{kind: opBlock, text: fmt.Sprintf("%d. %s", n, o.Name)}, block{kind: metaBlock, text: strings.Trim(o.When+" · "+o.Victims, " ·")})
	field := func(label string, texts ...string) {
		for i, t := range slices.DeleteFunc(texts, func(t string) bool { return t == "" }) {
			l.add(block{kind: fieldBlock, label: once(i, label), text: t})
		}
	}
	cited := func(ss []Sentence) (out []string) {
		for _, s := range ss {
			out = append(out, s.cited())
		}
		return out
	}
	weighed := func(ws []Weighed) (out []string) {
		for _, w := range ws {
			out = append(out, w.line())
		}
		return out
	}
	field("What", cited(o.What)...)
	field("Who", o.Who.cited())
	for i := range o.Analysts {
		field("Analyst", o.Analysts[i].lines()...)
	}
	field("How close", o.HowClose.cited())
	field("Why", o.Why.cited())
	field("How sure", o.HowSure.cited())
	field("For", weighed(o.For)...)
	field("Against", weighed(o.Against)...)
	var rivals []string
	for _, r := range o.Rivals {
		rivals = append(rivals, fmt.Sprintf("%s: %s (%s)", r.Statement, r.Words, percent(r.Probability)))
	}
	field("Or else", rivals...)
	field("Disputed", slices.Clone(o.Disputed)...)
	denied := cited(o.Denials)
	if len(denied) == 0 && o.Assessment != "" {
		denied = []string{"by nobody on record"}
	}
	field("Denied", denied...)
	field("Hinges on", slices.Clone(o.Overturns)...)
	field("Not found", strings.Join(o.Sought, "; "))
	field("Followed", cited(o.Followed)...)
}

func answerSentences(as []Answer) []Sentence {
	out := make([]Sentence, len(as))
	for i := range as {
		out[i] = as[i].Sentence
	}
	return out
}

// maxBars is how many periods the trend is drawn over: beyond it years are drawn, and beyond it again the earlier ones as one.
const maxBars = 20

// bars are the points of the trend as they are drawn: quarters where they are few, else years.
func (b *Brief) bars() []Quarter {
	if len(b.Trend) <= maxBars {
		return b.Trend
	}
	var years []Quarter
	for _, q := range b.Trend {
		year, _, _ := strings.Cut(q.Label, " ")
		if len(years) == 0 || years[len(years)-1].Label != year {
			years = append(years, Quarter{Label: year})
		}
		years[len(years)-1].add(q)
	}
	if len(years) <= maxBars {
		return years
	}
	cut := len(years) - maxBars + 1
	early := Quarter{Label: "before " + years[cut].Label}
	for _, y := range years[:cut] {
		early.add(y)
	}
	return append([]Quarter{early}, years[cut:]...)
}

func (q *Quarter) add(p Quarter) {
	q.Operations, q.Blurred = q.Operations+p.Operations, q.Blurred+p.Blurred
	q.Share = float64(q.Blurred) / float64(q.Operations)
}

// maxSponsors is how many rows of the matrix are drawn; the JSON has all.
const maxSponsors = 14

// drawn is the matrix as it is drawn: the sponsors of most operations, and the others together.
func (m *Matrix) drawn() (sponsors []string, cells [][]int) {
	sponsors, cells = m.Sponsors, m.Cells
	if len(sponsors) <= maxSponsors {
		return sponsors, cells
	}
	rest := make([]int, len(m.Targets))
	for _, row := range cells[maxSponsors-1:] {
		for j, n := range row {
			rest[j] += n
		}
	}
	n := len(sponsors) - maxSponsors + 1
	return append(slices.Clone(sponsors[:maxSponsors-1]), fmt.Sprintf("%d others", n)), append(slices.Clone(cells[:maxSponsors-1]), rest)
}

// heads are the columns' heads: codes, for names of countries do not fit.
func (m *Matrix) heads() []string {
	out := slices.Clone(m.TargetCodes)
	for i, code := range out {
		if code == "" {
			out[i] = m.Targets[i]
		}
	}
	return out
}

// key says which country each code is.
func (m *Matrix) key() string {
	var out []string
	for i, code := range m.TargetCodes {
		if code != "" {
			out = append(out, code+" "+m.Targets[i])
		}
	}
	return strings.Join(out, ", ")
}

func (m *Matrix) table() [][]string {
	sponsors, cells := m.drawn()
	rows := [][]string{append([]string{""}, m.heads()...)}
	for i, s := range sponsors {
		row := []string{s}
		for _, n := range cells[i] {
			if n == 0 {
				row = append(row, "·")
			} else {
				row = append(row, strconv.Itoa(n))
			}
		}
		rows = append(rows, row)
	}
	return rows
}
