package language

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed data/tokens.txt
var tokensFile string

//go:embed data/groups.txt
var groupsFile string

// wordLists are the lists of data/tokens.txt.
type wordLists struct {
	abbreviations, closing, starters, prefixes, domains, files map[string]struct{}
	clitics                                                    []string
	joined                                                     map[string]int
	alike                                                      map[string]string
	numbered, families                                         map[string]struct{} // of groups' names
}

var lists = sync.OnceValue(func() *wordLists {
	l := &wordLists{joined: map[string]int{}, alike: map[string]string{}}
	sections := parseLists(tokensFile)
	groups := parseLists(groupsFile)
	set := func(name string) map[string]struct{} { return setOf(sections[name]) }
	l.numbered, l.families = setOf(groups["numbered"]), setOf(groups["families"])
	l.abbreviations, l.closing, l.starters, l.prefixes = set("abbreviations"), set("closing"), set("starters"), set("prefixes")
	l.domains, l.files = set("domains"), set("files")
	l.clitics = sections["clitics"]
	slices.SortStableFunc(l.clitics, func(a, b string) int { return len(b) - len(a) })
	for _, j := range sections["joined"] {
		w, n, _ := strings.Cut(j, ":")
		l.joined[w], _ = strconv.Atoi(n)
	}
	for _, a := range sections["alike"] {
		w, stands, _ := strings.Cut(a, ":")
		l.alike[w] = stands
	}
	return l
})

// parseLists reads sections of words.
func parseLists(file string) map[string][]string {
	sections := map[string][]string{}
	name := ""
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "["); ok {
			name, _, _ = strings.Cut(rest, "]")
			continue
		}
		sections[name] = append(sections[name], strings.Fields(line)...)
	}
	return sections
}

func setOf(words []string) map[string]struct{} {
	m := make(map[string]struct{}, len(words))
	for _, w := range words {
		m[w] = struct{}{}
	}
	return m
}
