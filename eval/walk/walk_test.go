package walk_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"marque/eval/walk"
	"marque/stix"
)

// worlds is how many worlds are walked; MARQUE_WALK sets another number. Every change walks 10,000 (.ci/run), make fuzz 100,000.
func worlds(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("MARQUE_WALK"))
	switch {
	case err == nil && n > 0:
		return n
	case os.Getenv("MARQUE_WALK") != "":
		t.Fatalf("MARQUE_WALK=%q: want a number", os.Getenv("MARQUE_WALK"))
	case testing.Short():
		return 100
	}
	return 200
}

// atATime is in how many ways a world is asked.
const atATime = 5

// memory is a folder that costs no disk where the system has one: the walk writes much, and none of it must last.
func memory(t testing.TB) string {
	t.Helper()
	if dir, err := os.MkdirTemp("/dev/shm", "marque-walk-"); err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		return dir
	}
	return t.TempDir()
}

// TestNothingAboveALevelIsToldBelowIt walks random worlds: no way out shows a word above the level, and every answer is, byte for byte,
// what it would be had nothing above the level ever been there.
func TestNothingAboveALevelIsToldBelowIt(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // much is made, little is kept
	opener, err := walk.NewOpener(t.Context(), memory(t))
	if err != nil {
		t.Fatal(err)
	}
	n, ways := worlds(t), walk.Ways()
	var seen [stix.Red]atomic.Int64
	walkers, ctx := errgroup.WithContext(t.Context())
	walkers.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		walkers.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			f, err := walkOne(ctx, opener, i, walk.Turn(ways, i, atATime), func(level stix.TLP, words int) { seen[level].Add(int64(words)) })
			if err != nil {
				return fmt.Errorf("world %d: %w", i, err)
			}
			if f != "" {
				return fmt.Errorf("world %d: %s", i, f)
			}
			return nil
		})
	}
	if err := walkers.Wait(); err != nil {
		t.Fatal(err)
	}
	for level := range seen {
		if n >= 100 && seen[level].Load() == 0 {
			t.Errorf("no word of %v was seen at its own level: the walk proves nothing", stix.TLP(level))
		}
	}
}

// walkOne walks a world and says what it found, "" where it found nothing.
func walkOne(ctx context.Context, o *walk.Opener, seed int, ways []walk.Way, seen func(stix.TLP, int)) (string, error) {
	rng := rand.New(rand.NewPCG(uint64(seed), 1))
	world := walk.New(rng)
	level := stix.TLP(rng.IntN(int(stix.Red)))
	return compare(ctx, o, world, level, world.Asked(6), walk.Some(rng, walk.Deeds()), ways, seen)
}

// compare opens a world, and what of it is not above a level, and asks both the same.
func compare(
	ctx context.Context, o *walk.Opener, world *walk.World, level stix.TLP, words []string, deeds []walk.Deed, ways []walk.Way, seen func(stix.TLP, int),
) (string, error) {
	whole, err := open(ctx, o, world, stix.Red, words, deeds)
	if err != nil {
		return "", err
	}
	defer whole.Close()
	below, err := open(ctx, o, world, level, words, deeds)
	if err != nil {
		return "", err
	}
	defer below.Close()
	for _, way := range ways {
		got, want := whole.Ask(ctx, way, level), below.Ask(ctx, way, level)
		seen(level, world.Words(got, level))
		if leaks := world.Leaks(got, level); len(leaks) > 0 {
			return fmt.Sprintf("%s up to %v shows %v after the deeds %s", way.Name, level, leaks, names(deeds)), nil
		}
		if got != want {
			return fmt.Sprintf("%s up to %v tells of what is above after the deeds %s:\n%s", way.Name, level, names(deeds), difference(got, want)), nil
		}
	}
	return "", nil
}

func open(ctx context.Context, o *walk.Opener, world *walk.World, upTo stix.TLP, words []string, deeds []walk.Deed) (*walk.House, error) {
	h, err := o.Open(ctx, world, upTo, words)
	if err != nil {
		if h != nil {
			h.Close()
		}
		return nil, err
	}
	h.Do(ctx, deeds)
	return h, nil
}

func names(deeds []walk.Deed) string {
	var out []string
	for _, d := range deeds {
		out = append(out, d.Name)
	}
	return fmt.Sprintf("[%s]", strings.Join(out, "; "))
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
