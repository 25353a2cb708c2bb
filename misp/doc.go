// Package misp is the wire format that MISP instances exchange (MISP core format, draft-dulaunoy-misp-core-format): a [Record] as it
// came, who may see it ([Share], from distribution and tags), the extension under which an object keeps the record that it was
// made from ([Origin]), and the files of a feed. Package ingest/misp reads it into STIX, package export writes it.
//
// A record loses nothing: what no field here knows stays in it and leaves with it.
package misp
