package misp_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/ingest/ingesttest"
	"marque/ingest/misp"
	wire "marque/misp"
	"marque/stix"
	"marque/stix/pattern"
	"marque/stix/validate"
)

// uid is a uuid for tests.
func uid(n int) string { return fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", n) }

func attr(n int, typ, value, more string) string {
	return fmt.Sprintf(`{"uuid":%q,"type":%q,"category":"Network activity","value":%q,"timestamp":"1700000100","distribution":"5"%s}`, uid(n), typ, value, more)
}

// eventWith is an event with the given distribution, tags and attributes.
func eventWith(distribution, tags, attributes, more string) string {
	var list []string
	for t := range strings.FieldsSeq(tags) {
		list = append(list, fmt.Sprintf(`{"name":%q,"colour":"#ffffff"}`, t))
	}
	return `{"Event":{"uuid":"` + uid(1) + `","info":"A small event","date":"2023-11-14","timestamp":"1700000000","publish_timestamp":"1700000200",
 "published":true,"threat_level_id":"2","analysis":"2","distribution":"` + distribution + `",
 "Orgc":{"name":"CERT Example","uuid":"` + uid(2) + `"},"Tag":[` + strings.Join(list, ",") + `],"Attribute":[` + attributes + `]` + more + `}}`
}

func read(t *testing.T, doc string) *ingesttest.Memory {
	t.Helper()
	m := ingesttest.NewMemory()
	res := ingesttest.MustRead(t, m, "event.json", doc, misp.Events{})
	if res.Format != "misp-event" || res.Rejected > 0 {
		t.Fatalf("%+v", res)
	}
	for _, rec := range m.Records {
		for _, f := range validate.Object(rec.Raw(), validate.Options{Pattern: checkPattern}) {
			if f.Severity == validate.Error {
				t.Errorf("%s: %v\n%s", rec.ID, f, rec.Raw())
			}
		}
	}
	return m
}

func checkPattern(text, version string) []validate.PatternProblem {
	_, found := pattern.Check(text, pattern.Version(version))
	var problems []validate.PatternProblem
	for _, p := range found {
		problems = append(problems, validate.PatternProblem{Warning: p.Warning, Message: p.Message, Section: p.Section})
	}
	return problems
}

func TestAttributes(t *testing.T) {
	for _, tt := range []struct{ typ, value, indicator, plain string }{
		{"ip-dst", "198.51.100.7", "[ipv4-addr:value = '198.51.100.7']", "ipv4-addr"},
		{"ip-src", "2001:db8::1", "[ipv6-addr:value = '2001:db8::1']", "ipv6-addr"},
		{"ip-dst", "198.51.100.0/24", "[ipv4-addr:value ISSUBSET '198.51.100.0/24']", "ipv4-addr"},
		{"ip-dst", "not an address", "note", "note"},
		{"ip-dst|port", "198.51.100.7|443", "[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 443]", "ipv4-addr network-traffic"},
		{"hostname|port", "c2.example|8080", "[network-traffic:dst_ref.value = 'c2.example' AND network-traffic:dst_port = 8080]", "domain-name network-traffic"},
		{"domain", "bad.example", "[domain-name:value = 'bad.example']", "domain-name"},
		{"domain|ip", "bad.example|198.51.100.7", "[domain-name:value = 'bad.example' AND domain-name:resolves_to_refs[*].value = '198.51.100.7']", "ipv4-addr domain-name"},
		{"url", "https://bad.example/it's", `[url:value = 'https://bad.example/it\'s']`, "url"},
		{"email-src", "a@bad.example", "[email-addr:value = 'a@bad.example']", "email-addr"},
		{"email-subject", "Invoice", "[email-message:subject = 'Invoice']", "email-message"},
		{"md5", "d41d8cd98f00b204e9800998ecf8427e", "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']", "file"},
		{"sha256", strings.Repeat("ab", 32), "[file:hashes.'SHA-256' = '" + strings.Repeat("ab", 32) + "']", "file"},
		{"filename", `C:\x.exe`, `[file:name = 'C:\\x.exe']`, "file"},
		{"filename|sha256", "x.exe|" + strings.Repeat("ab", 32), "[file:name = 'x.exe' AND file:hashes.'SHA-256' = '" + strings.Repeat("ab", 32) + "']", "file"},
		{"filename|sha256", "without a hash", "note", "note"},
		{"malware-sample", "x.exe|d41d8cd98f00b204e9800998ecf8427e", "[file:name = 'x.exe' AND file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']", "file"},
		{"attachment", "report.pdf", "[file:name = 'report.pdf']", "file"},
		{"regkey", `HKLM\Software\X`, `[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\Software\\X']`, "windows-registry-key"},
		{"regkey|value", `HKLM\Software\X|1`, `[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\Software\\X' AND windows-registry-key:values[*].data = '1']`, "windows-registry-key"},
		{"mutex", "Global\\m", `[mutex:name = 'Global\\m']`, "mutex"},
		{"AS", "AS64500", "[autonomous-system:number = 64500]", "autonomous-system"},
		{"mac-address", "00:00:5e:00:53:01", "[mac-addr:value = '00:00:5e:00:53:01']", "mac-addr"},
		{"x509-fingerprint-sha1", strings.Repeat("ab", 20), "[x509-certificate:hashes.'SHA-1' = '" + strings.Repeat("ab", 20) + "']", "x509-certificate"},
		{"btc", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "[user-account:account_type = 'btc' AND user-account:user_id = '1BoatSLRHtKNngkdXEeobR76b53LETtpyT']", "user-account"},
		{"vulnerability", "CVE-2023-0001", "vulnerability", "vulnerability"},
		{"threat-actor", "Example Bear", "threat-actor", "threat-actor"},
		{"campaign-name", "Op", "campaign", "campaign"},
		{"malware-type", "Loader", "malware", "malware"},
		{"text", "free text", "note", "note"},
		{"comment", "free text", "note", "note"},
		{"link", "https://example.org/report", "note", "note"},
		{"size-in-bytes", "12", "note", "note"},
		{"yara", "rule x { condition: true }", "yara", "yara"},
		{"stix2-pattern", "[ipv4-addr:value = '198.51.100.9']", "[ipv4-addr:value = '198.51.100.9']", "[ipv4-addr:value = '198.51.100.9']"},
		{"stix2-pattern", "[broken", "note", "note"},
		{"never-heard-of", "x", "note", "note"},
		{"imphash", strings.Repeat("ab", 16), "[file:extensions.'windows-pebinary-ext'.imphash = '" + strings.Repeat("ab", 16) + "']", "note"},
		{"filename|imphash", "x.exe|" + strings.Repeat("ab", 16), "[file:name = 'x.exe' AND file:extensions.'windows-pebinary-ext'.imphash = '" + strings.Repeat("ab", 16) + "']", "note"},
		{"user-agent", "curl/8", "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'curl/8']", "note"},
		{"http-method", "PUT", "[network-traffic:extensions.'http-request-ext'.request_method = 'PUT']", "note"},
		{"windows-service-name", "svc", "[process:extensions.'windows-service-ext'.service_name = 'svc']", "note"},
		{"email-x-mailer", "Bat", "[email-message:additional_header_fields.'X-Mailer' = 'Bat']", "note"},
		{"port", "443", "[network-traffic:dst_port = 443]", "note"},
		{"mime-type", "text/x", "[file:mime_type = 'text/x']", "note"},
		{"cpe", "cpe:2.3:a:x:y:*:*:*:*:*:*:*:*", "[software:cpe = 'cpe:2.3:a:x:y:*:*:*:*:*:*:*:*']", "note"},
		{"eppn", "a@bad.example", "[user-account:account_type = 'eppn' AND user-account:user_id = 'a@bad.example']", "user-account"},
		{"filename|sha3-256", "x|" + strings.Repeat("ab", 32), "[file:name = 'x' AND file:hashes.'SHA3-256' = '" + strings.Repeat("ab", 32) + "']", "file"},
		{"mac-eui-64", "00:00:5e:00:53:01:00:01", "note", "note"},
	} {
		for _, ids := range []string{"1", "0"} {
			m := read(t, eventWith("3", "tlp:clear", attr(10, tt.typ, tt.value, `,"to_ids":`+ids), ""))
			got, want := madeOf(m), tt.plain
			if ids == "1" {
				want = tt.indicator
			}
			if got != want {
				t.Errorf("%s %q, to_ids %s: %q, want %q", tt.typ, tt.value, ids, got, want)
			}
		}
	}
}

// TestAttachments: what an attribute carries becomes an artifact, the content of a file, and the record names it.
func TestAttachments(t *testing.T) {
	const archive = `,"data":"UEsDBBQ="`
	for _, tt := range []struct{ name, attribute, artifact, file, kept string }{
		{
			"attachment", attr(10, "attachment", "r.pdf", `,"data":"JVBERi0xLjQK"`), `"payload_bin":"JVBERi0xLjQK"`,
			`"SHA-256":"e5c62df5dab5c87b6a015ef3d43597074d1eec433b15f51aec63b8582d0e4ab4"`, "",
		},
		{"sample", attr(10, "malware-sample", "x.exe|d41d8cd98f00b204e9800998ecf8427e", archive), `"decryption_key":"infected"`, `"MD5":"d41d8cd98f00b204e9800998ecf8427e"`, ""},
		{"sample to detect", attr(10, "malware-sample", "x.exe|d41d8cd98f00b204e9800998ecf8427e", archive+`,"to_ids":true`), `"encryption_algorithm":"mime-type-indicated"`, `"name":"x.exe"`, ""},
		{"no base64", attr(10, "attachment", "r.pdf", `,"data":"%%"`), "", "", `\"data\":\"%%\"`},
		{"base64 that would come back otherwise", attr(10, "attachment", "r.pdf", `,"data":"JVBERi0x\nLjQK"`), "", "", `LjQK`},
		{"another type", attr(10, "text", "r.pdf", `,"data":"JVBERi0xLjQK"`), "", "", `\"data\":\"JVBERi0xLjQK\"`},
	} {
		m := read(t, eventWith("3", "tlp:green", tt.attribute, ""))
		var record string
		for _, rec := range m.Records {
			if from, ok := wire.OriginOf(rec.Object); ok && from.Kind == wire.KindAttribute {
				record = string(rec.Raw())
			}
		}
		artifacts, files := m.OfType("artifact"), m.OfType("file")
		if tt.kept != "" {
			if len(artifacts) > 0 || !strings.Contains(record, tt.kept) {
				t.Errorf("%s: %d artifacts, %s", tt.name, len(artifacts), record)
			}
			continue
		}
		if len(artifacts) != 1 || len(files) != 1 || !strings.Contains(string(artifacts[0].Raw()), tt.artifact) {
			t.Fatalf("%s: %d artifacts, %d files", tt.name, len(artifacts), len(files))
		}
		if raw := string(files[0].Raw()); !strings.Contains(raw, tt.file) || !strings.Contains(raw, `"content_ref":"`+string(artifacts[0].ID)) {
			t.Errorf("%s: %s", tt.name, raw)
		}
		if !strings.Contains(record, `\"data\":\"`+string(artifacts[0].ID)) {
			t.Errorf("%s: %s", tt.name, record)
		}
		if level, _ := artifacts[0].TLP(); level != stix.Green {
			t.Errorf("%s: %v", tt.name, level)
		}
		seen := m.OfType("observed-data")
		if len(seen) != 1 || !strings.Contains(string(seen[0].Raw()), string(artifacts[0].ID)) {
			t.Errorf("%s: %d observed-data", tt.name, len(seen))
		}
		if based := m.OfType("relationship"); (len(based) == 1) != strings.Contains(tt.name, "detect") {
			t.Errorf("%s: %d relationships", tt.name, len(based))
		}
	}
}

// TestSharedObservables: an observable in several attributes is written once for each marking that it comes with: who may see any of
// the attributes may see it.
func TestSharedObservables(t *testing.T) {
	clear := attr(10, "domain", "shared.example", "")
	amber := attr(11, "domain", "shared.example", `,"Tag":[{"name":"tlp:amber"},{"name":"PAP:RED"}]`)
	for _, attributes := range []string{clear + "," + amber, amber + "," + clear, clear + "," + amber + "," + attr(12, "hostname", "shared.example", "")} {
		got, err := ingesttest.Run(t.Context(), misp.Events{}, eventWith("3", "tlp:clear", attributes, ""))
		if err != nil {
			t.Fatal(err)
		}
		levels := map[stix.TLP]bool{}
		n := 0
		for _, o := range got.Objects {
			if o.Type == "domain-name" {
				level, _ := o.TLP()
				levels[level] = slices.Contains(o.MarkingRefs, stix.PAPRed.MarkingID())
				n++
			}
		}
		if want := map[stix.TLP]bool{stix.Clear: false, stix.Amber: true}; n != 2 || !maps.Equal(levels, want) {
			t.Errorf("%d times, at %v", n, levels)
		}
	}
}

// TestSearchAnswers: searches for attributes and objects answer without events.
func TestSearchAnswers(t *testing.T) {
	of := `,"event_id":"1","Event":{"id":"1","uuid":"` + uid(1) + `","info":"A small event","distribution":"2"}`
	domain := attr(10, "domain", "bad.example", `,"to_ids":true`+of)
	object := `{"uuid":"` + uid(30) + `","name":"file","timestamp":"1700000100","distribution":"5"` + of + `,"Attribute":[` + attr(31, "filename", "x.exe", "") + `]}`
	for name, doc := range map[string]string{
		"attributes":         `{"response":{"Attribute":[` + domain + `,` + attr(12, "text", "t", `,"event_id":"9"`) + `]}}`,
		"bare attributes":    `{"Attribute":[` + domain + `]}`,
		"objects":            `{"response":[{"Object":` + object + `}]}`,
		"list of attributes": `[{"Attribute":` + domain + `}]`,
	} {
		m := read(t, doc)
		if len(m.OfType("report")) > 0 {
			t.Errorf("%s: a report was made", name)
		}
		want := stix.ID("indicator--" + uid(10))
		if strings.HasPrefix(name, "objects") {
			want = stix.ID("grouping--" + uid(30))
		}
		o := m.Get(want)
		if o == nil {
			t.Fatalf("%s: no %s", name, want)
		}
		if level, _ := o.TLP(); level != stix.Amber {
			t.Errorf("%s: %v, but the event says AMBER", name, level)
		}
		if at := o.Modified.String(); at != "2023-11-14T22:15:00.000Z" {
			t.Errorf("%s: modified %s", name, at)
		}
	}
	// What a whole event told stands.
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "event.json", eventWith("2", "", attr(10, "domain", "bad.example", `,"to_ids":true`), ""), misp.Events{})
	n := len(m.Records)
	ingesttest.MustRead(t, m, "search.json", `{"response":{"Attribute":[`+attr(10, "domain", "bad.example", `,"to_ids":true`+of)+`]}}`, misp.Events{})
	if len(m.Records) != n {
		t.Errorf("%d objects became %d", n, len(m.Records))
	}
}

