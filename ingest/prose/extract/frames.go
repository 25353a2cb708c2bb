package extract

import (
	"cmp"
	"slices"
	"strings"

	"marque/ingest/prose"
	"marque/ingest/prose/language"
	"marque/ingest/prose/predicate"
)

// sides are the phrases that a pattern gives a frame.
type sides struct {
	subject, object []thing
	pattern         pattern
	fit             fitness
	trust           float64
}

// fitness is how well sides fit a frame.
type fitness uint8

const (
	unfit fitness = iota
	loose         // one side is what it may be, the other is not
	half          // one is, nobody knows of the other
	full
)

// frames holds a predicate against the frames of its verb and proposes a claim for the one that fits best.
func (r *reading) frames(p *predicate.Predicate) {
	if p.Class == predicate.Apposition || r.unreal(p) {
		return
	}
	best, ok := r.best(p)
	if !ok {
		return
	}
	f := best.pattern.frame
	relation := f.Relation
	if relation == "compromised" && r.attempted(p) {
		relation = "targets"
	}
	words := append([]string{p.Lemma}, best.pattern.words...)
	r.add(proposal{
		pred: p, relation: relation, subject: best.subject, object: best.object, at: p.Head,
		rule: "frame", why: strings.Join(words, " "), trust: best.trust, accuses: f.Roles == "object prep" || f.Roles == "prep object" || f.Roles == "blamed",
	})
}

// unreal says whether a predicate is only supposed: the clause of an if.
func (r *reading) unreal(p *predicate.Predicate) bool {
	return p.Marker == "if" || p.Marker == "unless" || p.Marker == "lest" || p.Marker == "whether" && rel0(p.Relation) == "advcl" && !r.doubted(p)
}

// doubted says whether a predicate hangs on a word of doubt: "it is unclear whether".
func (r *reading) doubted(p *predicate.Predicate) bool {
	s := &r.sents[p.Sentence]
	return p.Under >= 0 && r.is("doubt", strings.ToLower(s.toks[s.preds[p.Under].Head].Lemma))
}

// attempted says whether a predicate is only tried, planned or threatened.
func (r *reading) attempted(p *predicate.Predicate) bool {
	s := &r.sents[p.Sentence]
	if p.Under >= 0 && rel0(p.Relation) == "xcomp" && r.is("attempt", s.preds[p.Under].Lemma) {
		return true
	}
	if h := s.toks[p.Head].Head; h >= 0 && rel0(p.Relation) == "acl" && r.is("attempt", strings.ToLower(s.toks[h].Lemma)) {
		return true
	}
	return false
}

func rel0(rel string) string {
	head, _, _ := strings.Cut(rel, ":")
	return head
}

// best is the frame whose sides fit best.
func (r *reading) best(p *predicate.Predicate) (sides, bool) {
	var found []sides
	for _, pat := range r.lx.verbs[p.Lemma] {
		if pat.passive && !p.Passive || p.Class == predicate.Act && !acts[pat.frame.Relation] {
			continue
		}
		sd, ok := r.sides(p, pat)
		if !ok {
			continue
		}
		sd.fit = r.fit(p, &sd)
		if sd.trust = r.lx.trust.of(pat.frame.Relation, sd.fit); sd.trust >= r.lx.trust.Least {
			found = append(found, sd)
		}
	}
	if len(found) == 0 {
		return sides{}, false
	}
	return slices.MinFunc(found, func(a, b sides) int {
		return cmp.Or(int(b.fit)-int(a.fit), len(b.pattern.words)-len(a.pattern.words), a.pattern.order-b.pattern.order)
	}), true
}

// sides finds the phrases of a pattern.
func (r *reading) sides(p *predicate.Predicate, pat pattern) (sides, bool) {
	behind, ends, ok := r.words(p, pat.words)
	if !ok {
		return sides{}, false
	}
	agent, patient := r.agents(p), r.args(p, predicate.Patient)
	var prep []thing
	object := patient
	if behind >= 0 {
		prep = r.things(p.Sentence, behind)
		object = prep
		first, _ := r.sents[p.Sentence].tree.Phrase(behind)
		for i := range patient {
			r.cut(&patient[i], first)
		}
	} else if ends {
		return sides{}, false
	}
	sd := sides{subject: agent, object: object, pattern: pat}
	switch {
	case pat.passive:
		sd.subject, sd.object = patient, agent
	case pat.frame.Roles == "doer":
		sd.subject, sd.object = object, agent
	case pat.frame.Roles == "object prep":
		sd.subject, sd.object = patient, prep
	case pat.frame.Roles == "prep object":
		sd.subject, sd.object = prep, patient
	case pat.frame.Roles == "payer":
		sd.subject, sd.object = prep, agent
	case pat.frame.Roles == "blamed":
		sd.subject = r.memory.deed()
	}
	if len(object) > 0 && (behind >= 0 || len(pat.words) == 0) && r.is("idle", r.lemma(object[0])) {
		return sides{}, false
	}
	sd.subject, sd.object = r.resolve(sd.subject), r.resolve(sd.object)
	sd.object = slices.DeleteFunc(sd.object, func(t thing) bool {
		return (t.last-t.first <= 2 || r.lemma(t) == "one") && r.is("nobody", r.lemma(t)) && !t.resolved
	})
	if harms[pat.frame.Relation] && slices.ContainsFunc(sd.subject, r.lawful) {
		return sides{}, false
	}
	return sd, len(sd.object) > 0
}

