// Package measure is the ledger of measures as rows: who did what, when, on which legal basis, against whom, and on whose word for
// which operation.
//
// In goes the graph of a view; out come [Row]s, chosen by a [Filter], as a table of CSV or as values for a renderer, and [Sources]: what
// each source of measures covers and until when.
//
// Invariants:
//   - A date is as exact as its source, and no more: a 1 January is a year, two versions of a list give an interval.
//   - That a measure answers an operation is somebody's word; each stands with whose it is.
//   - What no source records is not in a row. Nothing here says that there was no measure.
//   - What was written down from memory says so, and what it was checked against, if anything.
package measure
