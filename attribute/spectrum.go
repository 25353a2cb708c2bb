package attribute

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// signs are what tells how close a state stands to an actor, with where it was seen.
type signs struct {
	words      map[claim.Relation]string // relation to who says so
	organ      string                    // an organ of the state that the actor is, or is part of
	state      string                    // the state itself is named as the author
	proxy      string                    // a proxy is named beside the state's own people
	noProfit   string                    // targets without profit
	tools      string                    // tools or infrastructure shared with the state's own actors
	personnel  string
	official   string
	protection string
	against    string // what the state itself did against it
	earlier    bool   // and it did so before the operation
}

// spectrum places a hypothesis on Healey's spectrum, with Maurer's mode and the reason.
func (j *judgement) spectrum(h *hypothesis) (value, mode, why string) {
	s := j.signs(h)
	said := func(relations ...claim.Relation) string {
		for _, r := range relations {
			if who, ok := s.words[r]; ok {
				return r.Words() + ", says " + who
			}
		}
		return ""
	}
	switch {
	case h.sponsor == "" && s.against != "" && s.earlier:
		return StateProhibitedInadequate, "", s.against + ", and it went on"
	case h.sponsor == "" && s.against != "":
		return StateProhibited, "", s.against
	case h.sponsor == "":
		return "", "", "no state stands behind it"
	case s.against != "" && (s.organ != "" || h.kind == kindState):
		return StateRogue, "", s.against + ", though it is its own"
	case s.organ != "" && s.proxy != "":
		return StateIntegrated, Delegation, s.organ + " together with " + s.proxy
	case s.organ != "":
		return StateExecuted, "", s.organ
	case h.actor == "" && s.state != "" && s.proxy == "":
		return StateExecuted, "", s.state
	case h.kind == kindState && s.words["attributed-to"] != "" && s.proxy == "":
		return StateExecuted, "", "attributed to the state as an actor of its own, says " + s.words["attributed-to"]
	}
	if why := said("ordered-by", "tasked-by", "directed-by", "contracted-by", "employed-by", "outsources-to"); why != "" {
		return StateOrdered, Delegation, why
	}
	if why := said("on-behalf-of", "operates-for"); why != "" {
		if s.noProfit != "" {
			return StateOrdered, Delegation, why + "; " + s.noProfit
		}
		return StateCoordinated, Orchestration, why
	}
	if why := said("sponsored-by", "coordinated-by", "works-with", "attributed-to", "supported-by"); why != "" {
		if s.tools != "" {
			why += "; " + s.tools
		}
		return StateCoordinated, Orchestration, why
	}
	if why := said("linked-to", "affiliated-with", "uses", "supports"); why != "" {
		if s.tools != "" {
			return StateCoordinated, Orchestration, why + "; " + s.tools
		}
		return StateShaped, Orchestration, why
	}
	if why := said("encouraged-by", "praised-by"); why != "" {
		return StateEncouraged, Sanctioning, why
	}
	if why := said("protected-by", "tolerated-by"); why != "" {
		return StateIgnored, Sanctioning, why
	}
	return "", "", "nothing tells how close the state stands"
}

// signs gathers what the claims of the case and what is known of the actor say.
func (j *judgement) signs(h *hypothesis) signs {
	s := signs{words: map[claim.Relation]string{}}
	for _, p := range j.ps {
		if p.claim.Stance != claim.Asserts {
			continue
		}
		j.positionSigns(h, p, &s)
	}
	if h.actor != "" {
		if e := j.g.Entity(h.actor); e != nil && e.Is("state-organ") {
			s.organ = e.Name + " is an organ of the state"
		}
		for _, t := range j.f.ties(h.actor) {
			if slices.Contains(h.states(), t.State) {
				j.tieSigns(t, &s)
			}
		}
	}
	s.against, s.earlier = j.prosecution(h)
	facts := &j.c.Facts
	switch {
	case slices.Contains(facts.Acts, "no-monetisation"):
		s.noProfit = "no way to earn by it was found"
	case !moneySought(facts) && slices.ContainsFunc(facts.Sectors, func(x string) bool {
		return x == "military" || x == "defence" || x == "government" || x == "election"
	}):
		s.noProfit = "the victims serve a state's ends, and no money was asked"
	}
	return s
}

// enforcement are the kinds of measures by which a state stops people, rather than says something.
var enforcement = []string{"arrest", "indictment", "conviction", "seizure", "takedown"}

// prosecution tells what the state where an actor sits did against it or against the operation, and whether it did before
// the operation began: then it could not stop it.
func (j *judgement) prosecution(h *hypothesis) (what string, earlier bool) {
	if h.actor == "" {
		return "", false
	}
	for _, m := range j.homeMeasures(h) {
		before := !j.c.When.IsZero() && !m.Date.IsZero() && m.Date.Time().Before(j.c.When)
		if what == "" || !before {
			what = fmt.Sprintf("%s itself acted against it: %s (%s)", j.g.CountryName(j.home(h)), m.Name, m.Date.Time().Format(time.DateOnly))
			earlier = before
		}
	}
	return what, earlier
}

// home is the state of a hypothesis, else the one where its actor sits.
func (j *judgement) home(h *hypothesis) string { return cmp.Or(h.sponsor, j.g.StateOf(h.actor)) }

// homeMeasures lists what the home state of an actor did against it, by date.
func (j *judgement) homeMeasures(h *hypothesis) []*claim.Measure {
	home := j.home(h)
	var out []*claim.Measure
	for _, m := range j.enforced {
		if home != "" && slices.Contains(m.By, home) && (slices.Contains(m.OperationRef, j.c.Subject) || j.aimed(m, h.actor)) {
			out = append(out, m)
		}
	}
	return out
}

