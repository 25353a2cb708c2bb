package prose

import (
	"fmt"
	"strings"
)

// match is a pattern found at a verb: where its sides are.
type match struct {
	pat     *pattern
	v       int // chunk of the verb
	subject int // chunk of the noun phrase, -1 unknown
	object  int
	agent   int  // of a passive, -1 none
	prep    int  // noun phrase after the pattern's preposition, -1
	limit   int  // end of the clause
	loose   bool // no pattern fits by what its sides denote: one side may denote anything
}

// ruleFrames matches every verb of the sentence with the frames of its relation.
func (rd *reading) ruleFrames(c *sentenceContext) {
	for v := range c.p.chunks {
		ch := &c.p.chunks[v]
		if ch.kind != kVG || ch.word == "" || c.advised(ch.verb) {
			continue
		}
		done := map[string]bool{}
		pats := c.p.lx.byVerb[ch.word]
		for i := range pats {
			m, ok := rd.matchVerb(c.p, &pats[i], v)
			if !ok || done[pats[i].frame.Relation] {
				continue
			}
			if rd.emitFrame(c, m) {
				done[pats[i].frame.Relation] = true
			}
		}
		for i := range pats {
			if m, ok := rd.matchVerb(c.p, &pats[i], v); ok && len(done) == 0 && pats[i].frame.Loose && !c.p.reduced(v) {
				m.loose = true
				if rd.emitFrame(c, m) {
					break
				}
			}
		}
	}
}

// matchVerb fits the words of a pattern after the verb group at v.
func (rd *reading) matchVerb(p *clauseParse, pat *pattern, v int) (match, bool) {
	ch := &p.chunks[v]
	m := match{pat: pat, v: v, subject: p.subjectOf(v), object: -1, agent: -1, prep: -1, limit: p.clauseEnd(v)}
	m.agent = p.agent(v, m.limit)
	passive := ch.passive || p.reduced(v)
	if pat.passive {
		m.object = m.agent
		return m, passive && m.agent >= 0
	}
	k := ch.to
	skipped := false
	for n, w := range pat.words {
		if w == "..." {
			skipped = true
			continue
		}
		at := p.findWord(k, w, skipped && n > 0, m.limit)
		if at < 0 {
			return m, false
		}
		k, skipped = at+1, false
	}
	after := p.npFrom(k, m.limit)
	if after < 0 && len(pat.words) > 0 && k < len(p.toks) && p.is(p.at[k], kPrep) && loosePreps[p.wordAt(p.at[k])] {
		after = p.npFrom(p.chunks[p.at[k]].to, m.limit) // "sow discord ahead of elections"
	}
	switch {
	case strings.Contains(pat.text, "..."):
		m.prep = after
		if m.object = p.directObject(v); m.object < 0 && !passive {
			m.object = p.gap(v)
		}
		if passive {
			m.object = m.subject
			m.subject = m.agent
		}
		if pat.frame.Roles == "" && pat.frame.Relation != "extorts" && pat.frame.Relation != "shares-resources" && p.lx.prepositions[pat.words[len(pat.words)-1]] {
			m.object = after
		}
		return m, m.object >= 0
	case passive && (len(pat.words) == 0 || stranded(pat.words, after)):
		m.object, m.subject = m.subject, m.agent
		return m, m.object >= 0
	case passive && ch.word != "be":
		m.prep, m.object = after, after // "was tied to", "is based on": the patient stays the subject
		return m, after >= 0 && pat.frame.Roles != ""
	}
	if after < 0 && len(pat.words) < 2 {
		after = p.gap(v)
	}
	m.object = after
	return m, after >= 0 || pat.frame.Relation == "extorts" && len(pat.words) > 0
}

// stranded tells that the words after a passive verb belong to it: "was carried out by", "had been broken into in March".
func stranded(words []string, after int) bool {
	last := words[len(words)-1]
	return particles[last] || after < 0
}

