package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"marque/attribute"
	"marque/claim"
	"marque/deter"
	"marque/graph"
	"marque/ingest/entity"
	"marque/stix"
)

// Piece is a piece of evidence of a computed judgement, as a person may accept or reject it.
type Piece struct {
	Number   int      `json:"number"` // from 1, the most telling first
	Kind     string   `json:"kind"`
	Text     string   `json:"text"`
	Decibans float64  `json:"decibans"` // for the leading answer
	Root     string   `json:"root,omitempty"`
	Grade    string   `json:"grade,omitempty"` // Admiralty
	Discount string   `json:"discount,omitempty"`
	Basis    string   `json:"basis"`
	Claims   []string `json:"claims,omitempty"` // ids of the claims that it was read from
	Status   []string `json:"status,omitempty"` // of these claims
	ref      stix.ID
}

// pieces are the evidence of a judgement with the claims that each rests on.
func (s *Snapshot) pieces(e *graph.Entity, a *claim.Assessment) []Piece {
	if a == nil || len(a.Hypotheses) == 0 {
		return []Piece{}
	}
	carried := map[stix.ID]*graph.Claim{}
	for _, c := range s.claimsOf([]stix.ID{e.ID}) {
		for _, id := range c.Carriers {
			carried[id] = c
		}
	}
	out := []Piece{}
	for i, ev := range a.Evidence {
		p := Piece{
			Number: i + 1, Kind: ev.Kind, Text: ev.Text, Decibans: ev.Decibans[a.Hypotheses[0].Key], Root: ev.Root, Discount: ev.Discount, Basis: ev.Basis, ref: ev.RootRef,
		}
		if ev.Reliability != "" {
			p.Grade = ev.Reliability + strconv.Itoa(cmp.Or(ev.Credibility, 6))
		}
		for _, ref := range ev.Refs {
			p.ref = cmp.Or(p.ref, ref)
			if c := carried[ref]; c != nil && !slices.Contains(p.Claims, c.ID) {
				p.Claims = append(p.Claims, c.ID)
				if !slices.Contains(p.Status, c.Status) {
					p.Status = append(p.Status, c.Status)
				}
			}
		}
		out = append(out, p)
	}
	return out
}

// pick finds the pieces that a person names: by number, or by the claim that they rest on.
func pick(pieces []Piece, names []string) ([]claim.Basis, error) {
	var out []claim.Basis
	for _, name := range names {
		n, err := strconv.Atoi(name)
		i := slices.IndexFunc(pieces, func(p Piece) bool {
			return err == nil && p.Number == n ||
				err != nil && slices.ContainsFunc(p.Claims, func(id string) bool { return strings.HasPrefix(id, name) })
		})
		if i < 0 {
			return nil, fmt.Errorf("evidence %q: this operation has none of this number or claim; marque evidence list shows them", name)
		}
		b := claim.Basis{Ref: pieces[i].ref, Text: pieces[i].Text}
		if len(pieces[i].Claims) > 0 {
			b.Claim = pieces[i].Claims[0]
		}
		out = append(out, b)
	}
	return out, nil
}

// Grade gives claims another Admiralty grade: the source's reliability A to F, the statement's credibility 1 to 6.
func (w *Workspace) Grade(ctx context.Context, rows []*ClaimRow, grade string, by Signed) (Changed, error) {
	if err := by.check(); err != nil {
		return Changed{}, err
	}
	reliability, credibility, err := parseGrade(grade)
	if err != nil {
		return Changed{}, err
	}
	return w.revise(ctx, rows, by, func(c *claim.Claim) { c.Reliability, c.Credibility = reliability, credibility })
}

// parseGrade reads a whole Admiralty grade.
func parseGrade(s string) (reliability string, credibility int, err error) {
	g, err := attribute.ParseGrade(s)
	if err == nil && (g.Reliability == "" || g.Credibility == 0) {
		err = fmt.Errorf("grade %q: want reliability A to F and credibility 1 to 6, such as B2", s)
	}
	return g.Reliability, g.Credibility, err
}

