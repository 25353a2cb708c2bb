package profile_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/attribute/profile"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func cite(source string, at time.Time) []profile.Citation {
	return []profile.Citation{{Source: source, Date: at}}
}

const actors = 20

func actorID(n int) string { return fmt.Sprintf("intrusion-set--%02d", n) }

// history is twenty actors, each with three reports: two techniques and a malware of its own, one tool and one
// technique that everybody uses.
func history() profile.Corpus {
	c := profile.Corpus{Features: []profile.Feature{
		{ID: "tool--everybody", Name: "Everybody's tool", Kind: profile.Tool, External: "S0999"},
		{ID: "attack-pattern--everybody", Name: "Everybody's technique", Kind: profile.Technique, External: "T1000"},
		{ID: "attack-pattern--parent", Name: "Parent", Kind: profile.Technique, External: "T2000"},
		{ID: "attack-pattern--unused", Name: "Unused", Kind: profile.Technique, External: "T3000"},
		{ID: "attack-pattern--unused-too", Name: "Unused too", Kind: profile.Technique, External: "T3001"},
	}}
	for n := range actors {
		id := actorID(n)
		c.Actors = append(c.Actors, profile.Actor{ID: id, Name: fmt.Sprintf("Actor %d", n), Sponsor: []string{"RU", "CN"}[n%2]})
		own := []profile.Feature{
			{ID: fmt.Sprintf("attack-pattern--a%02d", n), Name: "A", Kind: profile.Technique, External: fmt.Sprintf("T11%02d", n)},
			{ID: fmt.Sprintf("attack-pattern--b%02d", n), Name: "B", Kind: profile.Technique, External: fmt.Sprintf("T2000.%03d", n)},
			{ID: fmt.Sprintf("malware--%02d", n), Name: "M", Kind: profile.Malware, External: fmt.Sprintf("S10%02d", n)},
		}
		c.Features = append(c.Features, own...)
		for r := range 3 {
			at := cite(fmt.Sprintf("report %d of %d", r, n), day(2018+r, time.March, 1+n))
			for _, f := range []string{own[0].ID, own[1].ID, own[2].ID, "tool--everybody", "attack-pattern--everybody"} {
				c.Uses = append(c.Uses, profile.Use{User: id, Feature: f, Citations: at})
			}
		}
	}
	return c
}

