package prose

import (
	"slices"
	"strings"
)

// TheArticle is the source of what nobody else is said to say.
const TheArticle = "the article"

// sentenceContext is one sentence under the rules.
type sentenceContext struct {
	p      *clauseParse
	n      int // sentence number
	par    int
	spans  []span
	times  []Time
	timed  bool
	advice [][2]int // token runs that are advice, not facts
	base   Source   // who speaks where no span covers the words
}

// span is a run of tokens that one source says, with what it does to it.
type span struct {
	from, to int
	who      Source
	stance   Stance
	rule     string
}

// advised tells that a token stands in advice.
func (c *sentenceContext) advised(tok int) bool {
	for _, r := range c.advice {
		if tok >= r[0] && tok < r[1] {
			return true
		}
	}
	return false
}

func (rd *reading) context(p *clauseParse, n int) *sentenceContext {
	return &sentenceContext{p: p, n: n, par: rd.sents[n].par}
}

// said returns who says the token and with which stance: the innermost span decides the source; a denial or a "no
// evidence" around it colours it.
func (c *sentenceContext) said(tok int) (Source, Stance, string) {
	who, stance, rule := c.base, Asserts, "default"
	best, size := -1, 1<<30
	for i, s := range c.spans {
		if tok < s.from || tok >= s.to {
			continue
		}
		if s.stance != Asserts {
			stance = s.stance
		}
		if s.who.Name != "" && s.to-s.from <= size {
			best, size = i, s.to-s.from
		}
	}
	if best >= 0 {
		who, rule = c.spans[best].who, c.spans[best].rule
	}
	return who, stance, rule
}

// readSpeech finds the spans of a sentence and decides who speaks outside them.
func (rd *reading) readSpeech(c *sentenceContext) {
	p := c.p
	rd.readAccordingTo(c)
	for v := range p.chunks {
		if p.chunks[v].kind == kVG && !p.chunks[v].copula {
			rd.readVerbOfSpeech(c, v)
		}
	}
	rd.readVerdicts(c)
	rd.readNoEvidence(c)
	rd.readDoubts(c)
	rd.describesReport(c)
	c.base = rd.baseSource(c)
	rd.nameLater(c)
	for _, s := range c.spans {
		if s.who.Name == "" || s.stance == Denies {
			continue
		}
		if s.who.Kind == Person || s.who.Kind == "officials" && personalName(s.who.Name) {
			rd.d.person = s.who
		} else if k := s.who.Kind; k == Company || k == Agency || k == Ministry || k == Org || k == Media {
			rd.d.org = s.who
		}
		rd.d.lastSpoke = s.who
		if k := s.who.Kind; (k == Company || k == Agency || k == Org || k == Ministry) && len(s.who.Parties) == 0 {
			rd.d.carried = s.who
		} else {
			rd.d.carried = Source{}
		}
	}
}

// describesReport opens a stretch of paragraphs that tell what the retold report says: from a sentence whose subject is
// that report, to the next heading or the next other speaker.
func (rd *reading) describesReport(c *sentenceContext) {
	if rd.retold == nil {
		return
	}
	for _, s := range c.spans {
		if s.who.Name != "" && s.who.Name != rd.retold.Publisher {
			rd.d.stretch = false
		}
	}
	p := c.p
	for v := range p.chunks {
		if p.chunks[v].kind != kVG || p.chunks[v].inf || p.chunks[v].ing {
			continue
		}
		s := p.subjectOf(v)
		if s < 0 || !reportNouns[p.toks[p.chunks[s].head].low] {
			continue
		}
		if e := rd.bodyIn(p, p.chunks[s].from, p.chunks[s].to); e != nil && e.Name == rd.retold.Publisher {
			rd.d.stretch = true
			return
		}
	}
}

// readAccordingTo handles "according to X" and "X's report says" as adverbials; they cover the whole sentence.
func (rd *reading) readAccordingTo(c *sentenceContext) {
	p := c.p
	for i := range p.chunks {
		if !p.is(i, kPrep) || !asSays[p.chunks[i].word] || !p.is(i+1, kNP) {
			continue
		}
		who, ok := rd.sourceAt(c, i+1)
		if !ok {
			continue
		}
		c.spans = append(c.spans, span{0, len(p.toks), who, Asserts, "according-to"})
	}
}