// madeOf says what the attribute of an event became: a pattern or its language, the types of the observables, or the type.
func madeOf(m *ingesttest.Memory) string {
	for _, rec := range m.Records {
		if from, ok := wire.OriginOf(rec.Object); !ok || from.Kind != wire.KindAttribute {
			continue
		}
		switch rec.Type {
		case "indicator":
			var v stix.Indicator
			if rec.Decode(&v) != nil {
				return "broken"
			}
			if v.PatternType != "stix" {
				return v.PatternType
			}
			return v.Pattern
		case "observed-data":
			var v struct {
				Refs []stix.ID `json:"object_refs"`
			}
			if rec.Decode(&v) != nil {
				return "broken"
			}
			var types []string
			for _, id := range v.Refs {
				types = append(types, m.Get(id).Type)
			}
			return strings.Join(types, " ")
		default:
			return rec.Type
		}
	}
	return ""
}

// TestSharing: the stricter of distribution and tag wins, and a part is never shared more widely than the whole.
func TestSharing(t *testing.T) {
	const unmarked = stix.TLP(-1)
	for _, tt := range []struct {
		distribution, tags, own string
		event, attribute        stix.TLP
	}{
		{"0", "", "", stix.Red, stix.Red},
		{"1", "", "", stix.AmberStrict, stix.AmberStrict},
		{"2", "", "", stix.Amber, stix.Amber},
		{"3", "", "", stix.Green, stix.Green},
		{"3", "tlp:white", "", stix.Clear, stix.Clear},
		{"3", "TLP:CLEAR tlp:amber", "", stix.Amber, stix.Amber},
		{"1", "tlp:clear", "", stix.AmberStrict, stix.AmberStrict},
		{"3", "tlp:amber+strict", "", stix.AmberStrict, stix.AmberStrict},
		{"3", "tlp:ex:chr", "", stix.Red, stix.Red},
		{"9", "tlp:clear", "", stix.Red, stix.Red},
		{"4", "tlp:green", "", stix.AmberStrict, stix.AmberStrict},
		{"", "", "", unmarked, unmarked},
		{"", "tlp:green", "", stix.Green, stix.Green},
		{"3", "tlp:clear", `,"distribution":"0"`, stix.Clear, stix.Red},
		{"2", "", `,"distribution":"3","Tag":[{"name":"tlp:clear"}]`, stix.Amber, stix.Amber},
		{"3", "tlp:clear", `,"Tag":[{"name":"tlp:red"}]`, stix.Clear, stix.Red},
		// A tag and the distribution that belongs to it agree: the tag is the more exact.
		{"0", "tlp:amber", "", stix.Amber, stix.Amber},
		{"0", "TLP:AMBER+STRICT", `,"distribution":"5"`, stix.AmberStrict, stix.AmberStrict},
		{"1", "tlp_green", "", stix.Green, stix.Green},
		{"0", "tlp:clear", "", stix.Red, stix.Red},
		{"1", "tlp:amber", "", stix.AmberStrict, stix.AmberStrict},
		{"3", "tlp:amber", `,"distribution":"0"`, stix.Amber, stix.Red},
		{"3", "tlp:clear", `,"distribution":"0","Tag":[{"name":"TLP AMBER"}]`, stix.Clear, stix.Amber},
		{"3", "TLP-RED", "", stix.Red, stix.Red},
	} {
		m := read(t, eventWith(tt.distribution, tt.tags, attr(10, "domain", "bad.example", `,"to_ids":true`+tt.own), ""))
		for id, want := range map[stix.ID]stix.TLP{stix.ID("report--" + uid(1)): tt.event, stix.ID("indicator--" + uid(10)): tt.attribute} {
			got, marked := m.Get(id).TLP()
			if !marked {
				got = unmarked
			}
			if got != want {
				t.Errorf("distribution %q, tags %q, own %q: %s is %v, want %v", tt.distribution, tt.tags, tt.own, id, got, want)
			}
		}
	}
}

