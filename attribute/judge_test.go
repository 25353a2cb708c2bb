package attribute_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"marque/attribute"
	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// recompute is the arithmetic that a reader can do with the output alone.
func recompute(a *claim.Assessment) []float64 {
	out := make([]float64, len(a.Hypotheses))
	sum := 0.0
	for i, h := range a.Hypotheses {
		db := 10 * math.Log10(h.Prior)
		for _, e := range a.Evidence {
			db += e.Decibans[h.Key]
		}
		out[i] = math.Pow(10, db/10)
		sum += out[i]
	}
	for i, h := range a.Hypotheses {
		out[i] = out[i] / sum * 0.99
		if h.Key == "unknown" {
			out[i] += 0.01
		}
	}
	at := slices.IndexFunc(a.Hypotheses, func(h claim.Hypothesis) bool { return h.Key == "unknown" })
	if out[at] < a.Reserve {
		rest := 1 - out[at]
		for i := range out {
			out[i] *= (1 - a.Reserve) / rest
		}
		out[at] = a.Reserve
	}
	return out
}

// scene is one operation, a state and some sources.
func scene(t testing.TB) (w *world, op, russia stix.ID, sources []statement) {
	w = newWorld(t)
	russia = w.state("RU", "Russia")
	w.state("UA", "Ukraine")
	op = w.operation("op", claim.Operation{Acts: []string{"data-theft"}, Sectors: []string{"government"}, Countries: []string{"UA"}})
	for _, name := range []string{"First", "Second", "Third"} {
		by := w.org(name)
		sources = append(sources, statement{by: by, doc: w.report("report of "+name, "2024-02-01", by)})
	}
	return w, op, russia, sources
}

func TestIndependentSourcesAddUp(t *testing.T) {
	last := 0.0
	for n := 1; n <= 3; n++ {
		w, op, russia, sources := scene(t)
		for _, s := range sources[:n] {
			w.says(s, op, "attributed-to", russia)
		}
		a := w.judge(op, attribute.Options{})
		if p := attribute.Leading(&a); p.Sponsor != "RU" || p.Probability <= last || a.Roots != n {
			t.Errorf("%d sources: %s %.3f (before %.3f), %d roots", n, p.Key, p.Probability, last, a.Roots)
		} else {
			last = p.Probability
		}
		if want := []string{"low", "moderate", "high"}[n-1]; a.Level != want {
			t.Errorf("%d sources: confidence %s (%s), want %s", n, a.Level, a.Reason, want)
		}
	}
}

func TestDiscounts(t *testing.T) {
	p := func(change func(*statement)) float64 {
		w, op, russia, sources := scene(t)
		change(&sources[0])
		w.says(sources[0], op, "attributed-to", russia)
		a := w.judge(op, attribute.Options{})
		for _, h := range a.Hypotheses {
			if h.Sponsor == "RU" {
				return h.Probability
			}
		}
		return 0
	}
	full := p(func(*statement) {})
	for name, change := range map[string]func(*statement){
		"hedged":       func(c *statement) { c.hedge = "likely" },
		"not reviewed": func(c *statement) { c.status = claim.Candidate },
		"unreliable":   func(c *statement) { c.grade = "E5" },
		"contested":    func(c *statement) { c.note = "Contested attribution" },
	} {
		if less := p(change); less >= full {
			t.Errorf("%s: %.3f is not less than %.3f", name, less, full)
		}
	}
}

func TestDenialIsShownAndWeighsLittle(t *testing.T) {
	w, op, russia, sources := scene(t)
	id := w.says(sources[0], op, "attributed-to", russia)
	before := w.judge(op, attribute.Options{})
	w.denies(statement{by: russia, doc: sources[1].doc}, id)
	a := w.judge(op, attribute.Options{})
	if len(a.Denials) != 1 || a.Denials[0].By != "Russia" || a.Denials[0].Kind != claim.Denies {
		t.Fatalf("denials %+v: want Russia's", a.Denials)
	}
	if fall := before.Hypotheses[0].Probability - a.Hypotheses[0].Probability; fall <= 0 || fall > 0.1 {
		t.Errorf("the denial of the accused moves %.3f: it shall weigh, and little", fall)
	}
	if len(a.Disputed) != 0 {
		t.Errorf("disputed %v: the accused alone does not make a dispute", a.Disputed)
	}
	if !strings.Contains(attribute.Paragraph(&a), "Denied by Russia") {
		t.Errorf("the paragraph hides the denial: %s", attribute.Paragraph(&a))
	}
}

