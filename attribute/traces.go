package attribute

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// Weights of traces in decibans, before discounts. All are stated: no history tells how often each of them misled.
const (
	resourceWeight   = 14.0 // a resource that the operation and one actor use, and nobody else
	nearShare        = 0.6  // of it, for a resource one step away from the operation's own
	addressShare     = 0.5  // of it, for an address: hosts are rented to the next
	networkShare     = 0.1  // of it, for a whole network
	tradecraftWeight = 6.0  // a source finds the way of working alike
	languageWeight   = 8.0  // a source reads a language out of what was left
	zoneWeight       = 3.0  // a source reads a time zone out of what was left
	falseFlagShare   = 0.5  // of a language: it is the cheapest thing to fake
)

// tellsTrace tells whether a claim says such a thing.
func tellsTrace(c *graph.Claim) bool {
	return c.Relation.Likeness() || c.Relation.Trait() != "" ||
		slices.ContainsFunc(c.Links, func(l graph.Link) bool { return l.Relation.Likeness() })
}

// trace is a piece of evidence that points at an actor without anybody's saying so.
type trace struct {
	actor stix.ID
	piece piece
	db    float64
}

// traces gathers what an operation has in common with actors: resources, and ways of working that a source finds alike.
func traces(g *graph.Graph, c *Case) []trace {
	return append(resourceTraces(g, c), tradecraftTraces(g, c)...)
}

// resourceTraces weighs shared resources by their rarity. What leads to one actor is one piece, as hosts of one operation hang
// together: the rarest counts, and each doubling of their number adds a quarter.
func resourceTraces(g *graph.Graph, c *Case) []trace {
	best := map[stix.ID]*trace{}
	count, names := map[stix.ID]int{}, map[stix.ID][]string{}
	for _, t := range g.Traces(c.Subject) {
		share := resourceShare(t)
		seen := map[stix.ID]bool{}
		for _, u := range t.With {
			d := grading(u.Claim)
			db := resourceWeight * share * (1 - t.Commodity)
			if db == 0 {
				continue
			}
			if !seen[u.Actor] {
				seen[u.Actor] = true
				count[u.Actor]++
				names[u.Actor] = append(names[u.Actor], t.Name)
			}
			if have := best[u.Actor]; have == nil || db*d.factor > have.db*have.piece.factor {
				d.why = append(d.why, fmt.Sprintf("%.0f dB × %.2f (%s) × %.2f (%d users known)", resourceWeight, share, t.ID.Type(), 1-t.Commodity, len(t.Users)+1))
				best[u.Actor] = &trace{u.Actor, piece{
					dim: dimWho, kind: "infrastructure", root: u.Claim.Root, refs: append([]stix.ID{t.ID}, u.Claim.Carriers...), factor: d.factor, discount: d.text(),
					basis: fmt.Sprintf("stated, n=%d users", len(t.Users)+1), claim: u.Claim,
				}, db}
			}
		}
	}
	var out []trace
	for _, actor := range slices.Sorted(maps.Keys(best)) {
		t := best[actor]
		n := count[actor]
		t.db *= 1 + math.Log2(float64(n))/4
		list := sortedSet(names[actor])
		more := ""
		if len(list) > 3 {
			list, more = list[:3], fmt.Sprintf(" and %d more", len(list)-3)
		}
		t.piece.text = fmt.Sprintf("%s used before or beside it: %s%s", g.Name(actor), strings.Join(list, ", "), more)
		out = append(out, *t)
	}
	return out
}

// resourceShare is how much of the weight a resource of its kind keeps.
func resourceShare(t graph.Trace) float64 {
	share := 1.0
	switch t.ID.Type() {
	case "ipv4-addr", "ipv6-addr", "mac-addr":
		share = addressShare
	case "autonomous-system":
		share = networkShare
	}
	if t.Near {
		share *= nearShare
	}
	return share
}