// TestClusters: the distribution of a cluster is the cluster's alone. What is for fewer than the record leaves it: the cluster with its
// tag as an object of its own, what is said of a public one into the quarantine.
func TestClusters(t *testing.T) {
	galaxy := func(more string) string {
		return `,"Tag":[{"name":"tlp:clear"},{"name":"misp-galaxy:tool=\"Lantern\""}],"Galaxy":[{"type":"tool","name":"Tool","GalaxyCluster":[{"uuid":"` + uid(20) +
			`","type":"tool","value":"Lantern","tag_name":"misp-galaxy:tool=\"Lantern\""` + more + `}]}]`
	}
	for _, tt := range []struct {
		more          string
		cluster       stix.TLP
		rejects       int
		secret, stays string // words of the record
	}{
		{`,"distribution":"0"`, stix.Red, 0, "Lantern", ""},
		{`,"distribution":"2","authors":["Lantern team"]`, stix.Amber, 0, "Lantern", ""},
		{`,"distribution":"3"`, stix.Clear, 0, "", "Lantern"},
		{`,"default":true,"GalaxyClusterRelation":[{"distribution":"1","referenced_galaxy_cluster_value":"Canary"}]`, stix.Clear, 1, "Canary", "Lantern"},
		{`,"default":true,"Note":[{"note":"open","distribution":"5"},{"note":"x","Opinion":[{"comment":"Canary","distribution":"2"}]}]`, stix.Clear, 1, "Canary", "open"},
	} {
		for where, doc := range map[string]string{
			"report":    strings.Replace(eventWith("3", "", attr(10, "domain", "bad.example", `,"to_ids":true`), ""), `"Tag":[]`, galaxy(tt.more)[1:], 1),
			"indicator": eventWith("3", "tlp:clear", attr(10, "domain", "bad.example", `,"to_ids":true`+galaxy(tt.more)), ""),
		} {
			m := ingesttest.NewMemory()
			res := ingesttest.MustRead(t, m, "event.json", doc, misp.Events{})
			if res.Rejected != tt.rejects {
				t.Errorf("%s: %+v", tt.more, res)
			}
			for _, rec := range m.Records {
				level, _ := rec.TLP()
				named := tt.secret != "" && strings.Contains(string(rec.Raw()), tt.secret)
				switch {
				case rec.Type == "tool" && level != tt.cluster:
					t.Errorf("%s: the cluster is %v, want %v", tt.more, level, tt.cluster)
				case rec.Type == where && level != stix.Clear:
					t.Errorf("%s: the %s is %v", tt.more, where, level)
				case rec.Type == where && !strings.Contains(string(rec.Raw()), tt.stays), rec.Type != "tool" && named:
					t.Errorf("%s: %s", tt.more, rec.Raw())
				}
			}
			if len(m.OfType("tool")) != 1 {
				t.Errorf("%s: %d clusters", tt.more, len(m.OfType("tool")))
			}
		}
	}
}

