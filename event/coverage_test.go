package event_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"marque/event"
)

var update = flag.Bool("update", false, "write the tables of event formats into docs/formats.md")

const (
	tablesBegin = "<!-- made from event/formats.yaml: go test ./event -run Coverage -update -->\n"
	tablesEnd   = "<!-- end -->\n"
)

// coverage are the tables of what is read of each event format.
func coverage() string {
	var b strings.Builder
	b.WriteString("\n| format | what | told by |\n|---|---|---|\n")
	for _, f := range event.BuiltinFormats() {
		by := quoted(f.When)
		if len(f.WhenAny) > 0 {
			by += " and one of " + quoted(f.WhenAny)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, f.About, by)
	}
	b.WriteString("\n| format | role | fields |\n|---|---|---|\n")
	for _, f := range event.BuiltinFormats() {
		roles := []string{
			"time", "sensor", "technique", "victim", "sector", "country", "src_ip", "dst_ip", "ip", "domain", "url", "url_scheme", "url_host", "url_path", "url_query",
			"hash", "md5", "sha1", "sha256", "sha512", "email", "any", "many",
		}
		for _, role := range roles {
			if paths := f.Fields[role]; len(paths) > 0 {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, role, quoted(paths))
			}
		}
		for role := range f.Fields {
			if !slices.Contains(roles, role) {
				panic("no row for the role " + role)
			}
		}
	}
	return b.String() + "\n"
}

func quoted(list []string) string { return "`" + strings.Join(list, "` `") + "`" }

// TestCoverageTable holds that docs/formats.md tells what the mapping reads, no more and no less.
func TestCoverageTable(t *testing.T) {
	const file = "../docs/formats.md"
	doc, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(doc), tablesBegin)
	_, after, ended := strings.Cut(rest, tablesEnd)
	if !ok || !ended {
		t.Fatalf("%s has no place for the tables", file)
	}
	want := before + tablesBegin + coverage() + tablesEnd + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(doc) {
		t.Errorf("%s differs from event/formats.yaml: go test ./event -run Coverage -update", file)
	}
}
