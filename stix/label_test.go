package stix_test

import (
	"testing"

	"marque/stix"
)

func TestTags(t *testing.T) {
	for tag, want := range map[string]stix.TLP{
		"tlp:white": stix.Clear, "tlp:clear": stix.Clear, "TLP:GREEN": stix.Green, "tlp_amber": stix.Amber, "TLP AMBER": stix.Amber,
		"TLP-RED": stix.Red, "Traffic Light Protocol: red": stix.Red, "traffic-light-protocol:green": stix.Green,
		"Traffic Light Protocol (TLP): AMBER": stix.Amber, "tlp:amber+strict": stix.AmberStrict, "TLP:AMBER_STRICT": stix.AmberStrict,
		"tlp amber strict": stix.AmberStrict, `tlp="green"`: stix.Green, "tlpamber": stix.Amber, "TLPv2: amber": stix.Amber, "TLP 2.0:GREEN": stix.Green,
		// Not understood.
		"tlp:ex:chr": stix.Red, "tlp:unclear": stix.Red, "TLP": stix.Red, "tlp:amber:extra": stix.Red, "tlp:green-amber": stix.Amber, "TLP:AMBER+LATER": stix.Red,
	} {
		if got, ok := stix.TagTLP(tag); !ok || got != want {
			t.Errorf("%q: %v, %v, want %v", tag, got, ok, want)
		}
	}
	for _, tag := range []string{"", "red", "misp-galaxy:tool=\"TLP Helper\"", "tlphelper", "workflow:state=\"tlp:red\"", "PAP:RED", "outlp:red"} {
		if got, ok := stix.TagTLP(tag); ok {
			t.Errorf("%q is taken for a TLP tag: %v", tag, got)
		}
	}
	for tag, want := range map[string]stix.PAP{
		"PAP:AMBER": stix.PAPAmber, "pap_red": stix.PAPRed, "PAP GREEN": stix.PAPGreen, "Permissible Actions Protocol: amber": stix.PAPAmber, "pap:purple": stix.PAPRed,
	} {
		if got, ok := stix.TagPAP(tag); !ok || got != want {
			t.Errorf("%q: %v, %v, want %v", tag, got, ok, want)
		}
	}
}

