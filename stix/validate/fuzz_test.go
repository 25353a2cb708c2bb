package validate_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"marque/stix/validate"
)

// seed adds the objects of all cases.
func seed(f *testing.F) {
	files, _ := filepath.Glob("testdata/cases/*.txt")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for line := range bytes.SplitSeq(text, []byte("\n")) {
			if name, ok := bytes.CutPrefix(line, []byte("base ")); ok {
				_, object, _ := bytes.Cut(name, []byte(" "))
				f.Add(object)
			}
		}
	}
	f.Add([]byte(observed20))
	f.Add([]byte(`{"type":"file","extensions":{"archive-ext":{"contains_refs":[5]}},"granular_markings":[{"selectors":["a.[0]"]}]}`))
	f.Add([]byte(`[[[[{"objects":[null]}]]]]`))
}

// FuzzObject wants no panic, findings with all their parts, and the same answer twice.
func FuzzObject(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		opts := validate.Options{Notes: true, Pattern: checkPattern, Resolve: true}
		first := validate.Object(raw, opts)
		for _, finding := range first {
			if finding.Code == "" || finding.Message == "" || finding.Section == "" || finding.Offset < 0 || finding.Offset > int64(len(raw)) {
				t.Errorf("incomplete finding %+v", finding)
			}
		}
		if second := validate.Object(raw, opts); !slices.Equal(first, second) {
			t.Errorf("not the same twice:\n%v\n%v", first, second)
		}
	})
}

// FuzzBundle wants the stream to be as strict about JSON as a parser of the whole.
func FuzzBundle(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		syntax := false
		_, err := validate.Bundle(bytes.NewReader(raw), validate.Options{MaxObjectBytes: 1 << 20}, func(finding validate.Finding) {
			syntax = syntax || finding.Code == "json-syntax" || finding.Code == "json-depth"
		})
		if err != nil {
			t.Fatal(err)
		}
		valid := jsontext.Value(raw).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
		if !valid && !syntax && len(raw) < 1<<20 {
			t.Error("input that is not JSON has no syntax finding")
		}
	})
}

// FuzzLift wants JSON out, nothing of it lost on a second lifting.
func FuzzLift(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		objects, _ := validate.Lift(raw)
		for _, object := range objects {
			if !object.IsValid(jsontext.AllowDuplicateNames(true)) {
				t.Fatalf("not JSON: %s", object)
			}
			again, _ := validate.Lift(object)
			if len(again) == 0 {
				t.Fatalf("lifted away: %s", object)
			}
		}
	})
}
