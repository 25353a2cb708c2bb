package report

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
	rd.local = map[string]*Entity{}
	text := rd.doc.Text[:min(len(rd.doc.Text), 2<<20)]
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
}

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
	first := strings.ToLower(toks[0].low)
	if rd.local[first] != nil {
		return
	}
	crime := strings.Contains(context, "gang") || strings.Contains(context, "criminal") || strings.Contains(context, "ransomware group") || strings.Contains(context, "cybercrime")
	rd.local[first] = &Entity{Name: name, Kind: kind, Criminal: crime && kind == Actor}
}

// matchLocal returns the introduced name that begins at token i.
func (rd *reading) matchLocal(toks []token, i int) (*Entity, int) {
	e := rd.local[toks[i].low]
	if e == nil {
		return nil, 0
	}
	for n, w := range strings.Fields(e.Name) {
		if i+n >= len(toks) || !strings.EqualFold(toks[i+n].text, w) || toks[i+n].text[0] < 'A' || toks[i+n].text[0] > 'Z' {
			return nil, 0
		}
	}
	return e, len(strings.Fields(e.Name))
}
