package prose

import (
	"slices"
	"strings"
)

// ruleBehalf finds whose orders a deed is done on, from phrases: "on the orders of Minsk", "on instructions from the ministry".
func (rd *reading) ruleBehalf(c *sentenceContext) {
	p := c.p
	if c.tells(rd, "on-behalf-of") || c.tells(rd, "recommends") {
		return
	}
	at, end := p.cueAt(p.lx.cues.behalf, 0, len(p.toks))
	if at < 0 || end >= len(p.toks) || c.advised(at) {
		return
	}
	i := p.npFrom(end, len(p.chunks))
	if i < 0 {
		return
	}
	object := rd.threatRefs(c, i)
	if len(object) == 0 || object[0].Kind != State && object[0].Kind != Agency && object[0].Kind != Military && object[0].Kind != Party && object[0].Kind != Ministry && p.chunks[i].class&(cAgency|cMilitary|cState) == 0 {
		return
	}
	v := p.at[at]
	for v > 0 && p.chunks[v].kind != kVG {
		v--
	}
	subject := rd.deedSubject(c, v)
	if len(subject) == 0 || sameRefs(subject, object) || subject[0].Kind == State || rd.civil(&subject[0]) {
		return
	}
	cl := rd.claimAt(c, at, "on-behalf-of", subject, object)
	if p.is(v, kVG) {
		rd.hedge(c, &cl, v)
		if p.chunks[v].neg {
			cl.Stance = Denies
		}
	}
	rd.add(c, cl, "behalf", "words that tell on whose orders")
}

// deedSubject is who does the verb at v: its agent or subject if that can act, the topic for a pronoun or an operation.
func (rd *reading) deedSubject(c *sentenceContext, v int) []Ref {
	p := c.p
	if !p.is(v, kVG) {
		return rd.doer()
	}
	s := p.subjectOf(v)
	if p.chunks[v].passive || p.reduced(v) {
		if a := p.agent(v, len(p.chunks)); a >= 0 {
			s = a
		} else if s < 0 || p.chunks[s].class&(cGroup|cActor|cAsset|cCompany) == 0 {
			return rd.doer()
		}
	}
	if s < 0 {
		return rd.doer()
	}
	ch := &p.chunks[s]
	switch {
	case ch.class&cPronoun != 0:
		return rd.looseSubject(c, s)
	case ch.ent == nil && companies[singular(p.toks[ch.head].low)]:
		if p.is(s+1, kComma) && p.is(s+2, kNP) && p.named(s+2) { // "two firms, A and B, have …"
			g := p.groupAt(s+2, max(v, s+3))
			return rd.refs(c, g, g.end)
		}
		return rd.refs(c, group{members: []int{s}, end: s + 1}, s+1)
	case ch.class&(cSpeaker|cSource) != 0 && ch.class&(cGroup|cActor|cCompany) == 0 || ch.ent != nil && (ch.ent.Law || ch.ent.Vendor || ch.ent.Civil):
		return nil
	case ch.class&(cGroup|cActor|cAgency|cMilitary|cCompany|cAsset|cPerson|cPeople|cState) != 0 || p.properName(s):
		return rd.refs(c, p.groupAt(s, max(v, s+1)), max(v, s+1))
	}
	return rd.doer()
}

// ruleIncident finds break-ins and attacks told by a noun: "responded to an intrusion at a ministry", "a breach of the network".
func (rd *reading) ruleIncident(c *sentenceContext) {
	p := c.p
	for i := range p.chunks {
		if !p.is(i, kNP) || c.advised(p.chunks[i].from) || !p.is(i+1, kPrep) || !p.is(i+2, kNP) {
			continue
		}
		relation := incidents[singular(p.toks[p.chunks[i].head].low)]
		w := p.wordAt(i + 1)
		if relation == "" || w != "at" && w != "of" && w != "on" && w != "against" && w != "into" && w != "in" && w != "inside" || c.tells(rd, relation) || c.tells(rd, "attributed-to") || c.tells(rd, "compromised") {
			continue
		}
		ch := &p.chunks[i+2]
		if ch.class&(cOrganisation|cSystem|cSector|cPeople|cAgency|cCompany) == 0 && !p.properName(i+2) || ch.class&(cTime|cPronoun) != 0 || w == "in" && ch.class&cState != 0 {
			continue
		}
		if p.is(i-1, kPrep) && p.is(i-2, kNP) || c.tells(rd, "measure") { // "tools from the attack on X", "charged over attacks on Y"
			continue
		}
		if low := p.toks[p.chunks[i].from].low; low == "any" || low == "no" || low == "such" || low == "future" || low == "more" {
			continue
		}
		if _, stance, _ := c.said(p.chunks[i].head); stance != Asserts {
			continue
		}
		if g := p.verbBefore(i, i); g >= 0 && (p.chunks[g].neg || p.chunks[g].word == "deny" || p.chunks[g].inf || p.chunks[g].word == "prevent" || p.chunks[g].word == "condemn") {
			continue
		}
		subject := rd.possessor(c, i)
		if subject == nil {
			if subject = rd.modifierState(p, &p.chunks[i]); subject == nil {
				subject = rd.topic()
			}
		}
		object := rd.refs(c, p.groupAt(i+2, len(p.chunks)), len(p.chunks))
		if len(subject) == 0 || len(object) == 0 || sameRefs(subject, object) {
			continue
		}
		cl := rd.claimAt(c, p.chunks[i].head, relation, subject, object)
		rd.qualify(c, &cl, i, i+2)
		rd.add(c, cl, "incident", "a break-in or an attack told by a noun; the doer is the one told of around it")
		return
	}
}

