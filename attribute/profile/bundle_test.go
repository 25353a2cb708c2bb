package profile_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/attribute/profile"
	"marque/stix"
)

const bundle = `{"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000001", "objects": [
 {"type": "intrusion-set", "id": "intrusion-set--00000000-0000-4000-8000-000000000001", "name": "One", "aliases": ["One", "Uno"], "description": "One is a group attributed to the Russian army.",
  "external_references": [{"source_name": "mitre-attack", "external_id": "G1"}, {"source_name": "A", "description": "A. (2019, May 2). T."}]},
 {"type": "intrusion-set", "id": "intrusion-set--00000000-0000-4000-8000-000000000002", "name": "Gone", "revoked": true},
 {"type": "campaign", "id": "campaign--00000000-0000-4000-8000-000000000001", "name": "C"},
 {"type": "attack-pattern", "id": "attack-pattern--00000000-0000-4000-8000-000000000001", "name": "T", "external_references": [{"source_name": "mitre-attack", "external_id": "T1.001"}]},
 {"type": "malware", "id": "malware--00000000-0000-4000-8000-000000000001", "name": "M", "x_mitre_aliases": ["M", "Em"], "external_references": [{"source_name": "mitre-attack", "external_id": "S1"}]},
 {"type": "tool", "id": "tool--00000000-0000-4000-8000-000000000001", "name": "Old", "x_mitre_deprecated": true},
 {"type": "tool", "id": "tool--00000000-0000-4000-8000-000000000002", "name": "Older", "revoked": true},
 {"type": "relationship", "id": "relationship--00000000-0000-4000-8000-000000000009", "relationship_type": "revoked-by", "source_ref": "tool--00000000-0000-4000-8000-000000000002", "target_ref": "malware--00000000-0000-4000-8000-000000000001"},
 {"type": "relationship", "id": "relationship--00000000-0000-4000-8000-000000000001", "relationship_type": "uses", "source_ref": "intrusion-set--00000000-0000-4000-8000-000000000001", "target_ref": "malware--00000000-0000-4000-8000-000000000001",
  "external_references": [{"source_name": "A"}, {"source_name": "B", "description": "B. (2020)."}, {"source_name": "A"}, {"source_name": "undated"}]},
 {"type": "relationship", "id": "relationship--00000000-0000-4000-8000-000000000002", "relationship_type": "uses", "source_ref": "malware--00000000-0000-4000-8000-000000000001", "target_ref": "attack-pattern--00000000-0000-4000-8000-000000000001"},
 {"type": "relationship", "id": "relationship--00000000-0000-4000-8000-000000000003", "relationship_type": "attributed-to", "source_ref": "campaign--00000000-0000-4000-8000-000000000001", "target_ref": "intrusion-set--00000000-0000-4000-8000-000000000001"},
 {"type": "relationship", "id": "relationship--00000000-0000-4000-8000-000000000004", "relationship_type": "uses", "source_ref": "campaign--00000000-0000-4000-8000-000000000001", "target_ref": "attack-pattern--00000000-0000-4000-8000-000000000001"},
 {"type": "relationship", "id": "relationship--00000000-0000-4000-8000-000000000005", "relationship_type": "uses", "source_ref": "intrusion-set--00000000-0000-4000-8000-000000000002", "target_ref": "malware--00000000-0000-4000-8000-000000000001"},
 {"type": "relationship", "id": "relationship--00000000-0000-4000-8000-000000000006", "relationship_type": "uses", "source_ref": "intrusion-set--00000000-0000-4000-8000-000000000001", "target_ref": "malware--00000000-0000-4000-8000-000000000009"},
 {"type": "relationship", "id": "relationship--00000000-0000-4000-8000-000000000007", "relationship_type": "uses", "source_ref": "intrusion-set--00000000-0000-4000-8000-000000000001", "target_ref": "malware--00000000-0000-4000-8000-000000000001", "revoked": true},
 {"type": "relationship", "id": "relationship--00000000-0000-4000-8000-000000000008", "relationship_type": "mitigates", "source_ref": "intrusion-set--00000000-0000-4000-8000-000000000001", "target_ref": "malware--00000000-0000-4000-8000-000000000001"}
]}`

