package attribute

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// responses weighs denials and doubts about statements of the case that do not name an end themselves.
func (j *judgement) responses() {
	for _, c := range j.c.Claims {
		if c.Stance == claim.Asserts || j.beside(c) || slices.ContainsFunc(j.ps, func(p position) bool { return p.claim == c }) {
			continue
		}
		var answers, own []position
		for _, p := range j.answered(c) {
			q := position{claim: c, target: p.target, actor: p.actor, sponsor: p.sponsor}
			answers = append(answers, q)
			if j.isOwn(c.Source, q) {
				own = append(own, q)
			}
		}
		if len(own) > 0 {
			answers = own // the accused speak for themselves, not for others who are named beside them
		}
		for _, q := range answers {
			j.pieces = append(j.pieces, j.statement(q))
		}
	}
}

// answered lists the positions that a response is about, one for each actor and state. A response to the operation as a
// whole answers the positions that name the responder's state; an outsider's, all.
func (j *judgement) answered(c *graph.Claim) []position {
	var out []position
	add := func(p position) {
		if !slices.ContainsFunc(out, func(q position) bool { return q.target == p.target }) {
			out = append(out, p)
		}
	}
	for _, p := range j.ps {
		if p.claim.Stance == claim.Asserts && slices.Contains(c.AboutClaims, p.claim.ID) {
			add(p)
		}
	}
	if len(out) > 0 || len(c.AboutClaims) > 0 {
		return out
	}
	state := j.g.StateOf(c.Source)
	for _, p := range j.ps {
		if p.claim.Stance != claim.Asserts {
			continue
		}
		of := cmp.Or(p.sponsor, j.g.StateOf(p.target))
		if state == "" || !j.official(c.Source) || of == state {
			add(p)
		}
	}
	return out
}

// denials lists who denies it or gives no comment: in the case, and in the documents that the case's claims stand in.
func (j *judgement) denials() []claim.Denial {
	var out []claim.Denial
	seen := map[[3]string]bool{}
	add := func(c *graph.Claim) {
		d := claim.Denial{ByRef: c.Source, By: j.speaker(c), Kind: c.Stance, Text: c.Quote}
		if len(c.Carriers) > 0 {
			d.Ref = c.Carriers[0]
		}
		if c.Stance == claim.NoComment {
			d.Asked = j.asked(c)
		}
		key := [3]string{string(d.ByRef), d.Kind, string(c.Root)}
		if !seen[key] {
			seen[key] = true
			out = append(out, d)
		}
	}
	docs := map[stix.ID]bool{}
	for _, c := range j.c.Claims {
		docs[c.Document] = c.Document != ""
		if (c.Stance == claim.Denies || c.Stance == claim.NoComment) && !j.beside(c) {
			add(c)
		}
	}
	for _, c := range j.g.Responses() {
		if (c.Stance == claim.Denies || c.Stance == claim.NoComment) && docs[c.Document] && j.accused(j.g.StateOf(c.Source)) && j.answersThis(c) {
			add(c)
		}
	}
	slices.SortStableFunc(out, func(a, b claim.Denial) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.By, b.By), cmp.Compare(a.Ref, b.Ref))
	})
	return out
}

// answersThis tells whether a response in a document of the case answers what is said of this operation: a claim of the case, or, where it
// names none, the only accusation that the document makes against the responder's state. Under another operation it has no place.
func (j *judgement) answersThis(c *graph.Claim) bool {
	if len(c.AboutClaims) > 0 || len(c.Links) > 0 {
		return slices.ContainsFunc(c.AboutClaims, func(id string) bool {
			return slices.ContainsFunc(j.c.Claims, func(mine *graph.Claim) bool { return mine.ID == id })
		}) || slices.ContainsFunc(c.Links, func(l graph.Link) bool { return l.From == j.c.Subject || l.To == j.c.Subject })
	}
	if c.Stance == claim.Denies && c.Relation != "response" {
		return false // it says which deed is denied, and nobody tells of that one here
	}
	state := j.g.StateOf(c.Source)
	accusers := []stix.ID{j.g.StateEntity(state)}
	for _, h := range j.f.list {
		if h.actor != "" && slices.Contains(h.states(), state) {
			accusers = append(accusers, h.actor)
		}
	}
	for _, id := range accusers {
		for _, other := range j.g.At(id) {
			if other.Document == c.Document && other.Stance == claim.Asserts && slices.ContainsFunc(other.Links, func(l graph.Link) bool {
				return (l.From.Type() == "campaign" || l.From.Type() == "incident") && l.From != j.c.Subject && l.Relation.Attributes()
			}) {
				return false
			}
		}
	}
	return true
}

