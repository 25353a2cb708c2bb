package eval_test

import (
	"flag"
	"os"
	"regexp"
	"testing"

	"marque/eval"
	"marque/ingest/prose"
	"marque/ingest/prose/extract"
)

var updateReports = flag.Bool("update-reports", false, "write the figures of the unseen reports to docs/quality.md")

// TestReports reads the articles that the reader has not seen. What was missed and what tells no row is printed for the development half
// only, so that nobody fits rules to the other.
func TestReports(t *testing.T) {
	names, err := prose.NewGazetteer()
	if err != nil {
		t.Fatal(err)
	}
	reader, err := extract.NewReader(names)
	if err != nil {
		t.Fatal(err)
	}
	results, err := eval.ReadReports(os.DirFS("testdata/reports"), names, reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if len(r.Misquoted) > 0 {
			t.Errorf("%s: %d quotes do not stand in the text", r.Name, len(r.Misquoted))
		}
		t.Logf("%-26s rows %2d found %2d near %2d missed %2d | claims %2d unmatched %2d", r.Name, r.Rows, len(r.Found), len(r.Near), len(r.Missed), r.Claims, len(r.Unmatched))
		if !r.HeldOut {
			details(t, r)
		}
	}
	for _, heldOut := range []bool{false, true} {
		f := eval.SumReports(results, heldOut)
		t.Logf("held out %t: found %s, or nearly %s, unmatched %s; numbers %s, dates %s", heldOut, f.Found, f.Told, f.Unmatched, f.Counts, f.Days)
		least := map[bool]float64{false: eval.LeastReports, true: eval.LeastHeldReports}[heldOut]
		if got := float64(f.Found.Of) / float64(max(1, f.Found.In)); got < least {
			t.Errorf("held out %t: found %.2f of the rows, gate %.2f", heldOut, got, least)
		}
		if got := float64(f.Unmatched.Of) / float64(max(1, f.Unmatched.In)); got > eval.MostUnmatched {
			t.Errorf("held out %t: %.2f of the claims tell no row, gate %.2f", heldOut, got, eval.MostUnmatched)
		}
		if f.Empty > 0 {
			t.Errorf("held out %t: %d claims out of articles that tell of no operation", heldOut, f.Empty)
		}
		if f.Found.In < 100 {
			t.Errorf("held out %t: %d rows are too few to tell anything", heldOut, f.Found.In)
		}
	}
	if *updateReports {
		writeReports(t, "reports", eval.ReportsMarkdown(results))
	}
}

func details(t *testing.T, r eval.ReportResult) {
	t.Helper()
	for _, m := range r.Near {
		t.Logf("  near    %-4s %v | %v | %v | %v (%s)", m.ID, m.Who, m.Subject, m.Relation, m.Object, r.NearBy[m.ID])
	}
	for _, m := range r.Missed {
		t.Logf("  missed  %-4s %v | %v | %v | %v | %v", m.ID, m.Who, m.Subject, m.Relation, m.Object, m.Stance)
	}
	for _, c := range r.Unmatched {
		t.Logf("  UNKNOWN %s  <- %s", line(c), c.Quote)
	}
}

// writeReports replaces a section of docs/quality.md, or adds it at the end.
func writeReports(t *testing.T, name, text string) {
	t.Helper()
	const file = "../docs/quality.md"
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	section := "<!-- " + name + ":begin -->\n" + text + "<!-- " + name + ":end -->\n"
	page := string(old)
	if at := regexp.MustCompile(`(?s)<!-- ` + name + `:begin -->.*?<!-- ` + name + `:end -->\n`); at.MatchString(page) {
		page = at.ReplaceAllLiteralString(page, section)
	} else {
		page += "\n" + section
	}
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
}
