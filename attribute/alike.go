package attribute

import (
	"slices"
	"strings"
	"unicode"

	"marque/claim"
	"marque/graph"
	"marque/ingest/entity"
	"marque/stix"
)

// alike tells whether two names of a case are spellings of one: the same words in another order ("IT Army of Ukraine", "Ukrainian IT Army"),
// or the one drawn together from the other ("US CYCOM", "United States Cyber Command"; "MSS", "Ministry of State Security").
// Within a case that is enough, as both were named for one operation; elsewhere it is not.
func (f *field) alike(a, b stix.ID) bool {
	ea, eb := f.g.Entity(a), f.g.Entity(b)
	if ea == nil || eb == nil || ea.Is("class") || eb.Is("class") {
		return false
	}
	if sa, sb := f.g.StateOf(a), f.g.StateOf(b); sa != "" && sb != "" && sa != sb {
		return false
	}
	return sameWords(f.nameWords(ea.Name), f.nameWords(eb.Name))
}

// kin tells whether two objects stand for one actor: by their names, or because a third stands for both.
func (f *field) kin(a, b stix.ID) bool {
	if f.g.Same(a, b) {
		return true
	}
	of := f.g.Alike(a)
	return slices.Contains(of, b) || slices.ContainsFunc(f.g.Alike(b), func(id stix.ID) bool { return slices.Contains(of, id) })
}

// filler are words that tell no names apart.
var filler = []string{"the", "of", "and", "for", "group", "team", "s"}

// nameWords are those of a name, found once: each is compared with many.
func (f *field) nameWords(name string) []string {
	words, known := f.words[name]
	if !known {
		words = nameWords(name)
		f.words[name] = words
	}
	return words
}

// nameWords are the words of a name, sorted, with those for a country as its code.
func nameWords(name string) []string {
	var out []string
	states := entity.CountriesIn(name)
	fields := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	for i := 0; i < len(fields); i++ {
		w := fields[i]
		if code, n := countryAt(fields[i:], states); n > 0 {
			out = append(out, code)
			i += n - 1
			continue
		}
		if w = strings.ToLower(w); !slices.Contains(filler, w) {
			out = append(out, w)
		}
	}
	return out
}

// countryAt is the country that words begin with, and how many of them name it.
func countryAt(fields, states []string) (code string, n int) {
	for n = 1; n <= min(3, len(fields)); n++ {
		in := entity.CountriesIn(strings.Join(fields[:n], " "))
		if len(in) == 1 && slices.Contains(states, in[0]) && len(entity.CountriesIn(strings.Join(fields[1:n], " "))) == 0 {
			return in[0], n
		}
	}
	switch fields[0] {
	case "US":
		return "US", 1
	case "UK":
		return "GB", 1
	}
	return "", 0
}

// sameWords tells whether two names have the same words in any order, apart from one that is drawn together from several of the other.
func sameWords(a, b []string) bool {
	onlyA, onlyB := without(a, b), without(b, a)
	switch {
	case len(onlyA) == 0 && len(onlyB) == 0:
		return len(a) > 0
	case len(onlyA) == 1 && len(onlyB) > 1:
		return drawnFrom(onlyA[0], onlyB)
	case len(onlyB) == 1 && len(onlyA) > 1:
		return drawnFrom(onlyB[0], onlyA)
	}
	return false
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(w string) bool { return slices.Contains(b, w) })
}

// drawnFrom tells whether a word of three letters or more is put together from beginnings of all the words, in order.
func drawnFrom(word string, words []string) bool {
	if len(words) == 0 {
		return word == ""
	}
	for n := 1; n <= min(len(word), len(words[0])-1); n++ {
		if word[:n] == words[0][:n] && drawnFrom(word[n:], words[1:]) {
			return true
		}
	}
	return false
}

// fold puts organs of a state, its units and people whom a source names beside one established group of that state under the group: they
// are the group's own, no rivals of it. Where the case has one such group only, it need not be the same source; where it has none, people
// stand under the one service that is named.
func (f *field) fold(ps []position) {
	bySource := map[string][]stix.ID{}
	var all []stix.ID
	for _, p := range ps {
		if p.actor != "" && !f.isClass(p.actor) && p.claim.Stance == claim.Asserts {
			key := string(p.claim.Root) + " " + string(p.claim.Source)
			bySource[key] = append(bySource[key], f.rep(p.actor))
			all = append(all, f.rep(p.actor))
		}
	}
	for _, key := range sortedKeys(bySource) {
		f.gather(bySource[key])
	}
	for i := range all {
		all[i] = f.rep(all[i])
	}
	f.gather(all)
}

// gather puts the lesser of some actors under the one that stands above them.
func (f *field) gather(actors []stix.ID) {
	var groups, organs, people []stix.ID
	for _, a := range slices.Compact(slices.Sorted(slices.Values(actors))) {
		e := f.g.Entity(a)
		switch {
		case f.established(a):
			groups = append(groups, a)
		case e != nil && e.Is("state-organ"):
			organs = append(organs, a)
		case actorKind(e) == kindState:
			people = append(people, a)
		}
	}
	if len(groups) == 0 && len(organs) == 1 {
		groups, organs = organs, nil
	}
	if len(groups) != 1 {
		return
	}
	home := f.g.StateOf(groups[0])
	for _, o := range slices.Concat(organs, people) {
		if s := f.g.StateOf(o); s == "" || home == "" || s == home {
			f.standFor(groups[0], o)
		}
	}
}

// rivals tells whether an actor whom its source names as one of several alternatives may be a rival of the others: a service, a unit or a person
// is none of a group that the source names beside it.
func (f *field) rivals(ps []position, p position) bool {
	return f.established(f.rep(p.actor)) || !slices.ContainsFunc(ps, func(q position) bool {
		return q.claim.Root == p.claim.Root && q.claim.Source == p.claim.Source && q.actor != "" && f.established(f.rep(q.actor))
	})
}

// established tells whether any object that stands for the actor is known as a group (see [graph.Graph.Established]).
func (f *field) established(rep stix.ID) bool {
	return f.g.Established(rep) || slices.ContainsFunc(f.others(rep), f.g.Established)
}

// front gives the actor that a persona speaks for, or the actor itself.
func front(g *graph.Graph, id stix.ID) stix.ID {
	if behind := g.Behind(id); behind != "" {
		return behind
	}
	return id
}
