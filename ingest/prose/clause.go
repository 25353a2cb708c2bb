package prose

import "strings"

// Verbs whose object does what the following infinitive or participle says: "urges allies to share".
var objectControl = set([]string{"urge", "ask", "tell", "order", "force", "allow", "enable", "help", "accuse", "push", "persuade", "trick", "lure", "recruit", "hire", "pay", "direct", "instruct", "task", "encourage", "call", "require", "want", "catch", "see", "observe", "spot", "find", "suspect", "say", "believe", "prevent", "stop", "know", "detect", "permit", "condemn", "charge", "invite", "warn", "advise", "lead", "blame", "report", "show", "implicate", "let", "sanction", "indict", "punish", "designate", "arrest"})

// Verbs whose bare participle follows a noun more often than their past tense does when no object comes.
var participles = set([]string{"post", "upload", "air", "broadcast", "film", "televise", "link", "tie", "know", "call", "dub", "track", "believe", "use", "aim", "base", "back", "connect", "associate", "affiliate", "attribute", "fill", "name", "nickname", "own", "sponsor", "fund", "publish", "release", "issue", "design", "intend", "suspect", "locate", "align", "obtain", "steal", "register", "seize", "create", "impose", "involve", "codename", "describe", "accuse", "wanted", "charge", "host", "control", "run", "operate", "manage", "lead", "direct", "deploy", "develop", "suppose", "employ", "rent", "lease", "found", "dominate", "hire", "train", "arm", "equip", "station", "belong"})

// skipBack returns the nearest chunk left of i that is no adverb.
func (p *clauseParse) skipBack(i int) int {
	for i--; i >= 0 && p.chunks[i].kind == kAdv; i-- {
	}
	return i
}

func (p *clauseParse) skipOn(i int) int {
	for i++; i < len(p.chunks) && p.chunks[i].kind == kAdv; i++ {
	}
	return i
}

// reduced tells a bare participle that shortens a relative clause: "devices used by the military".
func (p *clauseParse) reduced(v int) bool {
	c := &p.chunks[v]
	if !c.bare || !p.toks[c.verb].verb.en {
		return false
	}
	next := p.skipOn(v)
	for p.is(next, kNP) && p.chunks[next].class&cTime != 0 {
		next = p.skipOn(next)
	}
	if p.is(next, kPrep) && p.wordAt(next) == "by" {
		return true
	}
	prev := p.skipBack(v)
	if c.word == "manage" && p.is(next, kVG) {
		return false // "managed to enter"
	}
	if naming[c.word] && p.is(prev, kBreak) && p.wordAt(prev) == "(" {
		return true // "(also called X)"
	}
	if p.is(prev, kComma) && (naming[c.word] && c.word != "call" && c.word != "name" || participles[c.word] && p.is(next, kPrep)) {
		prev = p.skipBack(prev)
	}
	if !participles[c.word] || !p.is(prev, kNP) {
		return false
	}
	if naming[c.word] {
		return p.is(next, kNP) && p.chunks[next].class&cPronoun == 0 && p.named(next) || p.is(next, kPrep) && p.wordAt(next) == "as"
	}
	return !p.is(next, kNP) && !p.is(next, kSub)
}

var naming = set([]string{"call", "dub", "know", "name", "track", "nickname", "codename", "designate"})

// named tells a phrase that is a name: it begins with a capital, is known, or is quoted.
func (p *clauseParse) named(i int) bool {
	c := p.chunks[i]
	t := p.toks[c.from]
	return t.quoted || c.ent != nil || t.text[0] >= 'A' && t.text[0] <= 'Z'
}

