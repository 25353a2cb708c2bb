package prose

import (
	"slices"
	"strings"
	"unicode"
)

// refs turns a coordination of noun phrases into references. limit bounds how far the last one's tail may reach.
func (rd *reading) refs(c *sentenceContext, g group, limit int) []Ref {
	p := c.p
	if ex, ok := p.exemplified(g, limit); ok && p.chunks[g.members[len(g.members)-1]].class&(cState|cGroup|cOrganisation|cSector|cMalware) != 0 {
		if list := rd.refs(c, ex, limit); len(list) > 0 && list[0].Kind != "" && (list[0].Kind == State || list[0].Kind == Actor || list[0].Kind == Malware) {
			return list
		}
	}
	if i := p.describedAs(g.members[0]); i >= 0 && len(g.members) == 1 && p.chunks[g.members[0]].class&(cGroup|cActor|cMalware|cCompany|cOrganisation) != 0 && p.chunks[g.members[0]].class&cOperation == 0 && i < g.members[0] && p.chunks[i].ent != nil && nameable[p.chunks[i].ent.Kind] {
		return []Ref{p.nameRef(rd.doc.Text, p.chunks[i].head)}
	}
	if k := p.apposition(g); k >= 0 {
		r := Ref{Name: p.span(rd.doc.Text, p.chunks[k].from, p.chunks[k].to), Kind: kindOf(p.chunks[g.members[0]].class)}
		if p.chunks[k].ent != nil {
			r = p.nameRef(rd.doc.Text, p.chunks[k].head)
		}
		r.Text = p.span(rd.doc.Text, p.chunks[g.members[0]].from, p.chunks[k].to)
		return []Ref{r}
	}
	var out []Ref
	for n, m := range g.members {
		end := p.chunks[m].to
		if n == len(g.members)-1 {
			if k := p.apposition(group{members: []int{m}, end: g.end}); k >= 0 && len(g.members) > 1 && p.chunks[k].ent != nil {
				out = append(out, p.nameRef(rd.doc.Text, p.chunks[k].head))
				continue
			}
			end = p.chunks[p.tail(g.end, limit)-1].to
		}
		for _, r := range rd.refOf(c, m, end, g, n) {
			if !slices.ContainsFunc(out, func(o Ref) bool { return o.Name == r.Name }) {
				out = append(out, r)
			}
		}
	}
	return out
}