// incidents are nouns of deeds, with the relation that they tell.
var incidents = map[string]string{
	"intrusion": "compromised", "breach": "compromised", "compromise": "compromised", "incident": "compromised", "break-in": "compromised", "hack": "compromised", "infection": "compromised", "infiltration": "compromised", "hacking": "compromised",
	"attack": "targets", "cyberattack": "targets", "cyber-attack": "targets", "assault": "targets", "campaign": "targets", "raid": "targets", "strike": "targets",
	"theft": "stole", "heist": "stole",
}

// ruleSurfaced finds what was taken and came to light: "documents … surfaced on a website", "the files were offered for sale".
func (rd *reading) ruleSurfaced(c *sentenceContext) {
	p := c.p
	if c.tells(rd, "spread") {
		return
	}
	for v := range p.chunks {
		ch := &p.chunks[v]
		if ch.kind != kVG || ch.neg || !rd.happens(c, match{pat: &pattern{frame: &frame{Relation: "stole"}}, v: v}) {
			continue
		}
		rest := p.words(ch.to, min(len(p.toks), ch.to+3))
		sold := ch.passive && (ch.word == "offer" || ch.word == "put" || ch.word == "advertise") && strings.Contains(rest, "sale")
		out := surfaces[ch.word] && !ch.passive && (strings.HasPrefix(rest, "on ") || strings.HasPrefix(rest, "online") || strings.HasPrefix(rest, "in "))
		s := p.subjectOf(v)
		if !sold && !out || s < 0 || p.chunks[s].class&(cData|cContent) == 0 {
			continue
		}
		subject := rd.topic()
		if len(subject) == 0 {
			continue
		}
		cl := rd.claimAt(c, ch.verb, "spread", subject, rd.refs(c, p.groupAt(s, v), v))
		rd.qualify(c, &cl, v, s)
		rd.add(c, cl, "surfaced", "what was taken came to light; the doer is the one told of around it")
		return
	}
}

var surfaces = set([]string{"surface", "appear", "circulate", "emerge", "resurface"})

// ruleTools finds malware, tools and flaws that a sentence names without a verb of its own for them: "found the wiper X on 40
// machines", "access was gained through CVE-…", "a web shell, tracked as Y, was left on servers".
func (rd *reading) ruleTools(c *sentenceContext) {
	p := c.p
	for i := range p.chunks {
		ch := &p.chunks[i]
		if ch.kind != kNP || c.advised(ch.from) {
			continue
		}
		k, e := rd.namedTool(p, ch)
		if k < 0 && ch.class&cVulnerability == 0 {
			continue
		}
		if rd.toldInSentence(c, i, k) {
			continue
		}
		if _, stance, _ := c.said(ch.from); stance != Asserts || rd.harmless(p, i) {
			continue
		}
		subject := rd.toolUser(c, i)
		if k >= 0 && e.Kind == Malware && rd.foundOn(c, i, k) || len(subject) == 0 {
			continue
		}
		relation, object := "deployed", []Ref(nil)
		switch {
		case k < 0:
			if relation = "exploited"; !rd.flawed(p, ch) || !strings.HasPrefix(p.toks[ch.head].low, "cve-") && strings.Contains(p.words(0, len(p.toks)), "cve-") || c.tells(rd, "exploited") {
				continue
			}
			object = rd.refs(c, group{members: []int{i}, end: i + 1}, min(len(p.chunks), i+3))
		case e.Kind == Tool:
			relation, object = "uses", []Ref{p.nameRef(rd.doc.Text, k)}
		default:
			object = []Ref{p.nameRef(rd.doc.Text, k)}
		}
		if sameRefs(subject, object) || rd.knownTool(relation, object) {
			continue
		}
		cl := rd.claimAt(c, ch.head, relation, subject, object)
		rd.hedge(c, &cl, i)
		if n := rd.countNear(c, i); n.N > 0 {
			cl.Count = n
		}
		rd.add(c, cl, "tool", "a tool or a flaw named in what is told of the actor")
	}
}

