package prose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const motiveAnchor = "motive motivation incentive purpose goal objective aim gain reason intent"

// ruleMotive finds why: "with no apparent financial incentive", "two motives: to embarrass and make money".
func (rd *reading) ruleMotive(c *sentenceContext) {
	p := c.p
	for i := range p.chunks {
		ch := &p.chunks[i]
		if ch.kind != kNP {
			continue
		}
		head := singular(p.toks[ch.head].low)
		if !slices.Contains(strings.Fields(motiveAnchor), head) {
			continue
		}
		kinds := rd.motivesIn(p, ch.from, ch.to)
		negated := rd.negatedNP(p, i)
		if len(kinds) == 0 && head != "gain" && head != "reason" && p.explains(i) {
			kinds = rd.motivesIn(p, ch.to, min(len(p.toks), ch.to+18))
		}
		if len(kinds) == 0 || head == "reason" && !negated {
			continue
		}
		if head == "gain" && !p.drives(i) {
			continue
		}
		rd.addMotive(c, ch.head, kinds, negated)
		return
	}
	for k := range p.toks {
		low := p.toks[k].low
		motivated := strings.HasSuffix(low, "motivated") || low == "motivated" || low == "driven"
		if !motivated {
			continue
		}
		if k > 0 && (p.toks[k-1].low == "financially" || p.toks[k-1].low == "politically" || p.toks[k-1].low == "ideologically") || strings.HasPrefix(low, "financially-") {
			kinds := rd.motivesIn(p, max(0, k-1), k+1)
			if len(kinds) == 0 {
				kinds = []string{"financial"}
			}
			rd.addMotive(c, k, kinds, k > 1 && p.lx.negations[p.toks[k-2].low])
			return
		}
		if k+1 < len(p.toks) && p.toks[k+1].low == "by" {
			if kinds := rd.motivesIn(p, k+1, min(len(p.toks), k+9)); len(kinds) > 0 {
				rd.addMotive(c, k, kinds, p.lx.negations[p.toks[max(0, k-1)].low])
				return
			}
		}
	}
}

// explains tells that what follows the noun says what the motive is: a colon, an infinitive, "of …ing", "was".
func (p *clauseParse) explains(i int) bool {
	n := p.skipOn(i)
	if p.is(n, kBreak) && (p.wordAt(n) == ":" || p.wordAt(n) == "—" || p.wordAt(n) == "–") {
		return true
	}
	if p.is(n, kPrep) && p.wordAt(n) == "of" {
		return p.is(n+1, kVG) && p.chunks[n+1].ing
	}
	return p.is(n, kVG) && (p.chunks[n].inf || p.chunks[n].word == "be" || p.chunks[n].word == "appear")
}

// drives tells "for financial gain" from a gain that is only spoken of.
func (p *clauseParse) drives(i int) bool {
	return p.is(i-1, kPrep) && (p.wordAt(i-1) == "for" || p.wordAt(i-1) == "by")
}

func (rd *reading) negatedNP(p *clauseParse, i int) bool {
	ch := p.chunks[i]
	for k := ch.from; k < ch.to; k++ {
		if low := p.toks[k].low; low == "no" || low == "without" || low == "little" {
			return true
		}
	}
	if i > 0 && p.is(i-1, kPrep) && p.wordAt(i-1) == "without" {
		return true
	}
	return i > 0 && p.is(i-1, kVG) && p.chunks[i-1].neg
}

// addMotive tells the motive of the action in the sentence or of the last one told; without either, of its subject.
func (rd *reading) addMotive(c *sentenceContext, tok int, kinds []string, negated bool) {
	var object []Ref
	for _, k := range kinds {
		r := described(k, "motive")
		if negated {
			r.Name, r.Negated = "not "+k, true
		}
		object = append(object, r)
	}
	subject, about, why := rd.motiveSubject(c, tok)
	if len(subject) == 0 {
		return
	}
	cl := rd.claimAt(c, tok, "motive", subject, object)
	cl.About = about
	cl.Motive = kinds
	if negated {
		cl.Motive = nil
	}
	rd.motiveHedge(c, &cl, tok)
	rd.add(c, cl, "motive", "words of motive; "+why)
}

