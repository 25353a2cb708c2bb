package attribute

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// NexusVerdict is the answer to "do these states share resources?".
type NexusVerdict string

// Verdicts. A negative is never proved: it is not refuted by what was searched.
const (
	NotRefuted NexusVerdict = "not refuted"
	RefutedBy  NexusVerdict = "refuted by"
)

// SharedAnswer is the answer, with what was searched and what was found and explained.
type SharedAnswer struct {
	States   []string       `json:"states"`
	Verdict  NexusVerdict   `json:"verdict"`
	Refuting []Shared       `json:"refuting"` // rare resources that actors of two of the states use and that nothing explains
	Weak     []Shared       `json:"weak"`     // shared, but each with an explanation or a discount that leaves too little
	Criminal []Shared       `json:"criminal"` // what actors of one of the states and criminals tied to no state both use: not the question, but near it
	Coverage []Coverage     `json:"coverage"` // by class, in the order of graph.Classes
	Actors   map[string]int `json:"actors"`
	Claims   []string       `json:"claims"` // claim_ids of statements on the question itself, such as "no evidence that they share"
	Said     []string       `json:"said"`   // these statements in words
	Words    string         `json:"words"`  // one paragraph
}

// Shared is one shared resource and what it weighs.
type Shared struct {
	graph.SharedResource
	Users     int     `json:"users"`     // actors known to use it
	Countries int     `json:"countries"` // states whose actors use it, in the whole graph
	Decibans  float64 `json:"decibans"`  // for "they share", after the discount
	Discount  string  `json:"discount"`  // how it was computed
	Explain   string  `json:"explain"`   // why it weighs little
	Roots     int     `json:"roots"`     // independent sources of its use by these states' actors
}

// Coverage says how much of a class was searched.
type Coverage struct {
	Class    string         `json:"class"`
	Searched int            `json:"searched"` // resources of the states' actors
	Known    map[string]int `json:"known"`    // by state: actors of which any resource of the class is known
	Shared   int            `json:"shared"`   // resources that two or more of the states' actors use
}

const (
	// sharedWeight is what a resource that exactly two states' actors use, and nobody else, says for sharing (stated).
	sharedWeight = 14.0
	// refuteAt is the weight from which a single resource refutes the negative (stated): ten to one.
	refuteAt = 10.0
)

// classWeightOf is how hard a resource of the class is to come by independently (stated): a host or account is one thing, a
// tool can be copied, bought or stolen.
var classWeightOf = map[string]float64{graph.Infrastructure: 1, graph.Accounts: 1, graph.Persons: 1, graph.Groups: 1, graph.Tools: 0.8}