// foundOn tells of malware found on somebody's devices where nobody is known to have put it there.
func (rd *reading) foundOn(c *sentenceContext, i, k int) bool {
	p := c.p
	v := p.verbBefore(i, i)
	if v < 0 || rd.topic() != nil || p.chunks[v].neg {
		return false
	}
	switch p.chunks[v].word {
	case "find", "discover", "detect", "identify", "spot", "uncover":
	default:
		return false
	}
	for n := i + 1; n+1 < len(p.chunks) && n < i+10; n++ {
		if p.is(n, kPrep) && (p.wordAt(n) == "on" || p.wordAt(n) == "in") && p.is(n+1, kNP) && p.chunks[n+1].class&(cSystem|cOrganisation) != 0 {
			cl := rd.claimAt(c, p.chunks[i].head, "compromised", []Ref{p.nameRef(rd.doc.Text, k)}, rd.refs(c, p.groupAt(n+1, len(p.chunks)), len(p.chunks)))
			if count, ok := p.countIn(p.chunks[n+1]); ok {
				count.Unit = p.toks[p.chunks[n+1].head].low
				cl.Count = count
			}
			rd.add(c, cl, "tool:found", "malware found on devices")
			return true
		}
	}
	return false
}

// namedTool is the token of a malware or tool named in the noun phrase.
func (rd *reading) namedTool(p *clauseParse, ch *chunk) (int, *Entity) {
	for k := ch.from; k < ch.to; k++ {
		if e := p.toks[k].ent; e != nil && (e.Kind == Malware || e.Kind == Tool) {
			return k, e
		}
	}
	return -1, nil
}

// toldInSentence tells that a claim of the sentence speaks of the tool already.
func (rd *reading) toldInSentence(c *sentenceContext, i, k int) bool {
	name := c.p.span(rd.doc.Text, c.p.chunks[i].head, c.p.chunks[i].to)
	if k >= 0 {
		name = c.p.toks[k].ent.Name
	}
	has := func(r Ref) bool { return strings.Contains(r.Name, name) || slices.Contains(r.Links, name) }
	return slices.ContainsFunc(rd.own, func(cl Claim) bool {
		return slices.ContainsFunc(cl.Object, has) || slices.ContainsFunc(cl.Subject, has) || cl.Relation == "recommends" && strings.Contains(cl.Quote, name)
	})
}

// knownTool tells that the text said so before.
func (rd *reading) knownTool(relation string, object []Ref) bool {
	return slices.ContainsFunc(rd.res.Claims, func(cl Claim) bool {
		return (cl.Relation == relation || cl.Relation == "uses") && len(cl.Object) > 0 && cl.Object[0].Name == object[0].Name
	})
}

// harmless tells words that say what a tool is or that it was mended, not that somebody used it.
func (rd *reading) harmless(p *clauseParse, i int) bool {
	for v := range p.chunks {
		if !p.is(v, kVG) {
			continue
		}
		switch p.chunks[v].word {
		case "patch", "fix", "release", "publish", "update", "upgrade", "resemble", "sell", "market", "detect", "block", "remediate", "mitigate", "disclose", "add", "share":
			if p.subjectOf(v) == i || p.directObject(v) == i || p.chunks[v].word == "resemble" {
				return true
			}
		}
		if p.subjectOf(v) == i && p.chunks[v].copula && p.is(v+1, kNP) && p.chunks[v+1].class&cMalware != 0 && i > 0 {
			return true
		}
	}
	return p.is(i-1, kPrep) && (p.wordAt(i-1) == "than" || p.wordAt(i-1) == "like" || p.wordAt(i-1) == "unlike" || p.wordAt(i-1) == "against")
}