// apposition finds the name beside a description: "The group, Qilin, stole …", "a backdoor, TAMEBRIDGE, on …"; also
// "a gang known as X".
func (p *clauseParse) apposition(g group) int {
	first := p.chunks[g.members[0]]
	if end := p.tail(g.end, len(p.chunks)); len(g.members) == 1 && first.ent == nil && first.class&(cCompany|cOrganisation|cGroup|cBody) != 0 && end > g.end && p.is(end, kComma) && p.is(end+2, kComma) &&
		p.is(end+1, kNP) && (p.properName(end+1) || p.chunks[end+1].ent != nil && nameable[p.chunks[end+1].ent.Kind] && p.headNames(&p.chunks[end+1])) {
		return end + 1
	}
	if len(g.members) == 1 && first.ent == nil && first.class&cPeople != 0 && p.is(g.end, kComma) && p.properName(g.end+1) && (p.is(g.end+2, kComma) || g.end+2 >= len(p.chunks)-1) {
		return g.end + 1
	}
	if k := g.end + 1; len(g.members) == 1 && first.ent == nil && first.class&(cAgency|cBody|cOrganisation) != 0 && p.is(g.end, kComma) && p.is(k, kNP) && p.is(k+1, kComma) &&
		p.chunks[k].ent != nil && p.headNames(&p.chunks[k]) && (p.chunks[k].ent.Kind == Agency || p.chunks[k].ent.Kind == Company || p.chunks[k].ent.Kind == Military) {
		return k // "the security agency, the SBU, …"
	}
	if k := g.end; len(g.members) == 1 && first.ent == nil && first.class&(cAsset|cOperation) != 0 && p.is(k, kComma) && p.is(k+1, kNP) && p.is(k+2, kComma) && p.chunks[k+1].ent != nil && p.chunks[k+1].ent.Kind == Actor && p.headNames(&p.chunks[k+1]) {
		return k + 1 // "a second network, Storm-9999, …"
	}
	if len(g.members) != 1 || first.ent != nil || first.class&(cGroup|cMalware) == 0 || first.class&cSystem != 0 && first.class&cCrime == 0 && first.class&cMalware == 0 {
		return -1
	}
	k := g.end
	if p.is(k, kRel) && p.is(k+1, kNP) && p.is(k+2, kVG) && naming[p.chunks[k+2].word] { // "a backdoor that we call X"
		k += 3
		if p.is(k, kPrep) && p.wordAt(k) == "as" {
			k++
		}
		if p.is(k, kNP) && p.named(k) && p.chunks[k].class&(cState|cTime) == 0 {
			return k
		}
		return -1
	}
	if p.is(k, kComma) && p.is(p.skipOn(k), kVG) && naming[p.chunks[p.skipOn(k)].word] {
		k = p.skipOn(k)
	}
	if p.is(k, kVG) && naming[p.chunks[k].word] && p.reduced(k) {
		k++
		if p.is(k, kPrep) && p.wordAt(k) == "as" {
			k++
		}
		if p.is(k, kNP) && p.named(k) && p.chunks[k].class&(cState|cTime) == 0 {
			return k
		}
		return -1
	}
	if !p.is(k, kComma) || !p.is(k+1, kNP) || !p.is(k+2, kComma) && k+2 < len(p.chunks)-1 {
		return -1
	}
	c := p.chunks[k+1]
	if c.ent != nil && (c.ent.Kind == Actor || c.ent.Kind == Malware) {
		return k + 1
	}
	t := p.toks[c.from]
	if c.ent == nil && c.class == 0 && c.to-c.from <= 2 && t.text[0] >= 'A' && t.text[0] <= 'Z' && p.toks[c.to-1].tag == tNoun {
		return k + 1
	}
	return -1
}

// refOf describes one member. A demonym alone ("Russian and Iranian hackers") borrows the head of the next member.
func (rd *reading) refOf(c *sentenceContext, m, end int, g group, n int) []Ref {
	p := c.p
	ch := p.chunks[m]
	if list, ok := rd.resolve(c, m, end); ok {
		return list
	}
	text := p.span(rd.doc.Text, ch.from, end)
	head := p.toks[ch.head]
	if head.demonym && ch.to-ch.from == 1 && n+1 < len(g.members) {
		next := p.chunks[g.members[n+1]]
		if next.ent == nil || !p.toks[next.head].demonym {
			return []Ref{{Name: text + " " + p.span(rd.doc.Text, next.head, next.to), Kind: kindOf(next.class), Country: head.ent.Country, Links: []string{head.ent.Name}, Text: text}}
		}
	}
	if ch.ent != nil && ch.ent.Kind != Sector && (!head.demonym || ch.to-ch.from <= 2) && !head.demonymPeople() && p.headNames(&ch) {
		return []Ref{p.nameRef(rd.doc.Text, ch.head)}
	}
	if ch.class&cMalware != 0 && ch.ent == nil { // "a variant of X"
		for k := ch.to; k < end; k++ {
			if e := p.toks[k].ent; e != nil && e.Kind == Malware {
				return []Ref{p.nameRef(rd.doc.Text, k)}
			}
		}
	}
	if k := p.nameInside(&ch); k >= 0 && end <= ch.to {
		return []Ref{p.nameRef(rd.doc.Text, k)}
	}
	if ref, ok := p.stateHead(&ch, text); ok {
		return []Ref{ref}
	}
	ref := Ref{Name: clip(cleanName(p, ch.from, end, rd.doc.Text)), Kind: kindOf(ch.class), Text: text}
	if ch.class&cMoney != 0 {
		for k := ch.from; k < end; k++ {
			if coins[singular(p.toks[k].low)] {
				ref.Links = append(ref.Links, "cryptocurrency")
				break
			}
		}
	}
	if head.low == "adversary" {
		ref.Kind = "group"
	}
	for k := ch.from; k < end; k++ {
		e := p.toks[k].ent
		if e == nil || k == ch.head && head.demonymPeople() && e.Kind != State {
			continue
		}
		if ref.Country == "" && e.Country != "" {
			ref.Country = e.Country
		}
		if e.Kind == Sector {
			ref.Aliases = append(ref.Aliases, e.Name)
		} else if !slices.Contains(ref.Links, e.Name) {
			ref.Links = append(ref.Links, e.Name)
		}
	}
	return []Ref{ref}
}

