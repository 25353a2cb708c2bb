package stix_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/claim"
	"marque/stix"
)

const toolID = "tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"

func parse(t testing.TB, raw string) *stix.Object {
	t.Helper()
	o, err := stix.Parse([]byte(raw))
	if err != nil {
		t.Fatalf("%.200s: %v", raw, err)
	}
	return o
}

func tool(props string) string { return `{"type":"tool","id":"` + toolID + `"` + props + `}` }

func TestParse(t *testing.T) {
	deep := func(n int) string {
		return tool(`,"x":` + strings.Repeat("[", n) + strings.Repeat("]", n))
	}
	for name, c := range map[string]struct {
		raw  string
		want error
	}{
		"least":                {tool(""), nil},
		"spaces around":        {" \n" + tool("") + "\t", nil},
		"unknown":              {tool(`,"x_custom":{"a":[1,2.50,null]},"naïve":true`), nil},
		"custom type":          {`{"type":"x-thing","id":"x-thing--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"}`, nil},
		"depth at the limit":   {deep(stix.MaxDepth - 1), nil},
		"depth over it":        {deep(stix.MaxDepth), stix.ErrTooLarge},
		"brackets in a string": {tool(`,"x":"` + strings.Repeat(`[{\"`, 500) + `"`), nil},
		"hostile depth":        {strings.Repeat(`{"a":`, 1<<20), stix.ErrTooLarge},
		"empty":                {"", stix.ErrSyntax},
		"null":                 {"null", stix.ErrNotObject},
		"list":                 {"[]", stix.ErrNotObject},
		"number":               {"17", stix.ErrNotObject},
		"truncated":            {tool("")[:30], stix.ErrSyntax},
		"twice":                {tool("") + tool(""), stix.ErrSyntax},
		"duplicate name":       {tool(`,"name":"a","name":"b"`), stix.ErrSyntax},
		"duplicate, deep":      {tool(`,"x":{"a":1,"a":2}`), stix.ErrSyntax},
		"duplicate, escaped":   {tool(`,"name":"a","\u006eame":"b"`), stix.ErrSyntax},
		"not UTF-8":            {tool(",\"name\":\"\xff\""), stix.ErrSyntax},
		"lone surrogate":       {tool(`,"x":"\ud800"`), stix.ErrSyntax},
		"NaN":                  {tool(`,"x":NaN`), stix.ErrSyntax},
		"no type":              {`{"id":"` + toolID + `"}`, stix.ErrNotObject},
		"no id":                {`{"type":"tool"}`, stix.ErrNotObject},
		"id of another type":   {`{"type":"malware","id":"` + toolID + `"}`, stix.ErrNotObject},
		"bad id":               {`{"type":"tool","id":"tool--1"}`, stix.ErrNotObject},
		"type is a number":     {`{"type":1,"id":"` + toolID + `"}`, stix.ErrNotObject},
		"name is a list":       {tool(`,"name":[]`), stix.ErrNotObject},
		"time is no time":      {tool(`,"modified":"yesterday"`), stix.ErrNotObject},
	} {
		o, err := stix.Parse([]byte(c.raw))
		if c.want == nil {
			if err != nil || string(o.Raw()) != strings.TrimSpace(c.raw) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.Is(err, c.want) || len(err.Error()) > 1000 {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	big := make([]byte, stix.MaxObjectBytes+1)
	if _, err := stix.Parse(big); !errors.Is(err, stix.ErrTooLarge) {
		t.Errorf("an object over the limit: %v", err)
	}
}

func TestHead(t *testing.T) {
	o := parse(t, `{"type":"relationship","spec_version":"2.1","id":"relationship--57b56a43-b8b0-4cba-9deb-34e3e1faed9e",
		"created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"2016-08-08T15:50:10.983Z",
		"modified":"2016-08-08T15:50:10.9830Z","revoked":true,"confidence":0,"relationship_type":"uses",
		"source_ref":"campaign--6320584e-3ef0-4a72-aaf8-0a49fa1d477c","target_ref":"`+toolID+`"}`)
	zero := 0
	created, _ := stix.ParseTimestamp("2016-08-08T15:50:10.983Z")
	modified, _ := stix.ParseTimestamp("2016-08-08T15:50:10.9830Z")
	want := stix.Head{
		Type: "relationship", SpecVersion: "2.1", ID: "relationship--57b56a43-b8b0-4cba-9deb-34e3e1faed9e",
		CreatedByRef: "identity--f431f809-377b-45e0-aa1c-6a4751cae5ff", Created: created, Modified: modified, Revoked: true,
		Confidence: &zero, RelationshipType: "uses", SourceRef: "campaign--6320584e-3ef0-4a72-aaf8-0a49fa1d477c", TargetRef: toolID,
	}
	if d := cmp.Diff(want, o.Head, cmp.Comparer(func(a, b stix.Timestamp) bool { return a == b })); d != "" {
		t.Errorf("head (-want +got):\n%s", d)
	}
	if o.Version() != modified {
		t.Errorf("version %v, want modified", o.Version())
	}
	if v := parse(t, tool(`,"created":"2016-08-08T15:50:10.983Z"`)).Version(); v != created {
		t.Errorf("version %v without modified, want created", v)
	}
	if !parse(t, tool("")).Version().IsZero() {
		t.Error("an object without times has a version")
	}
}

// TestHeadOfOwnTypes: an own type may define the properties that Head reads in its own way; the types of the specification may not.
func TestHeadOfOwnTypes(t *testing.T) {
	const id = "x-acme--57b56a43-b8b0-4cba-9deb-34e3e1faed9e"
	own := func(rest string) string { return `{"type":"x-acme","id":"` + id + `"` + rest + `}` }
	o := parse(t, own(`,"name":{"first":"a"},"source_ref":["a"],"target_ref":"tool--`+id[8:]+`","relationship_type":5,"sighting_of_ref":null,"confidence":7`))
	if o.Name != "" || o.SourceRef != "" || o.RelationshipType != "" || o.TargetRef != stix.ID("tool--"+id[8:]) || o.Confidence == nil || *o.Confidence != 7 {
		t.Errorf("head %+v", o.Head)
	}
	for _, bad := range []string{own(`,"created":5`), own(`,"revoked":"no"`), own(`,"name":[],"confidence":"high"`), own(`,"granular_markings":{}`)} {
		if _, err := stix.Parse([]byte(bad)); !errors.Is(err, stix.ErrNotObject) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// TestIntegers: 50.0 and 5e1 are the integer 50.
func TestIntegers(t *testing.T) {
	for text, want := range map[string]int{"50": 50, "50.0": 50, "5e1": 50, "5.0E+1": 50, "-0": 0} {
		o := parse(t, tool(`,"confidence":`+text))
		var view stix.Tool
		if err := o.Decode(&view); err != nil || view.Confidence == nil || *view.Confidence != want || *o.Confidence != want {
			t.Errorf("%s: %v, %v", text, o.Confidence, err)
		}
	}
	for _, bad := range []string{"50.5", "1e400", `"50"`, "true", "[50]", "1e17"} {
		if _, err := stix.Parse([]byte(tool(`,"confidence":` + bad))); !errors.Is(err, stix.ErrNotObject) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// TestCanonical holds the examples of RFC 8785, sections 3.2.2 and 3.2.3, inside an object.
func TestCanonical(t *testing.T) {
	o := parse(t, `{"x":{"numbers":[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
		"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null, true, false]},
		"y":{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
		"\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"},
		"type":"tool","id":"`+toolID+`"}`)
	want := `{"id":"` + toolID + `","type":"tool","x":{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
		`"string":"€$\u000f\nA'B\"\\\\\"/"},"y":{"\r":"Carriage Return","1":"One","` + "\u0080" + `":"Control","ö":"Latin Small Letter O With Diaeresis",` +
		`"€":"Euro Sign","😀":"Emoji: Grinning Face","` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}}`
	before := string(o.Raw())
	got, err := o.Canonical()
	if err != nil || string(got) != want {
		t.Errorf("canonical form\n%s\nwant\n%s\n%v", got, want, err)
	}
	if string(o.Raw()) != before {
		t.Error("the canonical form changed the object")
	}
	a, err := parse(t, tool(`,"a":1,"b":[]`)).Digest()
	if err != nil || len(a) != 64 {
		t.Errorf("digest %q, %v", a, err)
	}
	b, _ := parse(t, `{ "b" : [ ],"id":"`+toolID+`", "a":1.0, "\u0074ype":"tool"}`).Digest()
	c, _ := parse(t, tool(`,"a":2,"b":[]`)).Digest()
	if a != b || a == c {
		t.Errorf("digests %s %s %s: want the first two equal, the third not", a, b, c)
	}
}

func TestWith(t *testing.T) {
	const raw = `{"z":1.50,"type":"tool","id":"` + toolID + `","name":"a","extensions":{"x":{"y":null}},"modified":"2024-01-01T00:00:00Z"}`
	o := parse(t, raw)
	later, _ := stix.ParseTimestamp("2024-02-01T00:00:00.000Z")
	for name, c := range map[string]struct {
		changes map[string]any
		want    string
	}{
		"nothing": {nil, raw},
		"set":     {map[string]any{"name": "b"}, strings.Replace(raw, `"a"`, `"b"`, 1)},
		"remove":  {map[string]any{"name": nil, "absent": nil}, strings.Replace(raw, `"name":"a",`, "", 1)},
		"add":     {map[string]any{"y": []int{1}, "b": true}, strings.TrimSuffix(raw, "}") + `,"b":true,"y":[1]}`},
		"types":   {map[string]any{"modified": later}, strings.Replace(raw, "2024-01-01T00:00:00Z", "2024-02-01T00:00:00.000Z", 1)},
		"all at once": {
			map[string]any{"z": nil, "name": `"quoted"`, "new": map[string]int{"b": 1, "a": 2}},
			strings.TrimSuffix(strings.Replace(strings.Replace(raw, `"z":1.50,`, "", 1), `"a"`, `"\"quoted\""`, 1), "}") + `,"new":{"a":2,"b":1}}`,
		},
	} {
		n := len(c.changes)
		got, err := o.With(c.changes)
		if err != nil || string(got.Raw()) != c.want {
			t.Errorf("%s:\n%s\nwant\n%s\n%v", name, got.Raw(), c.want, err)
		}
		if len(c.changes) != n || string(o.Raw()) != raw {
			t.Errorf("%s: the object or the changes were changed", name)
		}
	}
	for name, changes := range map[string]map[string]any{
		"no id": {"id": nil}, "foreign id": {"id": "malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"}, "no JSON": {"x": func() {}}, "bad time": {"modified": "now"},
	} {
		if got, err := o.With(changes); err == nil {
			t.Errorf("%s: made %s", name, got.Raw())
		}
	}
}

func TestNew(t *testing.T) {
	at, _ := stix.ParseTimestamp("2024-01-01T00:00:00.000Z")
	o, err := stix.New(stix.Tool{Common: stix.NewCommon(toolID, at, "identity--f431f809-377b-45e0-aa1c-6a4751cae5ff"), Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"type":"tool","spec_version":"2.1","id":"` + toolID + `","created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff",` +
		`"created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"x"}`
	if string(o.Raw()) != want {
		t.Errorf("%s, want %s", o.Raw(), want)
	}
	if out, err := json.Marshal(map[string]any{"o": o}); err != nil || string(out) != `{"o":`+want+`}` {
		t.Errorf("inside other JSON: %s, %v", out, err)
	}
	if _, err := stix.New(stix.Tool{}); !errors.Is(err, stix.ErrNotObject) {
		t.Errorf("an empty view: %v, want ErrNotObject", err)
	}
	if _, err := stix.New(make(chan int)); err == nil {
		t.Error("a channel became an object")
	}
	addr, err := stix.NewObservable("domain-name", "example.com")
	if err != nil || addr.ID != "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7" {
		t.Errorf("observable: %v, %v", addr, err)
	}
	if _, err := stix.NewObservable("process", "1"); err == nil {
		t.Error("a process is a single value")
	}
}

func TestExtensions(t *testing.T) {
	view := stix.Relationship{Common: stix.Common{Type: "relationship", ID: stix.NewID("relationship")}}
	want := claim.Claim{ExtensionType: "property-extension", ClaimID: "c1", Quote: "«so»", Stance: claim.Asserts, Count: &claim.Count{Op: ">=", N: 50}, Reliability: "A", Credibility: 2}
	if err := view.Extensions.Extend(claim.Extension, want); err != nil {
		t.Fatal(err)
	}
	if err := view.Extensions.Extend("extension-definition--00000000-0000-4000-8000-000000000000", map[string]any{"other": 1}); err != nil {
		t.Fatal(err)
	}
	o, err := stix.New(view)
	if err != nil {
		t.Fatal(err)
	}
	var got claim.Claim
	if ok, err := o.ExtensionOf(claim.Extension, &got); !ok || err != nil {
		t.Fatalf("%v, %v", ok, err)
	}
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b stix.Timestamp) bool { return a == b })); d != "" {
		t.Errorf("claim (-want +got):\n%s", d)
	}
	if ok, err := o.ExtensionOf(claim.MeasureExtension, &got); ok || err != nil {
		t.Errorf("an extension that is not there: %v, %v", ok, err)
	}
	odd := parse(t, tool(`,"extensions":{"`+string(claim.Extension)+`":{"quote":17}}`))
	if ok, err := odd.ExtensionOf(claim.Extension, &got); !ok || !errors.Is(err, stix.ErrNotObject) {
		t.Errorf("an extension of the wrong shape: %v, %v", ok, err)
	}
	if _, err := parse(t, tool(`,"extensions":[]`)).ExtensionOf(claim.Extension, &got); err == nil {
		t.Error("extensions that are a list were read")
	}
	if err := view.Extensions.Extend("x", make(chan int)); err == nil {
		t.Error("a channel became an extension")
	}
	props, err := o.Properties()
	if err != nil || string(props["type"]) != `"relationship"` {
		t.Errorf("properties: %v, %v", props, err)
	}
}

// TestViews decodes and encodes every view with all its properties: nothing that a view knows may change on the way.
func TestViews(t *testing.T) {
	const common = `"spec_version":"2.1","created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"2024-01-01T00:00:00.10Z",
		"modified":"2024-01-02T00:00:00Z","revoked":true,"labels":["l"],"confidence":0,"lang":"de","object_marking_refs":["` + toolID + `"],
		"external_references":[{"source_name":"s","description":"d","url":"u","hashes":{"MD5":"m"},"external_id":"e"}],
		"granular_markings":[{"marking_ref":"x","selectors":["name"]},{"lang":"fr","selectors":["name"]}],"extensions":{"e":{"n":1.50}}`
	const phases = `"kill_chain_phases":[{"kill_chain_name":"k","phase_name":"p"}]`
	const seen = `"first_seen":"2024-01-01T00:00:00Z","last_seen":"2024-01-01T00:00:00.000Z"`
	const named = `"name":"n","description":"d"`
	for typ, c := range map[string]struct {
		view  any
		props string
	}{
		"attack-pattern":   {new(stix.AttackPattern), named + `,"aliases":["a"],` + phases},
		"campaign":         {new(stix.Campaign), named + `,"aliases":["a"],"objective":"o",` + seen},
		"course-of-action": {new(stix.CourseOfAction), named},
		"identity":         {new(stix.Identity), named + `,"roles":["r"],"identity_class":"c","sectors":["s"],"contact_information":"i"`},
		"incident":         {new(stix.Incident), named},
		"indicator": {new(stix.Indicator), named + `,"indicator_types":["t"],"pattern":"[a:b='c']","pattern_type":"stix","pattern_version":"2.1",
			"valid_from":"2024-01-01T00:00:00Z","valid_until":"2024-01-01T00:00:00Z",` + phases},
		"infrastructure": {new(stix.Infrastructure), named + `,"infrastructure_types":["t"],"aliases":["a"],` + seen},
		"intrusion-set": {new(stix.IntrusionSet), named + `,"aliases":["a"],"goals":["g"],"resource_level":"r","primary_motivation":"p",
			"secondary_motivations":["s"],` + seen},
		"location":      {new(stix.Location), named + `,"latitude":0,"longitude":-1.5,"region":"r","country":"DE"`},
		"malware":       {new(stix.Malware), named + `,"malware_types":["t"],"is_family":false,"aliases":["a"],` + phases},
		"note":          {new(stix.Note), `"abstract":"a","content":"c","authors":["a"],"object_refs":["` + toolID + `"]`},
		"opinion":       {new(stix.Opinion), `"explanation":"e","authors":["a"],"opinion":"neutral","object_refs":["` + toolID + `"]`},
		"report":        {new(stix.Report), named + `,"report_types":["t"],"published":"2024-01-01T00:00:00Z","object_refs":["` + toolID + `"]`},
		"threat-actor":  {new(stix.ThreatActor), named + `,"threat_actor_types":["t"],"aliases":["a"],"roles":["r"],"goals":["g"],"sophistication":"s","resource_level":"r","primary_motivation":"p","secondary_motivations":["s"],` + seen},
		"tool":          {new(stix.Tool), named + `,"tool_types":["t"],"aliases":["a"]`},
		"vulnerability": {new(stix.Vulnerability), named},
		"relationship": {new(stix.Relationship), `"relationship_type":"uses","description":"d","source_ref":"` + toolID + `","target_ref":"` + toolID + `",
			"start_time":"2024-01-01T00:00:00Z","stop_time":"2024-01-01T00:00:00Z"`},
		"sighting": {new(stix.Sighting), `"description":"d","count":0,"sighting_of_ref":"` + toolID + `","observed_data_refs":["x"],
			"where_sighted_refs":["y"],"summary":true,` + seen},
		"domain-name": {new(stix.Observable), `"value":"v"`},
	} {
		raw := fmt.Sprintf(`{"type":%q,"id":"%s--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",%s,%s}`, typ, typ, common, c.props)
		o := parse(t, raw)
		if err := o.Decode(c.view); err != nil {
			t.Errorf("%s: %v", typ, err)
			continue
		}
		back, err := stix.New(c.view)
		if err != nil {
			t.Errorf("%s: %v", typ, err)
			continue
		}
		want, _ := o.Canonical()
		got, _ := back.Canonical()
		if d := cmp.Diff(string(want), string(got)); d != "" {
			t.Errorf("%s (-want +got):\n%s", typ, d)
		}
	}
	if err := parse(t, tool(`,"aliases":"a"`)).Decode(new(stix.Tool)); !errors.Is(err, stix.ErrNotObject) {
		t.Errorf("a view of the wrong shape: %v, want ErrNotObject", err)
	}
}
