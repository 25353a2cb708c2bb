package attribute

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"marque/stix"
)

// Kinds of initiators that the history tells apart, in the order in which equals are shown.
var initiatorKinds = [...]string{kindState, kindAffiliated, kindCriminal, kindHacktivist, kindIndividual, kindCompany, kindGroup}

// named is how many of them say what somebody is; the last two do not.
const named = 5

// The model of kinds is naive Bayes on what is known of an operation itself: what was done, to whom, and who made it public.
// Its three constants were chosen by log-loss on EuRepoC's incidents that began before 2018 (docs/quality.md).
const (
	minFeature = 5    // a feature must have been seen so often
	smoothing  = 20.0 // operations that a kind's share of a feature is drawn towards everybody's by
	together   = 0.6  // of each weight: features go together, so that they tell less than the sum of them
)

// ascribed are features that say what somebody wanted, not what he did: the word comes with an attribution.
var ascribed = map[string]bool{"kind:espionage": true, "act:surveillance": true}

// tally counts operations by kind, in the order of initiatorKinds.
type tally [7]float64

func (t *tally) sum() float64 {
	sum := 0.0
	for _, n := range t {
		sum += n
	}
	return sum
}

// kinds is the model for one operation, which is left out of the counts.
type kinds struct {
	n        float64
	kind     tally
	features map[string]*tally
	own      int             // kind under which the operation itself was counted, -1 where it was not
	mine     map[string]bool // its features
}

// kindsWithout gives the model without an operation; it knows nothing where there is too little history.
func (h *History) kindsWithout(op stix.ID) *kinds {
	if h == nil || h.N < MinLearned {
		return &kinds{own: -1}
	}
	m := &kinds{n: float64(h.N), kind: h.kind, features: h.features, own: -1, mine: map[string]bool{}}
	if who, ok := h.subjects[op]; ok {
		m.own = slices.Index(initiatorKinds[:], who.kind)
		m.kind[m.own]--
		m.n--
		for _, f := range h.facts[op] {
			m.mine[f] = true
		}
	}
	return m
}

// with is how many operations of each kind have a feature.
func (m *kinds) with(feature string) tally {
	have := m.features[feature]
	if have == nil {
		return tally{}
	}
	t := *have
	if m.own >= 0 && m.mine[feature] {
		t[m.own]--
	}
	return t
}

// known are the features that the history shows often enough.
func (m *kinds) known(features []string) []string {
	return slices.DeleteFunc(slices.Clone(features), func(f string) bool {
		t := m.with(f)
		return ascribed[f] || t.sum() < minFeature
	})
}

// base is how often each kind is named.
func (m *kinds) base() tally {
	var out tally
	for i, n := range m.kind {
		out[i] = (n + 1) / (m.n + float64(len(out)))
	}
	return out
}

// weigh is what a feature says for each kind, in decibans.
func (m *kinds) weigh(feature string) tally {
	with := m.with(feature)
	share := with.sum() / m.n
	var out tally
	for i, n := range with {
		in := (n + smoothing*share) / (m.kind[i] + smoothing)
		out[i] = together * 10 * math.Log10(in/share)
	}
	return out
}

// given is how probable each kind is with what the features say, by their weights.
func (m *kinds) given(weights []tally) tally {
	base := m.base()
	db := make([]float64, len(base))
	for i, p := range base {
		db[i] = 10 * math.Log10(p)
		for _, w := range weights {
			db[i] += w[i]
		}
	}
	return tally(softmax(db))
}

func (m *kinds) weights(features []string) []tally {
	out := make([]tally, len(features))
	for i, f := range features {
		out[i] = m.weigh(f)
	}
	return out
}

// telling names the features that separate the kinds most.
func telling(features []string, weights []tally) string {
	order := make([]int, len(features))
	spread := make([]float64, len(features))
	for i, w := range weights {
		order[i] = i
		spread[i] = slices.Max(w[:named]) - slices.Min(w[:named])
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(spread[b], spread[a]) })
	var out []string
	for _, i := range order[:min(5, len(order))] {
		what, code, _ := strings.Cut(features[i], ":")
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
	given := m.given(m.weights(m.known(features(&c.Facts))))
	var out []KindShare
	for i, k := range initiatorKinds {
		out = append(out, KindShare{k, given[i]})
	}
	slices.SortStableFunc(out, func(a, b KindShare) int { return cmp.Compare(b.Probability, a.Probability) })
	return out
}
