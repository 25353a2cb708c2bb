package predicate

import "marque/ingest/prose/language"

// Tree is the tree of one sentence with the questions that readers of predicates ask of it.
type Tree struct{ *tree }

// NewTree prepares the tree of a sentence.
func NewTree(toks []language.Token) Tree { return Tree{newTree(toks)} }

// Phrase is the run of tokens of the noun phrase that i heads, without preposition, conjuncts and relative clauses.
func (t Tree) Phrase(i int) (first, last int) { return t.phrase(i) }

// Joined are i and the nouns that are joined to it by "and".
func (t Tree) Joined(i int) []int { return t.conjuncts(i) }

// Under is the run of all tokens below i.
func (t Tree) Under(i int) (first, last int) { return t.under(i, 0) }

// Child is the first child of i with one of the relations; −1 for none. A relation without subtype stands for all its subtypes.
func (t Tree) Child(i int, rels ...string) int { return t.child(i, rels...) }

// Children are the tokens that hang on i.
func (t Tree) Children(i int) []int { return t.kids[i] }

// Preposition is the preposition of the phrase that i heads, with the words fixed to it; empty for none.
func (t Tree) Preposition(i int) string { return t.preposition(i) }