// TestBackWithoutWidening: what comes in at a distribution leaves at the same or a narrower one.
func TestBackWithoutWidening(t *testing.T) {
	for d := range 4 {
		s := wire.ShareOf(wire.Record{"distribution": []byte(fmt.Sprint(d))})
		if back := wire.Distribution(s.TLP); d < 3 && back > fmt.Sprint(d) {
			t.Errorf("%d comes back as %s", d, back)
		}
	}
}

const wholeEvent = `,"Object":[{"uuid":"aaaaaaaa-0000-4000-8000-000000000030","name":"file","meta-category":"file","template_version":"24","timestamp":"1700000100","distribution":"5",
  "Attribute":[{"uuid":"aaaaaaaa-0000-4000-8000-000000000031","type":"filename","object_relation":"filename","value":"x.exe","timestamp":"1700000100"},
   {"uuid":"aaaaaaaa-0000-4000-8000-000000000032","type":"md5","object_relation":"md5","value":"d41d8cd98f00b204e9800998ecf8427e","to_ids":true,"timestamp":"1700000100",
    "Note":[{"uuid":"aaaaaaaa-0000-4000-8000-000000000050","note":"Seen twice","authors":"ann@cert.example","language":"en","distribution":"5",
      "Opinion":[{"uuid":"aaaaaaaa-0000-4000-8000-000000000051","opinion":"90","comment":"yes","authors":"bob"}]}],
    "Relationship":[{"uuid":"aaaaaaaa-0000-4000-8000-000000000052","relationship_type":"related-to","related_object_uuid":"aaaaaaaa-0000-4000-8000-000000000031","related_object_type":"Attribute"}]}],
  "ObjectReference":[{"uuid":"aaaaaaaa-0000-4000-8000-000000000033","referenced_uuid":"aaaaaaaa-0000-4000-8000-000000000010","relationship_type":"connects to","timestamp":"1700000100"},
   {"uuid":"aaaaaaaa-0000-4000-8000-000000000034","referenced_uuid":"bbbbbbbb-0000-4000-8000-000000000010","relationship_type":"x"}]}],
 "EventReport":[{"uuid":"aaaaaaaa-0000-4000-8000-000000000035","name":"What happened","content":"# Text","timestamp":"1700000100","distribution":"5"}],
 "Galaxy":[{"type":"threat-actor","name":"Threat Actor","GalaxyCluster":[{"uuid":"aaaaaaaa-0000-4000-8000-000000000040","value":"Example Bear","tag_name":"misp-galaxy:threat-actor=\"Example Bear\"","meta":{"synonyms":["APT-X"]},"default":true}]}],
 "ShadowAttribute":[{"uuid":"cccccccc-0000-4000-8000-000000000001","value":"proposal"}],
 "RelatedEvent":[{"Event":{"uuid":"dddddddd-0000-4000-8000-000000000001","info":"somebody else's"}}]`

