// Package attribute judges who stands behind an operation, why, and how close a state stands to it.
//
// In goes a [Case] and the graph as of a day; out comes a [stix.Assessment]: hypotheses that compete, evidence weighed for
// each in decibans, motives, the place on Healey's spectrum, who denies it, what would overturn it, and how sure one may be
// of the judgement itself. docs/judging.md tells the method and gives each weight with its reason and source.
//
// The method is Heuer's analysis of competing hypotheses with Good's weights of evidence: prior from base rates, plus for
// each independent source the logarithm of its likelihood ratio, discounted by Admiralty grading, review, hedges and
// interest. For every hypothesis the prior and the decibans in the output give the probability; nothing else does, but one
// hundredth that is left to "unknown" for the method's own error.
//
// Invariants:
//   - Pure functions: the same inputs give the same bytes, in whatever order they come.
//   - A root counts once. Retellings of a statement change no probability.
//   - "unknown" always competes. Nothing is attributed where no hypothesis is more likely than not: the assessment abstains.
//   - Motive is read from what was done and to whom, never from techniques.
//   - Every weight says whether it was learned (from how many cases) or stated.
package attribute
