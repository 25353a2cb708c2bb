package eval_test

import (
	"os"
	"slices"
	"testing"
	"time"

	"marque/attribute"
	"marque/graph"
	"marque/ingest/cfr"
	"marque/ingest/eurepoc"
	"marque/ingest/ingesttest"
	"marque/ingest/microsoft"
	"marque/ingest/misp"
	"marque/store/storetest"
)

// TestSpeed judges every operation of the graph of five sources (ATT&CK, the MISP galaxy, Microsoft, EuRepoC, CFR): what one
// judgement may take, and what all may.
func TestSpeed(t *testing.T) {
	m := ingesttest.NewMemory()
	mapping, err := os.ReadFile(ingesttest.Data(t, "microsoft", "MicrosoftMapping.json"))
	if err != nil {
		t.Fatal(err)
	}
	ingesttest.MustRead(t, m, "MicrosoftMapping.json", string(mapping), microsoft.Reader{})
	ingesttest.MustRead(t, m, "threat-actor.json", ingesttest.Unzip(t, ingesttest.Data(t, "misp-galaxy", "threat-actor.json.gz")), misp.Galaxy{})
	ingesttest.MustRead(t, m, "eurepoc.csv", ingesttest.Unzip(t, ingesttest.Data(t, "eurepoc", "EuRepoC_Global_Database_1.1.csv.gz")), eurepoc.Reader{})
	ingesttest.MustRead(t, m, "cfr.csv", ingesttest.Unzip(t, ingesttest.Data(t, "cfr", "cyber-operations-incidents.csv.gz")), cfr.Reader{})
	start := time.Now()
	g := graph.FromObjects(m.Objects(), graph.Options{Extra: storetest.Attack(t)})
	t.Logf("graph of %d objects, %d claims in %v", g.Stats.Objects, g.Stats.Claims, time.Since(start))
	start = time.Now()
	history := attribute.Learn(g)
	t.Logf("learned from %d operations in %v", history.N, time.Since(start))
	var took []time.Duration
	start = time.Now()
	for _, op := range g.Operations() {
		one := time.Now()
		c, err := attribute.CaseOf(g, op.ID)
		if err != nil {
			t.Fatal(err)
		}
		attribute.Judge(g, c, attribute.Options{History: history})
		took = append(took, time.Since(one))
	}
	all := time.Since(start)
	slices.Sort(took)
	median, last := took[len(took)/2], took[len(took)*99/100]
	t.Logf("%d judgements in %v: median %v, 99th percentile %v, slowest %v", len(took), all, median, last, took[len(took)-1])
	if median > 20*time.Millisecond {
		t.Errorf("one judgement takes %v in the median, gate 20 ms", median)
	}
	if all > 10*time.Second {
		t.Errorf("all take %v, gate 10 s", all)
	}
}
