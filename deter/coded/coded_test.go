package coded_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/deter/coded"
	"marque/deter/silence"
)

const globalHeader = "ID,name,start_date,incident_type,receiver_country,initiator_category,sources_url,initiator_country," +
	"number_of_political_responses,political_response_date,number_of_legal_responses,legal_response_date,legal_response_indicator,attribution_basis\n"

// row makes a row of the Global Database.
func row(id int, start, category, country string, political int, on, allowed, basis string) string {
	return fmt.Sprintf("%d,x,%s,Disruption,['A'],%q,[],%q,%d,%s,0,,%s,%s\n", id, start, category, country, political, on, allowed, basis)
}

const (
	justified = "Countermeasures under international law justified"
	byState   = "Attribution by receiver government / state entity"
)

var global = globalHeader +
	row(1, "2015-03-02", "['State']", "['X']", 1, "2015-04-01 00:00:00", justified, "") +
	row(2, "2015-05-02", "['State']", "['X', 'Y', 'Unknown']", 0, "", justified, byState) +
	row(3, "2015-01-01", "['Non-state actor, state-affiliation suggested']", "['X']", 0, "", "", byState) +
	row(4, "", "['State']", "['Y']", 0, "", "", "") +
	row(5, "2022-05-02", "['State']", "['Y']", 0, "", "No response justified", "") +
	row(6, "2022-05-02", "['Non-state-group']", "['Y']", 3, "2022-05-03; NaT; 2022-06-03", "", "") +
	"none,x,2022-05-02,Disruption,['A'],['State'],[],['X'],0,,0,,,\n"

const attribution = `incident_ID,attribution_date,attribution_type,attribution_basis,attributing_actor,attributing_country,attributed_initiator
1,2015-03-12,,Media-based attribution,,,a
1,2015-03-07,,Attribution by receiver government / state entity,,United States; United Kingdom; Not available,a
2,2016-01-01,,Attacker confirms,,,a
2,2016-02-01,,Not available,,,a
5,2022-12-31,,Contested attribution,,Germany,a
`

const tracker = `Title,Date,Affiliations,Description,Response,Victims,Sponsor,Type,Category,Sources_1
One,1/2/2020,A,d,Sanctions https://x.example,V,China,Espionage,Government,
Two,,also known as B,d,,V,China,,Government,
Three,1/2/2020,A,d,Confirmation https://x.example,V,,Espionage,Government,
`

