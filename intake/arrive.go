package intake

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"marque/lake"
	"marque/match"
	"marque/stix/pattern"
)

// Indicators tells what arrived.
type Indicators interface {
	// Arrived returns what was stored after one mark and up to another (0: until now).
	Arrived(ctx context.Context, after, until int64) (Arrival, error)
}

// Arrival is what arrived.
type Arrival struct {
	// New were not known before: they are put in force, and looked up in the past.
	New      []match.Indicator
	Patterns []Pattern
	// Changed replace what is in force under their ids. The past was counted under their earlier versions and is left alone.
	Changed         []match.Indicator
	ChangedPatterns []Pattern
	// Withdrawn are taken out of force.
	Withdrawn []string
	// Mark is what the next question begins with.
	Mark int64
}

// Pattern is an indicator that tables cannot hold. Only the identity, validity and tags of Indicator are used.
type Pattern struct {
	Indicator match.Indicator
	Text      string // in STIX patterning
}

// markName is where the journal keeps up to which mark indicators were looked up in the past.
const markName = "indicators"

// arrival is what the journal keeps of an Arrival: the look back that is due, and the mark.
type arrival struct {
	mark  int64
	wants int64    // number of what is wanted; 0: nothing
	files []string // the lake's, as of now; without them nothing is looked up
}

// wanted is looked up in the past.
type wanted struct {
	Values   []match.Indicator
	Patterns []Pattern
}

func (e *entry) writeArrival(ctx context.Context, tx *sql.Tx) error {
	a := e.arrived
	if a == nil {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", markName, strconv.FormatInt(a.mark, 10)); err != nil {
		return err
	}
	if len(a.files) == 0 || a.wants == 0 {
		return nil
	}
	files, err := json.Marshal(a.files)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO lookback (wanted, files) VALUES (?, ?)", a.wants, files)
	return err
}

// want keeps what will be looked up, before matching rests for it. What no look back is about is dropped with the next.
func (j *Journal) want(ctx context.Context, w wanted) (int64, error) {
	raw, err := json.Marshal(w)
	if err != nil {
		return 0, err
	}
	if _, err := j.db.ExecContext(ctx, "DELETE FROM wanted WHERE id NOT IN (SELECT wanted FROM lookback)"); err != nil {
		return 0, j.fault(err)
	}
	res, err := j.db.ExecContext(ctx, "INSERT INTO wanted (indicators) VALUES (?)", raw)
	if err != nil {
		return 0, j.fault(err)
	}
	return res.LastInsertId()
}

// mark returns up to which mark indicators have been looked up; false where the journal is new.
func (j *Journal) mark(ctx context.Context) (int64, bool, error) {
	var n int64
	err := j.db.QueryRowContext(ctx, "SELECT CAST(value AS INTEGER) FROM meta WHERE name = ?", markName).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return n, err == nil, j.fault(err)
}

// arrivals puts what arrived while nothing ran in force.
func (in *Intake) arrivals(ctx context.Context) error {
	if in.deps.Indicators == nil {
		return nil
	}
	after, known, err := in.journal.mark(ctx)
	if err != nil {
		return err
	}
	if !known { // a new journal: what the set has was in force from the start
		after = in.deps.Mark
	}
	a, err := in.arrived(ctx, after)
	if err != nil {
		return err
	}
	return in.admit(ctx, after, &a)
}

func (in *Intake) arrived(ctx context.Context, after int64) (Arrival, error) {
	a, err := in.deps.Indicators.Arrived(ctx, after, 0)
	if err != nil {
		return a, fmt.Errorf("ask for new indicators: %w", err)
	}
	return a, nil
}

// admit lets an arrival in between two segments: every event that came before stands in the lake, where the look back finds it, and every
// later one is matched live. No event is met by both. Matching rests meanwhile, so what takes long is done before and after.
func (in *Intake) admit(ctx context.Context, after int64, a *Arrival) error {
	fresh, err := in.fresh(ctx, after, a)
	if err != nil {
		return err
	}
	add, err := in.deps.Set.Prepare(slices.Concat(fresh.New, fresh.Changed))
	if err != nil {
		return fmt.Errorf("put indicators in force: %w", err)
	}
	e := &entry{arrived: &arrival{mark: a.Mark}}
	if in.deps.Lake != nil && len(a.New)+len(a.Patterns) > 0 {
		if e.arrived.wants, err = in.journal.want(ctx, wanted{a.New, a.Patterns}); err != nil {
			return err
		}
	}
	if err := in.letIn(ctx, e, fresh, add); err != nil {
		return err
	}
	select {
	case in.hunts <- struct{}{}:
	default:
	}
	return in.deps.Set.Merge()
}

// letIn is the part of admit for which matching rests.
func (in *Intake) letIn(ctx context.Context, e *entry, fresh *Arrival, add *match.Addition) error {
	return in.boundary.pause(func() error {
		began := time.Now()
		defer func() { in.counts.paused(time.Since(began)) }()
		if err := in.note(ctx, e); err != nil {
			return err
		}
		if in.applied >= fresh.Mark {
			return nil
		}
		in.deps.Set.Put(add)
		in.deps.Set.Withdraw(fresh.Withdrawn...)
		if err := in.applyPatterns(fresh); err != nil {
			return err
		}
		in.applied = fresh.Mark
		return nil
	})
}