// flawed tells that a flaw is spoken of as the way in: a CVE, or words of entry around it.
func (rd *reading) flawed(p *clauseParse, ch *chunk) bool {
	words := p.words(0, len(p.toks))
	for _, w := range []string{"exploit", "through a", "through cve", "via ", "abus", "got in", "access", "by way of", "leverag", "using a", "zero-day", "took advantage"} {
		if strings.Contains(words, w) {
			return true
		}
	}
	return false
}

// toolUser is who uses a tool: a named actor that is free in the sentence, else the one that the text is about.
func (rd *reading) toolUser(c *sentenceContext, i int) []Ref {
	p := c.p
	for k := range p.chunks {
		ch := &p.chunks[k]
		if k != i && ch.kind == kNP && ch.class&cActor != 0 && (!p.governed(k) || p.is(k-1, kPrep) && (p.wordAt(k-1) == "by" || p.wordAt(k-1) == "to")) {
			return rd.refs(c, p.groupAt(k, len(p.chunks)), len(p.chunks))
		}
	}
	for k := range p.chunks {
		if ch := &p.chunks[k]; ch.kind == kNP && (rd.takesUp(p, ch) || p.toks[ch.from].low == "both") && anaphors[singular(p.toks[ch.head].low)] {
			return rd.refs(c, group{members: []int{k}, end: k + 1}, k+1)
		}
	}
	return rd.doer()
}

// countNear reads "on 40 machines", "on more than 900 servers" after chunk i.
func (rd *reading) countNear(c *sentenceContext, i int) Count {
	p := c.p
	for k := i + 1; k+1 < len(p.chunks) && k < i+5; k++ {
		if p.is(k, kPrep) && (p.wordAt(k) == "on" || p.wordAt(k) == "to" || p.wordAt(k) == "in") && p.is(k+1, kNP) && p.chunks[k+1].class&cTime == 0 {
			if n, ok := p.countIn(p.chunks[k+1]); ok {
				if n.Unit == "" {
					n.Unit = p.toks[p.chunks[k+1].head].low
				}
				return n
			}
		}
	}
	return Count{}
}

// ruleOutlook finds what a source expects to grow: "expects China to step up its efforts", "expects further attacks".
func (rd *reading) ruleOutlook(c *sentenceContext) {
	p := c.p
	if c.tells(rd, "will-accelerate") || c.tells(rd, "recommends") {
		return
	}
	for v := range p.chunks { // "attacks on the grid will increase", "further attacks are likely"
		ch := &p.chunks[v]
		if s := p.subjectAt(v); s >= 0 && s < v && !ch.neg && p.lx.cues.more[p.toks[p.chunks[s].from].low] && p.chunks[s].class&cOperation != 0 && p.has(ch.from, min(len(p.toks), ch.to+1), "likely", "expected", "probable", "certain", "feared", "inevitable") {
			rd.addGrowth(c, v, s)
			return
		}
		if s := p.subjectAt(v); s >= 0 && s < v && ch.future && !ch.neg && growth[ch.word] && p.directObject(v) < 0 && p.groupClass(p.groupAt(s, v), v)&cOperation != 0 {
			rd.addGrowth(c, v, s)
			return
		}
	}
	for v := range p.chunks {
		ch := &p.chunks[v]
		if ch.kind != kVG || ch.neg || !p.lx.cues.outlook[p.toks[ch.verb].low] || c.advised(ch.verb) {
			continue
		}
		strong := strings.HasPrefix(ch.word, "expect") || strings.HasPrefix(ch.word, "anticipat") || strings.HasPrefix(ch.word, "predict") || strings.HasPrefix(ch.word, "forecast") || strings.HasPrefix(ch.word, "foresee")
		more := -1
		for k := ch.to; k < len(p.toks) && more < 0; k++ {
			low := p.toks[k].low
			if p.lx.cues.more[low] && (strong || p.has(ch.to, k, "will", "could", "would", "may", "likely")) {
				more = k
			}
			if f := p.toks[k].verb; more < 0 && p.toks[k].tag == tVerb && p.lx.cues.more[f.lemma] && (strong || p.has(ch.to, k, "will", "likely", "would")) {
				more = k
			}
		}
		if more < 0 {
			continue
		}
		rd.addOutlook(c, v, more)
		return
	}
}

// growth are verbs of what becomes more.
var growth = set([]string{"increase", "grow", "rise", "intensify", "continue", "escalate", "accelerate", "multiply", "expand", "worsen"})

