package prose

import (
	"slices"
	"strings"
)

// The rules of this file go by phrases (data/cues.yaml) where the rules before them found nothing in the sentence.

func (c *sentenceContext) has(rd *reading, stance Stance) bool {
	return slices.ContainsFunc(rd.own, func(cl Claim) bool { return cl.Stance == stance })
}

func (c *sentenceContext) tells(rd *reading, relation string) bool {
	return slices.ContainsFunc(rd.own, func(cl Claim) bool { return cl.Relation == relation })
}

// ruleSilence finds parties that left questions unanswered.
func (rd *reading) ruleSilence(c *sentenceContext) {
	p := c.p
	if c.has(rd, NoComment) {
		return
	}
	at, end := p.cueAt(p.lx.cues.silence, 0, len(p.toks))
	if at < 0 || rd.quotedAt(c, at) {
		return
	}
	if w := p.words(end, min(len(p.toks), end+3)); strings.HasPrefix(w, "whether") && !strings.Contains(p.words(at, end), "comment") && p.toks[at].low != "did" {
		return
	}
	parties := rd.partyBefore(c, at)
	if len(parties) == 0 {
		return
	}
	cl := rd.claimAt(c, at, "response", parties, nil)
	cl.Who, cl.Stance = joinParties(parties), NoComment
	cl.Root = rd.rootOf(Source{Name: TheArticle})
	rd.add(c, cl, "silence", "words of an answer not given, of the party before them")
}

func (rd *reading) quotedAt(c *sentenceContext, tok int) bool { return c.p.toks[tok].quoted }

// asks are verbs of who wants an answer.
var asks = set([]string{"contact", "ask", "approach", "email", "call", "reach", "query", "question"})

// partyBefore is the subject that an answer belongs to: the free noun phrases before the token, else the body named last.
func (rd *reading) partyBefore(c *sentenceContext, tok int) []Ref {
	p := c.p
	v := p.at[tok]
	for v > 0 && p.chunks[v].kind != kVG {
		v--
	}
	s := -1
	if p.is(v, kVG) {
		s = p.subjectOf(v)
	}
	if s < 0 || s > v {
		for i := 0; i < v; i++ {
			if p.is(i, kNP) && p.chunks[i].class&cTime == 0 && !p.governed(i) {
				s = i
				break
			}
		}
	}
	if s < 0 {
		return nil
	}
	for g := range v + 1 { // "X contacted Y, but …": Y did not answer
		if p.is(g, kVG) && asks[p.chunks[g].word] && !p.chunks[g].passive && p.directObject(g) >= 0 {
			s = p.directObject(g)
		}
	}
	ch := &p.chunks[s]
	to := max(ch.to, min(p.chunks[v].from, p.chunks[p.tail(s+1, len(p.chunks))-1].to))
	if ch.class&cPronoun != 0 {
		if who, ok := rd.pronounSource(c, s); ok {
			return []Ref{partyOf(who)}
		}
		return nil
	}
	if parties := rd.parties(c, ch.from, max(to, min(p.chunks[v].from, len(p.toks)))); len(parties) > 0 {
		return parties
	}
	if who, ok := rd.sourceAt(c, s); ok && who.Name != "" {
		return []Ref{partyOf(who)}
	}
	return []Ref{{Name: cleanName(p, ch.from, to, rd.doc.Text), Kind: kindOf(ch.class)}}
}

func partyOf(who Source) Ref {
	if who.Affiliation != "" {
		return Ref{Name: who.Affiliation, Kind: Org, Text: who.Name}
	}
	return Ref{Name: who.Name, Kind: who.Kind}
}

// ruleRejects finds answers that reject: "denied …", "called the claims groundless", "had nothing to do with".
func (rd *reading) ruleRejects(c *sentenceContext) {
	p := c.p
	if c.has(rd, Denies) || c.has(rd, NoComment) {
		return
	}
	for from := 0; from < len(p.toks); {
		at, end := p.cueAt(p.lx.cues.denial, from, len(p.toks))
		if at < 0 {
			return
		}
		from = end
		if !rd.rejects(c, at, end) {
			continue
		}
		parties, who := rd.rejecter(c, at)
		if len(parties) == 0 {
			continue
		}
		cl := rd.claimAt(c, at, "response", parties, nil)
		cl.Object = []Ref{described(clip(p.span(rd.doc.Text, at, p.clauseTo(len(p.chunks)))), "denied")}
		cl.Who, cl.Stance, cl.Root = who, Denies, rd.rootOf(who)
		why := "words that reject an accusation"
		if about := rd.concerning(parties); about != nil {
			cl.About, cl.Relation, cl.Subject, cl.Object = about.ID, about.Relation, about.Subject, about.Object
			why += "; taken to be of the last fact told of who rejects"
		}
		rd.add(c, cl, "rejects", why)
		return
	}
}

