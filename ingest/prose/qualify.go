package prose

import (
	"slices"
	"strconv"
	"strings"
)

// claimAt begins a claim on the words around token tok: source, stance, quote.
func (rd *reading) claimAt(c *sentenceContext, tok int, relation string, subject, object []Ref) Claim {
	who, stance, rule := c.said(tok)
	cl := Claim{Document: rd.doc.Name, Relation: relation, Subject: subject, Object: object, Who: who, Stance: stance, Sentence: c.n}
	cl.Start, cl.End = rd.quote(c, tok)
	cl.Quote = rd.doc.Text[cl.Start:cl.End]
	cl.Root = rd.rootOf(who)
	if who.Inferred == "" && rule != "default" {
		cl.Who.Inferred = ""
	}
	return cl
}

// quote is the sentence, or as much of an overlong one as surrounds the token.
func (rd *reading) quote(c *sentenceContext, tok int) (int, int) {
	s := rd.sents[c.n]
	if s.end-s.start <= maxQuote {
		return s.start, s.end
	}
	from, to := tok, tok+1
	toks := c.p.toks
	for from > 0 && toks[tok].start-toks[from-1].start < maxQuote/2 {
		from--
	}
	for to < len(toks) && toks[to].end-toks[from].start < maxQuote {
		to++
	}
	return toks[from].start, toks[to-1].end
}

// qualify adds hedge, count, time, targets, purpose and what came before.
func (rd *reading) qualify(c *sentenceContext, cl *Claim, v, obj int) {
	rd.hedge(c, cl, v)
	if obj >= 0 {
		if n, ok := c.p.countIn(c.p.chunks[obj]); ok && cl.Count.N == 0 {
			if n.Unit == "" {
				n.Unit = c.p.toks[c.p.chunks[obj].head].low
				if c.p.toks[c.p.chunks[obj].head].tag == tNum && c.p.is(obj+2, kNP) {
					n.Unit = c.p.toks[c.p.chunks[obj+2].head].low
				}
			}
			cl.Count = n
		}
	}
	if cl.Count.N == 0 && (cl.Relation == "affected" || cl.Relation == "created" || cl.Relation == "compromised") {
		rd.countOf(c, cl, obj)
	}
	cl.When = rd.whenOf(c, v)
	if len(cl.Targets) == 0 {
		cl.Targets = rd.targets(c, v)
	}
	rd.purpose(c, cl, v)
	rd.narrative(c, cl, v, obj)
	rd.afterClause(c, cl, v)
}

// narrative keeps what the spread content says, or what persons are played for.
func (rd *reading) narrative(c *sentenceContext, cl *Claim, v, obj int) {
	p := c.p
	switch cl.Relation {
	case "personas":
		cl.Narrative = cl.Purpose
	case "spread":
		for i := max(v, obj) + 1; i < len(p.chunks) && i < max(v, obj)+8; i++ {
			w := p.wordAt(i)
			says := p.is(i, kSub) && w == "that" || p.is(i, kPrep) && w == "about" || p.is(i, kVG) && (w == "claim" || w == "suggest" || w == "depict" || w == "show" || w == "allege" || w == "portray") && p.chunks[i].ing
			if says {
				cl.Narrative = clip(p.span(rd.doc.Text, p.chunks[i].from, p.clauseTo(len(p.chunks))))
				break
			}
		}
	default:
		return
	}
	if len(cl.Targets) > 0 {
		return
	}
	for _, o := range cl.Object {
		for _, l := range o.Links {
			if e, ok := rd.gaz.byName[strings.ToLower(l)]; ok && e.Kind == State {
				cl.Targets = append(cl.Targets, entityRef(e, l))
			}
		}
	}
}

// countOf reads "hundreds of domains", where the number is the head.
func (rd *reading) countOf(c *sentenceContext, cl *Claim, obj int) {
	if obj < 0 || !c.p.is(obj+1, kPrep) || c.p.wordAt(obj+1) != "of" || !c.p.is(obj+2, kNP) {
		return
	}
	if n, ok := c.p.countIn(c.p.chunks[obj+2]); ok {
		n.Unit = c.p.toks[c.p.chunks[obj+2].head].low
		cl.Count = n
	}
}

// hedge collects the words of doubt of the clause: in the verb group, in the verbs above it, before the subject.
func (rd *reading) hedge(c *sentenceContext, cl *Claim, v int) {
	if cl.Hedge != "" {
		return
	}
	p := c.p
	from := p.chunks[v].from
	if s := p.subjectOf(v); p.chunks[v].kind == kVG && s >= 0 && s < v {
		from = p.chunks[s].from
	}
	for i := p.at[from] - 1; i >= 0 && p.chunks[i].kind != kNP; i-- { // "this suggests that", "likely"
		from = p.chunks[i].from
	}
	if v > 0 && p.is(p.skipBack(v), kVG) {
		from = min(from, p.chunks[p.skipBack(v)].from)
	}
	to := p.chunks[v].to
	if n := p.skipOn(v); p.is(n, kPrep) || p.is(n, kAdv) {
		to = p.chunks[n].to
	}
	words := p.toks[from:to]
	for i := range rd.lx.hedges {
		for n, h := range rd.lx.hedges[i].split {
			if containsWords(words, h) {
				cl.Hedge = rd.lx.hedges[i].Words[n]
				cl.Confidence = Confidence{rd.lx.hedges[i].Term, rd.lx.hedges[i].P}
				return
			}
		}
	}
}