var particles = set([]string{"out", "up", "down", "off", "away", "offline", "over"})

// gap is the object that stands before its clause: "sites that the network set up", "the information it obtained".
func (p *clauseParse) gap(v int) int {
	s := p.subjectOf(v)
	if s <= 0 || s >= v {
		return -1
	}
	if p.is(s-1, kRel) {
		return p.antecedent(s - 1)
	}
	if p.is(s-1, kNP) && (p.chunks[s].class&cPronoun != 0 || p.chunks[s].ent != nil) && p.chunks[s-1].class&cTime == 0 {
		return s - 1
	}
	return -1
}

// loosePreps may stand between a set phrase and what it is done to.
var loosePreps = set([]string{"ahead of", "in", "among", "over", "around", "on", "before", "within", "across", "into", "between", "throughout", "about"})

// findWord finds the literal word w from token k on, directly (adverbs apart) or, after "...", within the clause.
func (p *clauseParse) findWord(k int, w string, far bool, limit int) int {
	end := len(p.toks)
	if limit < len(p.chunks) {
		end = p.chunks[limit].from
	}
	for n := 0; k < end; k, n = k+1, n+1 {
		if p.toks[k].low == w {
			return k
		}
		if far && n < 16 && p.toks[k].tag != tVerb {
			continue
		}
		if !far && (p.toks[k].tag == tAdv || p.toks[k].tag == tDet && n == 0) {
			continue
		}
		if i := p.at[k]; !far && n < 3 && p.chunks[i].kind == kNP && p.chunks[i].ent == nil && k+1 < p.chunks[i].to { // "close ties to"
			continue
		}
		return -1
	}
	return -1
}

// npFrom is the noun phrase that begins at token k, adverbs apart.
func (p *clauseParse) npFrom(k, limit int) int {
	if k >= len(p.toks) {
		return -1
	}
	i := p.at[k]
	for p.is(i, kAdv) {
		i++
	}
	if i >= limit || !p.is(i, kNP) || p.chunks[i].class&cTime != 0 {
		return -1
	}
	return i
}

// agent is the noun phrase after "by" of a passive.
func (p *clauseParse) agent(v, limit int) int {
	for i := v + 1; i < limit-1; i++ {
		switch {
		case p.is(i, kPrep) && (p.chunks[i].word == "by" || strings.HasSuffix(p.chunks[i].word, "help of") && p.chunks[i+1].class&classNames["threat"] != 0) && p.is(i+1, kNP):
			if ch := &p.chunks[i+1]; ch.class&cTime != 0 || noAgents[p.toks[ch.head].low] {
				continue
			}
			return i + 1
		case p.is(i, kVG), p.is(i, kRel):
			return -1
		}
	}
	return -1
}

// noAgents are nouns after "by" that tell how or when, not who.
var noAgents = set([]string{"way", "means", "hand", "phone", "telephone", "email", "mistake", "name", "default", "accident", "mid-may", "design", "law", "order", "then", "post", "evening", "morning", "night"})