// governed tells whether the noun phrase at i hangs on a preposition, directly or as a later member of a list.
func (p *clauseParse) governed(i int) bool {
	first := i
	for i > 0 {
		prev := i - 1
		switch p.chunks[prev].kind {
		case kPrep:
			// "According to X, A and B have …": the comma closes the opening phrase.
			return prev > 0 || i == first || !p.meetsVerb(first)
		case kConj, kComma:
			k := prev
			if prev+1 == first && p.opensClause(prev) && p.meetsVerb(first) {
				return false
			}
			for k > 0 && (p.chunks[k].kind == kConj || p.chunks[k].kind == kComma || p.chunks[k].kind == kAdv) {
				if p.chunks[k].kind == kComma && p.chunks[prev].kind == kComma && !p.listComma(k) {
					return false
				}
				k--
			}
			if p.chunks[k].kind != kNP || p.chunks[k].class&cTime != 0 {
				return false
			}
			i = k
			continue
		}
		return false
	}
	return false
}

// opensClause tells ", and" that joins two clauses: a full verb stands before it and no list runs up to it.
func (p *clauseParse) opensClause(conj int) bool {
	return p.is(conj, kConj) && p.is(conj-1, kComma) && p.finiteBefore(conj) && (!p.is(conj-2, kNP) || !p.is(conj-3, kComma))
}

// meetsVerb tells that the coordination from i on runs into a finite verb.
func (p *clauseParse) meetsVerb(i int) bool {
	for i++; i < len(p.chunks); i++ {
		switch c := &p.chunks[i]; c.kind {
		case kNP, kConj, kAdv:
		case kVG:
			return !c.inf && !c.ing && !p.reduced(i)
		default:
			return false
		}
	}
	return false
}

// listComma tells a comma of a list: what follows is a noun phrase and then a comma or "and".
func (p *clauseParse) listComma(k int) bool {
	if !p.is(k+1, kNP) && !p.is(k+1, kConj) {
		return false
	}
	if p.is(k+1, kConj) {
		return true
	}
	for i, n := k+1, 0; i < len(p.chunks) && n < 14; i, n = i+1, n+1 {
		switch p.chunks[i].kind {
		case kConj:
			return true
		case kNP, kComma:
		default:
			return false
		}
	}
	return false
}

// subjectOf returns the noun phrase that the verb group at v has for its subject (of a passive: its patient), or -1.
func (p *clauseParse) subjectOf(v int) int {
	if s, ok := p.subj[v]; ok {
		return s
	}
	p.subj[v] = -1 // breaks cycles
	s := p.findSubject(v)
	p.subj[v] = s
	return s
}

func (p *clauseParse) findSubject(v int) int {
	c := &p.chunks[v]
	prev := p.skipBack(v)
	if p.is(prev, kComma) && p.is(prev-1, kRel) {
		prev--
	}
	if have := p.splitAux(prev); have >= 0 && (c.bare || c.passive) { // "has for years used", "has since been shut down"
		return p.subjectOf(have)
	}
	switch {
	case p.is(prev, kRel):
		return p.antecedent(prev)
	case p.invertedSaid(v) >= 0:
		return p.invertedSaid(v)
	case p.speechVerb(v) && c.bare && p.trailingSpeaker(v) >= 0:
		return p.trailingSpeaker(v)
	case c.inf:
		return p.controller(v, prev)
	case c.ing:
		return p.participleSubject(v, prev)
	case p.reduced(v):
		if p.is(prev, kComma) {
			return p.before(prev)
		}
		if p.is(prev, kNP) {
			return p.listHead(prev)
		}
		return -1
	case p.is(prev, kComma) && p.overAside(prev) >= 0:
		return p.overAside(prev)
	case p.is(p.beforeTime(prev), kConj): // "and in 2015 hacked"
		if g := p.sameTenseBefore(p.beforeTime(prev), v); g >= 0 {
			return p.subjectOf(g)
		}
	case p.is(prev, kConj) && (p.is(prev-1, kVG) || p.conjoinsVerbs(v, prev)):
		if g := p.sameTenseBefore(prev, v); g >= 0 {
			return p.subjectOf(g)
		}
	case p.is(prev, kVG) && p.chunks[prev].copula:
		return p.subjectOf(prev)
	case p.is(prev, kComma) && c.bare: // "compromised systems, exfiltrated data, and …"
		if g := p.mainVerbBefore(v); g >= 0 && p.chunks[g].bare && !p.speechVerb(g) && !p.closesSubordinate(prev) {
			return p.subjectOf(g)
		}
	}
	if c.bare && v == 0 || c.bare && p.is(prev, kComma) && prev == 0 {
		return p.firstSubject(v)
	}
	if s := p.adjacentSubject(prev); s >= 0 {
		return s
	}
	return p.clauseSubject(v)
}

