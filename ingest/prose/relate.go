package prose

import (
	"slices"
	"strings"
)

// families are relations that tell the same kind of fact: who uses criminals also works with them.
var families = map[string]string{
	"uses": "works-with", "partners-with": "works-with", "outsources-to": "works-with",
	"compromised": "attack", "targets": "attack", "stole": "attack", "disrupted": "attack", "extorts": "extorts",
	"influences": "influence", "spread": "influence", "linked-to": "link", "on-behalf-of": "link", "attributed-to": "link", "financed-by": "link",
}

func family(r string) string {
	if f, ok := families[r]; ok {
		return f
	}
	return r
}

// accuses are the relations of what a party denies when it "rejects the accusations", with the sides that name who is accused.
var accuses = map[string]struct{ subject, object bool }{
	"uses": {subject: true}, "outsources-to": {subject: true}, "partners-with": {true, true}, "compromised": {subject: true}, "targets": {subject: true}, "spread": {subject: true},
	"created": {subject: true}, "influences": {subject: true}, "personas": {subject: true}, "deployed": {subject: true}, "stole": {subject: true}, "extorts": {subject: true},
	"disrupted": {subject: true}, "exploited": {subject: true}, "motive": {subject: true}, "affected": {subject: true}, "opposes": {subject: true}, "supports": {subject: true}, "shares-resources": {true, true},
	"on-behalf-of": {true, true}, "attributed-to": {true, true}, "linked-to": {true, true}, "financed-by": {true, true},
}

// settleDenials lists for each denial what others say in the document of the party that denies: of the party itself, of those of its
// country, and of those that the document ties to either.
func (rd *reading) settleDenials() {
	claims := rd.res.Claims
	tied := map[string][]Ref{} // an actor's name → whom the document ties it to
	for i := range claims {
		cl := &claims[i]
		switch cl.Relation {
		case "attributed-to", "on-behalf-of", "linked-to", "financed-by":
			if cl.Stance == Asserts && len(cl.Subject) > 0 && cl.Subject[0].Kind != "operation" {
				tied[cl.Subject[0].Name] = append(tied[cl.Subject[0].Name], cl.Object...)
			}
		}
	}
	for i := range claims {
		d := &claims[i]
		if d.Stance != Denies || !d.ofItself() {
			continue
		}
		for k := max(0, i-deniedReach); k < min(len(claims), i+deniedReach); k++ {
			if c := &claims[k]; c.Stance == Asserts && !d.speaksFor(c) && rd.accusesAny(c, d.deniers(), tied) {
				d.Denied = append(d.Denied, c.ID)
			}
		}
	}
}

// deniedReach is how many claims before and after a denial it may be of.
const deniedReach = 300

// deniers are the parties that a denial comes from.
func (c *Claim) deniers() []Ref {
	if len(c.Who.Parties) > 0 {
		return c.Who.Parties
	}
	out := []Ref{{Name: c.Who.Name, Kind: c.Who.Kind}}
	if c.Who.Affiliation != "" {
		out = append(out, Ref{Name: c.Who.Affiliation})
	}
	return out
}

// ofItself tells a denial of what one is accused of oneself; that others did something is no denial of an accusation.
func (c *Claim) ofItself() bool {
	return c.Relation == "response" || c.Who.Kind == Actor || len(c.Subject) == 0 || c.Rule == "denial" || c.Rule == "rejects" || slices.ContainsFunc(c.deniers(), func(d Ref) bool {
		return slices.ContainsFunc(slices.Concat(c.Subject, c.Object), func(s Ref) bool { return sameParty(s, d) })
	})
}

// speaksFor tells that another claim comes from the same mouth.
func (c *Claim) speaksFor(other *Claim) bool {
	return slices.ContainsFunc(c.deniers(), func(d Ref) bool {
		return slices.ContainsFunc(other.deniers(), func(o Ref) bool { return sameParty(o, d) })
	})
}