func judge(t *testing.T, c profile.Corpus, q profile.Query) profile.Judgement {
	t.Helper()
	x, err := profile.New(c, profile.Config{})
	if err != nil {
		t.Fatal(err)
	}
	j, err := x.Judge(q)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

var (
	asOf      = day(2021, time.January, 1)
	operation = []string{"attack-pattern--a07", "attack-pattern--b07", "malware--07", "tool--everybody", "attack-pattern--everybody"}
)

func hypothesis(t *testing.T, j profile.Judgement, actor string) profile.Hypothesis {
	t.Helper()
	n := slices.IndexFunc(j.Hypotheses, func(h profile.Hypothesis) bool { return h.Actor == actor })
	if n < 0 {
		t.Fatalf("no hypothesis %s", actor)
	}
	return j.Hypotheses[n]
}

func piece(t *testing.T, h profile.Hypothesis, feature string) profile.Evidence {
	t.Helper()
	n := slices.IndexFunc(h.Evidence, func(e profile.Evidence) bool { return e.Feature == feature })
	if n < 0 {
		t.Fatalf("%s has no evidence on %s", h.Actor, feature)
	}
	return h.Evidence[n]
}

func TestNamesTheActor(t *testing.T) {
	j := judge(t, history(), profile.Query{Features: operation, AsOf: asOf})
	if j.Attributed != actorID(7) {
		t.Errorf("attributed to %q: %s", j.Attributed, j.Reason)
	}
	if len(j.Countries) != 2 || j.Countries[0].Code != "CN" || j.Countries[0].Actors != actors/2 {
		t.Errorf("countries %+v, want CN before RU", j.Countries)
	}
}

func TestCommodityWeighsLittle(t *testing.T) {
	j := judge(t, history(), profile.Query{Features: operation, AsOf: asOf})
	h := hypothesis(t, j, actorID(7))
	for _, f := range []string{"tool--everybody", "attack-pattern--everybody"} {
		e := piece(t, h, f)
		if e.Commodity != 1 || e.Decibans > 1 || e.Decibans < -3 {
			t.Errorf("%s: commodity %v, %v dB, want 1 and about none", f, e.Commodity, e.Decibans)
		}
		if other := piece(t, hypothesis(t, j, j.Hypotheses[2].Actor), f); math.Abs(other.Decibans-e.Decibans) > .05 {
			t.Errorf("%s tells actors apart: %v and %v dB", f, e.Decibans, other.Decibans)
		}
	}
	if e := piece(t, h, "malware--07"); e.Decibans < 6 || e.Commodity != .05 || e.Seen != 3 || e.Of != 3 {
		t.Errorf("own malware: %+v, want at least 6 dB, one of 20 actors, 3 of 3 reports", e)
	}
	if e := piece(t, hypothesis(t, j, j.Hypotheses[2].Actor), "malware--07"); e.Decibans >= 0 {
		t.Errorf("another's malware: %v dB, want negative", e.Decibans)
	}
}

func TestOneRootCountsOnce(t *testing.T) {
	once := history()
	retold := history()
	for n := range retold.Uses {
		for k := range 4 {
			u := &retold.Uses[n]
			u.Citations = append(slices.Clone(u.Citations), profile.Citation{
				Source: fmt.Sprintf("retelling %d of %s", k, u.Citations[0].Source), Root: u.Citations[0].Source, Date: u.Citations[0].Date.AddDate(0, 1, k),
			})
		}
	}
	q := profile.Query{Features: operation, AsOf: asOf}
	if diff := cmp.Diff(judge(t, once, q), judge(t, retold, q)); diff != "" {
		t.Errorf("retellings count (-once +retold):\n%s", diff)
	}
	independent := history()
	for n := range independent.Uses {
		u := &independent.Uses[n]
		if u.User == actorID(7) {
			u.Citations = append(slices.Clone(u.Citations), profile.Citation{Source: "second " + u.Citations[0].Source, Date: u.Citations[0].Date})
		}
	}
	if a, b := judge(t, once, q), judge(t, independent, q); a.Hypotheses[0].Decibans >= b.Hypotheses[0].Decibans {
		t.Errorf("independent reports add nothing: %v and %v dB", a.Hypotheses[0].Decibans, b.Hypotheses[0].Decibans)
	}
}

func TestExcludedRetellingExcludesItsRoot(t *testing.T) {
	c := history()
	c.Uses = append(c.Uses, profile.Use{User: actorID(7), Feature: "attack-pattern--unused", Citations: []profile.Citation{
		{Source: "news", Root: "vendor", Date: day(2020, time.June, 1)}, {Source: "vendor", Date: day(2020, time.May, 1)},
	}})
	for _, name := range []string{"news", "vendor"} {
		got := judge(t, c, profile.Query{Features: operation, AsOf: asOf, Exclude: []string{name}})
		want := judge(t, c, profile.Query{Features: operation, AsOf: asOf, Exclude: []string{"news", "vendor"}})
		if got.Coverage.Reports != 3*actors {
			t.Errorf("excluding %q leaves %d reports, want %d", name, got.Coverage.Reports, 3*actors)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("excluding %q:\n%s", name, diff)
		}
	}
}

func TestUnknownWins(t *testing.T) {
	for name, features := range map[string][]string{
		"never used":       {"attack-pattern--unused", "attack-pattern--unused-too"},
		"commodity only":   {"tool--everybody", "attack-pattern--everybody"},
		"not in catalogue": {"malware--nobody", "T9999"},
		"mixed":            {"attack-pattern--a01", "attack-pattern--a02", "attack-pattern--unused", "tool--everybody", "malware--nobody"},
		"nothing":          nil,
	} {
		t.Run(name, func(t *testing.T) {
			j := judge(t, history(), profile.Query{Features: features, AsOf: asOf})
			if j.Hypotheses[0].Actor != profile.Unknown || j.Attributed != "" || j.Reason == "" {
				t.Errorf("likeliest %s (%.2f), attributed %q, reason %q", j.Hypotheses[0].Actor, j.Hypotheses[0].Probability, j.Attributed, j.Reason)
			}
		})
	}
	if j := judge(t, history(), profile.Query{Features: operation, AsOf: day(2018, time.January, 1)}); len(j.Hypotheses) != 1 || j.Hypotheses[0].Probability != 1 {
		t.Errorf("before any report: %+v", j.Hypotheses)
	}
}

func TestAsOf(t *testing.T) {
	q := profile.Query{Features: operation, AsOf: day(2020, time.March, 8)} // the last report on actor 7 appears this day
	before := judge(t, history(), q)
	if before.Coverage.Reports != 2*actors+7 {
		t.Errorf("%d reports, want those dated before the day: %d", before.Coverage.Reports, 2*actors+7)
	}
	later := history()
	later.Actors = append(later.Actors, profile.Actor{ID: "intrusion-set--later", Name: "Later"})
	later.Uses = slices.DeleteFunc(later.Uses, func(u profile.Use) bool { return !u.Citations[0].Date.Before(q.AsOf) })
	if diff := cmp.Diff(judge(t, later, q), before); diff != "" {
		t.Errorf("what was published later matters (-without +with):\n%s", diff)
	}
	for _, f := range operation {
		at := cite("a later report", q.AsOf)
		later.Uses = append(later.Uses, profile.Use{User: "intrusion-set--later", Feature: f, Citations: at}, profile.Use{User: "campaign--1", Feature: f, Citations: cite("old", day(2019, 1, 1))})
		later.Mentions = append(later.Mentions, profile.Mention{Object: f, Citations: at}, profile.Mention{Object: actorID(3), Citations: at})
		later.Carries = append(later.Carries, profile.Carry{Software: "tool--everybody", Technique: f, Citations: at})
	}
	later.Attributions = append(later.Attributions, profile.Attribution{Campaign: "campaign--1", Actor: actorID(3), Citations: cite("a later report", q.AsOf)})
	if diff := cmp.Diff(before, judge(t, later, q)); diff != "" {
		t.Errorf("a report of the day itself matters (-without +with):\n%s", diff)
	}
	q.AsOf = q.AsOf.AddDate(0, 0, 1)
	if diff := cmp.Diff(before.Hypotheses, judge(t, later, q).Hypotheses); diff == "" {
		t.Error("a report of the day before does not matter")
	}
}

func TestGapAndExclude(t *testing.T) {
	q := profile.Query{Features: operation, AsOf: asOf, Gap: 400 * 24 * time.Hour}
	if got := judge(t, history(), q).Coverage.Reports; got != 2*actors {
		t.Errorf("with a gap %d reports, want %d", got, 2*actors)
	}
	q = profile.Query{Features: operation, AsOf: asOf, Exclude: []string{"report 0 of 7", "report 1 of 7", "report 2 of 7", "no such report"}}
	if j := judge(t, history(), q); j.Coverage.Actors != actors-1 || j.Attributed != "" {
		t.Errorf("without all reports on the actor: %d actors, attributed %q", j.Coverage.Actors, j.Attributed)
	}
}

func TestCampaignsAndLinks(t *testing.T) {
	features := []string{"attack-pattern--unused", "attack-pattern--unused-too", "malware--new"}
	q := profile.Query{Features: features, AsOf: asOf}
	c := history()
	c.Features = append(c.Features, profile.Feature{ID: "malware--new", Name: "New", Kind: profile.Malware})
	before := hypothesis(t, judge(t, c, q), actorID(4))
	c.Attributions = []profile.Attribution{{Campaign: "campaign--1", Actor: actorID(4), Citations: cite("indictment", day(2020, time.May, 1))}}
	for _, f := range features[:2] {
		c.Uses = append(c.Uses, profile.Use{User: "campaign--1", Feature: f, Citations: cite("campaign report", day(2019, time.May, 1))})
	}
	campaign := hypothesis(t, judge(t, c, q), actorID(4))
	if campaign.Decibans < before.Decibans+10 {
		t.Errorf("the attributed campaign adds %v dB", campaign.Decibans-before.Decibans)
	}
	c.Mentions = []profile.Mention{{Object: "malware--new", Citations: cite("report 1 of 4", day(2019, time.March, 5))}}
	linked := piece(t, hypothesis(t, judge(t, c, q), actorID(4)), "malware--new")
	if linked.Basis != profile.BasisLink || linked.Decibans < 10 || !slices.Equal(linked.Roots, []string{"report 1 of 4"}) {
		t.Errorf("a report on both gives %+v", linked)
	}
	q.Exclude = []string{"indictment", "report 1 of 4"}
	without := hypothesis(t, judge(t, c, q), actorID(4))
	if without.Decibans > before.Decibans {
		t.Errorf("excluded reports count: %v dB, before %v dB", without.Decibans, before.Decibans)
	}
}

func TestCarriedTechniques(t *testing.T) {
	q := profile.Query{Features: []string{"attack-pattern--unused", "attack-pattern--unused-too"}, AsOf: asOf}
	c := history()
	before := hypothesis(t, judge(t, c, q), actorID(4))
	for _, f := range q.Features {
		c.Carries = append(c.Carries, profile.Carry{Software: "malware--04", Technique: f, Citations: cite("analysis", day(2019, time.May, 1))})
	}
	if with := hypothesis(t, judge(t, c, q), actorID(4)); with.Decibans < before.Decibans+2 {
		t.Errorf("what the actor's malware implements adds %v dB", with.Decibans-before.Decibans)
	}
	q.Exclude = []string{"analysis"}
	if without := hypothesis(t, judge(t, c, q), actorID(4)); without.Decibans != before.Decibans {
		t.Errorf("an excluded analysis adds %v dB", without.Decibans-before.Decibans)
	}
}

func TestSubTechniqueCountsOnce(t *testing.T) {
	a := judge(t, history(), profile.Query{Features: []string{"T2000.007"}, AsOf: asOf})
	b := judge(t, history(), profile.Query{Features: []string{"T2000", "T2000.007", "attack-pattern--b07"}, AsOf: asOf})
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("its technique counts too:\n%s", diff)
	}
}

