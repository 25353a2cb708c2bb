package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// goName is a field of a struct without a name for JSON.
var goName = regexp.MustCompile(`^[A-Z][A-Z]*[a-z][A-Za-z]*$`)

// goNames are the Go names among the field names of a JSON value.
func goNames(v any) (out []string) {
	switch v := v.(type) {
	case map[string]any:
		for name, below := range v {
			if goName.MatchString(name) {
				out = append(out, name)
			}
			out = append(out, goNames(below)...)
		}
	case []any:
		for _, below := range v {
			out = append(out, goNames(below)...)
		}
	}
	return out
}

// withoutJSON are the commands that the table below leaves out.
var withoutJSON = map[string]string{
	"serve":            "runs until it is ended",
	"user password":    "reads a password from standard input",
	"ingest taxii":     "needs a server",
	"statement verify": "needs a dossier; its own tests read its JSON",

	"statement cosign":    "needs a signed statement; ceremony.txtar",
	"statement directory": "needs root keys; ceremony.txtar",
	"statement publish":   "needs a statement that holds; ceremony.txtar",
	"statement withdraw":  "needs a signed statement; ceremony.txtar",
	"witness watch":       "needs another's log; ceremony.txtar",
	"nominate":            "is a draft for people; its script reads its JSON",
	"deter table":         "needs the data sets",
	"deter effect":        "needs the data sets",
	"bench":               "a group",
	"bench hunt":          "measures for longer than a test may",
	"bench day":           "measures for longer than a test may",
	"export csv":          "is CSV",
	"note withdraw":       "needs the id of a note; analyst.txtar reads its JSON",
	"pattern match":       "needs observed data; its script reads its JSON",

	"influence accounts":     "needs posts; influence.txtar reads its JSON",
	"influence events":       "needs posts and occasions; influence.txtar reads its JSON",
	"influence families":     "needs a table of sites; influence.txtar reads its JSON",
	"influence media":        "needs files; influence.txtar reads its JSON",
	"influence predict":      "needs a list of sites; influence.txtar reads its JSON",
	"influence replacements": "needs a list of sites; influence.txtar reads its JSON",
	"influence sides":        "needs posts; influence.txtar reads its JSON",
	"influence successors":   "needs lists; influence.txtar reads its JSON",
	"influence watch":        "needs a list of sites; influence.txtar reads its JSON",
}

// TestJSONOfEveryCommand runs each command with --json on the workspace of the demo: standard output is JSON values and nothing else, and no
// field has a name of Go's.
func TestJSONOfEveryCommand(t *testing.T) {
	home, dir := demoHome(t), t.TempDir()
	list := filepath.Join(dir, "sdn.csv")
	if err := os.WriteFile(list, []byte("100,\"IVANOV, Pyotr\",\"individual\",\"CYBER2\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 28 Oct 1983.\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	feed := filepath.Join(dir, "feed")
	ran := map[string]bool{}
	for _, args := range []string{
		"", "actor sandworm", "attribute --all", "attribute kyivstar", "claims", "claims --operation kyivstar --since 7d", "review", "review --candidates --preview", "review --kind indicator", "assess kyivstar",
		"assess kyivstar --judgement Sandworm --actor Sandworm --state RU --probability 90 --confidence moderate --reason test", "assess kyivstar --undo",
		"claim", "claim add kyivstar attributed-to Sandworm --who ESET --reason test", "claim edit f46c624b --grade D3 --reason test",
		"claim withdraw f46c624b --reason test", "claim undo f46c624b", "evidence", "evidence list kyivstar", "evidence grade f46c624b --to E3 --reason test",
		"diff --since 7d", "watch", "watch add actor sandworm", "watch list", "diff --since 7d --watched", "watch remove actor sandworm", "search kyivstar", "timeline kyivstar",
		"note", "note add kyivstar look", "note list kyivstar", "config", "config check", "deter", "deter --by kind --naming", "deter gap", "deter plan doppelganger --by DE,FR",
		"demo --dir " + dir, "export", "export stix", "export misp", "export navigator", "export feed --out " + feed, "ingest feed " + feed,
		"graph", "graph show sandworm", "ingest " + indicatorFile(t), "indicators", "indicators list", "indicators accept --all", "indicators reject --all", "init",
		"indicators extend bad.example --days 3", "indicators revoke bad.example", "match --explain-line {}", "ledger", "ledger rotate",
		"match --lake " + filepath.Join(home, "events.jsonl"), "hunt", "lake", "lake ls", "lake stats", "lake compact", "lake retain --before 2020-01-01", "lake ddl",
		"nexus", "nexus shared", "pattern", "pattern check [domain-name:value='a']", "pattern explain [domain-name:value='a']", "quarantine",
		"operations", "join kyivstar doppelganger --reason test", "split kyivstar doppelganger --reason test", "influence",
		"measures", "measures show cronos", "measures edit cronos --status done", "measures add Test --kind protest --by DE --source Test", "measures lists --as-of 2024-05-01 " + list,
		"report", "report year --from 2023-07-01 --to 2024-06-30", "screen --list " + list + " Ivanov", "statement", "statement key --state XX", "statement draft doppelganger --to " + dir + "/said", "statement sign " + dir + "/said",
		"witness", "witness init a.example/w", "witness show", "stix", "stix validate " + indicatorFile(t), "user", "user token a",
		"bench events --events 100 --indicators 100 --python -", "verify", "version",
	} {
		words := strings.Fields(args)
		path := ""
		for i := range words {
			if at := strings.Join(words[:i+1], " "); commands()[at] != nil {
				path = at
			}
		}
		ran[path] = true
		code, stdout, stderr := invoke(t, home, append(words, "--json", "--quiet")...)
		if code != 0 && code != 4 { // 4: done, and something was set aside
			t.Errorf("marque %s --json: exit %d: %s", args, code, stderr)
		}
		values := 0
		for dec := json.NewDecoder(strings.NewReader(stdout)); ; values++ {
			var v any
			if err := dec.Decode(&v); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("marque %s --json: %v in %.100q", args, err, stdout)
				break
			}
			if names := goNames(v); len(names) > 0 && path != "export misp" { // MISP's own names
				t.Errorf("marque %s --json: fields with names of Go's: %.200q", args, names)
			}
		}
		if values == 0 && path != "hunt" { // a line for each hit
			t.Errorf("marque %s --json: nothing on standard output", args)
		}
	}
	for path := range commands() {
		if !ran[path] && withoutJSON[path] == "" {
			t.Errorf("marque %s is not in the table", path)
		}
	}
}
