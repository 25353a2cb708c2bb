package eurepoc_test

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/claim"
	"marque/graph"
	"marque/ingest"
	"marque/ingest/eurepoc"
	"marque/ingest/ingesttest"
	"marque/stix"
)

const header = "ID,name,description,start_date,end_date,incident_type,receiver_name,receiver_country,receiver_category,receiver_category_subcode," +
	"initiator_category,attribution_date,attribution_type,attribution_basis,attributing_actor,attribution_it_company,attributing_country," +
	"attributed_initiator,attributed_initiator_country,attributed_initiator_category,attributed_initiator_subcategory,sources_attribution," +
	"political_response_date,political_response_type,political_response_type_subcode,political_response_country,political_response_actor," +
	"legal_response_date,legal_response_type,legal_response_type_subcode,legal_response_country,legal_response_actor,MITRE_initial_access,MITRE_impact,zero_days,source_incident_detection_disclosure,sources_url\n"

// row writes a row; fields that are not given are empty.
func row(fields map[string]string) string {
	var out []string
	for name := range strings.SplitSeq(strings.TrimSpace(header), ",") {
		out = append(out, `"`+strings.ReplaceAll(fields[name], `"`, `""`)+`"`)
	}
	return strings.Join(out, ",") + "\n"
}

func wiper() map[string]string {
	return map[string]string{
		"ID": "7", "name": "Wiper against a ministry", "description": "A group wiped machines of a ministry after copying files.",
		"start_date": "2022-01-13", "end_date": "2022-01-14", "incident_type": "Data theft; Disruption",
		"receiver_name": "[['Ministry of Examples', 'Not available'], ['Not available']]", "receiver_country": "['Ukraine', 'Korea, Republic of']",
		"receiver_category":         "[['State institutions / political system', 'Critical infrastructure'], ['Media']]",
		"receiver_category_subcode": "[['Government / ministries', 'Energy'], ['']]",
		"initiator_category":        "['State']",
		"attribution_date":          "2022-02-01; 2022-03-01; 2022-03-05",
		"attribution_type":          "Technical report (e.g., by IT-companies, Citizen Lab, EFF); Political statement / report (e.g., on government / state agency websites); Media report (e.g., Reuters makes an attribution statement, without naming further sources)",
		"attribution_basis":         "IT-security community attributes attacker; Attribution by receiver government / state entity; Contested attribution",
		"attributing_actor":         "Example Labs; ; ", "attributing_country": "; Ukraine; ",
		"attributed_initiator":         "Example Bear/APT-X (Example Service); Example Bear/APT-X (Example Service); ",
		"attributed_initiator_country": "Russia; Russia; China", "attributed_initiator_category": "State; State; State",
		"sources_attribution":     "['https://example.org/2022/02/01/wiper', 'https://gov.example/statement']",
		"political_response_date": "2022-03-02 00:00:00", "political_response_type": "State Actors: Stabilizing measures",
		"political_response_type_subcode": "Statement by minister of foreign affairs", "political_response_country": "Ukraine",
		"legal_response_date": "2022-05-10; 2022-06-01", "legal_response_type": "Peaceful means: Retorsion (International Law); Other legal measures on national level (e.g. law enforcement investigations, arrests)",
		"legal_response_type_subcode": "Economic sanctions; ", "legal_response_country": "EU (region); United States", "legal_response_actor": "; US Justice Department",
		"MITRE_initial_access": "Phishing", "MITRE_impact": "Disk Wipe", "zero_days": "No",
		"source_incident_detection_disclosure": "Incident disclosed by attacker; Incident disclosed by media (without further information on source)", "sources_url": `["https://example.org/2022/02/01/wiper", 'https://news.example/it\'s-a-wiper']`,
	}
}

