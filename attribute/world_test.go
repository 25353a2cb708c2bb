package attribute_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"marque/attribute"
	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// world builds small graphs in our own words.
type world struct {
	t       testing.TB
	objects []*stix.Object
	n       int
}

func newWorld(t testing.TB) *world { return &world{t: t} }

func day(s string) stix.Timestamp {
	d, err := time.Parse("2006-01-02", s)
	if err != nil {
		panic(err)
	}
	return stix.At(d)
}

var epoch = day("2024-01-01")

func (w *world) add(view any) {
	w.t.Helper()
	o, err := stix.New(view)
	if err != nil {
		w.t.Fatal(err)
	}
	w.objects = append(w.objects, o)
}

func (w *world) state(code, name string) stix.ID {
	id := stix.DerivedID("identity", "state", code)
	c := stix.NewCommon(id, epoch, claim.MarqueIdentity)
	c.References = []stix.ExternalReference{{SourceName: "iso-3166-1", ExternalID: code}}
	w.add(stix.Identity{Common: c, Name: name, Class: "organization", Roles: []string{"state"}})
	return id
}

func (w *world) organ(name string, state stix.ID) stix.ID {
	id := stix.DerivedID("identity", "organ", strings.ToLower(name))
	w.add(stix.Identity{Common: stix.NewCommon(id, epoch, claim.MarqueIdentity), Name: name, Class: "organization", Roles: []string{"state-organ"}})
	w.link(id, "part-of", state)
	return id
}

func (w *world) org(name string) stix.ID {
	id := stix.DerivedID("identity", "organization", strings.ToLower(name))
	w.add(stix.Identity{Common: stix.NewCommon(id, epoch, claim.MarqueIdentity), Name: name, Class: "organization"})
	return id
}

func (w *world) actor(name string, types []string, roles ...string) stix.ID {
	id := stix.DerivedID("threat-actor", "name", strings.ToLower(name))
	w.add(stix.ThreatActor{Common: stix.NewCommon(id, epoch, claim.MarqueIdentity), Name: name, Types: types, Roles: roles})
	return id
}

func (w *world) criminals() stix.ID {
	id := stix.DerivedID("threat-actor", "class", "criminals")
	w.add(stix.ThreatActor{Common: stix.NewCommon(id, epoch, claim.MarqueIdentity), Name: "criminals", Types: []string{"criminal"}, Roles: []string{"class"}})
	return id
}

func (w *world) link(from stix.ID, relation string, to stix.ID) {
	w.add(stix.Relationship{Common: stix.NewCommon(stix.DerivedID("relationship", string(from), relation, string(to)), epoch, claim.MarqueIdentity), RelationshipType: relation, SourceRef: from, TargetRef: to})
}

func (w *world) report(name, published string, by stix.ID) stix.ID {
	id := stix.DerivedID("report", "named", name)
	w.add(stix.Report{Common: stix.NewCommon(id, epoch, by), Name: name, Published: day(published), ObjectRefs: []stix.ID{by}})
	return id
}

func (w *world) retells(doc, original stix.ID) { w.link(doc, "derived-from", original) }

func (w *world) operation(name string, op claim.Operation) stix.ID {
	id := stix.DerivedID("campaign", "test", name)
	c := stix.NewCommon(id, epoch, claim.MarqueIdentity)
	op.ExtensionType = "property-extension"
	if err := c.Extensions.Extend(claim.OperationExtension, op); err != nil {
		w.t.Fatal(err)
	}
	w.add(stix.Campaign{Common: c, Name: name, FirstSeen: epoch})
	return id
}

// statement is somebody's words in a document; the zero grade is B2, accepted, asserted.
type statement struct {
	by      stix.ID
	doc     stix.ID
	hedge   string
	stance  string
	status  string
	grade   string
	motives []string
	about   string
	note    string
	either  bool // its ends exclude each other
}

func (w *world) says(c statement, from stix.ID, relation string, to stix.ID) string {
	w.t.Helper()
	ext, id := w.extension(c, relation, string(from), string(to))
	common := stix.NewCommon(stix.DerivedID("relationship", id, string(from), string(to)), epoch, c.by)
	if err := common.Extensions.Extend(claim.Extension, ext); err != nil {
		w.t.Fatal(err)
	}
	w.add(stix.Relationship{Common: common, RelationshipType: relation, SourceRef: from, TargetRef: to})
	return id
}

