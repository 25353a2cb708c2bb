package predicate

import (
	"strings"

	"marque/ingest/prose/language"
)

// tree is a sentence with its children at hand.
type tree struct {
	toks  []language.Token
	kids  [][]int
	preds []Predicate
	at    []int // predicate that a token heads; −1 for none
}

func newTree(toks []language.Token) *tree {
	t := &tree{toks: toks, kids: make([][]int, len(toks)), at: make([]int, len(toks))}
	for i := range toks {
		t.at[i] = -1
		if h := toks[i].Head; h >= 0 {
			t.kids[h] = append(t.kids[h], i)
		}
	}
	return t
}

// child is the first child with one of the relations; −1 for none. A relation without subtype stands for all its subtypes.
func (t *tree) child(i int, rels ...string) int {
	for _, r := range rels {
		for _, k := range t.kids[i] {
			if rel := t.toks[k].Rel; rel == r || strings.HasPrefix(rel, r) && rel[len(r)] == ':' {
				return k
			}
		}
	}
	return -1
}

func (t *tree) lemma(i int) string {
	if i < 0 {
		return ""
	}
	return strings.ToLower(t.toks[i].Lemma)
}

func (t *tree) nominal(i int) bool {
	switch t.toks[i].Tag {
	case language.NOUN, language.PROPN, language.PRON, language.NUM, language.X, language.SYM:
		return true
	case language.DET, language.ADJ:
		return t.child(i, "det", "case") >= 0 || len(t.kids[i]) == 0
	}
	return false
}

// phrase is the run of tokens around i that belong to its noun phrase: without preposition, conjuncts, relative clauses,
// appositions and the marks at its ends.
func (t *tree) phrase(i int) (first, last int) {
	first, last = i, i+1
	for _, k := range t.kids[i] {
		switch rel, _, _ := strings.Cut(t.toks[k].Rel, ":"); rel {
		case "case", "mark", "cc", "conj", "punct", "acl", "appos", "parataxis", "cop", "aux", "nsubj", "advcl", "expl", "ccomp", "dislocated", "orphan":
			continue
		case "advmod":
			if k > i {
				continue
			}
		}
		a, b := t.under(k, 0)
		if b <= i+1 && a < first {
			first = a
		}
		if a >= i && b > last && t.joined(last, a) {
			last = b
		}
	}
	return first, last
}

// joined says whether nothing but marks and prepositions that go with it stand between two parts of a phrase.
func (t *tree) joined(from, to int) bool {
	for k := from; k < to; k++ {
		if tag := t.toks[k].Tag; tag != language.PUNCT && tag != language.SYM {
			return false
		}
	}
	return true
}

// deepest is how far chains in a tree are followed.
const deepest = 24

// under is the run of tokens below i, marks at its ends apart.
func (t *tree) under(i, depth int) (first, last int) {
	first, last = i, i+1
	if depth > deepest {
		return first, last
	}
	for _, k := range t.kids[i] {
		if t.toks[k].Rel == "punct" {
			continue
		}
		a, b := t.under(k, depth+1)
		first, last = min(first, a), max(last, b)
	}
	return first, last
}

// conjuncts are i and what is joined to it, nouns with nouns.
func (t *tree) conjuncts(i int) []int {
	list := []int{i}
	for k := 0; k < len(list) && len(list) < 4*deepest; k++ {
		for _, c := range t.kids[list[k]] {
			if t.toks[c].Rel == "conj" && t.nominal(c) && t.child(c, "nsubj", "cop") < 0 {
				list = append(list, c)
			}
		}
	}
	return list
}