func (rd *reading) motiveHedge(c *sentenceContext, cl *Claim, tok int) {
	v := c.p.at[tok]
	if g := c.p.verbBefore(v, v); g >= 0 {
		rd.hedge(c, cl, g)
	}
	rd.hedge(c, cl, v)
}

func (rd *reading) motiveSubject(c *sentenceContext, tok int) ([]Ref, string, string) {
	// "a financially motivated group": the group itself.
	p := c.p
	if ch := p.chunks[p.at[tok]]; ch.kind == kNP && ch.class&(cGroup|cActor) != 0 && p.toks[ch.head].low != p.toks[tok].low {
		if i := p.at[tok]; i >= 2 && p.is(i-1, kComma) && p.is(i-2, kNP) && p.chunks[i-2].class&cActor != 0 {
			return rd.refs(c, group{members: []int{i - 2}, end: i - 1}, i-1), "", "of the group it describes"
		}
		return rd.refs(c, group{members: []int{p.at[tok]}, end: p.at[tok] + 1}, p.at[tok]+1), "", "of the group it describes"
	}
	for n := range rd.own {
		if cl := &rd.own[n]; actions[cl.Relation] && cl.Stance == Asserts {
			return cl.Subject, "#" + strconv.Itoa(n), "of the action in the same sentence"
		}
	}
	if n := rd.d.action; n >= 0 && rd.d.actionPar == c.par {
		return rd.mainAction(n).Subject, rd.mainAction(n).ID, "of the last action told in the paragraph"
	}
	if n := rd.d.action; n >= 0 && c.par-rd.d.actionPar <= 2 && !slices.ContainsFunc(p.chunks, func(ch chunk) bool { return ch.kind == kNP && ch.class&(cGroup|cActor|cCrime|cState) != 0 }) {
		return rd.mainAction(n).Subject, rd.mainAction(n).ID, "of the last action told before"
	}
	for i := range p.chunks {
		if ch := &p.chunks[i]; ch.kind == kNP && ch.class&(cGroup|cActor|cCrime|cState) != 0 {
			return rd.refs(c, p.groupAt(i, len(p.chunks)), len(p.chunks)), "", "of the actor in the sentence"
		}
	}
	if own := rd.possessorThreat(c, 0, len(p.chunks)); own != nil {
		return own, "", "of the actor whose operation it is"
	}
	return nil, "", ""
}

// mainAction is the first claim of the sentence in which claim n stands, of the same doer.
func (rd *reading) mainAction(n int) *Claim {
	cl := &rd.res.Claims[n]
	for k := n - 1; k >= 0 && rd.res.Claims[k].Sentence == cl.Sentence; k-- {
		if actions[rd.res.Claims[k].Relation] && rd.res.Claims[k].Stance == Asserts {
			cl = &rd.res.Claims[k]
		}
	}
	return cl
}

// ruleDenials gives a denial without a fact of its own ("denied involvement", "called the accusations baseless") the
// relation response, about the last claim that concerns who denies.
func (rd *reading) ruleDenials(c *sentenceContext) {
	for _, s := range c.spans {
		if s.stance != Denies {
			continue
		}
		if slices.ContainsFunc(rd.own, func(cl Claim) bool { return cl.Stance == Denies }) {
			return
		}
		who := s.who
		if who.Name == "" {
			who, _, _ = c.said(s.from)
		}
		if who.Name == TheArticle || who.Name == "" {
			return
		}
		party := who.Parties
		name := who.Name
		if who.Affiliation != "" {
			name = who.Affiliation
		}
		if len(party) == 0 {
			party = []Ref{described(name, who.Kind)}
		}
		to := min(s.to, c.p.clauseTo(len(c.p.chunks)))
		from := min(s.from, to)
		what := clip(c.p.span(rd.doc.Text, from, max(to, from)))
		if s.rule == "verdict" && s.from > 0 {
			ch := c.p.chunks[c.p.at[s.from-1]]
			what = c.p.span(rd.doc.Text, ch.from, ch.to)
		}
		cl := rd.claimAt(c, min(s.from, len(c.p.toks)-1), "response", party, nil)
		if what != "" {
			cl.Object = []Ref{described(what, "denied")}
		}
		cl.Who, cl.Stance, cl.Root = who, Denies, rd.rootOf(who)
		why := "a denial without a fact of its own"
		if about := rd.concerning(party); about != nil {
			cl.About, cl.Relation, cl.Subject, cl.Object = about.ID, about.Relation, about.Subject, about.Object
			why += "; taken to be of the last fact told of who denies"
		}
		rd.add(c, cl, "denial", why)
		return
	}
}

