package sanctions_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/claim"
	"marque/ingest"
	"marque/ingest/formats"
	"marque/ingest/ingesttest"
	"marque/ingest/sanctions"
	"marque/stix"
)

func TestListedSubjectsBecomeActorsAndMeasures(t *testing.T) {
	m := ingesttest.NewMemory()
	res := ingesttest.MustRead(t, m, "UK_Sanctions_List.xml", ukXML, sanctions.Reader{})
	if res.Format != "sanctions" || res.Rejected != 0 {
		t.Fatalf("result %+v", res)
	}
	actors, measures := m.OfType("threat-actor"), m.OfType(claim.TypeMeasure)
	if len(actors) != 1 || len(measures) != 1 {
		t.Fatalf("%d actors, %d measures", len(actors), len(measures))
	}
	var a stix.ThreatActor
	var s claim.Measure
	if err := actors[0].Decode(&a); err != nil {
		t.Fatal(err)
	}
	if err := measures[0].Decode(&s); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Пётр Иванов"}, a.Aliases); diff != "" || a.Name != "Pyotr Ilyich IVANOV" {
		t.Errorf("%s: %s", a.Name, diff)
	}
	got := []any{s.Kind, s.Date.String(), s.By, s.AgainstRefs, s.LegalBasis, s.Codes}
	want := []any{
		"sanctions", "2020-07-30T00:00:00.000Z",
		[]string{"GB"},
		[]stix.ID{a.ID},
		"The Cyber (Sanctions) (EU Exit) Regulations 2020",
		[]string{"uk:CYB", "uk:Cyber"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSubjectsOfOtherProgrammesAreCounted(t *testing.T) {
	m := ingesttest.NewMemory()
	res := ingesttest.MustRead(t, m, "sdn.csv", sdnRows, sanctions.Reader{})
	if len(m.OfType("threat-actor")) != 2 || res.Warnings["subject of another programme, for screening only"] != 1 {
		t.Errorf("%d actors, warnings %v", len(m.OfType("threat-actor")), res.Warnings)
	}
	all := ingesttest.NewMemory()
	ingesttest.MustRead(t, all, "sdn.csv", sdnRows, sanctions.Reader{All: true})
	if len(all.OfType("threat-actor")) != 3 {
		t.Errorf("%d actors of all programmes, want 3", len(all.OfType("threat-actor")))
	}
}

// TestListsAreKnownByTheirContent: no list is taken for another format, and no other format for a list.
func TestListsAreKnownByTheirContent(t *testing.T) {
	g := formats.Default(formats.Config{})
	for name, head := range map[string]string{
		"sdn.csv": sdnRows, "sdn.xml": ofacXML, "uk.xml": ukXML, "un.xml": unXML, "eu.xml": euXML, "eu.csv": euCSV, "entities.ftm.json": ftmLines,
	} {
		r, err := g.Detect([]byte(head), name)
		if err != nil || r.Name() != "sanctions" {
			t.Errorf("%s: %v, error %v", name, r, err)
		}
	}
	for name, head := range map[string]string{
		"bundle.json": `{"type":"bundle","id":"bundle--1","objects":[]}`, "rows.csv": "1,\"a\",b\n", "page.html": "<html><body>text</body></html>",
	} {
		if (sanctions.Reader{}).Detect([]byte(head), name) != ingest.No {
			t.Errorf("%s is taken for a list", name)
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, s := range []string{sdnRows, ofacXML, ukXML, unXML, euXML, euCSV, ftmLines} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = ingesttest.Read(t, ingesttest.NewMemory(), "f", s, always{sanctions.Reader{All: true}})
	})
}

type always struct{ sanctions.Reader }

func (always) Detect([]byte, string) ingest.Confidence { return ingest.Certain }
