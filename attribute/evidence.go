package attribute

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// Dimensions of the question. A root counts once in each: it may tell both who it was and for whom.
const (
	dimWho     = "who"
	dimSponsor = "sponsor"
	dimConduct = "conduct"
	dimProfile = "profile"
	dimTiming  = "timing"
	dimTongue  = "language"
)

// dimensions in the order in which they are added up.
var dimensions = []string{dimWho, dimSponsor, dimConduct, dimProfile, dimTiming, dimTongue}

// piece is a piece of evidence in the making.
type piece struct {
	dim, kind, text string
	refs            []stix.ID
	root            stix.ID
	claim           *graph.Claim
	weights         map[string]float64 // decibans by hypothesis, before discounts
	factor          float64            // what the discounts leave
	discount        string
	basis           string
	effective       map[string]float64 // what counts in the end
}

// statements weighs what sources say of who did it and for whom.
func (j *judgement) statements() {
	telling := j.tellings()
	for _, p := range j.ps {
		key := j.tellingKey(p)
		pc := j.statement(p)
		if doc := telling[key]; doc != p.claim.Document {
			pc.factor, pc.discount = 0, fmt.Sprintf("retells what %s said first: one source", j.g.Name(p.claim.Root))
		}
		j.pieces = append(j.pieces, pc)
	}
}

// atOdds tells whether the party that names an actor names states, and none of them is one that the actor is tied to.
func (j *judgement) atOdds(p position) bool {
	tied := j.f.tiedStates(p.actor)
	named := false
	for _, q := range j.ps {
		if q.sponsor != "" && q.actor == "" && q.claim.Root == p.claim.Root && q.claim.Source == p.claim.Source {
			named = true
			if slices.Contains(tied, j.f.land(q.sponsor)) {
				return false
			}
		}
	}
	return named && len(tied) > 0
}

// trackerWords mark what a tracker of incidents passes on (docs/model.md).
const trackerWords = "passed on by a tracker"

// firstHand tells whether two sources with names of their own, who can know, attribute it: no newspapers, trackers or classes of people.
func (j *judgement) firstHand() bool {
	knows := map[stix.ID]bool{}
	for _, p := range j.ps {
		c := p.claim
		if c.Stance == claim.Asserts && !p.early && !contains(c, "media-based", "media report", "anonymous", "unnamed", trackerWords) && !j.f.isClass(c.Source) {
			knows[c.Source] = true
		}
	}
	return len(knows) > 1
}

// tellingKey says which statements are the same one, told again: same root, same end, same stance.
func (j *judgement) tellingKey(p position) [4]string {
	return [4]string{string(p.claim.Root), string(cmp.Or(j.f.rep(p.actor), p.region)), p.sponsor, p.claim.Stance}
}

// tellings picks for each statement of a root the document that counts: the root itself, else the earliest. A louder
// retelling changes nothing.
func (j *judgement) tellings() map[[4]string]stix.ID {
	best := map[[4]string]*graph.Claim{}
	for _, p := range j.ps {
		key, c := j.tellingKey(p), p.claim
		if cur := best[key]; cur == nil || earlier(c, cur) {
			best[key] = c
		}
	}
	out := map[[4]string]stix.ID{}
	for k, c := range best {
		out[k] = c.Document
	}
	return out
}

func earlier(a, b *graph.Claim) bool {
	if ra, rb := a.Document == a.Root, b.Document == b.Root; ra != rb {
		return ra
	}
	return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.Document, b.Document)) < 0
}

// statement weighs one position for every hypothesis.
func (j *judgement) statement(p position) piece {
	weight, kind, basis := j.statementWeight(p)
	d := grading(p.claim)
	j.interest(p, &d)
	if p.actor != "" && j.atOdds(p) {
		d.times(atOddsFactor, "the source names another state beside it than the actor's own")
	}
	if p.early {
		d.times(0, "older than the operation: it cannot say who did it")
	}
	pc := piece{dim: dimWho, kind: kind, claim: p.claim, refs: append([]stix.ID{p.target}, p.claim.Carriers...), root: p.claim.Root, factor: d.factor, discount: d.text(), basis: basis, weights: map[string]float64{}}
	if p.sponsor != "" && p.actor == "" {
		pc.dim = dimSponsor
	}
	pc.text = j.statementText(p)
	for _, h := range j.f.list {
		if w := j.fit(p, h) * weight; w != 0 {
			pc.weights[h.key] = w
		}
	}
	return pc
}

// statementWeight is what the statement would weigh without discounts.
func (j *judgement) statementWeight(p position) (float64, string, string) {
	own := j.isOwn(p.claim.Source, p)
	switch p.claim.Stance {
	case claim.Doubts:
		return doubtWeight, "doubt", "stated"
	case claim.NoEvidence:
		return noEvidenceWeight, "no-evidence", "stated"
	case claim.Denies:
		if own {
			return ownDenialWeight, "denial", "stated"
		}
		return thirdDenialWeight, "denial", "stated"
	case claim.NoComment:
		return 0, "no-comment", "stated"
	}
	switch {
	case own && p.sponsor != "" && p.actor == "":
		return stateSelfWeight, "responsibility-claimed", "stated"
	case own || p.relation == "claimed-by":
		return selfClaimWeight, "responsibility-claimed", "stated"
	case contains(p.claim, "media-based", "media report"):
		return mediaWeight, "media", "stated"
	case contains(p.claim, trackerWords):
		return trackerWeight, "attribution", "stated"
	case p.actor != "" && j.f.isClass(p.actor):
		return classWeight, "attribution", "stated"
	case j.official(p.claim.Source):
		return attributionWeight, "official-statement", "stated"
	}
	return attributionWeight, "attribution", "stated"
}

