package entity

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strings"
	"sync"
)

// hedgesCSV are the words by which a cell that should hold a name says how sure it is, or that it holds none. Kinds: hedge (a word of
// doubt or of a loose tie), glue (what stands between such words), nobody (a whole cell that names nobody), nameless and generic
// ("unknown hackers"), tail (a noun behind a name: "the Turla group"), event (the cell ends in a deed, not in an actor), prose (the cell is a
// sentence about tools, not a name).
//
//go:embed hedges.csv
var hedgesCSV string

var hedgeWords = sync.OnceValue(func() map[string]map[string]bool {
	out := map[string]map[string]bool{}
	rows, err := csv.NewReader(strings.NewReader(hedgesCSV)).ReadAll()
	if err != nil {
		panic("entity: hedges.csv: " + err.Error()) // embedded: the tests read it
	}
	for _, row := range rows[1:] {
		if out[row[0]] == nil {
			out[row[0]] = map[string]bool{}
		}
		out[row[0]][row[1]] = true
	}
	return out
})

func isWord(kind, word string) bool { return hedgeWords()[kind][bare(word)] }

func bare(word string) string { return strings.ToLower(strings.Trim(word, `()[]",.;:?`)) }

// Hedged takes a cell that should name somebody apart into the name and the words by which its source is careful: "Possibly linked to
// Sandworm." is Sandworm, "Possibly linked to"; "Sandworm (suspected)" is Sandworm, "suspected". The name is empty where the cell names
// nobody, whatever the hedge: "unknown", "N/A", "a third party", "(suspected) suspected", or an event or a sentence in place of an actor.
func Hedged(cell string) (name, hedge string) {
	words := strings.Fields(cell)
	from, doubt := 0, false
	for from < len(words) && (isDoubt(words, from) || isWord("glue", words[from]) && (doubt || lower(words[from]) || leadsToDoubt(words[from+1:]))) {
		doubt = doubt || isDoubt(words, from)
		from++
	}
	if !doubt {
		from = 0
	}
	var behind []string
	to := len(words)
	for to > from && doubtBehind(words[to-1]) {
		behind = append(behind, bare(words[to-1]))
		to--
	}
	slices.Reverse(behind)
	hedge = strings.Join(slices.Concat(hedgeOf(words[:from]), behind), " ")
	return actorIn(words[from:to]), hedge
}

// leadsToDoubt tells whether a word of doubt comes next, glue left out: "Has links to".
func leadsToDoubt(words []string) bool {
	at := slices.IndexFunc(words, func(w string) bool { return !isWord("glue", w) })
	return at >= 0 && isDoubt(words, at) && lower(words[at])
}

// isDoubt tells whether a word of the cell is a word of doubt. "May" is one only where it does not begin a name.
func isDoubt(words []string, at int) bool {
	return isWord("hedge", words[at]) && (bare(words[at]) != "may" || lower(words[at]))
}

// doubtBehind tells whether the last word is a doubt in brackets, or a question mark.
func doubtBehind(word string) bool {
	return word == "?" || strings.HasPrefix(word, "(") && strings.HasSuffix(word, ")") && isWord("hedge", word)
}

func lower(word string) bool {
	w := strings.Trim(word, `()[]",.;:?`)
	return w != "" && w == strings.ToLower(w)
}

// hedgeOf are the words without what the same word says twice: "(suspected) suspected" is one doubt.
func hedgeOf(words []string) []string {
	var out []string
	for _, w := range words {
		if w = bare(w); w != "" && (len(out) == 0 || out[len(out)-1] != w) {
			out = append(out, w)
		}
	}
	for len(out) > 0 && slices.Contains([]string{"the", "a", "an", "be", "this", "is"}, out[len(out)-1]) {
		out = out[:len(out)-1]
	}
	return out
}

// actorIn is the name in the rest of a cell, or nothing.
func actorIn(words []string) string {
	for len(words) > 1 && slices.Contains([]string{"the", "a", "an"}, words[0]) {
		words = words[1:]
	}
	for at := len(words) - 2; at > 0; at-- { // "Russian hacker group Snake"
		if lower(words[at]) && isWord("tail", words[at]) && !lower(words[at+1]) {
			words = words[at+1:]
			break
		}
	}
	for len(words) > 1 && lower(words[len(words)-1]) && isWord("tail", words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	name := strings.Trim(strings.Join(words, " "), " .,;")
	if Nobody(name) {
		return ""
	}
	if len(words) > 1 {
		last := words[len(words)-1]
		if lower(last) && isWord("event", last) || slices.ContainsFunc(words[1:], proseWord) || isWord("prose", words[0]) {
			return ""
		}
	}
	return name
}

func proseWord(word string) bool {
	return lower(word) && (isWord("prose", word) || isWord("hedge", word))
}

// Nobody tells whether what stands where a name should stand names nobody: "Unknown", "not attributed", "a third party", "unidentified
// hackers". A group may call itself The Unknowns.
func Nobody(name string) bool {
	words := strings.Fields(strings.ToLower(strings.Trim(name, `()[]". `)))
	if len(words) > 1 && slices.Contains([]string{"a", "an", "the", "some"}, words[0]) {
		words = words[1:]
	}
	whole := strings.Join(words, " ")
	if whole == "" || hedgeWords()["nobody"][whole] {
		return true
	}
	return len(words) > 1 && slices.ContainsFunc(words, func(w string) bool { return isWord("nameless", w) }) &&
		!slices.ContainsFunc(words, func(w string) bool { return !isWord("nameless", w) && !isWord("generic", w) })
}
