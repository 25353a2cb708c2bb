package taxii_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"marque/serve/auth"
	"marque/serve/taxii"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

// The collections of the world that the vectors walk through.
const (
	everything = "11111111-1111-4111-8111-111111111111"
	indicators = "22222222-2222-4222-8222-222222222222"
	feed       = "33333333-3333-4333-8333-333333333333"
	inbox      = "44444444-4444-4444-8444-444444444444"
	secret     = "55555555-5555-4555-8555-555555555555"
)

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// worldConfig has a collection of each kind. Users: alice (amber, analyst), bob (clear), carol (green, may only write), dave
// (red, no group), tina (a token).
func worldConfig() (taxii.Config, auth.Config) {
	users := auth.Config{Users: []auth.Account{
		{Name: "alice", TokenHashes: []string{tokenHash("alice-token")}, Clearance: stix.Amber, Groups: []string{"analysts"}},
		{Name: "bob", TokenHashes: []string{tokenHash("bob-token")}},
		{Name: "carol", TokenHashes: []string{tokenHash("carol-token")}, Clearance: stix.Green, Groups: []string{"feeders"}},
		{Name: "dave", TokenHashes: []string{tokenHash("dave-token")}, Clearance: stix.Red},
	}}
	return taxii.Config{
		Title: "Test server", Description: "For tests", Contact: "ops@example.org", PageLimit: 5, MaxContentLength: 4096,
		Roots: []taxii.Root{
			{Path: "api1", Title: "First", Collections: []taxii.Collection{
				{ID: everything, Title: "Everything", Alias: "everything", Readers: []string{"alice", "bob", "dave"}},
				{ID: indicators, Title: "Indicators", Description: "For sensors", Types: []string{"indicator", "domain-name"}, Readers: []string{"analysts"}},
				{ID: feed, Title: "Feed", Importers: []string{"feed:x"}, Readers: []string{"*"}},
				{ID: inbox, Title: "Inbox", Own: true, Readers: []string{"alice", "bob"}, Writers: []string{"alice", "feeders"}, TLP: stix.Green},
				{ID: secret, Title: "Secret", Own: true, Readers: []string{"alice"}, Writers: []string{"alice"}, Types: []string{"malware"}},
			}},
			{Path: "api2", Title: "Second", Description: "Empty"},
		},
	}, users
}

// clock makes times reproducible: each batch is a second after the one before.
func clock() func() time.Time {
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	return func() time.Time {
		now = now.Add(time.Second)
		return now
	}
}

func open(t testing.TB, cfg sqlite.Config) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "s.db"), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func serverFor(t testing.TB, st taxii.Store, cfg taxii.Config, users auth.Config) http.Handler {
	t.Helper()
	a, err := auth.New(users)
	if err != nil {
		t.Fatal(err)
	}
	s, err := taxii.New(st, a, nil, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// object makes a small object: n names it, v is its version in seconds.
func object(typ string, n, v int, level stix.TLP) *stix.Object {
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	o, err := stix.New(map[string]any{
		"type": typ, "spec_version": "2.1", "id": id(typ, n), "name": fmt.Sprintf("%s %d", typ, n),
		"created": stix.At(at), "modified": stix.At(at.Add(time.Duration(v) * time.Second)),
		"object_marking_refs": []stix.ID{level.MarkingID()},
	})
	if err != nil {
		panic(err)
	}
	return o
}

func id(typ string, n int) stix.ID {
	return stix.ID(fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", typ, n))
}

func domain(value string) *stix.Object {
	oid, _ := stix.ObservableID("domain-name", map[string]any{"value": value})
	o, err := stix.New(map[string]any{"type": "domain-name", "spec_version": "2.1", "id": oid, "value": value})
	if err != nil {
		panic(err)
	}
	return o
}

// world is a store with, in this order and second by second:
//
//	12:00:01  malware 1 (v1, clear), malware 2 (v1, green), indicator 1 (v1, amber), malware 3 (v1, red)
//	12:00:02  from feed:x: malware 1 (v2), domain one.example, indicator 2 (v1, clear), malware 2 (v1, known)
//	12:00:03  malware 1 (v3, clear)
func world(t testing.TB) *sqlite.DB {
	t.Helper()
	db := open(t, sqlite.Config{Now: clock()})
	put := func(importer string, objects ...*stix.Object) {
		t.Helper()
		res, err := db.Put(t.Context(), store.Provenance{Importer: importer, Source: importer}, objects)
		if err != nil || len(res.Refused) > 0 {
			t.Fatal(err, res)
		}
	}
	put("stix", object("malware", 1, 1, stix.Clear), object("malware", 2, 1, stix.Green),
		object("indicator", 1, 1, stix.Amber), object("malware", 3, 1, stix.Red))
	put("feed:x", object("malware", 1, 2, stix.Clear), domain("one.example"),
		object("indicator", 2, 1, stix.Clear), object("malware", 2, 1, stix.Green))
	put("stix", object("malware", 1, 3, stix.Clear))
	return db
}