// fit is how far a statement speaks for a hypothesis: from 0 to 1.
func (j *judgement) fit(p position, h *hypothesis) float64 {
	if h.key == unknownKey || p.region != "" {
		return 0
	}
	state := j.f.land(p.sponsor)
	if p.actor == "" {
		switch {
		case h.sponsor != state:
			return 0
		case p.origin:
			return sameStateShare * proxyShare
		case p.proxy && h.actor == "" && j.proxyNamed(p):
			return proxyShare
		}
		return 1
	}
	actor := j.f.rep(p.actor)
	switch {
	case h.actor == actor && (state == "" || h.sponsor == state):
		return 1
	case h.actor == actor:
		return sameStateShare
	case j.f.isClass(actor) && h.actor != "" && h.kind == actorKind(j.g.Entity(actor)):
		// "Criminals did it" speaks for every criminal group.
		return 1
	case h.sponsor != "" && (h.sponsor == state || slices.Contains(j.f.tiedStates(actor), h.sponsor)):
		return sameStateShare
	}
	return 0
}

// proxyNamed tells whether the source also names a proxy: then "on behalf of" does not mean the state's own people.
func (j *judgement) proxyNamed(p position) bool {
	return slices.ContainsFunc(j.ps, func(q position) bool {
		return q.claim.Root == p.claim.Root && q.actor != "" && actorKind(j.g.Entity(q.actor)) != kindState
	})
}

func (f *field) isClass(actor stix.ID) bool {
	e := f.g.Entity(actor)
	return e != nil && e.Is("class")
}

// isOwn tells whether the source speaks of itself: the actor, or the state that is named.
func (j *judgement) isOwn(source stix.ID, p position) bool {
	if source == "" {
		return false
	}
	if source == p.target || j.f.rep(source) == j.f.rep(p.actor) {
		return true
	}
	if p.relation == "claimed-by" || contains(p.claim, "attacker confirms", "self-attribution in the course") {
		return true
	}
	state := cmp.Or(p.sponsor, j.g.StateOf(p.actor))
	if p.claim.Stance == claim.Asserts {
		return state != "" && j.official(source) && j.g.StateOf(source) == state // only a state itself can own up
	}
	return j.speaksFor(source, state)
}

// speaksFor tells whether a source is a state, one of its organs, or people or companies of whom somebody says that they
// serve it.
func (j *judgement) speaksFor(source stix.ID, state string) bool {
	if state == "" {
		return false
	}
	return j.official(source) && j.g.StateOf(source) == state || j.g.SponsorOf(source) == state
}

// official tells whether a source speaks for a state.
func (j *judgement) official(source stix.ID) bool {
	e := j.g.Entity(source)
	return e != nil && (e.IsState() || e.Is("state-organ") || len(j.signatories(e)) > 0)
}

// signatories are the states that speak together as one party ("Japan, South Korea and the United States"), where all of its names
// are states. What they say jointly is each one's statement with one root.
func (j *judgement) signatories(e *graph.Entity) []string {
	if !strings.Contains(e.Name, " and ") {
		return nil
	}
	names := strings.FieldsFunc(strings.ReplaceAll(e.Name, " and ", ", "), func(r rune) bool { return r == ',' })
	var out []string
	for _, name := range names {
		state := j.g.StateNamed(strings.TrimPrefix(strings.TrimSpace(name), "the "))
		if state == "" {
			return nil
		}
		out = append(out, state)
	}
	return sortedSet(out)
}

// interest discounts a state that speaks of its rival, its attacker or in its own defence.
func (j *judgement) interest(p position, d *discount) {
	c := p.claim
	if contains(c, "anonymous", "unnamed") || j.f.isClass(c.Source) {
		d.times(anonymousFactor, "nobody puts a name to it")
	}
	if contested(c) && c.Stance == claim.Asserts {
		d.times(0.5, "the source itself calls it contested")
	}
	if !j.official(c.Source) || c.Stance != claim.Asserts {
		return
	}
	accused := p.sponsor
	if accused == "" && p.actor != "" {
		accused = j.g.StateOf(p.actor)
	}
	if e := j.g.Entity(c.Source); e != nil {
		if states := j.signatories(e); len(states) > 0 {
			j.jointInterest(states, accused, d)
			return
		}
	}
	if share, why := j.interestOf(j.g.StateOf(c.Source), accused); share < 1 {
		d.times(share, why)
	}
}

