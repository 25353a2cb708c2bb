package graph

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"marque/claim"
	"marque/stix"
)

// NameClaim is somebody's word that an actor bears a name.
type NameClaim struct {
	Name   string    `json:"name"`
	Entity stix.ID   `json:"entity"`
	By     stix.ID   `json:"by"`             // who says so: the creator of the object, or of the alias-of relationship
	Source string    `json:"source"`         // its name
	Since  time.Time `json:"since,omitzero"` // zero where the source does not date it
	Via    string    `json:"via"`            // "name", "alias", "alias-of", "external-id"
	Words  string    `json:"words"`          // the source's own words or citation, where it gives them
}

// Candidate is an actor that a name may mean.
type Candidate struct {
	ID      stix.ID  `json:"id"`
	Name    string   `json:"name"`
	Source  string   `json:"source"` // who describes this actor
	Weight  float64  `json:"weight"`
	Reasons []string `json:"reasons"`
}

// Resolution is what a name, or the names of an actor, may mean: best first. With Ambiguous set it is a set, and none of
// its members is the answer.
type Resolution struct {
	Query      string
	Candidates []Candidate
	Ambiguous  bool
	Why        string
}

// Best is the one answer, or nil where there is none or where it is ambiguous.
func (r *Resolution) Best() *Candidate {
	if r.Ambiguous || len(r.Candidates) == 0 {
		return nil
	}
	return &r.Candidates[0]
}

// Relations between actors that are not identity. They are shown and never merged.
var actorRelations = []claim.Relation{"overlaps", "sub-group-of", "renamed-to", "split-from", "merged-into", "similar", "part-of", "alias-of", "related-to", "revoked-by", claim.PersonaOf}

// names is the index of alias claims.
type names struct {
	claims   map[string][]NameClaim // by normal form
	byEntity map[stix.ID][]NameClaim
}

var (
	devNumber = regexp.MustCompile(`^(?:dev|storm)(\d{4})$`)
	groupID   = regexp.MustCompile(`^g\d{4}$`)
)

