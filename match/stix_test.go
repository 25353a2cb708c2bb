package match_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/event"
	"marque/match"
	"marque/stix"
)

func indicator(t *testing.T, pat string) *stix.Object {
	t.Helper()
	o, err := stix.New(map[string]any{
		"type": "indicator", "spec_version": "2.1", "id": stix.DerivedID("indicator", pat), "created": "2024-01-01T00:00:00.000Z",
		"modified": "2024-01-01T00:00:00.000Z", "pattern": pat, "pattern_type": "stix", "valid_from": "2024-01-01T00:00:00Z",
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestCompileIndicators(t *testing.T) {
	for pat, want := range map[string][]string{
		"[ipv4-addr:value = '198.51.100.7']":                                                          {"ipv4 198.51.100.7"},
		"[ipv6-addr:value = '2001:db8::1']":                                                           {"ipv6 2001:db8::1"},
		"[ipv4-addr:value ISSUBSET '198.51.100.0/24']":                                                {"cidr 198.51.100.0/24"},
		"[domain-name:value IN ('a.example', 'b.example')]":                                           {"domain a.example", "domain b.example"},
		"[file:hashes.'SHA-256' = '" + strings.Repeat("ab", 32) + "']":                                {"sha256 " + strings.Repeat("ab", 32)},
		"[file:hashes.MD5 = '" + strings.Repeat("ab", 16) + "'] OR [url:value = 'http://x.example/']": {"md5 " + strings.Repeat("ab", 16), "url http://x.example/"},
		"[email-addr:value = 'a@x.example']":                                                          {"email a@x.example"},
		"[domain-name:value LIKE '%.example']":                                                        {"program"},
		"[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example']":              {"program"},
		"[process:name = 'x']":                                                                        {"program"},
	} {
		c, err := match.Compile(indicator(t, pat), "A", "S")
		if err != nil {
			t.Errorf("%s: %v", pat, err)
			continue
		}
		var got []string
		for _, v := range c.Values {
			got = append(got, v.Kind.String()+" "+v.Value)
		}
		if c.Program != nil {
			got = append(got, "program")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", pat, diff)
		}
	}
}

func TestCompileSaysWhatIsWrong(t *testing.T) {
	if _, err := match.Compile(indicator(t, "[domain-name:value = ]"), "", ""); err == nil || !strings.Contains(err.Error(), "indicator--") {
		t.Errorf("a pattern that does not parse: %v", err)
	}
	o, err := indicator(t, "rule x {}").With(map[string]any{"pattern_type": "yara"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := match.Compile(o, "", ""); !errors.Is(err, match.ErrNoPattern) {
		t.Errorf("a YARA rule: %v", err)
	}
}

func TestAPatternWithAWindowHitsOnItsLastEvent(t *testing.T) {
	c, err := match.Compile(indicator(t, "([domain-name:value = 'a.example'] FOLLOWEDBY [ipv4-addr:value = '198.51.100.7']) WITHIN 600 SECONDS"), "A", "S")
	if err != nil {
		t.Fatal(err)
	}
	set := match.NewSet(1, nil)
	set.SetPatterns(match.NewPatterns(match.Pattern{Indicator: match.Indicator{ID: "indicator--x", Actor: "A"}, Program: c.Program}))
	formats, err := event.NewFormats()
	if err != nil {
		t.Fatal(err)
	}
	lines := ""
	for _, ev := range [][2]string{
		{"2024-06-01T10:00:00Z", `"domain":"a.example"`}, {"2024-06-01T10:30:00Z", `"ip":"198.51.100.7"`}, // too late
		{"2024-06-01T11:00:00Z", `"domain":"a.example"`}, {"2024-06-01T11:05:00Z", `"ip":"198.51.100.7"`},
	} {
		lines += fmt.Sprintf("{\"time\":%q,\"sensor\":\"s\",%s}\n", ev[0], ev[1])
	}
	var hits []match.Hit
	_, tally, err := match.Run(t.Context(), []match.Source{{Path: "events", Reader: strings.NewReader(lines)}}, formats, set,
		match.Config{Workers: 1, Hit: func(h match.Hit) { hits = append(hits, h) }})
	if err != nil {
		t.Fatal(err)
	}
	if len(hits) != 1 || hits[0].By != match.ByPattern || hits[0].Time.Minute() != 5 || len(tally.Sightings) != 1 {
		t.Errorf("hits %+v", hits)
	}
}
