package event_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/influence/event"
)

var from = time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC)

func on(n int) time.Time { return from.AddDate(0, 0, n) }

const period = 3000 // days

var options = event.Options{From: on(0), To: on(period - 1), Rounds: 499}

// calendar has one event every 700 days at each of ten targets.
func calendar() (events []event.Event) {
	for t := range 10 {
		for d := 300 + 40*t; d < period; d += 700 {
			events = append(events, event.Event{Target: fmt.Sprint("T", t), Day: on(d), Kind: "election"})
		}
	}
	return events
}

// spread are activities that know of no event.
func spread(sponsor string, n int) (out []event.Activity) {
	for i := range n {
		out = append(out, event.Activity{ID: fmt.Sprint(sponsor, i), Sponsor: sponsor, Target: fmt.Sprint("T", i%10), Day: on((i * 1237) % period)})
	}
	return out
}

// aimed are activities in the weeks before events.
func aimed(sponsor string) (out []event.Activity) {
	for i, e := range calendar() {
		out = append(out, event.Activity{ID: fmt.Sprint(sponsor, i), Sponsor: sponsor, Target: e.Target, Day: e.Day.AddDate(0, 0, -10-i%30)})
	}
	return out
}

func effects(t *testing.T, as []event.Activity) map[string]event.Effect {
	t.Helper()
	out := map[string]event.Effect{}
	for _, e := range event.Around(as, calendar(), options) {
		out[e.Sponsor] = e
	}
	return out
}

func TestRiseBeforeEvents(t *testing.T) {
	got := effects(t, append(spread("CALM", 200), aimed("AIM")...))
	aim, calm := got["AIM"], got["CALM"]
	if !aim.Shown() || aim.Before != aim.Activities || !strings.Contains(aim.Says(), "is shown") {
		t.Errorf("aimed: %+v: %s", aim, aim.Says())
	}
	if calm.Shown() || !strings.Contains(calm.Says(), "no rise can be shown") || calm.SeenRatio <= 1 {
		t.Errorf("calm: %+v: %s", calm, calm.Says())
	}
	if strings.Contains(calm.Says(), "no rise was") {
		t.Error("that nothing is shown was told as that there was nothing")
	}
	if calm.Seen <= calm.Before || calm.Seen <= int(calm.Expected) {
		t.Errorf("smallest number seen %d, found %d, expected %.1f", calm.Seen, calm.Before, calm.Expected)
	}
}

func TestTooFewCouldNotHaveShownAnything(t *testing.T) {
	var as []event.Activity
	for i := range 5 { // at a target with an event every hundred days nearly all days are before one
		as = append(as, event.Activity{ID: fmt.Sprint(i), Sponsor: "S", Target: "T", Day: on(500 * i)})
	}
	var events []event.Event
	for d := 0; d < period; d += 95 {
		events = append(events, event.Event{Target: "T", Day: on(d)})
	}
	es := event.Around(as, events, options)
	if len(es) == 0 || es[0].SeenRatio != 0 || !strings.Contains(es[0].Says(), "none could have been") {
		t.Errorf("effects %+v", es)
	}
}

func TestEventsOutsideThePeriodDoNotCount(t *testing.T) {
	as := spread("S", 100)
	with := append(calendar(), event.Event{Target: "T1", Day: on(period + 5)}, event.Event{Target: "T1", Day: on(-5)})
	if d := cmp.Diff(event.Around(as, calendar(), options), event.Around(as, with, options)); d != "" {
		t.Error(d)
	}
}

