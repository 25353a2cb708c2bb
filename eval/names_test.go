package eval_test

import (
	"os"
	"path/filepath"
	"testing"

	"marque/eval"
	"marque/graph"
	"marque/ingest/ingesttest"
	"marque/ingest/microsoft"
	"marque/ingest/misp"
)

// TestNames is the gate on resolving names across vendors: Microsoft's actors in the MISP galaxy.
func TestNames(t *testing.T) {
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: the names of Microsoft and of the MISP galaxy are not here")
	}
	res, err := eval.Names(data)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d actors: %d right, %d wrong, %d sets, %d unknown", res.Actors, res.Right, res.Wrong, res.Ambiguous, res.Unknown)
	for _, m := range res.Misses {
		t.Log(m)
	}
	if res.Right < 130 {
		t.Errorf("%d resolved right, gate 130", res.Right)
	}
	if res.Wrong > 0 {
		t.Errorf("%d forced wrong, gate 0", res.Wrong)
	}
}

// TestAmbiguousNames: names that vendors use for several actors stay sets with reasons, names that they agree on do not.
func TestAmbiguousNames(t *testing.T) {
	m := ingesttest.NewMemory()
	galaxy := ingesttest.Data(t, "misp-galaxy", "threat-actor.json.gz")
	ingesttest.MustRead(t, m, filepath.Base(galaxy), ingesttest.Unzip(t, galaxy), misp.Galaxy{})
	mapping, err := os.ReadFile(ingesttest.Data(t, "microsoft", "MicrosoftMapping.json"))
	if err != nil {
		t.Fatal(err)
	}
	ingesttest.MustRead(t, m, "MicrosoftMapping.json", string(mapping), microsoft.Reader{})
	g := graph.FromObjects(m.Objects(), graph.Options{})
	for name, ambiguous := range map[string]bool{
		"Nobelium": true, "Andariel": true, "Labyrinth Chollima": true,
		"APT28": false, "fancy bear": false, "Sandworm": false, "Volt Typhoon": false, "Star Blizzard": false,
	} {
		r := g.Resolve(name)
		if r.Ambiguous != ambiguous || len(r.Candidates) < 2 || r.Why == "" {
			t.Errorf("%s: ambiguous %v (%s), %d candidates; want ambiguous %v", name, r.Ambiguous, r.Why, len(r.Candidates), ambiguous)
		}
	}
}
