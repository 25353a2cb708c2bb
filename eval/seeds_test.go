package eval_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"marque/eval"
	"marque/ingest/prose"
	"marque/ingest/prose/extract"
)

// The gates of the seed reports.
const (
	leastFound      = 33
	mostUnsupported = 2
)

func shared(t *testing.T) string {
	t.Helper()
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is unset: the seed reports and seeds.yaml are looked for beside that folder")
	}
	return filepath.Dir(data)
}

// TestSeeds reads the two seed reports and holds the claims against seeds.yaml.
func TestSeeds(t *testing.T) {
	root := shared(t)
	raw, err := os.ReadFile(filepath.Join(root, "acceptance", "seeds.yaml"))
	if err != nil {
		t.Skipf("seeds.yaml is not beside MARQUE_DATA: %v", err)
	}
	truth, err := eval.ParseSeeds(raw)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := extract.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	found, unsupported := map[string][]prose.Claim{}, 0
	var all []prose.Claim
	for doc, file := range map[string]string{"A": "000_3aff589968f73394.txt", "B": "001_a58bcff74873f863.txt"} {
		text, err := os.ReadFile(filepath.Join(root, "seeds", file))
		if err != nil {
			t.Skipf("the seed reports are not beside MARQUE_DATA: %v", err)
		}
		res := reader.Read(prose.Document{Name: file, Text: string(text)})
		for _, c := range res.Claims {
			if string(text[c.Start:c.End]) != c.Quote {
				t.Errorf("%s: quote of %s is not in the text", doc, c.ID)
			}
		}
		all = append(all, res.Claims...)
		rows := slices.DeleteFunc(slices.Clone(truth.Claims), func(r eval.SeedRow) bool { return r.Doc != doc })
		facts := slices.DeleteFunc(slices.Clone(eval.ReviewedSeeds), func(f eval.SeedFact) bool { return f.Doc != doc })
		out := eval.MatchSeeds(rows, res.Claims, facts)
		maps.Copy(found, out.Found)
		for _, r := range out.Missed {
			t.Logf("missed  %-4s %v | %v | %s | %v", r.ID, r.Who, r.Subject, r.Relation, r.Object)
		}
		for _, c := range out.Extra {
			t.Logf("extra   %s", line(c))
		}
		for _, c := range out.Unknown {
			t.Logf("UNKNOWN %s [%s: %s] <- %s", line(c), c.Rule, c.Why, c.Quote)
		}
		unsupported += len(out.Unknown)
	}
	t.Logf("found %d of %d, %d claims in all, %d unsupported", len(found), len(truth.Claims), len(all), unsupported)
	if len(found) < leastFound {
		t.Errorf("found %d of %d expected claims, gate %d", len(found), len(truth.Claims), leastFound)
	}
	if unsupported > mostUnsupported {
		t.Errorf("%d unsupported claims, gate %d", unsupported, mostUnsupported)
	}
}

func line(c prose.Claim) string {
	names := func(refs []prose.Ref) string {
		out := make([]string, len(refs))
		for i, r := range refs {
			out[i] = r.Name
		}
		return strings.Join(out, " + ")
	}
	return fmt.Sprintf("%s | %s | %s | %s | %s", c.Who.Name, names(c.Subject), c.Relation, names(c.Object), c.Stance)
}
