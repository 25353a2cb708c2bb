package extract

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"marque/ingest/prose"
	"marque/ingest/prose/language"
)

// spelling is one way of writing a name.
type spelling struct {
	words   []string // as written
	entity  *prose.Entity
	demonym bool
}

// index finds names in tokens by their first word in lower case.
type index map[string][]spelling

func newIndex(g *prose.Gazetteer) index {
	x := index{}
	g.Each(func(words string, e *prose.Entity, demonym bool) { x.add(words, e, demonym) })
	for first, list := range x {
		slices.SortStableFunc(list, func(a, b spelling) int {
			return cmp.Or(len(b.words)-len(a.words), strings.Compare(strings.Join(a.words, " "), strings.Join(b.words, " ")), strings.Compare(a.entity.Name, b.entity.Name))
		})
		x[first] = list
	}
	return x
}

func (x index) add(name string, e *prose.Entity, demonym bool) {
	t := language.Split(name)
	if len(t.Sentences) == 0 {
		return
	}
	var words []string
	for _, s := range t.Sentences {
		for _, tok := range s.Tokens {
			words = append(words, tok.Text)
		}
	}
	if len(words) == 0 {
		return
	}
	key := strings.ToLower(words[0])
	x[key] = append(x[key], spelling{words, e, demonym})
}

// match is the longest name that begins at token i.
func (x index) match(toks []language.Token, i int) (spelling, bool) {
	for _, s := range x[strings.ToLower(toks[i].Text)] {
		if s.fits(toks[i:]) {
			return s, true
		}
	}
	return spelling{}, false
}

// fits compares word by word. A word with a capital needs it in the text, and a short name all of its letters, but for sectors.
func (s spelling) fits(toks []language.Token) bool {
	if len(toks) < len(s.words) {
		return false
	}
	for k, w := range s.words {
		have := toks[k].Text
		if have == w {
			continue
		}
		if !strings.EqualFold(have, w) {
			return false
		}
		if s.entity.Kind == prose.Sector {
			continue
		}
		a, _ := utf8.DecodeRuneInString(w)
		b, _ := utf8.DecodeRuneInString(have)
		if unicode.IsUpper(a) && !unicode.IsUpper(b) || len(s.words) == 1 && len(w) <= 4 {
			return false
		}
	}
	return true
}

// Match implements [language.Gazetteer].
func (x index) Match(toks []language.Token, i int) (language.NameKind, int) {
	s, ok := x.match(toks, i)
	if !ok || s.demonym {
		return language.NoName, 0
	}
	switch s.entity.Kind {
	case prose.Actor:
		return language.Group, len(s.words)
	case prose.Malware:
		return language.Malware, len(s.words)
	case prose.Tool:
		return language.Tool, len(s.words)
	case prose.State:
		return language.Location, len(s.words)
	case prose.Sector, prose.Person:
		return language.NoName, 0
	}
	return language.Organisation, len(s.words)
}

// named is a name at its place in a sentence.
type named struct {
	entity      *prose.Entity
	first, last int // tokens
	demonym     bool
	guessed     bool // not in the lists
}

// kindOf maps the kinds of the language's mentions.
var kindOf = map[language.NameKind]string{
	language.Group: prose.Actor, language.Malware: prose.Malware, language.Tool: prose.Tool, language.Organisation: prose.Org,
}

// readNames finds the names of every sentence: those of the lists, those that the text introduces, those that are built like names of
// groups, and those that the model of names sees.
func (r *reading) readNames(mentions []language.Mention) {
	local := index{}
	locals := map[string]*prose.Entity{}
	bySentence := make([][]language.Mention, len(r.text.Sentences))
	for _, m := range mentions {
		bySentence[m.Sentence] = append(bySentence[m.Sentence], m)
	}
	for i := range r.text.Sentences {
		s := &r.sents[i]
		toks := r.text.Sentences[i].Tokens
		s.name = make([]int, len(toks))
		for k := range s.name {
			s.name[k] = -1
		}
		for k := 0; k < len(toks); k++ {
			if toks[k].Kind.Artefact() {
				continue
			}
			if sp, ok := r.index.match(toks, k); ok && !r.common(toks, k, sp) {
				k += s.take(named{entity: sp.entity, first: k, last: k + len(sp.words), demonym: sp.demonym}) - 1
			} else if e, n := r.unit(toks, k); n > 0 {
				k += s.take(named{entity: e, first: k, last: k + n}) - 1
			}
		}
		for _, m := range bySentence[i] {
			kind := kindOf[m.Kind]
			if kind == "" || !s.free(m.First, m.Last) {
				continue
			}
			name := r.text.Name(m)
			if !strings.ContainsFunc(name, unicode.IsUpper) && !strings.ContainsFunc(name, unicode.IsDigit) {
				continue
			}
			key := strings.ToLower(name)
			e := locals[key]
			if e == nil {
				e = &prose.Entity{Name: name, Kind: kind}
				if kind == prose.Actor {
					if b, ok := r.gaz.Built(toks[m.Last-1].Text); ok {
						e.Country, e.Criminal = b.Country, b.Criminal
					}
				}
				locals[key] = e
				local.add(name, e, false)
			}
			s.take(named{entity: e, first: m.First, last: m.Last, guessed: true})
		}
	}
	r.readAcronyms(local, locals)
	for i := range r.text.Sentences {
		s := &r.sents[i]
		toks := r.text.Sentences[i].Tokens
		for k := 0; k < len(toks); k++ {
			if sp, ok := local.match(toks, k); ok && s.free(k, k+len(sp.words)) {
				k += s.take(named{entity: sp.entity, first: k, last: k + len(sp.words), guessed: true}) - 1
			}
		}
	}
}

