package sequence_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/match"
	"marque/match/sequence"
)

func TestDefaultRules(t *testing.T) {
	rules, err := sequence.Default()
	if err != nil {
		t.Fatal(err)
	}
	day := func(n int) time.Time { return time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n) }
	hit := func(victim string, n int, technique string, labels ...string) match.Hit {
		return match.Hit{Victim: victim, Time: day(n), Technique: technique, Labels: labels}
	}
	for name, c := range map[string]struct {
		hits  []match.Hit
		until int
		want  []string
	}{
		"taken, then encrypted":      {[]match.Hit{hit("a", 3, "T1486"), hit("a", 1, "T1567.002")}, 90, []string{"a data-before-encryption"}},
		"encrypted, then taken":      {[]match.Hit{hit("a", 1, "T1486"), hit("a", 3, "T1567")}, 90, nil},
		"too late":                   {[]match.Hit{hit("a", 1, "T1567"), hit("a", 60, "T1486")}, 90, nil},
		"two victims":                {[]match.Hit{hit("a", 1, "T1567"), hit("b", 2, "T1486")}, 90, nil},
		"no victim":                  {[]match.Hit{hit("", 1, "T1567"), hit("", 2, "T1486")}, 90, nil},
		"another technique's number": {[]match.Hit{hit("a", 1, "T15671"), hit("a", 2, "T1486")}, 90, nil},
		"each hit once":              {[]match.Hit{hit("a", 1, "T1567"), hit("a", 2, "T1567"), hit("a", 3, "T1486")}, 90, []string{"a data-before-encryption"}},
		"access, leak":               {[]match.Hit{hit("a", 1, "T1566.001"), hit("a", 50, "", "leak")}, 90, []string{"a access-then-leak"}},
		"access, fee":                {[]match.Hit{hit("a", 1, "T1190"), hit("a", 50, "T1657")}, 90, []string{"a access-then-fee"}},
		"wiper":                      {[]match.Hit{hit("a", 1, "T1561.002")}, 90, []string{"a wiper-without-demand"}},
		"wiper, too early to say":    {[]match.Hit{hit("a", 1, "T1561")}, 5, []string{"a wiper-without-demand open"}},
		"wiper and demand":           {[]match.Hit{hit("a", 1, "T1561"), hit("a", 3, "T1657")}, 90, nil},
	} {
		var got []string
		for _, f := range sequence.Find(rules, c.hits, day(c.until)) {
			s := f.Victim + " " + f.Rule
			if f.Open {
				s += " open"
			}
			got = append(got, s)
			if len(f.Steps) == 0 || f.Means == "" || !f.First.Equal(f.Steps[0].Time) || !f.Last.Equal(f.Steps[len(f.Steps)-1].Time) {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		slices.Reverse(c.hits)
		if n := len(sequence.Find(rules, c.hits, day(c.until))); n != len(got) {
			t.Errorf("%s: %d findings in the other order, want %d", name, n, len(got))
		}
	}
}

func TestReadNamesEveryProblem(t *testing.T) {
	_, err := sequence.Read(strings.NewReader("rules: [{name: a}, {within: 1h, steps: [{name: x}]}]"))
	if err == nil || !strings.Contains(err.Error(), "rule 1") || !strings.Contains(err.Error(), "rule 2") {
		t.Error(err)
	}
	if _, err := sequence.Read(strings.NewReader("rules: [{nam: a}]")); err == nil {
		t.Error("an unknown field was taken")
	}
}

func FuzzRead(f *testing.F) {
	f.Add("rules: [{name: a, within: 1h, steps: [{name: x, techniques: [T1]}]}]")
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := sequence.Read(strings.NewReader(text))
		if err == nil {
			sequence.Find(rules, []match.Hit{{Victim: "a", Technique: "T1"}}, time.Time{})
		}
		_ = fmt.Sprint(rules)
	})
}