// rejects tells that a word of rejection is about what somebody is said to have done, not about a court motion or a deposit.
func (rd *reading) rejects(c *sentenceContext, at, end int) bool {
	p := c.p
	word := p.toks[at].low
	if end < len(p.toks) && p.toks[end].low == "by" {
		return false // "fabricated by X"
	}
	if ch := &p.chunks[p.at[at]]; ch.kind == kNP && end < ch.to && at > ch.from && p.toks[end].tag == tNoun && !findingNouns[singular(p.toks[ch.head].low)] {
		return false // "a fabricated interview"
	}
	if strings.HasPrefix(word, "den") || strings.HasPrefix(word, "reject") || strings.HasPrefix(word, "dismiss") || strings.HasPrefix(word, "disput") || strings.HasPrefix(word, "refut") || strings.HasPrefix(word, "repud") {
		if at > 0 && (p.toks[at-1].low == "not" || p.toks[at-1].low == "to") || p.toks[at].tag != tVerb {
			return false
		}
		for k := end; k < len(p.toks) && k < end+8; k++ {
			if p.lx.cues.accused[p.toks[k].low] {
				return true
			}
		}
		return false
	}
	if phrase := p.words(at, end); strings.HasPrefix(phrase, "no ") || word == "smear" {
		told := false
		for k := end; k < len(p.toks) && k < end+6; k++ {
			told = told || p.lx.cues.accused[p.toks[k].low] || p.lx.noun(p.toks[k].low)&cOperation != 0
		}
		if !told {
			return false
		}
	}
	return !strings.Contains(p.words(max(0, at-3), at), "not ")
}

// rejecter is who rejects: the speaker of the words, else the subject before them.
func (rd *reading) rejecter(c *sentenceContext, at int) ([]Ref, Source) {
	p := c.p
	v := p.at[at]
	for v > 0 && p.chunks[v].kind != kVG {
		v--
	}
	s := p.subjectAt(v)
	state := s >= 0 && rd.isState(p, s)
	if who, _, rule := c.said(at); rule != "default" && who.Name != "" && who.Name != TheArticle && who.Name != rd.house.Name && !state {
		return []Ref{partyOf(who)}, who
	}
	parties := rd.partyBefore(c, at)
	if len(parties) == 0 {
		return nil, Source{}
	}
	if i := p.subjectAt(v); i >= 0 {
		if who, ok := rd.sourceAt(c, i); ok && who.Kind == Person {
			return parties, who
		}
	}
	return parties, joinParties(parties)
}

func (p *clauseParse) subjectAt(v int) int {
	if !p.is(v, kVG) {
		return -1
	}
	return p.subjectOf(v)
}

func (rd *reading) isState(p *clauseParse, i int) bool {
	return p.chunks[i].ent != nil && p.chunks[i].ent.Kind == State
}

