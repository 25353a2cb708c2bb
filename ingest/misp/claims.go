package misp

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"marque/claim"
	"marque/ingest/entity"
	"marque/stix"
)

// cfr is who MISP quotes in its cfr- fields.
const cfr = "Council on Foreign Relations"

// actorClaims are who is said to stand behind an actor, where it sits, whom it attacks and what others call it.
func (r *galaxyReader) actorClaims(id stix.ID, c *cluster) {
	if code, ok := entity.CountryCode(c.text("country")); ok {
		r.w.Relate(r.misp, entity.Epoch, "located-at", id, r.w.Place(code))
		if !ownAccount(c) {
			r.says(r.misp, "MISP Project", c, "attributed-to", "country", c.text("country"), confidence(c), id, r.w.State(code))
		}
	}
	sponsors, _ := entity.Countries(c.text("cfr-suspected-state-sponsor"))
	for _, code := range sponsors {
		r.says(r.w.Organisation(cfr), cfr, c, "attributed-to", "sponsor", c.text("cfr-suspected-state-sponsor"), nil, id, r.w.State(code))
	}
	r.targets(id, c, "cfr-suspected-victims", r.w.Organisation(cfr))
	r.targets(id, c, "suspected-victims", r.misp)
	r.targetSectors(id, c, "cfr-target-category", r.w.Organisation(cfr))
	r.targetSectors(id, c, "targeted-sector", r.misp)
	for _, m := range personaIn.FindAllStringSubmatch(c.Description, -1) {
		r.says(r.misp, "MISP Project", c, claim.PersonaOf, "persona "+m[1], m[0], nil, r.w.NamedActor(m[1]), id)
	}
	for _, k := range slices.Sorted(maps.Keys(c.Meta)) {
		alias, ok := strings.CutPrefix(k, "origin:")
		if who := c.text(k); ok && who != "" && alias != "" {
			alias, _, _ = strings.Cut(alias, " (")
			r.says(r.w.Organisation(who), who, c, "alias-of", k, alias+" is "+c.Value, nil, r.w.NamedActor(alias), id)
		}
	}
}

// personaIn finds the fronts that a description gives its actor: "used the DarkBit persona", "use of the persona Free Civilian".
var personaIn = regexp.MustCompile(`\b(?:us(?:e|es|ed|ing)|operat(?:e|es|ed|ing)|behind|use of|through|under)(?: of)? (?:the|its|their) (?:[a-z]+ )?` +
	`(?:([A-Z][\w']*(?: [A-Z][\w']*)?) (?:hacktivist )?(?:online )?persona\b)`)

// ownAccount tells actors that a country is home to without being behind them: criminals, hacktivists, mercenaries.
func ownAccount(c *cluster) bool {
	for _, t := range actorTypes(c) {
		if t == "criminal" || t == "activist" || t == "private-sector-offensive-actor" {
			return true
		}
	}
	return false
}

func confidence(c *cluster) *int {
	n, err := strconv.Atoi(c.text("attribution-confidence"))
	if err != nil || n < 0 || n > 100 {
		return nil
	}
	return &n
}

// says puts one claim on a relationship. The galaxy collects what others published: reliability C (fairly reliable), and a
// credibility that follows the confidence where MISP states one (STIX 2.1 appendix A puts the two scales side by side).
func (r *galaxyReader) says(by stix.ID, speaker string, c *cluster, relation claim.Relation, field, quote string, conf *int, source, target stix.ID) {
	credibility := 3
	if conf != nil {
		switch {
		case *conf >= 90:
			credibility = 1
		case *conf >= 70:
			credibility = 2
		case *conf >= 50:
			credibility = 3
		case *conf >= 25:
			credibility = 4
		default:
			credibility = 5
		}
	}
	document := stix.DerivedID("report", "named", "misp project", "misp galaxy "+r.head.Type)
	if !r.w.Seen(document) {
		r.w.NamedReport("MISP Project", "MISP galaxy "+r.head.Type, entity.Epoch, r.misp)
	}
	r.w.Says(entity.Said{By: by, At: entity.Epoch, Confidence: conf, Claim: claim.Claim{
		ClaimID: entity.ClaimID("misp-galaxy", c.UUID, field, string(relation)), DocumentRef: document, RootRef: document,
		Speaker: speaker, Quote: quote, Stance: claim.Asserts, Relation: relation,
		Reliability: "C", Credibility: credibility, Status: claim.Accepted, Rule: "misp-galaxy/" + field,
	}}, source, target)
}

func (r *galaxyReader) targets(id stix.ID, c *cluster, field string, by stix.ID) {
	for _, victim := range c.list(field) {
		if code, ok := entity.CountryCode(victim); ok {
			r.w.Relate(by, entity.Epoch, "targets", id, r.w.Place(code))
		} else {
			r.w.Relate(by, entity.Epoch, "targets", id, r.w.Class(victim))
		}
	}
}

func (r *galaxyReader) targetSectors(id stix.ID, c *cluster, field string, by stix.ID) {
	for _, name := range c.list(field) {
		if code, ok := entity.SectorCode(name); ok {
			r.w.Relate(by, entity.Epoch, "targets", id, r.w.Sector(code))
		} else {
			r.w.Relate(by, entity.Epoch, "targets", id, r.w.Class(name))
		}
	}
}
