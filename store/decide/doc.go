// Package decide holds what every driver of package store decides alike. It knows no database and keeps nothing.
//
// In go the objects of a batch and, for each, the versions that the store has of it. Out come what a driver has to keep of an object
// ([Item]: key of the version, level, digest, edges, words), what becomes of it ([Judge]) and the line of versions that it joins.
//
// Invariants:
//   - Versions of an object that one party may change form a line: those by one creator, on the creators' own track or brought apart by
//     one party (store.Provenance.Apart). Only a line's own versions replace, date or repeat each other.
//   - An object belongs to the creator of the first line. Who brings another creator's version is refused where the line that leads for
//     the level of what is brought is not that creator's, and is otherwise told nothing of it: the versions form a line of their own, which
//     readers see who see nothing of the lines before it.
//   - What is above the level of an item does not exist for it, with one exception: what its own creator marked.
//   - Lines lead in this order: the first creator's, other creators', those apart, each in the order of coming.
//   - A definition of a marking that is not known is RED; of several, the strictest counts.
//   - Every record has a microsecond of its own, and these rise with the sequence.
package decide
