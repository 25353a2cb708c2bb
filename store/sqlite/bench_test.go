package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"marque/store"
	"marque/store/sqlite"
	"marque/store/storetest"
)

var provenance = store.Provenance{Source: "generated", Importer: "test/1"}

// BenchmarkPut imports ATT&CK-like objects into an empty store, by size of the batch.
func BenchmarkPut(b *testing.B) {
	objects := storetest.Generate(40_000, 1)
	bytes := 0
	for _, o := range objects {
		bytes += len(o.Raw())
	}
	for _, size := range []int{100, 1000, 5000} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				db, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "s.db"), sqlite.Config{})
				if err != nil {
					b.Fatal(err)
				}
				for batch := range slices.Chunk(objects, size) {
					if _, err := db.Put(b.Context(), provenance, batch); err != nil {
						b.Fatal(err)
					}
				}
				if err := db.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(objects)*b.N)/b.Elapsed().Seconds(), "objects/s")
			b.ReportMetric(float64(bytes/len(objects)), "bytes/object")
		})
	}
}

// BenchmarkSQLiteAlone is what BenchmarkPut is measured against in the same run: the bytes in one table with an index on the
// id, nothing else.
func BenchmarkSQLiteAlone(b *testing.B) {
	objects := storetest.Generate(40_000, 1)
	for b.Loop() {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "s.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
		if err != nil {
			b.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		must := func(_ sql.Result, err error) {
			if err != nil {
				b.Fatal(err)
			}
		}
		must(db.Exec(`CREATE TABLE objects (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, type TEXT, modified TEXT, raw BLOB)`))
		for batch := range slices.Chunk(objects, 5000) {
			tx, err := db.Begin()
			if err != nil {
				b.Fatal(err)
			}
			stmt, err := tx.Prepare(`INSERT INTO objects (id, type, modified, raw) VALUES (?, ?, ?, ?)`)
			if err != nil {
				b.Fatal(err)
			}
			for _, o := range batch {
				must(stmt.Exec(string(o.ID), o.Type, o.Modified.String(), o.Raw()))
			}
			if err := tx.Commit(); err != nil {
				b.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(objects)*b.N)/b.Elapsed().Seconds(), "objects/s")
}
