package attribute_test

import (
	"slices"
	"strings"
	"testing"

	"marque/attribute"
	"marque/claim"
	"marque/stix"
)

// The accused denies it, by whatever mouth: that is a denial, not a dispute, and costs no confidence.
func TestDenialByThoseWhoSpeakForTheAccused(t *testing.T) {
	for _, mouth := range []string{"state", "organ", "spokesman"} {
		w, op, russia, sources := scene(t)
		id := w.says(sources[0], op, "attributed-to", russia)
		level := w.judge(op, attribute.Options{}).Level
		by := russia
		if mouth != "state" {
			by = w.organ("The ministry", russia)
		}
		if mouth == "spokesman" {
			ministry := by
			by = stix.DerivedID("identity", "person", "spokesman")
			w.add(stix.Identity{Common: stix.NewCommon(by, epoch, claim.MarqueIdentity), Name: "Spokesman", Class: "individual"})
			w.link(by, "member-of", ministry)
		}
		w.denies(statement{by: by, doc: sources[1].doc}, id)
		a := w.judge(op, attribute.Options{})
		if len(a.Disputed) != 0 || a.Level != level || len(a.Denials) != 1 {
			t.Errorf("%s: disputed %q, confidence %s (%s), %d denials", mouth, a.Disputed, a.Level, a.Reason, len(a.Denials))
		}
	}
}

func TestOutsidersDenialIsADispute(t *testing.T) {
	w, op, russia, sources := scene(t)
	id := w.says(sources[0], op, "attributed-to", russia)
	w.denies(statement{by: sources[1].by, doc: sources[1].doc}, id)
	a := w.judge(op, attribute.Options{})
	if len(a.Disputed) != 2 || a.Level != "low" {
		t.Errorf("disputed %q, confidence %s", a.Disputed, a.Level)
	}
}

// Who is said to be near a state does not own up for it.
func TestOnlyAStateOwnsUp(t *testing.T) {
	w, op, russia, sources := scene(t)
	w.link(sources[0].by, "linked-to", russia)
	w.says(sources[0], op, "attributed-to", russia)
	a := w.judge(op, attribute.Options{})
	if kind := a.Evidence[0].Kind; kind != "attribution" {
		t.Errorf("the statement of a vendor with ties counts as %s", kind)
	}
}

// Who records that an attribution is contested is not on its side.
func TestWhoCallsItContestedDoesNotNameIt(t *testing.T) {
	w, op, russia, sources := scene(t)
	doubt := sources[1]
	doubt.stance, doubt.note = claim.Doubts, "contested attribution"
	w.says(doubt, op, "attributed-to", russia)
	a := w.judge(op, attribute.Options{})
	if !slices.Contains(a.Disputed, "Russia: named by somebody whom Second does not name") {
		t.Errorf("disputed %q", a.Disputed)
	}
	w.says(sources[0], op, "attributed-to", russia)
	a = w.judge(op, attribute.Options{})
	if !slices.Contains(a.Disputed, "Russia: named by First (independent sources: 1)") {
		t.Errorf("disputed %q", a.Disputed)
	}
}

// A state that others accuse points at somebody else: it deflects, and outsiders are at one.
func TestDeflectionIsNoDispute(t *testing.T) {
	w, op, russia, sources := scene(t)
	w.says(sources[0], op, "attributed-to", russia)
	w.says(statement{by: russia, doc: sources[1].doc}, op, "attributed-to", w.state("US", "United States"))
	a := w.judge(op, attribute.Options{})
	if len(a.Disputed) != 0 {
		t.Errorf("disputed %q", a.Disputed)
	}
	if lead := attribute.Leading(&a); lead.Sponsor != "RU" {
		t.Errorf("leading %s", lead.Key)
	}
}

