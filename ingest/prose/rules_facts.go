package prose

import (
	"slices"
	"strings"
)

// The rules of this file read facts from sentences whose verb says nothing by itself: agreement with what was told before, lists of
// victims, two that work together, imperatives of advice.

// ruleAgrees finds somebody who says the same as was said before: "came to the same conclusion", "shares that assessment", "says so
// too". It tells the last finding again, in the mouth of who agrees.
func (rd *reading) ruleAgrees(c *sentenceContext) {
	p := c.p
	if slices.ContainsFunc(rd.own, func(cl Claim) bool { return ties[cl.Relation] || cl.Stance != Asserts }) {
		return
	}
	at, end := p.cueAt(p.lx.cues.agrees, 0, len(p.toks))
	if at < 0 || at > 0 && p.lx.negations[p.toks[at-1].low] {
		return
	}
	for i := p.at[end-1] + 1; i < len(p.chunks); i++ {
		if p.is(i, kSub) || p.is(i, kRel) {
			return // "agree with the assessment that …" says itself what it is of
		}
	}
	v := p.verbBy(at, end)
	if v < 0 || p.chunks[v].neg {
		return
	}
	s := p.subjectOf(v)
	if s < 0 {
		return
	}
	who, ok := rd.sourceAt(c, s)
	if !ok || who.Name == TheArticle {
		return
	}
	who = rd.jointSource(c, s, v, who)
	told := rd.lastFinding(who)
	if told == nil {
		return
	}
	cl := rd.claimAt(c, p.chunks[v].verb, told.Relation, told.Subject, told.Object)
	cl.Who, cl.Root, cl.About = who, rd.rootOf(who), told.ID
	cl.When = rd.whenOf(c, v)
	rd.add(c, cl, "agrees", "somebody who says the same as was told before")
}

// verbBy is the verb group that holds a token of [from,to), or stands next before it.
func (p *clauseParse) verbBy(from, to int) int {
	for k := from; k < to; k++ {
		if p.is(p.at[k], kVG) && p.chunks[p.at[k]].word != "" {
			return p.at[k]
		}
	}
	return p.verbBefore(p.at[from]+1, 0)
}

// ties are the relations that tell who is behind something.
var ties = set([]string{"attributed-to", "linked-to", "on-behalf-of", "partners-with", "financed-by"})

// lastFinding is the last fact told of who is behind something, else of a break-in, that comes from somebody else.
func (rd *reading) lastFinding(who Source) *Claim {
	me := Claim{Who: who}
	for _, relations := range []map[string]bool{ties, actions} {
		for n := len(rd.res.Claims) - 1; n >= 0 && n > len(rd.res.Claims)-40; n-- {
			if cl := &rd.res.Claims[n]; relations[cl.Relation] && cl.Stance == Asserts && len(cl.Subject) > 0 && !me.speaksFor(cl) {
				return cl
			}
		}
	}
	return nil
}

// victimNouns are heads of "the victims included …".
var victimNouns = set([]string{"victim", "target", "recipient"})

// ruleVictims finds who was hit from a list of victims: "the victims included a bank and two ministries", "among the targets was X".
func (rd *reading) ruleVictims(c *sentenceContext) {
	p := c.p
	for i := range p.chunks {
		if !p.is(i, kNP) || !victimNouns[singular(p.toks[p.chunks[i].head].low)] || p.chunks[i].ent != nil {
			continue
		}
		v := i + 1
		for v < len(p.chunks) && !p.is(v, kVG) && !p.is(v, kBreak) {
			v++
		}
		if !p.is(v, kVG) && !p.is(v, kPrep) || p.chunks[v].neg {
			continue
		}
		obj := -1
		switch {
		case p.chunks[v].word == "include" || p.chunks[v].word == "comprise" || p.chunks[v].copula && p.chunks[v].word == "be":
			obj = p.directObject(v)
		case p.chunks[v].word == "range" && p.is(v+1, kPrep) && p.wordAt(v+1) == "from":
			obj = v + 2
		}
		if obj < 0 || obj < len(p.chunks) && p.chunks[obj].class&(cTime|cPronoun) != 0 {
			continue
		}
		g := p.groupAt(obj, len(p.chunks))
		object := rd.refs(c, g, len(p.chunks))
		subject := rd.topic()
		if subject == nil {
			subject = rd.doer()
		}
		if len(object) == 0 || len(subject) == 0 || object[0].Kind == "" && p.chunks[obj].class == 0 && !p.properName(obj) {
			continue
		}
		cl := rd.claimAt(c, p.chunks[v].verb, "targets", subject, object)
		rd.qualify(c, &cl, v, obj)
		rd.add(c, cl, "victims", "a list of victims; the doer is the one told of around it")
		return
	}
}

