// Package value is the one check of a value at every door: tables, lists, MISP attributes, patterns and prose ask it.
//
// In come a type, in the word of whoever wrote it or as a STIX object path, and a value as people pass it on: defanged, with blanks,
// a port, a wildcard. Out come the path, the kind that events are searched for and one spelling that can be met; or an error that
// says why nothing can ever be equal to it.
//
// Invariants:
//   - A value that is returned for a kind of package event is one that [event.Canonical] takes for that kind.
//   - Reading what was returned gives the same again.
//   - What was read other than as it stood carries a note that says how. Notes and errors do not depend on the value, so that
//     they can be counted.
//
// The words are data: types.csv.
package value
