package eval

import (
	"testing"

	"marque/workspace"
)

// World reads files into a workspace of its own, as marque ingest does, and returns what its owner sees.
func World(t testing.TB, files ...string) *workspace.Snapshot {
	t.Helper()
	w, err := workspace.Open(t.Context(), workspace.Options{Dir: t.TempDir(), Config: workspace.DefaultConfig()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := w.Ingest(t.Context(), workspace.IngestOptions{}, files...); err != nil {
		t.Fatal(err)
	}
	s, err := w.Snapshot(t.Context(), workspace.Owner())
	if err != nil {
		t.Fatal(err)
	}
	return s
}