// overAside finds the subject before an aside that the comma closes: "the panel, before it was dissolved, estimated", "the service,
// known as X, said"; -1 where there is none.
func (p *clauseParse) overAside(comma int) int {
	for k := comma - 1; k > 0; k-- {
		if p.is(k, kBreak) && p.wordAt(k) != "(" && p.wordAt(k) != ")" {
			return -1
		}
		if !p.is(k, kComma) {
			continue
		}
		if !p.is(k-1, kNP) {
			return -1
		}
		switch first := k + 1; {
		case p.is(first, kRel), p.is(first, kSub), p.is(first, kPrep) && p.wordAt(first) != "of" && !p.lx.joiners[p.wordAt(first)], p.is(first, kVG) && p.reduced(first):
		case p.is(first, kNP) && p.lx.determiners[p.toks[p.chunks[first].from].low] && p.is(k-1, kNP) && p.named(k-1) && p.lx.noun(p.toks[p.chunks[first].head].low)&(cPeople|cSpeaker|cGroup|cCompany|cOrganisation|cBody) != 0 && comma > first+1: // "X, a former officer living in Y, has made"
		default:
			return -1
		}
		s := k - 1
		for s > 1 && p.governed(s) && p.is(s-1, kPrep) && p.is(s-2, kNP) {
			s -= 2
		}
		if p.governed(s) || p.chunks[s].class&cTime != 0 || s > 0 && !p.is(s-1, kSub) && !p.is(s-1, kComma) && !p.is(s-1, kBreak) && !p.is(s-1, kConj) && !p.is(s-1, kAdv) {
			return -1
		}
		return s
	}
	return -1
}

// beforeTime steps over "in 2015" to the left: the chunk before the preposition, or -1.
func (p *clauseParse) beforeTime(i int) int {
	if p.is(i, kNP) && p.chunks[i].class&cTime != 0 && p.is(i-1, kPrep) {
		return p.skipBack(i - 1)
	}
	return -1
}

// adjacentSubject takes the free noun phrase right before a finite verb: one that opens the clause, or follows a comma, a time or
// a subordinator. A mark in parentheses after it is skipped.
func (p *clauseParse) adjacentSubject(prev int) int {
	if p.is(prev, kBreak) && p.wordAt(prev) == ")" {
		for prev > 0 && p.wordAt(prev) != "(" {
			prev--
		}
		prev--
		if !p.is(prev, kNP) || p.governed(prev) || p.chunks[prev].class&cTime != 0 {
			return -1
		}
		if p.is(prev-1, kConj) {
			return -1
		}
		return prev
	}
	if !p.is(prev, kNP) || p.chunks[prev].class&cTime != 0 {
		return -1
	}
	before := p.skipBack(prev)
	switch {
	case before < 0, p.is(before, kSub), p.is(before, kNP) && p.chunks[before].class&cTime != 0:
		return prev
	case p.is(before, kComma):
		if p.chunks[prev].class&cPronoun != 0 || p.lx.determiners[p.toks[p.chunks[prev].from].low] || p.named(prev) {
			if !p.listComma(before) || p.opensPhrase(before) {
				return prev
			}
		}
	}
	return -1
}

