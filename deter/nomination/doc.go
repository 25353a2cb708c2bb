// Package nomination puts together what a proposal to list somebody needs: who it is, what public sources say, which operations are laid at
// its door, by what it is told from others, where it is listed already, and a draft statement of reasons.
//
// In come the graph, a subject in it and an index of the lists; out comes a [Package] as Markdown, HTML and STIX.
//
// Invariants:
//   - Every sentence of the statement has at least one reference; what no document says is not in it.
//   - Sources are counted by root: two articles on one report are one source, and a sentence that rests on one says so.
//   - What speaks against the subject being the one is in the package, and so is what is missing.
//   - It holds what the graph holds: a package to hand out is built on a graph of what may be handed out.
package nomination
