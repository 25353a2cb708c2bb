// Package decide holds what every driver of package store decides alike. It knows no database and keeps nothing.
//
// In go the objects of a batch and, for each, the versions that the store has of it. Out come what a driver has to keep of an object
// ([Item]: key of the version, level, digest, edges, words), what becomes of it ([Judge]) and the line of versions that it joins.
//
// Invariants:
//   - Versions of an object that one party may change form a line: those by one creator, on the creators' own track or brought apart by
//     one party (store.Provenance.Apart). Only a line's own versions replace, date or repeat each other.
//   - What is above the level of an item does not exist for it, with one exception: what its own creator marked.
//   - A line leads for who sees something of it: one on the creators' own track before those apart, and of these the one of which they see
//     what came first. So what leads at a level is the same whatever is above it.
//   - Who brings a version where another creator's line leads for the level of what is brought is refused.
//   - A definition of a marking that is not known is RED; of several, the strictest counts.
//   - Every record has a microsecond of its own, and these rise with the sequence.
package decide