// opensPhrase tells the comma after an opening phrase with a preposition or an infinitive: "In May, the group …".
func (p *clauseParse) opensPhrase(comma int) bool {
	for i := comma - 1; i >= 0; i-- {
		if p.is(i, kComma) || p.is(i, kBreak) {
			return false
		}
		if i == 0 {
			return p.is(0, kPrep) || p.is(0, kVG) || p.is(0, kSub) || p.is(0, kAdv)
		}
	}
	return false
}

// splitAux finds the auxiliary "has" that words of time part from its verb.
func (p *clauseParse) splitAux(prev int) int {
	switch {
	case p.is(prev, kSub) && p.wordAt(prev) == "since":
		prev = p.skipBack(prev)
	case p.is(prev, kNP) && p.is(prev-1, kPrep) && (p.chunks[prev].class&cTime != 0 || p.toks[p.chunks[prev].head].low == "past"):
		prev = p.skipBack(prev - 1)
	default:
		return -1
	}
	if p.is(prev, kVG) && p.chunks[prev].copula && p.chunks[prev].word == "have" {
		return prev
	}
	return -1
}

// trailingSpeaker finds X in "…, X said." and "…, X, a researcher at Y, said.", or -1.
func (p *clauseParse) trailingSpeaker(v int) int {
	s := p.skipBack(v)
	if p.is(s, kComma) {
		s--
	}
	for s > 0 && p.is(s, kNP) && p.governed(s) && !p.is(s-1, kComma) {
		for s > 0 && !p.is(s, kPrep) {
			s--
		}
		s--
	}
	if !p.is(s, kNP) || s < 2 {
		return -1
	}
	if p.is(s-1, kComma) && p.is(s-2, kNP) {
		if name, _ := p.personName(s - 2); name != "" && p.is(s-3, kComma) {
			s -= 2
		}
	}
	if p.is(s-1, kComma) && p.trailing(s, v) {
		return s
	}
	return -1
}

func (p *clauseParse) invertedSaid(v int) int {
	if s, ok := p.invertedSpeaker(v); ok {
		return s
	}
	return -1
}

// antecedent is the noun phrase that a relative pronoun stands for: the nearest, past prepositional tails.
func (p *clauseParse) antecedent(rel int) int {
	i := p.skipBack(rel)
	for p.is(i, kComma) || p.is(i, kNP) && p.chunks[i].class&cTime != 0 && i > 0 {
		i = p.skipBack(i)
	}
	if p.is(i, kPrep) { // "X, many of which …", "X, for which …"
		i--
		if p.is(i, kNP) {
			i--
		}
		for p.is(i, kComma) {
			i--
		}
	}
	if !p.is(i, kNP) {
		return -1
	}
	if h := p.heldBefore(i); h >= 0 {
		return h
	}
	if p.is(i-1, kPrep) && p.wordAt(i-1) == "in" && p.is(i-2, kNP) && (p.chunks[i].class&cState != 0 || p.chunks[i].class == 0 && p.named(i)) && p.lx.determiners[p.toks[p.chunks[i-2].from].low] {
		return i - 2 // "a newspaper in X that publishes"
	}
	if p.is(i-1, kPrep) && p.wordAt(i-1) == "of" && p.is(i-2, kNP) && p.chunks[i].ent != nil && partNouns[singular(p.toks[p.chunks[i-2].head].low)] && (!p.is(i-3, kPrep) || p.wordAt(i-3) != "as") {
		return i - 2 // "X, a unit of Y that …" tells of X
	}
	return i
}

// heldBefore finds the accounts in "accounts on X and Y that posed as …": the platform after the preposition is no doer.
func (p *clauseParse) heldBefore(i int) int {
	if e := p.chunks[i].ent; e == nil || e.Kind != Company && e.Kind != Media && e.Kind != Org {
		return -1
	}
	for i > 1 && (p.is(i-1, kConj) || p.is(i-1, kComma)) && p.is(i-2, kNP) {
		i -= 2
	}
	if p.is(i-1, kPrep) && (p.wordAt(i-1) == "on" || p.wordAt(i-1) == "at") && p.is(i-2, kNP) && p.chunks[i-2].class&(cAsset|cGroup|cPeople) != 0 {
		return i - 2
	}
	return -1
}

