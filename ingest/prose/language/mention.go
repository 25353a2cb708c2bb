package language

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"marque/ingest/prose/language/internal/model"
)

// NameKind is what a name denotes.
type NameKind uint8

// Kinds of names.
const (
	NoName NameKind = iota
	Group           // of hackers
	Malware
	Tool // not made to harm, or for everybody
	Organisation
	Location
	Sector
)

var nameKinds = [...]string{"none", "group", "malware", "tool", "organisation", "location", "sector"}

// String names the kind.
func (k NameKind) String() string { return nameKinds[k] }

// Gazetteer knows names. Match returns the kind and the number of tokens of the longest name that begins at tokens[i];
// 0 for none. A name that it gives counts as evidence, not as an answer: names are words of the language too.
type Gazetteer interface {
	Match(tokens []Token, i int) (NameKind, int)
}

// Mention is a name in a text.
type Mention struct {
	Kind        NameKind
	Sentence    int
	First, Last int  // tokens First ≤ i < Last of the sentence
	Start, End  int  // bytes
	Known       bool // the gazetteer has it
}

// Name is the mention as it is written.
func (t *Text) Name(m Mention) string { return t.Source[m.Start:m.End] }

// Mentions finds names in an analysed text. The gazetteer may be nil. A word that only begins a sentence, a heading's word
// and a technical trace are no name by their capital alone: a name of one word is taken there only if the gazetteer has it
// or the text writes it as a name elsewhere.
func (m *Model) Mentions(t *Text, g Gazetteer) []Mention {
	doc := m.Named(t, g)
	for pass := range 2 {
		for _, n := range doc {
			n.Label(m.b.Mentions, len(m.b.Labels))
		}
		if pass == 0 {
			for i, v := range model.Votes(doc) {
				doc[i].Elsewhere = v
			}
		}
	}
	var found []Mention
	within := map[string]bool{} // forms that stand as a name in the middle of a sentence
	for si, n := range doc {
		for i := 0; i < len(n.Labels); i++ {
			if n.Labels[i] == 0 {
				continue
			}
			first := i
			for i+1 < len(n.Labels) && n.Labels[i+1] != 0 && n.Labels[i+1]%2 == 0 {
				i++
			}
			toks := t.Sentences[si].Tokens
			x := Mention{
				Kind: NameKind((n.Labels[first] + 1) / 2), Sentence: si, First: first, Last: i + 1,
				Start: toks[first].Start, End: toks[i].End, Known: n.Names[first]&0xff != 0,
			}
			if first > 0 && t.Blocks[t.Sentences[si].Block].Shape != Heading {
				within[t.Name(x)] = true
			}
			found = append(found, x)
		}
	}
	found = slices.DeleteFunc(found, func(x Mention) bool { return !t.credible(x, within) })
	return t.repeated(found)
}

// repeated finds the other places of the groups, malware and tools that were found: a name once understood is the same
// name in the whole text, of the kind that most of its places have.
func (t *Text) repeated(found []Mention) []Mention {
	votes := map[string]*[Sector + 1]int{}
	taken := map[int]bool{} // bytes at which a token of a mention begins
	for _, x := range found {
		for _, tok := range t.Sentences[x.Sentence].Tokens[x.First:x.Last] {
			taken[tok.Start] = true
		}
		if x.Kind > Tool || !strings.ContainsFunc(t.Name(x), unicode.IsUpper) {
			continue
		}
		v := votes[t.Name(x)]
		if v == nil {
			v = new([Sector + 1]int)
			votes[t.Name(x)] = v
		}
		v[x.Kind]++
	}
	var known Names
	for name, v := range votes {
		best := Group
		for k := Malware; k <= Tool; k++ {
			if v[k] > v[best] {
				best = k
			}
		}
		known.Add(name, best)
	}
	for si := range t.Sentences {
		toks := t.Sentences[si].Tokens
		for i := 0; i < len(toks); i++ {
			kind, n := known.Match(toks, i)
			if n == 0 || slices.ContainsFunc(toks[i:i+n], func(tok Token) bool { return taken[tok.Start] || tok.Kind.Artefact() }) {
				continue
			}
			found = append(found, Mention{Kind: kind, Sentence: si, First: i, Last: i + n, Start: toks[i].Start, End: toks[i+n-1].End})
			i += n - 1
		}
	}
	slices.SortFunc(found, func(a, b Mention) int { return a.Start - b.Start })
	for i := range found {
		if v := votes[t.Name(found[i])]; v != nil && found[i].Kind <= Tool {
			if kind, n := known.Match(t.Sentences[found[i].Sentence].Tokens, found[i].First); n == found[i].Last-found[i].First {
				found[i].Kind = kind
			}
		}
	}
	return found
}

// credible holds a name against what its place alone can make of a word.
func (t *Text) credible(x Mention, within map[string]bool) bool {
	s := &t.Sentences[x.Sentence]
	for _, tok := range s.Tokens[x.First:x.Last] {
		if tok.Kind.Artefact() && tok.Kind != Handle {
			return false
		}
	}
	if x.Kind > Tool || x.Known || x.Last-x.First > 1 || within[t.Name(x)] {
		return true
	}
	if strings.ContainsFunc(t.Name(x), unicode.IsDigit) {
		return true // names with figures are no words of the language
	}
	return x.First > 0 && t.Blocks[s.Block].Shape != Heading
}

// Named prepares an analysed text for the model of names; training and [Model.Mentions] see the same.
func (m *Model) Named(t *Text, g Gazetteer) []*model.Named {
	doc := make([]*model.Named, len(t.Sentences))
	written := map[string]uint8{}
	for si := range t.Sentences {
		toks := t.Sentences[si].Tokens
		for i, tok := range toks {
			r, _ := utf8.DecodeRuneInString(tok.Text)
			switch {
			case unicode.IsLower(r):
				written[strings.ToLower(tok.Text)] |= 1
			case i > 0 && unicode.IsUpper(r) && t.shape(si) != Heading:
				written[strings.ToLower(tok.Text)] |= 2
			}
		}
	}
	for si := range t.Sentences {
		toks := t.Sentences[si].Tokens
		forms := make([]string, len(toks))
		for i, tok := range toks {
			forms[i] = form(tok)
		}
		n := &model.Named{
			Sentence: m.b.Lexicon.NewSentence(forms), Names: make([]uint16, len(toks)), Elsewhere: make([]uint8, len(toks)),
			Capitals: make([]uint8, len(toks)), Shape: uint8(t.shape(si)), Labels: make([]uint8, len(toks)),
		}
		for i, tok := range toks {
			n.Tags[i] = m.number[tagKey{tok.Tag, tok.Fine}]
			n.Capitals[i] = written[strings.ToLower(tok.Text)]
			note(n.Names, toks, i, m.known)
			note(n.Names, toks, i, builtNames{})
			if g != nil {
				note(n.Names, toks, i, g)
			}
		}
		doc[si] = n
	}
	return doc
}

func (t *Text) shape(sentence int) Shape { return t.Blocks[t.Sentences[sentence].Block].Shape }

// note marks a known name that begins at i.
func note(names []uint16, toks []Token, i int, g Gazetteer) {
	kind, n := g.Match(toks, i)
	for k := range n {
		bit := uint16(1) << kind
		if k > 0 {
			bit <<= 8
		}
		names[i+k] |= bit
	}
}
