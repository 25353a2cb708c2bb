// Package event asks who works on whom, and when: what was done against a target by a sponsor and quarter, whether activity rises before
// events such as elections, and which sponsors meet on one target.
//
// In come activities (who, against whom, which day) and events (where, which day, what). Out come counts (Matrix, Quarters), a test of
// activity before events against moved calendars (Around), and targets that two sponsors share within some time (Convergence).
//
// # What is said
//
// A test that shows nothing is an answer: Effect.Says tells that no rise can be shown, and the smallest one that would have been seen.
// It never tells that there was none. An activity against several targets counts once for each. Activities without a day are not
// for this package: a 1 January that stands for a year is left out by the caller.
//
// # Invariants
//
//   - Equal input and seed give equal results.
//   - Chance is made by moving calendars as a whole round the period, so that clusters in time stay clusters: the events of each country
//     in Around, the activities of each sponsor and target in Convergence.
package event
