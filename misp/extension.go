package misp

import (
	"sync"

	"marque/claim"
	"marque/stix"
)

// Extension is the extension definition under which an object keeps the MISP record that it was made from.
const Extension stix.ID = "extension-definition--8f1f7e3a-52c5-4b8e-9d0b-6f6d0f3c1a11"

// Kinds of records.
const (
	KindEvent        = "event"
	KindAttribute    = "attribute"
	KindObject       = "object"
	KindReference    = "object-reference"
	KindCluster      = "galaxy-cluster" // of an organisation's own, for fewer than what is tagged with it
	KindSighting     = "sighting"
	KindNote         = "note"
	KindOpinion      = "opinion"
	KindRelationship = "relationship"
	KindEventReport  = "event-report"
)

// Origin is the MISP record that an object was made from, without what became objects of its own.
type Origin struct {
	Kind   string
	Record Record
}

// content is the extension. The record is text: MISP's names are no names of STIX properties (section 3.1), and its records have
// the nulls and empty lists that STIX forbids (section 2.12).
type content struct {
	ExtensionType string `json:"extension_type"`
	Kind          string `json:"kind"`
	Record        string `json:"record"`
}

// Extension is what the extension holds for an origin.
func (o Origin) Extension() (any, error) {
	raw, err := Raw(o.Record)
	return content{ExtensionType: "property-extension", Kind: o.Kind, Record: string(raw)}, err
}

// OriginOf reads the extension of an object. It reports false where there is none, or none that can be read.
func OriginOf(o *stix.Object) (Origin, bool) {
	var c content
	if ok, err := o.ExtensionOf(Extension, &c); !ok || err != nil {
		return Origin{}, false
	}
	rec, err := ParseRecord([]byte(c.Record))
	return Origin{Kind: c.Kind, Record: rec}, err == nil && rec != nil
}

// Definition is the extension definition as an object.
func Definition() *stix.Object { return definition() }

var definition = sync.OnceValue(func() *stix.Object {
	o, err := stix.Parse([]byte(`{"type":"extension-definition","spec_version":"2.1","id":"` + string(Extension) + `",` +
		`"created_by_ref":"` + string(claim.MarqueIdentity) + `","created":"2024-11-01T00:00:00.000Z","modified":"2024-11-01T00:00:00.000Z",` +
		`"name":"misp-record","description":"The MISP record that an object was made from, without the records inside it that became objects of their own.",` +
		`"schema":"docs/misp.md","version":"1.0.0","extension_types":["property-extension"]}`))
	if err != nil {
		return nil // unreachable: the text above is fixed and tested
	}
	return o
})
