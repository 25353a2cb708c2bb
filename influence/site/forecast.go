package site

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// Forecast is a name that an operation is likely to register next.
type Forecast struct {
	Name string `json:"name"`
	// Probability is that of the operation's next site having this name.
	Probability float64 `json:"probability"`
	// Replaces is a watched site with the label, "" where the brand would be imitated for the first time.
	Replaces string `json:"replaces,omitempty"`
	// Imitates is the brand's own domain, "" where the label is the operation's own.
	Imitates string `json:"imitates,omitempty"`
	// Reasons say why this label and why this ending.
	Reasons []string `json:"reasons"`
}

// The shares of an operation's next site: a label that it had before, a brand that it did not imitate yet; the rest is invented and cannot
// be named. Stated, after what one campaign showed.
const (
	nextKnown = .35
	nextBrand = .30
)

// Halving times in days, for what an operation chose long ago.
const (
	labelDays  = 360
	endingDays = 360
)

// newEndings is how many sites' worth of choice an operation leaves to endings that it did not have yet.
const newEndings = 25

// candidate is a label or an ending with its share.
type candidate struct {
	text   string
	share  float64
	reason string
	site   int32  // a watched site with the label, or -1
	brand  string // its own domain
}

// Next are the n names that an operation is most likely to register next, as of a day, the likeliest first.
func (w *Watch) Next(operation string, asOf time.Time, n int) ([]Forecast, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	op, ok := w.opByName[operation]
	if !ok {
		return nil, fmt.Errorf("forecast: operation %q: %w", operation, ErrNoOperation)
	}
	labels := append(w.knownLabels(op, dayOf(asOf)), w.newBrands(op)...)
	endings := map[bool][]candidate{true: w.likelyEndings(op, dayOf(asOf), true), false: w.likelyEndings(op, dayOf(asOf), false)}
	best := newBest(n)
	for _, l := range labels {
		for _, e := range endings[l.brand != ""] {
			if !best.wants(l.share * e.share) {
				break // endings fall: nothing further on is wanted for this label
			}
			if w.taken(l.text, e.text) {
				continue
			}
			best.add(scored{share: l.share * e.share, label: l, ending: e})
		}
	}
	return best.forecasts(w), nil
}

// knownLabels are the labels of an operation's sites, the ones that came often, lately or were seized above others.
func (w *Watch) knownLabels(op uint16, asOf int32) []candidate {
	o := w.operations[op]
	weight := map[uint32]float64{}
	last := map[uint32]int32{}
	sum := 0.0
	for i, s := range w.sites {
		if s.op != op || s.day > asOf {
			continue
		}
		v := recency(asOf, s.day, labelDays)
		weight[s.label] += v
		sum += v
		last[s.label] = int32(i)
	}
	byNotice := 0.0
	seized := 0
	for _, d := range o.seized {
		if d <= asOf {
			seized++
		}
	}
	if seized > 0 {
		byNotice = .5
	}
	var out []candidate
	for label, v := range weight {
		c := candidate{
			text: string(w.index.label(label)), site: last[label], share: nextKnown * (1 - byNotice) * v / sum,
			brand: w.imitatedBy(label), reason: "the operation had this label before",
		}
		if d, ok := o.seized[label]; ok && d <= asOf {
			c.share += byNotice / float64(seized)
			c.reason = "a site with this label was seized"
		}
		out = append(out, c)
	}
	return byShare(out)
}

// newBrands are brands of the countries that an operation imitates, under labels that it did not have yet.
func (w *Watch) newBrands(op uint16) []candidate {
	o := w.operations[op]
	var out []candidate
	for id, list := range w.brands.at {
		label := w.index.label(uint32(id))
		if len(label) < 3 || w.hasLabel(op, string(label)) {
			continue
		}
		c := candidate{text: string(label), site: -1}
		for _, b := range list {
			if v := nextBrand * o.country(b.Country, w.brands) * b.share; v > 0 {
				c.share += v
				c.brand = b.Domain
				c.reason = fmt.Sprintf("%s (%s), and the operation imitates %s", b.Domain, b.Kind, o.habit(b.Country))
			}
		}
		out = append(out, c)
	}
	return byShare(out)
}

// imitatedBy is the domain of the brand that a watched label imitates, "" where it is the operation's own.
func (w *Watch) imitatedBy(label uint32) string {
	if brand, ok := w.imitates[label]; ok {
		return w.brands.of(brand)[0].Domain
	}
	return ""
}

// otherKind is how much an ending on sites of the other kind counts: who takes bild.ltd for an imitation still takes .com for a brand of
// its own.
const otherKind = .3

