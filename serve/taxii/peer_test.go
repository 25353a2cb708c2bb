package taxii_test

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"marque/serve/auth"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

// TestPeer lets taxii2-client (PyPI, by the committee that wrote the standard) page through a collection of 100,000 objects
// that were stored a thousand at a time, so that a store of lesser precision would give many of them one date.
//
// MARQUE_PEERS names the Python of a virtual environment with taxii2-client; see docs/taxii.md.
func TestPeer(t *testing.T) {
	python := os.Getenv("MARQUE_PEERS")
	if python == "" {
		t.Skip("MARQUE_PEERS is unset: it names a Python that has taxii2-client")
	}
	if out, err := exec.CommandContext(t.Context(), python, "-c", "import taxii2client").CombinedOutput(); err != nil {
		t.Skipf("%s has no taxii2-client: %s", python, out)
	}
	n := 100_000
	if s := os.Getenv("MARQUE_PEER_OBJECTS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	db := open(t, sqlite.Config{Now: clock()}) // a clock of whole seconds
	var objects []*stix.Object
	indicators := 0
	for i := range n {
		typ := []string{"malware", "tool", "indicator", "campaign"}[i%4]
		if typ == "indicator" {
			indicators++
		}
		objects = append(objects, object(typ, i, 1, stix.Clear))
	}
	for batch := range slices.Chunk(objects, 1000) {
		if _, err := db.Put(t.Context(), store.Provenance{Importer: "stix"}, batch); err != nil {
			t.Fatal(err)
		}
	}
	cfg, users := worldConfig()
	cfg.PageLimit = 10_000
	cfg.Roots[0].Collections[3].TLP = stix.Clear // what has a level carries it, and is not the same bytes
	hash, err := bcrypt.GenerateFromPassword([]byte("pass word:x"), bcrypt.DefaultCost)
	if err != nil {
		t.Fatal(err)
	}
	users.Users[0] = auth.Account{Name: "alice", PasswordHash: string(hash), Clearance: stix.Amber, Groups: []string{"analysts"}}
	srv := httptest.NewServer(serverFor(t, db, cfg, users))
	defer srv.Close()
	out, err := exec.CommandContext(t.Context(), python, "testdata/peer.py", srv.URL, everything, "alice", "pass word:x", "2500").Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("%v\n%s", err, exit.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Roots              []string
		Title, Status      string
		Seconds            float64
		Objects, Distinct  int
		SameOrder          bool `json:"same_order"`
		Indicators         int
		DistinctIndicators int `json:"distinct_indicators"`
		One, Gone          bool
		Versions           []string
		Succeeded          int
		RoundTrip          bool `json:"round_trip"`
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%d objects, %d distinct, in %.1f s: %.0f objects/s as taxii2-client reads them", got.Objects, got.Distinct, got.Seconds,
		float64(got.Objects)/got.Seconds)
	if got.Objects != n || got.Distinct != n || !got.SameOrder || got.Indicators != indicators || got.DistinctIndicators != indicators {
		t.Errorf("not complete, or with repeats: %+v", got)
	}
	if !slices.Equal(got.Roots, []string{"First", "Second"}) || got.Title != "Everything" || !got.One || len(got.Versions) != 1 ||
		got.Status != "complete" || got.Succeeded != 1 || !got.RoundTrip || !got.Gone {
		t.Errorf("%+v", got)
	}
}