// coins make of a sum of money a sum of cryptocurrency.
var coins = set([]string{"bitcoin", "ethereum", "ether", "solana", "monero", "tether", "token", "coin", "crypto", "cryptocurrency", "stablecoin"})

// nameInside finds the name in "the Sandworm group", "Russia's GRU service": a generic noun after it adds nothing.
func (p *clauseParse) nameInside(c *chunk) int {
	head := singular(p.toks[c.head].low)
	for k := c.from; k < c.head; k++ {
		e := p.toks[k].ent
		if e == nil || k+p.toks[k].entLen != c.head {
			continue
		}
		if e.Kind == Actor && anaphors[head] || e.Kind == Malware && p.lx.noun(head)&cMalware != 0 {
			return k
		}
		if (e.Kind == Agency || e.Kind == Military) && (head == "service" || head == "agency" || head == "directorate") {
			return k
		}
	}
	return -1
}

// nameRef is the reference of the name that begins at token k. An actor keeps the name that the text gives it: that two
// names are one actor is a claim of its own.
func (p *clauseParse) nameRef(doc string, k int) Ref {
	e := p.toks[k].ent
	text := p.span(doc, k, min(len(p.toks), k+p.toks[k].entLen))
	r := entityRef(e, text)
	if e.Kind == Actor && !strings.EqualFold(text, e.Name) {
		r.Name = text
		r.Aliases = append([]string{e.Name}, e.Aliases...)
	}
	return r
}

// headNames tells that the phrase is the name alone, not "Trump's campaign" or "Microsoft customers".
func (p *clauseParse) headNames(c *chunk) bool {
	return c.head+max(1, p.toks[c.head].entLen) >= c.to || p.toks[c.to-1].tag == tPoss
}

func (t *token) demonymPeople() bool { return t.demonym && plural(t.low) }

func entityRef(e *Entity, text string) Ref {
	return Ref{Name: e.Name, Kind: e.Kind, Country: e.Country, Aliases: e.Aliases, Text: text}
}

var stateHeads = set([]string{"government", "regime", "authority", "leadership", "state", "leader", "ruler", "official", "administration", "side"})

// stateHead reads "China's communist regime" and "the Russian government" as the state.
func (p *clauseParse) stateHead(c *chunk, text string) (Ref, bool) {
	if !stateHeads[singular(p.toks[c.head].low)] {
		return Ref{}, false
	}
	for k := c.from; k < c.head; k++ {
		if e := p.toks[k].ent; e != nil && e.Kind == State {
			return entityRef(e, text), true
		}
		if p.toks[k].low == "federal" {
			return Ref{Name: "United States", Kind: State, Country: "United States", Text: text}, true
		}
	}
	return Ref{}, false
}

// kindOf names what a description denotes.
func kindOf(c class) string {
	switch {
	case c&cMercenary != 0:
		return "mercenary"
	case c&cCrime != 0:
		return "criminal group"
	case c&cMalware != 0:
		return Malware
	case c&cVulnerability != 0:
		return "vulnerability"
	case c&cState != 0 && c&cPeople != 0:
		return "people"
	case c&cState != 0:
		return State
	case c&cMilitary != 0:
		return Military
	case c&cSystem != 0:
		return "system"
	case c&cGroup != 0:
		return "group"
	case c&cContent != 0:
		return "content"
	case c&cPeople != 0:
		return "people"
	case c&cElection != 0:
		return "election"
	case c&cSector != 0:
		return Sector
	case c&cOrganisation != 0:
		return "organisation"
	case c&cData != 0:
		return "data"
	case c&cOperation != 0:
		return "operation"
	}
	return ""
}

