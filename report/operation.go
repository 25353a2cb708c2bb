package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"marque/attribute"
	"marque/claim"
	"marque/deter"
	"marque/graph"
	"marque/stix"
)

// Limits on one section: a brief is read, not searched.
const (
	maxEvidence = 5
	maxRivals   = 3
	maxSought   = 4
)

func (b *builder) operation(e *graph.Entity) Operation {
	op := Operation{ID: e.ID, Name: clean(e.Name), When: b.when(e), Victims: b.victims(e), Blurred: b.blurred(e)}
	op.What = b.what(e)
	a := b.byOp[e.ID]
	op.Analysts = b.analysts(e, a)
	if a == nil {
		op.Who = Sentence{Text: "Not assessed: nobody in this workspace says who did it."}
		op.Followed = b.followed(e)
		op.Denials = []Sentence{}
		return op
	}
	op.Assessment = a.ID
	all := b.cite(b.documents(e.ID, func(c *graph.Claim) bool { return c.Stance == claim.Asserts })...)
	op.Who, op.HowClose = b.who(a, all)
	op.Why = b.why(a, e)
	op.HowSure = Sentence{Text: b.howSure(a), Refs: all}
	if h := b.leading(e.ID); h != nil {
		op.Probability, op.Sponsor = h.Probability, h.Sponsor
	}
	op.For, op.Against = b.evidence(e, a)
	op.Rivals = rivals(a)
	op.Disputed = a.Disputed
	op.Denials = b.denials(a)
	op.Overturns = overturns(a)
	op.Sought = sought(a)
	op.Followed = b.followed(e)
	return op
}

func (b *builder) row(e *graph.Entity) Row {
	r := Row{ID: e.ID, Name: clean(e.Name), When: b.when(e), Victims: b.victims(e), Leading: "not attributed", Measures: len(b.consequences(e.ID))}
	if h := b.leading(e.ID); h != nil {
		r.Leading, r.Probability, r.Words = h.Statement, h.Probability, h.Words
	}
	return r
}

// when tells when it happened, to the precision that the source gives.
func (b *builder) when(e *graph.Entity) string {
	switch e.Origin {
	case graph.Reported:
		return "time unknown, reported " + e.Date.Format("2 January 2006")
	case graph.File, graph.Undated:
		if told, _ := b.span(e); !told.IsZero() {
			return "time unknown, told of in " + told.Format("January 2006")
		}
		return "time unknown"
	}
	first, last := told(e.Date, e.Precision), told(e.Last, e.LastPrecision)
	switch {
	case first == "" && last == "":
		return "time unknown: its dates contradict each other"
	case first == "":
		return "until " + last
	case last == "" || last == first || e.Last.Before(e.Date), wholeYear(e):
		return first
	case e.Precision.Sure() == graph.Year || e.LastPrecision.Sure() == graph.Year:
		return first + " to " + last
	case e.Date.Year() == e.Last.Year() && e.Date.Month() == e.Last.Month():
		return e.Date.Format("January 2006")
	}
	return e.Date.Format("January 2006") + " to " + e.Last.Format("January 2006")
}

// wholeYear tells a year that is written as its first and last day.
func wholeYear(e *graph.Entity) bool {
	return e.Precision == graph.Year && e.Last.Year() == e.Date.Year() && e.Last.Month() == time.December && e.Last.Day() == 31
}

// told is a date to its precision, empty where it is unknown.
func told(t time.Time, p graph.Precision) string {
	switch p {
	case graph.Year:
		return t.Format("2006")
	case graph.Month:
		return t.Format("January 2006")
	case graph.AboutMonth:
		return "about " + t.Format("January 2006")
	case graph.Day:
		return t.Format("2 January 2006")
	}
	return ""
}

