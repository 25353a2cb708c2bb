package language

import (
	"cmp"
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"
)

//go:embed data/common.txt
var commonFile string

// English is the language that the model reads.
const English = "English"

// Guess is the language of a text by its commonest words and its script; empty where it has too few words to tell. It looks at the first
// 20,000 bytes.
func Guess(text string) string {
	text = strings.ToValidUTF8(text[:min(len(text), 20_000)], "")
	words, scores, kinds := 0, map[string]int{}, map[string]map[string]bool{}
	for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		words++
		for _, l := range common()[w] {
			scores[l]++
			if kinds[l] == nil {
				kinds[l] = map[string]bool{}
			}
			kinds[l][w] = true
		}
	}
	if l := script(text); l != "" {
		return l
	}
	if words < 40 || len(scores) == 0 {
		return ""
	}
	names := slices.Sorted(maps.Keys(scores))
	best := slices.MaxFunc(names, func(a, b string) int { return cmp.Compare(scores[a], scores[b]) })
	if len(kinds[best]) < 4 || best != English && scores[best]*8 < words {
		return "" // lists, code, names: no language's words are common
	}
	return best
}

// script is the language of a text that is written in a script that mostly one language uses.
func script(text string) string {
	counts := map[string]int{}
	letters := 0
	for _, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		switch {
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			counts["Japanese"]++
		case unicode.Is(unicode.Hangul, r):
			counts["Korean"]++
		case unicode.Is(unicode.Han, r):
			counts["Chinese"]++
		case unicode.Is(unicode.Greek, r):
			counts["Greek"]++
		case unicode.Is(unicode.Georgian, r):
			counts["Georgian"]++
		case unicode.Is(unicode.Thai, r):
			counts["Thai"]++
		}
	}
	if counts["Japanese"]*10 > letters {
		return "Japanese" // written with Chinese signs too
	}
	for _, l := range slices.Sorted(maps.Keys(counts)) {
		if counts[l]*3 > letters {
			return l
		}
	}
	return ""
}

// common are the languages of each common word.
var common = sync.OnceValue(func() map[string][]string {
	m := map[string][]string{}
	for line := range strings.Lines(commonFile) {
		name, words, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || name[0] == '#' {
			continue
		}
		for w := range strings.FieldsSeq(words) {
			if !slices.Contains(m[w], name) {
				m[w] = append(m[w], name)
			}
		}
	}
	return m
})
