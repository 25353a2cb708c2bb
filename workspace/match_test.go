package workspace_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"marque/internal/lock"
	"marque/match"
	"marque/stix"
	"marque/store"
	"marque/workspace"
)

// evil is a bundle with one indicator.
const evil = `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[{"type":"indicator","spec_version":"2.1",
"id":"indicator--00000000-0000-4000-8000-000000000001","created":"2024-01-01T00:00:00Z","modified":"2024-01-01T00:00:00Z",
"pattern":"[domain-name:value = 'evil.example']","pattern_type":"stix","valid_from":"2020-01-01T00:00:00Z"}]}`

// watching is a workspace that knows evil.example, and a folder for files of events.
func watching(t *testing.T) (w *workspace.Workspace, write func(name string, from, n int) string) {
	t.Helper()
	w, dir := open(t), t.TempDir()
	bundle := filepath.Join(dir, "evil.json")
	if err := os.WriteFile(bundle, []byte(evil), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Ingest(t.Context(), workspace.IngestOptions{}, bundle); err != nil {
		t.Fatal(err)
	}
	return w, func(name string, from, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `{"time":%d,"sensor":"fw","domain":"h%d.evil.example"}`+"\n", 1709287200+from+i, from+i)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
}

func sightings(t *testing.T, w *workspace.Workspace) (counts []int) {
	t.Helper()
	for rec, err := range w.Reader(workspace.Owner()).Find(t.Context(), store.Query{Types: []string{"sighting"}}) {
		if err != nil {
			t.Fatal(err)
		}
		var v stix.Sighting
		if err := rec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		counts = append(counts, *v.Count)
	}
	return counts
}

// TestOneRunAtATimeMatchesAFile: a second run says who holds it and harms nothing; the same file later, and named twice, counts once.
func TestOneRunAtATimeMatchesAFile(t *testing.T) {
	w, write := watching(t)
	file := write("a.jsonl", 0, 10)
	tried := false
	_, err := w.Match(t.Context(), workspace.MatchOptions{Keep: true, Lake: true, Hit: func(match.Hit) {
		if tried {
			return
		}
		tried = true
		_, err := w.Match(t.Context(), workspace.MatchOptions{Keep: true, Lake: true}, file)
		if !errors.Is(err, lock.ErrLocked) || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
			t.Errorf("a second run: %v", err)
		}
	}}, file, file)
	if err != nil || !tried {
		t.Fatal(err)
	}
	for range 2 {
		if got := sightings(t, w); len(got) != 1 || got[0] != 10 {
			t.Errorf("sightings %v, want one of 10", got)
		}
		if _, err := w.Match(t.Context(), workspace.MatchOptions{Keep: true}, file); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRunsOnOneWorkspaceLoseNothing: files that are matched at the same time add up.
func TestRunsOnOneWorkspaceLoseNothing(t *testing.T) {
	w, write := watching(t)
	var files []string
	for i := range 6 {
		files = append(files, write(fmt.Sprint(i, ".jsonl"), 100*i, 5))
	}
	var group sync.WaitGroup
	for _, f := range files {
		group.Go(func() {
			if _, err := w.Match(t.Context(), workspace.MatchOptions{Keep: true}, f); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := sightings(t, w); len(got) != 1 || got[0] != 30 {
		t.Errorf("sightings %v, want one of 30", got)
	}
}
