package walk_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"marque/eval/walk"
	"marque/ingest"
	"marque/ingest/formats"
	"marque/ingest/prose/extract"
	"marque/stix"
	"marque/store/sqlite"
)

// runs is how many worlds are walked; MARQUE_WALK sets another number.
func runs(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("MARQUE_WALK"))
	switch {
	case err == nil && n > 0:
		return n
	case os.Getenv("MARQUE_WALK") != "":
		t.Fatalf("MARQUE_WALK=%q: want a number", os.Getenv("MARQUE_WALK"))
	case testing.Short():
		return 20
	}
	return 100
}

// TestNothingAboveALevelIsSeenBelowIt walks random workspaces: no way out shows a word above the level, and all that is seen is, byte for
// byte, what would be seen had nothing above the level ever been there.
func TestNothingAboveALevelIsSeenBelowIt(t *testing.T) {
	reader, err := extract.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[stix.TLP]int{}
	worlds := runs(t)
	for seed := range worlds {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		w := walk.New(rng)
		level := stix.TLP(rng.IntN(int(stix.Red)))
		whole, below := fill(t, reader, w.Inputs), fill(t, reader, w.Below(level))
		got, err := walk.Look(t.Context(), whole, level)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		want, err := walk.Look(t.Context(), below, level)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for way, text := range got {
			if leaks := w.Leaks(text, level); len(leaks) > 0 {
				t.Errorf("seed %d: %s up to %v shows %v", seed, way, level, leaks)
			}
			if text != want[way] {
				t.Errorf("seed %d: %s up to %v tells of what is above:\n%s", seed, way, level, difference(text, want[way]))
			}
			seen[level] += w.Words(text, level)
		}
		_ = whole.Close()
		_ = below.Close()
		if t.Failed() {
			return
		}
	}
	for level := stix.Clear; level < stix.Red && worlds >= 20; level++ {
		if seen[level] == 0 {
			t.Errorf("no word of %v was seen at its own level: the walk proves nothing", level)
		}
	}
}

// fill reads inputs into a store.
func fill(t *testing.T, claims *extract.Reader, inputs []walk.Input) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	registry := formats.Default(formats.Config{Report: claims, Known: db})
	for _, in := range inputs {
		cfg := ingest.Config{TLP: in.Level, Now: func() time.Time { return time.Date(2024, 10, 1, 0, 0, 0, 0, time.UTC) }}
		if _, err := ingest.New(db, registry, cfg).Bytes(t.Context(), in.Name, []byte(in.Text())); err != nil {
			t.Fatalf("%s: %v\n%s", in.Name, err, in.Text())
		}
	}
	return db
}

// difference shows the first lines in which two texts differ.
func difference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(a), len(b)) {
		x, y := "(nothing)", "(nothing)"
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			at := 0
			for at < min(len(x), len(y)) && x[at] == y[at] {
				at++
			}
			from := max(0, at-200)
			return fmt.Sprintf("line %d:\n seen …%.600s\n want …%.600s", i+1, x[from:], y[from:])
		}
	}
	return slices.Max([]string{got, want})
}
