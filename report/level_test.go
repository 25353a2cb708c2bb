package report_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"marque/report"
	"marque/stix"
	"marque/store"
)

// TestLevelOnEveryRendering: a brief says at its beginning and its end, and on each printed page, how secret it is.
func TestLevelOnEveryRendering(t *testing.T) {
	db, in := world(t)
	for _, level := range []stix.TLP{stix.Clear, stix.Green, stix.AmberStrict, stix.Red} {
		in.Level = level
		b := report.Build(in, report.Options{Generated: written, Detail: 2})
		if b.Level != level {
			t.Fatalf("a brief from %v is %v", level, b.Level)
		}
		for name, write := range map[string]func(io.Writer) error{
			"text":     func(w io.Writer) error { return report.Text(w, b, 80, false) },
			"markdown": func(w io.Writer) error { return report.Markdown(w, b) },
			"html":     func(w io.Writer) error { return report.HTML(w, b) },
		} {
			var out bytes.Buffer
			if err := write(&out); err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(out.String(), "&#43;", "+")
			lines := strings.Split(strings.TrimSpace(text), "\n")
			head, foot := strings.Join(lines[:min(8, len(lines))], "\n"), strings.Join(lines[max(0, len(lines)-4):], "\n")
			if !strings.Contains(head, level.String()) || !strings.Contains(foot, level.String()) {
				t.Errorf("%s of %v begins with\n%s\nand ends with\n%s", name, level, head, foot)
			}
		}
		var asJSON, bundle bytes.Buffer
		if err := report.JSON(&asJSON, b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(asJSON.String(), `"tlp": "`+level.String()+`"`) {
			t.Errorf("JSON of %v does not say so", level)
		}
		if err := report.Bundle(&bundle, b, in.Assessments[:3], db.View(store.View{MaxTLP: level})); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Objects []struct {
				ID, Type string
				Marks    []stix.ID `json:"object_marking_refs"`
			}
		}
		if err := json.Unmarshal(bundle.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if got.Objects[0].ID != string(level.MarkingID()) {
			t.Errorf("the bundle of %v begins with %s", level, got.Objects[0].ID)
		}
		for _, o := range got.Objects {
			if o.Type == "marque-assessment" && (len(o.Marks) != 1 || o.Marks[0] != level.MarkingID()) {
				t.Errorf("judgement in a brief of %v is marked %v", level, o.Marks)
			}
		}
	}
}
