package attribute

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"marque/claim"
	"marque/stix"
)

// What techniques and software resemble supports what somebody says. Alone, or against a source that names somebody, it names nobody: the
// same techniques are everybody's, and the model knows only those who were written about.
const (
	minResemblance = 0.1 // of the model's probability, from which somebody is shown
	maxResemblance = 3
)

// takes is what would make a resemblance an answer.
const takes = "a source that names it, or something that only the two use: infrastructure, an account, a wallet, code"

// profileEvidence brings in what the model of actors' profiles says of the actors that are named: for them, never against them. Odds are
// against the unknown actor, over all hypotheses of the actor.
func (j *judgement) profileEvidence() {
	if j.profile == nil || len(j.f.profiles) == 0 {
		return
	}
	p := piece{dim: dimProfile, kind: "profile", root: stix.DerivedID("report", "profile", j.profile.Method), factor: 1, basis: j.profile.Basis, weights: map[string]float64{}}
	priors := map[stix.ID]float64{}
	for _, h := range j.f.list {
		if h.actor != "" {
			priors[h.actor] += h.prior
		}
	}
	unknown := math.Max(j.profile.Unknown, 1e-6) / j.f.byKey[unknownKey].prior
	var top *Candidate
	for _, h := range j.f.list {
		cand := j.f.profiles[h.actor]
		if cand == nil || h.actor == "" {
			continue
		}
		if db := 10 * math.Log10(cand.Probability/priors[h.actor]/unknown); db > 0 {
			p.weights[h.key] = db
			p.refs = append(p.refs, cand.Refs...)
			if top == nil || cand.Probability > top.Probability {
				top = cand
			}
		}
	}
	if top == nil {
		return
	}
	p.text = fmt.Sprintf("techniques and software resemble %s", j.f.name(j.f.rep(top.ActorRef)))
	if len(top.Why) > 0 {
		p.text += ": " + strings.Join(top.Why[:min(5, len(top.Why))], ", ")
	}
	slices.Sort(p.refs)
	p.refs = slices.Compact(p.refs)
	j.pieces = append(j.pieces, p)
}

// resembles lists whom the techniques and software resemble and nobody names, most alike first.
func (j *judgement) resembles() []claim.Resemblance {
	var out []claim.Resemblance
	for actor, cand := range j.f.profiles {
		named := slices.ContainsFunc(j.f.list, func(h *hypothesis) bool { return h.actor == actor })
		if named || cand.Probability < minResemblance {
			continue
		}
		out = append(out, claim.Resemblance{
			ActorRef: cand.ActorRef, Actor: cmp.Or(cand.Actor, j.g.Name(cand.ActorRef)), Sponsor: cmp.Or(cand.Country, j.g.SponsorOf(cand.ActorRef)),
			Probability: round(cand.Probability, 4), Words: Words(cand.Probability), Why: cand.Why[:min(5, len(cand.Why))], Takes: takes,
		})
	}
	slices.SortFunc(out, func(a, b claim.Resemblance) int {
		return cmp.Or(cmp.Compare(b.Probability, a.Probability), cmp.Compare(a.ActorRef, b.ActorRef))
	})
	return out[:min(len(out), maxResemblance)]
}