func TestResolvesNames(t *testing.T) {
	a := judge(t, history(), profile.Query{Features: []string{"T1107", "tool--everybody", "T1000"}, AsOf: asOf})
	b := judge(t, history(), profile.Query{Features: []string{"attack-pattern--a07", "everybody's TOOL", "Everybody's technique"}, AsOf: asOf})
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("numbers and names differ from ids:\n%s", diff)
	}
	c := judge(t, history(), profile.Query{Features: []string{"M"}, AsOf: asOf})
	if !slices.Equal(c.Coverage.Unseen, []string{"M"}) || c.Coverage.Features != 0 {
		t.Errorf("a name that twenty bear is resolved: %+v", c.Coverage)
	}
}

// A catalogue changes: what was revoked leads to what took its place, a sub-technique that is not known yet to its technique.
func TestResolvesWhatChanged(t *testing.T) {
	c := history()
	c.Features = append(c.Features,
		profile.Feature{ID: "attack-pattern--old", Name: "Everybody's technique", Kind: profile.Technique, External: "T9000", Gone: true, Successor: "attack-pattern--everybody"},
		profile.Feature{ID: "attack-pattern--older", Name: "Formerly", Kind: profile.Technique, External: "T9001", Gone: true, Successor: "attack-pattern--old"},
		profile.Feature{ID: "attack-pattern--round", Name: "Round", Kind: profile.Technique, External: "T9002", Gone: true, Successor: "attack-pattern--round"},
		profile.Feature{ID: "malware--alias", Name: "Main", Kind: profile.Malware, External: "S9003", Aliases: []string{"Other"}},
		profile.Feature{ID: "attack-pattern--elsewhere", Name: "everybody's technique", Kind: profile.Technique},
		profile.Feature{ID: "attack-pattern--only", Name: "Only", Kind: profile.Technique, External: "T2000.500"},
	)
	want := judge(t, c, profile.Query{Features: []string{"T1000"}, AsOf: asOf})
	for _, name := range []string{
		"attack-pattern--old", "attack-pattern--older", "T9000", "T9001", "formerly", "Everybody's technique", "t1000", "T1000.999", "attack-pattern--elsewhere", "Somebody's word for it - T1000",
	} {
		got := judge(t, c, profile.Query{Features: []string{name}, AsOf: asOf})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s is not T1000:\n%s", name, diff)
		}
	}
	for _, same := range [][]string{{"Other", "malware--alias", "main", "S9003"}, {"Parent: Only", "T2000.500", "only"}} {
		want := judge(t, c, profile.Query{Features: same[:1], AsOf: asOf})
		if want.Coverage.Features != 1 {
			t.Errorf("%s is not known", same[0])
		}
		for _, name := range same[1:] {
			if diff := cmp.Diff(want, judge(t, c, profile.Query{Features: []string{name}, AsOf: asOf})); diff != "" {
				t.Errorf("%s and %s differ:\n%s", same[0], name, diff)
			}
		}
	}
}