// saysOfAll is one statement with several ends.
func (w *world) saysOfAll(c statement, from stix.ID, relation string, to ...stix.ID) string {
	w.t.Helper()
	ext, id := w.extension(c, relation, string(from), "all")
	for _, end := range to {
		common := stix.NewCommon(stix.DerivedID("relationship", id, string(from), string(end)), epoch, c.by)
		if err := common.Extensions.Extend(claim.Extension, ext); err != nil {
			w.t.Fatal(err)
		}
		w.add(stix.Relationship{Common: common, RelationshipType: relation, SourceRef: from, TargetRef: end})
	}
	return id
}

// measure is something that a state did against an actor.
func (w *world) measure(kind, by, on string, against stix.ID) {
	id := stix.DerivedID(claim.TypeMeasure, "test", kind, by, on)
	w.add(claim.Measure{Common: stix.NewCommon(id, epoch, claim.MarqueIdentity), Name: kind + " by " + by, Kind: kind, Date: day(on), By: []string{by}, AgainstRefs: []stix.ID{against}})
}

// note is a statement with one end, such as a motive.
func (w *world) note(c statement, relation string, about stix.ID) string {
	w.t.Helper()
	ext, id := w.extension(c, relation, string(about), "")
	common := stix.NewCommon(stix.DerivedID("note", id), epoch, c.by)
	if err := common.Extensions.Extend(claim.Extension, ext); err != nil {
		w.t.Fatal(err)
	}
	w.add(stix.Note{Common: common, Content: relation, ObjectRefs: []stix.ID{about}})
	return id
}

// denies is an opinion by a party on the carriers of a claim.
func (w *world) denies(c statement, claimID string) {
	w.t.Helper()
	c.stance, c.about = claim.Denies, claimID
	ext, id := w.extension(c, "response", claimID, "")
	common := stix.NewCommon(stix.DerivedID("opinion", id), epoch, c.by)
	if err := common.Extensions.Extend(claim.Extension, ext); err != nil {
		w.t.Fatal(err)
	}
	w.add(stix.Opinion{Common: common, Opinion: "strongly-disagree", ObjectRefs: []stix.ID{c.by}})
}

func (w *world) extension(c statement, relation, from, to string) (claim.Claim, string) {
	w.n++
	id := fmt.Sprintf("%x", []byte(string(c.doc) + relation + from + to + c.stance)[:8]) + fmt.Sprint(w.n)
	ext := claim.Claim{
		ExtensionType: "property-extension", ClaimID: id, DocumentRef: c.doc, RootRef: c.doc, Stance: claim.Asserts, Relation: claim.Relation(relation),
		Hedge: c.hedge, Reliability: "B", Credibility: 2, Status: claim.Accepted, Motives: c.motives, About: c.about, Note: c.note, Alternatives: c.either,
	}
	if c.stance != "" {
		ext.Stance = c.stance
	}
	if c.status != "" {
		ext.Status = c.status
	}
	if c.grade != "" {
		ext.Reliability, ext.Credibility = c.grade[:1], int(c.grade[1]-'0')
	}
	return ext, id
}

func (w *world) graph() *graph.Graph { return graph.FromObjects(w.objects, graph.Options{}) }

func (w *world) judge(op stix.ID, o attribute.Options) claim.Assessment {
	w.t.Helper()
	g := w.graph()
	c, err := attribute.CaseOf(g, op)
	if err != nil {
		w.t.Fatal(err)
	}
	a := attribute.Judge(g, c, o)
	w.t.Log(attribute.Paragraph(&a))
	for _, h := range a.Hypotheses {
		w.t.Logf("  %-30s prior %.3f  p %.3f  %s %s %s", h.Key, h.Prior, h.Probability, h.Words, h.Responsibility, h.Mode)
	}
	for _, e := range a.Evidence {
		w.t.Logf("  %s | %s | %v | %s | %s", e.Kind, e.Text, e.Decibans, e.Basis, e.Discount)
	}
	return a
}

func motive(a *claim.Assessment, name string) float64 {
	for _, m := range a.Motives {
		if m.Motive == name {
			return m.Share
		}
	}
	return 0
}
