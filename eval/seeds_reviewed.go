package eval

import (
	"strings"

	"marque/ingest/prose"
)

// SeedFact is something a seed report says beyond the expected rows, found by reading it: document, source, subject,
// relation, object, as words that the claim must hold. An empty word matches all.
type SeedFact struct{ Doc, Who, Subject, Relation, Object string }

func (f SeedFact) fits(c prose.Claim) bool {
	holds := func(text, word string) bool {
		return word == "" || strings.Contains(strings.ToLower(text), strings.ToLower(word))
	}
	return holds(c.Who.Name, f.Who) && holds(describe(c.Subject), f.Subject) && c.Relation == f.Relation && holds(describe(c.Object), f.Object)
}

// ReviewedSeeds are the facts of the two seed reports that the expected rows leave out. Each was read in the text by hand;
// a claim that is neither a row nor one of these counts as unsupported.
var ReviewedSeeds = []SeedFact{
	{"A", "Microsoft", "Microsoft", "recommends", "collaborate"},
	{"A", "Microsoft", "Microsoft", "recommends", "robust deterrents"},
	{"A", "Microsoft", "Microsoft", "recommends", "existing deterrents"},
	{"A", "Microsoft", "North Korea", "deployed", "FakePenny"},
	{"A", "Microsoft", "North Korea", "stole", "network data"},
	{"A", "Microsoft", "CCP", "attributed-to", ""},
	{"A", "Microsoft", "social media campaign", "attributed-to", "CCP"},
	{"A", "Microsoft", "adversarial states", "influences", "elections"},
	{"A", "", "North Korea", "targets", "aerospace"},
	{"A", "", "hackers", "linked-to", "Islamic Revolutionary Guard Corps"},
	{"A", "", "CCP-linked influence actor", "linked-to", "Chinese Communist Party"},
	{"B", "Microsoft", "Russia", "uses", "criminal networks"},
	{"B", "Microsoft", "criminal hacking group", "linked-to", "Iran"},
	{"B", "Microsoft", "criminal hacking group", "stole", "personal information"},
	{"B", "", "Networks", "linked-to", "Russia"},
	{"B", "Microsoft", "networks", "linked-to", "China"},
	{"B", "United States", "Russia", "opposes", "Harris"},
	{"B", "Federal authorities", "Russia", "spread", "disinformation"},
	{"B", "officials", "", "blurred-lines", ""},
	{"B", "Microsoft", "criminal hacking group", "extorts", "personal information"},
	{"B", "Burt", "Russia", "partners-with", "criminal networks"},
	{"B", "Microsoft", "nations", "uses", "malware"},
	{"B", "Microsoft", "Russia", "spread", "disinformation"},
	{"B", "Microsoft", "Russia", "targets", "systems"},
	{"B", "article", "Networks tied to", "targets", "American voters"},
	{"B", "article", "Networks tied to", "spread", "misleading"},
	{"B", "article", "Networks tied to", "uses", "fake websites"},
	{"B", "article", "China", "targets", "down-ballot"},
	{"B", "Federal authorities", "Russia", "uses", "domains"},
	{"B", "officials", "Iran", "opposes", "Trump"},
	{"B", "officials", "Russia", "targets", "Harris"},
	{"B", "officials", "Iran", "supports", "protests"},
	{"B", "Burt", "Russia", "targets", "United States"},
	{"B", "Microsoft", "Beijing", "targets", "Taiwan"},
	{"B", "Liu Pengyu", "United States", "spread", "disinformation"},
	{"B", "Federal authorities", "domains", "spread", "disinformation"},
	{"B", "Atlantic Council", "government", "measure", "sites"},
	{"B", "", "Department of Justice", "measure", "domains"},
}
