package validate_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"marque/stix/validate"
)

const (
	identityJSON = `{"type":"identity","spec_version":"2.1","id":"identity--023d105b-752e-4e3c-941c-7d3f3cb15e9e","created":"2016-04-06T20:03:00.000Z","modified":"2016-04-06T20:03:00.000Z","name":"J"}`
	addressJSON  = `{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","value":"198.51.100.3"}`
	bundleHead   = `{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d"`
)

func identity(changes ...string) string {
	return strings.NewReplacer(changes...).Replace(identityJSON)
}

const (
	stamps  = `"spec_version":"2.1","created":"2016-04-06T20:03:00.000Z","modified":"2016-04-06T20:03:00.000Z"`
	variant = `{"type":"relationship","id":"relationship--023d105b-752e-4e3c-941c-7d3f3cb15e9f",` + stamps + `,"relationship_type":"variant-of","source_ref":"malware--123d105b-752e-4e3c-941c-7d3f3cb15e9e","target_ref":"malware--223d105b-752e-4e3c-941c-7d3f3cb15e9e"}`
)

func malware(digit, family string) string {
	return `{"type":"malware","id":"malware--` + digit + `23d105b-752e-4e3c-941c-7d3f3cb15e9e",` + stamps + `,"name":"m","is_family":` + family + `}`
}

func translation(modified string) string {
	return `{"type":"language-content","id":"language-content--023d105b-752e-4e3c-941c-7d3f3cb15e90",` + stamps + `,"object_ref":"identity--023d105b-752e-4e3c-941c-7d3f3cb15e9e","object_modified":"` + modified + `","contents":{"de":{"name":"H"}}}`
}

// slowFile gives one byte at a time and can be read again.
type slowFile struct{ *strings.Reader }

func (f slowFile) Read(p []byte) (int, error) { return iotest.OneByteReader(f.Reader).Read(p) }

