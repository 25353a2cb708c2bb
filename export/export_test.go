package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/export"
	"marque/ingest"
	"marque/ingest/formats"
	"marque/ingest/indicators"
	"marque/ingest/ingesttest"
	mispin "marque/ingest/misp"
	"marque/misp"
	"marque/stix"
	"marque/stix/validate"
	"marque/store"
	"marque/store/sqlite"
)

func open(t testing.TB) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func load(t testing.TB, db *sqlite.DB, name string, in io.Reader) ingest.Result {
	t.Helper()
	res, err := ingest.New(db, formats.Default(formats.Config{}), ingest.Config{}).Stream(t.Context(), name, in)
	if err != nil || res.Rejected > 0 {
		t.Fatalf("%+v, %v", res, err)
	}
	return res
}

func reader(t testing.TB, db export.Store, level stix.TLP, use store.Use) *export.Reader {
	t.Helper()
	r, err := export.Open(db, store.View{MaxTLP: level}, use)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRedNeverLeaves(t *testing.T) {
	if _, err := export.Open(open(t), store.Owner(), store.Knowledge); !errors.Is(err, export.ErrRed) {
		t.Errorf("%v", err)
	}
}

// odd are objects whose form a careless tool changes.
const odd = `{"type":"bundle","id":"bundle--aaaaaaaa-0000-4000-8000-000000000000","objects":[
{"type":"identity","spec_version":"2.1","id":"identity--aaaaaaaa-0000-4000-8000-000000000001","created":"2020-01-01T00:00:00.1Z","modified":"2020-01-01T00:00:00.123456789Z","name":"Ünïcödé 🏴‍☠️ \u202e","x_zeta":1e2,"x_alpha":[{"b":1.0,"a":null}],"x_big":12345678901234567890},
{"type":"tool","spec_version":"2.1","id":"tool--aaaaaaaa-0000-4000-8000-000000000002","created_by_ref":"identity--aaaaaaaa-0000-4000-8000-000000000001","created":"2020-01-01T00:00:00Z","modified":"2020-01-01T00:00:01.50Z","name":"\u0041\/b","extensions":{"extension-definition--aaaaaaaa-0000-4000-8000-000000000003":{"extension_type":"property-extension","deep":{"er":[1,[2,[3]]]}}},"object_marking_refs":["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"]},
{"type":"extension-definition","spec_version":"2.1","id":"extension-definition--aaaaaaaa-0000-4000-8000-000000000003","created_by_ref":"identity--aaaaaaaa-0000-4000-8000-000000000001","created":"2020-01-01T00:00:00.000Z","modified":"2020-01-01T00:00:00.000Z","name":"Own","schema":"https://example.org","version":"1.0","extension_types":["property-extension"]},
{"type":"x-own-type","spec_version":"2.1","id":"x-own-type--aaaaaaaa-0000-4000-8000-000000000004","created":"2020-01-01T00:00:00.000Z","modified":"2020-01-01T00:00:00.000Z","lang":"fr"},
{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--aaaaaaaa-0000-4000-8000-000000000005","value":"198.51.100.7","defanged":true}]}`

// TestWhatComesInGoesOut: every object leaves equal under JCS, through SQLite.
func TestWhatComesInGoesOut(t *testing.T) {
	t.Run("odd", func(t *testing.T) { lossless(t, strings.NewReader(odd)) })
	t.Run("attack", func(t *testing.T) {
		files, _ := filepath.Glob(filepath.Join(ingesttest.Data(t, "attack"), "*.json.gz"))
		if len(files) == 0 {
			t.Fatal("no ATT&CK in MARQUE_DATA")
		}
		f, err := os.Open(files[0])
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lossless(t, f)
	})
}

func lossless(t *testing.T, in io.Reader) {
	t.Helper()
	first, second := open(t), open(t)
	load(t, first, "in.json", in)
	var out bytes.Buffer
	sum, err := export.Bundle(t.Context(), &out, reader(t, first, stix.AmberStrict, store.Knowledge), store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	load(t, second, "out.json", &out)
	n := 0
	there := second.View(store.Owner())
	for rec, err := range first.View(store.Owner()).Find(t.Context(), store.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		back, err := there.Get(t.Context(), rec.ID)
		if err != nil {
			t.Fatal(err)
		}
		a, _ := rec.Canonical()
		b, _ := back.Canonical()
		if !bytes.Equal(a, b) {
			t.Errorf("%s\n%s became\n%s", rec.ID, a, b)
		}
	}
	if sum.Written < n {
		t.Errorf("%d of %d objects were written", sum.Written, n)
	}
}

func TestBundleCarriesItsDefinitions(t *testing.T) {
	db := open(t)
	load(t, db, "event.json", strings.NewReader(event))
	var out bytes.Buffer
	if _, err := export.Bundle(t.Context(), &out, reader(t, db, stix.AmberStrict, store.Knowledge), store.Query{Types: []string{"indicator"}}); err != nil {
		t.Fatal(err)
	}
	var types []string
	err := stix.ReadBundle(bytes.NewReader(out.Bytes()), func(o *stix.Object) error {
		types = append(types, o.Type)
		return nil
	}, func(b *stix.BadObjectError) error { return b })
	want := []string{"extension-definition", "identity", "identity", "indicator", "marking-definition"}
	if err != nil || !cmp.Equal(want, compact(types)) {
		t.Errorf("%v, %v", types, err)
	}
	sum, err := validate.Bundle(bytes.NewReader(out.Bytes()), validate.Options{Resolve: true}, func(f validate.Finding) {
		if f.Severity == validate.Error {
			t.Errorf("%v", f)
		}
	})
	if err != nil || !sum.Valid() {
		t.Errorf("%+v, %v", sum, err)
	}
}

func compact(types []string) []string {
	slices.Sort(types)
	out := slices.Compact(types)
	if len(out) > 1 && slices.Contains(out, "identity") { // the creator, and Marque who defines the extension
		i := slices.Index(out, "identity")
		out = slices.Insert(out, i, "identity")
	}
	return out
}

const event = `{"Event":{"uuid":"bbbbbbbb-0000-4000-8000-000000000001","info":"A small event","date":"2023-11-14","timestamp":"1700000000","publish_timestamp":"1700000200",
 "published":true,"threat_level_id":"2","analysis":"2","distribution":"3","extends_uuid":"","first_seen":null,
 "Orgc":{"id":"7","name":"CERT Example","uuid":"bbbbbbbb-0000-4000-8000-000000000002"},
 "Tag":[{"name":"tlp:green","colour":"#33FF00"},{"name":"admiralty-scale:information-credibility=\"2\""}],
 "Galaxy":[{"type":"threat-actor","name":"Threat Actor","GalaxyCluster":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000040","value":"Example Bear","tag_name":"misp-galaxy:threat-actor=\"Example Bear\"","meta":{"synonyms":["APT-X"]},"default":true}]}],
 "Attribute":[
  {"uuid":"bbbbbbbb-0000-4000-8000-000000000010","type":"domain","category":"Network activity","value":"bad.example","to_ids":true,"timestamp":"1700000100","distribution":"5","comment":"c2","own-field":{"kept":[1,null]},
   "Sighting":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000060","type":"0","date_sighting":"1700000300","source":"sensor"},{"uuid":"bbbbbbbb-0000-4000-8000-000000000061","type":"1","date_sighting":"1700000400"}],
   "Note":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000050","note":"Seen twice","authors":"ann","distribution":"5","Opinion":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000051","opinion":"90","distribution":"5"}]}]},
  {"uuid":"bbbbbbbb-0000-4000-8000-000000000011","type":"ip-dst|port","category":"Network activity","value":"198.51.100.7|443","to_ids":false,"timestamp":"1700000100","distribution":"2"},
  {"uuid":"bbbbbbbb-0000-4000-8000-000000000012","type":"text","category":"Other","value":"gone","deleted":true,"timestamp":"1700000100"},
  {"uuid":"bbbbbbbb-0000-4000-8000-000000000013","type":"sha256","category":"Payload delivery","value":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","to_ids":true,"timestamp":"1700000100","Tag":[{"name":"PAP:RED"}]}],
 "Object":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000030","name":"file","meta-category":"file","template_uuid":"688c46fb-5edb-40a3-8273-1af7923e2215","template_version":"24","timestamp":"1700000100","distribution":"5",
  "Attribute":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000031","type":"filename","category":"Payload delivery","object_relation":"filename","value":"x.exe","timestamp":"1700000100"}],
  "ObjectReference":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000033","referenced_uuid":"bbbbbbbb-0000-4000-8000-000000000010","relationship_type":"connects-to","timestamp":"1700000100"}]}],
 "EventReport":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000035","name":"What happened","content":"# Text","timestamp":"1700000100","distribution":"5"}]}}`

// TestMISPGivesBackWhatCameIn: an event leaves as it came.
func TestMISPGivesBackWhatCameIn(t *testing.T) {
	db := open(t)
	event := strings.ReplaceAll(event, "PAP:RED", "PAP:AMBER") // what PAP:RED changes has a test of its own
	load(t, db, "event.json", strings.NewReader(event))
	var out bytes.Buffer
	sum, err := export.MISP(t.Context(), &out, reader(t, db, stix.AmberStrict, store.Knowledge), store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Response []any }
	var want any
	if err := json.Unmarshal([]byte(event), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got.Response) != 1 {
		t.Fatalf("%v, %d events\n%s", err, len(got.Response), out.Bytes())
	}
	if diff := cmp.Diff(want, got.Response[0]); diff != "" {
		t.Errorf("%s\n%+v", diff, sum)
	}
}

// TestPAPRedIsNotForDetection: it leaves as knowledge, marked, and no longer to_ids; it does not leave as an indicator.
// TestEveryEventHasAnOrganisation: readers of MISP's format want one, also of events that Marque makes.
func TestEveryEventHasAnOrganisation(t *testing.T) {
	db := open(t)
	load(t, db, "a.json", strings.NewReader(`{"type":"bundle","id":"bundle--0f1e8c6a-2f27-4b2b-9d0e-3a1a5a0d4a12","objects":[
{"type":"indicator","spec_version":"2.1","id":"indicator--5b8a1b0e-61a7-4b7b-8a55-0b7c8e7e1a31","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","pattern":"[domain-name:value = 'a.example']","pattern_type":"stix","valid_from":"2024-01-01T00:00:00Z"},
{"type":"report","spec_version":"2.1","id":"report--5b8a1b0e-61a7-4b7b-8a55-0b7c8e7e1a32","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"r","published":"2024-01-01T00:00:00Z","object_refs":["indicator--5b8a1b0e-61a7-4b7b-8a55-0b7c8e7e1a31"]}]}`))
	var out bytes.Buffer
	if _, err := export.MISP(t.Context(), &out, reader(t, db, stix.Clear, store.Knowledge), store.Query{}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), `"Orgc":{"name":`); n == 0 || n != strings.Count(out.String(), `"Event":{`) {
		t.Errorf("%d organisations: %s", n, &out)
	}
}

// TestAllVersions: on demand every version leaves, with each definition once.
func TestAllVersions(t *testing.T) {
	db := open(t)
	version := func(modified, name string) string {
		return `{"type":"malware","spec_version":"2.1","id":"malware--2c1f9f0e-53c3-4a63-9a5d-6a0d9d6f0c02","created":"2024-05-01T00:00:00.000Z","modified":"` + modified + `","name":"` + name + `","is_family":true,
"created_by_ref":"identity--2c1f9f0e-53c3-4a63-9a5d-6a0d9d6f0c03","object_marking_refs":["` + string(stix.Clear.MarkingID()) + `"]}`
	}
	creator := func(modified string) string {
		return `{"type":"identity","spec_version":"2.1","id":"identity--2c1f9f0e-53c3-4a63-9a5d-6a0d9d6f0c03","created":"2024-05-01T00:00:00.000Z","modified":"` + modified + `","name":"Org"}`
	}
	load(t, db, "a.json", strings.NewReader(`{"type":"bundle","id":"bundle--2c1f9f0e-53c3-4a63-9a5d-6a0d9d6f0c01","objects":[`+
		strings.Join([]string{version("2024-05-01T00:00:00.000Z", "first"), creator("2024-05-01T00:00:00.000Z"), version("2024-06-01T00:00:00.000Z", "second"), creator("2024-06-01T00:00:00.000Z")}, ",")+`]}`))
	for all, want := range map[bool][]int{false: {0, 1, 1, 1}, true: {1, 1, 2, 1}} {
		var out bytes.Buffer
		if _, err := export.Bundle(t.Context(), &out, reader(t, db, stix.Clear, store.Knowledge), store.Query{AllVersions: all}); err != nil {
			t.Fatal(err)
		}
		for i, text := range []string{`"name":"first"`, `"name":"second"`, `"type":"identity","spec_version":"2.1","id":"identity--2c1f9f0e`, `"type":"marking-definition"`} {
			if n := strings.Count(out.String(), text); n != want[i] {
				t.Errorf("all %v: %d times %s, want %d\n%s", all, n, text, want[i], &out)
			}
		}
	}
}

func TestPAPRedIsNotForDetection(t *testing.T) {
	db := open(t)
	load(t, db, "event.json", strings.NewReader(strings.Replace(event, `"to_ids":false,"timestamp":"1700000100","distribution":"2"`, `"to_ids":true,"Tag":[{"name":"PAP:RED"}],"timestamp":"1700000100"`, 1)))
	var out bytes.Buffer
	if _, err := export.MISP(t.Context(), &out, reader(t, db, stix.Green, store.Knowledge), store.Query{}); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); !strings.Contains(s, "198.51.100.7|443") || strings.Count(s, `"to_ids":true`) != 1 {
		t.Errorf("%s", s)
	}
	for use, want := range map[store.Use]bool{store.Knowledge: true, store.Detection: false, store.Blocking: false} {
		out.Reset()
		if _, err := export.CSV(t.Context(), &out, reader(t, db, stix.Green, use), store.Query{}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), "e3b0c442"); got != want || !strings.Contains(out.String(), "bad.example") {
			t.Errorf("use %v: %s", use, out.String())
		}
	}
}

