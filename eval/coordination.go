package eval

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"marque/influence/account"
)

// LabelledPosts are posts with the category of each account.
type LabelledPosts struct {
	Posts    []account.Post
	Category map[string]string
}

// ReadLabelledPosts reads a file of posts whose second column is the account's category.
func ReadLabelledPosts(path string) (LabelledPosts, error) {
	known, err := account.Builtin()
	if err != nil {
		return LabelledPosts{}, err
	}
	l := LabelledPosts{Category: map[string]string{}}
	err = gunzip(path, func(z *gzip.Reader) error {
		r, err := account.NewReader(z, known)
		if err != nil {
			return err
		}
		l.Posts = slices.Collect(r.Posts())
		if r.Rejected() > 0 {
			return fmt.Errorf("%d rows rejected: %v", r.Rejected(), r.Rejects()[0])
		}
		return r.Err()
	})
	if err != nil {
		return l, err
	}
	return l, gunzip(path, func(z *gzip.Reader) error {
		s := bufio.NewScanner(z)
		s.Buffer(nil, 1<<20)
		for s.Scan() {
			if f := strings.SplitN(s.Text(), "\t", 3); len(f) == 3 && f[0] != "account" {
				l.Category[f[0]] = f[1]
			}
		}
		return s.Err()
	})
}

