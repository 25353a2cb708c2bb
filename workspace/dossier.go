package workspace

import (
	"context"
	"errors"
	"sync"
	"time"

	"marque/alert"
	"marque/match"
	"marque/stix"
	"marque/store"
)

// Dossiers tells what is known of indicators, level by level. It is safe for concurrent use.
type Dossiers struct {
	w      *Workspace
	mu     sync.Mutex
	levels map[stix.TLP]*surroundings
}

// surroundings is what a level shows around indicators, as of a moment.
type surroundings struct {
	seq     int64
	made    time.Time
	tags    map[stix.ID]match.Tag
	reports map[stix.ID][]alert.Report
}

// dossierAge is how long actors and reports of indicators are told as they were: a store that is written to all the time shall not have
// them gathered all the time. The indicator itself, and its level, are always those of now.
const dossierAge = time.Minute

var _ alert.Dossiers = (*Dossiers)(nil)

// Dossiers tells what is known of this workspace's indicators.
func (w *Workspace) Dossiers() *Dossiers {
	return &Dossiers{w: w, levels: map[stix.TLP]*surroundings{}}
}

// Dossier implements alert.Dossiers.
func (d *Dossiers) Dossier(ctx context.Context, indicator string, level stix.TLP) (out alert.Dossier, known bool, err error) {
	rec, err := d.w.Reader(View{Level: level}).Get(ctx, stix.ID(indicator))
	if errors.Is(err, store.ErrNotFound) {
		return out, false, nil
	}
	if err != nil {
		return out, false, err
	}
	around, err := d.around(ctx, level)
	if err != nil {
		return out, false, err
	}
	var v stix.Indicator
	if err := rec.Decode(&v); err != nil {
		return out, false, err
	}
	tag := around.tags[rec.ID]
	return alert.Dossier{
		TLP: rec.Level, Name: v.Name, Confidence: rec.Confidence, Labels: v.Labels, Reports: around.reports[rec.ID], Actor: tag.Actor, Sponsor: tag.Sponsor,
	}, true, nil
}

// around gathers what a level shows around indicators, unless it has it already.
func (d *Dossiers) around(ctx context.Context, level stix.TLP) (*surroundings, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	seq, err := d.w.db.LastSeq(ctx)
	if err != nil {
		return nil, err
	}
	c, now := d.levels[level], d.w.now()
	if c != nil && (c.seq == seq || now.Sub(c.made) < dossierAge) {
		return c, nil
	}
	s, err := d.w.Snapshot(ctx, View{Level: level})
	if err != nil {
		return nil, err
	}
	c = &surroundings{seq: seq, made: now, tags: actorTags(s.Graph), reports: map[stix.ID][]alert.Report{}}
	for rec, err := range d.w.Reader(View{Level: level}).Find(ctx, store.Query{Types: []string{"report"}}) {
		if err != nil {
			return nil, err
		}
		var v stix.Report
		if err := rec.Decode(&v); err != nil {
			continue // stored before, so it is a version that this program does not know: the hit goes out without it
		}
		r := alert.Report{ID: string(rec.ID), Name: v.Name, Publisher: s.Graph.Name(v.CreatedByRef), Published: v.Published.Time()}
		for _, ref := range v.ObjectRefs {
			if ref.Type() == "indicator" {
				c.reports[ref] = append(c.reports[ref], r)
			}
		}
	}
	d.levels[level] = c
	return c, nil
}

// Finding is a hit with all that the owner knows of its indicator. What is no indicator of the workspace, such as a pattern that was
// given by hand, has nothing beside the hit.
func (d *Dossiers) Finding(ctx context.Context, h match.Hit) (alert.Finding, error) {
	of, known, err := d.Dossier(ctx, h.Indicator, stix.Red)
	if err != nil || !known {
		return alert.Finding{Hit: h}, err
	}
	return alert.Find(&h, &of), nil
}