// addGrowth tells that an operation is expected to grow, of whoever is behind it.
func (rd *reading) addGrowth(c *sentenceContext, v, s int) {
	p := c.p
	object := rd.refs(c, p.groupAt(s, v), v)
	subject := rd.possessor(c, s)
	if subject == nil {
		if subject = rd.modifierState(p, &p.chunks[s]); subject == nil {
			subject = rd.doer()
		}
	}
	if len(subject) == 0 {
		subject = object
	}
	cl := rd.claimAt(c, p.chunks[v].verb, "will-accelerate", subject, object)
	rd.hedge(c, &cl, v)
	rd.add(c, cl, "growth", "an operation that is expected to grow")
}

func (rd *reading) addOutlook(c *sentenceContext, v, more int) {
	p := c.p
	var subject []Ref
	object := Ref{Kind: "operation", Name: clip(p.span(rd.doc.Text, p.chunks[v].to, p.clauseTo(len(p.chunks))))}
	for i := v + 1; i < len(p.chunks); i++ {
		ch := &p.chunks[i]
		if ch.kind != kNP || ch.class&cTime != 0 {
			continue
		}
		if ch.class&(cActor|cState|cGroup|cCrime) != 0 && ch.class&cOperation == 0 && ch.class&cPronoun == 0 {
			subject = rd.refs(c, p.groupAt(i, len(p.chunks)), len(p.chunks))
		}
		break
	}
	if len(subject) == 0 {
		subject = rd.doer()
	}
	if len(subject) == 0 {
		subject = []Ref{described(object.Name, "operation")}
	}
	cl := rd.claimAt(c, more, "will-accelerate", subject, []Ref{object})
	if s := p.subjectOf(v); s >= 0 {
		if who, ok := rd.sourceAt(c, s); ok {
			cl.Who, cl.Root = who, rd.rootOf(who)
		}
	}
	rd.hedge(c, &cl, v)
	rd.add(c, cl, "outlook", "words of what is expected")
}

// ruleNothing finds what was looked for and not found, and what a source doubts or cannot say, where no claim of the sentence
// tells it already.
func (rd *reading) ruleNothing(c *sentenceContext) {
	p := c.p
	if c.has(rd, NoEvidence) || c.has(rd, Doubts) || c.has(rd, NoComment) || c.tells(rd, "recommends") {
		return
	}
	stance := NoEvidence
	at, end := p.cueAt(p.lx.cues.nothing, 0, len(p.toks))
	if at < 0 {
		stance = Doubts
		if at, end = p.cueAt(p.lx.cues.doubt, 0, len(p.toks)); at < 0 || p.notDoubt(at) {
			return
		}
	}
	to := p.clauseTo(len(p.chunks))
	if c.has(rd, Denies) {
		return
	}
	what := clip(strings.TrimSpace(p.span(rd.doc.Text, min(end, to), to)))
	relation := lookedFor(p, end, to)
	subject, object := rd.soughtSides(c, end, to, relation)
	if len(subject) == 0 {
		return
	}
	if len(what) > 3 {
		object = append(object, Ref{Name: what, Kind: "sought"})
	}
	cl := rd.claimAt(c, at, relation, subject, object)
	cl.Stance = stance
	if v := p.at[at]; v >= 0 {
		for v > 0 && p.chunks[v].kind != kVG {
			v--
		}
		if s := p.subjectAt(v); s >= 0 && s <= p.at[at] {
			if who, ok := rd.sourceAt(c, s); ok {
				cl.Who, cl.Root = rd.jointSource(c, s, v, who), rd.rootOf(who)
			}
		}
	}
	rd.add(c, cl, "nothing", "words that something was not found, or cannot be said")
}

// lookedFor guesses from its words what kind of fact was looked for.
func lookedFor(p *clauseParse, from, to int) string {
	rest := p.words(from, to)
	for _, k := range []struct{ word, relation string }{
		{"taken", "stole"},
		{"stolen", "stole"},
		{"exfiltrat", "stole"},
		{"stole", "stole"},
		{"accessed", "stole"},
		{"leaked", "stole"},
		{"lost", "stole"},
		{"influence", "influences"},
		{"sway", "influences"},
		{"attitude", "influences"},
		{"vote", "influences"},
		{"opinion", "influences"},
		{"same criminal", "shares-resources"},
		{"share", "shares-resources"},
		{"link", "linked-to"},
		{"connection", "linked-to"},
		{"insider", "linked-to"},
		{"tie", "linked-to"},
		{"manipulat", "disrupted"},
		{"disrupt", "disrupted"},
		{"destroy", "disrupted"},
		{"reached", "disrupted"},
		{"ransom note", "extorts"},
		{"ransom demand", "extorts"},
		{"ransom was", "extorts"},
		{"money was demanded", "extorts"},
		{"deployed", "deployed"},
		{"order", "attributed-to"},
		{"responsible", "attributed-to"},
		{"behind", "attributed-to"},
		{"direct", "attributed-to"},
		{"caused", "affected"},
		{"breach", "compromised"},
		{"compromise", "compromised"},
		{"merge", "alias-of"},
	} {
		if strings.Contains(rest, k.word) {
			return k.relation
		}
	}
	return "attributed-to"
}

