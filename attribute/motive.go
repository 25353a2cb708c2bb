package attribute

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// motiveWeights tell which motives an act speaks for (stated). What was asked for and what was done with the haul tell
// motive; how somebody got in does not.
var motiveWeights = map[string]map[string]float64{
	"ransom-demand":                {Financial: 3},
	"fee-demand":                   {Financial: 2},
	"money-theft":                  {Financial: 4},
	"sale-of-data":                 {Financial: 3},
	"encryption":                   {Financial: 1, Destabilisation: 0.5},
	"data-theft":                   {Espionage: 2},
	"data-theft-before-encryption": {Espionage: 2, Financial: 1},
	"credential-theft":             {Espionage: 1},
	"surveillance":                 {Espionage: 3},
	"leak":                         {Embarrassment: 3, Influence: 1},
	"wiping":                       {Destabilisation: 3},
	"disruption":                   {Destabilisation: 2},
	"defacement":                   {Embarrassment: 2, Influence: 0.5},
	"prepositioning":               {Destabilisation: 2, Espionage: 0.5},
	"fake-sites":                   {Influence: 2},
	"fake-accounts":                {Influence: 2},
	"synthetic-media":              {Influence: 2},
	"amplification":                {Influence: 2},
	"impersonation":                {Influence: 1},
}

var kindMotives = map[string]map[string]float64{
	"espionage":     {Espionage: 3},
	"ransomware":    {Financial: 2},
	"extortion":     {Financial: 2},
	"wiper":         {Destabilisation: 3},
	"sabotage":      {Destabilisation: 3},
	"ddos":          {Destabilisation: 2},
	"defacement":    {Embarrassment: 1},
	"hack-and-leak": {Embarrassment: 2, Influence: 2},
	"influence":     {Influence: 3},
}

const (
	statedMotive    = 4.0 // a source's own word on the motive, before discounts
	noMonetisation  = 0.1 // what is left of the financial motive when somebody looked for it and found none
	secretsFactor   = 1.5 // data taken from those who keep state or industrial secrets
	privateFactor   = 0.3 // data taken from private people
	privateShame    = 2.0 // private lives taken and held over people
	motiveThreshold = 0.05
	// DualPurpose is the share from which a motive counts as a purpose of its own.
	DualPurpose = 0.25
)

// Motives reads the motive mix from what was done and to whom, and from what sources say of it. Techniques play no part.
func Motives(g *graph.Graph, c *Case) []claim.MotiveShare {
	m := &motives{score: map[string]float64{}, why: map[string][]string{}}
	m.acts(&c.Facts)
	m.claims(g, c)
	return m.shares()
}

type motives struct {
	score map[string]float64
	why   map[string][]string
}

func (m *motives) add(motive string, w float64, why string) {
	m.score[motive] += w
	if w > 0 && !slices.Contains(m.why[motive], why) {
		m.why[motive] = append(m.why[motive], why)
	}
}

func (m *motives) acts(op *claim.Operation) {
	has := func(list []string, any ...string) bool {
		return slices.ContainsFunc(any, func(a string) bool { return slices.Contains(list, a) })
	}
	secrets := has(op.Sectors, "government", "military", "defence", "aerospace", "research", "technology", "energy", "political-party", "telecommunications")
	private := has(op.Sectors, "citizens") && !secrets
	for _, act := range op.Acts {
		for _, motive := range sortedKeys(motiveWeights[act]) {
			w, why := motiveWeights[act][motive], strings.ReplaceAll(act, "-", " ")
			if motive == Espionage {
				switch {
				case secrets:
					w, why = w*secretsFactor, why+" from those who keep secrets"
				case private:
					w *= privateFactor
				}
			}
			m.add(motive, w, why)
		}
	}
	for _, kind := range op.Kinds {
		for _, motive := range sortedKeys(kindMotives[kind]) {
			m.add(motive, kindMotives[kind][motive], strings.ReplaceAll(kind, "-", " "))
		}
	}
	if private && has(op.Acts, "data-theft", "leak") && has(op.Acts, "fee-demand", "leak", "ransom-demand", "sale-of-data") {
		m.add(Embarrassment, privateShame, "private lives taken and held over people")
	}
	if has(op.Acts, "no-monetisation") {
		m.score[Financial] *= noMonetisation
		if secrets {
			m.add(Espionage, 2, "access to those who keep secrets, and no money sought")
		}
	}
}

// claims adds what sources say, each root once for each motive.
func (m *motives) claims(g *graph.Graph, c *Case) {
	best := map[[2]string]float64{}
	against := 1.0
	for _, cl := range c.Claims {
		d := grading(cl)
		for _, word := range cl.Motives {
			motive, not := MotiveOf(word)
			if motive == "" {
				continue
			}
			if not || cl.Stance == claim.Denies || cl.Stance == claim.NoEvidence {
				if motive == Financial {
					against = min(against, 1-d.factor*(1-noMonetisation))
				}
				continue
			}
			key := [2]string{motive, string(cl.Root)}
			best[key] = max(best[key], statedMotive*d.factor)
		}
	}
	var keys [][2]string
	for k := range best {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for _, k := range keys {
		m.add(k[0], best[k], "said by "+cmp.Or(g.Name(stix.ID(k[1])), "a source"))
	}
	m.score[Financial] *= against
}

// motiveWords maps the words of sources to motives.
var motiveWords = []struct{ word, motive string }{
	{"financ", Financial},
	{"money", Financial},
	{"profit", Financial},
	{"monet", Financial},
	{"personal-gain", Financial},
	{"espionage", Espionage},
	{"intelligence", Espionage},
	{"spying", Espionage},
	{"surveillance", Espionage},
	{"destab", Destabilisation},
	{"destruct", Destabilisation},
	{"disrupt", Destabilisation},
	{"sabotage", Destabilisation},
	{"coercion", Destabilisation},
	{"influence", Influence},
	{"discord", Influence},
	{"disinformation", Influence},
	{"ideolog", Influence},
	{"embarrass", Embarrassment},
	{"humiliat", Embarrassment},
	{"notoriety", Embarrassment},
}

// MotiveOf reads a motive out of a source's word for it; not tells that the word says there was none of it.
func MotiveOf(word string) (motive string, not bool) {
	word = strings.ToLower(word)
	for _, m := range motiveWords {
		if at := strings.Index(word, m.word); at >= 0 {
			before := word[:at]
			return m.motive, strings.Contains(before, "not") || strings.Contains(before, "no ") || strings.Contains(before, "no-") || strings.Contains(before, "non")
		}
	}
	return "", false
}

func (m *motives) shares() []claim.MotiveShare {
	total := 0.0
	for _, motive := range sortedKeys(m.score) {
		if m.score[motive] > 0 {
			total += m.score[motive]
		}
	}
	var out []claim.MotiveShare
	for _, motive := range sortedKeys(m.score) {
		if share := m.score[motive] / math.Max(total, 1e-9); share >= motiveThreshold {
			out = append(out, claim.MotiveShare{Motive: motive, Share: round(share, 3), Why: strings.Join(m.why[motive], "; ")})
		}
	}
	slices.SortStableFunc(out, func(a, b claim.MotiveShare) int { return cmp.Compare(b.Share, a.Share) })
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
