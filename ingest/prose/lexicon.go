package prose

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

type class uint32

// What a noun phrase may denote; one phrase may denote several.
const (
	cGroup class = 1 << iota
	cCrime
	cState
	cOrganisation
	cPeople
	cSystem
	cContent
	cData
	cElection
	cMalware
	cTechnique
	cVulnerability
	cAsset
	cOperation
	cSource
	cSpeaker
	cAgency
	cMilitary
	cParty
	cSector
	cPerson
	cCompany
	cMercenary
	cTool
	cMoney
	cProtest
	cProxy
	cActor // a named actor
	cPronoun
	cTime
	cBody
)

var classNames = map[string]class{
	"group": cGroup, "crime": cCrime, "state": cState, "organisation": cOrganisation, "people": cPeople, "system": cSystem,
	"content": cContent, "data": cData, "election": cElection, "malware": cMalware, "technique": cTechnique,
	"vulnerability": cVulnerability, "asset": cAsset, "operation": cOperation, "source": cSource, "speaker": cSpeaker,
	"agency": cAgency, "military": cMilitary, "party": cParty, "sector": cSector, "person": cPerson, "company": cCompany,
	"mercenary": cMercenary, "tool": cTool, "money": cMoney, "protest": cProtest, "proxy": cProxy, "body": cBody,
	"actor": cActor, "threat": cGroup | cCrime | cActor | cState | cAgency | cMilitary | cParty | cMercenary, "candidate": cPerson, "any": ^class(0),
}

type frame struct {
	Relation string
	Verbs    []string
	Nouns    []string
	Passive  []string
	Subject  []string
	Object   []string
	Roles    string
	Requires []string
	Future   bool
	Counted  bool
	Loose    bool     // one side may denote anything if the other is what it should be
	Bold     []string // verbs that tell of the deed whatever their object is called

	subject, object class
}

// pattern is one way of saying a frame: the words after the verb or noun, "..." for a direct object.
type pattern struct {
	frame   *frame
	words   []string
	passive bool
	bold    bool
	text    string
}

type hedge struct {
	Words []string
	Term  string
	P     float64
	split [][]string
}

type lexicon struct {
	determiners, prepositions, conjunctions, subordinators, relatives, pronouns, auxiliaries, modals, negations, adverbs, adjectives map[string]bool
	abbreviations, opensSentence, exemplifiers, joiners, speech                                                                      map[string]bool
	phrases                                                                                                                          [][]string
	verbs                                                                                                                            map[string][]verbForm
	nouns                                                                                                                            map[string]class
	measures, motives                                                                                                                map[string]string
	verdicts                                                                                                                         []string
	hedges                                                                                                                           []hedge
	byVerb, byNoun                                                                                                                   map[string][]pattern
	acts                                                                                                                             measureWords
	cues                                                                                                                             cueWords
	boilerStart, boilerAnywhere                                                                                                      []string
}

type wordFile struct {
	Determiners, Prepositions, Phrases, Exemplifiers, Joiners, Conjunctions, Subordinators, Relatives, Pronouns []string
	Auxiliaries, Modals, Negations, Adverbs, Adjectives, Abbreviations, Speech, Verdicts                        []string
	Verbs                                                                                                       string
	Irregular                                                                                                   [][3]string
	Classes, Measures, Motives                                                                                  map[string][]string
}

func loadLexicon() (*lexicon, error) {
	var w wordFile
	var frames []frame
	lx := &lexicon{
		opensSentence: set([]string{"the", "in", "it", "its", "he", "she", "they", "but", "and", "a", "an", "this", "that", "these", "those", "on", "at", "for", "meanwhile", "however", "some", "we", "officials", "one", "according", "if", "while", "as", "after", "since", "last", "there"}),
		verbs:         map[string][]verbForm{}, nouns: map[string]class{}, measures: map[string]string{}, motives: map[string]string{},
		byVerb: map[string][]pattern{}, byNoun: map[string][]pattern{},
	}
	var boiler struct{ Start, Anywhere []string }
	err := errors.Join(readYAML("words", &w), readYAML("relations", &frames), readYAML("hedges", &lx.hedges), readYAML("boilerplate", &boiler))
	if err != nil {
		return nil, fmt.Errorf("lexicon: %w", err)
	}
	if err := errors.Join(lx.loadMeasures(), lx.loadCues()); err != nil {
		return nil, fmt.Errorf("lexicon: %w", err)
	}
	lx.boilerStart, lx.boilerAnywhere = boiler.Start, boiler.Anywhere
	lx.fillSets(&w)
	lx.fillVerbs(&w)
	for _, list := range []map[string]bool{lx.acts.light, lx.speech, adviceVerbs, denialVerbs, naming} {
		for v := range list {
			lx.knowVerb(v)
		}
	}
	for i := range lx.hedges {
		for _, h := range lx.hedges[i].Words {
			lx.hedges[i].split = append(lx.hedges[i].split, strings.Fields(h))
		}
	}
	for name, list := range w.Classes {
		c, ok := classNames[name]
		if !ok {
			return nil, fmt.Errorf("lexicon: class %q unknown", name)
		}
		for _, n := range list {
			lx.nouns[n] |= c
		}
	}
	for i := range frames {
		if err := lx.addFrame(&frames[i]); err != nil {
			return nil, err
		}
	}
	return lx, nil
}