// serves are participles that take a purpose: "domains used by X to spread …".
var serves = set([]string{"use", "design", "create", "build", "aim", "intend", "register", "control", "host", "seize", "steal", "fund"})

// controller finds the doer of an infinitive.
func (p *clauseParse) controller(v, prev int) int {
	g := p.verbBefore(v, v)
	for g >= 0 && g != prev && p.reduced(g) && !p.is(prev, kConj) && !serves[p.chunks[g].word] {
		g = p.verbBefore(g, v)
	}
	if g < 0 {
		return p.firstSubject(v)
	}
	if p.is(prev, kNP) && objectControl[p.chunks[g].word] && !p.chunks[g].passive {
		if obj := p.directObject(g); obj >= 0 && obj < v {
			return obj
		}
	}
	if p.is(prev, kConj) && p.chunks[g].inf {
		return p.subjectOf(g)
	}
	return p.subjectOf(g)
}

// participleSubject finds the doer of a bare -ing form.
func (p *clauseParse) participleSubject(v, prev int) int {
	switch {
	case p.is(prev, kVG):
		return p.subjectOf(prev)
	case p.is(prev, kNP) && p.chunks[prev].class&cTime == 0:
		return p.listHead(prev)
	case p.is(prev, kPrep):
		g := p.verbBefore(prev, v)
		if g < 0 {
			return p.firstSubject(v)
		}
		if objectControl[p.chunks[g].word] && !p.chunks[g].passive && p.chunks[prev].word != "by" {
			if obj := p.directObject(g); obj >= 0 && obj < v {
				return obj
			}
		}
		return p.subjectOf(g)
	}
	if g := p.mainVerbBefore(v); g >= 0 {
		return p.subjectOf(g)
	}
	return p.firstSubject(v)
}

// verbBefore is the nearest verb group left of i, not crossing a break.
func (p *clauseParse) verbBefore(i, _ int) int {
	for i--; i >= 0; i-- {
		if p.chunks[i].kind == kVG {
			return i
		}
		if p.chunks[i].kind == kBreak && p.chunks[i].word == ";" {
			return -1
		}
	}
	return -1
}

// sameTenseBefore is the verb that "and" joins to v: the nearest, or for a past form the nearest that is no present.
func (p *clauseParse) sameTenseBefore(i, v int) int {
	past := func(k int) bool { f := p.toks[p.chunks[k].verb].verb; return f.past || f.en || p.chunks[k].perfect }
	first := p.verbBefore(i, v)
	if first < 0 || !p.chunks[v].bare || past(first) {
		return first
	}
	for g := first; g >= 0; g = p.verbBefore(g, v) {
		if past(g) && !p.reduced(g) && !p.chunks[g].inf {
			return g
		}
	}
	return first
}

// mainVerbBefore skips participles and infinitives on the way left.
func (p *clauseParse) mainVerbBefore(v int) int {
	for i := v - 1; i >= 0; i-- {
		if c := p.chunks[i]; c.kind == kVG && !c.inf && !c.ing && !p.reduced(i) {
			return i
		}
	}
	return -1
}

// firstSubject is the first free noun phrase after v: "Using stolen passwords, the group breached …".
func (p *clauseParse) firstSubject(v int) int {
	for i := v + 1; i < len(p.chunks); i++ {
		if p.chunks[i].kind == kComma && p.is(p.skipOn(i), kNP) {
			n := p.skipOn(i)
			for k := n + 1; k < len(p.chunks) && k < n+8; k++ {
				if p.chunks[k].kind == kVG && !p.chunks[k].inf && !p.chunks[k].ing && !p.reduced(k) {
					return n
				}
				if p.chunks[k].kind == kComma {
					break
				}
			}
		}
	}
	return -1
}