// asSays are prepositions that name a source.
var asSays = set([]string{"according to", "in the opinion of", "in opinion of", "in the view of", "in the words of"})

// denialVerbs turn what follows into what the subject denies.
var denialVerbs = set([]string{"deny", "reject", "dismiss", "refute", "dispute", "rebut", "denounce", "repudiate", "disown", "disavow", "rebuff", "contest"})

var findingNouns = set([]string{"accusation", "allegation", "claim", "charge", "report", "suggestion", "assertion", "involvement", "responsibility", "assessment", "finding", "role", "insinuation", "attribution", "statement", "hacking", "wrongdoing", "connection", "link"})

// readVerbOfSpeech adds the span of "X said …", "…, X said" and "X denied …".
func (rd *reading) readVerbOfSpeech(c *sentenceContext, v int) {
	p := c.p
	ch := &p.chunks[v]
	denies := denialVerbs[ch.word]
	if ch.passive && believes[ch.word] { // "is believed by X to …"
		if a := p.agent(v, len(p.chunks)); a >= 0 {
			if who, ok := rd.sourceAt(c, a); ok {
				c.spans = append(c.spans, span{max(0, p.chunks[v].from-1), len(p.toks), rd.jointSource(c, a, len(p.chunks), who), Asserts, "said-by"})
			}
		}
		return
	}
	if !denies && !p.lx.speech[ch.word] || ch.passive || ch.inf || naming[ch.word] && p.is(p.skipOn(v), kNP) && p.named(p.skipOn(v)) {
		return
	}
	if p.reduced(v) {
		return
	}
	subj := p.subjectOf(v)
	inverted := false
	if trail, ok := p.invertedSpeaker(v); ok { // "…," said Tom Burt, …
		subj, inverted = trail, true
	}
	if subj < 0 {
		return
	}
	who, ok := rd.sourceAt(c, subj)
	if denies && who.Kind != Person && (!ok || who.Kind == State || p.stateIn(p.chunks[subj].from, p.chunks[subj].to) != "") {
		who, ok = rd.partySource(c, subj, v)
	} else if ok && !inverted {
		who = rd.jointSource(c, subj, v, who)
	}
	if !ok {
		return
	}
	if p.properName(subj) && p.chunks[subj].ent == nil && who.Kind == Org && !says[ch.word] {
		return
	}
	from, to := ch.from, len(p.toks)
	if inverted || p.trailing(subj, v) {
		from, to = 0, p.chunks[min(subj, v)].from
		who.Venue = rd.venue(c, v)
	}
	if who.Kind == "people" && subj < v {
		who.Via = clip(p.span(rd.doc.Text, p.chunks[subj].from, p.chunks[v].from))
	}
	s := span{from, to, who, Asserts, "said"}
	if ch.neg && ch.word == "say" {
		return
	}
	if denies && p.deniesFact(v) {
		s.stance, s.rule = Denies, "denied"
	} else if denies {
		return
	}
	if ch.neg && (ch.word == "find" || ch.word == "see" || ch.word == "observe" || ch.word == "detect") {
		s.stance = NoEvidence
	}
	c.spans = append(c.spans, s)
}

// says are verbs that nobody but a speaker has for a subject, so that an unknown name before them is one.
var says = set([]string{"say", "tell", "announce", "claim", "warn", "report", "state", "confirm", "write", "argue", "insist", "believe", "assess", "deny", "reject", "dismiss", "add", "note", "explain", "acknowledge", "admit", "estimate", "conclude", "call", "urge", "find", "attribute", "link", "blame", "accuse"})

// believes are verbs that a passive tells of somebody: "is believed by X to work for Y".
var believes = set([]string{"believe", "assess", "say", "suspect", "think", "describe", "report", "consider", "regard", "judge", "confirm", "document", "identify", "observe", "see", "find", "estimate"})

