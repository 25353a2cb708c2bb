package countermeasure_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"marque/claim"
	"marque/deter/countermeasure"
	"marque/graph"
	"marque/stix"
)

func operation() *countermeasure.Operation {
	return &countermeasure.Operation{
		State: "RU", Probability: 0.97, Responsibility: "state-executed", Judgement: "marque-assessment--1", Victims: []string{"UA", "EE"},
		Record: "campaign--1", CodedState: "Direct (official members of state entities / agencies / units responsible)",
		CodedBreach: "Cyber espionage; Sovereignty", Ended: time.Date(2022, 3, 1, 0, 0, 0, 0, time.UTC),
	}
}

func assess(t *testing.T, op *countermeasure.Operation, plan *countermeasure.Plan) map[string]countermeasure.Answer {
	t.Helper()
	as, err := countermeasure.Assess(op, plan)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]countermeasure.Answer{}
	for _, a := range as {
		out[a.ID] = a
	}
	return out
}

func TestWhatRecordsSay(t *testing.T) {
	for _, c := range []struct {
		name, id string
		change   func(*countermeasure.Operation)
		want     countermeasure.Finding
	}{
		{"an organ of the state, both records agree", "act-of-state", func(*countermeasure.Operation) {}, countermeasure.Met},
		{"judged too unsurely, coded", "act-of-state", func(o *countermeasure.Operation) { o.Probability = 0.8 }, countermeasure.Met},
		{"judged too unsurely, not coded", "act-of-state", func(o *countermeasure.Operation) { o.Probability, o.CodedState = 0.8, "" }, countermeasure.Unknown},
		{"only tolerated", "act-of-state", func(o *countermeasure.Operation) { o.Responsibility, o.CodedState = "state-ignored", "" }, countermeasure.NotMet},
		{"encouraged: control decides", "act-of-state", func(o *countermeasure.Operation) { o.Responsibility, o.CodedState = "state-encouraged", "" }, countermeasure.Unknown},
		{"the records contradict each other", "act-of-state", func(o *countermeasure.Operation) { o.CodedState = "None/Negligent" }, countermeasure.Unknown},
		{"sovereignty", "breach", func(*countermeasure.Operation) {}, countermeasure.Met},
		{"espionage alone", "breach", func(o *countermeasure.Operation) { o.CodedBreach = "Cyber espionage" }, countermeasure.Unknown},
		{"not coded", "breach", func(o *countermeasure.Operation) { o.CodedBreach = "Not available" }, countermeasure.Unknown},
		{"it ended: reparation may be owed", "something-to-induce", func(*countermeasure.Operation) {}, countermeasure.Unknown},
		{"it goes on", "something-to-induce", func(o *countermeasure.Operation) { o.Ongoing = true }, countermeasure.Met},
		{"nobody would act yet", "injured", func(*countermeasure.Operation) {}, countermeasure.Unknown},
	} {
		op := operation()
		c.change(op)
		if a := assess(t, op, nil)[c.id]; a.Finding != c.want {
			t.Errorf("%s: %s, want %s (%+v)", c.name, a.Finding, c.want, a)
		}
	}
}

func TestFrom(t *testing.T) {
	record, err := stix.Parse([]byte(`{"type":"campaign","spec_version":"2.1","id":"campaign--5f0c1f6e-0000-4000-8000-000000000004","name":"x",` +
		`"x_eurepoc_state_responsibility_indicator":"Direct (official members)","x_eurepoc_il_breach_indicator":"Sovereignty"}`))
	if err != nil {
		t.Fatal(err)
	}
	a := &claim.Assessment{
		Hypotheses: []claim.Hypothesis{{Sponsor: "RU", Probability: 0.97, Responsibility: "state-executed"}},
		Denials:    []claim.Denial{{Kind: claim.NoComment}},
	}
	e := &graph.Entity{ID: record.ID, Operation: &claim.Operation{Countries: []string{"EE"}}}
	op, err := countermeasure.From(a, e, record)
	if err != nil {
		t.Fatal(err)
	}
	as := assess(t, op, &countermeasure.Plan{By: []string{"EE"}, Against: "RU"})
	for _, id := range []string{"act-of-state", "breach", "injured", "against-the-responsible"} {
		if as[id].Finding != countermeasure.Met {
			t.Errorf("%s: %+v", id, as[id])
		}
	}
	if op.Denied {
		t.Error("no comment became a denial")
	}
	a.Abstained = true
	if op, err = countermeasure.From(a, nil); err != nil || op.State != "" {
		t.Errorf("who abstains accuses nobody: %+v, %v", op, err)
	}
}

