package report_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/claim"
	"marque/ingest/ingesttest"
	"marque/ingest/prose"
	"marque/ingest/prose/extract"
	"marque/ingest/report"
	"marque/stix"
)

// reading answers with what a reader of claims found in a text that holds all quotes in order.
type reading func(doc prose.Document) prose.Result

func (r reading) Read(doc prose.Document) prose.Result { return r(doc) }

var (
	labs   = prose.Source{Name: "Example Labs", Kind: prose.Company}
	retold = prose.Reference{Publisher: "Example Labs", Title: "Example Labs Yearly Report 2024", Date: time.Date(2024, 10, 15, 0, 0, 0, 0, time.UTC)}
	june   = prose.When{From: time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2024, 6, 30, 0, 0, 0, 0, time.UTC), Text: "in June"}
	russia = prose.Ref{Name: "Russia", Kind: prose.State, Country: "Russia"}
	china  = prose.Ref{Name: "China", Kind: prose.State, Country: "China"}
)

// place puts the claims' quotes where they stand in the text.
func place(t *testing.T, doc prose.Document, claims []prose.Claim) []prose.Claim {
	t.Helper()
	for i := range claims {
		c := &claims[i]
		if c.ID == "" {
			c.ID = fmt.Sprintf("claim-%d", i)
		}
		if c.Stance == "" {
			c.Stance = prose.Asserts
		}
		if c.Root == (prose.Reference{}) {
			c.Root = retold
		}
		if c.Start = strings.Index(doc.Text, c.Quote); c.Start < 0 || c.Quote == "" {
			t.Fatalf("quote %q is not in the text", c.Quote)
		}
		c.End = c.Start + len(c.Quote)
	}
	return claims
}

const first = `Example Labs: criminals help a state

In June a criminal group broke into at least 50 Ukrainian military devices and asked for no money. The labs said it likely worked for the Russian military. Russia uses criminals. China and Russia share resources, for all that is known, not at all.

The Chinese embassy called the claims groundless. Russia did not respond.`

func firstClaims() []prose.Claim {
	group := prose.Ref{Name: "criminal group", Kind: "criminal group", Country: "Russia", Links: []string{"Russia"}}
	return []prose.Claim{
		{
			ID: "deed", Who: labs, Subject: []prose.Ref{group}, Relation: "compromised", When: june, Count: prose.Count{Op: ">=", N: 50, Unit: "devices"},
			Object: []prose.Ref{{Name: "Ukrainian military devices", Kind: "system", Country: "Ukraine"}}, Quote: "In June a criminal group broke into at least 50 Ukrainian military devices",
		},
		{
			ID: "why", Who: labs, Subject: []prose.Ref{group}, Relation: "motive", About: "deed", Quote: "asked for no money",
			Object: []prose.Ref{{Name: "not financial", Kind: "motive", Negated: true}},
		},
		{
			ID: "for", Who: labs, Subject: []prose.Ref{group}, Relation: "on-behalf-of", About: "deed", Hedge: "likely", Confidence: prose.Confidence{Probability: 0.68},
			Object: []prose.Ref{{Name: "Russian military", Kind: prose.Military, Country: "Russia"}}, Quote: "it likely worked for the Russian military",
		},
		{ID: "uses", Who: labs, Subject: []prose.Ref{russia}, Relation: "uses", Object: []prose.Ref{{Name: "criminals", Kind: "criminal group"}}, Quote: "Russia uses criminals"},
		{ID: "none", Who: labs, Subject: []prose.Ref{china, russia}, Relation: "shares-resources", Stance: prose.NoEvidence, Quote: "China and Russia share resources, for all that is known, not at all"},
		{
			ID: "denial", Who: prose.Source{Name: "Chinese embassy", Kind: prose.Agency, Affiliation: "China"}, Relation: "response", Stance: prose.Denies, About: "uses",
			Quote: "The Chinese embassy called the claims groundless", Root: prose.Reference{Publisher: "China", Document: "x"},
		},
		{
			ID: "silence", Who: prose.Source{Name: "Russia", Kind: prose.State, Parties: []prose.Ref{russia}}, Relation: "response", Stance: prose.NoComment,
			Quote: "Russia did not respond", Root: prose.Reference{Publisher: "Russia", Document: "x"},
		},
	}
}

func firstReader(t *testing.T) reading {
	return func(doc prose.Document) prose.Result {
		return prose.Result{
			Claims: place(t, doc, firstClaims()), Retells: []prose.Reference{retold}, CVEs: []string{"CVE-2024-0001"}, ATTACKIDs: []string{"T1566"},
			Observables: []prose.Observable{{Type: "domain-name", Value: "bad.example"}, {Type: "sha256", Value: strings.Repeat("ab", 32)}, {Type: "odd", Value: "x"}},
		}
	}
}

const second = `Hackers for hire in uniform

A Russian network got into more than 50 devices of the Ukrainian military, the yearly report of Example Labs says. It wanted secrets.`

