package indicators_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"marque/ingest"
	"marque/ingest/indicators"
	"marque/ingest/ingesttest"
	"marque/stix"
	"marque/stix/validate"
	"marque/store"
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
		{"domain,x.example,,,,,,1969-01-01T00:00:00Z", ""},
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

// TestTables reads tables as exchanges, platforms and people write them.
func TestTables(t *testing.T) {
	md5, sha := strings.Repeat("ab", 16), strings.Repeat("cd", 32)
	for name, tt := range map[string]struct {
		in       string
		want     []string
		rejected int
	}{
		"semicolons":        {"Value;Type\nevil.test;domain\n203.0.113.4;ip\n", []string{"evil.test", "203.0.113.4"}, 0},
		"tabs":              {"TYPE\tVALUE\nurl\thxxp://evil[.]test/a,b\n", []string{"http://evil.test/a,b"}, 0},
		"bars":              {"type|value\nemail|user(at)evil.test\n", []string{"user@evil.test"}, 0},
		"sep line":          {"sep=;\r\ntype;value\r\ndomain;evil.test\r\n", []string{"evil.test"}, 0},
		"byte order mark":   {"\ufefftype,value\ndomain,evil.test\n", []string{"evil.test"}, 0},
		"UTF-16":            {utf16("type,value\ndomain,evil.test\n"), []string{"evil.test"}, 0},
		"comments":          {"# exported\n# by hand\ntype,value\n# more\ndomain,evil.test\n", []string{"evil.test"}, 0},
		"header in comment": {"#####\n# \"id\",\"dateadded\",\"url\",\"tags\"\n\"7\",\"2024-03-01 10:00:00\",\"http://evil.test/x\",\"a,b\"\n", []string{"http://evil.test/x"}, 0},
		"pulse":             {"Indicator type,Indicator,Description\nFileHash-MD5," + md5 + ",\nIPv4,203.0.113.4,x\n", []string{md5, "203.0.113.4"}, 0},
		"platform":          {"entity_type,observable_value,x_score\nDomain-Name,evil.test,1\nStixFile," + sha + ",2\n", []string{"evil.test", sha}, 0},
		"attributes":        {"uuid,type,value,to_ids\n1,ip-dst|port,203.0.113.4|443,1\n2,filename|md5,x.exe|" + md5 + ",1\n", []string{"203.0.113.4", md5}, 0},
		"columns by kind":   {"first_seen_utc,sha256_hash,md5_hash,reporter\n2024-03-01 10:00:00," + sha + "," + md5 + ",me\n", []string{sha, md5}, 0},
		"sensor's list":     {"type,value\nhash_sha256," + sha + "\nip_address,203.0.113.4\n", []string{sha, "203.0.113.4"}, 0},
		"watchlist":         {"ThreatType,NetworkIP,DomainName,Url\nC2,203.0.113.4,,\nC2,,evil.test,\n", []string{"203.0.113.4", "evil.test"}, 0},
		"value alone":       {"ioc\nevil.test\n203.0.113.4\n", []string{"evil.test", "203.0.113.4"}, 0},
		"no type":           {"ioc,comment\nevil[.]test,c2\n" + md5 + ",dropper\n", []string{"evil.test", md5}, 0},
		"list":              {"evil.test\n203[.]0[.]113[.]4\n\n# comment\n* hxxps://evil[.]test/x # why\n", []string{"evil.test", "203.0.113.4", "https://evil.test/x"}, 0},
		"hosts file":        {"# hosts\n0.0.0.0 evil.test\n127.0.0.1 worse.test\n", []string{"evil.test", "worse.test"}, 0},
		"blocker's list":    {"! title\n||evil.test^\n||worse.test^\n", []string{"evil.test", "worse.test"}, 0},
		"list, one bad":     {"evil.test\nworse.test\na.test\nb.test\n300.1.1.1\n", []string{"evil.test", "worse.test", "a.test", "b.test"}, 1},
		"one bad row":       {"type,value\ndomain,evil.test\nmd5,zz\ndomian,x.test\n", []string{"evil.test"}, 2},
	} {
		m := ingesttest.NewMemory()
		if c := (indicators.Reader{}).Detect([]byte(tt.in), ""); c == ingest.No {
			t.Errorf("%s: not known for what it is", name)
		}
		res := ingesttest.MustRead(t, m, name, tt.in, indicators.Reader{})
		if len(m.Records) != len(tt.want) || res.Rejected != tt.rejected {
			t.Errorf("%s: %d indicators, want %d; set aside %v", name, len(m.Records), len(tt.want), res.Reasons)
			continue
		}
		for _, want := range tt.want {
			if !slices.ContainsFunc(m.Records, func(r *store.Record) bool { return strings.Contains(string(r.Raw()), "'"+want+"'") }) {
				t.Errorf("%s: no indicator for %s", name, want)
			}
		}
	}
}

// TestTableThatMeansNothing names the columns that it saw.
func TestTableThatMeansNothing(t *testing.T) {
	const in = "colour,weight,shop\nred,3,north\nblue,4,south\n"
	if c := (indicators.Reader{}).Detect([]byte(in), ""); c == ingest.No {
		t.Error("taken for something else than a table")
	}
	_, err := ingesttest.Run(t.Context(), indicators.Reader{}, in)
	if !errors.Is(err, ingest.ErrUnknownFormat) || !strings.Contains(err.Error(), "colour, weight, shop") || !strings.Contains(err.Error(), "type and value") {
		t.Error(err)
	}
}

// TestWritingIsNoTable leaves prose to the reader of reports.
func TestWritingIsNoTable(t *testing.T) {
	for _, in := range []string{
		"The group broke in, took mail, and left.\nIt was seen in March, April, and May.\nNobody, it said, was hurt.\n",
		"evil.test was the server. It answered until March.\nThe company said so.\n",
		"{\"type\": \"bundle\"}", "<html><body>evil.test</body></html>",
		"Dear all,\n\nfind attached the notes, as agreed.\n\nBest,\nA\n",
	} {
		if c := (indicators.Reader{}).Detect([]byte(in), ""); c != ingest.No {
			t.Errorf("%q: %v", in, c)
		}
	}
}

// TestNoValidFromIsAlways holds that no date is invented.
func TestNoValidFromIsAlways(t *testing.T) {
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "i.csv", "type,value\ndomain,evil.test\n", indicators.Reader{})
	var v stix.Indicator
	if len(m.Records) != 1 || m.Records[0].Decode(&v) != nil || !v.ValidFrom.Time().Equal(time.Unix(0, 0)) {
		t.Errorf("valid from %v", v.ValidFrom)
	}
}

func utf16(s string) string {
	out := []byte{0xff, 0xfe}
	for _, r := range s {
		out = append(out, byte(r), byte(r>>8))
	}
	return string(out)
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
