package eval_test

import (
	"testing"

	"marque/eval"
	"marque/ingest/eurepoc"
	"marque/ingest/ingesttest"
)

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
	for _, dev := range []bool{true, false} {
		var list []eval.Initiated
		ll := 0.0
		for _, in := range all {
			if (in.Began.Year() < eval.InitiatorHeldOut) == dev {
				list = append(list, in)
				ll += in.Surprise
			}
		}
		model := func(in eval.Initiated) string { return in.Model }
		t.Logf("dev %v n %d model %.3f nb %.3f maj %.3f logloss %.4f", dev, len(list), eval.MacroF1(list, model),
			eval.MacroF1(list, func(in eval.Initiated) string { return in.Victims }), eval.MacroF1(list, func(in eval.Initiated) string { return in.Majority }), ll/float64(len(list)))
		for _, c := range eval.Categories {
			t.Logf("  %s %.3f", c, eval.F1(list, model, c))
		}
	}
}
