package prose

import (
	"slices"
	"strings"
	"unicode"
)

type chunkKind uint8

// Kinds of chunks.
const (
	kNP    chunkKind = iota // noun phrase without what follows its head
	kVG                     // verb group: "have also targeted", "to sell", "targeting"
	kPrep                   // preposition, also of several words
	kConj                   // and, or
	kComma                  //
	kSub                    // subordinator, "that" before a clause
	kRel                    // who, which, that
	kAdv                    //
	kBreak                  // ; : — ( )
)

// A chunk is a run of tokens [from,to) that belong together.
type chunk struct {
	kind     chunkKind
	from, to int
	word     string // preposition, conjunction, lemma of the verb
	// noun phrases
	head  int // token of the last word, or the first token of a name at the end
	class class
	ent   *Entity // the name that the phrase ends in, or is
	poss  int     // end of the possessor's tokens ("Iran's"), or -1
	// verb groups
	passive, ing, inf, bare, neg, base, future, copula, perfect bool
	verb                                                        int // token of the main verb
}

// clauseParse is a sentence in chunks, with the look-ups that the rules need.
type clauseParse struct {
	lx     *lexicon
	s      *sentence
	toks   []token
	chunks []chunk
	at     []int       // chunk of each token
	subj   map[int]int // memo of subjectOf: chunk of VG → chunk of NP, -1 for none
}

func (r *Reader) parse(s *sentence) *clauseParse {
	p := &clauseParse{lx: r.lx, s: s, toks: s.toks, at: make([]int, len(s.toks)), subj: map[int]int{}}
	for i := 0; i < len(p.toks); {
		c := p.chunkAt(i)
		for k := c.from; k < c.to; k++ {
			p.at[k] = len(p.chunks)
		}
		p.chunks = append(p.chunks, c)
		i = c.to
	}
	return p
}

func (p *clauseParse) chunkAt(i int) chunk {
	t := p.toks[i]
	if n := p.phraseAt(i); n > 1 {
		return chunk{kind: kPrep, from: i, to: i + n, word: p.words(i, i+n), poss: -1}
	}
	one := chunk{from: i, to: i + 1, word: t.low, poss: -1}
	switch t.tag {
	case tPunct:
		one.kind = kBreak
		if t.low == "," {
			one.kind = kComma
		}
		return one
	case tPrep:
		one.kind = kPrep
		return one
	case tConj:
		one.kind = kConj
		return one
	case tSub:
		one.kind = kSub
		return one
	case tRel:
		one.kind = kRel
		return one
	case tTo, tModal, tAux, tVerb:
		return p.verbGroup(i)
	case tAdv, tNeg:
		if k := p.skipAdverbs(i); k < len(p.toks) && p.verbalFrom(k) && t.tag == tNeg {
			return p.verbGroup(i)
		}
		if t.low == "alike" || t.tag == tNeg || !p.adverbInPhrase(i) {
			one.kind = kAdv
			return one
		}
	case tPron:
		one.kind, one.class, one.head = kNP, cPronoun, i
		return one
	}
	return p.nounPhrase(i)
}

// adverbInPhrase tells an adverb that opens a noun phrase: "increasingly blurred lines".
func (p *clauseParse) adverbInPhrase(i int) bool {
	return i+1 < len(p.toks) && p.toks[i+1].tag == tNoun && p.toks[i+1].ent == nil && strings.HasSuffix(p.toks[i+1].low, "ed")
}

func (p *clauseParse) phraseAt(i int) int {
	best := 0
	for _, ph := range p.lx.phrases {
		if len(ph) > best && i+len(ph) <= len(p.toks) && slices.EqualFunc(ph, p.toks[i:i+len(ph)], func(w string, t token) bool { return w == t.low }) {
			best = len(ph)
		}
	}
	return best
}

func (p *clauseParse) words(from, to int) string {
	var b strings.Builder
	for k := from; k < to && k < len(p.toks); k++ {
		if k > from {
			b.WriteByte(' ')
		}
		b.WriteString(p.toks[k].low)
	}
	return b.String()
}

func (p *clauseParse) skipAdverbs(i int) int {
	for i < len(p.toks) && (p.toks[i].tag == tAdv || p.toks[i].tag == tNeg) {
		i++
	}
	return i
}

