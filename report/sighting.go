package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"marque/stix"
)

// Sighting is an actor seen in events of the window.
type Sighting struct {
	Actor       string // empty where the indicators name nobody
	Sponsor     string // ISO 3166-1 alpha-2, empty where unknown
	Events      int
	First, Last time.Time
	indicators  map[stix.ID]bool
}

// Add counts the events of one sighting.
func (s *Sighting) Add(events int, first, last time.Time, indicator stix.ID) {
	s.Events += events
	if s.First.IsZero() || first.Before(s.First) {
		s.First = first
	}
	if last.After(s.Last) {
		s.Last = last
	}
	if s.indicators == nil {
		s.indicators = map[stix.ID]bool{}
	}
	s.indicators[indicator] = true
}

// SortSightings puts the most frequent actor first.
func SortSightings(byActor map[string]*Sighting) []Sighting {
	var out []Sighting
	for _, actor := range slices.Sorted(maps.Keys(byActor)) {
		out = append(out, *byActor[actor])
	}
	slices.SortStableFunc(out, func(x, y Sighting) int { return cmp.Compare(y.Events, x.Events) })
	return out
}

func (s *Sighting) words(country func(string) string) string {
	who := cmp.Or(s.Actor, "indicators without an actor")
	if s.Sponsor != "" {
		who += " (" + country(s.Sponsor) + ")"
	}
	return fmt.Sprintf("%s: %s met %s between %s and %s.", who, plural(s.Events, "event", "events"),
		plural(len(s.indicators), "indicator", "indicators"), s.First.UTC().Format(time.RFC3339), s.Last.UTC().Format(time.RFC3339))
}
