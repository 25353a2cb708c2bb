package profile

import (
	"regexp"
	"slices"
	"strings"
)

// country is how descriptions name a country.
type country struct {
	code  string
	names []string
	claim *regexp.Regexp // a name where the sentence says that the actor is from there
}

// countryWords are the ways in which English names the countries that sponsor or harbour actors.
var countryWords = []country{
	words("AE", `United Arab Emirates|UAE|Emirati`),
	words("BR", `Brazil|Brazilian`),
	words("BY", `Belarus|Belarusian`),
	words("CN", `China|Chinese|PRC`),
	words("IN", `India|Indian`),
	words("IR", `Iran|Iranian`),
	words("IL", `Israeli`),
	words("KP", `North Korea|North Korean|DPRK`),
	words("KR", `South Korea|South Korean`),
	words("LB", `Lebanon|Lebanese|Hezbollah`),
	words("NG", `Nigeria|Nigerian`),
	words("PK", `Pakistan|Pakistani`),
	words("PS", `Palestinian|Gaza|Hamas`),
	words("RU", `Russia|Russian`),
	words("SY", `Syrian`),
	words("TR", `Turkish|Türkiye|Turkey`),
	words("UA", `Ukrainian`),
	words("US", `United States|American`),
	words("VN", `Vietnam|Vietnamese`),
}

// A country counts only where the sentence says that the actor is from there or works for it, because
// descriptions name the targets' countries too.
const (
	before = `(?:(?:based|operating|located|originating|originates|operates) (?:in|from|out of)|attributed to|linked to|affiliated with|` +
		`associated with|on behalf of|sponsored by|backed by|nexus to|links? to|ties to)(?: \S+){0,6}? `
	after = `(?:[- ](?:state|government|based|backed|sponsored|nexus|speaking|aligned|linked|affiliated|military|intelligence|espionage|` +
		`cyber|threat|APT|advanced|hack|group|actor|adversar|criminal|General|Ministry|Foreign|Federal|Main|Islamic|origin)|['’]s )`
)

func words(code, alternatives string) country {
	return country{code, strings.Split(alternatives, "|"), regexp.MustCompile(before + `(?:the )?(?:` + alternatives + `)\b|\b(?:` + alternatives + `)` + after)}
}

// SponsorIn reads the country that a description of an actor says it works for or from, and returns its ISO 3166
// code, or nothing. It takes the claim that stands first. A stated rule of thumb over the closed list of countries
// that host known actors; a curated list (Config.Sponsors) is to be preferred.
func SponsorIn(description string) string {
	if len(description) > maxDescription {
		description = description[:maxDescription]
	}
	code, first := "", len(description)
	for _, c := range countryWords {
		if !slices.ContainsFunc(c.names, func(name string) bool { return strings.Contains(description, name) }) {
			continue // a look is much cheaper than the expression
		}
		if at := c.claim.FindStringIndex(description); at != nil && at[0] < first {
			code, first = c.code, at[0]
		}
	}
	return code
}

const maxDescription = 2000
