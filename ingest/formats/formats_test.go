package formats_test

import (
	"testing"

	"marque/ingest"
	"marque/ingest/formats"
	"marque/ingest/ingesttest"
)

// TestRealData reads each published file twice: the counts are the publishers', nothing is lost, the second time nothing
// changes.
func TestRealData(t *testing.T) {
	for _, c := range []struct {
		parts  []string
		format string
		typ    string
		want   int
	}{
		{[]string{"attack", "enterprise-attack-reports-before-2023.json.gz"}, "stix", "any", 18727},
		{[]string{"misp-galaxy", "threat-actor.json.gz"}, "misp-galaxy", "threat-actor", 1041},
		{[]string{"misp-galaxy", "microsoft-activity-group.json.gz"}, "misp-galaxy", "threat-actor", 179},
		{[]string{"misp-galaxy", "ransomware.json.gz"}, "misp-galaxy", "malware", 2135},
		{[]string{"misp-galaxy", "surveillance-vendor.json.gz"}, "misp-galaxy", "threat-actor", 615},
		{[]string{"misp-galaxy", "intelligence-agencies.json.gz"}, "misp-galaxy", "identity", 436},
		{[]string{"misp-galaxy", "sector.json.gz"}, "misp-galaxy", "identity", 118},
		{[]string{"misp-galaxy", "country.json.gz"}, "misp-galaxy", "location", 252},
		{[]string{"misp-galaxy", "region.json.gz"}, "misp-galaxy", "location", 32},
		{[]string{"misp-galaxy", "target-information.json.gz"}, "misp-galaxy", "location", 240},
		{[]string{"misp-galaxy", "disarm-techniques.json.gz"}, "misp-galaxy", "attack-pattern", 298},
		{[]string{"misp-galaxy", "disarm-countermeasures.json.gz"}, "misp-galaxy", "course-of-action", 139},
		{[]string{"misp-galaxy", "disarm-actortypes.json.gz"}, "misp-galaxy", "identity", 33},
		{[]string{"microsoft", "MicrosoftMapping.json"}, "microsoft", "threat-actor", 166},
		{[]string{"eurepoc", "EuRepoC_Global_Database_1.1.csv.gz"}, "eurepoc", "campaign", 1643},
		{[]string{"eurepoc", "EuRepoC_Attribution_dataset_1.1.csv.gz"}, "eurepoc", "campaign", 1643},
		{[]string{"eurepoc", "EuRepoC_Receiver_dataset_1.1.csv.gz"}, "eurepoc", "campaign", 1639},
		{[]string{"cfr", "cyber-operations-incidents.csv.gz"}, "cfr", "campaign", 768},
	} {
		t.Run(c.parts[1], func(t *testing.T) {
			path := ingesttest.Data(t, c.parts...)
			m := ingesttest.NewMemory()
			p := ingest.New(m, formats.Default(formats.Config{}), ingest.Config{})
			res, err := p.File(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if got := count(t, m, c.format, c.typ); got != c.want {
				t.Errorf("%d objects of type %s, want %d", got, c.typ, c.want)
			}
			if res.Format != c.format || res.Rejected != 0 {
				t.Errorf("read as %s, %d rejected: %v", res.Format, res.Rejected, res.Reasons)
			}
			again, err := p.File(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if again.Added+again.Updated+again.Older != 0 || again.Rejected != 0 {
				t.Errorf("the second time changed something: %+v", again)
			}
			for _, id := range m.Dangling() {
				t.Errorf("nothing answers the reference %s", id)
			}
		})
	}
}

// count counts the objects of a type that stand for records of the source, not the entities that these speak of.
func count(t *testing.T, m *ingesttest.Memory, format, typ string) int {
	t.Helper()
	if typ == "any" {
		return len(m.Records)
	}
	n := 0
	for _, o := range m.OfType(typ) {
		p, err := o.Properties()
		if err != nil {
			t.Fatal(err)
		}
		_, cluster := p["x_misp_galaxy"]
		if format != "misp-galaxy" || typ == "location" || cluster {
			n++
		}
	}
	return n
}