// accusesAny tells that a claim says something of one of the parties.
func (rd *reading) accusesAny(c *Claim, parties []Ref, tied map[string][]Ref) bool {
	sides, ok := accuses[c.Relation]
	if !ok {
		return false
	}
	var accused []Ref
	if sides.subject {
		accused = append(accused, c.Subject...)
	}
	if sides.object {
		accused = append(accused, c.Object...)
	}
	for _, a := range accused {
		for _, p := range parties {
			p.Country = rd.countryOf(p)
			if sameParty(a, p) || slices.ContainsFunc(tied[a.Name], func(t Ref) bool { return sameParty(t, p) }) {
				return true
			}
		}
	}
	return false
}

// countryOf is the state that a party is, or belongs to.
func (rd *reading) countryOf(p Ref) string {
	if p.Country != "" {
		return p.Country
	}
	if e := rd.entityOf(p.Name); e != nil && (e.Kind == State || e.Kind == Agency || e.Kind == Ministry || e.Kind == Military || e.Kind == Party) {
		return e.Country
	}
	return ""
}

// sameParty: one name, or the end of it ("Shor" for "Ilan Shor"), or one that belongs to the state that the other is.
func sameParty(a, b Ref) bool {
	if b.Country != "" && (a.Country == b.Country || slices.Contains(a.Links, b.Country)) || sameName(a, b) {
		return true
	}
	x, y := strings.ToLower(a.Name), strings.ToLower(b.Name)
	return x != "" && y != "" && (x == y || strings.HasSuffix(x, " "+y) || strings.HasSuffix(y, " "+x))
}

// fact is what a claim tells, turned so that different words for it can be compared: "X is attributed to Y" is also "Y did X".
type fact struct {
	family      string
	doer, thing []Ref
}

// facts are the readings of a claim.
func facts(c *Claim) []fact {
	out := []fact{{family(c.Relation), c.Subject, c.Object}}
	if len(c.Subject) == 0 || len(c.Object) == 0 {
		return out
	}
	switch kind := c.Subject[0].Kind; {
	case c.Relation == "attributed-to" && (kind == Malware || kind == Tool):
		out = append(out, fact{"malware", c.Object, c.Subject})
	case c.Relation == "attributed-to" && kind == "operation":
		out = append(out, fact{"attack", c.Object, c.Subject})
	case (c.Relation == "uses" || c.Relation == "deployed") && (c.Object[0].Kind == Malware || c.Object[0].Kind == Tool):
		out = append(out, fact{"malware", c.Subject, c.Object})
	}
	return out
}

// SameFact tells whether two claims can be of one fact, whatever their stances.
func SameFact(a, b *Claim) bool {
	if !sameTime(a.When, b.When) || !sameCount(a.Count, b.Count) {
		return false
	}
	near := a.Document == b.Document && max(a.Sentence, b.Sentence)-min(a.Sentence, b.Sentence) < oneStory
	for _, x := range facts(a) {
		for _, y := range facts(b) {
			if x.family != y.family || !sameDoer(x.doer, y.doer) && (!near || !bare(x.doer) || !bare(y.doer)) {
				continue
			}
			if sameThing(x.thing, y.thing) || x.family == "link" && sameDoer(x.thing, y.thing) || near && (bare(x.thing) || bare(y.thing)) {
				return true
			}
		}
	}
	return false
}

// oneStory is over how many sentences of a document "the attack" is taken to be the same one.
const oneStory = 30

// bare tells an operation that is only called one: "the attack", "this intrusion".
func bare(refs []Ref) bool {
	return len(refs) == 1 && refs[0].Kind == "operation" && !strings.Contains(refs[0].Name, " ") && len(refs[0].Links) == 0 && refs[0].Country == ""
}