func whole() string {
	sightings := `,"to_ids":true,"x-own":"kept","Sighting":[{"uuid":"` + uid(60) + `","type":"0","date_sighting":"1700000300","source":"sensor","Organisation":{"name":"CERT Other","uuid":"` + uid(3) + `"}},
  {"uuid":"` + uid(61) + `","type":"1","date_sighting":"1700000400"},{"uuid":"` + uid(62) + `","type":"2","date_sighting":"1800000000"}]`
	return eventWith("3", `tlp:green PAP:AMBER estimative-language:likelihood-probability="very-likely" misp-galaxy:mitre-attack-pattern="Phishing_-_T1566"`,
		attr(10, "domain", "bad.example", sightings)+","+attr(11, "text", "gone", `,"deleted":true`), wholeEvent)
}

func TestWholeEvent(t *testing.T) {
	m := read(t, whole())
	report := m.Get(stix.ID("report--" + uid(1)))
	if report == nil || report.Confidence == nil || *report.Confidence != 85 {
		t.Fatalf("%s", report.Raw())
	}
	for _, rec := range m.Records {
		if strings.Contains(string(rec.Raw()), "somebody else's") {
			t.Errorf("another event is in %s", rec.ID)
		}
		if proposal := strings.Contains(string(rec.Raw()), `\"value\":\"proposal\"`); proposal != (rec.ID == report.ID) {
			t.Errorf("a proposal is in %s: %v", rec.ID, proposal)
		}
	}
	domain := m.Get(stix.ID("indicator--" + uid(10)))
	if !strings.Contains(string(domain.Raw()), `"valid_until":"2027-01-15T08:00:00.000Z"`) || !strings.Contains(string(domain.Raw()), `\"x-own\":\"kept\"`) {
		t.Errorf("%s", domain.Raw())
	}
	if !m.Get(stix.ID("note--" + uid(11))).Revoked {
		t.Error("a deleted attribute is not revoked")
	}
	want := []string{
		"grouping--" + uid(30) + " connects-to indicator--" + uid(10),
		"indicator--" + uid(32) + " related-to observed-data--" + uid(31),
	}
	var got []string
	for _, r := range m.OfType("relationship") {
		got = append(got, fmt.Sprintf("%s %s %s", r.SourceRef, r.RelationshipType, r.TargetRef))
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for id, want := range map[stix.ID]string{
		stix.ID("sighting--" + uid(60)):     `"sighting_of_ref":"indicator--` + uid(10),
		stix.ID("opinion--" + uid(61)):      `"opinion":"strongly-disagree"`,
		stix.ID("note--" + uid(62)):         `"abstract":"expiration"`,
		stix.ID("note--" + uid(50)):         `"content":"Seen twice"`,
		stix.ID("opinion--" + uid(51)):      `"object_refs":["note--` + uid(50),
		stix.ID("note--" + uid(35)):         `"content":"# Text"`,
		stix.ID("threat-actor--" + uid(40)): `"aliases":["APT-X"]`,
		stix.ID("grouping--" + uid(30)):     `bbbbbbbb-0000-4000-8000-000000000010`,
		stix.PAPAmber.MarkingID():           `"pap":"amber"`,
		wire.Extension:                      `misp-record`,
		stix.ID("identity--" + uid(2)):      `CERT Example`,
	} {
		if o := m.Get(id); o == nil || !strings.Contains(string(o.Raw()), want) {
			t.Errorf("%s: no %s", id, want)
		}
	}
}

func TestReadingItAgainChangesNothing(t *testing.T) {
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "event.json", whole(), misp.Events{})
	n := len(m.Records)
	res := ingesttest.MustRead(t, m, "event.json", `{"response":[`+whole()+`]}`, misp.Events{})
	if len(m.Records) != n || res.Added+res.Updated > 0 {
		t.Errorf("%d objects became %d: %+v", n, len(m.Records), res)
	}
}

