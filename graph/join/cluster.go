package join

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// scored is a candidate pair with its log-odds.
type scored struct {
	pair
	odds  float64 // of all features
	alike float64 // without what speaks for the editors of a list
	prob  float64 // after the rivals
	why   []string
	part  int32 // the record that tells of a part, or -1
}

// weigh scores all candidates; of the records of one list, those that compete for one record share what speaks for them.
func (c *corpus) weigh() []*scored {
	var out []*scored
	at := make([][]*scored, len(c.records))
	for _, p := range c.candidates() {
		f, why := c.features(p)
		s := &scored{pair: p, odds: weights.odds(f), part: -1}
		s.alike = s.odds - weights.Features["onelist"]*f.OneList
		if s.odds < looseOdds && s.alike < looseOdds {
			continue
		}
		s.why = weights.reasons(f, why)
		out = append(out, s)
		at[p.a], at[p.b] = append(at[p.a], s), append(at[p.b], s)
	}
	for _, s := range out {
		s.prob = min(c.among(s, s.a, s.b, at), c.among(s, s.b, s.a, at))
	}
	for _, s := range out {
		c.partly(s, at)
	}
	return out
}

// looseOdds is below which a pair is forgotten.
const looseOdds = -5

// among is the probability of a pair at record a, against the other records of b's list that may be meant instead.
func (c *corpus) among(s *scored, a, b int32, at [][]*scored) float64 {
	sum := 1 + math.Exp(s.odds)
	if c.records[a].Source != c.records[b].Source {
		for _, rival := range at[a] {
			r := rival.other(a)
			if r != b && c.records[r].Source == c.records[b].Source && !c.twins(b, r, at) {
				sum += math.Exp(rival.odds)
			}
		}
	}
	return math.Exp(s.odds) / sum
}

// twins tells whether two records of a list tell of one operation: they do not compete.
func (c *corpus) twins(a, b int32, at [][]*scored) bool {
	s := find(at[a], b, a)
	return s != nil && logistic(s.odds) >= Joined
}

func find(links []*scored, b, a int32) *scored {
	for _, s := range links {
		if s.other(a) == b {
			return s
		}
	}
	return nil
}

func (s *scored) other(i int32) int32 {
	if s.a == i {
		return s.b
	}
	return s.a
}

// partly finds a record of one list that tells of a whole of which another list tells in parts: both parts fit it well by
// themselves, and each other too, but that the editors kept them apart. They do not compete then.
func (c *corpus) partly(s *scored, at [][]*scored) {
	if s.prob >= Joined || logistic(s.odds) < Joined || c.records[s.a].Source == c.records[s.b].Source {
		return
	}
	for _, end := range []int32{s.a, s.b} {
		whole := s.other(end)
		var parts float64
		others := 0
		for _, rival := range at[whole] {
			r := rival.other(whole)
			if r == end || c.records[r].Source != c.records[end].Source || logistic(rival.odds) < Open {
				continue
			}
			twin := find(at[end], r, end)
			if twin == nil || logistic(twin.alike) < Joined || logistic(rival.odds) < Joined {
				parts, others = 0, others+1 // one that is no sibling competes
				break
			}
			parts = logistic(s.odds)
		}
		if parts > 0 && others == 0 {
			s.prob, s.part = parts, end
			return
		}
	}
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
		l := &Link{A: c.records[s.a].ID, B: c.records[s.b].ID, Probability: s.prob, Why: s.why}
		switch {
		case cl.of[s.a] == cl.of[s.b]:
		case s.prob >= Joined && !cl.holds(s.a, s.b, apart) && c.fit(&cl, s, known):
			if s.part >= 0 {
				parts[s.part] = true
			}
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
// list, which its editors kept apart, unless they tell alike or one is a part.
func (c *corpus) fit(cl *clusters, s *scored, known map[[2]int32]*scored) bool {
	for _, x := range cl.members[cl.of[s.a]] {
		for _, y := range cl.members[cl.of[s.b]] {
			if x == s.a && y == s.b || x == s.b && y == s.a {
				continue
			}
			k := known[[2]int32{min(x, y), max(x, y)}]
			oneList := c.records[x].Source == c.records[y].Source
			switch {
			case k == nil && oneList:
				return false
			case k == nil:
				p := pair{min(x, y), max(x, y), c.told[x].dot(c.told[y])}
				f, _ := c.features(p)
				if logistic(weights.odds(f)) < farApart {
					return false
				}
			case oneList && logistic(k.alike) < Joined:
				return false
			case !oneList && logistic(k.odds) < farApart:
				return false
			}
		}
	}
	return true
}

// farApart is the probability below which two records are held apart: a third that both resemble does not join them.
const farApart = .01

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

// cluster orders a set: what tells of the whole before parts, then by id.
func (c *corpus) cluster(ms []int32, cl *clusters, parts map[int32]bool) Cluster {
	var out Cluster
	for _, m := range ms {
		x := Member{ID: c.records[m].ID, Part: parts[m], Probability: 1}
		if l := cl.via[m]; l != nil {
			x.Probability, x.Why = l.Probability, l.Why
		}
		out.Members = append(out.Members, x)
	}
	slices.SortFunc(out.Members, func(x, y Member) int { return cmp.Or(btoi(x.Part)-btoi(y.Part), cmp.Compare(x.ID, y.ID)) })
	return out
}
