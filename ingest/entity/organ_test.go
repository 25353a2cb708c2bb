package entity_test

import (
	"slices"
	"testing"

	"marque/ingest/entity"
)

func TestOrgansAreTold(t *testing.T) {
	for name, want := range map[string]string{
		"United States Cyber Command": "US", "US CYCOM": "US", "GRU Unit 74455": "RU", "Chinese Ministry of State Security": "CN",
		"Islamic Revolutionary Guard Corps (IRGC)": "IR", "Main Intelligence Directorate": "",
	} {
		if state, ok := entity.OrganOf(name); !ok || state != want {
			t.Errorf("%s: %q, %v; want %q", name, state, ok, want)
		}
	}
	for _, name := range []string{"Syrian Electronic Army", "IT Army of Ukraine", "Lazarus Group", "Cuba Ransomware", "Iranian Cyber Army"} {
		if state, ok := entity.OrganOf(name); ok {
			t.Errorf("%s is taken for a service of %q", name, state)
		}
	}
	if got := entity.OrganForms("China’s Ministry of State Security"); !slices.Contains(got, "MSS") || !slices.Contains(got, "Ministry of State Security") {
		t.Errorf("forms %q", got)
	}
	if got := entity.OrganForms("United States Cyber Command"); !slices.Contains(got, "US Cyber Command") {
		t.Errorf("forms %q", got)
	}
}
