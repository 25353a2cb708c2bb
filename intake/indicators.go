package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"marque/claim"
	"marque/match"
	"marque/stix"
	"marque/store"
)

// FromStore tells which indicators arrived in a store: marks are its sequence numbers.
type FromStore struct {
	Reader store.Reader
	// Tags is asked, each time that indicators have arrived, which actor and state they point to; nil: none.
	Tags func(context.Context) (map[stix.ID]match.Tag, error)
	// Unusable is told of indicators that events cannot be matched with; may be nil.
	Unusable func(stix.ID, error)
}

var _ Indicators = FromStore{}

// Arrived implements Indicators. An object is new if its only version was stored after the mark; else its values replace those of
// its earlier version. One that was revoked is withdrawn.
func (s FromStore) Arrived(ctx context.Context, after, until int64) (Arrival, error) {
	a := Arrival{Mark: after}
	var tags map[stix.ID]match.Tag
	for rec, err := range s.Reader.Find(ctx, store.Query{Types: []string{"indicator"}, AfterSeq: after}) {
		if err != nil {
			return a, fmt.Errorf("read indicators: %w", err)
		}
		if until > 0 && rec.Seq > until {
			break
		}
		a.Mark = max(a.Mark, rec.Seq)
		if rec.Revoked {
			a.Withdrawn = append(a.Withdrawn, string(rec.ID))
			continue
		}
		if tags == nil && s.Tags != nil {
			if tags, err = s.Tags(ctx); err != nil {
				return a, err
			}
		}
		if err := s.add(ctx, &a, rec, tags[rec.ID]); err != nil {
			return a, err
		}
	}
	return a, nil
}

func (s FromStore) add(ctx context.Context, a *Arrival, rec *store.Record, tag match.Tag) error {
	c, err := match.Compile(rec.Object, tag.Actor, tag.Sponsor)
	if err != nil {
		if s.Unusable != nil {
			s.Unusable(rec.ID, err)
		}
		return nil
	}
	versions, err := s.Reader.Versions(ctx, rec.ID)
	if err != nil {
		return fmt.Errorf("read indicator %s: %w", rec.ID, err)
	}
	switch known := len(versions) > 1; {
	case c.Program != nil:
		var v stix.Indicator
		if err := rec.Decode(&v); err != nil {
			return fmt.Errorf("read indicator %s: %w", rec.ID, err)
		}
		p := Pattern{match.Indicator{
			ID: string(rec.ID), ValidFrom: v.ValidFrom.Time(), ValidUntil: v.ValidUntil.Time(), Actor: tag.Actor, Sponsor: tag.Sponsor, Labels: v.Labels,
		}, v.Pattern}
		if known {
			a.ChangedPatterns = append(a.ChangedPatterns, p)
		} else {
			a.Patterns = append(a.Patterns, p)
		}
	case known:
		a.Changed = append(a.Changed, c.Values...)
	default:
		a.New = append(a.New, c.Values...)
	}
	return nil
}

// sightingsMark is where a store keeps which revision of the journal's sightings it has.
const sightingsMark = "intake sightings "

// PutSightings brings a store's sightings up to the journal's: one object for each indicator, sensor, hour and reason, with the
// count as it stands. Each is as secret as its indicator, as the reader knows that, and at least as p says. Doing it again, or after
// a crash in the middle, changes nothing more.
func PutSightings(ctx context.Context, j *Journal, r store.Reader, w store.Writer, marks store.Marks, p store.Provenance) (int, error) {
	name, err := j.identity(ctx)
	if err != nil {
		return 0, err
	}
	revision, err := readMark(ctx, marks, sightingsMark+name)
	if err != nil {
		return 0, err
	}
	next, stored := revision, 0
	var batch []*stix.Object
	put := func() error {
		res, err := w.Put(ctx, p, batch)
		if err != nil {
			return fmt.Errorf("keep sightings: %w", err)
		}
		stored += res.Stored()
		batch = batch[:0]
		return nil
	}
	levels := map[string]stix.TLP{}
	for s, err := range j.Sightings(ctx, revision) {
		if err != nil {
			return stored, err
		}
		level, known := levels[s.Indicator]
		if !known {
			if level, err = store.LevelOf(ctx, r, stix.ID(s.Indicator)); err != nil {
				return stored, err
			}
			levels[s.Indicator] = level
		}
		o, err := s.object(max(level, p.TLP))
		if err != nil {
			return stored, err
		}
		next = s.Revision
		if batch = append(batch, o); len(batch) == 1000 {
			if err := put(); err != nil {
				return stored, err
			}
		}
	}
	if len(batch) > 0 {
		if err := put(); err != nil {
			return stored, err
		}
	}
	if next == revision {
		return stored, nil
	}
	return stored, marks.PutMark(ctx, sightingsMark+name, fmt.Sprint(next))
}

func readMark(ctx context.Context, marks store.Marks, name string) (int64, error) {
	text, err := marks.GetMark(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}

// maxCount is the specification's limit for the count of a sighting (STIX 2.1, section 5.2).
const maxCount = 999_999_999

// object is the sighting in STIX. Its version is told by its count, not by a clock: a larger count is a younger version.
func (s *Sighting) object(level stix.TLP) (*stix.Object, error) {
	hour := time.Unix(s.Hour, 0)
	n := int(min(s.Count, maxCount))
	v := stix.Sighting{
		Common:      stix.NewCommon(stix.DerivedID("sighting", s.Indicator, s.Sensor, fmt.Sprint(s.Hour), "intake", string(s.Reason)), stix.At(hour), claim.MarqueIdentity),
		Description: "seen by sensor " + cmp.Or(s.Sensor, "(unnamed)"), FirstSeen: stix.At(s.First), LastSeen: stix.At(s.Last.Add(time.Millisecond)),
		Count: &n, SightingOfRef: stix.ID(s.Indicator), Summary: true,
	}
	if s.Reason == LookBack {
		v.Description += ", found by looking back when the indicator arrived"
	}
	if level > stix.Clear {
		v.MarkingRefs = []stix.ID{level.MarkingID()}
	}
	v.Modified = stix.At(hour.Add(time.Duration(n) * time.Millisecond))
	return stix.New(v)
}