// TestMarkedStricterSinceThen: what was raised to a stricter level leaves with it.
func TestMarkedStricterSinceThen(t *testing.T) {
	db := open(t)
	load(t, db, "event.json", strings.NewReader(event))
	id := stix.ID("indicator--bbbbbbbb-0000-4000-8000-000000000010")
	rec, err := db.View(store.Owner()).Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	next, err := rec.With(map[string]any{"modified": "2024-01-01T00:00:00.000Z", "object_marking_refs": []stix.ID{stix.AmberStrict.MarkingID()}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Put(t.Context(), store.Provenance{Source: "x", Importer: "x"}, []*stix.Object{next}); err != nil {
		t.Fatal(err)
	}
	for level, want := range map[stix.TLP]bool{stix.Amber: false, stix.AmberStrict: true} {
		var out bytes.Buffer
		if _, err := export.MISP(t.Context(), &out, reader(t, db, level, store.Knowledge), store.Query{}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), "bad.example"); got != want {
			t.Errorf("up to %v: %v", level, got)
		}
		if want && !strings.Contains(out.String(), `tlp:amber+strict`) {
			t.Errorf("no tag in %s", out.String())
		}
	}
}

// TestNativeObjectsInMISP: what MISP does not know yet becomes attributes, sightings and tags.
func TestNativeObjectsInMISP(t *testing.T) {
	db := open(t)
	load(t, db, "in.json", strings.NewReader(native))
	var out bytes.Buffer
	sum, err := export.MISP(t.Context(), &out, reader(t, db, stix.AmberStrict, store.Knowledge), store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Response []struct {
			Event struct {
				Info, Distribution string
				Tag                []struct{ Name string }
				Attribute          []struct {
					Type, Value, Distribution string
					ToIDs                     bool `json:"to_ids"`
					Tag                       []struct{ Name string }
				}
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range got.Response {
		e := r.Event
		line := e.Info + " " + e.Distribution
		for _, tag := range e.Tag {
			line += " " + tag.Name
		}
		lines = append(lines, line)
		for _, a := range e.Attribute {
			line := "  " + a.Type + " " + a.Value + " " + a.Distribution
			if a.ToIDs {
				line += " to_ids"
			}
			for _, tag := range a.Tag {
				line += " " + tag.Name
			}
			lines = append(lines, line)
		}
	}
	want := []string{
		"Vendor report 1 tlp:green misp-galaxy:mitre-attack-pattern=\"Phishing - T1566\"",
		"  ip-dst 198.51.100.7 5 to_ids",
		"  ip-dst 198.51.100.8 5 to_ids",
		"  stix2-pattern [url:value LIKE 'http://%'] 0 to_ids tlp:amber",
		"Marque: objects at TLP:CLEAR 3 tlp:clear",
		"  threat-actor Example Bear 5",
		"  domain bad.example 5",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"relationship": 2}, sum.Skipped); diff != "" {
		t.Error(diff)
	}
}

const native = `{"type":"bundle","id":"bundle--cccccccc-0000-4000-8000-000000000000","objects":[
{"type":"report","spec_version":"2.1","id":"report--cccccccc-0000-4000-8000-000000000001","created":"2023-01-01T00:00:00.000Z","modified":"2023-01-01T00:00:00.000Z","name":"Vendor report","published":"2023-01-01T00:00:00Z","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
 "object_refs":["indicator--cccccccc-0000-4000-8000-000000000002","indicator--cccccccc-0000-4000-8000-000000000003","attack-pattern--cccccccc-0000-4000-8000-000000000004"]},
{"type":"indicator","spec_version":"2.1","id":"indicator--cccccccc-0000-4000-8000-000000000002","created":"2023-01-01T00:00:00.000Z","modified":"2023-01-01T00:00:00.000Z","name":"C2","pattern":"[ipv4-addr:value IN ('198.51.100.7','198.51.100.8')]","pattern_type":"stix","valid_from":"2023-01-01T00:00:00Z","indicator_types":["malicious-activity"],"confidence":80},
{"type":"indicator","spec_version":"2.1","id":"indicator--cccccccc-0000-4000-8000-000000000003","created":"2023-01-01T00:00:00.000Z","modified":"2023-01-01T00:00:00.000Z","pattern":"[url:value LIKE 'http://%']","pattern_type":"stix","valid_from":"2023-01-01T00:00:00Z","object_marking_refs":["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]},
{"type":"attack-pattern","spec_version":"2.1","id":"attack-pattern--cccccccc-0000-4000-8000-000000000004","created":"2023-01-01T00:00:00.000Z","modified":"2023-01-01T00:00:00.000Z","name":"Phishing","external_references":[{"source_name":"mitre-attack","external_id":"T1566"}]},
{"type":"threat-actor","spec_version":"2.1","id":"threat-actor--cccccccc-0000-4000-8000-000000000005","created":"2023-01-01T00:00:00.000Z","modified":"2023-01-01T00:00:00.000Z","name":"Example Bear"},
{"type":"domain-name","spec_version":"2.1","id":"domain-name--cccccccc-0000-4000-8000-000000000006","value":"bad.example"},
{"type":"relationship","spec_version":"2.1","id":"relationship--cccccccc-0000-4000-8000-000000000007","created":"2023-01-01T00:00:00.000Z","modified":"2023-01-01T00:00:00.000Z","relationship_type":"uses","source_ref":"threat-actor--cccccccc-0000-4000-8000-000000000005","target_ref":"attack-pattern--cccccccc-0000-4000-8000-000000000004","description":"mails with links"},
{"type":"relationship","spec_version":"2.1","id":"relationship--cccccccc-0000-4000-8000-000000000008","created":"2023-01-01T00:00:00.000Z","modified":"2023-01-01T00:00:00.000Z","relationship_type":"indicates","source_ref":"indicator--cccccccc-0000-4000-8000-000000000002","target_ref":"threat-actor--cccccccc-0000-4000-8000-000000000005"}]}`

// TestCSVThereAndBack: an indicator of one or more values is the same indicator after a trip through CSV, as far as columns go.
func TestCSVThereAndBack(t *testing.T) {
	first, second := open(t), open(t)
	load(t, first, "in.json", strings.NewReader(native))
	var out bytes.Buffer
	if _, err := export.CSV(t.Context(), &out, reader(t, first, stix.Amber, store.Blocking), store.Query{}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "\n"); n != 4 || !strings.HasPrefix(out.String(), strings.Join(indicators.Columns, ",")) {
		t.Errorf("%d lines in\n%s", n, out.String())
	}
	load(t, second, "i.csv", &out)
	for rec, err := range second.View(store.Owner()).Find(t.Context(), store.Query{Types: []string{"indicator"}}) {
		if err != nil {
			t.Fatal(err)
		}
		was, err := first.View(store.Owner()).Get(t.Context(), rec.ID)
		if err != nil {
			t.Fatal(err)
		}
		var a, b stix.Indicator
		if was.Decode(&a) != nil || rec.Decode(&b) != nil {
			t.Fatal("broken")
		}
		if a.Pattern != b.Pattern || a.ValidFrom != b.ValidFrom || was.Level != rec.Level || !cmp.Equal(a.Confidence, b.Confidence) || a.Name != b.Name {
			t.Errorf("%s became %s", was.Raw(), rec.Raw())
		}
	}
}

func TestNavigator(t *testing.T) {
	db := open(t)
	load(t, db, "in.json", strings.NewReader(native))
	for _, subject := range []stix.ID{"", "threat-actor--cccccccc-0000-4000-8000-000000000005"} {
		var out bytes.Buffer
		if _, err := export.Navigator(t.Context(), &out, reader(t, db, stix.Clear, store.Knowledge), export.LayerConfig{Subject: subject}); err != nil {
			t.Fatal(err)
		}
		var l struct {
			Versions   struct{ Layer string }
			Domain     string
			Techniques []struct {
				TechniqueID, Comment string
				Score                int
			}
		}
		if err := json.Unmarshal(out.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		if l.Versions.Layer != "4.5" || l.Domain != "enterprise-attack" || len(l.Techniques) != 1 || l.Techniques[0].TechniqueID != "T1566" ||
			l.Techniques[0].Score != 1 || l.Techniques[0].Comment != "Example Bear: mails with links" {
			t.Errorf("%q: %s", subject, out.Bytes())
		}
	}
	_, err := export.Navigator(t.Context(), io.Discard, reader(t, db, stix.Clear, store.Knowledge), export.LayerConfig{Subject: "threat-actor--cccccccc-0000-4000-8000-00000000000f"})
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// TestNavigatorKeepsToItsDomain: a layer of one domain of ATT&CK has no techniques of another.
func TestNavigatorKeepsToItsDomain(t *testing.T) {
	db := open(t)
	load(t, db, "in.json", strings.NewReader(strings.Replace(native, `"external_id":"T1566"}]`, `"external_id":"T1566"}],"x_mitre_domains":["mobile-attack"]`, 1)))
	for domain, want := range map[string]bool{"": false, "enterprise-attack": false, "ics-attack": false, "mobile-attack": true} {
		var out bytes.Buffer
		if _, err := export.Navigator(t.Context(), &out, reader(t, db, stix.Clear, store.Knowledge), export.LayerConfig{Domain: domain}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "T1566") != want {
			t.Errorf("%q: %s", domain, out.Bytes())
		}
	}
}

// TestFormulas: no cell of the CSV begins with what a spreadsheet computes, and reading gives back what was there.
func TestFormulas(t *testing.T) {
	first, second := open(t), open(t)
	for i, name := range []string{"=1+1", "+1", "-1", "@x", "\t=x", "\n=x", "'=x", "''", "＝1", "＠x", "plain", "-"} {
		text, _ := json.Marshal(name)
		load(t, first, "in.json", strings.NewReader(fmt.Sprintf(`{"type":"bundle","id":"bundle--aaaaaaaa-0000-4000-8000-000000000000","objects":[{"type":"indicator","spec_version":"2.1",
		 "id":"indicator--aaaaaaaa-0000-4000-8000-%012d","created":"2020-01-01T00:00:00.000Z","modified":"2020-01-01T00:00:00.000Z","name":%s,"description":%s,
		 "pattern":"[file:name = '%d']","pattern_type":"stix","valid_from":"2020-01-01T00:00:00Z"}]}`, i, text, text, i)))
	}
	var out bytes.Buffer
	if _, err := export.CSV(t.Context(), &out, reader(t, first, stix.Amber, store.Blocking), store.Query{}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(out.Bytes())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if strings.IndexAny(cell, "=+-@\t\r\n＝＋－＠") == 0 {
				t.Errorf("%q is a formula", cell)
			}
		}
	}
	load(t, second, "i.csv", &out)
	for rec, err := range first.View(store.Owner()).Find(t.Context(), store.Query{Types: []string{"indicator"}}) {
		if err != nil {
			t.Fatal(err)
		}
		back, err := second.View(store.Owner()).Get(t.Context(), rec.ID)
		if err != nil || back.Name != rec.Name {
			t.Errorf("%q became %q, %v", rec.Name, back.Name, err)
		}
	}
}

// TestFeedThereAndBack: a feed that is written can be pulled, and its hashes find the event.
func TestFeedThereAndBack(t *testing.T) {
	first, second, dir := open(t), open(t), t.TempDir()
	load(t, first, "event.json", strings.NewReader(strings.ReplaceAll(event, "PAP:RED", "PAP:AMBER")))
	create := func(name string, write func(io.Writer) error) error {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600)
	}
	if _, err := export.Feed(t.Context(), create, reader(t, first, stix.AmberStrict, store.Knowledge), store.Query{Types: []string{"report"}}); err != nil {
		t.Fatal(err)
	}
	p := ingest.New(second, formats.Default(formats.Config{}), ingest.Config{})
	res, err := mispin.Pull(t.Context(), mispin.Folder(dir), p, second.View(store.Owner()))
	if err != nil || res.Read != 1 || len(res.Failed) > 0 {
		t.Fatalf("%+v, %v", res, err)
	}
	hashes, err := os.ReadFile(filepath.Join(dir, misp.HashesFile))
	for _, value := range []string{"198.51.100.7", "x.exe"} {
		if err != nil || strings.Count(string(hashes), misp.ValueHash(value)+",") != 1 {
			t.Errorf("%s names no event for %s: %v\n%s", misp.HashesFile, value, err, hashes)
		}
	}
	a, _ := first.View(store.Owner()).Stats(t.Context())
	b, _ := second.View(store.Owner()).Stats(t.Context())
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
}