// reciprocal verbs tell of each other what their subjects do together.
var reciprocal = set([]string{"cooperate", "collaborate", "coordinate", "conspire", "collude", "partner"})

// ruleTogether finds two that work together: "the two groups cooperate", "X and Y worked together".
func (rd *reading) ruleTogether(c *sentenceContext) {
	p := c.p
	for v := range p.chunks {
		ch := &p.chunks[v]
		if ch.kind != kVG || ch.passive || ch.inf && !p.is(p.skipBack(v), kVG) {
			continue
		}
		rest := p.words(ch.to, min(len(p.toks), ch.to+3))
		together := reciprocal[ch.word] && !strings.HasPrefix(rest, "with") && !strings.HasPrefix(rest, "closely with") ||
			(ch.word == "work" || ch.word == "act" || ch.word == "operate") && (strings.HasPrefix(rest, "together") || strings.HasPrefix(rest, "closely together") || strings.HasPrefix(rest, "in tandem") || strings.HasPrefix(rest, "hand in hand") || strings.HasPrefix(rest, "hand in glove"))
		s := p.subjectOf(v)
		if !together || s < 0 || s > v {
			continue
		}
		refs := rd.side(c, s, classNames["threat"]|cCompany, v, match{pat: &pattern{frame: &frame{}}})
		if low := p.toks[p.chunks[s].from].low; len(refs) < 2 && (low == "both" || low == "the" || low == "they") && len(rd.d.pair) == 2 && plural(p.toks[p.chunks[s].head].low) || low == "they" && len(rd.d.pair) == 2 {
			refs = rd.d.pair
		}
		if len(refs) < 2 || rd.civil(&refs[0]) {
			continue
		}
		cl := rd.claimAt(c, ch.verb, "partners-with", refs[:1], refs[1:])
		if ch.neg && cl.Stance == Asserts {
			cl.Stance = Denies
		}
		rd.hedge(c, &cl, v)
		rd.add(c, cl, "together", "a verb of what several do with each other")
		return
	}
}

// ruleSame finds what several have in common: "both groups used the same server".
func (rd *reading) ruleSame(c *sentenceContext) {
	p := c.p
	if c.tells(rd, "shares-resources") {
		return
	}
	for v := range p.chunks {
		ch := &p.chunks[v]
		obj := -1
		if ch.kind == kVG {
			obj = p.directObject(v)
		}
		if obj < 0 || p.chunks[obj].to-p.chunks[obj].from < 3 || p.words(p.chunks[obj].from, p.chunks[obj].from+2) != "the same" || p.chunks[obj].class&(cSystem|cAsset|cMalware|cTool|cTechnique|cVulnerability) == 0 {
			continue
		}
		s := p.subjectOf(v)
		if s < 0 || s > v {
			continue
		}
		refs := rd.side(c, s, classNames["threat"]|cCompany, v, match{pat: &pattern{frame: &frame{}}})
		if len(refs) < 2 {
			continue
		}
		object := rd.refs(c, p.groupAt(obj, len(p.chunks)), len(p.chunks))
		rd.own = slices.DeleteFunc(rd.own, func(cl Claim) bool { return cl.Relation == "uses" })
		cl := rd.claimAt(c, ch.verb, "shares-resources", refs, object)
		rd.add(c, cl, "same", "several use the same thing")
		return
	}
}

// ruleUnpaid finds that nobody asked for money: "no ransom was demanded", "made no demand", "asked for nothing".
func (rd *reading) ruleUnpaid(c *sentenceContext) {
	p := c.p
	if c.tells(rd, "motive") {
		return
	}
	at, end := p.cueAt(p.lx.cues.unpaid, 0, len(p.toks))
	if at < 0 {
		return
	}
	rd.own = slices.DeleteFunc(rd.own, func(cl Claim) bool { return cl.Relation == "extorts" })
	rd.addMotive(c, end-1, []string{"financial"}, true)
}

