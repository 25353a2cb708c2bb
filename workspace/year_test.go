package workspace_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"marque/report"
	"marque/stix"
	"marque/workspace"
)

func days(t testing.TB, from, to string) (a, b time.Time) {
	t.Helper()
	for s, into := range map[string]*time.Time{from: &a, to: &b} {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		*into = d
	}
	return a, b
}

func withMeasures(t testing.TB) *workspace.Workspace {
	t.Helper()
	w := open(t)
	if _, err := w.IngestMeasures(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// Each sentence has its sources, or names a table that is there and is what it sums up; each reference is in the list.
func TestEverySentenceOfTheYearIsReferenced(t *testing.T) {
	w := withMeasures(t)
	from, to := days(t, "2023-07-01", "2024-06-30")
	y, err := w.Year(t.Context(), workspace.Owner(), from, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	tables := map[int]bool{}
	for _, s := range y.Sections {
		for _, table := range s.Tables {
			if tables[table.Number] {
				t.Errorf("two tables %d", table.Number)
			}
			tables[table.Number] = true
			for _, r := range table.Rows {
				if len(r.Cells) != len(table.Head) {
					t.Errorf("table %d: %d cells under %d heads", table.Number, len(r.Cells), len(table.Head))
				}
				for _, n := range r.Refs {
					if n < 1 || n > len(y.References) {
						t.Errorf("table %d: no reference %d", table.Number, n)
					}
				}
			}
		}
	}
	check := func(where string, told []report.Told) {
		if len(told) == 0 {
			t.Errorf("%s: nothing is said", where)
		}
		for _, x := range told {
			if len(x.Refs) == 0 && !tables[x.Table] {
				t.Errorf("%s: neither sources nor a table: %s", where, x.Text)
			}
		}
	}
	check("summary", y.Summary)
	for _, s := range y.Sections {
		check(s.Key, s.Told)
	}
	for _, f := range y.Figures {
		if !tables[f.Table] {
			t.Errorf("figure %s: no table %d", f.Key, f.Table)
		}
	}
	if len(y.Operations) < 15 || len(y.Measures) < 30 || len(y.References) < 30 {
		t.Errorf("%d operations, %d measures, %d references", len(y.Operations), len(y.Measures), len(y.References))
	}
}

// What is measured in a window is not measured in the one before, and what nobody knows is unknown.
func TestAYearWithoutAnything(t *testing.T) {
	w := withMeasures(t)
	from, to := days(t, "1999-01-01", "1999-12-31")
	y, err := w.Year(t.Context(), workspace.Owner(), from, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range y.Figures {
		if f.Now != 0 || f.Before != 0 {
			t.Errorf("%s: %d and %d", f.Key, f.Now, f.Before)
		}
	}
	if got := y.BeforeFrom.Time().Format(time.DateOnly) + " " + y.BeforeTo.Time().Format(time.DateOnly); got != "1998-01-01 1998-12-31" {
		t.Errorf("the window before: %s", got)
	}
	var b bytes.Buffer
	if err := report.YearText(&b, y.Year, 100, false); err != nil || strings.Contains(b.String(), "NaN") {
		t.Errorf("%v: %s", err, b.String())
	}
}

// All formats hold the same sentences, with the level on them, and nothing of a document is markup.
func TestFormatsOfTheYear(t *testing.T) {
	w := withMeasures(t)
	if _, err := w.AddMeasure(t.Context(), workspace.NewMeasure{Kind: "protest", Name: "<script>alert(1)</script> & *protest*", By: []string{"DE"}, Date: "2024-05-01", Source: "Test"}); err != nil {
		t.Fatal(err)
	}
	from, to := days(t, "2023-07-01", "2024-06-30")
	y, err := w.Year(t.Context(), workspace.View{Level: stix.Green}, from, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	var html, md, js, bundle bytes.Buffer
	for _, err := range []error{report.YearHTML(&html, y.Year), report.YearMarkdown(&md, y.Year), report.JSON(&js, y.Year), y.Bundle(t.Context(), &bundle)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if s := html.String(); strings.Contains(s, "<script") || strings.Contains(s, "ZgotmplZ") || !strings.Contains(s, "<svg") || strings.Contains(s, "http://") && strings.Contains(s, "src=") {
		t.Error("HTML is not self-contained and harmless")
	}
	if strings.Contains(md.String(), "<script") {
		t.Error("Markdown has markup of a document")
	}
	var back report.Year
	if err := json.Unmarshal(js.Bytes(), &back); err != nil || len(back.Summary) != len(y.Summary) {
		t.Errorf("JSON: %v", err)
	}
	n := 0
	if err := stix.ReadBundle(&bundle, func(o *stix.Object) error { n++; return nil }, func(b *stix.BadObjectError) error { return b }); err != nil || n < 100 {
		t.Errorf("STIX: %d objects, %v", n, err)
	}
}

// The report of a lower level tells nothing of what is above.
func TestTheYearOfALevel(t *testing.T) {
	w := withMeasures(t)
	if _, err := w.AddMeasure(t.Context(), workspace.NewMeasure{Kind: "protest", Name: "Hushed protest", By: []string{"DE"}, Date: "2024-05-01", Source: "Secret desk", Level: stix.Red}); err != nil {
		t.Fatal(err)
	}
	from, to := days(t, "2024-01-01", "2024-06-30")
	for level, want := range map[stix.TLP]bool{stix.Green: false, stix.Red: true} {
		y, err := w.Year(t.Context(), workspace.View{Level: level}, from, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := report.JSON(&b, y.Year); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "Hushed"); got != want || y.Level > level {
			t.Errorf("%v: told %v, level %v", level, got, y.Level)
		}
	}
}

// BenchmarkYear is a resident report over everything that is joined.
func BenchmarkYear(b *testing.B) {
	w := joined(b)
	if _, err := w.IngestMeasures(b.Context()); err != nil {
		b.Fatal(err)
	}
	from, to := days(b, "2000-01-01", "2023-12-31")
	if _, err := w.Year(b.Context(), workspace.Owner(), from, to, nil); err != nil { // the first one judges
		b.Fatal(err)
	}
	operations := 0
	for b.Loop() {
		y, err := w.Year(b.Context(), workspace.Owner(), from, to, nil)
		if err != nil {
			b.Fatal(err)
		}
		var out bytes.Buffer
		if err := report.YearHTML(&out, y.Year); err != nil {
			b.Fatal(err)
		}
		operations = len(y.Operations)
	}
	b.ReportMetric(float64(operations), "operations")
}
