package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// The vectors lie beside the data; what they expect is never given to the program.
func TestStatementsVectors(t *testing.T) {
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: the vectors of joint statements lie beside it")
	}
	questions := filepath.Join(data, "..", "acceptance", "statements", "vectors.json")
	raw, err := os.ReadFile(questions)
	if err != nil {
		t.Skipf("the vectors are not beside MARQUE_DATA: %v", err)
	}
	var want struct {
		Vectors []struct{ Name, Expect, Why string } `json:"vectors"`
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "answers.json")
	if err := run(t.Context(), []string{"statements", "check", questions, file}); err != nil {
		t.Fatal(err)
	}
	answered, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal(answered, &got); err != nil {
		t.Fatal(err)
	}
	right := 0
	for _, v := range want.Vectors {
		// Two vectors leave the choice to the program; ours is the strict one.
		expect := v.Expect
		if expect == "either" || expect == "reject-or-two" {
			expect = "reject"
		}
		if got[v.Name] != expect {
			t.Errorf("%s: %s, want %s: %s", v.Name, got[v.Name], expect, v.Why)
			continue
		}
		right++
	}
	t.Logf("%d of %d vectors", right, len(want.Vectors))
	if len(want.Vectors) < 31 {
		t.Errorf("%d vectors", len(want.Vectors))
	}
}