// agents are who acts. Of a clause that does not say, such as an infinitive of purpose, it is who acts in the one that it hangs on.
func (r *reading) agents(p *predicate.Predicate) []thing {
	s := &r.sents[p.Sentence]
	q := p
	for range 6 {
		if list := r.args(q, predicate.Agent); len(list) > 0 {
			return list
		}
		if q.Class == predicate.Verb && q.Passive {
			if q != p && r.is("partake", q.Lemma) {
				return r.args(q, predicate.Patient)
			}
			return nil
		}
		if q.Under < 0 || p.Class == predicate.Act && !r.is("partake", s.preds[q.Under].Lemma) && !r.lx.light[s.preds[q.Under].Lemma] {
			return nil
		}
		if rel := rel0(q.Relation); rel == "ccomp" || rel == "parataxis" || rel == "csubj" || rel == "nsubj" {
			return nil
		}
		q = &s.preds[q.Under]
		if r.is("speech", q.Lemma) && q.Class == predicate.Verb && q != p {
			return nil
		}
	}
	return nil
}

// cut ends a phrase before a token: "attribute the campaign to X" has the campaign without X.
func (r *reading) cut(t *thing, at int) {
	s := &r.sents[t.sentence]
	k := at
	for k > t.head && (s.toks[k-1].Tag == language.ADP || s.toks[k-1].Tag == language.DET) {
		k--
	}
	if k <= t.head || k >= t.last || s.name[t.head] >= 0 {
		return
	}
	t.last = k
	first := t.first
	for first < t.head && s.toks[first].Tag == language.DET {
		first++
	}
	t.Text, t.Name, t.Links = r.span(t.sentence, t.first, k), r.span(t.sentence, first, k), nil
	r.tieIn(t, t.sentence, first, k)
}

// acts are relations that a noun alone may tell: "the breach of".
var acts = map[string]bool{
	"compromised": true, "stole": true, "disrupted": true, "targets": true, "deployed": true, "exploited": true, "spread": true, "influences": true, "supports": true, "personas": true,
}

// harms are relations of which those who keep the law are no subjects.
var harms = map[string]bool{
	"stole": true, "deployed": true, "compromised": true, "spread": true, "influences": true, "exploited": true, "personas": true, "extorts": true, "targets": true, "disrupted": true,
}

// lawful says whether somebody is an authority that is known for no operations, or a government in general.
func (r *reading) lawful(t thing) bool {
	if t.Kind == prose.Agency || t.Kind == prose.Ministry {
		e, ok := r.gaz.Lookup(t.Name)
		return ok && (e.Law || e.Civil)
	}
	return t.class&isState != 0 && t.Country == "" && t.class&(isActor|isGroup|isCrime) == 0
}

func (r *reading) lemma(t thing) string {
	if t.sentence >= len(r.sents) || t.head >= len(r.sents[t.sentence].toks) {
		return ""
	}
	return strings.ToLower(r.sents[t.sentence].toks[t.head].Lemma)
}

// args are what the arguments of a role denote.
func (r *reading) args(p *predicate.Predicate, role predicate.Role) []thing {
	var out []thing
	for _, a := range p.Args {
		if a.Role == role && a.Clause < 0 && r.sents[a.Sentence].toks[a.Head].Tag != language.PUNCT {
			out = append(out, r.thing(a.Sentence, a.Head))
		}
	}
	return out
}

// words follows the words of a pattern behind a predicate. It returns the noun that stands behind the last one, −1 for none, and whether
// the pattern ends in a preposition.
func (r *reading) words(p *predicate.Predicate, words []string) (behind int, ends, ok bool) {
	if len(words) == 0 {
		return -1, false, p.Particle == ""
	}
	s := &r.sents[p.Sentence]
	at := p.Head + 1
	if p.Class == predicate.Copula {
		at = s.tree.Child(p.Head, "cop") + 1
	}
	gap := false
	last := -1
	for _, w := range words {
		if w == "..." {
			gap = true
			continue
		}
		k := s.next(at, w, gap)
		if k < 0 {
			return 0, false, false
		}
		last, at, gap = k, k+1, false
	}
	if last < 0 {
		return -1, false, true
	}
	t := s.toks[last]
	if t.Tag != language.ADP && t.Tag != language.SCONJ || rel0(t.Rel) == "compound" {
		return -1, false, true
	}
	if t.Tag == language.ADP && t.Rel == "advmod" {
		return -1, false, true // a particle
	}
	n := s.behind(last)
	if n < 0 || s.toks[n].Tag == language.VERB {
		return -1, true, false
	}
	return n, true, true
}