func secondReader(t *testing.T) reading {
	return func(doc prose.Document) prose.Result {
		return prose.Result{Retells: []prose.Reference{retold}, Claims: place(t, doc, []prose.Claim{
			{
				ID: "deed", Who: labs, Subject: []prose.Ref{{Name: "Russian network", Kind: "criminal group", Country: "Russia"}}, Relation: "compromised", When: june,
				Object: []prose.Ref{{Name: "devices of the Ukrainian military", Kind: "system", Country: "Ukraine"}}, Quote: "A Russian network got into more than 50 devices of the Ukrainian military",
			},
			{ID: "why", Who: labs, Relation: "motive", About: "deed", Subject: []prose.Ref{russia}, Motive: []string{"espionage"}, Object: []prose.Ref{{Name: "espionage", Kind: "motive"}}, Quote: "It wanted secrets"},
		})}
	}
}

func TestClaimsAndTheirCarriers(t *testing.T) {
	m := ingesttest.NewMemory()
	res := ingesttest.MustRead(t, m, "first.txt", first, report.New(firstReader(t), nil))
	if res.Format != "report" || res.Documents != 1 || res.Rejected != 0 {
		t.Errorf("%+v", res)
	}
	const op = "Intrusion into Ukrainian military devices"
	want := []string{
		op + " -attributed-to-> criminal group", op + " -on-behalf-of-> Russian military", op + " -targets-> Ukraine",
		op + " -targets-> Ukrainian military devices", "Russia -uses-> unnamed criminals", "criminal group -linked-to-> Russia",
	}
	var got []string
	for _, o := range m.OfType("relationship") {
		var c claim.Claim
		if ok, err := o.ExtensionOf(claim.Extension, &c); err != nil {
			t.Fatal(err)
		} else if !ok {
			continue
		}
		got = append(got, fmt.Sprintf("%s -%s-> %s", m.Get(o.SourceRef).Name, o.RelationshipType, m.Get(o.TargetRef).Name))
		if c.QuoteEnd-c.QuoteStart != len(c.Quote) || m.Texts[c.DocumentRef].Text[c.QuoteStart:c.QuoteEnd] != c.Quote {
			t.Errorf("quote %q is not where it says", c.Quote)
		}
		if c.Status != claim.Candidate || c.Credibility < 3 {
			t.Errorf("a rule's claim counts too much: %+v", c)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if dangling := m.Dangling(); len(dangling) > 0 {
		t.Errorf("nothing answers %v", dangling)
	}
}

func TestDenialSilenceAndNoEvidence(t *testing.T) {
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "first.txt", first, report.New(firstReader(t), nil))
	opinions := m.OfType("opinion")
	if len(opinions) != 1 {
		t.Fatalf("%d opinions, want one", len(opinions))
	}
	var o stix.Opinion
	if err := opinions[0].Decode(&o); err != nil {
		t.Fatal(err)
	}
	denied := m.Get(o.ObjectRefs[0])
	if m.Get(o.CreatedByRef).Name != "Chinese embassy" || o.Opinion != "strongly-disagree" || denied.RelationshipType != "uses" {
		t.Errorf("denial %s of %s", opinions[0].Raw(), denied.Raw())
	}
	stances := map[string]string{}
	for _, n := range m.OfType("note") {
		var c claim.Claim
		if _, err := n.ExtensionOf(claim.Extension, &c); err != nil {
			t.Fatal(err)
		}
		stances[c.Stance+" "+string(c.Relation)] = m.Get(n.CreatedByRef).Name
	}
	want := map[string]string{"asserts motive": "Example Labs", "no-evidence shares-resources": "Example Labs", "no-comment response": "Russia"}
	if diff := cmp.Diff(want, stances); diff != "" {
		t.Error(diff)
	}
}

// TestOneReportOneOperation: two articles that retell one report tell of one operation with one root, whichever is read first.
func TestOneReportOneOperation(t *testing.T) {
	a := func(m *ingesttest.Memory) {
		ingesttest.MustRead(t, m, "first.txt", first, report.New(firstReader(t), nil))
	}
	b := func(m *ingesttest.Memory) {
		ingesttest.MustRead(t, m, "second.txt", second, report.New(secondReader(t), nil))
	}
	for _, order := range [][]func(*ingesttest.Memory){{a, b}, {b, a}, {a, b, a, b}} {
		m := ingesttest.NewMemory()
		for _, read := range order {
			read(m)
		}
		ops := m.OfType("campaign")
		if len(ops) != 1 {
			t.Fatalf("%d operations, want one", len(ops))
		}
		var op claim.Operation
		if _, err := ops[0].ExtensionOf(claim.OperationExtension, &op); err != nil {
			t.Fatal(err)
		}
		if len(op.DocumentRefs) != 2 {
			t.Errorf("documents %v", op.DocumentRefs)
		}
		op.DocumentRefs = nil
		want := claim.Operation{
			ExtensionType: "property-extension", Kinds: []string{"espionage", "intrusion"}, Acts: []string{"no-monetisation"},
			Sectors: []string{"military"}, Countries: []string{"UA"},
		}
		if diff := cmp.Diff(want, op); diff != "" {
			t.Error(diff)
		}
		roots := map[stix.ID]bool{}
		for _, o := range m.OfType("relationship") {
			var c claim.Claim
			if ok, _ := o.ExtensionOf(claim.Extension, &c); ok && c.Relation == "compromised" {
				roots[c.RootRef] = true
			}
		}
		if len(roots) != 1 || !roots[m.Named("report", retold.Title).ID] {
			t.Errorf("roots %v", roots)
		}
		if got := m.Relations("derived-from"); len(got) != 2 {
			t.Errorf("derived from: %v", got)
		}
	}
}

func TestReportNamesWhatStandsInIt(t *testing.T) {
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "first.txt", first, report.New(firstReader(t), nil))
	var r stix.Report
	if err := m.Named("report", "Example Labs: criminals help a state").Decode(&r); err != nil {
		t.Fatal(err)
	}
	types := map[string]int{}
	for _, id := range r.ObjectRefs {
		if m.Get(id) == nil {
			t.Errorf("the report names %s, which is not stored", id)
		}
		types[id.Type()]++
	}
	for _, want := range []string{"domain-name", "file", "vulnerability", "attack-pattern", "campaign", "relationship", "opinion", "note"} {
		if types[want] == 0 {
			t.Errorf("the report names no %s", want)
		}
	}
	if r.Published.String() != "2024-10-15T00:00:00.000Z" || r.References[0].Hashes["SHA-256"] == "" {
		t.Errorf("published %s, references %v", r.Published, r.References)
	}
}

