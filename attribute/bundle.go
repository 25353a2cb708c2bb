package attribute

import (
	"cmp"
	"fmt"
	"slices"

	"marque/graph"
	"marque/stix"
)

// subjectTypes are what a bundle's case can be about, in order of preference.
var subjectTypes = []string{"campaign", "incident", "intrusion-set", "threat-actor", "report", "grouping"}

// FromObjects finds the case in objects that are not stored. The graph must have been loaded with them as
// [graph.Options.Extra], so that its day applies to their claims too. What the bundle says that the operation used is taken
// whole: it is what is to be judged, not what is known. Where the bundle gives it to an actor that nobody has named yet, nothing
// that the graph knows of an actor of that id counts as the case's.
func FromObjects(g *graph.Graph, objects []*stix.Object) (Case, error) {
	subject := subjectOf(objects)
	c := Case{Name: "the case"}
	if subject != nil {
		counts := func(*graph.Claim) bool { return true }
		if graph.IsActor(subject.Type) {
			counts = carriedBy(objects)
		}
		known, err := caseOf(g, subject.ID, counts)
		if err != nil {
			known = Case{Subject: subject.ID, Name: cmp.Or(subject.Name, c.Name)}
		}
		c = known
	}
	uses, err := usedIn(objects)
	if err != nil {
		return Case{}, err
	}
	c.Uses = append(c.Uses, uses...)
	if c.Subject == "" {
		if len(c.Uses) == 0 {
			return Case{}, fmt.Errorf("bundle of %d objects without an operation: %w", len(objects), ErrNoCase)
		}
		c.Subject = stix.DerivedID("campaign", "case", fmt.Sprint(slices.Sorted(slices.Values(c.Uses))))
	}
	c.finish()
	return c, nil
}

// subjectOf is what the case is about.
func subjectOf(objects []*stix.Object) *stix.Object {
	var subject *stix.Object
	for _, o := range objects {
		at := slices.Index(subjectTypes, o.Type)
		if at < 0 {
			continue
		}
		if subject == nil || at < slices.Index(subjectTypes, subject.Type) || (o.Type == subject.Type && o.ID < subject.ID) {
			subject = o
		}
	}
	return subject
}

// carriedBy tells whether one of the objects carries a claim.
func carriedBy(objects []*stix.Object) func(*graph.Claim) bool {
	ids := map[stix.ID]bool{}
	for _, o := range objects {
		ids[o.ID] = true
	}
	return func(c *graph.Claim) bool {
		return slices.ContainsFunc(c.Carriers, func(id stix.ID) bool { return ids[id] })
	}
}

// usable tells whether an operation uses objects of the type: techniques and software.
func usable(id stix.ID) bool {
	return slices.Contains([]string{"attack-pattern", "malware", "tool"}, id.Type())
}

// usedIn lists the techniques and software that objects say an operation used: by relationships, by what a report or grouping
// is about, or by being there. What a program is merely able to do was not done for that reason.
func usedIn(objects []*stix.Object) ([]stix.ID, error) {
	said, able := map[stix.ID]bool{}, map[stix.ID]bool{}
	for _, o := range objects {
		switch o.Type {
		case "relationship":
			switch {
			case o.RelationshipType != "uses" || !usable(o.TargetRef):
			case usable(o.SourceRef):
				able[o.TargetRef] = true
			default:
				said[o.TargetRef] = true
			}
		case "report", "grouping":
			var view struct {
				Refs []stix.ID `json:"object_refs"`
			}
			if err := o.Decode(&view); err != nil {
				return nil, fmt.Errorf("what the case is about: %w", err)
			}
			for _, id := range view.Refs {
				said[id] = usable(id)
			}
		}
	}
	for _, o := range objects {
		if usable(o.ID) && !able[o.ID] {
			said[o.ID] = true
		}
	}
	var out []stix.ID
	for id, yes := range said {
		if yes {
			out = append(out, id)
		}
	}
	return out, nil
}
