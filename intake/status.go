package intake

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"syscall"
	"time"
)

// counts are of this process; those that must survive it stand in the journal.
type counts struct {
	segments, lookBacks, compacted atomic.Int64
	pause                          atomic.Int64 // the longest, nanoseconds
	saved                          atomic.Int64 // when the last segment was committed, nanoseconds since 1970
}

// paused notes how long matching rested for new indicators.
func (c *counts) paused(d time.Duration) {
	if longest := c.pause.Load(); int64(d) > longest {
		c.pause.Store(int64(d)) // of one goroutine
	}
}

func (c *counts) committed(*segment) {
	c.segments.Add(1)
	c.saved.Store(time.Now().UnixNano())
}

// Status is how the intake does.
type Status struct {
	Stream   string           `json:"stream"`         // where it lies
	Waiting  uint64           `json:"waiting"`        // messages that are not committed yet
	Backlog  uint64           `json:"backlog_bytes"`  // what they take
	Limit    int64            `json:"backlog_limit"`  // beyond it clients are told to wait
	Memory   int64            `json:"memory_free"`    // for requests
	Counters map[string]int64 `json:"counters"`       // since the journal was made
	LookBack int              `json:"look_backs_due"` // arrivals that have not been looked up yet
	Saved    time.Time        `json:"saved,omitzero"` // the last commit of this process
	Fault    string           `json:"fault,omitempty"`
}

// Status asks stream and journal.
func (in *Intake) Status(ctx context.Context) (Status, error) {
	s := Status{Limit: in.cfg.Backlog, Memory: in.budget.free.Load()}
	if n := in.counts.saved.Load(); n != 0 {
		s.Saved = time.Unix(0, n).UTC()
	}
	in.mu.Lock()
	if in.fault != nil {
		s.Fault = in.fault.Error()
	}
	in.mu.Unlock()
	var err error
	if s.Counters, err = in.journal.Counters(ctx); err != nil {
		return s, err
	}
	if s.LookBack, err = in.journal.lookBacksDue(ctx); err != nil {
		return s, err
	}
	q, err := in.stream()
	if err != nil {
		return s, err
	}
	s.Stream = q.where()
	state, err := q.state(ctx)
	if err != nil {
		return s, err
	}
	at, _, err := in.journal.position(ctx, q.id)
	if err != nil {
		return s, err
	}
	s.Waiting, s.Backlog = state.LastSeq-min(at, state.LastSeq), state.Bytes
	return s, nil
}

// Work is what this process has done.
type Work struct {
	Segments     int64         // committed
	LookBacks    int64         // done
	Compacted    int64         // files of the lake that were joined into larger ones
	LongestPause time.Duration // of matching, while indicators were let in
}

// Work returns what was done so far.
func (in *Intake) Work() Work {
	c := &in.counts
	return Work{c.segments.Load(), c.lookBacks.Load(), c.compacted.Load(), time.Duration(c.pause.Load())}
}

// diskFault tells a full disk from other faults.
func diskFault(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
