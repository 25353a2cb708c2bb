package eval_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"marque/eval"
	"marque/ingest/prose"
	"marque/ingest/prose/extract"
)

// notesFolder is the folder of real texts with the notes of an analyst: MARQUE_REPORTS, or what lies beside the data.
func notesFolder(t *testing.T) (dir, notes string) {
	t.Helper()
	if dir = os.Getenv("MARQUE_REPORTS"); dir != "" {
		return dir, filepath.Join(dir, "expected.yaml")
	}
	return filepath.Join(os.Getenv("MARQUE_DATA"), "reports"), filepath.Join(shared(t), "acceptance", "reports.yaml")
}

// TestRealReports reads real texts and prints how much of what an analyst notes comes out, and how much of what comes out is right. Texts with
// even numbers are held out: nothing but their sums is shown.
func TestRealReports(t *testing.T) {
	dir, file := notesFolder(t)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("no notes on real texts: %v", err)
	}
	notes, err := eval.ParseNotes(raw)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := extract.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	results, err := eval.ReadNoted(t.Context(), os.DirFS(dir), notes, reader, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if heldOut(r) {
			continue
		}
		t.Logf("%s rows %d found %d placed %d | claims %d wrong %d", r.ID, r.Rows, len(r.Found), len(r.Placed), len(r.Claims), len(r.Wrong))
		for _, i := range r.Found {
			t.Logf("  found   %+v", noteLine(notes[r.ID].Rows[i]))
		}
		for _, i := range r.Missed {
			t.Logf("  missed  %+v", noteLine(notes[r.ID].Rows[i]))
		}
		for _, c := range r.Wrong {
			t.Logf("  WRONG   %s [%s] <- %s", line(c), c.Rule, c.Quote)
		}
	}
	halves := []string{"development", "held out", "all"}
	var sums []eval.NotedFigures
	for _, keep := range []func(eval.NotedResult) bool{func(r eval.NotedResult) bool { return !heldOut(r) }, heldOut, func(eval.NotedResult) bool { return true }} {
		sums = append(sums, eval.SumNoted(results, keep))
	}
	t.Log("\n" + eval.NotedTable(halves, sums) + "\n" + eval.LostTable(halves, sums))
	all := sums[2]
	t.Logf("%d words, %.0f words/s", all.Words, float64(all.Words)/all.Time.Seconds())
	if os.Getenv("MARQUE_REPORTS") != "" {
		return // other texts have no gates
	}
	if got := sums[0].F1(); got < eval.LeastNoted {
		t.Errorf("development: F1 %.3f, gate %.2f", got, eval.LeastNoted)
	}
	if got := sums[1].F1(); got < eval.LeastHeldNoted {
		t.Errorf("held out: F1 %.3f, gate %.2f", got, eval.LeastHeldNoted)
	}
	dev, held := readCases(t)
	cases := "| ways of writing | cases | claims found | of what must never come out |\n|---|---|---|---|\n" + dev.row("development") + held.row("held out")
	if *updateReports {
		writeReports(t, "real", eval.NotedMarkdown(halves, sums, cases))
	}
}

// tally is what became of the cases of one half.
type tally struct{ cases, rows, found, never, broken int }

func (h tally) row(name string) string {
	return fmt.Sprintf("| %s | %d | %d of %d | %d of %d |\n", name, h.cases, h.found, h.rows, h.broken, h.never)
}

func noteLine(n eval.Note) string {
	return strings.Join([]string{n.Who, n.Subject, strings.Join(n.Relation, ","), n.Object, n.Stance, "@ " + n.At}, " | ")
}

// heldOut says whether nothing may be looked at but the sums: even numbers. Where MARQUE_REPORTS names a folder of other texts, all of them are.
func heldOut(r eval.NotedResult) bool {
	return os.Getenv("MARQUE_REPORTS") != "" || r.ID != "" && (r.ID[len(r.ID)-1]-'0')%2 == 0
}

// seenCases are the first of the file; from the next on every second is held out.
const seenCases = 13

// TestReportsCases reads ways of writing on which a reader may fail.
func TestReportsCases(t *testing.T) {
	dev, held := readCases(t)
	t.Log("\n" + dev.row("development") + held.row("held out"))
	if dev.found < eval.LeastCases {
		t.Errorf("development: %d claims, gate %d", dev.found, eval.LeastCases)
	}
	if n := dev.broken + held.broken; n > eval.MostNever {
		t.Errorf("%d claims that must never come out, gate %d", n, eval.MostNever)
	}
}

func readCases(t *testing.T) (dev, held tally) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(shared(t), "acceptance", "prose-cases.yaml"))
	if err != nil {
		t.Skipf("no cases: %v", err)
	}
	cases, err := eval.ParseCases(raw)
	if err != nil {
		t.Fatal(err)
	}
	names, err := cases.Gazetteer()
	if err != nil {
		t.Fatal(err)
	}
	reader, err := extract.NewReader(names)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases.Cases {
		r := eval.MatchCase(c, reader.Read(prose.Document{Name: c.ID, Text: c.Document()}).Claims)
		half := &dev
		if i >= seenCases && (i-seenCases)%2 == 1 {
			half = &held
		}
		half.cases++
		half.rows, half.found = half.rows+r.Rows, half.found+len(r.Found)
		half.never, half.broken = half.never+len(c.Never), half.broken+len(r.Broken)
		if half == &held {
			continue
		}
		if len(r.Missed)+len(r.Broken) > 0 {
			t.Logf("%s %s: %s", c.ID, c.Kind, c.Text)
			for _, m := range r.Missed {
				t.Logf("   missed %v | %v | %v | %v | %v n=%v", m.Who, m.Subject, m.Relation, m.Object, m.Stance, m.Count)
			}
			for _, m := range r.Broken {
				t.Logf("   NEVER  %v | %v | %v | %v | %v", m.Who, m.Subject, m.Relation, m.Object, m.Stance)
			}
			for _, cl := range r.Claims {
				t.Logf("   claim  %s n=%v [%s]", line(cl), cl.Count.N, cl.Rule)
			}
		}
	}
	return dev, held
}