func TestShapes(t *testing.T) {
	plain := strings.TrimSuffix(strings.TrimPrefix(whole(), `{"Event":`), "}")
	for _, doc := range []string{whole(), plain, "[" + whole() + "]", `{"response":[` + whole() + `]}`, `{"response":` + whole() + `}`, "\xef\xbb\xbf" + whole()} {
		read(t, doc)
	}
}

// TestOneWhereListsAre: instances exist that write one record where a list is expected.
func TestOneWhereListsAre(t *testing.T) {
	m := read(t, `{"Event":{"uuid":"`+uid(1)+`","info":"x","date":"2023-11-14","distribution":3,"Tag":{"name":"tlp:clear"},
	 "Galaxy":{"type":"threat-actor","GalaxyCluster":{"uuid":"`+uid(40)+`","value":"Example Bear","default":true}},
	 "Attribute":`+attr(10, "domain", "bad.example", `,"to_ids":"1","Sighting":{"uuid":"`+uid(60)+`","type":0,"date_sighting":1700000300}`)+`,
	 "Object":{"uuid":"`+uid(30)+`","name":"file","Attribute":`+attr(31, "filename", "x.exe", "")+`,
	  "ObjectReference":{"uuid":"`+uid(33)+`","referenced_uuid":"`+uid(10)+`","relationship_type":"x"}}}}`)
	for _, id := range []string{"threat-actor--" + uid(40), "indicator--" + uid(10), "sighting--" + uid(60), "grouping--" + uid(30), "observed-data--" + uid(31), "relationship--" + uid(33)} {
		if m.Get(stix.ID(id)) == nil {
			t.Errorf("no %s", id)
		}
	}
	if level, _ := m.Get(stix.ID("report--" + uid(1))).TLP(); level != stix.Clear {
		t.Errorf("%v", level)
	}
}

