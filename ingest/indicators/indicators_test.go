package indicators_test

import (
	"strings"
	"testing"

	"marque/ingest/indicators"
	"marque/ingest/ingesttest"
	"marque/stix"
	"marque/stix/validate"
)

func TestRows(t *testing.T) {
	const header = "type,value,pattern,pattern_type,tlp,pap,confidence,valid_until\n"
	for _, tt := range []struct{ row, want string }{
		{"ip,198.51.100.7,,,,,,", "[ipv4-addr:value = '198.51.100.7']"},
		{"ip,2001:db8::/32,,,,,,", "[ipv6-addr:value ISSUBSET '2001:db8::/32']"},
		{"ipv4-addr:value,198.51.100.7,,,,,,", "[ipv4-addr:value = '198.51.100.7']"},
		{"domain,bad.example,,,amber,,,", "[domain-name:value = 'bad.example']"},
		{"filename,it's.exe,,,,,,", `[file:name = 'it\'s.exe']`},
		{"filename,'=cmd.exe,,,,,,", `[file:name = '=cmd.exe']`},
		{"filename,'＝cmd.exe,,,,,,", `[file:name = '＝cmd.exe']`},
		{"filename,''=cmd.exe,,,,,,", `[file:name = '\'=cmd.exe']`},
		{"filename,'quoted',,,,,,", `[file:name = '\'quoted\'']`},
		{"autonomous-system:number,64500,,,,,,", "[autonomous-system:number = 64500]"},
		{",,\"[url:value LIKE 'http://%']\",,,PAP:RED,50,", "[url:value LIKE 'http://%']"},
		{",,rule x { condition: true },yara,,,,", "rule x { condition: true }"},
		{"ip,nonsense,,,,,,", ""},
		{"domain,,,,,,,", ""},
		{"no path,x,,,,,,", ""},
		{",,[broken,,,,,", ""},
		{"domain,x.example,,,purple,,,", ""},
		{"domain,x.example,,,,purple,,", ""},
		{"domain,x.example,,,,,101,", ""},
		{"domain,x.example,,,,,,yesterday", ""},
		{"domain,x.example,,,,,,2020-01-01T00:00:00Z", ""},
	} {
		m := ingesttest.NewMemory()
		res := ingesttest.MustRead(t, m, "i.csv", header+tt.row+"\n", indicators.Reader{})
		if tt.want == "" {
			if res.Rejected != 1 {
				t.Errorf("%s: taken", tt.row)
			}
			continue
		}
		var v stix.Indicator
		if len(m.Records) != 1 || m.Records[0].Decode(&v) != nil || v.Pattern != tt.want {
			t.Errorf("%s: %+v, %v", tt.row, v.Pattern, m.Rejected)
			continue
		}
		for _, f := range validate.Object(m.Records[0].Raw(), validate.Options{}) {
			if f.Severity == validate.Error {
				t.Errorf("%s: %v", tt.row, f)
			}
		}
	}
}

func TestOneIndicatorOfManyRows(t *testing.T) {
	const doc = "id,type,value,pattern,pattern_type\n" +
		`indicator--aaaaaaaa-0000-4000-8000-000000000001,domain-name:value,a.example,"[domain-name:value IN ('a.example','b.example')]",stix` + "\n" +
		`indicator--aaaaaaaa-0000-4000-8000-000000000001,domain-name:value,b.example,"[domain-name:value IN ('a.example','b.example')]",stix` + "\n"
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "i.csv", doc, indicators.Reader{})
	if res := ingesttest.MustRead(t, m, "i.csv", doc, indicators.Reader{}); len(m.Records) != 1 || res.Added > 0 {
		t.Errorf("%d records, %+v", len(m.Records), res)
	}
}

func FuzzReader(f *testing.F) {
	f.Add(strings.Join(indicators.Columns, ",") + "\n,ip,1.2.3.4,,,,,,,,,,,,,,\n")
	f.Add("type,value\ndomain,\"x\n")
	f.Fuzz(func(t *testing.T, s string) {
		got, _ := ingesttest.Run(t.Context(), indicators.Reader{}, s)
		for _, o := range got.Objects {
			if o.Type != "indicator" {
				t.Errorf("a row became a %s", o.Type)
			}
		}
	})
}
