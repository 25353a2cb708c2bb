package attribute

import (
	"math"
	"slices"

	"marque/claim"
	"marque/stix"
)

// Swing is what the review of candidate claims could do to a judgement: the probability of its leading answer as it is, if they are accepted and
// weigh in full, and if they are rejected and weigh nothing. refs are the carriers of the claims. It is recomputed from the priors and
// decibans of the assessment, so it is near and not exact: another piece of the same root may step in for a rejected one.
func Swing(a *claim.Assessment, refs []stix.ID) (now, accepted, rejected float64) {
	if len(a.Hypotheses) == 0 {
		return 0, 0, 0
	}
	return share(a, refs, 1), share(a, refs, 1/candidateFactor), share(a, refs, 0)
}

// share is the probability of the leading answer where the evidence that rests on the references weighs so many times as much.
func share(a *claim.Assessment, refs []stix.ID, times float64) float64 {
	lead, total := 0.0, 0.0
	for i, h := range a.Hypotheses {
		db := 0.0
		for _, e := range a.Evidence {
			if slices.ContainsFunc(e.Refs, func(id stix.ID) bool { return slices.Contains(refs, id) }) {
				db += times * e.Decibans[h.Key]
			} else {
				db += e.Decibans[h.Key]
			}
		}
		p := max(h.Prior, 1e-9) * math.Pow(10, db/10)
		total += p
		if i == 0 {
			lead = p
		}
	}
	return lead / total
}
