// Package match finds indicators in events.
//
// In: lines that package event decodes, and indicators with one value each ([Indicator]) or a pattern. Out: hits with their reason ([Hit]), sightings and roll-ups ([Tally]), refused lines
// with theirs ([Bad]).
//
// [Run] reads files in parallel with checkpoints; [Worker] does the same for one batch of lines, for queues and HTTP.
//
// Invariants:
//   - No line stops a run: what cannot be read is counted by reason and handed out with its line number and offset.
//   - A hit was verified against the stored value, was in force at the event's own time, and is on no allow-list.
//   - A Set answers while indicators are added and withdrawn; a reader never waits for a writer.
//   - Counts do not depend on the number of workers or the order of chunks: [Tally.Merge] is associative and commutative.
//   - An event without a match costs no memory allocation.
//
// Values are compared in the spelling of [event.Canonical], domains with their parents up to, not including, the public suffix.
package match
