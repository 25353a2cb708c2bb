package event

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// All is the sponsor of the line in which all are counted together.
const All = "all"

// Options of the tests. The zero Options work.
type Options struct {
	// Days is how long before an event counts; 90 where it is zero.
	Days int
	// Within is how many days apart two sponsors' activities on one target may be; 180 where it is zero.
	Within int
	// Rounds is how many moved calendars there are; 1,999 where it is zero.
	Rounds int
	// Seed makes other calendars.
	Seed uint64
	// From and To are the period, both days included; that of the activities where they are zero.
	From, To time.Time
	// Least is how many activities a sponsor needs for a line of its own in Around; 5 where it is zero.
	Least int
}

func (o Options) withDefaults(activities []Activity) Options {
	if o.Days <= 0 {
		o.Days = 90
	}
	if o.Within <= 0 {
		o.Within = 180
	}
	if o.Rounds <= 0 {
		o.Rounds = 1999
	}
	if o.Least <= 0 {
		o.Least = 5
	}
	if o.From.IsZero() && len(activities) > 0 {
		o.From = slices.MinFunc(activities, byDay).Day
	}
	if o.To.IsZero() && len(activities) > 0 {
		o.To = slices.MaxFunc(activities, byDay).Day
	}
	return o
}

func byDay(a, b Activity) int { return a.Day.Compare(b.Day) }

// Effect is whether a sponsor's activity against targets rises in the days before their events.
type Effect struct {
	Sponsor string `json:"sponsor"`
	Days    int    `json:"days"`
	// Activities is how many there are against targets that have events; Before is how many of them fall into the days before one.
	Activities int `json:"activities"`
	Before     int `json:"before"`
	// Expected is how many do on average when each target's events are moved round the period together; Low and High hold 95 % of these.
	Expected float64 `json:"expected"`
	Low      int     `json:"low"`
	High     int     `json:"high"`
	// Ratio is Before to Expected; P how often chance brings as many or more; Holm the same for the best of all sponsors tested.
	Ratio float64 `json:"ratio"`
	P     float64 `json:"p"`
	Holm  float64 `json:"p_holm"`
	// Seen is the smallest number before events whose P would have been at most .05, and SeenRatio what that is to Expected; zero where no
	// number of the activities would have done.
	Seen      int     `json:"seen"`
	SeenRatio float64 `json:"seen_ratio"`
}

// significant is how seldom chance must bring as many.
const significant = 0.05

// Shown says whether a rise is shown, counting that several sponsors were tested.
func (e Effect) Shown() bool { return e.Holm <= significant }

// Says tells the answer in a sentence.
func (e Effect) Says() string {
	who := e.Sponsor
	if who == All {
		who = "all sponsors together"
	}
	found := fmt.Sprintf("%s: %d of %d activities in the %d days before events, %.1f expected", who, e.Before, e.Activities, e.Days, e.Expected)
	switch {
	case e.Shown():
		return fmt.Sprintf("%s: a rise to %.1f times is shown (p = %.3f, %.3f with all that was tested)", found, e.Ratio, e.P, e.Holm)
	case e.SeenRatio == 0:
		return found + ": no rise can be shown, and with so few none could have been"
	}
	return fmt.Sprintf("%s: no rise can be shown (p = %.2f); the smallest that would have been seen is to %.1f times", found, e.P, e.SeenRatio)
}

