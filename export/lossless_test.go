package export_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/export"
	"marque/stix"
	"marque/store"
)

// everything is an event with all that MISP has: records of every kind, on each other, in all spellings of numbers and truth.
const everything = `{"Event":{"id":"12","uuid":"cccccccc-0000-4000-8000-000000000001","info":"Ünïcödé ☃ \u202e \"quoted\"","date":"2023-11-14","timestamp":"1700000000",
 "publish_timestamp":"1700000200","published":true,"threat_level_id":"2","analysis":"2","distribution":"4","sharing_group_id":"7","locked":false,"disable_correlation":false,
 "extends_uuid":"cccccccc-0000-4000-8000-0000000000ee","protected":null,"attribute_count":"20","event_creator_email":"a@cert.example","x_unknown":{"a":[1,2.50,null]},
 "SharingGroup":{"id":"7","uuid":"cccccccc-0000-4000-8000-000000000777","name":"Friends","releasability":"friends","SharingGroupOrg":[{"org_id":"1","Organisation":{"name":"A"}}]},
 "Orgc":{"id":"7","name":"CERT Example","uuid":"cccccccc-0000-4000-8000-000000000002","local":true},"Org":{"id":"8","name":"Own","uuid":"cccccccc-0000-4000-8000-000000000003"},
 "Tag":[{"id":"1","name":"tlp:amber","colour":"#FFC000","exportable":true,"local":0},{"name":"PAP:AMBER"},{"name":"admiralty-scale:source-reliability=\"b\""},
  {"name":"admiralty-scale:information-credibility=\"2\""},{"name":"estimative-language:likelihood-probability=\"likely\""},{"name":"misp-galaxy:mitre-attack-pattern=\"Phishing - T1566\""},{"name":"own:tag=\"x\"","local":true}],
 "Galaxy":[{"id":"3","uuid":"698774c7-8022-42c4-917f-8d6e4f06ada3","type":"threat-actor","name":"Threat Actor","description":"d","version":"3","GalaxyCluster":[
   {"uuid":"cccccccc-0000-4000-8000-000000000040","type":"threat-actor","value":"Example Bear","tag_name":"misp-galaxy:threat-actor=\"Example Bear\"","description":"An actor","meta":{"synonyms":["APT-X"],"country":["XX"]},"default":true}]}],
 "Attribute":[%s],
 "Object":[
  {"id":"5","uuid":"cccccccc-0000-4000-8000-000000000100","name":"file","meta-category":"file","description":"File","template_uuid":"688c46fb-5edb-40a3-8273-1af7923e2215","template_version":"24",
   "timestamp":"1700000100","distribution":"5","sharing_group_id":"0","comment":"c","deleted":false,"first_seen":"2023-01-01T00:00:00.123456+00:00","last_seen":null,
   "ObjectReference":[{"uuid":"cccccccc-0000-4000-8000-000000000101","object_uuid":"cccccccc-0000-4000-8000-000000000100","referenced_uuid":"cccccccc-0000-4000-8000-000000000010","relationship_type":"connects-to","timestamp":"1700000100","comment":"ref","deleted":false},
    {"uuid":"cccccccc-0000-4000-8000-000000000102","referenced_uuid":"cccccccc-0000-4000-8000-000000000200","relationship_type":"contains","timestamp":"1700000100"},
    {"uuid":"cccccccc-0000-4000-8000-000000000103","referenced_uuid":"ffffffff-0000-4000-8000-000000000001","relationship_type":"of another event","timestamp":"1700000100"}],
   "Attribute":[{"uuid":"cccccccc-0000-4000-8000-000000000104","type":"malware-sample","category":"Payload delivery","object_relation":"malware-sample","value":"x.exe|d41d8cd98f00b204e9800998ecf8427e","data":"UEsDBBQ=","to_ids":true,"timestamp":"1700000100","distribution":"5"},
    {"uuid":"cccccccc-0000-4000-8000-000000000105","type":"attachment","category":"Payload delivery","object_relation":"attachment","value":"r.pdf","data":"JVBERi0xLjQK","to_ids":false,"timestamp":"1700000100","distribution":"5"},
    {"uuid":"cccccccc-0000-4000-8000-000000000106","type":"size-in-bytes","category":"Other","object_relation":"size-in-bytes","value":"9","to_ids":false,"timestamp":"1700000100","distribution":"5","disable_correlation":true}]},
  {"uuid":"cccccccc-0000-4000-8000-000000000200","name":"own object","timestamp":"1700000100","distribution":"1","deleted":true,"Attribute":[]}],
 "EventReport":[{"uuid":"cccccccc-0000-4000-8000-000000000300","name":"What happened","content":"# Text @[attribute](cccccccc-0000-4000-8000-000000000010)","timestamp":"1700000100","distribution":"5","deleted":false,
   "Opinion":[{"uuid":"cccccccc-0000-4000-8000-000000000301","opinion":20,"comment":"no","authors":"bob","distribution":"4","sharing_group_id":"7","SharingGroup":{"uuid":"cccccccc-0000-4000-8000-000000000777","name":"Friends"},"Org":{"name":"Own","uuid":"cccccccc-0000-4000-8000-000000000003"},"Orgc":{"name":"Own","uuid":"cccccccc-0000-4000-8000-000000000003"},"orgc_uuid":"cccccccc-0000-4000-8000-000000000003","created":"2024-01-01 00:00:00","modified":"2024-01-01 00:00:00"}]}],
 "Note":[{"uuid":"cccccccc-0000-4000-8000-000000000310","note":"Seen twice","authors":"ann","language":"en","distribution":"1","created":"2024-01-01 00:00:00","modified":"2024-01-01 00:00:00"}],
 "Relationship":[{"uuid":"cccccccc-0000-4000-8000-000000000311","relationship_type":"follows","related_object_uuid":"ffffffff-0000-4000-8000-000000000002","related_object_type":"Event","authors":"ann"},
  {"uuid":"cccccccc-0000-4000-8000-000000000312","relationship_type":"like","related_object_uuid":"ffffffff-0000-4000-8000-000000000003","related_object_type":"GalaxyCluster","authors":"ann"}],
 "ShadowAttribute":[{"uuid":"cccccccc-0000-4000-8000-000000000400","type":"domain","category":"Network activity","value":"proposed.example","to_ids":true,"timestamp":"1700000100","org_id":"9"}],
 "CryptographicKey":[]}}`

