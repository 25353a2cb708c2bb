package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"marque/store"
	"marque/store/sqlite"
)

// TestReceiptsAreBounded: of more receipts than may be kept, the oldest go.
func TestReceiptsAreBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	db, err := sqlite.Open(t.Context(), path, sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	execute(t, path, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 10000)
		INSERT INTO receipts (id, owner, time, size, body) SELECT i, 'ann', 0, 1, x'00' FROM n`)
	if err := db.PutReceipt(t.Context(), store.Receipt{ID: "last", Time: time.UnixMicro(0)}); err != nil {
		t.Fatal(err)
	}
	for id, kept := range map[string]bool{"1": false, "2": true, "10000": true, "last": true} {
		if _, err := db.GetReceipt(t.Context(), id); (err == nil) != kept || err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", id, err)
		}
	}
}
