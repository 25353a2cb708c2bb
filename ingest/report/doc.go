// Package report reads reports, plain text to PDF, into STIX: it joins ingest/document (bytes to text) and ingest/prose (text
// to claims) and says what the claims are in STIX, as docs/model.md has it.
//
// In comes a document; out come the report object and its text, the entities that its claims speak of, each claim on its
// carriers (a relationship for each pair, a note, an opinion for a denial), the operations that the claims tell of, the
// measures, and the observables, vulnerabilities and techniques that the text names.
//
// Invariants:
//   - Every claim object carries its verbatim quote; ids derive from the text, so reading it again changes nothing.
//   - Claims have the status candidate and a credibility of 3 at best: a rule read them, nobody checked them.
//   - An operation's id derives from the root report, the class of the deed and the victim, so that two articles that retell
//     one report tell of one operation. What they tell is merged.
//   - A denial points to the claims that it denies, as far as this document holds them.
package report
