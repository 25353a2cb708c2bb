package prose

import (
	"regexp"
	"strings"
)

// Names that the document itself introduces: "a wiper called X", "the X ransomware", "a gang known as Y".
var (
	namedMalware = regexp.MustCompile(`\b(?:malware|ransomware|backdoor|wiper|trojan|spyware|loader|implant|rootkit|botnet|stealer|infostealer|worm|webshell|dropper|downloader|toolkit|framework|variant|strain|tool)s?,? (?:that |which )?(?:(?:it|we|they|researchers|Microsoft|Google|ESET|Mandiant|the company) )?(?:have |has |is |are |was )?(?:called|dubbed|named|calls?|names?|dubs?|tracks? as|tracked as|known as|nicknamed|codenamed)(?: as)? [“"'‘]?([A-Z][A-Za-z0-9._-]{2,30}(?: [A-Z][A-Za-z0-9]{2,20})?)`)
	beforeMal    = regexp.MustCompile(`\b([A-Z][a-z]*[A-Z0-9][A-Za-z0-9]{1,25}|[A-Z]{4,20}|[A-Z][a-z]{3,20}) (?:malware|ransomware|backdoor|wiper|trojan|spyware|loader|implant|rootkit|botnet|stealer|infostealer|worm|webshell)\b`)
	namedGroup   = regexp.MustCompile(`\b(?:group|gang|actor|cluster|crew|collective|outfit|hackers|syndicate|network|team|operation|campaign)s?,? (?:that |which )?(?:(?:it|we|they|researchers|Microsoft|Google|ESET|Mandiant|the company) )?(?:have |has |is |are |was )?(?:called|dubbed|named|calls?|names?|dubs?|tracks? as|tracked as|known as|calling itself|call themselves|calls itself)(?: the)?(?: as)? [“"'‘]?([A-Z][A-Za-z0-9._-]{2,30}(?: [A-Z][A-Za-z0-9]{2,20})?)`)
	gangBefore   = regexp.MustCompile(`\b([A-Z][A-Za-z0-9]{2,25}(?: [A-Z][A-Za-z0-9]{2,20})?) (?:ransomware )?(?:gang|ransomware group|hacking group|hackers|APT|threat group|cybercrime group|espionage group)\b`)
	akaName      = regexp.MustCompile(`\b([A-Z][A-Za-z0-9-]{2,24}(?: [A-Z][A-Za-z0-9]{2,20})?) \((?:aka|a\.k\.a\.|also known as|also tracked as|formerly|previously tracked as) `)
	trackedAs    = regexp.MustCompile(`\b(?:tracks?|tracked|calls?|dubbed|dubs) (?:this |the |as |it |them )*(?:(?:activity|actor|group|cluster|campaign|threat actor) )?(?:as |to be )?[“"]?([A-Z][A-Z0-9_-]{3,24})\b`)
)

// Names with a description beside them: "X, a wiper that …", "X is a mercenary company", "the network known as X".
var describedNames = []struct {
	re   *regexp.Regexp
	kind string
}{
	{regexp.MustCompile(namePart + `(?:, | is | was |\s\()(?:an? |the |one of the )` + between + malwareHead + `\b`), Malware},
	{regexp.MustCompile(namePart + `(?:, | is | was |\s\()(?:an? |the |one of the )` + between + `(?:group|gang|collective|crew|threat actor|actor|hacking team|hacker group|cluster|syndicate|hacktivists?|outfit|subgroup|troll farm|hackers)\b`), Actor},
	{regexp.MustCompile(namePart + `, (?:an? |the |one of the )` + between + `(?:company|firm|contractor|provider|maker|vendor|startup|exchange|mixer|manufacturer|reseller|marketplace|consultancy|agency|outlet|foundation|supplier|host|subsidiary|broker|brokerage|utility|bank)\b`), Company},
	{regexp.MustCompile(`\b(?:company|firm|contractor|provider|vendor|exchange|mixer|maker|insurer|airline|bank|utility|retailer|carrier|university|hospital|manufacturer|operator|broker|service|subsidiary|startup) (?:called |named |known as )?` + namePart + `\b`), Company},
	{regexp.MustCompile(`\b(?:malware family|family|tool|script|implant|program|programme|software|utility|spyware|kit|bot|panel|backdoor|wiper|loader|ransomware|malware) (?:named|called|dubbed|known as|tracked as|,) [“"'‘]?` + namePart + `\b`), Malware},
	{regexp.MustCompile(`\b(?:group|gang|network|collective|crew|operation|campaign|hackers|persona|channel) (?:named|called|dubbed|known as|tracked as|calling itself|by the name of) [“"'‘]?` + namePart + `\b`), Actor},
	{regexp.MustCompile(`\b(?:[Tt]he|[Aa]) (?:[a-z-]+ )?(?:group|gang|collective|crew|hackers) ` + namePart + `\b`), Actor},
	{regexp.MustCompile(`\b(?:the|a|called|new) ` + malwareHead + ` [“"'‘]?` + namePart + `\b`), Malware},
	{regexp.MustCompile(`(?:group|gang|collective|crew|hackers), ` + namePart + `,`), Actor},
}

