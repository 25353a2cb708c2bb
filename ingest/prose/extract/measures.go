package extract

import (
	"strings"

	"marque/ingest/prose"
	"marque/ingest/prose/language"
	"marque/ingest/prose/predicate"
)

// plainMeasures are kinds of measures that only those take who may: their verbs need no agent to be understood.
var plainMeasures = map[string]bool{"indictment": true, "sanctions": true, "conviction": true, "extradition": true, "arrest": true, "expulsion": true, "seizure": true}

// measure reads what a state, a court or a platform does about it, and says whether the predicate tells that.
func (r *reading) measure(p *predicate.Predicate) bool {
	if p.Class == predicate.Copula || p.Class == predicate.Apposition || r.unreal(p) {
		return false
	}
	kind, what := r.lx.measures[p.Lemma], p.Lemma
	if p.Particle != "" {
		kind, what = r.lx.measures[p.Lemma+" "+p.Particle], p.Lemma+" "+p.Particle
	}
	agents, patients := r.args(p, predicate.Agent), r.args(p, predicate.Patient)
	targets := patients
	if p.Class == predicate.Act {
		if kind == "" || p.Under >= 0 && r.lx.light[r.sents[p.Sentence].preds[p.Under].Lemma] {
			return false
		}
		if len(agents) == 0 && !plainMeasures[kind] {
			return false
		}
	}
	if kind == "" && r.lx.light[p.Lemma] {
		for _, t := range patients {
			if k := r.decree(t); k != "" {
				kind, what = k, t.Name
				targets = r.against(p, t)
				break
			}
		}
	}
	if kind == "" {
		return false
	}
	agents = r.resolve(agents)
	if len(agents) == 0 && !plainMeasures[kind] {
		return false
	}
	for _, a := range agents {
		if !r.powerful(a, kind) {
			return false
		}
	}
	name := kind
	if len(targets) > 0 {
		name += " of " + targets[0].Text
		for _, t := range targets[1:] {
			name += ", " + t.Text
		}
	} else if what != p.Lemma {
		name = kind + ": " + what
	}
	if p.Class == predicate.Verb && len(targets) == 0 && what == p.Lemma {
		return false
	}
	object := thing{Ref: prose.Ref{Name: name, Kind: kind, Text: name}, sentence: p.Sentence, head: p.Head, resolved: true}
	for _, t := range targets {
		object.Links = append(object.Links, t.Name)
		if object.count.N == 0 {
			object.count, object.resolved = t.count, t.count.N == 0
		}
	}
	r.add(proposal{pred: p, relation: "measure", subject: agents, object: []thing{object}, targets: targets, rule: "measure", why: kind + ": " + what, trust: .7, at: p.Head})
	return true
}

// decree is the kind of measure that a noun tells.
func (r *reading) decree(t thing) string {
	s := &r.sents[t.sentence]
	if t.pronoun != "" || t.head >= len(s.toks) {
		return ""
	}
	low := strings.ToLower(t.Name)
	for _, words := range r.lx.phrases {
		if strings.Contains(low, words) {
			return r.lx.decrees[words]
		}
	}
	if kind := r.lx.decrees[strings.ToLower(s.toks[t.head].Lemma)]; kind != "" {
		return kind
	}
	return r.lx.decrees[strings.ToLower(s.toks[t.head].Text)]
}

// against are those that a measure is taken against: "sanctions against X", "imposed sanctions on X".
func (r *reading) against(p *predicate.Predicate, t thing) []thing {
	s := &r.sents[t.sentence]
	for k := t.head + 1; k < len(s.toks) && k < t.head+8; k++ {
		switch strings.ToLower(s.toks[k].Text) {
		case "on", "against", "of", "for", "targeting", "into", "over":
			if n := s.behind(k); n >= 0 && s.toks[n].Tag != language.VERB {
				return r.things(t.sentence, n)
			}
		}
	}
	return nil
}

// powerful says whether somebody can take a measure: no actor of ours, and no victim.
func (r *reading) powerful(t thing, kind string) bool {
	if t.class&(isActor|isCrime|isMalware|isOperation) != 0 || t.Kind == "group" {
		return false
	}
	if t.class&(isAgency|isState|isMilitary|isCompany|isOrganisation|isParty) != 0 {
		return true
	}
	s := &r.sents[t.sentence]
	return r.lx.powers[strings.ToLower(s.toks[t.head].Lemma)]
}

// advice reads what ought to be done, and says whether the predicate tells that.
func (r *reading) advice(p *predicate.Predicate) bool {
	s := &r.sents[p.Sentence]
	if p.Class == predicate.Act || p.Class == predicate.Apposition {
		return false
	}
	switch {
	case r.is("ought", p.Modal) && !p.Perfect && !r.unreal(p) && (p.Relation != "root" || s.tree.Child(p.Head, "nsubj", "csubj") >= 0):
		if rel := rel0(p.Relation); rel == "acl" || rel == "advcl" {
			return true
		}
	case r.is("advise", p.Lemma) && p.Class == predicate.Verb && len(p.Of(predicate.Content)) > 0 && !p.Negated:
		agents := r.args(p, predicate.Agent)
		if len(agents) == 0 {
			return false
		}
		if src, ok := r.source(agents); !ok || src.Kind == prose.Actor {
			return false
		}
		a := p.Of(predicate.Content)[0]
		r.recommend(p, a.First, a.Last)
		return true
	default:
		return r.under(p)
	}
	first, last := s.tree.Under(p.Head)
	r.recommend(p, first, last)
	return true
}

// under says whether a predicate is part of what is advised.
func (r *reading) under(p *predicate.Predicate) bool {
	s := &r.sents[p.Sentence]
	for q, n := p, 0; q.Under >= 0 && n < 8; n++ {
		g := &s.preds[q.Under]
		if q.Relation == "acl:relcl" {
			return false
		}
		rel := rel0(q.Relation)
		if r.is("advise", g.Lemma) && g.Class == predicate.Verb && rel != "conj" || r.is("ought", g.Modal) && (rel == "xcomp" || rel == "conj" || rel == "ccomp") {
			return true
		}
		q = g
	}
	return false
}

func (r *reading) recommend(p *predicate.Predicate, first, last int) {
	text := r.span(p.Sentence, first, last)
	if text == "" {
		return
	}
	object := thing{Ref: prose.Ref{Name: text, Kind: "advice", Text: text}, sentence: p.Sentence, head: p.Head, resolved: true}
	r.add(proposal{pred: p, relation: "recommends", object: []thing{object}, rule: "advice", why: strings.TrimSpace(p.Modal + " " + p.Lemma), trust: .7, at: p.Head})
}
