// Package stix holds STIX 2.1 objects (OASIS Standard, 10 June 2021) without losing a byte of their meaning.
//
// In comes JSON; out comes an [Object]: the bytes as they were received plus a small typed head (type, id, versioning,
// markings). Typed views such as [Relationship] or [Report] are decoded from an Object on demand and only look; what a view
// does not know (unknown and x_ properties, extensions, the precision of a timestamp) stays in the bytes and leaves with
// them. A new version is made with [Object.With], which changes the named properties and nothing else.
//
// Invariants:
//   - [Object.Raw] returns the JSON value that came in, equal under JCS (RFC 8785), and in practice byte for byte.
//   - an Object is immutable; it is safe to share between goroutines.
//   - ids of cyber observables (SCOs) are deterministic where the specification says so (section 2.9).
//   - parsing is bounded by [MaxObjectBytes] and [MaxDepth]; hostile input gives an error, never a panic.
//
// Only the specification is here: what Marque adds to it is package claim.
package stix
