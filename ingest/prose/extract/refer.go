package extract

import (
	"strings"

	"marque/ingest/prose"
	"marque/ingest/prose/language"
	"marque/ingest/prose/predicate"
)

// memory is whom a text told of so far, the latest last. It is cut by sections: a name never crosses into a section where another of
// its kind is introduced.
type memory struct {
	told    []told
	section int            // block of the heading
	counts  map[string]int // how often a name stands in the text
	main    *prose.Entity  // the actor that the text names most
	deeds   []thing        // what was done, told last
}

// told is a thing at its place.
type told struct {
	thing
	subject bool
	section int
}

// count notes the names of a sentence.
func (m *memory) count(s *sent) {
	if m.counts == nil {
		m.counts = map[string]int{}
	}
	for _, n := range s.names {
		e := n.entity
		m.counts[e.Name]++
		if e.Kind == prose.Actor && (m.main == nil || m.counts[e.Name] > m.counts[m.main.Name]) {
			m.main = e
		}
	}
}

// enter moves to a sentence. A heading that holds a name speaks for what stands under it.
func (m *memory) enter(r *reading, si int, b *language.Block) {
	s := &r.sents[si]
	if b.Shape == language.Heading {
		m.section = r.text.Sentences[si].Block
		for _, n := range s.names {
			t := thing{sentence: si, head: n.last - 1, first: n.first, last: n.last}
			r.named(&t, n)
			t.Text = r.span(si, n.first, n.last)
			if t.class&(isActor|isMalware) != 0 {
				m.told = append(m.told, told{thing: t, subject: true, section: m.section})
			}
		}
		return
	}
	if b.Section != m.section && b.Section >= 0 {
		m.section = b.Section
	}
}

// reach is how many of the things told last a pronoun may mean.
const reach = 40

// find is the latest thing that fits, of this section first, subjects before others.
func (m *memory) find(fits func(*told) bool) (thing, bool) {
	best := -1
	for i := len(m.told) - 1; i >= 0 && i > len(m.told)-1-reach; i-- {
		t := &m.told[i]
		if !fits(t) {
			continue
		}
		if best < 0 {
			best = i
			if t.subject {
				break
			}
			continue
		}
		if t.subject && m.told[best].sentence-t.sentence <= 1 {
			best = i
			break
		}
		if m.told[best].sentence-t.sentence > 1 {
			break
		}
	}
	if best < 0 {
		return thing{}, false
	}
	t := m.told[best].thing
	t.resolved, t.count = true, prose.Count{}
	return t, true
}

// follow remembers the things of a sentence.
func (m *memory) follow(r *reading, si int) {
	s := &r.sents[si]
	seen := map[int]bool{}
	keep := func(t thing, subject bool) {
		if t.pronoun != "" || t.Name == "" || seen[t.head] {
			return
		}
		seen[t.head] = true
		m.told = append(m.told, told{thing: t, subject: subject, section: m.section})
	}
	for k := range s.preds {
		p := &s.preds[k]
		if r.is("speech", p.Lemma) {
			continue
		}
		for _, a := range p.Args {
			if a.Sentence != si || a.Inferred || a.Clause >= 0 {
				continue
			}
			t := r.thing(si, a.Head)
			subject := (a.Role == predicate.Agent || a.Role == predicate.Patient && p.Passive) && (rel0(p.Relation) == "root" || rel0(p.Relation) == "ccomp" || rel0(p.Relation) == "conj")
			if t.class&isOperation != 0 {
				m.deeds = []thing{t}
			}
			if x := r.resolve([]thing{t}); len(x) == 1 && x[0].Name != t.Name { // "it" keeps whom it means in mind
				x[0].head = t.head
				keep(x[0], subject)
				continue
			}
			if t.class != 0 {
				keep(t, subject)
			}
		}
		if p.Class == predicate.Act {
			t := r.thing(si, p.Head)
			m.deeds = []thing{t}
		}
	}
	for _, n := range s.names {
		if n.demonym || seen[n.last-1] {
			continue
		}
		t := thing{sentence: si, head: n.last - 1, first: n.first, last: n.last}
		r.named(&t, n)
		t.Text = r.span(si, n.first, n.last)
		keep(t, false)
	}
}

