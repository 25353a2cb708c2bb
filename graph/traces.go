package graph

import (
	"cmp"
	"slices"
	"time"

	"marque/claim"
	"marque/stix"
)

// Trace is a resource of an operation that somebody else is known to use too.
type Trace struct {
	Resource
	Near bool // not the operation's own, but one step from it: a host of its domain, an account that registered it
	With []TraceUser
}

// TraceUser is an actor that used a resource, itself or by another operation that somebody attributes to it.
type TraceUser struct {
	Actor     stix.ID
	Operation stix.ID // empty where the actor itself is said to use it
	Claim     *Claim  // that says so
}

// maxHub is how many claims a resource may have for its neighbours to be looked at: beyond it it is a hoster, and says nothing.
const maxHub = 50

// traceable are the classes of resources that tell whose an operation is. Tools are compared by the profiles of actors.
func (g *Graph) traceable(id stix.ID) bool {
	class := g.ClassOf(id)
	return class == Infrastructure || class == Accounts || class == Persons
}

// Traces lists the hosts, certificates, registrations, accounts, wallets and persons of an operation that other actors used,
// by id. Documents of the operation's own attribution count as any other: whoever weighs them knows their roots.
func (g *Graph) Traces(op stix.ID) []Trace {
	own, near := g.resourcesOf(op), map[stix.ID]bool{}
	for _, id := range own {
		near[id] = false
	}
	for _, id := range own { // one step, not those of a step's: a map that grows while it is walked may show either
		for _, other := range g.besides(id) {
			if _, have := near[other]; !have && other != op {
				near[other] = true
			}
		}
	}
	var out []Trace
	for id, step := range near {
		if with := g.traceUsers(id, op); len(with) > 0 {
			t := Trace{Resource: g.Resource(id), Near: step, With: with}
			users := slices.Clone(t.Users)
			for _, u := range with {
				users = append(users, u.Actor)
			}
			slices.Sort(users)
			t.Users = slices.DeleteFunc(slices.Compact(users), func(u stix.ID) bool { return u == op })
			t.Commodity = commodity(len(t.Users) + 1) // and the operation's
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b Trace) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// resourcesOf lists what an operation is said to use.
func (g *Graph) resourcesOf(op stix.ID) []stix.ID {
	var out []stix.ID
	for _, c := range g.At(op) {
		for _, l := range c.Links {
			switch {
			case c.Stance != claim.Asserts:
			case l.From == op && l.Relation.Has() && g.traceable(l.To):
				out = append(out, l.To)
			case l.To == op && l.Relation == "used-by" && g.traceable(l.From):
				out = append(out, l.From)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// besides lists the resources one step from a resource.
func (g *Graph) besides(id stix.ID) []stix.ID {
	if len(g.byEntity[id]) > maxHub {
		return nil
	}
	var out []stix.ID
	for _, c := range g.At(id) {
		for _, l := range c.Links {
			other := l.To
			if other == id {
				other = l.From
			}
			if c.Stance == claim.Asserts && l.Relation.Joins() && g.traceable(other) && len(g.byEntity[other]) <= maxHub {
				out = append(out, other)
			}
		}
	}
	return out
}

// traceUsers lists who used a resource, but for the operation itself.
func (g *Graph) traceUsers(id, op stix.ID) []TraceUser {
	var out []TraceUser
	for _, c := range g.At(id) {
		if c.Stance != claim.Asserts {
			continue
		}
		for _, l := range c.Links {
			if l.To != id || !l.Relation.Has() || l.From == op {
				continue
			}
			user := g.entities[l.From]
			switch {
			case user == nil:
			case IsActor(user.Type) && !user.Is("class"):
				out = append(out, TraceUser{Actor: l.From, Claim: c})
			case user.Type == "campaign" || user.Type == "incident":
				for _, actor := range g.AttributedTo(l.From) {
					out = append(out, TraceUser{Actor: actor, Operation: l.From, Claim: c})
				}
			}
		}
	}
	return out
}

// AttributedTo lists the actors that somebody attributes an operation to, by id.
func (g *Graph) AttributedTo(op stix.ID) []stix.ID {
	var out []stix.ID
	for _, c := range g.At(op) {
		for _, l := range c.Links {
			if e := g.entities[l.To]; c.Stance == claim.Asserts && l.From == op && l.Relation == "attributed-to" && e != nil && IsActor(e.Type) && !e.Is("class") {
				out = append(out, l.To)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// addMoments keeps when something was seen, where the source gives more than a day.
func (b *builder) addMoments(of stix.ID, times ...string) {
	for _, s := range times {
		t := lenientTime(s)
		if t.IsZero() || t.Equal(t.Truncate(24*time.Hour)) || !b.g.AsOf.IsZero() && !t.Before(b.g.AsOf) {
			continue
		}
		b.g.moments[of] = append(b.g.moments[of], t)
	}
}

// Moments lists when an operation was seen at work, sorted: sightings of it, of what indicates it, and the observed data that they
// rest on.
func (g *Graph) Moments(op stix.ID) []time.Time {
	out := slices.Clone(g.moments[op])
	for _, c := range g.At(op) {
		for _, l := range c.Links {
			if l.To == op && l.Relation == "indicates" && c.Stance == claim.Asserts {
				out = append(out, g.moments[l.From]...)
			}
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}
