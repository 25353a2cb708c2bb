package screen

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// script is a writing.
type script uint8

const (
	latin script = iota
	cyrillic
	greek
	armenian
	georgian
	abjad // Arabic letters: Arabic, Persian, Urdu, Pashto; short vowels are not written
	hebrew
	kana
	hanScript
	hangulScript
	otherScript // compared as it is written
)

var scriptNames = map[string]script{
	"cyrillic": cyrillic, "greek": greek, "armenian": armenian, "georgian": georgian, "abjad": abjad, "hebrew": hebrew, "kana": kana,
}

func (l *lexicon) scriptOf(r rune) script {
	switch {
	case r < 0x250:
		return latin
	case l.letters[r].script != latin:
		return l.letters[r].script
	case r >= 0xac00 && r <= 0xd7a3:
		return hangulScript
	case unicode.Is(unicode.Han, r):
		return hanScript
	case unicode.Is(unicode.Katakana, r), unicode.Is(unicode.Hiragana, r):
		return kana
	case unicode.Is(unicode.Arabic, r):
		return abjad
	case unicode.Is(unicode.Latin, r):
		return latin
	}
	return otherScript
}

// latin writes a word of an alphabet in Latin letters; letters of others stay.
func (l *lexicon) latin(word string) string {
	var b strings.Builder
	for i, r := range word {
		t, ok := l.letters[r]
		switch {
		case !ok:
			b.WriteRune(r)
		case t.latin == "" && i == 0 && (r == 'ع' || r == 'ע'):
			b.WriteByte('a')
		case t.script == abjad && i == 0 && r == 'و':
			b.WriteByte('w')
		case t.script == abjad && i == 0 && r == 'ي':
			b.WriteByte('y')
		default:
			b.WriteString(t.latin)
		}
	}
	return b.String()
}

// confusable maps Cyrillic and Greek letters that look like Latin ones. It is used only where one word mixes the writings, as one that
// is meant to pass a comparison does.
var confusable = rulesOf("lookalike")

// digits are read as the letters that they are put for within a word.
var digits = rulesOf("digit")

// Jamo of a Hangul syllable, for the three ways of romanising: McCune–Reischauer without marks (as North Korea and lists write), the
// Revised Romanization of 2000, and what South Koreans put on visiting cards.
var (
	onsets = [3][19]string{
		{"k", "kk", "n", "t", "tt", "r", "m", "p", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"},
		{"g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"},
		{"k", "kk", "n", "d", "tt", "l", "m", "p", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"},
	}
	vowels = [3][21]string{
		{"a", "ae", "ya", "yae", "o", "e", "yo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "u", "ui", "i"},
		{"a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu", "ui", "i"},
		{"a", "ae", "ya", "yae", "u", "e", "young", "ye", "o", "wa", "wae", "oi", "yo", "oo", "won", "we", "wi", "yoo", "eu", "eui", "ee"},
	}
	codas = [28]string{
		"", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng", "t", "t", "k", "t", "p", "t",
	}
)

// hangulLatin romanises one syllable.
func hangulLatin(r rune, way int) string {
	if r < 0xac00 || r > 0xd7a3 {
		return ""
	}
	n := int(r - 0xac00)
	v := vowels[way][n/28%21]
	if way == 2 {
		v = strings.TrimSuffix(strings.TrimSuffix(v, "ng"), "n")
	}
	return onsets[way][n/588] + v + codas[n%28]
}

// hongKong turns a syllable of jyutping into the spelling of Hong Kong's offices: zeng → cheng, jyut → yuet.
var hongKong = rulesOf("hongkong")

func isLatin(s string) bool {
	for _, r := range s {
		if r >= 0x250 {
			return false
		}
	}
	return true
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