// jointSource joins bodies that speak together: "Japan and South Korea warned".
func (rd *reading) jointSource(c *sentenceContext, subj, v int, first Source) Source {
	p := c.p
	if first.Kind == Person || p.chunks[subj].ent == nil || v < subj {
		return first
	}
	g := p.groupAt(subj, v)
	if len(g.members) < 2 || g.end > v {
		return first
	}
	var parties []Ref
	for _, m := range g.members {
		s, ok := rd.sourceAt(c, m)
		if !ok || s.Kind == Person || s.Affiliation != "" {
			return first
		}
		parties = append(parties, described(s.Name, s.Kind))
	}
	return joinParties(parties)
}

// deniesFact tells that what is rejected is said to have happened, not an offer or a law.
func (p *clauseParse) deniesFact(v int) bool {
	i := p.skipOn(v)
	if p.chunks[v].word == "deny" {
		return true
	}
	return p.is(i, kSub) || p.is(i, kNP) && (findingNouns[singular(p.toks[p.chunks[i].head].low)] || p.chunks[i].class&cPronoun != 0)
}

// invertedSpeaker finds the speaker after the verb: `…," said Tom Burt, vice president`.
func (p *clauseParse) invertedSpeaker(v int) (int, bool) {
	if v == 0 || p.chunks[v].word != "say" && p.chunks[v].word != "explain" && p.chunks[v].word != "add" && p.chunks[v].word != "write" && p.chunks[v].word != "note" && p.chunks[v].word != "warn" {
		return 0, false
	}
	prev := p.skipBack(v)
	if !p.is(prev, kComma) || !p.is(v+1, kNP) {
		return 0, false
	}
	if p.is(v+2, kComma) || p.is(v+2, kBreak) || p.is(v+2, kPrep) || v+2 >= len(p.chunks) {
		return v + 1, true
	}
	return 0, false
}

// trailing tells "…, X said." with what was said before it.
func (p *clauseParse) trailing(subj, v int) bool {
	if subj < 2 || !p.is(subj-1, kComma) && !p.is(subj-1, kBreak) {
		return false
	}
	if p.wordAt(subj-1) == ":" || p.wordAt(subj-1) == "—" {
		return false
	}
	next := p.skipOn(v)
	if p.chunks[v].word == "tell" && (p.chunks[subj].class&cPronoun != 0 || p.is(next, kNP) && !p.is(p.skipOn(next), kSub) && !p.is(p.skipOn(next), kNP) && !p.is(p.skipOn(next), kVG)) {
		return p.hasVerb(0, subj)
	}
	if next >= len(p.chunks) || p.is(next, kBreak) || p.is(next, kPrep) || p.is(next, kComma) {
		return p.hasVerb(0, subj)
	}
	return p.is(next, kNP) && p.chunks[next].class&cTime != 0 && p.hasVerb(0, subj)
}

func (p *clauseParse) hasVerb(from, to int) bool {
	for i := from; i < to; i++ {
		if p.chunks[i].kind == kVG {
			return true
		}
	}
	return false
}

// venue reads where something was said: "at a Sept. 18 hearing before the Senate's intelligence committee".
func (rd *reading) venue(c *sentenceContext, v int) string {
	p := c.p
	for i := v + 1; i < len(p.chunks)-1; i++ {
		if p.is(i, kPrep) && p.chunks[i].word == "at" && p.is(i+1, kNP) {
			head := p.toks[p.chunks[i+1].head].low
			if head == "hearing" || head == "conference" || head == "briefing" || head == "summit" || head == "event" || head == "forum" {
				return clip(cleanName(p, p.chunks[i+1].from, p.chunks[p.tail(i+2, len(p.chunks))-1].to, rd.doc.Text))
			}
		}
	}
	return ""
}

// labels are verbs that give a verdict on what follows.
var labels = set([]string{"call", "label", "brand", "describe", "dismiss", "term", "denounce", "consider"})