// cleanName drops leading determiners and numbers' qualifiers.
func cleanName(p *clauseParse, from, to int, doc string) string {
	for from < to-1 && (p.toks[from].tag == tDet || p.toks[from].tag == tAdv || p.toks[from].tag == tNum && currency(p.toks[from].low) == "" && p.toks[from+1].tag != tPrep || vagueWords[p.toks[from].low]) {
		from++
	}
	if from < to-1 && p.toks[from].low == "of" { // "most of the sites"
		return cleanName(p, from+1, to, doc)
	}
	for to > from+1 && (p.toks[to-1].tag == tPoss || p.toks[to-1].tag == tPunct) {
		to--
	}
	return strings.Join(strings.Fields(unquote.Replace(p.span(doc, from, to))), " ")
}

var unquote = strings.NewReplacer("“", "", "”", "", "\"", "", "«", "", "»", "")

var vagueWords = set([]string{"own", "other", "same", "so-called"})

func clip(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	cut := strings.LastIndexByte(s[:most], ' ')
	if cut < 0 {
		cut = most
	}
	return strings.ToValidUTF8(s[:cut], "")
}

// anaphors are the nouns that "the …" takes up something said before.
var anaphors = set([]string{"hacker", "group", "actor", "attacker", "gang", "operator", "adversary", "criminal", "cybercriminal", "crew", "intruder", "network", "spy", "defendant", "perpetrator", "conspirator", "co-conspirator", "collective", "outfit", "cluster", "duo", "operative", "unit", "team", "hacktivist", "cyberspy"})

// resolve replaces pronouns, "the group" and "those three nations" by what they stand for.
func (rd *reading) resolve(c *sentenceContext, m, end int) ([]Ref, bool) {
	p := c.p
	ch := p.chunks[m]
	if ch.class&cPronoun != 0 {
		return rd.resolvePronoun(c, m)
	}
	first := p.toks[ch.from].low
	definite := first == "the" || first == "those" || first == "these" || first == "this" || first == "that" || first == "both" || first == "all" || (first == "its" || first == "their") && ch.to-ch.from == 2
	head := singular(p.toks[ch.head].low)
	if !definite || ch.ent != nil || end > ch.to {
		return nil, false
	}
	for k := ch.from + 1; k < ch.head; k++ {
		if low := p.toks[k].low; low != "same" && low != "two" && low != "three" && low != "four" && low != "hacking" && low != "threat" && low != "cyber" && low != "criminal" && low != "state-sponsored" {
			return nil, false
		}
	}
	switch {
	case head == "nation" || head == "country" || head == "government" && first != "the" || head == "state" && first != "the":
		return withText(rd.d.states, p.span(rd.doc.Text, ch.from, ch.to)), len(rd.d.states) > 0
	case anaphors[head] && p.toks[ch.from+1].low == "same" && plural(p.toks[ch.head].low):
		return nil, false // "the same networks" compares, it does not take up
	case (head == "defendant" || head == "conspirator" || head == "co-conspirator" || head == "accused") && len(rd.d.accused) > 0:
		return withText(rd.d.accused, p.span(rd.doc.Text, ch.from, ch.to)), true
	case anaphors[head] && first == "both" && len(rd.d.pair) == 2:
		return withText(rd.d.pair, p.span(rd.doc.Text, ch.from, ch.to)), true
	case anaphors[head] && !plural(p.toks[ch.head].low) && len(rd.d.single) > 0:
		return withText(rd.d.single, p.span(rd.doc.Text, ch.from, ch.to)), true
	case anaphors[head] && (len(rd.d.group) == 0 || !slices.ContainsFunc(rd.d.group, func(r Ref) bool { return isNamed(&r) })) && rd.topic() != nil:
		return withText(rd.topic(), p.span(rd.doc.Text, ch.from, ch.to)), true
	case anaphors[head]:
		return withText(rd.d.group, p.span(rd.doc.Text, ch.from, ch.to)), len(rd.d.group) > 0
	}
	return nil, false
}

