package prose

import "strings"

// This file reads coordinations of noun phrases and the phrases that hang on them.

// group is a coordination of noun phrases.
type group struct {
	members []int
	end     int // first chunk after it
}

// groupAt reads the coordination that begins with the noun phrase at i. limit is the first chunk not to be touched.
func (p *clauseParse) groupAt(i, limit int) group {
	g := group{members: []int{i}, end: i + 1}
	for len(g.members) < 30 {
		k := g.end
		comma := p.is(k, kComma)
		if comma {
			k++
		}
		conj := p.is(k, kConj) || p.is(k, kPrep) && p.lx.joiners[p.wordAt(k)]
		if conj {
			k++
		}
		if !comma && !conj || k >= limit || !p.is(k, kNP) {
			return g
		}
		if comma && !conj && !p.listComma(g.end) {
			return g
		}
		if q := p.skipBack(i); p.beginsClause(k, limit) && (p.is(q, kVG) || p.is(q, kPrep)) && p.finiteBefore(q+1) {
			return g
		}
		g.members = append(g.members, k)
		g.end = k + 1
	}
	return g
}

// beginsClause tells that the noun phrase at k is the subject of a following finite verb, so that "and" joins clauses.
func (p *clauseParse) beginsClause(k, limit int) bool {
	i := p.skipOn(k)
	if limit <= i || !p.is(i, kVG) {
		return false
	}
	c := p.chunks[i]
	return !c.inf && !c.ing && !p.reduced(i)
}

// tail returns the end of the phrase that begins with the group: with "of …", "linked to …", "in …" after it.
func (p *clauseParse) tail(end, limit int) int {
	for end < limit {
		i := end
		if p.is(i, kVG) && (p.reduced(i) && linkVerbs[p.chunks[i].word] || p.chunks[i].ing && servingVerbs[p.chunks[i].word]) {
			i++
		}
		if !p.is(i, kPrep) || !tailPreps[p.chunks[i].word] && i == end {
			return end
		}
		i++
		if !p.is(i, kNP) || i >= limit || p.chunks[i].class&cTime != 0 || !p.attaches(end, i) {
			return end
		}
		end = p.groupAt(i, limit).end
	}
	return end
}

// attaches tells that "with", "for" and "at" belong to the noun before: links, spokespeople, people.
func (p *clauseParse) attaches(end, i int) bool {
	if end == 0 || !p.is(end, kPrep) || !p.is(end-1, kNP) {
		return true
	}
	before := p.lx.noun(p.toks[p.chunks[end-1].head].low)
	switch p.wordAt(end) {
	case "with":
		head := singular(p.toks[p.chunks[i].head].low)
		return before&(cPeople|cSpeaker) != 0 && before&cOrganisation == 0 || head == "link" || head == "tie" || head == "connection" || head == "affiliation"
	case "for":
		head := p.toks[p.chunks[end-1].head].low
		return strings.HasPrefix(head, "spokes") || head == "ministry" || head == "department" || head == "office" || head == "agency" || head == "center" || head == "centre"
	case "in":
		return before&cGroup == 0 || before&(cOrganisation|cSystem) != 0
	case "at":
		return before&(cPeople|cSpeaker) != 0 || before&cSystem != 0
	case "from":
		return before&cData == 0
	}
	return true
}

var linkVerbs = set([]string{"link", "tie", "connect", "affiliate", "associate", "back", "sponsor", "base", "use", "own", "direct", "control", "fund", "run", "operate", "align", "know", "track", "call", "employ", "hold", "maintain"})

// servingVerbs tell for whom: "hackers working for the ministry".
var servingVerbs = set([]string{"work", "operate", "act"})

var tailPreps = set([]string{"of", "from", "in", "within", "with", "inside", "between", "to", "for", "at"})
