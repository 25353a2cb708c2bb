package match

import (
	"time"

	"marque/event"
)

// Indicator is one value of a STIX indicator whose pattern is an equality, a member of an IN list, or a CIDR. An indicator with
// several values is given as several of these with one ID.
type Indicator struct {
	ID         string // STIX id
	Kind       event.Kind
	Value      string    // any spelling; it is made canonical
	ValidFrom  time.Time // inclusive; zero: always
	ValidUntil time.Time // exclusive; zero: for ever
	Revoked    bool
	Actor      string // id or name of the actor the indicator points to
	Sponsor    string // id or name of the state behind that actor
	Labels     []string
}

// Tag is what indicators share: tables keep one copy of each distinct one.
type Tag struct {
	Actor   string   `json:"actor,omitempty"`
	Sponsor string   `json:"sponsor,omitempty"`
	Labels  []string `json:"labels,omitempty"`
}

// Matcher is how a value met an indicator.
type Matcher string

// The matchers, as hits spell them.
const (
	Exact        Matcher = "exact"
	ParentDomain Matcher = "parent-domain"
	InCIDR       Matcher = "cidr"
	ExactURL     Matcher = "url"
	ByPattern    Matcher = "pattern"
)

// Hit is one indicator met by one event, with the reason.
type Hit struct {
	Indicator string   `json:"indicator"`
	Actor     string   `json:"actor,omitempty"`
	Sponsor   string   `json:"sponsor,omitempty"`
	Labels    []string `json:"labels,omitempty"`

	Matcher  Matcher `json:"matcher"`
	Kind     string  `json:"kind"`
	Field    string  `json:"field"`    // of the event, as the format spells it
	Searched string  `json:"searched"` // the event's value
	Stored   string  `json:"stored"`   // the indicator's value, which the match was verified against

	Time      time.Time `json:"time"`
	Format    string    `json:"format,omitempty"`
	Sensor    string    `json:"sensor,omitempty"`
	Technique string    `json:"technique,omitempty"`
	Sector    string    `json:"sector,omitempty"`
	Country   string    `json:"country,omitempty"`
	Victim    string    `json:"victim,omitempty"`

	Source string `json:"source,omitempty"` // file or queue
	Line   int64  `json:"line,omitempty"`   // from 1
	Offset int64  `json:"offset"`           // in the uncompressed source
}

// Watcher is the part of matching that tables cannot do: patterns with operators, comparisons other than equality, and time
// windows. Feed is called by several goroutines with events in roughly the order of the source, so windows go by the
// events' own time. The event is valid during the call only.
type Watcher interface {
	Feed(*event.Event) []Hit
}
