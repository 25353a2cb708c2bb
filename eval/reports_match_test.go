package eval_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/eval"
	"marque/ingest/prose"
)

func TestMatchReport(t *testing.T) {
	const truth = `
claims:
  - {id: A1, who: Kumori Research, subject: Sandworm, relation: deployed, object: RootRot}
  - {id: A2, who: Kumori Research, subject: A1, relation: motive, object: not financial}
  - {id: A3, who: North Korea, relation: response, stance: denies}
  - {id: A4, who: Haruka Minobe (Kumori Research), subject: [Russia, Iran], relation: targets, object: [Ukraine, Israel, energy]}
  - {id: A7, who: BKA, relation: measure, object: indictment of two men}
  - {id: A5, who: NSA, relation: measure, object: seizure of domains}
also:
  - {id: A6, who: Kumori Research, subject: Russia, relation: spread, object: a fake video}
`
	lookup := func(name string) (prose.Entity, bool) {
		return prose.Entity{Name: "Bundeskriminalamt"}, name == "BKA"
	}
	name := func(kind string, names ...string) []prose.Ref {
		var out []prose.Ref
		for _, n := range names {
			out = append(out, prose.Ref{Name: n, Kind: kind})
		}
		return out
	}
	kumori := prose.Source{Name: "Kumori Research"}
	claim := func(who prose.Source, subject []prose.Ref, relation string, object []prose.Ref) prose.Claim {
		return prose.Claim{Who: who, Subject: subject, Relation: relation, Object: object, Stance: prose.Asserts}
	}
	denial := claim(prose.Source{Name: "North Korea's mission"}, nil, "uses", nil)
	denial.Stance = prose.Denies
	otherDenial := denial
	otherDenial.Who.Name = "South Korea"
	notMoney := claim(kumori, name(prose.Actor, "Sandworm"), "motive", []prose.Ref{{Name: "financial", Negated: true}})

	for what, tc := range map[string]struct {
		claim prose.Claim
		want  string // "found A1", "near A1 …", or what else
	}{
		"exact":              {claim(kumori, name(prose.Actor, "Sandworm"), "deployed", name(prose.Malware, "RootRot")), "found A1"},
		"alias in full":      {claim(kumori, []prose.Ref{{Name: "APT44", Kind: prose.Actor, Aliases: []string{"Sandworm"}}}, "deployed", name(prose.Malware, "RootRot")), "found A1"},
		"another actor":      {claim(kumori, name(prose.Actor, "Turla"), "deployed", name(prose.Malware, "RootRot")), "unmatched"},
		"another object":     {claim(kumori, name(prose.Actor, "Sandworm"), "deployed", name(prose.Malware, "ZEROLOT")), "unmatched"},
		"another source":     {claim(prose.Source{Name: "ESET"}, name(prose.Actor, "Sandworm"), "deployed", name(prose.Malware, "RootRot")), "near A1 other source"},
		"neighbouring word":  {claim(kumori, name(prose.Actor, "Sandworm"), "uses", name(prose.Malware, "RootRot")), "near A1 neighbouring word"},
		"unnamed subject":    {claim(kumori, name("group", "the attackers"), "deployed", name(prose.Malware, "RootRot")), "near A1 subject not named"},
		"two deviations":     {claim(prose.Source{Name: "ESET"}, nil, "deployed", name(prose.Malware, "RootRot")), ""},
		"motive, denied":     {notMoney, "found A2"},
		"motive, wrong sign": {claim(kumori, name(prose.Actor, "Sandworm"), "motive", name("", "financial")), "unmatched"},
		"denial":             {denial, "found A3"},
		"half of a name":     {otherDenial, "unmatched"},
		"half of the objects": {
			claim(prose.Source{Name: "Haruka Minobe"}, name(prose.State, "Russia", "Iran"), "targets", name(prose.State, "Ukraine", "Israel")), "found A4",
		},
		"a subject too few": {claim(kumori, name(prose.State, "Russia"), "targets", name(prose.State, "Ukraine", "Israel")), ""},
		"an object only":    {claim(kumori, name(prose.State, "Russia", "Iran"), "targets", name(prose.State, "Ukraine")), ""},
		"initials":          {claim(prose.Source{Name: "National Security Agency"}, nil, "measure", name("seizure", "seized domains")), "found A5"},
		"a known name":      {claim(prose.Source{Name: "Bundeskriminalamt"}, nil, "measure", name("indictment", "two men")), "found A7"},
		"further fact":      {claim(kumori, name(prose.State, "Russia"), "spread", name("content", "fake video")), ""},
	} {
		t.Run(what, func(t *testing.T) {
			parsed, err := eval.ParseReport([]byte(truth))
			if err != nil {
				t.Fatal(err)
			}
			tc.claim.ID = "c"
			if diff := cmp.Diff(tc.want, became(eval.MatchReport(parsed.Known(lookup), []prose.Claim{tc.claim}))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseReportRefuses(t *testing.T) {
	for what, raw := range map[string]string{
		"a taken id":       "claims: [{id: A1, relation: uses}, {id: A1, relation: uses}]",
		"another relation": "claims: [{id: A1, relation: adores}]",
		"no list of rows":  "claims: 7",
	} {
		if _, err := eval.ParseReport([]byte(raw)); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
}

func became(out eval.ReportOutcome) string {
	switch {
	case len(out.Found) > 0:
		return "found " + out.Found[0].ID
	case len(out.Near) > 0:
		return "near " + out.Near[0].ID + " " + string(out.NearBy[out.Near[0].ID])
	case len(out.Unmatched) > 0:
		return "unmatched"
	}
	return ""
}
