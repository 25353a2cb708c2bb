package nomination_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"marque/deter/nomination"
	"marque/deter/screen"
	"marque/graph"
	"marque/ingest/cfr"
	"marque/ingest/entity"
	"marque/ingest/ingesttest"
	"marque/ingest/sanctions"
	"marque/stix"
)

const rows = "Title,Date,Affiliations,Description,Response,Victims,Sponsor,Type,Category,Sources_1,Sources_2,Sources_3\n" +
	`Targeting of a ministry,1/20/2022,"Believed to be the work of Example Bear",Text,Denial   https://news.example/denial,Ukrainian officials,Russian Federation,Espionage,Government,https://vendor.example/a,,` + "\n" +
	`Targeting of a <b>port</b>,3/5/2021,Example Bear,Text,,Ports,Russian Federation,Sabotage,Private sector,https://vendor.example/b,,` + "\n"

func world(t *testing.T) (*graph.Graph, stix.ID, stix.ID) {
	t.Helper()
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "f.csv", rows, cfr.Reader{})
	g := graph.FromObjects(m.Objects(), graph.Options{})
	return g, stix.DerivedID("threat-actor", "cfr", "example bear"), entity.StateID("RU")
}

func TestStatementIsReferenced(t *testing.T) {
	g, bear, _ := world(t)
	p, err := nomination.Build(g, bear, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Operations) != 2 || len(p.Statement) < 2 || len(p.References) != 2 {
		t.Fatalf("%d operations, %d sentences, %d references", len(p.Operations), len(p.Statement), len(p.References))
	}
	for _, s := range p.Statement {
		if len(s.Refs) == 0 || s.Roots == 0 {
			t.Errorf("no reference: %s", s.Text)
		}
		for _, n := range s.Refs {
			if n < 1 || n > len(p.References) {
				t.Errorf("reference %d of %d: %s", n, len(p.References), s.Text)
			}
		}
	}
	first := p.Statement[0].Text
	if !strings.Contains(first, "port") || !strings.Contains(first, "5 March 2021") {
		t.Errorf("first sentence %q, want the earlier operation with its day", first)
	}
	if second := p.Statement[1].Text; !strings.Contains(second, "with the reserve “believed") {
		t.Errorf("the source's hedge is lost: %q", second)
	}
	if !strings.Contains(strings.Join(p.Missing, "; "), "identifiers") {
		t.Errorf("missing %v", p.Missing)
	}
}

func TestWhatSpeaksAgainstItIsSaid(t *testing.T) {
	g, _, russia := world(t)
	p, err := nomination.Build(g, russia, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Against) != 1 || !strings.Contains(p.Against[0].Text, "Russia") {
		t.Errorf("against %+v", p.Against)
	}
}

func TestListsAreAsked(t *testing.T) {
	g, bear, _ := world(t)
	b := screen.NewBuilder()
	b.Add(&sanctions.Subject{
		List: "uk", ID: "CYB0099", Kind: sanctions.Organisation, Names: []sanctions.Name{{Full: "EXAMPLE BEAR"}},
		Identifiers: []sanctions.Identifier{{Kind: sanctions.Website, Value: "bear.example"}},
	})
	p, err := nomination.Build(g, bear, b.Index())
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Listed) != 1 || len(p.Identifiers) != 1 {
		t.Errorf("listed %v, identifiers %v", p.Listed, p.Identifiers)
	}
}

func TestForms(t *testing.T) {
	g, bear, _ := world(t)
	p, err := nomination.Build(g, bear, nil)
	if err != nil {
		t.Fatal(err)
	}
	var md, page strings.Builder
	if err := p.Markdown(&md); err != nil {
		t.Fatal(err)
	}
	if err := p.HTML(&page); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"Markdown": md.String(), "HTML": page.String()} {
		if strings.Contains(text, "<b>port") {
			t.Errorf("%s: markup of a source is not escaped", name)
		}
		for _, want := range []string{"Example Bear", "Statement of reasons", "vendor.example", "(one source)", "Draft."} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
	}
	at := stix.At(time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC))
	o, err := p.Report(entity.StateID("US"), at)
	if err != nil {
		t.Fatal(err)
	}
	var r stix.Report
	if err := o.Decode(&r); err != nil {
		t.Fatal(err)
	}
	if len(r.ObjectRefs) != 1+len(p.Operations)+len(p.References) || r.ObjectRefs[0] != bear {
		t.Errorf("object_refs %v", r.ObjectRefs)
	}
}

func TestUnknownSubject(t *testing.T) {
	g, _, _ := world(t)
	if _, err := nomination.Build(g, stix.DerivedID("threat-actor", "nobody"), nil); !errors.Is(err, nomination.ErrUnknown) {
		t.Errorf("error %v", err)
	}
}
