package eval

import (
	"math"
	"math/rand/v2"
	"slices"

	"marque/attribute/profile"
)

// Figure is one measured quality with its gate.
type Figure struct {
	Name      string
	Value     float64
	Low, High float64 // 95 % bootstrap interval over queries
	N         int     // queries that it is measured on
	Baseline  float64 // what it is compared with; NaN where there is nothing
	Gate      float64 // NaN where there is none
	Stretch   float64
	AtMost    bool // the gate is an upper bound
	// The same figure on each side of the splits, with the number of queries.
	Development, LaterYears, OtherActors Part
}

// Part is a figure on a part of the queries.
type Part struct {
	Value float64
	N     int
}

// Passes tells whether the figure reaches its gate.
func (f Figure) Passes() bool {
	switch {
	case math.IsNaN(f.Gate):
		return true
	case f.AtMost:
		return f.Value <= f.Gate
	}
	return f.Value >= f.Gate
}

// metric measures outcomes that are all of the kind that of accepts.
type metric struct {
	name          string
	of            func(Outcome) bool
	value         func([]Outcome) float64
	baseline      func([]Outcome) float64 // nil where there is none
	gate, stretch float64
	atMost        bool
}

var none = math.NaN()

func known(o Outcome) bool { return !o.Novel }
func novel(o Outcome) bool { return o.Novel }
func every(Outcome) bool   { return true }
func named(o Outcome) bool { return o.Named != "" }

func share(of func(Outcome) bool) func([]Outcome) float64 {
	return func(list []Outcome) float64 {
		hits := 0
		for _, o := range list {
			if of(o) {
				hits++
			}
		}
		return float64(hits) / float64(len(list))
	}
}

func reciprocal(rank func(Outcome) float64) func([]Outcome) float64 {
	return func(list []Outcome) float64 {
		var sum float64
		for _, o := range list {
			sum += 1 / rank(o)
		}
		return sum / float64(len(list))
	}
}

func top1(gate, stretch float64) metric {
	return metric{
		name: "top-1", of: known, gate: gate, stretch: stretch,
		value:    share(func(o Outcome) bool { return o.Rank <= 1 }),
		baseline: share(func(o Outcome) bool { return o.Baseline <= 1 }),
	}
}

func mrr(gate, stretch float64) metric {
	return metric{
		name: "MRR", of: known, gate: gate, stretch: stretch,
		value:    reciprocal(func(o Outcome) float64 { return o.Rank }),
		baseline: reciprocal(func(o Outcome) float64 { return o.Baseline }),
	}
}

func namedRight(o Outcome) bool { return o.Named == o.Query.Actor }

func openSet() []metric {
	return []metric{
		{name: "precision of what is attributed", of: named, value: share(namedRight), gate: .75, stretch: .75},
		{name: "novel actors left unattributed", of: novel, value: share(func(o Outcome) bool { return o.Named == "" }), gate: .85, stretch: .92},
		{name: "known actors named right", of: known, value: share(namedRight), gate: .15, stretch: .30},
	}
}

func country(sponsors map[string]string, name string, of func(Outcome) bool, gate, stretch float64) metric {
	sponsored := func(o Outcome) bool { return of(o) && sponsors[o.Query.Actor] != "" }
	return metric{
		name: name, of: sponsored, gate: gate, stretch: stretch,
		value: share(func(o Outcome) bool { return o.Country == sponsors[o.Query.Actor] }),
		baseline: func(list []Outcome) float64 {
			count := map[string]int{}
			most := 0
			for _, o := range list {
				code := sponsors[o.Query.Actor]
				count[code]++
				most = max(most, count[code])
			}
			return float64(most) / float64(len(list))
		},
	}
}

// calibration is the expected calibration error of the likeliest hypothesis over ten bins of equal width.
func calibration(gate, stretch float64) metric {
	return metric{
		name: "calibration error (ECE) of the likeliest hypothesis", of: every, value: ece, baseline: perfectECE,
		gate: gate, stretch: stretch, atMost: true,
	}
}

// perfectECE is the error that perfectly calibrated probabilities show on these queries by chance alone.
func perfectECE(list []Outcome) float64 {
	random := rand.New(rand.NewPCG(1, 1))
	drawn := slices.Clone(list)
	const draws = 500
	var sum float64
	for range draws {
		for n := range drawn {
			drawn[n].Right = random.Float64() < drawn[n].Confidence
		}
		sum += ece(drawn)
	}
	return sum / draws
}

// Bin is one bar of the reliability diagram.
type Bin struct {
	N                    int
	Confidence, Accuracy float64 // means
}

const bins = 10