const (
	namePart    = `\b([A-Z][A-Za-z0-9_’'.-]*[A-Za-z0-9](?: [A-Z][A-Za-z0-9_-]+){0,3}(?:\(\d+\))?)`
	between     = `(?:[A-Za-z0-9.'’-]+ ){0,6}?`
	malwareHead = `(?:malware|ransomware|backdoor|wiper|trojan|spyware|loader|implant|rootkit|botnet|stealer|infostealer|worm|web ?shell|dropper|downloader|keylogger|bootkit|payload|malware family|remote access tool)`
)

// titleWords begin a sentence or a description, not a name.
var titleWords = set([]string{"The", "This", "New", "Russian", "Chinese", "Iranian", "This", "That", "These", "Another", "Some", "Several", "One", "Its", "Their", "Ukrainian", "Israeli", "American", "Android", "Windows", "Linux", "Mobile", "Custom", "Commodity", "Destructive", "Banking", "Malicious", "Known", "Unknown", "Both", "Other", "State", "Pro", "North", "South", "Korean", "Advanced", "Suspected", "Foreign", "Such", "Many", "Two", "Three", "Those", "Government", "Using", "With", "And", "According"})

// readNames collects the names that the document introduces, as entities of this reading only.
func (rd *reading) readNames() {
	rd.local = map[string][]localName{}
	text := rd.doc.Text[:min(len(rd.doc.Text), maxIntroduced)]
	for _, src := range []struct {
		re       *regexp.Regexp
		kind     string
		criminal bool
	}{{namedMalware, Malware, false}, {beforeMal, Malware, false}, {namedGroup, Actor, false}, {gangBefore, Actor, false}, {trackedAs, Actor, false}, {akaName, Actor, false}} {
		for _, m := range src.re.FindAllStringSubmatchIndex(text, 500) {
			rd.learn(strings.TrimRight(text[m[2]:m[3]], "._-"), src.kind, text[m[0]:m[1]])
		}
	}
	text = text[:min(len(text), maxNamed)]
	rd.readDescribed(text)
	rd.readNaming(text)
	rd.readBodies(text)
	rd.readDeeds(text)
}

// Names that what they do gives away: "X is installed", "installs X", "X claimed responsibility", "intrusions by X".
var deedNames = []struct {
	re   *regexp.Regexp
	kind string
}{
	{regexp.MustCompile(`\b(?:install|deploy|drop|implant|execut|download|deliver|load)(?:s|ed|ing|ping|ped|es)? (?:the |a |an )?([A-Z][a-z]*[A-Z][A-Za-z0-9]{2,20}|[A-Z]{5,20})\b`), Malware},
	{regexp.MustCompile(`\b([A-Z][a-z]*[A-Z][A-Za-z0-9]{2,20}|[A-Z]{5,20}|[A-Z][a-z]{4,20}) (?:(?:is|was|were|can|then|also) )*(?:installed|executed|dropped|downloads|collects|exfiltrates|encrypts|overwrites|wipes|steals|copies itself|communicates with|beacons|logs keystrokes|persists|injects|decrypts|spreads via)\b`), Malware},
	{regexp.MustCompile(namePart + ` (?:has |have |had |later |also )*(?:claimed responsibility|claimed credit|took credit|taken credit|took responsibility|said it was behind|said they were behind)\b`), Actor},
	{regexp.MustCompile(`\b(?:intrusions?|attacks?|cyberattacks?|break-ins?|operations|campaigns?|hacks?|breach(?:es)?) by (?:the )?` + namePart + `\b`), Actor},
}

// readDeeds learns names from what is told of them.
func (rd *reading) readDeeds(text string) {
	for _, d := range deedNames {
		for _, m := range d.re.FindAllStringSubmatchIndex(text, 200) {
			rd.learn(strings.TrimRight(text[m[2]:m[3]], "._-'’"), d.kind, text[m[0]:m[1]])
		}
	}
}

