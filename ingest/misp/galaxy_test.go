package misp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/claim"
	"marque/ingest"
	"marque/ingest/ingesttest"
	"marque/ingest/misp"
	"marque/stix"
	"marque/stix/validate"
)

func galaxy(typ, category, values string) string {
	return `{"authors":["x"],"category":"` + category + `","description":"d","name":"N","source":"s","type":"` + typ +
		`","uuid":"33333333-3333-4333-8333-333333333333","values":[` + values + `],"version":1}`
}

const actors = `
{"value":"Example Bear","uuid":"11111111-1111-4111-8111-111111111101","description":"Text","meta":{
  "country":"RU","attribution-confidence":"75","cfr-suspected-state-sponsor":"Russian Federation","cfr-suspected-victims":["Ukraine","NATO"],
  "cfr-target-category":["Government"],"synonyms":["APT-X","Example Unit"],"refs":["https://example.org/1","https://example.org/1"],
  "origin:Storm-0000":"Microsoft","capabilities":"phishing"},
 "related":[{"dest-uuid":"11111111-1111-4111-8111-111111111102","type":"similar","tags":["likely"]},{"dest-uuid":"99999999-9999-4999-8999-999999999999","type":"uses"}]},
{"value":"Example Spider","uuid":"11111111-1111-4111-8111-111111111102","meta":{"country":"BR","motive":"Cybercrime"}},
{"value":"","uuid":"11111111-1111-4111-8111-111111111103"},
{"value":"No id","uuid":"nonsense"}`

func TestActors(t *testing.T) {
	m := ingesttest.NewMemory()
	res := ingesttest.MustRead(t, m, "f.json", galaxy("threat-actor", "actor", actors), misp.Galaxy{})
	if res.Format != "misp-galaxy" || res.Rejected != 2 || m.Rejected[0].Place != "cluster 2" {
		t.Errorf("%+v", res)
	}
	want := []string{
		"Example Bear -attributed-to-> Russia", "Example Bear -attributed-to-> Russia", "Example Bear -located-at-> Russia",
		"Example Bear -similar-> Example Spider", "Example Bear -targets-> NATO", "Example Bear -targets-> Ukraine",
		"Example Bear -targets-> government", "Example Spider -located-at-> Brazil", "Storm-0000 -alias-of-> Example Bear",
	}
	if diff := cmp.Diff(want, m.Relations("")); diff != "" {
		t.Error(diff)
	}
	bear := m.Named("threat-actor", "Example Bear")
	if bear.ID != "threat-actor--11111111-1111-4111-8111-111111111101" || m.Get(bear.CreatedByRef).Name != "MISP Project" {
		t.Errorf("the cluster's own id and creator are lost: %s", bear.Raw())
	}
	for _, kept := range []string{`"x_misp_capabilities":"phishing"`, `99999999-9999`, `"aliases":["APT-X","Example Unit"]`} {
		if !strings.Contains(string(bear.Raw()), kept) {
			t.Errorf("%s is lost in %s", kept, bear.Raw())
		}
	}
}

// TestClustersBecomeValid: a newer kind of UUID, links that are none and names that promise more than the value keeps.
func TestClustersBecomeValid(t *testing.T) {
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "f.json", galaxy("threat-actor", "actor", `{"value":"Seven","uuid":"019514dc-c894-751f-8cfd-ff2b932ff451","meta":{
		"refs":["https://example.org/a","example.org/b","https://example.org/c d"],"origin:temp.hex":"Vendor"}}`), misp.Galaxy{})
	seven := m.Named("threat-actor", "Seven")
	if want := stix.DerivedID("threat-actor", "misp-galaxy", "019514dc-c894-751f-8cfd-ff2b932ff451"); seven.ID != want {
		t.Errorf("id %s, want %s", seven.ID, want)
	}
	for _, kept := range []string{
		`"external_id":"019514dc-c894-751f-8cfd-ff2b932ff451"`, `"url":"https://example.org/a"`, `"description":"example.org/b"`,
		`"description":"https://example.org/c d"`, `"x_misp_origin_temp_hex_text":"Vendor"`,
	} {
		if !strings.Contains(string(seven.Raw()), kept) {
			t.Errorf("%s is lost in %s", kept, seven.Raw())
		}
	}
	for _, f := range validate.Object(seven.Raw(), validate.Options{}) {
		if f.Severity == validate.Error {
			t.Errorf("%s: %s", f.Path, f.Message)
		}
	}
}

