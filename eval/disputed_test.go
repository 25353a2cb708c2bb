package eval_test

import (
	"encoding/csv"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"marque/attribute"
	"marque/claim"
	"marque/graph"
	"marque/ingest/eurepoc"
	"marque/ingest/ingesttest"
)

// eurepocGraph is the graph of EuRepoC's incidents.
func eurepocGraph(t testing.TB) *graph.Graph {
	t.Helper()
	path := ingesttest.Data(t, "eurepoc", "EuRepoC_Global_Database_1.1.csv.gz")
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, filepath.Base(path), ingesttest.Unzip(t, path), eurepoc.Reader{})
	return graph.FromObjects(m.Objects(), graph.Options{})
}

// conflicts reads out of EuRepoC's attributions which incidents are attributed by several parties to initiators of different states, and how
// many rows of which are marked as contested. Some name parts of the world instead of states.
func conflicts(t *testing.T) (several map[string][]string, contested map[string]int) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(ingesttest.Unzip(t, ingesttest.Data(t, "eurepoc", "EuRepoC_Attribution_dataset_1.1.csv.gz")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	col := map[string]int{}
	for i, name := range rows[0] {
		col[strings.TrimPrefix(name, "\ufeff")] = i
	}
	several, contested = map[string][]string{}, map[string]int{}
	named := map[string]map[string][]string{} // incident, party
	for _, r := range rows[1:] {
		id, country := r[col["incident_ID"]], r[col["attributed_initiator_country"]]
		if country != "" && country != "Unknown" && country != "Not available" && !slices.Contains(several[id], country) {
			several[id] = append(several[id], country)
		}
		if country != "" {
			if named[id] == nil {
				named[id] = map[string][]string{}
			}
			who := r[col["attribution_basis"]] + r[col["attribution_date"]] + r[col["attributing_actor"]] + r[col["attribution_it_company"]] + r[col["attributing_country"]]
			named[id][who] = append(named[id][who], country)
		}
		if strings.HasPrefix(r[col["attribution_basis"]], "Contested") {
			contested[id]++
		}
	}
	for id, countries := range several {
		one := func(of []string) bool { // of the countries that are named, a party names one only
			return slices.ContainsFunc(countries, func(c string) bool { return !slices.Contains(of, c) })
		}
		alone := 0
		for _, of := range named[id] {
			if one(of) {
				alone++
			}
		}
		if len(countries) < 2 || alone < 2 { // who names all of them has them act together, and who names one of these does not contradict it
			delete(several, id)
		}
	}
	return several, contested
}

// disputes is what came out on EuRepoC's conflicting and contested attributions.
type disputes struct {
	several, severalShown     int
	contested, contestedShown int
	rows                      int // that are marked as contested
}

func measureDisputes(t *testing.T) disputes {
	t.Helper()
	g := eurepocGraph(t)
	several, contested := conflicts(t)
	h := attribute.Learn(g)
	byNumber := map[string]claim.Assessment{}
	for _, op := range g.Operations() {
		byNumber[op.External[0]] = judged(t, g, h, op.ID)
	}
	d := disputes{several: len(several), contested: len(contested)}
	for id, countries := range several {
		if len(byNumber[id].Disputed) > 1 {
			d.severalShown++
		} else {
			t.Logf("incident %s, %v: no dispute shown", id, countries)
		}
	}
	for id, rows := range contested {
		d.rows += rows
		if len(byNumber[id].Disputed) > 0 {
			d.contestedShown++
		} else {
			t.Logf("incident %s is contested, and no dispute is shown", id)
		}
	}
	return d
}

// TestDisputed is the gate on EuRepoC's conflicting and contested attributions.
func TestDisputed(t *testing.T) {
	d := measureDisputes(t)
	t.Logf("%d of %d incidents with initiators of several countries come out as disputed", d.severalShown, d.several)
	if d.severalShown < d.several || d.several == 0 {
		t.Errorf("%d of %d incidents with initiators of several countries come out as disputed", d.severalShown, d.several)
	}
	if d.contestedShown < d.contested || d.contested == 0 {
		t.Errorf("%d of %d incidents with contested attributions come out as disputed", d.contestedShown, d.contested)
	}
}
