package prose

import (
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"go.yaml.in/yaml/v3"
)

//go:embed data
var data embed.FS

// Kinds of entities.
const (
	State    = "state"
	Agency   = "agency"
	Ministry = "ministry"
	Military = "military"
	Party    = "party"
	Sector   = "sector"
	Malware  = "malware"
	Actor    = "actor"
	Company  = "company"
	Person   = "person"
	Org      = "org"
	Media    = "media"
	Tool     = "tool"
)

// Entity is a name that texts use, with what it denotes.
type Entity struct {
	Name        string   `yaml:"name"`
	Kind        string   `yaml:"kind"`
	Country     string   `yaml:"country"`
	Aliases     []string `yaml:"aliases"`
	Affiliation string   `yaml:"affiliation"` // the body a person speaks for
	Vendor      bool     `yaml:"vendor"`      // publishes reports on threats
	Law         bool     `yaml:"law"`         // can seize, sanction, indict
	Civil       bool     `yaml:"civil"`       // speaks and investigates, and is no doer of operations
	Mercenary   bool     `yaml:"mercenary"`   // sells offensive tools or services
	Criminal    bool     `yaml:"criminal"`
	Short       bool     `yaml:"short"` // too short or common to be looked for by its main name
}

type entry struct {
	words   []string // lower case
	cased   []string // as written; compared exactly for short names
	ent     *Entity
	demonym bool
}

// Gazetteer finds names in tokens. The zero value is not usable; see [NewGazetteer]. Not safe for Add during reading.
type Gazetteer struct {
	byFirst  map[string][]entry
	byName   map[string]*Entity
	suffixes map[string]Entity
	patterns []*regexp.Regexp
	persons  map[string][]*Entity // by surname
}

// NewGazetteer returns the embedded names. The caller may Add what its store knows.
func NewGazetteer() (*Gazetteer, error) {
	g, err := embeddedNames()
	if err != nil {
		return nil, err
	}
	return g.clone(), nil
}

// embeddedNames are the embedded names, read once and never written again.
var embeddedNames = sync.OnceValues(loadNames)

func loadNames() (*Gazetteer, error) {
	g := &Gazetteer{byFirst: map[string][]entry{}, byName: map[string]*Entity{}, suffixes: map[string]Entity{}, persons: map[string][]*Entity{}}
	if err := errors.Join(g.loadStates(), g.loadLists(), g.loadMalware(), g.loadGrammar()); err != nil {
		return nil, fmt.Errorf("gazetteer: %w", err)
	}
	return g, nil
}

// clone is a copy that may be added to.
func (g *Gazetteer) clone() *Gazetteer {
	out := &Gazetteer{
		byFirst: make(map[string][]entry, len(g.byFirst)), byName: make(map[string]*Entity, len(g.byName)), persons: make(map[string][]*Entity, len(g.persons)),
		suffixes: g.suffixes, patterns: g.patterns,
	}
	copies := make(map[*Entity]*Entity, len(g.byName))
	own := func(e *Entity) *Entity {
		c, ok := copies[e]
		if !ok {
			c = new(Entity)
			*c = *e
			c.Aliases = slices.Clip(c.Aliases)
			copies[e] = c
		}
		return c
	}
	for first, list := range g.byFirst {
		list = slices.Clone(list)
		for i := range list {
			list[i].ent = own(list[i].ent)
		}
		out.byFirst[first] = list
	}
	for name, e := range g.byName {
		out.byName[name] = own(e)
	}
	for last, list := range g.persons {
		for _, e := range list {
			out.persons[last] = append(out.persons[last], own(e))
		}
	}
	return out
}

// Add makes an entity and its aliases known. An entity of the same name is completed, not replaced.
func (g *Gazetteer) Add(e Entity) {
	if e.Name == "" {
		return
	}
	known, ok := g.byName[strings.ToLower(e.Name)]
	if !ok {
		e.Aliases = slices.Clone(e.Aliases)
		known = &e
		g.byName[strings.ToLower(e.Name)] = known
		if !e.Short {
			g.index(e.Name, known, false)
		}
	} else if known.Country == "" {
		known.Country = e.Country
	}
	for _, a := range e.Aliases {
		g.index(a, known, false)
		if ok && !slices.Contains(known.Aliases, a) {
			known.Aliases = append(known.Aliases, a)
		}
	}
	if e.Kind == Person && !ok {
		words := strings.Fields(e.Name)
		last := strings.ToLower(words[len(words)-1])
		g.persons[last] = append(g.persons[last], known)
	}
}

// Lookup returns the entity of a name or alias.
func (g *Gazetteer) Lookup(name string) (Entity, bool) {
	toks := tokenize(name, 0, len(name))
	if len(toks) == 0 {
		return Entity{}, false
	}
	if e, n, _ := g.match(toks, 0); e != nil && n == len(toks) {
		return *e, true
	}
	return Entity{}, false
}

func (g *Gazetteer) index(name string, e *Entity, demonym bool) {
	toks := tokenize(name, 0, len(name))
	if len(toks) == 0 {
		return
	}
	en := entry{ent: e, demonym: demonym}
	for _, t := range toks {
		en.words = append(en.words, t.low)
		en.cased = append(en.cased, t.text)
	}
	list := append(slices.Clone(g.byFirst[en.words[0]]), en)
	slices.SortStableFunc(list, func(a, b entry) int { return len(b.words) - len(a.words) })
	g.byFirst[en.words[0]] = list
}

