package prose

import (
	"strings"
	"unicode"
)

type tag uint8

// Word classes, as coarse as the chunker needs.
const (
	tNoun tag = iota // nouns, adjectives, names and everything unknown
	tDet
	tPrep
	tConj
	tSub // subordinator, or "that" before a clause
	tRel
	tPron
	tAux
	tModal
	tTo
	tAdv
	tNeg
	tVerb
	tPoss
	tNum
	tPunct
)

// tagger gives each token of a sentence its word class, from left to right.
type tagger struct {
	lx   *lexicon
	toks []token
}

func (rd *reading) tagSentence(toks []token) {
	for i := 0; i < len(toks); {
		e, n, demonym := rd.gaz.match(toks, i)
		if own, length := rd.matchLocal(toks, i); length > n {
			e, n, demonym = own, length, false
		}
		if e == nil {
			i++
			continue
		}
		toks[i].ent, toks[i].entLen, toks[i].demonym = e, n, demonym
		for k := i + 1; k < i+n; k++ {
			toks[k].inName = true
		}
		i += n
	}
	t := tagger{rd.lx, toks}
	for i := range toks {
		toks[i].tag = t.tagOf(i)
	}
}

func (t *tagger) low(i int) string {
	if i < 0 || i >= len(t.toks) {
		return ""
	}
	return t.toks[i].low
}

// prev returns the class of the nearest token to the left that is no adverb, and its index.
func (t *tagger) prev(i int) (tag, int) {
	for i--; i >= 0; i-- {
		if t.toks[i].tag != tAdv && t.toks[i].tag != tNeg {
			return t.toks[i].tag, i
		}
	}
	return tPunct, -1
}

func (t *tagger) tagOf(i int) tag {
	tok, lx := &t.toks[i], t.lx
	w := tok.low
	r := []rune(w)[0]
	switch {
	case w == "'s":
		return tPoss
	case t.quantifies(i):
		return tDet
	case (tok.ent != nil || tok.inName) && !t.verbalName(i):
		return tNoun
	case !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '$' && r != '€' && r != '£' && r != '-' || w == "-" || w == "—" || w == "–":
		return tPunct
	case unicode.IsDigit(r) || currency(w) != "" || numberWords[w] > 0:
		return tNum
	case w == "that" || w == "which" || w == "who" || w == "whose" || w == "whom":
		return t.tagThat(i)
	case w == "to":
		return t.tagTo(i)
	case lx.auxiliaries[w]:
		return t.tagAux(i)
	case lx.modals[w] && tok.text == w:
		return tModal
	case lx.negations[w]:
		return tNeg
	case lx.pronouns[w] && (w != "it" || tok.text != "IT"):
		return t.tagPronoun(i)
	case lx.determiners[w]:
		return tDet
	case lx.subordinators[w]:
		if (w == "after" || w == "before") && t.startsPhrase(i+1) && !t.verbAhead(i+1) {
			return tPrep
		}
		return tSub
	case w == "as" && i > 0 && strings.HasSuffix(t.low(i-1), "selves"), w == "as" && i > 0 && t.low(i-1) == "itself":
		return tPrep
	case w == "as" || w == "since":
		if p, k := t.prev(i); t.verbAhead(i+1) && (w != "as" || p != tVerb || k != i-1) {
			return tSub
		}
		return tPrep
	case lx.conjunctions[w]:
		return tConj
	case lx.prepositions[w]:
		return tPrep
	}
	return t.tagOpen(i)
}

// quantifies tells the words of "at least 50", "more than 600", "over 40".
func (t *tagger) quantifies(i int) bool {
	num := func(k int) bool {
		return k < len(t.toks) && (strings.HasPrefix(t.low(k), "$") || unicode.IsDigit([]rune(t.low(k))[0]) || numberWords[t.low(k)] > 0 || t.low(k) == "a")
	}
	at := func(k int, words ...string) bool {
		for n, w := range words {
			if t.low(k+n) != w {
				return false
			}
		}
		return num(k + len(words))
	}
	for back := range 3 {
		k := i - back
		if at(k, "at", "least") && back < 2 || at(k, "more", "than") && back < 2 || at(k, "fewer", "than") && back < 2 || at(k, "less", "than") && back < 2 ||
			at(k, "up", "to") && back < 2 || at(k, "as", "many", "as") || at(k, "no", "fewer", "than") || at(k, "at", "most") && back < 2 {
			return t.low(i+1) != "a" && t.low(k) != ""
		}
	}
	switch t.low(i) {
	case "over", "about", "around", "nearly", "almost", "roughly", "some":
		return num(i+1) && t.low(i+1) != "a"
	}
	return false
}

