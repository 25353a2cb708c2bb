package account

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"
)

// CrossPair is two accounts of different camps that share texts.
type CrossPair struct {
	A        string    `json:"a"`
	CampA    string    `json:"camp_a"`
	B        string    `json:"b"`
	CampB    string    `json:"camp_b"`
	Things   int       `json:"things"`
	Days     int       `json:"days"`
	Examples []Example `json:"examples"`
}

// BothSides says how many pairs share texts across camps, and how many are left when calendars are moved.
type BothSides struct {
	Pairs    []CrossPair `json:"pairs"`
	Accounts int         `json:"accounts"`
	// Moved is the number of pairs in each of the moved calendars, smallest first. What is found means as much as it stands above them.
	Moved []int `json:"moved"`
}

// Share is the middle number of pairs in moved calendars for each pair found: about which part of the pairs chance brings.
func (b BothSides) Share() float64 {
	if len(b.Pairs) == 0 || len(b.Moved) == 0 {
		return 1
	}
	return float64(b.Moved[len(b.Moved)/2]) / float64(len(b.Pairs))
}

// Across finds personas of opposite camps that share texts of their own within a day, at least so many different ones: what a single
// operator does who writes on both sides. camp names an account's camp, empty where it has none. Reposts do not count. posts is read
// once and again for each moved calendar.
func Across(ctx context.Context, posts iter.Seq[Post], camp func(account string) string, least int, dir string) (BothSides, error) {
	own := func(yield func(Post) bool) {
		for p := range posts {
			if !p.Repost && camp(p.Account) != "" && !yield(p) {
				return
			}
		}
	}
	var b BothSides
	for n := range Nulls + 1 {
		calendar := iter.Seq[Post](own)
		if n > 0 {
			calendar = Moved(own, n)
		}
		r, err := Run(ctx, calendar, Config{Window: 24 * time.Hour, Kinds: []Kind{Text}, Common: true}, dir)
		if err != nil {
			return b, err
		}
		if pairs := r.across(camp, least); n == 0 {
			b.Pairs = pairs
		} else {
			b.Moved = append(b.Moved, len(pairs))
		}
	}
	slices.Sort(b.Moved)
	in := map[string]bool{}
	for _, p := range b.Pairs {
		in[p.A], in[p.B] = true, true
	}
	b.Accounts = len(in)
	return b, nil
}

// across lists the pairs of different camps, those with the most shared texts first.
func (r *Result) across(camp func(string) string, least int) []CrossPair {
	var out []CrossPair
	for a, partners := range r.partners {
		for _, p := range partners {
			ca, cb := camp(a), camp(p.Account)
			if a < p.Account && ca != cb && p.Things >= least {
				out = append(out, CrossPair{a, ca, p.Account, cb, p.Things, p.Days, p.Examples})
			}
		}
	}
	slices.SortFunc(out, func(x, y CrossPair) int {
		return cmp.Or(cmp.Compare(y.Things, x.Things), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	return out
}
