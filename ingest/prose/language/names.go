package language

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Names is a [Gazetteer] of lists. The zero value is empty; Add before the first Match.
type Names struct {
	byFirst map[string][]knownName
}

type knownName struct {
	words []string
	kind  NameKind
}

// Add makes a name known. Case counts, for "hive" is not Hive: a word of a name with a capital matches only one with a capital.
func (n *Names) Add(name string, kind NameKind) {
	spans := tokens(name, 0, len(name), nil)
	if len(spans) == 0 {
		return
	}
	words := make([]string, len(spans))
	for i, s := range spans {
		words[i] = name[s.start:s.end]
	}
	if n.byFirst == nil {
		n.byFirst = map[string][]knownName{}
	}
	key := strings.ToLower(words[0])
	list := n.byFirst[key]
	list = append(list, knownName{words, kind})
	slices.SortStableFunc(list, func(a, b knownName) int { return len(b.words) - len(a.words) })
	n.byFirst[key] = list
}

// Match implements [Gazetteer].
func (n *Names) Match(toks []Token, i int) (NameKind, int) {
	for _, k := range n.byFirst[strings.ToLower(toks[i].Text)] {
		if k.fits(toks[i:]) {
			return k.kind, len(k.words)
		}
	}
	return NoName, 0
}

func (k knownName) fits(toks []Token) bool {
	if len(toks) < len(k.words) {
		return false
	}
	for i, w := range k.words {
		have := toks[i].Text
		if have == w {
			continue
		}
		a, _ := utf8.DecodeRuneInString(w)
		b, _ := utf8.DecodeRuneInString(have)
		if !strings.EqualFold(have, w) || unicode.IsUpper(a) != unicode.IsUpper(b) || len(w) <= 3 {
			return false
		}
	}
	return true
}

// builtNames is a [Gazetteer] of names that are built in the ways of those who track groups: Storm-0501, APT28, Fancy Bear.
type builtNames struct{}

func (builtNames) Match(toks []Token, i int) (NameKind, int) {
	text := toks[i].Text
	r, _ := utf8.DecodeRuneInString(text)
	if !unicode.IsUpper(r) || toks[i].Kind != Plain {
		return NoName, 0
	}
	if at := strings.IndexFunc(text, unicode.IsDigit); at > 0 && figures(text[at:]) == len(text)-at {
		if _, ok := lists().numbered[strings.TrimSuffix(text[:at], "-")]; ok {
			return Group, 1
		}
	}
	if i+1 < len(toks) && !toks[i+1].Glued && toks[i].Tag != DET && toks[i].Tag != ADP {
		if _, ok := lists().families[toks[i+1].Text]; ok {
			return Group, 2
		}
	}
	return NoName, 0
}