func TestBundle(t *testing.T) {
	later := identity("modified\":\"2016", "modified\":\"2017")
	tests := []struct {
		name, input string
		opts        validate.Options
		want        []string
	}{
		{"plain", bundleHead + `,"objects":[` + identityJSON + `,` + addressJSON + `]}`, validate.Options{}, nil},
		{"without objects", bundleHead + `}`, validate.Options{}, nil},
		{"objects empty", bundleHead + `,"objects":[]}`, validate.Options{}, []string{"error list-empty /objects"}},
		{"objects an object", bundleHead + `,"objects":{}}`, validate.Options{}, []string{"error property-type /objects"}},
		{"id missing", `{"type":"bundle","objects":[` + identityJSON + `]}`, validate.Options{}, []string{"error property-required"}},
		{"id of another type", `{"type":"bundle","id":"identity--5d0092c5-5f74-4287-9642-33f4c354e56d"}`, validate.Options{}, []string{"error identifier-type /id"}},
		{"id version 1", `{"type":"bundle","id":"bundle--5d0092c5-5f74-1287-9642-33f4c354e56d"}`, validate.Options{}, []string{"warning identifier-version /id"}},
		{"type missing", `{"id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[` + identityJSON + `]}`, validate.Options{}, []string{"error property-required"}},
		{"spec_version of 2.1", bundleHead + `,"spec_version":"2.1"}`, validate.Options{}, []string{"warning spec-version /spec_version"}},
		{"own property", bundleHead + `,"x_feed":"a"}`, validate.Options{}, []string{"warning custom-property /x_feed"}},
		{"key twice", bundleHead + `,"id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d"}`, validate.Options{}, []string{"error json-duplicate-key /id"}},
		{"bundle in a bundle", bundleHead + `,"objects":[` + bundleHead + `}]}`, validate.Options{}, []string{"error bundle /objects/0"}},
		{"object is a string", bundleHead + `,"objects":["a"]}`, validate.Options{}, []string{"error property-type /objects/0"}},
		{"finding has its place", bundleHead + `,"objects":[` + addressJSON + `,` + identity(`"J"`, `5`) + `]}`, validate.Options{}, []string{"error property-type /objects/1/name"}},
		{"object twice", bundleHead + `,"objects":[` + identityJSON + `,` + identityJSON + `]}`, validate.Options{}, []string{"warning bundle-duplicate /objects/1"}},
		{"observable twice", bundleHead + `,"objects":[` + addressJSON + `,` + addressJSON + `]}`, validate.Options{}, []string{"warning bundle-duplicate /objects/1"}},
		{"two versions", bundleHead + `,"objects":[` + identityJSON + `,` + later + `]}`, validate.Options{}, nil},
		{"versions differ in created", bundleHead + `,"objects":[` + identityJSON + `,` + identity("created\":\"2016", "created\":\"2017", "modified\":\"2016", "modified\":\"2018") + `]}`, validate.Options{}, []string{"error bundle-duplicate /objects/1/created"}},
		{"version after revocation", bundleHead + `,"objects":[` + identity(`"name"`, `"revoked":true,"name"`) + `,` + later + `]}`, validate.Options{}, []string{"error bundle-duplicate /objects/1/modified"}},
		{"unresolved reference", bundleHead + `,"objects":[` + identity(`"name"`, `"created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","name"`) + `]}`, validate.Options{Resolve: true}, []string{"warning reference-unresolved /objects/0/created_by_ref"}},
		{"forward reference", bundleHead + `,"objects":[` + identity(`"name"`, `"created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","name"`) + `,` + identity("023d105b-752e-4e3c-941c-7d3f3cb15e9e", "f431f809-377b-45e0-aa1c-6a4751cae5ff") + `]}`, validate.Options{Resolve: true}, nil},
		{"fixed marking is known", bundleHead + `,"objects":[` + identity(`"name"`, `"object_marking_refs":["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"],"name"`) + `]}`, validate.Options{Resolve: true}, nil},
		{"family a variant of an instance", bundleHead + `,"objects":[` + malware("1", "true") + `,` + variant + `,` + malware("2", "false") + `]}`, validate.Options{}, []string{"error bundle-consistency /objects/1/relationship_type"}},
		{"instance a variant of a family", bundleHead + `,"objects":[` + malware("1", "false") + `,` + variant + `,` + malware("2", "true") + `]}`, validate.Options{}, nil},
		{"translation of this version", bundleHead + `,"objects":[` + translation("2016-04-06T20:03:00Z") + `,` + identityJSON + `]}`, validate.Options{}, nil},
		{"translation of a later version", bundleHead + `,"objects":[` + identityJSON + `,` + translation("2017-04-06T20:03:00.000Z") + `,` + later + `]}`, validate.Options{}, nil},
		{"translation of no version", bundleHead + `,"objects":[` + identityJSON + `,` + translation("2018-04-06T20:03:00.000Z") + `]}`, validate.Options{}, []string{"error bundle-consistency /objects/1/object_modified"}},
		{"2.0 by a member behind the objects", bundleHead + `,"objects":[` + identity(`"spec_version":"2.1",`, "") + `],"spec_version":"2.0"}`, validate.Options{}, nil},
		{"2.0 behind objects that say 2.0", bundleHead + `,"objects":[` + identity(`"2.1"`, `"2.0"`) + `],"spec_version":"2.0"}`, validate.Options{}, nil},
		{"2.0 behind objects of 2.1", bundleHead + `,"objects":[` + identityJSON + `],"spec_version":"2.0"}`, validate.Options{}, []string{"warning spec-version /spec_version"}},
		{"objects without spec_version", bundleHead + `,"objects":[` + identity(`"spec_version":"2.1",`, "") + `],"x":{"spec_version":"2.0"}}`, validate.Options{}, []string{"error property-name /x", "error property-required /objects/0", "warning custom-property /x"}},
		{"list of objects", `[` + identityJSON + `]`, validate.Options{}, []string{"warning bundle"}},
		{"single object", identityJSON, validate.Options{}, nil},
		{"strict", bundleHead + `,"x_feed":"a"}`, validate.Options{Strict: true}, []string{"error custom-property /x_feed"}},
		{"ignored", bundleHead + `,"x_feed":"a"}`, validate.Options{Ignore: []string{"custom-property"}}, nil},
		{"number", `5`, validate.Options{}, []string{"error property-type"}},
		{"nothing", ``, validate.Options{}, []string{"error json-syntax"}},
		{"cut off", bundleHead + `,"objects":[` + identityJSON, validate.Options{}, []string{"error json-syntax /objects/1"}},
		{"comma too many", bundleHead + `,"objects":[` + identityJSON + `,]}`, validate.Options{}, []string{"error json-syntax /objects/1"}},
		{"more after the end", bundleHead + `}{}`, validate.Options{}, []string{"error json-syntax"}},
		{"too large", bundleHead + `,"objects":[` + identity("J", strings.Repeat("J", 100_000)) + `]}`, validate.Options{MaxObjectBytes: 8192}, []string{"error json-size /objects/0"}},
		{"version 2.0", `{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","spec_version":"2.0","objects":[` + identity(`"spec_version":"2.1",`, ``) + `]}`, validate.Options{}, nil},
		{"version 2.0 after the objects", `{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[` + identityJSON + `],"spec_version":"2.0"}`, validate.Options{}, []string{"warning spec-version /spec_version"}},
		{"version 2.0 by option", bundleHead + `,"objects":[` + identity(`"spec_version":"2.1",`, ``) + `]}`, validate.Options{Version: "2.0"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var findings []validate.Finding
			summary, err := validate.Bundle(slowFile{strings.NewReader(tt.input)}, tt.opts, func(f validate.Finding) { findings = append(findings, f) })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, told(findings)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if summary.Errors+summary.Warnings+summary.Notes != len(findings) || summary.Valid() != validate.Valid(findings) {
				t.Errorf("summary %+v does not count the %d findings", summary, len(findings))
			}
		})
	}
}