// emitFrame checks what the sides denote and adds the claim.
func (rd *reading) emitFrame(c *sentenceContext, m match) bool {
	f := m.pat.frame
	if f.Relation == "compromised" && c.p.attempted(m.v) {
		return rd.emitSides(c, m, m.subject, m.object)
	}
	if !rd.happens(c, m) || f.Future && !c.p.ahead(m.v) {
		return false
	}
	switch f.Roles {
	case "object prep":
		if m.pat.frame.Roles != "" && (c.p.chunks[m.v].passive || c.p.reduced(m.v)) {
			return rd.emitSides(c, m, rd.patient(c, m), m.prep)
		}
		if m.prep < 0 && m.object >= 0 && f.Relation == "attributed-to" { // "attributed to X a campaign of …"
			for i := m.object + 1; i < len(c.p.chunks); i++ {
				if c.p.is(i, kNP) && c.p.chunks[i].class&cOperation != 0 && c.p.chunks[i].ent == nil && c.p.is(i-1, kComma) {
					return rd.emitSides(c, m, i, m.object)
				}
			}
		}
		return rd.emitSides(c, m, m.object, m.prep)
	case "prep object":
		if c.p.chunks[m.v].passive {
			return rd.emitSides(c, m, m.prep, c.p.subjectOf(m.v))
		}
		return rd.emitSides(c, m, m.prep, m.object)
	case "passive":
		return rd.emitSides(c, m, c.p.subjectOf(m.v), m.agent)
	case "blamed": // "blamed Iran" for what was told before
		if strings.Contains(m.pat.text, "...") {
			m.object = m.prep
			if m.object < 0 || len(f.Requires) > 0 && !rd.requires(c, m, f.Requires) {
				return false
			}
		}
		if c.p.chunks[m.v].neg || c.p.chunks[m.v].passive || m.object < 0 || c.p.chunks[m.object].class&f.object == 0 || c.p.wordAt(m.object+1) == "for" || c.p.wordAt(m.object+1) == "of" || c.p.wordAt(m.object+1) == "over" {
			return false
		}
		return rd.emitBlame(c, m)
	case "doer":
		return rd.emitSides(c, m, m.object, m.subject)
	case "payer": // "channelled money to X"
		return m.prep >= 0 && !c.p.chunks[m.v].passive && rd.emitSides(c, m, m.prep, m.subject)
	}
	return rd.emitSides(c, m, m.subject, m.object)
}

// ahead tells a verb of what is to come: "will grow", "is likely to grow".
func (p *clauseParse) ahead(v int) bool {
	ch := &p.chunks[v]
	if ch.future || !ch.inf || ch.from == 0 {
		return ch.future
	}
	switch p.toks[ch.from-1].low {
	case "likely", "expected", "set", "poised", "bound", "going", "certain", "sure":
		return true
	}
	return false
}

// emitBlame adds an attribution of the operation told last.
func (rd *reading) emitBlame(c *sentenceContext, m match) bool {
	what := rd.d.operation
	if len(what) == 0 {
		what = []Ref{described("attack", "operation")}
	}
	object := rd.side(c, m.object, m.pat.frame.object, m.limit, m)
	if len(object) == 0 {
		return false
	}
	who := c.p.chunks[m.v].verb
	cl := rd.claimAt(c, who, m.pat.frame.Relation, what, object)
	if s := c.p.subjectOf(m.v); s >= 0 {
		if src, ok := rd.sourceAt(c, s); ok {
			cl.Who, cl.Root = src, rd.rootOf(src)
		}
	}
	cl.Rule, cl.Why = "frame:blamed", "blame for what was told before"
	rd.own = append(rd.own, cl)
	return true
}

func (rd *reading) patient(c *sentenceContext, m match) int { return c.p.subjectOf(m.v) }

// attempted tells "tried to break into": who tries targets, and has not got in.
func (p *clauseParse) attempted(v int) bool {
	if !p.chunks[v].inf {
		return false
	}
	g := p.skipBack(v)
	return p.is(g, kVG) && !p.chunks[g].neg && (p.chunks[g].word == "try" || p.chunks[g].word == "attempt" || p.chunks[g].word == "seek")
}

// factual relations are claimed only where the verb says that they happened.
var factual = set([]string{"compromised", "stole", "disrupted", "deployed", "exploited", "affected", "extorts"})

var tryVerbs = set([]string{"try", "attempt", "seek", "aim", "plan", "want", "fail", "threaten", "intend", "hope", "design", "plot", "urge", "refuse", "ask", "prepare", "propose", "decline", "allow", "enable", "let"})

