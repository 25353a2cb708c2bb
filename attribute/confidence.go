package attribute

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"marque/claim"
	"marque/stix"
)

// sensitivity judges again without each root that counts, and says what then leads.
func (j *judgement) sensitivity(lead int) []claim.Sensitivity {
	var roots []stix.ID
	for _, p := range j.pieces {
		if p.factor != 0 && len(p.weights) > 0 {
			roots = append(roots, p.root)
		}
	}
	slices.Sort(roots)
	var out []claim.Sensitivity
	for _, r := range slices.Compact(roots) {
		probs := j.combine(r, false)
		best := leading(probs)
		name := cmp.Or(j.rootName(r), "the profile of techniques and software")
		if r == j.c.Subject {
			name = "what was done and to whom"
		}
		out = append(out, claim.Sensitivity{
			Without: name, Leading: j.f.list[best].key, Probability: round(probs[best], 4),
			Overturns: best != lead,
		})
	}
	slices.SortStableFunc(out, func(a, b claim.Sensitivity) int {
		over := func(s claim.Sensitivity) int {
			if s.Overturns {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(over(a), over(b)), cmp.Compare(a.Probability, b.Probability), cmp.Compare(a.Without, b.Without))
	})
	return out
}

// Analytic confidence (ICD 203, section D.6.e.2.b): how good the ground is that the judgement stands on, not how probable it
// is. The bounds are thumb rules.
const (
	highRoots = 3
	goodRoot  = 0.7 // of three or more, one must keep so much of its weight for high confidence
)

// confidence settles analytic confidence and its reason.
func (j *judgement) confidence(a *claim.Assessment, lead int) (level, reason string) {
	h := j.f.list[lead]
	supporting, best := j.support(h.key)
	overturns := slices.ContainsFunc(a.Sensitivity, func(s claim.Sensitivity) bool { return s.Overturns })
	var why []string
	switch {
	case h.key == unknownKey:
		return "low", "the evidence names nobody with enough weight"
	case supporting == 0:
		return "low", "no source attributes it: the judgement rests on base rates and on what was done"
	case supporting == 1:
		why = append(why, "one independent source")
	default:
		why = append(why, fmt.Sprintf("%d independent sources", supporting))
	}
	switch {
	case len(a.Disputed) > 0:
		level = "low"
		why = append(why, "sources contradict each other")
	case overturns && supporting > 1:
		level = "low"
		why = append(why, "leaving out one source overturns it")
	case supporting >= highRoots && best >= goodRoot:
		level = "high"
		why = append(why, "it stands without any one of them")
	case supporting >= 2:
		level = "moderate"
	default:
		level = "low" // one source alone, however good: nobody checked it
		if best < goodRoot {
			why = append(why, "and that one is weak: "+cmp.Or(j.weakness(h.key), "graded low"))
		}
	}
	if overturns && supporting == 1 {
		why = append(why, "without it something else leads")
	}
	if a.Documents > a.Roots && a.Roots > 0 {
		why = append(why, fmt.Sprintf("%d documents retell %d", a.Documents, a.Roots))
	}
	return level, strings.Join(why, "; ")
}

// support counts the roots that speak for a hypothesis, and the best share of its weight that a piece of them keeps.
func (j *judgement) support(key string) (roots int, best float64) {
	seen := map[stix.ID]bool{}
	for i := range j.pieces {
		p := &j.pieces[i]
		if p.claim == nil || !p.attributes() || p.effective[key] <= 0 {
			continue
		}
		if !seen[p.root] {
			seen[p.root] = true
			roots++
		}
		best = max(best, p.factor)
	}
	return roots, best
}

// attributes tells whether the piece is somebody's word on who it was or for whom, not something from which that is inferred.
func (p *piece) attributes() bool {
	return !slices.Contains([]string{"tie", "infrastructure", "tradecraft", "language", "timing"}, p.kind)
}

func (j *judgement) weakness(key string) string {
	for i := range j.pieces {
		if p := &j.pieces[i]; p.claim != nil && p.attributes() && p.effective[key] > 0 && p.discount != "" {
			return p.discount
		}
	}
	return ""
}

// join puts names into a sentence.
func join(names []string) string {
	switch len(names) {
	case 0:
		return "nobody"
	case 1:
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