func TestSumsUp(t *testing.T) {
	j := judge(t, history(), profile.Query{Features: operation, AsOf: asOf})
	var probability float64
	for _, h := range j.Hypotheses {
		probability += h.Probability
		if h.Evidence == nil {
			continue
		}
		sum := h.Prior
		for _, e := range h.Evidence {
			sum += e.Decibans
		}
		if math.Abs(sum-h.Decibans) > .005*float64(len(h.Evidence)+2) {
			t.Errorf("%s: prior and evidence are %v dB, stated %v", h.Actor, sum, h.Decibans)
		}
	}
	if math.Abs(probability-1) > 1e-4 {
		t.Errorf("probabilities sum to %v", probability)
	}
}

func TestSameInputsSameBytes(t *testing.T) {
	var want []byte
	random := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		c := history()
		c.Mentions = []profile.Mention{{Object: "malware--07", Citations: cite("x", day(2019, 1, 1))}, {Object: actorID(1), Citations: cite("x", day(2019, 1, 1))}}
		shuffle(random, c.Actors)
		shuffle(random, c.Features)
		shuffle(random, c.Uses)
		shuffle(random, c.Mentions)
		features := slices.Clone(operation)
		shuffle(random, features)
		got, err := json.MarshalIndent(judge(t, c, profile.Query{Features: features, AsOf: asOf}), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = append(got, '\n')
			continue
		}
		if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
			t.Fatalf("the order of the input matters:\n%s", diff)
		}
	}
	golden := filepath.Join("testdata", "judgement.golden.json")
	if *update {
		if err := os.WriteFile(golden, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), string(want)); diff != "" {
		t.Errorf("an old judgement is not reproduced:\n%s", diff)
	}
}