func read(t *testing.T) *coded.Records {
	t.Helper()
	r, err := coded.Read(coded.Files{Global: []byte(global), Attribution: []byte(attribution), Tracker: []byte(tracker)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTable(t *testing.T) {
	got := map[string]string{}
	for _, f := range read(t).Table() {
		got[f.Key] = fmt.Sprintf("%.3g", f.Value)
		if f.None {
			got[f.Key] = "none"
		}
	}
	for key, want := range map[string]string{
		"eurepoc incidents": "6", "eurepoc state or state-affiliated": "5", "... without any response": "4", "... with a known initiator country": "5",
		"countermeasures justified": "2", "countermeasures justified, with a response": "1", "no response justified": "1",
		"jointly attributed by >= 2 states": "1", "jointly attributed by >= 3 states": "0", "most states in one attribution": "2",
		"days to attribution, political: median": "5", "days to attribution, media: median": "10", "days to attribution, attacker: median": "none",
		"days to attribution, any: incidents": "2", "days to attribution, any: median": "124",
		// Operation 2 was attributed some time in 2016: after 244 to 609 days.
		"attributed within 365 days, state operations, lower bound": "0.667", "attributed within 365 days, state operations, upper bound": "1",
		"attributed within 730 days, state operations, lower bound": "1",
		"state operations with a dated response":                    "1",
		"cfr incidents":                                             "3", "cfr with a sponsor": "2", "cfr with sanctions or criminal charges": "1",
		"cfr with a sponsor and no sanction, charge, denouncement or hack back": "1",
	} {
		if got[key] != want {
			t.Errorf("%s: %s, want %s", key, got[key], want)
		}
	}
}

func TestGapCountsAnOperationForEachOfItsStates(t *testing.T) {
	want := []coded.Gap{
		{State: "X", Year: 2015, Operations: 3, Responded: 1, Unused: 1},
		{State: "Y", Year: 2015, Operations: 1, Unused: 1},
		{State: "Y", Year: 2022, Operations: 1},
		{State: "Y", Operations: 1},
	}
	if diff := cmp.Diff(want, read(t).Gap()); diff != "" {
		t.Error(diff)
	}
}

func TestZeroIsUnknownWhereNobodyAsked(t *testing.T) {
	r := read(t)
	want := []coded.Said{
		{State: "X", Year: 2015, Tally: silence.Tally{Answered: 1, Silent: 1, Unknown: 1}},
		{State: "Y", Year: 2015, Tally: silence.Tally{Silent: 1}},
		{State: "Y", Year: 2022, Tally: silence.Tally{Silent: 1, Early: 1}},
		{State: "Y", Tally: silence.Tally{Unknown: 1}},
	}
	if diff := cmp.Diff(want, r.Said(coded.Rule{})); diff != "" {
		t.Error(diff)
	}
	if got := r.Total(coded.Rule{Naming: true}); got.Answered != 3 {
		t.Errorf("naming counts as an answer, and %d are answered", got.Answered)
	}
}

func TestABadRowCostsItselfAndIsNamed(t *testing.T) {
	r := read(t)
	if len(r.Bad) != 1 || !strings.Contains(r.Bad[0].Error(), "line 8") {
		t.Errorf("bad rows: %v", r.Bad)
	}
	if _, err := coded.Read(coded.Files{Global: []byte("a,b\n1,2\n")}); err == nil || !strings.Contains(err.Error(), "initiator_country") {
		t.Errorf("a file of other columns: %v", err)
	}
}

func TestSeriesHoldOnlyWhatHasAMonth(t *testing.T) {
	s := read(t).Series("X")
	own, others := 0, 0
	for i := range s.Own {
		own, others = own+s.Own[i], others+s.Others[i]
	}
	if own != 2 || others != 1 || s.Own[5*12+2] != 1 {
		t.Errorf("%d of X, %d of others", own, others)
	}
}

func TestFilesAreKnownByTheirHeader(t *testing.T) {
	var f coded.Files
	for _, data := range []string{tracker, global, attribution} {
		if err := f.Add([]byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	if string(f.Global) != global || string(f.Attribution) != attribution || string(f.Tracker) != tracker {
		t.Error("files were mixed up")
	}
	if f.Add([]byte(global)) == nil || f.Add([]byte("a,b\n")) == nil {
		t.Error("a file twice, or one of another kind, was taken")
	}
}

func TestMeasuresAreReadable(t *testing.T) {
	ms, err := coded.Measures()
	if err != nil || len(ms) != 14 {
		t.Errorf("%d measures, %v", len(ms), err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(global), []byte(attribution), []byte(tracker))
	f.Add([]byte(globalHeader+"1,\"\n"), []byte(nil), []byte("Title\n"))
	f.Fuzz(func(t *testing.T, g, a, c []byte) {
		r, err := coded.Read(coded.Files{Global: g, Attribution: a, Tracker: c})
		if err != nil {
			return
		}
		total := r.Total(coded.Rule{})
		if total.Early > total.Silent || len(r.Table()) != 42 {
			t.Errorf("%+v, %d figures", total, len(r.Table()))
		}
		for _, g := range r.Gap() {
			if s := g.Impunity(); s.Low > s.Value+1e-9 || s.High < s.Value-1e-9 {
				t.Errorf("%s %d: %+v", g.State, g.Year, s)
			}
		}
	})
}