// attributes of everything: each kind that reading knows, and some that it does not.
func attributes() string {
	var out []string
	add := func(typ, value, more string) {
		v, _ := json.Marshal(value)
		out = append(out, fmt.Sprintf(`{"id":"%d","uuid":"cccccccc-0000-4000-8000-%012d","type":%q,"category":"Other","value":%s,"timestamp":"17000001%02d","comment":"","deleted":false,"disable_correlation":false%s}`,
			len(out), 10+len(out), typ, v, len(out)%60, more))
	}
	add("domain", "bad.example", `,"to_ids":true,"distribution":"5","first_seen":"2023-01-01T00:00:00.000000+00:00","last_seen":"2023-02-01T00:00:00.000000+00:00",
	 "Tag":[{"name":"tlp:amber+strict"}],"Galaxy":[],"ShadowAttribute":[{"uuid":"cccccccc-0000-4000-8000-000000000401","value":"worse.example","type":"domain","data":null}],
	 "Sighting":[{"id":"1","uuid":"cccccccc-0000-4000-8000-000000000960","type":"0","date_sighting":"1700000300","source":"sensor","org_id":"1","Organisation":{"name":"CERT Other","uuid":"cccccccc-0000-4000-8000-000000000004"}},
	  {"uuid":"cccccccc-0000-4000-8000-000000000961","type":"1","date_sighting":"1700000400","source":""},{"uuid":"cccccccc-0000-4000-8000-000000000962","type":"2","date_sighting":"1800000000"}],
	 "Note":[{"uuid":"cccccccc-0000-4000-8000-000000000963","note":"n","authors":"a","Opinion":[{"uuid":"cccccccc-0000-4000-8000-000000000964","opinion":"90","comment":"yes","authors":"bob","Note":[{"uuid":"cccccccc-0000-4000-8000-000000000965","note":"deep","authors":""}]}]}],
	 "Relationship":[{"uuid":"cccccccc-0000-4000-8000-000000000966","relationship_type":"related-to","related_object_uuid":"cccccccc-0000-4000-8000-000000000011","related_object_type":"Attribute"},
	  {"uuid":"cccccccc-0000-4000-8000-000000000967","relationship_type":"related-to","related_object_uuid":"ffffffff-0000-4000-8000-000000000011","related_object_type":"Attribute"}]`)
	for i, d := range []string{"1", "2", "3", "4", "5"} {
		sg := ""
		if d == "4" {
			sg = `,"sharing_group_id":"8","SharingGroup":{"uuid":"cccccccc-0000-4000-8000-000000000778","name":"Closer"}`
		}
		add("domain", fmt.Sprintf("d%d.example", i), `,"to_ids":`+[]string{"true", "false", "1", `"0"`, "0"}[i]+`,"distribution":`+[]string{`"1"`, `2`, `"3"`, `"4"`, `"5"`}[i]+sg)
	}
	for _, v := range [][2]string{
		{"ip-src", "198.51.100.7"},
		{"ip-dst", "2001:db8::1"},
		{"ip-dst|port", "198.51.100.7|443"},
		{"ip-src|port", "2001:db8::1|80"},
		{"hostname|port", "c2.example|8080"},
		{"domain|ip", "bad.example|198.51.100.7"},
		{"filename|md5", "x|d41d8cd98f00b204e9800998ecf8427e"},
		{"filename|sha256", "x|" + strings.Repeat("AB", 32)},
		{"regkey|value", `HKLM\Software\X|a|b`},
		{"regkey", `HKCU\X`},
		{"url", "hxxp://bad[.]example/'"},
		{"email-src", "A@Bad.example"},
		{"email-subject", "Re: ü"},
		{"mutex", `Global\m`},
		{"AS", "AS64500"},
		{"btc", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"},
		{"vulnerability", "CVE-2023-0001"},
		{"threat-actor", " Example Bear "},
		{"campaign-name", "Op"},
		{"malware-type", "Loader"},
		{"yara", "rule x {\n condition: true }"},
		{"sigma", "title: x"},
		{"snort", "alert tcp"},
		{"stix2-pattern", "[ipv4-addr:value = '198.51.100.9']"},
		{"stix2-pattern", "[broken"},
		{"link", "https://example.org/"},
		{"comment", "line\nline"},
		{"datetime", "2023-01-01T00:00:00Z"},
		{"never-heard-of", "x|y|z"},
		{"ip-dst", "not an address"},
		{"hex", "00ff"},
		{"sha512/256", strings.Repeat("ab", 32)},
	} {
		for _, ids := range []string{"true", "false"} {
			add(v[0], v[1], `,"to_ids":`+ids+`,"distribution":"5"`)
		}
	}
	add("text", "gone", `,"to_ids":false,"distribution":"5","deleted":true`)
	return strings.Join(out, ",\n")
}

// sorted puts lists of records into the order of their uuids: MISP has none.
func sorted(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = sorted(v[k])
		}
	case []any:
		for i := range v {
			v[i] = sorted(v[i])
		}
		slices.SortStableFunc(v, func(a, b any) int {
			x, _ := a.(map[string]any)
			y, _ := b.(map[string]any)
			return strings.Compare(fmt.Sprint(x["uuid"]), fmt.Sprint(y["uuid"]))
		})
	}
	return v
}

