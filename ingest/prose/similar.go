package prose

import (
	"hash/fnv"
	"strings"
	"unicode"
)

const shingle = 5 // words

// Similarity is the Jaccard index of the sets of word 5-grams of two texts, from 0 to 1: the share of runs of five words
// that both have among all that either has (Broder, "On the resemblance and containment of documents", 1997). Letters'
// case and punctuation do not count. About 0.5 and more means one text copied with edits; two stories that retell one
// report in their own words stay near 0. Texts shorter than five words are compared as one run.
func Similarity(a, b string) float64 {
	x, y := shingles(a), shingles(b)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	both := 0
	for h := range x {
		if _, ok := y[h]; ok {
			both++
		}
	}
	return float64(both) / float64(len(x)+len(y)-both)
}

func shingles(text string) map[uint64]struct{} {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	out := make(map[uint64]struct{}, len(words))
	n := min(shingle, len(words))
	if n == 0 {
		return out
	}
	for i := 0; i+n <= len(words); i++ {
		h := fnv.New64a()
		for _, w := range words[i : i+n] {
			h.Write([]byte(w))
			h.Write([]byte{0})
		}
		out[h.Sum64()] = struct{}{}
	}
	return out
}
