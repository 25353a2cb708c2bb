package sqlite_test

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"

	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

// TestLevelsOfAnOlderStore: a store that knew only the fixed ids is read again when it is opened, and enforces what its markings say.
func TestLevelsOfAnOlderStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	old, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, old, os.DirFS("migrations"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := old.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	id := func(typ string, n int) string { return fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", typ, n) }
	exec(`INSERT INTO importers (id, name) VALUES (1, 'stix')`)
	exec(`INSERT INTO sources (id, importer, document, source, digest, tlp) VALUES (1, 1, '', 'a', '', 0), (2, 1, '', 'b', '', 4)`)
	exec(`INSERT INTO batches (id, source, read, stored, last_seq) VALUES (1, 1, 0, 100, 50), (2, 2, 0, 200, 99)`)
	at := `"created":"2024-01-01T00:00:00.000Z"`
	put := func(seq, batch int, level stix.TLP, typ string, more string) {
		raw := fmt.Sprintf(`{"type":%q,"spec_version":"2.1","id":%q,%s%s}`, typ, id(typ, seq), at, more)
		sum := sha256.Sum256([]byte(raw))
		exec(`INSERT INTO versions (seq, id, type, version, creator, level, batch, importer, digest, raw) VALUES (?, ?, ?, '2024-01-01T00:00:00', '', ?, ?, 1, ?, ?)`,
			seq, id(typ, seq), typ, int(level), batch, sum[:], []byte(raw))
	}
	marked := func(n int) string { return fmt.Sprintf(`,"object_marking_refs":[%q]`, id("marking-definition", n)) }
	put(1, 1, stix.Clear, "malware", marked(5)) // RED by its definition, which comes later
	put(2, 1, stix.Clear, "malware", marked(6)) // of which nothing is known
	put(3, 1, stix.Clear, "malware", `,"labels":["tlp:amber"]`)
	put(4, 1, stix.Clear, "malware", "")
	put(5, 1, stix.Clear, "marking-definition", `,"definition_type":"tlp","definition":{"tlp":"red"}`)
	put(60, 2, stix.Red, "malware", "") // told in confidence first, freely later
	exec(`INSERT INTO provenance (seq, version, batch, source, importer, fresh) VALUES (61, 60, 2, 1, 1, 0)`)
	for seq, creator := range map[int]string{70: "identity--00000000-0000-4000-8000-000000000001", 71: ""} { // one from each of two creators
		raw := fmt.Sprintf(`{"type":"tool","spec_version":"2.1","id":%q,"name":"%d",%s}`, id("tool", 70), seq, at)
		if creator != "" {
			raw = fmt.Sprintf(`{"created_by_ref":%q,%s`, creator, raw[1:])
		}
		exec(`INSERT INTO versions (seq, id, type, version, creator, level, batch, importer, digest, raw) VALUES (?, ?, 'tool', ?, ?, 0, 1, 1, ?, ?)`,
			seq, id("tool", 70), fmt.Sprint(seq), creator, fmt.Appendf(nil, "%032d", seq), []byte(raw))
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	for _, second := range []stix.TLP{stix.Red, stix.Green} { // the second time there is nothing to do
		db, err := sqlite.Open(t.Context(), path, sqlite.Config{})
		if err != nil {
			t.Fatal(err)
		}
		for n, want := range map[int]stix.TLP{1: stix.Red, 2: second, 3: stix.Amber, 4: stix.Clear, 60: stix.Clear} {
			rec, err := db.View(store.Owner()).Get(t.Context(), stix.ID(id("malware", n)))
			if err != nil || rec.Level != want {
				t.Errorf("object %d: %+v, %v, want %v", n, rec, err, want)
			}
		}
		if rec, err := db.View(store.Owner()).Get(t.Context(), stix.ID(id("tool", 70))); err != nil || rec.Name != "70" {
			t.Errorf("of two creators' versions not the first one's: %+v, %v", rec, err)
		}
		o, err := stix.Parse(fmt.Appendf(nil, `{"type":"marking-definition","spec_version":"2.1","id":%q,%s,"name":"TLP:GREEN"}`, id("marking-definition", 6), at))
		if err == nil {
			_, err = db.Put(t.Context(), store.Provenance{}, []*stix.Object{o})
		}
		if err != nil {
			t.Fatal(err)
		}
		if rec, err := db.View(store.View{MaxTLP: stix.Green}).Get(t.Context(), stix.ID(id("malware", 2))); err != nil || rec.Level != stix.Green {
			t.Errorf("the definition that came since: %+v, %v", rec, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
