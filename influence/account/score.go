package account

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Result is what a stream found, as of when it was asked.
type Result struct {
	accounts map[string]*Score
	partners map[string][]Partner
	scores   []Score
	Stats    Stats
}

// Score says how much an account acts together with others: the smaller of how many it acts with and on how many days.
//
// Breadth adds up over partners; one partner is worth half at most, so that a pair alone never passes, whether it is one person with two
// accounts, a reader who copies, or two accounts that the same hour and the same taste bring together. Persistence adds up over days; one day
// is worth one at most, so that an evening on which everybody speaks of the same thing never passes. How much is posted is
// worth nothing: what counts is only what chance would not bring together.
type Score struct {
	Account string `json:"account"`
	// Score is the smaller of Breadth and Persistence, without unit; from 0.
	Score float64 `json:"score"`
	// Breadth is about half the number of accounts that it acts with.
	Breadth float64 `json:"breadth"`
	// Persistence is about the number of days on which it does.
	Persistence float64 `json:"persistence"`
	// Posts is how many were read.
	Posts int `json:"posts"`
	// First and Last are when it was first and last seen to post.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

// Partner is an account that another acts together with.
type Partner struct {
	Account string `json:"account"`
	// Strength adds up over days, each worth one at most.
	Strength float64 `json:"strength"`
	// Days and Times are on how many days, and how many times, the two posted the same together.
	Days  int `json:"days"`
	Times int `json:"times"`
	// Things is how many different things they shared, counted up to 16.
	Things int `json:"things"`
	// Ahead and Behind are how often the account asked about was first and second; the rest was at once.
	Ahead  int `json:"ahead"`
	Behind int `json:"behind"`
	// Examples are at most three things that they shared, the rarest.
	Examples []Example `json:"examples"`
}

// Result adds up what was found. The stream can go on afterwards.
func (s *Stream) Result() *Result {
	r := &Result{accounts: make(map[string]*Score, len(s.accounts)), partners: map[string][]Partner{}, Stats: s.stats}
	breadth := make([]float64, len(s.accounts))
	for _, id := range slices.Sorted(maps.Keys(s.pairs)) { // sums of floats depend on their order
		p := s.pairs[id]
		v := p.strength + min(dayCap, p.today)
		breadth[p.a] += saturate(v, partnerCap)
		breadth[p.b] += saturate(v, partnerCap)
		a, b := s.accounts[p.a].name, s.accounts[p.b].name
		r.partners[a] = append(r.partners[a], Partner{b, v, p.days, p.times, len(p.things), p.ahead[0], p.ahead[1], p.examples})
		r.partners[b] = append(r.partners[b], Partner{a, v, p.days, p.times, len(p.things), p.ahead[1], p.ahead[0], turned(p.examples)})
	}
	for _, ps := range r.partners {
		slices.SortFunc(ps, func(x, y Partner) int {
			return cmp.Or(cmp.Compare(y.Strength, x.Strength), cmp.Compare(x.Account, y.Account))
		})
	}
	r.scores = make([]Score, len(s.accounts))
	for i, a := range s.accounts {
		persistence := a.days + saturate(a.today, dayCap)
		r.scores[i] = Score{
			Account: a.name, Score: min(breadth[i], persistence), Breadth: breadth[i], Persistence: persistence,
			Posts: a.posts, First: time.Unix(a.first, 0).UTC(), Last: time.Unix(a.last, 0).UTC(),
		}
	}
	slices.SortFunc(r.scores, func(x, y Score) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(x.Account, y.Account))
	})
	for i := range r.scores {
		r.accounts[r.scores[i].Account] = &r.scores[i]
	}
	return r
}

// turned tells examples from the other account's side.
func turned(es []Example) []Example {
	out := slices.Clone(es)
	for i := range out {
		out[i].At, out[i].PartnerAt = out[i].PartnerAt, out[i].At
	}
	return out
}

// Scores are all accounts, the most coordinated first.
func (r *Result) Scores() []Score { return r.scores }

// Score is one account's; false where it was not seen.
func (r *Result) Score(name string) (Score, bool) {
	s, ok := r.accounts[name]
	if !ok {
		return Score{}, false
	}
	return *s, true
}

// Partners are the accounts that one acts together with, the strongest first.
func (r *Result) Partners(name string) []Partner { return r.partners[name] }
