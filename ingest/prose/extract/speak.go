package extract

import (
	"strings"

	"marque/ingest/prose"
	"marque/ingest/prose/language"
	"marque/ingest/prose/predicate"
)

// speakers is who spoke so far.
type speakers struct {
	person prose.Source
	body   prose.Source
	quoted prose.Source // who is being quoted, while the quotation is open
	open   bool         // a quotation is open at the end of the sentence before
	block  int
	last   prose.Source // who led in the sentence before, in the same paragraph
}

// voices is who speaks in a sentence beside those whose verbs lead clauses in.
type voices struct {
	whole  prose.Source // "according to X", "…, said X": for the whole sentence
	quote  []bool       // tokens within quotation marks
	quoter prose.Source // who speaks within them
}

// listen finds who speaks in a sentence as a whole, and within its quotation marks.
func (r *reading) listen(si int) {
	s := &r.sents[si]
	v := voices{quote: make([]bool, len(s.toks))}
	sp := &r.speaker
	if b := r.text.Sentences[si].Block; b != sp.block {
		sp.block = b
		sp.last = prose.Source{}
		if len(s.toks) > 0 && !opens(s.toks[0].Text) {
			sp.open = false
		}
	}
	open, any := sp.open, sp.open
	for i := range s.toks {
		switch s.toks[i].Text {
		case "“", "``":
			open, any = true, true
		case "”", "''":
			open = false
		case "\"":
			open = !open
			any = true
		}
		v.quote[i] = open
	}
	var lead prose.Source
	for k := range s.preds {
		p := &s.preds[k]
		if !r.is("speech", p.Lemma) || p.Class != predicate.Verb {
			continue
		}
		agents := r.args(p, predicate.Agent)
		if len(agents) == 0 {
			continue
		}
		src, ok := r.source(agents)
		if !ok {
			continue
		}
		r.remember(src)
		if (p.Relation == "root" || rel0(p.Relation) == "parataxis") && (src.Kind == prose.Company || src.Kind == prose.Agency || src.Kind == prose.Org) {
			lead = src
		}
		if rel0(p.Relation) == "parataxis" || p.Marker == "as" || v.quoter.Name == "" && any && !v.quote[p.Head] {
			v.quoter = src
		}
		last := rel0(p.Relation) == "conj" && len(p.Of(predicate.Content)) == 0 && p.Head >= len(s.toks)-4 // "…, the ministry alleges."
		if rel0(p.Relation) == "parataxis" || p.Marker == "as" || last {
			v.whole = src
		}
	}
	for i := range s.toks {
		if strings.EqualFold(s.toks[i].Text, "according") && i+1 < len(s.toks) && s.toks[i+1].Text == "to" {
			n := s.behind(i + 1)
			for k := i + 2; k < len(s.toks) && k <= i+3; k++ { // a name that stands there is the one, whatever the tree makes of what follows
				if at := s.name[k]; at >= 0 && !s.names[at].demonym && s.toks[k].Tag == language.PROPN && (s.names[at].last >= len(s.toks) || s.toks[s.names[at].last].Text == "," || s.toks[s.names[at].last].Text == ".") {
					n = s.names[at].last - 1
					break
				}
			}
			if n >= 0 {
				if src, ok := r.source([]thing{r.thing(si, n)}); ok {
					v.whole = src
					r.remember(src)
				}
			}
		}
	}
	if any && v.quoter.Name == "" {
		v.quoter = sp.quoted
	}
	if any && v.quoter.Name != "" {
		sp.quoted = v.quoter
	}
	sp.open = open
	if v.whole.Name == "" && lead.Name == "" && sp.last.Name != "" && r.goesOn(s) {
		v.whole = sp.last
	} else {
		sp.last = lead
		if lead.Name == "" {
			sp.last = v.whole
		}
	}
	s.voice = v
}

// goesOn says whether a sentence goes on with what the one before told: it begins with "they", "it", "the group".
func (r *reading) goesOn(s *sent) bool {
	if len(s.toks) < 2 {
		return false
	}
	switch strings.ToLower(s.toks[0].Text) {
	case "they", "it", "both", "its", "their", "these", "those":
		return true
	case "the", "this":
		for k := 1; k < min(4, len(s.toks)); k++ {
			if l := strings.ToLower(s.toks[k].Lemma); r.is("again", l) || r.is("program", l) || r.is("deeds", l) {
				return true
			}
		}
	}
	return false
}

func opens(w string) bool { return w == "“" || w == "\"" || w == "``" }

func (r *reading) remember(s prose.Source) {
	switch s.Kind {
	case prose.Person:
		r.speaker.person = s
	case prose.Company, prose.Agency, prose.Org, prose.Media, prose.Ministry:
		r.speaker.body = s
	}
}