// concerning is the last asserted fact that has one of the parties on a side.
func (rd *reading) concerning(parties []Ref) *Claim {
	for n := len(rd.res.Claims) - 1; n >= 0; n-- {
		cl := &rd.res.Claims[n]
		if cl.Stance != Asserts || cl.Relation == "measure" || cl.Relation == "recommends" || cl.Relation == "response" {
			continue
		}
		sides := [][]Ref{cl.Subject}
		if rel := cl.Relation; rel == "attributed-to" || rel == "linked-to" || rel == "on-behalf-of" || rel == "financed-by" {
			sides = append(sides, cl.Object)
		}
		for _, side := range sides {
			for _, r := range side {
				for _, p := range parties {
					country := p.Country
					if country == "" {
						country = p.Name
					}
					if r.Name == p.Name || r.Country == country {
						return cl
					}
				}
			}
		}
	}
	return nil
}

var adviceVerbs = set([]string{"want", "demand", "recommend", "urge", "advise", "encourage", "call", "propose", "suggest"})

// ruleRecommends finds advice: "recommended adding …", "called for …", "Governments should …".
func (rd *reading) ruleRecommends(c *sentenceContext) {
	p := c.p
	for v := range p.chunks {
		ch := &p.chunks[v]
		if ch.kind != kVG || ch.neg {
			continue
		}
		if adviceVerbs[ch.word] && !ch.passive && !ch.inf && !p.reduced(v) && rd.advice(c, v) {
			continue
		}
		if adviceVerbs[ch.word] && ch.passive && rd.advisedTo(c, v) {
			continue
		}
		rd.should(c, v)
	}
}

// advisedTo reads "users are urged to patch", said by somebody.
func (rd *reading) advisedTo(c *sentenceContext, v int) bool {
	p := c.p
	n := p.skipOn(v)
	s := p.subjectOf(v)
	if !p.is(n, kVG) || !p.chunks[n].inf || s < 0 {
		return false
	}
	who, _, _ := c.said(p.chunks[v].verb)
	if a := p.agent(v, n); a >= 0 {
		if by, ok := rd.sourceAt(c, a); ok {
			who = by
		}
	}
	if who.Name == TheArticle || p.chunks[s].class&(cOrganisation|cPeople|cSector|cCompany|cSpeaker|cState|cAgency) == 0 {
		return false
	}
	to := p.chunks[p.adviceEnd(v)-1].to
	c.advice = append(c.advice, [2]int{p.chunks[n].verb, to})
	cl := rd.claimAt(c, p.chunks[v].verb, "recommends", []Ref{described(who.Name, who.Kind)}, []Ref{described(clip(p.span(rd.doc.Text, p.chunks[n].verb, p.trimEnd(p.chunks[n].verb, to))), "advice")})
	cl.Who, cl.Root = who, rd.rootOf(who)
	cl.Targets = rd.refs(c, p.groupAt(s, v), v)
	rd.add(c, cl, "advised", "somebody is advised to do something")
	return true
}

// advice handles the verbs of advice. The subject is who recommends.
func (rd *reading) advice(c *sentenceContext, v int) bool {
	p := c.p
	s := p.subjectOf(v)
	if s < 0 {
		return false
	}
	who, ok := rd.sourceAt(c, s)
	if !ok {
		return false
	}
	next := p.skipOn(v)
	start := p.chunks[v].to
	switch p.chunks[v].word {
	case "call":
		if p.wordAt(next) != "for" && p.wordAt(next) != "on" && p.wordAt(next) != "upon" || !p.is(next, kPrep) {
			return false
		}
		start = p.chunks[next].to
	case "want", "demand": // "wants firms to report", "demanded that …"
		o := p.directObject(v)
		whom := o >= 0 && p.is(o+1, kVG) && p.chunks[o+1].inf && p.chunks[o].class&cPronoun == 0
		if !whom && (p.chunks[v].word != "demand" || !p.is(next, kSub)) {
			return false
		}
	case "suggest", "propose":
		if !p.is(next, kVG) || !p.chunks[next].ing {
			return false
		}
	}
	parts := rd.adviceParts(p, start, v)
	for _, part := range parts {
		c.advice = append(c.advice, part)
		cl := rd.claimAt(c, p.chunks[v].verb, "recommends", []Ref{described(who.Name, who.Kind)}, []Ref{described(clip(strings.TrimSpace(p.span(rd.doc.Text, part[0], part[1]))), "advice")})
		cl.Who, cl.Root = who, rd.rootOf(who)
		cl.Rule, cl.Why = "recommends", fmt.Sprintf("verb %q", p.span(rd.doc.Text, p.chunks[v].from, p.chunks[v].to))
		rd.own = append(rd.own, cl)
	}
	return len(parts) > 0
}