// NormalName is the form under which names are compared: "APT 28", "APT-28" and "apt28" are one, so are "Dukes" and "The Dukes", and so are "DEV-0586" and
// "Storm-0586", which Microsoft renamed in April 2023 without changing the numbers.
func NormalName(name string) string {
	var b strings.Builder
	if len(name) > 4 && strings.EqualFold(name[:4], "the ") {
		name = name[4:]
	}
	for _, r := range norm.NFKD.String(name) {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	s := b.String()
	if m := devNumber.FindStringSubmatch(s); m != nil {
		return "storm" + m[1]
	}
	return s
}

// IsActor tells whether objects of the type are actors that bear names.
func IsActor(typ string) bool { return typ == "threat-actor" || typ == "intrusion-set" }

func newNames(g *Graph) *names {
	n := &names{claims: map[string][]NameClaim{}, byEntity: map[stix.ID][]NameClaim{}}
	for _, id := range g.ids {
		e := g.entities[id]
		if !IsActor(e.Type) || e.Is("class") || e.Name == "" {
			continue
		}
		by := NameClaim{Entity: id, By: e.CreatedBy, Source: g.Name(e.CreatedBy)}
		if !placeholder(e.Created) {
			by.Since = e.Created
		}
		n.add(by, e.Name, "name", "")
		for _, a := range e.Aliases {
			n.add(by, a, "alias", e.AliasWords[a])
		}
		for _, x := range e.External {
			if groupID.MatchString(strings.ToLower(x)) {
				n.add(by, x, "external-id", "")
			}
		}
	}
	for _, c := range g.claims {
		if c.Stance != claim.Asserts {
			continue
		}
		for _, l := range c.Links {
			if l.Relation == "alias-of" {
				n.addAliasOf(g, c, l)
			}
		}
	}
	return n
}

// addAliasOf reads "X is also called Y": each gets the other's name, on the claim's word.
func (n *names) addAliasOf(g *Graph, c *Claim, l Link) {
	for _, pair := range [2][2]stix.ID{{l.From, l.To}, {l.To, l.From}} {
		other := g.entities[pair[1]]
		if other == nil || other.Name == "" || g.entities[pair[0]] == nil {
			continue
		}
		n.add(NameClaim{Entity: pair[0], By: c.Source, Source: cmp.Or(c.Speaker, g.Name(c.Source)), Since: c.Date}, other.Name, "alias-of", c.Quote)
	}
}

func (n *names) add(c NameClaim, name, via, words string) {
	c.Name, c.Via, c.Words = name, via, words
	key := NormalName(name)
	if key == "" {
		return
	}
	for _, have := range n.claims[key] {
		if have.Entity == c.Entity && have.By == c.By {
			return
		}
	}
	n.claims[key] = append(n.claims[key], c)
	n.byEntity[c.Entity] = append(n.byEntity[c.Entity], c)
}

// ActorNames lists who calls the actor what, since when and on whose word; the actor's own source first, then by name.
func (g *Graph) ActorNames(id stix.ID) []NameClaim {
	out := slices.Clone(g.names.byEntity[id])
	seen := map[stix.ID]bool{id: true}
	for _, c := range g.names.byEntity[id] {
		for _, other := range g.names.claims[NormalName(c.Name)] {
			if !seen[other.Entity] {
				seen[other.Entity] = true
				out = append(out, g.names.byEntity[other.Entity]...)
			}
		}
	}
	own := g.entities[id]
	slices.SortStableFunc(out, func(a, b NameClaim) int {
		mine := func(c NameClaim) int {
			if own != nil && c.By == own.CreatedBy && c.Entity == id {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(mine(a), mine(b)), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// Conflict is a name that one source gives to several actors, or that two sources give to actors which they keep apart.
type Conflict struct {
	Name   string    `json:"name"`
	Actors []stix.ID `json:"actors"`
	Why    string    `json:"why"`
}

// NameConflicts lists where vendors disagree about the names of an actor.
func (g *Graph) NameConflicts(id stix.ID) []Conflict {
	var out []Conflict
	for _, c := range g.names.byEntity[id] {
		bySource := map[string][]stix.ID{}
		for _, o := range g.names.claims[NormalName(c.Name)] {
			if e := g.entities[o.Entity]; e != nil {
				src := g.Name(e.CreatedBy)
				if !slices.Contains(bySource[src], o.Entity) {
					bySource[src] = append(bySource[src], o.Entity)
				}
			}
		}
		for _, src := range slices.Sorted(maps.Keys(bySource)) {
			if actors := bySource[src]; len(actors) > 1 {
				slices.Sort(actors)
				out = append(out, Conflict{c.Name, actors, fmt.Sprintf("%s gives the name %s to %d actors: %s", src, c.Name, len(actors), g.list(actors))})
			}
		}
	}
	slices.SortFunc(out, func(a, b Conflict) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Why, b.Why)) })
	return slices.CompactFunc(out, func(a, b Conflict) bool { return a.Name == b.Name && a.Why == b.Why })
}

func (g *Graph) list(ids []stix.ID) string {
	s := make([]string, len(ids))
	for i, id := range ids {
		s[i] = g.Name(id)
	}
	return strings.Join(s, ", ")
}

// ActorRelation is a relation between two actors that is not identity.
type ActorRelation struct {
	Kind  claim.Relation // overlaps, sub-group-of, renamed-to, split-from, merged-into, similar, …
	Other stix.ID
	Out   bool // the actor is the subject
	Claim *Claim
}

// ActorRelations lists overlaps, sub-groups, renamings, splits and mergers of an actor, as somebody claims them.
func (g *Graph) ActorRelations(id stix.ID) []ActorRelation {
	var out []ActorRelation
	for _, c := range g.At(id) {
		for _, l := range c.Links {
			switch {
			case !slices.Contains(actorRelations, l.Relation):
			case l.From == id && IsActor(l.To.Type()):
				out = append(out, ActorRelation{l.Relation, l.To, true, c})
			case l.To == id && IsActor(l.From.Type()):
				out = append(out, ActorRelation{l.Relation, l.From, false, c})
			}
		}
	}
	return out
}

// Resolve tells what a name may mean. Actors of several sources that are the same by their alias claims are one answer; the
// actor whose own name it is comes first. Where one source gives the name to several actors, or sources mean different
// actors, it is a set.
func (g *Graph) Resolve(name string) Resolution {
	res := Resolution{Query: name}
	byEntity := map[stix.ID]*Candidate{}
	for _, c := range g.names.claims[NormalName(name)] {
		cand := byEntity[c.Entity]
		if cand == nil {
			cand = &Candidate{ID: c.Entity, Name: g.Name(c.Entity), Source: g.Name(g.entities[c.Entity].CreatedBy)}
			byEntity[c.Entity] = cand
		}
		w := 1.0
		switch c.Via {
		case "name", "external-id":
			w = 2
			cand.Reasons = append(cand.Reasons, fmt.Sprintf("%s names it %s", c.Source, c.Name))
		case "alias":
			cand.Reasons = append(cand.Reasons, fmt.Sprintf("%s gives %s as another name of %s", c.Source, c.Name, cand.Name))
		default:
			cand.Reasons = append(cand.Reasons, fmt.Sprintf("%s says that %s is also %s", c.Source, cand.Name, c.Name))
		}
		cand.Weight += w
	}
	for _, c := range byEntity {
		res.Candidates = append(res.Candidates, *c)
	}
	sortCandidates(res.Candidates)
	g.settle(&res)
	return res
}

func sortCandidates(cs []Candidate) {
	slices.SortFunc(cs, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
}

// groups sorts candidates into actors: those who are the same by their alias claims, the heaviest group first.
func (g *Graph) groups(cs []Candidate) [][]Candidate {
	return components(cs, func(a, b *Candidate) bool { return g.Same(a.ID, b.ID) })
}

// components sorts candidates into connected groups, in the order of their weight.
func components(cs []Candidate, linked func(a, b *Candidate) bool) [][]Candidate {
	group := make([]int, len(cs))
	for i := range group {
		group[i] = i
	}
	for i := range cs {
		for k := range i {
			if group[i] != group[k] && linked(&cs[i], &cs[k]) {
				from, to := max(group[i], group[k]), min(group[i], group[k])
				for n := range group {
					if group[n] == from {
						group[n] = to
					}
				}
			}
		}
	}
	by := map[int][]Candidate{}
	for i, c := range cs {
		by[group[i]] = append(by[group[i]], c)
	}
	var out [][]Candidate
	for _, at := range slices.Sorted(maps.Keys(by)) {
		out = append(out, by[at])
	}
	slices.SortStableFunc(out, func(a, b []Candidate) int { return cmp.Compare(weight(b), weight(a)) })
	return out
}

func weight(cs []Candidate) float64 {
	sum := 0.0
	for _, c := range cs {
		sum += c.Weight
	}
	return sum
}

// linked tells whether two actor objects name each other: they have one main name, each bears the other's main name, or
// somebody says that one is an alias of the other; and their countries do not differ.
func (g *Graph) linked(a, b stix.ID) bool {
	ea, eb := g.entities[a], g.entities[b]
	if ea == nil || eb == nil {
		return false
	}
	if sa, sb := g.StateOf(a), g.StateOf(b); sa != "" && sb != "" && sa != sb {
		return false
	}
	na, nb := NormalName(ea.Name), NormalName(eb.Name)
	if na == nb && na != "" {
		return true
	}
	return g.bears(a, nb) && g.bears(b, na)
}

// bears tells whether somebody gives the actor a name, in its normal form.
func (g *Graph) bears(id stix.ID, normal string) bool {
	return slices.ContainsFunc(g.names.claims[normal], func(c NameClaim) bool { return c.Entity == id })
}

// keptApart tells whether one source gives the name to two actors that nothing of its own joins: then that source says that
// they are two, whatever others say.
func (g *Graph) keptApart(group []Candidate) (source string, apart []Candidate) {
	by := map[stix.ID][]Candidate{}
	for _, c := range group {
		if creator := g.entities[c.ID].CreatedBy; creator != "" && creator != claim.MarqueIdentity {
			by[creator] = append(by[creator], c)
		}
	}
	for _, creator := range slices.Sorted(maps.Keys(by)) {
		if parts := g.groups(by[creator]); len(parts) > 1 {
			return g.Name(creator), []Candidate{parts[0][0], parts[1][0]}
		}
	}
	return "", nil
}

// clearLead is how many times the actors that a name means in the first place must outweigh the others that bear it too.
const clearLead = 3.0

// settle decides what a name means.
func (g *Graph) settle(r *Resolution) {
	if len(r.Candidates) == 0 {
		r.Why = "nobody uses this name"
		return
	}
	groups := g.groups(r.Candidates)
	source, apart := g.keptApart(r.Candidates)
	main := slices.ContainsFunc(groups[0], func(c Candidate) bool { return NormalName(c.Name) == NormalName(r.Query) })
	switch {
	case apart != nil:
		r.Ambiguous = true
		r.Why = fmt.Sprintf("%s keeps %s and %s apart, and gives the name to both", source, apart[0].Name, apart[1].Name)
	case len(groups) == 1:
		r.Why = "all who use the name mean one actor"
	case main && weight(groups[0]) >= clearLead*weight(groups[1]):
		r.Why = fmt.Sprintf("it is the actor's own name; %s is called so too, by fewer", groups[1][0].Name)
	default:
		r.Ambiguous = true
		r.Why = fmt.Sprintf("the name stands for %d actors that do not name each other", len(groups))
	}
	r.Candidates = slices.Concat(groups...)
}

// Same tells whether two actor objects stand for one actor by their alias claims: they name each other, or are objects of
// two sources each of which is the other's one answer. It is a finding as of the graph's day and merges nothing.
func (g *Graph) Same(a, b stix.ID) bool {
	if a == b {
		return true
	}
	ea, eb := g.entities[a], g.entities[b]
	if ea == nil || eb == nil || !IsActor(ea.Type) || !IsActor(eb.Type) {
		return false
	}
	if g.linked(a, b) {
		return true
	}
	if ea.CreatedBy == eb.CreatedBy {
		return false
	}
	if g.Bare(a) || g.Bare(b) {
		return g.bareIs(a, b) || g.bareIs(b, a)
	}
	ab := g.Correspond(a, eb.CreatedBy)
	if best := ab.Best(); best == nil || best.ID != b && !g.linked(best.ID, b) {
		return false
	}
	ba := g.Correspond(b, ea.CreatedBy)
	best := ba.Best()
	return best != nil && (best.ID == a || g.linked(best.ID, a))
}

// Bare tells whether nothing is known of an actor but a name.
func (g *Graph) Bare(id stix.ID) bool { return len(g.names.byEntity[id]) == 1 }

// bareIs tells whether a bare name is one that the other actor's source gives to that actor, and to no other.
func (g *Graph) bareIs(a, b stix.ID) bool {
	if !g.Bare(a) {
		return false
	}
	r := g.Correspond(a, g.entities[b].CreatedBy)
	best := r.Best()
	return best != nil && (best.ID == b || g.linked(best.ID, b))
}

// Weights of a correspondence, in thumb rules: a source that gives the actor's own name to one of its actors speaks of it; a
// name that the source gives to several actors says little; countries that differ speak against it.
const (
	ownNameWeight   = 3.0
	otherNameWeight = 1.0
	mainNameWeight  = 0.5 // more, where the shared name is the candidate's own
	countryAgrees   = 0.5
	countryDiffers  = -2.0
	leadNeeded      = 1.3 // the best must weigh so many times the second
)

// Correspond tells which actor of another source an actor is, from all names of both.
func (g *Graph) Correspond(id, creator stix.ID) Resolution {
	e := g.entities[id]
	if e == nil {
		return Resolution{Query: string(id), Why: "the actor is not known"}
	}
	type hit struct {
		Candidate
		own   bool
		names int
	}
	res := Resolution{Query: e.Name}
	hits := map[stix.ID]*hit{}
	for _, mine := range g.names.byEntity[id] {
		key := NormalName(mine.Name)
		var theirs []NameClaim
		for _, c := range g.names.claims[key] {
			if c.Entity != id && g.entities[c.Entity].CreatedBy == creator {
				theirs = append(theirs, c)
			}
		}
		for _, c := range theirs {
			h := hits[c.Entity]
			if h == nil {
				h = &hit{Candidate: Candidate{ID: c.Entity, Name: g.Name(c.Entity), Source: g.Name(creator)}}
				hits[c.Entity] = h
			}
			w := otherNameWeight
			if mine.Via == "name" {
				w, h.own = ownNameWeight, true
			}
			if c.Via == "name" {
				w += mainNameWeight
			}
			w /= float64(len(theirs))
			h.names++
			h.Weight += w
			reason := fmt.Sprintf("both call it %s", c.Name)
			if len(theirs) > 1 {
				reason += fmt.Sprintf(" (a name that %s gives to %d actors)", h.Source, len(theirs))
			}
			h.Reasons = append(h.Reasons, reason)
		}
	}
	country := g.StateOf(id)
	for _, h := range hits {
		switch other := g.StateOf(h.ID); {
		case country == "" || other == "":
		case country == other:
			h.Weight += countryAgrees
			h.Reasons = append(h.Reasons, "the same country, "+country)
		default:
			h.Weight += countryDiffers
			h.Reasons = append(h.Reasons, fmt.Sprintf("countries differ: %s and %s", country, other))
		}
		slices.Sort(h.Reasons)
		res.Candidates = append(res.Candidates, h.Candidate)
	}
	sortCandidates(res.Candidates)
	g.decide(&res)
	return res
}

// decide settles whether the first candidate is the answer. Two entries of one source that name each other do not compete.
func (g *Graph) decide(r *Resolution) {
	rival := slices.IndexFunc(r.Candidates, func(c Candidate) bool { return c.ID != r.Candidates[0].ID && !g.linked(r.Candidates[0].ID, c.ID) })
	switch {
	case len(r.Candidates) == 0:
		r.Why = "no shared name"
	case r.Candidates[0].Weight <= 0:
		r.Ambiguous, r.Why = true, "a shared name, but the countries differ"
	case rival > 0 && r.Candidates[0].Weight < leadNeeded*r.Candidates[rival].Weight:
		r.Ambiguous = true
		r.Why = fmt.Sprintf("%s and %s weigh nearly the same (%.1f and %.1f)", r.Candidates[0].Name, r.Candidates[rival].Name, r.Candidates[0].Weight, r.Candidates[rival].Weight)
	default:
		r.Why = fmt.Sprintf("%s weighs %.1f, more than any other", r.Candidates[0].Name, r.Candidates[0].Weight)
	}
}