func TestWhoWouldAct(t *testing.T) {
	for _, c := range []struct {
		by, against string
		injured     countermeasure.Finding
		aimed       countermeasure.Finding
	}{
		{"EE", "RU", countermeasure.Met, countermeasure.Met},
		{"EE UA", "BY", countermeasure.Met, countermeasure.NotMet},
		{"LV", "RU", countermeasure.NotMet, countermeasure.Met},
		{"EE LV", "RU", countermeasure.Unknown, countermeasure.Met},
	} {
		as := assess(t, operation(), &countermeasure.Plan{By: strings.Fields(c.by), Against: c.against})
		if as["injured"].Finding != c.injured || as["against-the-responsible"].Finding != c.aimed {
			t.Errorf("%s against %s: injured %s, aimed %s", c.by, c.against, as["injured"].Finding, as["against-the-responsible"].Finding)
		}
		if a := as["on-behalf-of-the-injured"]; a.Finding != countermeasure.Unknown || a.Disputed == "" {
			t.Errorf("what is disputed was decided: %+v", a)
		}
	}
}

// Words without evidence decide nothing, and words against the records make the condition unknown.
func TestPlansNeedEvidence(t *testing.T) {
	letter := []countermeasure.Evidence{{Says: "note verbale of 2022-04-01", Source: "plan"}}
	stated := func(f countermeasure.Finding, e []countermeasure.Evidence) map[string]countermeasure.Stated {
		return map[string]countermeasure.Stated{"called-upon": {f, e}, "breach": {countermeasure.NotMet, e}, "on-behalf-of-the-injured": {f, e}}
	}
	bare := assess(t, operation(), &countermeasure.Plan{States: stated(countermeasure.Met, nil)})
	if bare["called-upon"].Finding != countermeasure.Unknown || bare["breach"].Finding != countermeasure.Met {
		t.Errorf("words without evidence: %+v", bare["called-upon"])
	}
	as := assess(t, operation(), &countermeasure.Plan{States: stated(countermeasure.Met, letter)})
	if as["called-upon"].Finding != countermeasure.Met || as["breach"].Finding != countermeasure.Unknown || len(as["breach"].Evidence) != 2 {
		t.Errorf("with evidence: %+v, %+v", as["called-upon"], as["breach"])
	}
	if as["on-behalf-of-the-injured"].Finding != countermeasure.Unknown {
		t.Error("a plan decided what states and writers dispute")
	}
	if _, err := countermeasure.Assess(operation(), &countermeasure.Plan{States: map[string]countermeasure.Stated{"x": {Finding: "yes"}}}); err == nil ||
		!strings.Contains(err.Error(), `"x"`) || !strings.Contains(err.Error(), `"yes"`) {
		t.Errorf("a plan of other words: %v", err)
	}
}

func TestEachFindingHasEvidenceOrSaysWhatIsMissing(t *testing.T) {
	known, err := countermeasure.Conditions()
	if err != nil || len(known) < 16 {
		t.Fatalf("%d conditions, %v", len(known), err)
	}
	for _, a := range assess(t, operation(), &countermeasure.Plan{By: []string{"EE"}, Against: "RU"}) {
		if (a.Finding == countermeasure.Unknown) != (a.Missing != "") || (a.Finding != countermeasure.Unknown && len(a.Evidence) == 0) {
			t.Errorf("%+v", a)
		}
		if len(a.Sources) == 0 || !strings.HasSuffix(a.Asks, "?") || (a.About != "operation" && a.About != "measure") {
			t.Errorf("condition %+v", a.Condition)
		}
	}
}

func TestSeveralStates(t *testing.T) {
	ways, err := countermeasure.Joint(operation(), []string{"EE", "LV"}, &countermeasure.Plan{Against: "RU"})
	if err != nil {
		t.Fatal(err)
	}
	if len(ways) != 8 {
		t.Fatalf("%d ways", len(ways))
	}
	own, support := ways[3], ways[7]
	if own.Apart != "" || len(own.After) != 2 || slices.Contains(own.Missing, "breach") || !slices.Contains(own.Missing, "proportionate") {
		t.Errorf("of the injured: %+v", own)
	}
	if support.Apart == "" || slices.Contains(support.Missing, "injured") {
		t.Errorf("of another: %+v", support)
	}
}

// No text calls anything lawful, permitted or justified.
func TestNothingIsCalledLawful(t *testing.T) {
	never := regexp.MustCompile(`(?i)\b(un)?lawful|\billegal|\blegitimate|\bjustif|\bpermitted\b|\ballowed\b`)
	as, err := countermeasure.Assess(operation(), &countermeasure.Plan{By: []string{"EE", "LV"}, Against: "RU"})
	if err != nil {
		t.Fatal(err)
	}
	ways, err := countermeasure.Joint(operation(), []string{"EE", "LV"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal([]any{as, ways})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("conditions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if m := never.Find(append(out, data...)); m != nil {
		t.Errorf("the word %q", m)
	}
}
