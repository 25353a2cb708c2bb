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

// By is how a value met an indicator.
type By string

// The ways, as hits spell them.
const (
	Exact        By = "exact"
	ParentDomain By = "parent-domain"
	InCIDR       By = "cidr"
	ExactURL     By = "url"
	ByPattern    By = "pattern"
)

// Hit is one indicator met by one event, with the reason.
type Hit struct {
	Indicator string   `json:"indicator"`
	Actor     string   `json:"actor,omitempty"`
	Sponsor   string   `json:"sponsor,omitempty"`
	Labels    []string `json:"labels,omitempty"`

	By       By     `json:"matcher"`
	Kind     string `json:"kind"`
	Field    string `json:"field"`    // of the event, as the format spells it
	Searched string `json:"searched"` // the event's value
	Stored   string `json:"stored"`   // the indicator's value, which the match was verified against, or the comparisons of its pattern that the value met

	Time      time.Time `json:"time"`
	Format    string    `json:"format,omitempty"`
	Sensor    string    `json:"sensor,omitempty"`
	Technique string    `json:"technique,omitempty"`
	Sector    string    `json:"sector,omitempty"`
	Country   string    `json:"country,omitempty"`
	Victim    string    `json:"victim,omitempty"`

	// Whom it happened to, as far as the event says so. Host and User are told where the event's line is at hand and hits are wanted,
	// see WorkerConfig: not in look backs.
	Host string `json:"host,omitempty"`
	User string `json:"user,omitempty"`
	Src  string `json:"src,omitempty"` // address
	Dst  string `json:"dst,omitempty"` // address

	Source string `json:"source,omitempty"` // file or queue
	Line   int64  `json:"line,omitempty"`   // from 1
	Offset int64  `json:"offset"`           // in the uncompressed source
}