// readVerdicts handles "allegations that … are groundless": the clause between is denied by whoever says so.
func (rd *reading) readVerdicts(c *sentenceContext) {
	p := c.p
	for i := range p.toks {
		if !slices.Contains(p.lx.verdicts, p.toks[i].low) && (i+1 >= len(p.toks) || !slices.Contains(p.lx.verdicts, p.toks[i].low+" "+p.toks[i+1].low)) {
			continue
		}
		for k := range p.chunks {
			ch := p.chunks[k]
			if ch.kind == kNP && ch.to <= i && findingNouns[singular(p.toks[ch.head].low)] {
				var who Source
				if v := k - 1; p.is(v, kVG) && labels[p.chunks[v].word] { // "the embassy called the accusations baseless"
					if s := p.subjectOf(v); s >= 0 && !p.chunks[v].copula {
						who, _ = rd.partySource(c, s, v)
						if who.Name == "" {
							who, _ = rd.sourceAt(c, s)
						}
					}
				}
				c.spans = append(c.spans, span{ch.to, max(i, ch.to+1), who, Denies, "verdict"})
				return
			}
		}
	}
}

// readDoubts handles "it is unclear whether …", "X could not determine who …", and "has no intention of …", a denial.
func (rd *reading) readDoubts(c *sentenceContext) {
	p := c.p
	if at, end := p.cueAt(p.lx.cues.doubt, 0, len(p.toks)); at >= 0 && !p.notDoubt(at) {
		c.spans = append(c.spans, span{end, len(p.toks), Source{}, Doubts, "doubt"})
		return
	}
	for i := range p.toks {
		low := p.toks[i].low
		ahead := p.words(i, min(len(p.toks), i+4))
		switch {
		case low == "unclear", strings.HasPrefix(ahead, "not clear"), strings.HasPrefix(ahead, "not known whether"), strings.HasPrefix(ahead, "not determine"), strings.HasPrefix(ahead, "not verify"), strings.HasPrefix(ahead, "not confirm"), low == "doubt" && p.words(max(0, i-1), i) != "no" && p.words(max(0, i-1), i) != "without" && p.words(max(0, i-1), i) != "beyond", low == "doubts", low == "doubted", low == "doubtful", low == "skeptical", low == "sceptical":
			c.spans = append(c.spans, span{i + 1, len(p.toks), Source{}, Doubts, "doubt"})
			return
		case strings.HasPrefix(ahead, "no intention"), strings.HasPrefix(ahead, "no interest in"), strings.HasPrefix(ahead, "no plans"):
			c.spans = append(c.spans, span{i + 1, len(p.toks), Source{}, Denies, "no-intention"})
			return
		}
	}
}

// notDoubt tells "no doubt" and "beyond a reasonable doubt".
func (p *clauseParse) notDoubt(at int) bool {
	return at > 0 && (p.toks[at-1].low == "no" || p.toks[at-1].low == "reasonable" || p.toks[at-1].low == "without" || p.toks[at-1].low == "beyond")
}

// readNoEvidence handles "no evidence that …", "found no indication of …".
func (rd *reading) readNoEvidence(c *sentenceContext) {
	p := c.p
	for _, ch := range p.chunks {
		if ch.kind != kNP {
			continue
		}
		head := singular(p.toks[ch.head].low)
		if head != "evidence" && head != "indication" && head != "sign" && head != "proof" {
			continue
		}
		no := false
		for k := ch.from; k < ch.to; k++ {
			no = no || p.toks[k].low == "no"
		}
		if k := p.at[ch.from]; !no && k > 0 && p.is(k-1, kVG) && p.chunks[k-1].neg {
			no = true
		}
		if no {
			c.spans = append(c.spans, span{ch.to, len(p.toks), Source{}, NoEvidence, "no-evidence"})
		}
	}
}