func (rd *reading) confidence(word string) Confidence {
	for _, h := range rd.lx.hedges {
		if slices.Contains(h.Words, word) {
			return Confidence{h.Term, h.P}
		}
	}
	return Confidence{}
}

func containsWords(toks []token, words []string) bool {
	for i := 0; i+len(words) <= len(toks); i++ {
		ok := true
		for k, w := range words {
			ok = ok && toks[i+k].low == w
		}
		if ok {
			return true
		}
	}
	return false
}

// countIn reads the number of a noun phrase and the words that qualify it, also those right before the phrase.
func (p *clauseParse) countIn(c chunk) (Count, bool) {
	for k := c.from; k < c.to; k++ {
		t := p.toks[k]
		if t.tag != tNum || t.low == "one" {
			continue
		}
		n, used := p.number(k)
		if used == 0 || isYear(t.low) && used == 1 {
			continue
		}
		return Count{Op: p.countOp(k, t.low), N: n, Unit: currency(t.low)}, true
	}
	return Count{}, false
}

func currency(word string) string {
	for _, prefix := range []string{"us$", "a$", "c$"} {
		if strings.HasPrefix(word, prefix) {
			return map[string]string{"us$": "USD", "a$": "AUD", "c$": "CAD"}[prefix]
		}
	}
	switch {
	case strings.HasPrefix(word, "$"):
		return "USD"
	case strings.HasPrefix(word, "€"):
		return "EUR"
	case strings.HasPrefix(word, "£"):
		return "GBP"
	}
	return ""
}

func isYear(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && len(s) == 4 && n >= 1980 && n <= 2100
}

func (p *clauseParse) countOp(k int, word string) string {
	switch word {
	case "dozens", "hundreds", "thousands", "millions", "billions", "scores":
		return ">="
	}
	before := p.words(max(0, k-3), k)
	switch {
	case strings.HasSuffix(before, "at least"), strings.HasSuffix(before, "no fewer than"), strings.HasSuffix(before, "as many as"):
		return ">="
	case strings.HasSuffix(before, "more than"), strings.HasSuffix(before, "over"), strings.HasSuffix(before, "exceeding"), strings.HasSuffix(before, "upwards of"):
		return ">"
	case strings.HasSuffix(before, "fewer than"), strings.HasSuffix(before, "less than"), strings.HasSuffix(before, "under"):
		return "<"
	case strings.HasSuffix(before, "up to"), strings.HasSuffix(before, "at most"):
		return "<="
	case strings.HasSuffix(before, "about"), strings.HasSuffix(before, "around"), strings.HasSuffix(before, "roughly"), strings.HasSuffix(before, "approximately"), strings.HasSuffix(before, "nearly"), strings.HasSuffix(before, "some"), strings.HasSuffix(before, "almost"):
		return "~"
	}
	return "="
}

// number reads "600 million", "1,200", "dozens" at token k.
func (p *clauseParse) number(k int) (int64, int) {
	low := strings.TrimLeft(strings.ReplaceAll(p.toks[k].low, ",", ""), "$€£")
	for suffix, unit := range map[string]string{"bn": "000000000", "m": "000000"} {
		if rest, ok := strings.CutSuffix(low, suffix); ok && rest != "" && strings.Trim(rest, "0123456789") == "" {
			low = rest + unit
		}
	}
	var n int64
	used := 1
	if w, ok := numberWords[low]; ok {
		n = w
	} else if f, err := strconv.ParseFloat(low, 64); err == nil && f >= 0 && f < 1e15 {
		if k+1 < len(p.toks) && numberWords[p.toks[k+1].low] >= 100 {
			f *= float64(numberWords[p.toks[k+1].low])
			used++
		}
		if f > 1e15 {
			return 0, 0
		}
		return int64(f), used
	} else {
		return 0, 0
	}
	if k+1 < len(p.toks) && numberWords[p.toks[k+1].low] >= 100 && n < 1000 {
		n *= numberWords[p.toks[k+1].low]
		used++
	}
	return n, used
}

var targetPreps = set([]string{"against", "at", "targeting", "among", "to", "on", "across"})