func (j *judgement) aimed(m *claim.Measure, actor stix.ID) bool {
	return slices.ContainsFunc(m.AgainstRefs, func(id stix.ID) bool {
		return j.f.rep(id) == actor || graph.IsActor(id.Type()) && j.g.Same(id, actor)
	})
}

// enforcements are the measures of a graph that stop people.
func enforcements(g *graph.Graph) []*claim.Measure {
	var out []*claim.Measure
	for _, m := range g.Measures() {
		if slices.Contains(enforcement, m.Kind) {
			out = append(out, m)
		}
	}
	return out
}

func (j *judgement) positionSigns(h *hypothesis, p position, s *signs) {
	who := j.speaker(p.claim)
	if j.official(p.claim.Source) && !slices.Contains(h.states(), j.g.StateOf(p.claim.Source)) {
		s.official = who + " attributes it"
	}
	if p.actor != "" && actorKind(j.g.Entity(p.actor)) != kindState && p.actor != h.actor {
		s.proxy = j.g.Name(p.actor)
	}
	if !slices.Contains(h.states(), p.sponsor) {
		return
	}
	switch {
	case p.actor != "" && h.actor == "":
		s.organ = who + " names " + j.g.Name(p.actor)
	case p.actor == "" && !p.proxy && !p.origin:
		s.state = who + " names the state itself"
		if h.actor != "" {
			s.words["attributed-to"] = who
		}
	case p.proxy:
		s.words[p.relation] = who
	}
}

func (j *judgement) tieSigns(t graph.Tie, s *signs) {
	who := j.speaker(t.Claim)
	via := j.g.Entity(t.Via)
	switch {
	case t.Strength >= 1:
		s.organ = who + " says that it is part of " + j.tieEnd(t)
		s.personnel = s.organ
	case via != nil && via.Is("state-organ") && t.Relation == "attributed-to":
		s.organ = who + " says that it is " + via.Name
	case t.Relation == "employed-by" || t.Relation == "member-of":
		s.personnel = who + " names people of the state"
	case t.Relation == "protected-by" || t.Relation == "tolerated-by":
		s.protection = who + " says that the state protects it"
	}
	if _, ok := s.words[t.Relation]; !ok {
		s.words[t.Relation] = who
	}
}

func (j *judgement) tieEnd(t graph.Tie) string {
	if t.Via != "" {
		return j.g.Name(t.Via)
	}
	return j.g.CountryName(t.State)
}

// sharedTools looks for rare tools and infrastructure that the actor has in common with other actors of the state.
func (j *judgement) sharedTools(h *hypothesis) string {
	if h.actor == "" || h.sponsor == "" {
		return ""
	}
	for _, id := range j.g.Resources(h.actor) {
		r := j.g.Resource(id)
		if r.Commodity >= 0.5 {
			continue
		}
		for _, u := range r.Users {
			if j.f.rep(u) != h.actor && slices.Contains(h.states(), j.g.StateOf(u)) && !j.g.Same(u, h.actor) {
				return fmt.Sprintf("%s is used by it and by %s", r.Name, j.g.Name(u))
			}
		}
	}
	return ""
}

// sought lists what was looked for and whether it was found, for the leading hypothesis.
func (j *judgement) sought(h *hypothesis) []claim.Sought {
	s := j.signs(h)
	if s.tools = j.sharedTools(h); h.sponsor == "" {
		s = signs{words: map[claim.Relation]string{}, against: s.against}
	}
	tasking := ""
	for _, r := range []claim.Relation{"ordered-by", "tasked-by", "directed-by", "on-behalf-of", "contracted-by", "outsources-to"} {
		if who, ok := s.words[r]; ok && tasking == "" {
			tasking = who + " says " + r.Words()
		}
	}
	claimed := ""
	for _, p := range j.pieces {
		if p.kind == "responsibility-claimed" {
			claimed = p.text
		}
	}
	second := ""
	if len(j.roots) > 1 {
		second = fmt.Sprintf("%d sources", len(j.roots))
	}
	profile := ""
	if j.profile != nil && len(j.profile.Candidates) > 0 {
		profile = fmt.Sprintf("%d actors compared", len(j.profile.Candidates))
	}
	kinds := map[string]string{}
	for i := range j.pieces {
		if p := &j.pieces[i]; kinds[p.kind] == "" {
			kinds[p.kind] = p.text
		}
	}
	list := []struct{ what, found string }{
		{"a second independent source for the attribution", second},
		{"a claim of responsibility", claimed},
		{"techniques and software that fit a known actor", profile},
		{"hosts, certificates, registrations, accounts, wallets or persons that other actors used", kinds["infrastructure"]},
		{"a source that finds the way of working like somebody's", kinds["tradecraft"]},
		{fmt.Sprintf("working hours, from at least %d days on which it was seen", minDays), kinds["timing"]},
		{"a language in what was left", kinds["language"]},
		{"a sequence of steps in the events of a victim", j.c.Sequence},
		{"tasking by a state", tasking},
		{"targets that serve a state and bring no profit", s.noProfit},
		{"tools or infrastructure shared with other actors of the state", s.tools},
		{"people of the state among the actor's", s.personnel},
		{"protection by the state", s.protection},
		{"steps against it by the state where it sits", s.against},
		{"an official attribution", s.official},
	}
	var out []claim.Sought
	for _, l := range list {
		what := l.what
		if l.found != "" {
			what += ": " + l.found
		}
		out = append(out, claim.Sought{What: what, Found: l.found != ""})
	}
	return out
}
