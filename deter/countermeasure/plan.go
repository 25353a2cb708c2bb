package countermeasure

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Layout is an operation with its conditions and what several states could do.
type Layout struct {
	Operation string   `json:"operation"`
	Name      string   `json:"name"`
	Accused   string   `json:"accused,omitempty"` // ISO 3166-1 alpha-2
	States    []string `json:"states"`            // that would act
	Answers   []Answer `json:"conditions"`
	Ways      []Way    `json:"ways"`
	TLP       string   `json:"tlp"` // the strictest level of what it rests on
}

// Lay answers the conditions for all states together and lays out what each could do.
func Lay(op *Operation, states []string, plan *Plan) (*Layout, error) {
	together := Plan{By: states}
	if plan != nil {
		together.Against, together.States = plan.Against, plan.States
	}
	out := &Layout{Accused: op.State, States: states}
	var err error
	if out.Answers, err = Assess(op, &together); err != nil {
		return nil, err
	}
	out.Ways, err = Joint(op, states, &together)
	return out, err
}

// ReadPlan reads what planners say, as YAML:
//
//	against: RU
//	conditions:
//	  proportionate:
//	    finding: met
//	    evidence: [{says: "servers of one unit are switched off for a week", source: "staff paper 12"}]
//
// Fields that are not known, conditions and findings included, are errors; every problem is named at once.
func ReadPlan(raw []byte) (*Plan, error) {
	var in struct {
		Against    string
		Conditions map[string]struct {
			Finding  Finding
			Evidence []struct{ Says, Source string }
		}
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&in); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	p := &Plan{Against: in.Against, States: map[string]Stated{}}
	for id, c := range in.Conditions {
		s := Stated{Finding: c.Finding}
		for _, e := range c.Evidence {
			s.Evidence = append(s.Evidence, Evidence{Says: e.Says, Source: e.Source})
		}
		p.States[id] = s
	}
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return p, nil
}