// adviceParts splits "expanding deterrents, such as adding … and publicly attributing …" into its members.
func (rd *reading) adviceParts(p *clauseParse, start, v int) [][2]int {
	end := p.clauseTo(len(p.chunks))
	if start >= end {
		return nil
	}
	for i := v + 1; i < len(p.chunks); i++ { // a reason or what the speaker warns of next is no advice
		reason := p.is(i, kSub) && p.wordAt(i) != "that" && p.wordAt(i) != "how" && p.wordAt(i) != "where"
		aside := p.is(i, kComma) && p.is(i+1, kVG) && p.chunks[i+1].ing && (p.lx.speech[p.chunks[i+1].word] || p.chunks[i+1].word == "know")
		if p.chunks[i].from > start && (reason || aside) {
			end = p.chunks[i].from
			break
		}
	}
	var cuts []int
	for i := v + 1; i < len(p.chunks); i++ {
		ch := &p.chunks[i]
		if ch.from >= end {
			break
		}
		prev := p.skipBack(i)
		if ch.kind != kVG || !ch.ing || ch.from < start {
			continue
		}
		if p.is(prev, kConj) || p.is(prev, kComma) || p.is(prev, kPrep) && p.lx.exemplifiers[p.wordAt(prev)] {
			from := ch.from
			if p.is(i-1, kAdv) {
				from = p.chunks[i-1].from
			}
			cuts = append(cuts, from)
		}
	}
	parts := [][2]int{}
	from := start
	for _, cut := range cuts {
		parts = append(parts, [2]int{from, p.trimEnd(from, cut)})
		from = cut
	}
	return append(parts, [2]int{from, p.trimEnd(from, end)})
}

// trimEnd drops conjunctions, commas and "such as" from the end of a part.
func (p *clauseParse) trimEnd(from, to int) int {
	for to > from+1 {
		low := p.toks[to-1].low
		if low != "," && low != "and" && low != "or" && low != "as" && low != "such" && low != "including" && low != "." {
			break
		}
		to--
	}
	return to
}

// minds are verbs that tell what somebody should think, which is no advice.
var minds = set([]string{"understand", "know", "remember", "realize", "realise", "expect", "believe", "note", "think", "worry", "fear", "hope", "serve", "mean"})

// should reads advice said with a modal in somebody's words: "Governments should …".
func (rd *reading) should(c *sentenceContext, v int) {
	p := c.p
	ch := &p.chunks[v]
	modal := false
	for k := ch.from; k < ch.to; k++ {
		modal = modal || p.toks[k].low == "should" || p.toks[k].low == "must"
	}
	if g := p.skipBack(v); ch.inf && p.is(g, kVG) && p.chunks[g].base && (p.chunks[g].word == "need" || p.chunks[g].word == "ought") && !p.chunks[g].neg { // "governments need to"
		modal = true
	}
	if !modal || ch.word == "" || ch.copula || minds[ch.word] {
		return
	}
	who, stance, _ := c.said(ch.verb)
	if stance != Asserts || who.Name == TheArticle || rd.conditional(c, v) {
		return
	}
	s := p.subjectOf(v)
	if s < 0 || p.chunks[s].class&(cState|cOrganisation|cPeople|cAgency|cCompany|cSector|cPronoun|cSpeaker) == 0 && (p.chunks[s].class != 0 || !p.named(s)) {
		return
	}
	to := p.chunks[p.adviceEnd(v)-1].to
	cl := rd.claimAt(c, ch.verb, "recommends", []Ref{described(who.Name, who.Kind)}, []Ref{described(clip(p.span(rd.doc.Text, ch.verb, p.trimEnd(ch.verb, to))), "advice")})
	c.advice = append(c.advice, [2]int{ch.verb, to})
	cl.Targets = rd.refs(c, p.groupAt(s, v), v)
	rd.add(c, cl, "should", "a modal of duty in the source's words")
}

