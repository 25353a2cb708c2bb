package extract

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"marque/ingest/prose"
	"marque/ingest/prose/language"
	"marque/ingest/prose/predicate"
)

// thing is what a phrase denotes: the side of a claim, its class, and where it stands.
type thing struct {
	prose.Ref
	class       class
	sentence    int
	head        int // token
	first, last int
	plural      bool
	pronoun     string // in lower case, where it is one
	definite    bool   // "the group", "this actor"
	count       prose.Count
	resolved    bool // a pronoun or description that was taken for what was told before
}

// things are what the noun phrase that a token heads denotes, with what is joined to it.
func (r *reading) things(si, head int) []thing {
	s := &r.sents[si]
	var out []thing
	for _, h := range s.tree.Joined(head) {
		out = append(out, r.thing(si, h))
	}
	return out
}

// thing reads one noun phrase.
func (r *reading) thing(si, head int) thing {
	s := &r.sents[si]
	toks := s.toks
	first, last := s.tree.Phrase(head)
	if at := s.name[head]; at >= 0 { // never cut a name
		first, last = min(first, s.names[at].first), max(last, s.names[at].last)
	}
	for k := head - 1; k >= first; k-- { // what a comma parts from the noun belongs to another phrase, but for adjectives
		if toks[k].Text == "," && s.name[k] < 0 && toks[k-min(k, 1)].Tag != language.ADJ {
			first = k + 1
			break
		}
	}
	t := thing{sentence: si, head: head, first: first, last: last}
	fine := toks[head].Fine
	t.plural = fine == "NNS" || fine == "NNPS"
	low := strings.ToLower(toks[head].Text)
	if toks[head].Tag == language.PRON || (low == "this" || low == "that" || low == "these" || low == "those") && last-first == 1 {
		t.pronoun = low
		t.Ref = prose.Ref{Name: toks[head].Text, Text: toks[head].Text}
		return t
	}
	for k := first; k < last && (toks[k].Tag == language.DET || toks[k].Tag == language.PUNCT || toks[k].Fine == "PRP$" || k < head && toks[k].Tag == language.CCONJ); k++ {
		d := strings.ToLower(toks[k].Text)
		t.definite = t.definite || d == "the" || d == "this" || d == "that" || d == "these" || d == "those" || d == "both"
		first = k + 1
	}
	first = min(first, head)
	t.Text = r.span(si, t.first, last)
	t.count = r.count(si, first, last, head)
	if at := s.name[head]; at >= 0 && s.whole(s.names[at], head) {
		r.named(&t, s.names[at])
		r.tieIn(&t, si, first, last)
		return t
	}
	t.Name = r.span(si, first, last)
	if n, ok := s.known[head]; ok {
		r.named(&t, n)
		r.tieIn(&t, si, first, last)
		return t
	}
	r.describe(&t, si, head, first, last)
	return t
}

// introduce gives nouns the names that the sentence has for them: "a wiper called X", "the threat actor X", "Dragos tracks the group as X".
func (r *reading) introduce(si int) {
	s := &r.sents[si]
	s.known = map[int]named{}
	give := func(noun, name int) {
		at := s.name[name]
		if at < 0 || s.name[noun] >= 0 || s.names[at].demonym {
			return
		}
		want := r.nounClass(s.toks[noun], strings.ToLower(s.toks[noun].Lemma))
		have := classOf(s.names[at].entity)
		if want&(isGroup|isCrime) != 0 && have&isActor != 0 || want&isMalware != 0 && have&(isMalware|isTool) != 0 || want&isTechnique != 0 && have&isMalware != 0 {
			if s.toks[noun].Fine == "NN" || s.toks[noun].Fine == "NNP" {
				s.known[noun] = s.names[at]
			}
		}
	}
	for k := range s.preds {
		p := &s.preds[k]
		switch {
		case p.Class == predicate.Apposition:
			for _, a := range p.Of(predicate.Attribute) {
				give(p.Head, a.Head)
			}
		case p.Class == predicate.Copula && !p.Negated:
			for _, a := range p.Of(predicate.Agent) {
				if s.name[a.Head] >= 0 && a.Sentence == si {
					at := s.names[s.name[a.Head]]
					if c := r.nounClass(s.toks[p.Head], strings.ToLower(s.toks[p.Head].Lemma)); c&(isGroup|isCrime) != 0 && classOf(at.entity)&(isActor|isMilitary|isAgency) != 0 {
						s.known[p.Head] = at
					}
				}
			}
		case p.Class == predicate.Verb && r.is("naming", p.Lemma):
			for _, n := range r.givenNames(p) {
				for _, a := range p.Of(predicate.Patient) {
					give(a.Head, n.head)
				}
			}
		}
	}
	for at := range s.names {
		if first := s.names[at].first; first > 0 { // "the threat actor TA456" where the tree makes the noun the head
			give(first-1, first)
		}
	}
}

// whole says whether a name stands for the phrase, and is not only the adjective of a people.
func (s *sent) whole(n named, head int) bool {
	return !n.demonym || s.toks[head].Tag == language.PROPN || s.toks[head].Tag == language.NOUN
}

// span is the text of tokens.
func (r *reading) span(si, first, last int) string {
	toks := r.sents[si].toks
	if first >= last {
		return ""
	}
	return strings.Join(strings.Fields(r.doc.Text[toks[first].Start:toks[last-1].End]), " ")
}

