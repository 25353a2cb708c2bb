package site

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Alert is a new name that looks like a successor.
type Alert struct {
	Name Name
	// Score is the sum of the reasons' weights, in decibans.
	Score float64
	// Operation is whose successor it would be.
	Operation string
	// Replaces is the watched site that it would replace, "" where it imitates a brand that the operation has not imitated yet.
	Replaces string
	// Imitates are the domains of the brand that it would be taken for.
	Imitates []string
	Reasons  []Reason
}

// Reason is one piece of what speaks for or against it.
type Reason struct {
	// Kind is the relation's name, "ending", or the kind of a fact.
	Kind string `json:"kind"`
	// Text tells it to a reader.
	Text string `json:"text"`
	// Decibans are for it where positive, against it where negative.
	Decibans float64 `json:"decibans"`
}

// Look answers for one new name: whether it resembles what is watched, why, and whose it would be. An error says why a name was refused.
func (w *Watch) Look(n New) (a Alert, found bool, err error) {
	name, err := Parse(n.Host)
	if err != nil {
		return Alert{}, false, err
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	var p probe
	p.set(name)
	var buf [16]match
	matches := p.in(w.index, buf[:0])
	best := w.knownBy(&p, matches)
	if b := w.brandBy(&p, matches); b.score > best.score || best.op == nil && b.op != nil {
		if b.op == best.op {
			b.replaces = best.replaces
		}
		best = b
	}
	if len(n.Facts) > 0 {
		best = w.factsBy(best, n.Facts)
	}
	if best.op == nil && len(best.reasons) == 0 {
		return Alert{}, false, nil
	}
	a = Alert{Name: name, Score: best.score, Replaces: best.replaces, Reasons: best.reasons}
	if best.op != nil {
		a.Operation = best.op.name
		if r, ok := w.endingReason(best.op, name.Ending); ok {
			a.Reasons = append(a.Reasons, r)
			a.Score += r.Decibans
		}
	}
	a.Imitates = w.imitated(matches)
	slices.SortStableFunc(a.Reasons, func(x, y Reason) int { return cmp.Compare(math.Abs(y.Decibans), math.Abs(x.Decibans)) })
	return a, true, nil
}

// finding is the best explanation so far.
type finding struct {
	op       *operation
	score    float64
	replaces string
	reasons  []Reason
}

// knownBy weighs the watched sites that the name resembles and keeps the best.
func (w *Watch) knownBy(p *probe, matches []match) (best finding) {
	for _, m := range matches {
		chance := byChance(m.relation, w.index.label(m.id))
		for i := w.first[m.id]; i >= 0; i = w.sites[i].next {
			s := w.sites[i]
			o := w.operations[s.op]
			if w.endings[s.ending] == p.name.Ending && m.relation == SameLabel {
				continue // the site itself
			}
			again, why := w.again(o, m.id, s.op)
			weight := decibans(knownShare[m.relation] * again / chance)
			if best.op != nil && weight <= best.score {
				continue
			}
			host := w.host(s)
			best = finding{op: o, score: weight, replaces: host, reasons: []Reason{{
				Kind: m.relation.String(), Decibans: weight,
				Text: fmt.Sprintf("%s: like %s of %s%s", m.relation, host, orUnnamed(o.name), why),
			}}}
			if m.own != "" && m.relation >= Word {
				best.ownEnding(m.own, w.endings[s.ending])
			}
		}
	}
	return best
}

// again is the chance that of all labels of an operation it is this one that comes again: those that came often before, and half of all
// chances for those on a notice where there is one.
func (w *Watch) again(o *operation, label uint32, op uint16) (chance float64, why string) {
	times := 0
	for i := w.first[label]; i >= 0 && times < 100; i = w.sites[i].next {
		if w.sites[i].op == op {
			times++
		}
	}
	chance = (float64(times) + .5) / (float64(o.sites) + .5*float64(o.labels))
	if len(o.seized) > 0 {
		chance /= 2
		if _, ok := o.seized[label]; ok {
			chance += .5 / float64(len(o.seized))
			why = ", which was seized"
		}
	}
	return chance, why
}

// brandBy weighs the brands that the name resembles, for the operation that imitates the most of that country.
func (w *Watch) brandBy(p *probe, matches []match) (best finding) {
	for _, m := range matches {
		list := w.brands.of(m.id)
		if list == nil || owns(list, p.name.Ending) && m.relation <= Respelt {
			continue
		}
		label := w.index.label(m.id)
		for _, b := range list {
			for _, o := range w.operations {
				weight := decibans(brandShare[m.relation] * o.country(b.Country, w.brands) * b.share / byChance(m.relation, label))
				if best.op != nil && weight <= best.score {
					continue
				}
				best = finding{op: o, score: weight, reasons: []Reason{{
					Kind: m.relation.String(), Decibans: weight,
					Text: fmt.Sprintf("%s: like %s (%s, %s), and %s imitates %s", m.relation, b.Domain, b.Kind, b.Country,
						orUnnamed(o.name), o.habit(b.Country)),
				}}}
				if m.own != "" && m.relation >= Word {
					best.ownEnding(m.own, b.ending)
				}
			}
		}
	}
	return best
}

// ownEnding adds what it says that the other part of the name is the ending of the real one.
func (f *finding) ownEnding(other, ending string) {
	first, _, _ := strings.Cut(other, ".")
	if first != ending && strings.ReplaceAll(ending, ".", "") != first {
		return
	}
	f.score += ownEndingWeight
	f.reasons = append(f.reasons, Reason{
		Kind: "ending in the name", Decibans: ownEndingWeight,
		Text: fmt.Sprintf("%q is the ending of the real one", ending),
	})
}

// blind is how many sites' worth of evidence it takes until an operation's own choice of countries counts as much as a blind choice.
const blind = 10

// country is the share of an operation's imitations that go to a country.
func (o *operation) country(c string, b *brandSet) float64 {
	return (o.countries[c] + blind*b.countries[c]) / (o.imitated + blind)
}

func (o *operation) habit(country string) string {
	if n := o.countries[country]; n >= 1 {
		return fmt.Sprintf("media of %s in %.0f of %.0f sites", country, n, o.imitated)
	}
	return fmt.Sprintf("media in %.0f sites, none of %s so far", o.imitated, country)
}

func orUnnamed(op string) string {
	if op == "" {
		return "the operation"
	}
	return op
}

// maxEndingWeight bounds what an ending says: it is the registrant's cheapest choice, and lists of new names lack whole countries.
const maxEndingWeight = 1.0

// endingReason weighs the ending: how often the operation chose it, against how often ordinary registrants do.
func (w *Watch) endingReason(o *operation, ending string) (Reason, bool) {
	if o.sites == 0 {
		return Reason{}, false
	}
	n := 0
	if id, ok := w.endingID[ending]; ok {
		n = o.endings[id]
	}
	market := marketShare(ending)
	weight := decibans((float64(n) + 20*market) / (float64(o.sites) + 20) / market)
	weight = max(-maxEndingWeight, min(maxEndingWeight, weight))
	return Reason{Kind: "ending", Decibans: weight, Text: fmt.Sprintf(".%s: %d of the operation's %d sites", ending, n, o.sites)}, true
}

// imitated are the brands whose label the name takes over or changes.
func (w *Watch) imitated(matches []match) []string {
	var out []string
	for _, m := range matches {
		label := m.id
		if brand, ok := w.imitates[label]; ok {
			label = brand
		}
		for _, b := range w.brands.of(label) {
			if !slices.Contains(out, b.Domain) {
				out = append(out, b.Domain)
			}
		}
	}
	return out
}

// factsBy adds what registrar, addresses, certificates and trackers say: how common a value is among an operation's sites, against how common
// it is among ordinary new names. A value that everybody has weighs nothing. Where the name said nothing, they say which operation it is.
func (w *Watch) factsBy(f finding, list []Fact) finding {
	candidates := []*operation{f.op}
	if f.op == nil {
		candidates = candidates[:0]
		for _, x := range list {
			for _, op := range w.knows[x] {
				if o := w.operations[op]; !slices.Contains(candidates, o) {
					candidates = append(candidates, o)
				}
			}
		}
	}
	best := f
	for _, o := range candidates {
		reasons, sum := w.factReasons(o, list)
		if len(reasons) > 0 && (best.score < f.score+sum || len(best.reasons) == 0) {
			best = finding{op: o, score: f.score + sum, replaces: f.replaces, reasons: slices.Concat(f.reasons, reasons)}
		}
	}
	return best
}

// factReasons weigh each fact that an operation's sites have.
func (w *Watch) factReasons(o *operation, list []Fact) (reasons []Reason, sum float64) {
	known, seen := float64(o.facts.total()), float64(w.seen.total())
	for i, x := range list {
		n := o.facts[x]
		if n == 0 || slices.Contains(list[:i], x) {
			continue
		}
		ours := float64(n) / (known + 1)
		theirs := max(float64(w.seen[x])/max(1, seen), 1/(seen+1/rareValue))
		weight := decibans(ours / theirs)
		if weight <= 0 {
			continue
		}
		sum += weight
		reasons = append(reasons, Reason{
			Kind: x.Kind, Decibans: weight,
			Text: fmt.Sprintf("%s %s: on %d of the operation's sites, on %d of %.0f ordinary ones", x.Kind, x.Value, n, w.seen[x], seen),
		})
	}
	return reasons, sum
}

// rareValue is the share of ordinary names that is taken to have a value which none of those seen has.
const rareValue = 1e-3

// Threshold is the highest score that stays above the given share of ordinary names: alerts are names that score more. It is read off
// ordinary names alone, never off those that are to be found.
func Threshold(ordinary []float64, share float64) float64 {
	s := slices.Clone(ordinary)
	slices.SortFunc(s, func(a, b float64) int { return cmp.Compare(b, a) })
	allowed := int(share * float64(len(s)))
	if allowed >= len(s) {
		return math.Inf(-1)
	}
	return s[allowed]
}
