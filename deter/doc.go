// Package deter shows what followed upon operations: sanctions, indictments, seizures, public attributions, or nothing.
//
// In go a graph and who stands behind each operation; out come, per operation, the measures that answered it and after how
// many days, and summaries: the share without any consequence by sponsor and year (the impunity gap), and the median delay.
//
// A measure answers an operation directly where it names it, and indirectly where it is aimed at its actor or sponsor and
// came after it had begun, at most [Window] after its end. The two are never added up without saying so. Days count from the
// end, and are negative for what came while it went on. A public attribution is counted as a consequence apart: naming is not
// yet a cost.
package deter
