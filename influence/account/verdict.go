package account

import "fmt"

// Verdict is what can be said of an account.
type Verdict string

// The three answers. Undecided is an answer, and says why.
const (
	Coordinated Verdict = "coordinated"
	NotShown    Verdict = "not shown"
	Undecided   Verdict = "undecided"
)

// Judgement says what can be said of an account, and why.
type Judgement struct {
	Score
	Verdict Verdict `json:"verdict"`
	Reason  string  `json:"reason"`
}

// An account is taken to be copied where it was first in nine of ten times that were not at once, and there were five such times: its
// partners follow it, and what they do says nothing on it.
const (
	copiedShare = 0.9
	copiedTimes = 5
)

// Judge says what the threshold makes of an account. A quiet account, one that was seen on one day, one with one partner, and one that
// is only copied are undecided: what they do looks the same with and without a hand behind it.
func (r *Result) Judge(name string, t Threshold) (Judgement, bool) {
	s, ok := r.Score(name)
	if !ok {
		return Judgement{}, false
	}
	j := Judgement{Score: s, Verdict: Undecided}
	partners := r.Partners(name)
	switch ahead, behind := leads(partners); {
	case s.Posts < MinPosts:
		j.Reason = fmt.Sprintf("%d posts, fewer than %d: a quiet account cannot be told from a user of the same taste", s.Posts, MinPosts)
	case len(partners) == 0:
		j.Verdict, j.Reason = NotShown, "shares nothing with another account within the window that chance would not bring"
	case s.Score > t.Value && ahead+behind >= copiedTimes && float64(ahead) >= copiedShare*float64(ahead+behind):
		j.Reason = fmt.Sprintf("first in %d of %d times: others copy it, which says nothing on who it is", ahead, ahead+behind)
	case s.Score > t.Value:
		j.Verdict = Coordinated
		j.Reason = fmt.Sprintf("posts the same together with %d accounts, score %.2f where %.2f is what chance brings", len(partners), s.Score, t.Value)
	case len(partners) == 1:
		j.Reason = "one partner only: one person with two accounts, a copy, and a network of two look alike"
	case len(partners) < minNetwork-1:
		j.Reason = fmt.Sprintf("%d partners only: friends, one person's accounts and a small network look alike", len(partners))
	case s.Persistence <= dayCap:
		j.Reason = "on one day only: an evening on which all speak of the same thing looks alike"
	default:
		j.Verdict = NotShown
		j.Reason = fmt.Sprintf("score %.2f does not pass %.2f, which chance brings too", s.Score, t.Value)
	}
	return j, true
}

// leads adds up how often the account was first and second.
func leads(ps []Partner) (ahead, behind int) {
	for _, p := range ps {
		ahead += p.Ahead
		behind += p.Behind
	}
	return ahead, behind
}
