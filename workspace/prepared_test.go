package workspace_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"marque/match"
	"marque/workspace"
)

// TestPreparedIndicators: what was compiled for one run serves the next, until something comes that changes it; damaged, it is made again.
func TestPreparedIndicators(t *testing.T) {
	w, write := watching(t)
	found := func(what string) (out []string) {
		t.Helper()
		o := workspace.MatchOptions{Keep: true, Hit: func(h match.Hit) {
			out = append(out, strings.Join([]string{string(h.By), h.Searched, h.Actor}, " "))
		}}
		if _, err := w.Match(t.Context(), o, write("a.jsonl", 0, 2)); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		return out
	}
	tables := func() map[string]os.FileInfo {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(w.Dir, "match", "*.table"))
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]os.FileInfo{}
		for _, f := range files {
			if out[f], err = os.Stat(f); err != nil {
				t.Fatal(err)
			}
		}
		return out
	}
	ingest := func(objects string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "more.json")
		if err := os.WriteFile(path, []byte(`{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000009","objects":[`+objects+`]}`), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Ingest(t.Context(), workspace.IngestOptions{}, path); err != nil {
			t.Fatal(err)
		}
	}
	want := func(what string, list ...string) {
		t.Helper()
		if got := found(what); fmt.Sprint(got) != fmt.Sprint(list) {
			t.Errorf("%s: %v, want %v", what, got, list)
		}
	}
	plain := []string{"parent-domain h0.evil.example ", "parent-domain h1.evil.example "}
	want("the first run", plain...)
	first := tables()
	want("the second", plain...) // behind the sightings of the first
	for path, info := range tables() {
		if first[path] == nil || !os.SameFile(first[path], info) {
			t.Errorf("compiled again although nothing changed: %s", path)
		}
	}
	if len(first) != 1 {
		t.Fatalf("%d tables", len(first))
	}

	ingest(`{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000002","created":"2024-01-01T00:00:00Z","modified":"2024-01-01T00:00:00Z",
"pattern":"[domain-name:value LIKE 'h1.%']","pattern_type":"stix","valid_from":"2020-01-01T00:00:00Z"}`)
	with := []string{plain[0], plain[1], "pattern h1.evil.example "}
	want("with a pattern", with...)
	want("with a pattern, prepared", with...)
	for path := range tables() {
		if first[path] != nil {
			t.Errorf("the old table is still there: %s", path)
		}
		if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want("with a damaged table", with...)

	ingest(`{"type":"intrusion-set","spec_version":"2.1","id":"intrusion-set--00000000-0000-4000-8000-000000000003","created":"2024-01-01T00:00:00Z","modified":"2024-01-01T00:00:00Z","name":"Night Heron"},
{"type":"relationship","spec_version":"2.1","id":"relationship--00000000-0000-4000-8000-000000000004","created":"2024-01-01T00:00:00Z","modified":"2024-01-01T00:00:00Z","relationship_type":"indicates",
"source_ref":"indicator--00000000-0000-4000-8000-000000000001","target_ref":"intrusion-set--00000000-0000-4000-8000-000000000003"}`)
	want("with an actor", "parent-domain h0.evil.example Night Heron", "parent-domain h1.evil.example Night Heron", "pattern h1.evil.example ")
}
