package prose

import (
	"slices"
	"strings"
)

// measureFile is data/measures.yaml.
type measureFile struct {
	Light, Against, Authorities []string
	Nouns                       map[string][]string
}

// measureWords are the words of measures that are told by a noun and a verb that carries it.
type measureWords struct {
	light, against, authorities map[string]bool
	nouns                       map[string]string // noun or two words → kind
}

func (lx *lexicon) loadMeasures() error {
	var f measureFile
	if err := readYAML("measures", &f); err != nil {
		return err
	}
	lx.acts = measureWords{light: set(f.Light), against: set(f.Against), authorities: set(f.Authorities), nouns: map[string]string{}}
	for kind, list := range f.Nouns {
		for _, n := range list {
			lx.acts.nouns[n] = kind
		}
	}
	return nil
}

// measureNoun tells the kind of measure that the head of the noun phrase at i names, by its last two words or its last.
func (p *clauseParse) measureNoun(i int) (string, bool) {
	if !p.is(i, kNP) {
		return "", false
	}
	ch := &p.chunks[i]
	head := p.toks[ch.head].low
	if ch.head > ch.from {
		if kind, ok := p.lx.acts.nouns[p.toks[ch.head-1].low+" "+head]; ok {
			return kind, true
		}
	}
	kind, ok := p.lx.acts.nouns[head]
	return kind, ok
}

// ruleCarried finds measures that a light verb carries: "imposed sanctions on", "offered a reward of", "lodged a protest".
func (rd *reading) ruleCarried(c *sentenceContext) {
	p := c.p
	for v := range p.chunks {
		ch := &p.chunks[v]
		if ch.kind != kVG || ch.neg || !p.lx.acts.light[ch.word] || !rd.measureCarried(c, v) {
			continue
		}
		passive := ch.passive || p.reduced(v)
		at, subj := p.skipOn(v), p.subjectOf(v)
		if passive {
			at, subj = subj, p.agent(v, len(p.chunks))
		}
		if rd.listed(c, v, subj) {
			continue
		}
		kind, ok := p.measureNoun(at)
		if !ok && !passive && p.is(at, kNP) {
			kind, at, ok = rd.carriedFurther(c, v, at)
		}
		if !ok {
			continue
		}
		if passive && kind == "investigation" && at < 0 {
			continue
		}
		rd.addCarried(c, v, at, subj, kind)
	}
}

// listed finds "added the company to its Entity List", "put X on the sanctions list".
func (rd *reading) listed(c *sentenceContext, v, subj int) bool {
	p := c.p
	obj := p.directObject(v)
	if obj < 0 || subj < 0 || p.chunks[v].word != "add" && p.chunks[v].word != "put" && p.chunks[v].word != "place" {
		return false
	}
	for k := obj + 1; k+1 < len(p.chunks) && k < obj+6; k++ {
		if p.is(k, kPrep) && (p.wordAt(k) == "to" || p.wordAt(k) == "on") && p.is(k+1, kNP) && (p.toks[p.chunks[k+1].head].low == "list" || p.toks[p.chunks[k+1].head].low == "blacklist") {
			by := rd.authority(c, subj, v)
			if by == nil {
				return false
			}
			rd.emitMeasure(c, v, by, rd.refs(c, p.groupAt(obj, k), k), "sanctions", obj)
			return true
		}
	}
	return false
}

// measureCarried leaves out wishes and conditions; a decision or an order to do it counts.
func (rd *reading) measureCarried(c *sentenceContext, v int) bool {
	ch := &c.p.chunks[v]
	if !ch.inf {
		return rd.measureHappens(c, v)
	}
	g := c.p.verbBefore(v, v)
	if g < 0 || c.p.chunks[g].neg {
		return false
	}
	switch c.p.chunks[g].word {
	case "decide", "agree", "vote", "move", "order", "authorize", "act", "go", "announce":
		return rd.measureHappens(c, g)
	}
	return false
}

// carriedFurther finds "offering up to $10 million for information", and the measure in a list or after "of".
func (rd *reading) carriedFurther(c *sentenceContext, v, at int) (string, int, bool) {
	p := c.p
	if p.chunks[v].word == "offer" && p.chunks[at].class&cMoney != 0 && p.is(at+1, kPrep) && p.wordAt(at+1) == "for" {
		return "reward", at, true
	}
	for k := at + 1; k < len(p.chunks) && k < at+7; k++ {
		if p.is(k, kVG) || p.is(k, kSub) || p.is(k, kRel) {
			break
		}
		if kind, ok := p.measureNoun(k); ok && kind != "investigation" {
			return kind, k, true
		}
	}
	return "", -1, false
}

func (rd *reading) addCarried(c *sentenceContext, v, at, subj int, kind string) {
	p := c.p
	var by []Ref
	if subj >= 0 && subj != at {
		if by = rd.authority(c, subj, v); by == nil {
			return
		}
	} else if by = rd.possessorAuthority(c, at); by == nil {
		if who, _, _ := c.said(p.chunks[v].head); who.Kind == Agency || who.Kind == Ministry || who.Kind == State {
			by = []Ref{described(who.Name, who.Kind)}
		}
	}
	against, obj := rd.measureAgainst(c, at)
	if slices.ContainsFunc(rd.own, func(cl Claim) bool { return cl.Relation == "measure" && cl.Object[0].Kind == kind }) {
		return
	}
	if kind == "investigation" && len(by) == 0 {
		return
	}
	rd.emitMeasure(c, v, by, against, kind, obj)
	cl := &rd.own[len(rd.own)-1]
	end := p.chunks[p.tail(at+1, len(p.chunks))-1].to
	if kind == "protest" || len(against) == 0 && kind != "reward" {
		end = max(end, p.clauseTo(p.clauseEnd(v)))
	}
	if len(against) == 0 || kind == "reward" || kind == "warrant" || kind == "protest" {
		cl.Object[0].Name = clip(cleanName(p, p.chunks[at].from, end, rd.doc.Text))
		if kind == "reward" && !strings.Contains(cl.Object[0].Name, "reward") {
			cl.Object[0].Name = "reward of " + cl.Object[0].Name
		}
	}
	cl.Object[0].Text = p.span(rd.doc.Text, p.chunks[at].from, end)
	if n, ok := p.countIn(p.chunks[at]); ok && cl.Count.N == 0 {
		if n.Unit == "" {
			n.Unit = p.toks[p.chunks[at].head].low
		}
		cl.Count = n
	}
}

// measureAgainst reads who or what the measure at chunk i is against.
func (rd *reading) measureAgainst(c *sentenceContext, i int) ([]Ref, int) {
	p := c.p
	for k := i + 1; k+1 < len(p.chunks) && k < i+9; k++ {
		cue := p.is(k, kPrep) && p.lx.acts.against[p.wordAt(k)] || p.is(k, kVG) && (p.chunks[k].ing || p.reduced(k)) && (p.chunks[k].word == "charge" || p.chunks[k].word == "target" || p.chunks[k].word == "accuse" || p.chunks[k].word == "name")
		if !cue {
			if p.is(k, kVG) && !p.reduced(k) && !p.chunks[k].ing || p.is(k, kSub) {
				return nil, -1
			}
			continue
		}
		if !p.is(k+1, kNP) || p.chunks[k+1].class&(cTime|cMoney) != 0 {
			continue
		}
		g := p.groupAt(k+1, len(p.chunks))
		return rd.refs(c, g, len(p.chunks)), k + 1
	}
	return nil, -1
}