// common says whether a name of the lists is a word of the language here: it begins a sentence and is not marked as a name elsewhere.
func (r *reading) common(toks []language.Token, k int, sp spelling) bool {
	t := toks[k]
	if sp.entity.Kind == prose.Sector {
		return true // sectors are read from nouns
	}
	return len(sp.words) == 1 && (t.Tag == language.VERB || t.Tag == language.AUX || t.Tag == language.ADV || t.Tag == language.PRON || t.Tag == language.ADP)
}

// unit is a military unit by its number: "Military Unit 26165", "Unit 8200".
func (r *reading) unit(toks []language.Token, k int) (*prose.Entity, int) {
	n := 0
	if toks[k].Text == "Military" && k+1 < len(toks) {
		n = 1
	}
	if k+n+1 >= len(toks) || toks[k+n].Text != "Unit" && toks[k+n].Text != "Units" || toks[k+n+1].Tag != language.NUM && !digits(toks[k+n+1].Text) {
		return nil, 0
	}
	name := "Unit " + toks[k+n+1].Text
	if r.units[name] == nil {
		r.units[name] = &prose.Entity{Name: name, Kind: prose.Military, Aliases: []string{"Military " + name}}
	}
	return r.units[name], n + 2
}

func digits(s string) bool {
	return s != "" && strings.IndexFunc(s, func(c rune) bool { return !unicode.IsDigit(c) }) < 0
}

// readAcronyms learns "Mahak Rayan Afraz (MRA)": the letters stand for the name before them.
func (r *reading) readAcronyms(local index, locals map[string]*prose.Entity) {
	for i := range r.text.Sentences {
		s := &r.sents[i]
		toks := r.text.Sentences[i].Tokens
		for k := 2; k+1 < len(toks); k++ {
			short := toks[k].Text
			if toks[k-1].Text != "(" || toks[k+1].Text != ")" || len(short) < 2 || len(short) > 9 || strings.ToUpper(short) != short || digits(short) || s.name[k] >= 0 && !s.names[s.name[k]].guessed {
				continue
			}
			var e *prose.Entity
			if at := s.name[k-2]; at >= 0 && !s.names[at].demonym {
				e = s.names[at].entity
			} else if first := initials(toks[:k-1], short); first >= 0 {
				name := r.doc.Text[toks[first].Start:toks[k-2].End]
				if e = locals[strings.ToLower(name)]; e == nil {
					e = &prose.Entity{Name: name, Kind: prose.Org}
					locals[strings.ToLower(name)] = e
					local.add(name, e, false)
				}
				if s.free(first, k-1) {
					s.take(named{entity: e, first: first, last: k - 1, guessed: true})
				}
			}
			if e == nil {
				continue
			}
			if !slices.Contains(e.Aliases, short) && e.Name != short {
				e = cloned(e)
				e.Aliases = append(e.Aliases, short)
			}
			local.add(short, e, false)
			s.replace(k, e)
		}
	}
}

func cloned(e *prose.Entity) *prose.Entity {
	c := *e
	c.Aliases = slices.Clone(e.Aliases)
	return &c
}

// initials is the token at which words with the letters of an acronym begin, all with capitals but for small words; −1 for none.
func initials(toks []language.Token, short string) int {
	k := len(toks) - 1
	letters := []rune(short)
	for n := len(letters) - 1; n >= 0; k-- {
		if k < 0 || len(letters)-n > 9 {
			return -1
		}
		r, _ := utf8.DecodeRuneInString(toks[k].Text)
		switch {
		case unicode.ToUpper(r) == letters[n] && unicode.IsUpper(r):
			n--
		case toks[k].Tag == language.ADP || toks[k].Tag == language.DET || toks[k].Tag == language.CCONJ || toks[k].Text == "-":
		default:
			return -1
		}
	}
	return k + 1
}

func (s *sent) free(first, last int) bool {
	for k := first; k < last; k++ {
		if s.name[k] >= 0 {
			return false
		}
	}
	return true
}

// take notes a name and returns its length.
func (s *sent) take(n named) int {
	for k := n.first; k < n.last; k++ {
		s.name[k] = len(s.names)
	}
	s.names = append(s.names, n)
	return n.last - n.first
}

func (s *sent) replace(k int, e *prose.Entity) {
	if at := s.name[k]; at >= 0 {
		s.names[at].entity = e
		return
	}
	s.take(named{entity: e, first: k, last: k + 1, guessed: true})
}