// baseSource decides who speaks where the sentence names nobody.
func (rd *reading) baseSource(c *sentenceContext) Source {
	if rd.sents[c.n].start < len(rd.doc.Text) && c.p.toks[0].quoted && rd.quotedSource(c).Name != "" {
		return rd.quotedSource(c)
	}
	if v := rd.voice(); v.Name != TheArticle || rd.turn.Name != "" {
		return v
	}
	last := rd.d.lastSpoke
	if last.Name == "" && rd.takesOn(c) {
		last = rd.d.carried
	}
	switch {
	case rd.retold != nil && rd.outside(c):
	case last.Kind != "" && last.Kind != State && last.Kind != Person && last.Affiliation == "" && (len(last.Parties) == 0 || last.Parties[0].Kind != State):
		last.Inferred = "continues what this source is told to say in the sentence before"
		return last
	case rd.retold != nil && (rd.single || rd.d.stretch):
		why := "the article tells one report, and nobody else speaks in it"
		if !rd.single {
			why = "follows the description of the report that the article retells"
		}
		return Source{Name: rd.retold.Publisher, Kind: rd.kindOfName(rd.retold.Publisher), Inferred: why}
	}
	return Source{Name: TheArticle, Kind: "article"}
}

// takesOn tells that a sentence at the head of a paragraph goes on with what the last body told: it begins with something told of.
func (rd *reading) takesOn(c *sentenceContext) bool {
	p := c.p
	v := p.firstVerb()
	if v < 0 || rd.d.carried.Name == "" {
		return false
	}
	s := p.subjectOf(v)
	if s < 0 {
		return false
	}
	switch p.toks[p.chunks[s].from].low {
	case "the", "this", "these", "those", "they", "both":
		return p.chunks[s].class&cActor == 0
	}
	return false
}

// outside tells an event that the retold report cannot know: it lies days before the article, not in its period.
func (rd *reading) outside(c *sentenceContext) bool {
	for _, t := range c.p.toks {
		if t.low == "yesterday" || t.low == "today" {
			return true
		}
	}
	words := strings.ToLower(rd.doc.Text[rd.sents[c.n].start:rd.sents[c.n].end])
	return strings.Contains(words, "last week") || strings.Contains(words, "this week") || strings.Contains(words, "earlier this month")
}

// quotedSource is the last person, for a sentence that goes on with a quotation.
func (rd *reading) quotedSource(c *sentenceContext) Source {
	for _, s := range c.spans {
		if s.who.Name != "" {
			return s.who
		}
	}
	return rd.d.lastSpoke
}

func (rd *reading) kindOfName(name string) string {
	if e, ok := rd.gaz.byName[strings.ToLower(name)]; ok {
		return e.Kind
	}
	return Org
}