// followedOne is what followed upon one operation.
func (s *Snapshot) followedOne(e *graph.Entity, a *claim.Assessment) deter.Followed {
	if a != nil {
		return s.followed([]*claim.Assessment{a})[0]
	}
	return deter.Follow(s.Graph, []deter.Attributed{{Operation: e.ID}})[0]
}

// NewClaim is a statement that a person enters: who says what of whom, in which words, where.
type NewClaim struct {
	Subject, Object string // ids, or names of an operation, an actor, a state or anything else that is known
	Relation        claim.Relation
	Stance          string // default asserts
	Who             string // who says it; empty: the person who enters it
	Document        string // id or part of the name of a document that is known; empty: none
	Hedge, Quote    string
	Note            string
	Grade           string // Admiralty; default F6 for others' words, A2 for one's own
	Signed
}

// AddClaim enters a statement, accepted, under the id that is made of what it says: entering it twice changes nothing.
func (w *Workspace) AddClaim(ctx context.Context, n NewClaim) (*ClaimRow, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	if n.Relation == "" || n.Subject == "" || n.Object == "" {
		return nil, errors.New("a claim needs a subject, a relation and an object; docs/claims.md lists the relations")
	}
	s, err := w.Snapshot(ctx, Owner())
	if err != nil {
		return nil, err
	}
	from, err := s.end(n.Subject)
	if err != nil {
		return nil, err
	}
	to, err := s.end(n.Object)
	if err != nil {
		return nil, err
	}
	source, err := n.source()
	if err != nil {
		return nil, err
	}
	who, err := personOf(n.who())
	if err != nil {
		return nil, err
	}
	doc, err := s.documentNamed(n.Document)
	if err != nil {
		return nil, err
	}
	level, err := w.freest(ctx, from.ID, to.ID, doc)
	if err != nil {
		return nil, err
	}
	shown, err := w.Snapshot(ctx, View{Level: level}) // names and roots as those see them who see the claim
	if err != nil {
		return nil, err
	}
	c, err := n.claim(shown, from, to, doc)
	if err != nil {
		return nil, err
	}
	common := stix.NewCommon(stix.DerivedID("relationship", c.ClaimID, string(from.ID), string(to.ID)), stix.At(w.now()), source.ID)
	if err := common.Extensions.Extend(claim.Extension, c); err != nil {
		return nil, err
	}
	carrier, err := stix.New(stix.Relationship{Common: common, RelationshipType: string(n.Relation), SourceRef: from.ID, TargetRef: to.ID})
	if err != nil {
		return nil, err
	}
	rests := []stix.ID{from.ID, to.ID, doc}
	var cs []Conclusion
	for _, o := range []*stix.Object{who, source, carrier} {
		cs = append(cs, Conclusion{Object: o, RestsOn: rests, Word: true})
	}
	if _, err := w.Reader(Owner()).Get(ctx, carrier.ID); err == nil {
		return nil, fmt.Errorf("claim %s: it stands here already; marque claim edit changes it", short(c.ClaimID))
	}
	if _, err := w.Keep(ctx, person, cs); err != nil {
		return nil, fmt.Errorf("add claim: %w", err)
	}
	rows, err := w.PickClaims(ctx, Owner(), []string{c.ClaimID}, false)
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// source is who says it, as an object.
func (n *NewClaim) source() (*stix.Object, error) {
	if n.Who == "" {
		return personOf(n.who())
	}
	return stix.New(stix.Identity{
		Common: stix.NewCommon(stix.DerivedID("identity", "organization", strings.ToLower(n.Who)), entity.Epoch, claim.MarqueIdentity), Name: n.Who, Class: "organization",
	})
}

func (n *NewClaim) claim(s *Snapshot, from, to *graph.Entity, doc stix.ID) (claim.Claim, error) {
	grade := cmp.Or(n.Grade, map[bool]string{true: "A2", false: "F6"}[n.Who == ""])
	reliability, credibility, err := parseGrade(grade)
	if err != nil {
		return claim.Claim{}, err
	}
	stance := cmp.Or(n.Stance, claim.Asserts)
	if !slices.Contains([]string{claim.Asserts, claim.Doubts, claim.Denies, claim.NoEvidence, claim.NoComment}, stance) {
		return claim.Claim{}, fmt.Errorf("stance %q: want asserts, doubts, denies, no-evidence or no-comment", stance)
	}
	speaker := cmp.Or(n.Who, n.who())
	return claim.Claim{
		ExtensionType: "property-extension", ClaimID: entity.ClaimID(speaker, string(doc), string(n.Relation), stance, string(from.ID), string(to.ID), n.Quote),
		DocumentRef: doc, RootRef: s.Graph.Root(doc), Speaker: speaker, Quote: n.Quote, Stance: stance, Relation: n.Relation, Hedge: n.Hedge, Note: n.Note,
		Subjects: []claim.Ref{{Ref: from.ID, Text: s.Graph.Name(from.ID)}}, Objects: []claim.Ref{{Ref: to.ID, Text: s.Graph.Name(to.ID)}},
		Reliability: reliability, Credibility: credibility, Status: claim.Accepted, Rule: person, ReviewedBy: n.who(), ReviewReason: strings.TrimSpace(n.Reason),
	}, nil
}

// end finds what a person names as an end of a claim: a state by its name or code, an operation, an actor, anything else.
func (s *Snapshot) end(name string) (*graph.Entity, error) {
	if code := s.stateCode(name); code != "" {
		if id := s.Graph.StateEntity(code); id != "" {
			return s.Graph.Entity(id), nil
		}
	}
	if m, err := s.Record(name); err == nil {
		return s.Graph.Record(m.ID), nil
	}
	return s.Entity(name)
}

// documentNamed is a document by its id or a part of its name.
func (s *Snapshot) documentNamed(name string) (stix.ID, error) {
	if name == "" {
		return "", nil
	}
	var found []*graph.Document
	for _, d := range s.Graph.Documents() {
		switch {
		case string(d.ID) == name:
			return d.ID, nil
		case strings.Contains(strings.ToLower(d.Name), strings.ToLower(name)):
			found = append(found, d)
		}
	}
	switch len(found) {
	case 1:
		return found[0].ID, nil
	case 0:
		return "", fmt.Errorf("document %q: %w", name, ErrUnknown)
	}
	e := &AmbiguousError{What: "document", Name: name, Why: fmt.Sprintf("%d have this in their name", len(found))}
	for _, d := range found[:min(len(found), shown)] {
		e.Candidates = append(e.Candidates, Named{ID: d.ID, Name: d.Name, Why: d.Publisher})
	}
	return "", e
}

// ClaimEdit is what a person corrects of a claim; empty fields stay as they are, a dash empties one.
type ClaimEdit struct {
	Stance, Hedge, Note, Speaker, Grade string
	Signed
}

// EditClaims corrects claims, signed: a new version of each carrier, the old one stays.
func (w *Workspace) EditClaims(ctx context.Context, rows []*ClaimRow, e ClaimEdit) (Changed, error) {
	if err := e.check(); err != nil {
		return Changed{}, err
	}
	if e.Stance+e.Hedge+e.Note+e.Speaker+e.Grade == "" {
		return Changed{}, errors.New("nothing to change; name a field")
	}
	reliability, credibility, err := parseGrade(cmp.Or(e.Grade, "F6"))
	if err != nil {
		return Changed{}, err
	}
	set := func(field *string, to string) {
		if to == "-" {
			*field = ""
		} else if to != "" {
			*field = to
		}
	}
	return w.revise(ctx, rows, e.Signed, func(c *claim.Claim) {
		set(&c.Stance, e.Stance)
		set(&c.Hedge, e.Hedge)
		set(&c.Note, e.Note)
		set(&c.Speaker, e.Speaker)
		if e.Grade != "" {
			c.Reliability, c.Credibility = reliability, credibility
		}
	})
}
