package prose

import "fmt"

// This file reads events that are told by a noun.

// ruleNouns matches events said as nouns: "North Korea's use of ransomware", "a hack of the campaign by Iran".
func (rd *reading) ruleNouns(c *sentenceContext) {
	p := c.p
	for i := range p.chunks {
		ch := &p.chunks[i]
		if ch.kind != kNP || ch.class&cPronoun != 0 || !p.is(i+1, kPrep) || !p.is(i+2, kNP) {
			continue
		}
		head := p.toks[ch.to-1].low
		for _, key := range []string{head, singular(head)} {
			for n := range p.lx.byNoun[key] {
				pat := &p.lx.byNoun[key][n]
				if len(pat.words) == 1 && pat.words[0] == p.chunks[i+1].word && rd.emitNoun(c, i, pat) {
					break
				}
			}
			if key == singular(head) && key == head {
				break
			}
		}
	}
}

func (rd *reading) emitNoun(c *sentenceContext, i int, pat *pattern) bool {
	p := c.p
	f := pat.frame
	limit := len(p.chunks)
	g := p.groupAt(i+2, limit)
	if f.object&p.groupClass(g, limit) == 0 {
		return false
	}
	subject := rd.possessor(c, i)
	if subject == nil {
		subject = rd.modifierState(p, &p.chunks[i])
	}
	for k := g.end; subject == nil && k+1 < limit && k < g.end+7; k++ {
		if p.is(k, kVG) && !p.chunks[k].ing || p.is(k, kSub) {
			break
		}
		if p.is(k, kPrep) && p.wordAt(k) == "by" && p.is(k+1, kNP) {
			subject = rd.side(c, k+1, f.subject, limit, match{pat: pat})
		}
	}
	if subject == nil && f.Relation == "uses" {
		subject = rd.adversaries(c, i)
	}
	if subject == nil {
		return false
	}
	tailEnd := limit
	if p.is(g.end, kPrep) && p.wordAt(g.end) == "by" {
		tailEnd = g.end
	}
	object := rd.refs(c, g, tailEnd)
	object = rd.appositionNames(c, g, object)
	cl := rd.claimAt(c, p.chunks[i].head, f.Relation, subject, object)
	cl.Rule, cl.Why = "noun:"+f.Relation, fmt.Sprintf("noun %q", pat.text)
	for k := p.chunks[i].from; k < p.chunks[i].to; k++ {
		switch p.toks[k].low {
		case "growing", "increasing", "increased", "rising", "expanding", "expanded":
			cl.Trend = "growing"
		case "declining", "reduced", "falling":
			cl.Trend = "falling"
		case "alleged", "suspected", "possible":
			cl.Hedge, cl.Confidence = p.toks[k].low, rd.confidence(p.toks[k].low)
		}
	}
	rd.qualify(c, &cl, i, i+2)
	rd.own = append(rd.own, cl)
	return true
}

// modifierState reads "Iranian hack of …", "Russian interference in …".
func (rd *reading) modifierState(p *clauseParse, ch *chunk) []Ref {
	for k := ch.from; k < ch.to-1; k++ {
		if e := p.toks[k].ent; e != nil && (e.Kind == State || e.Kind == Actor || e.Kind == Agency && !e.Law) {
			return []Ref{entityRef(e, p.toks[k].text)}
		}
	}
	return nil
}

// adversaries finds the states that a use without a user is told of: in the sentence, else the last ones named.
func (rd *reading) adversaries(c *sentenceContext, not int) []Ref {
	p := c.p
	for i := range p.chunks {
		ch := &p.chunks[i]
		if i == not || ch.kind != kNP || p.lx.noun(p.toks[ch.head].low)&cState == 0 {
			continue
		}
		if head := singular(p.toks[ch.head].low); head == "adversary" || head == "rival" || head == "foe" || head == "state" || head == "nation-state" || head == "government" {
			ref := Ref{Name: cleanName(p, ch.from, ch.to, rd.doc.Text), Kind: State, Text: p.span(rd.doc.Text, ch.from, ch.to)}
			for _, s := range rd.d.states {
				ref.Links = append(ref.Links, s.Name)
			}
			return []Ref{ref}
		}
	}
	return nil
}

// appositionNames adds the name that stands beside the object: "ransomware, specifically a variant called X".
func (rd *reading) appositionNames(c *sentenceContext, g group, refs []Ref) []Ref {
	p := c.p
	if len(refs) != 1 || p.chunks[g.members[0]].class&(cMalware|cGroup) == 0 {
		return refs
	}
	for i := g.end; i < len(p.chunks) && i < g.end+7; i++ {
		ch := &p.chunks[i]
		if ch.kind == kNP && ch.ent != nil && (ch.ent.Kind == Malware || ch.ent.Kind == Actor) {
			r := entityRef(ch.ent, p.span(rd.doc.Text, ch.from, ch.to))
			r.Links = append(r.Links, refs[0].Name)
			return []Ref{r}
		}
		if ch.kind == kRel || ch.kind == kVG && !p.reduced(i) {
			break
		}
	}
	return refs
}
