package report

import (
	"slices"
	"strings"

	"marque/claim"
	"marque/ingest/entity"
	"marque/ingest/prose"
	"marque/stix"
)

// speaker is the identity that says something.
func (c *converter) speaker(who *prose.Source) (stix.ID, string) {
	name := who.Name
	if who.Via != "" && who.Kind == prose.Person {
		name = who.Via
	}
	key := who.Kind + "|" + who.Name + "|" + who.Affiliation
	if id, ok := c.speakers[key]; ok {
		return id, name
	}
	id := c.newSpeaker(who)
	c.speakers[key] = id
	return id, name
}

func (c *converter) newSpeaker(who *prose.Source) stix.ID {
	code, isState := entity.CountryCode(who.Affiliation)
	switch who.Kind {
	case prose.Person:
		id := c.w.Person(who.Name)
		if who.Affiliation != "" {
			c.w.Relate(claim.MarqueIdentity, entity.Epoch, "member-of", id, c.body(who.Affiliation))
		}
		return id
	case prose.State:
		return c.body(who.Name)
	case prose.Agency, prose.Ministry, prose.Military, prose.Party:
		return c.w.Organ(who.Name, code)
	case "article":
		if c.doc.Publisher != "" {
			return c.w.Organisation(c.doc.Publisher)
		}
		return c.w.Group("publisher of “" + c.doc.Title + "”")
	case prose.Company, prose.Org, prose.Media:
		return c.w.Organisation(who.Name)
	}
	if isState { // "federal officials": unnamed people of a government
		return c.w.Organ(who.Name+" ("+entity.CountryName(code)+")", code)
	}
	if who.Affiliation != "" {
		return c.w.Organisation(who.Affiliation)
	}
	return c.w.Group(who.Name)
}

// body is a state, organ or organisation by its name.
func (c *converter) body(name string) stix.ID {
	if code, ok := entity.CountryCode(name); ok {
		return c.w.State(code)
	}
	if name == "" {
		return claim.MarqueIdentity
	}
	return c.w.Organisation(name)
}

// ends names the ends of a claim, with the objects they stand for where they are some. Described groups stand for an actor of
// their operation, which the carriers name.
func (c *converter) ends(refs []prose.Ref, relation string, object bool) []claim.Ref {
	var out []claim.Ref
	for i := range refs {
		end := claim.Ref{Text: refs[i].Name}
		switch refs[i].Kind {
		case "criminal group", "group", "system", "people", "":
		default:
			end.Ref = c.entity(&refs[i], relation, object)
		}
		out = append(out, end)
	}
	return out
}

// resolve makes the objects of the ends of a claim; ends that are no thing of ours (a sum, an advice) are left out.
func (c *converter) resolve(refs []prose.Ref, relation string, object bool) []stix.ID {
	var out []stix.ID
	for i := range refs {
		if id := c.entity(&refs[i], relation, object); id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// entity is the object that an end of a claim stands for, empty where it stands for none.
func (c *converter) entity(r *prose.Ref, relation string, object bool) stix.ID {
	code, _ := entity.CountryCode(r.Country)
	switch r.Kind {
	case prose.State:
		if code == "" {
			if code, _ = entity.CountryCode(r.Name); code == "" {
				return ""
			}
		}
		if object && claim.Relation(relation).Hits() {
			return c.w.Place(code)
		}
		return c.w.State(code)
	case prose.Agency, prose.Ministry, prose.Military, prose.Party:
		return c.w.Organ(r.Name, code)
	case prose.Company, prose.Org, prose.Media:
		return c.w.Organisation(r.Name)
	case prose.Person:
		return c.w.Person(r.Name)
	case prose.Actor:
		return c.w.NamedActor(r.Name)
	case prose.Malware:
		return c.w.Named("malware", r.Name)
	case prose.Tool:
		return c.w.Named("tool", r.Name)
	case prose.Sector:
		if s, ok := entity.SectorCode(r.Name); ok {
			return c.w.Sector(s)
		}
		return c.w.Class(r.Name)
	case "criminal group":
		return c.group(r, "criminals")
	case "mercenary":
		return c.w.ActorClass("mercenaries", "")
	case "group":
		return c.group(r, "hackers")
	case "people", "system":
		if object && claim.Relation(relation).Hits() {
			return c.w.Class(r.Name)
		}
	}
	return ""
}

// group is an unnamed kind of actor. Those of a state are told apart from others, because that is what the text says of them.
func (c *converter) group(r *prose.Ref, class string) stix.ID {
	if strings.Contains(strings.ToLower(r.Name), "influence") {
		class = "influence"
	}
	code, _ := entity.CountryCode(r.Country)
	return c.w.ActorClass(class, code)
}

// hit are the ends of a claim that a deed hit: objects and targets; of what was spread or made up, the targets alone.
func hit(cl *prose.Claim) []prose.Ref {
	if claim.Relation(cl.Relation).Deed() == "influence" {
		return cl.Targets
	}
	return slices.Concat(cl.Object, cl.Targets)
}

// victims are the objects of those that a deed hit, and the countries that it was about.
func (c *converter) victims(cl *prose.Claim) []stix.ID {
	var out []stix.ID
	for _, r := range hit(cl) {
		switch r.Kind {
		case prose.Malware, prose.Tool, "data", "payment", "content", "motive":
			continue
		}
		if id := c.entity(&r, "targets", true); id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	for _, code := range countriesOf(cl) {
		if id := c.w.Place(code); !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func (c *converter) tools(cl *prose.Claim) []stix.ID {
	var out []stix.ID
	for i := range cl.Object {
		if k := cl.Object[i].Kind; k == prose.Malware || k == prose.Tool {
			out = append(out, c.entity(&cl.Object[i], "uses", true))
		}
	}
	return out
}

// countriesOf are the victims' countries: those of the objects and targets, and those that their words name.
func countriesOf(cl *prose.Claim) []string {
	var out []string
	add := func(code string) {
		if code != "" && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	for _, refs := range [][]prose.Ref{cl.Object, cl.Targets} {
		for i := range refs {
			code, _ := entity.CountryCode(refs[i].Country)
			add(code)
			for _, code := range entity.CountriesIn(refs[i].Name) {
				add(code)
			}
		}
	}
	return out
}

// sectorsOf are the victims' sectors, by the words for what was hit.
func sectorsOf(cl *prose.Claim) []string {
	var out []string
	for _, r := range hit(cl) {
		switch r.Kind {
		case prose.Malware, prose.Tool, "payment", "motive":
			continue
		}
		if code, ok := entity.SectorCode(r.Name); ok && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out
}