// verbalName tells a state's short name or the like that is no name here; none is known that needs it beyond "us".
func (t *tagger) verbalName(i int) bool { return t.toks[i].low == "us" && t.toks[i].text != "US" }

func (t *tagger) tagThat(i int) tag {
	p, _ := t.prev(i)
	if t.low(i) != "that" {
		return tRel
	}
	switch {
	case p == tVerb || p == tPunct || i == 0 || p == tAux || p == tAdv:
		if i+1 < len(t.toks) && i == 0 && len(t.lx.verbs[t.low(i+1)]) == 0 {
			return tDet
		}
		if i == 0 {
			return tPron
		}
		return tSub
	case p == tNoun && (contentNouns[singular(t.low(i-1))] || timeNouns[singular(t.low(i-1))] || timeWord(t.toks[i-1].text) || t.addressed(i)):
		return tSub
	case p == tNoun || p == tNum:
		return tRel
	case p == tPrep || p == tConj:
		if t.finiteNext(i + 1) {
			return tRel
		}
		if t.verbAhead(i + 1) {
			return tSub
		}
		return tDet
	}
	return tSub
}

// addressed tells "told reporters that", "warned users that": the noun before is who was spoken to.
func (t *tagger) addressed(i int) bool {
	for k := i - 1; k >= 0 && k > i-7; k-- {
		if t.toks[k].tag == tVerb {
			switch t.toks[k].verb.lemma {
			case "tell", "warn", "inform", "notify", "convince", "persuade", "remind", "assure", "announce", "show", "advise":
				return true
			case "say", "write", "state", "claim", "argue", "add", "report", "conclude", "declare", "insist":
				return k+1 < i && t.toks[k+1].tag == tPrep // "said in a post that"
			}
			return false
		}
		if t.toks[k].tag == tPunct {
			return false
		}
	}
	return false
}

// contentNouns take a clause with "that" for their content: "allegations that China partners with …".
var contentNouns = set([]string{"evidence", "proof", "basis", "accusation", "allegation", "claim", "charge", "suggestion", "assessment", "indication", "assertion", "sign", "report", "confidence", "notion", "idea", "fact", "belief", "conclusion", "finding", "doubt", "insinuation"})

// finiteNext tells whether a finite verb follows directly, so that the word before is its subject.
func (t *tagger) finiteNext(i int) bool {
	for ; i < len(t.toks) && (t.lx.adverbs[t.low(i)] || strings.HasSuffix(t.low(i), "ly")); i++ {
	}
	w := t.low(i)
	if t.lx.auxiliaries[w] || t.lx.modals[w] {
		return true
	}
	for _, f := range t.lx.verbs[w] {
		if f.past || f.third || f.base && !t.startsName(i) {
			return true
		}
	}
	return false
}

func (t *tagger) startsName(i int) bool {
	return i < len(t.toks) && (t.toks[i].ent != nil || unicode.IsUpper([]rune(t.toks[i].text)[0]))
}

func (t *tagger) startsPhrase(i int) bool {
	return i < len(t.toks) && (t.lx.determiners[t.low(i)] || t.toks[i].ent != nil || !t.lx.pronouns[t.low(i)])
}

// verbAhead tells whether a clause, with a finite verb before its end, follows.
func (t *tagger) verbAhead(i int) bool {
	for n := 0; i < len(t.toks) && n < 12; i, n = i+1, n+1 {
		w := t.low(i)
		if w == "," || w == "." || w == ";" {
			return false
		}
		if t.lx.auxiliaries[w] || t.lx.modals[w] {
			return true
		}
		if t.toks[i].ent != nil || t.toks[i].inName || n == 0 {
			continue
		}
		for _, f := range t.lx.verbs[w] {
			if f.past && !t.lx.determiners[t.low(i-1)] || f.third && t.lx.noun(w) == 0 {
				return true
			}
		}
	}
	return false
}

