package event

import (
	"net/netip"
	"time"
)

// Event is one decoded event. Its byte slices are valid as long as the line's memory is; Observables itself is reused by the
// decoder's next call. Whoever keeps an event copies what it needs.
type Event struct {
	Time      int64 // nanoseconds since 1970 UTC
	Format    string
	Sensor    []byte
	Technique []byte // ATT&CK id; where an event has several, the one whose mapping stands first
	Sector    []byte
	Country   []byte
	Victim    []byte

	Observables []Observable
	Line        []byte // the JSON text
	Offset      int64  // of the line in its (uncompressed) source
}

// Observable is one canonical value of an event.
type Observable struct {
	Kind  Kind
	Field string     // the mapping's path, as in "dst_endpoint.ip"
	Value []byte     // canonical: lower case, punycode, normalised URL, hex
	Addr  netip.Addr // set for IPv4 and IPv6
	Hash  uint64     // Hash(Kind, Value, seed); set by the matcher
	Role  Role
}

// When returns the event's time in UTC.
func (e *Event) When() time.Time { return time.Unix(0, e.Time).UTC() }

// Reason is why a line was refused; "" if it was not.
type Reason string

// The reasons, as counters and quarantine files spell them.
const (
	BadSyntax     Reason = "syntax"         // not JSON
	BadEnd        Reason = "truncated"      // JSON that ends early
	BadEncoding   Reason = "encoding"       // UTF-16, UTF-32 or binary
	BadDepth      Reason = "too_deep"       // nested deeper than 10,000
	BadLength     Reason = "too_long"       // longer than the limit
	NotObject     Reason = "not_an_object"  // JSON, but not an object
	UnknownFormat Reason = "unknown_format" // an object that meets no format's condition
	BadTime       Reason = "bad_time"       // a time that cannot be read
)
