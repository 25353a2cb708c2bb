package attribute

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"marque/claim"
	"marque/stix"
)

// Bands of ICD 203 by their words, with where each begins and ends.
var bands = []struct {
	words      string
	from, upto float64
}{
	{"almost no chance", 0, .05},
	{"very unlikely", .05, .20},
	{"unlikely", .20, .45},
	{"roughly even chance", .45, .55},
	{"likely", .55, .80},
	{"very likely", .80, .95},
	{"almost certain", .95, 1},
}

// Probability is the middle of the band that a word of ICD 203 stands for; ok is false for other words.
func Probability(words string) (p float64, ok bool) {
	for _, b := range bands {
		if b.words == words {
			return math.Round(1000*(b.from+b.upto)/2) / 1000, true
		}
	}
	return 0, false
}

// ProbabilityWords are the words of ICD 203, from the least to the most.
func ProbabilityWords() []string {
	out := make([]string, len(bands))
	for i, b := range bands {
		out[i] = b.words
	}
	return out
}

// Difference is where a person's assessment and a computed one part.
type Difference struct {
	What   string `json:"what"` // answer, state, probability, confidence, evidence
	Person string `json:"person"`
	Marque string `json:"marque"`
}

// Differ lists where a person's assessment and the computed one part: other answers, other states, a probability in another band of ICD 203,
// another confidence, and evidence that one counts and the other does not. same tells whether two objects are one actor. computed may be
// nil: then nothing was computed.
func Differ(analyst, computed *claim.Assessment, same func(a, b stix.ID) bool) []Difference {
	if computed == nil || len(computed.Hypotheses) == 0 {
		return nil
	}
	var out []Difference
	add := func(what, person, marque string) { out = append(out, Difference{what, person, marque}) }
	mine, its := &analyst.Hypotheses[0], leadOf(computed)
	if !alike(mine, its, same) {
		add("answer", mine.Statement, its.Statement)
	}
	if state := likelyState(computed); mine.Sponsor != state {
		add("state", cmp.Or(mine.Sponsor, "none"), cmp.Or(state, "none"))
	}
	p := sameAnswer(mine, computed, same)
	if mine.Words != Words(p) {
		add("probability", fmt.Sprintf("%s (%s)", mine.Words, percent(mine.Probability)), fmt.Sprintf("%s (%s) for the same answer", Words(p), percent(p)))
	}
	if analyst.Level != computed.Level {
		add("confidence", analyst.Level, computed.Level)
	}
	for _, b := range analyst.Analyst.Rejected {
		if i := slices.IndexFunc(computed.Evidence, func(e claim.Evidence) bool { return restsOnBasis(&e, b) }); i >= 0 {
			add("evidence", "rejected: "+b.Text, fmt.Sprintf("counted, %+.1f dB for its answer", computed.Evidence[i].Decibans[its.Key]))
		}
	}
	for _, b := range analyst.Analyst.Added {
		add("evidence", "added: "+b.Text, "not known")
	}
	return out
}

// leadOf is the answer that a computed assessment gives: unknown where it abstains.
func leadOf(a *claim.Assessment) *claim.Hypothesis {
	if a.Abstained {
		return &claim.Hypothesis{Key: unknownKey, Statement: "nobody is named"}
	}
	return &a.Hypotheses[0]
}

// likelyState is the state that is more likely than not behind it, whoever acted for it; empty where none is.
func likelyState(a *claim.Assessment) string {
	if shares := StateShares(a); len(shares) > 0 && shares[0].Probability >= AbstainBelow {
		return shares[0].State
	}
	return ""
}

// alike tells whether two answers are the same: the same actor, or, where neither names one, the same state.
func alike(x, y *claim.Hypothesis, same func(a, b stix.ID) bool) bool {
	if x.ActorRef != "" || y.ActorRef != "" {
		return x.ActorRef == y.ActorRef || x.Actor != "" && x.Actor == y.Actor || x.ActorRef != "" && y.ActorRef != "" && same(x.ActorRef, y.ActorRef)
	}
	return x.Sponsor == y.Sponsor
}

// sameAnswer is what the computed assessment gives to a person's answer: for an actor, to it under whatever state; for a state, to all its actors;
// for nobody, to the unknown.
func sameAnswer(mine *claim.Hypothesis, computed *claim.Assessment, same func(a, b stix.ID) bool) float64 {
	p := 0.0
	for i := range computed.Hypotheses {
		h := &computed.Hypotheses[i]
		switch {
		case mine.ActorRef != "" || mine.Actor != "":
			if alike(mine, h, same) {
				p += h.Probability
			}
		case mine.Sponsor != "":
			if h.Sponsor == mine.Sponsor || slices.Contains(h.Jointly, mine.Sponsor) {
				p += h.Probability
			}
		case h.Key == unknownKey:
			p += h.Probability
		}
	}
	return p
}

// restsOnBasis tells whether a piece of evidence is the one that a person named.
func restsOnBasis(e *claim.Evidence, b claim.Basis) bool {
	return b.Ref != "" && (slices.Contains(e.Refs, b.Ref) || e.RootRef == b.Ref) || b.Text == e.Text
}
