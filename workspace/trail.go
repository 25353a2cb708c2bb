package workspace

import (
	"time"

	"marque/match"
	"marque/match/sequence"
)

// maxSteps bounds the hits of a run that are kept to look for sequences in.
const maxSteps = 1_000_000

// trail is the hits of a run that sequences may be made of.
type trail struct {
	rules []sequence.Rule
	steps []match.Hit
}

func newTrail() (*trail, error) {
	rules, err := sequence.Default()
	return &trail{rules: rules}, err
}

func (t *trail) add(h match.Hit) {
	if len(t.steps) < maxSteps && sequence.Takes(t.rules, &h) {
		t.steps = append(t.steps, h)
	}
}

// find returns the sequences. The last sighting tells up to when hits are known.
func (t *trail) find(rows []match.SightingRow) []sequence.Finding {
	var until time.Time
	for _, r := range rows {
		if r.Last.After(until) {
			until = r.Last
		}
	}
	return sequence.Find(t.rules, t.steps, until)
}