// maxIntroduced is how much of a text is searched for names that it introduces.
const maxIntroduced = 512 << 10

// maxNamed is how much of a text is searched for names that it introduces beside a description.
const maxNamed = 256 << 10

// notNamed are nouns that a kind of malware or group only qualifies: "a malware researcher".
var notNamed = set([]string{"researcher", "researchers", "analyst", "analysts", "expert", "experts", "team", "company", "firm", "attack", "attacks", "operator", "operators", "campaign", "lab", "negotiator", "specialist", "leader", "member", "spokesman", "spokeswoman", "victim", "victims", "chief"})

// readDescribed learns the names that stand beside a description.
func (rd *reading) readDescribed(text string) {
	for _, d := range describedNames {
		for _, m := range d.re.FindAllStringSubmatchIndex(text, 200) {
			next := text[m[1]:min(len(text), m[1]+14)]
			if strings.HasPrefix(next, " ") && notNamed[firstWord(next)] {
				continue // "X, a malware researcher"
			}
			if name := strings.TrimRight(text[m[2]:m[3]], "._-'’"); len(name) > 2 {
				rd.learn(strings.TrimSuffix(strings.TrimSuffix(name, "'s"), "’s"), d.kind, text[m[0]:m[1]])
			}
		}
	}
}

// naming phrases: what they name is told by the nearest noun before them.
var (
	namingVerb = regexp.MustCompile(`\b(?:call|calls|called|name|names|named|dub|dubs|dubbed|track|tracks|tracked|nicknamed|codenamed|christened|refers? to|known) (?:it |them |this (?:\w+ )?|the (?:\w+ )?)?(?:by the name )?(?:as |of )?[“"'‘]?` + namePart)
	namedKind  = regexp.MustCompile(`(?i)\b(?:(` + malwareHead + `|tool|script|program|framework|family|payload|web shell|code|implant)|(group|gang|actors?|hackers|cluster|collective|crew|network|operation|campaign|team|unit|newcomer|subgroup|activity))s?\b`)
	toolBefore = regexp.MustCompile(`\b(?:script|implant|tool|family|loader|program|payload|kit|framework|utility|toolset|rootkit) ([A-Z]+[a-z]*[A-Z][A-Za-z0-9]{2,20}|[A-Z]{5,20})\b`)
)

// readNaming learns "which we named X", "a group that it tracks as Y".
func (rd *reading) readNaming(text string) {
	for _, m := range namingVerb.FindAllStringSubmatchIndex(text, 300) {
		before := text[max(0, m[0]-130):m[0]]
		if cut := strings.LastIndexAny(before, ".!?\n"); cut >= 0 {
			before = before[cut+1:]
		}
		kinds := namedKind.FindAllStringSubmatch(before, -1)
		if len(kinds) == 0 {
			continue
		}
		kind := Malware
		if kinds[len(kinds)-1][2] != "" {
			kind = Actor
		}
		rd.learn(strings.TrimRight(text[m[2]:m[3]], "._-'’"), kind, text[m[0]:m[1]])
	}
	for _, m := range toolBefore.FindAllStringSubmatchIndex(text, 200) {
		rd.learn(text[m[2]:m[3]], Malware, text[m[0]:m[1]])
	}
}

// bareName drops "The" and a nationality before a name of several words.
func (rd *reading) bareName(name string) string {
	for range 2 {
		first, rest, ok := strings.Cut(name, " ")
		if !ok {
			return name
		}
		toks := tokenize(first, 0, len(first))
		if len(toks) == 0 {
			return name
		}
		e, _, demonym := rd.gaz.match(toks, 0)
		if first != "The" && (e == nil || !demonym) {
			return name
		}
		name = rest
	}
	return name
}

// learn notes a name unless the gazetteer has it, or its first word tells a description.
func (rd *reading) learn(name, kind, context string) {
	name = rd.bareName(name)
	words := strings.Fields(name)
	if len(words) == 0 || titleWords[words[0]] || closedClass[strings.ToLower(words[0])] {
		return
	}
	toks := tokenize(name, 0, len(name))
	for i := range toks {
		if e, _, _ := rd.gaz.match(toks, i); e != nil {
			return
		}
	}
	if timeNames[words[0]] || rd.lx.determiners[strings.ToLower(words[0])] || rd.lx.adverbs[strings.ToLower(words[0])] || rd.lx.noun(strings.ToLower(words[len(words)-1])) != 0 && (kind != Company || len(words) < 2) {
		return
	}
	if rd.isLocal(toks) {
		return
	}
	crime := strings.Contains(context, "gang") || strings.Contains(context, "criminal") || strings.Contains(context, "ransomware group") || strings.Contains(context, "cybercrime")
	rd.addLocal(toks, &Entity{Name: name, Kind: kind, Criminal: crime && kind == Actor})
}