func (rd *reading) resolvePronoun(c *sentenceContext, m int) ([]Ref, bool) {
	p := c.p
	word := p.toks[p.chunks[m].from].low
	switch word {
	case "one", "another":
		if p.is(m+1, kPrep) && p.wordAt(m+1) == "of" && p.is(m+2, kNP) {
			g := p.groupAt(m+2, len(p.chunks))
			return rd.refs(c, g, g.end), true // "one of the men"
		}
		if g := p.mainVerbBefore(m); g >= 0 {
			if s := p.subjectOf(g); s >= 0 && s < m && p.chunks[s].class&cPronoun == 0 {
				return rd.refs(c, p.groupAt(s, g), g), true
			}
		}
		return nil, false
	case "they", "it", "them", "itself", "themselves":
		if word == "it" && m == 0 && len(rd.d.main) > 0 {
			return rd.d.main, true
		}
		if own := rd.localAntecedent(c, m); own != nil {
			return own, true
		}
		if len(rd.d.subject) > 0 {
			return rd.d.subject, true
		}
		return rd.d.group, len(rd.d.group) > 0
	}
	return nil, false
}

// mentioned is something that a pronoun of the next sentence may take up.
type mentioned struct {
	refs   []Ref
	plural bool
}

// pronounRefs resolves a pronoun to something that a side of a frame allows: in the sentence, in the one before, else who did the last
// deed.
func (rd *reading) pronounRefs(c *sentenceContext, m int, allowed class) []Ref {
	low := c.p.toks[c.p.chunks[m].from].low
	fits := func(refs []Ref) bool {
		return len(refs) > 0 && allowed&classOfRef(rd.lx, refs[0]) != 0
	}
	if low == "it" || low == "they" || low == "them" {
		if own := rd.localAntecedent(c, m); fits(own) {
			return own
		}
		for _, r := range rd.d.recent {
			named := r.refs[0].Kind == Actor || r.refs[0].Kind == Company || r.refs[0].Kind == Agency
			if (r.plural == (low != "it") || named && low != "it") && fits(r.refs) && !rd.civil(&r.refs[0]) {
				return r.refs
			}
		}
	}
	if list, _ := rd.resolvePronoun(c, m); fits(list) {
		return list
	}
	return nil
}

// localAntecedent looks for a doer earlier in the same sentence.
func (rd *reading) localAntecedent(c *sentenceContext, m int) []Ref {
	p := c.p
	want := p.toks[p.chunks[m].from].low
	if v := p.skipBack(m); p.is(v, kVG) && p.speechVerb(v) || p.is(v, kSub) && p.is(v-1, kVG) && p.speechVerb(v-1) {
		if p.is(v, kSub) {
			v--
		}
		if s := p.subjectOf(v); s >= 0 && s < m && p.chunks[s].class&(cPronoun|cSource) == 0 && plural(p.toks[p.chunks[s].head].low) == (want == "they") {
			return rd.refs(c, p.groupAt(s, v), v)
		}
	}
	for i := range m {
		ch := p.chunks[i]
		if ch.kind != kNP || ch.class&(cState|cGroup|cCrime|cActor) == 0 || ch.class&cPronoun != 0 || p.governed(i) && ch.class&cActor == 0 {
			continue
		}
		if ch.poss > 0 && ch.class&cOperation != 0 {
			continue
		}
		g := p.groupAt(i, m)
		if many := len(g.members) > 1 || plural(p.toks[ch.head].low); want == "it" && (many && ch.ent == nil || len(g.members) > 1) {
			continue
		}
		return rd.refs(c, g, m)
	}
	if poss := rd.possessorThreat(c, 0, m); poss != nil {
		return poss
	}
	return nil
}

