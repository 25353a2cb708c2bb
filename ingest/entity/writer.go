package entity

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/ingest"
	"marque/stix"
)

// Epoch is the version of the entities that all sources share: it never moves.
var Epoch = stix.At(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))

// Writer hands objects to a sink, each id once. The first error is kept and everything after it is dropped, so that readers
// ask for [Writer.Err] once per record.
type Writer struct {
	out  ingest.Sink
	seen map[stix.ID]bool
	err  error
}

// NewWriter writes to a sink, for the time of one input.
func NewWriter(out ingest.Sink) *Writer { return &Writer{out: out, seen: map[stix.ID]bool{}} }

// Err is the first error.
func (w *Writer) Err() error { return w.err }

// Seen tells whether an object was written to this input already.
func (w *Writer) Seen(id stix.ID) bool { return w.seen[id] }

// Add writes an object made from a view, unless its id was written before, and returns the id.
func (w *Writer) Add(id stix.ID, view any) stix.ID { return w.write(id, view, w.out.Derived) }

// Supplement writes an object that yields to one with the same id that is there already, see [ingest.Sink].
func (w *Writer) Supplement(id stix.ID, view any) stix.ID { return w.write(id, view, w.out.Supplement) }

func (w *Writer) write(id stix.ID, view any, put func(*stix.Object) error) stix.ID {
	if w.err != nil || w.seen[id] {
		return id
	}
	w.seen[id] = true
	o, err := stix.New(view)
	if err != nil {
		w.err = fmt.Errorf("%s: %w", id, err)
		return id
	}
	w.err = put(o)
	return id
}

func shared(id stix.ID) stix.Common { return stix.NewCommon(id, Epoch, claim.MarqueIdentity) }