// localName is a name that the document introduces, in the words that it is written in.
type localName struct {
	words []string
	ent   *Entity
}

func (rd *reading) addLocal(toks []token, e *Entity) {
	if len(toks) == 0 {
		return
	}
	n := localName{ent: e}
	for _, t := range toks {
		n.words = append(n.words, t.text)
	}
	rd.local[toks[0].low] = append(rd.local[toks[0].low], n)
}

func (rd *reading) isLocal(toks []token) bool {
	e, _ := rd.matchLocal(toks, 0)
	return e != nil
}

// matchLocal returns the longest introduced name that begins at token i.
func (rd *reading) matchLocal(toks []token, i int) (*Entity, int) {
	var best *Entity
	length := 0
	for _, name := range rd.local[toks[i].low] {
		if len(name.words) <= length || i+len(name.words) > len(toks) {
			continue
		}
		fits := true
		for n, w := range name.words {
			t := toks[i+n].text
			fits = fits && strings.EqualFold(t, w) && (t == w || t[0] >= 'A' && t[0] <= 'Z')
		}
		if fits {
			best, length = name.ent, len(name.words)
		}
	}
	return best, length
}

// bodyName is the name of a public body, or of anything else with its letters in parentheses: "the Ruritanian Security Service (RSS)".
var (
	bodyName = regexp.MustCompile(`\b(?:[A-Z][A-Za-z-]+ ){1,5}(?:Service|Agency|Authority|Directorate|Bureau|Office|Centre|Center|Council|Commission|Panel|Inspectorate|Secretariat|Police)\b(?: (?:of|for|on) (?:the )?[A-Z][A-Za-z-]+(?: [A-Z][A-Za-z-]+){0,3})?`)
	acronym  = regexp.MustCompile(`\b((?:[A-Z][\w'’-]+ )(?:(?:[A-Z][\w'’-]+|of|for|the|and|in|on|&) ){0,8})\(([A-Z][A-Za-z]{1,9})\)`)
)

// readBodies learns the public bodies that the gazetteer does not have, and the short forms of names.
func (rd *reading) readBodies(text string) {
	for _, m := range bodyName.FindAllStringIndex(text, 200) {
		name := strings.TrimPrefix(text[m[0]:m[1]], "The ")
		toks := tokenize(name, 0, len(name))
		if len(toks) < 2 || rd.knownIn(toks) || rd.isLocal(toks) {
			continue
		}
		rd.addLocal(toks, rd.publicBody(name, toks))
	}
	for _, m := range acronym.FindAllStringSubmatchIndex(text, 200) {
		rd.learnAcronym(text[m[2]:m[3]], text[m[4]:m[5]])
	}
}

// knownIn tells that the gazetteer has the name that ends the tokens.
func (rd *reading) knownIn(toks []token) bool {
	for i := range toks {
		if e, n, _ := rd.gaz.match(toks, i); e != nil && i+n == len(toks) && e.Kind != State && e.Kind != Sector {
			return true
		}
	}
	return false
}

// publicBody makes an entity of a body's name: of the country that it names, and one that speaks and investigates unless it spies.
func (rd *reading) publicBody(name string, toks []token) *Entity {
	e := &Entity{Name: name, Kind: Agency, Civil: true}
	for i := range toks {
		if s, _, _ := rd.gaz.match(toks, i); s != nil && s.Kind == State {
			e.Country = s.Country
		}
		if low := toks[i].low; low == "intelligence" || low == "spy" {
			e.Civil = false
		}
	}
	return e
}

// learnAcronym makes the letters in parentheses another name of the words before them.
func (rd *reading) learnAcronym(words, letters string) {
	short := tokenize(letters, 0, len(letters))
	if e, _, _ := rd.gaz.match(short, 0); e != nil || rd.isLocal(short) {
		return
	}
	toks := tokenize(words, 0, len(words))
	for i := range toks {
		if e, n, demonym := rd.gaz.match(toks, i); e != nil && !demonym && e.Kind != State && e.Kind != Sector && i+n == len(toks) {
			rd.addLocal(short, e)
			return
		}
		if e, n := rd.matchLocal(toks, i); e != nil && i+n == len(toks) {
			rd.addLocal(short, e)
			return
		}
	}
}