// conjoinsVerbs tells "X breached Y and sold Z": no noun phrase stands between the conjunction and the verb.
func (p *clauseParse) conjoinsVerbs(v, conj int) bool {
	for i := conj + 1; i < v; i++ {
		if p.chunks[i].kind == kNP {
			return false
		}
	}
	return true
}

// clauseSubject walks left to the beginning of the clause of a finite verb and takes its first free noun phrase.
func (p *clauseParse) clauseSubject(v int) int {
	best, second := -1, -1
	i := v - 1
	for ; i >= 0; i-- {
		c := &p.chunks[i]
		switch c.kind {
		case kNP:
			if c.class&cTime == 0 && !p.governed(i) && !p.afterComma(i, best) {
				best, second = i, best
			}
			continue
		case kVG:
			if p.reduced(i) {
				continue
			}
			if q := p.skipBack(i); p.is(q, kRel) && best < 0 {
				i = q
				continue
			}
			if q := p.skipBack(i); p.is(q, kRel) && p.closesRelative(i, best) {
				i, best = q, -1
				continue
			}
			if n := p.skipBack(i); best >= 0 && best == p.skipOn(i) && p.is(best+1, kComma) && p.is(n, kNP) && p.is(p.skipBack(n), kRel) {
				i, best = p.skipBack(n), -1 // "the operation, which V has named X, is …"
				continue
			}
			if (c.inf || c.ing) && !p.speechVerb(i) && (best < 0 || p.objectOfPrevious(i, best)) && p.is(p.skipBack(i), kNP) {
				best = second
				continue
			}
			if best < 0 && !p.speechVerb(i) {
				continue
			}
			return best
		case kRel:
			if best == i+1 && p.taken(best, v) { // "X, which V named Y, is …"
				best = -1
				continue
			}
			if best >= 0 {
				return best
			}
		case kConj: // "…, and Y did": Y begins a clause, unless it closes a list
			if best == i+1 && p.opensClause(i) {
				return best
			}
		case kComma: // "After X did this, Y did that"
			if best == i+1 && p.closesSubordinate(i) {
				return best
			}
		case kSub:
			if best >= 0 {
				if n := p.skipBack(i); p.is(n, kNP) && contentNouns[singular(p.toks[p.chunks[n].head].low)] && p.taken(best, v) {
					return n // "allegations that China partners … are groundless"
				}
				return best
			}
		case kBreak:
			if c.word == ";" || c.word == ":" || c.word == "—" || c.word == "–" {
				if best >= 0 {
					return best
				}
			}
		}
	}
	return best
}

// closesSubordinate tells the comma after a clause that a subordinator opened.
func (p *clauseParse) closesSubordinate(comma int) bool {
	verb := false
	for i := comma - 1; i >= 0; i-- {
		switch c := &p.chunks[i]; c.kind {
		case kVG:
			verb = verb || !c.inf && !c.ing
		case kSub:
			return verb && c.word != "that" && (i == 0 || !p.is(i-1, kVG) && !p.is(i-1, kNP))
		case kRel:
			return false
		}
	}
	return false
}

// taken tells that a finite verb between the noun phrase s and v has s for its subject already.
func (p *clauseParse) taken(s, v int) bool {
	for i := s + 1; i < v; i++ {
		if c := p.chunks[i]; c.kind == kVG && !c.inf && !c.ing && !p.reduced(i) && p.subjectOf(i) == s {
			return true
		}
	}
	return false
}

// afterComma tells an apposition or the end of a list between the subject and its verb; the phrase further left wins
// anyway, so only the words between a comma and a closer candidate matter.
func (p *clauseParse) afterComma(i, best int) bool {
	return best >= 0 && p.is(i+1, kComma) && p.introductory(i)
}

