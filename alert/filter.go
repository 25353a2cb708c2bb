package alert

import (
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"marque/event"
	"marque/intake"
)

// knownKind tells whether values of that kind can be hit.
func knownKind(name string) bool {
	for k := event.IPv4; k <= event.Email; k++ {
		if k.String() == name {
			return true
		}
	}
	return false
}

// takes tells whether an alert passes, apart from FirstPerDay.
func (f *Filter) takes(a *Alert) bool {
	named := func(list []string, name string) bool {
		return len(list) == 0 || slices.ContainsFunc(list, func(n string) bool { return strings.EqualFold(n, name) })
	}
	technique := len(f.Techniques) == 0 || slices.ContainsFunc(f.Techniques, func(t string) bool {
		return a.Technique == t || strings.HasPrefix(a.Technique, t+".")
	})
	confident := f.Confidence == 0 || a.Confidence != nil && *a.Confidence >= f.Confidence
	return named(f.Actors, a.Actor) && named(f.Sponsors, a.Sponsor) && named(f.Kinds, a.Kind) && technique && confident &&
		(len(f.Levels) == 0 || slices.Contains(f.Levels, a.TLP))
}

// first is what FirstPerDay knows an alert by: its indicator and whom it happened to.
func first(a *Alert) intake.Told {
	whom := a.Host
	for _, other := range []string{a.Src, a.Victim, a.Sensor} {
		if whom == "" {
			whom = other
		}
	}
	sum := sha256.Sum256([]byte(a.Indicator + "\x00" + whom))
	return intake.Told{Key: [16]byte(sum[:16]), Day: a.Time.Unix() / int64(24*time.Hour/time.Second)}
}