func TestIncident(t *testing.T) {
	m := ingesttest.NewMemory()
	res := ingesttest.MustRead(t, m, "f.csv", header+row(wiper()), eurepoc.Reader{})
	if res.Rejected != 0 || res.Format != "eurepoc" {
		t.Fatalf("%+v", res)
	}
	var c stix.Campaign
	if err := m.Get(eurepoc.CampaignID("7")).Decode(&c); err != nil {
		t.Fatal(err)
	}
	if c.FirstSeen.String() != "2022-01-13T00:00:00.000Z" || c.LastSeen.String() != "2022-01-14T00:00:00.000Z" {
		t.Errorf("from %s to %s", c.FirstSeen, c.LastSeen)
	}
	var op claim.Operation
	if _, err := m.Get(eurepoc.CampaignID("7")).ExtensionOf(claim.OperationExtension, &op); err != nil {
		t.Fatal(err)
	}
	op.DocumentRefs = nil
	want := claim.Operation{
		ExtensionType: "property-extension", Kinds: []string{"intrusion", "theft", "wiper"}, Acts: []string{"data-theft", "disruption", "wiping"},
		Sectors: []string{"government", "energy", "media"}, Countries: []string{"UA", "KR"}, Victims: []string{"Ministry of Examples"}, DisclosedBy: []string{"attacker", "media"},
	}
	if diff := cmp.Diff(want, op); diff != "" {
		t.Error(diff)
	}
	wantRelations := []string{
		"Example Bear -located-at-> Russia", "Example Bear -part-of-> Example Service", "Example Service -part-of-> Russia",
		"Ministry of Examples -part-of-> Ukraine",
		"Wiper against a ministry -attributed-to-> China",
		"Wiper against a ministry -attributed-to-> Example Bear", "Wiper against a ministry -attributed-to-> Example Bear",
		"Wiper against a ministry -attributed-to-> Russia", "Wiper against a ministry -attributed-to-> Russia",
		"Wiper against a ministry -targets-> Ministry of Examples", "Wiper against a ministry -targets-> South Korea",
		"Wiper against a ministry -targets-> Ukraine", "Wiper against a ministry -uses-> T1561", "Wiper against a ministry -uses-> T1566",
	}
	got := slices.DeleteFunc(m.Relations(""), func(s string) bool { return strings.HasPrefix(s, "US Justice") })
	if diff := cmp.Diff(wantRelations, got); diff != "" {
		t.Error(diff)
	}
}

// TestOnlyWhatWasAskedAboutSaysSo: the column is filled where the coders asked about answers, and a zero says nothing elsewhere.
func TestOnlyWhatWasAskedAboutSaysSo(t *testing.T) {
	const more = "legal_response_indicator,number_of_political_responses,"
	m := ingesttest.NewMemory()
	silent, zero, answered := wiper(), wiper(), wiper()
	silent["ID"], zero["ID"], answered["ID"] = "1", "2", "3"
	ingesttest.MustRead(t, m, "f.csv", more+header+"No response justified,0,"+row(silent)+",0,"+row(zero)+",1,"+row(answered), eurepoc.Reader{})
	for id, want := range map[string]string{"1": eurepoc.Repository + " until 2022-06-01", "2": "", "3": eurepoc.Repository + " until 2022-06-01"} {
		var op claim.Operation
		if _, err := m.Get(eurepoc.CampaignID(id)).ExtensionOf(claim.OperationExtension, &op); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, q := range op.Inquiries {
			got = append(got, q.Source+" until "+q.Until.Time().Format(time.DateOnly))
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("incident %s was asked about by %q, want %q", id, got, want)
		}
	}
}

// TestClaimsKeepTheirSides: who says so, when, how surely, and that the contested attribution stays apart from the others.
func TestClaimsKeepTheirSides(t *testing.T) {
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "f.csv", header+row(wiper()), eurepoc.Reader{})
	var got []string
	roots := map[stix.ID]bool{}
	for _, o := range m.OfType("relationship") {
		var c claim.Claim
		if ok, err := o.ExtensionOf(claim.Extension, &c); err != nil || !ok {
			continue
		}
		roots[c.RootRef] = true
		got = append(got, fmt.Sprintf("%s by %s on %s: %s %s%d -> %s", c.Stance, c.Speaker, c.From, c.Relation, c.Reliability, c.Credibility, m.Get(o.TargetRef).Name))
	}
	slices.Sort(got)
	want := []string{
		"asserts by Example Labs on 2022-02-01T00:00:00.000Z: attributed-to B2 -> Example Bear",
		"asserts by Example Labs on 2022-02-01T00:00:00.000Z: attributed-to B2 -> Russia",
		"asserts by Ukraine on 2022-03-01T00:00:00.000Z: attributed-to B3 -> Example Bear",
		"asserts by Ukraine on 2022-03-01T00:00:00.000Z: attributed-to B3 -> Russia",
		"doubts by European Repository of Cyber Incidents on 2022-03-05T00:00:00.000Z: attributed-to C4 -> China",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(roots) != 1 {
		t.Errorf("three attributions that cite two pages have %d roots, want one", len(roots))
	}
}

