package prose

import (
	"slices"
	"strings"
	"unicode"
)

// personSource reads a named person with the body in the same phrase or in the apposition, and surnames known already.
func (rd *reading) personSource(c *sentenceContext, i int) (Source, bool) {
	name, first := c.p.personName(i)
	if name == "" {
		return Source{}, false
	}
	key := surname(name)
	if s, ok := rd.d.people[key]; ok {
		return s, true
	}
	if first {
		return Source{}, false
	}
	return rd.surnameSource(name)
}

// surnameSource takes a bare surname for the official whom the gazetteer knows, if the text names the official's body.
func (rd *reading) surnameSource(name string) (Source, bool) {
	for _, e := range rd.gaz.persons[surname(name)] {
		if e.Affiliation != "" && rd.names(e.Affiliation) {
			return Source{
				Name: e.Name, Kind: Person, Affiliation: e.Affiliation, Via: via(e.Name, e.Affiliation),
				Inferred: "the text gives the surname only; this official of " + e.Affiliation + " is the known one",
			}, true
		}
	}
	s := Source{Name: name, Kind: Person}
	if rd.single && rd.retold != nil {
		s.Affiliation, s.Inferred = rd.retold.Publisher, "nobody else than "+rd.retold.Publisher+" speaks in the article"
	}
	s.Via = via(s.Name, s.Affiliation)
	return s, true
}

func via(name, affiliation string) string {
	if affiliation == "" {
		return ""
	}
	return name + " (" + affiliation + ")"
}

func surname(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	return strings.ToLower(words[len(words)-1])
}

// roles are titles written with a capital before a name.
var roles = set([]string{"assistant", "attorney", "general", "deputy", "director", "secretary", "president", "minister", "chief", "senator", "sen", "rep", "gen", "gov", "mr", "ms", "mrs", "dr", "prof", "foreign", "prime", "special", "agent", "under", "spokesman", "spokeswoman", "spokesperson", "ambassador", "commissioner", "chairman", "chairwoman", "officer", "executive", "professor", "analyst", "researcher", "acting", "vice", "chancellor", "judge", "lt", "col", "u.s", "detective", "inspector", "superintendent", "state", "national", "security", "adviser", "advisor"})

// personName returns the capitalised unknown words that end the noun phrase at i, and whether they could be anything but
// a person: a single word that was never introduced.
func (p *clauseParse) personName(i int) (string, bool) {
	ch := p.chunks[i]
	if ch.ent != nil && ch.ent.Kind == Person {
		return ch.ent.Name, false
	}
	from := ch.to
	for from > ch.from {
		t := p.toks[from-1]
		if t.ent != nil || t.inName || t.tag != tNoun || roles[strings.TrimSuffix(t.low, ".")] || !unicode.IsUpper([]rune(t.text)[0]) || strings.ToUpper(t.text) == t.text && len(t.text) > 2 {
			break
		}
		from--
	}
	n := ch.to - from
	if n == 0 || n > 4 || p.lx.noun(p.toks[ch.to-1].low) != 0 {
		return "", false
	}
	words := make([]string, 0, n)
	for k := from; k < ch.to; k++ {
		words = append(words, p.toks[k].text)
	}
	return strings.Join(words, " "), n == 1 && from > ch.from && p.toks[from-1].tag == tDet
}

// introducePeople notes who is introduced with a body: "Tom Burt, Microsoft's vice president", "spokesperson Liu Pengyu".
func (rd *reading) introducePeople(c *sentenceContext) {
	p := c.p
	for i := range p.chunks {
		if p.chunks[i].kind != kNP {
			continue
		}
		name, _ := p.personName(i)
		if len(strings.Fields(name)) < 2 {
			continue
		}
		ch := p.chunks[i]
		e := rd.bodyIn(p, ch.from, ch.to)
		state := p.stateIn(ch.from, ch.to)
		role := rd.lowerRole(p, ch.from, ch.to)
		if p.is(i+1, kComma) && p.is(i+2, kNP) && p.lx.noun(p.toks[p.chunks[i+2].head].low)&(cSpeaker|cPeople|cGroup) != 0 {
			role = true
			end := p.chunks[p.tail(i+3, len(p.chunks))-1].to
			if found := rd.bodyIn(p, p.chunks[i+2].from, end); found != nil {
				e = found
			}
			if state == "" {
				state = p.stateIn(p.chunks[i+2].from, end)
			}
		}
		if at := rd.bodyAfter(c, i); at != nil {
			role = true
			if e == nil {
				e = at
			}
		}
		if q := i - 2; p.is(i-1, kComma) && p.is(q, kNP) && !role && e == nil && p.chunks[q].ent == nil && p.lx.noun(p.toks[p.chunks[q].head].low)&(cSpeaker|cPeople) != 0 { // "Ruritania's defence minister, X,"
			role = true
			e = rd.bodyIn(p, p.chunks[q].from, p.chunks[q].to)
			if state == "" {
				state = p.stateIn(p.chunks[q].from, p.chunks[q].to)
			}
		}
		if role || p.titled(ch) {
			role = true
			if e == nil { // "Attorney General X of the Justice Department"
				e = rd.bodyIn(p, ch.from, p.chunks[p.tail(i+1, len(p.chunks))-1].to)
			}
		}
		if !role && e == nil {
			continue
		}
		s := Source{Name: name, Kind: Person}
		switch {
		case e != nil:
			s.Affiliation = e.Name
		case ch.ent != nil && ch.ent.Affiliation != "":
			s.Affiliation = ch.ent.Affiliation
		case state != "":
			s.Affiliation = state
		case strings.HasPrefix(rd.d.lastSpoke.Via, "a spokes"), strings.HasPrefix(rd.d.lastSpoke.Name, "spokes"):
			s.Affiliation = rd.d.lastSpoke.Affiliation
		}
		s.Via = via(s.Name, s.Affiliation)
		rd.d.people[surname(name)] = s
		if rd.guest.Name == "" && rd.turn.Name == "" && s.Affiliation != "" {
			rd.guest = s
		}
	}
}

