package eval

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"time"

	"marque/attribute/profile"
)

// LOROQuery is one cited report of the protocol "leave one report out, in time": it supports exactly one actor
// (and no campaign) with at least five features, and the actor is to be named from earlier-dated reports only.
type LOROQuery struct {
	Report   string
	Date     time.Time
	Actor    string
	Features []string // ids, sorted
}

// minFeatures is the protocol's least number of features of a query.
const minFeatures = 5

// gap is how long before a query nothing counts in the run with a gap.
const gap = 90 * 24 * time.Hour

// LOROQueries lists a corpus' queries dated in the years from..to, by date, then by report.
func LOROQueries(c profile.Corpus, from, to int) []LOROQuery {
	actors := map[string]bool{}
	for _, a := range c.Actors {
		actors[a.ID] = true
	}
	byReport := map[string]*LOROQuery{}
	shared := map[string]bool{}
	for _, u := range c.Uses {
		for _, at := range u.Citations {
			q := byReport[at.Source]
			if q == nil {
				q = &LOROQuery{Report: at.Source, Date: at.Date, Actor: u.User}
				byReport[at.Source] = q
			}
			shared[at.Source] = shared[at.Source] || q.Actor != u.User
			q.Features = append(q.Features, u.Feature)
		}
	}
	var list []LOROQuery
	for report, q := range byReport {
		slices.Sort(q.Features)
		q.Features = slices.Compact(q.Features)
		if !shared[report] && actors[q.Actor] && len(q.Features) >= minFeatures && from <= q.Date.Year() && q.Date.Year() <= to {
			list = append(list, *q)
		}
	}
	slices.SortFunc(list, func(a, b LOROQuery) int {
		return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.Report, b.Report))
	})
	return list
}

// split tells on which side of the splits a query stands. They were fixed before anything was tuned.
type split uint8

const (
	development split = 1 << iota // before 2020, actor not held out: weights and constants were chosen on these
	laterYear                     // 2020 and later
	otherActor                    // actors whose id's FNV-1a hash is divisible by 4, any year
)

func (q LOROQuery) split() split {
	h := fnv.New32a()
	_, _ = h.Write([]byte(q.Actor)) // a hash does not fail
	var s split
	if q.Date.Year() >= 2020 {
		s |= laterYear
	}
	if h.Sum32()%4 == 0 {
		s |= otherActor
	}
	if s == 0 {
		s = development
	}
	return s
}

// Development tells whether the query may be tuned on.
func (q LOROQuery) Development() bool { return q.split() == development }

// Mode tells which of a query's features are shown to the judge.
type Mode string

// The protocol's modes.
const (
	Both       Mode = "techniques + software"
	Techniques Mode = "techniques only"
)

// catalogueOf maps a feature's id to what the baseline compares: catalogue numbers for techniques, ids for software.
func catalogueOf(c profile.Corpus, mode Mode) map[string][]string {
	names := map[string][]string{}
	for _, f := range c.Features {
		switch {
		case f.Kind == profile.Technique:
			parent, _, _ := strings.Cut(f.External, ".")
			names[f.ID] = slices.Compact([]string{f.External, parent})
		case mode == Both:
			names[f.ID] = []string{f.ID}
		}
	}
	return names
}

// Baseline is the protocol's own measure: the rarity-weighted overlap with each actor's set of features.
type Baseline struct {
	names map[string][]string
	uses  map[string][]profile.Use // by actor
	ids   []string
}

// NewBaseline prepares a corpus.
func NewBaseline(c profile.Corpus, mode Mode) *Baseline {
	b := &Baseline{names: catalogueOf(c, mode), uses: map[string][]profile.Use{}}
	for _, a := range c.Actors {
		b.ids = append(b.ids, a.ID)
		b.uses[a.ID] = nil
	}
	slices.Sort(b.ids)
	for _, u := range c.Uses {
		if list, known := b.uses[u.User]; known {
			b.uses[u.User] = append(list, u)
		}
	}
	return b
}

// Scores returns each profiled actor's score; an actor without a score is novel. It is empty-handed (nil) when the
// query has no feature of the mode.
func (b *Baseline) Scores(q LOROQuery, gap time.Duration) map[string]float64 {
	asked := map[string]bool{}
	for _, f := range q.Features {
		for _, name := range b.names[f] {
			asked[name] = true
		}
	}
	if len(asked) == 0 {
		return nil
	}
	cut := q.Date.Add(-gap)
	profiles := map[string]map[string]bool{}
	users := map[string]int{}
	for _, id := range b.ids {
		shown := map[string]bool{}
		for _, u := range b.uses[id] {
			if slices.ContainsFunc(u.Citations, func(c profile.Citation) bool { return c.Source != q.Report && c.Date.Before(cut) }) {
				for _, name := range b.names[u.Feature] {
					shown[name] = true
				}
			}
		}
		if len(shown) > 0 {
			profiles[id] = shown
			for name := range shown {
				users[name]++
			}
		}
	}
	return overlap(asked, profiles, users)
}

func overlap(asked map[string]bool, profiles map[string]map[string]bool, users map[string]int) map[string]float64 {
	rarity := func(name string) float64 { return math.Log(float64(1+len(profiles)) / float64(1+users[name])) }
	scores := make(map[string]float64, len(profiles))
	for id, shown := range profiles {
		var both, all float64
		for _, name := range slices.Sorted(keys(shown)) {
			r := rarity(name)
			all += r
			if asked[name] {
				both += r
			}
		}
		scores[id] = both / (math.Pow(all, .25) + 1e-9)
	}
	return scores
}

// rankOf is the truth's place, ties sharing the middle one.
func rankOf(scores map[string]float64, truth string) float64 {
	better, equal := 0, 0
	for _, s := range scores {
		switch {
		case s > scores[truth]:
			better++
		case s == scores[truth]:
			equal++
		}
	}
	return float64(better) + float64(equal+1)/2
}
