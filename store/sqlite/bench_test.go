package sqlite_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
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
		must(db.ExecContext(b.Context(), `CREATE TABLE objects (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, type TEXT, modified TEXT, raw BLOB)`))
		for batch := range slices.Chunk(objects, 5000) {
			tx, err := db.BeginTx(b.Context(), nil)
			if err != nil {
				b.Fatal(err)
			}
			stmt, err := tx.PrepareContext(b.Context(), `INSERT INTO objects (id, type, modified, raw) VALUES (?, ?, ?, ?)`)
			if err != nil {
				b.Fatal(err)
			}
			defer stmt.Close()
			for _, o := range batch {
				must(stmt.ExecContext(b.Context(), string(o.ID), o.Type, o.Modified.String(), o.Raw()))
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

// BenchmarkPutOne puts one object at a time: what a sync of the log for each acknowledgement costs.
func BenchmarkPutOne(b *testing.B) {
	db, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "s.db"), sqlite.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	objects := storetest.Generate(50_000, 1)
	i := 0
	for b.Loop() {
		if _, err := db.Put(b.Context(), provenance, objects[i%len(objects):i%len(objects)+1]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// BenchmarkFind streams a store and reports the memory that it held at most; BenchmarkOpen opens it. MARQUE_BENCH_OBJECTS
// sets the size: a million is what a TAXII server must serve in 200 MB.
func BenchmarkFind(b *testing.B) {
	path, n := filled(b)
	db, err := sqlite.Open(b.Context(), path, sqlite.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for name, q := range map[string]store.Query{
		"all": {}, "importer": {Importers: []string{provenance.Importer}}, "types": {Types: []string{"malware", "relationship", "tool", "indicator", "attack-pattern", "intrusion-set"}},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var peak uint64
			for b.Loop() {
				found := 0
				for rec, err := range db.View(store.Owner()).Find(b.Context(), q) {
					if err != nil {
						b.Fatal(err)
					}
					if found++; rec.Seq%20_000 == 0 {
						var m runtime.MemStats
						runtime.ReadMemStats(&m)
						peak = max(peak, m.Sys-m.HeapReleased)
					}
				}
				if found != n {
					b.Fatalf("found %d of %d", found, n)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "objects/s")
			b.ReportMetric(float64(peak)/1e6, "MB")
		})
	}
	b.Run("page of 100 by importer, in the middle", func(b *testing.B) {
		for b.Loop() {
			for _, err := range db.View(store.Owner()).Find(b.Context(), store.Query{Importers: []string{provenance.Importer}, AfterSeq: int64(n / 2), Limit: 100}) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("stats", func(b *testing.B) {
		for b.Loop() {
			if _, err := db.View(store.Owner()).Stats(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("search", func(b *testing.B) {
		for b.Loop() {
			if _, err := db.View(store.Owner()).Search(b.Context(), "ransomware ministries", 20); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	path, _ := filled(b)
	for b.Loop() {
		db, err := sqlite.Open(b.Context(), path, sqlite.Config{})
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func filled(b *testing.B) (path string, n int) {
	b.Helper()
	n = 40_000
	if s := os.Getenv("MARQUE_BENCH_OBJECTS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	path = filepath.Join(b.TempDir(), "s.db")
	db, err := sqlite.Open(b.Context(), path, sqlite.Config{})
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; i < n; i += 5000 {
		if _, err := db.Put(b.Context(), provenance, storetest.Generate(min(5000, n-i), uint64(i+1))); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	return path, n
}
