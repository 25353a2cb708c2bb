package casebook_test

import (
	"io"
	"strings"
	"testing"

	"marque/casebook"
	"marque/claim"
	"marque/ingest"
	"marque/ingest/ingesttest"
	"marque/stix"
)

func load(t *testing.T, m *ingesttest.Memory, r io.Reader) ingest.Result {
	t.Helper()
	res, err := ingest.New(m, ingest.NewRegistry(casebook.Reader{}), ingest.Config{}).Stream(t.Context(), "casebook", r)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func own(t *testing.T) io.Reader {
	t.Helper()
	r, err := casebook.Source()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheCasebookHoldsWhatItPromises(t *testing.T) {
	m := ingesttest.NewMemory()
	res := load(t, m, own(t))
	if res.Rejected != 0 {
		t.Fatalf("set aside: %v", res.Reasons)
	}
	claims, measured, told := map[string]bool{}, 0, 0
	for _, typ := range []string{"relationship", "note", "opinion"} {
		for _, o := range m.OfType(typ) {
			var c claim.Claim
			ok, err := o.ExtensionOf(claim.Extension, &c)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				continue
			}
			claims[c.ClaimID] = true
			if c.RootRef == "" || c.DocumentRef == "" || c.Reliability == "" || c.Status != claim.Accepted {
				t.Errorf("claim without a source: %s", o.Raw())
			}
			if c.RootRef != c.DocumentRef {
				told++
			}
		}
	}
	for _, o := range m.OfType(claim.TypeMeasure) {
		var v claim.Measure
		if err := o.Decode(&v); err != nil {
			t.Fatal(err)
		}
		if v.Date.IsZero() || len(v.By) == 0 || len(v.AgainstRefs) == 0 || len(v.DocumentRefs) == 0 {
			t.Errorf("measure that answers nobody: %s", o.Raw())
		}
		measured++
	}
	for what, n := range map[string][2]int{
		"operations": {len(m.OfType("campaign")), 15}, "actors": {len(m.OfType("threat-actor")), 25},
		"claims": {len(claims), 30}, "measures": {measured, 15}, "retold claims": {told, 3},
	} {
		if n[0] < n[1] {
			t.Errorf("%d %s, want at least %d", n[0], what, n[1])
		}
	}
}

func TestReadingItAgainChangesNothing(t *testing.T) {
	m := ingesttest.NewMemory()
	first := load(t, m, own(t))
	again := load(t, m, own(t))
	if again.Added+again.Updated != 0 || again.Unchanged != first.Objects {
		t.Errorf("second reading: %+v", again)
	}
}

func TestAFactThatNamesWhatIsNotThereIsSetAside(t *testing.T) {
	m := ingesttest.NewMemory()
	res := load(t, m, strings.NewReader(`# a small book
casebook: 1
sources: [{name: Example CERT, kind: organization, reliability: B}]
documents: [{key: d, publisher: Example CERT, title: A finding, published: 2024-01-02, url: "https://cert.example/d"}]
operations:
- {key: good, name: Good, summary: Something happened., first: 2024-01-01, last: 2024-01-01, countries: [UA],
   claims: [{by: Example CERT, doc: d, says: attributed-to, of: "state:RU", text: It was them.}]}
- {key: bad, name: Bad, summary: Something else., first: 2024-01-01, last: 2024-01-01,
   claims: [{by: Nobody, doc: d, says: attributed-to, of: "actor:missing", text: It was them.}]}
`))
	if res.Rejected != 1 || len(m.OfType("campaign")) != 2 {
		t.Errorf("%d set aside, %v; %d operations", res.Rejected, res.Reasons, len(m.OfType("campaign")))
	}
}

func TestOnlyACasebookIsRead(t *testing.T) {
	for text, want := range map[string]ingest.Confidence{
		"# note\n\ncasebook: 1\n": ingest.Certain, "title: x\n": ingest.No, "": ingest.No, "{}": ingest.No,
	} {
		if got := (casebook.Reader{}).Detect([]byte(text), ""); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"casebook: 2\n", "casebook: 1\noperations: 5\n", "casebook: 1\n\tx"} {
		p := ingest.New(ingesttest.NewMemory(), ingest.NewRegistry(casebook.Reader{}), ingest.Config{})
		if _, err := p.Stream(t.Context(), "f", strings.NewReader(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

// A document older than an operation cannot be evidence for who did it.
func TestNoDocumentIsOlderThanWhatItAttributes(t *testing.T) {
	m := ingesttest.NewMemory()
	load(t, m, own(t))
	for _, o := range m.OfType("relationship") {
		var c claim.Claim
		var op stix.Campaign
		var doc stix.Report
		if ok, err := o.ExtensionOf(claim.Extension, &c); !ok || err != nil || o.SourceRef.Type() != "campaign" || !c.Relation.Attributes() {
			continue
		}
		if err := m.Get(o.SourceRef).Decode(&op); err != nil {
			t.Fatal(err)
		}
		if err := m.Get(c.DocumentRef).Decode(&doc); err != nil {
			t.Fatal(err)
		}
		if doc.Published.Compare(op.FirstSeen) < 0 {
			t.Errorf("%s began on %s; %q, which attributes it, is of %s", op.Name, op.FirstSeen, doc.Name, doc.Published)
		}
	}
}
