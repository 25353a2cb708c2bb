package store

import (
	"fmt"

	"marque/stix"
)

// Damage is a record whose bytes are not those that were stored. Readers pass over it; the driver remembers it.
type Damage struct {
	Seq    int64   `json:"seq"`
	ID     stix.ID `json:"id"` // under which it was stored
	Reason string  `json:"reason"`
}

func (d Damage) String() string { return fmt.Sprintf("record %d, %s: %s", d.Seq, d.ID, d.Reason) }
