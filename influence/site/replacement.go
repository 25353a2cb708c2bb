package site

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Replacement is a site that came in place of another: what STIX calls successor-of here (docs/model.md).
type Replacement struct {
	Operation string `json:"operation"`
	// Old and New are the names; New came Days days after Old was registered.
	Old  string `json:"old"`
	New  string `json:"new"`
	Days int    `json:"days"`
	// Relation is how the names resemble one another.
	Relation Relation `json:"relation"`
	Reasons  []Reason `json:"reasons"`
}

// Replacements are the sites of an operation that came in place of an earlier one, by day: each is told once, as the successor of the latest
// site with the closest name. Sites without a day, and relations further off than the given one, are left out.
func (w *Watch) Replacements(operation string, furthest Relation) ([]Replacement, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	op, ok := w.opByName[operation]
	if !ok {
		return nil, fmt.Errorf("replacements: operation %q: %w", operation, ErrNoOperation)
	}
	order := make([]int, 0, len(w.sites))
	for i := range w.sites {
		if w.sites[i].op == op && w.sites[i].day != unknownDay {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(w.sites[a].day, w.sites[b].day), cmp.Compare(w.host(w.sites[a]), w.host(w.sites[b])))
	})
	var out []Replacement
	for _, i := range order {
		if r, ok := w.predecessor(i, furthest); ok {
			out = append(out, r)
		}
	}
	return out, nil
}

// predecessor finds the latest earlier site with the closest name.
func (w *Watch) predecessor(i int, furthest Relation) (Replacement, bool) {
	s := w.sites[i]
	best, relation := -1, relations
	w.related(s.label, furthest, func(id uint32, r Relation) {
		for j := w.first[id]; j >= 0; j = w.sites[j].next {
			o := w.sites[j]
			if o.op != s.op || o.day == unknownDay || o.day >= s.day {
				continue
			}
			if r < relation || r == relation && (o.day > w.sites[best].day || o.day == w.sites[best].day && w.host(o) < w.host(w.sites[best])) {
				best, relation = int(j), r
			}
		}
	})
	if best < 0 {
		return Replacement{}, false
	}
	old := w.sites[best]
	o := w.operations[s.op]
	weight := decibans(knownShare[relation] / float64(o.labels) / byChance(relation, w.index.label(old.label)))
	return Replacement{
		Operation: o.name, Old: w.host(old), New: w.host(s), Days: int(s.day - old.day), Relation: relation,
		Reasons: []Reason{{
			Kind: relation.String(), Decibans: weight,
			Text: fmt.Sprintf("%s: %s came %d days after %s", relation, w.host(s), s.day-old.day, w.host(old)),
		}},
	}, true
}

// related calls f with the labels that a label resembles, itself first.
func (w *Watch) related(label uint32, furthest Relation, f func(id uint32, r Relation)) {
	f(label, SameLabel)
	if furthest == SameLabel {
		return
	}
	var p probe
	p.set(Name{Label: string(w.index.label(label))})
	for _, m := range p.in(w.index, nil) {
		if m.id != label && m.relation <= furthest {
			f(m.id, m.relation)
		}
	}
}

// Fate is what became of a site that was taken away.
type Fate struct {
	Host   string    `json:"host"`
	Seized time.Time `json:"seized"`
	// Successor is the first site with the same or a respelt name that was registered afterwards, Days days later; "" where none was.
	Successor string `json:"successor,omitempty"`
	Days      int    `json:"days,omitempty"`
}

// AfterSeizure says of each seized site of an operation whether it was replaced, by day of seizure and name.
func (w *Watch) AfterSeizure(operation string, furthest Relation) ([]Fate, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	op, ok := w.opByName[operation]
	if !ok {
		return nil, fmt.Errorf("seizures: operation %q: %w", operation, ErrNoOperation)
	}
	var out []Fate
	for at, day := range w.operations[op].seizures {
		f := Fate{Host: w.host(w.sites[at]), Seized: time.Unix(int64(day)*86400, 0).UTC()}
		first := int32(0)
		w.related(w.sites[at].label, furthest, func(id uint32, _ Relation) {
			for j := w.first[id]; j >= 0; j = w.sites[j].next {
				s := w.sites[j]
				if s.op != op || s.day <= day || f.Successor != "" && s.day > first {
					continue
				}
				if host := w.host(s); f.Successor == "" || s.day < first || host < f.Successor {
					f.Successor, f.Days, first = host, int(s.day-day), s.day
				}
			}
		})
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b Fate) int { return cmp.Or(a.Seized.Compare(b.Seized), cmp.Compare(a.Host, b.Host)) })
	return out, nil
}

// SeizureSpells are the fates as spells for [KaplanMeier]: what is not replaced was seen to stand empty until the given day.
func SeizureSpells(fates []Fate, until time.Time) []Spell {
	out := make([]Spell, 0, len(fates))
	for _, f := range fates {
		if f.Successor != "" {
			out = append(out, Spell{Days: f.Days, Replaced: true})
		} else if d := int(dayOf(until) - dayOf(f.Seized)); d >= 0 {
			out = append(out, Spell{Days: d})
		}
	}
	return out
}

// Spells are the times from the registration of a label of an operation to the next day on which it, or one like it, was registered again;
// the last one lasts until the given day, without a successor. Several sites of one day are one.
func (w *Watch) Spells(operation string, furthest Relation, until time.Time) ([]Spell, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	op, ok := w.opByName[operation]
	if !ok {
		return nil, fmt.Errorf("spells: operation %q: %w", operation, ErrNoOperation)
	}
	groups := newSets(len(w.index.labels))
	for id := range w.index.labels {
		w.related(uint32(id), furthest, func(other uint32, _ Relation) { groups.join(uint32(id), other) })
	}
	days := map[uint32][]int32{}
	for _, s := range w.sites {
		if s.op == op && s.day != unknownDay {
			g := groups.find(s.label)
			days[g] = append(days[g], s.day)
		}
	}
	var out []Spell
	for _, d := range days {
		slices.Sort(d)
		d = slices.Compact(d)
		for i := 1; i < len(d); i++ {
			out = append(out, Spell{Days: int(d[i] - d[i-1]), Replaced: true})
		}
		if last := int(dayOf(until) - d[len(d)-1]); last >= 0 {
			out = append(out, Spell{Days: last})
		}
	}
	slices.SortFunc(out, func(a, b Spell) int { return cmp.Compare(a.Days, b.Days) })
	return out, nil
}
