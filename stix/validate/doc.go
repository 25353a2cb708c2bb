// Package validate checks STIX content against the STIX 2.1 specification (OASIS Standard, with Errata 01).
//
// In: the JSON of one object ([Object]) or of a bundle as a stream ([Bundle]). Out: findings, each with severity, code,
// RFC 6901 pointer, object id, message, hint and the section of the specification that it rests on. STIX 2.0 content is
// brought to 2.1 by [Lift] first.
//
// # How it works
//
// The specification is data: spec.txt lists every object type, nested type and predefined extension with its properties,
// their kinds, reference targets and the rules between them; vocabularies.txt holds the vocabularies. A small engine
// (engine.go, value.go) interprets both. What needs more than a table line (markings, extensions, deterministic
// identifiers, patterns) is written out by hand in a file of its own.
//
// # Severities
//
//   - error: a MUST or MUST NOT is broken (sections 2 to 8 and 11);
//   - warning: a SHOULD or SHOULD NOT is not followed, or deprecated content is used;
//   - note: an advice about something that could be added; reported only with [Options.Notes].
//
// Open vocabularies ("-ov") are open: a term outside one is a warning. Enumerations ("-enum") are closed: an error.
// Where the specification contradicts itself or its own examples, docs/validation.md says what is done and why.
//
// # Invariants
//
// No input panics. Nesting, the size of one object and the number of findings of one object are limited ([Options]).
// Object is pure: equal input and options give equal findings. Bundle holds one object at a time and, of the others,
// their identifiers and version timestamps only.
package validate