func (p *clauseParse) verbalFrom(i int) bool {
	g := p.toks[i].tag
	return g == tVerb || g == tAux || g == tModal || g == tTo
}

// verbGroup reads auxiliaries, adverbs and the main verb.
func (p *clauseParse) verbGroup(i int) chunk {
	c := chunk{kind: kVG, from: i, poss: -1, verb: i}
	be, have, aux := false, false, false
	k := i
	for ; k < len(p.toks); k++ {
		t := p.toks[k]
		switch t.tag {
		case tTo:
			if k > i && (p.toks[k-1].tag != tNeg) {
				return p.endVerbGroup(c, k, aux)
			}
			c.inf = true
			continue
		case tModal:
			c.future = c.future || t.low == "will" || t.low == "they'll"
			c.neg = c.neg || p.lx.negations[t.low]
			aux = true
			continue
		case tAux:
			c.neg = c.neg || p.lx.negations[t.low]
			be = be || isBe(t.low)
			have = have || strings.HasPrefix(t.low, "ha") || strings.HasSuffix(t.low, "'ve")
			aux = true
			c.verb = k
			continue
		case tNeg:
			c.neg = true
			continue
		case tAdv:
			if n := p.skipAdverbs(k); n < len(p.toks) && p.verbalFrom(n) && (p.toks[n].tag != tTo) {
				continue
			}
			if k == i {
				continue
			}
			return p.endVerbGroup(c, k, aux)
		case tVerb:
			c.verb, c.word, c.to = k, t.verb.lemma, k+1
			c.ing = t.verb.ing && !be
			c.base = t.verb.base && !t.verb.past
			c.passive = be && t.verb.en && !t.verb.ing
			c.perfect = have
			c.bare = !be && !have && !aux && !c.inf && (t.verb.en || t.verb.past)
			return c
		}
		break
	}
	return p.endVerbGroup(c, k, aux)
}

// endVerbGroup closes a group that has no main verb: a copula, or a stray auxiliary.
func (p *clauseParse) endVerbGroup(c chunk, k int, aux bool) chunk {
	c.to = max(k, c.from+1)
	if aux {
		c.copula = true
		c.word = "have"
		if isBe(p.toks[c.verb].low) {
			c.word = "be"
		}
	}
	return c
}

func isBe(w string) bool {
	switch w {
	case "am", "is", "are", "was", "were", "be", "been", "being", "isn't", "aren't", "wasn't", "weren't", "they're", "it's", "we're", "he's", "she's":
		return true
	}
	return false
}

// nounPhrase reads determiners, modifiers, possessors and nouns up to the head.
func (p *clauseParse) nounPhrase(i int) chunk {
	c := chunk{kind: kNP, from: i, poss: -1}
	k := i
loop:
	for k < len(p.toks) {
		t := p.toks[k]
		switch t.tag {
		case tNoun:
			if k > i && timeWord(t.text) && !p.firstName(k) && !timeWord(p.toks[k-1].text) && p.toks[k-1].tag == tNoun && p.toks[k-1].low != "last" {
				break loop
			}
			if (t.low == "last" || t.low == "next") && k+1 < len(p.toks) && (timeNouns[singular(p.toks[k+1].low)] || timeWord(p.toks[k+1].text) || p.toks[k+1].text == "May") {
				if k > i {
					break loop
				}
				k += 2
				break loop
			}
			if k > i && p.predicative(k) {
				break loop
			}
			if t.ent != nil {
				k += t.entLen
				continue
			}
		case tNum:
			if k > i && k+1 < len(p.toks) && p.toks[k-1].tag == tNoun && p.toks[k-1].ent == nil && !p.toks[k-1].inName && p.toks[k-1].text == p.toks[k-1].low && unicode.IsLetter([]rune(p.toks[k-1].low)[0]) && (p.toks[k+1].tag == tNum || p.toks[k+1].tag == tNoun && p.toks[k+1].text == p.toks[k+1].low) && p.toks[k-1].low != "last" && p.toks[k-1].low != "next" && p.toks[k-1].low != "past" {
				break loop // "fined the firm | 5 million euros"
			}
		case tPoss:
		case tDet:
			if k > i && p.toks[k-1].tag != tDet && (p.toks[k-1].tag != tNum || isYear(p.toks[k-1].low) || articles[t.low]) {
				break loop
			}
		case tAdv:
			if k != i && (k+1 >= len(p.toks) || p.toks[k+1].tag != tNoun || p.toks[k+1].ent != nil || !strings.HasSuffix(p.toks[k+1].low, "ed")) && (k+1 >= len(p.toks) || p.toks[k+1].tag != tNum) && p.toks[k-1].tag != tDet {
				break loop
			}
		default:
			if t.low == "," && k-2 >= i && k+1 < len(p.toks) && timeWord(p.toks[k-2].text) && p.toks[k-1].tag == tNum && isYear(p.toks[k+1].low) {
				k += 2 // "April 10, 2024"
				continue
			}
			break loop
		}
		k++
	}
	if k == i {
		k++
	}
	c.to = min(k, len(p.toks))
	p.describe(&c)
	return c
}