// source is who the agents of a verb of speech are.
func (r *reading) source(list []thing) (prose.Source, bool) {
	var found []prose.Source
	for _, t := range list {
		if s, ok := r.sourceOf(t); ok {
			found = append(found, s)
		}
	}
	if len(found) == 0 {
		return prose.Source{}, false
	}
	s := found[0]
	if len(found) > 1 {
		for _, f := range found {
			s.Parties = append(s.Parties, prose.Ref{Name: f.Name, Kind: f.Kind})
		}
	}
	return s, true
}

func (r *reading) sourceOf(t thing) (prose.Source, bool) {
	switch t.pronoun {
	case "we", "i", "our", "us":
		return r.own(t.sentence, t.head), true
	case "he", "she":
		return r.speaker.person, r.speaker.person.Name != ""
	case "they", "it":
		return r.speaker.body, r.speaker.body.Name != ""
	case "":
	default:
		return prose.Source{}, false
	}
	s := &r.sents[t.sentence]
	lemma := strings.ToLower(s.toks[t.head].Lemma)
	switch {
	case t.Kind == prose.Person && s.toks[t.head].Tag == language.PROPN:
		return r.person(t), true
	case s.name[t.head] >= 0 && t.Kind != "":
		return prose.Source{Name: t.Name, Kind: t.Kind}, t.Kind != prose.Malware && t.Kind != prose.Tool
	case s.toks[t.head].Tag == language.PROPN:
		return prose.Source{Name: t.Name, Kind: t.Kind}, true
	}
	if body, ok := r.within(t); ok {
		return prose.Source{Name: body.Name, Kind: body.Kind, Via: t.Name}, true
	}
	if r.is("papers", lemma) {
		if src, ok := r.author(t); ok {
			return src, true
		}
		return r.paper(), true
	}
	if t.definite && t.last-t.first <= 3 {
		switch lemma {
		case "company", "firm", "vendor", "researcher", "analyst", "team", "agency", "ministry", "office", "newspaper", "department", "lab":
			if r.speaker.body.Name != "" {
				return r.speaker.body, true
			}
		}
	}
	if t.class&(isSpeaker|isPeople|isGroup|isAgency|isOrganisation|isState|isBody) != 0 || r.lx.nouns[lemma]&(isSpeaker|isBody) != 0 {
		return prose.Source{Name: t.Name, Kind: "people", Affiliation: t.Country}, true
	}
	return prose.Source{}, false
}

// within is the body that a phrase names as the one that is spoken for: "Proofpoint researchers", "researchers at Proofpoint".
func (r *reading) within(t thing) (*prose.Entity, bool) {
	s := &r.sents[t.sentence]
	_, last := s.tree.Under(t.head)
	for k := t.first; k < max(last, t.last) && k < len(s.toks); k++ {
		if at := s.name[k]; at >= 0 {
			e := s.names[at].entity
			switch e.Kind {
			case prose.Company, prose.Org, prose.Agency, prose.Ministry, prose.Media, prose.Military, prose.State:
				return e, true
			}
		}
		if k > t.head && s.toks[k].Tag == language.VERB && !r.is("papers", strings.ToLower(s.toks[t.head].Lemma)) {
			break
		}
	}
	return nil, false
}

// author is who publishes a text in the same sentence: "the Post published a story that says".
func (r *reading) author(t thing) (prose.Source, bool) {
	s := &r.sents[t.sentence]
	for k := range s.preds {
		p := &s.preds[k]
		if p.Class != predicate.Verb || r.is("speech", p.Lemma) {
			continue
		}
		for _, a := range p.Of(predicate.Patient) {
			if a.Head == t.head && !a.Inferred {
				for _, x := range r.args(p, predicate.Agent) {
					if x.class&(isCompany|isAgency|isOrganisation|isPerson) != 0 && x.named() {
						return r.sourceOf(x)
					}
				}
			}
		}
	}
	return prose.Source{}, false
}

// paper is whose "the report" is: that of the body that spoke last, or the one that the text retells, else the text's own.
func (r *reading) paper() prose.Source {
	if r.speaker.body.Name != "" {
		return r.speaker.body
	}
	if len(r.survey.Retells) > 0 && r.survey.Retells[0].Publisher != "" {
		name := r.survey.Retells[0].Publisher
		if e, ok := r.gaz.Lookup(name); ok {
			return prose.Source{Name: e.Name, Kind: e.Kind}
		}
		return prose.Source{Name: name, Kind: prose.Org}
	}
	return r.house
}

