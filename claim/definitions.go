package claim

import (
	"slices"
	"sync"

	"marque/stix"
)

// Definitions are the extension definitions of Marque as STIX objects (section 7.3), with the identity that created them.
// They go along with every bundle that uses them, so that another tool can tell what it reads.
func Definitions() []*stix.Object {
	return slices.Clone(definitions())
}

// definedAt is when the definitions were fixed.
const definedAt = "2024-11-01T00:00:00.000Z"

var definitions = sync.OnceValue(makeDefinitions)

func makeDefinitions() []*stix.Object {
	at, err := stix.ParseTimestamp(definedAt)
	if err != nil {
		return nil // unreachable: the text above is fixed and tested
	}
	type definition struct {
		stix.Common
		Name        string   `json:"name"`
		Description string   `json:"description"`
		Schema      string   `json:"schema"`
		Version     string   `json:"version"`
		Types       []string `json:"extension_types"`
	}
	views := []any{
		stix.Identity{Common: stix.NewCommon(MarqueIdentity, at, ""), Name: "Marque", Description: "The software that attributes operations and keeps the ledger of deterrence.", Class: "system"},
	}
	for _, d := range []struct {
		id                      stix.ID
		name, description, kind string
	}{
		{Extension, "claim", "Makes a relationship, sighting, note or opinion somebody's statement: document, verbatim quote, stance, Admiralty grades, root source.", "property-extension"},
		{AssessmentExtension, "assessment", "A judgement by competing hypotheses with weighed evidence, motives, denials and sensitivity.", "new-sdo"},
		{MeasureExtension, "measure", "Something done to deter: sanctions, indictment, seizure, attribution and the like, with what it answers.", "new-sdo"},
		{OperationExtension, "operation", "What was done in a campaign or incident, as codes that motive and responsibility are read from.", "property-extension"},
		{CountsExtension, "counts", "What each file of events contributed to the count of a sighting, so that counts can be added.", "property-extension"},
		{LabelExtension, "label", "Who passed the object on marked it with the level at which it was had; what its creator marked it with stands here.", "property-extension"},
	} {
		c := stix.NewCommon(d.id, at, MarqueIdentity)
		views = append(views, definition{
			Common: c, Name: "marque-" + d.name, Description: d.description, Schema: "docs/schemas/" + d.name + ".json",
			Version: "1.0.0", Types: []string{d.kind},
		})
	}
	out := make([]*stix.Object, 0, len(views))
	for _, v := range views {
		o, err := stix.New(v)
		if err != nil {
			return nil // unreachable, as above
		}
		out = append(out, o)
	}
	return out
}
