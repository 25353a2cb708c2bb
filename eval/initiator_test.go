package eval_test

import (
	"testing"

	"marque/eval"
	"marque/ingest/eurepoc"
	"marque/ingest/ingesttest"
)

// TestInitiator is the gate on the category of the initiator: on years that decided nothing, above both baselines, with the
// whole interval.
func TestInitiator(t *testing.T) {
	text := ingesttest.Unzip(t, ingesttest.Data(t, "eurepoc", "EuRepoC_Global_Database_1.1.csv.gz"))
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "eurepoc.csv", text, eurepoc.Reader{})
	incidents, err := eval.ReadInitiated(text)
	if err != nil {
		t.Fatal(err)
	}
	all, err := eval.Forecast(m.Objects(), incidents)
	if err != nil {
		t.Fatal(err)
	}
	var development, heldOut []eval.Initiated
	for _, in := range all {
		if in.Began.Year() < eval.InitiatorHeldOut {
			development = append(development, in)
		} else {
			heldOut = append(heldOut, in)
		}
	}
	later := eval.MeasureInitiators("Held-out years, 2018 on", heldOut)
	for _, r := range later.Rows {
		t.Logf("%s: %.3f [%.3f, %.3f], the model ahead by %.3f [%.3f, %.3f]", r.Name, r.Value, r.Low, r.High, r.Ahead, r.AheadLow, r.AheadHigh)
	}
	for _, r := range later.Rows[3:] {
		if r.AheadLow <= 0 {
			t.Errorf("%s: the model is ahead by %.3f [%.3f, %.3f]; the gate is an interval above 0", r.Name, r.Ahead, r.AheadLow, r.AheadHigh)
		}
	}
	writeSection(t, "initiator", eval.InitiatorMarkdown(later, eval.MeasureInitiators("Development years, 2010 to 2017", development)))
}
