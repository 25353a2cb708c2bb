package validate_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/stix/validate"
)

// lift returns the lifted objects by type, in order.
func lift(t *testing.T, input string) (byType map[string][]map[string]any, findings []validate.Finding) {
	t.Helper()
	objects, findings := validate.Lift([]byte(input))
	byType = map[string][]map[string]any{}
	for _, raw := range objects {
		var object map[string]any
		if err := json.Unmarshal(raw, &object); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		name, _ := object["type"].(string)
		byType[name] = append(byType[name], object)
		for _, f := range validate.Object(raw, validate.Options{}) {
			if f.Severity == validate.Error {
				t.Errorf("lifted object is not valid: %s\n%s", f, raw)
			}
		}
	}
	return byType, findings
}

const times = `"created":"2017-04-06T20:03:48.000Z","modified":"2017-04-06T20:03:48.000Z"`

func TestLiftObjects(t *testing.T) {
	tests := []struct {
		name, input string
		want        map[string]any // members that must be so; nil: absent
	}{
		{
			"indicator", `{"type":"indicator","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` + times + `,"labels":["malicious-activity","urgent"],"pattern":"[file:name = 'a']","valid_from":"2016-01-01T00:00:00Z"}`,
			map[string]any{"spec_version": "2.1", "indicator_types": []any{"malicious-activity"}, "labels": []any{"urgent"}, "pattern_type": "stix", "pattern_version": "2.0"},
		},
		{
			"indicator without valid_from", `{"type":"indicator","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` + times + `,"labels":["benign"],"pattern":"[file:name = 'a']"}`,
			map[string]any{"valid_from": "2017-04-06T20:03:48.000Z", "indicator_types": []any{"benign"}, "labels": nil},
		},
		{
			"malware", `{"type":"malware","id":"malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` + times + `,"name":"m","labels":["ransomware"]}`,
			map[string]any{"is_family": false, "malware_types": []any{"ransomware"}, "labels": nil},
		},
		{
			"threat actor", `{"type":"threat-actor","id":"threat-actor--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` + times + `,"name":"m","labels":["spy"],"x_acme":{"a":[1.50]}}`,
			map[string]any{"threat_actor_types": []any{"spy"}, "x_acme": map[string]any{"a": []any{1.5}}},
		},
		{
			"tool", `{"type":"tool","id":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` + times + `,"name":"m","labels":["mine"]}`,
			map[string]any{"tool_types": nil, "labels": []any{"mine"}},
		},
		{
			"report", `{"type":"report","id":"report--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` + times + `,"name":"m","published":"2017-04-06T20:03:48Z","labels":["campaign"],"object_refs":["tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"]}`,
			map[string]any{"report_types": []any{"campaign"}},
		},
		{
			"identity", `{"type":"identity","id":"identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` + times + `,"name":"m","identity_class":"individual","labels":["CEO"]}`,
			map[string]any{"roles": []any{"CEO"}, "labels": nil},
		},
		{
			"sighting", `{"type":"sighting","id":"sighting--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` + times + `,"sighting_of_ref":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","summary":true}`,
			map[string]any{"spec_version": "2.1", "summary": true},
		},
		{
			"fixed TLP marking", `{"type":"marking-definition","id":"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed","created":"2017-01-20T00:00:00.000Z","definition_type":"tlp","definition":{"tlp":"red"}}`,
			map[string]any{"name": "TLP:RED", "spec_version": "2.1"},
		},
		{
			"object of 2.1", `{"type":"malware","spec_version":"2.1","id":"malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` + times + `,"name":"m","is_family":true,"labels":["ransomware"]}`,
			map[string]any{"labels": []any{"ransomware"}, "malware_types": nil},
		},
		{
			"ssdeep", `{"type":"identity","id":"identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` + times + `,"name":"m","identity_class":"individual","external_references":[{"source_name":"a","external_id":"b","hashes":{"ssdeep":"96:gS:Tu"}}]}`,
			map[string]any{"external_references": []any{map[string]any{"source_name": "a", "external_id": "b", "hashes": map[string]any{"SSDEEP": "96:gS:Tu"}}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			objects, _ := lift(t, tt.input)
			for _, list := range objects {
				for name, want := range tt.want {
					if diff := cmp.Diff(want, list[0][name]); diff != "" {
						t.Errorf("%s (-want +got)\n%s", name, diff)
					}
				}
			}
			if len(objects) != 1 {
				t.Errorf("%d types of objects", len(objects))
			}
		})
	}
}

const observed20 = `{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","spec_version":"2.0","x_feed":"f","objects":[
{"type":"observed-data","id":"observed-data--b67d30ff-02ac-498a-92f9-32f845f448cf",` + times + `,"first_observed":"2015-12-21T19:00:00Z","last_observed":"2015-12-21T19:00:00Z","number_observed":2,"x_kept":1,
"objects":{
"0":{"type":"network-traffic","src_ref":"1","dst_ref":"2","protocols":["tcp","http"],"extensions":{"http-request-ext":{"request_method":"get","request_value":"/","request_header":{"Host":"a.example"}}}},
"1":{"type":"ipv4-addr","value":"198.51.100.3"},
"2":{"type":"domain-name","value":"example.com","resolves_to_refs":["1"]},
"3":{"type":"process","pid":5,"name":"x","created":"2016-01-01T00:00:00Z","binary_ref":"4"},
"4":{"type":"file","name":"a.exe","created":"2016-01-01T00:00:00Z","is_encrypted":false,"parent_directory_ref":"5","extensions":{"archive-ext":{"contains_refs":["6"]}}},
"5":{"type":"directory","path":"C:\\","contains_refs":["4"]},
"6":{"type":"file","name":"b.exe"},
"7":{"type":"email-message","is_multipart":true,"from_ref":"8","additional_header_fields":{"X-Mailer":"m"},"body_multipart":[{"content_type":"image/png","body_raw_ref":"4"}]},
"8":{"type":"email-addr","value":"a@b.example"},
"9":{"type":"user-account","user_id":"u","password_last_changed":"2016-01-01T00:00:00Z"},
"10":{"type":"windows-registry-key","key":"HKEY_USERS\\x","modified":"2016-01-01T00:00:00Z"},
"11":{"type":"ipv4-addr","value":"198.51.100.3"},
"12":{"type":"ipv4-addr","value":"198.51.100.3","x_note":"other"},
"13":{"type":"x-acme-thing","acme_val":1}
}}]}`

func TestLiftObservedData(t *testing.T) {
	objects, findings := lift(t, observed20)
	observed := objects["observed-data"][0]
	refs, _ := observed["object_refs"].([]any)
	if len(refs) != 13 || observed["objects"] != nil || observed["x_kept"] != 1.0 {
		t.Errorf("%d references, want 13 (14 observables, two of them equal): %v", len(refs), observed)
	}
	if refs[1] != "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4" {
		t.Errorf("id of the address is %v, not the deterministic one", refs[1])
	}
	traffic, process, account := objects["network-traffic"][0], objects["process"][0], objects["user-account"][0]
	file := objects["file"][slices.IndexFunc(objects["file"], func(f map[string]any) bool { return f["name"] == "a.exe" })]
	checks := []struct {
		what      string
		got, want any
	}{
		{"traffic source", traffic["src_ref"], refs[1]},
		{"process image", process["image_ref"], file["id"]},
		{"process start", process["created_time"], "2016-01-01T00:00:00Z"},
		{"process name", process["name"], "x"},
		{"file creation", file["ctime"], "2016-01-01T00:00:00Z"},
		{"file encryption", file["is_encrypted"], false},
		{"file parent", file["parent_directory_ref"], objects["directory"][0]["id"]},
		{"directory content, a circle", objects["directory"][0]["contains_refs"], []any{file["id"]}},
		{"archive content", file["extensions"].(map[string]any)["archive-ext"].(map[string]any)["contains_refs"], []any{refs[6]}},
		{"header", objects["email-message"][0]["additional_header_fields"], map[string]any{"X-Mailer": []any{"m"}}},
		{"MIME part", objects["email-message"][0]["body_multipart"].([]any)[0].(map[string]any)["body_raw_ref"], file["id"]},
		{"request header", traffic["extensions"].(map[string]any)["http-request-ext"].(map[string]any)["request_header"], map[string]any{"Host": []any{"a.example"}}},
		{"credential", account["credential_last_changed"], "2016-01-01T00:00:00Z"},
		{"registry key", objects["windows-registry-key"][0]["modified_time"], "2016-01-01T00:00:00Z"},
		{"addresses", len(objects["ipv4-addr"]), 2},
		{"custom observable", objects["x-acme-thing"][0]["acme_val"], 1.0},
	}
	for _, c := range checks {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.what, diff)
		}
	}
	if !slices.ContainsFunc(findings, func(f validate.Finding) bool { return f.Code == "lifted" && f.Path == "/x_feed" }) {
		t.Errorf("nothing tells of the bundle's own property: %v", findings)
	}
}

