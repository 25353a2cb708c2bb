package profile_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/attribute/profile"
)

const bundle = `{"type": "bundle", "id": "bundle--1", "extra": {"objects": [1, {"type": "malware"}]}, "objects": [
 {"type": "intrusion-set", "id": "intrusion-set--1", "name": "One", "aliases": ["One", "Uno"], "description": "One is a group attributed to the Russian army.",
  "external_references": [{"source_name": "mitre-attack", "external_id": "G1"}, {"source_name": "A", "description": "A. (2019, May 2). T."}]},
 {"type": "intrusion-set", "id": "intrusion-set--2", "name": "Gone", "revoked": true},
 {"type": "campaign", "id": "campaign--1", "name": "C"},
 {"type": "attack-pattern", "id": "attack-pattern--1", "name": "T", "external_references": [{"source_name": "mitre-attack", "external_id": "T1.001"}]},
 {"type": "malware", "id": "malware--1", "name": "M", "x_mitre_aliases": ["M", "Em"], "external_references": [{"source_name": "mitre-attack", "external_id": "S1"}]},
 {"type": "tool", "id": "tool--1", "name": "Old", "x_mitre_deprecated": true},
 {"type": "tool", "id": "tool--2", "name": "Older", "revoked": true},
 {"type": "relationship", "id": "relationship--9", "relationship_type": "revoked-by", "source_ref": "tool--2", "target_ref": "malware--1"},
 {"type": "relationship", "id": "relationship--1", "relationship_type": "uses", "source_ref": "intrusion-set--1", "target_ref": "malware--1",
  "external_references": [{"source_name": "A"}, {"source_name": "B", "description": "B. (2020)."}, {"source_name": "A"}, {"source_name": "undated"}]},
 {"type": "relationship", "id": "relationship--2", "relationship_type": "uses", "source_ref": "malware--1", "target_ref": "attack-pattern--1"},
 {"type": "relationship", "id": "relationship--3", "relationship_type": "attributed-to", "source_ref": "campaign--1", "target_ref": "intrusion-set--1"},
 {"type": "relationship", "id": "relationship--4", "relationship_type": "uses", "source_ref": "campaign--1", "target_ref": "attack-pattern--1"},
 {"type": "relationship", "id": "relationship--5", "relationship_type": "uses", "source_ref": "intrusion-set--2", "target_ref": "malware--1"},
 {"type": "relationship", "id": "relationship--6", "relationship_type": "uses", "source_ref": "intrusion-set--1", "target_ref": "malware--9"},
 {"type": "relationship", "id": "relationship--7", "relationship_type": "uses", "source_ref": "intrusion-set--1", "target_ref": "malware--1", "revoked": true},
 {"type": "relationship", "id": "relationship--8", "relationship_type": "mitigates", "source_ref": "intrusion-set--1", "target_ref": "malware--1"}
]}`

func zipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReadBundle(t *testing.T) {
	a := profile.Citation{Source: "A", Date: day(2019, time.May, 2)}
	b := profile.Citation{Source: "B", Date: day(2020, time.December, 28)}
	want := profile.Corpus{
		Actors: []profile.Actor{{ID: "intrusion-set--1", Name: "One", Aliases: []string{"One", "Uno"}, Sponsor: "RU"}},
		Features: []profile.Feature{
			{ID: "attack-pattern--1", Name: "T", Kind: profile.Technique, External: "T1.001"},
			{ID: "malware--1", Name: "M", Kind: profile.Malware, External: "S1", Aliases: []string{"M", "Em"}},
			{ID: "tool--1", Name: "Old", Kind: profile.Tool, Gone: true},
			{ID: "tool--2", Name: "Older", Kind: profile.Tool, Gone: true, Successor: "malware--1"},
		},
		Uses: []profile.Use{
			{User: "intrusion-set--1", Feature: "malware--1", Citations: []profile.Citation{a, b}},
			{User: "campaign--1", Feature: "attack-pattern--1"},
		},
		Carries:      []profile.Carry{{Software: "malware--1", Technique: "attack-pattern--1"}},
		Attributions: []profile.Attribution{{Campaign: "campaign--1", Actor: "intrusion-set--1"}},
		Mentions:     []profile.Mention{{Object: "intrusion-set--1", Citations: []profile.Citation{a}}, {Object: "malware--1"}},
	}
	for name, text := range map[string]string{"plain": bundle, "gzip": zipped(t, bundle)} {
		got, err := profile.ReadBundle(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestReadBundleProblems(t *testing.T) {
	for name, text := range map[string]string{
		"empty":         "",
		"array":         "[]",
		"cut off":       bundle[:len(bundle)-2],
		"cut in object": bundle[:len(bundle)/2],
		"objects":       `{"objects": {}}`,
		"object":        `{"objects": [{"type": "malware"}, 7]}`,
		"gzip":          "\x1f\x8bnot gzip",
		"gzip cut off":  zipped(t, bundle)[:100],
	} {
		if _, err := profile.ReadBundle(strings.NewReader(text)); !errors.Is(err, profile.ErrBundle) {
			t.Errorf("%s: error %v, want ErrBundle", name, err)
		}
	}
}

func FuzzReadBundle(f *testing.F) {
	f.Add([]byte(bundle))
	f.Add([]byte(zipped(f, bundle)))
	f.Add([]byte(`{"objects": [{"type": "relationship", "external_references": null}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := profile.ReadBundle(bytes.NewReader(data))
		if err != nil {
			if !errors.Is(err, profile.ErrBundle) {
				t.Fatalf("error %v does not wrap ErrBundle", err)
			}
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
