package stix

import (
	"fmt"
	"strings"
)

// TLP is a Traffic Light Protocol 2.0 level (FIRST, August 2022), ordered from the freest to the strictest.
type TLP int

// The levels of TLP 2.0. An object without a TLP marking is treated as [Clear] only if its importer said so; see store.
const (
	Clear TLP = iota
	Green
	Amber
	AmberStrict
	Red
)

var tlpNames = [...]string{"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"}

// String is the label as TLP 2.0 writes it.
func (t TLP) String() string {
	if t < Clear || t > Red {
		return fmt.Sprintf("TLP(%d)", int(t))
	}
	return tlpNames[t]
}

// ParseTLP reads a label in any spelling that [TagTLP] knows, with or without "TLP:". TLP 1.0's WHITE is CLEAR.
func ParseTLP(s string) (TLP, error) {
	if level, ok := tlp.word(s); ok {
		return TLP(level), nil
	}
	if _, tag := TagTLP(s); tag && len(s) < 80 {
		if said := tlp.whole(s); said.levels == 1 && !said.other {
			return TLP(said.level), nil
		}
	}
	return Red, fmt.Errorf("TLP level %.40q: want clear, green, amber, amber+strict or red", s)
}

// MarshalText writes the label.
func (t TLP) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads a label.
func (t *TLP) UnmarshalText(b []byte) error {
	v, err := ParseTLP(string(b))
	*t = v
	return err
}

// tlp2Extension is the extension definition that OASIS published for TLP 2.0 markings in STIX 2.1.
const tlp2Extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

// tlpMarkings are the fixed marking definitions: TLP 2.0 (OASIS, with FIRST) and TLP 1.0 (STIX 2.1 section 7.2.1.4), whose
// instances still travel in most feeds.
var tlpMarkings = map[ID]TLP{
	"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": Clear,
	"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": Green,
	"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": Amber,
	"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": AmberStrict,
	"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": Red,
	"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": Clear,
	"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": Green,
	"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": Amber,
	"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Red,
}

var tlp2IDs = [...]ID{
	"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
	"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
	"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
	"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
	"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}

// MarkingID is the id of the fixed TLP 2.0 marking definition.
func (t TLP) MarkingID() ID { return tlp2IDs[t] }

// MarkingLevel tells which TLP level a fixed marking definition stands for. It reports false for other markings.
func MarkingLevel(id ID) (TLP, bool) {
	t, ok := tlpMarkings[id]
	return t, ok
}

// TLPMarking is the fixed TLP 2.0 marking definition as an object, for bundles that carry their markings along.
func TLPMarking(t TLP) *Object {
	raw := fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":%q,"created":"2022-10-01T00:00:00.000Z","name":%q,`+
		`"extensions":{%q:{"extension_type":"property-extension","tlp_2_0":%q}}}`,
		t.MarkingID(), t.String(), tlp2Extension, strings.ToLower(t.String()[4:]))
	o, err := Parse([]byte(raw))
	if err != nil {
		return nil // unreachable: the text above is fixed and tested
	}
	return o
}
