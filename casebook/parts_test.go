package casebook_test

import (
	"strings"
	"testing"

	"marque/casebook"
	"marque/ingest"
	"marque/ingest/ingesttest"
)

// TestParts holds that a casebook is known as a whole and in parts, and that a misspelt key is not taken in silence.
func TestParts(t *testing.T) {
	for head, want := range map[string]ingest.Confidence{
		"casebook: 1\nsources:\n":                     ingest.Certain,
		"# comment\n\nactors:\n- {key: a, name: A}\n": ingest.Certain,
		"operations:\n  - key: a\n":                   ingest.Certain,
		"---\nmeasures:\r\n- {key: a}\r\n":            ingest.Certain,
		"actors: many of them\n- x\n":                 ingest.No,
		"actors:\nThe group is known under names.\n":  ingest.No,
		"services:\n- web\n":                          ingest.No,
		"Indicators:\n- evil.test\n":                  ingest.No,
		"key: value\n":                                ingest.No,
		"":                                            ingest.No,
	} {
		if got := (casebook.Reader{}).Detect([]byte(head), "x.yaml"); got != want {
			t.Errorf("%q: %v, want %v", head, got, want)
		}
	}
	for in, want := range map[string]string{
		"operations:\n- {key: a, frist: 2024-01-01}\n": `line 2: key "frist" of a operation is not known: did you mean "first"?`,
		"casebook: 1\nactors:\n- key: a\n  nam: b\n":   `line 4: key "nam" of a actor is not known: did you mean "name"?`,
		"casebook: 1\nsorces:\n- {name: a}\n":          `line 2: key "sorces" of a book is not known: did you mean "sources"?`,
		"documents:\n- {key: a, pages: 3}\n":           `line 2: key "pages" of a document is not known: want one of key, publisher`,
		"casebook: 2\n":                                "version 2: want 1",
		"measures:\n- {key: a, date: soon}\n":          `line 2: date "soon"`,
	} {
		_, err := ingesttest.Run(t.Context(), casebook.Reader{}, in)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
}

func TestJoin(t *testing.T) {
	all, _, err := casebook.Join([]byte("sources:\n- {name: A, kind: organization, reliability: B}\n"), []byte("documents:\n- {key: d, publisher: A, title: T, published: 2024-01-01, url: 'https://a.test/'}\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := ingesttest.Run(t.Context(), casebook.Reader{}, string(all))
	if err != nil || len(got.Rejects) > 0 || len(got.Objects) == 0 {
		t.Errorf("%d objects, %v, %v", len(got.Objects), got.Rejects, err)
	}
	if _, at, err := casebook.Join([]byte("sources: []\n"), []byte("x: 1\n")); err == nil || at != 1 {
		t.Errorf("file %d: %v", at, err)
	}
}