func TestConflictNamesTheSides(t *testing.T) {
	w, op, russia, sources := scene(t)
	china := w.state("CN", "China")
	w.says(sources[0], op, "attributed-to", russia)
	w.says(sources[1], op, "attributed-to", china)
	a := w.judge(op, attribute.Options{})
	if len(a.Disputed) != 2 || !strings.HasPrefix(a.Disputed[0], "China: named by Second") || !strings.HasPrefix(a.Disputed[1], "Russia: named by First") {
		t.Errorf("disputed %q", a.Disputed)
	}
	if a.Level != "low" {
		t.Errorf("confidence %s in a dispute", a.Level)
	}
}

func TestNothingKnownAbstains(t *testing.T) {
	w, op, _, _ := scene(t)
	a := w.judge(op, attribute.Options{})
	if lead := attribute.Leading(&a); !a.Abstained || lead.Key != "unknown" {
		t.Errorf("abstained %v, leading %s", a.Abstained, lead.Key)
	}
}

func TestVendorsNamesOfOneActorDoNotCompete(t *testing.T) {
	w, op, russia, sources := scene(t)
	a := stix.DerivedID("threat-actor", "one", "bear")
	b := stix.DerivedID("threat-actor", "two", "bear")
	for i, x := range []struct {
		id    stix.ID
		name  string
		other string
	}{{a, "APT 28", "Fancy Bear"}, {b, "Fancy Bear", "APT28"}} {
		w.add(stix.ThreatActor{Common: stix.NewCommon(x.id, epoch, sources[i].by), Name: x.name, Aliases: []string{x.other}})
		w.link(x.id, "attributed-to", russia)
		w.says(sources[i], op, "attributed-to", x.id)
	}
	got := w.judge(op, attribute.Options{})
	if lead := attribute.Leading(&got); lead.Actor == "" || lead.Sponsor != "RU" || lead.Probability < 0.9 {
		t.Errorf("leading %s %.3f: two vendors' names of one actor must not split it", lead.Key, lead.Probability)
	}
	if len(got.Disputed) != 0 {
		t.Errorf("disputed %v: they mean the same actor", got.Disputed)
	}
}

func TestAsOf(t *testing.T) {
	w, op, russia, sources := scene(t)
	w.says(sources[0], op, "attributed-to", russia)
	for _, c := range []struct {
		asOf  string
		roots int
	}{{"2024-02-01", 0}, {"2024-02-02", 1}} {
		g := graph.FromObjects(w.objects, graph.Options{AsOf: day(c.asOf).Time()})
		cs, err := attribute.CaseOf(g, op)
		if err != nil {
			t.Fatal(err)
		}
		if a := attribute.Judge(g, cs, attribute.Options{}); a.Roots != c.roots {
			t.Errorf("as of %s: %d roots, want %d", c.asOf, a.Roots, c.roots)
		}
	}
}

// What techniques and software resemble names nobody by itself: it is shown with what it would take.
func TestProfileAloneNamesNobody(t *testing.T) {
	w, _, _, _ := scene(t)
	op := w.operation("an operation of which only techniques are known", claim.Operation{})
	bear := w.actor("Bear", nil)
	w.link(bear, "attributed-to", stix.DerivedID("identity", "state", "RU"))
	p := &attribute.Profile{Unknown: 0.2, Basis: "learned, n=300", Method: "profile-1", Candidates: []attribute.Candidate{
		{ActorRef: bear, Actor: "Bear", Country: "RU", Probability: 0.75, Why: []string{"a rare tool"}},
	}}
	for i := range 200 {
		p.Candidates = append(p.Candidates, attribute.Candidate{ActorRef: w.actor(fmt.Sprintf("Actor %d", i), nil), Probability: 0.05 / 200})
	}
	a := w.judge(op, attribute.Options{Profile: p})
	if !a.Abstained || slices.ContainsFunc(a.Hypotheses, func(h claim.Hypothesis) bool { return h.ActorRef == bear }) {
		t.Errorf("abstained %v, hypotheses %+v: nobody says that it was Bear", a.Abstained, a.Hypotheses)
	}
	if len(a.Resembles) != 1 || a.Resembles[0].Actor != "Bear" || a.Resembles[0].Probability != 0.75 || a.Resembles[0].Takes == "" {
		t.Errorf("resembles %+v", a.Resembles)
	}
}

