package attribute

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"marque/claim"
)

// Matrix is Heuer's matrix: evidence by hypotheses, in decibans, diagnostic pieces first.
type Matrix struct {
	Hypotheses []string // keys, most probable first
	Rows       []MatrixRow
}

// MatrixRow is a piece of evidence with its decibans in the order of the matrix's hypotheses.
type MatrixRow struct {
	Text     string
	Kind     string
	Decibans []float64
	Spread   float64 // how far it separates the hypotheses
	Basis    string
	Discount string
}

// ACH lays out an assessment as a matrix.
func ACH(a *claim.Assessment) Matrix {
	var m Matrix
	for _, h := range a.Hypotheses {
		m.Hypotheses = append(m.Hypotheses, h.Key)
	}
	for _, e := range a.Evidence {
		row := MatrixRow{Text: e.Text, Kind: e.Kind, Spread: round(diagnosticity(e), 2), Basis: e.Basis, Discount: e.Discount}
		for _, h := range m.Hypotheses {
			row.Decibans = append(row.Decibans, e.Decibans[h])
		}
		m.Rows = append(m.Rows, row)
	}
	slices.SortStableFunc(m.Rows, func(x, y MatrixRow) int { return cmp.Compare(y.Spread, x.Spread) })
	return m
}

// Leading is the hypothesis that leads an assessment, or nil where there is none.
func Leading(a *claim.Assessment) *claim.Hypothesis {
	if len(a.Hypotheses) == 0 {
		return nil
	}
	return &a.Hypotheses[0]
}

// Paragraph tells an assessment in plain English. Every number in it stands in the assessment.
func Paragraph(a *claim.Assessment) string {
	lead := Leading(a)
	if lead == nil {
		return "Nothing was judged."
	}
	var s []string
	switch {
	case a.Abstained && lead.Key == unknownKey:
		s = append(s, fmt.Sprintf("Nobody is named for %s: the evidence names nobody with enough weight.", a.SubjectName))
	case a.Abstained:
		s = append(s, fmt.Sprintf("Nobody is named for %s: the best answer, %s, has a probability of %s (%s).", a.SubjectName, lead.Statement, percent(lead.Probability), lead.Words))
	default:
		s = append(s, fmt.Sprintf("%s: %s (%s), %s.", a.SubjectName, lead.Words, percent(lead.Probability), lead.Statement))
	}
	if lead.Responsibility != "" && !a.Abstained {
		close := "The state's part: " + strings.ReplaceAll(lead.Responsibility, "-", " ")
		if lead.Mode != "" {
			close += " (" + lead.Mode + ")"
		}
		s = append(s, close+".")
	}
	if a.Abstained {
		s = append(s, StateText(a))
	}
	s = append(s, restText(a, lead), sourcesText(a), ResemblesText(a), motiveText(a))
	if len(a.Disputed) > 0 {
		s = append(s, "The sources dispute it: "+strings.Join(a.Disputed, "; ")+".")
	}
	s = append(s, denialText(a), overturnText(a))
	s = append(s, fmt.Sprintf("Analytic confidence is %s: %s.", a.Level, a.Reason))
	return strings.Join(slices.DeleteFunc(s, func(x string) bool { return x == "" }), " ")
}

// percent never says all or nothing: a judgement leaves a rest.
func percent(p float64) string {
	switch {
	case p > 0.995:
		return "over 99 %"
	case p < 0.005:
		return "under 1 %"
	}
	return fmt.Sprintf("%.0f %%", 100*p)
}

func restText(a *claim.Assessment, lead *claim.Hypothesis) string {
	for _, h := range a.Hypotheses {
		if h.Key != lead.Key {
			return fmt.Sprintf("Next comes %s with %s.", h.Statement, percent(h.Probability))
		}
	}
	return ""
}

func sourcesText(a *claim.Assessment) string {
	for _, e := range a.Evidence {
		if db := e.Decibans[a.Hypotheses[0].Key]; db > 0 {
			return fmt.Sprintf("Independent sources: %d, in %d documents; the piece that says most for it: %s (%+.1f dB).", a.Roots, a.Documents, e.Text, db)
		}
	}
	return fmt.Sprintf("Independent sources: %d, in %d documents.", a.Roots, a.Documents)
}