// fresh is what of an arrival the set does not have yet.
func (in *Intake) fresh(ctx context.Context, after int64, a *Arrival) (*Arrival, error) {
	if in.applied >= a.Mark {
		return &Arrival{Mark: in.applied}, nil
	}
	if in.applied == after {
		return a, nil
	}
	fresh, err := in.deps.Indicators.Arrived(ctx, in.applied, a.Mark)
	if err != nil {
		return nil, fmt.Errorf("ask for new indicators: %w", err)
	}
	fresh.Mark = a.Mark
	return &fresh, nil
}

// note keeps what is to be looked up in the files that the lake has now.
func (in *Intake) note(ctx context.Context, e *entry) error {
	in.swap.Lock()
	defer in.swap.Unlock()
	if e.arrived.wants != 0 {
		var err error
		if e.arrived.files, err = in.deps.Lake.Snapshot(ctx); err != nil {
			return err
		}
	}
	return in.commit(ctx, e)
}

// applyPatterns watches what arrived in place of earlier versions. A version may be a pattern where the one before it was a value, and
// the other way round.
func (in *Intake) applyPatterns(a *Arrival) error {
	old := slices.Clone(a.Withdrawn)
	for _, c := range a.Changed {
		old = append(old, c.ID)
	}
	var changed []string
	for _, p := range a.ChangedPatterns {
		changed = append(changed, p.Indicator.ID)
	}
	in.deps.Set.Withdraw(changed...)
	if in.deps.Patterns == nil {
		return nil
	}
	in.deps.Patterns.Remove(append(old, changed...)...)
	list, err := compile(slices.Concat(a.Patterns, a.ChangedPatterns))
	in.deps.Patterns.Add(list...)
	return err
}

func compile(list []Pattern) ([]match.Pattern, error) {
	out := make([]match.Pattern, 0, len(list))
	for _, p := range list {
		ast, err := pattern.Parse(p.Text)
		if err != nil {
			return out, fmt.Errorf("%s: %w", p.Indicator.ID, err)
		}
		program, err := pattern.Compile(ast)
		if err != nil {
			return out, fmt.Errorf("%s: %w", p.Indicator.ID, err)
		}
		out = append(out, match.Pattern{Indicator: p.Indicator, Program: program})
	}
	return out, nil
}

// lookBack looks up in the past what the journal says is due, until ctx ends.
func (in *Intake) lookBack(ctx context.Context) {
	for ctx.Err() == nil {
		done, err := in.lookOnce(ctx)
		if err != nil && ctx.Err() == nil {
			in.deps.Log.Error("look back", "error", err)
			_ = rest(ctx, in.cfg.Retry)
			continue
		}
		if done {
			continue
		}
		select {
		case <-in.hunts:
		case <-ctx.Done():
		}
	}
}

// lookOnce does the oldest look back that is due, and commits what it found together with its end.
func (in *Intake) lookOnce(ctx context.Context) (bool, error) {
	var id int64
	var rawWants, rawFiles []byte
	err := in.journal.db.QueryRowContext(ctx, "SELECT lookback.id, indicators, files FROM lookback JOIN wanted ON wanted.id = lookback.wanted ORDER BY lookback.id LIMIT 1").Scan(&id, &rawWants, &rawFiles)
	if errors.Is(err, sql.ErrNoRows) || in.deps.Lake == nil {
		return false, nil
	}
	if err != nil {
		return false, in.journal.fault(err)
	}
	var wants wanted
	var files []string
	if err := errors.Join(json.Unmarshal(rawWants, &wants), json.Unmarshal(rawFiles, &files)); err != nil {
		return false, fmt.Errorf("journal %s: look back %d: %w", in.journal.path, id, err)
	}
	hunt := lake.HuntConfig{Only: files, Workers: 1}
	patterns, err := compile(wants.Patterns)
	if err != nil {
		return false, err
	}
	hunt.Patterns = match.NewPatterns(patterns...)
	var hits []match.Hit
	if in.journal.telling.Load() {
		hunt.Hit = func(h match.Hit) { hits = append(hits, h) }
	}
	stats, tally, err := in.deps.Lake.Hunt(ctx, wants.Values, hunt)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		if tally == nil {
			return false, err
		}
		in.deps.Log.Error("look back: some files could not be searched", "error", err)
	}
	in.counts.lookBacks.Add(1)
	in.deps.Log.Info("look back done", "indicators", len(wants.Values)+len(wants.Patterns), "files", stats.Files, "rows", stats.Rows, "matched", stats.Matched)
	err = in.commit(ctx, &entry{
		tally: tally, reason: LookBack, looked: id, counters: map[string]int64{"look_back_matched": stats.Matched}, hits: hits, at: in.cfg.now(),
	})
	if err == nil {
		in.toTell(len(hits))
	}
	return true, err
}
