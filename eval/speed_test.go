package eval_test

import (
	"os"
	"runtime"
	"slices"
	"testing"

	"marque/attribute"
	"marque/claim"
	"marque/graph"
	"marque/ingest/cfr"
	"marque/ingest/eurepoc"
	"marque/ingest/ingesttest"
	"marque/ingest/microsoft"
	"marque/ingest/misp"
	"marque/stix"
	"marque/store/storetest"
)

// fiveSources is the graph of five sources: ATT&CK, the MISP galaxy, Microsoft, EuRepoC and CFR.
func fiveSources(t testing.TB) *graph.Graph {
	t.Helper()
	m := ingesttest.NewMemory()
	mapping, err := os.ReadFile(ingesttest.Data(t, "microsoft", "MicrosoftMapping.json"))
	if err != nil {
		t.Fatal(err)
	}
	ingesttest.MustRead(t, m, "MicrosoftMapping.json", string(mapping), microsoft.Reader{})
	ingesttest.MustRead(t, m, "threat-actor.json", ingesttest.Unzip(t, ingesttest.Data(t, "misp-galaxy", "threat-actor.json.gz")), misp.Galaxy{})
	ingesttest.MustRead(t, m, "eurepoc.csv", ingesttest.Unzip(t, ingesttest.Data(t, "eurepoc", "EuRepoC_Global_Database_1.1.csv.gz")), eurepoc.Reader{})
	ingesttest.MustRead(t, m, "cfr.csv", ingesttest.Unzip(t, ingesttest.Data(t, "cfr", "cyber-operations-incidents.csv.gz")), cfr.Reader{})
	return graph.FromObjects(m.Objects(), graph.Options{Extra: storetest.Attack(t)})
}

// judged judges an operation.
func judged(t testing.TB, g *graph.Graph, h *attribute.History, op stix.ID) claim.Assessment {
	t.Helper()
	c, err := attribute.CaseOf(g, op)
	if err != nil {
		t.Fatal(err)
	}
	return attribute.Judge(g, c, attribute.Options{History: h})
}

// work is what a function allocates, which is told the same on a busy machine as on an idle one.
func work(f func()) (allocations, bytes uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs, after.TotalAlloc - before.TotalAlloc
}

// TestJudgementsAreCheap judges every operation of the graph of five sources, and counts the work: that of the median, that of the dearest,
// and that of learning from all of them. BenchmarkJudge tells the time.
func TestJudgementsAreCheap(t *testing.T) {
	g := fiveSources(t)
	var history *attribute.History
	learned, _ := work(func() { history = attribute.Learn(g) })
	var each []uint64
	for _, op := range g.Operations() {
		n, _ := work(func() { judged(t, g, history, op.ID) })
		each = append(each, n)
	}
	slices.Sort(each)
	median, most := each[len(each)/2], each[len(each)-1]
	t.Logf("%d objects, %d claims: learning takes %d allocations, one of %d judgements %d in the median, %d at most",
		g.Stats.Objects, g.Stats.Claims, learned, len(each), median, most)
	for _, gate := range []struct {
		what      string
		got, most uint64
	}{{"learning", learned, 80_000}, {"a judgement in the median", median, 800}, {"the dearest judgement", most, 70_000}} {
		if gate.got > gate.most {
			t.Errorf("%s takes %d allocations, gate %d", gate.what, gate.got, gate.most)
		}
	}
}

// BenchmarkJudge judges the operations of the graph of five sources one after the other.
func BenchmarkJudge(b *testing.B) {
	g := fiveSources(b)
	history := attribute.Learn(g)
	operations := g.Operations()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		judged(b, g, history, operations[i%len(operations)].ID)
	}
}
