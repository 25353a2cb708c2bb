package stix_test

import (
	"testing"

	"marque/stix"
)

func TestPAP(t *testing.T) {
	for _, p := range []stix.PAP{stix.PAPClear, stix.PAPGreen, stix.PAPAmber, stix.PAPRed} {
		if got, err := stix.ParsePAP(p.String()); err != nil || got != p {
			t.Errorf("%v parses as %v, %v", p, got, err)
		}
		m := stix.PAPMarking(p)
		if m == nil {
			t.Fatalf("no marking for %v", p)
		}
		if got, ok := m.PAP(); !ok || got != p {
			t.Errorf("the marking of %v stands for %v, %v", p, got, ok)
		}
		if got, ok := stix.MarkingPAP(m.ID); !ok || got != p {
			t.Errorf("the id of %v stands for %v, %v", p, got, ok)
		}
	}
	const id = `"id":"marking-definition--11111111-1111-4111-8111-111111111111"`
	for raw, want := range map[string]stix.PAP{
		`{"type":"marking-definition",` + id + `,"definition_type":"statement","definition":{"statement":"PAP:AMBER"}}`:                                                               stix.PAPAmber,
		`{"type":"marking-definition",` + id + `,"extensions":{"extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b":{"extension_type":"property-extension","pap":"green"}}}`:  stix.PAPGreen,
		`{"type":"marking-definition",` + id + `,"extensions":{"extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b":{"extension_type":"property-extension","pap":"purple"}}}`: stix.PAPRed,
	} {
		o, err := stix.Parse([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := o.PAP(); !ok || got != want {
			t.Errorf("%s stands for %v, %v, want %v", raw, got, ok, want)
		}
	}
	o, err := stix.Parse([]byte(`{"type":"marking-definition",` + id + `,"definition_type":"statement","definition":{"statement":"Copyright"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := o.PAP(); ok {
		t.Error("a copyright is taken for a PAP level")
	}
}