// It supports what somebody says, and never speaks against a source that names somebody else.
func TestProfileSupportsASource(t *testing.T) {
	w, op, russia, sources := scene(t)
	bear, spider := w.actor("Bear", nil), w.actor("Spider", []string{"criminal"})
	w.link(bear, "attributed-to", russia)
	sources[0].hedge = "possibly"
	w.says(sources[0], op, "attributed-to", spider)
	probability := func(p *attribute.Profile) float64 {
		a := w.judge(op, attribute.Options{Profile: p})
		if lead := attribute.Leading(&a); lead.ActorRef == bear {
			t.Errorf("%s leads against the only source", lead.Actor)
		}
		for _, h := range a.Hypotheses {
			if h.ActorRef == spider && h.Sponsor == "" {
				return h.Probability
			}
		}
		return 0
	}
	of := func(id stix.ID) *attribute.Profile {
		return &attribute.Profile{Unknown: 0.1, Basis: "learned, n=300", Method: "profile-1", Candidates: []attribute.Candidate{{ActorRef: id, Probability: 0.9}}}
	}
	without := probability(nil)
	if against := probability(of(bear)); against != without {
		t.Errorf("a likeness to somebody else moves it from %.4f to %.4f", without, against)
	}
	if with := probability(of(spider)); with <= without {
		t.Errorf("its own likeness moves it from %.4f to %.4f", without, with)
	}
}

// A document older than the operation cannot say who did it, and is no source of the judgement.
func TestOlderDocumentsSayNothing(t *testing.T) {
	w, _, russia, sources := scene(t)
	op := stix.DerivedID("campaign", "test", "later")
	w.add(stix.Campaign{Common: stix.NewCommon(op, epoch, claim.MarqueIdentity), Name: "later", FirstSeen: day("2024-06-14")})
	old := sources[0]
	old.doc = w.report("an earlier report", "2024-04-16", old.by)
	w.says(old, op, "attributed-to", russia)
	if a := w.judge(op, attribute.Options{}); a.Roots != 0 || !a.Abstained {
		t.Errorf("%d roots, %+v", a.Roots, a.Hypotheses)
	}
	later := sources[1]
	later.doc = w.report("a later report", "2024-07-16", later.by)
	w.says(later, op, "attributed-to", russia)
	if a := w.judge(op, attribute.Options{}); a.Roots != 1 || a.Abstained {
		t.Errorf("%d roots, %+v", a.Roots, a.Hypotheses)
	}
}

func TestFromObjects(t *testing.T) {
	w, op, russia, sources := scene(t)
	w.says(sources[0], op, "attributed-to", russia)
	tool := stix.DerivedID("malware", "name", "x")
	w.add(stix.Malware{Common: stix.NewCommon(tool, epoch, claim.MarqueIdentity), Name: "x", IsFamily: true})
	w.link(op, "uses", tool)
	g := graph.FromObjects(nil, graph.Options{Extra: w.objects, AsOf: day("2024-03-01").Time()})
	c, err := attribute.FromObjects(g, w.objects)
	if err != nil {
		t.Fatal(err)
	}
	if c.Subject != op || len(c.Uses) != 1 || c.Uses[0] != tool || len(c.Claims) != 1 {
		t.Errorf("case %+v", c)
	}
	if _, err := attribute.FromObjects(g, nil); err == nil {
		t.Error("an empty bundle is no case")
	}
}

// FuzzJudge: whatever decodes as an object beside an operation gives an assessment whose probabilities are some.
func FuzzJudge(f *testing.F) {
	w, op, russia, sources := scene(f)
	w.says(sources[0], op, "attributed-to", russia)
	w.says(sources[1], op, "attributed-to", w.actor("Any", nil))
	w.says(sources[1], op, "on-behalf-of", russia)
	for _, o := range w.objects {
		f.Add(string(o.Raw()))
	}
	f.Fuzz(func(t *testing.T, raw string) {
		o, err := stix.Parse([]byte(raw))
		if err != nil {
			return
		}
		objects := append([]*stix.Object{o}, w.objects...)
		g := graph.FromObjects(objects, graph.Options{})
		c, err := attribute.FromObjects(g, objects)
		if err != nil {
			return
		}
		a := attribute.Judge(g, c, attribute.Options{History: attribute.Learn(g)})
		sum := 0.0
		for _, h := range a.Hypotheses {
			sum += h.Probability
		}
		if !(sum > 0.99 && sum < 1.01) {
			t.Errorf("probabilities sum to %v", sum)
		}
		if _, err := stix.New(a); err != nil {
			t.Error(err)
		}
		attribute.Paragraph(&a)
		attribute.Nexus(g)
	})
}

func TestMatrixPutsDiagnosticFirst(t *testing.T) {
	w, op, russia, sources := scene(t)
	weak := sources[1]
	weak.grade = "E5"
	w.says(weak, op, "attributed-to", russia)
	w.says(sources[0], op, "attributed-to", russia)
	a := w.judge(op, attribute.Options{})
	m := attribute.ACH(&a)
	for i := 1; i < len(m.Rows); i++ {
		if m.Rows[i].Spread > m.Rows[i-1].Spread {
			t.Fatalf("row %d separates by %.1f dB, the one before by %.1f", i, m.Rows[i].Spread, m.Rows[i-1].Spread)
		}
	}
	if len(attribute.Overturn(&a)) == 0 {
		t.Error("nothing is said of what would overturn it")
	}
}