// soughtSides names the sides of what was not found: the actor spoken of, and the phrases of the clause.
func (rd *reading) soughtSides(c *sentenceContext, from, to int, relation string) (subject, object []Ref) {
	p := c.p
	for i := range p.chunks {
		ch := &p.chunks[i]
		if ch.kind != kNP || ch.from < from || ch.from >= to || ch.class&(cTime|cPronoun) != 0 {
			continue
		}
		refs := rd.refs(c, group{members: []int{i}, end: i + 1}, i+1)
		if len(refs) == 0 {
			continue
		}
		if subject == nil && (isNamed(&refs[0]) || refs[0].Kind == State || ch.class&(cGroup|cCrime) != 0 && ch.class&cSystem == 0 || ch.class&cOperation != 0 && (relation == "attributed-to" || relation == "influences" || relation == "affected")) {
			subject = refs
			continue
		}
		object = append(object, refs...)
	}
	if t := rd.topic(); relation == "linked-to" && t != nil && (subject == nil || !isNamed(&subject[0])) {
		return t, append(object, subject...)
	}
	if subject == nil || relation == "stole" || relation == "extorts" || relation == "disrupted" {
		if d := rd.doer(); d != nil && subject == nil {
			return d, object
		}
	}
	if subject == nil {
		subject = rd.d.operation
	}
	return subject, object
}

// ruleNumbers finds how many an operation reached, and how many incidents somebody counted.
func (rd *reading) ruleNumbers(c *sentenceContext) {
	p := c.p
	if c.tells(rd, "volume") || c.tells(rd, "affected") {
		return
	}
	for v := range p.chunks {
		ch := &p.chunks[v]
		if ch.kind != kVG || ch.neg {
			continue
		}
		obj := p.directObject(v)
		if ch.passive {
			obj = p.subjectOf(v)
		}
		if ch.word == "rise" || ch.word == "amount" || ch.word == "climb" || ch.word == "grow" || ch.word == "jump" {
			if p.is(v+1, kPrep) && p.is(v+2, kNP) {
				obj = v + 2
			}
		}
		if obj < 0 {
			continue
		}
		n, ok := p.countIn(p.chunks[obj])
		if !ok {
			continue
		}
		head := &p.chunks[obj]
		switch {
		case counts[ch.word] && (head.class&(cOperation|cMalware|cContent) != 0 || p.has(head.from, head.to, "phishing", "malicious", "spam", "attempts", "scans")):
			n.Unit = p.toks[head.head].low
			cl := rd.claimAt(c, head.from, "volume", nil, []Ref{described(clip(cleanName(p, head.from, p.clauseTo(min(len(p.chunks), p.clauseEnd(v))), rd.doc.Text)), "operation")})
			cl.Count = n
			rd.add(c, cl, "volume:counted", "a number of incidents that somebody counted")
			return
		case harms[ch.word] && head.class&cTime == 0 && n.Unit == "" && len(rd.own) == 0:
			n.Unit = p.toks[head.head].low
			d := rd.doer()
			if len(d) == 0 {
				d = rd.d.operation
			}
			if len(d) == 0 {
				continue
			}
			cl := rd.claimAt(c, head.from, "affected", d, rd.refs(c, group{members: []int{obj}, end: obj + 1}, obj+1))
			cl.Count = n
			rd.add(c, cl, "affected:counted", "a number of those hit")
			return
		}
	}
}

var counts = set([]string{"handle", "investigate", "process", "receive", "count", "track", "record", "register", "observe", "log", "see", "detect", "identify", "document", "block", "stop", "rise", "amount", "climb", "grow", "jump", "report", "note", "list"})

var harms = set([]string{"affect", "hit", "impact", "cancel", "ground", "lose", "strand", "reach", "expose", "delay", "leave", "force", "cut", "view", "see", "watch"})
