package microsoft_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/ingest"
	"marque/ingest/ingesttest"
	"marque/ingest/microsoft"
	"marque/stix"
)

const mapping = "\xef\xbb\xbf" + `[
	{"Threat actor name": "Example Typhoon", "Origin/Threat": "China", "Other names": "ONE, Two , ONE,, Example Typhoon"},
	{"Threat actor name": "Example Tempest", "Origin/Threat": "Israel, Financially motivated", "Other names": ""},
	{"Threat actor name": "Example Tsunami", "Origin/Threat": "Private sector offensive actor", "Other names": ""},
	{"Threat actor name": "Example Flood", "Origin/Threat": "Russia, Influence operations", "Other names": "Storm-0000"},
	{"Threat actor name": "Example New", "Origin/Threat": "Something new", "Other names": ""},
	{"Threat actor name": "", "Origin/Threat": "China"},
	{"Threat actor name": 5}
]`

func TestMapping(t *testing.T) {
	m := ingesttest.NewMemory()
	res := ingesttest.MustRead(t, m, "f.json", mapping, microsoft.Reader{})
	if res.Format != "microsoft" || res.Rejected != 2 || m.Rejected[0].Place != "record 5" || m.Rejected[0].Offset == 0 {
		t.Errorf("%+v %+v", res, m.Rejected)
	}
	want := []string{
		"Example Flood -attributed-to-> Russia", "Example Tempest -located-at-> Israel", "Example Typhoon -attributed-to-> China",
	}
	if diff := cmp.Diff(want, m.Relations("")); diff != "" {
		t.Error(diff)
	}
	type view struct{ Types, Aliases, Labels []string }
	for name, want := range map[string]view{
		"Example Typhoon": {Types: []string{"nation-state"}, Aliases: []string{"ONE", "Two"}},
		"Example Tempest": {Types: []string{"criminal"}},
		"Example Tsunami": {Types: []string{"private-sector-offensive-actor"}},
		"Example Flood":   {Types: []string{"influence-operations", "nation-state"}, Aliases: []string{"Storm-0000"}},
		"Example New":     {Labels: []string{"something new"}},
	} {
		var a stix.ThreatActor
		if err := m.Named("threat-actor", name).Decode(&a); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, view{a.Types, a.Aliases, a.Labels}); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestCutOffKeepsWhatIsGood(t *testing.T) {
	m := ingesttest.NewMemory()
	_, err := ingesttest.Read(t, m, "f", mapping[:250], microsoft.Reader{})
	if !errors.Is(err, ingest.ErrMalformed) || len(m.OfType("threat-actor")) != 2 {
		t.Errorf("%v, %d actors", err, len(m.OfType("threat-actor")))
	}
}

func FuzzReader(f *testing.F) {
	f.Add(mapping)
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = ingesttest.Read(t, ingesttest.NewMemory(), "f", s, always{})
	})
}

type always struct{ microsoft.Reader }

func (always) Detect([]byte, string) ingest.Confidence { return ingest.Certain }
