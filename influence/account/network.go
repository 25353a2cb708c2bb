package account

import (
	"cmp"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/graph/community"
	"gonum.org/v1/gonum/graph/simple"
)

// Network is a group of coordinated accounts that act with one another more than with the others.
type Network struct {
	// Accounts are its members, those with the highest score first.
	Accounts []string `json:"accounts"`
	// Ties are its pairs, the strongest first.
	Ties []Tie `json:"ties"`
	// Component is the number of the connected component that it is a part of, from 1; networks of one component touch.
	Component int `json:"component"`
	// Decided is false for a network that is too small to be told from friends or from one person's accounts; Reason says so.
	Decided bool   `json:"decided"`
	Reason  string `json:"reason,omitempty"`
}

// Tie is a pair within a network.
type Tie struct {
	A        string  `json:"a"`
	B        string  `json:"b"`
	Strength float64 `json:"strength"`
	Days     int     `json:"days"`
}

// minNetwork is how many accounts make a network: since a partner is worth half at most, three accounts never pass what one day can be worth.
const minNetwork = 4

// Networks puts the accounts that Judge calls coordinated into groups: connected components by the ties among them, and within each the
// communities of the Louvain method (Blondel et al. 2008) with a fixed seed. The largest come first.
func (r *Result) Networks(t Threshold) []Network {
	var members []string
	number := map[string]int64{}
	for _, s := range r.scores {
		if j, _ := r.Judge(s.Account, t); j.Verdict == Coordinated {
			number[s.Account] = int64(len(members))
			members = append(members, s.Account)
		}
	}
	g := simple.NewWeightedUndirectedGraph(0, 0)
	for _, n := range number {
		g.AddNode(simple.Node(n))
	}
	for a, n := range number {
		for _, p := range r.partners[a] {
			if m, ok := number[p.Account]; ok && n < m && p.Strength > 0 {
				g.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(n), T: simple.Node(m), W: p.Strength})
			}
		}
	}
	if len(members) == 0 {
		return nil
	}
	component := components(members, r, number)
	var out []Network
	for _, c := range community.Modularize(g, 1, rand.NewPCG(1, 1)).Communities() {
		ids := make([]int64, len(c))
		for i, n := range c {
			ids[i] = n.ID()
		}
		slices.Sort(ids)
		out = append(out, r.network(members, ids, component))
	}
	slices.SortFunc(out, func(a, b Network) int {
		return cmp.Or(cmp.Compare(len(b.Accounts), len(a.Accounts)), cmp.Compare(a.Accounts[0], b.Accounts[0]))
	})
	return out
}

// components numbers connected components in the order of their first member.
func components(members []string, r *Result, number map[string]int64) []int {
	in := make([]int, len(members))
	next := 0
	for i := range members {
		if in[i] != 0 {
			continue
		}
		next++
		in[i] = next
		for todo := []int64{int64(i)}; len(todo) > 0; {
			n := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			for _, p := range r.partners[members[n]] {
				if m, ok := number[p.Account]; ok && p.Strength > 0 && in[m] == 0 {
					in[m] = next
					todo = append(todo, m)
				}
			}
		}
	}
	return in
}

