package predicate

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed data/words.txt
var wordsFile string

// wordLists are the lists of data/words.txt: word → what stands behind its colon, or the word itself.
var wordLists = sync.OnceValue(func() map[string]map[string]string {
	all := map[string]map[string]string{}
	var list map[string]string
	for line := range strings.Lines(wordsFile) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "["); ok {
			name, _, _ := strings.Cut(rest, "]")
			list = map[string]string{}
			all[name] = list
			continue
		}
		for w := range strings.FieldsSeq(line) {
			word, value, ok := strings.Cut(w, ":")
			if !ok {
				value = word
			}
			list[word] = value
		}
	}
	return all
})

func is(list, word string) bool {
	_, ok := wordLists()[list][word]
	return ok
}
