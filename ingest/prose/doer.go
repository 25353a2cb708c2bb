package prose

import (
	"slices"
	"strings"
	"unicode"
)

// settleProtagonist finds the actor that the text is about: the one it names most, if it names it at least twice and more
// than half as often again as the next. Sentences that leave the doer unsaid ("the server was entered in March") are taken to
// speak of it.
func (rd *reading) settleProtagonist() {
	counts := map[string]int{}
	first := map[string]*Mention{}
	for i := range rd.res.Mentions {
		m := &rd.res.Mentions[i]
		e := rd.entityOf(m.Name)
		if e == nil || m.Kind != Actor && (m.Kind != Agency && m.Kind != Military || e.Law || e.Civil) {
			continue
		}
		n := 3
		if m.Kind != Actor {
			if rd.acts[m.Name] < 2 {
				continue // a service that is only named is one that a group works for
			}
			n = 2
		}
		counts[m.Name] += n
		if first[m.Name] == nil {
			first[m.Name] = m
		}
	}
	for name, n := range rd.followed {
		if counts[name] > 0 {
			counts[name] += 2 * n
		}
	}
	best, second := "", 0
	for name, n := range counts {
		if best == "" || n > counts[best] || n == counts[best] && first[name].Start < first[best].Start {
			best = name
		}
	}
	for name, n := range counts {
		if name != best {
			second = max(second, n)
		}
	}
	if best == "" || counts[best] < 4 && (len(counts) > 1 || first[best].Start > len(rd.doc.Text)/2) || counts[best]*2 < second*3 {
		return
	}
	m := first[best]
	e := rd.entityOf(best)
	ref := entityRef(e, m.Text)
	if e.Kind == Actor && !strings.EqualFold(m.Text, e.Name) {
		ref.Name = m.Text
		ref.Aliases = append([]string{e.Name}, e.Aliases...)
	}
	rd.protagonist = []Ref{ref}
}

// entityOf finds a name in the gazetteer or among those that the document introduces.
func (rd *reading) entityOf(name string) *Entity {
	if e := rd.gaz.byName[strings.ToLower(name)]; e != nil {
		return e
	}
	for _, list := range rd.local {
		for _, n := range list {
			if n.ent.Name == name {
				return n.ent
			}
		}
	}
	if toks := tokenize(name, 0, len(name)); len(toks) > 0 {
		if e, _, _ := rd.gaz.match(toks, 0); e != nil {
			return e
		}
	}
	return nil
}

// doer is who is meant where a deed is told without one: the named actor told last, the actor that the text is about, or the
// group told last.
func (rd *reading) doer() []Ref {
	if t := rd.topic(); t != nil {
		return t
	}
	if len(rd.d.group) > 0 {
		return rd.d.group
	}
	return rd.d.malware
}

// topic is the named actor that the text is about at this place.
func (rd *reading) topic() []Ref {
	if len(rd.d.single) > 0 && isNamed(&rd.d.single[0]) {
		return rd.d.single
	}
	return rd.protagonist
}

func isNamed(r *Ref) bool { return r.Kind == Actor }

// looseSubject names the doer of an unmistakable deed whose grammatical subject is missing, a pronoun, or the operation itself.
func (rd *reading) looseSubject(c *sentenceContext, subj int) []Ref {
	p := c.p
	if subj < 0 || subj >= len(p.chunks) || p.chunks[subj].kind != kNP {
		if own := rd.possessorThreat(c, 0, len(p.chunks)); own != nil {
			return own
		}
		if own := rd.hostileIn(c); own != nil {
			return own
		}
		return rd.doer()
	}
	ch := &p.chunks[subj]
	switch {
	case ch.class&cPronoun != 0:
		low := p.toks[ch.from].low
		if low == "we" || low == "i" || low == "you" || low == "he" || low == "she" || low == "one" {
			return nil
		}
		if own := rd.localAntecedent(c, subj); own != nil {
			if isDoer(&own[0]) && !rd.civil(&own[0]) {
				return own
			}
			return nil
		}
		return rd.doer()
	case ch.class&(cOperation|cMalware) != 0 && ch.class&(cSpeaker|cPeople) == 0:
		if own := rd.hostileIn(c); own != nil {
			return own
		}
		if d := rd.doer(); d != nil {
			return d
		}
		return rd.refs(c, group{members: []int{subj}, end: subj + 1}, subj+1)
	case p.properName(subj):
		return []Ref{{Name: cleanName(p, ch.from, ch.to, rd.doc.Text), Kind: "group", Text: p.span(rd.doc.Text, ch.from, ch.to)}}
	}
	return nil
}

// hostileIn is a group or an actor that the sentence itself names as a subject of something: "attacks for which a pro-X group has
// claimed responsibility".
func (rd *reading) hostileIn(c *sentenceContext) []Ref {
	p := c.p
	for v := range p.chunks {
		if !p.is(v, kVG) {
			continue
		}
		s := p.subjectOf(v)
		if s < 0 || p.chunks[s].class&(cSystem|cPronoun) != 0 && p.chunks[s].class&cActor == 0 {
			continue
		}
		if ch := &p.chunks[s]; ch.class&cActor != 0 || ch.class&(cGroup|cCrime) != 0 && anaphors[singular(p.toks[ch.head].low)] {
			return rd.refs(c, group{members: []int{s}, end: s + 1}, s+1)
		}
	}
	return nil
}

