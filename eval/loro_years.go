package eval

import (
	"fmt"
	"math"
	"strings"

	"marque/attribute/profile"
)

// fittedUntil is the last year whose reports the weights of the measurement ahead are fitted on.
const fittedUntil = 2018

// Period is how the method does on some later years with weights that were fitted on the years until fittedUntil.
type Period struct {
	From, To     int
	Known, Novel int
	Top1, MRR    float64
	ECE          float64
	Thresholds   []OpenSet // by the probability that a name needs
}

// OpenSet is what a threshold makes of known and novel actors.
type OpenSet struct {
	Threshold              float64
	Named                  int
	Precision, Open, Right float64
}

// thresholds show that the probability that a name needs is no knife's edge.
var thresholds = []float64{.45, .50, profile.DefaultThreshold, .60, .65}

// ahead fits the weights on the early years' queries, of all actors, and judges each later pair of years, and all of them.
func ahead(c profile.Corpus, from, to int) ([]Period, error) {
	described, err := profile.New(c, profile.Config{})
	if err != nil {
		return nil, err
	}
	early := func(q LOROQuery) bool { return q.Date.Year() <= fittedUntil }
	weights, err := Run{Corpus: c, Index: described, Mode: Both, Queries: LOROQueries(c, 0, fittedUntil)}.Fit(early)
	if err != nil {
		return nil, err
	}
	index, err := profile.New(c, profile.Config{Weights: weights})
	if err != nil {
		return nil, err
	}
	outcomes, err := Run{Corpus: c, Index: index, Mode: Both, Queries: LOROQueries(c, max(from, fittedUntil+1), to)}.Outcomes()
	if err != nil || len(outcomes) == 0 {
		return nil, err
	}
	last := outcomes[len(outcomes)-1].Query.Date.Year()
	var list []Period
	for y := fittedUntil + 1; y <= last; y += 2 {
		list = append(list, period(outcomes, y, min(y+1, last)))
	}
	return append(list, period(outcomes, fittedUntil+1, last)), nil
}

func period(outcomes []Outcome, from, to int) Period {
	list := filter(outcomes, func(o Outcome) bool { return from <= o.Query.Date.Year() && o.Query.Date.Year() <= to })
	seen, unseen := filter(list, known), filter(list, novel)
	p := Period{
		From: from, To: to, Known: len(seen), Novel: len(unseen), ECE: ece(list),
		Top1: share(func(o Outcome) bool { return o.Rank <= 1 })(seen), MRR: reciprocal(func(o Outcome) float64 { return o.Rank })(seen),
	}
	for _, t := range thresholds {
		called := func(o Outcome) bool { return o.Top != profile.Unknown && o.Confidence >= t }
		right := func(o Outcome) bool { return called(o) && o.Top == o.Query.Actor }
		p.Thresholds = append(p.Thresholds, OpenSet{
			Threshold: t, Named: len(filter(list, called)), Precision: share(right)(filter(list, called)),
			Open: share(func(o Outcome) bool { return !called(o) })(unseen), Right: share(right)(seen),
		})
	}
	return p
}

// At is what a threshold makes of the period.
func (p Period) At(threshold float64) OpenSet {
	for _, o := range p.Thresholds {
		if o.Threshold == threshold {
			return o
		}
	}
	return OpenSet{Precision: math.NaN()}
}

// aheadMarkdown is the section on later years.
func (l LORO) aheadMarkdown() string {
	if len(l.Ahead) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, `### Years that the weights had not seen

The nine weights fitted again on all reports until %d alone, and judged on what came after. The last row, all later years, has to
pass the gates of the first table. The threshold is stated, not fitted: the second table shows what others would do.

| years | known | novel | top-1 | MRR | precision | novel left open | named right | ECE |
|---|---|---|---|---|---|---|---|---|
`, fittedUntil)
	for _, p := range l.Ahead {
		o := p.At(profile.DefaultThreshold)
		fmt.Fprintf(&b, "| %d–%d | %d | %d | %.3f | %.3f | %.3f (%d) | %.3f | %.3f | %.3f |\n", p.From, p.To, p.Known, p.Novel, p.Top1, p.MRR, o.Precision, o.Named, o.Open, o.Right, p.ECE)
	}
	all := l.Ahead[len(l.Ahead)-1]
	fmt.Fprintf(&b, "\n| a name needs, %d–%d | precision | novel left open | named right |\n|---|---|---|---|\n", all.From, all.To)
	for _, o := range all.Thresholds {
		fmt.Fprintf(&b, "| %.0f %% | %.3f (%d) | %.3f | %.3f |\n", 100*o.Threshold, o.Precision, o.Named, o.Open, o.Right)
	}
	b.WriteString("\n")
	return b.String()
}
