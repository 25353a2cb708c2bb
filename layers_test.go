package marque_test

import (
	"os/exec"
	"strings"
	"testing"
)

// stages are the top-level folders from left to right (docs/architecture.md). A stage imports only what stands left of it;
// stages on one line do not know each other.
var stages = [][]string{
	{"internal"},
	{"stix", "event"},
	{"claim"},
	{"misp"},
	{"store"},
	{"ingest"},
	{"casebook", "match", "influence"},
	{"lake"},
	{"intake"},
	{"alert"},
	{"graph"},
	{"attribute"},
	{"ledger"},
	{"deter"},
	{"report", "export"},
	{"workspace"},
	{"serve"},
	{"eval"},
	{"cmd"},
}

func TestStagesImportOnlyWhatStandsLeftOfThem(t *testing.T) {
	rank := map[string]int{}
	for i, line := range stages {
		for _, s := range line {
			rank[s] = i
		}
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}}: {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	top := func(pkg string) (string, bool) {
		rest, ok := strings.CutPrefix(pkg, "marque/")
		s, _, _ := strings.Cut(rest, "/")
		return s, ok
	}
	for line := range strings.Lines(string(out)) {
		pkg, imports, _ := strings.Cut(strings.TrimSpace(line), ": ")
		from, ok := top(pkg)
		if !ok {
			continue
		}
		if _, known := rank[from]; !known {
			t.Errorf("%s is in no stage; give it a place in this list and in docs/architecture.md", pkg)
			continue
		}
		for imp := range strings.FieldsSeq(imports) {
			to, ok := top(imp)
			if ok && to != from && rank[to] >= rank[from] {
				t.Errorf("%s imports %s, which does not stand left of it", pkg, imp)
			}
		}
	}
}