// happens tells that the clause is told as a fact: not a condition, not a wish, not an attempt of something that only
// counts when done.
func (rd *reading) happens(c *sentenceContext, m match) bool {
	p := c.p
	ch := &p.chunks[m.v]
	for k := max(0, ch.from-1); k < ch.to; k++ {
		if low := p.toks[k].low; low == "rarely" || low == "seldom" || low == "hardly" || low == "should" || low == "must" || low == "would" || low == "could" || low == "can" || low == "might" || low == "may" && factual[m.pat.frame.Relation] {
			return false
		}
	}
	if !factual[m.pat.frame.Relation] {
		return !rd.conditional(c, m.v)
	}
	if ch.future || rd.conditional(c, m.v) {
		return false
	}
	if ch.inf {
		if q := p.skipBack(m.v); p.is(q, kNP) && p.toks[p.chunks[q].head].low == "able" && p.is(p.skipBack(q), kVG) {
			return !p.chunks[p.skipBack(q)].neg
		}
		g := p.verbBefore(m.v, m.v)
		if g >= 0 && p.reduced(g) {
			g = p.mainVerbBefore(m.v)
		}
		if g < 0 {
			return false
		}
		switch p.chunks[g].word {
		case "claim", "allege", "boast", "report", "charge", "accuse", "use", "exploit", "abuse", "leverage", "manage", "continue", "begin", "start", "appear", "seem", "believe", "know", "say", "suspect", "succeed", "try", "seek", "attempt", "offer":
			return m.pat.frame.Relation == "extorts" || !tryVerbs[p.chunks[g].word]
		}
		return false
	}
	if ch.ing {
		if g := p.skipBack(m.v); p.is(g, kPrep) && (p.wordAt(g) == "of" || p.wordAt(g) == "at" || p.wordAt(g) == "for") {
			h := p.skipBack(g)
			if p.is(h, kNP) && p.toks[p.chunks[h].head].low == "responsible" {
				return true
			}
			return p.is(h, kVG) || p.is(h, kNP) && h == p.subjectOf(m.v)
		}
	}
	return true
}

// conditional tells a clause after "if" or "whether".
func (rd *reading) conditional(c *sentenceContext, v int) bool {
	p := c.p
	if _, stance, _ := c.said(p.chunks[v].verb); stance == Doubts {
		return false // "it is unclear whether …" is told as a doubt
	}
	for i := v - 1; i >= 0; i-- {
		if p.chunks[i].kind == kSub {
			w := p.chunks[i].word
			return w == "if" || w == "unless" || w == "whether"
		}
	}
	return false
}