// TestManyMembers: in an object of many properties each is found, the last of two that share a name counts, and no other is.
func TestManyMembers(t *testing.T) {
	var own, selectors strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&own, `"x_own_%d":1,`, i)
		fmt.Fprintf(&selectors, `"x_own_%d",`, i)
	}
	input := identity(`"name":"J"`, own.String()+`"name":5,"name":"J","granular_markings":[{"lang":"en","selectors":[`+selectors.String()+`"x_own_1000"]}]`)
	for name, findings := range map[string][]validate.Finding{
		"object": validate.Object([]byte(input), validate.Options{Ignore: []string{"custom-property"}}),
		"bundle": validate.Object([]byte(bundleHead+`,"objects":[`+input+`]}`), validate.Options{Ignore: []string{"custom-property"}}),
	} {
		base := map[string]string{"bundle": "/objects/0"}[name]
		want := []string{"error granular-selector " + base + "/granular_markings/0/selectors/1000", "error json-duplicate-key " + base + "/name"}
		if diff := cmp.Diff(want, told(findings)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

// TestBundleFromPipe has the version behind the objects in an input that cannot be read again.
func TestBundleFromPipe(t *testing.T) {
	input := bundleHead + `,"objects":[` + identity(`"spec_version":"2.1",`, "") + `],"spec_version":"2.0"}`
	var findings []validate.Finding
	if _, err := validate.Bundle(iotest.OneByteReader(strings.NewReader(input)), validate.Options{}, func(f validate.Finding) { findings = append(findings, f) }); err != nil {
		t.Fatal(err)
	}
	want := []string{"error property-required /objects/0", "warning spec-version /spec_version"}
	if diff := cmp.Diff(want, told(findings)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestBundleSummary(t *testing.T) {
	input := bundleHead + `,"objects":[` + identityJSON + `,` + addressJSON + `,{"type":"x-acme","id":"x-acme--5d0092c5-5f74-4287-9642-33f4c354e56d","foo_bar":1}]}`
	got, err := validate.Bundle(strings.NewReader(input), validate.Options{}, func(validate.Finding) {})
	if err != nil {
		t.Fatal(err)
	}
	want := validate.Summary{
		Version: "2.1", Objects: 3, Warnings: 1,
		Types: map[string]int{"identity": 1, "ipv4-addr": 1, "custom": 1}, Codes: map[string]int{"custom-object": 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestBundleReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	input := io.MultiReader(strings.NewReader(bundleHead+`,"objects":[`+identityJSON+`,`), iotest.ErrReader(broken))
	_, err := validate.Bundle(input, validate.Options{}, func(validate.Finding) {})
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

// TestBundleHoldsLittle feeds a bundle far larger than what may stay in memory.
func TestBundleHoldsLittle(t *testing.T) {
	const objects = 5_000
	reader, writer := io.Pipe()
	go func() {
		fmt.Fprint(writer, bundleHead+`,"objects":[`)
		text := strings.Repeat("x", 4096)
		for i := range objects {
			if i > 0 {
				fmt.Fprint(writer, ",")
			}
			fmt.Fprint(writer, identity(`"J"`, `"`+text+`"`, "7d3f3cb15e9e", fmt.Sprintf("%012x", i)))
		}
		fmt.Fprint(writer, `]}`)
		writer.Close()
	}()
	summary, err := validate.Bundle(reader, validate.Options{MaxObjectBytes: 32 << 10}, func(f validate.Finding) { t.Error(f) })
	if err != nil || summary.Objects != objects {
		t.Errorf("%d objects, error %v", summary.Objects, err)
	}
}

func TestObjectJSON(t *testing.T) {
	deep := identity(`"J"`, `"J","x_deep":`+strings.Repeat("[", 200)+strings.Repeat("]", 200))
	tests := []struct {
		name, input string
		want        []string
	}{
		{"key twice", identity(`"name"`, `"name":"K","name"`), []string{"error json-duplicate-key /name"}},
		{"nested key twice", identity(`"name"`, `"external_references":[{"source_name":"a","source_name":"b","external_id":"c"}],"name"`), []string{"error json-duplicate-key /external_references/0/source_name"}},
		{"invalid UTF-8", identity("J", "a\xffb"), []string{"error json-utf8 /name"}},
		{"lone surrogate", identity("J", `\ud800`), []string{"error json-utf8 /name"}},
		{"escaped pair", identity("J", `\ud83d\ude00`), nil},
		{"too deep", deep, []string{"error json-depth"}},
		{"trailing comma", identity(`"J"}`, `"J",}`), []string{"error json-syntax"}},
		{"single quotes", `{'type':'identity'}`, []string{"error json-syntax"}},
		{"comment", `{/* hi */}`, []string{"error json-syntax"}},
		{"NaN", identity(`"J"`, `NaN`), []string{"error json-syntax"}},
		{"empty object", `{}`, []string{"error property-required", "error property-required"}},
		{"list", `[]`, []string{"error property-type"}},
		{"null", `null`, []string{"error property-type"}},
		{"byte order mark", "\ufeff" + identityJSON, []string{"error json-syntax"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, told(validate.Object([]byte(tt.input), validate.Options{}))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestObjectPositions(t *testing.T) {
	input := "{\n  \"type\": \"identity\",\n  oops\n}"
	got := validate.Object([]byte(input), validate.Options{})
	if len(got) != 1 || got[0].Line != 3 || got[0].Column != 3 || got[0].Offset != int64(strings.Index(input, "oops")) {
		t.Errorf("findings %+v", got)
	}
	input = bundleHead + `,"objects":[` + identityJSON + `,` + identity(`"J"`, `5`, "023d105b", "123d105b") + `]}`
	got = validate.Object([]byte(input), validate.Options{})
	if len(got) != 1 || input[got[0].Offset] != '5' || got[0].ID != "identity--123d105b-752e-4e3c-941c-7d3f3cb15e9e" {
		t.Errorf("findings %+v", got)
	}
}

// TestBundlePositions compares lines and columns with what the offsets say.
func TestBundlePositions(t *testing.T) {
	objects := identityJSON + ",\n\n " + identity(`"J"`, "\n5", "023d105b", "123d105b") + ",\n" +
		identity(`"name"`, `"created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","name"`, "023d105b", "223d105b") + ",\n\n" + addressJSON
	input := "{\n \"type\":\"bundle\",\n \"id\":\"bundle--1\",\n \"objects\":[\n" + objects + "\n],\n\"x_feed\":\n1}"
	var findings []validate.Finding
	_, err := validate.Bundle(iotest.OneByteReader(strings.NewReader(input)), validate.Options{Resolve: true}, func(f validate.Finding) { findings = append(findings, f) })
	if err != nil || len(findings) != 4 {
		t.Fatalf("findings %v, error %v", findings, err)
	}
	for _, f := range findings {
		before := input[:f.Offset]
		line, column := 1+strings.Count(before, "\n"), len(before)-strings.LastIndex(before, "\n")
		if f.Line != line || f.Column != column {
			t.Errorf("%s at %d:%d, want %d:%d", f, f.Line, f.Column, line, column)
		}
	}
}

func TestObjectOptions(t *testing.T) {
	many := identity(`"J"`, `"J","labels":[`+strings.Repeat("5,", 99)+`5]`)
	got := validate.Object([]byte(many), validate.Options{MaxFindings: 10})
	if len(got) != 10 || got[9].Code != "findings-limit" {
		t.Errorf("%d findings, last %+v", len(got), got[len(got)-1])
	}
	file := `{"type":"file","id":"file--5d0092c5-5f74-4287-9642-33f4c354e56d","hashes":{"MD5":"3773a88f65a5e780c8dff9cdc3a056f3"}}`
	notes := validate.Object([]byte(file), validate.Options{Notes: true})
	if diff := cmp.Diff([]string{"note hash-sha256 /hashes", "warning identifier-version /id"}, told(notes)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
