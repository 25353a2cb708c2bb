package graph

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"marque/claim"
	"marque/graph/join"
	"marque/stix"
)

// Entity is something that claims are about: an actor, a state, an operation, a tool, a site.
type Entity struct {
	ID         stix.ID
	Type       string
	Name       string
	Aliases    []string // as the creator gives them, without the name
	CreatedBy  stix.ID
	Kinds      []string // threat_actor_types, roles, identity_class, infrastructure_types, malware_types
	Sectors    []string
	Country    string // ISO 3166-1 alpha-2 of a state or place; for actors see Graph.Ties
	Motivation string
	Date       time.Time // of what happened (first_seen), else when it was reported or the object was made; zero where nobody says
	Last       time.Time // last_seen; zero where nobody says
	// Precision is that of Date: unknown where it is not of what happened. LastPrecision is that of Last.
	Precision, LastPrecision Precision
	Origin                   Origin // of Date
	Created                  time.Time
	Description              string
	Operation                *claim.Operation
	External                 []string          // external ids, such as G0007
	AliasWords               map[string]string // alias to the source's words for it
	Traits                   []string          // of software: what its description says of where it comes from, such as "commercial"
	Described                Described         // of an actor: what its description says of its country
	Members                  []Member          // of an operation: the records that tell of it, the one that stands for them first
	refs                     []reference
}

// Is tells whether the entity is of a kind, for example "state" or "criminal".
func (e *Entity) Is(kind string) bool { return slices.Contains(e.Kinds, kind) }

// Link is one pair of a claim: the ends of a carrier, and its relationship type. One statement may be carried by several
// ("a gang hacked a ministry" attributes an operation and names its target). To is empty where nothing but a subject was named.
type Link struct {
	From, To stix.ID
	Relation claim.Relation
}

// Claim is somebody's statement: all relationships, notes or opinions that carry one claim_id.
type Claim struct {
	ID          string // claim_id; for a relationship without one, its own id and the citation
	Carriers    []stix.ID
	Level       stix.TLP       // of the strictest of its carriers
	Relation    claim.Relation // what is said, in the claim's own word; the links say what joins which ends
	Links       []Link
	AboutClaims []string  // claim_ids of the claims that it is about
	AboutRefs   []stix.ID // objects that it is about
	Source      stix.ID   // who says it
	Speaker     string
	Document    stix.ID
	Root        stix.ID // resolved: equal roots are one source
	Date        time.Time
	Stance      string
	Hedge       string
	// Alternatives: the ends exclude each other. Else several ends acted together.
	Alternatives bool
	Quote        string
	Reliability  string
	Credibility  int
	Status       string
	Purposes     []string
	Motives      []string
	Subjects     []claim.Ref
	Objects      []claim.Ref
	Targets      []claim.Ref
	Note         string
	Why          string
	Plain        bool             // no claim extension: a relationship of another tool
	Facts        *claim.Operation // what was done, where a note says it of what was seen
}

// Document is a source: a report object, or a citation known by name only.
type Document struct {
	ID        stix.ID
	Name      string
	Publisher string // name of the creating identity, or the citation's name
	Date      time.Time
	URL       string
	Root      stix.ID
}

// Stats counts what went in and what stayed out.
type Stats struct {
	Objects, Entities, Claims, Documents int
	Later                                int // claims dated on or after AsOf
	Undated                              int // claims without a date, left out because AsOf is set
	Rejected                             int // claims that a person rejected
	Unreadable                           int // objects that do not decode
}

// Graph is what is known as of a day. It is read-only and safe for concurrent use.
type Graph struct {
	AsOf  time.Time
	Stats Stats
	// Level is the strictest level of anything that went in: what is told of the whole graph is as secret as that.
	Level stix.TLP

	levels map[stix.ID]stix.TLP // of the objects that went in, where above CLEAR

	entities    map[stix.ID]*Entity
	ids         []stix.ID // sorted
	claims      []*Claim  // sorted by ID
	claimByID   map[string]*Claim
	byEntity    map[stix.ID][]int32 // indices of claims at an entity, ascending
	about       map[string][]int32  // claims about a claim
	docs        map[stix.ID]*Document
	measures    []*claim.Measure
	answers     map[stix.ID][]Answer            // of measures
	moments     map[stix.ID][]time.Time         // when something was seen
	assessments map[stix.ID]stix.ID             // subject to its latest assessment
	analysts    map[stix.ID][]*claim.Assessment // of persons, by subject, oldest first
	countries   map[string]string
	states      map[stix.ID]allegiance // of actors
	ties        map[stix.ID][]Tie      // of actors
	seats       sync.Map               // allegiances of those who are no actors, found when asked for
	alike       sync.Map               // objects that stand for one actor, found when asked for
	responses   []*Claim
	names       *names
	record      map[stix.ID]*Entity // of joined operations, as each source has them
	review      []join.Link
}