// emitSides resolves the two sides, checks their classes and adds the claim.
func (rd *reading) emitSides(c *sentenceContext, m match, subj, obj int) bool {
	f := m.pat.frame
	reach := m.v
	if subj > m.v {
		reach = max(m.limit, subj+1)
	}
	if subj == m.object && m.prep > subj { // "attributed X to Y"
		reach = m.prep - 1
	}
	subject := rd.side(c, subj, f.subject, min(max(reach, subj+1), len(c.p.chunks)), m)
	object := rd.side(c, obj, f.object, m.limit, m)
	inferred := false
	switch proper := obj >= 0 && f.object&(cOrganisation|cAsset|cGroup) != 0 && c.p.is(obj, kNP) && c.p.properName(obj); {
	case m.pat.bold:
		if len(object) == 0 {
			object = rd.looseObject(c, obj, m.limit)
		}
		if len(subject) == 0 && len(object) > 0 {
			subject = rd.looseSubject(c, subj)
			inferred = len(subject) > 0
		}
	case m.loose:
		switch {
		case len(subject) > 0 && len(object) == 0 && isDoer(&subject[0]):
			object = rd.looseObject(c, obj, m.limit)
		case len(object) > 0 && len(subject) == 0 && subj >= 0 && companyDeeds[f.Relation] && (c.p.chunks[subj].ent != nil && c.p.chunks[subj].ent.Kind == Company || c.p.chunks[subj].ent == nil && c.p.properName(subj)):
			subject = rd.refs(c, group{members: []int{subj}, end: subj + 1}, subj+1)
		case len(object) > 0 && len(subject) == 0 && (object[0].Kind == Malware || object[0].Kind == Tool || object[0].Kind == "vulnerability"):
			subject = rd.looseSubject(c, subj)
			inferred = len(subject) > 0
		}
	case len(object) == 0 && proper:
		object = rd.looseObject(c, obj, m.limit)
	}
	if f.Relation == "outsources-to" && len(object) == 0 && (obj < 0 || strings.HasPrefix(m.pat.text, "outsource")) {
		object = rd.lastCriminals()
	}
	if f.Relation == "extorts" && obj >= 0 && c.p.chunks[obj].class&cPronoun != 0 {
		object = nil
	}
	if f.Relation == "extorts" && len(object) == 0 && len(m.pat.words) > 0 {
		object = []Ref{{Name: clip(cleanName(c.p, c.p.chunks[m.v].from, c.p.clauseTo(m.limit), rd.doc.Text)), Kind: "payment"}}
	}
	if len(subject) == 0 && len(object) > 0 && passiveAlone[f.Relation] && (c.p.chunks[m.v].passive || c.p.reduced(m.v)) && subj < 0 {
		subject = rd.possessorThreat(c, 0, m.v)
		if subject == nil && ((f.Relation != "deployed" || object[0].Kind != Malware) && (f.Relation != "compromised" || len(object[0].Links) == 0)) {
			return false
		}
	} else if len(object) == 0 || len(subject) == 0 && (!agentless[f.Relation] || subj >= 0) {
		return false
	}
	if len(subject) == 0 && len(object) > 0 && subj < 0 && agentless[f.Relation] && c.p.chunks[m.v].passive && rd.topic() != nil {
		subject, inferred = rd.topic(), true
	}
	if subject = rd.userOf(c, subj, subject); len(subject) > 0 && rd.civil(&subject[0]) && f.Relation != "attributed-to" {
		return false
	}
	if f.Relation == "targets" && len(subject) == 1 && subject[0].Kind == "operation" && subject[0].Country == "" && len(subject[0].Links) == 0 {
		if by := rd.behind(subject); by != nil {
			subject, inferred = by, true
		}
	}
	if sameRefs(subject, object) || !rd.telling(c, m, subject, object) {
		return false
	}
	if len(subject) == 0 && !passiveAlone[f.Relation] {
		return false
	}
	if len(f.Requires) > 0 && !rd.requires(c, m, f.Requires) || sameRefs(subject, object) {
		return false
	}
	relation := f.Relation
	if relation == "compromised" && c.p.attempted(m.v) {
		relation = "targets"
	}
	cl := rd.claimAt(c, c.p.chunks[m.v].verb, relation, subject, object)
	cl.Rule = "frame:" + f.Relation
	if f.Relation == "uses" {
		rd.hired(c, cl.Object)
	}
	cl.Why = fmt.Sprintf("verb %q: %q", m.pat.text, c.p.span(rd.doc.Text, c.p.chunks[m.v].from, c.p.chunks[m.v].to))
	if inferred {
		cl.Why += "; the doer is the one told of around it"
	}
	if (c.p.chunks[m.v].neg || rd.noneOf(c, subj) || rd.noneOf(c, obj)) && cl.Stance == Asserts {
		cl.Stance = Denies
	}
	if (cl.Relation == "attributed-to" || cl.Relation == "linked-to") && m.agent >= 0 && m.agent != subj && m.agent != obj && (c.p.chunks[m.v].passive || c.p.reduced(m.v)) {
		if who, ok := rd.sourceAt(c, m.agent); ok {
			cl.Who = rd.jointSource(c, m.agent, len(c.p.chunks), who)
			cl.Root = rd.rootOf(cl.Who)
		}
	}
	rd.qualify(c, &cl, m.v, obj)
	settleTie(&cl, m.pat)
	if f.Counted && cl.Count.N == 0 {
		return false
	}
	if f.Relation == "on-behalf-of" || f.Relation == "stole" || f.Relation == "extorts" {
		cl.About = rd.aboutSubject(subject)
	}
	rd.own = append(rd.own, cl)
	if cl.Relation == "attributed-to" && cl.Stance == Asserts {
		rd.publicAttribution(c, m, object)
	}
	return true
}

