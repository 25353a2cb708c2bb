// Package predicate reads off trees who did what to whom.
//
// In come the sentences of a text with tags and trees ([marque/ingest/prose/language]), out come predicates: verbs, copulas,
// appositions and nouns that tell an act, each with its arguments by role, its time, and whether it is denied or only possible.
// What a tree says by position alone is said here by name: the subject of a passive is the patient, the noun before a
// relative clause is an argument within it, the subject of "planned to attack" is also that of "attack", verbs that are
// joined by "and" share their subject, every noun of a list is an argument of its own, and the items under "They used:" are
// what was used.
//
// Invariants:
//   - Every argument's head lies within its span, and the span within the sentence that the argument names.
//   - A token heads at most one predicate, apart from a noun with an apposition or a copula.
//   - Nothing is guessed: an argument that the tree and the rules above do not give is not there. Inferred arguments say so.
//   - Time is linear in the number of tokens but for chains of coordination and control, which are followed to a fixed depth.
//
// Word lists are in data/: nouns that tell acts, verbs that only carry such a noun, words that deny.
package predicate
