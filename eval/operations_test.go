package eval_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"marque/eval"
	"marque/workspace"
)

// joined is the joined workspace, or a reason to skip.
func joined(t *testing.T, answers string) (data, path string) {
	t.Helper()
	if path = os.Getenv(answers); path == "" {
		t.Skip(answers + " is not set: no answers to hold the joined workspace against")
	}
	if data = os.Getenv("MARQUE_DATA"); data == "" {
		t.Skip("MARQUE_DATA is not set: the data sets of the joined workspace are not here")
	}
	return data, path
}

// joinGate is the pairwise F1 that was reached on the development half.
const joinGate = .85

// tunedOn is how many operations the file has whose development half the weights were learned from.
const tunedOn = 79

// TestOperations holds the joined workspace against known operations, in two halves: what weights and rules were tuned on, and what
// they were not.
func TestOperations(t *testing.T) {
	data, path := joined(t, "MARQUE_OPERATIONS")
	known, err := eval.KnownOperations(path)
	if err != nil {
		t.Fatal(err)
	}
	w := eval.Joined(t, data)
	start := time.Now()
	s, err := w.Snapshot(t.Context(), workspace.Owner())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d operations of %d records, loaded and joined in %v", len(s.Graph.Operations()), records(s), time.Since(start))
	ops, err := w.Operations(t.Context(), workspace.Owner(), nil)
	if err != nil {
		t.Fatal(err)
	}
	pending := map[[2]string]bool{}
	for _, l := range s.Unsettled() {
		a, b := l.A.Source+" "+l.A.Record, l.B.Source+" "+l.B.Record
		pending[[2]string{min(a, b), max(a, b)}] = true
	}
	for _, half := range []struct {
		name string
		dev  bool
	}{{"development", true}, {"held back", false}} {
		part := slices.DeleteFunc(slices.Clone(known), func(k eval.KnownOperation) bool { return eval.Development(k.Key) != half.dev })
		f := eval.MeasureOperations(ops, pending, part, known)
		t.Logf("%s half, %d operations\n%s", half.name, f.Operations, f.String())
		if !half.dev {
			continue
		}
		t.Logf("notes on the development half\n%s", strings.Join(f.Notes, "\n"))
		if len(known) == tunedOn { // the file whose development half the weights were tuned on
			if f1 := f.JoinF1(); f1 < joinGate || f.WrongJoins > 0 {
				t.Errorf("records joined with F1 %.3f and %d wrong joins, gate %.2f and none", f1, f.WrongJoins, joinGate)
			}
		}
	}
	all := eval.MeasureOperations(ops, pending, known, known)
	t.Logf("all, %d operations\n%s", all.Operations, all.String())
}

func records(s *workspace.Snapshot) int {
	n := 0
	for _, e := range s.Graph.Operations() {
		n += len(e.Members)
	}
	return n
}

// TestNamesInTheJoinedWorkspace asks the joined workspace for actors' names, in two halves.
func TestNamesInTheJoinedWorkspace(t *testing.T) {
	data, path := joined(t, "MARQUE_NAMES")
	known, err := eval.KnownNames(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := eval.Joined(t, data).Snapshot(t.Context(), workspace.Owner())
	if err != nil {
		t.Fatal(err)
	}
	for _, half := range []struct {
		name string
		dev  bool
	}{{"development", true}, {"held back", false}} {
		f := eval.MeasureNames(s, slices.DeleteFunc(slices.Clone(known), func(k eval.KnownName) bool { return eval.Development(k.Ask) != half.dev }))
		t.Logf("%s half: %s", half.name, f.String())
		if half.dev {
			t.Logf("notes on the development half\n%s", strings.Join(f.Notes, "\n"))
		}
	}
	all := eval.MeasureNames(s, known)
	t.Logf("all: %s", all.String())
}