// behind is who the sentence says is behind an operation, else the actor that the text is about.
func (rd *reading) behind(op []Ref) []Ref {
	for n := range rd.own {
		if cl := &rd.own[n]; cl.Relation == "attributed-to" && cl.Stance == Asserts && sameRefs(cl.Subject, op) {
			return cl.Object
		}
	}
	return rd.topic()
}

// companyDeeds are deeds that also companies do which work for a service.
var companyDeeds = set([]string{"spread", "created", "personas", "stole", "compromised", "targets", "influences", "disrupted", "deployed", "extorts"})

// settleTie gives ties their proper word: an operation that is linked to an actor is laid at its door; an actor that is run by a
// service or is a part of one belongs to it.
func settleTie(cl *Claim, pat *pattern) {
	if len(cl.Subject) == 0 || len(cl.Object) == 0 {
		return
	}
	s, o := &cl.Subject[0], &cl.Object[0]
	switch {
	case cl.Relation == "linked-to" && o.Kind == "operation" && isNamed(s):
		cl.Relation, cl.Subject, cl.Object = "attributed-to", cl.Object, cl.Subject
	case cl.Relation == "linked-to" && s.Kind == "operation" && (isNamed(o) || o.Kind == State):
		cl.Relation = "attributed-to"
	case cl.Relation == "on-behalf-of" && pat.passive && runs[strings.Fields(pat.text)[0]] && (isNamed(s) || s.Kind == Malware) && serviceKind(o.Kind):
		cl.Relation = "attributed-to"
	}
}

// runs are verbs of whoever holds something in hand.
var runs = set([]string{"run", "control", "operate", "command", "manage", "lead", "head"})

// noneOf tells "no data", "none of the clinics".
func (rd *reading) noneOf(c *sentenceContext, i int) bool {
	if i < 0 || i >= len(c.p.chunks) || c.p.chunks[i].kind != kNP {
		return false
	}
	low := c.p.toks[c.p.chunks[i].from].low
	return low == "no" || low == "none" || low == "neither"
}

// publicAttribution adds the measure that an authority takes by naming the doer.
func (rd *reading) publicAttribution(c *sentenceContext, m match, object []Ref) {
	if r := m.pat.frame.Roles; r != "object prep" && r != "prep object" || c.p.chunks[m.v].passive {
		return
	}
	s := c.p.subjectOf(m.v)
	if s < 0 || c.p.chunks[s].kind != kNP {
		return
	}
	by := rd.authority(c, s, m.v)
	if len(by) == 0 || by[0].Kind != State && by[0].Kind != Agency && by[0].Kind != Ministry {
		return
	}
	rd.emitMeasure(c, m.v, by, object, "attribution", -1)
}

// hired marks a group that a state uses as criminal where the sentence speaks of criminals.
func (rd *reading) hired(c *sentenceContext, refs []Ref) {
	for i := range c.p.chunks {
		if c.p.chunks[i].class&cCrime == 0 {
			continue
		}
		for k := range refs {
			if refs[k].Kind == "group" {
				refs[k].Kind = "criminal group"
			}
		}
		return
	}
}

