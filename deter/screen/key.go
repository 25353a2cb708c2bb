package screen

import (
	"strings"
	"sync"
)

// soundRules make one of the ways in which a sound is romanised, applied in order to a folded Latin word.
var soundRules = rulesOf("sound")

// soundKey is the same for spellings of one sound: Yevgeniy, Evgeni and Jewgenij.
func soundKey(w string) string {
	if len(w) < 2 || !isASCII(w) {
		return w
	}
	if strings.HasSuffix(w, "ff") {
		w = w[:len(w)-2] + "v"
	}
	k := soundRules().Replace(w)
	// Double letters are one, and an h after a vowel at the end is not heard.
	b := make([]byte, 0, len(k))
	for i := range len(k) {
		if len(b) > 0 && b[len(b)-1] == k[i] {
			continue
		}
		b = append(b, k[i])
	}
	if n := len(b); n > 2 && b[n-1] == 'h' {
		b = b[:n-1]
	}
	return string(b)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// skeleton is what Arabic writing shows of a word in Latin letters: its consonants in classes, vowels and the half vowels within left
// out. Qasem, Ghassem and قاسم differ in it no more than their consonants do.
func skeleton(w string) string {
	if !isASCII(w) {
		return ""
	}
	var b strings.Builder
	last := byte(0)
	vowelBetween := true
	put := func(c byte) {
		if c != last || vowelBetween {
			b.WriteByte(c)
		}
		last, vowelBetween = c, false
	}
	for i := 0; i < len(w); i++ {
		c, next := w[i], byte(0)
		if i+1 < len(w) {
			next = w[i+1]
		}
		switch c {
		case 'a', 'e', 'i', 'o', 'u':
			// A vowel in front is written, by an alif or an ayn.
			if i == 0 {
				put('a')
			}
			vowelBetween = true
			continue
		case 'y':
			if i == 0 {
				put('y')
			}
			vowelBetween = true
			continue
		case 'w', 'v':
			if i == 0 {
				put('w')
			}
			vowelBetween = true
			continue
		}
		if next == 'h' {
			if d, ok := digraphs[c]; ok {
				put(d)
				i++
				continue
			}
		}
		switch c {
		case 'q', 'c', 'x':
			put('k')
		case 'p':
			put('b')
		default:
			put(c)
		}
	}
	s := b.String()
	if len(s) > 2 && s[len(s)-1] == 'h' {
		s = s[:len(s)-1]
	}
	return s
}

// digraphs with h, by their first letter.
var digraphs = map[byte]byte{'s': 'S', 'c': 'S', 'k': 'h', 'g': 'g', 't': 's', 'd': 'z', 'z': 'j', 'p': 'f'}

// koreanRules make one of the romanisations of Korean, coarsely: each sound that they write in several ways is one letter.
var koreanRules = rulesOf("korean")

func koreanKey(w string) string { return koreanRules().Replace(w) }

// theWade maps pinyin to Wade and Giles.
var theWade = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for _, f := range rows("wade-giles.tsv") {
		m[f[0]] = f[1]
	}
	return m
})

// pinyinSyllables are all of them, those that both systems write alike too.
var pinyinSyllables = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for _, f := range rows("han-mandarin.tsv") {
		m[f[0]] = true
	}
	return m
})

const longestSyllable = 6

// wade writes a word of pinyin syllables in the spelling of Wade and Giles. It is "" for what is no pinyin or is written alike.
func wade(w string) string {
	if len(w) > 3*longestSyllable {
		return ""
	}
	out, ok := wadeFrom(w)
	if !ok || out == w {
		return ""
	}
	return out
}

func wadeFrom(w string) (string, bool) {
	if w == "" {
		return "", true
	}
	for n := min(len(w), longestSyllable); n > 0; n-- {
		if !pinyinSyllables()[w[:n]] {
			continue
		}
		rest, ok := wadeFrom(w[n:])
		if !ok {
			continue
		}
		if s, ok := theWade()[w[:n]]; ok {
			return s + rest, true
		}
		return w[:n] + rest, true
	}
	return "", false
}