// deed is what was done, as told last.
func (m *memory) deed() []thing { return m.deeds }

// resolve takes pronouns and "the group" for whom they mean.
func (r *reading) resolve(list []thing) []thing {
	var out []thing
	for _, t := range list {
		if x, ok := r.referent(t); ok {
			out = append(out, x)
		} else if t.pronoun == "" {
			out = append(out, t)
		}
	}
	return out
}

// before is the latest actor of the same sentence that stands before a pronoun and does something there.
func (r *reading) before(t thing, plural bool) (thing, bool) {
	s := &r.sents[t.sentence]
	var best thing
	found := false
	for k := range s.preds {
		for _, a := range s.preds[k].Args {
			acts := a.Role == predicate.Agent || a.Role == predicate.Patient && s.preds[k].Passive
			if a.Sentence != t.sentence || a.Head >= t.head || !acts || a.Inferred || a.Clause >= 0 {
				continue
			}
			x := r.thing(a.Sentence, a.Head)
			if x.pronoun != "" || x.class&(isActor|isGroup|isCrime|isMalware|isMilitary) == 0 || plural != x.plural && x.class&isActor == 0 {
				continue
			}
			if !found || x.head > best.head {
				best, found = x, true
			}
		}
	}
	best.resolved = true
	return best, found
}

const doers = isActor | isGroup | isCrime | isMercenary | isMilitary | isAgency

// referent is whom a pronoun or a description means.
func (r *reading) referent(t thing) (thing, bool) {
	m := &r.memory
	switch t.pronoun {
	case "":
	case "he", "him", "she", "her":
		return m.find(func(x *told) bool { return x.Kind == prose.Person })
	case "they", "them", "these", "those", "who", "both":
		if x, ok := r.before(t, true); ok && t.pronoun != "who" {
			return x, true
		}
		if x, ok := m.find(func(x *told) bool {
			return x.class&doers != 0 && x.class&isState == 0 && (x.plural || x.class&(isActor|isGroup) != 0)
		}); ok {
			return x, true
		}
		return m.find(func(x *told) bool { return x.plural && x.class != 0 && x.class&isOperation == 0 })
	case "it", "itself", "this", "that":
		if x, ok := r.before(t, false); ok && t.pronoun == "it" {
			return x, true
		}
		return m.find(func(x *told) bool {
			return !x.plural && x.Kind != prose.Person && x.class&(doers|isMalware|isState|isCompany|isOrganisation) != 0
		})
	default:
		return thing{}, false
	}
	if !t.definite {
		return thing{}, false
	}
	s := &r.sents[t.sentence]
	if s.name[t.head] >= 0 || t.last-t.first > 4 || len(t.Links) > 0 {
		return thing{}, false
	}
	lemma := strings.ToLower(s.toks[t.head].Lemma)
	switch {
	case r.is("program", lemma):
		return m.find(func(x *told) bool { return x.Kind == prose.Malware && x.named() })
	case r.is("again", lemma):
		if x, ok := m.find(func(x *told) bool {
			return x.class&isActor != 0 || x.class&(isMilitary|isAgency) != 0 && x.subject && x.named()
		}); ok {
			return x, true
		}
		if m.main != nil && m.counts[m.main.Name] >= 3 {
			x := thing{sentence: t.sentence, head: t.head, first: t.first, last: t.last, resolved: true}
			r.named(&x, named{entity: m.main})
			x.Text = t.Text
			return x, true
		}
	}
	return thing{}, false
}

// named says whether a thing has a name of its own.
func (t *thing) named() bool { return strings.ToLower(t.Name) != t.Name }
