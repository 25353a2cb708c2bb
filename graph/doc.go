// Package graph holds what is known as of a day: entities, who says what of them, and in which source it first stood.
//
// In goes a [store.Reader] (or a list of objects, such as a bundle that is not stored); out comes a [Graph]: entities,
// claims grouped by claim_id (docs/model.md), documents with their lineage, measures. It answers neighbourhoods and paths,
// what two sets of actors share ([Graph.Shared]), who calls whom what ([Graph.Resolve], [Graph.ActorNames]) and how an actor
// is tied to a state ([Graph.Ties]).
//
// Invariants:
//   - With [Options.AsOf] set, only claims whose document is dated before that day count. A claim without any date does not
//     count then, and is counted in [Stats].
//   - The same objects in any order give the same graph.
//   - Nothing is merged: two objects with one name stay two. Names are resolved by weighing alias claims, and a tie is a set.
//   - A source is a root: documents that retell ("derived-from") or repeat ("duplicate-of") one report have one root, also
//     where the links run in a circle.
//   - Objects that do not decode are left out and counted. Nothing panics.
//
// A relationship without the claim extension (ATT&CK, MISP, any other tool) is read as the claims of the reports that it
// cites; each citation's date stands in its description, as in "(2021, March 4)".
package graph
