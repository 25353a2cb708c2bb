package attribute

import (
	"fmt"
	"math"
	"slices"
	"strings"

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

// A learned weight needs so many operations with the feature; it is held to ±learnedCap.
const (
	minFeature = 20
	learnedCap = 8.0
)

// conductWeight is what a feature says for a kind of initiator, and on what basis.
func (h *History) conductWeight(c *Case, feature, kind string) (float64, string) {
	if h == nil || h.N < MinLearned {
		return conductWeights[feature][kind], "stated"
	}
	own := h.subjects[c.Subject]
	mine := slices.Contains(h.facts[c.Subject], feature)
	var n, with, kindN float64
	for k, count := range h.features[feature] {
		n += count
		if k == kind {
			with = count
		}
	}
	kindN = h.kind[kind]
	if mine {
		n--
		if own.kind == kind {
			with--
		}
	}
	all := float64(h.N)
	if own.kind != "" {
		all--
		if own.kind == kind {
			kindN--
		}
	}
	if n < minFeature || kindN < minFeature {
		return conductWeights[feature][kind], "stated"
	}
	in := (with + 1) / (kindN + 2)
	out := (n - with + 1) / (all - kindN + 2)
	return max(-learnedCap, min(learnedCap, 10*math.Log10(in/out))), fmt.Sprintf("learned, n=%d", int(n))
}

// conduct weighs what was done, and to whom, for kinds of initiators. It cannot tell one state from another.
func (j *judgement) conduct() {
	root := j.recordRoot()
	factor, discount := 1.0, ""
	if len(j.statementRoots()) > 0 {
		factor, discount = knownShare, "whoever attributed the operation knew this"
	}
	for _, feature := range features(&j.c.Facts) {
		p := piece{dim: dimConduct, kind: "conduct", text: featureText(feature), refs: []stix.ID{j.c.Subject}, root: root, basis: "stated", weights: map[string]float64{}, factor: factor, discount: discount}
		for _, h := range j.f.list {
			kind := h.kind
			switch {
			case h.key == unknownKey:
				continue
			case h.sponsor != "":
				// Who acts for a state chooses targets and means as the state wants them.
				kind = kindState
			case kind == kindGroup || kind == kindCompany:
				continue
			}
			w, basis := j.h.conductWeight(j.c, feature, kind)
			if w != 0 {
				p.weights[h.key] = w
			}
			if basis != "stated" {
				p.basis = basis
			}
		}
		if len(p.weights) > 0 {
			j.pieces = append(j.pieces, p)
		}
	}
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
		if cl.Stance == stix.Asserts {
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
	case what == "sector":
		return "whom it hit: " + code
	}
	return "what kind of operation it was: " + code
}