func TestSpoken(t *testing.T) {
	for text, want := range map[string]stix.TLP{
		"This document is TLP:AMBER. Do not pass it on.":      stix.Amber,
		"Shared as TLP:GREEN, see https://www.first.org/tlp/": stix.Green,
		"TLP: Amber+Strict":                         stix.AmberStrict,
		"Parts are TLP:CLEAR, the annex is TLP:RED": stix.Red,
		"TLP:GREEN/AMBER":                           stix.Amber,
		"The TLP level is green":                    stix.Green,
		"handled by the Traffic Light Protocol":     stix.Red,
		"TLP:VIOLET":                                stix.Red,
		"TLP classification: RED":                   stix.Red,
		"Marked TLP:WHITE (subject to standard copyright rules), not TLP:ORANGE": stix.Red,
	} {
		if got, ok := stix.SpokenTLP(text); !ok || got != want {
			t.Errorf("%q: %v, %v, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"Copyright 2024 Example", "a red light", "OTLP: exporter"} {
		if got, ok := stix.SpokenTLP(text); ok {
			t.Errorf("%q: %v, want nothing", text, got)
		}
	}
}

// TestDefinitions: the level of a marking definition stands in it, whatever its id.
func TestDefinitions(t *testing.T) {
	define := func(props string) *stix.Object {
		t.Helper()
		return parse(t, `{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",`+
			`"created":"2024-01-01T00:00:00.000Z",`+props+`}`)
	}
	const statement = `"definition_type":"statement","definition":{"statement":"custom"}`
	for props, want := range map[string]stix.TLP{
		`"definition_type":"tlp","definition":{"tlp":"red"}`:                                                           stix.Red,
		`"definition_type":"TLP","definition":{"tlp":"amber+strict"},"name":"TLP:AMBER+STRICT"`:                        stix.AmberStrict,
		`"definition_type":"tlp","definition":{"tlp":"white"}`:                                                         stix.Clear,
		`"definition_type":"tlp","definition":{"tlp":"mauve"}`:                                                         stix.Red,
		`"definition_type":"tlp"`:                                                                                      stix.Red,
		`"definition_type":"tlp","definition":{"tlp":7}`:                                                               stix.Red,
		`"definition_type":"statement","definition":{"statement":"TLP:RED"}`:                                           stix.Red,
		`"definition_type":"statement","definition":{"statement":"Handle as TLP Green."}`:                              stix.Green,
		statement + `,"x_opencti_definition_type":"TLP","x_opencti_definition":"TLP:AMBER+STRICT"`:                     stix.AmberStrict,
		statement + `,"x_opencti_definition_type":"TLP","x_opencti_definition":"AMBER"`:                                stix.Amber,
		statement + `,"x_opencti_definition":"TLP:GREEN"`:                                                              stix.Green,
		statement + `,"x_opencti_definition_type":"TLP","x_opencti_definition":"secret"`:                               stix.Red,
		statement + `,"name":"TLP:RED"`:                                                                                stix.Red,
		`"extensions":{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":{"tlp_2_0":"amber"}}`:              stix.Amber,
		`"extensions":{"extension-definition--11111111-1111-4111-8111-111111111111":{"tlp_2_0":"red"}}`:                stix.Red,
		`"extensions":{"extension-definition--11111111-1111-4111-8111-111111111111":{"tlp_2_0":"x"}},"name":"TLP:RED"`: stix.Red,
		`"tlp_2_0":"green","extensions":{}`:                                                                            stix.Green,
		`"definition_type":"tlp","definition":{"tlp":"green"},"name":"TLP:RED"`:                                        stix.Red, // the stricter
	} {
		if got, ok := define(props).DefinesTLP(); !ok || got != want {
			t.Errorf("%s: %v, %v, want %v", props, got, ok, want)
		}
	}
	for _, props := range []string{
		statement, `"definition_type":"statement","definition":{"statement":"Copyright 2024"},"external_references":[{"source_name":"TLP:RED"}]`,
		statement + `,"x_opencti_definition_type":"PAP","x_opencti_definition":"PAP:RED"`,
	} {
		if got, ok := define(props).DefinesTLP(); ok {
			t.Errorf("%s speaks of TLP: %v", props, got)
		}
	}
	if p, ok := define(statement + `,"x_opencti_definition_type":"PAP","x_opencti_definition":"PAP:RED"`).PAP(); !ok || p != stix.PAPRed {
		t.Errorf("PAP of another platform's way: %v, %v", p, ok)
	}
}

// TestLevelByDefinitions: what a marking without a fixed id says counts for what it marks, and so do labels.
func TestLevelByDefinitions(t *testing.T) {
	const own = "marking-definition--00000000-0000-4000-8000-000000000001"
	for props, want := range map[string]stix.TLP{
		`"object_marking_refs":["` + own + `"]`:                                                                stix.AmberStrict,
		`"granular_markings":[{"marking_ref":"` + own + `","selectors":["name"]}]`:                             stix.AmberStrict,
		`"labels":["x","tlp:red"]`:                                                                             stix.Red,
		`"labels":[1,"TLP GREEN"],"object_marking_refs":["` + own + `"]`:                                       stix.AmberStrict,
		`"object_marking_refs":["` + own + `","` + string(stix.Red.MarkingID()) + `"]`:                         stix.Red,
		`"object_marking_refs":["` + own + `","` + string(stix.PAPRed.MarkingID()) + `"],"labels":"tlp:clear"`: stix.AmberStrict,
	} {
		o := parse(t, `{"type":"tool","id":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",`+props+`}`)
		got, marked := o.TLPBy(func(id stix.ID) (stix.TLP, bool) { return stix.AmberStrict, id == own })
		if got != want || !marked {
			t.Errorf("%s: %v, %v, want %v", props, got, marked, want)
		}
	}
}

// FuzzLabels: no text breaks the reading of labels, and a tag that speaks of TLP does so as a text, too.
func FuzzLabels(f *testing.F) {
	for _, s := range []string{"tlp:amber", "Traffic Light Protocol (TLP): red", "TLP 2.0 GREEN/AMBER+STRICT", "PAP:RED", "tlp\xff:", "TLPTLPTLP"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		level, tag := stix.TagTLP(s)
		spoken, says := stix.SpokenTLP(s)
		if tag && (!says || level < spoken) {
			t.Errorf("%q: as a tag %v, as a text %v, %v", s, level, spoken, says)
		}
		if parsed, err := stix.ParseTLP(s); err == nil && tag && parsed != level {
			t.Errorf("%q: parsed %v, as a tag %v", s, parsed, level)
		}
		if level < stix.Clear || level > stix.Red || spoken > stix.Red {
			t.Errorf("%q: %v, %v", s, level, spoken)
		}
	})
}