// sourceAt reads the noun phrase at i as somebody who can speak.
func (rd *reading) sourceAt(c *sentenceContext, i int) (Source, bool) {
	p := c.p
	ch := &p.chunks[i]
	if ch.kind != kNP {
		return Source{}, false
	}
	text := p.span(rd.doc.Text, ch.from, ch.to)
	if ch.class&cPronoun != 0 {
		return rd.pronounSource(c, i)
	}
	if k := p.describedAs(i); k >= 0 && k < i && p.is(p.skipBack(i), kComma) {
		if s, ok := rd.personSource(c, k); ok {
			return s, true
		}
	}
	if low := p.toks[ch.from].low; (low == "its" || low == "their") && ch.to-ch.from <= 3 && p.lx.noun(p.toks[ch.head].low)&(cSpeaker|cPeople) != 0 && plural(p.toks[ch.head].low) {
		if s := rd.d.mainOrg; s.Name != "" {
			s.Via = text
			return s, true
		}
	}
	head := singular(p.toks[ch.head].low)
	if low := p.toks[ch.from].low; (low == "the" || low == "these" || low == "those" || low == "both") && (head == "government" || head == "country" || head == "nation" || head == "state" || head == "capital") && plural(p.toks[ch.head].low) && len(rd.d.states) > 1 {
		s := joinParties(rd.d.states)
		s.Via = text
		return s, true
	}
	if ch.ent != nil && ch.ent.Kind != Sector && p.headNames(ch) && !p.toks[ch.head].demonym {
		return rd.entitySource(ch.ent, text)
	}
	if s, ok := rd.personSource(c, i); ok {
		return s, true
	}
	cl := p.lx.noun(p.toks[ch.head].low)
	if low := p.toks[ch.from].low; (low == "the" || low == "this") && ch.to-ch.from <= 3 && rd.d.person.Name != "" && personal[head] && rd.bodyIn(p, ch.from, ch.to) == nil && p.stateIn(ch.from, ch.to) == "" && !p.is(i+1, kComma) {
		return rd.d.person, true
	}
	if low := p.words(ch.from, ch.to); low == "this agency" || low == "this newspaper" || low == "this publication" {
		return Source{Name: TheArticle, Kind: "article"}, true
	}
	if (head == "agency" || head == "author" || head == "government" || head == "partner") && len(rd.house.Parties) > 1 && plural(p.toks[ch.head].low) {
		s := rd.house
		s.Via = text
		return s, true
	}
	if name := rd.namedAfter(p, i); name != "" {
		end := p.chunks[p.tail(i+1, len(p.chunks))-1].to
		s := Source{Name: name, Kind: Person, Affiliation: p.stateIn(ch.from, end)}
		if e := rd.bodyIn(p, ch.from, end); e != nil {
			s.Affiliation = e.Name
		}
		s.Via = cleanName(p, ch.from, end, rd.doc.Text)
		rd.d.people[surname(name)] = s
		return s, true
	}
	if cl&cBody != 0 && p.toks[ch.from].low == "the" && companies[head] && rd.d.company.Name != "" && !p.is(i+1, kComma) {
		return rd.d.company, true
	}
	if s, ok := rd.d.posts[head]; ok && p.toks[ch.from].low == "the" && ch.to-ch.from == 2 && (!p.is(i+1, kPrep) || p.wordAt(i+1) != "of") {
		s.Via = text
		return s, true
	}
	if cl&(cSpeaker|cSource) == 0 && head != "data" {
		if p.properName(i) && !p.is(i-1, kPrep) {
			return Source{Name: cleanName(p, ch.from, ch.to, rd.doc.Text), Kind: Org}, true
		}
		return Source{}, false
	}
	tail := p.chunks[p.tail(i+1, len(p.chunks))-1].to
	if cl&cSource != 0 {
		return rd.reportSource(c, i)
	}
	if e := rd.bodyIn(p, ch.from, tail); e != nil {
		return rd.bodySource(e, head, cleanName(p, ch.from, tail, rd.doc.Text)), true
	}
	if e := p.stateIn(ch.from, tail); e != "" && (cl&cBody == 0 || head == "official") {
		kind := "officials"
		if strings.HasPrefix(head, "spokes") {
			kind = Person
		}
		return Source{Name: cleanName(p, ch.from, tail, rd.doc.Text), Kind: kind, Affiliation: e, Via: text}, true
	}
	if cl&cBody != 0 && rd.d.org.Name != "" && rd.fitsBody(head) {
		s := rd.d.org
		s.Via = cleanName(p, ch.from, ch.to, rd.doc.Text)
		return s, true
	}
	if cl&cBody != 0 && rd.retold != nil {
		return Source{Name: rd.retold.Publisher, Kind: rd.kindOfName(rd.retold.Publisher), Via: text}, true
	}
	return Source{Name: cleanName(p, ch.from, tail, rd.doc.Text), Kind: "people", Via: text}, true
}

func (rd *reading) entitySource(e *Entity, text string) (Source, bool) {
	switch {
	case e.Kind == Sector || e.Kind == Malware || e.Kind == Tool || e.Kind == Actor && e.Name != "":
		if e.Kind == Actor {
			return Source{Name: e.Name, Kind: Actor, Via: text}, true
		}
		return Source{}, false
	case e.Kind == Person:
		if s, ok := rd.d.people[surname(text)]; ok && s.Affiliation != "" {
			return s, true
		}
		if e.Affiliation != "" && !strings.Contains(text, " ") && !rd.names(e.Affiliation) {
			return Source{}, false
		}
		return Source{Name: e.Name, Kind: Person, Affiliation: e.Affiliation, Via: via(e.Name, e.Affiliation)}, true
	}
	s := Source{Name: e.Name, Kind: e.Kind}
	if text != e.Name {
		s.Via = text
	}
	return s, true
}

// personalName tells a description of one person: "Japan's Chief Cabinet Secretary".
func personalName(name string) bool {
	words := strings.Fields(strings.ToLower(name))
	return len(words) > 0 && personal[words[len(words)-1]]
}