// predicative tells an adjective that is said of the noun before it: "called the claims baseless", "holds X responsible".
func (p *clauseParse) predicative(k int) bool {
	before := p.toks[k-1]
	if p.toks[k].low == "responsible" {
		return before.ent != nil || before.inName
	}
	return slices.Contains(p.lx.verdicts, p.toks[k].low) && findingNouns[singular(before.low)] && plural(before.low)
}

// firstName tells "Jan" or "April" before a surname.
func (p *clauseParse) firstName(k int) bool {
	return k+1 < len(p.toks) && p.toks[k+1].tag == tNoun && unicode.IsUpper([]rune(p.toks[k+1].text)[0]) && !timeWord(p.toks[k+1].text) && unicode.IsUpper([]rune(p.toks[k-1].text)[0])
}

// articles begin a phrase of their own, also after a date: "On January 6th the operators".
var articles = set([]string{"the", "a", "an", "its", "their", "this", "these", "those"})

var timeNames = set([]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "January", "February", "March", "April", "June", "July", "August", "September", "October", "November", "December", "Jan", "Feb", "Sept", "Sep", "Oct", "Nov", "Dec", "Aug", "Mar", "Apr"})

func timeWord(w string) bool { return timeNames[strings.TrimSuffix(w, ".")] }

// describe finds the head of a noun phrase, its possessor and what it denotes.
func (p *clauseParse) describe(c *chunk) {
	c.head = c.to - 1
	if p.toks[c.head].tag == tPoss && c.head > c.from {
		c.head--
	}
	for k := c.from; k < c.to; k++ {
		if p.toks[k].tag == tPoss && k+1 < c.to {
			c.poss = k
		}
		if e := p.toks[k].ent; e != nil && k+p.toks[k].entLen >= c.head+1 {
			c.head, c.ent = k, e
		}
	}
	c.class = p.classOf(c)
}

func entityClass(e *Entity) class {
	var c class
	switch e.Kind {
	case State:
		c = cState
	case Agency, Ministry:
		c = cAgency | cOrganisation | cSpeaker
		if e.Law || e.Civil {
			c = cOrganisation | cSpeaker
		}
	case Military:
		c = cMilitary
	case Party:
		c = cParty
	case Sector:
		c = cSector
	case Malware:
		c = cMalware
	case Tool:
		c = cTool
	case Actor:
		c = cActor | cGroup
	case Company:
		c = cCompany | cOrganisation | cSpeaker
	case Person:
		c = cPerson | cPeople | cSpeaker
	case Org:
		c = cOrganisation | cSpeaker | cCompany
	case Media:
		c = cOrganisation | cSpeaker
	}
	if e.Criminal {
		c |= cCrime
	}
	if e.Mercenary {
		c |= cMercenary
	}
	return c
}

