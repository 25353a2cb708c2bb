package prose

import (
	"slices"
	"strings"
)

// This file reads who somebody is from descriptions: "X, a unit of Y", "X is a Russia-aligned group", "the work of X",
// "X, a persona run by Y".

// partNouns say that something is a piece of what follows "of".
var partNouns = set([]string{
	"unit", "arm", "customer", "client", "partner", "ally", "supplier", "backer", "branch", "subgroup", "sub-group", "subset", "part", "cluster", "wing", "division", "offshoot", "member", "affiliate", "subsidiary", "front", "directorate", "department", "section",
	"cell", "element", "extension", "component", "spin-off", "splinter", "operation", "creation", "project", "proxy", "tool", "contractor", "front company", "alias", "team", "service", "agency", "organ", "organization", "organisation",
})

// roleNouns are posts: "X, an officer of the GRU", "X is a founder of Y".
var roleNouns = set([]string{"founder", "director", "owner", "leader", "administrator", "developer", "employee", "officer", "commander", "ceo", "manager", "deputy", "colonel", "head", "boss", "member", "executive", "representative", "agent", "operative", "co-founder"})

// stateWords make of a nationality a tie to the state: a Chinese espionage group, not a Chinese gang.
var stateWords = set([]string{"state", "government", "espionage", "intelligence", "military", "apt", "state-sponsored", "state-backed", "nation-state", "spy", "cyberespionage", "state-linked", "state-controlled", "government-backed", "threat", "hacking", "hacker", "cyberspy", "spying", "service", "services"})

// personaNouns are names that somebody acts under.
var personaNouns = set([]string{"persona", "front", "brand", "moniker", "facade", "façade", "guise", "alter ego", "cover", "sockpuppet", "identity", "label", "mask", "character", "pseudonym", "alias"})

// describedAs returns the noun phrase that the description at j is told of: the name before the comma ("X, a group that …"), or
// the subject of "is". -1 where j describes nobody.
func (p *clauseParse) describedAs(j int) int {
	if !p.is(j, kNP) || p.chunks[j].ent != nil && p.headNames(&p.chunks[j]) {
		return -1
	}
	if low := p.toks[p.chunks[j].from].low; !p.lx.determiners[low] && low != "one" && p.chunks[j].class&cMalware == 0 {
		return -1
	}
	if n := p.skipOn(j); p.is(n, kVG) && !p.chunks[n].ing && !p.reduced(n) && !p.chunks[n].inf {
		return -1 // "according to X, the network was …": a subject, no apposition
	}
	prev := p.skipBack(j)
	if p.is(prev, kVG) && p.chunks[prev].copula && p.chunks[prev].word == "be" && !p.chunks[prev].neg {
		if s := p.subjectOf(prev); s >= 0 && s < prev {
			return s
		}
		return -1
	}
	if p.is(prev, kPrep) && p.wordAt(prev) == "as" && p.is(prev-1, kNP) && p.is(prev-2, kVG) && appositive[p.chunks[prev-2].word] && !p.chunks[prev-2].passive {
		return prev - 1
	}
	if p.is(prev, kPrep) && p.wordAt(prev) == "as" && p.is(prev-1, kVG) && appositive[p.chunks[prev-1].word] {
		return p.directObjectOrSubject(prev - 1)
	}
	if w := p.wordAt(prev); !p.is(prev, kComma) && (!p.is(prev, kBreak) || w != "(" && w != "—" && w != "–") {
		return -1
	}
	for k := prev - 1; k >= 0 && k > prev-7; k-- {
		switch {
		case p.is(k, kNP) && (p.chunks[k].ent != nil && nameable[p.chunks[k].ent.Kind] && !p.toks[p.chunks[k].head].demonym || p.properName(k)):
			return k
		case p.is(k, kNP) && k == prev-1:
			continue
		case p.is(k, kBreak), p.is(k, kPrep), p.is(k, kNP):
			continue
		}
		break
	}
	return -1
}

func (p *clauseParse) directObjectOrSubject(v int) int {
	if p.chunks[v].passive {
		return p.subjectOf(v)
	}
	return p.directObject(v)
}

// appositive verbs give a description after "as": "named the network as a part of X".
var appositive = set([]string{"name", "identify", "describe", "assess", "designate", "regard", "see", "unmask", "characterize", "list"})