func (t *tagger) tagTo(i int) tag {
	for k := i + 1; k < len(t.toks) && k < i+4; k++ {
		w := t.low(k)
		if w == "be" || w == "have" || w == "do" {
			return tTo
		}
		for _, f := range t.lx.verbs[w] {
			if f.base && t.toks[k].ent == nil {
				return tTo
			}
		}
		if !t.lx.adverbs[w] && !strings.HasSuffix(w, "ly") && w != "not" {
			break
		}
	}
	return tPrep
}

func (t *tagger) tagAux(i int) tag {
	if t.low(i) == "being" {
		if p, _ := t.prev(i); p == tDet {
			return tNoun
		}
	}
	return tAux
}

func (t *tagger) tagPronoun(i int) tag {
	w := t.low(i)
	if (w == "this" || w == "these" || w == "those" || w == "one" || w == "another") && i+1 < len(t.toks) {
		n := t.low(i + 1)
		if w == "one" || w == "another" {
			if p, _ := t.prev(i); p == tDet || t.toks[i+1].tag == tPunct || n == "of" || n == "," || t.lx.adverbs[n] || t.lx.prepositions[n] || n == "last" || n == "that" {
				return tPron
			}
			return tDet
		}
		if !t.lx.auxiliaries[n] && !t.lx.modals[n] && !t.lx.prepositions[n] && []rune(n)[0] != ',' && !t.onlyVerb(i+1) {
			return tDet
		}
	}
	if w == "there" || w == "others" {
		return tPron
	}
	return tPron
}

// onlyVerb tells a word that is a finite verb and hardly a noun: "this suggests".
func (t *tagger) onlyVerb(i int) bool {
	for _, f := range t.lx.verbs[t.low(i)] {
		if (f.third || f.past) && t.lx.noun(t.low(i)) == 0 {
			return true
		}
	}
	return false
}

// tagOpen decides between verb, noun and adverb for words of the open classes.
func (t *tagger) tagOpen(i int) tag {
	tok := &t.toks[i]
	w := tok.low
	if t.lx.adverbs[w] || strings.HasSuffix(w, "ly") && len(w) > 4 && !notAdverbs[w] && (i == 0 || tok.text == w) {
		return tAdv
	}
	if i > 1 && i+1 < len(t.toks) && unicode.IsUpper([]rune(tok.text)[0]) && t.toks[i].start > 0 && t.startsName(i+1) && t.toks[i-1].low != ":" && (roles[w] || unicode.IsUpper([]rune(t.toks[i-1].text)[0])) {
		return tNoun // "Acting Director", "the Royal United Services Institute"
	}
	forms := t.lx.verbs[w]
	if len(forms) == 0 {
		forms = guessVerb(w, t.lx)
	}
	if p, _ := t.prev(i); len(forms) == 0 && p == tModal && tok.text == w && t.lx.noun(w) == 0 && !t.lx.adjectives[w] {
		forms = []verbForm{{lemma: w, base: true}} // "must segment"
	}
	if len(forms) == 0 || t.lx.adjectives[w] && !t.afterHave(i) && t.low(i+1) != "of" {
		return tNoun
	}
	f := forms[0]
	for _, g := range forms[1:] {
		if t.preferred(g, i) {
			f = g
		}
	}
	if t.isVerb(f, i) {
		tok.verb = f
		return tVerb
	}
	return tNoun
}

func (t *tagger) afterHave(i int) bool {
	p, k := t.prev(i)
	return p == tAux && strings.HasPrefix(t.low(k), "ha")
}

// preferred picks among readings of one form: found is of find, not of found.
func (t *tagger) preferred(f verbForm, _ int) bool { return f.past || f.en }

var notAdverbs = set([]string{"family", "supply", "reply", "ally", "italy", "assembly", "july", "anomaly", "elderly", "monopoly"})

// guessVerb reads an unknown word in -ed or -ing that is built like a verb.
func guessVerb(w string, lx *lexicon) []verbForm {
	if lx.noun(w) != 0 || strings.ContainsAny(w, "-.0123456789") {
		return nil
	}
	if strings.HasSuffix(w, "ed") && len(w) > 5 && !strings.HasSuffix(w, "eed") {
		return []verbForm{{lemma: w[:len(w)-2], past: true, en: true}}
	}
	return nil
}