// NexusShared tells whether actors of two or more states share resources or use the same criminal networks. It searches
// infrastructure, tools, accounts, persons and criminal networks; what many actors of many states use is a commodity and
// weighs little, by a discount that is computed from the graph.
func NexusShared(g *graph.Graph, states []string) SharedAnswer {
	states = sortedSet(states)
	a := SharedAnswer{States: states, Verdict: NotRefuted, Actors: map[string]int{}}
	sets := map[string][]stix.ID{}
	for _, e := range g.Entities("threat-actor", "intrusion-set") {
		// Criminals that only sit in a state are searched too: the question is also whether states use the same ones.
		s := g.StateOf(e.ID)
		if e.Is("class") || !slices.Contains(states, s) {
			continue
		}
		sets[s] = append(sets[s], e.ID)
		a.Actors[s]++
	}
	a.criminalSide(g, sets)
	found := g.Shared(sets)
	for _, r := range found {
		sh := weighShared(g, r)
		if sh.Decibans >= refuteAt {
			a.Refuting = append(a.Refuting, sh)
		} else {
			a.Weak = append(a.Weak, sh)
		}
	}
	for _, list := range [][]Shared{a.Refuting, a.Weak} {
		slices.SortFunc(list, func(x, y Shared) int {
			return cmp.Or(cmp.Compare(y.Decibans, x.Decibans), cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
		})
	}
	if len(a.Refuting) > 0 {
		a.Verdict = RefutedBy
	}
	a.Coverage = coverage(g, sets, found)
	a.statements(g)
	a.Words = a.paragraph(g)
	return a
}

// criminalSide finds what actors of exactly one of the states have in common with criminals of whom no state is known.
func (a *SharedAnswer) criminalSide(g *graph.Graph, sets map[string][]stix.ID) {
	with := map[string][]stix.ID{}
	for _, e := range g.Entities("threat-actor", "intrusion-set") {
		if actorKind(e) == kindCriminal && !e.Is("class") && g.StateOf(e.ID) == "" {
			with[kindCriminal] = append(with[kindCriminal], e.ID)
		}
	}
	maps.Copy(with, sets)
	for _, r := range g.Shared(with) {
		if len(r.By) == 2 && len(r.By[kindCriminal]) > 0 {
			s := weighShared(g, r)
			s.Explain = strings.TrimPrefix(s.Explain+"; one state's actors and criminals have it: that says nothing of two states", "; ")
			a.Criminal = append(a.Criminal, s)
		}
	}
	sortShared(a.Criminal)
}

func sortShared(list []Shared) {
	slices.SortFunc(list, func(x, y Shared) int {
		return cmp.Or(cmp.Compare(y.Decibans, x.Decibans), cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
}

// weighShared discounts a shared resource by how widespread it is: sharedWeight × class × (1 − commodity), where commodity
// is the greater of log₂(users/2)/4 and log₂(states/2)/2.
func weighShared(g *graph.Graph, r graph.SharedResource) Shared {
	s := Shared{SharedResource: r, Users: len(r.Users)}
	countries := map[string]bool{}
	unattributed := 0
	for _, u := range r.Users {
		switch c := g.StateOf(u); c {
		case "":
			unattributed++
		default:
			countries[c] = true
		}
	}
	s.Countries = len(countries)
	wide := 0.0
	if s.Countries > 2 {
		wide = min(1, math.Log2(float64(s.Countries)/2)/2)
	}
	common := max(r.Commodity, wide)
	class := classWeightOf[r.Class]
	left := sharedWeight * class * (1 - common)
	s.Discount = fmt.Sprintf("%.0f dB × %.1f (%s) × %.2f (%d actors of %d states use it)", sharedWeight, class, r.Class, 1-common, s.Users, s.Countries)
	var why []string
	if common > 0.25 {
		why = append(why, fmt.Sprintf("a commodity: %d actors of %d states use it, %d of them tied to no state", s.Users, s.Countries, unattributed))
	}
	if word := openWord(g, r.ID); word != "" {
		left *= 0.3
		s.Discount += " × 0.3 (" + word + ")"
		why = append(why, "its description says that anybody can have it: "+word)
	}
	if r.Class == graph.Tools && len(why) == 0 {
		// Malware is code: two users may have it from one seller, or one from the other without knowing.
		left *= 0.6
		s.Discount += " × 0.6 (code travels)"
		why = append(why, "code travels: it can be sold, leaked or taken without a tie between its users")
	}
	var claims []*graph.Claim
	for _, actors := range r.By {
		for _, actor := range actors {
			claims = append(claims, usesOf(g, actor, r.ID)...)
		}
	}
	s.Roots = len(graph.Roots(claims))
	s.Decibans = round(left, 1)
	s.Explain = strings.Join(why, "; ")
	return s
}

func usesOf(g *graph.Graph, actor, resource stix.ID) []*graph.Claim {
	var out []*graph.Claim
	for _, c := range g.At(actor) {
		for _, l := range c.Links {
			if l.From == actor && l.To == resource || l.To == actor && l.From == resource {
				out = append(out, c)
			}
		}
	}
	return out
}

// openWord is what a tool's own description says of how anybody can have it.
func openWord(g *graph.Graph, id stix.ID) string {
	if e := g.Entity(id); e != nil && len(e.Traits) > 0 {
		return e.Traits[0]
	}
	return ""
}

func coverage(g *graph.Graph, sets map[string][]stix.ID, found []graph.SharedResource) []Coverage {
	byClass := map[string]*Coverage{}
	seen := map[stix.ID]bool{}
	var out []Coverage
	for _, class := range graph.Classes() {
		byClass[class] = &Coverage{Class: class, Known: map[string]int{}}
	}
	for _, state := range sortedKeys(sets) {
		for _, actor := range sets[state] {
			has := map[string]bool{}
			for _, r := range g.Resources(actor) {
				class := g.ClassOf(r)
				if !seen[r] {
					seen[r] = true
					byClass[class].Searched++
				}
				if !has[class] {
					has[class] = true
					byClass[class].Known[state]++
				}
			}
		}
	}
	for _, r := range found {
		byClass[r.Class].Shared++
	}
	for _, class := range graph.Classes() {
		out = append(out, *byClass[class])
	}
	return out
}

// statements gathers what sources say on the question itself.
func (a *SharedAnswer) statements(g *graph.Graph) {
	for _, c := range g.Claims() {
		if c.Relation != "shares-resources" && c.Relation != "shares-resources-with" && c.Relation != "cooperates-with" {
			continue
		}
		named := map[string]bool{}
		for _, l := range c.Links {
			named[g.StateOf(l.From)], named[g.StateOf(l.To)] = true, true
		}
		for _, r := range slices.Concat(c.Subjects, c.Objects) {
			named[g.StateOf(r.Ref)] = true
		}
		for _, ref := range c.AboutRefs {
			named[g.StateOf(ref)] = true
		}
		hit := 0
		for _, s := range a.States {
			if named[s] {
				hit++
			}
		}
		if hit < 2 {
			continue
		}
		verb := map[string]string{claim.NoEvidence: "sees no evidence that they share", claim.Denies: "denies that they share", claim.Doubts: "doubts that they share"}[c.Stance]
		a.Claims = append(a.Claims, c.ID)
		a.Said = append(a.Said, cmp.Or(c.Speaker, g.Name(c.Source))+" "+cmp.Or(verb, "says that they share"))
	}
}

func (a *SharedAnswer) paragraph(g *graph.Graph) string {
	var names, searched []string
	for _, s := range a.States {
		names = append(names, fmt.Sprintf("%s (%d actors)", g.CountryName(s), a.Actors[s]))
	}
	for _, c := range a.Coverage {
		known := 0
		for _, n := range c.Known {
			known += n
		}
		total := 0
		for _, n := range a.Actors {
			total += n
		}
		searched = append(searched, fmt.Sprintf("%s: %d, known of %d of %d actors, %d shared", c.Class, c.Searched, known, total, c.Shared))
	}
	var s []string
	s = append(s, fmt.Sprintf("Searched what actors of %s use (%s).", join(names), strings.Join(searched, "; ")))
	if a.Verdict == NotRefuted {
		s = append(s, "That these states share resources or use the same criminal networks is not shown: the negative is not refuted, within this coverage.")
	} else {
		var by []string
		for _, r := range a.Refuting {
			by = append(by, fmt.Sprintf("%s (%+.1f dB)", r.Name, r.Decibans))
		}
		s = append(s, "The negative is refuted by "+join(by)+".")
	}
	if len(a.Weak) > 0 {
		var weak []string
		for _, r := range a.Weak[:min(5, len(a.Weak))] {
			weak = append(weak, fmt.Sprintf("%s (%+.1f dB: %s)", r.Name, r.Decibans, cmp.Or(r.Explain, r.Discount)))
		}
		s = append(s, fmt.Sprintf("Shared and explained, strongest first, %d of %d: %s.", len(weak), len(a.Weak), strings.Join(weak, "; ")))
	}
	if len(a.Criminal) > 0 {
		var near []string
		for _, r := range a.Criminal[:min(5, len(a.Criminal))] {
			near = append(near, r.Name)
		}
		s = append(s, fmt.Sprintf("Actors of one of the states and criminals of no known state both use %d resources, such as %s: that says nothing of two states.", len(a.Criminal), join(near)))
	}
	if len(a.Said) > 0 {
		s = append(s, "On the question itself: "+strings.Join(sortedSet(a.Said), "; ")+".")
	}
	return strings.Join(s, " ")
}

// NexusTie is a tie between a state and criminals, hacktivists or mercenaries.
type NexusTie struct {
	State    string         `json:"state"`
	Actor    stix.ID        `json:"actor"`
	Name     string         `json:"name"`
	Kind     string         `json:"kind"`     // criminal, hacktivist, private-sector …
	Relation claim.Relation `json:"relation"` // the closest word that is used
	Strength float64        `json:"strength"`
	Roots    int            `json:"roots"`
	Claims   []string       `json:"claims"`
	First    int            `json:"first"`   // year of the first claim
	Last     int            `json:"last"`    // and of the last
	ByYear   map[int]int    `json:"by_year"` // claims by year
	Trend    string         `json:"trend"`   // growing, steady, fading, single
	Denied   []string       `json:"denied"`  // who denies it
	Stances  map[string]int `json:"stances"` // claims by stance
}

// Nexus lists the ties of states to actors that are not their own, strongest first. Strength is the closeness of the words
// used, times 1 − ½^roots: one source gives half, three give seven eighths.
func Nexus(g *graph.Graph) []NexusTie {
	byKey := map[[2]string]*NexusTie{}
	claims := map[[2]string][]*graph.Claim{}
	for _, e := range g.Entities("threat-actor", "intrusion-set") {
		kind := actorKind(e)
		if kind != kindCriminal && kind != kindCompany && kind != kindHacktivist {
			continue
		}
		for _, t := range g.Ties(e.ID) {
			if t.Strength < graph.OriginOnly || e.Described.Kind != "" && t.Relation == "attributed-to" {
				// A list's country of an actor that its own description calls criminal is where it sits.
				continue
			}
			key := [2]string{t.State, string(e.ID)}
			n := byKey[key]
			if n == nil {
				n = &NexusTie{State: t.State, Actor: e.ID, Name: e.Name, Kind: kind, Relation: t.Relation, Strength: t.Strength, ByYear: map[int]int{}, Stances: map[string]int{}}
				byKey[key] = n
			}
			if !slices.Contains(n.Claims, t.Claim.ID) {
				n.Claims = append(n.Claims, t.Claim.ID)
				claims[key] = append(claims[key], t.Claim)
			}
		}
	}
	for _, op := range g.Operations() {
		operationTies(g, op, byKey, claims)
	}
	var out []NexusTie
	for key, n := range byKey {
		n.close(g, claims[key])
		out = append(out, *n)
	}
	slices.SortFunc(out, func(a, b NexusTie) int {
		return cmp.Or(cmp.Compare(b.Strength, a.Strength), cmp.Compare(a.State, b.State), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Actor, b.Actor))
	})
	return out
}

// operationTies joins the criminal actors of an operation to the states that it was done for.
func operationTies(g *graph.Graph, op *graph.Entity, byKey map[[2]string]*NexusTie, claims map[[2]string][]*graph.Claim) {
	c := Case{Subject: op.ID, Claims: g.At(op.ID)}
	ps := positions(g, &c)
	for _, p := range ps {
		if p.actor == "" || p.claim.Stance != claim.Asserts {
			continue
		}
		e := g.Entity(p.actor)
		kind := actorKind(e)
		if kind != kindCriminal && kind != kindCompany && kind != kindHacktivist {
			continue
		}
		for _, q := range ps {
			if q.sponsor == "" || !q.proxy || q.claim.Stance != claim.Asserts || q.claim.Root != p.claim.Root {
				continue
			}
			key := [2]string{q.sponsor, string(p.actor)}
			n := byKey[key]
			if n == nil {
				n = &NexusTie{State: q.sponsor, Actor: p.actor, Name: e.Name, Kind: kind, ByYear: map[int]int{}, Stances: map[string]int{}}
				byKey[key] = n
			}
			if s := q.relation.Tie(); s > n.Strength {
				n.Strength, n.Relation = s, q.relation
			}
			if !slices.Contains(n.Claims, q.claim.ID) {
				n.Claims = append(n.Claims, q.claim.ID)
				claims[key] = append(claims[key], q.claim)
			}
		}
	}
}

// close counts sources, years and denials of a tie.
func (n *NexusTie) close(g *graph.Graph, claims []*graph.Claim) {
	slices.Sort(n.Claims)
	n.Roots = len(graph.Roots(claims))
	n.Strength = round(n.Strength*(1-math.Pow(0.5, float64(n.Roots))), 3)
	for _, c := range claims {
		n.Stances[c.Stance]++
		for _, r := range g.About(c.ID) {
			if r.Stance == claim.Denies {
				n.Denied = append(n.Denied, cmp.Or(g.Name(r.Source), r.Speaker))
			}
		}
		if c.Date.IsZero() {
			continue
		}
		y := c.Date.Year()
		n.ByYear[y]++
		if n.First == 0 || y < n.First {
			n.First = y
		}
		n.Last = max(n.Last, y)
	}
	n.Denied = sortedSet(n.Denied)
	n.Trend = trend(n.ByYear, n.First, n.Last)
}

// trend compares the claims of the later half of the years with those of the earlier half.
func trend(byYear map[int]int, first, last int) string {
	if first == last {
		return "single"
	}
	early, late := 0, 0
	for y, n := range byYear {
		if 2*y < first+last {
			early += n
		} else if 2*y > first+last {
			late += n
		}
	}
	switch {
	case late > early:
		return "growing"
	case late < early:
		return "fading"
	}
	return "steady"
}