var nameable = map[string]bool{Actor: true, Malware: true, Company: true, Org: true, Agency: true, Military: true, Tool: true, Person: true, Media: true}

// ruleWho adds what descriptions say of whom they describe.
func (rd *reading) ruleWho(c *sentenceContext) {
	for j := range c.p.chunks {
		if i := c.p.describedAs(j); i >= 0 {
			rd.describes(c, i, j)
		}
		rd.describesName(c, j)
	}
	rd.ruleWorkOf(c)
	rd.ruleResponsible(c)
}

// ruleResponsible finds "named the group X as being responsible", "identified X as the culprit".
func (rd *reading) ruleResponsible(c *sentenceContext) {
	p := c.p
	if c.tells(rd, "attributed-to") {
		return
	}
	for v := range p.chunks {
		if !p.is(v, kVG) || !appositive[p.chunks[v].word] && p.chunks[v].word != "call" || p.chunks[v].neg {
			continue
		}
		o := p.directObject(v)
		if o < 0 || !p.has(p.chunks[o].to, min(len(p.toks), p.chunks[o].to+5), "responsible", "culprit", "perpetrator", "perpetrators", "culprits", "author") {
			continue
		}
		object := rd.threatRefs(c, o)
		what := rd.d.operation
		if len(what) == 0 {
			what = []Ref{described("attack", "operation")}
		}
		if len(object) == 0 {
			continue
		}
		cl := rd.claimAt(c, p.chunks[v].verb, "attributed-to", what, object)
		if s := p.subjectOf(v); s >= 0 {
			if who, ok := rd.sourceAt(c, s); ok {
				cl.Who, cl.Root = who, rd.rootOf(who)
			}
		}
		rd.add(c, cl, "who:responsible", "somebody named as responsible")
	}
}

// describesName reads the state from a description before a name: "an Iranian operation known as X", "the Russian hacking group X".
func (rd *reading) describesName(c *sentenceContext, j int) {
	p := c.p
	if !p.is(j, kNP) {
		return
	}
	ch := &p.chunks[j]
	if ch.ent == nil {
		k := j + 1
		if !p.is(k, kVG) || !naming[p.chunks[k].word] || !p.reduced(k) {
			return
		}
		if k++; p.is(k, kPrep) && p.wordAt(k) == "as" {
			k++
		}
		if p.is(k, kNP) && p.chunks[k].ent != nil && p.chunks[k].ent.Kind == Actor {
			rd.describedState(c, []Ref{p.nameRef(rd.doc.Text, p.chunks[k].head)}, j)
		}
		return
	}
	if ch.ent.Kind != Actor || ch.head-ch.from < 2 || !anaphors[singular(p.toks[ch.head-1].low)] {
		return
	}
	for k := ch.from; k < ch.head; k++ {
		if e := p.toks[k].ent; e != nil && e.Kind == State {
			rd.link(c, j, []Ref{p.nameRef(rd.doc.Text, ch.head)}, []Ref{entityRef(e, p.toks[k].text)}, "described")
			return
		}
	}
}

