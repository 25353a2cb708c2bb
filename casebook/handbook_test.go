package casebook_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"marque/casebook"
	"marque/ingest"
	"marque/ingest/ingesttest"
)

// TestHandbookExample reads the example of docs/casebook.md: it holds together, and gives what it tells of.
func TestHandbookExample(t *testing.T) {
	doc, err := os.ReadFile("../docs/casebook.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(doc), "```yaml\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("docs/casebook.md has no example")
	}
	st := ingesttest.NewMemory()
	res, err := ingest.New(st, ingest.NewRegistry(casebook.Reader{}), ingest.Config{}).Bytes(context.Background(), "example.yaml", []byte(example))
	if err != nil || res.Rejected > 0 || len(res.NotUnderstood()) > 0 {
		t.Fatalf("%+v, %v", res, err)
	}
	types := map[string]int{}
	for _, o := range st.Objects() {
		types[o.Type]++
	}
	for _, want := range []string{"campaign", "threat-actor", "report", "indicator", "opinion"} {
		if types[want] == 0 {
			t.Errorf("no %s among %v", want, types)
		}
	}
}

// TestHandbookNamesEveryKey holds the tables against the types that are read.
func TestHandbookNamesEveryKey(t *testing.T) {
	doc, err := os.ReadFile("../docs/casebook.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range casebook.Types {
		for field := range typ.Fields() {
			key := casebook.KeyOf(field)
			if !strings.Contains(string(doc), "`"+key+"`") {
				t.Errorf("docs/casebook.md does not name %s of %s", key, typ.Name())
			}
		}
	}
}