func key(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

func trim(name string) string { return strings.Join(strings.Fields(name), " ") }

// StateID is the id of a state.
func StateID(code string) stix.ID { return stix.DerivedID("identity", "state", code) }

// State is a state as an actor, by its ISO 3166-1 alpha-2 code.
func (w *Writer) State(code string) stix.ID {
	id := StateID(code)
	if w.seen[id] {
		return id
	}
	c := shared(id)
	c.References = []stix.ExternalReference{{SourceName: "iso-3166-1", ExternalID: code}}
	return w.Supplement(id, stix.Identity{Common: c, Name: CountryName(code), Roles: []string{"state"}, Class: "organization"})
}

// Place is a country as a place, by its ISO 3166-1 alpha-2 code.
func (w *Writer) Place(code string) stix.ID {
	id := stix.DerivedID("location", "country", code)
	if w.seen[id] {
		return id
	}
	return w.Supplement(id, stix.Location{Common: shared(id), Name: CountryName(code), Country: code})
}

// Region is a part of the world that is no country.
func (w *Writer) Region(name string) stix.ID {
	id := stix.DerivedID("location", "region", key(name))
	return w.Supplement(id, stix.Location{Common: shared(id), Name: trim(name), Region: regionCode(name)})
}

// Organ is a part of a state: service, ministry, military, party, embassy. Where the state is known, part-of joins them.
func (w *Writer) Organ(name, code string) stix.ID {
	if state, ok := OrganOf(name); ok && state != "" && len(CountriesIn(name)) < 2 {
		code = state // the name says whose it is, whoever quotes it
	}
	id := stix.DerivedID("identity", "organ", key(name))
	w.Supplement(id, stix.Identity{Common: shared(id), Name: trim(name), Roles: []string{"state-organ"}, Class: "organization"})
	if code != "" {
		w.Relate(claim.MarqueIdentity, Epoch, "part-of", id, w.State(code))
	}
	return id
}

// Organisation is a company, vendor, newspaper, institute or court.
func (w *Writer) Organisation(name string) stix.ID {
	id := stix.DerivedID("identity", "organization", key(name))
	return w.Supplement(id, stix.Identity{Common: shared(id), Name: trim(name), Class: "organization"})
}

// Group is a loose group that speaks for itself, such as hackers who boast.
func (w *Writer) Group(name string) stix.ID {
	id := stix.DerivedID("identity", "group", key(name))
	return w.Supplement(id, stix.Identity{Common: shared(id), Name: trim(name), Class: "group"})
}

// Person is an individual.
func (w *Writer) Person(name string) stix.ID {
	id := stix.DerivedID("identity", "person", key(name))
	return w.Supplement(id, stix.Identity{Common: shared(id), Name: trim(name), Class: "individual"})
}

// Sector is a sector of victims by its code (docs/model.md).
func (w *Writer) Sector(code string) stix.ID {
	id := stix.DerivedID("identity", "sector", code)
	return w.Supplement(id, stix.Identity{Common: shared(id), Name: strings.ReplaceAll(code, "-", " "), Class: "class", Sectors: []string{code}})
}

// Class is a class of victims in free text.
func (w *Writer) Class(text string) stix.ID {
	id := stix.DerivedID("identity", "class", key(text))
	v := stix.Identity{Common: shared(id), Name: trim(text), Class: "class"}
	if code, ok := SectorCode(text); ok {
		v.Sectors = []string{code}
	}
	return w.Supplement(id, v)
}

// ActorClass is a kind of actor that nobody named: "criminals", "hacktivists", "mercenaries", "influence" with the code of the
// state that it is tied to, where there is one.
func (w *Writer) ActorClass(class, code string) stix.ID {
	k, name := class, "unnamed "+class
	if code != "" {
		k, name = class+"-"+code, name+", "+CountryName(code)
	}
	id := stix.DerivedID("threat-actor", "class", k)
	return w.Supplement(id, stix.ThreatActor{Common: shared(id), Name: name, Types: actorTypes[class], Roles: []string{"class"}})
}

// actorTypes are threat_actor_types for the classes (section 10.24 of the specification, and Marque's own).
var actorTypes = map[string][]string{
	"criminals":   {"crime-syndicate", "criminal"},
	"hacktivists": {"activist"},
	"individuals": {"hacker"},
	"terrorists":  {"terrorist"},
	"mercenaries": {"private-sector-offensive-actor"},
	"influence":   {"influence-operations"},
	"hackers":     {"unknown"},
	"proxies":     {"nation-state"},
}

// NamedActorID is the id of an actor that is known by a name alone.
func NamedActorID(name string) stix.ID { return stix.DerivedID("threat-actor", "name", key(name)) }

// NamedActor is an actor known by a name alone, as prose names it.
func (w *Writer) NamedActor(name string) stix.ID {
	id := NamedActorID(name)
	return w.Supplement(id, stix.ThreatActor{Common: shared(id), Name: trim(name)})
}

// Named is malware, a tool, an attack pattern or a vulnerability known by a name alone.
func (w *Writer) Named(typ, name string, types ...string) stix.ID {
	id := stix.DerivedID(typ, "name", key(name))
	c := shared(id)
	switch typ {
	case "malware":
		return w.Supplement(id, stix.Malware{Common: c, Name: trim(name), IsFamily: true, Types: types})
	case "vulnerability":
		if strings.HasPrefix(name, "CVE-") {
			c.References = []stix.ExternalReference{{SourceName: "cve", ExternalID: name}}
		}
		return w.Supplement(id, stix.Vulnerability{Common: c, Name: trim(name)})
	case "attack-pattern":
		if IsTechnique(name) {
			c.References = []stix.ExternalReference{{SourceName: "mitre-attack", ExternalID: name}}
		}
		return w.Supplement(id, stix.AttackPattern{Common: c, Name: trim(name)})
	default:
		return w.Supplement(id, stix.Tool{Common: c, Name: trim(name), ToolTypes: types})
	}
}

// IsTechnique tells an ATT&CK technique's number: T1566 or T1566.001.
func IsTechnique(s string) bool {
	head, sub, dotted := strings.Cut(s, ".")
	return len(head) == 5 && head[0] == 'T' && digits(head[1:]) && (!dotted || len(sub) == 3 && digits(sub))
}

func digits(s string) bool {
	return s != "" && !slices.ContainsFunc([]byte(s), func(c byte) bool { return c < '0' || c > '9' })
}

// Relate joins two objects without a claim: a fact of the source's own order, such as part-of.
func (w *Writer) Relate(by stix.ID, at stix.Timestamp, relation string, source, target stix.ID) stix.ID {
	id := stix.DerivedID("relationship", string(by), relation, string(source), string(target))
	if w.seen[id] {
		return id
	}
	return w.Add(id, stix.Relationship{Common: stix.NewCommon(id, at, by), RelationshipType: relation, SourceRef: source, TargetRef: target})
}

// RelateAt is Relate where one of the two is stricter than what the writer writes else: the relationship carries its level.
func (w *Writer) RelateAt(level stix.TLP, by stix.ID, at stix.Timestamp, relation string, source, target stix.ID) stix.ID {
	id := stix.DerivedID("relationship", string(by), relation, string(source), string(target))
	v := stix.Relationship{Common: stix.NewCommon(id, at, by), RelationshipType: relation, SourceRef: source, TargetRef: target}
	v.MarkingRefs = []stix.ID{level.MarkingID()}
	return w.Supplement(id, v)
}

func regionCode(name string) string { return strings.ReplaceAll(key(name), " ", "-") }

// Undated is the version of what a source says without a date and another source says better: any dated version comes after
// it.
var Undated = stix.At(time.Unix(0, 0))
