package sqlite_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

// TestAttack imports ATT&CK, twice: everything is there, equal to what came in, and the second time changes nothing.
func TestAttack(t *testing.T) {
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: ATT&CK is not there to be imported")
	}
	files, err := filepath.Glob(filepath.Join(data, "attack", "*.json.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no ATT&CK under %s: %v", data, err)
	}
	db := open(t, filepath.Join(t.TempDir(), "store.db"), sqlite.Config{})
	var objects []*stix.Object
	load := func() (res store.PutResult) {
		f, err := os.Open(files[0])
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		zr, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		objects = objects[:0]
		var batch []*stix.Object
		put := func() {
			r, err := db.Put(t.Context(), store.Provenance{Source: "attack", Importer: "stix"}, batch)
			if err != nil {
				t.Fatal(err)
			}
			res.Merge(r)
			batch = batch[:0]
		}
		err = stix.ReadBundle(zr, func(o *stix.Object) error {
			objects = append(objects, o)
			if batch = append(batch, o); len(batch) == 4000 {
				put()
			}
			return nil
		}, func(b *stix.BadObjectError) error { return b })
		if err != nil {
			t.Fatal(err)
		}
		put()
		return res
	}
	start := time.Now()
	if res := load(); res.Added != len(objects) || len(objects) < 18_000 {
		t.Errorf("%+v of %d objects", res, len(objects))
	}
	first := time.Since(start)
	start = time.Now()
	if res := load(); res.Unchanged != len(objects) || res.Stored() > 0 {
		t.Errorf("the second time: %+v", res)
	}
	t.Logf("%d objects in %v, the second time in %v", len(objects), first, time.Since(start))
	i := 0
	for rec, err := range db.View(store.Owner()).Find(t.Context(), store.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(rec.Raw(), objects[i].Raw()) {
			t.Fatalf("%s came back changed", rec.ID)
		}
		i++
	}
	if i != len(objects) {
		t.Errorf("%d of %d objects come back", i, len(objects))
	}
	found, err := db.View(store.Owner()).Search(t.Context(), "APT28", 5)
	if err != nil || !slices.ContainsFunc(found, func(r *store.Record) bool { return r.Type == "intrusion-set" }) {
		t.Errorf("APT28 is not found among the first: %v", err)
	}
}