func eventsOf(t *testing.T, doc []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatal(err)
	}
	return sorted(v)
}

// TestNothingIsLostOnTheWayThroughMISP: field by field, an event leaves as it came, and again after another way round.
func TestNothingIsLostOnTheWayThroughMISP(t *testing.T) {
	in := fmt.Appendf(nil, everything, attributes())
	want := eventsOf(t, fmt.Appendf(nil, `{"response":[%s]}`, in))
	doc := in
	for round := range 2 {
		db := open(t)
		load(t, db, "event.json", bytes.NewReader(doc))
		var out bytes.Buffer
		sum, err := export.MISP(t.Context(), &out, reader(t, db, stix.AmberStrict, store.Knowledge), store.Query{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, eventsOf(t, out.Bytes())); diff != "" {
			t.Fatalf("round %d (-came +left):\n%s\n%+v", round, diff, sum)
		}
		doc = out.Bytes()
	}
}

// TestArtifactsOfOthersLeaveAsAttachments: an artifact that MISP does not know yet is an attachment there.
func TestArtifactsOfOthersLeaveAsAttachments(t *testing.T) {
	db := open(t)
	load(t, db, "b.json", strings.NewReader(`{"type":"bundle","id":"bundle--aaaaaaaa-0000-4000-8000-000000000000","objects":[
	 {"type":"artifact","spec_version":"2.1","id":"artifact--aaaaaaaa-0000-5000-8000-000000000001","payload_bin":"JVBERi0xLjQK","object_marking_refs":["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"]}]}`))
	var out bytes.Buffer
	if _, err := export.MISP(t.Context(), &out, reader(t, db, stix.Clear, store.Knowledge), store.Query{}); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); !strings.Contains(s, `"data":"JVBERi0xLjQK"`) || !strings.Contains(s, `"type":"attachment"`) {
		t.Error(s)
	}
	other := open(t)
	load(t, other, "misp.json", &out)
	n, err := other.View(store.Owner()).Count(t.Context(), store.Query{Types: []string{"artifact"}})
	if err != nil || n != 1 {
		t.Errorf("%d artifacts, %v", n, err)
	}
}
