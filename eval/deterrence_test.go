package eval_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"marque/deter/coded"
	"marque/deter/effect"
)

// codedRecords reads the data sets of MARQUE_DATA.
func codedRecords(t *testing.T) *coded.Records {
	t.Helper()
	dir := os.Getenv("MARQUE_DATA")
	if dir == "" {
		t.Skip("MARQUE_DATA is not set: the data sets of EuRepoC and CFR are not here")
	}
	read := func(path string) []byte {
		raw, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
		if err != nil {
			t.Skipf("no %s in MARQUE_DATA: %v", path, err)
		}
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	r, err := coded.Read(coded.Files{
		Global:      read("eurepoc/EuRepoC_Global_Database_1.1.csv.gz"),
		Attribution: read("eurepoc/EuRepoC_Attribution_dataset_1.1.csv.gz"),
		Tracker:     read("cfr/cyber-operations-incidents.csv.gz"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// acceptance reads a file of the expected tables, which lie beside the data.
func acceptance(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(os.Getenv("MARQUE_DATA"), "..", "acceptance", name))
	if err != nil {
		t.Skipf("the expected table is not beside MARQUE_DATA: %v", err)
	}
	return data
}

func table(t *testing.T, data []byte) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func TestDeterrenceTableAsCoded(t *testing.T) {
	r := codedRecords(t)
	got := map[string]coded.Figure{}
	for _, f := range r.Table() {
		got[f.Key] = f
	}
	rows := table(t, acceptance(t, "deterrence-expected.csv"))
	for _, row := range rows {
		f, ok := got[row[0]]
		want, werr := strconv.ParseFloat(row[1], 64)
		tolerance, _ := strconv.ParseFloat(row[2], 64)
		switch {
		case !ok:
			t.Errorf("no figure %q", row[0])
		case row[1] == "" && !f.None:
			t.Errorf("%s: %v, want none", row[0], f.Value)
		case werr == nil && math.Abs(f.Value-want) > tolerance+1e-9:
			t.Errorf("%s: %v, want %v", row[0], f.Value, want)
		}
	}
	if len(got) != len(rows) {
		t.Errorf("%d figures, want %d", len(got), len(rows))
	}
	if len(r.Bad) > 0 {
		t.Errorf("%d rows could not be read, the first: %v", len(r.Bad), r.Bad[0])
	}
}

func TestDeterrenceGapAsCoded(t *testing.T) {
	gaps := codedRecords(t).Gap()
	rows := table(t, acceptance(t, "deterrence-gap.csv"))
	want := map[string][]string{}
	for _, row := range rows {
		want[row[0]+" "+row[1]] = row[2:]
	}
	for _, g := range gaps {
		year := "undated"
		if g.Year > 0 {
			year = strconv.Itoa(g.Year)
		}
		key := g.State + " " + year
		w, ok := want[key]
		if !ok {
			t.Errorf("%s: not expected", key)
			continue
		}
		s := g.Impunity()
		for i, v := range []float64{float64(g.Operations), float64(g.Responded), float64(g.Unused), s.Value, s.Low, s.High} {
			if e, _ := strconv.ParseFloat(w[i], 64); math.Abs(v-e) > 0.0006 {
				t.Errorf("%s, column %d: %v, want %s", key, i+3, v, w[i])
			}
		}
	}
	if len(gaps) != len(rows) {
		t.Errorf("%d state-years, want %d", len(gaps), len(rows))
	}
}

func TestDeterrenceEffects(t *testing.T) {
	r := codedRecords(t)
	measures, err := coded.Measures()
	if err != nil {
		t.Fatal(err)
	}
	answers := effect.Test(measures, r.Series, effect.Config{})
	dec := json.NewDecoder(bytes.NewReader(acceptance(t, "deterrence-effect.jsonl")))
	for _, a := range answers {
		var want struct {
			Country     string
			Ratio       float64 `json:"irr"`
			Low, High   float64
			P           float64 `json:"placebo_p"`
			Placebos    int     `json:"placebo_dates"`
			SmallestCut float64 `json:"smallest_drop_seen_80pct"`
		}
		if err := dec.Decode(&want); err != nil {
			t.Fatal(err)
		}
		for _, v := range [][2]float64{{a.Ratio, want.Ratio}, {a.Low, want.Low}, {a.High, want.High}} {
			if d := math.Abs(math.Log(v[0] / v[1])); d > 0.02 {
				t.Errorf("%s, %s: %.3f, want %.3f", a.State, a.What, v[0], v[1])
			}
		}
		if math.Abs(a.P-want.P) > 0.01 || a.Placebos != want.Placebos {
			t.Errorf("%s, %s: p %.3f of %d placebo dates, want %.3f of %d", a.State, a.What, a.P, a.Placebos, want.P, want.Placebos)
		}
		if math.Abs(a.SmallestDrop-want.SmallestCut) > 0.01 {
			t.Errorf("%s, %s: smallest drop %.3f, want %.3f", a.State, a.What, a.SmallestDrop, want.SmallestCut)
		}
		if a.Verdict != effect.CannotTell {
			t.Errorf("%s, %s: verdict %q: fourteen were tested, and none stands out", a.State, a.What, a.Verdict)
		}
	}
}

func TestWhatCanBeSaidOfAnswers(t *testing.T) {
	r := codedRecords(t)
	got := r.Total(coded.Rule{})
	if got.Answered != 17 || got.Silent != 51 || got.Unknown != 581 {
		t.Errorf("state operations: %+v, want 17 answered, 51 asked and silent, 581 unknown", got)
	}
	asked := 0
	for _, in := range r.Incidents {
		if in.Asked() {
			asked++
		}
	}
	if asked != 211 {
		t.Errorf("asked about in %d rows, want 211", asked)
	}
	share, ok := got.OfAsked()
	if low, high := got.Bounds(); !ok || math.Abs(share.Low-0.16) > 0.006 || math.Abs(share.High-0.36) > 0.006 || math.Abs(low-0.026) > 0.001 || math.Abs(high-0.92) > 0.003 {
		t.Errorf("of the asked %+v, of all between %.3f and %.3f; want .25 (.16 to .36), .026 to .92", share, low, high)
	}
	answered, actors := 0, 0
	for _, c := range r.Tracker {
		if c.Answered() {
			answered++
		}
		if c.Actor {
			actors++
		}
	}
	// As printed 83 rows are; the columns of row 333 slid, and mended it is a denouncement.
	if answered != 84 || actors != 102 {
		t.Errorf("CFR: %d rows answered, %d are actors; want 84 and 102", answered, actors)
	}
	if tally := r.TrackerTotal(); tally.Silent != 0 || tally.Operations() != 768-102 {
		t.Errorf("CFR: %+v: an empty cell says nothing", tally)
	}
	// All 51 lie within three years of the record's end: of none can "none on record" be said yet.
	if got.Early != 51 {
		t.Errorf("%d of the silent are too young for silence to say anything, want all 51", got.Early)
	}
	if named := r.Total(coded.Rule{Naming: true}); named.Answered != 182 || named.Operations() != 649 || named.Asked() != got.Asked() {
		t.Errorf("with naming as an answer: %+v, want 182 of 649 answered, and as many asked as before", named)
	}
	if day := r.End().Format("2006-01-02"); day != "2023-03-30" {
		t.Errorf("the records end on %s", day)
	}
}
