package extract

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"marque/ingest/prose"
	"marque/ingest/prose/language"
	"marque/ingest/prose/predicate"
)

// qualify fills in who says a claim, how surely, when, and the number it tells.
func (r *reading) qualify(c *prose.Claim, p *proposal) {
	s := &r.sents[p.pred.Sentence]
	a := r.attitude(p.pred)
	c.Who, c.Stance = a.who, a.stance
	if p.stance != "" {
		c.Stance = p.stance
	}
	if src, ok := r.accuser(p); ok {
		c.Who = src
	}
	if p.pred.Negated && p.stance == "" {
		if c.Stance != prose.Asserts {
			c.Stance = "" // said twice to be not so
			return
		}
		c.Stance = r.negated(c, p)
	}
	r.hedge(c, p, a.hedges)
	c.Trust = p.trust
	c.When = r.when(s, p.pred)
	for _, list := range [][]thing{p.object, p.targets, p.subject} {
		for _, t := range list {
			if c.Count.N == 0 && t.count.N > 0 && !t.resolved {
				c.Count = t.count
			}
		}
	}
	c.Root = r.root(&c.Who)
}

// root is the report that a statement goes back to: the one that the text retells, where its publisher says it; the text for its own words;
// else the source.
func (r *reading) root(who *prose.Source) prose.Reference {
	body := cmp.Or(who.Affiliation, who.Name)
	for _, ref := range r.survey.Retells {
		if ref.Publisher == body {
			ref.Quote, ref.Start, ref.End = "", 0, 0
			return ref
		}
	}
	if who.Name == r.house.Name || who.Kind == "article" {
		return prose.Reference{Publisher: r.doc.Publisher, Title: r.doc.Title, Document: r.doc.Name, Date: r.survey.Published}
	}
	return prose.Reference{Publisher: body, Document: r.doc.Name, Date: r.survey.Published}
}

// accuser is who attributes, where the verb of the frame itself is that of the one who speaks: "Microsoft attributed it to".
func (r *reading) accuser(p *proposal) (prose.Source, bool) {
	if !p.accuses || p.pred.Class != predicate.Verb {
		return prose.Source{}, false
	}
	agents := r.args(p.pred, predicate.Agent)
	if len(agents) == 0 {
		return prose.Source{}, false
	}
	for _, t := range slices.Concat(p.subject, p.object) {
		for _, x := range agents {
			if t.head == x.head && t.sentence == x.sentence || t.Name == x.Name {
				return prose.Source{}, false
			}
		}
	}
	return r.source(agents)
}

// negated is the stance of a claim whose verb is denied: a party's own denial, or a fact that is told not to be.
func (r *reading) negated(c *prose.Claim, p *proposal) prose.Stance {
	for _, t := range p.subject {
		if t.Name == c.Who.Name || c.Who.Affiliation != "" && t.Name == c.Who.Affiliation {
			return prose.Denies
		}
	}
	if c.Who.Kind != "article" && c.Who.Name != r.house.Name {
		return prose.Denies
	}
	return ""
}

// hedge reads the words of doubt that govern or modify the predicate and its ends.
func (r *reading) hedge(c *prose.Claim, p *proposal, governing []string) {
	s := &r.sents[p.pred.Sentence]
	words := slices.Clone(governing)
	words = append(words, p.pred.Modal)
	for _, k := range s.tree.Children(p.pred.Head) {
		if rel := rel0(s.toks[k].Rel); rel == "advmod" || rel == "aux" || rel == "amod" {
			words = append(words, strings.ToLower(s.toks[k].Text))
		}
	}
	for _, t := range slices.Concat(p.subject, p.object) {
		if t.sentence != p.pred.Sentence || t.resolved {
			continue
		}
		for k := t.first; k < t.last && k < len(s.toks); k++ {
			if tag := s.toks[k].Tag; tag == language.ADJ || tag == language.ADV || s.toks[k].Fine == "VBN" {
				words = append(words, strings.ToLower(s.toks[k].Text))
			}
		}
	}
	for _, w := range words {
		if w == "" || w == "clearly" {
			continue
		}
		for _, h := range r.lx.hedges {
			if slices.Contains(h.Words, w) {
				c.Hedge, c.Confidence = w, prose.Confidence{Term: h.Term, Probability: h.P}
				return
			}
		}
	}
}

