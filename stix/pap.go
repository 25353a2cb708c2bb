package stix

import (
	"fmt"
	"strings"
)

// PAP is a level of the Permissible Actions Protocol (MISP taxonomy "PAP"): not who may see an object, which [TLP] says, but
// what may be done with it. Levels are ordered from the freest to the strictest.
type PAP int

// The levels. PAPRed: only what nobody outside can notice, such as looking through stored logs by hand. PAPAmber: passive
// cross checks too, such as asking an online service. PAPGreen: active actions too, such as blocking. PAPClear: anything.
const (
	PAPClear PAP = iota
	PAPGreen
	PAPAmber
	PAPRed
)

var papNames = [...]string{"PAP:CLEAR", "PAP:GREEN", "PAP:AMBER", "PAP:RED"}

// String is the label, "PAP:AMBER".
func (p PAP) String() string {
	if p < PAPClear || p > PAPRed {
		return fmt.Sprintf("PAP(%d)", int(p))
	}
	return papNames[p]
}

// ParsePAP reads a label in any spelling that [TagPAP] knows, with or without "PAP:". The older WHITE is CLEAR.
func ParsePAP(s string) (PAP, error) {
	if level, ok := pap.word(s); ok {
		return PAP(level), nil
	}
	if _, tag := TagPAP(s); tag && len(s) < 80 {
		if said := pap.whole(s); said.levels == 1 && !said.other {
			return PAP(said.level), nil
		}
	}
	return PAPRed, fmt.Errorf("PAP level %.40q: want clear, green, amber or red", s)
}

// PAPExtension is the extension definition for PAP markings in OASIS' common objects.
const PAPExtension ID = "extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b"

var papIDs = [...]ID{
	"marking-definition--ad15a0cd-55b6-4588-a14c-a66105329b92",
	"marking-definition--c43594d1-4b11-4c59-93ab-1c9b14d53ce9",
	"marking-definition--60f8932b-e51e-4458-b265-a2e8be9a80ab",
	"marking-definition--740d36e5-7714-4c30-961a-3ae632ceee0e",
}

// papWhite is the marking of the older PAP:WHITE.
const papWhite ID = "marking-definition--a3bea94c-b469-41dc-9cfe-d6e7daba7730"

// MarkingID is the id of the fixed marking definition in OASIS' common objects.
func (p PAP) MarkingID() ID { return papIDs[p] }

// MarkingPAP tells which PAP level a fixed marking definition stands for. It reports false for other markings.
func MarkingPAP(id ID) (PAP, bool) {
	for i, m := range papIDs {
		if m == id {
			return PAP(i), true
		}
	}
	return PAPClear, id == papWhite
}

// PAP is the level that a marking definition stands for: by a fixed id, else by what it says, as [Object.DefinesTLP]. It reports
// false for everything else.
func (o *Object) PAP() (PAP, bool) {
	if o.Type != "marking-definition" {
		return PAPClear, false
	}
	if p, ok := MarkingPAP(o.ID); ok {
		return p, true
	}
	level, says := pap.definition(o)
	return PAP(level), says
}

// PAPMarking is the fixed marking definition as an object, for bundles that carry their markings along.
func PAPMarking(p PAP) *Object {
	raw := fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":%q,"created":"2022-10-02T00:00:00.000Z","name":%q,`+
		`"extensions":{%q:{"extension_type":"property-extension","pap":%q}}}`,
		p.MarkingID(), p.String(), PAPExtension, strings.ToLower(p.String()[4:]))
	o, err := Parse([]byte(raw))
	if err != nil {
		return nil // unreachable: the text above is fixed and tested
	}
	return o
}