// telling drops what the grammar allows and says nothing: an unnamed operation that targets, unnamed malware that is
// "used", unnamed networks that are linked.
func (rd *reading) telling(c *sentenceContext, m match, subject, object []Ref) bool {
	vague := func(refs []Ref) bool { return len(refs) > 0 && refs[0].Country == "" && len(refs[0].Links) == 0 }
	if len(object) == 1 && len(strings.Fields(object[0].Name)) == 1 && singular(strings.ToLower(object[0].Name)) == "victim" {
		return false
	}
	switch m.pat.frame.Relation {
	case "targets", "influences":
		return subject == nil || subject[0].Kind != "operation" && subject[0].Kind != "organisation" && subject[0].Kind != "" || !vague(subject)
	case "deployed":
		return object[0].Kind == Malware && (m.pat.words != nil || object[0].Links != nil || !loose[c.p.chunks[m.v].word] || c.p.chunks[m.object].ent != nil)
	case "attributed-to":
		return object[0].Kind != State && object[0].Kind != "group" || object[0].Country != "" || len(object[0].Links) > 0 || len(strings.Fields(object[0].Name)) > 1
	case "created":
		return !strings.HasPrefix(object[0].Name, "persona")
	case "supports", "opposes":
		return len(subject) > 0 && (subject[0].Kind != State || subject[0].Country != "" || len(subject[0].Links) > 0)
	case "linked-to":
		return !c.p.reduced(m.v) || subject[0].Kind == Actor || subject[0].Kind == Malware || subject[0].Kind == Company
	}
	return true
}

// loose verbs tell of deployment only with the malware's name.
var loose = set([]string{"use", "spread", "develop", "release", "distribute", "execute", "push", "launch", "drop"})

// userOf puts who uses an asset in its place: "domains used by X to spread …" are X's means.
func (rd *reading) userOf(c *sentenceContext, subj int, subject []Ref) []Ref {
	p := c.p
	if len(subject) != 1 || subject[0].Kind != "system" || subj < 0 || !p.is(subj+1, kVG) || !p.reduced(subj+1) || p.chunks[subj+1].word != "use" && p.chunks[subj+1].word != "run" && p.chunks[subj+1].word != "operate" && p.chunks[subj+1].word != "control" {
		return subject
	}
	if a := p.agent(subj+1, len(p.chunks)); a >= 0 {
		if by := rd.threatRefs(c, a); len(by) > 0 {
			return by
		}
	}
	return subject
}

// agentless are relations that a passive without "by" tells of the actor that the text is about.
var agentless = set([]string{"created", "outsources-to", "spread", "personas"})

// passiveAlone are relations that a passive without "by" still tells.
var passiveAlone = set([]string{"deployed", "compromised", "stole"})

func sameRefs(a, b []Ref) bool { return len(a) == 1 && len(b) == 1 && a[0].Name == b[0].Name }

func (p *clauseParse) clauseTo(limit int) int {
	if limit >= len(p.chunks) {
		to := len(p.toks)
		for to > 0 && p.toks[to-1].tag == tPunct {
			to--
		}
		return to
	}
	return p.chunks[limit].from
}

func (rd *reading) lastCriminals() []Ref {
	if len(rd.d.group) > 0 && rd.d.group[0].Kind == "criminal group" {
		return rd.d.group
	}
	for n := len(rd.res.Claims) - 1; n >= 0 && n > len(rd.res.Claims)-8; n-- {
		for _, side := range [][]Ref{rd.res.Claims[n].Object, rd.res.Claims[n].Subject} {
			for _, r := range side {
				if r.Kind == "criminal group" {
					return []Ref{{Name: r.Name, Kind: r.Kind, Text: r.Text}}
				}
			}
		}
	}
	return []Ref{{Name: "criminal groups", Kind: "criminal group"}}
}

// requires tells whether the clause holds one of the words.
func (rd *reading) requires(c *sentenceContext, m match, words []string) bool {
	want := set(words)
	from := c.p.chunks[m.v].from
	if s := c.p.subjectOf(m.v); s >= 0 && s < m.v {
		from = c.p.chunks[s].from
	}
	for k := from; k < c.p.clauseTo(m.limit); k++ {
		if want[c.p.toks[k].low] || want[singular(c.p.toks[k].low)] {
			return true
		}
	}
	return false
}

