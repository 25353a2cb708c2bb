package attribute_test

import (
	"math"
	"testing"

	"marque/attribute"
	"marque/claim"
)

// probabilities are what a judgement says of each hypothesis.
func probabilities(a *claim.Assessment) map[string]float64 {
	out := map[string]float64{}
	for _, h := range a.Hypotheses {
		out[h.Key] = h.Probability
	}
	return out
}

// TestWithoutASourceIsAsIfItHadNeverSpoken: a source that is supposed away leaves what a world without it comes to.
func TestWithoutASourceIsAsIfItHadNeverSpoken(t *testing.T) {
	w, op, russia, sources := scene(t)
	for _, s := range sources[:2] {
		w.says(s, op, "attributed-to", russia)
	}
	want := w.judge(op, attribute.Options{})
	w.says(sources[2], op, "attributed-to", russia)
	all := w.judge(op, attribute.Options{})
	for _, without := range []string{string(sources[2].by), string(sources[2].doc)} {
		got := w.judge(op, attribute.Options{Suppose: attribute.Supposition{Without: []string{without}}})
		for key, p := range probabilities(&want) {
			if q := probabilities(&got)[key]; math.Abs(p-q) > 1e-12 {
				t.Errorf("without %s: %s has %v, in a world without the source %v", without, key, q, p)
			}
		}
		if got.Roots != want.Roots || all.Roots != want.Roots+1 {
			t.Errorf("%d roots, %d without it, want %d", all.Roots, got.Roots, want.Roots)
		}
	}
}

func TestAnotherGradeAndAnotherPrior(t *testing.T) {
	w, op, russia, sources := scene(t)
	claimed := w.says(sources[0], op, "attributed-to", russia)
	stands := w.judge(op, attribute.Options{})
	lead := attribute.Leading(&stands)
	worse := w.judge(op, attribute.Options{Suppose: attribute.Supposition{Grades: map[string]attribute.Grade{claimed: {Reliability: "E", Credibility: 5}}}})
	if p := probabilities(&worse)[lead.Key]; p >= lead.Probability {
		t.Errorf("graded E5 it is %.3f, before %.3f", p, lead.Probability)
	}
	doubted := w.judge(op, attribute.Options{Suppose: attribute.Supposition{Priors: map[string]float64{lead.Key: 0.001}}})
	if p := probabilities(&doubted)[lead.Key]; p >= lead.Probability {
		t.Errorf("with a prior of 0.1 %% it is %.3f, before %.3f", p, lead.Probability)
	}
	sum := 0.0
	for _, h := range doubted.Hypotheses {
		sum += h.Prior
		if h.Key == lead.Key && math.Abs(h.Prior-0.001) > 1e-12 {
			t.Errorf("prior %v, want .001", h.Prior)
		}
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("priors sum to %v", sum)
	}
	same := w.judge(op, attribute.Options{Suppose: attribute.Supposition{}})
	if same.InputsDigest != stands.InputsDigest {
		t.Error("supposing nothing changes the judgement")
	}
}