func TestResponses(t *testing.T) {
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "f.csv", header+row(wiper()), eurepoc.Reader{})
	var got []string
	for _, o := range m.OfType(claim.TypeMeasure) {
		var s claim.Measure
		if err := o.Decode(&s); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s by %v: %s against %d", s.Date.String()[:10], s.Kind, s.By, s.Codes[len(s.Codes)-1], len(s.AgainstRefs)))
	}
	want := []string{
		"2022-03-02 public-attribution by [UA]: eurepoc:political:Statement by minister of foreign affairs against 1",
		"2022-05-10 sanctions by [EU]: eurepoc:legal:Economic sanctions against 1",
		"2022-06-01 indictment by [US]: eurepoc:legal:Other legal measures on national level (e.g. law enforcement investigations, arrests) against 1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A finding of law that nothing justified a response is no response.
func TestNoResponse(t *testing.T) {
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "f.csv", header+row(map[string]string{"ID": "9", "name": "Leak", "start_date": "2022-01-13", "legal_response_type": "No justification under IL"}), eurepoc.Reader{})
	if n := len(m.OfType(claim.TypeMeasure)); n != 0 {
		t.Errorf("%d measures", n)
	}
}

// TestResponsesOfEuRepoC: the incidents count their responses, and so many are read.
func TestResponsesOfEuRepoC(t *testing.T) {
	text := ingesttest.Unzip(t, ingesttest.Data(t, "eurepoc", "EuRepoC_Global_Database_1.1.csv.gz"))
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	stated := 0
	for _, column := range []string{"number_of_political_responses", "number_of_legal_responses"} {
		at := slices.Index(rows[0], column)
		for _, r := range rows[1:] {
			n, _ := strconv.Atoi(r[at])
			stated += n
		}
	}
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "f.csv", text, eurepoc.Reader{})
	// Three rows tell of a response and count none or one too few.
	if n := len(m.OfType(claim.TypeMeasure)); n != stated+3 {
		t.Errorf("%d measures, the incidents count %d", n, stated)
	}
}

// TestDatasetsAgree: the attribution dataset says what the Global Database says, so reading both, in either order, leaves the
// better version of each claim, also where only the Global Database can tell which government speaks and what kind of actor
// is named.
func TestDatasetsAgree(t *testing.T) {
	attribution := "incident_ID,attribution_ID,attribution_date,attribution_type,attribution_basis,attributing_actor,attribution_it_company,attributing_country,attributed_initiator,attributed_initiator_country,attributed_initiator_category\n" +
		"7,1.0,2022-02-01,\"Technical report (e.g., by IT-companies, Citizen Lab, EFF)\",IT-security community attributes attacker,Example Labs,Not available,,Example Bear/APT-X (Example Service),Russia,State\n" +
		"8,2.0,2022-02-01,,Attribution by receiver government / state entity,,,,Example Crew,Russia,Non-state-group\n"
	receivers := "ID,receiver_country,receiver_region,receiver_name,receiver_category,receiver_category_subcode\n7,Ukraine,,Not available,State institutions / political system,Government / ministries\n"
	global := header + row(wiper()) + row(map[string]string{
		"ID": "8", "name": "Leak", "start_date": "2022-01-13", "receiver_country": "['Ukraine']", "attribution_date": "2022-02-01",
		"attribution_basis": "Attribution by receiver government / state entity", "attributed_initiator": "Example Crew",
		"attributed_initiator_country": "Russia", "attributed_initiator_category": "Non-state-group",
		"attributed_initiator_subcategory": "Criminal(s)", "sources_attribution": "['https://gov.example/crew']",
	})
	final := func(order ...string) []string {
		m := ingesttest.NewMemory()
		for _, f := range order {
			if res := ingesttest.MustRead(t, m, "f", f, eurepoc.Reader{}); res.Rejected != 0 {
				t.Errorf("rejected %v", res.Reasons)
			}
		}
		return described(graph.FromObjects(m.Objects(), graph.Options{}))
	}
	want := final(global)
	for _, order := range [][]string{
		{global, attribution, receivers},
		{attribution, receivers, global},
		{receivers, global, attribution},
		{attribution, global, receivers},
		{receivers, attribution, global},
	} {
		if diff := cmp.Diff(want, final(order...)); diff != "" {
			t.Error(diff)
		}
	}
}