// asked is the statement on which a party did not comment, in the words of the document.
func (j *judgement) asked(c *graph.Claim) string {
	for _, id := range c.AboutClaims {
		if about := j.g.Claim(id); about != nil && about.Quote != "" && about.Quote != c.Quote {
			return about.Quote
		}
	}
	return ""
}

// beside tells whether a response comes from a state that nobody accuses of this operation: "Russia and Iran reject the
// accusations" is Iran's answer to what Iran is accused of, and says nothing here.
func (j *judgement) beside(c *graph.Claim) bool {
	return (c.Stance == claim.Denies || c.Stance == claim.NoComment) && j.official(c.Source) && !j.accused(j.g.StateOf(c.Source))
}

// accused tells whether a hypothesis names the state.
func (j *judgement) accused(state string) bool {
	return state != "" && slices.ContainsFunc(j.f.list, func(h *hypothesis) bool { return slices.Contains(h.states(), state) })
}

// side is one side of a dispute.
type side struct {
	name   string
	claims []*graph.Claim
}

// disputed names the sides where sources contradict each other: several states, actors of whom no source names both, or an
// attribution that somebody other than the accused doubts or calls contested.
func (j *judgement) disputed() []string {
	sides := j.stateSides()
	if len(sides) < 2 {
		if actors := j.actorSides(); len(actors) > 1 || len(sides) == 0 {
			sides = actors
		}
	}
	var out []string
	if len(sides) > 1 {
		for _, s := range sides {
			out = append(out, j.sideText(s))
		}
	}
	for _, p := range j.pieces {
		if p.claim == nil || p.kind == "tie" {
			continue
		}
		switch {
		case p.kind == "doubt", p.kind == "no-evidence", p.kind == "denial" && p.weightsBelow(ownDenialWeight):
			out = append(out, "against: "+p.text)
		case contested(p.claim):
			out = append(out, "contested: "+p.text)
		}
	}
	if len(sides) < 2 {
		for _, s := range j.unlike() {
			out = append(out, j.sideText(s))
		}
	}
	out = append(out, openQuestions(j.g, j.c.Subject)...)
	if len(out) > 0 && len(sides) == 1 {
		out = append(out, j.sideText(sides[0]))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// weightsBelow tells whether the piece weighs more against some hypothesis than the accused's own denial does.
func (p *piece) weightsBelow(limit float64) bool {
	for _, w := range p.weights {
		if w < limit {
			return true
		}
	}
	return false
}

// stateSides groups the positions by the state, or part of the world, that they come to, and keeps those that contradict
// another: states that are named together do not, nor does who names one of them.
func (j *judgement) stateSides() []side {
	by := map[string][]*graph.Claim{}
	for _, p := range j.ps {
		if p.claim.Stance != claim.Asserts && p.claim.Stance != claim.Doubts || j.deflects(p) {
			continue
		}
		states := j.g.StatesOf(p.actor)
		switch {
		case p.sponsor != "":
			states = []string{p.sponsor}
		case p.region != "":
			states = []string{string(p.region)}
		}
		for _, state := range states {
			by[state] = append(by[state], p.claim)
		}
	}
	return sidesOf(contradicting(by), func(state string) string {
		if e := j.g.Entity(stix.ID(state)); e != nil {
			return e.Name
		}
		return j.g.CountryName(state)
	})
}

// contradicting keeps the sides that stand against another one; a single side stays.
func contradicting(by map[string][]*graph.Claim) map[string][]*graph.Claim {
	if len(by) < 2 {
		return by
	}
	out := map[string][]*graph.Claim{}
	for state, claims := range by {
		for _, others := range by {
			if tellsOnly(claims, others) && tellsOnly(others, claims) && !lone(claims, others) && !lone(others, claims) {
				out[state] = claims
			}
		}
	}
	return out
}

// lone tells whether so many more independent sources stand on the other side that the one is a dissent and no dispute: it is shown among the
// evidence.
func lone(claims, others []*graph.Claim) bool {
	return len(graph.Roots(claims))*dissent < len(graph.Roots(others))
}

// dissent is how many times the sources on a side must outnumber the other's.
const dissent = 3

// tellsOnly tells whether one of the claims is not among the others.
func tellsOnly(claims, others []*graph.Claim) bool {
	return slices.ContainsFunc(claims, func(c *graph.Claim) bool { return !slices.Contains(others, c) })
}

// deflects tells whether a state that others accuse points at somebody else. Where only the accused speak, each of the other,
// they contradict each other.
func (j *judgement) deflects(p position) bool {
	if !slices.ContainsFunc(j.ps, func(q position) bool { return q.sponsor != "" && q.sponsor != p.sponsor }) {
		return false
	}
	accused := func(state string, by func(stix.ID) bool) bool {
		return slices.ContainsFunc(j.ps, func(q position) bool {
			return q.claim.Stance == claim.Asserts && q.sponsor == state && by(q.claim.Source)
		})
	}
	outsider := func(source stix.ID) bool {
		return !slices.ContainsFunc(j.ps, func(q position) bool { return q.sponsor != "" && j.speaksFor(source, q.sponsor) })
	}
	for _, q := range j.ps {
		if q.sponsor != "" && q.sponsor != p.sponsor && j.speaksFor(p.claim.Source, q.sponsor) && accused(q.sponsor, outsider) {
			return true
		}
	}
	return false
}

// actorSides groups positions by named actor, where no source names two of them and nothing joins them.
func (j *judgement) actorSides() []side {
	by := map[string][]*graph.Claim{}
	for _, p := range j.ps {
		if p.claim.Stance == claim.Asserts && !p.early && p.actor != "" && !j.f.isClass(p.actor) && graph.IsActor(p.actor.Type()) {
			rep := string(j.f.rep(p.actor))
			by[rep] = append(by[rep], p.claim)
		}
	}
	known := func(actor string) bool { return j.f.established(stix.ID(actor)) }
	if slices.ContainsFunc(slices.Collect(maps.Keys(by)), known) { // a name that one source uses is no rival of a group that many know
		maps.DeleteFunc(by, func(actor string, _ []*graph.Claim) bool { return !known(actor) })
	}
	if either := alternatives(by); len(either) > 1 {
		return sidesOf(either, func(id string) string { return j.g.Name(stix.ID(id)) })
	}
	roots := map[stix.ID]bool{}
	for actor, claims := range by {
		for _, r := range graph.Roots(claims) {
			if roots[r] {
				return nil
			}
			roots[r] = true
		}
		for _, rel := range j.g.ActorRelations(stix.ID(actor)) {
			if by[string(j.f.rep(rel.Other))] != nil {
				return nil
			}
		}
	}
	return sidesOf(by, func(id string) string { return j.g.Name(stix.ID(id)) })
}

// alternatives are the actors among whom a source does not decide, with what is said of each.
func alternatives(by map[string][]*graph.Claim) map[string][]*graph.Claim {
	out := map[string][]*graph.Claim{}
	for actor, claims := range by {
		if slices.ContainsFunc(claims, func(c *graph.Claim) bool { return c.Alternatives }) {
			out[actor] = claims
		}
	}
	return out
}

func sidesOf(by map[string][]*graph.Claim, name func(string) string) []side {
	var out []side
	for key, claims := range by {
		out = append(out, side{name(key), claims})
	}
	slices.SortFunc(out, func(a, b side) int { return cmp.Compare(a.name, b.name) })
	return out
}

// sideText says who is on a side. Who passes an attribution on as contested does not name anybody.
func (j *judgement) sideText(s side) string {
	var who, doubters []string
	var claims []*graph.Claim
	for _, c := range s.claims {
		if c.Stance == claim.Doubts {
			doubters = append(doubters, j.speaker(c))
			continue
		}
		claims, who = append(claims, c), append(who, j.speaker(c))
	}
	if len(who) == 0 {
		return fmt.Sprintf("%s: named by somebody whom %s does not name", s.name, join(sortedSet(doubters)))
	}
	who = sortedSet(who)
	more := ""
	if len(who) > 4 {
		who, more = who[:4], fmt.Sprintf(" and %d more", len(who)-4)
	}
	return fmt.Sprintf("%s: named by %s%s (independent sources: %d)", s.name, join(who), more, len(graph.Roots(claims)))
}