// jointInterest discounts a joint statement as the signatory with the least interest.
func (j *judgement) jointInterest(states []string, accused string, d *discount) {
	best, reason := 0.0, ""
	for _, s := range states {
		if share, why := j.interestOf(s, accused); share > best {
			best, reason = share, why
		}
	}
	d.times(best, reason)
	d.why = append(d.why, fmt.Sprintf("signed by %d states: one root", len(states)))
}

// interestOf is what a state's interest leaves of its word on another, and why.
func (j *judgement) interestOf(speaker, accused string) (share float64, why string) {
	switch {
	case speaker == "" || speaker == accused:
	case slices.ContainsFunc(j.ps, func(q position) bool { return q.sponsor == speaker && q.claim.Stance == claim.Asserts }):
		return accusedFactor, "the source is itself accused of it"
	case j.h != nil && j.h.rivals[[2]string{speaker, accused}]:
		return rivalFactor, "a government speaks of its rival"
	case slices.Contains(j.c.Facts.Countries, speaker):
		return victimFactor, "the victim's own government speaks"
	}
	return 1, ""
}

// contested tells whether a source says that what it passes on is contested.
func contested(c *graph.Claim) bool { return contains(c, "contested") }

// contains looks for words in what a claim says of its kind.
func contains(c *graph.Claim, words ...string) bool {
	for _, field := range []string{c.Note, c.Why, c.Hedge} {
		field = strings.ToLower(field)
		for _, w := range words {
			if strings.Contains(field, w) {
				return true
			}
		}
	}
	return false
}

// statementText is the evidence in words.
func (j *judgement) statementText(p position) string {
	who := j.speaker(p.claim)
	target := j.g.Name(p.target)
	switch p.claim.Stance {
	case claim.Doubts:
		if contested(p.claim) {
			return fmt.Sprintf("%s records that the attribution to %s is contested", who, target)
		}
		return fmt.Sprintf("%s doubts that it was %s", who, target)
	case claim.Denies:
		return fmt.Sprintf("%s denies that it was %s", who, target)
	case claim.NoEvidence:
		return fmt.Sprintf("%s sees no evidence that it was %s", who, target)
	case claim.NoComment:
		return fmt.Sprintf("%s gives no comment on %s", who, target)
	}
	verb := map[claim.Relation]string{
		"on-behalf-of": "says that it was done on behalf of", "linked-to": "links it to", "sponsored-by": "says that it was sponsored by",
		"claimed-by": "passes on the claim of responsibility by", "originates-from": "traces it to",
	}[p.relation]
	if verb == "" {
		verb = "attributes it to"
	}
	if h := p.claim.Hedge; h != "" && !strings.HasPrefix(strings.ToLower(target), strings.ToLower(h)) {
		return fmt.Sprintf("%s %s %s, hedged: “%s”", who, verb, target, h)
	}
	return fmt.Sprintf("%s %s %s", who, verb, target)
}

// speaker names who says it: the identity, else the words of the document.
func (j *judgement) speaker(c *graph.Claim) string {
	if e := j.g.Entity(c.Source); e != nil && e.Name != "" {
		if e.Is("class") {
			return e.Name + " (not named)" // "a third party", "IT security community"
		}
		return e.Name
	}
	if c.Speaker != "" {
		return c.Speaker
	}
	if d := j.g.Document(c.Document); d != nil {
		return cmp.Or(d.Publisher, d.Name, string(d.ID))
	}
	return "a source that is not named"
}

// ties weighs what is known of how a named actor stands to states: it speaks against own account and other states.
func (j *judgement) ties() {
	seen := map[stix.ID]bool{}
	for _, h := range j.f.list {
		if h.actor == "" || seen[h.actor] {
			continue
		}
		seen[h.actor] = true
		for _, t := range j.f.ties(h.actor) {
			j.tie(h.actor, t)
		}
	}
}

func (j *judgement) tie(actor stix.ID, t graph.Tie) {
	d := grading(t.Claim)
	if t.Strength < 1 {
		d.times(t.Strength, fmt.Sprintf("%q joins them loosely", t.Relation))
	}
	p := piece{dim: dimSponsor, kind: "tie", claim: t.Claim, refs: t.Claim.Carriers, root: t.Claim.Root, factor: d.factor, discount: d.text(), basis: "stated", weights: map[string]float64{}}
	p.text = fmt.Sprintf("%s: %s %s %s", j.speaker(t.Claim), j.g.Name(actor), t.Relation.Words(), j.g.CountryName(t.State))
	if t.Via != "" {
		p.text += " by way of " + j.g.Name(t.Via)
	}
	said := slices.ContainsFunc(j.ps, func(q position) bool {
		return q.claim.Stance == claim.Asserts && q.claim.Root == t.Claim.Root && j.f.rep(q.actor) == actor
	})
	for _, h := range j.f.list {
		switch {
		case h.actor == actor && h.sponsor != j.f.land(t.State):
			p.weights[h.key] = -tieWeight
		case said && h.sponsor == j.f.land(t.State):
			// The source that names the actor also says whose it is: that is part of its attribution.
			p.weights[h.key] = attributionWeight
		}
	}
	if len(p.weights) > 0 {
		j.pieces = append(j.pieces, p)
	}
}
