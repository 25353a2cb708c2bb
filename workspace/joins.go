package workspace

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"marque/claim"
	"marque/graph"
	"marque/ingest/entity"
	"marque/stix"
)

// Word is what a person says of two records of operations.
type Word struct {
	A, B   string // records, as [Snapshot.Record] finds them
	Part   bool   // of Join: A tells of a part of B
	Reason string
	By     string // who says so
}

// Said is what a person's word changed.
type Said struct {
	A, B      OperationMember
	Relation  claim.Relation
	Withdrawn int // earlier words on the pair that no longer stand
}

// words are the relations by which a person speaks of two records.
var words = []claim.Relation{graph.SameOperation, graph.NotSame, graph.PartOf}

// Join records a person's word that two records tell of one operation, or one of a part of the other. It overrules what was computed,
// and an earlier word on the pair, which is withdrawn and stays on record.
func (w *Workspace) Join(ctx context.Context, word Word) (Said, error) {
	relation := graph.SameOperation
	if word.Part {
		relation = graph.PartOf
	}
	return w.say(ctx, word, relation)
}

// Split records a person's word that two records tell of two operations.
func (w *Workspace) Split(ctx context.Context, word Word) (Said, error) {
	return w.say(ctx, word, graph.NotSame)
}

// Unsay withdraws what persons said of two records: what was computed counts again.
func (w *Workspace) Unsay(ctx context.Context, word Word) (Said, error) { return w.say(ctx, word, "") }

func (w *Workspace) say(ctx context.Context, word Word, relation claim.Relation) (Said, error) {
	if relation != "" && strings.TrimSpace(word.Reason) == "" {
		return Said{}, ErrReason
	}
	s, err := w.Snapshot(ctx, Owner())
	if err != nil {
		return Said{}, err
	}
	out := Said{Relation: relation}
	if out.A, err = s.Record(word.A); err != nil {
		return out, err
	}
	if out.B, err = s.Record(word.B); err != nil {
		return out, err
	}
	if out.A.ID == out.B.ID {
		return out, fmt.Errorf("%s and %s are one record: %s of %s", word.A, word.B, out.A.Record, out.A.Source)
	}
	cs, err := w.withdraw(ctx, out.A.ID, out.B.ID, relation, Signed{word.By, word.Reason})
	if err != nil {
		return out, err
	}
	out.Withdrawn = len(cs)
	if relation != "" {
		level, err := w.freest(ctx, out.A.ID, out.B.ID)
		if err != nil {
			return out, err
		}
		more, err := w.word(ctx, level, out, word)
		if err != nil {
			return out, err
		}
		cs = append(cs, more...)
	}
	if _, err := w.Keep(ctx, person, cs); err != nil {
		return out, fmt.Errorf("keep the word on %s and %s: %w", out.A.Name, out.B.Name, err)
	}
	return out, nil
}

// wordID is the id of a word on two records. A part and its whole do not change places; the others say the same both ways.
func wordID(relation claim.Relation, a, b stix.ID) stix.ID {
	if relation != graph.PartOf {
		a, b = min(a, b), max(a, b)
	}
	return stix.DerivedID("relationship", "operations", string(relation), string(a), string(b))
}

// withdraw makes a rejected version of each word on the pair that stands, but for the one that is said again.
func (w *Workspace) withdraw(ctx context.Context, a, b stix.ID, again claim.Relation, by Signed) ([]Conclusion, error) {
	var out []Conclusion
	kept := wordID(again, a, b)
	for _, relation := range words {
		for _, id := range slices.Compact([]stix.ID{wordID(relation, a, b), wordID(relation, b, a)}) {
			if id == kept {
				continue
			}
			stands, err := w.seenAt(ctx, id)
			if err != nil {
				return nil, err
			}
			maps.DeleteFunc(stands, func(_ stix.TLP, o *stix.Object) bool {
				var c claim.Claim
				_, err := o.ExtensionOf(claim.Extension, &c)
				return err != nil || c.Status == claim.Rejected
			})
			next, err := w.revisedAt(ctx, stands, nil, func(c *claim.Claim) {
				c.Status, c.ReviewedBy, c.ReviewReason = claim.Rejected, by.who(), strings.TrimSpace(by.Reason)
			})
			if err != nil {
				return nil, err
			}
			out = append(out, next...)
		}
	}
	return out, nil
}

