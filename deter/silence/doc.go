// Package silence keeps apart what a record of answers says from what it does not say.
//
// In go, per operation, whether an answer to it is on record, whether anybody asked, and when the record ends; out comes one of
// three words, and tallies of them: answered, asked and silent, unknown.
//
// Invariants: an operation that nobody asked about is unknown, never unanswered. A share is given of what was asked only, with
// Wilson's interval, and beside it stand the bounds that remain if nothing is assumed of the unknown. No share of all exists
// here, because it would measure mostly who was asked.
package silence
