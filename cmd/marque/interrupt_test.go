package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"marque/internal/durable"
	"marque/store"
	"marque/store/sqlite"
)

// asProgram makes the test binary the program itself.
const asProgram = "MARQUE_TEST_AS_PROGRAM"

// process starts the program as a process of its own.
func process(t *testing.T, home string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no interrupt that a process can send to another")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, append([]string{"--home", home}, args...)...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	return cmd, &stderr
}

// eventually asks until the answer is yes, or the test runs out of time, or the process has ended.
func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for !yes() {
		if t.Context().Err() != nil {
			t.Fatalf("%s: never", what)
		}
		runtime.Gosched()
	}
}

const objectsOfBig = 60_000

// bigBundle is a file whose reading takes many batches.
func bigBundle(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`{"type":"bundle","id":"bundle--11111111-1111-4111-8111-111111111111","objects":[`)
	for i := range objectsOfBig {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `
{"type":"identity","spec_version":"2.1","id":"identity--11111111-1111-4111-8111-%012d","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"Somebody %d"}`, i, i)
	}
	b.WriteString("]}")
	path := filepath.Join(t.TempDir(), "big.json")
	if err := durable.WriteFile(durable.OS, path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// stored counts the objects of a workspace; 0 as long as there is none.
func stored(t *testing.T, home string) int {
	t.Helper()
	path := filepath.Join(home, "marque.db")
	if _, err := os.Stat(path); err != nil {
		return 0
	}
	db, err := sqlite.Open(t.Context(), path, sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	n, err := db.View(store.Owner()).Count(t.Context(), store.Query{AllVersions: true})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestInterruptedIngestKeepsWhatWasAcknowledged: Ctrl-C in the middle of a file exits with 130, whole batches are there, and the same
// command goes on.
func TestInterruptedIngestKeepsWhatWasAcknowledged(t *testing.T) {
	home, big := t.TempDir(), bigBundle(t)
	cmd, stderr := process(t, home, "ingest", big)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	seen := 0
	eventually(t, "the first batch", func() bool { seen = stored(t, home); return seen > 0 })
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 || !strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("exit %d: %s; want 130 and a word", code, stderr)
	}
	kept := stored(t, home)
	if kept < seen || kept%1000 != 0 || kept >= objectsOfBig {
		t.Errorf("%d objects kept, %d were seen before the signal; want whole batches and not all", kept, seen)
	}
	if code, _, errs := invoke(t, home, "ingest", big); code != 0 || stored(t, home) != objectsOfBig {
		t.Errorf("the same command again: exit %d, %d objects: %s", code, stored(t, home), errs)
	}
}

// TestInterruptedWhileNothingComes: a command that waits for standard input ends too.
func TestInterruptedWhileNothingComes(t *testing.T) {
	for _, args := range []string{"ingest -", "match -", "stix validate -"} {
		home := t.TempDir()
		if args == "match -" { // which needs an indicator before it reads
			if code, _, errs := invoke(t, home, "ingest", indicatorFile(t)); code != 0 {
				t.Fatal(errs)
			}
		}
		cmd, stderr := process(t, home, strings.Fields(args)...)
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// More than a pipe holds: once all is written, the command has read from it, and now waits for the rest.
		if _, err := stdin.Write(bytes.Repeat([]byte(" \n"), 1<<20)); err != nil {
			t.Errorf("marque %s: %v: %s", args, err, stderr)
		}
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != 130 || !strings.Contains(stderr.String(), "interrupted") {
			t.Errorf("marque %s: exit %d: %s; want 130 and a word", args, code, stderr)
		}
		_ = stdin.Close()
	}
}

func indicatorFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "indicator.json")
	text := `{"type":"bundle","id":"bundle--11111111-1111-4111-8111-111111111111","objects":[{"type":"indicator","spec_version":"2.1","id":"indicator--11111111-1111-4111-8111-111111111112","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","pattern_type":"stix","pattern":"[domain-name:value = 'bad.example']","valid_from":"2024-01-01T00:00:00Z"}]}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
