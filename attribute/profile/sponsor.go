package profile

import "regexp"

// countryWords are the ways in which English names the countries that sponsor or harbour actors.
var countryWords = []struct {
	code string
	word *regexp.Regexp
}{
	{"AE", words(`United Arab Emirates|UAE|Emirati`)},
	{"BR", words(`Brazil|Brazilian`)},
	{"BY", words(`Belarus|Belarusian`)},
	{"CN", words(`China|Chinese|PRC`)},
	{"IN", words(`India|Indian`)},
	{"IR", words(`Iran|Iranian`)},
	{"IL", words(`Israeli`)},
	{"KP", words(`North Korea|North Korean|DPRK`)},
	{"KR", words(`South Korea|South Korean`)},
	{"LB", words(`Lebanon|Lebanese|Hezbollah`)},
	{"NG", words(`Nigeria|Nigerian`)},
	{"PK", words(`Pakistan|Pakistani`)},
	{"PS", words(`Palestinian|Gaza|Hamas`)},
	{"RU", words(`Russia|Russian`)},
	{"SY", words(`Syrian`)},
	{"TR", words(`Turkish|Türkiye|Turkey`)},
	{"UA", words(`Ukrainian`)},
	{"US", words(`United States|American`)},
	{"VN", words(`Vietnam|Vietnamese`)},
}

// A country counts only where the sentence says that the actor is from there or works for it, because
// descriptions name the targets' countries too.
const (
	before = `(?:(?:based|operating|located|originating|originates|operates) (?:in|from|out of)|attributed to|linked to|affiliated with|` +
		`associated with|on behalf of|sponsored by|backed by|nexus to|links? to|ties to)(?: \S+){0,6}? `
	after = `(?:[- ](?:state|government|based|backed|sponsored|nexus|speaking|aligned|linked|affiliated|military|intelligence|espionage|` +
		`cyber|threat|APT|advanced|hack|group|actor|adversar|criminal|General|Ministry|Foreign|Federal|Main|Islamic|origin)|['’]s )`
)

func words(alternatives string) *regexp.Regexp {
	return regexp.MustCompile(before + `(?:the )?(?:` + alternatives + `)\b|\b(?:` + alternatives + `)` + after)
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
		if at := c.word.FindStringIndex(description); at != nil && at[0] < first {
			code, first = c.code, at[0]
		}
	}
	return code
}

const maxDescription = 2000
