package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// invoke runs the program in the process and returns its exit code and what it printed.
func invoke(t *testing.T, home string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	file := func(name string) *os.File {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	out, errs, in := file("out"), file("err"), file("in")
	code = run(context.Background(), append([]string{"--home", home}, args...), in, out, errs)
	read := func(f *os.File) string {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	return code, read(out), read(errs)
}

// commands lists every command of the program by its words.
func commands() map[string]*cobra.Command {
	out := map[string]*cobra.Command{}
	var walk func(c *cobra.Command, path string)
	walk = func(c *cobra.Command, path string) {
		out[strings.TrimSpace(path)] = c
		for _, sub := range c.Commands() {
			walk(sub, path+" "+sub.Name())
		}
	}
	walk(rootCommand(newApp(os.Stdin, os.Stdout, os.Stderr)), "")
	return out
}

// TestEveryCommandRefusesWhatItDoesNotKnow: an unknown flag, and an unknown command below a group, exit with 2 and name where to look.
func TestEveryCommandRefusesWhatItDoesNotKnow(t *testing.T) {
	home := t.TempDir()
	for path, c := range commands() {
		words := strings.Fields(path)
		code, _, stderr := invoke(t, home, append(words, "--no-such-flag")...)
		if code != 2 || !strings.Contains(stderr, "--help") {
			t.Errorf("marque %s --no-such-flag: exit %d: %s", path, code, stderr)
		}
		if !c.HasSubCommands() || path == "ingest" { // which takes files
			continue
		}
		if code, _, stderr = invoke(t, home, append(words, "nosuch")...); code != 2 || !strings.Contains(stderr, "unknown command") {
			t.Errorf("marque %s nosuch: exit %d: %s", path, code, stderr)
		}
	}
}

// TestExitCodes holds the codes that the help documents, one command line for each way to end.
func TestExitCodes(t *testing.T) {
	home, dir := t.TempDir(), t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good.json", `{"type":"bundle","id":"bundle--11111111-1111-4111-8111-111111111111","objects":[
{"type":"identity","spec_version":"2.1","id":"identity--11111111-1111-4111-8111-111111111112","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"Good"}]}`)
	names := write("names.txt", "one.example\ntwo.example\n")
	mixed := write("mixed.json", `{"type":"bundle","id":"bundle--11111111-1111-4111-8111-111111111111","objects":[{"type":"identity","id":"tool--11111111-1111-4111-8111-111111111113"}]}`)
	invalid := write("invalid.json", `{"type":"bundle","id":"bundle--11111111-1111-4111-8111-111111111111","objects":[{"type":"identity","id":"identity--11111111-1111-4111-8111-111111111112"}]}`)
	for _, c := range []struct {
		code int
		args string
	}{
		{0, "init"},
		{0, "ingest " + good},
		{0, "claims"},
		{0, "config check"},
		{0, "graph"},
		{0, "verify"},
		{0, "influence families " + names},
		{1, "influence successors --names " + names},
		{1, "influence predict --known " + filepath.Join(dir, "missing.csv")},
		{2, "influence nosuch"},
		{0, "influence events"},
		{1, "influence media " + names},
		{1, "influence accounts " + names},
		{2, "influence accounts --window 0s " + names},
		{2, "influence sides " + names},
		{2, "influence events --days 0"},
		{2, "influence media"},
		{2, "influence watch"},
		{2, "influence families"},
		{2, "influence successors"},
		{2, "influence successors --share 2 --names " + names},
		{2, "influence predict --format paper"},
		{2, "influence replacements surplus"},
		{2, "influence families --why one " + names},
		{1, "ingest " + filepath.Join(dir, "missing.json")},
		{1, "attribute nobody"},
		{1, "actor nobody"},
		{1, "match " + good},
		{2, "claimz"},
		{2, "graph nosuch"},
		{2, "attribute"},
		{0, "measures"},
		{1, "measures show nothing"},
		{2, "measures nosuch"},
		{2, "measures add"},
		{2, "measures --format paper"},
		{2, "measures lists"},
		{1, "witness show"},
		{1, "statement sign " + dir},
		{2, "statement draft x"},
		{2, "statement publish " + dir},
		{2, "statement directory"},
		{2, "statement cosign --reserve x " + dir},
		{2, "witness init"},
		{2, "report year"},
		{2, "deter --by colour"},
		{2, "deter plan x"},
		{1, "deter plan x --by US"},
		{1, "deter plan x --by US --plan " + mixed},
		{2, "report year --from 2024-01-01 --to 2023-01-01"},
		{2, "report year --from 2024-01-01 --to 2024-06-30 --out year.pdf"},
		{2, "claims surplus"},
		{2, "claims --tlp purple"},
		{2, "claims --since yesterday"},
		{0, "diff --since 7d"},
		{2, "diff"},
		{2, "diff --since yesterday"},
		{2, "diff --since 7d --until 8d"},
		{0, "search nothing"},
		{2, "search"},
		{1, "timeline nobody"},
		{1, "watch add actor nobody"},
		{1, "watch add house white"},
		{1, "watch remove actor nobody"},
		{0, "watch add query wiper"},
		{2, "graph show good --out g.jpg"},
		{0, "review"},
		{0, "review --candidates --accept"},
		{1, "review nosuch --accept"},
		{1, "review --undo"},
		{2, "review --accept"},
		{2, "review --accept --reject"},
		{1, "claims --operation nobody"},
		{1, "assess nobody"},
		{1, "assess nobody --undo"},
		{2, "assess nobody --judgement words"},
		{2, "claim nosuch"},
		{2, "claim add a uses b"},
		{1, "claim withdraw f46c624b"},
		{1, "claim undo f46c624b --reason none"},
		{1, "evidence list nobody"},
		{1, "note add nobody text"},
		{0, "note list"},
		{2, "report --from yesterday"},
		{2, "report --out brief.odt"},
		{2, "ingest --format nope " + good},
		{2, "ingest --tlp purple " + good},
		{2, "export stix --tlp red"},
		{2, "export stix --use revenge"},
		{2, "hunt --actor a --pattern b"},
		{2, "lake ddl --engine abacus"},
		{2, "serve --listen bad"},
		{2, "init --with nothing"},
		{3, "stix validate " + invalid},
		{3, "pattern check [domain-name:value]"},
		{3, "hunt --pattern [bad"},
		{4, "ingest " + mixed},
	} {
		code, _, stderr := invoke(t, home, strings.Fields(c.args)...)
		if code != c.code {
			t.Errorf("marque %s: exit %d, want %d: %s", c.args, code, c.code, stderr)
		}
		if code != 0 && stderr == "" && !strings.HasPrefix(c.args, "stix") {
			t.Errorf("marque %s: exit %d without a word", c.args, code)
		}
	}
}
