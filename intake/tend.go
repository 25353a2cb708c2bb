package intake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"marque/internal/lock"
	"marque/lake"
)

// tendLake joins the lake's small files and lets go of old hours, again and again until ctx ends. It may be killed at any moment.
func (in *Intake) tendLake(ctx context.Context) {
	if in.deps.Lake == nil {
		return
	}
	for rest(ctx, in.cfg.CompactEvery) == nil {
		err := in.tend(ctx)
		switch {
		case err == nil || ctx.Err() != nil:
		case errors.Is(err, lake.ErrBusy), errors.Is(err, lake.ErrLocked):
			in.deps.Log.Debug("lake is tended later", "error", err)
		default:
			in.deps.Log.Error("lake could not be tended", "error", err)
		}
	}
}

// tend does so once.
func (in *Intake) tend(ctx context.Context) error {
	var faults []error
	if !in.cfg.NoCompact {
		done, err := in.deps.Lake.Compact(ctx, lake.CompactConfig{Before: in.cfg.now().Add(-time.Hour), Swap: in.unlessDue(ctx)})
		faults = append(faults, err)
		in.counts.compacted.Add(int64(done.Read))
	}
	if in.cfg.KeepFor > 0 || in.cfg.KeepBytes > 0 {
		before, err := in.oldest(ctx)
		if err == nil {
			_, err = in.deps.Lake.Retain(ctx, lake.RetainConfig{Before: before, Bytes: in.cfg.KeepBytes, Swap: in.unlessDue(ctx)})
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// oldest is before which hours go by age; zero: none. Age goes by the clock or by the lake's last hour, whichever is earlier: a clock that
// jumps ahead must not empty the lake.
func (in *Intake) oldest(ctx context.Context) (time.Time, error) {
	files, err := in.deps.Lake.Files(ctx)
	if in.cfg.KeepFor == 0 || len(files) == 0 || err != nil {
		return time.Time{}, err
	}
	now, last := in.cfg.now(), files[len(files)-1].Hour.Add(time.Hour)
	if last.Before(now) {
		now = last
	}
	return now.Add(-in.cfg.KeepFor), nil
}

// unlessDue lets files be taken away unless a look back is due, which names them.
func (in *Intake) unlessDue(ctx context.Context) func(func() error) error {
	return func(do func() error) error {
		in.swap.Lock()
		defer in.swap.Unlock()
		due, err := in.journal.lookBacksDue(ctx)
		if err != nil {
			return err
		}
		if due > 0 {
			return lake.ErrBusy
		}
		return do()
	}
}

// Rest makes sure that no intake uses dir, and that none which was killed there still needs files of the lake, until release is called. A
// folder without an intake is at rest. Errors: ErrLocked, ErrLookBack.
func Rest(ctx context.Context, dir string) (release func() error, err error) {
	if _, err := os.Stat(filepath.Join(dir, "journal.db")); errors.Is(err, fs.ErrNotExist) {
		return func() error { return nil }, nil
	}
	held, err := lock.Try(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("intake %s: %w", dir, err)
	}
	j, err := OpenJournal(ctx, filepath.Join(dir, "journal.db"))
	if err != nil {
		return nil, errors.Join(err, held.Close())
	}
	due, err := j.lookBacksDue(ctx)
	if err == nil && due > 0 {
		err = fmt.Errorf("intake %s: %w", dir, ErrLookBack)
	}
	if err = errors.Join(err, j.Close()); err != nil {
		return nil, errors.Join(err, held.Close())
	}
	return held.Close, nil
}
