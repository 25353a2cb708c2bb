package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestReadme runs the tour of the README line by line, as it stands there: its files exist and every command of it works.
func TestReadme(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, tour, found := strings.Cut(string(text), "## Five minutes")
	_, tour, _ = strings.Cut(tour, "```sh\n")
	tour, _, closed := strings.Cut(tour, "```")
	if !found || !closed || strings.Count(tour, "marque ") < 10 {
		t.Fatal("the README has no tour of the program")
	}
	// The test's own binary stands in for the one that make builds.
	tour = strings.Replace(tour, "make build\n", "", 1)
	tour = strings.Replace(tour, "export PATH=$PWD/bin:$PATH MARQUE_HOME=", "export MARQUE_HOME=", 1)
	script := filepath.Join(t.TempDir(), "readme.txtar")
	archive := "exec bash -eu tour.sh\nstdout 'nothing was altered'\n-- tour.sh --\n" + tour
	if err := os.WriteFile(script, []byte(archive), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files: []string{script},
		Setup: func(e *testscript.Env) error {
			return os.CopyFS(filepath.Join(e.WorkDir, "examples"), os.DirFS(filepath.Join(root, "examples")))
		},
	})
}
