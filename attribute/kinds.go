package attribute

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"marque/stix"
)

// Kinds of initiators that the history tells apart, in the order in which equals are shown.
var initiatorKinds = []string{kindState, kindAffiliated, kindCriminal, kindHacktivist, kindIndividual, kindCompany, kindGroup}

// The model of kinds is naive Bayes on what is known of an operation itself: what was done, to whom, and who made it public.
// Its three constants were chosen by log-loss on EuRepoC's incidents that began before 2018 (docs/quality.md).
const (
	minFeature = 5   // a feature must have been seen so often
	smoothing  = 5.0 // operations that a kind's share of a feature is drawn towards everybody's by
	together   = 0.6 // of each weight: features go together, so that they tell less than the sum of them
)

// ascribed are features that say what somebody wanted, not what he did: the word comes with an attribution.
var ascribed = map[string]bool{"kind:espionage": true, "act:surveillance": true}

// kinds is the model for one operation, which is left out of the counts.
type kinds struct {
	n        float64
	kind     map[string]float64
	features map[string]map[string]float64
	own      string          // kind under which the operation itself was counted
	mine     map[string]bool // its features
}

// kindsWithout gives the model without an operation; it knows nothing where there is too little history.
func (h *History) kindsWithout(op stix.ID) *kinds {
	if h == nil || h.N < MinLearned {
		return &kinds{}
	}
	m := &kinds{n: float64(h.N), kind: h.kind, features: h.features, mine: map[string]bool{}}
	if who, ok := h.subjects[op]; ok {
		m.own = who.kind
		m.n--
		for _, f := range h.facts[op] {
			m.mine[f] = true
		}
	}
	return m
}

// of is how many operations are of a kind, with a feature where one is given.
func (m *kinds) of(kind, feature string) float64 {
	count, mine := m.kind[kind], m.own == kind
	if feature != "" {
		count, mine = m.features[feature][kind], mine && m.mine[feature]
	}
	if mine {
		count--
	}
	return count
}

func (m *kinds) all(feature string) float64 {
	sum := 0.0
	for _, k := range initiatorKinds {
		sum += m.of(k, feature)
	}
	return sum
}

// knows tells whether the history shows a feature often enough.
func (m *kinds) knows(feature string) bool { return !ascribed[feature] && m.all(feature) >= minFeature }

// base is how often each kind is named.
func (m *kinds) base() map[string]float64 {
	out := map[string]float64{}
	for _, k := range initiatorKinds {
		out[k] = (m.of(k, "") + 1) / (m.n + float64(len(initiatorKinds)))
	}
	return out
}

// weight is what a feature says for a kind, in decibans.
func (m *kinds) weight(feature, kind string) float64 {
	share := m.all(feature) / m.n
	in := (m.of(kind, feature) + smoothing*share) / (m.of(kind, "") + smoothing)
	return together * 10 * math.Log10(in/share)
}

// given is how probable each kind is with these features.
func (m *kinds) given(features []string) map[string]float64 {
	base := m.base()
	db := make([]float64, len(initiatorKinds))
	for i, k := range initiatorKinds {
		db[i] = 10 * math.Log10(base[k])
		for _, f := range features {
			db[i] += m.weight(f, k)
		}
	}
	out := map[string]float64{}
	for i, p := range softmax(db) {
		out[initiatorKinds[i]] = p
	}
	return out
}

// telling names the features that separate the kinds most.
func (m *kinds) telling(features []string) string {
	spread := func(f string) float64 {
		low, high := 0.0, 0.0
		for _, k := range initiatorKinds[:5] {
			low, high = min(low, m.weight(f, k)), max(high, m.weight(f, k))
		}
		return high - low
	}
	list := slices.Clone(features)
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(spread(b), spread(a)) })
	var out []string
	for _, f := range list[:min(5, len(list))] {
		what, code, _ := strings.Cut(f, ":")
		switch what {
		case "disclosed":
			code = "made public by the " + code
		case "country":
			code = "victims in " + code
		}
		out = append(out, strings.ReplaceAll(code, "-", " "))
	}
	return strings.Join(out, ", ")
}

// KindShare is a kind of initiator with its probability.
type KindShare struct {
	Kind        string // state, state-affiliated, criminal, hacktivist, individual, private-sector, group
	Probability float64
}

// Initiator tells what kind of initiator an operation has, from base rates and from what is known of the operation itself,
// without what anybody says of who did it; most probable first. Without enough history it is empty.
func (h *History) Initiator(c *Case) []KindShare {
	m := h.kindsWithout(c.Subject)
	if m.n == 0 {
		return nil
	}
	known := slices.DeleteFunc(features(&c.Facts), func(f string) bool { return !m.knows(f) })
	given := m.given(known)
	var out []KindShare
	for _, k := range initiatorKinds {
		out = append(out, KindShare{k, given[k]})
	}
	slices.SortStableFunc(out, func(a, b KindShare) int { return cmp.Compare(b.Probability, a.Probability) })
	return out
}