// person is who is named, with the body that the words around the name tell: "Intel 471 COO Jason Passwaters", "Ana Brod of the lab Owlsight".
func (r *reading) person(t thing) prose.Source {
	s := &r.sents[t.sentence]
	first := t.head
	for first > t.first && s.toks[first-1].Tag == language.PROPN && s.name[first-1] < 0 && len(s.toks[first-1].Text) > 1 && t.head-first < 2 && strings.ToUpper(s.toks[first-1].Text) != s.toks[first-1].Text {
		first--
	}
	src := prose.Source{Name: t.Name, Kind: prose.Person}
	if at := s.name[t.head]; at >= 0 {
		src.Affiliation = s.names[at].entity.Affiliation
	} else if first > t.first {
		src.Name = r.span(t.sentence, first, t.head+1)
	}
	if src.Affiliation == "" {
		if body, ok := r.within(t); ok {
			src.Affiliation = body.Name
		} else if known, ok := r.people[surname(src.Name)]; ok {
			return known
		}
	}
	if src.Affiliation != "" {
		src.Via = src.Name + " (" + src.Affiliation + ")"
	}
	r.people[surname(src.Name)] = src
	return src
}

func surname(name string) string {
	return name[strings.LastIndexByte(name, ' ')+1:]
}

// own is who "we" are at a token: within quotation marks whoever is quoted.
func (r *reading) own(si, tok int) prose.Source {
	v := &r.sents[si].voice
	if tok < len(v.quote) && v.quote[tok] && v.quoter.Name != "" {
		return v.quoter
	}
	return r.house
}

// attitude is how the speaker stands to what a clause tells.
type attitude struct {
	who    prose.Source
	stance prose.Stance
	hedges []string // lemmas of the governing verbs
}

// attitude climbs from a predicate to those that lead its clause in.
func (r *reading) attitude(p *predicate.Predicate) attitude {
	s := &r.sents[p.Sentence]
	a := attitude{stance: prose.Asserts}
	q := p
	for range 12 {
		if q.Under < 0 {
			break
		}
		g := &s.preds[q.Under]
		rel := rel0(q.Relation)
		content := q.Marker == "that" && r.is("speech", g.Lemma) || q.Marker == "whether" && r.doubted(q) || rel == "ccomp" || rel == "xcomp" || rel == "csubj" || rel == "acl" && r.is("evidence", g.Lemma)
		if !content && (rel == "acl" || rel == "advcl") && q.Class == predicate.Verb && g.Class == predicate.Verb && r.is("finding", g.Lemma) && g.Negated {
			content = true // "did not find evidence of attempts to"
		}
		if rel == "parataxis" && r.is("speech", q.Lemma) {
			break
		}
		if content {
			r.leads(&a, g)
		}
		if content || rel == "acl" {
			if r.missing(q) || r.missing(g) {
				a.stance = prose.NoEvidence
			}
		}
		q = g
	}
	if a.who.Name == "" {
		v := &s.voice
		switch {
		case p.Head < len(v.quote) && v.quote[p.Head] && v.quoter.Name != "":
			a.who = v.quoter
		case v.whole.Name != "":
			a.who = v.whole
		default:
			a.who = r.house
		}
	}
	return a
}

// missing says whether a clause hangs on evidence that is not there: "no evidence that", "no sign suggesting that".
func (r *reading) missing(p *predicate.Predicate) bool {
	s := &r.sents[p.Sentence]
	h := s.toks[p.Head].Head
	if h < 0 || rel0(p.Relation) != "acl" && rel0(p.Relation) != "ccomp" || !r.is("evidence", strings.ToLower(s.toks[h].Lemma)) {
		return false
	}
	d := s.tree.Child(h, "det")
	return d >= 0 && strings.EqualFold(s.toks[d].Text, "no")
}

// leads takes in what a governing predicate says of its clause.
func (r *reading) leads(a *attitude, g *predicate.Predicate) {
	s := &r.sents[g.Sentence]
	lemma := g.Lemma
	if g.Class == predicate.Copula {
		lemma = strings.ToLower(s.toks[g.Head].Lemma)
	}
	a.hedges = append(a.hedges, lemma, g.Modal)
	negated := g.Negated
	switch {
	case r.is("doubt", lemma):
		a.stance = prose.Doubts
	case r.is("deny", lemma):
		a.stance = prose.Denies
	case negated && r.is("finding", lemma):
		a.stance = prose.NoEvidence
	case negated && r.is("open", lemma):
		a.stance = prose.Doubts
	case negated && r.is("speech", lemma):
		a.stance = prose.Doubts
	}
	if a.who.Name == "" && r.is("speech", lemma) && g.Class == predicate.Verb {
		if agents := r.args(g, predicate.Agent); len(agents) > 0 && g.Relation != "acl" {
			if src, ok := r.source(agents); ok {
				a.who = src
			}
		}
	}
}