func TestNearDuplicates(t *testing.T) {
	nothing := reading(func(prose.Document) prose.Result { return prose.Result{} })
	long := strings.Repeat("A group broke into the mail servers of three ministries and stayed for weeks. ", 3) + "It took only diplomatic papers and never asked anybody for money, the vendor said on Tuesday."
	copied := strings.Replace(long, "on Tuesday", "this week", 1)
	m := ingesttest.NewMemory()
	r := report.New(nothing, m)
	for range 2 {
		ingesttest.MustRead(t, m, "a.txt", "First\n\n"+long, r)
		ingesttest.MustRead(t, m, "b.txt", "Second\n\n"+copied, r)
		ingesttest.MustRead(t, m, "c.txt", "Third\n\nSomething else altogether happened in another place, and nobody copied a word of it from anywhere at all.", r)
	}
	if got := m.Relations("duplicate-of"); len(got) != 1 || !strings.Contains(got[0], "First") || !strings.Contains(got[0], "Second") {
		t.Errorf("duplicates %v", got)
	}
}

func FuzzReader(f *testing.F) {
	claims, err := extract.NewReader(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(first)
	f.Add(second)
	f.Add("Microsoft said Russia used hackers to hack at least 50 Ukrainian devices in June. China denied it. hxxp://bad[.]example CVE-2024-1234")
	f.Fuzz(func(t *testing.T, s string) {
		m := ingesttest.NewMemory()
		if _, err := ingesttest.Read(t, m, "f.txt", s, report.New(claims, m)); err != nil {
			return
		}
		if len(m.Rejected) > 0 {
			t.Errorf("what was read of prose was refused: %s: %s", m.Rejected[0].Reason, m.Rejected[0].Raw)
		}
		for _, id := range m.Dangling() {
			t.Errorf("nothing answers %s", id)
		}
	})
}

// TestDoerless reads deeds of which the text tells no doer or nobody hit: they are claims, and make no operation of their own.
func TestDoerless(t *testing.T) {
	doc := prose.Document{Text: "Electronics firm\n\nThe firm's servers were hacked. Documents were stolen by the crew. The malware was installed on machines of the ministry.\n"}
	things := func(name, kind string) []prose.Ref { return []prose.Ref{{Name: name, Kind: kind}} }
	claims := place(t, doc, []prose.Claim{
		{Who: labs, Relation: "compromised", Object: things("servers", "system"), Quote: "The firm's servers were hacked."},
		{Who: labs, Relation: "stole", Subject: things("crew", "group"), Quote: "Documents were stolen by the crew."},
		{Who: labs, Relation: "deployed", Quote: "The malware was installed on machines of the ministry."},
		{Who: labs, Relation: "uses", Object: things("ASHWORM", prose.Malware), Quote: "The malware was installed on machines of the ministry."},
	})
	m := ingesttest.NewMemory()
	r := report.New(reading(func(prose.Document) prose.Result { return prose.Result{Claims: claims} }), m)
	ingesttest.MustRead(t, m, "a.txt", doc.Text, r)
	if got := m.OfType("campaign"); len(got) != 0 {
		t.Errorf("%d operations", len(got))
	}
}