// possessorThreat finds a state or actor that owns something in chunks [from,to): "North Korea's use of …".
func (rd *reading) possessorThreat(c *sentenceContext, from, to int) []Ref {
	for i := from; i < to; i++ {
		ch := c.p.chunks[i]
		if ch.kind != kNP || ch.poss < 0 {
			continue
		}
		if refs := rd.possessor(c, i); refs != nil {
			return refs
		}
	}
	return nil
}

// possessor returns the state or actor that owns the noun phrase at i.
func (rd *reading) possessor(c *sentenceContext, i int) []Ref {
	ch := c.p.chunks[i]
	for k := ch.from; k < ch.poss; k++ {
		if e := c.p.toks[k].ent; e != nil && entityClass(e)&classNames["threat"] != 0 {
			return []Ref{entityRef(e, c.p.toks[k].text)}
		}
	}
	if ch.poss > ch.from {
		if cl := c.p.lx.noun(c.p.toks[ch.poss-1].low); cl&(cGroup|cState) != 0 {
			text := c.p.span(rd.doc.Text, ch.from, ch.poss)
			if anaphors[singular(c.p.toks[ch.poss-1].low)] && c.p.toks[ch.from].low == "the" && len(rd.d.group) > 0 {
				return withText(rd.d.group, text)
			}
			return []Ref{{Name: cleanName(c.p, ch.from, ch.poss, rd.doc.Text), Kind: kindOf(cl), Text: text}}
		}
	}
	return nil
}

func withText(refs []Ref, text string) []Ref {
	out := slices.Clone(refs)
	for i := range out {
		out[i].Text = text
	}
	return out
}

// follow updates what later sentences can refer to.
func (rd *reading) follow(c *sentenceContext) {
	p := c.p
	for i := range p.chunks {
		ch := &p.chunks[i]
		if ch.kind != kNP || ch.class&cPronoun != 0 {
			continue
		}
		rd.followPost(p, i)
		switch {
		case rd.justAlias(p, ch):
		case ch.class&(cActor|cCrime|cGroup) != 0 && rd.introduces(p, i):
			rd.setGroup(rd.refs(c, p.groupAt(i, len(p.chunks)), len(p.chunks)), ch.class&cActor != 0 || !plural(p.toks[ch.head].low))
		case ch.class&cState != 0 && ch.ent != nil && !p.toks[ch.head].demonym && (i == 0 || !p.is(i-1, kConj) && !p.is(i-1, kComma)):
			if g := p.groupAt(i, len(p.chunks)); len(g.members) > 1 {
				rd.d.states = rd.refs(c, g, g.end)
			}
		case ch.class&cAsset != 0 && ch.class&cSystem != 0:
			rd.d.asset = rd.refs(c, group{members: []int{i}, end: i + 1}, i+1)
		case ch.class&cOperation != 0:
			rd.d.operation = rd.refs(c, group{members: []int{i}, end: i + 1}, i+1)
		}
	}
	rd.followSubject(c)
	rd.followMentions(c)
	for n := len(rd.own) - 1; n >= 0; n-- {
		if cl := &rd.own[n]; actions[cl.Relation] && cl.Stance == Asserts && len(cl.Subject) > 0 {
			rd.d.subject = cl.Subject
			if k := cl.Subject[0].Kind; k != State && k != "" && k != "operation" && k != "system" && k != "content" && k != "people" && k != "organisation" {
				rd.setGroup(cl.Subject, k == Actor || k == Agency || len(cl.Subject) == 1 && !pluralName(cl.Subject[0].Name))
			}
			break
		}
	}
}

