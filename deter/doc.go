// Package deter shows what followed upon operations: sanctions, indictments, seizures, public attributions, or nothing on record.
//
// In go a graph and who stands behind each operation; out come, per operation, the measures that answered it and after how many
// days ([Follow]), and, by state and year, how many were answered, how many a record asked about in vain, and of how many nobody
// knows ([ByState], [ByStateAndYear]; the words are those of package silence).
//
// A measure answers an operation directly where it names it, and indirectly where it is aimed at its actor or sponsor and
// came after it had begun, at most [Window] after its end. The two are never added up without saying so. Days count from the
// end, and are negative for what came while it went on.
//
// Invariants: what nobody asked about is unknown, never unanswered. Naming somebody is an answer only where the [Rule] says so. What
// is aimed at a state at large answers no operation, and what the accused state does itself answers nobody. A date that is a 1 January
// is a year, so waits have bounds; no median is taken of copied dates.
package deter
