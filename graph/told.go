package graph

import (
	"regexp"
	"strings"

	"marque/claim"
	"marque/ingest/entity"
	"marque/stix"
)

// An operation's own description may say who did it where no relationship does: "was a [Sandworm Team](…/groups/G0034) campaign", "conducted by
// UNC3890". Only what stands behind such words is read; "shares similarities with" names nobody.
var (
	toldGroup = regexp.MustCompile(`(?:(conducted|carried out|perpetrated|executed|launched|run|was used) by|(attributed|linked) to|was an?)(?: [\w,’' -]{0,80})? ?\[([^\]]{2,60})\]\([^)]*/groups/(G\d{4})\)( campaign| operation| intrusion|[,. ])`)
	toldName  = regexp.MustCompile(`(?:(?:conducted|carried out|perpetrated|executed|launched) by|threat (?:actor|group|cluster)) ((?:UNC|TA|APT|DEV-|Storm-|TAG-?|UAC-)\d+)\b`)
)

// likeness begins what says that an operation looks like somebody's.
var likeness = regexp.MustCompile(`(?i)\b(?:similar|overlap|resembl|reminiscent|consistent with|such as)`)

// told is what a description says of who did an operation.
type told struct {
	op           stix.ID
	name, number string // number: of the group in ATT&CK, where it is linked
	hedge, words string
}

// tellsWho reads a description; of several names the first counts.
func tellsWho(op stix.ID, description string) (told, bool) {
	text := cutAt(description, 2*maxReading)
	if at := likeness.FindStringIndex(text); at != nil {
		text = text[:at[0]]
	}
	if m := toldGroup.FindStringSubmatch(text); m != nil {
		bare := m[1] == "" && m[2] == ""
		if !bare || strings.TrimSpace(m[5]) == "campaign" || strings.TrimSpace(m[5]) == "operation" || strings.TrimSpace(m[5]) == "intrusion" {
			t := told{op: op, name: m[3], number: m[4], words: markdownLink.ReplaceAllString(m[0], "$1")}
			if m[2] == "linked" {
				t.hedge = "linked to"
			}
			return t, true
		}
	}
	if m := toldName.FindStringSubmatch(text); m != nil {
		return told{op: op, name: m[1], words: m[0]}, true
	}
	return told{}, false
}

// resolveTold makes claims of what descriptions tell, for operations that nobody else attributes: by whoever describes them.
func (b *builder) resolveTold() {
	if len(b.told) == 0 {
		return
	}
	attributed := map[stix.ID]bool{}
	for _, c := range b.claims {
		for _, l := range c.Links {
			if l.Relation.Attributes() {
				attributed[l.From] = true
			}
		}
	}
	groups, named := map[string]stix.ID{}, map[string]stix.ID{}
	for id, e := range b.g.entities {
		if !IsActor(e.Type) {
			continue
		}
		for _, x := range e.External {
			if have := groups[x]; groupID.MatchString(strings.ToLower(x)) && e.Type == "intrusion-set" && (have == "" || id < have) {
				groups[x] = id
			}
		}
		if key, have := NormalName(e.Name), named[NormalName(e.Name)]; have == "" || id < have {
			named[key] = id
		}
	}
	for _, t := range b.told {
		e := b.g.entities[t.op]
		if e == nil || attributed[t.op] {
			continue
		}
		target := groups[t.number]
		if target == "" {
			target = named[NormalName(t.name)]
		}
		if target == "" { // known by this name alone
			target = entity.NamedActorID(t.name)
			b.g.entities[target] = &Entity{ID: target, Type: target.Type(), Name: t.name, CreatedBy: e.CreatedBy, Created: e.Created}
		}
		c := &Claim{
			ID: "told:" + string(t.op), Relation: claim.AttributedTo, Links: []Link{{t.op, target, claim.AttributedTo}}, Source: e.CreatedBy, Root: t.op,
			Date: e.Created, Stance: claim.Asserts, Status: claim.Accepted, Hedge: t.hedge, Quote: t.words, Carriers: []stix.ID{t.op},
			Reliability: "B", Credibility: 2, Why: "its description says so",
		}
		b.claims[c.ID] = c
	}
}
