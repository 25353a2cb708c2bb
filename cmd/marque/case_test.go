package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// object is a STIX object in the making.
type object map[string]any

var serial int

func made(typ, name string, more ...object) object {
	serial++
	o := object{
		"type": typ, "spec_version": "2.1", "id": fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", typ, serial),
		"created": "2023-01-01T00:00:00.000Z", "modified": "2023-01-01T00:00:00.000Z",
	}
	if name != "" {
		o["name"] = name
	}
	for _, m := range more {
		maps.Copy(o, m)
	}
	return o
}

func related(from any, relation string, to any, reports ...string) object {
	r := made("relationship", "", object{"relationship_type": relation, "source_ref": from, "target_ref": to})
	var refs []object
	for _, report := range reports {
		refs = append(refs, object{"source_name": report, "description": report})
	}
	if refs != nil {
		r["external_references"] = refs
	}
	return r
}

func numbered(number string) object {
	return object{"external_references": []object{{"source_name": "mitre-attack", "external_id": number}}}
}

func bundleFile(t *testing.T, name string, objects []object) string {
	t.Helper()
	raw, err := json.Marshal(object{"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000", "objects": objects})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), strings.ReplaceAll(name, " ", "-")+".json")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// program runs the program and returns what it prints.
func program(t *testing.T, args ...string) string {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if code := run(t.Context(), args, os.Stdin, out, os.Stderr); code != 0 {
		t.Fatalf("marque %s: exit %d", strings.Join(args, " "), code)
	}
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// catalogue is six groups, each with three reports on two techniques and a program of its own, and one technique of everybody.
// The last report of the first group is on the operation that is to be judged. One technique has been revoked for another.
func catalogue() (objects, features []object, group object) {
	common := made("attack-pattern", "Everybody's technique", numbered("T1000"))
	old := made("attack-pattern", "Old name", numbered("T0900"), object{"revoked": true})
	objects = append(objects, common, old)
	for n := range 6 {
		g := made("intrusion-set", fmt.Sprintf("Group %d", n))
		own := []object{
			common, made("attack-pattern", fmt.Sprintf("Technique %d", n), numbered(fmt.Sprintf("T11%02d", n))),
			made("attack-pattern", fmt.Sprintf("Sub-technique %d", n), numbered(fmt.Sprintf("T1000.%03d", n))),
			made("malware", fmt.Sprintf("Malware %d", n), numbered(fmt.Sprintf("S10%02d", n)), object{"is_family": true}),
			made("tool", fmt.Sprintf("Tool %d", n), numbered(fmt.Sprintf("S11%02d", n))),
		}
		objects = append(append(objects, g), own[1:]...)
		for _, f := range own {
			reports := []string{fmt.Sprintf("Lab %d. (2019, May 2). One.", n), fmt.Sprintf("Lab %d. (2020, May 2). Two.", n), fmt.Sprintf("Lab %d. (2021, May 2). Three.", n)}
			objects = append(objects, related(g["id"], "uses", f["id"], reports...))
		}
		if n == 0 {
			features, group = own, g
			objects = append(objects, related(old["id"], "revoked-by", own[1]["id"]))
		}
	}
	return objects, features, group
}

// foreign are another tool's objects for the same techniques and software.
func foreign(features []object, name func(object) object) []object {
	var out []object
	for _, f := range features {
		typ, _ := f["type"].(string)
		out = append(out, made(typ, "", name(f)))
	}
	return out
}

func ids(objects []object) []any {
	var out []any
	for _, o := range objects {
		out = append(out, o["id"])
	}
	return out
}

// using is an operation, or an actor that nobody has named, with what it used.
func using(subject object, features []object, more ...object) []object {
	out := append([]object{subject}, more...)
	for _, f := range features {
		out = append(out, related(subject["id"], "uses", f["id"]))
	}
	return out
}

// TestCaseShapes judges one operation given in many ways: all come out the same, and none leaks whose it is.
func TestCaseShapes(t *testing.T) {
	objects, features, group := catalogue()
	home := t.TempDir()
	program(t, "--home", home, "--quiet", "ingest", bundleFile(t, "catalogue", objects))
	number := func(f object) object { return object{"name": "x", "external_references": f["external_references"]} }
	name := func(f object) object { return object{"name": f["name"]} }
	inName := func(f object) object {
		refs, _ := f["external_references"].([]object)
		return object{"name": fmt.Sprintf("somebody's words - %s", refs[0]["external_id"])}
	}
	report := func(refs []any) object {
		return made("report", "case", object{"published": "2021-05-02T00:00:00Z", "object_refs": refs})
	}
	numbers, names, both := foreign(features, number), foreign(features, name), foreign(features, inName)
	revoked := slices.Clone(features)
	revoked[1] = objects[1]
	able := related(features[3]["id"], "uses", objects[8]["id"])
	shapes := map[string][]object{
		"actor":             using(made("intrusion-set", "unknown"), features),
		"threat actor":      using(made("threat-actor", "unknown", object{"threat_actor_types": []string{"unknown"}}), features),
		"campaign":          using(made("campaign", "case"), features),
		"with objects":      using(made("campaign", "case"), features, features...),
		"report":            {report(ids(features))},
		"report of objects": append([]object{report(ids(features))}, features...),
		"bare objects":      features,
		"incident":          append([]object{made("incident", "case")}, features...),
		"numbers":           using(made("campaign", "case"), numbers, numbers...),
		"names":             using(made("campaign", "case"), names, names...),
		"numbers in names":  append([]object{report(ids(both))}, both...),
		"revoked technique": using(made("campaign", "case"), revoked),
		"able to more":      using(made("campaign", "case"), features, able, objects[8]),
		"id of the truth":   using(made("intrusion-set", "unknown", object{"id": group["id"]}), features),
	}
	type judged struct {
		Hypotheses []struct {
			Key         string
			Probability float64
		}
		Profile struct {
			Hypotheses []struct {
				Actor, Name string
				Probability float64
			}
		}
	}
	judge := func(shape, day string) judged {
		var j judged
		text := program(t, "--home", home, "attribute", "--case", bundleFile(t, shape, shapes[shape]), "--as-of", day, "--json")
		if err := json.Unmarshal([]byte(text), &j); err != nil {
			t.Fatal(err)
		}
		return j
	}
	want := judge("actor", "2021-05-02")
	if want.Profile.Hypotheses[0].Name != "Group 0" {
		t.Fatalf("the profile's first is %s", want.Profile.Hypotheses[0].Name)
	}
	for shape := range shapes {
		if diff := cmp.Diff(want, judge(shape, "2021-05-02")); diff != "" {
			t.Errorf("%s (-actor +%s):\n%s", shape, shape, diff)
		}
		if early := judge(shape, "2019-05-02"); early.Hypotheses[0].Key != "unknown" {
			t.Errorf("%s: %s before anything was known", shape, early.Hypotheses[0].Key)
		}
	}
}