// sameDoer: a common name; a state and one of its actors or bodies; two descriptions of a group, or one and an actor, with no state that
// sets them apart.
func sameDoer(a, b []Ref) bool {
	for _, x := range a {
		for _, y := range b {
			if sameName(x, y) || x.Kind == State && y.Country == x.Name && ofState(y.Kind) || y.Kind == State && x.Country == y.Name && ofState(x.Kind) {
				return true
			}
			if x.Country != "" && y.Country != "" && x.Country != y.Country {
				continue
			}
			switch {
			case groupKind(x.Kind) && groupKind(y.Kind), x.Kind == Actor && y.Kind != "" && groupKind(y.Kind), y.Kind == Actor && x.Kind != "" && groupKind(x.Kind):
				return true
			case serviceKind(x.Kind) && serviceKind(y.Kind) && x.Country != "" && overlap(x, y) > 0:
				return true
			}
		}
	}
	return false
}

// sameName tells a common name or alias.
func sameName(x, y Ref) bool {
	is := func(r Ref) func(string) bool { return func(s string) bool { return strings.EqualFold(s, r.Name) } }
	return strings.EqualFold(x.Name, y.Name) || slices.ContainsFunc(x.Aliases, is(y)) || slices.ContainsFunc(y.Aliases, is(x))
}

// ofState are kinds of those who act for a state that they belong to.
func ofState(k string) bool { return k == Actor || serviceKind(k) || k == "group" }

func groupKind(k string) bool {
	return k == "criminal group" || k == "group" || k == "mercenary" || k == ""
}

// overlap counts the common words of two descriptions.
func overlap(x, y Ref) int {
	wx, wy := words([]Ref{x}), words([]Ref{y})
	both := 0
	for w := range wx {
		if wy[w] {
			both++
		}
	}
	return both
}

// sameThing: a common entity with the same country, or words in common that say most of the shorter description.
func sameThing(a, b []Ref) bool {
	for _, x := range a {
		for _, y := range b {
			if sameName(x, y) {
				return true
			}
			if x.Country != "" && y.Country != "" && x.Country != y.Country {
				continue
			}
			if least := min(len(words([]Ref{x})), len(words([]Ref{y}))); least > 0 && overlap(x, y)*5 >= least*3 {
				return true
			}
		}
	}
	return false
}

// synonyms bring words for the same thing together before they are compared.
var synonyms = map[string]string{
	"website": "site", "webpage": "site", "electronic": "", "hacker": "criminal", "cybercriminal": "criminal", "gang": "group", "network": "group",
	"criminal": "criminal", "group": "", "used": "", "the": "", "of": "", "by": "", "and": "", "an": "", "a": "", "in": "", "for": "", "to": "", "least": "", "more": "", "than": "", "at": "", "defence": "defense",
	"organisation": "organization", "new": "", "some": "", "several": "", "who": "", "mercenarie": "criminal", "mercenary": "criminal", "private": "", "cyber": "",
}

// words are the meaningful words of descriptions, demonyms as their state.
func words(refs []Ref) map[string]bool {
	out := map[string]bool{}
	for _, r := range refs {
		for _, w := range strings.FieldsFunc(strings.ToLower(r.Name), func(c rune) bool {
			return c == ' ' || c == '-' || c == ',' || c == '(' || c == ')' || c == '\'' || c == '’' || c == '“' || c == '”'
		}) {
			w = singular(w)
			if s, ok := synonyms[w]; ok {
				w = s
			}
			if w != "" && (w[0] < '0' || w[0] > '9') {
				out[w] = true
			}
		}
		if r.Kind == "criminal group" || r.Kind == "mercenary" {
			out["criminal"] = true
		}
	}
	return out
}

func sameTime(a, b When) bool {
	return a.From.IsZero() || b.From.IsZero() || !a.From.After(b.To) && !b.From.After(a.To)
}

// sameCount: "at least 50" and "more than 50" agree; 50 and 500 do not.
func sameCount(a, b Count) bool {
	if a.N == 0 || b.N == 0 {
		return true
	}
	lo, hi := min(a.N, b.N), max(a.N, b.N)
	return hi <= lo+lo/2
}
