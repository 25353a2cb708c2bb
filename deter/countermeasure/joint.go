package countermeasure

import "fmt"

// Way is something that a state could do, on which basis, after what, and what is missing for it.
type Way struct {
	State   string   `json:"state"`
	Do      string   `json:"do"`
	Basis   []string `json:"basis"`
	After   []string `json:"after,omitempty"`   // ways of the same state that come before, by what they do
	Missing []string `json:"missing,omitempty"` // conditions that are not met or unknown, by id
	Apart   string   `json:"apart,omitzero"`    // why it stands apart: what is disputed
}

// What states do, in order.
const (
	doRetorsion = "retorsion: unfriendly acts that breach no obligation"
	doCallUpon  = "call upon the state to cease and repair"
	doNotify    = "notify the decision and offer negotiations"
	doMeasure   = "countermeasure"
	doSupport   = "countermeasure in support of the injured"
)

// Joint lays out who of several states could do what, in which order, and what is missing, from the answers to the conditions.
func Joint(op *Operation, states []string, plan *Plan) ([]Way, error) {
	var out []Way
	for _, s := range states {
		own := Plan{By: []string{s}}
		if plan != nil {
			own.Against, own.States = plan.Against, plan.States
		}
		answers, err := Assess(op, &own)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
		out = append(out, Way{State: s, Do: doRetorsion, Basis: []string{"no obligation is breached"}})
		struck, _ := split([]string{s}, op.Victims)
		last := Way{State: s, Do: doMeasure, Basis: []string{"ARSIWA 22", "ARSIWA 49", "Tallinn rule 20"}}
		if len(struck) == 0 {
			last.Do, last.Basis = doSupport, []string{"ARSIWA 54", "Tallinn rule 24"}
		}
		for _, a := range answers {
			switch {
			case a.ID == onBehalf:
				if last.Do == doSupport {
					last.Apart = a.Disputed
				}
			case a.ID == injured && last.Do == doSupport:
			case a.Finding != Met:
				last.Missing = append(last.Missing, a.ID)
			}
		}
		out = append(out,
			Way{State: s, Do: doCallUpon, Basis: []string{"ARSIWA 52(1)(a)"}},
			Way{State: s, Do: doNotify, Basis: []string{"ARSIWA 52(1)(b)"}, After: []string{doCallUpon}})
		last.After = []string{doCallUpon, doNotify}
		out = append(out, last)
	}
	return out, nil
}