// namedAfter reads the name in "a spokeswoman for the group, Y. L., …".
func (rd *reading) namedAfter(p *clauseParse, i int) string {
	head := p.toks[p.chunks[i].head].low
	if plural(head) || p.lx.noun(head)&(cSpeaker|cPeople) == 0 {
		return ""
	}
	k := p.tail(i+1, len(p.chunks))
	if !p.is(k, kComma) || !p.is(k+1, kNP) || !p.is(k+2, kComma) {
		return ""
	}
	if name, _ := p.personName(k + 1); len(strings.Fields(name)) > 1 {
		return name
	}
	return ""
}

// fitsBody tells that "the ministry" can take up the body that spoke last: a public one for a public noun, a private one otherwise.
func (rd *reading) fitsBody(head string) bool {
	if e := rd.gaz.byName[strings.ToLower(rd.d.org.Name)]; e != nil && e.Mercenary {
		return companies[head]
	}
	public := rd.d.org.Kind == Agency || rd.d.org.Kind == Ministry || rd.d.org.Kind == State
	switch head {
	case "ministry", "department", "bureau":
		return public
	case "company", "firm", "vendor", "maker", "giant", "lab":
		return !public
	}
	return true
}

// companies are nouns that take up the company named last.
var companies = set([]string{"company", "firm", "vendor", "maker", "giant"})

// personal nouns take up a person named before: "the minister said".
var personal = set([]string{"minister", "researcher", "analyst", "commissioner", "spokesman", "spokeswoman", "spokesperson", "official", "president", "chief", "director", "secretary", "senator", "lawmaker", "expert", "professor", "officer", "ambassador", "executive"})

// bodySource speaks for a body: its researchers are the body, its spokesperson is a person of it.
func (rd *reading) bodySource(e *Entity, head, text string) Source {
	if strings.HasPrefix(head, "spokes") {
		return Source{Name: text, Kind: Person, Affiliation: e.Name, Via: text}
	}
	return Source{Name: e.Name, Kind: e.Kind, Via: text}
}

// bodyIn returns the body that a run of tokens names.
func (rd *reading) bodyIn(p *clauseParse, from, to int) *Entity {
	var best *Entity
	for k := from; k < to; k++ {
		if e := p.toks[k].ent; e != nil {
			switch e.Kind {
			case Company, Agency, Ministry, Org, Media, Military, Party:
				if best == nil || !best.Vendor && e.Vendor {
					best = e
				}
			}
		}
	}
	return best
}

func (p *clauseParse) stateIn(from, to int) string {
	for k := from; k < to; k++ {
		if e := p.toks[k].ent; e != nil && e.Kind == State {
			return e.Name
		}
		if p.toks[k].low == "federal" {
			return "United States"
		}
	}
	return ""
}

func (rd *reading) pronounSource(c *sentenceContext, i int) (Source, bool) {
	switch c.p.toks[c.p.chunks[i].from].low {
	case "he", "she":
		if rd.d.person.Name != "" {
			return rd.d.person, true
		}
	case "it":
		if v := c.p.skipBack(i); c.p.is(v, kVG) && c.p.speechVerb(v) {
			if s := c.p.subjectOf(v); s >= 0 && s < i && c.p.chunks[s].class&cPronoun == 0 {
				return rd.sourceAt(c, s)
			}
		}
		if i == 0 && rd.d.mainOrg.Name != "" {
			return rd.d.mainOrg, true
		}
		if rd.d.org.Name != "" {
			return rd.d.org, true
		}
		if v := rd.voice(); v.Name != TheArticle {
			return v, true
		}
	case "we", "i":
		quoted := c.p.toks[c.p.chunks[i].from].quoted
		for v := i + 1; quoted && v < len(c.p.chunks); v++ { // "We reject this," said X
			if s, ok := c.p.invertedSpeaker(v); ok && c.p.is(v, kVG) {
				return rd.sourceAt(c, s)
			}
		}
		if quoted && rd.d.lastSpoke.Name != "" {
			return rd.d.lastSpoke, true
		}
		if v := rd.voice(); v.Name != TheArticle {
			return v, true
		}
		for _, s := range c.spans {
			if s.who.Name != "" {
				return s.who, true
			}
		}
	case "they":
		for k := range i { // "the lab checked …, and they say"
			if ch := &c.p.chunks[k]; ch.kind == kNP && ch.class&cPronoun == 0 && !c.p.governed(k) && rd.bodyIn(c.p, ch.from, ch.to) != nil {
				if s, ok := rd.sourceAt(c, k); ok && s.Kind != Person {
					return s, true
				}
			}
		}
		if s, ok := rd.peopleBefore(c); ok {
			return s, true
		}
		if rd.d.lastSpoke.Name != "" {
			return rd.d.lastSpoke, true
		}
	}
	return Source{}, false
}