// Around tests whether activity rises in the days before events, for all sponsors together and for each that has enough activities. Only
// activities against targets with events in the period count, and events in the period: what lies outside would be moved into it.
func Around(activities []Activity, events []Event, o Options) []Effect {
	p := newPeriod(activities, o)
	days := map[string][]int{}
	for _, e := range events {
		if p.holds(e.Day) {
			days[e.Target] = append(days[e.Target], p.ordinal(e.Day))
		}
	}
	for t := range days {
		slices.Sort(days[t])
		days[t] = slices.Compact(days[t])
	}
	bySponsor := map[string][]Activity{}
	for _, a := range activities {
		if p.holds(a.Day) && len(days[a.Target]) > 0 {
			bySponsor[a.Sponsor] = append(bySponsor[a.Sponsor], a)
			bySponsor[All] = append(bySponsor[All], a)
		}
	}
	sponsors := slices.DeleteFunc(slices.Sorted(maps.Keys(bySponsor)), func(s string) bool { return len(bySponsor[s]) < p.Least })
	counts := make(map[string][]int, len(sponsors))
	random := rand.New(rand.NewPCG(p.Seed, 1))
	targets := slices.Sorted(maps.Keys(days))
	for round := range p.Rounds + 1 {
		calendar := days
		if round > 0 {
			calendar = make(map[string][]int, len(days))
			for _, t := range targets {
				calendar[t] = p.moved(days[t], random.IntN(p.length))
			}
		}
		for _, s := range sponsors {
			counts[s] = append(counts[s], p.before(bySponsor[s], calendar))
		}
	}
	out := make([]Effect, 0, len(sponsors))
	for _, s := range sponsors {
		out = append(out, p.effect(s, len(bySponsor[s]), counts[s]))
	}
	holm(out)
	slices.SortStableFunc(out, func(a, b Effect) int { return cmp.Compare(b.Activities, a.Activities) })
	return out
}

// period is the time that calendars are moved round in.
type period struct {
	Options
	length int // days
}

func newPeriod(activities []Activity, o Options) period {
	o = o.withDefaults(activities)
	return period{o, max(1, int(o.To.Sub(o.From)/(24*time.Hour))+1)}
}

// ordinal is a day's number in the period, from 0.
func (p *period) ordinal(day time.Time) int {
	return int(math.Floor(day.Sub(p.From).Hours() / 24))
}

func (p *period) holds(day time.Time) bool {
	n := p.ordinal(day)
	return n >= 0 && n < p.length
}

// moved moves days round the period.
func (p *period) moved(days []int, by int) []int {
	out := make([]int, len(days))
	for i, d := range days {
		out[i] = ((d+by)%p.length + p.length) % p.length
	}
	slices.Sort(out)
	return out
}

// before counts activities in the days before the next event at their target. The period is a circle here too, so that what was found and
// what moved calendars bring are counted alike.
func (p *period) before(activities []Activity, calendar map[string][]int) int {
	n := 0
	for _, a := range activities {
		days, d := calendar[a.Target], p.ordinal(a.Day)
		next := days[0] + p.length
		if i, _ := slices.BinarySearch(days, d); i < len(days) {
			next = days[i]
		}
		if next-d <= p.Days {
			n++
		}
	}
	return n
}

// effect makes the line of a sponsor; counts begins with what was found.
func (p *period) effect(sponsor string, n int, counts []int) Effect {
	found, null := counts[0], slices.Sorted(slices.Values(counts[1:]))
	sum := 0
	for _, c := range null {
		sum += c
	}
	e := Effect{
		Sponsor: sponsor, Days: p.Days, Activities: n, Before: found, Expected: float64(sum) / float64(len(null)),
		Low: null[len(null)*25/1000], High: null[min(len(null)-1, len(null)*975/1000)], P: chance(null, found),
	}
	e.Ratio = ratio(found, e.Expected)
	for k := 1; k <= n; k++ {
		if chance(null, k) <= significant {
			e.Seen, e.SeenRatio = k, ratio(k, e.Expected)
			break
		}
	}
	return e
}

// chance is how often a moved calendar brings as many or more, the found one counted among them. null is sorted.
func chance(null []int, found int) float64 {
	i, _ := slices.BinarySearch(null, found)
	return float64(1+len(null)-i) / float64(1+len(null))
}

func ratio(found int, expected float64) float64 {
	if expected == 0 {
		return 0
	}
	return float64(found) / expected
}

// holm corrects for how many sponsors were tested (Holm 1979). The line of all together is one question of its own.
func holm(es []Effect) {
	order := make([]*Effect, 0, len(es))
	for i := range es {
		if es[i].Sponsor == All {
			es[i].Holm = es[i].P
			continue
		}
		order = append(order, &es[i])
	}
	slices.SortFunc(order, func(a, b *Effect) int { return cmp.Or(cmp.Compare(a.P, b.P), cmp.Compare(a.Sponsor, b.Sponsor)) })
	run := 0.0
	for i, e := range order {
		run = max(run, min(1, e.P*float64(len(order)-i)))
		e.Holm = run
	}
}
