package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	_ "modernc.org/sqlite"

	"marque/store"
)

// demoHome is the workspace of the demo.
func demoHome(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if code, _, stderr := invoke(t, dir, "demo", "--quiet", "--dir", dir); code != 0 {
		t.Fatalf("demo: %s", stderr)
	}
	return dir
}

// TestADamagedObjectEndsNoCommand: what stands beside it is answered from, and it is named on standard error.
func TestADamagedObjectEndsNoCommand(t *testing.T) {
	home := demoHome(t)
	db, err := sql.Open("sqlite", filepath.Join(home, "marque.db"))
	if err != nil {
		t.Fatal(err)
	}
	var id, identity string
	err = errors.Join(
		db.QueryRowContext(t.Context(), `SELECT id FROM versions WHERE type = 'relationship' ORDER BY seq DESC`).Scan(&id),
		db.QueryRowContext(t.Context(), `SELECT id FROM versions WHERE type = 'identity' AND CAST(raw AS TEXT) LIKE '%"Security Service of Ukraine"%' ORDER BY seq DESC`).Scan(&identity))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `UPDATE versions SET raw = CAST(replace(CAST(raw AS TEXT), '"type"', '"ty' || char(1)) AS BLOB) WHERE id IN (?, ?)`, id, identity)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"claims", "report --out " + filepath.Join(t.TempDir(), "brief.md"), "export stix", "attribute --all"} {
		code, _, stderr := invoke(t, home, strings.Fields(args)...)
		if code != 0 || !strings.Contains(stderr, "passed over 2 damaged objects") || !strings.Contains(stderr, id) || !strings.Contains(stderr, identity) {
			t.Errorf("marque %s: exit %d: %s; want the rest, and %s named", args, code, stderr, id)
		}
	}
	code, stdout, stderr := invoke(t, home, "verify")
	if code != 3 || !strings.Contains(stdout, id) || !strings.Contains(stderr, "damaged") {
		t.Errorf("marque verify: exit %d: %s%s; want 3 and %s named", code, stdout, stderr, id)
	}
}

func TestAStoreOfNoBytesIsNoNewWorkspace(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "marque.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := invoke(t, home, "claims")
	if code != 1 || !strings.Contains(stderr, "marque.db") || !strings.Contains(stderr, "0 bytes") || !strings.Contains(stderr, "remove it to begin anew") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

func TestAnEmptyConfigurationLeavesTheDefaults(t *testing.T) {
	home := t.TempDir()
	for _, text := range []string{"", "\n", "# nothing\n", "---\n"} {
		if err := os.WriteFile(filepath.Join(home, "config.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range []string{"claims", "config check"} {
			if code, _, stderr := invoke(t, home, strings.Fields(args)...); code != 0 {
				t.Errorf("configuration %q: marque %s: exit %d: %s", text, args, code, stderr)
			}
		}
	}
}

// TestAFullDiskHasItsOwnSentence: whichever layer meets it.
func TestAFullDiskHasItsOwnSentence(t *testing.T) {
	for _, err := range []error{
		fmt.Errorf("put: %w", store.ErrFull),
		fmt.Errorf("write: %w", &os.PathError{Op: "write", Path: "brief.md", Err: syscall.ENOSPC}),
	} {
		if got := explain(err); !strings.Contains(got, err.Error()) || !strings.Contains(got, "make room") {
			t.Errorf("%v is told as %q", err, got)
		}
	}
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here")
	}
	code, _, stderr := invoke(t, demoHome(t), "export", "stix", "--out", "/dev/full")
	if code != 1 || !strings.Contains(stderr, "make room") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