// looseObject takes any noun phrase for what an unmistakable deed was done to.
func (rd *reading) looseObject(c *sentenceContext, obj, limit int) []Ref {
	p := c.p
	if obj < 0 || obj >= len(p.chunks) || p.chunks[obj].kind != kNP {
		return nil
	}
	ch := &p.chunks[obj]
	if ch.class&(cTime|cPronoun) != 0 || idle[singular(p.toks[ch.head].low)] || !unicode.IsLetter([]rune(p.toks[ch.head].low)[0]) && ch.class&cMoney == 0 && !p.is(ch.to, kPrep) {
		return nil
	}
	if low := p.toks[ch.head].low; ch.class == 0 && ch.to-ch.from == 1 && low == p.toks[ch.head].text && !plural(low) {
		return nil // "targeting financial": an adjective, or nothing to go by
	}
	g := p.groupAt(obj, max(limit, obj+1))
	return rd.refs(c, g, max(limit, g.end))
}

// idle nouns are objects that say nothing of what was hit or taken.
var idle = set([]string{"way", "place", "part", "role", "time", "step", "action", "thing", "lot", "course", "look", "case", "form", "shape", "note", "rise", "effect", "advantage", "control", "access", "damage", "harm", "record"})

// properName tells a noun phrase that is a name of something unknown: capitals, no determiner but "the", no title of a person.
func (p *clauseParse) properName(i int) bool {
	ch := &p.chunks[i]
	if ch.ent != nil || ch.class&^(cOrganisation|cCompany|cGroup|cSpeaker|cBody) != 0 {
		return false
	}
	from := ch.from
	if low := p.toks[from].low; low == "the" && from+1 < ch.to {
		from++
	}
	for k := from; k < ch.to; k++ {
		t := p.toks[k]
		if !unicode.IsUpper([]rune(t.text)[0]) || t.ent != nil && t.demonym || roles[strings.TrimSuffix(t.low, ".")] || t.tag != tNoun && t.tag != tNum {
			return false
		}
	}
	return from > 0 || ch.to-from > 1
}

// settleMasthead finds who publishes a text by the short lines above its first sentence: "ESET Research", "Department of
// Justice". A headline that names a body among other words is no masthead.
func (rd *reading) settleMasthead() (Source, bool) {
	var bodies []Ref
	for i := range rd.paras {
		p := rd.paras[i]
		if p.start > 900 || i > 8 || len(p.sentences) > 0 && p.end-p.start > 160 {
			break
		}
		for line := range strings.SplitSeq(rd.doc.Text[p.start:p.end], "\n") {
			if e := rd.mastheadLine(line); e != nil && !slices.ContainsFunc(bodies, func(r Ref) bool { return r.Name == e.Name }) {
				bodies = append(bodies, entityRef(e, line))
			}
		}
	}
	if len(bodies) == 0 {
		return Source{}, false
	}
	s := joinParties(bodies)
	if bodies[0].Country == "European Union" || len(bodies) > 1 && bodies[1].Country == bodies[0].Country && bodies[1].Kind == State {
		s.Via, s.Name, s.Kind = s.Name, bodies[0].Country, State
	}
	s.Inferred = "the line above the text names who publishes it"
	return s, true
}

// imprint are words of the line that names a publisher: "X Threat Intelligence Blog", "News from X".
var imprint = set([]string{"blog", "research", "intelligence", "labs", "lab", "team", "advisory", "newsroom", "press", "release", "releases", "news", "response", "report", "reports", "publications", "office", "analysis", "threat", "bulletin", "statement"})

// mastheadLine is the publishing body that fills at least half of a short line.
func (rd *reading) mastheadLine(line string) *Entity {
	if len(line) > 110 {
		return nil
	}
	toks := tokenize(line, 0, len(line))
	words := 0
	for _, t := range toks {
		if unicode.IsLetter([]rune(t.low)[0]) {
			words++
		}
	}
	for i := range toks {
		e, n, demonym := rd.gaz.match(toks, i)
		if e == nil || demonym {
			continue
		}
		speaks := e.Vendor || e.Law || e.Kind == Ministry || e.Civil || e.Kind == Agency && e.Country == "European Union"
		if speaks && (n*2+1 >= words || words <= 8 && slices.ContainsFunc(toks, func(t token) bool { return imprint[t.low] })) {
			return e
		}
		if !speaks {
			continue
		}
		return nil
	}
	return nil
}

// civil tells a body that investigates, judges or reports, and so does none of the deeds that the relations tell.
func (rd *reading) civil(r *Ref) bool {
	e := rd.gaz.byName[strings.ToLower(r.Name)]
	return e != nil && (e.Law || e.Civil || e.Vendor && e.Kind != State)
}

// isDoer tells a reference that can act: an actor, a group, a service, a state.
func isDoer(r *Ref) bool {
	switch r.Kind {
	case Actor, Agency, Military, Ministry, Party, State, "criminal group", "mercenary", "group", Org, Company:
		return true
	}
	return false
}