// when is the expression of time that belongs to a predicate: one within its clause, the nearest first, else the one that opens the sentence.
func (r *reading) when(s *sent, p *predicate.Predicate) prose.When {
	if !s.timed {
		x := &r.text.Sentences[p.Sentence]
		s.times, s.timed = r.cal.In(x.Start, x.End), true
	}
	if len(s.times) == 0 {
		return prose.When{}
	}
	first, last := s.tree.Under(p.Head)
	from, to := s.toks[first].Start, s.toks[last-1].End
	at := s.toks[p.Head].Start
	best, cost := -1, 0
	for i := range s.times {
		e := &s.times[i]
		c := distance(e, at)
		if e.Start < from || e.End > to {
			c += 10_000
			if e.Start > s.toks[0].Start+40 { // not at the beginning either
				continue
			}
		}
		if best < 0 || c < cost {
			best, cost = i, c
		}
	}
	if best < 0 {
		return prose.When{}
	}
	return s.times[best].When
}

func distance(e *prose.Time, at int) int {
	if e.Start > at {
		return e.Start - at
	}
	return at - e.Start
}

// count reads the number of a phrase: "over 120 email accounts", "hundreds of emails", "22 Texas towns".
func (r *reading) count(si, first, last, head int) prose.Count {
	toks := r.sents[si].toks
	for k := first; k < last; k++ {
		if toks[k].Kind.Artefact() || r.sents[si].name[k] >= 0 {
			continue
		}
		n, used := number(toks, k)
		if used == 0 || n < 2 || n >= 1990 && n <= 2035 && toks[k].Tag == language.NUM && k+1 >= last {
			continue
		}
		if toks[k].Tag != language.NUM && toks[k].Tag != language.NOUN && toks[k].Tag != language.SYM {
			continue
		}
		unit := head
		if k+used < last && toks[k+used].Text == "of" {
			unit = min(last-1, k+used+1)
			for unit+1 < last && toks[unit].Tag != language.NOUN {
				unit++
			}
		}
		return prose.Count{Op: comparison(toks, k), N: n, Unit: strings.ToLower(toks[unit].Text)}
	}
	return prose.Count{}
}

// comparison is how a number is meant, by the words before it.
func comparison(toks []language.Token, k int) string {
	var words []string
	for i := max(0, k-3); i < k; i++ {
		words = append(words, strings.ToLower(toks[i].Text))
	}
	before := " " + strings.Join(words, " ")
	switch {
	case strings.HasSuffix(before, " more than"), strings.HasSuffix(before, " over"), strings.HasSuffix(before, " exceeding"):
		return ">"
	case strings.HasSuffix(before, " at least"), strings.HasSuffix(before, " minimum"):
		return ">="
	case strings.HasSuffix(before, " less than"), strings.HasSuffix(before, " fewer than"), strings.HasSuffix(before, " under"), strings.HasSuffix(before, " nearly"):
		return "<"
	case strings.HasSuffix(before, " up to"), strings.HasSuffix(before, " at most"):
		return "<="
	}
	return "="
}

// number reads "600 million", "1,200", "dozens", "tens of thousands" at token k and says how many tokens it takes.
func number(toks []language.Token, k int) (int64, int) {
	low := strings.TrimLeft(strings.ReplaceAll(strings.ToLower(toks[k].Text), ",", ""), "$€£")
	if low == "tens" && k+2 < len(toks) && strings.ToLower(toks[k+2].Text) == "thousands" {
		return 10_000, 3
	}
	if low == "hundreds" && k+2 < len(toks) && strings.ToLower(toks[k+2].Text) == "thousands" {
		return 100_000, 3
	}
	scale := func(i int) int64 {
		if i < len(toks) {
			if n := prose.NumberWord(strings.ToLower(toks[i].Text)); n >= 100 {
				return n
			}
		}
		return 0
	}
	if n := prose.NumberWord(low); n > 0 {
		if m := scale(k + 1); m > 0 && n < 1000 {
			return n * m, 2
		}
		return n, 1
	}
	if low == "" || !unicode.IsDigit(rune(low[0])) {
		return 0, 0
	}
	f, err := strconv.ParseFloat(low, 64)
	if err != nil || f > 1e15 {
		return 0, 0
	}
	if m := scale(k + 1); m > 0 {
		return int64(f * float64(m)), 2
	}
	return int64(f), 1
}