func TestLiftTwice(t *testing.T) {
	first, _ := validate.Lift([]byte(observed20))
	second, _ := validate.Lift([]byte(observed20))
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("lifting is not repeatable\n%s", diff)
	}
	var list []string
	for _, object := range first {
		list = append(list, string(object))
	}
	again, _ := validate.Lift([]byte("[" + strings.Join(list, ",") + "]"))
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("lifting what is lifted changes it\n%s", diff)
	}
}

func TestLiftHostile(t *testing.T) {
	for _, input := range []string{``, `5`, `[]`, `[5]`, `{"type":"bundle"}`, `{"type":"bundle","objects":5}`, `{"type":"observed-data","objects":{"0":5,"1":{"type":5}}}`, `{"type":"observed-data","objects":{"0":{"type":"file","extensions":{"archive-ext":{"contains_refs":["0"]}}}}}`} {
		validate.Lift([]byte(input))
	}
}

// TestLiftLongChain: observables that refer to the next, one after the other, and back to the first, are all lifted, and soon.
func TestLiftLongChain(t *testing.T) {
	const n = 30_000
	var b strings.Builder
	b.WriteString(`{"type":"observed-data","id":"observed-data--b67d30ff-02ac-498a-92f9-32f845f448cf","created":"2016-04-06T19:58:16.000Z","modified":"2016-04-06T19:58:16.000Z",` +
		`"first_observed":"2015-12-21T19:00:00Z","last_observed":"2015-12-21T19:00:00Z","number_observed":1,"objects":{`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"%d":{"type":"directory","path":"/%d","contains_refs":["%d"]}`, i, i, (i+1)%n)
	}
	b.WriteString(`}}`)
	objects, findings := validate.Lift([]byte(b.String()))
	if !validate.Valid(findings) || len(objects) != n+1 {
		t.Fatalf("%d objects of %d: %v", len(objects), n+1, findings[:min(len(findings), 3)])
	}
	known := map[string]bool{}
	type directory struct {
		ID       string   `json:"id"`
		Contains []string `json:"contains_refs"`
	}
	var directories []directory
	for _, raw := range objects[1:] {
		var d directory
		if err := json.Unmarshal(raw, &d); err != nil {
			t.Fatal(err)
		}
		known[d.ID] = true
		directories = append(directories, d)
	}
	for _, d := range directories {
		if len(d.Contains) != 1 || !known[d.Contains[0]] {
			t.Fatalf("%s contains %v", d.ID, d.Contains)
		}
	}
}