func (r *Result) network(members []string, ids []int64, component []int) Network {
	n := Network{Component: component[ids[0]], Decided: true}
	in := map[string]bool{}
	for _, id := range ids { // members are in the order of their scores
		n.Accounts = append(n.Accounts, members[id])
		in[members[id]] = true
	}
	for _, a := range n.Accounts {
		for _, p := range r.partners[a] {
			if in[p.Account] && a < p.Account {
				n.Ties = append(n.Ties, Tie{a, p.Account, p.Strength, p.Days})
			}
		}
	}
	slices.SortFunc(n.Ties, func(a, b Tie) int {
		return cmp.Or(cmp.Compare(b.Strength, a.Strength), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	if len(n.Accounts) < minNetwork {
		n.Decided = false
		n.Reason = fmt.Sprintf("%d accounts, fewer than %d: friends, one person's accounts and a small network look alike", len(n.Accounts), minNetwork)
	}
	return n
}

// Count is a value and how often it was seen.
type Count struct {
	Value string `json:"value"`
	Times int    `json:"times"`
}

// Card says what a network looks like: what its members wrote, when, and whom they addressed.
type Card struct {
	Posts     int       `json:"posts"`
	Reposts   int       `json:"reposts"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Languages []Count   `json:"languages"`
	// Hours are posts by hour of the day in UTC. Scheduled posts say nothing on where a person sits.
	Hours [24]int `json:"hours"`
	// Weekdays are posts by day of the week, Sunday first.
	Weekdays [7]int  `json:"weekdays"`
	Mentions []Count `json:"mentions"` // accounts addressed
	Hashtags []Count `json:"hashtags"`
	Sites    []Count `json:"sites"`   // hosts linked to
	Phrases  []Count `json:"phrases"` // texts that several members posted, by how many of them
}

// cardCounts is how many values of each sort a card tells, and maxCounted how many are counted before the rarest are dropped.
const (
	cardCounts = 20
	maxCounted = 50_000
)

// Describe reads the posts again and writes the cards of networks, in their order.
func Describe(posts iter.Seq[Post], networks []Network) []Card {
	cards := make([]cardMaker, len(networks))
	of := map[string]int{}
	for i, n := range networks {
		cards[i] = newCardMaker()
		for _, a := range n.Accounts {
			of[a] = i
		}
	}
	for p := range posts {
		if i, ok := of[p.Account]; ok {
			cards[i].add(p)
		}
	}
	out := make([]Card, len(networks))
	for i := range cards {
		out[i] = cards[i].card()
	}
	return out
}

// cardMaker counts towards a card.
type cardMaker struct {
	Card
	languages, mentions, tags, sites map[string]int
	phrases                          map[uint64]*phrase
	post                             folded
}

// phrase is a text and who posted it.
type phrase struct {
	text string
	by   map[string]bool
}

func newCardMaker() cardMaker {
	return cardMaker{
		languages: map[string]int{}, mentions: map[string]int{}, tags: map[string]int{}, sites: map[string]int{},
		phrases: map[uint64]*phrase{}, post: folded{markup: builtinMarkup()},
	}
}

func (c *cardMaker) add(p Post) {
	at := p.Time.UTC()
	if c.Posts == 0 || at.Before(c.First) {
		c.First = at
	}
	if at.After(c.Last) {
		c.Last = at
	}
	c.Posts++
	if p.Repost {
		c.Reposts++
	}
	c.Hours[at.Hour()]++
	c.Weekdays[at.Weekday()]++
	if p.Language != "" {
		c.languages[p.Language]++
	}
	text := p.Text[:min(len(p.Text), maxTextBytes)]
	for w := range strings.FieldsSeq(text) {
		switch {
		case strings.HasPrefix(w, "@") && len(w) > 1:
			count(c.mentions, strings.ToLower(strings.TrimRight(w[1:], ".,:;!?…'\"")))
		case strings.HasPrefix(w, "#") && len(w) > 1:
			count(c.tags, strings.ToLower(strings.TrimRight(w[1:], ".,:;!?…'\"")))
		case isLink(w):
			c.link(w)
		}
	}
	for _, h := range p.Hashtags {
		count(c.tags, strings.ToLower(strings.TrimPrefix(h, "#")))
	}
	for _, l := range p.Links {
		c.link(l)
	}
	c.phrase(p)
}

func (c *cardMaker) link(l string) {
	if u, err := url.Parse(l); err == nil && u.Host != "" {
		count(c.sites, strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."))
	}
}

func (c *cardMaker) phrase(p Post) {
	c.post.fold(p.Text)
	if len(c.post.words) < minWords || len(c.phrases) >= maxCounted {
		return
	}
	h := fnvStart
	for _, w := range c.post.words {
		h = mix(h ^ w)
	}
	ph := c.phrases[h]
	if ph == nil {
		ph = &phrase{text: clip(p.Text), by: map[string]bool{}}
		c.phrases[h] = ph
	}
	ph.by[p.Account] = true
}

// count adds one, and drops what was seen once when there is too much.
func count(m map[string]int, v string) {
	if v == "" {
		return
	}
	m[v]++
	if len(m) > maxCounted {
		for k, n := range m {
			if n == 1 {
				delete(m, k)
			}
		}
	}
}

func (c *cardMaker) card() Card {
	c.Languages, c.Mentions = most(c.languages), most(c.mentions)
	c.Hashtags, c.Sites = most(c.tags), most(c.sites)
	by := map[string]int{}
	for _, p := range c.phrases {
		if len(p.by) > 1 {
			by[p.text] = len(p.by)
		}
	}
	c.Phrases = most(by)
	return c.Card
}

// most are the commonest values.
func most(m map[string]int) []Count {
	out := make([]Count, 0, len(m))
	for v, n := range m {
		out = append(out, Count{v, n})
	}
	slices.SortFunc(out, func(a, b Count) int { return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.Value, b.Value)) })
	return slices.Clip(out[:min(len(out), cardCounts)])
}