// tradecraftTraces reads who finds the operation like an actor's, or like an operation that is somebody's.
func tradecraftTraces(g *graph.Graph, c *Case) []trace {
	var out []trace
	for _, cl := range c.Claims {
		if cl.Stance != claim.Asserts {
			continue
		}
		for _, l := range cl.Links {
			other := l.To
			if other == c.Subject {
				other = l.From
			}
			if !l.Relation.Likeness() || l.From != c.Subject && l.To != c.Subject {
				continue
			}
			actors := []stix.ID{other}
			if !graph.IsActor(other.Type()) {
				actors = g.AttributedTo(other)
			}
			d := grading(cl)
			for _, actor := range actors {
				out = append(out, trace{actor, piece{
					dim: dimWho, kind: "tradecraft", root: cl.Root, refs: append([]stix.ID{other}, cl.Carriers...), factor: d.factor, discount: d.text(), basis: "stated", claim: cl,
					text: fmt.Sprintf("%s finds it like %s (%s)", sourceName(g, cl), g.Name(other), l.Relation.Words()),
				}, tradecraftWeight})
			}
		}
	}
	return out
}

func sourceName(g *graph.Graph, c *graph.Claim) string {
	if e := g.Entity(c.Source); e != nil && e.Name != "" {
		return e.Name
	}
	if c.Speaker != "" {
		return c.Speaker
	}
	return "a source"
}

// weighTraces lets the traces speak for the hypotheses: for the actor, and less for others of its state.
func (j *judgement) weighTraces() {
	for _, t := range j.traces {
		p := t.piece
		p.weights = map[string]float64{}
		actor := j.f.rep(t.actor)
		states := append(j.f.tiedStates(actor), j.g.SponsorOf(actor))
		for _, h := range j.f.list {
			switch {
			case h.actor == actor:
				p.weights[h.key] = t.db
			case h.sponsor != "" && slices.Contains(states, h.sponsor):
				p.weights[h.key] = t.db * sameStateShare
			}
		}
		j.pieces = append(j.pieces, p)
	}
}

// traits weighs languages and time zones that sources read out of what was left.
func (j *judgement) traits() {
	for _, cl := range j.c.Claims {
		kind := cl.Relation.Trait()
		if kind == "" || cl.Stance != claim.Asserts {
			continue
		}
		text := strings.Join([]string{cl.Quote, cl.Note, refTexts(cl.Objects), j.linkNames(cl)}, " ")
		what, states := languageIn(text)
		weight, share, why := languageWeight, falseFlagShare, "it is easily faked"
		if kind == "timing" {
			what, states = zoneIn(text)
			weight, share, why = zoneWeight, 1, ""
		}
		if len(states) == 0 {
			continue
		}
		d := grading(cl)
		d.times(share, why)
		if n := len(states); n > 1 {
			d.times(1/math.Sqrt(float64(n)), fmt.Sprintf("%d states share it", n))
		}
		p := piece{
			dim: kind, kind: kind, root: cl.Root, refs: cl.Carriers, factor: d.factor, discount: d.text(), basis: "stated", claim: cl, weights: map[string]float64{},
			text: fmt.Sprintf("%s reads %s out of what was left", j.speaker(cl), what),
		}
		for _, h := range j.f.list {
			if home := j.home(h); home != "" && slices.Contains(states, home) {
				p.weights[h.key] = weight
			}
		}
		j.pieces = append(j.pieces, p)
	}
}

func refTexts(refs []claim.Ref) string {
	var out []string
	for _, r := range refs {
		out = append(out, r.Text)
	}
	return strings.Join(out, " ")
}

// linkNames are the names of what a claim joins the operation to.
func (j *judgement) linkNames(c *graph.Claim) string {
	var out []string
	for _, l := range c.Links {
		if e := j.g.Entity(l.To); e != nil && l.From == j.c.Subject {
			out = append(out, e.Name)
		}
	}
	return strings.Join(out, " ")
}