// isVerb decides whether a word that can be a verb is one here, by its neighbours.
func (t *tagger) isVerb(f verbForm, i int) bool {
	p, k := t.prev(i)
	nounToo := t.lx.noun(t.low(i)) != 0 || nounVerbs[f.lemma] && !f.ing
	switch {
	case f.base && p == tTo, f.base && p == tModal:
		return true
	case p == tAux && (f.en || f.past || f.ing):
		return true
	case p == tAux && f.base && strings.HasPrefix(t.low(k), "d"):
		return true
	case f.ing:
		return t.ingIsVerb(p, k, i, nounToo)
	case f.past || f.en:
		return t.pastIsVerb(p, i)
	}
	return t.presentIsVerb(f, p, k, i, nounToo)
}

func (t *tagger) ingIsVerb(p tag, k, i int, nounToo bool) bool {
	if p == tDet || p == tPoss || p == tNum {
		return false
	}
	if nounToo && (p == tPrep || p == tNoun) && !t.startsObject(i+1) && (p != tNoun || k < 0 || !t.acts(k) || i+1 >= len(t.toks) || !t.nounish(i+1)) {
		return false
	}
	if (p == tPrep || p == tVerb || p == tConj || p == tPunct) && t.modifies(i) {
		return false
	}
	return p != tNoun || k == i-1 || t.toks[i-1].tag == tAdv
}

// modifies tells an -ing or -ed word that stands before a noun inside a phrase without a determiner: "dating websites".
func (t *tagger) modifies(i int) bool {
	w := t.low(i)
	return adjectival[w]
}

var adjectival = set([]string{"dating", "banking", "hacking", "phishing", "gambling", "voting", "gaming", "shipping", "marketing", "polling", "existing", "leading", "emerging", "ongoing", "increasing", "growing", "foreign", "manufacturing", "engineering", "mining", "trading", "messaging", "hosting", "networking", "computing", "consulting", "funding", "operating", "following", "spying", "meddling", "training", "learning", "compelling", "willing", "polarizing", "divisive", "misleading", "hacked", "unidentified", "unnamed", "sanctioned", "suspected", "alleged", "so-called", "increased", "continued", "related", "shared", "infected", "doctored", "staged", "forged", "cloned", "destabilising", "destabilizing", "disruptive", "malign"})

func (t *tagger) pastIsVerb(p tag, i int) bool {
	if _, k := t.prev(i); adjectival[t.low(i)] && p != tNoun && p != tPron && p != tRel && (p != tPunct || !t.closesAside(k)) {
		return false
	}
	nounNext := i+1 < len(t.toks) && t.nounish(i+1)
	switch p {
	case tDet:
		return !nounNext && t.low(i+1) != "of" // "a cut of"
	case tNum:
		return !nounNext || i > 0 && isYear(t.low(i-1)) // "in 2015 hacked"
	case tPoss, tPrep:
		return !nounNext
	case tConj:
		// "compromised and leaked emails" is a verb; "stolen and leaked" after a determiner is not.
		return true
	case tVerb:
		return !nounNext
	}
	return true
}

func (t *tagger) nounish(i int) bool {
	w := t.low(i)
	return t.toks[i].ent != nil || (!t.lx.determiners[w] && !t.lx.prepositions[w] && !t.lx.conjunctions[w] && !t.lx.pronouns[w] && !t.lx.auxiliaries[w] && !t.lx.modals[w] && !t.lx.subordinators[w] && !t.lx.relatives[w] && !t.lx.adverbs[w] && w != "to" && w != "that" &&
		unicode.IsLetter([]rune(w)[0]))
}

// startsObject tells whether an object can begin at i.
func (t *tagger) startsObject(i int) bool {
	if i >= len(t.toks) {
		return false
	}
	w := t.low(i)
	return t.lx.determiners[w] || t.toks[i].ent != nil || numberWords[w] > 0 || unicode.IsDigit([]rune(w)[0])
}