func (b *builder) countries(e *graph.Entity) []string {
	var codes []string
	if e.Operation != nil {
		codes = append(codes, e.Operation.Countries...)
	}
	for _, edge := range b.in.Graph.At(e.ID) {
		for _, l := range edge.Links {
			if t := b.in.Graph.Entity(l.To); l.Relation == "targets" && l.From == e.ID && t != nil && t.Country != "" {
				codes = append(codes, t.Country)
			}
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func (b *builder) victims(e *graph.Entity) string {
	var names []string
	for _, code := range b.countries(e) {
		names = append(names, b.in.Country(code))
	}
	if len(names) > 4 {
		names = append(names[:4:4], fmt.Sprintf("%d more", len(names)-4))
	}
	out := strings.Join(names, ", ")
	if e.Operation != nil && len(e.Operation.Sectors) > 0 {
		sectors := make([]string, len(e.Operation.Sectors))
		for i, s := range e.Operation.Sectors {
			sectors[i] = words(s)
		}
		out += cmp.Or(map[bool]string{true: "", false: " · "}[out == ""], "") + strings.Join(sectors, ", ")
	}
	return out
}

// what tells what happened: the operation's own description, on the documents that speak of it.
func (b *builder) what(e *graph.Entity) []Sentence {
	docs := b.documents(e.ID, func(*graph.Claim) bool { return true })
	if e.Operation != nil {
		docs = append(docs, e.Operation.DocumentRefs...)
	}
	if len(docs) > 4 {
		docs = docs[:4]
	}
	refs := b.cite(docs...)
	var out []Sentence
	if e.Description != "" {
		out = append(out, Sentence{Text: clean(e.Description), Refs: refs})
	}
	if e.Operation != nil && len(e.Operation.Acts) > 0 {
		acts := make([]string, len(e.Operation.Acts))
		for i, a := range e.Operation.Acts {
			acts[i] = words(a)
		}
		out = append(out, Sentence{Text: "Seen: " + list(acts) + ".", Refs: refs})
	}
	return out
}

func (b *builder) who(a *claim.Assessment, refs []int) (who, close Sentence) {
	if len(a.Hypotheses) == 0 {
		return Sentence{Text: "No hypothesis: the sources name nobody."}, Sentence{}
	}
	h := a.Hypotheses[0]
	if a.Abstained || h.Key == "unknown" {
		return Sentence{Text: notAttributed(a), Refs: refs}, Sentence{}
	}
	who = Sentence{Text: fmt.Sprintf("%s (%s): %s.", capital(h.Words), percent(h.Probability), h.Statement), Refs: refs}
	if h.Responsibility != "" {
		text := capital(words(h.Responsibility)) + " on Healey's spectrum"
		if h.Mode != "" {
			text += "; mode: " + h.Mode
		}
		close = Sentence{Text: text + ".", Refs: refs}
	}
	return who, close
}

// notAttributed says why nobody is named, in words that agree with the numbers, what is known of the state all the same, and whom the
// techniques resemble.
func notAttributed(a *claim.Assessment) string {
	text := "Not attributed: the evidence names nobody with enough weight."
	i := slices.IndexFunc(a.Hypotheses, func(r claim.Hypothesis) bool { return r.Key != "unknown" })
	if i >= 0 {
		r := a.Hypotheses[i]
		switch {
		case i == 0:
			text = fmt.Sprintf("Not attributed: the best answer, %s, is no more than %s (%s).", r.Statement, article(r.Words), percent(r.Probability))
		case r.ActorRef != "":
			text += fmt.Sprintf(" The best named one is %s, %s (%s).", r.Statement, r.Words, percent(r.Probability))
		default:
			text += fmt.Sprintf(" The best answer is %s, %s (%s).", r.Statement, r.Words, percent(r.Probability))
		}
	}
	for _, more := range []string{attribute.StateText(a), attribute.ResemblesText(a)} {
		if more != "" {
			text += " " + more
		}
	}
	return text
}

// article puts "a" before a word for probability that is a noun.
func article(words string) string {
	if strings.HasSuffix(words, "chance") && !strings.HasPrefix(words, "almost no") {
		return "a " + words
	}
	return words
}

func (b *builder) why(a *claim.Assessment, e *graph.Entity) Sentence {
	var parts []string
	for _, m := range a.Motives {
		if m.Share < 0.05 {
			continue
		}
		part := words(m.Motive) + " " + percent(m.Share)
		if m.Why != "" {
			part += " (" + m.Why + ")"
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return Sentence{Text: "Motive: nothing known of what was done speaks for one."}
	}
	return Sentence{Text: capital(list(parts)) + ".", Refs: b.cite(b.documents(e.ID, func(*graph.Claim) bool { return true })...)}
}

func (b *builder) howSure(a *claim.Assessment) string {
	text := fmt.Sprintf("%s confidence, on %s in %s", capital(a.Level), plural(a.Roots, "independent root", "independent roots"), plural(a.Documents, "document", "documents"))
	if a.Reason != "" {
		text += ": " + a.Reason
	}
	return trimStop(text) + "."
}

// evidence is what weighs most for and against the leading hypothesis. A weight is shown against the other hypotheses together,
// so that a piece that speaks for everybody alike shows as nothing.
func (b *builder) evidence(e *graph.Entity, a *claim.Assessment) (pro, con []Weighed) {
	if len(a.Hypotheses) == 0 {
		return nil, nil
	}
	lead := a.Hypotheses[0].Key
	for _, ev := range a.Evidence {
		w := Weighed{
			Sentence: Sentence{Text: ev.Text, Refs: b.evidenceRefs(e, ev)}, Decibans: math.Round(10*relative(ev.Decibans, lead, a.Hypotheses)) / 10,
			Discount: ev.Discount, Basis: ev.Basis,
		}
		switch {
		case w.Decibans >= 0.1:
			pro = append(pro, w)
		case w.Decibans <= -0.1:
			con = append(con, w)
		}
	}
	byWeight := func(x, y Weighed) int {
		return cmp.Or(cmp.Compare(math.Abs(y.Decibans), math.Abs(x.Decibans)), cmp.Compare(x.Text, y.Text))
	}
	slices.SortFunc(pro, byWeight)
	slices.SortFunc(con, byWeight)
	return pro[:min(len(pro), maxEvidence)], con[:min(len(con), maxEvidence)]
}

// relative is the weight for one hypothesis against the others together, each by its probability.
func relative(decibans map[string]float64, lead string, hs []claim.Hypothesis) float64 {
	sum, mass := 0.0, 0.0
	best := &hs[max(0, slices.IndexFunc(hs, func(h claim.Hypothesis) bool { return h.Key == lead }))]
	for _, h := range hs {
		if h.Key != lead && rival(&h, best) {
			sum += h.Probability * decibans[h.Key]
			mass += h.Probability
		}
	}
	if mass == 0 {
		return decibans[lead]
	}
	return decibans[lead] - sum/mass
}

// rival tells whether two answers exclude each other: "X of North Korea" and "an actor of North Korea" do not.
func rival(h, lead *claim.Hypothesis) bool {
	return h.Sponsor == "" || h.Sponsor != lead.Sponsor || h.ActorRef != "" && lead.ActorRef != ""
}

// evidenceRefs are the documents of this operation that go back to the root of a piece of evidence.
func (b *builder) evidenceRefs(e *graph.Entity, ev claim.Evidence) []int {
	if ev.RootRef == "" {
		return nil
	}
	docs := b.documents(e.ID, func(c *graph.Claim) bool { return c.Root == ev.RootRef })
	if len(docs) == 0 {
		docs = []stix.ID{ev.RootRef}
	}
	return b.cite(docs...)
}

func rivals(a *claim.Assessment) []Rival {
	var out []Rival
	for i, h := range a.Hypotheses {
		if i == 0 || len(out) == maxRivals || (h.Probability < 0.01 && h.Key != "unknown") {
			continue
		}
		out = append(out, Rival{Statement: h.Statement, Probability: h.Probability, Words: h.Words})
	}
	return out
}

func (b *builder) denials(a *claim.Assessment) []Sentence {
	out := []Sentence{}
	for _, d := range a.Denials {
		docs := []stix.ID{b.carrier[d.Ref]}
		verb := "denies it"
		if d.Kind == claim.NoComment {
			verb = "did not comment"
		}
		text := d.By + " " + verb
		if d.Asked != "" {
			text += " on “" + trimStop(d.Asked) + "”"
		}
		if d.Text != "" {
			text += ": " + trimStop(d.Text)
		}
		s := Sentence{Text: text + ".", Refs: b.cite(docs...)}
		if !slices.ContainsFunc(out, func(o Sentence) bool { return o.Text == s.Text }) {
			out = append(out, s)
		}
	}
	return out
}

func trimStop(s string) string { return strings.TrimSuffix(s, ".") }

func overturns(a *claim.Assessment) []string {
	var out []string
	for _, s := range a.Sensitivity {
		if !s.Overturns {
			continue
		}
		lead := s.Leading
		for _, h := range a.Hypotheses {
			if h.Key == s.Leading {
				lead = h.Statement
			}
		}
		out = append(out, fmt.Sprintf("without %s the leading answer would be: %s (%s)", s.Without, lead, percent(s.Probability)))
	}
	return out
}

func sought(a *claim.Assessment) []string {
	var out []string
	for _, s := range a.Sought {
		if !s.Found && len(out) < maxSought {
			out = append(out, s.What)
		}
	}
	return out
}

// consequences are the measures that answer the operation or are aimed at its actor, soonest first. What is aimed at a state
// at large answers no single operation.
func (b *builder) consequences(op stix.ID) []deter.Consequence {
	f := b.after[op]
	if f == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(f.Consequences), func(c deter.Consequence) bool { return c.Link == deter.Sponsor })
}

// followed tells the measures, or that there is none.
func (b *builder) followed(e *graph.Entity) []Sentence {
	var out []Sentence
	for _, c := range b.consequences(e.ID) {
		text := fmt.Sprintf("%s, %s: %s", cmp.Or(day(c.Date), "no date given"), words(c.Kind), c.Name)
		if len(c.By) > 0 {
			text += " (" + strings.Join(c.By, ", ") + ")"
		}
		if c.Dated {
			text += ", " + after(c.Days)
		}
		if c.Link != deter.Direct {
			text += "; it is aimed at the actor, not at this operation"
		}
		s := Sentence{Text: text + "."}
		if m := b.measure[c.Measure]; m != nil {
			s.Refs = b.cite(m.DocumentRefs...)
		}
		out = append(out, s)
	}
	if len(out) > 0 {
		return out
	}
	return []Sentence{{Text: b.unanswered(e)}}
}

// unanswered says what silence about answers is worth: something only where a record looked for them.
func (b *builder) unanswered(e *graph.Entity) string {
	if e.Operation == nil || len(e.Operation.Inquiries) == 0 {
		return "Unknown: nothing is on record here, and no source that looks for answers covers it."
	}
	var asked []string
	for _, q := range e.Operation.Inquiries {
		asked = append(asked, fmt.Sprintf("%s, on record until %s", q.Source, day(q.Until.Time())))
	}
	return fmt.Sprintf("Recorded as unanswered by %s.", list(asked))
}

// after tells a delay from the end of an operation.
func after(days int) string {
	switch {
	case days < 0:
		return "while it went on"
	case days == 0:
		return "the day it ended"
	}
	return plural(days, "day", "days") + " after its end"
}
