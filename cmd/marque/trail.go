package main

import (
	"context"
	"fmt"
	"time"

	"marque/match"
	"marque/match/sequence"
	"marque/stix"
	"marque/store"
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

// putSequences keeps findings as notes, for judgements to read.
func (a *app) putSequences(ctx context.Context, findings []sequence.Finding) error {
	if len(findings) == 0 {
		return nil
	}
	objects := make([]*stix.Object, len(findings))
	for i := range findings {
		n, err := findings[i].Note()
		if err != nil {
			return fmt.Errorf("keep sequences: %w", err)
		}
		if objects[i], err = stix.New(n); err != nil {
			return fmt.Errorf("keep sequences: %w", err)
		}
	}
	if _, err := a.db.Put(ctx, store.Provenance{Importer: "match", Source: "sequences", Time: a.now().UTC(), TLP: a.cfg.TLP}, objects); err != nil {
		return fmt.Errorf("keep sequences: %w", err)
	}
	return nil
}

func sequenceLine(f sequence.Finding) string {
	return fmt.Sprintf("%s: %s, %s to %s", f.Victim, f.Means, f.First.UTC().Format(time.DateOnly), f.Last.UTC().Format(time.DateOnly))
}