func (p *clauseParse) adviceEnd(v int) int {
	for i := v + 1; i < len(p.chunks); i++ {
		if p.is(i, kComma) && p.is(i+1, kNP) && p.is(i+2, kVG) && p.lx.speech[p.chunks[i+2].word] || p.is(i, kBreak) {
			return i
		}
	}
	return len(p.chunks)
}

// ruleMeasures finds what authorities and platforms did: seizures, sanctions, indictments, takedowns.
func (rd *reading) ruleMeasures(c *sentenceContext) {
	p := c.p
	for v := range p.chunks {
		ch := &p.chunks[v]
		if ch.kind != kVG || ch.neg || ch.copula {
			continue
		}
		kind, ok := p.lx.measures[ch.word]
		obj := p.directObject(v)
		if ch.to < len(p.toks) {
			if k, phrasal := p.lx.measures[ch.word+" "+p.toks[ch.to].low]; phrasal {
				kind, ok = k, true
				obj = p.npFrom(ch.to+1, len(p.chunks))
			} else if o := obj; o >= 0 && offline[ch.word] && p.chunks[o].to < len(p.toks) && (p.toks[p.chunks[o].to].low == "offline" || p.toks[p.chunks[o].to].low == "down" || p.toks[p.chunks[o].to].low == "off") {
				kind, ok = "takedown", true // "took 300 servers offline"
			} else if ch.word == "shut" {
				continue
			}
		}
		if !ok || !rd.measureHappens(c, v) {
			continue
		}
		passive := ch.passive || p.reduced(v)
		subj := p.subjectOf(v)
		if passive {
			subj, obj = p.agent(v, p.clauseEnd(v)), subj
		}
		if obj < 0 || subj == obj {
			continue
		}
		rd.addMeasure(c, v, subj, obj, kind, passive)
	}
	rd.measureNouns(c)
}

// offline are verbs of "take … offline".
var offline = set([]string{"take", "knock", "bring", "pull", "shut", "switch", "turn"})

// measureHappens leaves out wishes; announced plans count, as told.
func (rd *reading) measureHappens(c *sentenceContext, v int) bool {
	p := c.p
	ch := &p.chunks[v]
	for k := ch.from; k < ch.to; k++ {
		switch p.toks[k].low {
		case "should", "could", "can", "may", "might", "would", "must":
			return false
		}
	}
	if !ch.inf {
		return !rd.conditional(c, v)
	}
	if prev := p.skipBack(v); p.is(prev, kNP) {
		head := singular(p.toks[p.chunks[prev].head].low)
		return head == "plan" || head == "order" || head == "warrant" || head == "action" || head == "operation" || head == "move"
	}
	g := p.verbBefore(v, v)
	return g >= 0 && (p.chunks[g].word == "move" || p.chunks[g].word == "act" || p.chunks[g].word == "use")
}

func (rd *reading) addMeasure(c *sentenceContext, v, subj, obj int, kind string, passive bool) {
	p := c.p
	oc := p.groupClass(p.groupAt(obj, len(p.chunks)), len(p.chunks))
	var by []Ref
	if subj >= 0 && kind == "indictment" && p.lx.noun(p.toks[p.chunks[subj].head].low)&cSource != 0 { // "returned an indictment charging …"
		if g := p.verbBefore(subj, subj); g >= 0 {
			subj = p.subjectOf(g)
		}
	}
	if subj >= 0 {
		if by = rd.authority(c, subj, v); by == nil {
			return
		}
	} else if !passive {
		return
	}
	if head := singular(p.toks[p.chunks[obj].head].low); (head == "link" || head == "access") && p.is(obj+1, kPrep) && p.wordAt(obj+1) == "to" && p.is(obj+2, kNP) {
		oc |= p.chunks[obj+2].class
	}
	if kind == "takedown" && len(by) > 0 && by[0].Kind == State && offline[p.chunks[v].word] {
		return // a state that takes something offline is not enforcing a law
	}
	if kind == "closure" && (by == nil || !closable[singular(p.toks[p.chunks[obj].head].low)]) {
		return
	}
	if kind == "takedown" && by == nil || kind == "removal" && (by == nil || oc&(cAsset|cContent|cSystem|cMalware|cData) == 0) {
		return
	}
	if oc == 0 && p.chunks[obj].ent == nil && kind != "indictment" && kind != "arrest" && kind != "sanctions" && kind != "summons" && kind != "conviction" && kind != "expulsion" && kind != "extradition" {
		return
	}
	if head := p.toks[p.chunks[obj].head].low; kind == "indictment" && p.lx.noun(head)&cSource != 0 || head == "charges" {
		if obj = p.accused(obj); obj < 0 {
			return
		}
	}
	g := p.groupAt(obj, len(p.chunks))
	limit := p.clauseEnd(v)
	if obj < v {
		limit = v
	}
	refs := rd.refs(c, g, max(limit, g.end))
	rd.emitMeasure(c, v, by, refs, kind, obj)
}

