package graph

import (
	"cmp"
	"math"
	"slices"

	"marque/claim"
	"marque/stix"
)

// Resource classes that actors can share.
const (
	Infrastructure = "infrastructure"
	Tools          = "tools"
	Accounts       = "accounts"
	Persons        = "persons"
	Groups         = "criminal networks"
)

// Classes lists the resource classes in the order in which they are reported.
func Classes() []string { return []string{Infrastructure, Tools, Accounts, Persons, Groups} }

// Resource is something that an actor uses.
type Resource struct {
	ID    stix.ID
	Name  string
	Class string
	Users []stix.ID // all actors that are said to use it, in the whole graph
	// Commodity is 1 − log₂(states+1)/…: how little its use tells, from 0 (nobody else has it) to 1 (everybody has). It
	// is computed from how many actors use it, not listed.
	Commodity float64
}

// SharedResource is a resource that actors of two or more sets use.
type SharedResource struct {
	Resource
	By map[string][]stix.ID `json:"by"` // set to its actors that use it
}

// ClassOf is the resource class of an entity, empty where it is none.
func (g *Graph) ClassOf(id stix.ID) string {
	e := g.entities[id]
	if e == nil {
		return ""
	}
	switch e.Type {
	case "malware", "tool":
		return Tools
	case "infrastructure", "domain-name", "ipv4-addr", "ipv6-addr", "url", "x509-certificate", "autonomous-system", "mac-addr":
		return Infrastructure
	case "user-account", "email-addr", "cryptocurrency-wallet", "x-cryptocurrency-wallet":
		return Accounts
	case "identity":
		if e.Is("individual") {
			return Persons
		}
	case "threat-actor", "intrusion-set":
		if e.Is("criminal") || e.Is("crime-syndicate") || e.Is("private-sector-offensive-actor") {
			return Groups
		}
	}
	return ""
}

// Resources lists what an actor is said to use, by id. "Member of" an actor makes a person its resource.
func (g *Graph) Resources(actor stix.ID) []stix.ID {
	var out []stix.ID
	for _, c := range g.At(actor) {
		if c.Stance != claim.Asserts {
			continue
		}
		for _, l := range c.Links {
			switch {
			case l.From == actor && l.Relation.Has() && g.ClassOf(l.To) != "":
				out = append(out, l.To)
			case l.To == actor && (l.Relation == "member-of" || l.Relation == "part-of" || l.Relation == "on-behalf-of") && g.ClassOf(l.From) != "":
				out = append(out, l.From)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Shared finds what actors of two or more sets both use, rarest first. The sets are named, for example by state.
func (g *Graph) Shared(sets map[string][]stix.ID) []SharedResource {
	found := map[stix.ID]map[string][]stix.ID{}
	for name, actors := range sets {
		for _, a := range actors {
			for _, r := range g.Resources(a) {
				if found[r] == nil {
					found[r] = map[string][]stix.ID{}
				}
				if !slices.Contains(found[r][name], a) {
					found[r][name] = append(found[r][name], a)
				}
			}
		}
	}
	var out []SharedResource
	for id, by := range found {
		if len(by) < 2 {
			continue
		}
		for _, actors := range by {
			slices.Sort(actors)
		}
		out = append(out, SharedResource{Resource: g.Resource(id), By: by})
	}
	slices.SortFunc(out, func(a, b SharedResource) int {
		return cmp.Or(cmp.Compare(a.Commodity, b.Commodity), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// Resource describes a resource with everybody who uses it.
func (g *Graph) Resource(id stix.ID) Resource {
	r := Resource{ID: id, Name: g.Name(id), Class: g.ClassOf(id)}
	for _, c := range g.At(id) {
		if c.Stance != claim.Asserts {
			continue
		}
		for _, l := range c.Links {
			user := l.From
			if l.To != id || !l.Relation.Has() {
				if l.From != id || (l.Relation != "member-of" && l.Relation != "part-of" && l.Relation != "on-behalf-of") {
					continue
				}
				user = l.To
			}
			if e := g.entities[user]; e != nil && (IsActor(e.Type) || g.stateSide(user)) && !slices.Contains(r.Users, user) {
				r.Users = append(r.Users, user)
			}
		}
	}
	slices.Sort(r.Users)
	r.Commodity = commodity(len(r.Users))
	return r
}

// commodity grows with the number of users: two users tell much (0.0), 32 tell nothing (1.0). It is a thumb rule over a
// computed count: log₂(users/2)/4.
func commodity(users int) float64 {
	if users <= 2 {
		return 0
	}
	return min(1, math.Log2(float64(users)/2)/4)
}
