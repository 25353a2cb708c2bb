// Package match finds indicators in events.
//
// In: lines that package event decodes, and indicators with one value each ([Indicator]) or a pattern. Out: hits with their reason ([Hit]), sightings and roll-ups ([Tally]), refused lines
// with theirs ([Bad]).
//
// [Run] reads files in parallel with checkpoints; [Worker] does the same for one batch of lines, for queues and HTTP.
//
// Invariants, each with the test that holds it:
//   - No line stops a run: what cannot be read is counted by reason and handed out with its line number and offset
//     (TestHostileLines, TestWorkerKeepsLinesApart).
//   - A hit was verified against the stored value (TestHitsCarryTheirReason), was in force at the event's own time
//     (TestValidityRevocationAndRefusal, TestPatternsAreInForceAtTheEventsTime) and is on no allow-list (TestAllowLists,
//     TestAllowedValuesAreNoPartOfAPattern), whether a value or a pattern was met (TestPatternHitsAreLikeOthers).
//   - A pattern hits the events that package pattern matches, no more and no fewer (TestPatternsAgreeWithThePlainEngine), those of
//     several events in the order of the source, whoever decoded them (TestPatternsOfSeveralEventsSeeThemInOrder).
//   - A Set answers while indicators and patterns are added and withdrawn; a reader never waits for a writer (TestSetNeverPauses,
//     TestSetAgreesWithModel).
//   - Counts do not depend on the number of workers or the order of chunks (TestRunIsIndependentOfWorkersAndPacking): [Tally.Merge]
//     is associative and commutative (TestMergeIsAssociativeAndCommutative).
//   - An event without a match costs no memory allocation (TestMissAllocatesNothing), and a pattern that it cannot meet costs it no
//     more than its share of a search for texts (TestPatternMissAllocatesNothing; BenchmarkPatterns in lake/bench).
//
// Values are compared in the spelling of [event.Canonical], domains with their parents up to, not including, the public suffix.
package match
