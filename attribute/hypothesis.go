package attribute

import (
	"cmp"
	"slices"
	"strings"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// Kinds of initiators, in EuRepoC's terms.
const (
	kindState      = "state"
	kindAffiliated = "state-affiliated" // in the history only: a hypothesis with a sponsor has the kind of its actor
	kindCriminal   = "criminal"
	kindHacktivist = "hacktivist"
	kindIndividual = "individual"
	kindCompany    = "private-sector"
	kindUnknown    = "unknown"
	kindGroup      = "group" // a named actor of which nobody says what it is
)

// unknownKey is the hypothesis that none of the others is right.
const unknownKey = "unknown"

// hypothesis is an answer in the making: an actor (or none in particular) for a state (or for nobody).
type hypothesis struct {
	key     string
	actor   stix.ID // representative of the actor's objects; empty: no actor in particular
	name    string
	kind    string
	class   bool // an unnamed kind of actor, such as criminals
	sponsor string
	allies  []string // states that acted with the sponsor, sorted
	prior   float64
}

// actorKind tells what an actor is, from the kinds its source gives it.
func actorKind(e *graph.Entity) string {
	if e == nil {
		return kindGroup
	}
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, e.Is)
	}
	switch {
	case has("state", "state-organ", "nation-state"):
		return kindState
	case has("private-sector-offensive-actor", "mercenaries", "mercenary"):
		return kindCompany
	case has("criminal", "crime-syndicate", "criminals"):
		return kindCriminal
	case has("activist", "hacktivist", "hacktivists", "terrorist"):
		return kindHacktivist
	case has("individual", "hacker", "sensationalist"):
		return kindIndividual
	}
	return kindGroup
}

// field is the set of hypotheses of a case.
type field struct {
	g      *graph.Graph
	list   []*hypothesis
	byKey  map[string]*hypothesis
	same   map[stix.ID]stix.ID // actor object to its representative
	names  map[stix.ID]string  // of actors that are always named together
	allied map[string][]string // states that are only ever named together: each to all of them, sorted
	known  map[stix.ID][]graph.Tie
	roots  map[stix.ID]bool // of what is said in the case

	words    map[string][]string    // of names, see nameWords
	profiles map[stix.ID]*Candidate // what the profile model says of an actor, by representative
}

func newField(g *graph.Graph) *field {
	return &field{g: g, byKey: map[string]*hypothesis{}, same: map[stix.ID]stix.ID{}, names: map[stix.ID]string{}, known: map[stix.ID][]graph.Tie{}, roots: map[stix.ID]bool{}, allied: map[string][]string{}, profiles: map[stix.ID]*Candidate{}, words: map[string][]string{}}
}

// represent joins the objects of several sources that stand for one actor by their names, for this judgement only. A persona stands for
// whoever speaks through it.
func (f *field) represent(ids []stix.ID) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var reps []stix.ID
next:
	for _, id := range ids {
		who := front(f.g, id)
		for _, r := range reps {
			if f.kin(r, who) || f.alike(r, who) {
				f.same[id], f.same[who] = r, r
				continue next
			}
		}
		f.same[id], f.same[who] = who, who
		reps = append(reps, who)
	}
}

// together joins actors that do not compete: those whom every source names together, because they acted together, and a
// group with the service or company that somebody says it belongs to. The group stands for both. Retellings have no say.
func (f *field) together(ps []position) {
	named := map[stix.ID][]string{}
	for _, p := range ps {
		if p.actor != "" && !f.isClass(p.actor) && p.claim.Stance == claim.Asserts && firstTold(ps, p.claim) {
			rep := f.rep(p.actor)
			source := string(p.claim.Root) + " " + string(p.claim.Source)
			if p.claim.Alternatives && f.rivals(ps, p) {
				source += " " + string(rep) // one or the other: not together
			}
			named[rep] = append(named[rep], source)
		}
	}
	bySources := map[string][]stix.ID{}
	for actor, sources := range named {
		key := strings.Join(sortedSet(sources), " ")
		bySources[key] = append(bySources[key], actor)
	}
	for _, key := range sortedKeys(bySources) {
		if actors := bySources[key]; len(actors) > 1 {
			f.join(actors)
		}
	}
	f.fold(ps)
	f.nest(ps)
}

// alliances joins states that only ever appear together, each time in one statement ("both Russia and Iran made …"): they are
// said to have acted together and do not compete. Two statements of one source are not one statement.
func (f *field) alliances(ps []position) {
	named := map[string][]string{}
	for _, p := range ps {
		if p.sponsor != "" && !p.origin && p.claim.Stance == claim.Asserts {
			named[p.sponsor] = append(named[p.sponsor], p.claim.ID)
		}
	}
	together := map[string][]string{}
	for state, claims := range named {
		key := strings.Join(sortedSet(claims), " ")
		together[key] = append(together[key], state)
	}
	for _, states := range together {
		if len(states) > 1 {
			states = sortedSet(states)
			for _, s := range states {
				f.allied[s] = states
			}
		}
	}
}

// land is the state that stands for a state in the hypotheses: the first of its allies, else itself.
func (f *field) land(state string) string {
	if allies := f.allied[state]; len(allies) > 0 {
		return allies[0]
	}
	return state
}

// firstTold tells whether a claim stands in the document of its root that comes first: the root itself, else the earliest.
func firstTold(ps []position, c *graph.Claim) bool {
	return !slices.ContainsFunc(ps, func(p position) bool {
		return p.claim.Root == c.Root && p.claim.Document != c.Document && earlier(p.claim, c)
	})
}

