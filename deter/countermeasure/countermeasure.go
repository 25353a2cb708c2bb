package countermeasure

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"marque/attribute"
)

// Finding is what is known of a condition.
type Finding string

// Findings.
const (
	Met     Finding = "met"
	NotMet  Finding = "not met"
	Unknown Finding = "unknown"
)

// Condition is one of those that the law asks for.
type Condition struct {
	ID       string   `yaml:"id" json:"id"`
	Asks     string   `yaml:"asks" json:"asks"`
	Sources  []string `yaml:"sources" json:"sources"`
	About    string   `yaml:"about" json:"about"`                // operation or measure
	Disputed string   `yaml:"disputed" json:"disputed,omitzero"` // why, where states and writers are divided
}

// The conditions that the records of an operation can speak to.
const (
	actOfState = "act-of-state"
	breach     = "breach"
	injured    = "injured"
	toInduce   = "something-to-induce"
	against    = "against-the-responsible"
	onBehalf   = "on-behalf-of-the-injured"
)

//go:embed conditions.yaml
var conditionsYAML []byte

// Conditions are all conditions, in the order in which one asks.
var Conditions = sync.OnceValues(func() ([]Condition, error) {
	var cs []Condition
	if err := yaml.Unmarshal(conditionsYAML, &cs); err != nil {
		return nil, fmt.Errorf("conditions.yaml: %w", err)
	}
	return cs, nil
})

// Evidence is what a finding rests on.
type Evidence struct {
	Says   string   `json:"says"`
	Source string   `json:"source"` // who says so: a data set, the judgement, the plan
	Refs   []string `json:"refs,omitempty"`
}

// Answer is a condition with what is known of it.
type Answer struct {
	Condition
	Finding  Finding    `json:"finding"`
	Evidence []Evidence `json:"evidence,omitempty"`
	Missing  string     `json:"missing,omitzero"` // what would decide it, where it is unknown
}

// Operation is what is known of the operation that would be answered.
type Operation struct {
	State          string   // that is accused, ISO 3166-1 alpha-2; empty where none is
	Probability    float64  // that the judgement gives to it
	Responsibility string   // Healey's spectrum, as judged; empty where it is not
	Judgement      string   // id of the assessment
	Denied         bool     // the state denies it
	Victims        []string // states in which it struck, ISO 3166-1 alpha-2
	Ended          time.Time
	Ongoing        bool
	Record         string // id of the record that is coded
	CodedState     string // EuRepoC's state_responsibility_indicator
	CodedBreach    string // EuRepoC's IL_breach_indicator
}

// Plan is a measure that somebody thinks of.
type Plan struct {
	By      []string // states that would act, ISO 3166-1 alpha-2
	Against string   // state at which it is aimed
	States  map[string]Stated
}

// Stated is what the planners say of a condition, by its id.
type Stated struct {
	Finding  Finding
	Evidence []Evidence // without any, what they say decides nothing
}

// Validate returns every problem with a plan at once.
func (p *Plan) Validate() error {
	known, err := Conditions()
	if err != nil {
		return err
	}
	var problems []error
	for id, s := range p.States {
		if !slices.ContainsFunc(known, func(c Condition) bool { return c.ID == id }) {
			problems = append(problems, fmt.Errorf("condition %q is not known", id))
		}
		if s.Finding != Met && s.Finding != NotMet && s.Finding != Unknown {
			problems = append(problems, fmt.Errorf("condition %s: finding %q: want met, not met or unknown", id, s.Finding))
		}
	}
	return errors.Join(problems...)
}

// Assess answers each condition for an operation and, where it is not nil, a plan.
func Assess(op *Operation, plan *Plan) ([]Answer, error) {
	cs, err := Conditions()
	if err != nil {
		return nil, err
	}
	if plan == nil {
		plan = &Plan{}
	}
	if err := plan.Validate(); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	out := make([]Answer, 0, len(cs))
	for _, c := range cs {
		a := op.answer(c, plan)
		a.join(plan.States[c.ID])
		if c.Disputed != "" && a.Finding != Unknown {
			a.Finding, a.Missing = Unknown, "disputed: "+c.Disputed
		}
		out = append(out, a)
	}
	return out, nil
}

// join adds what the planners say.
func (a *Answer) join(s Stated) {
	if s.Finding == "" || s.Finding == Unknown {
		a.Evidence = append(a.Evidence, s.Evidence...)
		return
	}
	if len(s.Evidence) == 0 {
		if a.Finding == Unknown {
			a.Missing = "the plan says that it is " + string(s.Finding) + ", and gives no evidence"
		}
		return
	}
	a.Evidence = append(a.Evidence, s.Evidence...)
	switch a.Finding {
	case Unknown:
		a.Finding, a.Missing = s.Finding, ""
	case s.Finding:
	default:
		a.Finding, a.Missing = Unknown, "the plan and the records contradict each other"
	}
}

