package match

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// RollupKey is one cell of the roll-up. Hour is in seconds since 1970, a multiple of 3600.
type RollupKey struct {
	Hour      int64  `json:"hour"`
	Actor     string `json:"actor,omitempty"`
	Sponsor   string `json:"sponsor,omitempty"`
	Technique string `json:"technique,omitempty"`
	Sector    string `json:"sector,omitempty"`
	Country   string `json:"country,omitempty"`
}

// SightingKey names a sighting: one indicator, one sensor, one hour.
type SightingKey struct {
	Indicator string `json:"indicator"`
	Sensor    string `json:"sensor,omitempty"`
	Hour      int64  `json:"hour"`
}

// Sighting counts the events behind one SightingKey; First and Last are their extreme times in nanoseconds since 1970.
type Sighting struct {
	Count uint64 `json:"count"`
	First int64  `json:"first"`
	Last  int64  `json:"last"`
}

// Tally is the exact, sparse count of hits. An event counts once for each indicator it met, and once for each pair of actor and
// sponsor. Merge is associative and commutative, and an empty tally is its neutral element, so parts may be counted
// anywhere and joined in any order.
type Tally struct {
	Rollup    map[RollupKey]uint64
	Sightings map[SightingKey]Sighting
}

// NewTally returns an empty tally.
func NewTally() *Tally {
	return &Tally{Rollup: map[RollupKey]uint64{}, Sightings: map[SightingKey]Sighting{}}
}

// Hour returns the start of the hour that holds t nanoseconds since 1970, in seconds.
func Hour(t int64) int64 {
	seconds := t / 1e9
	if t%1e9 < 0 {
		seconds--
	}
	h := seconds / 3600
	if seconds%3600 < 0 {
		h--
	}
	return h * 3600
}

// Count adds the hits of one event.
func (t *Tally) Count(hits []Hit) {
	type side struct{ actor, sponsor string }
	var indicators map[string]bool
	var sides map[side]bool
	if len(hits) > fewHits {
		indicators, sides = map[string]bool{}, map[side]bool{}
	}
	for i := range hits {
		h := &hits[i]
		seen, sideSeen := false, false
		if indicators != nil {
			s := side{h.Actor, h.Sponsor}
			seen, sideSeen = indicators[h.Indicator], sides[s]
			indicators[h.Indicator], sides[s] = true, true
		} else {
			for j := range hits[:i] {
				seen = seen || hits[j].Indicator == h.Indicator
				sideSeen = sideSeen || hits[j].Actor == h.Actor && hits[j].Sponsor == h.Sponsor
			}
		}
		at := h.Time.UnixNano()
		if !seen {
			t.see(SightingKey{h.Indicator, h.Sensor, Hour(at)}, Sighting{1, at, at})
		}
		if !sideSeen {
			t.Rollup[RollupKey{Hour(at), h.Actor, h.Sponsor, h.Technique, h.Sector, h.Country}]++
		}
	}
}

// fewHits is how many hits of one event are compared pair by pair; beyond it a map is cheaper.
const fewHits = 32

func (t *Tally) see(k SightingKey, s Sighting) {
	if old, ok := t.Sightings[k]; ok {
		s = Sighting{old.Count + s.Count, min(old.First, s.First), max(old.Last, s.Last)}
	}
	t.Sightings[k] = s
}

// Merge adds what o counted.
func (t *Tally) Merge(o *Tally) {
	for k, n := range o.Rollup {
		t.Rollup[k] += n
	}
	for k, s := range o.Sightings {
		t.see(k, s)
	}
}

// Reset empties the tally and keeps its memory.
func (t *Tally) Reset() {
	clear(t.Rollup)
	clear(t.Sightings)
}

// RollupRow is one cell with its count, for output.
type RollupRow struct {
	RollupKey
	Events uint64 `json:"events"`
}

// SightingRow is one sighting, for output.
type SightingRow struct {
	SightingKey
	Count uint64    `json:"count"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

// RollupRows returns the cells in a fixed order.
func (t *Tally) RollupRows() []RollupRow {
	keys := slices.SortedFunc(maps.Keys(t.Rollup), func(a, b RollupKey) int {
		return cmp.Or(cmp.Compare(a.Hour, b.Hour), cmp.Compare(a.Actor, b.Actor), cmp.Compare(a.Sponsor, b.Sponsor),
			cmp.Compare(a.Technique, b.Technique), cmp.Compare(a.Sector, b.Sector), cmp.Compare(a.Country, b.Country))
	})
	out := make([]RollupRow, len(keys))
	for i, k := range keys {
		out[i] = RollupRow{k, t.Rollup[k]}
	}
	return out
}

// SightingRows returns the sightings in a fixed order.
func (t *Tally) SightingRows() []SightingRow {
	keys := slices.SortedFunc(maps.Keys(t.Sightings), func(a, b SightingKey) int {
		return cmp.Or(cmp.Compare(a.Hour, b.Hour), cmp.Compare(a.Indicator, b.Indicator), cmp.Compare(a.Sensor, b.Sensor))
	})
	out := make([]SightingRow, len(keys))
	for i, k := range keys {
		s := t.Sightings[k]
		out[i] = SightingRow{k, s.Count, time.Unix(0, s.First).UTC(), time.Unix(0, s.Last).UTC()}
	}
	return out
}
