package predicate

import (
	"strings"

	"marque/ingest/prose/language"
)

// Sentence returns the predicates of one sentence in the order of their heads.
func Sentence(toks []language.Token) []Predicate {
	t := newTree(toks)
	for i := range toks {
		t.find(i)
	}
	for k := range t.preds {
		p := &t.preds[k]
		p.Under = t.governor(p.Head)
		if p.Class == Verb || p.Class == Copula {
			t.own(p)
		}
	}
	for k := range t.preds {
		if c := t.preds[k].Class; c == Verb || c == Copula {
			t.infer(k, 0)
		}
	}
	for k := range t.preds {
		switch t.preds[k].Class {
		case Act:
			t.act(&t.preds[k])
		case Verb:
			t.content(k)
		}
	}
	t.light()
	return t.preds
}

// find notes the predicates that token i heads.
func (t *tree) find(i int) {
	tok := &t.toks[i]
	rel, _, _ := strings.Cut(tok.Rel, ":")
	switch {
	case t.child(i, "cop") >= 0:
		t.add(i, Copula, "be")
	case tok.Tag == language.VERB && rel != "amod" && rel != "compound" && rel != "case" && rel != "fixed" && rel != "mark":
		t.add(i, Verb, t.lemma(i))
	case t.mistaken(i):
		t.add(i, Verb, t.lemma(i))
	case tok.Tag == language.NOUN && rel != "compound" && rel != "nmod:unmarked":
		if verb, ok := wordLists()["acts"][t.lemma(i)]; ok {
			t.add(i, Act, verb)
		}
	}
	for _, k := range t.kids[i] {
		if t.toks[k].Rel == "appos" && t.nominal(k) && t.nominal(i) {
			p := Predicate{Lemma: "be", Class: Apposition, Head: i, Relation: "appos", Under: -1}
			t.put(&p, Agent, i, "", false)
			t.put(&p, Attribute, k, "", false)
			t.preds = append(t.preds, p)
		}
	}
}

// mistaken says whether a noun is a verb that the tagger took for a noun, as the tree shows: it has a subject and no copula ("TA456
// actively targets contractors").
func (t *tree) mistaken(i int) bool {
	if fine := t.toks[i].Fine; fine != "NNS" && fine != "NN" {
		return false
	}
	return t.child(i, "nsubj") >= 0 && t.child(i, "det", "amod", "case", "nmod:poss") < 0
}

func (t *tree) add(i int, class Class, lemma string) {
	t.at[i] = len(t.preds)
	p := Predicate{Lemma: lemma, Class: class, Head: i, Relation: t.toks[i].Rel, Under: -1}
	if k := t.child(i, "compound:prt"); k >= 0 {
		p.Particle = t.lemma(k)
	}
	if k := t.child(i, "mark"); k >= 0 && t.lemma(k) != "to" {
		p.Marker = t.lemma(k)
	}
	t.tense(&p)
	t.preds = append(t.preds, p)
}