func reliability(list []Outcome) [bins]Bin {
	var b [bins]Bin
	for _, o := range list {
		at := &b[min(int(o.Confidence*bins), bins-1)]
		at.N++
		at.Confidence += o.Confidence
		if o.Right {
			at.Accuracy++
		}
	}
	for n := range b {
		if b[n].N > 0 {
			b[n].Confidence /= float64(b[n].N)
			b[n].Accuracy /= float64(b[n].N)
		}
	}
	return b
}

func ece(list []Outcome) float64 {
	var sum float64
	for _, b := range reliability(list) {
		sum += float64(b.N) * math.Abs(b.Confidence-b.Accuracy)
	}
	return sum / float64(len(list))
}

func (m metric) figure(list []Outcome) Figure {
	list = filter(list, m.of)
	f := Figure{
		Name: m.name, N: len(list), Value: m.value(list), Baseline: none, Gate: m.gate, Stretch: m.stretch, AtMost: m.atMost,
		Development: m.part(list, development), LaterYears: m.part(list, laterYear), OtherActors: m.part(list, otherActor),
	}
	if m.baseline != nil {
		f.Baseline = m.baseline(list)
	}
	f.Low, f.High = bootstrap(list, m.value)
	return f
}

func (m metric) part(list []Outcome, s split) Part {
	list = filter(list, func(o Outcome) bool { return o.Query.split()&s != 0 })
	return Part{Value: m.value(list), N: len(list)}
}

func filter(list []Outcome, keep func(Outcome) bool) []Outcome {
	return slices.DeleteFunc(slices.Clone(list), func(o Outcome) bool { return !keep(o) })
}

// bootstrap is the 95 % percentile interval of 1,000 resamples with a fixed seed.
func bootstrap[T any](list []T, value func([]T) float64) (low, high float64) {
	if len(list) == 0 {
		return none, none
	}
	random := rand.New(rand.NewPCG(1, 1))
	sample := make([]T, len(list))
	values := make([]float64, 1000)
	for n := range values {
		for i := range sample {
			sample[i] = list[random.IntN(len(list))]
		}
		values[n] = value(sample)
	}
	slices.Sort(values)
	return values[25], values[975]
}

// LORO is the whole measurement.
type LORO struct {
	Groups []FigureGroup
	Bins   [bins]Bin
	// Known and Novel count the queries of the first group, and Judged holds its outcomes.
	Known, Novel int
	Judged       []Outcome
	// Ahead is how the method does on years that it had not seen when its weights were fitted.
	Ahead []Period
}

// FigureGroup is the figures of one run.
type FigureGroup struct {
	Title   string
	Figures []Figure
}

// Measure runs the protocol over the corpus' queries dated from..to. Sponsors are the countries of the actors.
func Measure(c profile.Corpus, sponsors map[string]string, from, to int) (LORO, error) {
	curated, err := profile.New(c, profile.Config{Sponsors: sponsors})
	if err != nil {
		return LORO{}, err
	}
	described, err := profile.New(c, profile.Config{})
	if err != nil {
		return LORO{}, err
	}
	both := append(append([]metric{top1(.43, .50), mrr(.52, .60)}, openSet()...), calibration(.08, .04),
		country(sponsors, "country, actor profiled before", known, .56, .66), country(sponsors, "country, novel actors too", every, .56, .66))
	var l LORO
	for _, part := range []struct {
		title   string
		run     Run
		metrics []metric
	}{
		{"Techniques and software", Run{Index: curated, Mode: Both}, both},
		{"Techniques only", Run{Index: curated, Mode: Techniques}, []metric{top1(.27, .34), mrr(none, none)}},
		{"With a 90-day gap", Run{Index: curated, Mode: Both, Gap: gap}, []metric{top1(.34, .42), mrr(none, none)}},
		{"Countries read from ATT&CK's descriptions, no curated list", Run{Index: described, Mode: Both}, []metric{
			country(sponsors, "country, actor profiled before", known, none, none),
		}},
	} {
		part.run.Corpus, part.run.Queries = c, LOROQueries(c, from, to)
		outcomes, err := part.run.Outcomes()
		if err != nil {
			return LORO{}, err
		}
		if l.Judged == nil {
			l.Judged, l.Bins = outcomes, reliability(outcomes)
			l.Novel = len(filter(outcomes, novel))
			l.Known = len(outcomes) - l.Novel
		}
		group := FigureGroup{Title: part.title}
		for _, m := range part.metrics {
			group.Figures = append(group.Figures, m.figure(outcomes))
		}
		l.Groups = append(l.Groups, group)
	}
	l.Ahead, err = ahead(c, from, to)
	return l, err
}
