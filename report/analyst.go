package report

import (
	"fmt"

	"marque/attribute"
	"marque/claim"
	"marque/graph"
)

// analysts are what persons judge of an operation, beside what was computed.
func (b *builder) analysts(e *graph.Entity, computed *claim.Assessment) []Analyst {
	var out []Analyst
	for _, a := range b.in.Graph.Analysts(e.ID) {
		h := &a.Hypotheses[0]
		out = append(out, Analyst{
			Name: a.Analyst.Name, Date: day(a.Modified.Time()), KeyJudgement: a.Analyst.KeyJudgement, Answer: h.Statement, Probability: h.Probability, Words: h.Words,
			Confidence: a.Level, Reason: a.Reason, Dissent: a.Analyst.Dissent, Differs: attribute.Differ(a, computed, b.in.Graph.Same),
		})
	}
	return out
}

// lines are an analyst's judgement in sentences, the key judgement first.
func (a *Analyst) lines() []string {
	out := []string{
		fmt.Sprintf("%s, %s: %s", a.Name, a.Date, a.KeyJudgement),
		fmt.Sprintf("%s (%s): %s. %s confidence: %s.", capital(a.Words), percent(a.Probability), a.Answer, capital(a.Confidence), trimStop(a.Reason)),
	}
	if a.Dissent != "" {
		out = append(out, "Dissent: "+a.Dissent)
	}
	for _, d := range a.Differs {
		out = append(out, fmt.Sprintf("Differs in %s: %s; computed: %s.", d.What, trimStop(d.Person), trimStop(d.Marque)))
	}
	return out
}
