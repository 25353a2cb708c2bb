package extract

import (
	"slices"
	"strings"

	"marque/ingest/prose"
	"marque/ingest/prose/language"
	"marque/ingest/prose/predicate"
)

// naming reads what somebody or something is also called: "tracked as X", "dubbed X".
func (r *reading) naming(p *predicate.Predicate) {
	if p.Class != predicate.Verb || !r.is("naming", p.Lemma) {
		return
	}
	s := &r.sents[p.Sentence]
	names := r.givenNames(p)
	of := r.resolve(r.args(p, predicate.Patient))
	var subject, object []thing
	for _, t := range of {
		if t.class&(isActor|isMalware|isTool|isAgency|isMilitary|isOrganisation) != 0 && t.named() {
			subject = append(subject, t)
		}
	}
	for _, t := range names {
		if properNoun(s.toks[t.head]) && !same(t, subject) && t.Kind != prose.Company && t.Kind != prose.Agency && t.Kind != prose.State {
			object = append(object, t)
		}
	}
	if len(subject) == 0 || len(object) == 0 {
		return
	}
	r.add(proposal{pred: p, relation: "alias-of", subject: subject, object: object, rule: "naming", why: p.Lemma + " as", trust: .7, at: p.Head})
}

// givenNames are the names that a verb of naming gives.
func (r *reading) givenNames(p *predicate.Predicate) []thing {
	s := &r.sents[p.Sentence]
	var names []thing
	for _, a := range p.Args {
		if a.Role == predicate.Oblique && (a.Prep == "as" || a.Prep == "to" && p.Lemma == "refer") {
			names = append(names, r.thing(a.Sentence, a.Head))
		}
	}
	if len(names) == 0 {
		for _, k := range s.tree.Children(p.Head) {
			if rel := rel0(s.toks[k].Rel); (rel == "xcomp" || rel == "obj") && s.toks[k].Tag == language.PROPN && k > p.Head && s.tree.Child(k, "case") < 0 {
				names = append(names, r.things(p.Sentence, k)...)
			}
		}
	}
	return names
}

func same(t thing, list []thing) bool {
	for _, x := range list {
		if strings.EqualFold(x.Name, t.Name) || x.head == t.head && x.sentence == t.sentence {
			return true
		}
	}
	return false
}

// descriptions reads what a sentence says of somebody by a noun: "TA456, an Iranian-aligned actor", "Unit 26165 is a GRU cyber unit".
func (r *reading) descriptions(si int) {
	s := &r.sents[si]
	for k := range s.preds {
		p := &s.preds[k]
		if p.Class != predicate.Copula && p.Class != predicate.Apposition {
			continue
		}
		who := r.resolve(r.args(p, predicate.Agent))
		for _, a := range p.Of(predicate.Attribute) {
			r.described(p, who, r.thing(a.Sentence, a.Head))
		}
	}
	told := map[int]bool{}
	for k := range s.preds {
		for _, a := range s.preds[k].Args {
			if a.Role == predicate.Attribute {
				told[a.Head] = true // it describes somebody, who is told of above
			}
		}
	}
	for k := range s.preds {
		for _, a := range s.preds[k].Args {
			if a.Sentence != si || told[a.Head] || s.name[a.Head] >= 0 || a.Clause >= 0 {
				continue
			}
			told[a.Head] = true
			t := r.thing(si, a.Head)
			if t.class&(isGroup|isCrime) == 0 || t.class&isActor != 0 || t.pronoun != "" {
				continue
			}
			_, last := s.tree.Under(a.Head)
			r.tied(r.stand(si, a.Head), []thing{t}, si, t.first, min(last, a.Head+12))
		}
	}
	for at := range s.names {
		n := s.names[at]
		if n.entity.Kind != prose.Actor || n.demonym {
			continue
		}
		head := n.last - 1
		for h := s.toks[head].Head; h >= 0 && s.name[head] == at && s.name[h] == at; h = s.toks[head].Head {
			head = h
		}
		t := r.thing(si, head)
		if s.name[t.head] != at {
			continue
		}
		r.tied(r.stand(si, head), []thing{t}, si, t.first, n.first)
	}
}

// stand is a predicate for a rule that has none: it stands where the token stands.
func (r *reading) stand(si, tok int) *predicate.Predicate {
	s := &r.sents[si]
	p := &predicate.Predicate{Sentence: si, Head: tok, Class: predicate.Apposition, Under: -1, Relation: "appos"}
	for i, n := s.toks[tok].Head, 0; i >= 0 && n < 24; i, n = s.toks[i].Head, n+1 {
		for k := range s.preds {
			if s.preds[k].Head == i && s.preds[k].Class != predicate.Apposition {
				p.Under = k
				return p
			}
		}
	}
	return p
}

