package eval_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"marque/attribute"
	"marque/eval"
	"marque/graph"
	"marque/store/storetest"
)

var updateQuality = flag.Bool("update-quality", false, "write the measured sections of docs/quality.md")

// writeSection puts a section between its markers in docs/quality.md where the flag says so, and leaves the others alone;
// without the flag the document must show what was measured.
func writeSection(t *testing.T, name, markdown string) {
	t.Helper()
	path := filepath.Join("..", "docs", "quality.md")
	raw, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	text := string(raw)
	if text == "" {
		text = "# Quality, measured\n"
	}
	section := "<!-- " + name + ":begin -->\n" + markdown + "<!-- " + name + ":end -->\n"
	if !*updateQuality {
		if !strings.Contains(text, section) {
			t.Errorf("docs/quality.md does not show what was measured; run go test ./eval -run %s -update-quality", t.Name())
		}
		return
	}
	old := regexp.MustCompile("(?s)<!-- " + name + ":begin -->.*?<!-- " + name + ":end -->\n")
	if old.MatchString(text) {
		text = old.ReplaceAllLiteralString(text, section)
	} else {
		text = strings.TrimRight(text, "\n") + "\n\n" + section
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestJudgeSection writes what the gates on names, disputes and the negative measure.
func TestJudgeSection(t *testing.T) {
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: there is nothing to measure on")
	}
	names, err := eval.Names(data)
	if err != nil {
		t.Fatal(err)
	}
	d := measureDisputes(t)
	shared := attribute.NexusShared(graph.FromObjects(storetest.Attack(t), graph.Options{}), []string{"RU", "CN", "IR", "KP"})
	alarms := len(shared.Refuting)
	writeSection(t, "judge", fmt.Sprintf(`## Names, disputes, the negative

| figure | value | N | baseline | gate |
|---|---|---|---|---|
| Microsoft's actors found in the MISP galaxy, right | **%d** | %d | 108 | ≥ 130 |
| … forced wrong | **%d** | %d | – | 0 |
| … shown as a set / not in the galaxy by any name | %d / %d | %d | 28 / 30 | – |
| EuRepoC incidents that parties attribute to different countries or regions, shown as disputed | **%d** | %d | – | %d |
| EuRepoC incidents with a contested attribution, shown as disputed | **%d** | %d (%d rows) | – | %d |
| commodity tools explained (%s) | **%d** | %d | – | %d |
| … false alarms | **%d** | – | – | 0 |

The names' truth is counted plainly: right is the cluster that bears Microsoft's own name, or most of the actor's names that the
galaxy knows. The baseline is the exact alias. The weights of docs/judging.md were chosen on these files; there is no held-out half.
`, names.Right, names.Actors, names.Wrong, names.Actors, names.Ambiguous, names.Unknown, names.Actors,
		d.severalShown, d.several, d.several, d.contestedShown, d.contested, d.rows, d.contested,
		strings.Join(commodities, ", "), explained(shared), len(commodities), len(commodities), alarms))
}