// presentIsVerb decides for base and -s forms, most of which are nouns too.
func (t *tagger) presentIsVerb(f verbForm, p tag, k, i int, nounToo bool) bool {
	switch p {
	case tNum:
		if f.third && !nounToo { // "in 2025 says"
			return true
		}
		return f.base && k > 0 && numberWords[t.low(k)] > 1 && t.low(k-1) == "the" && i+1 < len(t.toks) && (t.nounish(i+1) || t.startsObject(i+1) || t.low(i+1) == "together") // "the two share"
	case tDet, tPoss, tPrep, tAux, tTo:
		return false
	case tPron, tRel:
		return k < 0 || t.low(k) != "whose"
	case tVerb:
		return f.third && !nounToo && k >= 0 && t.lx.speech[t.toks[k].verb.lemma] // "which it said belongs to"
	case tConj:
		if f.base {
			return t.coordinatesBase(k) && (!nounToo || t.nounish(i+1) || t.startsObject(i+1))
		}
		return f.third && t.coordinatesThird(k)
	case tPunct:
		if (f.third && nounToo || f.base && !nounToo || f.base && t.startsObject(i+1)) && t.closesAside(k) && (t.startsObject(i+1) || i+1 < len(t.toks) && t.nounish(i+1)) {
			return true // "the campaign, which X runs, targets banks"
		}
		return f.third && (!nounToo || t.low(i+1) == "to") && k > 0 || f.base && !nounToo && k > 0 && t.toks[i-1].tag == tAdv && t.startsObject(i+1)
	}
	if k < 0 {
		return false
	}
	if t.inObject(k) {
		return false // "removed YouTube channels", "imposed asset freezes"
	}
	left := &t.toks[k]
	named := left.ent != nil && !left.demonym || left.inName || unicode.IsUpper([]rune(left.text)[0]) && k > 0
	if f.third {
		if left.demonym && !plural(left.low) {
			return false // "German judges"
		}
		if !nounToo {
			return true
		}
		next := t.low(i + 1)
		if next == "by" || next == "of" {
			return false // "attacks by"
		}
		return (!plural(left.low) || left.ent != nil && !left.demonym) && (named || t.lx.noun(left.low)&(cGroup|cBody|cOrganisation|cSource) != 0) && (t.startsObject(i+1) || i+1 < len(t.toks) && t.nounish(i+1) || t.lx.prepositions[next] || next == "to" || next == "that")
	}
	if (plural(left.low) || t.joined(k) && left.ent != nil) && !nounToo {
		return true
	}
	if !plural(left.low) && (!left.demonym || !strings.HasSuffix(left.low, "ese")) && !t.joined(k) && !t.pluralBefore(k) && (nounToo || t.toks[i-1].tag != tAdv) {
		return false
	}
	if t.low(i) == "access" && t.low(i+1) == "to" {
		return false
	}
	return t.startsObject(i+1) || t.lx.prepositions[t.low(i+1)] || t.low(i+1) == "to" || t.low(i+1) == "together" || t.low(i+1) == "that" || i+1 < len(t.toks) && t.nounish(i+1) && !t.finiteAfter(i+1)
}

// closesAside tells the comma that closes a relative clause which another comma opened.
func (t *tagger) closesAside(comma int) bool {
	if t.low(comma) != "," {
		return false
	}
	for k := comma - 1; k > 0 && k > comma-25; k-- {
		if t.low(k) == "," {
			return t.toks[k+1].tag == tRel
		}
	}
	return false
}

// acts tells that the name that ends at token k is of somebody who does things.
func (t *tagger) acts(k int) bool {
	for k > 0 && t.toks[k].inName {
		k--
	}
	e := t.toks[k].ent
	return e != nil && !t.toks[k].demonym && (e.Kind == Actor || e.Kind == Malware || e.Kind == Agency || e.Kind == Military || e.Kind == State)
}

// pluralBefore tells a plural noun before the phrase that ends at k: "analysts at the company tie".
func (t *tagger) pluralBefore(k int) bool {
	for k >= 0 && (t.toks[k].tag == tNoun || t.toks[k].tag == tDet || t.toks[k].tag == tNum || t.toks[k].tag == tPoss) {
		k--
	}
	if k <= 0 || t.low(k) != "at" && t.low(k) != "from" && t.low(k) != "with" && t.low(k) != "in" {
		return false
	}
	return t.toks[k-1].tag == tNoun && plural(t.toks[k-1].low) && t.toks[k-1].ent == nil && t.lx.noun(t.toks[k-1].low)&(cPeople|cSpeaker) != 0
}

