package extract

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed data
var data embed.FS

// class is a set of what a phrase may denote.
type class uint32

// What a phrase may denote.
const (
	isGroup class = 1 << iota
	isCrime
	isState
	isOrganisation
	isPeople
	isSystem
	isContent
	isData
	isElection
	isMalware
	isTechnique
	isVulnerability
	isAsset
	isOperation
	isSource
	isSpeaker
	isAgency
	isMilitary
	isParty
	isSector
	isPerson
	isCompany
	isMercenary
	isTool
	isMoney
	isProtest
	isProxy
	isActor
	isBody
)

const threats = isGroup | isCrime | isActor | isState | isAgency | isMilitary | isParty | isMercenary

var classNames = map[string]class{
	"group": isGroup, "crime": isCrime, "state": isState, "organisation": isOrganisation, "people": isPeople, "system": isSystem,
	"content": isContent, "data": isData, "election": isElection, "malware": isMalware, "technique": isTechnique,
	"vulnerability": isVulnerability, "asset": isAsset, "operation": isOperation, "source": isSource, "speaker": isSpeaker,
	"agency": isAgency, "military": isMilitary, "party": isParty, "sector": isSector, "person": isPerson, "company": isCompany,
	"mercenary": isMercenary, "tool": isTool, "money": isMoney, "protest": isProtest, "proxy": isProxy, "body": isBody,
	"actor": isActor, "threat": threats, "candidate": isPerson, "any": ^class(0),
}

// hedge is a set of words of doubt with the term and probability they stand for.
type hedge struct {
	Words []string
	Term  string
	P     float64
}

// wordLists is what the files of data say.
type wordLists struct {
	nouns     map[string]class
	cues      map[string]map[string]bool
	verbs     map[string][]pattern // frames by verb
	acts      map[string][]pattern // frames by noun
	measures  map[string]string    // verb → kind
	decrees   map[string]string    // noun → kind
	phrases   []string             // of decrees, those of several words
	light     map[string]bool
	irregular map[string]string // form → verb
	powers    map[string]bool   // nouns of those who can take measures
	hedges    []hedge
	trust     trusts
}

// trusts says how often claims of a frame are right, by relation.
type trusts struct {
	Least             float64
	Full, Half, Loose map[string]float64
}

// of is the trust in a claim whose sides fit a frame so well.
func (t *trusts) of(relation string, how fitness) float64 {
	return []map[string]float64{nil, t.Loose, t.Half, t.Full}[how][relation]
}

var lists = sync.OnceValues(loadLists)

func loadLists() (*wordLists, error) {
	l := &wordLists{nouns: map[string]class{}, cues: map[string]map[string]bool{}, measures: map[string]string{}, decrees: map[string]string{}}
	var nouns map[string][]string
	var cues map[string][]string
	var acts struct {
		Verbs, Nouns       map[string][]string
		Light, Authorities []string
	}
	var frames []frame
	for name, into := range map[string]any{"nouns": &nouns, "cues": &cues, "measures": &acts, "frames": &frames, "hedges": &l.hedges, "trust": &l.trust} {
		raw, err := data.ReadFile("data/" + name + ".yaml")
		if err != nil {
			return nil, err
		}
		if err := yaml.Unmarshal(raw, into); err != nil {
			return nil, fmt.Errorf("%s.yaml: %w", name, err)
		}
	}
	for name, words := range nouns {
		c, ok := classNames[name]
		if !ok {
			return nil, fmt.Errorf("nouns.yaml: class %q is unknown", name)
		}
		for _, w := range words {
			l.nouns[w] |= c
		}
	}
	for name, words := range cues {
		l.cues[name] = setOf(words)
	}
	l.irregular = map[string]string{}
	for _, w := range cues["irregular"] {
		form, verb, _ := strings.Cut(w, ":")
		l.irregular[form] = verb
	}
	fill(l.measures, acts.Verbs)
	fill(l.decrees, acts.Nouns)
	for words := range l.decrees {
		if strings.Contains(words, " ") {
			l.phrases = append(l.phrases, words)
		}
	}
	slices.Sort(l.phrases)
	l.light, l.powers = setOf(acts.Light), setOf(acts.Authorities)
	return l, l.compile(frames)
}