// answer is what the records say of a condition.
func (op *Operation) answer(c Condition, plan *Plan) Answer {
	a := Answer{Condition: c, Finding: Unknown}
	switch c.ID {
	case actOfState:
		op.actOfState(&a)
	case breach:
		op.breach(&a)
	case injured:
		op.injured(&a, plan)
	case toInduce:
		op.toInduce(&a)
	case against:
		op.against(&a, plan)
	case onBehalf:
		a.Missing = "disputed: " + c.Disputed
	default:
		a.Missing = "only the plan can say"
	}
	return a
}

// sure is the probability from which a judgement speaks to the condition: ICD 203's lower bound of "almost certainly". The law names no
// standard; a state that is mistaken answers for its own wrong.
const sure = 0.95

// What Healey's values say of acts of a state: its organs and what they order are the state's (ARSIWA 4, 7, 8, 11); what it only tolerates or
// encourages is not. Between these, whether its control was effective decides, and the spectrum does not say.
var (
	stateActs    = []string{attribute.StateOrdered, attribute.StateRogue, attribute.StateExecuted, attribute.StateIntegrated}
	notStateActs = []string{attribute.StateProhibited, attribute.StateProhibitedInadequate, attribute.StateIgnored}
)

func (op *Operation) actOfState(a *Answer) {
	judged := Unknown
	if op.State != "" && op.Responsibility != "" {
		a.say("judgement", fmt.Sprintf("%s, %s, probability %.2f", op.State, op.Responsibility, op.Probability), op.Judgement)
		switch {
		case op.Probability < sure:
		case slices.Contains(stateActs, op.Responsibility):
			judged = Met
		case slices.Contains(notStateActs, op.Responsibility):
			judged = NotMet
		}
	}
	coded := Unknown
	switch {
	case strings.HasPrefix(op.CodedState, "Direct"):
		coded = Met
	case strings.HasPrefix(op.CodedState, "None"):
		coded = NotMet
	}
	if op.CodedState != "" {
		a.say("EuRepoC", "state responsibility: "+op.CodedState, op.Record)
	}
	if op.Denied {
		a.say("the accused state", "denies it")
	}
	a.decide(judged, coded, "a judgement at 95 % or more that places the operation with the state's organs or under their instructions or effective control")
}

func (op *Operation) breach(a *Answer) {
	coded := Unknown
	var breached []string
	for b := range strings.SplitSeq(op.CodedBreach, ";") {
		// Espionage as such breaks no rule of its own (Tallinn rule 32).
		if b = strings.TrimSpace(b); b != "" && b != "Not available" && b != "Cyber espionage" {
			breached = append(breached, b)
		}
	}
	if op.CodedBreach != "" {
		a.say("EuRepoC", "breach: "+op.CodedBreach, op.Record)
	}
	if len(breached) > 0 {
		coded = Met
	}
	a.decide(coded, Unknown, "which obligation was breached towards whom, argued from what was done and its effects")
}

func (op *Operation) injured(a *Answer, plan *Plan) {
	if len(op.Victims) > 0 {
		a.say("record", "it struck in "+strings.Join(op.Victims, ", "), op.Record)
	}
	struck, others := split(plan.By, op.Victims)
	finding := Unknown
	switch {
	case len(plan.By) == 0 || len(op.Victims) == 0:
	case len(others) == 0:
		finding = Met
	case len(struck) == 0:
		finding = NotMet
	default:
		a.say("plan", "struck: "+strings.Join(struck, ", ")+"; not struck: "+strings.Join(others, ", "))
	}
	a.decide(finding, Unknown, "which of the states that would act are injured; for the others see "+onBehalf)
}

func (op *Operation) toInduce(a *Answer) {
	finding := Unknown
	switch {
	case op.Ongoing:
		a.say("record", "it goes on", op.Record)
		finding = Met
	case !op.Ended.IsZero():
		a.say("record", "it ended by "+op.Ended.Format(time.DateOnly), op.Record)
	}
	a.decide(finding, Unknown, "whether it goes on, and what reparation is owed")
}

func (op *Operation) against(a *Answer, plan *Plan) {
	finding := Unknown
	if op.State != "" && plan.Against != "" {
		a.say("plan", "aimed at "+plan.Against+", accused is "+op.State)
		finding = NotMet
		if plan.Against == op.State {
			finding = Met
		}
	}
	a.decide(finding, Unknown, "at whom it is aimed, and who is responsible")
}

func (a *Answer) say(source, says string, refs ...string) {
	refs = slices.DeleteFunc(refs, func(r string) bool { return r == "" })
	a.Evidence = append(a.Evidence, Evidence{Says: says, Source: source, Refs: refs})
}

// decide takes the finding of two records that agree, or of the one that has any.
func (a *Answer) decide(x, y Finding, missing string) {
	switch {
	case x == y || y == Unknown:
		a.Finding = x
	case x == Unknown:
		a.Finding = y
	default:
		missing = "the records contradict each other"
	}
	if a.Finding == Unknown {
		a.Missing = missing
	}
}

// split tells which of the states are among the victims.
func split(states, victims []string) (struck, others []string) {
	for _, s := range states {
		if slices.Contains(victims, s) {
			struck = append(struck, s)
		} else {
			others = append(others, s)
		}
	}
	return struck, others
}
