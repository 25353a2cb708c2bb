// Package workspace is Marque's verbs: everything that a person, a program or a page asks for is a method of [Workspace], and the
// command line, the server, the quality gates and the tests call the same ones.
//
// In: a folder and its configuration. Out: what the verbs answer, as values that a caller prints, serves or grades. A workspace is one
// folder: config.yaml, marque.db (the store), ledger/ (signed judgements), lake/ (events), intake/ (the stream of a server), match/
// (how far interrupted runs came). Nothing else is written.
//
// Invariants:
//   - Whoever asks gives a [View]: what is answered is made from what that view shows, and from nothing else (docs/decisions/0002).
//   - What is concluded is kept by [Workspace.Keep], as secret as the strictest thing that it rests on.
//   - Nothing is printed or logged here; long work tells how far it is through a callback, and ends when its context does, with what
//     was acknowledged kept.
//   - A [Snapshot] is loaded once for each view and kept until the store changes.
package workspace
