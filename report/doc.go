// Package report tells people: the brief for a window of time.
//
// In go the graph, the judgements about its operations and what followed them; out comes a [Brief], a plain value, and its
// renderings: terminal text ([Text]), Markdown ([Markdown]), one self-contained HTML file ([HTML]), JSON (the value itself) and
// a STIX bundle ([Objects]).
//
// Invariants:
//   - Every sentence that states a fact of the world carries the numbers of its references; a sentence without a source is
//     not written. Sentences that only count what is in the brief carry none.
//   - Every probability, word and count comes from an assessment or is counted here; nothing is rounded twice.
//   - The same inputs give the same bytes: time is an input, and order is fixed.
//   - Text from documents is data: it is escaped in HTML and Markdown and stripped of control characters on the terminal.
package report