// targets reads whom the action was aimed at: "against aerospace and defence organisations", "to American voters".
func (rd *reading) targets(c *sentenceContext, v int) []Ref {
	p := c.p
	limit := p.sentenceClauseEnd(v)
	const victim = cSector | cOrganisation | cPeople | cState | cAgency | cMilitary | cCompany | cPerson | cSystem
	for i := v + 1; i+1 < limit; i++ {
		ok := p.is(i, kPrep) && targetPreps[p.chunks[i].word]
		if p.is(i, kVG) && p.chunks[i].word == "target" && p.chunks[i].ing {
			ok = true
		}
		if !ok || !p.is(i+1, kNP) {
			continue
		}
		w := p.chunks[i].word
		class := p.chunks[i+1].class
		if w != "against" && w != "targeting" && w != "target" && class&(cPeople|cSector) == 0 || class&cTime != 0 || class&victim == 0 {
			continue
		}
		g := p.groupAt(i+1, limit)
		return rd.sectorRefs(c, g, limit)
	}
	return nil
}

// sectorRefs splits "aerospace and defense organizations" into its sectors; other groups stay as they are.
func (rd *reading) sectorRefs(c *sentenceContext, g group, limit int) []Ref {
	var sectors []Ref
	for _, m := range g.members {
		ch := c.p.chunks[m]
		for k := ch.from; k < ch.to; k++ {
			if e := c.p.toks[k].ent; e != nil && e.Kind == Sector && !slices.ContainsFunc(sectors, func(r Ref) bool { return r.Name == e.Name }) {
				sectors = append(sectors, entityRef(e, c.p.toks[k].text))
			}
		}
	}
	refs := rd.refs(c, g, limit)
	if len(sectors) > 1 || len(sectors) == 1 && len(refs) == 1 {
		for _, s := range sectors {
			s.Country = refs[0].Country
		}
		return sectors
	}
	return refs
}

// sentenceClauseEnd is like clauseEnd, but lets infinitives and participles through to the next full clause.
func (p *clauseParse) sentenceClauseEnd(v int) int { return p.clauseEnd(v) }

// purpose reads "to …", "in order to …", "aimed at …" after the verb.
func (rd *reading) purpose(c *sentenceContext, cl *Claim, v int) {
	p := c.p
	limit := p.sentenceClauseEnd(v)
	for i := v + 1; i < limit; i++ {
		ch := &p.chunks[i]
		start := ch.kind == kVG && ch.inf && i > v+1
		if ch.kind == kVG && (ch.word == "aim" || ch.word == "design" || ch.word == "intend" || ch.word == "seek") && i > v {
			start = true
		}
		if !start {
			continue
		}
		cl.Purpose = clip(strings.TrimRight(p.span(rd.doc.Text, ch.from, p.clauseTo(len(p.chunks))), "”\" "))
		for _, mo := range rd.motivesIn(p, ch.from, len(p.toks)) {
			if !slices.Contains(cl.Motive, mo) {
				cl.Motive = append(cl.Motive, mo)
			}
		}
		return
	}
	if cl.Relation == "outsources-to" {
		cl.Motive = rd.motivesIn(p, p.chunks[v].to, p.clauseTo(limit))
		if len(cl.Motive) > 0 {
			cl.Purpose = cl.Motive[0]
		}
	}
}

// motivesIn lists the motives whose words stand in a run of tokens, in order.
func (rd *reading) motivesIn(p *clauseParse, from, to int) []string {
	var out []string
	for k := from; k < to && k < len(p.toks); k++ {
		low := p.toks[k].low
		kind, ok := rd.lx.motives[low]
		if !ok {
			if f := rd.lx.verbs[low]; len(f) > 0 {
				kind, ok = rd.lx.motives[f[0].lemma]
			}
		}
		if !ok {
			kind, ok = rd.lx.motives[singular(low)]
		}
		if ok && !slices.Contains(out, kind) {
			out = append(out, kind)
		}
	}
	return out
}

// afterClause keeps "after it exfiltrated data" and "within one day of …".
func (rd *reading) afterClause(c *sentenceContext, cl *Claim, v int) {
	p := c.p
	for i := v + 1; i < len(p.chunks); i++ {
		if (p.is(i, kSub) || p.is(i, kPrep)) && p.chunks[i].word == "after" {
			cl.After = clip(strings.TrimSpace(p.span(rd.doc.Text, p.chunks[i].to, p.clauseTo(len(p.chunks)))))
			return
		}
	}
}

// aboutSubject is the last claim of an action by the same doer.
func (rd *reading) aboutSubject(subject []Ref) string {
	for n := len(rd.res.Claims) - 1; n >= 0 && n > len(rd.res.Claims)-12; n-- {
		cl := &rd.res.Claims[n]
		if actions[cl.Relation] && len(cl.Subject) > 0 && len(subject) > 0 && cl.Subject[0].Name == subject[0].Name {
			return cl.ID
		}
	}
	return ""
}
