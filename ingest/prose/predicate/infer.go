package predicate

import "marque/ingest/prose/language"

// has says whether the predicate has an argument of a role.
func (p *Predicate) has(r Role) bool {
	for _, a := range p.Args {
		if a.Role == r {
			return true
		}
	}
	return false
}

// subject is the role that the subject of a predicate has.
func (p *Predicate) subject() Role {
	if p.Passive && p.Class == Verb {
		return Patient
	}
	return Agent
}

// infer adds what a clause takes from the one that it hangs on. It asks that one first.
func (t *tree) infer(k, depth int) {
	p := &t.preds[k]
	if depth > deepest {
		return
	}
	head := t.toks[p.Head].Head
	switch rel0(p.Relation) {
	case "acl":
		if head >= 0 {
			t.relative(k, head)
		}
		return
	case "conj", "xcomp", "advcl", "parataxis":
	default:
		return
	}
	if head < 0 || t.at[head] < 0 || p.has(p.subject()) {
		return
	}
	g := t.at[head]
	if rel0(t.preds[g].Relation) != "root" && !t.preds[g].has(t.preds[g].subject()) {
		t.infer(g, depth+1)
	}
	governor := t.preds[g]
	if p.Relation == "parataxis" && t.toks[p.Head].Fine != "VBG" {
		return
	}
	role := governor.subject()
	if rel0(p.Relation) == "xcomp" && governor.has(Patient) && !governor.Passive && !is("subject control", governor.Lemma) {
		role = Patient
	}
	t.lend(k, p.subject(), governor.Of(role))
	if rel0(p.Relation) == "conj" && !p.Passive && !p.has(Patient) {
		t.lend(k, Patient, behind(governor.Of(Patient), p.Head))
	}
}

// behind keeps the arguments that stand behind a token: "steal and leak data" steals data too.
func behind(list []Argument, token int) []Argument {
	var kept []Argument
	for _, a := range list {
		if a.Head > token && !a.Inferred {
			kept = append(kept, a)
		}
	}
	return kept
}

func (t *tree) lend(k int, role Role, list []Argument) {
	for _, a := range list {
		a.Role, a.Inferred, a.Prep = role, true, ""
		t.preds[k].Args = append(t.preds[k].Args, a)
	}
}

// relative gives the noun before a clause its role within it.
func (t *tree) relative(k, noun int) {
	p := &t.preds[k]
	stands := -1 // the argument that a relative pronoun fills
	for i, a := range p.Args {
		if is("relative", t.lemma(a.Head)) && (t.toks[a.Head].Tag == language.PRON || t.toks[a.Head].Tag == language.DET || t.toks[a.Head].Fine == "WDT") {
			stands = i
			break
		}
	}
	role := p.subject()
	prep := ""
	switch {
	case stands >= 0:
		role, prep = p.Args[stands].Role, p.Args[stands].Prep
		p.Args = append(p.Args[:stands], p.Args[stands+1:]...)
	case stands < 0 && t.child(p.Head, "mark") >= 0 && t.lemma(t.child(p.Head, "mark")) != "that":
		// "plans to attack": who has the plan acts, not the plan.
		t.planned(k, noun)
		return
	case p.has(p.subject()) && !p.has(Patient) && !p.Passive && p.Class == Verb && !t.adverbial(p.Head):
		role = Patient
	case p.has(p.subject()):
		return
	}
	q := *p
	q.Args = nil
	t.put(&q, role, noun, prep, true)
	p.Args = append(p.Args, q.Args...)
}

// adverbial says whether a clause is led in by "where" or "when", which fills a place of its own.
func (t *tree) adverbial(i int) bool {
	for _, k := range t.kids[i] {
		if t.toks[k].Fine == "WRB" {
			return true
		}
	}
	return false
}

// planned finds who acts in an infinitive that hangs on a noun: its owner, or the subject of the verb that it belongs to.
func (t *tree) planned(k, noun int) {
	p := &t.preds[k]
	if p.has(p.subject()) {
		return
	}
	if owner := t.child(noun, "nmod:poss"); owner >= 0 {
		q := Predicate{}
		t.put(&q, p.subject(), owner, "", true)
		p.Args = append(p.Args, q.Args...)
		return
	}
	if g := t.governor(noun); g >= 0 && g != k {
		t.lend(k, p.subject(), t.preds[g].Of(t.preds[g].subject()))
	}
}

