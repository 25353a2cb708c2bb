//go:build unix

package peers_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"marque/deter/screen"
	"marque/ingest/sanctions"
)

// namePair is a labelled pair of names.
type namePair struct {
	Schema string `json:"schema"`
	Name1  string `json:"name1"`
	Name2  string `json:"name2"`
	one    bool
}

// f1 is of a threshold from which on two names are said to be one.
func f1(pairs []namePair, scores []float64, threshold float64) float64 {
	var tp, wrong float64
	for i, p := range pairs {
		switch hit := scores[i] >= threshold; {
		case hit && p.one:
			tp++
		case hit != p.one:
			wrong++
		}
	}
	return 2 * tp / max(1, 2*tp+wrong)
}

// best is the F1 of the threshold that suits the scores best.
func best(pairs []namePair, scores []float64) (f float64) {
	for _, threshold := range scores {
		f = max(f, f1(pairs, scores, threshold))
	}
	return f
}

// TestNamesBesideNomenklatura scores the same labelled pairs with nomenklatura's logic-v2 and with Marque in one run. Marque must tell them apart
// at least as well, at .7 and at whatever threshold suits each best, and take less of the processor.
func TestNamesBesideNomenklatura(t *testing.T) {
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: it names the folder with sanctions/name-pairs.csv")
	}
	raw, err := os.ReadFile(filepath.Join(data, "sanctions", "name-pairs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var pairs []namePair
	var in bytes.Buffer
	for _, r := range rows[1:] {
		p := namePair{r[1], r[2], r[3], r[4] == "true"}
		pairs = append(pairs, p)
		if err := json.NewEncoder(&in).Encode(p); err != nil {
			t.Fatal(err)
		}
	}
	var theirs struct {
		Scores  []float64
		Seconds float64
	}
	if err := json.Unmarshal(pythonOf(t, "MARQUE_PEERS_NAMES", &in, "name_pairs.py"), &theirs); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]sanctions.Kind{
		"Person": sanctions.Person, "Company": sanctions.Organisation, "Organization": sanctions.Organisation, "Vessel": sanctions.Vessel,
		"LegalEntity": sanctions.Unknown,
	}
	screen.Compare(screen.Read("warm", sanctions.Person), screen.Read("up", sanctions.Person)) // word lists are loaded once
	start := processorTime(t)
	ours := make([]float64, len(pairs))
	for i, p := range pairs {
		ours[i] = screen.Compare(screen.Read(p.Name1, kinds[p.Schema]), screen.Read(p.Name2, kinds[p.Schema])).Score
	}
	took := processorTime(t) - start
	mine, peer := f1(pairs, ours, .7), f1(pairs, theirs.Scores, .7)
	mineBest, peerBest := best(pairs, ours), best(pairs, theirs.Scores)
	t.Logf("%d pairs: F1 at .7 Marque %.3f, nomenklatura %.3f; at the best threshold %.3f and %.3f; processor time %.3f s and %.3f s",
		len(pairs), mine, peer, mineBest, peerBest, took.Seconds(), theirs.Seconds)
	if mine < peer || mineBest < peerBest {
		t.Errorf("F1 %.3f and %.3f, nomenklatura %.3f and %.3f", mine, mineBest, peer, peerBest)
	}
	if took.Seconds() > theirs.Seconds {
		t.Errorf("%.3f s of the processor, nomenklatura %.3f s", took.Seconds(), theirs.Seconds)
	}
}