// closable are what a state closes in answer to an operation, unlike a shop.
var closable = set([]string{"embassy", "consulate", "mission", "office", "bureau", "border", "airspace", "center", "centre", "channel", "account", "school"})

// accused finds whom an indictment is against: "an indictment charging seven men", "charges against …".
func (p *clauseParse) accused(obj int) int {
	for i := obj + 1; i+1 < len(p.chunks) && i < obj+5; i++ {
		if p.is(i, kVG) && (p.chunks[i].word == "charge" || p.chunks[i].word == "accuse") || p.is(i, kPrep) && p.wordAt(i) == "against" {
			if p.is(i+1, kNP) {
				return i + 1
			}
		}
	}
	return -1
}

func (rd *reading) emitMeasure(c *sentenceContext, at int, by, against []Ref, kind string, obj int) {
	names := make([]string, len(against))
	for i, r := range against {
		names[i] = r.Name
	}
	object := Ref{Name: clip(measureWord[kind] + strings.Join(names, ", ")), Kind: kind}
	for _, r := range against {
		object.Links = append(object.Links, r.Name)
		object.Links = append(object.Links, r.Links...)
		if object.Country == "" {
			object.Country = r.Country
		}
	}
	cl := rd.claimAt(c, c.p.chunks[at].head, "measure", by, []Ref{object})
	if c.p.chunks[at].kind == kVG {
		cl = rd.claimAt(c, c.p.chunks[at].verb, "measure", by, []Ref{object})
	}
	cl.Targets = against
	if kind == "indictment" && len(against) > 0 && !anaphors[singular(strings.ToLower(against[0].Name))] {
		rd.d.accused = against
	}
	if obj >= 0 {
		if n, ok := c.p.countIn(c.p.chunks[obj]); ok {
			if n.Unit == "" {
				n.Unit = c.p.toks[c.p.chunks[obj].head].low
			}
			if c.p.toks[c.p.chunks[obj].head].tag == tNum && c.p.is(obj+1, kPrep) && c.p.wordAt(obj+1) == "of" && c.p.is(obj+2, kNP) {
				n.Unit = c.p.toks[c.p.chunks[obj+2].head].low
			}
			cl.Count = n
		}
	}
	cl.When = rd.whenOf(c, at)
	rd.d.measure = object.Name
	rd.add(c, cl, "measure:"+kind, "a measure and who it is taken against")
}

var measureWord = map[string]string{
	"seizure": "seizure of ", "sanctions": "sanctions on ", "indictment": "indictment of ", "takedown": "takedown of ", "conviction": "conviction of ", "extradition": "extradition of ",
	"closure": "closure of ", "revocation": "revocation of ", "arrest": "arrest of ", "expulsion": "expulsion of ", "removal": "removal of ", "reward": "reward for ", "attribution": "public attribution to ", "summons": "summons of ", "raid": "raid on ", "fine": "fine on ",
	"warrant": "arrest warrant against ", "protest": "protest against ", "investigation": "investigation of ", "penalty": "penalty on ", "lawsuit": "lawsuit against ", "ban": "ban on ",
}

