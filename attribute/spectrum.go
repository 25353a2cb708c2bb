package attribute

import (
	"fmt"
	"slices"
	"strings"

	"marque/graph"
	"marque/stix"
)

// signs are what tells how close a state stands to an actor, with where it was seen.
type signs struct {
	words      map[string]string // relation to who says so
	organ      string            // an organ of the state that the actor is, or is part of
	state      string            // the state itself is named as the author
	proxy      string            // a proxy is named beside the state's own people
	noProfit   string            // targets without profit
	tools      string            // tools or infrastructure shared with the state's own actors
	personnel  string
	official   string
	protection string
}

// spectrum places a hypothesis on Healey's spectrum, with Maurer's mode and the reason.
func (j *judgement) spectrum(h *hypothesis) (value, mode, why string) {
	s := j.signs(h)
	said := func(relations ...string) string {
		for _, r := range relations {
			if who, ok := s.words[r]; ok {
				return strings.ReplaceAll(r, "-", " ") + ", says " + who
			}
		}
		return ""
	}
	switch {
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
	s := signs{words: map[string]string{}}
	for _, p := range j.ps {
		if p.claim.Stance != stix.Asserts {
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
func (j *judgement) sought(h *hypothesis) []stix.Sought {
	s := j.signs(h)
	if s.tools = j.sharedTools(h); h.sponsor == "" {
		s = signs{words: map[string]string{}}
	}
	tasking := ""
	for _, r := range []string{"ordered-by", "tasked-by", "directed-by", "on-behalf-of", "contracted-by", "outsources-to"} {
		if who, ok := s.words[r]; ok && tasking == "" {
			tasking = who + " says " + strings.ReplaceAll(r, "-", " ")
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
	list := []struct{ what, found string }{
		{"a second independent source for the attribution", second},
		{"a claim of responsibility", claimed},
		{"techniques and software that fit a known actor", profile},
		{"tasking by a state", tasking},
		{"targets that serve a state and bring no profit", s.noProfit},
		{"tools or infrastructure shared with other actors of the state", s.tools},
		{"people of the state among the actor's", s.personnel},
		{"protection by the state", s.protection},
		{"an official attribution", s.official},
	}
	var out []stix.Sought
	for _, l := range list {
		what := l.what
		if l.found != "" {
			what += ": " + l.found
		}
		out = append(out, stix.Sought{What: what, Found: l.found != ""})
	}
	return out
}
