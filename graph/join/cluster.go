package join

import (
	"cmp"
	"maps"
	"slices"
)

// scored is a candidate pair with its log-odds.
type scored struct {
	pair
	odds  float64 // of all features
	alike float64 // without what speaks for the editors of a list
	lead  float64 // by how much it is ahead of the rivals
	prob  float64
	f     Features
}

// Limits in log-odds.
const (
	looseOdds = -6.0 // below which a pair is forgotten
	alikeOdds = -2.0 // from which two records of one list that both fit a third tell of the same, or of parts of it
	maxLead   = 4.0  // more than so far ahead is no better
)

// toldApart is the most that a pair of one list can come to whose accused or years differ: a person may join it.
const toldApart = .5

// score weighs all candidates down to a limit, and how far each is ahead of its rivals: the other records of the one's list that may be
// meant by the other instead.
func (c *corpus) score(least float64) []*scored {
	var out []*scored
	at := make([][]*scored, len(c.records))
	for _, p := range c.candidates() {
		f := c.features(p)
		s := &scored{pair: p, odds: weights.odds(f), f: f}
		s.alike = s.odds - weights.Features["onelist"]*f.OneList
		if s.alike < least {
			continue
		}
		out = append(out, s)
		at[p.a], at[p.b] = append(at[p.a], s), append(at[p.b], s)
	}
	for _, list := range at {
		slices.SortFunc(list, func(x, y *scored) int {
			return cmp.Or(cmp.Compare(y.odds, x.odds), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
		})
	}
	for _, s := range out {
		s.lead = min(c.ahead(s, s.a, s.b, at), c.ahead(s, s.b, s.a, at))
	}
	c.at = at
	return out
}

// ahead is how far a pair is ahead at record a of the other records of b's list.
func (c *corpus) ahead(s *scored, a, b int32, at [][]*scored) float64 {
	if c.oneList(a, b) {
		return 0
	}
	best := looseOdds
	for _, rival := range at[a] {
		r := rival.other(a)
		if rival.odds <= best || rival.odds <= s.odds-maxLead {
			break // the likeliest come first
		}
		if r == b || c.records[r].Source != c.records[b].Source || rival.odds < s.odds+maxLead && c.siblings(b, r) {
			continue
		}
		best = rival.odds
		break
	}
	return max(-maxLead, min(maxLead, s.odds-best))
}

// siblings tells whether two records of a list tell alike, of one operation twice or of its parts: they do not compete, unless one is
// far ahead.
func (c *corpus) siblings(a, b int32) bool {
	key := [2]int32{min(a, b), max(a, b)}
	if known, ok := c.alike[key]; ok {
		return known
	}
	f := c.features(c.pairOf(a, b))
	yes := weights.odds(f)-weights.Features["onelist"]*f.OneList >= alikeOdds && f.Year == 0 && f.OtherHand == 0 && f.Exchanged == 0
	c.alike[key] = yes
	return yes
}

// weigh scores all candidates and turns odds and lead into probabilities.
func (c *corpus) weigh() []*scored {
	out := c.score(looseOdds)
	for _, s := range out {
		s.prob = weights.probability(s.odds, s.lead, s.f.OneList > 0)
		if f := &s.f; f.OneList > 0 && f.Rival+f.OtherHand+f.Exchanged+f.Year > 0 {
			s.prob = min(s.prob, toldApart) // one text about two is told in two rows with good reason
		}
	}
	return out
}

// counts tells whether a pair is joined by its weights. Of one list it takes more, unless both cite one page on the same accused, who is
// accused of little else: one indictment fills many rows.
func (s *scored) counts() bool {
	if s.f.OneList > 0 && s.f.Indicted == 0 {
		return s.prob >= Twice
	}
	return s.prob >= Joined
}

func (s *scored) other(i int32) int32 {
	if s.a == i {
		return s.b
	}
	return s.a
}

// clusters are sets of records that grow.
type clusters struct {
	of      []int     // the set of a record
	members [][]int32 // of a set
	via     []*Link   // the link that brought a record in
}

// settle makes clusters of links: persons' first, then the most probable, as long as none brings together what is held apart.
func (c *corpus) settle(links []*scored, decisions []Decision) Result {
	byID := make(map[string]int32, len(c.records))
	for i := range c.records {
		byID[c.records[i].ID] = int32(i)
	}
	n := len(c.records)
	cl := clusters{of: make([]int, n), members: make([][]int32, n), via: make([]*Link, n)}
	for i := range n {
		cl.of[i], cl.members[i] = i, []int32{int32(i)}
	}
	apart := map[[2]int32]bool{}
	decided := map[[2]int32]bool{}
	parts := map[int32]bool{}
	for _, d := range latest(decisions) {
		a, okA := byID[d.A]
		b, okB := byID[d.B]
		if !okA || !okB || a == b {
			continue
		}
		key := [2]int32{min(a, b), max(a, b)}
		decided[key] = true
		if d.Kind == NotSame {
			apart[key] = true
		}
	}
	for _, d := range latest(decisions) {
		a, okA := byID[d.A]
		b, okB := byID[d.B]
		if !okA || !okB || a == b || d.Kind == NotSame || cl.holds(a, b, apart) {
			continue
		}
		l := &Link{A: d.A, B: d.B, Probability: 1, Why: []string{d.Why}, Decided: true}
		if d.Kind == Part {
			parts[a] = true
		}
		cl.join(a, b, l)
	}
	slices.SortFunc(links, func(x, y *scored) int {
		return cmp.Or(cmp.Compare(y.prob, x.prob), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	known := map[[2]int32]*scored{}
	for _, s := range links {
		known[[2]int32{s.a, s.b}] = s
	}
	var res Result
	for _, s := range links {
		key := [2]int32{s.a, s.b}
		if s.prob < Open || decided[key] {
			continue
		}
		l := &Link{A: c.records[s.a].ID, B: c.records[s.b].ID, Probability: s.prob, Why: c.reasons(s.pair, s.f)}
		switch {
		case cl.of[s.a] == cl.of[s.b]:
		case s.counts() && !cl.holds(s.a, s.b, apart) && c.fit(&cl, s, known):
			cl.join(s.a, s.b, l)
		case !cl.holds(s.a, s.b, apart):
			res.Review = append(res.Review, *l)
		}
	}
	for _, ms := range cl.members {
		if len(ms) > 1 {
			res.Clusters = append(res.Clusters, c.cluster(ms, &cl, parts))
		}
	}
	slices.SortFunc(res.Clusters, func(x, y Cluster) int { return cmp.Compare(x.Members[0].ID, y.Members[0].ID) })
	return res
}

// latest keeps of the decisions on a pair the last one, in the order of the pairs.
func latest(ds []Decision) []Decision {
	last := map[[2]string]Decision{}
	for _, d := range ds {
		key := [2]string{min(d.A, d.B), max(d.A, d.B)}
		have, ok := last[key]
		if !ok || d.At.After(have.At) || d.At.Equal(have.At) && (d.Kind > have.Kind || d.Kind == have.Kind && d.Why < have.Why) {
			last[key] = d
		}
	}
	keys := slices.SortedFunc(maps.Keys(last), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	out := make([]Decision, len(keys))
	for i, k := range keys {
		out[i] = last[k]
	}
	return out
}

// holds tells whether joining the sets of two records would bring together what a person holds apart.
func (cl *clusters) holds(a, b int32, apart map[[2]int32]bool) bool {
	if len(apart) == 0 {
		return false
	}
	for _, x := range cl.members[cl.of[a]] {
		for _, y := range cl.members[cl.of[b]] {
			if apart[[2]int32{min(x, y), max(x, y)}] {
				return true
			}
		}
	}
	return false
}

// fit tells whether the sets of a pair may be joined: no two records of them are held apart by the weights, and no two of one
// list, which its editors kept apart, unless they tell alike.
func (c *corpus) fit(cl *clusters, s *scored, known map[[2]int32]*scored) bool {
	for _, x := range cl.members[cl.of[s.a]] {
		for _, y := range cl.members[cl.of[s.b]] {
			if x == s.a && y == s.b || x == s.b && y == s.a {
				continue
			}
			if c.oneList(x, y) {
				if !c.siblings(x, y) {
					return false
				}
				continue
			}
			k := known[[2]int32{min(x, y), max(x, y)}]
			odds := 0.0
			if k != nil {
				odds = k.odds
			} else {
				odds = weights.odds(c.features(c.pairOf(x, y)))
			}
			if odds < farOdds {
				return false
			}
		}
	}
	return true
}

// farOdds are the log-odds below which two records are held apart: a third that both resemble does not join them.
const farOdds = -5.0

func (cl *clusters) join(a, b int32, l *Link) {
	to, from := cl.of[a], cl.of[b]
	if to == from {
		return
	}
	// the link is the reason of whichever of the two has none yet
	for _, i := range []int32{b, a} {
		if cl.via[i] == nil {
			cl.via[i] = l
			break
		}
	}
	for _, m := range cl.members[from] {
		cl.of[m] = to
	}
	cl.members[to] = append(cl.members[to], cl.members[from]...)
	cl.members[from] = nil
}

// partOf tells whether a record tells of a part of what a set tells of: another list has it whole, and its own in several records, each
// of another time or of other accused.
func (c *corpus) partOf(m int32, ms []int32) bool {
	whole, apart := false, false
	for _, x := range ms {
		if x == m {
			continue
		}
		if !c.oneList(x, m) {
			whole = true
			continue
		}
		f := c.features(c.pairOf(x, m))
		apart = apart || f.Rival > 0 || f.Gap > 0
	}
	return whole && apart
}

// cluster orders a set: what tells of the whole before parts, then by id.
func (c *corpus) cluster(ms []int32, cl *clusters, parts map[int32]bool) Cluster {
	var out Cluster
	for _, m := range ms {
		x := Member{ID: c.records[m].ID, Part: parts[m] || c.partOf(m, ms), Probability: 1}
		if l := cl.via[m]; l != nil {
			x.Probability, x.Why = l.Probability, l.Why
		}
		out.Members = append(out.Members, x)
	}
	slices.SortFunc(out.Members, func(x, y Member) int { return cmp.Or(btoi(x.Part)-btoi(y.Part), cmp.Compare(x.ID, y.ID)) })
	return out
}
