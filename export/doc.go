// Package export writes what Marque knows in other tools' formats.
//
// In goes a [Reader] and a selection; out comes a stream: a STIX 2.1 bundle, MISP events or a MISP feed, a CSV of indicators, an
// ATT&CK Navigator layer. docs/misp.md and docs/export.md have the mappings.
//
// Invariants:
//   - Exports read through a [Reader] only. It is a view of the store, narrowed by TLP and by the use that PAP permits, and there is
//     none above TLP:AMBER+STRICT: RED never leaves.
//   - What is written in STIX is written as it came in, to the byte.
//   - No export widens who may see something: MISP distributions are never wider than the TLP level, and where a format has room
//     for markings, it carries them.
//   - The same content gives the same bytes.
package export
