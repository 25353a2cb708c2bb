package account

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
)

// Nulls is how many moved calendars are pooled. One alone moves what is found by a third, because in each some pairs are moved by the
// same number of days and stay together.
const Nulls = 5

// maxShift is by how many days a calendar is moved at most, to and fro.
const maxShift = 45

// Moved gives the same posts with each account's calendar moved by a whole number of days of its own, between 1 and 45, to and fro. Who
// writes what, how much and at which hours stays; who does so together goes. What a detector still finds is what it finds in nothing.
// The number n makes different calendars; equal numbers make equal ones.
func Moved(posts iter.Seq[Post], n int) iter.Seq[Post] {
	return func(yield func(Post) bool) {
		by := map[string]time.Duration{}
		for p := range posts {
			d, ok := by[p.Account]
			if !ok {
				h := mix(hashString(p.Account) + uint64(n)*0x9e3779b97f4a7c15)
				days := int64(h%(2*maxShift)) - maxShift
				if days >= 0 {
					days++
				}
				d = time.Duration(days) * 24 * time.Hour
				by[p.Account] = d
			}
			p.Time = p.Time.Add(d)
			if !yield(p) {
				return
			}
		}
	}
}

// Run puts posts in order and through a stream.
func Run(ctx context.Context, posts iter.Seq[Post], cfg Config, dir string) (*Result, error) {
	s := New(cfg)
	for p, err := range InOrder(ctx, posts, dir) {
		if err != nil {
			return nil, err
		}
		s.Add(p)
	}
	return s.Result(), nil
}

// Threshold is the score from which on accounts are called coordinated, and what it was read off.
type Threshold struct {
	// Value must be passed, not only reached.
	Value float64 `json:"value"`
	// FromNull is the score that at most Share of the accounts pass whose calendars were moved.
	FromNull float64 `json:"from_null"`
	Share    float64 `json:"share"`
	// Accounts is how many were in each of the Nulls calendars: those with at least MinPosts posts.
	Accounts int `json:"accounts"`
	Nulls    int `json:"nulls"`
}

// MinPosts is how many posts an account needs before it is judged. Fewer say nothing, neither way.
const MinPosts = 20

// Limits for what the threshold lets through where nothing is coordinated.
const (
	nullShare = 0.02
	// floor is what one day can be worth at most: an evening on which everybody speaks of the same thing never makes a network.
	floor = dayCap
	// leastNull is how many accounts the pooled calendars must have before a share of 2 % can be read off them.
	leastNull = 50
)

// ErrTooFew says that there are too few accounts to read a threshold off.
var ErrTooFew = errors.New("too few to say what chance brings")

// Calibrate reads the threshold off the posts themselves with moved calendars, five pooled, never off what is to be judged. posts is
// read five times. The error says so where there are too few accounts with 20 posts to read anything off.
func Calibrate(ctx context.Context, posts iter.Seq[Post], cfg Config, dir string) (Threshold, error) {
	t := Threshold{Share: nullShare, Nulls: Nulls}
	var pooled []float64
	for n := 1; n <= Nulls; n++ {
		r, err := Run(ctx, Moved(posts, n), cfg, dir)
		if err != nil {
			return t, fmt.Errorf("moved calendar %d: %w", n, err)
		}
		for _, s := range r.Scores() {
			if s.Posts >= MinPosts {
				pooled = append(pooled, s.Score)
			}
		}
	}
	t.Accounts = len(pooled) / Nulls
	if len(pooled) < leastNull {
		return t, fmt.Errorf("threshold: %d accounts with %d posts or more in %d moved calendars, want %d: %w", t.Accounts, MinPosts, Nulls, leastNull/Nulls, ErrTooFew)
	}
	t.FromNull = passedBy(pooled, nullShare)
	t.Value = max(t.FromNull, floor)
	return t, nil
}

// passedBy is the score that at most the share of the accounts pass.
func passedBy(scores []float64, share float64) float64 {
	slices.Sort(scores)
	slices.Reverse(scores)
	return scores[int(share*float64(len(scores)))]
}
