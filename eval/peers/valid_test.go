package peers_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"marque/attribute"
	"marque/casebook"
	"marque/export"
	"marque/graph"
	"marque/stix"
	"marque/stix/pattern"
	"marque/stix/validate"
	"marque/store"
	"marque/store/sqlite"
)

// TestWhatIsMadeIsValid exports what the importers make of the casebook, a report, a MISP event and the published data sets, with a
// judgement on every operation of the casebook. Marque's own validator finds no error in any object. stix2 and stix2-validator accept a sample in which every property
// path of every type occurs.
func TestWhatIsMadeIsValid(t *testing.T) {
	inputs := map[string]io.Reader{"event.json": strings.NewReader(mispEvent), "report.txt": strings.NewReader(article)}
	for _, path := range dataSets(t) {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		inputs[filepath.Base(path)] = f
	}
	book, err := casebook.Source()
	if err != nil {
		t.Fatal(err)
	}
	inputs["casebook"] = book
	db := workspace(t, inputs)
	if n := judgeAll(t, db); n < 10 {
		t.Errorf("%d judgements", n)
	}
	var out bytes.Buffer
	if _, err := export.Bundle(t.Context(), &out, open(t, db), store.Query{}); err != nil {
		t.Fatal(err)
	}
	sample := sampleOf(t, out.Bytes())
	t.Logf("%d objects in the sample", len(sample))
	var small bytes.Buffer
	w := stix.NewBundleWriter(&small, stix.NewID("bundle"))
	for _, o := range sample {
		if err := w.Write(o); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, script := range []string{"stix2_parse.py", "stix2_validate.py"} {
		t.Run(script, func(t *testing.T) {
			var got struct{ Bad map[string]any }
			if err := json.Unmarshal(python(t, bytes.NewReader(small.Bytes()), script), &got); err != nil {
				t.Fatal(err)
			}
			for id, why := range got.Bad {
				t.Errorf("%s: %v", id, why)
			}
		})
	}
}

// dataSets are the files of the published data sets, none where MARQUE_DATA is unset.
func dataSets(t *testing.T) []string {
	t.Helper()
	root := os.Getenv("MARQUE_DATA")
	if root == "" {
		t.Log("MARQUE_DATA is unset: only what comes with Marque is checked")
		return nil
	}
	var all []string
	for _, set := range []string{"eurepoc/*.gz", "cfr/*.gz", "microsoft/*.json", "misp-galaxy/*.gz"} {
		files, err := filepath.Glob(filepath.Join(root, set))
		if err != nil || len(files) == 0 {
			t.Fatalf("no %s in MARQUE_DATA: %v", set, err)
		}
		all = append(all, files...)
	}
	return all
}

// judgeAll judges the operations that can be judged and stores the judgements.
func judgeAll(t *testing.T, db *sqlite.DB) int {
	t.Helper()
	g, err := graph.Load(t.Context(), db.View(store.Owner()), graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	options := attribute.Options{History: attribute.Learn(g)}
	var judgements []*stix.Object
	for rec, err := range db.View(store.Owner()).Find(t.Context(), store.Query{Importers: []string{casebook.Reader{}.Name()}, Types: []string{"campaign"}}) {
		if err != nil {
			t.Fatal(err)
		}
		c, err := attribute.CaseOf(g, rec.ID)
		if err != nil {
			continue // nobody says anything of it
		}
		o, err := stix.New(attribute.Judge(g, c, options))
		if err != nil {
			t.Fatal(err)
		}
		judgements = append(judgements, o)
	}
	if _, err := db.Put(t.Context(), store.Provenance{Source: "test", Importer: "test"}, judgements); err != nil {
		t.Fatal(err)
	}
	return len(judgements)
}

// sampleOf checks every object of a bundle and keeps those that show a property path that no object of their type before them had.
func sampleOf(t *testing.T, bundle []byte) []*stix.Object {
	t.Helper()
	seen := map[string]bool{}
	var sample []*stix.Object
	err := stix.ReadBundle(bytes.NewReader(bundle), func(o *stix.Object) error {
		for _, f := range validate.Object(o.Raw(), validate.Options{Pattern: checkPattern}) {
			if f.Severity == validate.Error {
				t.Errorf("%s: %s: %s", o.ID, f.Path, f.Message)
			}
		}
		var tree any
		if err := json.Unmarshal(o.Raw(), &tree); err != nil {
			return err
		}
		before := len(seen)
		walk(o.Type, tree, seen)
		if len(seen) > before {
			sample = append(sample, o)
		}
		return nil
	}, func(b *stix.BadObjectError) error { return b })
	if err != nil {
		t.Fatal(err)
	}
	return sample
}

func walk(path string, tree any, seen map[string]bool) {
	switch tree := tree.(type) {
	case map[string]any:
		for name, value := range tree {
			walk(path+"/"+name, value, seen)
		}
	case []any:
		for _, item := range tree {
			walk(path+"[]", item, seen)
		}
	default:
		seen[path] = true
	}
}

func checkPattern(text, version string) []validate.PatternProblem {
	_, found := pattern.Check(text, pattern.Version(version))
	var problems []validate.PatternProblem
	for _, p := range found {
		problems = append(problems, validate.PatternProblem{Warning: p.Warning, Message: p.Message, Section: p.Section})
	}
	return problems
}