// showVerbs point from what was seen to a motive.
var showVerbs = set([]string{"suggest", "indicate", "point", "hint", "show", "reveal", "reflect", "imply"})

// ruleSuggests finds the motive that something points to: "the choice of victims suggests espionage", "this was sabotage, not espionage".
func (rd *reading) ruleSuggests(c *sentenceContext) {
	p := c.p
	if c.tells(rd, "motive") || c.tells(rd, "recommends") {
		return
	}
	for v := range p.chunks {
		ch := &p.chunks[v]
		if ch.kind != kVG {
			continue
		}
		obj := p.directObject(v)
		if p.is(v+1, kPrep) && (p.wordAt(v+1) == "to" || p.wordAt(v+1) == "at") {
			obj = v + 2
		}
		if obj < 0 || !p.is(obj, kNP) {
			continue
		}
		s := p.subjectOf(v)
		event := s >= 0 && (p.chunks[s].class&cOperation != 0 || p.chunks[s].class&cPronoun != 0 && p.toks[p.chunks[s].from].low != "we" && p.toks[p.chunks[s].from].low != "he" && p.toks[p.chunks[s].from].low != "she" && p.toks[p.chunks[s].from].low != "i")
		o := &p.chunks[obj]
		if s >= 0 && ch.copula && ch.word == "be" && slices.Contains(strings.Fields(motiveAnchor), singular(p.toks[o.head].low)) { // "money was not the motive"
			if kinds := rd.motivesIn(p, p.chunks[s].from, p.chunks[s].to); len(kinds) > 0 {
				rd.addMotive(c, o.head, kinds, ch.neg)
				return
			}
		}
		if ch.neg || !showVerbs[ch.word] && (!ch.copula || ch.word != "be" || !event) {
			continue
		}
		end := o.to
		if p.is(obj+1, kPrep) && p.wordAt(obj+1) == "of" && p.is(obj+2, kNP) { // "an act of revenge"
			end = p.chunks[obj+2].to
		}
		kinds := rd.motivesIn(p, o.from, end)
		if len(kinds) == 0 || ch.copula && o.to-o.from > 3 {
			continue
		}
		rd.addMotive(c, o.head, kinds, false)
		if n := obj + 1; p.is(n, kComma) && p.has(p.chunks[n].to, min(len(p.toks), p.chunks[n].to+2), "not") { // "sabotage, not espionage"
			if not := rd.motivesIn(p, p.chunks[n].to, min(len(p.toks), p.chunks[n].to+4)); len(not) > 0 {
				rd.addMotive(c, p.chunks[n].from, not, true)
			}
		}
		return
	}
}

// adviceWords in a heading make the imperatives below it advice.
var adviceWords = []string{"recommend", "mitigat", "what to do", "advice", "protect yourself", "remediation", "guidance", "how to", "should do", "next steps", "action", "defend", "countermeasure"}

// ruleImperative finds advice told as a command, in a section of advice or in answer to what one should do: "Patch the gateway."
func (rd *reading) ruleImperative(c *sentenceContext) {
	p := c.p
	if c.tells(rd, "recommends") || len(p.toks) < 3 {
		return
	}
	first := 0
	if p.s.leadTo > 0 {
		return
	}
	t := p.toks[first]
	base := slices.ContainsFunc(p.lx.verbs[t.low], func(f verbForm) bool { return f.base })
	next := p.toks[first+1]
	if !base || t.ent != nil || next.tag == tVerb || next.tag == tAux || next.tag == tModal || next.tag == tPunct && next.low != "," || !rd.advising(c.par) {
		return
	}
	voice := rd.voice()
	if voice.Name == TheArticle {
		return
	}
	what := clip(p.span(rd.doc.Text, first, p.clauseTo(len(p.chunks))))
	rd.own = slices.DeleteFunc(rd.own, func(cl Claim) bool { return cl.Stance == Asserts && cl.Relation != "recommends" })
	cl := rd.claimAt(c, first, "recommends", []Ref{described(voice.Name, voice.Kind)}, []Ref{described(what, "advice")})
	rd.add(c, cl, "imperative", "a command in a part of the text that gives advice")
}