// introductory tells a free noun phrase at the start that is no subject: a dateline, an address, a headline's name.
func (p *clauseParse) introductory(i int) bool {
	return i == 0 && p.chunks[i].class == 0 && p.chunks[i].ent == nil
}

// closesRelative tells that the noun phrase after a relative clause's verb is its object: "a group, which hit banks, …".
func (p *clauseParse) closesRelative(v, best int) bool { return best == p.skipOn(v) || best < 0 }

func (p *clauseParse) objectOfPrevious(v, best int) bool { return best == p.skipOn(v) }

func (p *clauseParse) speechVerb(i int) bool { return p.lx.speech[p.chunks[i].word] }

// listHead returns the first member of the list that the noun phrase at i closes: "Russia, China and Iran".
func (p *clauseParse) listHead(i int) int {
	for i > 0 {
		k := i - 1
		switch {
		case p.is(k, kConj) && p.is(k-1, kComma):
			k -= 2
		case p.is(k, kConj), p.is(k, kComma) && p.listComma(k):
			k--
		default:
			return i
		}
		if !p.is(k, kNP) || p.chunks[k].class&cTime != 0 {
			return i
		}
		i = k
	}
	return i
}

func (p *clauseParse) before(comma int) int {
	for i := comma - 1; i >= 0; i-- {
		if p.chunks[i].kind == kNP && !p.governed(i) {
			return i
		}
		if p.chunks[i].kind == kVG {
			return -1
		}
	}
	return -1
}

// directObject is the noun phrase right after the verb group at v, or -1.
func (p *clauseParse) directObject(v int) int {
	i := p.skipOn(v)
	if p.is(i, kNP) && p.chunks[i].class&cTime == 0 {
		return i
	}
	return -1
}

// finiteBefore tells that a full verb stands before i, so that what follows is no longer the first subject.
func (p *clauseParse) finiteBefore(i int) bool {
	for i--; i >= 0; i-- {
		if c := p.chunks[i]; c.kind == kVG && !c.inf && !c.ing && !p.reduced(i) {
			return true
		}
		if p.chunks[i].kind == kSub {
			return false
		}
	}
	return false
}

// exemplified returns the members named after "such as": "adversaries such as Russia and Iran".
func (p *clauseParse) exemplified(g group, limit int) (group, bool) {
	i := g.end
	if p.is(i, kComma) {
		i++
	}
	if p.is(i, kPrep) && p.lx.exemplifiers[p.wordAt(i)] && p.is(i+1, kNP) && i+1 < limit {
		return p.groupAt(i+1, limit), true
	}
	return group{}, false
}

// clauseEnd is where the clause of the verb group at v ends: at a subordinator, a break, or the next finite verb with its
// own subject.
func (p *clauseParse) clauseEnd(v int) int {
	for i := v + 1; i < len(p.chunks); i++ {
		switch c := &p.chunks[i]; c.kind {
		case kSub:
			return i
		case kBreak:
			if strings.ContainsAny(c.word, ";:") {
				return i
			}
		case kVG:
			if !c.inf && !c.ing && !p.reduced(i) && !p.is(p.skipBack(i), kRel) {
				s := p.subjectOf(i)
				if s > v && s < i && p.is(s+1, kRel) {
					continue // a second verb of the relative clause on the object
				}
				if s := p.clauseStart(i); s > v {
					return s
				}
				for i > v+1 && (p.is(i-1, kConj) || p.is(i-1, kAdv) || p.is(i-1, kComma)) {
					i--
				}
				return i
			}
		}
	}
	return len(p.chunks)
}

func (p *clauseParse) clauseStart(v int) int {
	s := p.subjectOf(v)
	if s < 0 || s > v {
		return v
	}
	if p.is(s-1, kConj) || p.is(s-1, kComma) {
		return s - 1
	}
	return s
}
