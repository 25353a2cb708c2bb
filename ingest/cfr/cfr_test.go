package cfr_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/claim"
	"marque/ingest"
	"marque/ingest/cfr"
	"marque/ingest/ingesttest"
	"marque/stix"
)

const header = "Title,Date,Affiliations,Description,Response,Victims,Sponsor,Type,Category,Sources_1,Sources_2,Sources_3\n"

const rows = header +
	`Targeting of a ministry,1/20/2022,"Believed to be the work of Example Bear, also known as APT-X","The ministry?? mail was read.?",Denial   https://news.example/denial,Ukrainian officials and banks in the United States,Russian Federation,Espionage,"Government, Private sector",https://vendor.example/report?utm_source=x,https://news.example/2022/01/story,` + "\n" +
	`Targeting of a power grid,3/5/2021,"Government of China, Example Panda",Text,Sanctions   https://treasury.example/1,,China,Sabotage,Private sector,https://vendor.example/grid,,` + "\n" +
	`Targeting of a broadcaster,,Unknown,Text,Unknown,,,Denial of service,Civil society,,,` + "\n" +
	`Targeting of slid columns,3/29/2022,Example Leopard,"Three implants, one campaign.???,,Indian government and military officials""",Pakistan,Espionage,"Government, Military",https://vendor.example/slid,,,,` + "\n" +
	`Targeting of nonsense,3/29/2022,Example Leopard,Text,,Pakistan,Espionage,Government,https://vendor.example/x,,,` + "\n" +
	`Targeting of no date,yesterday,Example Leopard,Text,,,China,Espionage,Government,https://vendor.example/x,,` + "\n"

// TestHedgesAreNoNames: what the editors are careful about names somebody with that care, or nobody.
func TestHedgesAreNoNames(t *testing.T) {
	for cell, want := range map[string][]string{
		"Possibly linked to Sandworm.":                       {"Sandworm (possibly linked to)"},
		"Believed to be the work of Alpha Bear and Team B":   {"Alpha Bear (believed to be the work of)", "Team B (believed to be the work of)"},
		"APT 34, possibly APT 33":                            {"APT 33 (possibly)", "APT 34 ()"},
		"Unknown, suspected Bronze Butler.":                  {"Bronze Butler (suspected)"},
		"N/A":                                                nil,
		"Believed to be the work of a Russian hacking group": nil,
		"Possibly linked to the Nitro incident":              nil,
	} {
		m := ingesttest.NewMemory()
		ingesttest.MustRead(t, m, "f.csv", header+`Targeting of a ministry,1/20/2022,"`+cell+`",Text,,,,Espionage,Government,https://vendor.example/a,,`+"\n", cfr.Reader{})
		var got []string
		for _, o := range m.OfType("relationship") {
			var r stix.Relationship
			var c claim.Claim
			if err := o.Decode(&r); err != nil {
				t.Fatal(err)
			}
			if ok, err := o.ExtensionOf(claim.Extension, &c); !ok || err != nil || r.TargetRef.Type() != "threat-actor" {
				continue
			}
			got = append(got, m.Get(r.TargetRef).Name+" ("+c.Hedge+")")
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", cell, diff)
		}
	}
}

func TestRows(t *testing.T) {
	m := ingesttest.NewMemory()
	res := ingesttest.MustRead(t, m, "f.csv", rows, cfr.Reader{})
	if res.Format != "cfr" || res.Rejected != 2 || res.Warnings["row with slid columns, repaired"] != 1 {
		t.Errorf("rejected %v, warnings %v", res.Reasons, res.Warnings)
	}
	var got []string
	for _, o := range m.OfType("campaign") {
		var c stix.Campaign
		var op claim.Operation
		if err := o.Decode(&c); err != nil {
			t.Fatal(err)
		}
		if _, err := o.ExtensionOf(claim.OperationExtension, &op); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s|%s|%s|%v %v %v %v", c.Name, c.FirstSeen, c.Description, op.Kinds, op.Acts, op.Countries, op.Sectors))
	}
	want := []string{
		"Targeting of a ministry||The ministry’s mail was read.|[intrusion espionage] [data-theft] [UA US] [government other finance]",
		"Targeting of a power grid||Text|[sabotage] [disruption] [] [other]",
		"Targeting of a broadcaster||Text|[ddos] [disruption] [] [civil-society]",
		"Targeting of slid columns||Three implants, one campaign.|[intrusion espionage] [data-theft] [IN] [government military]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	wantRelations := []string{
		"Targeting of a ministry -attributed-to-> Example Bear", "Targeting of a ministry -attributed-to-> Russia",
		"Targeting of a power grid -attributed-to-> China", "Targeting of a power grid -attributed-to-> Example Panda",
		"Targeting of slid columns -attributed-to-> Example Leopard", "Targeting of slid columns -attributed-to-> Pakistan",
	}
	if diff := cmp.Diff(wantRelations, m.Relations("attributed-to")); diff != "" {
		t.Error(diff)
	}
}

func TestResponses(t *testing.T) {
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "f.csv", rows, cfr.Reader{})
	denials := m.OfType("opinion")
	if len(denials) != 1 {
		t.Fatalf("%d denials, want one", len(denials))
	}
	var d stix.Opinion
	if err := denials[0].Decode(&d); err != nil {
		t.Fatal(err)
	}
	if m.Get(d.CreatedByRef).Name != "Russia" || d.Opinion != "strongly-disagree" || m.Get(m.Get(d.ObjectRefs[0]).TargetRef).Name != "Russia" {
		t.Errorf("denial %s", denials[0].Raw())
	}
	measures := m.OfType(claim.TypeMeasure)
	if len(measures) != 1 {
		t.Fatalf("%d measures, want one", len(measures))
	}
	var s claim.Measure
	if err := measures[0].Decode(&s); err != nil {
		t.Fatal(err)
	}
	if s.Kind != "sanctions" || !slices.Equal(s.Codes, []string{"cfr:Sanctions"}) || len(s.AgainstRefs) != 1 || len(s.DocumentRefs) != 1 {
		t.Errorf("measure %+v", s)
	}
}

func TestReportsAreOnePerAddress(t *testing.T) {
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "f.csv", rows, cfr.Reader{})
	if m.Named("report", "https://vendor.example/report") == nil {
		t.Error("the tracking parameter was not dropped")
	}
	story := m.Named("report", "https://news.example/2022/01/story")
	var r stix.Report
	if err := story.Decode(&r); err != nil {
		t.Fatal(err)
	}
	if r.Published.String() != "2022-01-01T00:00:00.000Z" {
		t.Errorf("published %s, want what the address says", r.Published)
	}
}

func FuzzReader(f *testing.F) {
	f.Add(rows)
	f.Add(header + `a,1/1/2020,b,"c???,,d""",e,f,g,h` + "\n")
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = ingesttest.Read(t, ingesttest.NewMemory(), "f", s, always{})
	})
}

type always struct{ cfr.Reader }

func (always) Detect([]byte, string) ingest.Confidence { return ingest.Certain }