// advising tells that a paragraph stands under a heading of advice, or answers a question for it.
func (rd *reading) advising(par int) bool {
	for i := par - 1; i >= 0 && i >= par-25; i-- {
		q := &rd.paras[i]
		asks := q.labelled && q.speaker == ""
		if !q.heading && !asks {
			continue
		}
		low := strings.ToLower(rd.doc.Text[q.start:q.end])
		return slices.ContainsFunc(adviceWords, func(w string) bool { return strings.Contains(low, w) }) || asks && strings.Contains(low, "should")
	}
	return false
}

// ruleSubject finds measures told of whom they are on: "the following are subject to an asset freeze", "X now faces a travel ban".
func (rd *reading) ruleSubject(c *sentenceContext) {
	p := c.p
	if c.tells(rd, "measure") {
		return
	}
	for k := 0; k+2 < len(p.toks); k++ {
		if p.toks[k].low != "subject" || p.toks[k+1].low != "to" {
			continue
		}
		at := p.npFrom(k+2, len(p.chunks))
		kind, ok := "", false
		if at >= 0 {
			kind, ok = p.measureNoun(at)
		}
		if !ok {
			continue
		}
		var by []Ref
		if who := rd.voice(); who.Name != TheArticle && who.Kind != Person {
			by = []Ref{described(who.Name, who.Kind)}
		}
		var against []Ref
		if s := p.subjectAt(p.verbBefore(p.at[k], 0)); s >= 0 && p.chunks[s].class&cPronoun == 0 {
			against = rd.refs(c, p.groupAt(s, p.at[k]), p.at[k])
		}
		rd.emitMeasure(c, at, by, against, kind, -1)
		cl := &rd.own[len(rd.own)-1]
		if len(against) == 0 || p.chunks[p.subjectAt(p.verbBefore(p.at[k], 0))].ent == nil {
			cl.Object[0].Name = clip(p.span(rd.doc.Text, p.chunks[at].from, p.clauseTo(len(p.chunks))))
		}
		cl.Object[0].Text = p.span(rd.doc.Text, p.chunks[at].from, p.clauseTo(len(p.chunks)))
		return
	}
}

// ruleIdentity finds "KINGDOM is Ruritania", and the answer "It was Unit 7": an actor that is a state or a service, and who did what was
// told before.
func (rd *reading) ruleIdentity(c *sentenceContext) {
	p := c.p
	for v := range p.chunks {
		ch := &p.chunks[v]
		if ch.kind != kVG || !ch.copula || ch.word != "be" || !p.is(v+1, kNP) || p.chunks[v+1].ent == nil || !p.headNames(&p.chunks[v+1]) || p.toks[p.chunks[v+1].head].demonym {
			continue
		}
		s := p.subjectOf(v)
		if s < 0 || s > v {
			continue
		}
		object := []Ref{p.nameRef(rd.doc.Text, p.chunks[v+1].head)}
		var subject []Ref
		switch low := p.toks[p.chunks[s].from].low; {
		case p.chunks[s].class&cActor != 0 && p.chunks[s].ent != nil && (object[0].Kind == State || serviceKind(object[0].Kind)):
			subject = rd.refs(c, group{members: []int{s}, end: s + 1}, s+1)
		case (low == "it" || low == "this" || low == "that") && p.chunks[s].class&cPronoun != 0 && (object[0].Kind == Actor || serviceKind(object[0].Kind)) && (v+2 >= len(p.chunks) || p.is(v+2, kBreak)):
			if subject = rd.d.operation; len(subject) == 0 {
				subject = []Ref{described("attack", "operation")}
			}
		}
		if len(subject) == 0 || rd.civil(&object[0]) || sameRefs(subject, object) {
			continue
		}
		cl := rd.claimAt(c, ch.verb, "attributed-to", subject, object)
		if ch.neg && cl.Stance == Asserts {
			cl.Stance = Denies
		}
		rd.hedge(c, &cl, v)
		rd.add(c, cl, "identity", "one is said to be the other")
	}
}