// named fills a thing from a name.
func (r *reading) named(t *thing, n named) {
	e := n.entity
	t.Name, t.Kind, t.Country, t.Aliases = e.Name, e.Kind, e.Country, e.Aliases
	t.class = classOf(e)
	if e.Criminal {
		t.class |= isCrime
	}
	if e.Mercenary {
		t.class |= isMercenary
	}
}

func classOf(e *prose.Entity) class {
	switch e.Kind {
	case prose.State:
		return isState
	case prose.Agency, prose.Ministry:
		return isAgency | isOrganisation
	case prose.Military:
		return isMilitary | isAgency | isOrganisation
	case prose.Party:
		return isParty | isOrganisation
	case prose.Sector:
		return isSector
	case prose.Malware:
		return isMalware
	case prose.Actor:
		return isActor | isGroup
	case prose.Company, prose.Media:
		return isCompany | isOrganisation
	case prose.Org:
		return isOrganisation | isCompany
	case prose.Person:
		return isPerson | isPeople
	case prose.Tool:
		return isTool | isTechnique
	}
	return 0
}

// describe fills a thing from the noun that heads it, and the names within.
func (r *reading) describe(t *thing, si, head, first, last int) {
	s := &r.sents[si]
	toks := s.toks
	lemma := strings.ToLower(toks[head].Lemma)
	t.class = r.nounClass(toks[head], lemma)
	for k := first; k < head; k++ {
		if r.is("harmful", strings.ToLower(toks[k].Text)) && t.class&(isSystem|isContent|isData) != 0 {
			t.class |= isMalware
		}
	}
	if r.is("containers", lemma) || t.class == 0 {
		if of := s.tree.Child(head, "nmod"); of >= 0 && s.tree.Preposition(of) == "of" {
			inner := strings.ToLower(toks[of].Lemma)
			if at := s.name[of]; at >= 0 && s.whole(s.names[at], of) {
				t.class |= classOf(s.names[at].entity)
			} else {
				t.class |= r.nounClass(toks[of], inner)
			}
		}
	}
	if properNoun(toks[head]) && t.class == 0 {
		t.class, t.Kind = r.proper(toks, first, head)
	}
	r.tieIn(t, si, first, last)
	if t.Kind == "" {
		t.Kind = kindOfClass(t.class)
	}
}

func properNoun(t language.Token) bool {
	r, _ := utf8.DecodeRuneInString(t.Text)
	return t.Tag == language.PROPN && unicode.IsUpper(r) && !t.Kind.Artefact()
}

// proper guesses what a name in no list denotes: a person where it has two or three words that are plain names, else a body.
func (r *reading) proper(toks []language.Token, first, head int) (class, string) {
	words := 0
	for k := first; k <= head; k++ {
		c, _ := utf8.DecodeRuneInString(toks[k].Text)
		if !unicode.IsUpper(c) || strings.ToUpper(toks[k].Text) == toks[k].Text && len(toks[k].Text) > 2 {
			return isOrganisation | isCompany, prose.Org
		}
		words++
	}
	if words >= 2 && words <= 3 {
		return isPerson | isPeople, prose.Person
	}
	return isOrganisation | isCompany | isPerson, prose.Org
}

// nounClass is what a noun denotes by its lemma, or by the parts that a hyphen joins.
func (r *reading) nounClass(t language.Token, lemma string) class {
	if t.Kind == language.URL || t.Kind == language.Host || t.Kind == language.Email {
		return isSystem | isAsset
	}
	if t.Kind == language.Ident && strings.HasPrefix(t.Text, "CVE") {
		return isVulnerability
	}
	if c, ok := r.lx.nouns[lemma]; ok {
		return c
	}
	if at := strings.LastIndexByte(lemma, '-'); at >= 0 {
		return r.lx.nouns[lemma[at+1:]]
	}
	return 0
}

func kindOfClass(c class) string {
	switch {
	case c&isMalware != 0:
		return prose.Malware
	case c&isCrime != 0:
		return "criminal group"
	case c&isMercenary != 0:
		return "mercenary"
	case c&isGroup != 0:
		return "group"
	case c&(isPeople|isPerson) != 0:
		return "people"
	case c&isSystem != 0:
		return "system"
	case c&isData != 0:
		return "data"
	case c&isContent != 0:
		return "content"
	case c&isMoney != 0:
		return "payment"
	case c&isTechnique != 0:
		return "technique"
	case c&isOperation != 0:
		return "operation"
	case c&isOrganisation != 0:
		return "organisation"
	}
	return ""
}

// tieIn adds the names within a phrase: the state that "Russian hackers" belong to, the service of "GRU officers".
func (r *reading) tieIn(t *thing, si, first, last int) {
	s := &r.sents[si]
	for k := first; k < last; k++ {
		at := s.name[k]
		if at < 0 || s.names[at].first != k && k > first {
			continue
		}
		n := s.names[at]
		if t.head >= n.first && t.head < n.last {
			continue
		}
		e := n.entity
		if !slices.Contains(t.Links, e.Name) && len(t.Links) < 12 {
			t.Links = append(t.Links, e.Name)
		}
		if t.Country == "" && e.Country != "" && k < t.head {
			t.Country = e.Country
		}
	}
}