// content links clauses that are said, thought, planned.
func (t *tree) content(k int) {
	p := &t.preds[k]
	for _, c := range t.kids[p.Head] {
		rel := rel0(t.toks[c].Rel)
		if (rel == "ccomp" || rel == "xcomp") && t.at[c] >= 0 {
			first, last := t.under(c, 0)
			p.Args = append(p.Args, Argument{Role: Content, Head: c, First: first, Last: last, Clause: t.at[c]})
			if is("deny", p.Lemma) {
				t.preds[t.at[c]].Negated = !t.preds[t.at[c]].Negated
			}
		}
	}
}

// act reads the arguments of a noun that tells an act: "the group's breach of the ministry", "an attack on Ukraine by Sandworm".
func (t *tree) act(p *Predicate) {
	for _, k := range t.kids[p.Head] {
		switch rel0(t.toks[k].Rel) {
		case "nmod", "obl":
			if t.toks[k].Rel == "nmod:poss" {
				t.put(p, Agent, k, "", false)
				continue
			}
			switch prep := t.preposition(k); {
			case prep == "by":
				t.put(p, Agent, k, prep, false)
			case is("patient", prep):
				t.put(p, Patient, k, prep, false)
			case prep != "":
				t.put(p, Oblique, k, prep, false)
			}
		}
	}
}

// light joins a verb that only carries the noun of an act with that noun: who launched an attack attacked.
func (t *tree) light() {
	for k := range t.preds {
		p := &t.preds[k]
		if p.Class != Act || p.Under < 0 {
			continue
		}
		v := &t.preds[p.Under]
		if v.Class != Verb || !is("light", v.Lemma) || !t.carries(v, p.Head) {
			continue
		}
		p.Time, p.Perfect, p.Progressive, p.Negated, p.Modal = v.Time, v.Perfect, v.Progressive, v.Negated, v.Modal
		if !p.has(Agent) {
			t.lend(k, Agent, v.Of(Agent))
		}
		for _, a := range v.Of(Oblique) {
			if is("patient", a.Prep) && !p.has(Patient) && a.Head > p.Head {
				t.lend(k, Patient, []Argument{a})
			}
		}
	}
}

func (t *tree) carries(v *Predicate, noun int) bool {
	for _, a := range v.Of(Patient) {
		if a.Head == noun {
			return true
		}
	}
	return false
}

// items hands the items of a list to the predicate that leads them in: "The group used:" and three names, or
// "The actors:" and three verbs.
func items(t *language.Text, all [][]Predicate) {
	for b := range t.Blocks {
		lead := t.Blocks[b].Lead
		if lead < 0 || t.Blocks[b].First == t.Blocks[b].Last || t.Blocks[lead].First == t.Blocks[lead].Last {
			continue
		}
		from, item := t.Blocks[lead].Last-1, t.Blocks[b].First
		if len(all[from]) == 0 {
			continue
		}
		p := &all[from][0]
		for k := range all[from] {
			if all[from][k].Class == Verb && rel0(all[from][k].Relation) != "acl" {
				p = &all[from][k]
			}
		}
		tr := newTree(t.Sentences[item].Tokens)
		root := tr.root()
		switch {
		case tr.nominal(root) && tr.child(root, "nsubj", "cop") < 0:
			q := Predicate{}
			tr.put(&q, Patient, root, "", true)
			for _, a := range q.Args {
				a.Sentence = item
				p.Args = append(p.Args, a)
			}
		default:
			for k := range all[item] {
				x := &all[item][k]
				if x.Head == root && x.Class == Verb && !x.has(x.subject()) {
					for _, a := range p.Of(p.subject()) {
						a.Role, a.Inferred = x.subject(), true
						x.Args = append(x.Args, a)
					}
				}
			}
		}
	}
}

func (t *tree) root() int {
	for i := range t.toks {
		if t.toks[i].Head < 0 {
			return i
		}
	}
	return 0
}