func TestBadRecordsGoToQuarantine(t *testing.T) {
	m := ingesttest.NewMemory()
	deep := strings.Repeat("[", 300) + strings.Repeat("]", 300) // deeper than an object of STIX may be, fine as text in it
	bad := `{"type":"domain","value":"no.uuid"},{"uuid":"` + uid(12) + `","type":"domain"},` + attr(13, "domain", "deep.example", `,"x":`+deep) + "," + attr(10, "domain", "good.example", "")
	res := ingesttest.MustRead(t, m, "e", "["+eventWith("3", "", bad, "")+`,{"Event":{"info":"no uuid"}},{"Event":7}]`, misp.Events{})
	if res.Rejected != 4 || m.Get(stix.ID("observed-data--"+uid(13))) == nil || m.Get(stix.ID("observed-data--"+uid(10))) == nil {
		t.Errorf("%+v", res)
	}
}

func FuzzEvents(f *testing.F) {
	f.Add(whole())
	f.Add("[" + eventWith("4", "tlp:x", attr(10, "ip-dst|port", "1.2.3.4|x", `,"deleted":"1"`), `,"SharingGroup":{"uuid":"`+uid(9)+`"}`) + "]")
	f.Add(`{"response":[{"Event":{"uuid":1}}]}`)
	f.Fuzz(func(t *testing.T, s string) {
		got, _ := ingesttest.Run(t.Context(), misp.Events{}, s)
		for _, o := range got.Objects {
			from, ok := wire.OriginOf(o)
			if !ok {
				continue
			}
			if from.Kind == "" || from.Record == nil {
				t.Errorf("%s has a record of no kind", o.ID)
			}
			if level, _ := o.TLP(); level < wire.ShareOf(from.Record).TLP {
				t.Errorf("%s is %v, its record says %v", o.ID, level, wire.ShareOf(from.Record).TLP)
			}
		}
	})
}
