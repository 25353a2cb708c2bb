package event

import (
	"math"
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

// Plausible returns which times an event may have at a moment, from inclusive, until exclusive: from 1990, before which nobody logged
// what Marque reads (clocks that were never set tell 1970 or 1980), to the end of tomorrow (UTC), which leaves room for clocks that
// are ahead and zones that were forgotten. A moment before 2020 is that of a clock which was never set itself: then any later
// time will do.
func Plausible(now time.Time) (from, until time.Time) {
	from = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	if now.Year() < 2020 {
		return from, time.Unix(0, math.MaxInt64)
	}
	return from, now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 2)
}

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
	FarTime       Reason = "far_time"       // a time that cannot be true, see Plausible
)