// leads are verbs of whoever is at the head of a body.
var leads = set([]string{"lead", "head", "run", "direct", "chair", "command", "found"})

// bodyAfter is the body that a person is told to belong to: "X of the agency", "X, who led the agency", "X heads the agency".
func (rd *reading) bodyAfter(c *sentenceContext, i int) *Entity {
	p := c.p
	k := i + 1
	for p.is(k, kComma) || p.is(k, kRel) {
		k++
	}
	switch {
	case k == i+1 && p.is(k, kPrep) && (p.wordAt(k) == "of" || p.wordAt(k) == "from" || p.wordAt(k) == "at" || p.wordAt(k) == "with") && p.is(k+1, kNP):
		k++
	case p.is(k, kVG) && leads[p.chunks[k].word] && p.directObject(k) >= 0:
		k = p.directObject(k)
	default:
		return nil
	}
	ch := &p.chunks[k]
	if e := rd.bodyIn(p, ch.from, ch.to); e != nil {
		return e
	}
	if s := p.stateIn(ch.from, ch.to); s != "" && p.lx.noun(p.toks[ch.head].low)&cSpeaker != 0 {
		return rd.gaz.byName[strings.ToLower(s)]
	}
	return nil
}

// titled tells that a title with a capital stands in the phrase.
func (p *clauseParse) titled(ch chunk) bool {
	for k := ch.from; k < ch.to; k++ {
		if roles[strings.TrimSuffix(p.toks[k].low, ".")] {
			return true
		}
	}
	return false
}

// lowerRole tells that a role stands before the name: "spokesperson", "president".
func (rd *reading) lowerRole(p *clauseParse, from, to int) bool {
	for k := from; k < to; k++ {
		if t := p.toks[k]; t.ent == nil && p.lx.noun(t.low)&cSpeaker != 0 {
			return true
		}
	}
	return false
}

// names tells whether the document names a body.
func (rd *reading) names(body string) bool { return rd.d.mentions(rd, body) }

func (d *discourse) mentions(rd *reading, body string) bool {
	return slices.ContainsFunc(rd.res.Mentions, func(m Mention) bool { return m.Name == body })
}

// nameLater gives an unnamed spokesperson the name that a later sentence of the paragraph tells.
func (rd *reading) nameLater(c *sentenceContext) {
	for i := range c.spans {
		s := &c.spans[i].who
		if s.Kind != Person || !strings.HasPrefix(s.Name, "spokes") && !strings.Contains(s.Name, " spokes") || s.Affiliation == "" {
			continue
		}
		for n := c.n + 1; n < len(rd.sents) && n <= c.n+3 && rd.sents[n].par <= c.par+1; n++ {
			p := rd.load(n)
			if p == nil {
				continue
			}
			if name := p.spokesName(); name != "" {
				s.Via = s.Name + " (" + s.Affiliation + ")"
				s.Name = name
				break
			}
		}
	}
}

func (p *clauseParse) spokesName() string {
	for i, ch := range p.chunks {
		if ch.kind != kNP || !strings.HasPrefix(p.toks[ch.from].low, "spokes") && (ch.from+1 >= ch.to || !strings.HasPrefix(p.toks[ch.from+1].low, "spokes")) {
			continue
		}
		if name, _ := p.personName(i); len(strings.Fields(name)) > 1 {
			return name
		}
	}
	return ""
}