// StateShares are the probabilities of the states, each over all answers that it stands behind, most probable first. "X of North Korea"
// and "an actor of North Korea" are no rivals for who sponsored it. What several states did together counts for each.
func StateShares(a *claim.Assessment) []StateShare {
	of := map[string]float64{}
	for _, h := range a.Hypotheses {
		if h.Sponsor != "" {
			for _, state := range append([]string{h.Sponsor}, h.Jointly...) {
				of[state] += h.Probability
			}
		}
	}
	var out []StateShare
	for state, p := range of {
		out = append(out, StateShare{state, p})
	}
	slices.SortFunc(out, func(a, b StateShare) int {
		return cmp.Or(cmp.Compare(b.Probability, a.Probability), cmp.Compare(a.State, b.State))
	})
	return out
}

// StateShare is the probability that a state stands behind an operation.
type StateShare struct {
	State       string // ISO 3166-1 alpha-2
	Probability float64
}

// StateText says which state stands behind an operation where no single answer is probable enough to be named; empty where none is.
func StateText(a *claim.Assessment) string {
	shares := StateShares(a)
	if len(shares) == 0 || shares[0].Probability < AbstainBelow {
		return ""
	}
	var who []string
	for _, h := range a.Hypotheses {
		if h.Sponsor != shares[0].State || h.Probability < 0.05 {
			continue
		}
		who = append(who, fmt.Sprintf("%s %s", h.Statement, percent(h.Probability)))
	}
	if len(who) < 2 {
		return ""
	}
	return fmt.Sprintf("One state stands behind these answers, which together are %s (%s): %s.", Words(shares[0].Probability), percent(shares[0].Probability), strings.Join(who, "; "))
}

// ResemblesText tells whom the techniques and software resemble, and that this names nobody; empty where they resemble nobody's.
func ResemblesText(a *claim.Assessment) string {
	var names []string
	for _, r := range a.Resembles {
		names = append(names, fmt.Sprintf("%s (%s by the profile model alone)", r.Actor, percent(r.Probability)))
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("Its techniques and software resemble those of %s; that names nobody: it would take %s.", join(names), a.Resembles[0].Takes)
}

func motiveText(a *claim.Assessment) string {
	var parts []string
	purposes := 0
	for _, m := range a.Motives {
		parts = append(parts, fmt.Sprintf("%s %s", m.Motive, percent(m.Share)))
		if m.Share >= DualPurpose {
			purposes++
		}
	}
	switch {
	case len(parts) == 0:
		return ""
	case purposes >= 2:
		return "It served more than one purpose: " + strings.Join(parts, ", ") + "."
	}
	return "Motive: " + strings.Join(parts, ", ") + "."
}

func denialText(a *claim.Assessment) string {
	var denied, silent []string
	for _, d := range a.Denials {
		if d.Kind == claim.Denies {
			denied = append(denied, d.By)
		} else {
			silent = append(silent, d.By)
		}
	}
	var s []string
	if denied = sortedSet(denied); len(denied) > 0 {
		s = append(s, "Denied by "+join(denied)+".")
	}
	if silent = sortedSet(silent); len(silent) > 0 {
		s = append(s, "No comment from "+join(silent)+".")
	}
	return strings.Join(s, " ")
}

func overturnText(a *claim.Assessment) string {
	var over []string
	for _, x := range a.Sensitivity {
		if x.Overturns {
			over = append(over, fmt.Sprintf("%s (then %s leads with %s)", x.Without, x.Leading, percent(x.Probability)))
		}
	}
	if len(over) == 0 {
		return ""
	}
	return "It would be overturned without " + join(over) + "."
}

// Overturn lists what would change the judgement: the sources without which something else leads, and what was sought and
// not found.
func Overturn(a *claim.Assessment) []string {
	var out []string
	for _, s := range a.Sensitivity {
		if s.Overturns {
			out = append(out, fmt.Sprintf("without %s, %s leads with %s", s.Without, s.Leading, percent(s.Probability)))
		}
	}
	for _, s := range a.Sought {
		if !s.Found {
			out = append(out, "finding "+s.What)
		}
	}
	return out
}