func shuffle[T any](random *rand.Rand, list []T) {
	random.Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
}

func TestThreshold(t *testing.T) {
	x, err := profile.New(history(), profile.Config{Threshold: .999999, Explained: 1, Sponsors: map[string]string{actorID(7): "KP"}})
	if err != nil {
		t.Fatal(err)
	}
	j, err := x.Judge(profile.Query{Features: operation, AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	if j.Hypotheses[0].Actor != actorID(7) || j.Attributed != "" {
		t.Errorf("likeliest %s, attributed %q, want Actor 7 below the threshold", j.Hypotheses[0].Actor, j.Attributed)
	}
	if j.Countries[0].Code != "KP" {
		t.Errorf("country %+v, want the caller's KP", j.Countries[0])
	}
	if j.Hypotheses[0].Evidence == nil || j.Hypotheses[2].Evidence != nil {
		t.Error("evidence wanted for the first hypothesis only")
	}
}

func TestProblems(t *testing.T) {
	_, err := profile.New(profile.Corpus{
		Actors:   []profile.Actor{{ID: ""}, {ID: "a"}, {ID: "a"}, {ID: profile.Unknown}},
		Features: []profile.Feature{{ID: "f", Kind: "campaign"}},
	}, profile.Config{})
	if !errors.Is(err, profile.ErrCorpus) {
		t.Fatalf("error %v, want ErrCorpus", err)
	}
	if joined, ok := err.(interface{ Unwrap() []error }); !ok || len(joined.Unwrap()) != 4 {
		t.Errorf("want four problems, got: %v", err)
	}
	x, err := profile.New(history(), profile.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for name, q := range map[string]profile.Query{
		"no date": {}, "negative gap": {AsOf: asOf, Gap: -1}, "too many": {AsOf: asOf, Features: make([]string, profile.MaxFeatures+1)},
	} {
		if _, err := x.Judge(q); !errors.Is(err, profile.ErrQuery) {
			t.Errorf("%s: error %v, want ErrQuery", name, err)
		}
	}
}
