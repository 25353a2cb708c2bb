package entity

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed countries.csv
var countriesCSV string

type countryTable struct {
	byName map[string]string // folded name to alpha-2
	names  map[string]string // alpha-2 to English name
	people map[string]string // folded word for the people to alpha-2
}

var countries = sync.OnceValue(func() countryTable {
	t := countryTable{byName: map[string]string{}, names: map[string]string{}, people: map[string]string{}}
	for i, line := range strings.Split(strings.TrimSpace(countriesCSV), "\n") {
		f := strings.Split(line, ";")
		if i == 0 || len(f) != 4 {
			continue
		}
		t.names[f[0]] = f[1]
		t.byName[fold(f[1])] = f[0]
		for other := range strings.SplitSeq(f[2], "|") {
			if other != "" {
				t.byName[fold(other)] = f[0]
			}
		}
		for people := range strings.SplitSeq(f[3], "|") {
			if people != "" {
				t.people[fold(people)] = f[0]
			}
		}
	}
	return t
})

// fold makes spellings of a country's name comparable.
func fold(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	name = strings.NewReplacer("’", "'", "&", "and", "st. ", "saint ").Replace(name)
	return strings.TrimPrefix(name, "the ")
}

// CountryCode is the ISO 3166-1 alpha-2 code of a country named in English, in any of the usual spellings, or of a code.
func CountryCode(name string) (string, bool) {
	t := countries()
	name = strings.TrimSpace(name)
	if _, ok := t.names[strings.ToUpper(name)]; ok && len(name) == 2 {
		return strings.ToUpper(name), true
	}
	code, ok := t.byName[fold(name)]
	return code, ok
}

// CountryName is the English name of a code, and the code itself where there is none.
func CountryName(code string) string {
	if name, ok := countries().names[code]; ok {
		return name
	}
	return code
}

// Countries finds the codes in a list such as "China, Russian Federation". Names that hold commas themselves are tried whole
// first. Names that are no country's are returned as rest.
func Countries(list string) (codes, rest []string) {
	if code, ok := CountryCode(list); ok {
		return []string{code}, nil
	}
	for _, name := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ';' }) {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		if code, ok := CountryCode(name); ok {
			codes = append(codes, code)
		} else {
			rest = append(rest, name)
		}
	}
	return codes, rest
}

// CountriesIn finds the countries that a text names, by their names or by the words for their people ("Ukrainian state
// entities"), in the order of the text.
func CountriesIn(text string) []string {
	t := countries()
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n,;:()\"“”/", r) })
	for i, w := range words {
		w = strings.TrimSuffix(strings.TrimSuffix(w, "'s"), "’s")
		if !strings.HasSuffix(w, ".S.") && !strings.HasSuffix(w, ".K.") {
			w = strings.TrimRight(w, ".?!")
		}
		words[i] = w
	}
	var codes []string
	for i := 0; i < len(words); {
		code, n := t.longest(words[i:])
		if n == 0 {
			i++
			continue
		}
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
		i += n
	}
	return codes
}

// longest finds the longest name that words begin with. Names are capitalised: "turkey" is a bird.
func (t *countryTable) longest(words []string) (code string, n int) {
	for n = min(6, len(words)); n > 0; n-- {
		if words[0] == "" || words[0][0] < 'A' || words[0][0] > 'Z' {
			continue
		}
		name := fold(strings.Join(words[:n], " "))
		if code, ok := t.byName[name]; ok {
			return code, n
		}
		if code, ok := t.people[name]; ok {
			return code, n
		}
	}
	return "", 0
}
