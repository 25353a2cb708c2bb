package workspace_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"marque/attribute"
	"marque/workspace"
)

// joined is a workspace with everything on everything, where MARQUE_DATA names the real data.
func joined(t testing.TB) *workspace.Workspace {
	t.Helper()
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is unset: it names the folder with attack/, misp-galaxy/, microsoft/, eurepoc/ and cfr/")
	}
	var files []string
	for _, pattern := range []string{"attack/*.json.gz", "misp-galaxy/*.json.gz", "microsoft/MicrosoftMapping.json", "eurepoc/EuRepoC_Global_Database_1.1.csv.gz", "cfr/*.csv.gz"} {
		found, err := filepath.Glob(filepath.Join(data, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: nothing there (%v)", pattern, err)
		}
		files = append(files, found...)
	}
	w := open(t)
	if _, err := w.Ingest(t.Context(), workspace.IngestOptions{}, files...); err != nil {
		t.Fatal(err)
	}
	return w
}

func open(t testing.TB) *workspace.Workspace {
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
	return w
}

// TestSnapshotIsMadeAnewWhenTheStoreChanges: the same one answers until something is stored, then the new thing is in it.
func TestSnapshotIsMadeAnewWhenTheStoreChanges(t *testing.T) {
	w, ctx := open(t), t.Context()
	first, err := w.Snapshot(ctx, workspace.Owner())
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.Snapshot(ctx, workspace.Owner())
	if err != nil || again != first {
		t.Errorf("another snapshot of the same store: %v", err)
	}
	const bundle = `{"type":"bundle","id":"bundle--11111111-1111-4111-8111-111111111111","objects":[
{"type":"campaign","spec_version":"2.1","id":"campaign--11111111-1111-4111-8111-111111111112","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"Harbour case"}]}`
	if _, err := w.Ingest(ctx, workspace.IngestOptions{Stdin: strings.NewReader(bundle)}, "-"); err != nil {
		t.Fatal(err)
	}
	later, err := w.Snapshot(ctx, workspace.Owner())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := later.Operation("harbour case"); err != nil {
		t.Errorf("what was stored is not in the next snapshot: %v", err)
	}
	if _, err := first.Operation("harbour case"); err == nil {
		t.Error("the first snapshot changed")
	}
}

// BenchmarkResident measures the first and each further answer over a joined workspace of some 2,400 operations.
func BenchmarkResident(b *testing.B) {
	w := joined(b)
	ctx := b.Context()
	questions := map[string]func(context.Context) error{
		"judge": func(ctx context.Context) error {
			s, err := w.Snapshot(ctx, workspace.Owner())
			if err != nil {
				return err
			}
			op, err := s.Operation("Operation Ghost")
			if err != nil {
				return err
			}
			cs, err := attribute.CaseOf(s.Graph, op.ID)
			if err != nil {
				return err
			}
			_, _, err = s.Judge(cs)
			return err
		},
		"actor": func(ctx context.Context) error {
			s, err := w.Snapshot(ctx, workspace.Owner())
			if err != nil {
				return err
			}
			_, err = s.Actor("Fancy Bear")
			return err
		},
		"claims": func(ctx context.Context) error {
			_, err := w.Claims(ctx, workspace.Owner(), workspace.ClaimFilter{Subject: "Sandworm"})
			return err
		},
	}
	for name, ask := range questions {
		b.Run(name, func(b *testing.B) {
			began := time.Now()
			if err := ask(ctx); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(time.Since(began).Milliseconds()), "first-ms")
			for b.Loop() {
				if err := ask(ctx); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