func TestSameSeedSameAnswer(t *testing.T) {
	as := append(spread("A", 80), spread("B", 80)...)
	if d := cmp.Diff(event.Around(as, calendar(), options), event.Around(as, calendar(), options)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(event.Convergence(as, options), event.Convergence(as, options)); d != "" {
		t.Error(d)
	}
}

func TestConvergence(t *testing.T) {
	var as []event.Activity
	for i := range 12 { // A and B within a week of each other on twelve targets, C alone years away
		target := fmt.Sprint("X", i)
		as = append(
			as,
			event.Activity{ID: fmt.Sprint("a", i), Sponsor: "A", Target: target, Day: on(100 + 200*i)},
			event.Activity{ID: fmt.Sprint("b", i), Sponsor: "B", Target: target, Day: on(105 + 200*i)},
			event.Activity{ID: fmt.Sprint("c", i), Sponsor: "C", Target: target, Day: on((1400 + 200*i) % period)},
		)
	}
	ms := event.Convergence(as, options)
	if len(ms) == 0 || ms[0].A != "A" || ms[0].B != "B" || len(ms[0].Targets) != 12 {
		t.Fatalf("meetings %+v", ms)
	}
	m := ms[0]
	if o := m.Targets[0]; o.Closest != 5 || o.Pairs != 1 || o.A != "a0" || o.B != "b0" {
		t.Errorf("overlap %+v", o)
	}
	if m.Holm > .05 || !strings.Contains(m.Says(), "more than chance") {
		t.Errorf("%s", m.Says())
	}
	for _, other := range ms[1:] {
		if other.Holm <= .05 {
			t.Errorf("%s", other.Says())
		}
	}
}

func TestMatrixAndQuarters(t *testing.T) {
	as := []event.Activity{
		{Sponsor: "RU", Target: "DE", Day: time.Date(2024, 3, 31, 0, 0, 0, 0, time.UTC)},
		{Sponsor: "RU", Target: "DE", Day: time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)},
		{Sponsor: "RU", Target: "DE", Day: time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC)},
		{Sponsor: "IR", Target: "US", Day: time.Date(2024, 8, 1, 0, 0, 0, 0, time.UTC)},
	}
	m := event.Matrix(as)
	if len(m) != 2 || m[1].Sponsor != "RU" || m[1].Count != 3 || !m[1].First.Equal(as[1].Day) || !m[1].Last.Equal(as[2].Day) {
		t.Errorf("matrix %+v", m)
	}
	want := []event.Quarter{{"IR", "US", 2024, 3, 1}, {"RU", "DE", 2024, 1, 2}, {"RU", "DE", 2024, 2, 1}}
	if d := cmp.Diff(want, event.Quarters(as)); d != "" {
		t.Error(d)
	}
}

func TestReadEvents(t *testing.T) {
	in := "country,date,kind,level\nDE,2021-09-26,legislative,national\nXX,26 September,legislative,national\nEU,2019-05-26,legislative,national\n,2020-01-01,x,y\n"
	es, err := event.ReadEvents(strings.NewReader(in), func(c string) []string {
		if c == "EU" {
			return []string{"DE", "FR"}
		}
		return []string{c}
	})
	if len(es) != 3 || es[2].Target != "FR" || es[0].Kind != "legislative" {
		t.Errorf("events %+v", es)
	}
	if err == nil || !strings.Contains(err.Error(), "line 3") || !strings.Contains(err.Error(), "line 5") {
		t.Errorf("error %v, want lines 3 and 5", err)
	}
	if _, err := event.ReadEvents(strings.NewReader("a,b\n"), nil); err == nil {
		t.Error("a calendar without country and date was read")
	}
}

func TestNothingIn(t *testing.T) {
	if es := event.Around(nil, calendar(), event.Options{}); len(es) != 0 {
		t.Errorf("effects of nothing: %+v", es)
	}
	if ms := event.Convergence(nil, event.Options{}); len(ms) != 0 {
		t.Errorf("meetings of nobody: %+v", ms)
	}
}

func FuzzReadEvents(f *testing.F) {
	f.Add("country,date\nDE,2021-09-26\n\"")
	f.Fuzz(func(t *testing.T, in string) {
		es, _ := event.ReadEvents(strings.NewReader(in), nil)
		for _, e := range es {
			if e.Target == "" || e.Day.IsZero() && !strings.Contains(in, "0001-01-01") {
				t.Fatalf("event %+v", e)
			}
		}
	})
}
