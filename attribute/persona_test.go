package attribute_test

import (
	"slices"
	"testing"

	"marque/attribute"
	"marque/stix"
)

// A persona is no rival of its group: its claim of responsibility is one, and speaks for the group behind it.
func TestPersonasSpeakForTheirGroup(t *testing.T) {
	w, op, russia, sources := scene(t)
	worm, mouth := w.actor("Worm", []string{"nation-state"}), w.actor("Mouth", []string{"activist"})
	w.link(worm, "attributed-to", russia)
	w.says(sources[0], op, "attributed-to", worm)
	w.says(sources[1], op, "claimed-by", mouth)
	alone := w.judge(op, attribute.Options{})
	w.link(mouth, "persona-of", worm)
	a := w.judge(op, attribute.Options{})
	lead := attribute.Leading(&a)
	if lead.ActorRef != worm || !slices.Contains(lead.AlsoRefs, mouth) || len(a.Disputed) != 0 {
		t.Errorf("leading %+v, disputed %q", lead, a.Disputed)
	}
	if before := attribute.Leading(&alone); lead.Probability <= before.Probability {
		t.Errorf("the front's claim moves its group from %.3f to %.3f", before.Probability, lead.Probability)
	}
	for _, h := range a.Hypotheses {
		if h.ActorRef == mouth {
			t.Errorf("the front is a rival: %+v", h)
		}
	}
}

// Two spellings of a service are one answer, and a list's tracker alone is never almost certain.
func TestSpellingsAreOneAnswer(t *testing.T) {
	w, op, russia, sources := scene(t)
	for i, name := range []string{"IT Army of Russia", "Russian IT Army"} {
		id := stix.DerivedID("threat-actor", "test", name)
		w.add(stix.ThreatActor{Common: stix.NewCommon(id, epoch, sources[i].by), Name: name, Types: []string{"nation-state"}})
		w.link(id, "attributed-to", russia)
		w.says(sources[i], op, "attributed-to", id)
	}
	a := w.judge(op, attribute.Options{})
	named := 0
	for _, h := range a.Hypotheses {
		if h.ActorRef != "" {
			named++
		}
	}
	if named != 1 {
		t.Errorf("%d named answers, want one: %+v", named, a.Hypotheses)
	}
}