// side resolves one side of a frame and keeps the references that the frame allows.
func (rd *reading) side(c *sentenceContext, i int, allowed class, limit int, m match) []Ref {
	if i < 0 || i >= len(c.p.chunks) || c.p.chunks[i].kind != kNP {
		return nil
	}
	p := c.p
	ch := &p.chunks[i]
	if allowed == ^class(0) {
		g := p.groupAt(i, max(limit, i+1))
		return rd.refs(c, g, max(limit, g.end))
	}
	if low := p.toks[ch.from].low; (low == "its" || low == "their") && ch.class&cOperation != 0 && allowed&cState != 0 {
		if own := rd.localAntecedent(c, i); own != nil {
			return own
		}
		return rd.d.subject
	}
	if ch.class&cPronoun != 0 {
		return rd.pronounRefs(c, i, allowed)
	}
	g := p.groupAt(i, max(limit, i+1))
	if by := g.end; ch.class&cOperation != 0 && ch.ent == nil && allowed&cGroup != 0 && p.is(by, kPrep) && p.wordAt(by) == "by" && by+1 < limit {
		if refs := rd.threatRefs(c, by+1); len(refs) > 0 { // "attacks by X hit …"
			return refs
		}
	}
	if allowed&p.groupClass(g, limit) == 0 {
		// "its cyber operations", "Networks of hackers": the owner does it.
		if own := rd.possessor(c, i); own != nil && ch.class&(cOperation|cAsset) != 0 && allowed&(cState|cGroup) != 0 {
			return own
		}
		if isMeasure := m.pat.frame.object&cMalware != 0 && allowed == m.pat.frame.object && ch.class == 0 && rd.quotedName(p, ch); !isMeasure {
			return nil
		}
	}
	return rd.refs(c, g, max(limit, g.end))
}

// quotedName tells a name in quotation marks, which "deployed" may introduce.
func (rd *reading) quotedName(p *clauseParse, ch *chunk) bool { return p.toks[ch.head].quoted }

func (p *clauseParse) groupClass(g group, limit int) class {
	var c class
	for _, m := range g.members {
		c |= p.chunks[m].class
	}
	// "the campaign of Vice President X" and "a series of attacks": look through "of".
	if p.is(g.end, kPrep) && p.chunks[g.end].word == "of" && p.is(g.end+1, kNP) && g.end+1 < limit {
		if inner := p.chunks[g.end+1].class; quantity[singular(p.toks[p.chunks[g.members[0]].head].low)] || p.toks[p.chunks[g.members[0]].head].tag == tNum || p.toks[p.chunks[g.members[0]].head].tag == tDet {
			c |= inner
		}
	}
	return c
}

// quantity nouns say how many, not what: "a series of attacks".
var quantity = set([]string{"copy", "clone", "replica", "imitation", "version", "series", "number", "range", "wave", "variety", "array", "string", "host", "set", "hundred", "thousand", "dozen", "million", "score", "handful", "group", "network", "ten", "majority", "lot", "trove", "campaign", "piece", "couple", "list", "half", "part", "ring", "team", "band", "amount", "pace", "tempo", "scale", "scope", "volume", "some", "much", "many", "most", "all", "several"})

func classOfRef(lx *lexicon, r Ref) class {
	switch r.Kind {
	case State:
		return cState
	case Agency, Ministry:
		return cAgency | cOrganisation
	case Military:
		return cMilitary
	case Party:
		return cParty
	case Actor:
		return cActor | cGroup
	case "criminal group", "mercenary":
		return cCrime | cGroup
	case Malware:
		return cMalware
	case Company, Org:
		return cCompany | cOrganisation
	case Person:
		return cPerson | cPeople
	}
	words := strings.Fields(strings.ToLower(r.Name))
	var c class
	for _, w := range words {
		c |= lx.noun(w)
	}
	return c
}