// authority returns who takes a measure: a state, its bodies, a platform or vendor.
func (rd *reading) authority(c *sentenceContext, i, limit int) []Ref {
	p := c.p
	ch := &p.chunks[i]
	if ch.class&cPronoun != 0 {
		s, _, _ := c.said(ch.from)
		ok := s.Name != TheArticle && s.Kind != Person && s.Kind != "people"
		if !ok {
			s, ok = rd.pronounSource(c, i)
		}
		if ok && s.Kind != Person {
			return []Ref{described(s.Name, s.Kind)}
		}
		return nil
	}
	if ch.ent != nil {
		switch ch.ent.Kind {
		case Agency, Ministry, State, Company, Military, Org:
			return rd.refs(c, p.groupAt(i, max(limit, i+1)), max(limit, i+1))
		}
	}
	if ref, ok := p.stateHead(ch, p.span(rd.doc.Text, ch.from, ch.to)); ok {
		return []Ref{ref}
	}
	text := cleanName(p, ch.from, ch.to, rd.doc.Text)
	if e := rd.bodyIn(p, ch.from, ch.to); e != nil {
		return []Ref{entityRef(e, text)}
	}
	head := singular(p.toks[ch.head].low)
	for k := ch.from; k < ch.to; k++ { // "Foreign Minister C. R.", "the prosecutor general"
		if p.toks[k].low == "prosecutor" || roles[p.toks[k].low] && p.lx.acts.authorities[singular(p.toks[k].low)] && unicodeUpper(p.toks[k].text) {
			head = singular(p.toks[k].low)
		}
	}
	if p.lx.acts.authorities[head] {
		r := Ref{Name: text, Kind: "authority", Text: text}
		if s := p.stateIn(ch.from, p.chunks[p.tail(i+1, max(limit, i+1))-1].to); s != "" {
			r.Country = s
			r.Links = []string{s}
		} else if head == "government" || head == "administration" {
			r.Country, r.Links = "United States", nil
			if rd.d.measure == "" {
				r.Country = ""
			}
			if who, _, _ := c.said(ch.from); who.Affiliation != "" { // "the minister said the government had …"
				if e := rd.gaz.byName[strings.ToLower(who.Affiliation)]; e != nil && e.Country != "" {
					r.Country = e.Country
				}
			}
		}
		return []Ref{r}
	}
	return nil
}

// measureNouns finds "sanctions against X by Y", "the seizure of …", "Y announced sanctions on X".
func (rd *reading) measureNouns(c *sentenceContext) {
	p := c.p
	for i := range p.chunks {
		ch := &p.chunks[i]
		if ch.kind != kNP {
			continue
		}
		head := p.toks[ch.head].low
		kind, ok := p.lx.measures[head]
		if head == "charges" {
			kind, ok = "indictment", true
		}
		if !ok || !p.is(i+1, kPrep) || !p.is(i+2, kNP) || !nounMeasures[head] {
			continue
		}
		switch w := p.wordAt(i + 1); {
		case head == "reward" && w != "for":
			continue
		case w != "on" && w != "against" && w != "of" && w != "for":
			continue
		}
		by := rd.possessorAuthority(c, i)
		if g := p.verbBefore(i, i); by == nil && g >= 0 && (p.chunks[g].word == "impose" || p.chunks[g].word == "announce" || p.chunks[g].word == "unseal" || p.chunks[g].word == "issue" || p.chunks[g].word == "file" || p.chunks[g].word == "bring" || p.chunks[g].word == "slap" || p.chunks[g].word == "level" || p.chunks[g].word == "offer") {
			if s := p.subjectOf(g); s >= 0 {
				by = rd.authority(c, s, g)
			}
			if p.chunks[g].inf && !rd.measureHappens(c, g) {
				continue
			}
		}
		if by == nil {
			continue
		}
		g := p.groupAt(i+2, len(p.chunks))
		rd.emitMeasure(c, i, by, rd.refs(c, g, len(p.chunks)), kind, i+2)
	}
}

var nounMeasures = set([]string{"sanctions", "charges", "indictment", "indictments", "seizure", "takedown", "arrest", "arrests", "expulsion", "designation", "disruption", "reward"})

func (rd *reading) possessorAuthority(c *sentenceContext, i int) []Ref {
	ch := c.p.chunks[i]
	for k := ch.from; k < ch.poss; k++ {
		if e := c.p.toks[k].ent; e != nil && (e.Kind == State || e.Kind == Agency || e.Kind == Company || e.Kind == Ministry) {
			return []Ref{entityRef(e, c.p.toks[k].text)}
		}
	}
	return nil
}