// rulePurpose tells why something was done from phrases of purpose, of the deed in the sentence or of the actor spoken of.
func (rd *reading) rulePurpose(c *sentenceContext) {
	p := c.p
	if c.tells(rd, "motive") {
		return
	}
	at, end := rd.purposeNoun(p)
	if at < 0 {
		if at, end = p.cueAt(p.lx.cues.purpose, 0, len(p.toks)); at >= 0 && p.toks[at].low == "to" {
			end = at + 1
		}
	}
	if at < 0 || c.advised(at) || p.toks[at].low == "for" && p.is(p.skipBack(p.at[at]), kNP) && p.chunks[p.skipBack(p.at[at])].class&cPronoun == 0 { // "avenues for profit"
		return
	}
	subject := rd.purposeSubject(c, at)
	if len(subject) == 0 || rd.civil(&subject[0]) {
		return
	}
	negated := p.lx.negations[p.toks[max(0, at-1)].low]
	if v := p.verbBefore(p.at[at], 0); v >= 0 && p.toks[at].low == "for" && p.clauseEnd(v) > p.at[at] {
		negated = negated || p.chunks[v].neg // "does not attack for profit"
	}
	to := p.clauseTo(len(p.chunks))
	for k := end; k < to; k++ {
		if p.toks[k].quoted != p.toks[max(0, end-1)].quoted && k > end+2 || p.toks[k].low == ";" {
			to = k
			break
		}
	}
	kinds := rd.motivesIn(p, at, min(len(p.toks), max(end, to)))
	if p.words(at, end) == "as the reason" {
		to, end = at, max(0, at-12)
	}
	what := clip(strings.TrimSpace(p.span(rd.doc.Text, end, max(to, end))))
	if subject[0].Kind == State && slices.ContainsFunc(rd.own, func(cl Claim) bool { return cl.Purpose != "" && sameRefs(cl.Subject, subject) || len(cl.Subject) > 1 }) {
		return // the deed carries its purpose
	}
	if len(what) < 4 && len(kinds) == 0 || strings.HasPrefix(what, "be ") {
		return
	}
	name := what
	if len(what) < 4 {
		name = p.span(rd.doc.Text, at, end)
	}
	object := []Ref{{Name: name, Kind: "motive", Text: p.span(rd.doc.Text, at, end), Links: kinds, Negated: negated}}
	if negated {
		object[0].Name = "not " + object[0].Name
	}
	cl := rd.claimAt(c, at, "motive", subject, object)
	cl.Motive, cl.Purpose = kinds, what
	if negated {
		cl.Motive = nil
	}
	cl.About = rd.aboutSubject(subject)
	rd.motiveHedge(c, &cl, at)
	rd.add(c, cl, "purpose", "a phrase of purpose")
}

// purposeNoun finds "the purpose, according to X, is to …", "their motive was …".
func (rd *reading) purposeNoun(p *clauseParse) (int, int) {
	for v := range p.chunks {
		if !p.is(v, kVG) || !p.chunks[v].copula {
			continue
		}
		s := p.subjectOf(v)
		if s >= 0 && s < v && p.lx.cues.purposeNouns[p.toks[p.chunks[s].head].low] && (p.is(v+1, kVG) && p.chunks[v+1].inf || p.chunks[v].to < len(p.toks)) {
			return p.chunks[s].from, p.chunks[v].to
		}
	}
	return -1, -1
}

// purposeSubject is whose purpose it is: the doer of a deed in the sentence, an actor in it, the actor that the text is about.
func (rd *reading) purposeSubject(c *sentenceContext, at int) []Ref {
	p := c.p
	for n := range rd.own {
		if cl := &rd.own[n]; actions[cl.Relation] && cl.Stance == Asserts && len(cl.Subject) > 0 {
			return cl.Subject
		}
	}
	if measured := slices.ContainsFunc(rd.own, func(cl Claim) bool { return cl.Relation == "measure" || cl.Relation == "recommends" }); measured {
		return nil
	}
	v := p.at[at]
	for v > 0 && p.chunks[v].kind != kVG {
		v--
	}
	if s := p.subjectAt(v); s >= 0 {
		ch := &p.chunks[s]
		switch {
		case ch.class&(cActor|cState|cAgency|cMilitary) != 0 && (ch.ent == nil || !ch.ent.Law && !ch.ent.Civil):
			return rd.refs(c, p.groupAt(s, v), v)
		case ch.class&cPronoun != 0 && (p.toks[ch.from].low == "we" || p.toks[ch.from].low == "i" || p.toks[ch.from].low == "you"):
			return nil
		case ch.class&(cOperation|cContent) != 0:
			if st := rd.possessor(c, s); st != nil {
				return st
			}
			for i := s; i+1 < len(p.chunks) && p.chunks[i].from < at+8; i++ { // "a wider effort by Moscow to …"
				if p.is(i, kPrep) && p.wordAt(i) == "by" && p.chunks[i].from > at {
					if by := rd.threatRefs(c, i+1); len(by) > 0 {
						return by
					}
				}
			}
			for i := s; i < len(p.chunks); i++ { // "the activity was part of Iran's efforts to …"
				if p.is(i, kNP) && p.chunks[i].poss > 0 && p.chunks[i].class&cOperation != 0 {
					if st := rd.possessor(c, i); st != nil {
						return st
					}
				}
			}
		case ch.class&(cSpeaker|cSource) != 0 && ch.class&cGroup == 0 && !p.speechVerb(v):
			return nil
		}
	}
	return rd.doer()
}
