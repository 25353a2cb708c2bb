// Package event decodes security events: what a line of a log says, in one form whatever wrote it.
//
// In: JSON lines in any of the formats of formats.yaml or of a user's own mapping files ([Formats]). Out: an [Event] with its time,
// sensor, victim and observables, each in the one spelling of its kind, or the [Reason] why the line was refused.
//
// Invariants:
//   - No line stops a decoder, whatever is in it; what cannot be read has a reason.
//   - A value has one spelling per kind ([Canonical]): addresses after RFC 5952, domains in lower case and punycode (RFC 5891), URLs
//     after RFC 3986 section 6.2, digests in lower-case hex, e-mail addresses in lower case. Indicators are spelled by the same function.
//   - A line of a shape that was seen before costs no memory allocation.
package event
