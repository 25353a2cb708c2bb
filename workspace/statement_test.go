package workspace_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"marque/deter/measure"
	"marque/deter/statement"
	"marque/stix"
	"marque/workspace"
)

// A statement that is published at a level holds nothing above it; what the owner's judgement rests on is listed with its levels, and stays.
func TestADraftHoldsNothingAboveItsLevel(t *testing.T) {
	w := withMeasures(t)
	ctx := t.Context()
	if _, err := w.AddMeasure(ctx, workspace.NewMeasure{
		Kind: "countermeasure", Name: "Hushed countermeasure", By: []string{"DE"}, Source: "Secret desk", Answers: []string{"Doppelganger's copies"}, Level: stix.Red,
	}); err != nil {
		t.Fatal(err)
	}
	for level, want := range map[stix.TLP]bool{stix.Clear: false, stix.Red: true} {
		folder := filepath.Join(t.TempDir(), "said")
		if _, err := w.Draft(ctx, folder, workspace.DraftOptions{Operation: "Doppelganger's copies", Level: level}); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(folder, "statement.json"))
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(text, []byte("Hushed")) || bytes.Contains(text, []byte("Secret desk")); got != want {
			t.Errorf("published at %v: told %v", level, got)
		}
		if got, err := statement.LevelOf(text); err != nil || got > level {
			t.Errorf("a text of %v for %v: %v", got, level, err)
		}
		if names, err := filepath.Glob(filepath.Join(folder, "*evidence*")); err != nil || len(names) > 0 {
			t.Errorf("evidence in the folder that goes round: %v %v", names, err)
		}
	}
	if kept, err := filepath.Glob(filepath.Join(w.Dir, "statement", "*.evidence.json")); err != nil || len(kept) != 2 {
		t.Errorf("evidence that stays: %v %v", kept, err)
	}
	if _, err := w.Sign(ctx, t.TempDir(), workspace.SignOptions{}); !errors.Is(err, workspace.ErrNoSigningKey) {
		t.Errorf("signed without a key: %v", err)
	}
}

// Who may not see an operation does not learn from a measure that it is answered.
func TestAnAnswerIsAsSecretAsItsOperation(t *testing.T) {
	w := withMeasures(t)
	ctx := t.Context()
	bundle := `{"type":"bundle","id":"bundle--11111111-1111-4111-8111-111111111111","objects":[{"type":"campaign","spec_version":"2.1","id":"campaign--11111111-1111-4111-8111-111111111112","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"Quiet Harbour","first_seen":"2024-01-05T00:00:00Z","object_marking_refs":["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]}]}`
	path := filepath.Join(t.TempDir(), "red.json")
	if err := os.WriteFile(path, []byte(bundle), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Ingest(ctx, workspace.IngestOptions{}, path); err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddMeasure(ctx, workspace.NewMeasure{Kind: "protest", Name: "Open protest", By: []string{"DE"}, Date: "2024-02-01", Source: "Ministry", Answers: []string{"Quiet Harbour"}}); err != nil {
		t.Fatal(err)
	}
	for level, want := range map[stix.TLP]int{stix.Amber: 0, stix.Red: 1} {
		rows, err := w.Measures(ctx, workspace.View{Level: level}, measure.Filter{Year: 2024, Kind: "protest", State: "DE"})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, r := range rows {
			if r.Name != "Open protest" {
				continue
			}
			found = true
			if len(r.Answers) != want {
				t.Errorf("%v: answers %v", level, r.Answers)
			}
		}
		if !found {
			t.Errorf("%v: the measure itself is open and not shown", level)
		}
		if claims, err := w.Claims(ctx, workspace.View{Level: level}, workspace.ClaimFilter{Relation: "answers"}); err != nil {
			t.Fatal(err)
		} else {
			for _, c := range claims {
				if level < stix.Red && strings.Contains(strings.Join(c.Object, " "), "Quiet") {
					t.Errorf("%v: the claim is shown", level)
				}
			}
		}
	}
}
