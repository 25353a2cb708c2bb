package sqlite_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
	"marque/store/storetest"
)

var provenanceTime = time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)

func TestReopen(t *testing.T) {
	// A path with everything that means something in a URI.
	path := filepath.Join(t.TempDir(), "a b?c#d%20é.db")
	objects := storetest.Generate(50, 1)
	for range 3 {
		db, err := sqlite.Open(t.Context(), path, sqlite.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Put(t.Context(), provenance, objects); err != nil {
			t.Fatal(err)
		}
		n, err := db.View(store.Owner()).Count(t.Context(), store.Query{AllVersions: true})
		if err != nil || n != len(objects) {
			t.Errorf("%d objects, %v", n, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the store is not where it was asked for: %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	newer := filepath.Join(dir, "newer.db")
	execute(t, newer, "PRAGMA user_version = 9999")
	if _, err := sqlite.Open(t.Context(), newer, sqlite.Config{}); !errors.Is(err, store.ErrNewer) {
		t.Errorf("newer schema: %v, want ErrNewer", err)
	}
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, path := range map[string]string{"not a database": text, "a folder": dir, "no folder": filepath.Join(dir, "no", "x.db")} {
		if db, err := sqlite.Open(t.Context(), path, sqlite.Config{}); err == nil {
			_ = db.Close()
			t.Errorf("%s was opened", what)
		}
	}
	_, err := sqlite.Open(t.Context(), filepath.Join(dir, "x.db"), sqlite.Config{BusyTimeout: -1, MaxBytes: -1, Readers: -1})
	if err == nil || strings.Count(err.Error(), "want zero or more") != 3 {
		t.Errorf("a wrong configuration: %v, want all three problems", err)
	}
}

func execute(t *testing.T, path, stmt string) {
	t.Helper()
	raw, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.ExecContext(t.Context(), stmt); err != nil {
		t.Fatal(err)
	}
}

// TestReadOnly: a file in a folder that cannot be written can be read, and says what it does not do.
func TestReadOnly(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("nothing keeps root from writing")
	}
	path := filepath.Join(t.TempDir(), "a.db")
	db, err := sqlite.Open(t.Context(), path, sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	objects := storetest.Generate(20, 1)
	if _, err := db.Put(t.Context(), provenance, objects); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Dir(path), 0o700) })
	if err := errors.Join(os.Chmod(path, 0o400), os.Chmod(filepath.Dir(path), 0o500)); err != nil {
		t.Fatal(err)
	}
	if db, err = sqlite.Open(t.Context(), path, sqlite.Config{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if n, err := db.View(store.Owner()).Count(t.Context(), store.Query{AllVersions: true}); err != nil || n != len(objects) {
		t.Errorf("%d objects, %v; want %d", n, err, len(objects))
	}
	if _, err := db.Put(t.Context(), provenance, storetest.Generate(5, 2)); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("put: %v, want ErrReadOnly", err)
	}
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	db := open(t, path, sqlite.Config{BusyTimeout: time.Millisecond})
	objects := storetest.Generate(10, 1)
	if _, err := db.Put(t.Context(), provenance, objects[:5]); err != nil {
		t.Fatal(err)
	}
	cmd, out := startChild(t, "lock", path)
	if _, err := out.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Put(t.Context(), provenance, objects); !errors.Is(err, store.ErrLocked) {
		t.Errorf("put: %v, want ErrLocked", err)
	}
	if err := db.PutMark(t.Context(), "a", "b"); !errors.Is(err, store.ErrLocked) {
		t.Errorf("mark: %v, want ErrLocked", err)
	}
	if n, err := db.View(store.Owner()).Count(t.Context(), store.Query{}); n != 5 || err != nil {
		t.Errorf("reading meanwhile: %d, %v", n, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if _, err := db.Put(t.Context(), provenance, objects); err != nil {
		t.Errorf("after the lock is gone: %v", err)
	}
}

// TestProcesses lets several processes make and fill one store at the same time.
func TestProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	acknowledged := map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 3 {
		run := fmt.Sprintf("p%d", i)
		cmd, out := startChild(t, "write:"+run, path)
		wg.Go(func() {
			for range 10 {
				if _, err := out.ReadString('\n'); err != nil {
					t.Errorf("%s ended by itself: %v", run, err)
					break
				}
				mu.Lock()
				acknowledged[run]++
				mu.Unlock()
			}
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
	}
	wg.Wait()
	checkAfterKill(t, path, acknowledged)
}

func TestFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	db := open(t, path, sqlite.Config{MaxBytes: 1 << 20})
	objects := storetest.Generate(4000, 1)
	var stored int
	var full error
	for batch := range slices.Chunk(objects, 200) {
		res, err := db.Put(t.Context(), provenance, batch)
		if err != nil {
			full = err
			break
		}
		stored += res.Added
	}
	if !errors.Is(full, store.ErrFull) {
		t.Fatalf("%v, want ErrFull", full)
	}
	if stored == 0 {
		t.Fatal("nothing was stored before the store was full")
	}
	check := func() {
		t.Helper()
		n, err := db.View(store.Owner()).Count(t.Context(), store.Query{AllVersions: true})
		if err != nil || n != stored {
			t.Errorf("%d objects, %v, want the %d that were acknowledged", n, err, stored)
		}
		if _, err := db.View(store.Owner()).Search(t.Context(), "ransomware", 1); err != nil {
			t.Errorf("search: %v", err)
		}
	}
	check()
	if res, err := db.Put(t.Context(), provenance, objects[:stored]); err != nil || res.Unchanged != stored {
		t.Errorf("what is known needs no room: %+v, %v", res, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	integrity(t, path)
	db = open(t, path, sqlite.Config{}) // room again
	res, err := db.Put(t.Context(), provenance, objects)
	if err != nil {
		t.Fatal(err)
	}
	stored += res.Added
	if stored != len(objects) {
		t.Errorf("%d of %d objects once there is room", stored, len(objects))
	}
	check()
}

func TestClock(t *testing.T) {
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	db := open(t, filepath.Join(t.TempDir(), "s.db"), sqlite.Config{Now: func() time.Time { return now }})
	objects := storetest.Generate(4, 1)
	var stored []time.Time
	for i, at := range []time.Duration{0, time.Hour, 0, -time.Hour} { // the clock goes back
		now = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(at)
		if _, err := db.Put(t.Context(), provenance, objects[i:i+1]); err != nil {
			t.Fatal(err)
		}
		rec, err := db.View(store.Owner()).Get(t.Context(), objects[i].ID)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, rec.Stored)
	}
	base := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	want := []time.Time{base, base.Add(time.Hour), base.Add(time.Hour + time.Microsecond), base.Add(time.Hour + 2*time.Microsecond)}
	if !slices.EqualFunc(stored, want, time.Time.Equal) {
		t.Errorf("stored at %v, want %v", stored, want)
	}
	if n, err := db.View(store.View{MaxTLP: stix.Red, AsOf: want[1]}).Count(t.Context(), store.Query{}); n != 2 || err != nil {
		t.Errorf("as of the second: %d, %v", n, err)
	}
}
