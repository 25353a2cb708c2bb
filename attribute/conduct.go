package attribute

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"marque/claim"
	"marque/stix"
)

// conductWeights tell in decibans for which kind of initiator an act, a kind of operation or a sector speaks, where there is
// no history to learn it from. All are stated.
var conductWeights = map[string]map[string]float64{
	"act:ransom-demand":                {kindCriminal: 6, kindState: -4, kindHacktivist: -4},
	"act:fee-demand":                   {kindCriminal: 4, kindState: -2, kindHacktivist: -3},
	"act:money-theft":                  {kindCriminal: 6, kindState: -3, kindHacktivist: -5},
	"act:sale-of-data":                 {kindCriminal: 5, kindState: -3, kindHacktivist: -3},
	"act:encryption":                   {kindCriminal: 3, kindHacktivist: -2},
	"act:no-monetisation":              {kindCriminal: -8, kindState: 2, kindHacktivist: 1},
	"act:wiping":                       {kindState: 4, kindCriminal: -6},
	"act:disruption":                   {kindHacktivist: 3, kindCriminal: -3},
	"act:defacement":                   {kindHacktivist: 6, kindCriminal: -4, kindState: -3},
	"act:leak":                         {kindHacktivist: 2, kindState: 1, kindCriminal: -1},
	"act:data-theft":                   {kindState: 2, kindHacktivist: -1},
	"act:data-theft-before-encryption": {kindCriminal: 2},
	"act:surveillance":                 {kindState: 6, kindCriminal: -6, kindHacktivist: -6},
	"act:prepositioning":               {kindState: 7, kindCriminal: -6, kindHacktivist: -6},
	"act:fake-sites":                   {kindState: 4, kindCriminal: -3},
	"act:fake-accounts":                {kindState: 4, kindCriminal: -3},
	"act:synthetic-media":              {kindState: 3, kindCriminal: -2},
	"act:amplification":                {kindState: 3, kindCriminal: -4},
	"kind:espionage":                   {kindState: 6, kindCriminal: -6, kindHacktivist: -6},
	"kind:ransomware":                  {kindCriminal: 6, kindState: -4, kindHacktivist: -5},
	"kind:ddos":                        {kindHacktivist: 5, kindCriminal: -3, kindState: -1},
	"kind:defacement":                  {kindHacktivist: 6, kindCriminal: -4, kindState: -3},
	"kind:influence":                   {kindState: 5, kindCriminal: -6},
	"kind:wiper":                       {kindState: 4, kindCriminal: -6},
	"kind:sabotage":                    {kindState: 4, kindCriminal: -5},
	"sector:military":                  {kindState: 3, kindCriminal: -4},
	"sector:defence":                   {kindState: 3, kindCriminal: -3},
	"sector:aerospace":                 {kindState: 2, kindCriminal: -2},
	"sector:government":                {kindState: 1, kindCriminal: -2},
	"sector:political-party":           {kindState: 2, kindCriminal: -4},
	"sector:election":                  {kindState: 3, kindCriminal: -5},
	"sector:civil-society":             {kindState: 2, kindCriminal: -4},
	"sector:cryptocurrency":            {kindCriminal: 3, kindHacktivist: -3},
	"sector:finance":                   {kindCriminal: 2},
	"sector:retail":                    {kindCriminal: 4, kindState: -3},
	"sector:health":                    {kindCriminal: 2},
}

// conductCap is the most that what was done says for or against a kind, however plain the history.
const conductCap = 10.0

// conduct weighs what was done, and to whom, for kinds of initiators. It cannot tell one state from another. What the history
// shows is one piece, as its features go together; features that it does not show have stated weights.
func (j *judgement) conduct() {
	m := j.h.kindsWithout(j.c.Subject)
	known := m.known(features(&j.c.Facts))
	if len(known) > 0 {
		j.pieces = append(j.pieces, j.learnedConduct(m, known))
	}
	for _, feature := range features(&j.c.Facts) {
		if slices.Contains(known, feature) {
			continue
		}
		p := j.conductPiece("stated", featureText(feature))
		for _, h := range j.f.list {
			if w := conductWeights[feature][conductKind(h)]; w != 0 {
				p.weights[h.key] = w
			}
		}
		if len(p.weights) > 0 {
			j.pieces = append(j.pieces, p)
		}
	}
}

// learnedConduct is what the model of kinds says of the operation, by the features that it knows.
func (j *judgement) learnedConduct(m *kinds, known []string) piece {
	weights := m.weights(known)
	base, given := m.base(), m.given(weights)
	ratio := map[string]float64{kindState: (given[0] + given[1]) / (base[0] + base[1])}
	for i, k := range initiatorKinds[:named] {
		if i > 1 {
			ratio[k] = given[i] / base[i]
		}
	}
	p := j.conductPiece(fmt.Sprintf("learned, n=%d", int(m.n)), "what was done, to whom, and who made it public: "+telling(known, weights))
	for _, h := range j.f.list {
		if r := ratio[conductKind(h)]; r > 0 {
			p.weights[h.key] = max(-conductCap, min(conductCap, 10*math.Log10(r)))
		}
	}
	return p
}

func (j *judgement) conductPiece(basis, text string) piece {
	p := piece{dim: dimConduct, kind: "conduct", text: text, refs: []stix.ID{j.c.Subject}, root: j.recordRoot(), basis: basis, weights: map[string]float64{}, factor: 1}
	if len(j.statementRoots()) > 0 {
		p.factor, p.discount = knownShare, "whoever attributed the operation knew this"
	}
	return p
}

// conductKind is the kind whose conduct a hypothesis expects; empty where nothing can be expected.
func conductKind(h *hypothesis) string {
	switch {
	case h.key == unknownKey:
		return ""
	case h.sponsor != "":
		// Who acts for a state chooses targets and means as the state wants them.
		return kindState
	case h.kind == kindGroup || h.kind == kindCompany:
		return ""
	}
	return h.kind
}

// recordRoot is the source of the operation's facts: its first document's root, else the record itself.
func (j *judgement) recordRoot() stix.ID {
	if len(j.c.Facts.DocumentRefs) > 0 {
		return j.g.Root(j.c.Facts.DocumentRefs[0])
	}
	if roots := factRoots(j.c); len(roots) == 1 {
		return roots[0]
	}
	return j.c.Subject
}

func factRoots(c *Case) []stix.ID {
	var out []stix.ID
	for _, cl := range c.Claims {
		if cl.Stance == claim.Asserts {
			out = append(out, cl.Root)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func featureText(feature string) string {
	what, code, _ := strings.Cut(feature, ":")
	code = strings.ReplaceAll(code, "-", " ")
	switch {
	case feature == "act:no-monetisation":
		return "somebody looked for a way to earn by it, and found none"
	case what == "act":
		return "what was done: " + code
	case what == "sector", what == "country":
		return "whom it hit: " + code
	}
	return "what kind of operation it was: " + code
}
