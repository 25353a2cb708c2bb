package attribute

import (
	"fmt"
	"math"
	"slices"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// History is what the operations in the graph teach: who is said to attack whom, and what each kind of initiator does. It
// is counted once for a graph and serves all judgements on it.
type History struct {
	N        int                // operations with an initiator
	state    map[string]float64 // by state
	pair     map[[2]string]float64
	attacked map[string]float64     // by victim, counted as in pair
	total    float64                // of state
	kind     tally                  // by kind of initiator
	features map[string]*tally      // by kind, of operations with the feature
	subjects map[stix.ID]initiator  // what was counted for an operation, so that it can be left out
	facts    map[stix.ID]([]string) // its features
	targets  map[stix.ID]([]string) // its victims' countries
	rivals   map[[2]string]bool     //
}

// initiator is who is said to have done an operation, for counting.
type initiator struct {
	kind   string
	states []string
}

// MinLearned is the number of operations below which nothing is learned from history.
const MinLearned = 50

// rivalPairs is how many attributed operations between two states make them rivals.
const rivalPairs = 3

// Learn counts the history in a graph. As of a day, what began on it or later is no history.
func Learn(g *graph.Graph) *History {
	h := &History{
		state: map[string]float64{}, pair: map[[2]string]float64{}, attacked: map[string]float64{},
		features: map[string]*tally{}, subjects: map[stix.ID]initiator{}, facts: map[stix.ID][]string{}, targets: map[stix.ID][]string{}, rivals: map[[2]string]bool{},
	}
	for _, op := range g.Operations() {
		if !g.AsOf.IsZero() && (op.Date.IsZero() || !op.Date.Before(g.AsOf)) {
			continue
		}
		who := initiatorOf(g, op)
		if who.kind == "" {
			continue
		}
		h.subjects[op.ID] = who
		if op.Operation != nil {
			h.facts[op.ID] = features(op.Operation)
			h.targets[op.ID] = sortedSet(op.Operation.Countries)
		}
		h.count(op.ID)
	}
	for p, n := range h.pair {
		if n >= rivalPairs && p[0] != p[1] {
			h.rivals[p] = true
			h.rivals[[2]string{p[1], p[0]}] = true
		}
	}
	return h
}

// count adds an operation.
func (h *History) count(op stix.ID) {
	who := h.subjects[op]
	h.N++
	kind := slices.Index(initiatorKinds[:], who.kind)
	h.kind[kind]++
	for _, s := range who.states {
		share := 1 / float64(len(who.states))
		h.state[s] += share
		h.total += share
		for _, v := range h.targets[op] {
			h.pair[[2]string{s, v}] += share
			h.attacked[v] += share
		}
	}
	for _, f := range h.facts[op] {
		if h.features[f] == nil {
			h.features[f] = &tally{}
		}
		h.features[f][kind]++
	}
}

// initiatorOf reads who is said to have done an operation: the kind that most claims name, and the states.
func initiatorOf(g *graph.Graph, op *graph.Entity) initiator {
	c := Case{Subject: op.ID}
	for _, cl := range g.At(op.ID) {
		if cl.Stance == claim.Asserts {
			c.Claims = append(c.Claims, cl)
		}
	}
	votes := map[string]int{}
	var who initiator
	own, proxies := 0, 0 // statements that name the state or its organ, and that name somebody who acts for it
	for _, p := range positions(g, &c) {
		if p.region != "" || p.origin && p.actor == "" {
			continue // where somebody sits is not who it is
		}
		kind := kindState
		if p.actor != "" {
			kind = actorKind(g.Entity(p.actor))
			if kind == kindGroup && p.sponsor == "" {
				if s := g.SponsorOf(p.actor); s != "" {
					p.sponsor = s
				}
			}
		}
		if p.sponsor != "" && !p.origin && (kind == kindState || kind == kindGroup || p.proxy) {
			kind = kindState
			who.states = append(who.states, p.sponsor)
			if p.proxy {
				proxies++
			} else {
				own++
			}
		}
		votes[kind]++
	}
	for _, k := range []string{kindState, kindCriminal, kindHacktivist, kindIndividual, kindCompany, kindGroup} {
		if votes[k] > votes[who.kind] {
			who.kind = k
		}
	}
	if who.kind == kindState && proxies > own {
		who.kind = kindAffiliated
	}
	who.states = sortedSet(who.states)
	return who
}

// features are the facts of an operation that conduct is read from.
func features(op *claim.Operation) []string {
	var out []string
	for _, a := range op.Acts {
		out = append(out, "act:"+a)
	}
	for _, k := range op.Kinds {
		out = append(out, "kind:"+k)
	}
	for _, s := range op.Sectors {
		out = append(out, "sector:"+s)
	}
	for _, c := range op.Countries {
		out = append(out, "country:"+c)
	}
	for _, d := range op.DisclosedBy {
		out = append(out, "disclosed:"+d)
	}
	return sortedSet(out)
}

// Priors that hold where there is no history to learn from (stated).
var (
	statedKinds  = map[string]float64{kindUnknown: 0.34, kindCriminal: 0.20, kindHacktivist: 0.10, kindIndividual: 0.03, kindCompany: 0.03, kindGroup: 0.08}
	statedStates = map[string]float64{"CN": 0.08, "RU": 0.08, "IR": 0.05, "KP": 0.05}
)

const (
	statedOther   = 0.01 // any other state
	pseudoVictims = 10.0 // a victim country's own history counts once it has more than so many operations
	unnamedShare  = 0.5  // of a state's prior: actors of it that nobody names
	forState      = 0.5  // of a named actor's prior: for the state that somebody joins it to, not on its own account
	classForState = 0.2  // the same for a class of actors, such as criminals
)

// prior is the base rates of a case.
type prior struct {
	kinds map[string]float64
	state func(string) float64
	basis string
}

// priorFor gives the base rates for a case, with the case itself left out of the count.
func (h *History) priorFor(c *Case) prior {
	if h == nil || h.N < MinLearned {
		return prior{
			kinds: statedKinds,
			state: func(s string) float64 {
				if p, ok := statedStates[s]; ok {
					return p
				}
				return statedOther
			},
			basis: "stated",
		}
	}
	own := h.subjects[c.Subject]
	n := float64(h.N)
	if own.kind != "" {
		n--
	}
	less := func(count float64, mine bool) float64 {
		if mine {
			return max(0, count-1)
		}
		return count
	}
	kinds := map[string]float64{kindUnknown: statedKinds[kindUnknown]}
	rest := 1 - kinds[kindUnknown]
	base := h.kindsWithout(c.Subject).base()
	states := 0.0
	for i, k := range initiatorKinds {
		if k == kindState || k == kindAffiliated {
			states += rest * base[i]
		} else {
			kinds[k] = rest * base[i]
		}
	}
	return prior{
		kinds: kinds,
		state: func(s string) float64 {
			mine := slices.Contains(own.states, s)
			global := (less(h.state[s], mine) + 0.5) / (h.total + 100)
			var sv, svAll float64
			for _, v := range c.Facts.Countries {
				sv += less(h.pair[[2]string{s, v}], mine && slices.Contains(h.targets[c.Subject], v))
				svAll += h.attacked[v]
			}
			return max(statedOther, states*(sv+pseudoVictims*global)/(math.Max(svAll, sv)+pseudoVictims))
		},
		basis: fmt.Sprintf("learned, n=%d", int(n)),
	}
}

// setPriors spreads the base rates over the hypotheses and normalises them. A state's share goes half to its actors that are
// named and half to those that are not; an actor that is none of the state's own has its kind's share, and splits it between
// its own account and the states that it is joined to.
func (f *field) setPriors(p prior) {
	named := map[string]float64{}     // the state's own actors, per state
	actors := map[string][]stix.ID{}  // other actors, per kind
	sponsors := map[stix.ID]float64{} // states per actor
	for _, h := range f.list {
		switch {
		case h.key == unknownKey || h.actor == "":
			continue
		case f.ofState(h):
			named[h.sponsor]++
			continue
		case h.sponsor != "":
			sponsors[h.actor]++
		}
		if !slices.Contains(actors[h.kind], h.actor) {
			actors[h.kind] = append(actors[h.kind], h.actor)
		}
	}
	total := 0.0
	for _, h := range f.list {
		h.prior = f.share(h, p, named, float64(len(actors[h.kind])), sponsors[h.actor])
		total += h.prior
	}
	for _, h := range f.list {
		h.prior /= total
	}
}

// ofState tells whether the actor is the state's own, by its kind or by what is known of it: it shares in the state's prior.
func (f *field) ofState(h *hypothesis) bool {
	return h.sponsor != "" && (h.kind == kindState || h.kind == kindGroup && slices.Contains(f.tiedStates(h.actor), h.sponsor))
}

func (f *field) share(h *hypothesis, p prior, named map[string]float64, actors, sponsors float64) float64 {
	forIt := forState
	if h.class && len(f.ties(h.actor)) == 0 {
		forIt = classForState
	}
	switch {
	case h.key == unknownKey:
		return p.kinds[kindUnknown]
	case h.actor == "":
		return p.state(h.sponsor) * unnamedShare
	case f.ofState(h):
		return p.state(h.sponsor) * (1 - unnamedShare) / named[h.sponsor]
	case h.kind == kindState:
		return statedOther
	case h.sponsor != "":
		return p.kinds[h.kind] / actors * forIt / sponsors
	case sponsors > 0:
		return p.kinds[h.kind] / actors * (1 - forIt)
	}
	return p.kinds[h.kind] / actors
}
