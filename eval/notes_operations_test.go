package eval_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"marque/claim"
	"marque/eval"
	"marque/ingest/entity"
	"marque/ingest/ingesttest"
	"marque/ingest/prose"
	"marque/ingest/prose/extract"
	"marque/ingest/report"
	"marque/stix"
)

// TestReportsOperations reads the real texts as ingest does and compares the operations that come out.
func TestReportsOperations(t *testing.T) {
	dir, file := notesFolder(t)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("no notes on real texts: %v", err)
	}
	notes, err := eval.ParseNotes(raw)
	if err != nil {
		t.Fatal(err)
	}
	names, err := prose.NewGazetteer()
	if err != nil {
		t.Fatal(err)
	}
	reader, err := extract.NewReader(names)
	if err != nil {
		t.Fatal(err)
	}
	var dev, held eval.OperationScore
	for id, n := range notes {
		text, err := os.ReadFile(filepath.Join(dir, n.File))
		if err != nil {
			t.Fatal(err)
		}
		m := ingesttest.NewMemory()
		ingesttest.MustRead(t, m, n.File, string(text), report.New(reader, m))
		told := operationsOf(t, m, names)
		s := eval.MatchOperations(n.Operations, told)
		if heldOut(eval.NotedResult{ID: id}) {
			held = held.Plus(s)
			continue
		}
		dev = dev.Plus(s)
		for _, o := range n.Operations {
			t.Logf("%s told    %+v", id, o)
		}
		for _, o := range told {
			t.Logf("%s claimed %+v", id, o)
		}
	}
	table := eval.OperationTable([]string{"development", "held out"}, []eval.OperationScore{dev, held})
	t.Log("\n" + table)
	if *updateReports {
		writeReports(t, "told", eval.OperationIntro+table)
	}
}

// operationsOf are the campaigns of a store with what its relationships say of them.
func operationsOf(t *testing.T, m *ingesttest.Memory, names *prose.Gazetteer) []eval.ToldOperation {
	t.Helper()
	var out []eval.ToldOperation
	for _, o := range m.OfType("campaign") {
		var c stix.Campaign
		if err := o.Decode(&c); err != nil {
			t.Fatal(err)
		}
		op := eval.ToldOperation{Name: c.Name, First: day(c.FirstSeen), Last: day(c.LastSeen)}
		var x claim.Operation
		if _, err := o.ExtensionOf(claim.OperationExtension, &x); err != nil {
			t.Fatal(err)
		}
		for _, code := range x.Countries {
			op.Victims = append(op.Victims, entity.CountryName(code))
		}
		op.Victims = append(op.Victims, x.Victims...)
		for _, rel := range m.OfType("relationship") {
			var r stix.Relationship
			if err := rel.Decode(&r); err != nil {
				t.Fatal(err)
			}
			if r.SourceRef != o.ID {
				continue
			}
			name := nameOf(t, m, r.TargetRef)
			switch r.RelationshipType {
			case "attributed-to":
				if _, ok := entity.CountryCode(name); ok {
					op.States = append(op.States, name)
					continue
				}
				op.Who = append(op.Who, name)
				if e, ok := names.Lookup(name); ok && e.Country != "" && !slices.Contains(op.States, e.Country) {
					op.States = append(op.States, e.Country)
				}
			case "targets":
				op.Victims = append(op.Victims, name)
			}
		}
		out = append(out, op)
	}
	return out
}

func day(t stix.Timestamp) string {
	if t.IsZero() {
		return ""
	}
	return t.Time().Format("2006-01-02")
}

func nameOf(t *testing.T, m *ingesttest.Memory, id stix.ID) string {
	t.Helper()
	rec := m.Get(id)
	if rec == nil {
		return ""
	}
	var v struct {
		Name string `json:"name"`
	}
	if err := rec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v.Name
}
