package eval

import (
	"slices"
	"strings"
	"unicode"

	"marque/ingest/prose"
)

// symmetric are the relations that may be told from either side.
var symmetric = map[string]bool{"alias-of": true, "linked-to": true, "shares-resources": true, "partners-with": true}

// families are relations so close in meaning that one may stand for the other, as a deviation.
var families = [][]string{
	{"uses", "deployed"},
	{"uses", "exploited"},
	{"uses", "outsources-to", "partners-with"},
	{"attributed-to", "linked-to", "on-behalf-of"},
	{"linked-to", "partners-with", "shares-resources", "alias-of"},
	{"financed-by", "on-behalf-of", "linked-to", "attributed-to"},
	{"compromised", "targets", "stole", "disrupted", "affected", "exploited"},
	{"personas", "created", "spread"},
	{"influences", "targets", "spread", "supports", "opposes"},
	{"successors", "created", "still-up"},
	{"volume", "affected"},
	{"measure", "disrupted"},
}

func neighbours(r ReportRow, c prose.Claim) bool {
	return slices.ContainsFunc(families, func(f []string) bool {
		return slices.Contains(f, c.Relation) && slices.ContainsFunc(flatten(r.Relation), func(rel string) bool { return slices.Contains(f, rel) })
	})
}

// heads are nouns that stand for whoever or whatever the text is about.
var heads = []string{
	"attack", "attacks", "activity", "intrusion", "intrusions", "campaign", "operation", "theft", "leak", "incident", "conspirators", "conspiracy", "defendants",
	"hackers", "actor", "actors", "attackers", "operators", "intruders", "extortionists", "network", "accounts", "group", "groups", "recruiter", "gang",
	"criminals", "it", "they", "team", "malware", "videos", "thieves", "perpetrators", "people", "someone",
}

// generic tells whether a wanted name is only a word for whoever did it.
func generic(want string) bool {
	for w := range strings.SplitSeq(want, "|") {
		words := strings.Fields(strings.ToLower(strings.TrimPrefix(w, "the ")))
		if len(words) == 1 && slices.Contains(heads, words[0]) {
			return true
		}
	}
	return false
}

// unnamed tells whether the subject names nobody: it is missing, or words like "the attackers" or "an Iran-based group".
func unnamed(subject []prose.Ref) bool {
	return !slices.ContainsFunc(subject, func(s prose.Ref) bool {
		words := strings.Fields(strings.ToLower(s.Name))
		known := s.Kind == prose.Actor || s.Kind == prose.State || s.Kind == prose.Agency
		return known || len(words) == 0 || !slices.Contains(heads, words[len(words)-1])
	})
}

// namesOne tells whether one of the references is the wanted name or one of its alternatives ("a|b"). Aliases count only in full.
func namesOne(refs []prose.Ref, want string) bool {
	for w := range strings.SplitSeq(want, "|") {
		for _, r := range refs {
			if tells(describeAll([]prose.Ref{r}), w) || slices.ContainsFunc(r.Aliases, func(a string) bool { return plain(a) == plain(w) }) {
				return true
			}
		}
	}
	return false
}

func describeAll(refs []prose.Ref) string {
	var b strings.Builder
	for _, r := range refs {
		b.WriteString(strings.Join([]string{r.Name, r.Text, r.Kind, r.Country, strings.Join(r.Links, " "), ""}, " "))
	}
	return b.String()
}

// tells is covers after nationalities, capitals and near-synonyms were brought to one form, with initials taken for their names.
func tells(told, want string) bool {
	return covers(plain(told), plain(want)) || initialsOf(want, told) || initialsOf(told, want)
}

// tellsOne is tells for alternatives, "a|b".
func tellsOne(told, want string) bool {
	for w := range strings.SplitSeq(want, "|") {
		if tells(told, w) {
			return true
		}
	}
	return false
}

// initialsOf tells whether one of the words of short is made of the first letters of long's capitalised words.
func initialsOf(long, short string) bool {
	var b strings.Builder
	for _, w := range strings.FieldsFunc(long, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if unicode.IsUpper([]rune(w)[0]) {
			b.WriteRune([]rune(w)[0])
		}
	}
	name := b.String()
	return len(name) > 2 && slices.Contains(strings.FieldsFunc(short, func(r rune) bool { return !unicode.IsLetter(r) }), name)
}

func plain(s string) string {
	s = strings.NewReplacer("u.s.", "united states", "u.k.", "united kingdom", "'s", " ", "’s", " ").Replace(strings.ToLower(s))
	words := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		if p, ok := plainWords[w]; ok {
			words[i] = p
		}
	}
	return oneWord.Replace(strings.Join(words, " "))
}

// oneWord keeps names of states whole: half of "North Korea" also stands in "South Korea".
var oneWord = strings.NewReplacer("north korea", "nkorea", "south korea", "skorea", "republic of korea", "skorea", "united states", "usa", "united kingdom", "gbr",
	"european union", "eunion", "new zealand", "nzeal", "saudi arabia", "sarabia")

// plainWords are words for one state, and words that a careful reader takes for the same thing.
var plainWords = map[string]string{
	"russian": "russia", "moscow": "russia", "kremlin": "russia", "chinese": "china", "beijing": "china", "prc": "china", "iranian": "iran", "tehran": "iran",
	"dprk": "north korea", "pyongyang": "north korea", "ukrainian": "ukraine", "kyiv": "ukraine", "german": "germany", "berlin": "germany", "british": "united kingdom",
	"britain": "united kingdom", "uk": "united kingdom", "american": "united states", "us": "united states", "washington": "united states", "japanese": "japan", "tokyo": "japan",
	"indian": "india", "australian": "australia", "canberra": "australia", "italian": "italy", "rome": "italy", "armenian": "armenia", "yerevan": "armenia", "dutch": "netherlands",
	"belarusian": "belarus", "eu": "european union", "serbian": "serbia", "canadian": "canada",
	"money": "financial", "profit": "financial", "earn": "financial", "revenue": "financial", "greed": "financial", "financially": "financial", "monetary": "financial",
	"intelligence": "espionage", "spying": "espionage", "spy": "espionage", "cyberespionage": "espionage",
	"sanctioned": "sanctions", "sanctioning": "sanctions", "designated": "sanctions", "designating": "sanctions", "restrictive": "sanctions", "listed": "sanctions", "sanction": "sanctions",
	"charged": "indictment", "charging": "indictment", "indicted": "indictment", "charges": "indictment", "summoned": "summons", "seized": "seizure", "seize": "seizure",
	"removed": "takedown", "closed": "takedown", "dismantled": "takedown", "shut": "takedown", "deleted": "takedown", "switched": "takedown", "blocked": "blocking",
	"websites": "sites", "website": "sites", "email": "mail", "emails": "mail", "mails": "mail", "mailbox": "mail", "mailboxes": "mail", "organisations": "organizations",
}
