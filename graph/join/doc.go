// Package join finds which records of several lists tell of one operation.
//
// In go [Record]s, each an operation as one source has it, and what persons decided about them ([Decision]); out come
// [Cluster]s: records that are held to tell of one operation, each with the probability, the reasons and whether it tells of
// a part, and the pairs between the thresholds, which wait for a person ([Review]).
//
// A pair is a hypothesis. What speaks for and against it is counted out by [Features] and weighed by a logistic model whose
// weights stand in weights.json, with what they were learned from (docs/joining.md). Two records of one list were kept apart
// by its editors, which speaks against them; and of the records of one list, one is meant as a rule: they compete.
//
// Invariants:
//   - The same records and decisions in any order give the same clusters.
//   - A person's word overrules the weights, and what persons hold apart is never joined by way of a third.
//   - A cluster never holds two records that the weights hold apart: a join that would bring them together waits for review.
//   - Nothing is changed or lost: a cluster is a finding about records, which stay as they are.
package join