func (p *clauseParse) classOf(c *chunk) class {
	head := p.toks[c.head]
	if c.ent != nil && !head.demonym {
		cl := entityClass(c.ent)
		if c.ent.Kind == Sector { // "hospitals", "voters" are also plain nouns
			cl |= p.lx.noun(p.toks[c.to-1].low)
			if c.ent.Name == "military" {
				cl |= cMilitary
			}
			if c.ent.Name == "media" && c.head > c.from && p.toks[c.head-1].low == "state" {
				cl |= cAgency // "Russian state media"
			}
		}
		return cl
	}
	if head.demonym {
		if plural(head.low) {
			return cState | cPeople
		}
		return cState
	}
	var cl class
	if isYear(head.low) {
		return cTime
	}
	if strings.HasPrefix(head.low, "cve-") {
		return cVulnerability
	}
	for k := c.from; k < c.to; k++ {
		if currency(p.toks[k].low) != "" {
			cl |= cMoney | cData
		}
	}
	if timeWord(head.text) || timeNouns[singular(head.low)] {
		return cTime
	}
	cl |= p.lx.noun(head.low)
	if unicode.IsUpper([]rune(head.text)[0]) && c.head > c.from {
		cl |= p.titleClass(c)
	}
	if h := singular(head.low); h == "family" || h == "tool" || h == "sample" || h == "component" {
		for k := c.from; k < c.head; k++ {
			cl |= p.lx.noun(p.toks[k].low) & cMalware
		}
	}
	for k := c.from; k <= c.head; k++ {
		cl |= p.modifierClass(p.toks[k], cl)
		if e := p.toks[k].ent; e != nil && k < c.head && e.Kind == State && stateHeads[singular(head.low)] {
			cl |= cState
		}
		if e := p.toks[k].ent; e != nil && k < c.head && e.Kind == State && services[singular(head.low)] && p.secret(c, k) {
			cl |= cAgency
		}
		if e := p.toks[k].ent; e != nil && k < c.head && cl&cOrganisation != 0 && (e.Kind == Agency || e.Kind == Military) && !e.Law {
			cl |= cAgency
		}
	}
	return cl
}

// services are nouns of bodies that, with a state before them, act for it: "the Belarusian secret service".
var services = set([]string{"enforcement", "police", "service", "intelligence", "agency", "military", "spy", "army", "unit", "directorate"})

// secret tells that words between the state at k and the head are of spying or fighting.
func (p *clauseParse) secret(c *chunk, k int) bool {
	for i := k + 1; i <= c.head; i++ {
		switch p.toks[i].low {
		case "secret", "intelligence", "spy", "military", "security", "special", "army", "navy", "spies", "law":
			return true
		}
	}
	return false
}

var timeNouns = set([]string{"week", "month", "year", "day", "hour", "decade", "today", "yesterday", "summer", "spring", "autumn", "winter"})

// titleClass reads the noun before an unknown name: "candidate Terry Gou", "spokesperson Liu Pengyu".
func (p *clauseParse) titleClass(c *chunk) class {
	for k := c.head; k >= c.from; k-- {
		if low := p.toks[k].low; low == p.toks[k].text && unicode.IsLetter([]rune(low)[0]) {
			cl := p.lx.noun(low)
			if cl&cPeople != 0 {
				cl |= cPerson
			}
			return cl
		}
	}
	return 0
}

// modifierClass adds what a word before the head tells: a criminal group, a ransomware gang, an AI-made video.
func (p *clauseParse) modifierClass(t token, cl class) class {
	switch singular(t.low) {
	case "criminal", "cybercriminal", "ransomware", "mercenary", "gang", "cybercrime", "crime", "extortion":
		if cl&cGroup != 0 {
			if strings.HasPrefix(t.low, "mercenar") {
				return cCrime | cMercenary
			}
			return cCrime
		}
	case "financially-motivated":
		return cCrime
	case "protest", "demonstration", "rally":
		return cProtest
	case "ransom", "fee", "payment":
		return cMoney
	case "proxy":
		return cProxy
	}
	if t.ent != nil && t.ent.Kind == Malware && cl == 0 {
		return cMalware
	}
	return 0
}

// text returns the bytes of a run of tokens.
func (p *clauseParse) span(doc string, from, to int) string {
	if from >= to {
		return ""
	}
	if start := p.toks[from].start; p.s.leadTo > 0 && start < p.s.leadTo && p.toks[to-1].start >= p.s.start { // other items may stand between
		return doc[start:p.s.leadTo] + " " + doc[p.s.start:p.toks[to-1].end]
	}
	return doc[p.toks[from].start:p.toks[to-1].end]
}

func (p *clauseParse) is(i int, k chunkKind) bool {
	return i >= 0 && i < len(p.chunks) && p.chunks[i].kind == k
}

func (p *clauseParse) wordAt(i int) string {
	if i < 0 || i >= len(p.chunks) {
		return ""
	}
	return p.chunks[i].word
}