// next is the place of a word behind a place: after small words, or after anything within the clause where a gap is allowed.
func (s *sent) next(at int, w string, gap bool) int {
	for k := at; k < len(s.toks) && k < at+16; k++ {
		t := &s.toks[k]
		if (strings.EqualFold(t.Text, w) || t.Lemma == w) && (w != "to" || t.Tag != language.PART) {
			return k
		}
		if gap {
			if t.Tag == language.VERB && t.Fine != "VBN" && t.Fine != "VBG" || t.Text == ";" {
				return -1
			}
			continue
		}
		switch t.Tag {
		case language.ADV, language.DET, language.ADJ, language.NUM, language.AUX, language.PART:
		case language.PRON:
			if t.Fine != "PRP$" {
				return -1
			}
		default:
			if rel0(t.Rel) != "compound" && rel0(t.Rel) != "amod" {
				return -1
			}
		}
	}
	return -1
}

// behind is the noun that a preposition leads in.
func (s *sent) behind(prep int) int {
	if h := s.toks[prep].Head; h > prep && rel0(s.toks[prep].Rel) == "case" {
		return h
	}
	for k := prep + 1; k < len(s.toks) && k < prep+9; k++ {
		switch s.toks[k].Tag {
		case language.NOUN, language.PROPN, language.PRON:
			for h := s.toks[k].Head; h > k; h = s.toks[k].Head {
				switch rel0(s.toks[k].Rel) {
				case "compound", "amod", "nmod", "flat", "nummod", "det":
					k = h
					continue
				}
				break
			}
			return k
		case language.VERB, language.CCONJ, language.PUNCT:
			return -1
		}
	}
	return -1
}

// fit says how well sides fit a frame.
func (r *reading) fit(p *predicate.Predicate, sd *sides) fitness {
	f := sd.pattern.frame
	switch {
	case f.requires != nil && !r.requires(p, f),
		f.Future && p.Time != predicate.Future && !r.foreseen(p),
		f.Counted && !slices.ContainsFunc(sd.object, func(t thing) bool { return t.count.N > 0 }):
		return unfit
	}
	subject, object := match(sd.subject, f.subject), match(sd.object, f.object)
	known := slices.ContainsFunc(sd.subject, func(t thing) bool { return t.named() })
	switch {
	case len(sd.subject) == 0:
		if object == 2 && r.doerless(p, sd) {
			return full
		}
		return unfit
	case subject == 2 && object == 2:
		return full
	case subject == 0 && object == 2, subject == 2 && object == 0 && (f.Loose || sd.pattern.bold):
		return half
	case sd.pattern.bold && subject >= 0, f.Loose && subject == 2, f.Loose && object == 2 && known:
		return loose
	}
	return unfit
}

// doerless says whether a deed may be told without its doer: in the passive, of something that is told in full.
func (r *reading) doerless(p *predicate.Predicate, sd *sides) bool {
	f := sd.pattern.frame
	switch f.Relation {
	case "compromised", "stole", "disrupted":
		return p.Class == predicate.Verb && (p.Passive || sd.pattern.bold)
	}
	return false
}

// match is 2 where one of the things is what a side may be, −1 where none can be, 0 where nobody knows.
func match(things []thing, want class) int {
	got := 0
	for i, t := range things {
		switch {
		case want == ^class(0), t.class&want != 0:
			return 2
		case t.class != 0 && (i == 0 || got < 0):
			got = -1
		default:
			got = 0
		}
	}
	return got
}

func (r *reading) requires(p *predicate.Predicate, f *frame) bool {
	s := &r.sents[p.Sentence]
	first, last := s.tree.Under(p.Head)
	for k := first; k < last; k++ {
		if f.requires[strings.ToLower(s.toks[k].Text)] || f.requires[s.toks[k].Lemma] {
			return true
		}
	}
	return false
}

// foreseen says whether what a clause tells is only expected.
func (r *reading) foreseen(p *predicate.Predicate) bool {
	return p.Under >= 0 && (r.sents[p.Sentence].preds[p.Under].Lemma == "expect" || r.sents[p.Sentence].preds[p.Under].Lemma == "predict")
}
