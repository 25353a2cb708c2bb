package site_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/influence/site"
)

func TestReplacements(t *testing.T) {
	w := heron(t, site.Site{Host: "see-blick.live", Registered: day(t, "2023-02-11")}, site.Site{Host: "undated-seeblick.live"})
	got, err := w.Replacements(campaign, site.Respelt)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Old, New string
		Days     int
		Relation string
	}
	var rows []row
	for _, r := range got {
		rows = append(rows, row{r.Old, r.New, r.Days, r.Relation.String()})
		if len(r.Reasons) == 0 || r.Reasons[0].Decibans <= 0 {
			t.Errorf("%s: no reason: %+v", r.New, r.Reasons)
		}
	}
	want := []row{{"seeblick.ltd", "seeblick.pics", 22, "same label"}, {"seeblick.pics", "see-blick.live", 10, "respelt"}}
	if d := cmp.Diff(want, rows); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestAfterSeizure(t *testing.T) {
	seized := day(t, "2023-03-10")
	w := heron(t,
		site.Site{Host: "seeblick.ltd", Seized: seized}, site.Site{Host: "wahrheit-heute.info", Seized: seized},
		site.Site{Host: "seeblick.top", Registered: day(t, "2023-03-11")}, site.Site{Host: "seeblick.live", Registered: day(t, "2023-03-20")})
	fates, err := w.AfterSeizure(campaign, site.Respelt)
	if err != nil {
		t.Fatal(err)
	}
	want := []site.Fate{
		{Host: "seeblick.ltd", Seized: seized, Successor: "seeblick.top", Days: 1},
		{Host: "wahrheit-heute.info", Seized: seized},
	}
	if d := cmp.Diff(want, fates); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	spells := site.SeizureSpells(fates, day(t, "2023-04-09"))
	if d := cmp.Diff([]site.Spell{{Days: 1, Replaced: true}, {Days: 30}}, spells); d != "" {
		t.Errorf("spells (-want +got)\n%s", d)
	}
}

// TestKaplanMeier is the remission data of Freireich (1963) that textbooks use, the arm with 6-MP: 21 patients, 9 relapses.
func TestKaplanMeier(t *testing.T) {
	var spells []site.Spell
	for _, d := range []int{6, 6, 6, 7, 10, 13, 16, 22, 23} {
		spells = append(spells, site.Spell{Days: d, Replaced: true})
	}
	for _, d := range []int{6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35} {
		spells = append(spells, site.Spell{Days: d})
	}
	s := site.KaplanMeier(spells)
	if s.Spells != 21 || s.Replaced != 9 {
		t.Errorf("%d spells, %d ended", s.Spells, s.Replaced)
	}
	want := map[int]float64{6: .857, 7: .807, 10: .753, 13: .690, 16: .627, 22: .538, 23: .448}
	for _, step := range s.Steps {
		if math.Abs(step.Standing-want[step.Days]) > .0006 {
			t.Errorf("day %d: %.4f, want %.3f", step.Days, step.Standing, want[step.Days])
		}
		if step.Low > step.Standing || step.High < step.Standing || step.Low < 0 || step.High > 1 {
			t.Errorf("day %d: interval %.3f to %.3f around %.3f", step.Days, step.Low, step.High, step.Standing)
		}
	}
	if m, ok := s.Median(); !ok || m != 23 {
		t.Errorf("median %d, %v", m, ok)
	}
	if share, low, high := s.ReplacedWithin(12); math.Abs(share-.247) > .001 || low > share || high < share {
		t.Errorf("within 12 days %.3f (%.3f to %.3f)", share, low, high)
	}
	if _, ok := site.KaplanMeier([]site.Spell{{Days: 3}}).Median(); ok {
		t.Error("a median of what never ended")
	}
}

func TestSpells(t *testing.T) {
	w := heron(t)
	spells, err := w.Spells(campaign, site.SameLabel, day(t, "2023-03-15"))
	if err != nil {
		t.Fatal(err)
	}
	want := []site.Spell{{Days: 10}, {Days: 22, Replaced: true}, {Days: 42}, {Days: 42}}
	if d := cmp.Diff(want, spells); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}
