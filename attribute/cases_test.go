package attribute_test

import (
	"strings"
	"testing"

	"marque/attribute"
	"marque/claim"
	"marque/stix"
)

// A criminal group breaks into fifty military devices of Ukraine and asks for no money.
func TestCriminalsForTheMilitary(t *testing.T) {
	w := newWorld(t)
	russia := w.state("RU", "Russia")
	w.state("UA", "Ukraine")
	military := w.organ("Russian military", russia)
	crooks := w.criminals()
	vendor := w.org("Vendor")
	yearly := w.report("yearly report", "2024-10-15", vendor)
	op := w.operation("fifty military devices", claim.Operation{
		Kinds: []string{"intrusion"}, Acts: []string{"no-monetisation"}, Sectors: []string{"military"}, Countries: []string{"UA"}, DocumentRefs: []stix.ID{yearly},
	})
	said := statement{by: vendor, doc: yearly}
	suspected, likely := said, said
	suspected.hedge, likely.hedge = "suspected", "likely"
	w.says(suspected, op, "attributed-to", crooks)
	w.says(likely, op, "on-behalf-of", military)
	gain := said
	gain.motives = []string{"not financial"}
	w.note(gain, "motive", op)
	a := w.judge(op, attribute.Options{})
	lead := attribute.Leading(&a)
	if lead.Actor != "criminals" || lead.Sponsor != "RU" || lead.Words != "likely" {
		t.Errorf("leading %s, %s, %s: want criminals on behalf of RU, likely", lead.Actor, lead.Sponsor, lead.Words)
	}
	if lead.Responsibility != attribute.StateOrdered || lead.Mode != attribute.Delegation {
		t.Errorf("responsibility %s, mode %s: want state-ordered by delegation", lead.Responsibility, lead.Mode)
	}
	if p := motive(&a, attribute.Financial); p > 0.1 {
		t.Errorf("financial motive %.2f: nobody saw one", p)
	}
	if a.Roots != 1 || a.Level == "high" {
		t.Errorf("roots %d, confidence %s: one source cannot give high confidence", a.Roots, a.Level)
	}
	if p := attribute.Paragraph(&a); !strings.Contains(p, "on behalf of Russia") {
		t.Errorf("paragraph does not say for whom: %s", p)
	}
}

// Ransomware on aerospace and defence, after data was taken.
func TestRansomwareAfterTheft(t *testing.T) {
	w := newWorld(t)
	korea := w.state("KP", "North Korea")
	vendor := w.org("Vendor")
	yearly := w.report("yearly report", "2024-10-15", vendor)
	op := w.operation("ransomware on aerospace and defence", claim.Operation{
		Kinds: []string{"ransomware"}, Acts: []string{"data-theft-before-encryption", "encryption"}, Sectors: []string{"aerospace", "defence"}, DocumentRefs: []stix.ID{yearly},
	})
	said := statement{by: vendor, doc: yearly}
	w.says(said, op, "attributed-to", korea)
	a := w.judge(op, attribute.Options{})
	lead := attribute.Leading(&a)
	if lead.Sponsor != "KP" || a.Abstained {
		t.Errorf("leading %s (abstained %v): want North Korea", lead.Key, a.Abstained)
	}
	if e, f := motive(&a, attribute.Espionage), motive(&a, attribute.Financial); e < attribute.DualPurpose || f < attribute.DualPurpose {
		t.Errorf("espionage %.2f, financial %.2f: want two purposes", e, f)
	}
	if lead.Responsibility != attribute.StateExecuted {
		t.Errorf("responsibility %s: the state itself is named", lead.Responsibility)
	}
}

// A dating site is broken into, and its users are offered removal of their data for a fee.
func TestDatingSite(t *testing.T) {
	w := newWorld(t)
	iran := w.state("IR", "Iran")
	w.state("IL", "Israel")
	guards := w.organ("Islamic Revolutionary Guard Corps", iran)
	group := w.actor("hackers linked to the Guards", []string{"criminal"})
	vendor := w.org("Vendor")
	yearly := w.report("yearly report", "2024-10-15", vendor)
	op := w.operation("dating site", claim.Operation{
		Kinds: []string{"intrusion", "extortion"}, Acts: []string{"data-theft", "fee-demand"}, Sectors: []string{"citizens"}, Countries: []string{"IL"}, DocumentRefs: []stix.ID{yearly},
	})
	said := statement{by: vendor, doc: yearly}
	w.says(said, op, "attributed-to", group)
	w.says(said, group, "linked-to", guards)
	a := w.judge(op, attribute.Options{})
	lead := attribute.Leading(&a)
	if lead.ActorRef != group || lead.Sponsor != "IR" {
		t.Errorf("leading %s: want the group linked to Iran", lead.Key)
	}
	if e, f := motive(&a, attribute.Embarrassment), motive(&a, attribute.Financial); e < attribute.DualPurpose || f < attribute.DualPurpose {
		t.Errorf("embarrassment %.2f, financial %.2f: want both", e, f)
	}
	if lead.Responsibility != attribute.StateShaped {
		t.Errorf("responsibility %s: a link alone is state-shaped", lead.Responsibility)
	}
}