// LevelOf is the strictest level among objects that went in: entities, carriers of claims, documents, measures. What the graph does not
// know says nothing.
func (g *Graph) LevelOf(ids ...stix.ID) stix.TLP {
	level := stix.Clear
	for _, id := range ids {
		level = max(level, g.levels[id])
	}
	return level
}

// Entity returns an entity, or nil. Of a joined operation it is the same one for the id of each member.
func (g *Graph) Entity(id stix.ID) *Entity { return g.entities[id] }

// Name is the entity's name, or the id where nothing is known of it.
func (g *Graph) Name(id stix.ID) string {
	if e := g.entities[id]; e != nil && e.Name != "" {
		return e.Name
	}
	if d := g.docs[id]; d != nil && d.Name != "" {
		return d.Name
	}
	if id == claim.MarqueIdentity {
		return "Marque"
	}
	return string(id)
}

// Entities lists the entities of the given types, by id; without types, all.
func (g *Graph) Entities(types ...string) []*Entity {
	var out []*Entity
	for _, id := range g.ids {
		if e := g.entities[id]; len(types) == 0 || slices.Contains(types, e.Type) {
			out = append(out, e)
		}
	}
	return out
}

// Record is an operation as one source has it, or nil: for a joined one [Graph.Entity] has what all of them tell.
func (g *Graph) Record(id stix.ID) *Entity {
	if e := g.record[id]; e != nil {
		return e
	}
	return g.entities[id]
}

// Unsettled lists the pairs of operations that may be one and wait for a person, most probable first.
func (g *Graph) Unsettled() []join.Link { return g.review }

// Operations lists campaigns and incidents, each once however many sources tell of it, by id.
func (g *Graph) Operations() []*Entity { return g.Entities("campaign", "incident") }

// Claims lists all claims, by id of the claim.
func (g *Graph) Claims() []*Claim { return g.claims }

// Claim returns a claim by its id, or nil.
func (g *Graph) Claim(id string) *Claim { return g.claimByID[id] }

// At lists the claims that have the entity at an end, or are about it, by id of the claim.
func (g *Graph) At(id stix.ID) []*Claim { return g.pick(g.byEntity[id]) }

// Responses lists the claims that deny, doubt, find no evidence or give no comment, by id of the claim.
func (g *Graph) Responses() []*Claim { return g.responses }

// About lists the claims about a claim: denials, doubts, motives.
func (g *Graph) About(claimID string) []*Claim { return g.pick(g.about[claimID]) }

func (g *Graph) pick(at []int32) []*Claim {
	out := make([]*Claim, len(at))
	for i, n := range at {
		out[i] = g.claims[n]
	}
	return out
}

// Document returns a document, or nil.
func (g *Graph) Document(id stix.ID) *Document { return g.docs[id] }

// Documents lists the documents, by id.
func (g *Graph) Documents() []*Document {
	out := make([]*Document, 0, len(g.docs))
	for _, d := range g.docs {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b *Document) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Root is the source that a document goes back to: itself where it retells nothing.
func (g *Graph) Root(doc stix.ID) stix.ID {
	if d := g.docs[doc]; d != nil {
		return d.Root
	}
	return doc
}

// Measures lists the measures, by date and id.
func (g *Graph) Measures() []*claim.Measure { return g.measures }

// Analysts are what persons judged of an operation, under any of its records, oldest first: of each person the latest that was not taken back.
func (g *Graph) Analysts(op stix.ID) []*claim.Assessment {
	ids := []stix.ID{op}
	if e := g.entities[op]; e != nil && len(e.Members) > 0 {
		ids = ids[:0]
		for _, m := range e.Members {
			ids = append(ids, m.ID)
		}
	}
	latest := map[string]*claim.Assessment{}
	for _, id := range ids {
		for _, a := range g.analysts[id] {
			if had := latest[a.Analyst.Name]; had == nil || a.Created.Compare(had.Created) > 0 {
				latest[a.Analyst.Name] = a
			}
		}
	}
	return slices.SortedFunc(maps.Values(latest), func(x, y *claim.Assessment) int {
		return cmp.Or(x.Created.Compare(y.Created), cmp.Compare(x.ID, y.ID))
	})
}

// Assessment is the id of the latest computed assessment of a subject, empty where there is none.
func (g *Graph) Assessment(subject stix.ID) stix.ID { return g.assessments[subject] }