func (rd *reading) describes(c *sentenceContext, i, j int) {
	p := c.p
	ch := &p.chunks[j]
	head := singular(p.toks[ch.head].low)
	subject := rd.refs(c, group{members: []int{i}, end: i + 1}, i+1)
	if p.chunks[i].ent == nil && p.chunks[i].class == 0 && !p.properName(i) && !rd.knownName(p, i) {
		return
	}
	if len(subject) == 0 || p.chunks[i].class&(cPerson|cTime|cSystem) != 0 && p.chunks[i].ent == nil {
		return
	}
	if k := j + 1; partNouns[head] && p.is(k, kPrep) && (p.wordAt(k) == "of" || p.wordAt(k) == "for" || p.wordAt(k) == "within" || p.wordAt(k) == "to") && p.is(k+1, kNP) {
		if object := rd.threatRefs(c, k+1); len(object) > 0 {
			rd.link(c, j, subject, object, "part")
			return
		}
	}
	if k := j + 1; roleNouns[head] && p.is(k, kPrep) && p.is(k+1, kNP) && (p.wordAt(k) == "of" || p.wordAt(k) == "at" || p.wordAt(k) == "for" || p.wordAt(k) == "in") {
		if object := rd.threatRefs(c, k+1); len(object) > 0 && object[0].Kind != State {
			if serviceKind(object[0].Kind) {
				cl := rd.claimAt(c, ch.head, "on-behalf-of", subject, object)
				rd.hedge(c, &cl, j)
				rd.add(c, cl, "who:role", "a post in a service")
			} else {
				rd.link(c, j, subject, object, "role")
			}
			return
		}
	}
	if r := j + 1; personaNouns[head] && p.is(r, kRel) && p.is(r+1, kNP) && p.is(r+2, kVG) && !p.chunks[r+2].neg { // "a persona that X had created"
		if by := rd.refs(c, group{members: []int{r + 1}, end: r + 2}, r+2); len(by) > 0 && (isDoer(&by[0]) || by[0].Kind == "people") {
			rd.add(c, rd.claimAt(c, ch.head, "personas", by, subject), "who:persona", "a name that somebody acts under")
			return
		}
	}
	if personaNouns[head] {
		if v := j + 1; p.is(v, kVG) && p.reduced(v) {
			if a := p.agent(v, len(p.chunks)); a >= 0 {
				if by := rd.threatRefs(c, a); len(by) > 0 {
					cl := rd.claimAt(c, ch.head, "personas", by, subject)
					rd.hedge(c, &cl, v)
					rd.add(c, cl, "who:persona", "a name that somebody acts under")
					return
				}
			}
		}
	}
	rd.describedState(c, subject, j)
}

// knownName tells a single capitalised word at the head of a sentence that the text has as a name elsewhere.
func (rd *reading) knownName(p *clauseParse, i int) bool {
	ch := &p.chunks[i]
	return ch.to-ch.from == 1 && unicodeUpper(p.toks[ch.from].text) && len(p.lx.verbs[p.toks[ch.from].low]) == 0 && strings.Contains(rd.doc.Text, " "+p.toks[ch.from].text)
}

// describedState reads the state from "a Russia-aligned group", "a Chinese espionage group", "a GRU unit".
func (rd *reading) describedState(c *sentenceContext, subject []Ref, j int) {
	p := c.p
	ch := &p.chunks[j]
	tie := ch.class&cMercenary == 0 && partNouns[singular(p.toks[ch.head].low)]
	aligned := false
	for k := ch.from; k < ch.to; k++ {
		aligned = aligned || compoundTies[p.toks[k].low]
		tie = tie || stateWords[singular(p.toks[k].low)]
	}
	if ch.class&(cGroup|cActor|cCompany|cOrganisation|cOperation|cMalware) == 0 || !tie && !aligned || subject[0].Kind == Person {
		return
	}
	for k := ch.from; k < ch.to; k++ {
		e := p.toks[k].ent
		if e == nil || entityClass(e)&(classNames["threat"]|cState) == 0 || e.Law || e.Name == subject[0].Name || k == ch.head && !p.toks[k].demonym {
			continue
		}
		if aligned && (k+1 >= ch.to || !compoundTies[p.toks[k+1].low]) {
			continue
		}
		rd.link(c, j, subject, []Ref{entityRef(e, p.toks[k].text)}, "described")
		return
	}
}

// compoundTies are the second halves that tie to a state.
var compoundTies = set([]string{"-linked", "-backed", "-affiliated", "-aligned", "-sponsored", "-nexus", "-tied", "-controlled", "-run", "-directed", "-connected", "-supported", "-funded", "-owned", "-led", "-associated", "-attributed"})

// threatRefs are the references of a noun phrase that names a state, a service, an actor or a known body.
func (rd *reading) threatRefs(c *sentenceContext, i int) []Ref {
	p := c.p
	ch := &p.chunks[i]
	g := p.groupAt(i, len(p.chunks))
	if ch.ent == nil || ch.ent.Law || ch.ent.Vendor || entityClass(ch.ent)&(classNames["threat"]|cCompany) == 0 {
		if ref, ok := p.stateHead(ch, p.span(rd.doc.Text, ch.from, ch.to)); ok {
			return []Ref{ref}
		}
		for k := ch.from; k < ch.to; k++ {
			if e := p.toks[k].ent; e != nil && !e.Law && entityClass(e)&(cAgency|cMilitary|cActor|cParty) != 0 {
				return []Ref{entityRef(e, p.toks[k].text)}
			}
		}
		if ch.class&(cGroup|cCrime|cAgency|cMilitary) != 0 && ch.class&cPronoun == 0 {
			return rd.refs(c, g, g.end)
		}
		return nil
	}
	return rd.refs(c, g, g.end)
}