// read reads a bundle as the workspace does: objects that cannot be read are left out.
func read(t testing.TB, text string) (profile.Corpus, error) {
	t.Helper()
	var objects []*stix.Object
	err := stix.ReadBundle(strings.NewReader(text), func(o *stix.Object) error {
		objects = append(objects, o)
		return nil
	}, func(*stix.BadObjectError) error { return nil })
	if err != nil {
		return profile.Corpus{}, err
	}
	return profile.FromObjects(func(yield func(*stix.Object, error) bool) {
		for _, o := range objects {
			if !yield(o, nil) {
				return
			}
		}
	})
}

func TestFromObjects(t *testing.T) {
	a := profile.Citation{Source: "A", Date: day(2019, time.May, 2)}
	b := profile.Citation{Source: "B", Date: day(2020, time.December, 28)}
	want := profile.Corpus{
		Actors: []profile.Actor{{ID: "intrusion-set--00000000-0000-4000-8000-000000000001", Name: "One", Aliases: []string{"One", "Uno"}, Sponsor: "RU"}},
		Features: []profile.Feature{
			{ID: "attack-pattern--00000000-0000-4000-8000-000000000001", Name: "T", Kind: profile.Technique, External: "T1.001"},
			{ID: "malware--00000000-0000-4000-8000-000000000001", Name: "M", Kind: profile.Malware, External: "S1", Aliases: []string{"M", "Em"}},
			{ID: "tool--00000000-0000-4000-8000-000000000001", Name: "Old", Kind: profile.Tool, Gone: true},
			{ID: "tool--00000000-0000-4000-8000-000000000002", Name: "Older", Kind: profile.Tool, Gone: true, Successor: "malware--00000000-0000-4000-8000-000000000001"},
		},
		Uses: []profile.Use{
			{User: "intrusion-set--00000000-0000-4000-8000-000000000001", Feature: "malware--00000000-0000-4000-8000-000000000001", Citations: []profile.Citation{a, b}},
			{User: "campaign--00000000-0000-4000-8000-000000000001", Feature: "attack-pattern--00000000-0000-4000-8000-000000000001"},
		},
		Carries:      []profile.Carry{{Software: "malware--00000000-0000-4000-8000-000000000001", Technique: "attack-pattern--00000000-0000-4000-8000-000000000001"}},
		Attributions: []profile.Attribution{{Campaign: "campaign--00000000-0000-4000-8000-000000000001", Actor: "intrusion-set--00000000-0000-4000-8000-000000000001"}},
		Mentions:     []profile.Mention{{Object: "intrusion-set--00000000-0000-4000-8000-000000000001", Citations: []profile.Citation{a}}, {Object: "malware--00000000-0000-4000-8000-000000000001"}},
	}
	got, err := read(t, bundle)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFromObjectsEnds hands on the error of whoever brings the objects.
func TestFromObjectsEnds(t *testing.T) {
	broken := errors.New("broken")
	_, err := profile.FromObjects(func(yield func(*stix.Object, error) bool) { yield(nil, broken) })
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

func FuzzFromObjects(f *testing.F) {
	f.Add([]byte(bundle))
	f.Add([]byte(`{"objects": [{"type": "relationship", "external_references": null}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := read(t, string(data))
		if err != nil {
			return
		}
		x, err := profile.New(c, profile.Config{})
		if err != nil {
			return // ids that repeat or are empty
		}
		q := profile.Query{AsOf: asOf}
		for _, feature := range c.Features {
			q.Features = append(q.Features, feature.ID)
		}
		j, err := x.Judge(q)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range j.Hypotheses {
			if !(h.Probability >= 0 && h.Probability <= 1) {
				t.Fatalf("%s has probability %v", h.Actor, h.Probability)
			}
		}
	})
}

func BenchmarkJudge(b *testing.B) {
	x, err := profile.New(history(), profile.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Judge(profile.Query{Features: operation, AsOf: asOf}); err != nil {
			b.Fatal(err)
		}
	}
}