// peopleBefore finds the speakers that "they say" takes up: the last plural ones of the sentence before.
func (rd *reading) peopleBefore(c *sentenceContext) (Source, bool) {
	if c.n == 0 || rd.sents[c.n-1].par != c.par {
		return Source{}, false
	}
	p := rd.load(c.n - 1)
	if p == nil {
		return Source{}, false
	}
	for i, ch := range slices.Backward(p.chunks) {

		if ch.kind != kNP || p.lx.noun(p.toks[ch.head].low)&cSpeaker == 0 || !plural(p.toks[ch.head].low) {
			continue
		}
		if p.lx.noun(p.toks[ch.head].low)&(cGroup|cOrganisation) != 0 && p.lx.noun(p.toks[ch.head].low)&cPeople == 0 {
			continue
		}
		first := p.listHead(i)
		return Source{Name: cleanName(p, p.chunks[first].from, ch.to, rd.doc.Text), Kind: "people"}, true
	}
	return Source{}, false
}

// reportSource reads "the report", "Microsoft's report", "a report published Tuesday by Microsoft".
func (rd *reading) reportSource(c *sentenceContext, i int) (Source, bool) {
	p := c.p
	ch := p.chunks[i]
	text := cleanName(p, ch.from, ch.to, rd.doc.Text)
	if e := rd.bodyIn(p, ch.from, ch.to); e != nil {
		return Source{Name: e.Name, Kind: e.Kind, Via: text}, true
	}
	for k := i + 1; k < len(p.chunks) && k < i+9; k++ {
		if p.is(k, kPrep) && (p.wordAt(k) == "by" || p.wordAt(k) == "from") && p.is(k+1, kNP) {
			if e := rd.bodyIn(p, p.chunks[k+1].from, p.chunks[k+1].to); e != nil {
				return Source{Name: e.Name, Kind: e.Kind, Via: text}, true
			}
		}
	}
	if rd.retold != nil {
		return Source{Name: rd.retold.Publisher, Kind: rd.kindOfName(rd.retold.Publisher), Via: text}, true
	}
	if low := p.toks[ch.head].low; rd.house.Name != TheArticle && rd.house.Kind != "" && (low == "indictment" || low == "complaint" || low == "affidavit") && len(rd.house.Parties) > 0 {
		return Source{Name: text, Kind: "report"}, true // a court's paper that others cite
	}
	if v := rd.voice(); v.Name != TheArticle {
		return v, true
	}
	if rd.d.org.Name != "" {
		s := rd.d.org
		s.Via = text
		return s, true
	}
	return Source{Name: text, Kind: "report"}, true
}

// partySource reads states and embassies as those who deny or keep silent.
func (rd *reading) partySource(c *sentenceContext, subj, v int) (Source, bool) {
	p := c.p
	parties := rd.parties(c, p.chunks[subj].from, p.chunks[v].from)
	if len(parties) == 0 {
		return Source{}, false
	}
	return joinParties(parties), true
}

func joinParties(parties []Ref) Source {
	if len(parties) == 1 {
		return Source{Name: parties[0].Name, Kind: parties[0].Kind}
	}
	names := make([]string, len(parties))
	for i, r := range parties {
		names[i] = r.Name
	}
	last := len(names) - 1
	return Source{Name: strings.Join(names[:last], ", ") + " and " + names[last], Kind: parties[0].Kind, Parties: parties}
}