// link adds a tie: to a service or a military that the described is a part of it, to a state or another actor that it is linked.
func (rd *reading) link(c *sentenceContext, j int, subject, object []Ref, how string) {
	relation := "linked-to"
	if how == "part" && (serviceKind(object[0].Kind) || !isDoer(&subject[0]) && subject[0].Kind != Malware || subject[0].Kind == "group" && object[0].Kind == Actor) {
		relation = "attributed-to"
	}
	if sameRefs(subject, object) || subject[0].Kind == State || subject[0].Kind == Agency && object[0].Kind == State {
		return
	}
	cl := rd.claimAt(c, c.p.chunks[j].head, relation, subject, object)
	rd.hedge(c, &cl, j)
	rd.add(c, cl, "who:"+how, "a description of who it is")
}

func serviceKind(kind string) bool { return kind == Agency || kind == Military || kind == Ministry }

// workNouns in "the work of X" name the doer of an operation.
var workNouns = set([]string{"work", "handiwork", "doing", "brainchild", "hand"})

// seesHand are verbs of "sees the hand of X in it".
var seesHand = set([]string{"see", "detect", "recognize", "recognise", "suspect", "spot"})

// ruleWorkOf finds "the intrusion is the work of X", "it was the work of X".
func (rd *reading) ruleWorkOf(c *sentenceContext) {
	p := c.p
	for i := range p.chunks {
		if !p.is(i, kNP) || !workNouns[p.toks[p.chunks[i].head].low] || !p.is(i+1, kPrep) || p.wordAt(i+1) != "of" || !p.is(i+2, kNP) {
			continue
		}
		g := p.verbBefore(i, i)
		if g >= 0 && seesHand[p.chunks[g].word] {
			if object := rd.threatRefs(c, i+2); len(object) > 0 {
				what := rd.d.operation
				if len(what) == 0 {
					what = []Ref{described("attack", "operation")}
				}
				cl := rd.claimAt(c, p.chunks[i].head, "attributed-to", what, object)
				rd.hedge(c, &cl, g)
				rd.add(c, cl, "who:work", "somebody's hand seen in an operation")
			}
			continue
		}
		if g < 0 || p.chunks[g].word != "be" && p.chunks[g].word != "appear" && p.chunks[g].word != "seem" && p.chunks[g].word != "look" && p.chunks[g].word != "describe" {
			continue
		}
		object := rd.threatRefs(c, i+2)
		if len(object) == 0 {
			continue
		}
		subject := rd.d.operation
		if s := p.subjectOf(g); s >= 0 && p.chunks[s].class&cPronoun == 0 && s < g {
			subject = rd.refs(c, group{members: []int{s}, end: s + 1}, s+1)
		}
		if len(subject) == 0 {
			subject = []Ref{described("attack", "operation")}
		}
		cl := rd.claimAt(c, p.chunks[i].head, "attributed-to", subject, object)
		if p.chunks[g].neg {
			cl.Stance = Denies
		}
		rd.hedge(c, &cl, g)
		rd.add(c, cl, "who:work", "an operation called somebody's work")
	}
}

// ruleNames finds other names told of whom the sentence speaks: "the group is also known as X and Y", "tracked under several
// names, including X", "M, which calls the group X".
func (rd *reading) ruleNames(c *sentenceContext) {
	p := c.p
	if slices.ContainsFunc(rd.own, func(cl Claim) bool { return cl.Relation == "alias-of" }) {
		return
	}
	for v := range p.chunks {
		ch := &p.chunks[v]
		if ch.kind != kVG || !naming[ch.word] && ch.word != "refer" && ch.word != "label" || ch.neg {
			continue
		}
		subject, names := rd.namesAt(c, v)
		if len(subject) == 0 || len(names) == 0 {
			continue
		}
		cl := rd.claimAt(c, ch.verb, "alias-of", subject, names)
		if s := p.subjectOf(v); s >= 0 && !ch.passive {
			if who, ok := rd.sourceAt(c, s); ok {
				cl.Who, cl.Root = who, rd.rootOf(who)
			}
		}
		if a := p.agent(v, len(p.chunks)); ch.passive && a >= 0 {
			if who, ok := rd.sourceAt(c, a); ok {
				cl.Who, cl.Root = who, rd.rootOf(who)
			}
		}
		rd.add(c, cl, "alias:names", "other names of the actor spoken of")
		return
	}
}

