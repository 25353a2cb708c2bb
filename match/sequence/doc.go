// Package sequence finds campaigns in the hits of one victim: steps in order, within a window.
//
// In: rules, which are data ([Read], [Default]), and hits ([Find]). Out: findings with the hits that they rest on, and as STIX
// ([Finding.Note]): package attribute reads the notes on what indicates an operation.
//
// Invariants:
//   - Time is the hits' own; the order in which they are given does not matter.
//   - A hit serves one finding of a rule at most. Hits without a victim serve none.
//   - What must not follow is known to be absent only when the window has passed: until then a finding is Open.
//
// Techniques are those of ATT&CK; a technique names its sub-techniques too. The windows are rules of thumb.
package sequence
