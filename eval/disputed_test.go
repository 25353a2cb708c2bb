package eval_test

import (
	"encoding/csv"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"marque/attribute"
	"marque/graph"
	"marque/ingest/eurepoc"
	"marque/ingest/ingesttest"
	"marque/stix"
)

// eurepocGraph is the graph of EuRepoC's incidents.
func eurepocGraph(t testing.TB) *graph.Graph {
	t.Helper()
	path := ingesttest.Data(t, "eurepoc", "EuRepoC_Global_Database_1.1.csv.gz")
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, filepath.Base(path), ingesttest.Unzip(t, path), eurepoc.Reader{})
	return graph.FromObjects(m.Objects(), graph.Options{})
}

// conflicts reads out of EuRepoC's attributions which incidents are attributed to initiators of several states, and which
// have an attribution that is marked as contested. Some name parts of the world instead of states.
func conflicts(t *testing.T) (several map[string][]string, contested map[string]bool) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(ingesttest.Unzip(t, ingesttest.Data(t, "eurepoc", "EuRepoC_Attribution_dataset_1.1.csv.gz")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	col := map[string]int{}
	for i, name := range rows[0] {
		col[strings.TrimPrefix(name, "\ufeff")] = i
	}
	several, contested = map[string][]string{}, map[string]bool{}
	for _, r := range rows[1:] {
		id, country := r[col["incident_ID"]], r[col["attributed_initiator_country"]]
		if country != "" && country != "Unknown" && country != "Not available" && !slices.Contains(several[id], country) {
			several[id] = append(several[id], country)
		}
		if strings.HasPrefix(r[col["attribution_basis"]], "Contested") {
			contested[id] = true
		}
	}
	for id, countries := range several {
		if len(countries) < 2 {
			delete(several, id)
		}
	}
	return several, contested
}

// TestDisputed is the gate on EuRepoC's conflicting and contested attributions, and on the time that judging all takes.
func TestDisputed(t *testing.T) {
	g := eurepocGraph(t)
	several, contested := conflicts(t)
	start := time.Now()
	h := attribute.Learn(g)
	byNumber := map[string]stix.Assessment{}
	var each []time.Duration
	for _, op := range g.Operations() {
		one := time.Now()
		c, err := attribute.CaseOf(g, op.ID)
		if err != nil {
			t.Fatal(err)
		}
		byNumber[op.External[0]] = attribute.Judge(g, c, attribute.Options{History: h})
		each = append(each, time.Since(one))
	}
	took := time.Since(start)
	slices.Sort(each)
	median := each[len(each)/2]
	t.Logf("%d incidents judged in %v, median %v", len(byNumber), took, median)
	if median > 20*time.Millisecond {
		t.Errorf("one judgement takes %v in the median, gate 20 ms", median)
	}
	if took > 10*time.Second {
		t.Errorf("all incidents took %v, gate 10 s", took)
	}
	shown := 0
	for id, countries := range several {
		if len(byNumber[id].Disputed) > 1 {
			shown++
		} else {
			t.Logf("incident %s, %v: no dispute shown", id, countries)
		}
	}
	t.Logf("%d of %d incidents with initiators of several countries come out as disputed", shown, len(several))
	if shown < len(several) {
		t.Errorf("%d of %d incidents with initiators of several countries come out as disputed", shown, len(several))
	}
	for id := range contested {
		if len(byNumber[id].Disputed) == 0 {
			t.Errorf("incident %s is contested, and no dispute is shown", id)
		}
	}
	t.Logf("%d incidents with contested attributions", len(contested))
}
