package ledger_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"marque/ledger"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

func TestKeepMakesGoodAKillBetweenStoreAndLedger(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	db, err := sqlite.Open(ctx, filepath.Join(dir, "store.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	books := filepath.Join(dir, "ledger")
	killed := errors.New("killed")
	keep := func(n int, after error) error {
		l := open(t, books)
		o := judgement(t, n, "who?")
		_, err := l.Keep(ctx, db, []*stix.Object{o}, func(ctx context.Context) error {
			_, err := db.Put(ctx, store.Provenance{Importer: "judge"}, []*stix.Object{o})
			return errors.Join(err, after)
		})
		return errors.Join(err, l.Close())
	}
	verify := func() *ledger.Verification {
		heads, err := ledger.Known(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		v, err := ledger.Verify(ctx, books, ledger.Options{
			Heads:      heads,
			Judgements: ledger.Stored(ctx, db.View(store.Owner()), func(r *store.Record) bool { return r.Provenance.Importer == "judge" }),
		})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if err := keep(1, nil); err != nil {
		t.Fatal(err)
	}
	if err := keep(2, killed); !errors.Is(err, killed) {
		t.Fatal(err)
	}
	lacking := judgement(t, 2, "").ID
	if v := verify(); len(v.Findings) != 1 || v.Findings[0].Kind != ledger.KindNotEntered || v.Findings[0].ID != lacking {
		t.Errorf("after the kill: %+v", v.Findings)
	}
	if err := keep(3, nil); err != nil {
		t.Fatal(err)
	}
	if v := verify(); !v.OK() || v.Entries != 3 {
		t.Errorf("after the next: %d entries, %+v", v.Entries, v.Findings)
	}
}

func TestKeepDoesNotAddToALedgerThatWasCutBack(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	db, err := sqlite.Open(ctx, filepath.Join(dir, "store.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, books := range []string{"the ledger that was", "another in its place"} {
		l := open(t, filepath.Join(dir, books))
		_, err := l.Keep(ctx, db, []*stix.Object{judgement(t, len(books), "who?")}, nil)
		if wrong := books == "another in its place"; errors.Is(err, ledger.ErrAltered) != wrong {
			t.Errorf("%s: %v", books, err)
		}
	}
}