func gunzip(path string, read func(*gzip.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := read(z); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// Where keeps the posts that pass.
func (l LabelledPosts) Where(keep func(account.Post) bool) LabelledPosts {
	var out []account.Post
	for _, p := range l.Posts {
		if keep(p) {
			out = append(out, p)
		}
	}
	return LabelledPosts{out, l.Category}
}

// active are the accounts that are judged: those with 20 posts or more.
func (l LabelledPosts) active() []string {
	n := map[string]int{}
	for _, p := range l.Posts {
		n[p.Account]++
	}
	out := slices.Sorted(maps.Keys(n))
	return slices.DeleteFunc(out, func(a string) bool { return n[a] < account.MinPosts })
}

func (l LabelledPosts) accounts() []string {
	seen := map[string]bool{}
	for _, p := range l.Posts {
		seen[p.Account] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// Limits of the protocol: at most so many of the moved calendars, of ordinary users and of bundles of these may be flagged.
const (
	limitNull     = 0.02
	limitOrdinary = 0.005
	limitBundles  = 0.02
	bundles       = 148
)

// CoordinationFigure is what a detector finds of an operation within the limits.
type CoordinationFigure struct {
	Found, Accounts  int
	Threshold        float64
	ByNull           []float64 // recall when one moved calendar alone sets the threshold
	ByCategory       map[string][2]int
	NullFlagged      float64
	Ordinary         int // flagged
	OrdinaryAccounts int
	Bundles          int // flagged
}

// Recall is the share found.
func (f CoordinationFigure) Recall() float64 { return float64(f.Found) / float64(max(1, f.Accounts)) }

// Coordination measures the detector on an operation among ordinary users: the threshold is read off five moved calendars of the operation,
// the ordinary users, and these bundled at random into 148 accounts.
func Coordination(ctx context.Context, op, ordinary LabelledPosts, window time.Duration) (CoordinationFigure, error) {
	cfg := account.Config{Window: window}
	f := CoordinationFigure{ByCategory: map[string][2]int{}}
	pool, err := scoresOf(ctx, concat(slices.Values(op.Posts), slices.Values(ordinary.Posts)), cfg)
	if err != nil {
		return f, err
	}
	active, users := op.active(), ordinary.accounts()
	nulls, err := nullScores(ctx, op, ordinary, cfg, active)
	if err != nil {
		return f, err
	}
	bundled, err := scoresOf(ctx, bundle(ordinary.Posts), cfg)
	if err != nil {
		return f, err
	}
	bundleNames := make([]string, bundles)
	for i := range bundleNames {
		bundleNames[i] = bundleName(i)
	}
	others := max(passed(pick(pool, users), limitOrdinary), passed(pick(bundled, bundleNames), limitBundles))
	f.Threshold = max(others, passed(slices.Concat(nulls...), limitNull))
	f.Accounts, f.OrdinaryAccounts = len(active), len(users)
	f.Ordinary, f.Bundles = above(pick(pool, users), f.Threshold), above(pick(bundled, bundleNames), f.Threshold)
	f.NullFlagged = float64(above(slices.Concat(nulls...), f.Threshold)) / float64(len(active)*len(nulls))
	for _, a := range active {
		c := f.ByCategory[op.Category[a]]
		c[1]++
		if pool[a] > f.Threshold {
			c[0]++
			f.Found++
		}
		f.ByCategory[op.Category[a]] = c
	}
	for _, n := range nulls {
		f.ByNull = append(f.ByNull, float64(above(pick(pool, active), max(others, passed(n, limitNull))))/float64(len(active)))
	}
	return f, nil
}

// UnseenFigure is what is found of a category whose null set no threshold.
type UnseenFigure struct {
	Category string
	Accounts int
	Recall   float64
	// Precision counts what is flagged in the category's own moved calendars as wrong.
	Precision float64
}

// F1 is the harmonic mean.
func (f UnseenFigure) F1() float64 {
	if f.Recall+f.Precision == 0 {
		return 0
	}
	return 2 * f.Recall * f.Precision / (f.Recall + f.Precision)
}

// Unseen measures each category with a threshold that is read off the moved calendars of the others and ordinary users.
func Unseen(ctx context.Context, op, ordinary LabelledPosts, window time.Duration) ([]UnseenFigure, error) {
	cfg := account.Config{Window: window}
	users, err := scoresOf(ctx, slices.Values(ordinary.Posts), cfg)
	if err != nil {
		return nil, err
	}
	var out []UnseenFigure
	for _, category := range slices.Compact(slices.Sorted(maps.Values(op.Category))) {
		one := op.Where(func(p account.Post) bool { return op.Category[p.Account] == category })
		rest := op.Where(func(p account.Post) bool { return op.Category[p.Account] != category })
		active := one.active()
		restNulls, err := nullScores(ctx, rest, LabelledPosts{}, cfg, rest.active())
		if err != nil {
			return nil, err
		}
		threshold := max(passed(slices.Concat(restNulls...), limitNull), passed(pick(users, ordinary.accounts()), limitOrdinary))
		found, err := scoresOf(ctx, slices.Values(one.Posts), cfg)
		if err != nil {
			return nil, err
		}
		nulls, err := nullScores(ctx, one, LabelledPosts{}, cfg, active)
		if err != nil {
			return nil, err
		}
		right := float64(above(pick(found, active), threshold))
		wrong := float64(above(slices.Concat(nulls...), threshold)) / float64(len(nulls))
		out = append(out, UnseenFigure{category, len(active), right / float64(len(active)), right / max(1, right+wrong)})
	}
	return out, nil
}

// nullScores scores the operation with its calendars moved among ordinary users, five times.
func nullScores(ctx context.Context, op, ordinary LabelledPosts, cfg account.Config, active []string) ([][]float64, error) {
	var out [][]float64
	for n := 1; n <= account.Nulls; n++ {
		s, err := scoresOf(ctx, concat(account.Moved(slices.Values(op.Posts), n), slices.Values(ordinary.Posts)), cfg)
		if err != nil {
			return nil, err
		}
		out = append(out, pick(s, active))
	}
	return out, nil
}

func scoresOf(ctx context.Context, posts iter.Seq[account.Post], cfg account.Config) (map[string]float64, error) {
	r, err := account.Run(ctx, posts, cfg, "")
	if err != nil {
		return nil, err
	}
	out := make(map[string]float64, len(r.Scores()))
	for _, s := range r.Scores() {
		out[s.Account] = s.Score
	}
	return out, nil
}

func concat(seqs ...iter.Seq[account.Post]) iter.Seq[account.Post] {
	return func(yield func(account.Post) bool) {
		for _, s := range seqs {
			for p := range s {
				if !yield(p) {
					return
				}
			}
		}
	}
}

// bundle joins ordinary users at random to as many accounts as an operation has.
func bundle(posts []account.Post) iter.Seq[account.Post] {
	names := LabelledPosts{Posts: posts}.accounts()
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	to := make(map[string]string, len(names))
	for i, n := range names {
		to[n] = bundleName(i % bundles)
	}
	return func(yield func(account.Post) bool) {
		for _, p := range posts {
			p.Account = to[p.Account]
			if !yield(p) {
				return
			}
		}
	}
}

func bundleName(i int) string { return fmt.Sprintf("bundle %d", i) }

func pick(scores map[string]float64, names []string) []float64 {
	out := make([]float64, len(names))
	for i, n := range names {
		out[i] = scores[n]
	}
	return out
}

// passed is the score that at most the share passes.
func passed(scores []float64, share float64) float64 {
	if len(scores) == 0 {
		return 0
	}
	s := slices.SortedFunc(slices.Values(scores), func(a, b float64) int { return cmp.Compare(b, a) })
	return s[int(share*float64(len(s)))]
}

func above(scores []float64, threshold float64) int {
	n := 0
	for _, s := range scores {
		if s > threshold {
			n++
		}
	}
	return n
}

// CosharingFigure is how many accounts of ordinary co-sharing are called coordinated.
type CosharingFigure struct {
	Accounts, Flagged, Undecided int
	// Above is how many pass the threshold, judged or not: most have too few posts to be judged.
	Above     int
	Threshold account.Threshold
}

// Cosharing judges the accounts of the German election 2021 by the links that they shared within the window.
func Cosharing(ctx context.Context, data string, window time.Duration) (CosharingFigure, error) {
	known, err := account.Builtin()
	if err != nil {
		return CosharingFigure{}, err
	}
	var posts []account.Post
	err = gunzip(filepath.Join(data, "posts", "german-elections-2021-coshares.csv.gz"), func(z *gzip.Reader) error {
		r, err := account.NewReader(z, known)
		if err != nil {
			return err
		}
		for p := range r.Posts() {
			if p.Hashtags, p.Media = nil, nil; len(p.Links) > 0 {
				posts = append(posts, p)
			}
		}
		return r.Err()
	})
	if err != nil {
		return CosharingFigure{}, err
	}
	cfg := account.Config{Window: window}
	f := CosharingFigure{}
	if f.Threshold, err = account.Calibrate(ctx, slices.Values(posts), cfg, ""); err != nil {
		return f, err
	}
	r, err := account.Run(ctx, slices.Values(posts), cfg, "")
	if err != nil {
		return f, err
	}
	for _, s := range r.Scores() {
		f.Accounts++
		if s.Score > f.Threshold.Value {
			f.Above++
		}
		switch j, _ := r.Judge(s.Account, f.Threshold); j.Verdict {
		case account.Coordinated:
			f.Flagged++
		case account.Undecided:
			f.Undecided++
		}
	}
	return f, nil
}
