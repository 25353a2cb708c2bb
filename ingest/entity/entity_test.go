package entity_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/ingest/entity"
)

func TestCountryCode(t *testing.T) {
	for name, want := range map[string]string{
		"Russia": "RU", "Russian Federation": "RU", "Korea, Democratic People's Republic of": "KP",
		"Korea (Democratic People’s Republic of)": "KP", "Korea, Republic of": "KR", "Iran (Islamic Republic of)": "IR",
		"the Netherlands": "NL", "Türkiye": "TR", "Côte d’Ivoire": "CI", "us": "US", "U.S.": "US", "St. Lucia": "LC",
		"": "", "Atlantis": "", "EU (region)": "", "Unknown": "",
	} {
		if got, ok := entity.CountryCode(name); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", name, got, ok, want)
		}
	}
}

func TestCountries(t *testing.T) {
	codes, rest := entity.Countries("China, Private sector offensive actor, Russian Federation")
	if diff := cmp.Diff([]string{"CN", "RU"}, codes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Private sector offensive actor"}, rest); diff != "" {
		t.Error(diff)
	}
}

func TestCountriesInText(t *testing.T) {
	for text, want := range map[string][]string{
		"Ukrainian banks, the United Kingdom’s ministries and U.S. firms": {"UA", "GB", "US"},
		"South Korean and North Korean users":                             {"KR", "KP"},
		"a turkey in a china shop":                                        nil,
		"":                                                                nil,
	} {
		if diff := cmp.Diff(want, entity.CountriesIn(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestSectorCode(t *testing.T) {
	for text, want := range map[string]string{
		"Defense contractors": "defence", "Government, Administration": "government", "Ukrainian military devices": "military",
		"Universities": "education", "Private sector": "", "Financial services": "finance", "Biogas": "",
	} {
		if got, _ := entity.SectorCode(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCanonicalURL(t *testing.T) {
	want := "https://www.example.org/2024/10/15/story?id=7"
	for _, s := range []string{
		"https://www.example.org/2024/10/15/story?id=7", "HTTPS://WWW.Example.org/2024/10/15/story?id=7&utm_source=x#top",
		" https://www.example.org/2024/10/15/story?id=7&amp;fbclid=1 ",
	} {
		if got := entity.CanonicalURL(s); got != want {
			t.Errorf("%q: %q", s, got)
		}
	}
	if got := entity.CanonicalURL("no address"); got != "no address" {
		t.Errorf("got %q", got)
	}
}

func TestIsTechnique(t *testing.T) {
	for s, want := range map[string]bool{"T1566": true, "T1566.001": true, "T156": false, "T1566.1": false, "TA0010": false, "": false} {
		if entity.IsTechnique(s) != want {
			t.Errorf("%q", s)
		}
	}
}
