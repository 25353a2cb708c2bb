package screen

import (
	"embed"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed data/*.tsv data/*.txt
var files embed.FS

// class is what a word does in a name.
type class uint8

const (
	plain     class = iota // tells who it is
	org                    // what many organisations are called: bank, national, trading
	place                  // a country or a city
	legal                  // a legal form
	number                 // one, II, 3rd
	stop                   // of, the, and
	particle               // al, bin, von
	honorific              // Mr, Dr, Sheikh
	initial                // a single letter
)

var classNames = map[string]class{
	"org": org, "place": place, "legal": legal, "number": number, "stop": stop, "particle": particle, "honorific": honorific,
}

// entry is what a phrase stands for.
type entry struct {
	class class
	canon string
}

// lexicon is the data of the package, read once.
type lexicon struct {
	phrases map[string]entry // folded words joined by a space
	heads   map[string]int   // the most words of a phrase that begins with this word
	stems   map[string]entry // beginnings of words
	unspaced
	groups  map[string][]uint16 // given and family names that are one name
	related map[string][]uint16 // canonical words of organisations of one sort
	members [][]string          // of the groups
	letters map[rune]letter
	han     [3]map[rune]string // readings: mandarin, cantonese, and Korean in Hangul
	// surnames are read in another way than the words that they are, in Mandarin and in Korean.
	surnames map[string][2]string
}

// unspaced are the phrases of writings without spaces, by their first character.
type unspaced struct {
	byFirst map[rune][]string // longest first
	means   map[string]entry
}

type letter struct {
	script script
	latin  string
}

// theLexicon reads the embedded data. The data is part of the program: what cannot be read is a mistake that every test would show.
var theLexicon = sync.OnceValue(func() *lexicon {
	l := &lexicon{
		phrases: map[string]entry{}, heads: map[string]int{}, stems: map[string]entry{},
		groups: map[string][]uint16{}, related: map[string][]uint16{},
		letters: map[rune]letter{}, unspaced: unspaced{byFirst: map[rune][]string{}, means: map[string]entry{}},
	}
	for _, f := range rows("letters.tsv") {
		r, _ := utf8.DecodeRuneInString(f[1])
		l.letters[r] = letter{script: scriptNames[f[0]], latin: f[2]}
	}
	for i, name := range []string{"han-mandarin.tsv", "han-cantonese.tsv", "han-hangul.tsv"} {
		l.han[i] = map[rune]string{}
		for _, f := range rows(name) {
			for _, r := range f[1] {
				l.han[i][r] = f[0]
			}
		}
	}
	l.surnames = map[string][2]string{}
	for _, f := range rows("han-surnames.tsv") {
		l.surnames[f[0]] = [2]string{strings.Trim(f[1], "-"), strings.Trim(f[2], "-")}
	}
	for _, f := range rows("words.tsv") {
		e := entry{class: classNames[f[0]], canon: f[1]}
		for form := range strings.SplitSeq(f[2], "|") {
			l.phrase(form, e)
		}
	}
	l.group("given.txt", l.groups)
	l.group("related.txt", l.related)
	return l
})

// group reads a file whose lines are words that belong together.
func (l *lexicon) group(name string, into map[string][]uint16) {
	for line := range lines(name) {
		id := uint16(len(l.members))
		var members []string
		for w := range strings.FieldsSeq(line) {
			w = strings.Join(foldWords(w), "")
			members = append(members, w)
			into[w] = append(into[w], id)
		}
		l.members = append(l.members, members)
	}
}

// phrase enters one form. The first entry of a form holds.
func (l *lexicon) phrase(form string, e entry) {
	stem := strings.HasSuffix(form, "*")
	words := foldWords(strings.TrimSuffix(form, "*"))
	if len(words) == 0 {
		return
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	if s := l.scriptOf(first); s == hanScript || s == hangulScript || s == kana {
		whole := strings.Join(words, "")
		if _, have := l.means[whole]; !have {
			l.means[whole] = e
			l.byFirst[first] = append(l.byFirst[first], whole)
		}
		return
	}
	if stem {
		for _, w := range []string{words[0], l.latin(words[0])} {
			// A short stem in Latin letters would begin words of other languages.
			if _, have := l.stems[w]; !have && (w == words[0] && first > 0x24f || len(w) >= minLatinStem) {
				l.stems[w] = e
			}
		}
		return
	}
	key := strings.Join(words, " ")
	if _, have := l.phrases[key]; !have {
		l.phrases[key] = e
		l.heads[words[0]] = max(l.heads[words[0]], len(words))
	}
}

const (
	minLatinStem = 6
	minStem      = 3
)

// meaning looks for the longest phrase at the beginning of words, and then for a stem of the first.
func (l *lexicon) meaning(words []string) (entry, int) {
	for n := min(l.heads[words[0]], len(words)); n > 0; n-- {
		key := words[0]
		if n > 1 {
			key = strings.Join(words[:n], " ")
		}
		if e, ok := l.phrases[key]; ok {
			return e, n
		}
	}
	w := words[0]
	for n := len(w); n >= minStem; n-- {
		if e, ok := l.stems[w[:n]]; ok {
			return e, 1
		}
	}
	return entry{}, 0
}

// rulesOf reads one set of data/sounds.tsv, once.
func rulesOf(set string) func() *strings.Replacer {
	return sync.OnceValue(func() *strings.Replacer {
		var pairs []string
		for _, f := range rows("sounds.tsv") {
			if f[0] == set {
				pairs = append(pairs, f[1], f[2])
			}
		}
		return strings.NewReplacer(pairs...)
	})
}

// rows reads a data file of fields separated by tabs; lines that begin with # are for the reader.
func rows(name string) [][]string {
	var out [][]string
	for line := range lines(name) {
		out = append(out, append(strings.Split(line, "\t"), ""))
	}
	return out
}

func lines(name string) func(func(string) bool) {
	b, err := files.ReadFile("data/" + name)
	if err != nil {
		panic(fmt.Sprintf("screen: data/%s: %v", name, err))
	}
	return func(yield func(string) bool) {
		for line := range strings.Lines(string(b)) {
			line = strings.TrimRight(line, "\r\n")
			if line != "" && !strings.HasPrefix(line, "#") && !yield(line) {
				return
			}
		}
	}
}
