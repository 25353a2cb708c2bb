package site_test

import (
	"bufio"
	"compress/gzip"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"marque/influence/site"
)

var update = flag.Bool("update", false, "write data/rates.txt anew")

// lines reads a gzipped file of the real data.
func lines(t testing.TB, elem ...string) []string {
	t.Helper()
	dir := os.Getenv("MARQUE_DATA")
	if dir == "" {
		t.Skip("MARQUE_DATA is not set: the real data is not here")
	}
	f, err := os.Open(filepath.Join(append([]string{dir}, elem...)...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	s := bufio.NewScanner(z)
	for s.Scan() {
		if l := strings.TrimSpace(s.Text()); l != "" {
			out = append(out, l)
		}
	}
	return out
}

const ratesHead = `# How many of a million newly registered names stand in a relation to one given label by chance: by whether the label is shared or an
# ordinary word (common.txt), then by its length (1 to 12 and more).
# Measured by TestRates: the labels of the 100,000 popular names of MISP's warning lists (CC0) against every second name of one day's
# new ones (domainthreat's sample of 2025-07-07, MIT). "below" cannot be measured on registered names: it is taken to be as rare as "word".
`

// TestRates: the rates that weights rest on are those that are measured.
func TestRates(t *testing.T) {
	popular := lines(t, "domains", "popular-100k.txt.gz")
	var fresh []string
	for i, l := range lines(t, "domains", "newly-registered-sample.txt.gz") {
		if i%2 == 0 {
			fresh = append(fresh, l)
		}
	}
	got := ratesHead + site.MeasureRates(popular, fresh)
	for l := range strings.Lines(got) {
		if rest, ok := strings.CutPrefix(l, "word "); ok {
			got += "below " + rest
		}
	}
	file := filepath.Join("data", "rates.txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("data/rates.txt is not what is measured; -update writes it:\n%s", got)
	}
}