// tense reads time, aspect, voice, modality and negation off the word and its auxiliaries.
func (t *tree) tense(p *Predicate) {
	finite := p.Head
	if p.Class == Copula {
		finite = t.child(p.Head, "cop")
	}
	have, will, infinitive, passive := false, false, false, false
	for _, k := range t.kids[p.Head] {
		tok, lemma := &t.toks[k], t.lemma(k)
		switch rel, sub, _ := strings.Cut(tok.Rel, ":"); {
		case rel == "aux" && sub == "pass":
			passive, finite = true, k
		case rel == "aux" && lemma == "have":
			have, finite = true, k
		case rel == "aux" && lemma == "be":
			p.Progressive, finite = true, k
		case rel == "aux" && tok.Fine == "MD":
			if lemma == "will" || lemma == "shall" || lemma == "wo" || lemma == "'ll" {
				will = true
			} else {
				p.Modal = lemma
			}
		case rel == "aux":
			finite = k
		case rel == "mark" && tok.Tag == language.PART:
			infinitive = true
		case rel == "nsubj" && sub == "pass":
			p.Passive = true
		}
		if rel0(tok.Rel) == "aux" && (lemma == "be" || lemma == "get") {
			passive = passive || t.toks[p.Head].Fine == "VBN" || t.toks[p.Head].Fine == "VBD"
		}
		if (rel0(tok.Rel) == "advmod" || rel0(tok.Rel) == "det" || tok.Rel == "cc:preconj") && is("negation", strings.ToLower(tok.Text)) || lemma == "not" {
			p.Negated = true
		}
		if rel0(tok.Rel) == "nsubj" || rel0(tok.Rel) == "obj" {
			if d := t.child(k, "det"); d >= 0 && is("negation", t.lemma(d)) || is("negation", t.lemma(k)) {
				p.Negated = true
			}
		}
		if tok.Rel == "mark" && lemma == "without" {
			p.Negated = true
		}
	}
	// A passive has its auxiliary: "had hacked" is none, whatever the subject's arc says. Only a bare participle has none.
	bare := t.toks[p.Head].Fine == "VBN" && !have && finite == p.Head
	p.Passive = passive || p.Passive && bare
	p.Perfect = have
	switch {
	case will:
		p.Time = Future
	case infinitive || p.Class == Act:
	case t.toks[finite].Fine == "VBD" || have:
		p.Time = Past
	case t.toks[finite].Fine == "VBZ" || t.toks[finite].Fine == "VBP" || p.Modal != "":
		p.Time = Present
	}
	if p.Class == Verb && t.toks[p.Head].Fine == "VBN" && !have && !p.Passive {
		switch subject := t.child(p.Head, "nsubj"); rel0(p.Relation) {
		case "acl", "advcl", "amod":
			if subject < 0 {
				p.Passive = true
			} else if p.Time == Untold {
				p.Time = Past // "the malware that they used": taggers confuse the two forms
			}
		}
	}
}

func rel0(rel string) string {
	r, _, _ := strings.Cut(rel, ":")
	return r
}

// governor is the predicate that a token hangs on.
func (t *tree) governor(i int) int {
	for range 4 * deepest {
		i = t.toks[i].Head
		if i < 0 {
			return -1
		}
		if t.at[i] >= 0 {
			return t.at[i]
		}
	}
	return -1
}

// put adds a phrase and what is joined to it by "and".
func (t *tree) put(p *Predicate, role Role, head int, prep string, inferred bool) {
	for n, h := range t.conjuncts(head) {
		if p.Class == Apposition && role == Agent && n > 0 {
			return
		}
		first, last := t.phrase(h)
		clause := -1
		p.Args = append(p.Args, Argument{Role: role, Prep: prep, Head: h, First: first, Last: last, Clause: clause, Inferred: inferred})
	}
}

// own adds the arguments that are children of the predicate.
func (t *tree) own(p *Predicate) {
	subject := Agent
	if p.Passive && p.Class == Verb {
		subject = Patient
	}
	if p.Class == Copula {
		t.put(p, Attribute, p.Head, "", false)
	}
	mistaken := p.Class == Verb && t.toks[p.Head].Tag == language.NOUN
	for _, k := range t.kids[p.Head] {
		tok := &t.toks[k]
		if mistaken && k > p.Head && (tok.Rel == "conj" || tok.Rel == "compound" || tok.Rel == "nmod:unmarked" || tok.Rel == "appos") && t.nominal(k) {
			t.put(p, Patient, k, "", false)
			continue
		}
		if t.at[k] >= 0 && t.preds[t.at[k]].Class == Verb && rel0(tok.Rel) != "nsubj" {
			continue // clauses come later
		}
		switch rel, sub, _ := strings.Cut(tok.Rel, ":"); rel {
		case "nsubj":
			t.put(p, subject, k, "", false)
		case "obj":
			t.put(p, Patient, k, "", false)
		case "iobj":
			t.put(p, Recipient, k, "", false)
		case "obl", "nmod":
			if p.Class == Copula && rel == "nmod" {
				continue
			}
			prep := t.preposition(k)
			if sub == "agent" || prep == "by" && p.Passive && p.Class == Verb {
				t.put(p, Agent, k, prep, false)
			} else {
				t.put(p, Oblique, k, prep, false)
			}
		}
	}
}

// preposition is the lemma of a phrase's preposition, with the words that are fixed to it.
func (t *tree) preposition(i int) string {
	c := t.child(i, "case")
	if c < 0 {
		return ""
	}
	words := []string{strings.ToLower(t.toks[c].Text)}
	for _, k := range t.kids[c] {
		if t.toks[k].Rel == "fixed" {
			words = append(words, strings.ToLower(t.toks[k].Text))
		}
	}
	return strings.Join(words, " ")
}
