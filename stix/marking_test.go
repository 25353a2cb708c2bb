package stix_test

import (
	"fmt"
	"strings"
	"testing"

	"marque/stix"
)

var levels = []stix.TLP{stix.Clear, stix.Green, stix.Amber, stix.AmberStrict, stix.Red}

func TestParseTLP(t *testing.T) {
	for text, want := range map[string]stix.TLP{
		"clear": stix.Clear, "TLP:CLEAR": stix.Clear, "white": stix.Clear, "TLP:WHITE": stix.Clear, " tlp:green ": stix.Green,
		"Amber": stix.Amber, "TLP:AMBER+STRICT": stix.AmberStrict, "amber+strict": stix.AmberStrict, "RED": stix.Red,
	} {
		if got, err := stix.ParseTLP(text); err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, bad := range []string{"", "TLP:", "purple", "amber-ish", "tlp:amber:ex", "TLP:GREEN or AMBER", "0"} {
		if got, err := stix.ParseTLP(bad); err == nil || got != stix.Red {
			t.Errorf("%q: %v, %v, want an error and the strictest level", bad, got, err)
		}
	}
	for _, l := range levels {
		text, _ := l.MarshalText()
		var back stix.TLP
		if err := back.UnmarshalText(text); err != nil || back != l {
			t.Errorf("%v does not survive its own text %s: %v, %v", l, text, back, err)
		}
	}
	if got := stix.TLP(9).String(); got != "TLP(9)" {
		t.Errorf("an unknown level prints as %q", got)
	}
}

func TestTLPMarking(t *testing.T) {
	seen := map[stix.ID]bool{}
	for _, l := range levels {
		o := stix.TLPMarking(l)
		if o == nil {
			t.Fatalf("%v has no marking definition", l)
		}
		if o.ID != l.MarkingID() || seen[o.ID] || !strings.Contains(string(o.Raw()), `"tlp_2_0":"`+strings.ToLower(l.String()[4:])+`"`) {
			t.Errorf("%v: %s", l, o.Raw())
		}
		seen[o.ID] = true
		if got, ok := stix.MarkingLevel(o.ID); !ok || got != l {
			t.Errorf("%s stands for %v", o.ID, got)
		}
		if got, ok := o.TLP(); !ok || got != stix.Clear {
			t.Errorf("the definition of %v is itself %v", l, got)
		}
	}
	if _, ok := stix.MarkingLevel("marking-definition--00000000-0000-4000-8000-000000000000"); ok {
		t.Error("any marking is a TLP level")
	}
}

func TestObjectTLP(t *testing.T) {
	const statement = "marking-definition--00000000-0000-4000-8000-000000000000"
	ref := func(l stix.TLP) string { return `"` + string(l.MarkingID()) + `"` }
	granular := func(l stix.TLP) string {
		return fmt.Sprintf(`"granular_markings":[{"lang":"de","selectors":["name"]},{"marking_ref":%s,"selectors":["name"]}]`, ref(l))
	}
	for _, c := range []struct {
		props string
		want  stix.TLP
		found bool
	}{
		{`"x":1`, stix.Clear, false},
		{`"object_marking_refs":["` + statement + `"]`, stix.Clear, false},
		{`"object_marking_refs":[` + ref(stix.Clear) + `]`, stix.Clear, true},
		{`"object_marking_refs":["` + statement + `",` + ref(stix.Amber) + `]`, stix.Amber, true},
		{`"object_marking_refs":[` + ref(stix.Red) + `,` + ref(stix.Green) + `]`, stix.Red, true}, // the strictest
		{granular(stix.Red), stix.Red, true},
		{`"object_marking_refs":[` + ref(stix.Green) + `],` + granular(stix.AmberStrict), stix.AmberStrict, true},
		{`"object_marking_refs":["marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"]`, stix.Clear, true}, // TLP 1.0
		{`"object_marking_refs":["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"]`, stix.Green, true},
		{`"object_marking_refs":["marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"]`, stix.Amber, true},
		{`"object_marking_refs":["marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"]`, stix.Red, true},
	} {
		o := parse(t, `{"type":"tool","id":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",`+c.props+`}`)
		if got, found := o.TLP(); got != c.want || found != c.found {
			t.Errorf("%s: %v, %v, want %v, %v", c.props, got, found, c.want, c.found)
		}
	}
}

// TestMarkingOfMarkings: a marking definition is as free as what marks it says; of itself it says nothing of its own level.
func TestMarkingOfMarkings(t *testing.T) {
	for refs, want := range map[string]stix.TLP{
		"": stix.Clear, `,"object_marking_refs":["` + string(stix.Amber.MarkingID()) + `"]`: stix.Amber,
	} {
		o := parse(t, `{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",`+
			`"created":"2024-01-01T00:00:00.000Z","definition_type":"statement","definition":{"statement":"x"}`+refs+`}`)
		if got, found := o.TLP(); got != want || found != (refs != "") {
			t.Errorf("%s: %v, %v, want %v", refs, got, found, want)
		}
	}
}
