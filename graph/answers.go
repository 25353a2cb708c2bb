package graph

import (
	"cmp"
	"slices"
	"time"

	"marque/claim"
	"marque/stix"
)

// Answers is the relation of a measure and the operation that somebody says it answers.
const Answers claim.Relation = "answers"

// Answer is the word that a measure answers an operation, and whose word it is.
type Answer struct {
	Measure, Operation stix.ID // the operation is empty where its name stands for none that is known, or for several
	Name               string  // of the operation, in the words of who says it, where no record was named
	By                 stix.ID // who says so; of a measure that names its operation itself, who published it
	Document           stix.ID
	ClaimID            string // empty where the measure names the operation itself
	Status, Note       string
	Date               time.Time
}

// AnswersOf lists on whose word a measure answers which operations, by operation and claim.
func (g *Graph) AnswersOf(measure stix.ID) []Answer { return g.answers[measure] }

// answerOf reads the claim that a measure answers an operation: a relationship of the two, or a note on the measure that names the
// operation. It is false for everything else.
func answerOf(o *stix.Object, v *view, c *claim.Claim) (Answer, bool) {
	if c.Relation != Answers || c.Stance != "" && c.Stance != claim.Asserts {
		return Answer{}, false
	}
	a := Answer{By: o.CreatedByRef, Document: c.DocumentRef, ClaimID: c.ClaimID, Status: c.Status, Note: c.Note, Date: o.Created.Time()}
	switch {
	case o.Type == "relationship" && o.SourceRef.Type() == claim.TypeMeasure:
		a.Measure, a.Operation = o.SourceRef, o.TargetRef
	case o.Type == "note" && len(v.ObjectRefs) == 1 && v.ObjectRefs[0].Type() == claim.TypeMeasure && len(c.Objects) == 1:
		a.Measure, a.Name = v.ObjectRefs[0], c.Objects[0].Text
	default:
		return Answer{}, false
	}
	return a, true
}

// tieAnswers has each measure name the operations that anybody says it answers. It runs after operations are joined: a name stands for
// the operation that bears it, whichever record has it.
func (b *builder) tieAnswers() {
	g := b.g
	g.answers = map[stix.ID][]Answer{}
	for _, m := range g.measures {
		for _, op := range m.OperationRef {
			g.answers[m.ID] = append(g.answers[m.ID], Answer{Measure: m.ID, Operation: op, By: m.CreatedByRef, Date: m.Date.Time()})
		}
	}
	var byName map[string]stix.ID
	for _, a := range b.answers {
		if !g.AsOf.IsZero() && !a.Date.Before(g.AsOf) {
			continue
		}
		if a.Operation == "" {
			if byName == nil {
				byName = g.operationsByName()
			}
			a.Operation = byName[NormalName(a.Name)]
		} else if e := g.entities[a.Operation]; e != nil {
			a.Operation = e.ID
		} else {
			a.Operation = "" // its record is not here
		}
		g.answers[a.Measure] = append(g.answers[a.Measure], a)
	}
	for i, m := range g.measures {
		slices.SortStableFunc(g.answers[m.ID], func(x, y Answer) int {
			return cmp.Or(cmp.Compare(x.Operation, y.Operation), cmp.Compare(x.ClaimID, y.ClaimID))
		})
		tied := *m
		tied.OperationRef = nil
		for _, a := range g.answers[m.ID] {
			if a.Operation != "" && !slices.Contains(tied.OperationRef, a.Operation) {
				tied.OperationRef = append(tied.OperationRef, a.Operation)
			}
		}
		if len(tied.OperationRef) > 0 {
			g.measures[i] = &tied
		}
	}
}

// operationsByName are the operations by each of their names; a name of several stands for none.
func (g *Graph) operationsByName() map[string]stix.ID {
	out := map[string]stix.ID{}
	for _, e := range g.Operations() {
		for _, name := range append([]string{e.Name}, e.Aliases...) {
			n := NormalName(name)
			if other, ok := out[n]; ok && other != e.ID {
				out[n] = ""
				continue
			}
			out[n] = e.ID
		}
	}
	return out
}