// inObject tells that the noun at k stands in the object of a verb before it, so that no finite verb can follow.
func (t *tagger) inObject(k int) bool {
	for ; k >= 0; k-- {
		switch t.toks[k].tag {
		case tNoun, tDet, tNum, tPoss, tAdv:
		case tVerb:
			return !t.lx.speech[t.toks[k].verb.lemma]
		default:
			return false
		}
	}
	return false
}

// joined tells whether the noun at k closes a coordination, which makes it plural: "Russia and Iran use".
func (t *tagger) joined(k int) bool {
	for n := 0; k >= 0 && n < 6; k, n = k-1, n+1 {
		if t.toks[k].tag == tConj {
			return true
		}
		if t.toks[k].tag != tNoun && t.toks[k].tag != tDet {
			return false
		}
	}
	return false
}

func (t *tagger) finiteAfter(i int) bool {
	for n := 0; i < len(t.toks) && n < 4; i, n = i+1, n+1 {
		if t.lx.auxiliaries[t.low(i)] || t.lx.modals[t.low(i)] {
			return true
		}
	}
	return false
}

// coordinatesBase tells whether the conjunction at k joins base forms: "tried to sell or ransom".
func (t *tagger) coordinatesBase(k int) bool {
	for n := 0; k > 0 && n < 14; n++ {
		k--
		if t.toks[k].tag == tVerb {
			return t.toks[k].verb.base
		}
		if t.toks[k].tag == tSub || t.toks[k].tag == tRel {
			return false
		}
	}
	return false
}

// thirdAux are auxiliaries of the third person singular: "has been active and targets".
var thirdAux = set([]string{"is", "has", "does", "was"})

func (t *tagger) coordinatesThird(k int) bool {
	for n := 0; k > 0 && n < 14; n++ {
		k--
		if t.toks[k].tag == tVerb {
			return t.toks[k].verb.third || k > 0 && t.toks[k-1].tag == tAux && thirdAux[t.toks[k-1].low]
		}
		if t.toks[k].tag == tAux && thirdAux[t.toks[k].low] {
			return true
		}
	}
	return false
}

// nounVerbs are verbs whose base and -s forms are common nouns without a class of their own.
var nounVerbs = set([]string{"overlap", "attack", "target", "report", "use", "hack", "breach", "link", "fund", "post", "access", "leak", "fake", "state", "tie", "claim", "threat", "aid", "support", "exploit", "release", "ransom", "trade", "test", "study", "plan", "face", "name", "number", "cost", "cause", "work", "run", "call", "charge", "demand", "control", "interest", "concern", "increase", "change", "attempt", "track", "share", "start", "focus", "lead", "strike", "hit", "cover", "benefit", "power", "influence", "impact", "benefit", "profit", "market", "order", "record", "document", "view", "time", "spy", "team", "task", "force", "design", "purchase", "permit", "result", "sanction", "ban", "need", "trust", "shift", "rise", "raid", "defense", "move", "return", "answer", "promise", "request", "review", "search", "vote", "visit", "warrant", "back", "host", "head", "figure", "dispute", "display", "label", "list", "group", "patch", "bank", "file", "store", "field", "conflict", "contact", "contract", "campaign", "effect", "question", "object", "subject", "map", "model", "network", "purpose", "message", "risk", "deal", "finance", "land", "point", "place", "house", "advance", "push", "monitor", "escape", "feature", "title", "balance", "credit", "benefit", "estimate", "approach", "guide", "issue", "matter"})

var numberWords = map[string]int64{
	"zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
	"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
	"dozen": 12, "dozens": 24, "hundred": 100, "hundreds": 200, "thousand": 1000, "thousands": 2000, "million": 1_000_000, "millions": 2_000_000,
	"billion": 1_000_000_000, "billions": 2_000_000_000, "trillion": 1_000_000_000_000, "scores": 40,
}