// likelyEndings are the endings that an operation has or could buy, for labels that imitate a brand or for its own ones.
func (w *Watch) likelyEndings(op uint16, asOf int32, imitating bool) []candidate {
	weight := map[string]float64{}
	kind := map[uint32]bool{}
	times := map[string]int{}
	sum := 0.0
	for _, s := range w.sites {
		if s.op != op || s.day > asOf {
			continue
		}
		v := recency(asOf, s.day, endingDays)
		imitates, ok := kind[s.label]
		if !ok {
			imitates = w.imitatedBy(s.label) != ""
			kind[s.label] = imitates
		}
		if imitates != imitating {
			v *= otherKind
		}
		weight[w.endings[s.ending]] += v
		times[w.endings[s.ending]]++
		sum += v
	}
	blindSum := 0.0
	for _, e := range slices.Sorted(maps.Keys(endingShares())) { // in one order: sums of fractions depend on it
		blindSum += choice(e)
	}
	out := make([]candidate, 0, len(endingShares())+len(weight))
	for e := range endingShares() {
		weight[e] += newEndings * choice(e) / blindSum
	}
	for e, v := range weight {
		reason := fmt.Sprintf(".%s is sold to anybody", e)
		if times[e] > 0 {
			reason = fmt.Sprintf(".%s on %d sites of the operation", e, times[e])
		}
		out = append(out, candidate{text: e, share: v / (sum + newEndings), reason: reason, site: -1})
	}
	return byShare(out)
}

// choice is how much an ending is chosen by one who looks for something new: the square root of its market, between what everybody buys and
// blind chance.
func choice(ending string) float64 { return math.Sqrt(marketShare(ending)) }

// recency halves a weight after so many days. A day that is not known counts as half a year ago.
func recency(asOf, day, half int32) float64 {
	ago := 180.0
	if day != unknownDay {
		ago = float64(max(0, asOf-day))
	}
	return math.Exp2(-ago / float64(half))
}

func byShare(c []candidate) []candidate {
	slices.SortFunc(c, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.share, a.share), cmp.Compare(a.text, b.text))
	})
	return c
}

// hasLabel says whether an operation has a site with the label.
func (w *Watch) hasLabel(op uint16, label string) bool {
	id, ok := w.labelNumber(label)
	if !ok {
		return false
	}
	for i := w.first[id]; i >= 0; i = w.sites[i].next {
		if w.sites[i].op == op {
			return true
		}
	}
	return false
}

func (w *Watch) labelNumber(label string) (uint32, bool) {
	var s spelling
	s.spell(label)
	return w.index.exact(label, hashOf(s.folded[:s.nf]))
}

// taken says whether a name is watched already or is a brand's own.
func (w *Watch) taken(label, ending string) bool {
	id, ok := w.labelNumber(label)
	if !ok {
		return false
	}
	for i := w.first[id]; i >= 0; i = w.sites[i].next {
		if w.endings[w.sites[i].ending] == ending {
			return true
		}
	}
	return owns(w.brands.of(id), ending)
}

// scored is a label under an ending.
type scored struct {
	share         float64
	label, ending candidate
}

// best keeps the n best of many.
type best struct {
	n     int
	all   []scored
	floor float64
}

func newBest(n int) *best { return &best{n: max(n, 0), all: make([]scored, 0, 2*max(n, 0)+1)} }

func (b *best) wants(share float64) bool { return b.n > 0 && share > b.floor }

func (b *best) add(s scored) {
	b.all = append(b.all, s)
	if len(b.all) > 2*b.n {
		b.trim()
	}
}

func (b *best) trim() {
	slices.SortFunc(b.all, func(x, y scored) int {
		return cmp.Or(cmp.Compare(y.share, x.share), cmp.Compare(x.label.text, y.label.text), cmp.Compare(x.ending.text, y.ending.text))
	})
	if len(b.all) > b.n {
		b.all = b.all[:b.n]
		b.floor = b.all[b.n-1].share
	}
}

func (b *best) forecasts(w *Watch) []Forecast {
	b.trim()
	out := make([]Forecast, len(b.all))
	for i, s := range b.all {
		f := Forecast{
			Name: s.label.text + "." + s.ending.text, Probability: s.share, Imitates: s.label.brand,
			Reasons: []string{s.label.reason, s.ending.reason},
		}
		if s.label.site >= 0 {
			f.Replaces = w.host(w.sites[s.label.site])
		}
		out[i] = f
	}
	return out
}
