package attribute

import (
	"slices"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// position is what one claim says of the case: an actor, a state, or both.
type position struct {
	claim    *graph.Claim
	relation claim.Relation // of the link that names the end
	target   stix.ID        // the end that the claim names
	actor    stix.ID        // empty where only a state is named
	sponsor  string         // empty where only an actor is named
	region   stix.ID        // a part of the world, where that is all that is named
	proxy    bool           // the relation says that somebody acts for the state: on-behalf-of and its kin
	origin   bool           // only where the actor sits
	early    bool           // it stands in a document that is older than the operation
}

// positions reads who is named, and for whom, out of the attributions of a case.
func positions(g *graph.Graph, c *Case) []position {
	var out []position
	for _, cl := range c.Claims {
		for _, l := range cl.Links {
			if l.From != c.Subject || !l.Relation.Attributes() {
				continue
			}
			if p, ok := positionOf(g, cl, l); ok {
				p.early = tooEarly(g, c, cl)
				out = append(out, p)
			}
		}
	}
	return out
}

// slack is how many days lists may be wrong about when something began: somebody boasted of it on the day before it was noticed.
const slack = 7

// tooEarly tells whether a statement was made, and its document published, before the operation began: it cannot say who did it. What is
// known to the month or year counts as its last day.
func tooEarly(g *graph.Graph, c *Case, cl *graph.Claim) bool {
	if c.Began.IsZero() || cl.Date.IsZero() {
		return false
	}
	said := graph.Latest(cl.Date, graph.PrecisionOf(cl.Date))
	if d := g.Document(cl.Document); d != nil && !d.Date.IsZero() {
		if published := graph.Latest(d.Date, graph.PrecisionOf(d.Date)); published.After(said) {
			said = published
		}
	}
	return said.AddDate(0, 0, slack).Before(c.Began)
}

func positionOf(g *graph.Graph, cl *graph.Claim, l graph.Link) (position, bool) {
	target := l.To
	e := g.Entity(target)
	if e == nil {
		return position{}, false
	}
	p := position{claim: cl, relation: l.Relation, target: target, proxy: l.Relation.Proxy(), origin: l.Relation == "originates-from"}
	switch {
	case e.IsState():
		p.sponsor = e.Country
	case e.Is("state-organ") && p.proxy:
		p.sponsor = g.StateOf(target)
	case e.Is("state-organ"):
		p.actor, p.sponsor = target, g.StateOf(target)
	case e.Type == "location":
		p.region = target
	case graph.IsActor(e.Type) || e.Type == "identity":
		p.actor = target
	default:
		// Accounts, sites and tools do nothing by themselves: whoever uses them is not named.
		return position{}, false
	}
	return p, p.actor != "" || p.sponsor != "" || p.region != ""
}

// hypotheses fills the field: each named actor with each state that it is tied to or that is named beside it, each named
// state with an actor that is not named, own account where it makes sense, criminals where money was sought, unknown.
func hypotheses(g *graph.Graph, c *Case, ps []position, ts []trace, profile *Profile) *field {
	f := newField(g)
	for _, p := range ps {
		f.roots[p.claim.Root] = true
	}
	var actors []stix.ID
	for _, p := range ps {
		if p.actor != "" {
			actors = append(actors, p.actor)
		}
	}
	for _, t := range ts {
		actors = append(actors, t.actor)
	}
	if profile != nil {
		for _, cand := range profile.Candidates {
			actors = append(actors, cand.ActorRef)
		}
	}
	f.represent(actors)
	f.together(ps)
	f.alliances(ps)
	var states []string
	for _, p := range ps {
		if p.sponsor != "" && !p.origin {
			states = append(states, p.sponsor)
		}
	}
	for _, p := range ps {
		if p.actor != "" {
			f.addActor(p, states)
		}
	}
	for _, t := range ts {
		f.addActor(position{actor: t.actor}, states)
	}
	for _, s := range sortedSet(states) {
		f.add("", s)
	}
	f.profiled(profile)
	if moneySought(&c.Facts) && !slices.ContainsFunc(f.list, func(h *hypothesis) bool { return h.kind == kindCriminal && h.sponsor == "" }) {
		f.addCriminals()
	}
	f.addUnknown()
	f.sort()
	return f
}

// addActor adds a named actor with its possible sponsors.
func (f *field) addActor(p position, named []string) {
	kind := actorKind(f.g.Entity(f.rep(p.actor)))
	if p.sponsor != "" {
		f.add(p.actor, p.sponsor)
		f.add("", p.sponsor)
		return
	}
	sponsors := f.tiedStates(p.actor)
	if kind != kindState {
		sponsors = append(sponsors, named...)
	} else if len(sponsors) == 0 {
		sponsors = named
	}
	if kind == kindState && len(sponsors) == 0 {
		// An actor of some state sits in that state.
		if s := f.g.StateOf(p.actor); s != "" {
			sponsors = []string{s}
		}
	}
	for _, s := range sortedSet(sponsors) {
		f.add(p.actor, s)
		f.add("", s)
	}
	if kind != kindState && !f.closelyTied(p.actor, kind) || len(sponsors) == 0 {
		f.add(p.actor, "")
	}
}

// closeTie is the strength from which a group of no known kind is taken as the state's: somebody says that it is, not only
// that it is linked to it.
const closeTie = 0.8

// closelyTied tells whether a group's own account is no answer worth weighing: nobody calls it criminal or hacktivist, and
// somebody says whose it is.
func (f *field) closelyTied(actor stix.ID, kind string) bool {
	return kind == kindGroup && (f.described(actor) != "" || slices.ContainsFunc(f.ties(actor), func(t graph.Tie) bool { return t.Strength >= closeTie }))
}

// described is the state that an actor's own source describes it as working for, where no claim ties it to any.
func (f *field) described(actor stix.ID) string {
	if len(f.ties(actor)) > 0 {
		return ""
	}
	return f.g.SponsorOf(f.rep(actor))
}

// tiedStates lists the states that claims join to any object of the actor.
func (f *field) tiedStates(actor stix.ID) []string {
	var out []string
	for _, t := range f.ties(actor) {
		if t.Strength >= graph.OriginOnly {
			out = append(out, f.land(t.State))
		}
	}
	if s := f.described(actor); s != "" {
		out = append(out, f.land(s))
	}
	return out
}

// ties gathers the ties of all objects that stand for the actor.
func (f *field) ties(actor stix.ID) []graph.Tie {
	rep := f.rep(actor)
	if ties, ok := f.known[rep]; ok {
		return ties
	}
	ids := []stix.ID{rep}
	for id, r := range f.same {
		if r == rep && id != rep {
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		for _, other := range f.g.Alike(id) {
			if !f.g.Bare(other) { // what is said of a name alone may be said of another
				ids = append(ids, other)
			}
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var out []graph.Tie
	for _, id := range ids {
		out = append(out, f.g.Ties(id)...)
	}
	if f.isClass(rep) { // what is said of criminals elsewhere says nothing of those here
		out = slices.DeleteFunc(out, func(t graph.Tie) bool { return !f.roots[t.Claim.Root] })
	}
	f.known[rep] = out
	return out
}

// profiled gives what the profile model says to the actors that are named. It names nobody itself.
func (f *field) profiled(profile *Profile) {
	if profile == nil {
		return
	}
	for i := range profile.Candidates {
		cand := &profile.Candidates[i]
		actor := f.rep(cand.ActorRef)
		if have := f.profiles[actor]; have != nil { // two objects of one actor
			sum := *have
			sum.Probability += cand.Probability
			cand = &sum
		}
		f.profiles[actor] = cand
	}
}

// addCriminals adds criminals nobody named: money was sought.
func (f *field) addCriminals() {
	h := &hypothesis{key: "some-criminals_own", actor: criminals, name: "criminals", kind: kindCriminal, class: true}
	f.byKey[h.key] = h
	f.list = append(f.list, h)
}

func moneySought(op *claim.Operation) bool {
	for _, act := range op.Acts {
		switch act {
		case "ransom-demand", "fee-demand", "sale-of-data", "money-theft":
			return true
		}
	}
	for _, k := range op.Kinds {
		if k == "ransomware" || k == "extortion" {
			return true
		}
	}
	return false
}