// TestSponsorsAreClaims: MISP's own country has the confidence that MISP states, the Council's sponsor is the Council's word.
func TestSponsorsAreClaims(t *testing.T) {
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "f.json", galaxy("threat-actor", "actor", actors), misp.Galaxy{})
	got := map[string]int{}
	for _, o := range m.OfType("relationship") {
		var c claim.Claim
		if ok, err := o.ExtensionOf(claim.Extension, &c); err != nil || !ok || c.Relation != "attributed-to" {
			continue
		}
		got[m.Get(o.CreatedByRef).Name] = c.Credibility
		if c.Speaker == "MISP Project" && (o.Confidence == nil || *o.Confidence != 75) {
			t.Errorf("confidence %v", o.Confidence)
		}
	}
	if diff := cmp.Diff(map[string]int{"MISP Project": 2, "Council on Foreign Relations": 3}, got); diff != "" {
		t.Error(diff)
	}
}

func TestKinds(t *testing.T) {
	value := `{"value":"Thing","uuid":"11111111-1111-4111-8111-111111111101","description":"d","meta":{"ISO":"UA","country":"UA","external_id":"T0001","kill_chain":["tactics:Plan Objectives"]}}`
	for typ, want := range map[string][]string{
		"ransomware":             {`"type":"malware"`, `"malware_types":["ransomware"]`, `"is_family":true`},
		"surveillance-vendor":    {`"type":"threat-actor"`, `private-sector-offensive-actor`},
		"intelligence-agency":    {`"type":"identity"`, `"state-organ"`},
		"sector":                 {`"type":"identity"`, `"identity_class":"class"`},
		"country":                {`"type":"location"`, `"country":"UA"`},
		"disarm-techniques":      {`"type":"attack-pattern"`, `"kill_chain_name":"disarm"`, `"external_id":"T0001"`},
		"disarm-countermeasures": {`"type":"course-of-action"`},
		"never-heard-of":         {`"type":"x-misp-galaxy-cluster"`},
	} {
		m := ingesttest.NewMemory()
		ingesttest.MustRead(t, m, "f", galaxy(typ, "other", value), misp.Galaxy{})
		all := ""
		for _, r := range m.Records {
			all += string(r.Raw()) + "\n"
		}
		for _, w := range want {
			if !strings.Contains(all, w) {
				t.Errorf("%s: no %s in %s", typ, w, all)
			}
		}
	}
}

func TestCutOffKeepsWhatIsGood(t *testing.T) {
	m := ingesttest.NewMemory()
	doc := galaxy("threat-actor", "actor", actors)
	_, err := ingesttest.Read(t, m, "f", doc[:strings.Index(doc, "Cybercrime")], misp.Galaxy{})
	if !errors.Is(err, ingest.ErrMalformed) || m.Named("threat-actor", "Example Bear") == nil {
		t.Errorf("%v, %d records", err, len(m.Records))
	}
}

func FuzzGalaxy(f *testing.F) {
	f.Add(galaxy("threat-actor", "actor", actors))
	f.Add(galaxy("country", "x", `{"value":"a","uuid":"11111111-1111-4111-8111-111111111101","meta":{"ISO":[1,"UA"]}}`))
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = ingesttest.Read(t, ingesttest.NewMemory(), "f", s, always{})
	})
}

type always struct{ misp.Galaxy }

func (always) Detect([]byte, string) ingest.Confidence { return ingest.Certain }