// join lets the first of several actors stand for all, in this judgement.
func (f *field) join(actors []stix.ID) {
	slices.SortFunc(actors, func(a, b stix.ID) int {
		return cmp.Or(cmp.Compare(f.rank(a), f.rank(b)), cmp.Compare(a, b))
	})
	var names []string
	for _, a := range actors {
		if f.rank(a) < 2 || f.rank(actors[0]) == 2 { // a service is not named beside its group
			names = append(names, f.g.Name(a))
		}
	}
	f.standFor(actors[0], actors[1:]...)
	f.names[actors[0]] = join(names)
}

func (f *field) standFor(rep stix.ID, others ...stix.ID) {
	for id, r := range f.same {
		if slices.Contains(others, r) {
			f.same[id] = rep
		}
	}
}

// nest puts a service or company under the one group of the case that is said to belong to it.
func (f *field) nest(ps []position) {
	var reps []stix.ID
	for _, p := range ps {
		if p.actor != "" && !f.isClass(p.actor) {
			reps = append(reps, f.rep(p.actor))
		}
	}
	slices.Sort(reps)
	reps = slices.Compact(reps)
	for _, whole := range reps {
		var parts []stix.ID
		for _, part := range reps {
			if part != whole && f.belongs(part, whole) {
				parts = append(parts, part)
			}
		}
		if len(parts) == 1 {
			f.standFor(parts[0], whole)
		}
	}
}

// belongs tells whether somebody says that one actor is, or is part of, another entity.
func (f *field) belongs(part, whole stix.ID) bool {
	for id, rep := range f.same {
		if rep != part {
			continue
		}
		for _, c := range f.g.At(id) {
			if c.Stance == claim.Asserts && slices.ContainsFunc(c.Links, func(l graph.Link) bool {
				return l.From == id && f.rep(l.To) == whole && l.Relation.Tie() >= closeTie && !l.Relation.Proxy()
			}) {
				return true
			}
		}
	}
	return false
}

// rank orders actors that are named together: the state's own groups, then others, then organs of states.
func (f *field) rank(id stix.ID) int {
	e := f.g.Entity(id)
	switch {
	case e != nil && e.Is("state-organ"):
		return 2
	case actorKind(e) == kindState || actorKind(e) == kindGroup:
		return 0
	}
	return 1
}

// name is what the actor of a hypothesis is called, with those who are always named beside it.
func (f *field) name(actor stix.ID) string { return cmp.Or(f.names[actor], f.g.Name(actor)) }

// others are the other objects of the case that stand for an actor.
func (f *field) others(actor stix.ID) []stix.ID {
	var out []stix.ID
	for id, rep := range f.same {
		if rep == actor && id != actor {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

func (f *field) rep(id stix.ID) stix.ID { return cmp.Or(f.same[id], id) }

// add puts a hypothesis into the field, once.
func (f *field) add(actor stix.ID, sponsor string) *hypothesis {
	actor, sponsor = f.rep(actor), f.land(sponsor)
	h := &hypothesis{actor: actor, sponsor: sponsor, kind: kindState}
	if allies := f.allied[sponsor]; len(allies) > 0 {
		h.allies = allies[1:]
	}
	label := "any"
	if actor != "" {
		e := f.g.Entity(actor)
		h.kind, h.name = actorKind(e), f.name(actor)
		h.class = e != nil && e.Is("class")
		label = cmp.Or(slug(h.name), "actor-"+string(actor[max(0, len(actor)-8):]))
		if h.class {
			label = "some-" + label
		}
	}
	// Keys of evidence's weights: letters, digits, - and _ only (STIX 2.1 section 2.3).
	h.key = label + "_" + cmp.Or(strings.Join(h.states(), "_"), "own")
	if have := f.byKey[h.key]; have != nil {
		if have.actor == actor {
			return have
		}
		h.key += "_" + string(actor[max(0, len(actor)-8):])
		if have := f.byKey[h.key]; have != nil {
			return have
		}
	}
	f.byKey[h.key] = h
	f.list = append(f.list, h)
	return h
}

// states lists the sponsor and its allies.
func (h *hypothesis) states() []string {
	if h.sponsor == "" {
		return nil
	}
	return append([]string{h.sponsor}, h.allies...)
}

func (f *field) addUnknown() {
	h := &hypothesis{key: unknownKey, kind: kindUnknown}
	f.byKey[h.key] = h
	f.list = append(f.list, h)
}

// sort fixes the order: by key, unknown last.
func (f *field) sort() {
	slices.SortFunc(f.list, func(a, b *hypothesis) int {
		last := func(h *hypothesis) int {
			if h.key == unknownKey {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(a.key, b.key))
	})
}

func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if s := b.String(); s != "" && !strings.HasSuffix(s, "-") {
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String()[:min(b.Len(), 200)], "-")
}

// criminals is the class of criminals that act for themselves or for a state.
var criminals = stix.DerivedID("threat-actor", "class", "criminals")

// statement is a hypothesis in words.
func (f *field) statement(h *hypothesis) string {
	var names []string
	for _, s := range h.states() {
		names = append(names, f.g.CountryName(s))
	}
	state := join(names)
	switch {
	case h.key == unknownKey:
		return "somebody else, or nobody whom the evidence names"
	case h.actor == "" && len(h.allies) > 0:
		return "actors of " + state + " together, that are not named"
	case h.actor == "":
		return "an actor of " + state + " that is not named"
	case h.sponsor == "" && h.class:
		return h.name + " for their own ends"
	case h.sponsor == "":
		return h.name + " on its own account"
	case h.class:
		return h.name + " on behalf of " + state
	case h.kind == kindState:
		return h.name + " of " + state
	case h.kind == kindGroup:
		return h.name + ", for " + state
	}
	return h.name + " on behalf of " + state
}
