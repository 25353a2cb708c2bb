package claim_test

import (
	"testing"

	"marque/claim"
	"marque/stix"
)

// TestLabel: what was labelled on its way carries the level in the open, and is the same object again for who knows the label.
func TestLabel(t *testing.T) {
	const head = `{"type":"tool","spec_version":"2.1","id":"tool--00000000-0000-4000-8000-000000000001","created":"2024-01-01T00:00:00.0Z","modified":"2024-01-01T00:00:00.0Z","name":"a"`
	amber, green := string(stix.Amber.MarkingID()), string(stix.Green.MarkingID())
	for name, c := range map[string]struct {
		object  string
		level   stix.TLP
		changed bool
	}{
		"unmarked":              {head + `}`, stix.Amber, true},
		"clear":                 {head + `}`, stix.Clear, false},
		"as strict":             {head + `,"object_marking_refs":["` + amber + `"]}`, stix.Amber, false},
		"freer":                 {head + `,"object_marking_refs":["` + green + `"]}`, stix.Amber, true},
		"marked otherwise":      {head + `,"object_marking_refs":["marking-definition--00000000-0000-4000-8000-000000000001"]}`, stix.Amber, true},
		"with other extensions": {head + `,"extensions":{"extension-definition--00000000-0000-4000-8000-000000000001":{"extension_type":"property-extension","x":[1,2]}}}`, stix.Red, true},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := stix.Parse([]byte(c.object))
			if err != nil {
				t.Fatal(err)
			}
			labelled, err := claim.Label(o, c.level)
			if err != nil || (labelled != o) != c.changed {
				t.Fatalf("%v, %v", labelled, err)
			}
			if got, _ := labelled.TLP(); got != c.level {
				t.Errorf("it says %v, want %v", got, c.level)
			}
			again, err := claim.Label(labelled, c.level)
			if err != nil || again != labelled {
				t.Errorf("labelled twice: %s, %v", again.Raw(), err)
			}
			back, level := claim.Unlabel(labelled)
			if c.changed && level != c.level || !c.changed && level != stix.Clear {
				t.Fatalf("level %v", level)
			}
			want, err := o.Digest()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := back.Digest(); got != want || err != nil {
				t.Errorf("came back as %s, %v", back.Raw(), err)
			}
		})
	}
	// What only looks like a label changes nothing, and no level gets lost.
	for _, more := range []string{
		`,"description":"` + string(claim.LabelExtension) + `"`, `,"object_marking_refs":["` + amber + `"],"extensions":{"` + string(claim.LabelExtension) + `":7}`,
		`,"extensions":{"` + string(claim.LabelExtension) + `":{"extension_type":"property-extension"}}`,
	} {
		odd, err := stix.Parse([]byte(head + more + "}"))
		if err != nil {
			t.Fatal(err)
		}
		if got, level := claim.Unlabel(odd); got != odd || level != stix.Clear {
			t.Errorf("%s: %v %v", more, got, level)
		}
	}
}