func (lx *lexicon) fillSets(w *wordFile) {
	lx.determiners, lx.prepositions, lx.conjunctions = set(w.Determiners), set(w.Prepositions), set(w.Conjunctions)
	lx.subordinators, lx.relatives, lx.pronouns = set(w.Subordinators), set(w.Relatives), set(w.Pronouns)
	lx.auxiliaries, lx.modals, lx.negations = set(w.Auxiliaries), set(w.Modals), set(w.Negations)
	lx.adverbs, lx.adjectives, lx.abbreviations = set(w.Adverbs), set(w.Adjectives), set(w.Abbreviations)
	lx.exemplifiers, lx.joiners, lx.speech = set(w.Exemplifiers), set(w.Joiners), set(w.Speech)
	lx.verdicts = w.Verdicts
	for _, p := range w.Phrases {
		lx.phrases = append(lx.phrases, strings.Fields(p))
	}
	for kind, list := range w.Measures {
		for _, v := range list {
			lx.measures[v] = kind
		}
	}
	for kind, list := range w.Motives {
		for _, v := range list {
			lx.motives[v] = kind
		}
	}
}

func (lx *lexicon) addFrame(f *frame) error {
	for _, side := range []struct {
		names []string
		into  *class
	}{{f.Subject, &f.subject}, {f.Object, &f.object}} {
		for _, n := range side.names {
			c, ok := classNames[n]
			if !ok {
				return fmt.Errorf("lexicon: relation %s: class %q unknown", f.Relation, n)
			}
			*side.into |= c
		}
	}
	for _, v := range f.Verbs {
		ws := strings.Fields(v)
		lx.knowVerb(ws[0])
		lx.byVerb[ws[0]] = append(lx.byVerb[ws[0]], pattern{frame: f, words: ws[1:], text: v, bold: slices.Contains(f.Bold, v)})
	}
	for _, v := range f.Passive {
		lx.knowVerb(v)
		lx.byVerb[v] = append(lx.byVerb[v], pattern{frame: f, passive: true, text: v + " by"})
	}
	for _, n := range f.Nouns {
		ws := strings.Fields(n)
		lx.byNoun[ws[0]] = append(lx.byNoun[ws[0]], pattern{frame: f, words: ws[1:], text: n})
	}
	return nil
}