// described lists what a graph says that an analyst would see: claims with speaker and root, and kinds of actors.
func described(g *graph.Graph) []string {
	var out []string
	for _, c := range g.Claims() {
		if !c.Plain {
			out = append(out, fmt.Sprint(c.ID, c.Links, g.Name(c.Source), c.Root, c.Stance))
		}
	}
	for _, e := range g.Entities("threat-actor", "campaign") {
		out = append(out, fmt.Sprint(e.Name, e.Kinds, e.Date))
	}
	slices.Sort(out)
	return out
}

// TestDatasetsOfEuRepoC reads the three files as they are published, each of them first, in the middle and last: nothing is set aside, and every order
// comes to the same.
func TestDatasetsOfEuRepoC(t *testing.T) {
	var files []string
	for _, name := range []string{"Global_Database", "Attribution_dataset", "Receiver_dataset"} {
		files = append(files, ingesttest.Unzip(t, ingesttest.Data(t, "eurepoc", "EuRepoC_"+name+"_1.1.csv.gz")))
	}
	var want []string
	for _, order := range [][]int{{0, 1, 2}, {1, 2, 0}, {2, 1, 0}} {
		m := ingesttest.NewMemory()
		for _, i := range order {
			if res := ingesttest.MustRead(t, m, "f.csv", files[i], eurepoc.Reader{}); res.Rejected != 0 {
				t.Errorf("order %v: %d set aside: %v", order, res.Rejected, res.Reasons)
			}
		}
		got := described(graph.FromObjects(m.Objects(), graph.Options{}))
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("order %v: %s", order, diff[:min(len(diff), 4000)])
		}
	}
}

// Regions are places too: an attribution that names only a part of the world is not lost.
func TestRegionsAreKept(t *testing.T) {
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "f.csv", header+row(map[string]string{
		"ID": "9", "name": "Leak", "start_date": "2022-01-13", "attribution_basis": "Attacker confirms; Attacker confirms", "attributed_initiator": "Example Crew; Example Crew",
		"attributed_initiator_country": "Europe (region); South America", "attributed_initiator_category": "Non-state-group; Non-state-group",
	}), eurepoc.Reader{})
	got := slices.DeleteFunc(m.Relations("originates-from"), func(s string) bool { return !strings.Contains(s, "originates-from") })
	if diff := cmp.Diff([]string{"Leak -originates-from-> Europe", "Leak -originates-from-> South America"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestShiftedRowsAreRejectedAlone(t *testing.T) {
	good, shifted, badDate, badList := wiper(), wiper(), wiper(), wiper()
	shifted["ID"], shifted["name"] = "Wiper against a ministry", "7"
	badDate["start_date"] = "13.01.2022"
	badList["receiver_country"] = "['Ukraine'"
	m := ingesttest.NewMemory()
	other := wiper()
	other["ID"] = "8"
	res := ingesttest.MustRead(t, m, "f.csv", header+row(good)+row(shifted)+row(badDate)+row(badList)+"1,2,3\n"+row(other), eurepoc.Reader{})
	if n := len(m.OfType("campaign")); n != 2 || res.Rejected != 4 {
		t.Errorf("%d incidents, %d rejected: %v", n, res.Rejected, res.Reasons)
	}
	for i, place := range []string{"row 2, line 3", "row 3, line 4", "row 4, line 5", "row 5, line 6"} {
		if m.Rejected[i].Place != place || len(m.Rejected[i].Raw) == 0 {
			t.Errorf("reject %d at %s", i, m.Rejected[i].Place)
		}
	}
}

func TestEditedRowBecomesANewVersion(t *testing.T) {
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "1", header+row(wiper()), eurepoc.Reader{})
	edited := wiper()
	edited["name"] = "Wiper against two ministries"
	res := ingesttest.MustRead(t, m, "2", header+row(edited), eurepoc.Reader{})
	if res.Updated != 1 || res.Rejected != 0 || m.Get(eurepoc.CampaignID("7")).Name != edited["name"] {
		t.Errorf("%+v", res)
	}
}

func FuzzReader(f *testing.F) {
	f.Add(header + row(wiper()))
	f.Add("incident_ID,attribution_date,attribution_type,attribution_basis,attributed_initiator\n1,2020-01-01,a,b,c/d (e)\n")
	f.Add(header + row(map[string]string{"ID": "1", "receiver_country": `[["a\x41\u0042"], 'b', None, nan]`, "sources_url": "[['x'"}))
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = ingesttest.Read(t, ingesttest.NewMemory(), "f", s, always{})
	})
}

// always reads whatever comes.
type always struct{ eurepoc.Reader }

func (always) Detect([]byte, string) ingest.Confidence { return ingest.Certain }