// fill turns kinds with their words around. A word of two kinds is of the first.
func fill(into map[string]string, kinds map[string][]string) {
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for _, w := range kinds[kind] {
			if into[w] == "" {
				into[w] = kind
			}
		}
	}
}

func setOf(words []string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// knows says whether a verb stands in one of the lists.
func (l *wordLists) knows(verb string) bool {
	if _, ok := l.verbs[verb]; ok || l.measures[verb] != "" || l.light[verb] {
		return true
	}
	for _, list := range [...]string{"speech", "deny", "advise", "naming", "attempt", "partake"} {
		if l.is(list, verb) {
			return true
		}
	}
	return false
}

// verb is the lemma of a verb's form. The tables of the language model learned lemmas from treebanks, so that of a verb which these do not
// have may be off by a letter ("raide"); a form of a verb that stands in our lists is that verb.
func (l *wordLists) verb(lemma, form string) string {
	lemma = strings.ToLower(lemma)
	if l.knows(lemma) {
		return lemma
	}
	if v := l.irregular[form]; v != "" {
		return v
	}
	for _, end := range [...][2]string{{"ied", "y"}, {"ies", "y"}, {"ed", ""}, {"ed", "e"}, {"es", ""}, {"s", ""}, {"ing", ""}, {"ing", "e"}} {
		stem, ok := strings.CutSuffix(form, end[0])
		if !ok || len(stem) < 2 {
			continue
		}
		if v := stem + end[1]; l.knows(v) {
			return v
		}
		if n := len(stem); n > 3 && stem[n-1] == stem[n-2] && l.knows(stem[:n-1]) { // "hopped", "planning"
			return stem[:n-1]
		}
	}
	return lemma
}

// is says whether a list of cues has a word.
func (l *wordLists) is(list, word string) bool { return l.cues[list][word] }

// frame is a relation with the ways to say it. Subject and Object say what its sides may denote. Roles says which sides of the verb they
// are: by default the agent, and the patient or, of a pattern that ends in a preposition, what stands behind that.
type frame struct {
	Relation string
	Verbs    []string // "rely on"; "..." stands for a direct object: "attribute ... to"
	Nouns    []string
	Passive  []string // patterns of which the patient is the subject and the agent the object
	Bold     []string // verbs that tell of the deed whatever their object is called
	Subject  []string
	Object   []string
	Roles    string
	Requires []string // words of which the clause has one
	Future   bool
	Counted  bool
	Loose    bool // one side may denote anything if the other is what it should be

	subject, object class
	requires        map[string]bool
}

// pattern is one way of saying a frame: the words after the verb.
type pattern struct {
	frame   *frame
	words   []string
	passive bool
	bold    bool
	order   int
}

func (l *wordLists) compile(frames []frame) error {
	l.verbs, l.acts = map[string][]pattern{}, map[string][]pattern{}
	order := 0
	for i := range frames {
		f := &frames[i]
		for _, side := range []struct {
			names []string
			into  *class
		}{{f.Subject, &f.subject}, {f.Object, &f.object}} {
			for _, n := range side.names {
				c, ok := classNames[n]
				if !ok {
					return fmt.Errorf("frames.yaml: %s: class %q is unknown", f.Relation, n)
				}
				*side.into |= c
			}
		}
		if f.Requires != nil {
			f.requires = setOf(f.Requires)
		}
		for _, list := range []struct {
			ways    []string
			into    map[string][]pattern
			passive bool
		}{{f.Verbs, l.verbs, false}, {f.Passive, l.verbs, true}, {f.Nouns, l.acts, false}} {
			for _, way := range list.ways {
				verb, rest, _ := strings.Cut(way, " ")
				order++
				p := pattern{frame: f, words: strings.Fields(rest), passive: list.passive, bold: slices.Contains(f.Bold, way), order: order}
				list.into[verb] = append(list.into[verb], p)
			}
		}
	}
	for verb := range l.verbs {
		slices.SortStableFunc(l.verbs[verb], func(a, b pattern) int { return len(b.words) - len(a.words) })
	}
	return nil
}
