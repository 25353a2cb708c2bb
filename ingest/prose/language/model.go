package language

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"marque/ingest/prose/language/internal/model"
)

//go:embed data/model.bin
var modelFile []byte

// beamWidth is how many partial trees the parser keeps. Four loses a tenth of a point against eight and is twice as fast.
const beamWidth = 4

// Model analyses texts. It is safe for concurrent use.
type Model struct {
	b      *model.Bundle
	tags   []Tag // by number
	fine   []string
	number map[tagKey]uint8
	known  *Names
	parser model.Parser
}

type tagKey struct {
	tag  Tag
	fine string
}

// Load returns the model that comes with the program. It is unpacked at the first call only.
var Load = sync.OnceValues(func() (*Model, error) {
	b, err := model.Read(bytes.NewReader(modelFile))
	if err != nil {
		return nil, fmt.Errorf("language model: %w", err)
	}
	return New(b), nil
})

// New makes a model of what was learned. Users call [Load]; training calls New before all parts are there.
func New(b *model.Bundle) *Model {
	m := &Model{b: b, number: map[tagKey]uint8{}, known: &Names{}, parser: model.Parser{Weights: b.Actions, Width: beamWidth}}
	for i, t := range b.Lexicon.Tags {
		universal, fine, _ := strings.Cut(t, "|")
		m.tags, m.fine = append(m.tags, Tag(universal)), append(m.fine, fine)
		m.number[tagKey{Tag(universal), fine}] = uint8(i)
	}
	for _, n := range b.Names {
		kind, name, _ := strings.Cut(n, "\t")
		m.known.Add(name, NameKind(kind[0]-'0'))
	}
	return m
}

// Read cuts a text ([Split]) and analyses every sentence.
func (m *Model) Read(source string) *Text { return m.ReadNamed(source, nil) }

// ReadNamed is Read with names that are known beforehand; g may be nil. A name that no treebank has ("TA456", "LEMPO") is
// then read as the name that it is, and the words around it as what stands around names.
func (m *Model) ReadNamed(source string, g Gazetteer) *Text {
	t := Split(source)
	for i := range t.Sentences {
		m.analyse(t.Sentences[i].Tokens, g)
	}
	return t
}

// Analyse sets tag, lemma, head and relation of the tokens of one sentence. Whatever the tokens are, the result is one
// tree: exactly one head is −1 and every token leads to it. The time is linear in the number of tokens.
func (m *Model) Analyse(tokens []Token) { m.analyse(tokens, nil) }

// standIn is a name that the treebanks have often. The models see it in place of names of one word that they cannot know.
const standIn = "Google"

func (m *Model) analyse(tokens []Token, g Gazetteer) {
	if len(tokens) == 0 {
		return
	}
	forms := make([]string, len(tokens))
	for i, t := range tokens {
		forms[i] = form(t)
		if kind, n := m.name(tokens, i, g); n == 1 && kind != Location && kind != Sector {
			forms[i] = standIn
		} else if w, ok := lists().alike[t.Text]; ok {
			forms[i] = w
		}
	}
	s := m.b.Lexicon.NewSentence(forms)
	tagger := model.Tagger{Lexicon: m.b.Lexicon, Weights: m.b.Tags}
	tagger.Tag(s)
	m.parser.Parse(s, m.b.Lexicon.Class)
	labeller := model.Labeller{Lexicon: m.b.Lexicon, Weights: m.b.Rels}
	labeller.Label(s, m.b.Lexicon.Class)
	for i := range tokens {
		t := &tokens[i]
		t.Tag, t.Fine = m.tags[s.Tags[i]], m.fine[s.Tags[i]]
		t.Head, t.Rel = int(s.Heads[i]), m.b.Lexicon.Relations[s.Rels[i]]
		if t.Head < 0 {
			t.Rel = "root"
		}
		t.Lemma = m.b.Lemmas.Of(t.Text, t.Fine)
	}
}

// name is the known name that begins at a token. One that is a word of the language too counts only where it has capitals that the
// beginning of a sentence does not explain.
func (m *Model) name(tokens []Token, i int, g Gazetteer) (NameKind, int) {
	t := tokens[i]
	if r, _ := utf8.DecodeRuneInString(t.Text); t.Kind != Plain || !unicode.IsUpper(r) {
		return NoName, 0
	}
	if kind, n := (builtNames{}).Match(tokens, i); n > 0 {
		return kind, n
	}
	if g != nil {
		if kind, n := g.Match(tokens, i); n > 0 {
			return kind, n
		}
	}
	if kind, n := m.known.Match(tokens, i); n > 0 && (i > 0 || strings.ContainsFunc(t.Text[1:], func(r rune) bool { return unicode.IsUpper(r) || unicode.IsDigit(r) })) {
		return kind, n
	}
	return NoName, 0
}

// form is what the models see of a token: of a technical trace only its kind, for its letters say nothing.
func form(t Token) string {
	if t.Kind.Artefact() && t.Kind != Handle && t.Kind != Ident {
		return "<" + t.Kind.String() + ">"
	}
	return t.Text
}

// Words returns tokens of the given forms that stand in no text, for [Model.Analyse] of what others have cut.
func Words(forms []string) []Token {
	list := make([]Token, len(forms))
	for i, f := range forms {
		list[i] = Token{Text: f, Head: -1}
	}
	return list
}
