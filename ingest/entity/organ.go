package entity

import (
	_ "embed"
	"encoding/csv"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// organsCSV are services of states by the short names that lists use, and words by which a name is a service's or a unit's. Kinds: name
// (folded short name, with the state), word (a word or words in the name), not (a word that makes it none: an "electronic army").
//
//go:embed organs.csv
var organsCSV string

type organTable struct {
	state      map[string]string // short name to alpha-2
	words, not *regexp.Regexp
}

var organs = sync.OnceValue(func() organTable {
	rows, err := csv.NewReader(strings.NewReader(organsCSV)).ReadAll()
	if err != nil {
		panic("entity: organs.csv: " + err.Error()) // embedded: the tests read it
	}
	t := organTable{state: map[string]string{}}
	words := map[string][]string{}
	for _, row := range rows[1:] {
		if row[0] == "name" {
			t.state[row[1]] = row[2]
			continue
		}
		words[row[0]] = append(words[row[0]], row[1])
	}
	t.words = regexp.MustCompile(`\b(?:` + strings.Join(words["word"], "|") + `)\b`)
	t.not = regexp.MustCompile(`\b(?:` + strings.Join(words["not"], "|") + `)\b`)
	return t
})

// OrganOf tells whether a name is that of a state's service, ministry or unit rather than of a group, and of which state, as far as the name
// says: "United States Cyber Command", "GRU Unit 74455", "Ministry of State Security" (of nobody that the name tells).
func OrganOf(name string) (state string, ok bool) {
	t := organs()
	text := strings.ToLower(name)
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t,;:()\"“”/’'", r) }) {
		if s, known := t.state[w]; known {
			state, ok = s, true
		}
	}
	if !ok && (!t.words.MatchString(text) || t.not.MatchString(text)) {
		return "", false
	}
	if in := CountriesIn(name); len(in) > 0 && !slices.Contains(in, state) && state == "" {
		state = in[0]
	}
	return state, true
}

// OrganForms are the short forms of a service's name, as people write them: with the state's code ("US Cyber Command"), without the state, and
// by its initials ("MSS").
func OrganForms(name string) []string {
	state, ok := OrganOf(name)
	if !ok {
		return nil
	}
	name, _, _ = strings.Cut(name, " (")
	words := strings.Fields(strings.NewReplacer("’s", "", "'s", "").Replace(strings.TrimPrefix(name, "the ")))
	n := 0
	for k := 1; k < len(words) && k <= 3; k++ {
		if len(CountriesIn(strings.Join(words[:k], " "))) == 1 {
			n = k
			break
		}
	}
	rest := words[n:]
	var out []string
	if plain := strings.Join(rest, " "); n > 0 && len(rest) > 1 {
		out = append(out, plain)
		if state != "" {
			out = append(out, state+" "+plain)
		}
	}
	var initials strings.Builder
	for _, w := range rest {
		if w[0] >= 'A' && w[0] <= 'Z' {
			initials.WriteByte(w[0])
		}
	}
	if initials.Len() > 2 {
		out = append(out, initials.String())
	}
	return out
}