// namesAt reads who is named at the verb v and with which names.
func (rd *reading) namesAt(c *sentenceContext, v int) (subject, names []Ref) {
	p := c.p
	ch := &p.chunks[v]
	at := p.skipOn(v)
	if ch.passive {
		s := p.subjectOf(v)
		if s < 0 || p.chunks[s].class&(cGroup|cActor|cPronoun|cMalware|cOperation) == 0 {
			return nil, nil
		}
		if low := p.toks[p.chunks[s].from].low; p.chunks[s].class&cPronoun != 0 && low != "it" && low != "they" {
			return nil, nil
		}
		subject = rd.takenUp(c, s)
		at = rd.namesStart(p, at)
	} else if k := at + 1; p.is(at, kNP) && p.chunks[at].ent != nil && p.chunks[at].class&cActor != 0 && p.is(k, kPrep) && p.wordAt(k) == "as" { // "others know X as Y"
		subject, at = rd.refs(c, group{members: []int{at}, end: k}, k), k+1
	} else if p.is(at, kNP) && p.chunks[at].class&(cGroup|cActor) != 0 { // "calls the group X"
		o := &p.chunks[at]
		for k := o.from; k < o.to; k++ {
			if anaphors[singular(p.toks[k].low)] && k+1 < o.to && unicodeUpper(p.toks[k+1].text) {
				name := p.span(rd.doc.Text, k+1, o.to)
				if d := rd.doer(); len(d) > 0 && !strings.EqualFold(d[0].Name, name) && !p.has(o.to, min(len(p.toks), o.to+4), "responsible") {
					return d, []Ref{{Name: name, Kind: Actor}}
				}
				return nil, nil
			}
		}
		return nil, nil
	}
	if !p.is(at, kNP) {
		return nil, nil
	}
	for _, m := range p.groupAt(at, len(p.chunks)).members {
		n := p.chunks[m]
		name := cleanName(p, n.from, n.to, rd.doc.Text)
		if p.named(m) && n.class&(cState|cTime|cPerson) == 0 && len(name) > 1 && len(subject) > 0 && !strings.EqualFold(name, subject[0].Name) {
			names = append(names, Ref{Name: name, Kind: subject[0].Kind, Text: name})
		}
	}
	return subject, names
}

func unicodeUpper(s string) bool { return s != "" && s[0] >= 'A' && s[0] <= 'Z' }

// takenUp resolves "the group" and "it" to a named actor if the text has one, and other phrases to what they say.
func (rd *reading) takenUp(c *sentenceContext, s int) []Ref {
	p := c.p
	ch := &p.chunks[s]
	if ch.ent == nil && (ch.class&cPronoun != 0 || anaphors[singular(p.toks[ch.head].low)] || ch.class&cOperation != 0) {
		if d := rd.doer(); d != nil {
			return d
		}
	}
	return rd.refs(c, group{members: []int{s}, end: s + 1}, s+1)
}

// namesStart skips "as", "by M as", "under several names, including" to the first name.
func (rd *reading) namesStart(p *clauseParse, at int) int {
	for n := 0; at < len(p.chunks) && n < 14; n++ {
		ch := &p.chunks[at]
		switch {
		case ch.kind == kPrep && (ch.word == "as" || p.lx.exemplifiers[ch.word]), ch.kind == kPrep && ch.word == "under" && p.is(at+1, kNP) && p.named(at+1):
			return at + 1
		case ch.kind == kNP && p.named(at) && n > 0 && p.is(at-1, kBreak):
			return at
		case ch.kind == kPrep, ch.kind == kNP, ch.kind == kComma, ch.kind == kConj, ch.kind == kSub && ch.word == "as":
			if ch.kind == kSub {
				return at + 1
			}
			at++
		default:
			return at
		}
	}
	return at
}