// described proposes what a describing phrase tells of somebody.
func (r *reading) described(p *predicate.Predicate, who []thing, as thing) {
	s := &r.sents[as.sentence]
	var whom []thing
	for _, t := range who {
		if t.class&(isActor|isGroup|isCrime|isMilitary|isAgency|isMalware|isCompany|isOrganisation|isPerson) != 0 && t.named() {
			whom = append(whom, t)
		}
	}
	if len(whom) == 0 {
		return
	}
	if s.name[as.head] >= 0 && whom[0].class&isActor != 0 && as.class&isActor != 0 && !same(as, whom) {
		r.add(proposal{pred: p, relation: "alias-of", subject: whom, object: []thing{as}, rule: "description", why: "is", trust: .5, at: as.head})
		return
	}
	_, last := s.tree.Under(as.head)
	r.tied(p, whom, as.sentence, as.first, max(as.last, last))
}

// tied proposes the ties that a run of tokens tells of: adjectives such as "Iran-linked", "with ties to X", "unit of X", "a GRU unit".
func (r *reading) tied(p *predicate.Predicate, who []thing, si, first, last int) {
	s := &r.sents[si]
	plain := who[0].class&(isActor|isMilitary|isAgency|isMalware) != 0
	type tie struct {
		thing
		relation string
		at       int
	}
	var found []tie
	for k := first; k < last && k < len(s.toks); k++ {
		at := s.name[k]
		if at < 0 || s.names[at].first != k {
			continue
		}
		n := s.names[at]
		switch n.entity.Kind {
		case prose.State, prose.Agency, prose.Ministry, prose.Military, prose.Party, prose.Actor:
		default:
			continue
		}
		relation, said := r.tie(s, n, first, last)
		if relation == "" || !said && !plain || relation == "attributed-to" && !plain || strings.EqualFold(n.entity.Name, who[0].Name) {
			continue
		}
		t := thing{sentence: si, head: n.last - 1, first: n.first, last: n.last}
		r.named(&t, n)
		t.Text = r.span(si, n.first, n.last)
		found = append(found, tie{t, relation, k})
	}
	for _, x := range found {
		if x.Kind == prose.State && slices.ContainsFunc(found, func(y tie) bool { return y.Kind != prose.State && y.Country == x.Country }) {
			continue // "Russia's military intelligence service GRU"
		}
		r.add(proposal{
			pred: p, relation: x.relation, subject: who, object: []thing{x.thing}, rule: "description",
			why: r.span(si, max(first, x.first-3), min(last, x.last+3)), trust: .6, at: x.at,
		})
	}
}

// tie is the relation that the words around a name tell, and whether a word for ties says so; empty for none.
func (r *reading) tie(s *sent, n named, first, last int) (relation string, said bool) {
	after := func(k int) string {
		if n.last+k < last && n.last+k < len(s.toks) {
			return strings.ToLower(s.toks[n.last+k].Text)
		}
		return ""
	}
	skip := 0
	before := func(k int) string {
		if at := n.first - k - skip; at >= first {
			return strings.ToLower(s.toks[at].Text)
		}
		return ""
	}
	if before(1) == "the" {
		skip = 1
	}
	for k := range 4 {
		w := after(k)
		if r.is("tied", w) {
			return "linked-to", true
		}
		if w != "-" && w != "state" && w != "government" && w != "military" && w != "intelligence" {
			if k == 0 && n.entity.Kind == prose.State && r.groupAhead(s, n.last, last) {
				return "linked-to", false
			}
			break
		}
	}
	if n.entity.Kind != prose.State && n.entity.Kind != prose.Actor && r.unitAhead(s, n.last, last) {
		return "attributed-to", true
	}
	switch before(1) {
	case "to", "with":
		if r.is("ties", strings.TrimSuffix(before(2), "s")) || r.is("tied", before(2)) {
			return "linked-to", true
		}
	case "of", "within", "inside", "for", "from":
		if r.is("parts", before(2)) {
			return "attributed-to", true
		}
	}
	return "", false
}

// groupAhead says whether the nouns after a name say a group of it: "a Russian hacking group".
func (r *reading) groupAhead(s *sent, from, to int) bool {
	for k := from; k < to && k < from+5 && k < len(s.toks); k++ {
		t := s.toks[k]
		if t.Tag == language.NOUN && r.lx.nouns[strings.ToLower(t.Lemma)]&(isGroup|isCrime) != 0 {
			return true
		}
		if t.Tag != language.ADJ && t.Tag != language.NOUN && t.Text != "-" && t.Fine != "VBG" && t.Fine != "VBN" {
			return false
		}
	}
	return false
}

// unitAhead says whether the nouns after a name say a part of it: "a GRU cyber unit".
func (r *reading) unitAhead(s *sent, from, to int) bool {
	for k := from; k < to && k < from+4 && k < len(s.toks); k++ {
		t := s.toks[k]
		if r.is("parts", strings.ToLower(t.Lemma)) {
			return true
		}
		if t.Tag != language.ADJ && t.Tag != language.NOUN && t.Tag != language.PROPN {
			return false
		}
	}
	return false
}