// followSubject keeps the subject of the first full clause, for "it" at the head of the next sentence, and the last company named,
// for "the company".
func (rd *reading) followSubject(c *sentenceContext) {
	p := c.p
	for v := range p.chunks {
		ch := &p.chunks[v]
		if ch.kind != kVG || ch.inf || ch.ing || p.reduced(v) {
			continue
		}
		s := p.subjectOf(v)
		if s < 0 || p.chunks[s].class&cPronoun != 0 {
			break
		}
		rd.d.main, rd.d.mainOrg = nil, Source{}
		if who, ok := rd.sourceAt(c, s); ok && who.Kind != Person && who.Kind != "people" && who.Kind != "officials" {
			rd.d.mainOrg = who
		}
		if refs := rd.refs(c, group{members: []int{s}, end: s + 1}, s+1); len(refs) == 1 && isDoer(&refs[0]) && !p.lx.speech[ch.word] {
			rd.d.main = refs
		}
		break
	}
	for i := range p.chunks {
		ch := &p.chunks[i]
		if ch.kind == kNP && ch.ent != nil && ch.ent.Kind == Malware && p.headNames(ch) {
			rd.d.malware = []Ref{p.nameRef(rd.doc.Text, ch.head)}
		}
		if ch.kind == kNP && ch.ent != nil && ch.ent.Kind == Company && p.headNames(ch) && (!p.governed(i) || ch.ent.Vendor || rd.gaz.byName[strings.ToLower(ch.ent.Name)] == nil) {
			rd.d.company = Source{Name: ch.ent.Name, Kind: Company}
		}
	}
}

// postNouns are bodies that a text names once with their state and then by their noun.
var postNouns = set([]string{"embassy", "mission", "consulate", "ministry", "secretariat", "regulator", "directorate"})

// followPost notes "the Ruritanian embassy", for "the embassy" later.
func (rd *reading) followPost(p *clauseParse, i int) {
	ch := &p.chunks[i]
	head := singular(p.toks[ch.to-1].low)
	if !postNouns[head] {
		head = singular(p.toks[ch.head].low)
	}
	if !postNouns[head] || ch.to-ch.from < 2 || plural(p.toks[ch.to-1].low) {
		return
	}
	end := p.chunks[p.tail(i+1, len(p.chunks))-1].to
	if s := p.stateIn(ch.from, end); s != "" {
		rd.d.posts[head] = Source{Name: cleanName(p, ch.from, end, rd.doc.Text), Kind: "officials", Affiliation: s}
		if e := rd.bodyIn(p, ch.from, ch.to); e != nil {
			rd.d.posts[head] = Source{Name: e.Name, Kind: e.Kind}
		}
	}
}

// followMentions keeps what the sentence tells of, its subject first, then named things, groups, malware and sites in their order.
func (rd *reading) followMentions(c *sentenceContext) {
	p := c.p
	var out []mentioned
	add := func(i int) {
		if i < 0 || !p.is(i, kNP) || len(out) > 5 {
			return
		}
		ch := &p.chunks[i]
		if ch.class&(cPronoun|cTime) != 0 || p.toks[ch.head].demonym || ch.class&(cGroup|cActor|cMalware|cCompany|cAsset|cSystem|cAgency|cMilitary|cTool|cCrime) == 0 {
			return
		}
		g := p.groupAt(i, len(p.chunks))
		refs := rd.refs(c, g, g.end)
		if len(refs) == 0 || slices.ContainsFunc(out, func(m mentioned) bool { return m.refs[0].Name == refs[0].Name }) {
			return
		}
		out = append(out, mentioned{refs, len(g.members) > 1 || ch.ent == nil && plural(p.toks[ch.head].low)})
	}
	if v := p.firstVerb(); v >= 0 {
		s := p.subjectOf(v)
		if s >= 0 && p.chunks[s].class&cPronoun != 0 {
			out = append(out, rd.d.recent[:min(1, len(rd.d.recent))]...)
		}
		add(s)
		add(p.directObject(v))
	}
	for i := range p.chunks {
		if p.is(i, kNP) && (p.chunks[i].ent != nil || !p.governed(i)) {
			add(i)
		}
	}
	if len(out) > 0 {
		rd.d.recent = out
	}
}