func set(words []string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// verbForm is one reading of a word as a form of a verb.
type verbForm struct {
	lemma                      string
	base, third, past, en, ing bool
}

func (lx *lexicon) fillVerbs(w *wordFile) {
	irregular := map[string][2]string{}
	for _, r := range w.Irregular {
		irregular[r[0]] = [2]string{r[1], r[2]}
	}
	all := maps.Clone(irregular)
	for v := range strings.FieldsSeq(w.Verbs) {
		if _, ok := irregular[v]; !ok {
			irregular[v] = prefixed(v, all)
		}
		lx.addVerb(v, v, irregular[v])
		if strings.HasSuffix(v, "ize") || strings.HasSuffix(v, "yze") {
			lx.addVerb(v, v[:len(v)-2]+"se", irregular[v])
		}
		delete(irregular, v)
	}
	for v, forms := range irregular {
		lx.addVerb(v, v, forms)
	}
}

// knowVerb makes a word that a list uses as a verb one, if it is none yet.
func (lx *lexicon) knowVerb(v string) {
	if len(v) > 2 && len(lx.verbs[v]) == 0 {
		lx.addVerb(v, v, [2]string{})
	}
}

// prefixed finds the irregular forms of a verb in those of the one that it is made of: overwrite, of write.
func prefixed(v string, irregular map[string][2]string) [2]string {
	for _, p := range []string{"over", "under", "re", "un", "out", "mis", "with"} {
		if forms, ok := irregular[strings.TrimPrefix(v, p)]; ok && strings.HasPrefix(v, p) && forms[0] != "" {
			return [2]string{p + forms[0], p + forms[1]}
		}
	}
	return [2]string{}
}

// addVerb adds the forms of a verb, under its lemma where it is another spelling.
func (lx *lexicon) addVerb(lemma, v string, forms [2]string) {
	put := func(word string, f verbForm) {
		f.lemma = lemma
		for i, old := range lx.verbs[word] {
			if old.lemma == lemma {
				lx.verbs[word][i] = verbForm{lemma, old.base || f.base, old.third || f.third, old.past || f.past, old.en || f.en, old.ing || f.ing}
				return
			}
		}
		lx.verbs[word] = append(lx.verbs[word], f)
	}
	put(v, verbForm{base: true})
	put(third(v), verbForm{third: true})
	stems := []string{ingStem(v)}
	if doubled := v + v[len(v)-1:]; doubles(v) {
		stems = append(stems, doubled)
	}
	for _, s := range stems {
		put(s+"ing", verbForm{ing: true})
	}
	if forms[0] != "" {
		put(forms[0], verbForm{past: true})
		put(forms[1], verbForm{en: true})
		return
	}
	put(past(v), verbForm{past: true, en: true})
	if doubles(v) {
		put(v+v[len(v)-1:]+"ed", verbForm{past: true, en: true})
	}
}

func third(v string) string {
	switch {
	case strings.HasSuffix(v, "y") && !vowel(v, 2):
		return v[:len(v)-1] + "ies"
	case strings.HasSuffix(v, "s"), strings.HasSuffix(v, "sh"), strings.HasSuffix(v, "ch"), strings.HasSuffix(v, "x"), strings.HasSuffix(v, "z"), strings.HasSuffix(v, "o"):
		return v + "es"
	}
	return v + "s"
}

func past(v string) string {
	switch {
	case strings.HasSuffix(v, "e"):
		return v + "d"
	case strings.HasSuffix(v, "y") && !vowel(v, 2):
		return v[:len(v)-1] + "ied"
	}
	return v + "ed"
}

func ingStem(v string) string {
	if strings.HasSuffix(v, "ie") {
		return v[:len(v)-2] + "y"
	}
	if strings.HasSuffix(v, "e") && !strings.HasSuffix(v, "ee") && len(v) > 2 {
		return v[:len(v)-1]
	}
	return v
}

// doubles tells whether the last consonant may be doubled: plot, plotting. Both spellings are accepted.
func doubles(v string) bool {
	n := len(v)
	return n > 2 && !vowel(v, 1) && vowel(v, 2) && !vowel(v, 3) && !strings.ContainsAny(v[n-1:], "wxy")
}

func vowel(v string, fromEnd int) bool {
	return len(v) >= fromEnd && strings.ContainsAny(v[len(v)-fromEnd:len(v)-fromEnd+1], "aeiou")
}

// noun returns what a head noun denotes, by itself or by its singular.
func (lx *lexicon) noun(w string) class {
	c := lx.nouns[w] | lx.nouns[singular(w)]
	if c == 0 {
		if k := strings.LastIndexByte(w, '-'); k > 0 {
			return lx.noun(w[k+1:])
		}
	}
	return c
}

func singular(w string) string {
	switch {
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"), strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "xes"):
		return w[:len(w)-2]
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is") && len(w) > 2:
		return w[:len(w)-1]
	}
	return w
}

func plural(w string) bool {
	return singular(w) != w || w == "people" || w == "personnel" || w == "police" || w == "media"
}

func (lx *lexicon) isBoilerplate(body string) bool {
	low := strings.ToLower(body[:min(len(body), 300)])
	low = strings.TrimLeft(low, "#*_ ")
	for _, s := range lx.boilerStart {
		if strings.HasPrefix(low, s) && len(body) < 200 {
			return true
		}
	}
	for _, s := range lx.boilerAnywhere {
		if len(body) < 300 && strings.Contains(low, s) {
			return true
		}
	}
	return false
}
