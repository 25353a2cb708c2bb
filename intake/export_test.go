package intake

import (
	"context"
	"time"
)

// SetFree makes the disk look as full as a test wants.
func (c *Config) SetFree(f func(dir string) (int64, error)) { c.free = f }

// SetNow makes the clock tell what a test wants.
func (c *Config) SetNow(f func() time.Time) { c.now = f }

// Tend tends the lake once.
func (in *Intake) Tend(ctx context.Context) error { return in.tend(ctx) }

// TakeMemory takes of the memory for requests.
func (in *Intake) TakeMemory(n int64) bool { return in.budget.take(n) }

// Applied is the store's sequence up to which indicators are in force.
func (in *Intake) Applied() int64 {
	defer in.boundary.begin().end()
	return in.applied
}

// LongestPause is how long matching rested for indicators at most.
func (in *Intake) LongestPause() time.Duration { return time.Duration(in.counts.pause.Load()) }

// Admit lets an arrival in.
func (in *Intake) Admit(ctx context.Context, a *Arrival) error { return in.admit(ctx, in.applied, a) }
