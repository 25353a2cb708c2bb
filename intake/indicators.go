package intake

import (
	"context"
	"errors"
	"fmt"
	"strconv"

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
// count as it stands. Keep stores them, at the level of their indicators. Doing it again, or after a crash in the middle, changes nothing more.
func PutSightings(ctx context.Context, j *Journal, r store.Reader, marks store.Marks, keep func(context.Context, []*stix.Object) (stored int, err error)) (int, error) {
	name, err := j.identity(ctx)
	if err != nil {
		return 0, err
	}
	revision, err := readMark(ctx, marks, sightingsMark+name)
	if err != nil {
		return 0, err
	}
	next, stored := revision, 0
	batch := map[Reason][]match.SightingRow{}
	put := func() error {
		var accounts []match.Account
		for reason, rows := range batch {
			accounts = append(accounts, match.Account{Origin: reason.origin(), Rows: rows})
		}
		clear(batch)
		objects, err := match.Sightings(ctx, r, accounts...)
		if err != nil {
			return err
		}
		n, err := keep(ctx, objects)
		if err != nil {
			return fmt.Errorf("keep sightings: %w", err)
		}
		stored += n
		return nil
	}
	waiting := 0
	for s, err := range j.Sightings(ctx, revision) {
		if err != nil {
			return stored, err
		}
		next = s.Revision
		batch[s.Reason] = append(batch[s.Reason], s.SightingRow)
		if waiting++; waiting%1000 == 0 {
			if err := put(); err != nil {
				return stored, err
			}
		}
	}
	if err := put(); err != nil {
		return stored, err
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

// origin says that the journal's sightings are objects of their own: it is asked for all that it counted, again and again.
func (r Reason) origin() match.Origin {
	o := match.Origin{Apart: "intake\x00" + string(r)}
	if r == LookBack {
		o.Note = ", found by looking back when the indicator arrived"
	}
	return o
}
