package report_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"marque/claim"
	"marque/ingest"
	"marque/ingest/prose"
	"marque/ingest/report"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

func openStore(t *testing.T) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// TestOperationOfTwoLevels: of an operation that a free and a RED article tell of, each level knows what was told up to it, whichever
// came first; and both join under one id.
func TestOperationOfTwoLevels(t *testing.T) {
	read := func(db *sqlite.DB, name, text string, r *report.Reader) ingest.Result {
		t.Helper()
		res, err := ingest.New(db, ingest.NewRegistry(r), ingest.Config{}).Stream(t.Context(), name, strings.NewReader(text))
		if err != nil || res.Rejected > 0 {
			t.Fatalf("%s: %+v, %v", name, res, err)
		}
		return res
	}
	free := func(db *sqlite.DB) ingest.Result {
		return read(db, "first.txt", first, report.New(firstReader(t), db))
	}
	secret := func(db *sqlite.DB) ingest.Result {
		return read(db, "second.txt", "TLP:RED\n\n"+second, report.New(secondReader(t), db))
	}
	for _, order := range [][]func(*sqlite.DB) ingest.Result{{free, secret}, {secret, free}, {free, secret, free, secret}, {secret, free, secret}} {
		db := openStore(t)
		for i, one := range order {
			if res := one(db); i > 1 && res.Added+res.Updated > 0 {
				t.Errorf("read again: %+v", res)
			}
		}
		below, owner := operationAt(t, db, stix.AmberStrict), operationAt(t, db, stix.Red)
		if len(below.DocumentRefs) != 1 || slices.Contains(below.Kinds, "espionage") {
			t.Errorf("below RED: %+v", below)
		}
		if len(owner.DocumentRefs) != 2 || !slices.Contains(owner.Kinds, "espionage") || !slices.Contains(owner.Acts, "no-monetisation") {
			t.Errorf("for the owner: %+v", owner)
		}
		for rec, err := range db.View(store.View{MaxTLP: stix.AmberStrict}).Find(t.Context(), store.Query{AllVersions: true}) {
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(rec.Raw()), "Russian network") || strings.Contains(string(rec.Raw()), "uniform") {
				t.Errorf("below RED: %s", rec.Raw())
			}
		}
		texts := 0
		for range db.ListDocuments(t.Context(), stix.AmberStrict) {
			texts++
		}
		if texts != 1 {
			t.Errorf("%d texts below RED", texts)
		}
	}
}

// operationAt is the only operation that a view up to a level shows.
func operationAt(t *testing.T, db *sqlite.DB, level stix.TLP) claim.Operation {
	t.Helper()
	var op claim.Operation
	n := 0
	for rec, err := range db.View(store.View{MaxTLP: level}).Find(t.Context(), store.Query{Types: []string{"campaign"}}) {
		if err == nil {
			_, err = rec.ExtensionOf(claim.OperationExtension, &op)
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 1 {
		t.Fatalf("%d operations up to %v, want one", n, level)
	}
	return op
}

// TestLabelledText: what a text says of its own level holds for all that is read from it, above that of the import, and the reading
// says so.
func TestLabelledText(t *testing.T) {
	nothing := reading(func(prose.Document) prose.Result {
		return prose.Result{Observables: []prose.Observable{{Type: "domain-name", Value: "raid.example"}}}
	})
	const body = "The group broke into the network of a port authority, investigators said. The server was raid.example."
	for label, want := range map[string]stix.TLP{"TLP:RED": stix.Red, "TLP:AMBER+STRICT": stix.AmberStrict, "TLP:CLEAR": stix.Green, "": stix.Green} {
		db := openStore(t)
		res, err := ingest.New(db, ingest.NewRegistry(report.New(nothing, nil)), ingest.Config{TLP: stix.Green}).Stream(t.Context(), "a.txt", strings.NewReader(label+"\n\nRaid\n\n"+body))
		if err != nil {
			t.Fatal(err)
		}
		if res.Level != want || (len(res.Warnings) > 0) != (label != "" && label != "TLP:CLEAR") {
			t.Errorf("%q: level %v, warnings %v", label, res.Level, res.Warnings)
		}
		n, err := db.View(store.View{MaxTLP: want - 1}).Count(t.Context(), store.Query{})
		all, allErr := db.View(store.View{MaxTLP: want}).Count(t.Context(), store.Query{})
		if err := errors.Join(err, allErr); err != nil || n != 0 || all == 0 {
			t.Errorf("%q: %d objects below, %d at its level, %v", label, n, all, err)
		}
	}
}

// TestCopyOfASecretText: that a free text is like a secret one is as secret as that.
func TestCopyOfASecretText(t *testing.T) {
	nothing := reading(func(prose.Document) prose.Result { return prose.Result{} })
	long := strings.Repeat("A group broke into the mail servers of three ministries and stayed for weeks. ", 3) + "It took only diplomatic papers, the vendor said."
	for _, labels := range [][2]string{{"TLP:RED\n", ""}, {"", "TLP:RED\n"}} {
		db := openStore(t)
		for i, label := range labels {
			name := []string{"a.txt", "b.txt"}[i]
			_, err := ingest.New(db, ingest.NewRegistry(report.New(nothing, db)), ingest.Config{}).Stream(context.Background(), name, strings.NewReader(label+"\nTitle "+name+"\n\n"+long))
			if err != nil {
				t.Fatal(err)
			}
		}
		q := store.Query{Types: []string{"relationship"}}
		n, err := db.View(store.View{MaxTLP: stix.AmberStrict}).Count(t.Context(), q)
		all, allErr := db.View(store.Owner()).Count(t.Context(), q)
		if err := errors.Join(err, allErr); err != nil || n != 0 || all != 1 {
			t.Errorf("%d of %d relationships below RED, %v", n, all, err)
		}
	}
}