// Two states named by one statement acted together: they are one answer.
func TestStatesNamedTogetherAreJoint(t *testing.T) {
	w, op, russia, sources := scene(t)
	iran := w.state("IR", "Iran")
	id := w.saysOfAll(sources[0], op, "attributed-to", russia, iran)
	a := w.judge(op, attribute.Options{})
	lead := attribute.Leading(&a)
	if lead.Key != "any_IR_RU" || lead.Sponsor != "IR" || !slices.Equal(lead.Jointly, []string{"RU"}) || !strings.Contains(lead.Statement, "Iran and Russia") || a.Abstained {
		t.Errorf("leading %+v, abstained %v", lead, a.Abstained)
	}
	if len(a.Disputed) != 0 {
		t.Errorf("disputed %q: one source names both", a.Disputed)
	}
	// One of them denies its part: an accused speaks for itself.
	spokesman := stix.DerivedID("identity", "person", "spokesman")
	w.add(stix.Identity{Common: stix.NewCommon(spokesman, epoch, claim.MarqueIdentity), Name: "Spokesman", Class: "individual"})
	w.link(spokesman, "member-of", w.organ("Mission", iran))
	w.denies(statement{by: spokesman, doc: sources[1].doc}, id)
	if a = w.judge(op, attribute.Options{}); len(a.Disputed) != 0 {
		t.Errorf("disputed %q: the accused alone denies it", a.Disputed)
	}
}

// Who names one of two states that another source names together does not contradict it; two statements of one source do.
func TestNamingOneOfTwoIsNoContradiction(t *testing.T) {
	w, op, russia, sources := scene(t)
	iran := w.state("IR", "Iran")
	w.saysOfAll(sources[0], op, "attributed-to", russia, iran)
	w.says(sources[1], op, "attributed-to", russia)
	a := w.judge(op, attribute.Options{})
	if lead := attribute.Leading(&a); lead.Sponsor != "RU" || len(a.Disputed) != 0 {
		t.Errorf("leading %s, disputed %q", lead.Key, a.Disputed)
	}
	w, op, russia, sources = scene(t)
	w.says(sources[0], op, "attributed-to", russia)
	w.says(sources[0], op, "attributed-to", w.state("IR", "Iran"))
	if a := w.judge(op, attribute.Options{}); len(a.Disputed) != 2 {
		t.Errorf("disputed %q: two statements name different states", a.Disputed)
	}
}

// A source that lists two groups and does not decide names two rivals: neither is the answer, the state is, and nothing is almost certain.
func TestAlternativesAreRivals(t *testing.T) {
	w, op, russia, sources := scene(t)
	bear, worm := w.actor("Bear", nil), w.actor("Worm", nil)
	w.link(bear, "attributed-to", russia)
	w.link(worm, "attributed-to", russia)
	for _, s := range sources {
		s.either = true
		w.saysOfAll(s, op, "attributed-to", bear, worm)
		w.says(s, op, "attributed-to", russia)
	}
	a := w.judge(op, attribute.Options{})
	of := map[stix.ID]float64{}
	state := 0.0
	for _, h := range a.Hypotheses {
		of[h.ActorRef] += h.Probability
		if h.Sponsor == "RU" {
			state += h.Probability
		}
	}
	if of[bear] != of[worm] || of[bear] < 0.3 || len(a.Disputed) != 2 {
		t.Errorf("Bear %.3f, Worm %.3f, disputed %q", of[bear], of[worm], a.Disputed)
	}
	if state < 0.8 || state >= 0.95 {
		t.Errorf("Russia %.3f: want very likely, and not almost certain where sources contest it", state)
	}
}

// Accounts and sites do nothing by themselves; a described actor is one.
func TestOnlyActorsBecomeHypotheses(t *testing.T) {
	w, op, russia, sources := scene(t)
	site := stix.DerivedID("infrastructure", "site", "example.org")
	w.add(stix.Infrastructure{Common: stix.NewCommon(site, epoch, claim.MarqueIdentity), Name: "example.org"})
	account := stix.DerivedID("user-account", "example")
	gang := w.actor("suspected cybercriminal group", []string{"criminal"})
	for _, end := range []stix.ID{site, account, gang, russia} {
		w.says(sources[0], op, "attributed-to", end)
	}
	a := w.judge(op, attribute.Options{})
	named := false
	for _, h := range a.Hypotheses {
		if h.ActorRef == site || h.ActorRef == account {
			t.Errorf("hypothesis %s", h.Key)
		}
		named = named || h.ActorRef == gang
	}
	if !named {
		t.Error("the group that is only described is no hypothesis")
	}
}
