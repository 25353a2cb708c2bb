package graph

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// countryWords are how English descriptions of actors name the countries that actors are said to come from.
var countryWords = []struct{ word, code string }{
	{"United Arab Emirates", "AE"},
	{"Emirati", "AE"},
	{"Brazilian", "BR"},
	{"Brazil", "BR"},
	{"Belarusian", "BY"},
	{"Belarus", "BY"},
	{"Chinese", "CN"},
	{"China", "CN"},
	{"PRC", "CN"},
	{"Israeli", "IL"},
	{"Israel", "IL"},
	{"Indian", "IN"},
	{"India", "IN"},
	{"Iranian", "IR"},
	{"Iran", "IR"},
	{"North Korean", "KP"},
	{"North Korea", "KP"},
	{"DPRK", "KP"},
	{"South Korean", "KR"},
	{"South Korea", "KR"},
	{"Lebanese", "LB"},
	{"Lebanon", "LB"},
	{"Hezbollah", "LB"},
	{"Nigerian", "NG"},
	{"Nigeria", "NG"},
	{"Pakistani", "PK"},
	{"Pakistan", "PK"},
	{"Palestinian", "PS"},
	{"Gaza", "PS"},
	{"Hamas", "PS"},
	{"Russian", "RU"},
	{"Russia", "RU"},
	{"Syrian", "SY"},
	{"Turkish", "TR"},
	{"Türkiye", "TR"},
	{"Turkey", "TR"},
	{"Ukrainian", "UA"},
	{"American", "US"},
	{"United States", "US"},
	{"Vietnamese", "VN"},
	{"Vietnam", "VN"},
}

// A country counts only where the words beside it say that the actor is from there or works for it: descriptions name the
// victims' countries too. A cue stands at most cueReach bytes before the country.
var (
	originCues = []string{
		"based in", "operating in", "operating from", "operating out of", "attributed to", "linked to", "affiliated with", "associated with",
		"on behalf of", "sponsored by", "backed by", "nexus to", "links to", "ties to", "originating from", "element within", "part of",
	}
	originTails = []string{
		"state", "government", "based", "backed", "sponsored", "nexus", "speaking", "aligned", "linked", "affiliated", "military", "intelligence", "espionage",
		"cyber", "threat", "apt", "advanced", "hack", "group", "actor", "adversar", "criminal", "origin",
	}
	ownerTails = []string{"general", "ministry", "foreign", "federal", "main", "islamic", "reconnaissance", "military", "intelligence", "people"}
	profit     = []string{"financially motivated", "financially-motivated", "cybercriminal", "cyber criminal", "criminal group", "criminal organi", "ransomware group", "ransomware gang", "ecrime", "e-crime"}
)

const (
	cueReach   = 48
	maxReading = 600
)

// Described is what an actor's own source says of it in prose, where it gives no types and no country as data.
type Described struct {
	Country string // ISO 3166-1 alpha-2, empty where the prose names none
	Sponsor bool   // the words say more than where it sits
	Kind    string // criminal, activist or empty
	Words   string // the words that were read
}

// DescribedIn reads an actor's description: a thumb rule over its first sentences, which takes the country that stands first
// beside a word for where the actor comes from or whom it serves.
func DescribedIn(description string) Described {
	text := cutAt(description, 2*maxReading)
	text = cutAt(markdownLink.ReplaceAllString(text, "$1"), maxReading)
	var d Described
	first := len(text)
	for _, c := range countryWords {
		for at, from := 0, 0; ; from = at + len(c.word) {
			next := strings.Index(text[from:], c.word)
			if next < 0 || from+next >= first {
				break
			}
			at = from + next
			if words := originWords(text, at, at+len(c.word)); words != "" {
				first = at
				d.Country, d.Words = c.code, words
				break
			}
		}
	}
	sentence, _, _ := strings.Cut(strings.ToLower(text), ". ")
	has := func(word string) bool { return strings.Contains(sentence, word) }
	switch {
	case slices.ContainsFunc(profit, has) && !has("state-sponsored"):
		d.Kind = "criminal"
	case has("hacktivist"):
		d.Kind = "activist"
	}
	d.Sponsor = d.Country != "" && d.Kind == ""
	return d
}

// originWords returns the words that make a country the actor's, or nothing.
func originWords(text string, start, end int) string {
	if before, _ := utf8.DecodeLastRuneInString(text[:start]); start > 0 && unicode.IsLetter(before) {
		return ""
	}
	rest := strings.ToLower(cutAt(text[end:], 24))
	tails := originTails
	switch {
	case strings.HasPrefix(rest, "'s ") || strings.HasPrefix(rest, "’s "):
		rest, tails = strings.TrimLeft(rest, "'’s "), ownerTails
	case strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "-"):
		rest, tails = rest[1:], slices.Concat(originTails, ownerTails)
	case rest != "" && unicode.IsLetter(rune(rest[0])):
		return ""
	}
	for _, tail := range tails {
		if strings.HasPrefix(rest, tail) {
			return text[start:end] + " " + tail
		}
	}
	near := strings.ToLower(text[max(0, start-cueReach):start])
	if at := strings.LastIndexAny(near, ".;"); at >= 0 {
		near = near[at:]
	}
	for _, cue := range originCues {
		if at := strings.LastIndex(near, cue); at >= 0 {
			return near[at:] + text[start:end]
		}
	}
	return ""
}

// cutAt shortens a text to at most n bytes without breaking a character.
func cutAt(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

var markdownLink = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)

// describe takes from an actor's description what its source does not give as data.
func (e *Entity) describe(description string) {
	d := DescribedIn(description)
	if d.Kind != "" && !slices.ContainsFunc(e.Kinds, func(k string) bool { return k != "unknown" }) {
		e.Kinds = append(e.Kinds, d.Kind)
	}
	e.Described = d
}
