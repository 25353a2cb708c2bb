package attribute

import (
	"cmp"
	"math"
	"strings"

	"marque/claim"
	"marque/graph"
)

// Method names the method and its version: it changes with every change that can change a judgement.
const Method = "marque/ach-5"

// Weights of statements in decibans, before discounts. All are stated (docs/judging.md tells why); 10 dB is a likelihood
// ratio of ten to one.
const (
	attributionWeight  = 20.0 // a source that would know names who did it
	classWeight        = 10.0 // a source says what kind of people did it, such as criminals: one of a few kinds
	mediaWeight        = 12.0 // a newspaper on its own word
	trackerWeight      = 17.0 // a tracker of incidents passes on what the pages say that it cites
	selfClaimWeight    = 14.0 // "it was us": strong on who, silent on who pays
	stateSelfWeight    = 25.0 // a state owns up to it
	tieWeight          = 10.0 // somebody joins the named actor to a state
	doubtWeight        = -6.0 // an outsider doubts it
	thirdDenialWeight  = -5.0 // an outsider denies it
	ownDenialWeight    = -1.0 // the accused denies it: so do the guilty
	noEvidenceWeight   = -4.0
	rootCap            = 20.0 // no single source moves one hypothesis against another by more
	corroborationDecay = 0.85 // each further source for one answer: sources copy each other's view
	sameStateShare     = 0.35 // naming an actor speaks for other actors of its state by so much
	knownShare         = 0.5  // of what was done, where somebody attributed it: they knew it when they judged
	proxyShare         = 0.3  // "on behalf of" speaks for the state's own actors by so much
	methodDoubt        = 0.01 // what is left to "unknown" for the method's own error
	contestedDoubt     = 0.06 // what "unknown" has at least where sources contest it, or fewer than two with names know: then nothing is almost certain
	atOddsFactor       = 0.5  // a source names an actor, and another state than the actor's own
	// AbstainBelow is the probability under which nothing is attributed.
	AbstainBelow = 0.55
)

// reliabilityFactor and credibilityFactor turn Admiralty grades into shares of a weight (stated; after the wording of NATO
// AJP-2.1: A "completely reliable" … E "unreliable", F "cannot be judged"; 1 "confirmed" … 5 "improbable", 6 "cannot be
// judged"). Their geometric mean counts.
var (
	reliabilityFactor = map[string]float64{"A": 1, "B": 0.85, "C": 0.65, "D": 0.4, "E": 0.15, "F": 0.5}
	credibilityFactor = map[int]float64{1: 1, 2: 0.85, 3: 0.65, 4: 0.35, 5: 0.1, 6: 0.5}
)

const (
	candidateFactor = 0.85 // read by a rule, not yet looked at by a person
	victimFactor    = 0.85 // the victim's own government speaks
	rivalFactor     = 0.7  // a government speaks of its rival
	accusedFactor   = 0.3  // the source is itself accused of it
	anonymousFactor = 0.7  // nobody puts a name to it
)

// hedges are words that a source uses to be careful, weakest first: the first that stands in the hedge counts.
var hedges = []struct {
	word   string
	factor float64
}{
	{"low confidence", 0.4},
	{"high confidence", 1},
	{"moderate confidence", 0.7},
	{"medium confidence", 0.7},
	{"possib", 0.4},
	{"may ", 0.4},
	{"might", 0.4},
	{"could", 0.4},
	{"alleg", 0.45},
	{"accus", 0.5},
	{"report", 0.6},
	{"suspect", 0.6},
	{"appear", 0.6},
	{"seem", 0.6},
	{"suggest", 0.6},
	{"believ", 0.6},
	{"likely", 0.65},
	{"probabl", 0.65},
	{"assess", 0.85},
}

// hedgeFactor is the share of a statement's weight that its hedge leaves.
func hedgeFactor(hedge string) float64 {
	hedge = strings.ToLower(hedge) + " "
	if strings.TrimSpace(hedge) == "" {
		return 1
	}
	for _, h := range hedges {
		if strings.Contains(hedge, h.word) {
			return h.factor
		}
	}
	return 0.7
}

// discount is how much of a claim's weight is left, and why.
type discount struct {
	factor float64
	why    []string
}

func (d *discount) times(f float64, why string) {
	if f != 1 {
		d.factor *= f
		d.why = append(d.why, why)
	}
}

func (d *discount) text() string { return strings.Join(d.why, "; ") }

// grading applies what the claim says of itself: Admiralty grades, review, hedge.
func grading(c *graph.Claim) discount {
	d := discount{factor: 1}
	rel, cred := cmp.Or(c.Reliability, "F"), c.Credibility
	if cred == 0 {
		cred = 6
	}
	rf, ok := reliabilityFactor[rel]
	if !ok {
		rf = reliabilityFactor["F"]
	}
	cf, ok := credibilityFactor[cred]
	if !ok {
		cf = credibilityFactor[6]
	}
	grade := rel + string(rune('0'+min(max(cred, 1), 6)))
	d.times(math.Sqrt(rf*cf), "graded "+grade)
	if c.Status == claim.Candidate {
		d.times(candidateFactor, "not yet reviewed")
	}
	if f := hedgeFactor(c.Hedge); f != 1 {
		d.times(f, "hedged: "+c.Hedge)
	}
	return d
}
