package effect

import (
	"cmp"
	"slices"
)

// correct writes the p-values after Holm (1979) over all answers that were tested, and the verdicts that follow.
func correct(answers []Answer, level float64) {
	var tested []*Answer
	for i := range answers {
		if answers[i].Verdict != NotTested {
			tested = append(tested, &answers[i])
		}
	}
	slices.SortStableFunc(tested, func(a, b *Answer) int { return cmp.Compare(a.P, b.P) })
	worst := 0.0
	for i, a := range tested {
		worst = max(worst, min(1, a.P*float64(len(tested)-i)))
		a.Corrected = worst
		a.Least = min(1, float64(len(tested))/float64(1+a.Placebos))
		switch {
		case a.Corrected >= level:
		case a.Ratio < 1:
			a.Verdict = Fell
		default:
			a.Verdict = Rose
		}
	}
}
