package countermeasure

import (
	"fmt"

	"marque/claim"
	"marque/graph"
	"marque/ingest/eurepoc"
	"marque/stix"
)

// From gathers what is known of an operation: the judgement on it, the graph's entity, and the records that stand for it, of which
// EuRepoC's carry codes. Each may be missing.
func From(a *claim.Assessment, e *graph.Entity, records ...*stix.Object) (*Operation, error) {
	op := &Operation{}
	if a != nil {
		op.Judgement = string(a.ID)
		for _, d := range a.Denials {
			op.Denied = op.Denied || d.Kind != claim.NoComment
		}
		if !a.Abstained && len(a.Hypotheses) > 0 {
			lead := a.Hypotheses[0]
			op.State, op.Probability, op.Responsibility = lead.Sponsor, lead.Probability, lead.Responsibility
		}
	}
	if e != nil {
		op.Record, op.Ended = string(e.ID), e.Last
		if e.Operation != nil {
			op.Victims = e.Operation.Countries
		}
	}
	for _, o := range records {
		l, err := eurepoc.LegalOf(o)
		if err != nil {
			return nil, fmt.Errorf("codes of %s: %w", o.ID, err)
		}
		if l.Responsibility != "" || l.Breach != "" {
			op.Record, op.CodedState, op.CodedBreach = string(o.ID), l.Responsibility, l.Breach
		}
	}
	return op, nil
}
