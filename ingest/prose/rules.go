package prose

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

func (rd *reading) add(c *sentenceContext, cl Claim, rule, why string) {
	cl.Rule, cl.Why = rule, why
	rd.own = append(rd.own, cl)
}

func described(name, kind string) Ref { return Ref{Name: name, Kind: kind} }

// parties lists the states and bodies named in tokens [from,to): "The Chinese and Russian embassies, along with …".
func (rd *reading) parties(c *sentenceContext, from, to int) []Ref {
	var out []Ref
	add := func(r Ref) {
		if !slices.ContainsFunc(out, func(o Ref) bool { return o.Name == r.Name }) {
			out = append(out, r)
		}
	}
	p := c.p
	for k := from; k < to; k++ {
		if prev := p.words(max(0, k-2), k); strings.HasSuffix(prev, " in") || prev == "in" || strings.HasSuffix(prev, "in the") || strings.HasSuffix(prev, "to the") || prev == "at the" {
			continue // a place
		}
		if e := p.toks[k].ent; e != nil {
			switch e.Kind {
			case State, Agency, Ministry, Company, Military, Party, Actor, Org:
				add(entityRef(e, p.toks[k].text))
			}
			continue
		}
		if low := p.toks[k].low; (low == "nations" || low == "countries" || low == "governments") && k > from {
			switch p.toks[k-1].low {
			case "those", "these", "three", "four", "two", "both":
				for _, s := range rd.d.states {
					add(s)
				}
			}
		}
	}
	return out
}

// ruleNoComment finds "did not respond to requests for comment", "declined to comment", "messages … were not returned".
func (rd *reading) ruleNoComment(c *sentenceContext) {
	p := c.p
	for v := range p.chunks {
		ch := &p.chunks[v]
		if ch.kind != kVG || !p.keepsSilent(v) {
			continue
		}
		s := p.subjectOf(v)
		if ch.inf && s < 0 || s < 0 {
			s = 0
		}
		parties := rd.answered(rd.parties(c, p.chunks[min(s, v)].from, ch.from))
		if len(parties) == 0 {
			continue
		}
		cl := rd.claimAt(c, ch.verb, "response", parties, nil)
		cl.Who, cl.Stance = joinParties(parties), NoComment
		cl.Root = rd.rootOf(Source{Name: TheArticle})
		cl.When = rd.whenOf(c, v)
		rd.add(c, cl, "no-comment", fmt.Sprintf("%q, of the parties named before it", p.span(rd.doc.Text, ch.from, ch.to)))
		return
	}
}

