package deter

import (
	"slices"
	"strings"

	"marque/claim"
)

// noAnswer are codes of what is shown and answers nobody: what a state does at home after an operation, and that somebody confirms it, who may
// be the victim.
var noAnswer = []string{"cfr:Confirmation", "Proclamation of public emergency", "Parliamentary investigation", "Resignation", "Removal", "Dismissal", "Legislative", "Capacity building"}

// AnswersNobody tells whether a measure is no answer to whoever did it: an emergency, an inquiry, a resignation or aid at home, or a mere
// confirmation.
func AnswersNobody(m *claim.Measure) bool {
	return slices.ContainsFunc(m.Codes, func(code string) bool {
		return slices.ContainsFunc(noAnswer, func(words string) bool { return strings.Contains(code, words) })
	})
}
