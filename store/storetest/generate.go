package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"marque/stix"
)

// Generate makes n objects shaped like a real knowledge base (ATT&CK): four of five are relationships with a description and
// references, the rest actors, malware, techniques and indicators. The same seed gives the same objects.
func Generate(n int, seed uint64) []*stix.Object {
	g := &generator{rnd: rand.New(rand.NewPCG(seed, 0x6d617271))}
	out := make([]*stix.Object, n)
	for i := range out {
		out[i] = g.object(i)
	}
	return out
}

var vocabulary = strings.Fields(`adversaries may abuse the service to gain access and then move laterally with stolen
	credentials collected from memory while a loader written in several languages contacts its command server over
	encrypted channels and exfiltrates archives of mail documents and source code to cloud storage operators were seen
	deploying ransomware after months of quiet espionage against ministries energy firms and the press`)

type generator struct {
	rnd   *rand.Rand
	nodes []stix.ID
}

func (g *generator) id(typ string) stix.ID {
	return stix.ID(fmt.Sprintf("%s--%08x-%04x-4%03x-8%03x-%012x", typ, g.rnd.Uint32(), g.rnd.Uint32()&0xffff, g.rnd.Uint32()&0xfff,
		g.rnd.Uint32()&0xfff, g.rnd.Uint64()&0xffffffffffff))
}

func (g *generator) text(words int) string {
	out := make([]string, words)
	for i := range out {
		out[i] = vocabulary[g.rnd.IntN(len(vocabulary))]
	}
	return strings.Join(out, " ")
}

func (g *generator) object(i int) *stix.Object {
	at := stix.At(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Second))
	refs := []stix.ExternalReference{{SourceName: g.text(3), Description: g.text(12), URL: "https://example.org/" + g.text(1)}}
	common := func(typ string) stix.Common {
		c := stix.NewCommon(g.id(typ), at, Vendor)
		c.References = refs
		c.MarkingRefs = []stix.ID{stix.Clear.MarkingID()}
		return c
	}
	var view any
	switch kind := g.rnd.IntN(20); {
	case kind < 16 && len(g.nodes) > 1:
		view = stix.Relationship{
			Common: common("relationship"), RelationshipType: "uses", Description: g.text(25),
			SourceRef: g.nodes[g.rnd.IntN(len(g.nodes))], TargetRef: g.nodes[g.rnd.IntN(len(g.nodes))],
		}
	case kind == 16:
		view = stix.IntrusionSet{Common: common("intrusion-set"), Name: g.text(2), Description: g.text(60), Aliases: []string{g.text(2), g.text(1)}}
	case kind == 17:
		view = stix.Malware{Common: common("malware"), Name: g.text(1), Description: g.text(60), IsFamily: true}
	case kind == 18:
		view = stix.AttackPattern{Common: common("attack-pattern"), Name: g.text(3), Description: g.text(120)}
	default:
		view = stix.Indicator{
			Common: common("indicator"), Name: g.text(3), PatternType: "stix", ValidFrom: at,
			Pattern: fmt.Sprintf("[domain-name:value = '%s.example']", strings.ReplaceAll(g.text(2), " ", "-")),
		}
	}
	o, err := stix.New(view)
	if err != nil {
		panic("storetest: generated object: " + err.Error())
	}
	if o.Type != "relationship" {
		g.nodes = append(g.nodes, o.ID)
	}
	return o
}

// Vendor is the identity that creates what the suite and Generate make.
const Vendor stix.ID = "identity--5b1d6ad5-6f4e-4b53-8b3c-0a4f0f0c9c01"