// word is the person and the word as objects; a word that was withdrawn is said again as a new version.
func (w *Workspace) word(ctx context.Context, level stix.TLP, said Said, word Word) ([]Conclusion, error) {
	now := stix.At(w.now())
	name := Signed{By: word.By}.who()
	who, err := personOf(name)
	if err != nil {
		return nil, err
	}
	a, b := said.A.ID, said.B.ID
	id := wordID(said.Relation, a, b)
	if said.Relation != graph.PartOf {
		a, b = min(a, b), max(a, b)
	}
	shown, err := w.Snapshot(ctx, View{Level: level}) // names too are those of the level
	if err != nil {
		return nil, err
	}
	c := stix.NewCommon(id, now, who.ID)
	if rec, err := w.Reader(View{Level: level}).Get(ctx, id); err == nil {
		c.Created, c.CreatedByRef = rec.Created, rec.CreatedByRef
		if !now.Time().After(rec.Modified.Time()) {
			return nil, fmt.Errorf("%s: its version %s lies in the future; set the clock", id, rec.Modified)
		}
	}
	if err := c.Extensions.Extend(claim.Extension, claim.Claim{
		ExtensionType: "property-extension", ClaimID: entity.ClaimID("operations", string(said.Relation), string(a), string(b)),
		Speaker: name, Stance: claim.Asserts, Relation: said.Relation, Note: strings.TrimSpace(word.Reason),
		Subjects: []claim.Ref{{Ref: a, Text: shown.Graph.Name(a)}}, Objects: []claim.Ref{{Ref: b, Text: shown.Graph.Name(b)}},
		Reliability: "A", Credibility: 2, Status: claim.Accepted, Rule: "person",
	}); err != nil {
		return nil, err
	}
	carrier, err := stix.New(stix.Relationship{Common: c, RelationshipType: string(said.Relation), SourceRef: a, TargetRef: b})
	if err != nil {
		return nil, err
	}
	rests := []stix.ID{a, b}
	return []Conclusion{{Object: who, RestsOn: rests, Word: true}, {Object: carrier, RestsOn: rests, Word: true}}, nil
}

// Record finds a record of an operation: by its id, by its list and number ("eurepoc:1065", "attack:C0027"), or by its own name.
func (s *Snapshot) Record(name string) (OperationMember, error) {
	source, number, numbered := strings.Cut(strings.TrimSpace(name), ":")
	want := graph.NormalName(name)
	var exact, part []OperationMember
	for _, e := range s.Graph.Operations() {
		for _, m := range e.Members {
			x := member(m)
			switch n := graph.NormalName(m.Name); {
			case string(m.ID) == name, numbered && strings.EqualFold(m.Source, source) && strings.EqualFold(m.Record, strings.TrimSpace(number)):
				return x, nil
			case n == want:
				exact = append(exact, x)
			case want != "" && strings.Contains(n, want):
				part = append(part, x)
			}
		}
	}
	found := exact
	if len(found) == 0 {
		found = part
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return OperationMember{}, fmt.Errorf("record %q: %w", name, ErrUnknown)
	}
	e := &AmbiguousError{What: "record", Name: name, Why: fmt.Sprintf("%d have this name", len(found))}
	for _, m := range found[:min(len(found), shown)] {
		e.Candidates = append(e.Candidates, Named{ID: m.ID, Name: m.Name, Why: m.Source + ":" + m.Record})
	}
	return OperationMember{}, e
}
