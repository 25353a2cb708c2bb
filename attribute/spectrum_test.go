package attribute_test

import (
	"testing"

	"marque/attribute"
)

// What a state does against those who sit in it, or against its own, is what the first values of Healey's spectrum and the
// rogue one rest on.
func TestStepsOfTheHomeState(t *testing.T) {
	for _, c := range []struct {
		name, kind, by, on string // of the measure
		organ              bool   // the actor is an organ of the state
		want               string
	}{
		{"nothing was done", "", "", "", false, ""},
		{"arrested at home afterwards", "arrest", "RU", "2024-03-01", false, attribute.StateProhibited},
		{"arrested at home before it", "arrest", "RU", "2019-01-01", false, attribute.StateProhibitedInadequate},
		{"indicted by the victim", "indictment", "UA", "2024-03-01", false, ""},
		{"a protest stops nobody", "protest", "RU", "2024-03-01", false, ""},
		{"an organ", "", "", "", true, attribute.StateExecuted},
		{"an organ whose people the state convicts", "conviction", "RU", "2024-03-01", true, attribute.StateRogue},
	} {
		w, op, russia, sources := scene(t)
		actor := w.actor("Gang", []string{"criminal"})
		if c.organ {
			actor = w.organ("Service", russia)
		} else {
			w.link(actor, "located-at", russia)
		}
		w.says(sources[0], op, "attributed-to", actor)
		if c.kind != "" {
			w.measure(c.kind, c.by, c.on, actor)
		}
		a := w.judge(op, attribute.Options{})
		if lead := attribute.Leading(&a); lead.ActorRef != actor || lead.Responsibility != c.want {
			t.Errorf("%s: %s stands at %q, want %q", c.name, lead.Key, lead.Responsibility, c.want)
		}
	}
}
