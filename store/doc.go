// Package store says what a store of STIX objects does; drivers such as store/sqlite do it.
//
// In go objects with their provenance, documents with their text, and quarantined input. Out come records: an object version
// with the time it was stored and where it came from. Reading always goes through a [View], which fixes as of when one
// reads and up to which TLP level: no way out of Marque can forget the marking, because there is no other way to read.
//
// What every driver MUST do (each sentence has a case in store/storetest):
//   - Append-only: a version that was stored is never changed or removed.
//   - Acknowledged means durable: when Put returns, a kill of the process at any moment loses nothing of it; before it
//     returns, none or all of the batch is visible.
//   - Idempotent: the same objects from the same source again change nothing, not even the sequence.
//   - A version of an object may only come from the identity that created it (STIX 2.1 section 3.6.2). Another creator, or
//     other content under the same id and version, is refused as a Conflict and reported, not stored. Who cannot know of the first creator
//     is not told: both are kept, and a view shows the one of whom it may see what came first.
//   - A view of an earlier time shows exactly what a reader saw then, whatever was stored since; but the levels are those of today.
//   - A view never shows an object above its TLP level: not in lists, counts, searches, relations or versions; nor does the result of a
//     Put tell of what is above the level of the object that was put, but to its creator of what it marked itself.
//   - The level is kept per version and source: an object's own marking, else the level of the source. What one source gave freely is
//     free, and a copy that another brought under a stricter level, or an observable that another marked, hides nothing of it.
//   - The latest version that its creator marked decides for the older ones: above a view, it hides them.
//   - What is derived from an object (Provenance.Derived) rises in level with it when its creator raises its marking, and does not fall again.
//   - A marking without a fixed id is what its definition says, whenever that comes; until it comes, RED.
//   - What comes apart (Provenance.Apart) neither replaces, hides nor revokes what others gave, nor defines their markings.
//   - That a source brought an unmarked object is as secret as the source, also where another gave the object freely.
//   - What an importer brought, it can withdraw: queries by that importer leave it out from then on. It stays stored.
//   - Each record has a moment of its own at which it was added, and these rise with the sequence.
//   - Order is by sequence: the order of storing. It is total and never changes, so paging by it neither skips nor repeats.
package store
