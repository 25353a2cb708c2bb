package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
	"marque/store/storetest"
)

// damaged is a store of 20 objects with the third and the last damaged, and the fifth altered to another object.
func damaged(t *testing.T) (*sqlite.DB, []*stix.Object) {
	path := filepath.Join(t.TempDir(), "store.db")
	db := open(t, path, sqlite.Config{})
	objects := storetest.Generate(20, 1)
	if _, err := db.Put(t.Context(), provenance, objects); err != nil {
		t.Fatal(err)
	}
	if got := db.Damaged(); len(got) != 0 {
		t.Fatalf("damaged before anything was: %v", got)
	}
	execute(t, path, `UPDATE versions SET raw = CAST(replace(CAST(raw AS TEXT), '"id"', '"i' || char(1) || '"') AS BLOB) WHERE seq IN (3, 20)`)
	execute(t, path, `UPDATE versions SET raw = CAST(replace(CAST(raw AS TEXT), '"spec_version":"2.1"', '"spec_version":"2.9"') AS BLOB) WHERE seq = 5`)
	return db, objects
}

func TestDamagedObjectsArePassedOverAndNamed(t *testing.T) {
	db, objects := damaged(t)
	r := db.View(store.Owner())
	var seqs []int64
	for rec, err := range r.Find(t.Context(), store.Query{AllVersions: true}) {
		if err != nil {
			t.Fatal(err)
		}
		seqs = append(seqs, rec.Seq)
	}
	if len(seqs) != 18 || slices.Contains(seqs, 3) || slices.Contains(seqs, 20) {
		t.Errorf("found %v, want 1 to 19 without 3", seqs)
	}
	got := db.Damaged()
	if len(got) != 2 || got[0].Seq != 3 || got[0].ID != objects[2].ID || got[1].Seq != 20 || got[1].ID != objects[19].ID {
		t.Errorf("named %v, want records 3 and 20 with their ids", got)
	}
	_, err := r.Get(t.Context(), objects[2].ID)
	if !errors.Is(err, store.ErrNotFound) || !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "record 3") {
		t.Errorf("get: %v, want what it is and which", err)
	}
}

// TestDamagePages: limits and pages go on behind a damaged object, and come to their end.
func TestDamagePages(t *testing.T) {
	db, _ := damaged(t)
	r := db.View(store.Owner())
	n := 0
	for _, err := range r.Find(t.Context(), store.Query{AllVersions: true, Limit: 10}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 10 {
		t.Errorf("a query for 10 got %d", n)
	}
	n = 0
	for q := (store.Query{AllVersions: true, Limit: 3}); ; {
		p, err := r.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range p.Records {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if q.AfterSeq = p.LastSeq; !p.More {
			break
		}
	}
	if n != 18 {
		t.Errorf("pages of three gave %d objects, want 18", n)
	}
}

// TestCheckFindsWhatReadersDoNotNotice: an object that reads well but is not the one that was stored.
func TestCheckFindsWhatReadersDoNotNotice(t *testing.T) {
	db, objects := damaged(t)
	got, err := db.Check(t.Context())
	if err != nil || len(got) != 3 || got[1].Seq != 5 || got[1].ID != objects[4].ID {
		t.Errorf("%v, %v; want records 3, 5 and 20", got, err)
	}
}

func TestAFileOfNoBytesIsNoNewStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), path, sqlite.Config{})
	if !errors.Is(err, store.ErrEmpty) {
		t.Fatalf("%v, %v; want ErrEmpty", db, err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("the file was touched: %v, %v", info, err)
	}
}

// TestANewStoreLeavesNothingBeside: it is made under another name.
func TestANewStoreLeavesNothingBeside(t *testing.T) {
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "store.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("%v, %v; want one file", files, err)
	}
}

func TestADamagedFileIsNamedSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), path, sqlite.Config{}); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("%v, want ErrDamaged", err)
	}
}
