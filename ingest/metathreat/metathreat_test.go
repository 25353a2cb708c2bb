package metathreat_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/ingest"
	"marque/ingest/formats"
	"marque/ingest/ingesttest"
	"marque/ingest/metathreat"
	"marque/ingest/table"
	"marque/stix"
	"marque/stix/validate"
)

func TestValues(t *testing.T) {
	for _, c := range []struct{ cell, kind, value string }{
		{"seeblick[.]example", "domain-name", "seeblick.example"},
		{"hxxps://seeblick[.]example/a?b=c", "url", "https://seeblick.example/a?b=c"},
		{"https://www[.]seeblick[.]example/one/ two-three", "url", "https://www.seeblick.example/one/two-three"},
		{"seeblick[.]example/members/3", "url", "https://seeblick.example/members/3"},
		{"192.0.2[.]7", "ipv4-addr", "192.0.2.7"},
		{"info[at]seeblick[.]example", "email-addr", "info@seeblick.example"},
		{"D41D8CD98F00B204E9800998ECF8427E", "file", "d41d8cd98f00b204e9800998ecf8427e"},
		{"About 110 accounts on Facebook", "", ""},
	} {
		var got metathreat.Row
		err := metathreat.Parse([]byte("Tactic ,Technique,Procedure,Indicator\n0,0.6,0.6.2,\""+c.cell+"\"\n"), func(r metathreat.Row, _ *table.Row) error {
			got = r
			return nil
		})
		if err != nil || got.Kind != c.kind || got.Value != c.value {
			t.Errorf("%s: %s %s, want %s %s: %v", c.cell, got.Kind, got.Value, c.kind, c.value, err)
		}
	}
}

func TestDaysInFiveForms(t *testing.T) {
	for _, s := range []string{"10-18-2023", "10/18/2023", "18 October 2023", "2023-10-18", "October 18, 2023"} {
		if d, ok := metathreat.ParseDay(s); !ok || d.Format("2006-01-02") != "2023-10-18" {
			t.Errorf("%s: %v", s, d)
		}
	}
	if _, ok := metathreat.ParseDay("18-10-2023"); ok {
		t.Error("a day before the month was taken")
	}
}

func TestRows(t *testing.T) {
	const file = `Tactic ,Technique,Procedure,Indicator,Commernts
0. Acquiring assets,0.6 Acquiring domains,0.6.2 Acquiring domains,seeblick[.]example,"Registration date: 4 July 2024, Country likely targeted: Germany"
0. Acquiring assets,0.9 Acquiring accounts,0.9.4 Acquiring accounts,https://twitter[.]com/seeblick_x,
8. Compromising assets,8.2 Compromising websites,8.2.1 Defacing websites,victim[.]example,
0. Acquiring assets,0.2 Acquiring mail,0.2.1 Acquiring mail,Configure other[.]example with a mail service,
,,,,
`
	m := ingesttest.NewMemory()
	res := ingesttest.MustRead(t, m, "Q1_2024_RUSSIA-BASED_CIB_NETWORK.csv", file, metathreat.Reader{})
	if res.Rejected != 0 || res.Warnings["empty row"] != 1 {
		t.Errorf("%+v", res)
	}
	var names []string
	for _, o := range m.OfType("infrastructure") {
		var v stix.Infrastructure
		if err := o.Decode(&v); err != nil {
			t.Fatal(err)
		}
		names = append(names, v.Name+" "+v.FirstSeen.Time().Format("2006-01-02"))
	}
	if diff := cmp.Diff([]string{"seeblick.example 2024-07-04"}, names); diff != "" {
		t.Errorf("infrastructure: %s", diff)
	}
	for typ, want := range map[string]int{"campaign": 1, "user-account": 1, "domain-name": 3, "note": 1, "location": 2, "attack-pattern": 4} {
		if got := len(m.OfType(typ)); got != want {
			t.Errorf("%d of type %s, want %d", got, typ, want)
		}
	}
	relations := map[string]int{}
	for _, o := range m.OfType("relationship") {
		var v stix.Relationship
		if err := o.Decode(&v); err != nil {
			t.Fatal(err)
		}
		relations[v.RelationshipType+" "+v.TargetRef.Type()]++
	}
	if relations["targets domain-name"] != 1 || relations["originates-from location"] != 1 || relations["targets location"] != 2 {
		t.Errorf("relations: %v", relations)
	}
	for _, rec := range m.Records {
		for _, f := range validate.Object(rec.Raw(), validate.Options{}) {
			if f.Severity == validate.Error {
				t.Errorf("%s: %v", rec.ID, f)
			}
		}
	}
}

func TestDamagedRowsAreKept(t *testing.T) {
	const file = "indicator_type,indicator_value,comment,ds\ndomain_name,seeblick.example,x,2021-07-15\ndomain_name,no such thing,x,2021-07-15\nip,1\n"
	m := ingesttest.NewMemory()
	if res := ingesttest.MustRead(t, m, "f.csv", file, metathreat.Reader{}); res.Rejected != 2 || len(m.OfType("infrastructure")) != 1 {
		t.Errorf("%+v", res)
	}
}

// TestAllFiles reads what Meta published: 52 files, and every row of them is an object, a note, or an empty row that was counted.
func TestAllFiles(t *testing.T) {
	folder := ingesttest.Data(t, "meta-threat-research")
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	m := ingesttest.NewMemory()
	p := ingest.New(m, formats.Default(formats.Config{}), ingest.Config{})
	read, dated := 0, 0
	broken := map[string]int{} // a hash that begins with a v, and a part of a hash that is called a domain name
	for _, e := range entries {
		if !strings.Contains(e.Name(), ".csv") {
			continue
		}
		res, err := p.File(t.Context(), filepath.Join(folder, e.Name()))
		if err != nil || res.Format != "meta-threat-research" || res.Objects < 5 {
			t.Errorf("%s: read as %q, %d objects: %v", e.Name(), res.Format, res.Objects, err)
			continue
		}
		maps.Copy(broken, res.Reasons)
		read++
	}
	for _, o := range m.OfType("infrastructure") {
		var v stix.Infrastructure
		if err := o.Decode(&v); err != nil {
			t.Fatal(err)
		}
		if !v.FirstSeen.IsZero() {
			dated++
		}
	}
	t.Logf("%d files; sites with a day %d", read, dated)
	for _, typ := range []string{"campaign", "infrastructure", "domain-name", "url", "ipv4-addr", "user-account", "email-addr", "file", "software", "note", "attack-pattern"} {
		t.Logf("%s %d", typ, len(m.OfType(typ)))
	}
	if read != 52 || dated != 197 || len(broken) != 2 {
		t.Errorf("%d files read, %d sites with a day, rejected %v", read, dated, broken)
	}
	for _, id := range m.Dangling() {
		t.Errorf("nothing answers the reference %s", id)
	}
}

func FuzzReader(f *testing.F) {
	f.Add("Tactic,Technique,Procedure,Indicator,Comments\n0,0.6,0.6.2 x,a[.]example,Registration date: 2024-01-01\n")
	f.Add("indicator_type,indicator_value,comment,ds\nip,1.2.3.4,x,2021-07-15\n")
	f.Fuzz(func(t *testing.T, s string) {
		got, _ := ingesttest.Run(t.Context(), metathreat.Reader{}, s)
		for _, o := range got.Objects {
			if o.ID == "" {
				t.Error("an object without id")
			}
		}
	})
}