// match returns the longest name that begins at token i and its length in tokens.
func (g *Gazetteer) match(toks []token, i int) (*Entity, int, bool) {
	for _, en := range g.byFirst[toks[i].low] {
		if i+len(en.words) <= len(toks) && en.fits(toks[i:]) {
			return en.ent, len(en.words), en.demonym
		}
	}
	return g.matchGrammar(toks, i)
}

// fits compares word by word. A name written in capitals needs its capitals in the text, unless it is a sector: "it" is
// not IT, "who" not the WHO, "hive" not Hive.
func (en *entry) fits(toks []token) bool {
	for k, w := range en.words {
		if toks[k].low != w {
			return false
		}
		if en.ent.Kind == Sector && en.cased[k] == w {
			continue
		}
		if first := []rune(en.cased[k])[0]; unicode.IsUpper(first) && !unicode.IsUpper([]rune(toks[k].text)[0]) {
			return false
		}
		if len(en.words) == 1 && len(w) <= 4 && en.cased[k] != toks[k].text && en.ent.Kind != State {
			return false
		}
	}
	return true
}

// matchGrammar recognises names built the way vendors build them.
func (g *Gazetteer) matchGrammar(toks []token, i int) (*Entity, int, bool) {
	t := toks[i]
	if !unicode.IsUpper([]rune(t.text)[0]) {
		return nil, 0, false
	}
	for _, p := range g.patterns {
		if p.MatchString(t.text) {
			return &Entity{Name: t.text, Kind: Actor, Criminal: strings.HasPrefix(t.text, "FIN")}, 1, false
		}
	}
	if i+1 < len(toks) && !closedClass[t.low] {
		if s, ok := g.suffixes[toks[i+1].text]; ok && toks[i+1].start == t.end+1 {
			s.Name = t.text + " " + toks[i+1].text
			return &s, 2, false
		}
	}
	return nil, 0, false
}

// closedClass holds words that begin sentences and so carry a capital without being names.
var closedClass = map[string]bool{
	"the": true, "a": true, "an": true, "this": true, "that": true, "in": true, "heavy": true, "acid": true, "and": true, "their": true, "its": true, "both": true,
}

func (g *Gazetteer) loadStates() error {
	raw, err := data.ReadFile("data/states.csv")
	if err != nil {
		return err
	}
	r := csv.NewReader(strings.NewReader(string(raw)))
	r.Comma, r.LazyQuotes = ';', true
	for n := 0; ; n++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("states: %w", err)
		}
		if n == 0 {
			continue
		}
		var aliases []string
		if row[2] != "" {
			aliases = append(aliases, row[2])
		}
		aliases = append(aliases, strings.FieldsFunc(row[3], isBar)...)
		g.Add(Entity{Name: row[0], Kind: State, Country: row[0], Aliases: aliases})
		e := g.byName[strings.ToLower(row[0])]
		for _, people := range strings.FieldsFunc(row[1], isBar) {
			g.index(people, e, true)
		}
	}
}

func isBar(r rune) bool { return r == '|' }

func (g *Gazetteer) loadLists() error {
	for _, f := range []struct{ file, kind string }{{"organisations", ""}, {"persons", Person}, {"sectors", Sector}, {"actors", Actor}} {
		var list []Entity
		if err := readYAML(f.file, &list); err != nil {
			return err
		}
		for _, e := range list {
			if e.Kind == "criminal" {
				e.Kind, e.Criminal = Actor, true
			}
			if e.Kind == "" {
				e.Kind = f.kind
			}
			g.Add(e)
		}
	}
	return nil
}

func (g *Gazetteer) loadMalware() error {
	var list []struct {
		Tool  bool
		Names []string
	}
	if err := readYAML("malware", &list); err != nil {
		return err
	}
	for _, l := range list {
		for _, n := range l.Names {
			kind := Malware
			if l.Tool {
				kind = Tool
			}
			g.Add(Entity{Name: n, Kind: kind})
		}
	}
	return nil
}

func (g *Gazetteer) loadGrammar() error {
	var gr struct {
		Suffixes []struct {
			Words         []string
			Country, Kind string
		}
		Patterns []string
	}
	if err := readYAML("grammar", &gr); err != nil {
		return err
	}
	for _, s := range gr.Suffixes {
		for _, w := range s.Words {
			g.suffixes[w] = Entity{Kind: Actor, Country: s.Country, Criminal: s.Kind == "criminal", Mercenary: s.Kind == "mercenary"}
		}
	}
	for _, p := range gr.Patterns {
		re, err := regexp.Compile(p)
		if err != nil {
			return fmt.Errorf("grammar: %w", err)
		}
		g.patterns = append(g.patterns, re)
	}
	return nil
}

func readYAML(name string, into any) error {
	raw, err := data.ReadFile("data/" + name + ".yaml")
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// embedded is the lexicon, parsed once and never written again.
var embedded = sync.OnceValues(loadLexicon)

// Each calls yield for every spelling of every name: its words with a space between, the entity, and whether the spelling is that of a
// people or thing rather than of the state itself ("Russian").
func (g *Gazetteer) Each(yield func(words string, e *Entity, demonym bool)) {
	for _, list := range g.byFirst {
		for _, en := range list {
			yield(strings.Join(en.cased, " "), en.ent, en.demonym)
		}
	}
}

// Built is the entity of a name of two words that is built as vendors build them ("Cozy Bear"), by its last word.
func (g *Gazetteer) Built(last string) (Entity, bool) {
	e, ok := g.suffixes[last]
	return e, ok
}