// firstVerb is the first full verb of the sentence that is none of speech, or -1.
func (p *clauseParse) firstVerb() int {
	for v := range p.chunks {
		if ch := &p.chunks[v]; ch.kind == kVG && !ch.inf && !ch.ing && !p.reduced(v) && !p.speechVerb(v) {
			return v
		}
	}
	return -1
}

// introduces tells that the noun phrase at i brings up a group or an actor that later sentences may take up. One that only hangs
// on a preposition ("shares tools with X") does not take the place of one told already.
func (rd *reading) introduces(p *clauseParse, i int) bool {
	ch := &p.chunks[i]
	if ch.class&cActor != 0 {
		return !p.governed(i) || len(rd.d.single) == 0 || p.is(i-1, kPrep) && p.wordAt(i-1) == "of" && p.is(i-2, kNP) && !p.governed(i-2) && (anaphors[singular(p.toks[p.chunks[i-2].head].low)] || singular(p.toks[p.chunks[i-2].head].low) == "member") || p.is(i-1, kPrep) && (p.wordAt(i-1) == "by" || p.wordAt(i-1) == "to") && rd.attributes(p, i)
	}
	head := singular(p.toks[ch.head].low)
	if ch.class&(cSpeaker|cSystem) == cSpeaker || rd.takesUp(p, ch) || ch.to-ch.from < 2 || !unicode.IsLetter([]rune(p.toks[ch.head].low)[0]) || ch.class&cSystem != 0 {
		return false
	}
	hostile := anaphors[head] && head != "operator" && head != "unit" && head != "team" && head != "network" || ch.class&cCrime != 0 || head == "agent" || head == "troll"
	of := p.is(i+1, kPrep) && p.wordAt(i+1) == "of" && head != "group" && head != "member" // "operators of water works"
	return hostile && !of && (!p.governed(i) || len(rd.d.group) == 0 || p.wordAt(i-1) == "by")
}

// attributes tells that an attribution or a tie stands before chunk i: "attributed to X", "carried out by X".
func (rd *reading) attributes(p *clauseParse, i int) bool {
	v := p.verbBefore(i, i)
	return v >= 0 && (p.chunks[v].word == "attribute" || p.chunks[v].word == "link" || p.chunks[v].word == "trace" || p.wordAt(i-1) == "by")
}

func (rd *reading) setGroup(refs []Ref, single bool) {
	if len(refs) > 1 {
		single = false
	}
	rd.d.group = refs
	if single && len(refs) == 1 {
		if isNamed(&refs[0]) && (len(rd.d.pair) == 0 || rd.d.pair[len(rd.d.pair)-1].Name != refs[0].Name) {
			rd.d.pair = append(rd.d.pair[max(0, len(rd.d.pair)-1):], refs[0])
		}
		rd.d.single = refs
	}
}

// pluralName tells a description whose noun, before any tail, is plural: "hackers linked to …".
func pluralName(name string) bool {
	if first, _, _ := strings.Cut(strings.ToLower(name), " "); strings.HasSuffix(first, "s") && plural(first) && first != name {
		return true
	}
	for w := range strings.FieldsSeq(strings.ToLower(name)) {
		if anaphors[singular(w)] {
			return plural(w)
		}
	}
	return false
}

// justAlias tells a name that the sentence only gives as another name.
func (rd *reading) justAlias(p *clauseParse, ch *chunk) bool {
	text := cleanName(p, ch.from, ch.to, rd.doc.Text)
	for _, cl := range rd.own {
		if cl.Relation == "alias-of" && slices.ContainsFunc(cl.Object, func(r Ref) bool { return r.Name == text }) {
			return true
		}
	}
	return false
}

// takesUp tells "the group", which introduces nobody.
func (rd *reading) takesUp(p *clauseParse, ch *chunk) bool {
	first := p.toks[ch.from].low
	return (first == "the" || first == "these" || first == "those" || first == "its") && anaphors[singular(p.toks[ch.head].low)] && ch.to-ch.from <= 3 && ch.ent == nil
}
