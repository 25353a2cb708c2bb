// Package language reads prose: it cuts a text into blocks, sentences and tokens, and gives each token a part of speech, a
// lemma and its place in a dependency tree; it finds the names that texts of the field speak of.
//
// In comes a text, plain or with the marks of Markdown; out come offsets into that text, never a changed copy. Tags and
// relations are those of Universal Dependencies (https://universaldependencies.org), with Penn Treebank tags beside them.
//
//	m, err := language.Load()
//	t := m.Read(source)            // blocks, sentences, tokens, trees
//	names := m.Mentions(t, nil)    // groups, malware, tools, organisations, locations, sectors
//
// How: averaged perceptrons over hashed features with weights of 8 bits. The parser is an arc-hybrid transition system
// (Kuhlmann, Gómez-Rodríguez and Satta 2011) with a beam, trained with max-violation updates (Huang, Fayong and Guo 2012);
// it tells only as many kinds of arcs apart as help it build, and a second step names the relations in the finished tree.
// The model comes with the program (data/model.bin); the package train makes it. What it was learned from, its licence and
// how well it does: docs/language-model.md.
//
// Invariants:
//   - Tokens of a sentence are in order, do not overlap, and Source[Start:End] is their Text.
//   - Analyse always yields one tree: exactly one root, every token leads to it.
//   - Reading is linear in the length of the text, whatever the text: a sentence ends after [LongestSentence] tokens
//     (Text.Cut counts how often), a run without a space of more than 2,048 bytes is one token of kind [Blob].
//   - The same text gives the same result; a Model is safe for concurrent use.
package language