// answered leaves out the parties whose spokesman the article quotes, unless nobody else remains.
func (rd *reading) answered(parties []Ref) []Ref {
	var out []Ref
	for _, r := range parties {
		spoke := slices.ContainsFunc(rd.res.Claims, func(cl Claim) bool {
			return cl.Stance == Denies && cl.Who.Kind == Person && (cl.Who.Affiliation == r.Name)
		})
		if !spoke {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return parties
	}
	return out
}

func (p *clauseParse) keepsSilent(v int) bool {
	ch := &p.chunks[v]
	rest := p.words(ch.to, min(len(p.toks), ch.to+14))
	about := strings.Contains(rest, "comment") || strings.Contains(rest, "request") || strings.Contains(rest, "inquir") || strings.Contains(rest, "question") || strings.Contains(rest, "message") || strings.Contains(rest, "email") || strings.Contains(rest, "call")
	neg := ch.neg || p.has(0, ch.from, "neither", "nobody", "none")
	switch ch.word {
	case "respond", "reply", "return", "answer":
		subject := p.words(0, ch.from)
		return neg && (about || strings.Contains(subject, "message") || strings.Contains(subject, "request") || strings.Contains(subject, "call") || strings.Contains(subject, "email") || ch.word != "return")
	case "decline", "refuse":
		return strings.HasPrefix(rest, "to comment") || strings.HasPrefix(rest, "comment") || strings.HasPrefix(rest, "further comment") || strings.HasPrefix(rest, "to answer") || strings.HasPrefix(rest, "to discuss")
	case "reach":
		return ch.neg && strings.Contains(rest, "comment") && !strings.Contains(rest, "agreement")
	case "comment":
		return neg
	case "be":
		return (ch.neg || strings.Contains(rest, "unavailable")) && strings.Contains(rest, "available for comment")
	}
	return false
}

// ruleBlurred finds "blurred lines between X and Y".
func (rd *reading) ruleBlurred(c *sentenceContext) {
	p := c.p
	for k := range p.toks {
		if low := p.toks[k].low; low != "line" && low != "lines" && low != "distinction" && low != "boundary" && low != "boundaries" {
			continue
		}
		around := p.words(0, len(p.toks))
		if !strings.Contains(around, "blur") {
			continue
		}
		left, right, at := p.between(k)
		if at < 0 {
			continue
		}
		subject := []Ref{rd.side2(c, left[0], left[1]), rd.side2(c, right[0], right[1])}
		cl := rd.claimAt(c, k, "blurred-lines", subject, nil)
		if strings.Contains(around, "increasingly") || strings.Contains(around, "growing") {
			cl.Trend = "growing"
		}
		rd.hedge(c, &cl, p.at[k])
		rd.add(c, cl, "blurred-lines", "a line blurred between two sides")
		return
	}
}

// between returns the token runs of X and Y in "between X and Y" after token k, and where it begins.
func (p *clauseParse) between(k int) (x, y [2]int, at int) {
	for i := k + 1; i < len(p.toks) && i < k+6; i++ {
		if p.toks[i].low != "between" {
			continue
		}
		last := -1
		for j := i + 1; j < len(p.toks); j++ {
			if p.toks[j].low == "and" {
				last = j
				if p.lx.noun(p.toks[min(j+1, len(p.toks)-1)].low)|p.classNear(j+1) != 0 && p.classNear(j+1)&cCrime != 0 {
					break
				}
			}
			if low := p.toks[j].low; low == "." || low == ";" {
				break
			}
		}
		if last > 0 {
			return [2]int{i + 1, last}, [2]int{last + 1, p.clauseTo(len(p.chunks))}, i
		}
	}
	return x, y, -1
}

// classNear collects what the eight words from k on denote.
func (p *clauseParse) classNear(k int) class {
	var c class
	for i := k; i < len(p.toks) && i < k+8; i++ {
		low := p.toks[i].low
		c |= p.lx.noun(low)
		if low == "cybercrime" || low == "criminal" || low == "illicit" || low == "cybercriminal" || low == "criminals" {
			c |= cCrime
		}
	}
	return c
}

// side2 names one side of a blurred line by what it holds: states or criminals.
func (rd *reading) side2(c *sentenceContext, from, to int) Ref {
	p := c.p
	ref := Ref{Name: clip(cleanName(p, from, to, rd.doc.Text)), Text: p.span(rd.doc.Text, from, to)}
	for k := from; k < to; k++ {
		if e := p.toks[k].ent; e != nil && e.Kind == State {
			ref.Kind = State
			ref.Links = append(ref.Links, e.Name)
		}
		low := singular(p.toks[k].low)
		if ref.Kind == "" && (low == "criminal" || low == "cybercrime" || low == "cybercriminal" || low == "gang" || low == "illicit" || low == "crime") {
			ref.Kind = "criminal group"
		}
		if ref.Kind == "" && (low == "state" || low == "nation-state" || low == "government" || strings.HasPrefix(low, "state")) {
			ref.Kind = State
		}
	}
	switch ref.Kind {
	case State:
		ref.Aliases = append(ref.Aliases, "state actors")
	case "criminal group":
		ref.Aliases = append(ref.Aliases, "criminal actors")
	}
	return ref
}

// ruleVolume finds "more than 600 million such incidents every day".
func (rd *reading) ruleVolume(c *sentenceContext) {
	p := c.p
	for i := range p.chunks {
		ch := &p.chunks[i]
		if ch.kind != kNP {
			continue
		}
		n, ok := p.countIn(*ch)
		if !ok || n.N < 10 {
			continue
		}
		head := i
		if p.is(i+1, kPrep) && p.wordAt(i+1) == "of" && p.is(i+2, kNP) {
			head = i + 2
		}
		if p.chunks[head].class&(cOperation|cContent) == 0 && p.lx.noun(p.toks[p.chunks[head].head].low)&cOperation == 0 && !p.has(ch.from, p.chunks[head].to, "incidents", "attempts", "signals", "emails", "threats", "attacks", "events") {
			continue
		}
		per := p.period(ch.from, min(len(p.toks), p.chunks[head].to+5))
		if per == "" {
			continue
		}
		unit := cleanName(p, p.chunks[head].from, p.chunks[head].to, rd.doc.Text)
		n.Unit = p.toks[p.lastNoun(p.chunks[head])].low + " a " + per
		cl := rd.claimAt(c, ch.from, "volume", nil, []Ref{described(n.Unit, "operation")})
		cl.Object[0].Text, cl.Count = unit, n
		rd.add(c, cl, "volume", "a number of incidents per "+per)
		return
	}
}

func (p *clauseParse) has(from, to int, words ...string) bool {
	for k := from; k < to && k < len(p.toks); k++ {
		if slices.Contains(words, p.toks[k].low) {
			return true
		}
	}
	return false
}

func (p *clauseParse) lastNoun(c chunk) int {
	for k := c.to - 1; k >= c.from; k-- {
		if low := p.toks[k].low; p.lx.noun(low) != 0 || low == "incidents" || low == "signals" || low == "attempts" {
			return k
		}
	}
	return c.head
}

// period reads "every day", "a day", "per week", "daily".
func (p *clauseParse) period(from, to int) string {
	for k := from; k < to; k++ {
		switch p.toks[k].low {
		case "daily":
			return "day"
		case "weekly":
			return "week"
		case "monthly":
			return "month"
		case "day", "week", "month", "hour", "minute", "second", "year":
			if k > 0 && (p.toks[k-1].low == "a" || p.toks[k-1].low == "per" || p.toks[k-1].low == "every" || p.toks[k-1].low == "each") {
				return p.toks[k].low
			}
		}
	}
	return ""
}

// ruleVersus finds "an election of Iran versus Trump": one opposes the other.
func (rd *reading) ruleVersus(c *sentenceContext) {
	p := c.p
	for i := range p.chunks {
		if !p.is(i, kPrep) || p.chunks[i].word != "versus" && p.chunks[i].word != "vs" || !p.is(i-1, kNP) || !p.is(i+1, kNP) {
			continue
		}
		l, r := &p.chunks[i-1], &p.chunks[i+1]
		if l.class&cState == 0 || r.class&(cPerson|cParty) == 0 || l.ent == nil || r.ent == nil {
			continue
		}
		cl := rd.claimAt(c, l.from, "opposes", []Ref{entityRef(l.ent, p.toks[l.head].text)}, []Ref{entityRef(r.ent, p.toks[r.head].text)})
		rd.add(c, cl, "versus", "one side set against the other")
	}
}

// ruleSuccessors finds new sites that take the place of seized ones.
func (rd *reading) ruleSuccessors(c *sentenceContext) {
	p := c.p
	low := strings.ToLower(rd.doc.Text[rd.sents[c.n].start:rd.sents[c.n].end])
	cue := strings.Contains(low, "take their place") || strings.Contains(low, "took their place") || strings.Contains(low, "replac") || strings.Contains(low, "in their place") || strings.Contains(low, "successor") || strings.Contains(low, "mirror site") || strings.Contains(low, "take its place") || strings.Contains(low, "reappeared") || strings.Contains(low, "resurfaced under") || strings.Contains(low, "rebranded as") || strings.Contains(low, "re-registered") || (strings.Contains(low, "place") || strings.Contains(low, "new") || strings.Contains(low, "copies") || strings.Contains(low, "other") || strings.Contains(low, "different")) && reborn.MatchString(low)
	if !cue {
		return
	}
	for i := range p.chunks {
		ch := &p.chunks[i]
		replacement := ch.kind == kNP && p.has(ch.from, ch.to, "copies", "ones", "replacement", "replacements", "successors", "mirrors", "clones")
		if ch.kind != kNP || ch.class&cAsset == 0 && !replacement || !p.has(ch.from, ch.to, "new", "replacement", "replacements", "successor", "fresh", "mirror", "additional", "lookalike", "successors", "mirrors", "clones", "copies", "ones") {
			continue
		}
		subject := []Ref{{Name: cleanName(p, ch.from, ch.to, rd.doc.Text), Kind: "system", Text: p.span(rd.doc.Text, ch.from, ch.to)}}
		cl := rd.claimAt(c, ch.head, "successors", subject, rd.replaced(c, i))
		if n, ok := p.countIn(*ch); ok {
			n.Unit = p.toks[ch.head].low
			cl.Count = n
		}
		cl.Within, cl.After = rd.within(c)
		cl.When = rd.whenOf(c, i)
		rd.add(c, cl, "successors", "new sites said to replace others")
		rd.d.asset = subject
		return
	}
}

// reborn tells of sites that come back under new names.
var reborn = regexp.MustCompile(`taken (?:the|its|their) place|took the place|new (?:domain|address|name|url|site|website)s?\b.{0,40}\b(?:appear|sprang|spring|sprung|pop|emerg|turn|surfac|registered|came)|(?:sprang|sprung|popped|turned|appeared|came back|resurfaced|emerged|moved|migrated)\b.{0,25}\b(?:new|other|different) (?:domain|address|name|url|site)|copies (?:appeared|turned up|sprang up|popped up|emerged|surfaced)`)

// replaced finds what the new sites stand for: the domains of a measure in the sentence or told last.
func (rd *reading) replaced(c *sentenceContext, not int) []Ref {
	p := c.p
	for i := range p.chunks {
		if ch := &p.chunks[i]; i != not && ch.kind == kNP && ch.class&cAsset != 0 && ch.class&cSystem != 0 {
			return []Ref{{Name: cleanName(p, ch.from, ch.to, rd.doc.Text), Kind: "system", Text: p.span(rd.doc.Text, ch.from, ch.to)}}
		}
	}
	if len(rd.d.asset) > 0 {
		return rd.d.asset
	}
	return []Ref{described("seized sites", "system")}
}

// within reads "Within one day of X seizing Y in September": the span, and what it is counted from.
func (rd *reading) within(c *sentenceContext) (within, after string) {
	p := c.p
	for i := range p.chunks {
		if !p.is(i, kPrep) || !p.is(i+1, kNP) || p.chunks[i+1].class&cTime == 0 {
			continue
		}
		if p.chunks[i].word == "within" {
			within = p.span(rd.doc.Text, p.chunks[i+1].from, p.chunks[i+1].to)
			if p.is(i+2, kPrep) {
				end := i + 3
				for end < len(p.chunks) && !p.is(end, kComma) {
					end++
				}
				after = clip(p.span(rd.doc.Text, p.chunks[i+2].to, p.clauseTo(end)))
			}
			return within, after
		}
	}
	for i := range p.chunks {
		if p.is(i, kNP) && p.chunks[i].class&cTime != 0 && i+1 < len(p.chunks) && (p.wordAt(i+1) == "later" || p.wordAt(i+1) == "after") {
			return "", p.span(rd.doc.Text, p.chunks[i].from, p.chunks[i].to) + " " + p.wordAt(i+1)
		}
	}
	return "", ""
}

// ruleStillUp finds sites that go on after a measure: "they continue to operate".
func (rd *reading) ruleStillUp(c *sentenceContext) {
	p := c.p
	for v := range p.chunks {
		ch := &p.chunks[v]
		if ch.kind != kVG || ch.neg || !p.goesOn(v) {
			continue
		}
		s := p.subjectOf(v)
		if s < 0 {
			continue
		}
		var subject []Ref
		sc := p.chunks[s]
		sc.class |= p.groupClass(p.groupAt(s, v), v)
		switch {
		case sc.class&cPronoun != 0 && len(rd.d.asset) > 0:
			subject = rd.d.asset
		case sc.class&cAsset != 0 && sc.class&(cSystem|cContent) != 0 || sc.class&cActor != 0 && ch.word == "remain":
			subject = rd.refs(c, p.groupAt(s, v), v)
		default:
			continue
		}
		cl := rd.claimAt(c, ch.verb, "still-up", subject, nil)
		cl.Within, cl.After = rd.within(c)
		cl.When = rd.whenOf(c, v)
		if n := len(rd.res.Claims); n > 0 && rd.res.Claims[n-1].Relation == "successors" {
			cl.About = rd.res.Claims[n-1].ID
		}
		rd.add(c, cl, "still-up", "what was measured against goes on working")
		return
	}
}

func (p *clauseParse) goesOn(v int) bool {
	ch := &p.chunks[v]
	rest := p.words(ch.to, min(len(p.toks), ch.to+3))
	state := strings.HasPrefix(rest, "online") || strings.HasPrefix(rest, "active") || strings.HasPrefix(rest, "up") || strings.HasPrefix(rest, "accessible") || strings.HasPrefix(rest, "operational") || strings.HasPrefix(rest, "live") || strings.HasPrefix(rest, "available") || strings.HasPrefix(rest, "reachable") || strings.HasPrefix(rest, "functional")
	before := p.words(max(0, ch.from), ch.to)
	switch ch.word {
	case "operate", "function", "work", "run", "publish", "load":
		g := p.skipBack(v)
		return ch.inf && p.is(g, kVG) && p.chunks[g].word == "continue" || strings.Contains(before, "still")
	case "remain", "stay":
		return state
	case "read", "reach", "access", "visit", "see", "open", "view":
		return ch.passive && strings.Contains(before, "still")
	case "be":
		return strings.HasPrefix(rest, "still ") && (strings.Contains(rest, "online") || strings.Contains(rest, "active") || strings.Contains(rest, "up") || strings.Contains(rest, "live") || strings.Contains(rest, "accessible"))
	case "continue":
		return rest == "" || strings.HasPrefix(rest, "operations")
	}
	return false
}

// ruleAlias finds "X, also known as Y", "which Z tracks as Y", "(formerly Y)".
func (rd *reading) ruleAlias(c *sentenceContext) {
	p := c.p
	for i := range p.chunks {
		who, at, ok := rd.aliasCue(c, i)
		if !ok || !p.is(at, kNP) || !p.named(at) {
			continue
		}
		s := rd.namedBefore(c, i)
		if s < 0 || who.Name != "" && !p.adjoins(s, i) {
			continue
		}
		subject := rd.refs(c, group{members: []int{s}, end: s + 1}, s+1)
		var object []Ref
		for _, m := range p.groupAt(at, len(p.chunks)).members {
			ch := p.chunks[m]
			if name := cleanName(p, ch.from, ch.to, rd.doc.Text); p.named(m) && ch.class&(cState|cTime|cPerson) == 0 && len(name) > 1 {
				object = append(object, Ref{Name: name, Kind: subject[0].Kind, Text: name})
			}
		}
		if len(object) == 0 || strings.EqualFold(object[0].Name, subject[0].Name) {
			continue
		}
		cl := rd.claimAt(c, p.chunks[at].head, "alias-of", subject, object)
		if subject[0].Text != "" && subject[0].Kind == Actor {
			cl.Subject[0].Name = subject[0].Text // the name as told; a merge of names is not for the reader to make
		}
		if who.Name != "" {
			cl.Who, cl.Root = who, rd.rootOf(who)
		}
		rd.add(c, cl, "alias", "a second name given to the same")
	}
}

// adjoins tells that nothing but commas, a relative pronoun and the speaker's name stand between a name and the naming
// verb: in "links between X and activity that M calls Y" Y is not X.
func (p *clauseParse) adjoins(s, v int) bool {
	phrases := 0
	for i := s + 1; i < v; i++ {
		switch p.chunks[i].kind {
		case kNP:
			phrases++
		case kPrep, kVG, kConj:
			return false
		}
	}
	return phrases <= 1
}

// aliasCue tells a naming phrase at chunk i: who uses the name (if told), and the chunk of the name.
func (rd *reading) aliasCue(c *sentenceContext, i int) (Source, int, bool) {
	p := c.p
	ch := &p.chunks[i]
	switch {
	case ch.kind == kVG && naming[ch.word] && (p.reduced(i) || ch.passive):
		at := p.skipOn(i)
		if p.is(at, kPrep) && p.wordAt(at) == "as" {
			at++
		}
		if p.is(at, kPrep) && p.wordAt(at) == "by" { // "tracked by Microsoft as X"
			who, _ := rd.sourceAt(c, at+1)
			if p.is(at+2, kPrep) && p.wordAt(at+2) == "as" {
				return who, at + 3, true
			}
			return who, at, false
		}
		return Source{}, at, true
	case ch.kind == kVG && naming[ch.word]: // "which Microsoft calls X"
		s := p.skipBack(i)
		if !p.is(s, kNP) || !p.is(p.skipBack(s), kRel) && !p.is(s-1, kComma) && !p.is(s-1, kNP) {
			return Source{}, 0, false
		}
		who, ok := rd.sourceAt(c, s)
		at := p.skipOn(i)
		if p.is(at, kPrep) && p.wordAt(at) == "as" {
			at++
		}
		return who, at, ok
	case ch.kind == kPrep && (ch.word == "aka" || strings.HasPrefix(ch.word, "a.k.a")):
		return Source{}, i + 1, true
	case ch.kind == kAdv && ch.word == "formerly" || ch.kind == kAdv && ch.word == "previously":
		return Source{}, p.skipOn(i), p.is(p.skipOn(i), kNP)
	}
	return Source{}, 0, false
}

// namedBefore is the named actor or malware that a naming phrase at i hangs on.
func (rd *reading) namedBefore(c *sentenceContext, i int) int {
	p := c.p
	for k := i - 1; k >= 0 && k > i-14; k-- {
		ch := &p.chunks[k]
		if ch.kind == kNP && ch.ent != nil && (ch.ent.Kind == Actor || ch.ent.Kind == Malware || ch.ent.Kind == Agency && !ch.ent.Law || ch.ent.Kind == Company && !ch.ent.Vendor) {
			return k
		}

	}
	return -1
}
