package profile

import (
	"math"
	"slices"
)

// view is what was known at a query's cut: every profiled actor's visible reports and the counts over all of them.
type view struct {
	x        *Index
	today    int32 // the day of the judgement
	cut      int32 // the first day that is not used; today less the gap
	excluded []bool

	profiles []known // of actors with a visible report of their own
	newShare float64 // log-odds that a report of the last years was the first about its actor

	mentions  []float64 // per feature: own reports that show it
	family    []float64 // the same per technique with its sub-techniques
	total     float64
	users     []int // per feature: actors that use it
	carriedBy map[int32][]int32
	leaf      leafer
}

// known is an actor's visible past.
type known struct {
	actor   int32
	reports []seen
	shown   []int32 // features of all reports, sorted
}

// seen is a visible report about an actor.
type seen struct {
	report     int32
	age        float64 // years
	own        bool
	techniques []int32 // without techniques of which it shows a sub-technique
	software   []int32
}

// leafer drops techniques of which a sub-technique is present, so that both count once.
type leafer struct {
	stamp []int32
	now   int32
}

func (l *leafer) leaves(x *Index, techniques []int32) []int32 {
	l.now++
	for _, t := range techniques {
		if f := x.features[t].family; f != t {
			l.stamp[f] = l.now
		}
	}
	return slices.DeleteFunc(techniques, func(t int32) bool { return l.stamp[t] == l.now })
}

func (x *Index) view(q Query) *view {
	n := len(x.features)
	v := &view{
		x: x, today: dayOf(q.AsOf), excluded: make([]bool, len(x.reports)),
		mentions: make([]float64, n), family: make([]float64, n), users: make([]int, n),
		carriedBy: make(map[int32][]int32, len(x.carried)), leaf: leafer{stamp: make([]int32, n)},
	}
	v.cut = v.today - int32(q.Gap.Hours()/24)
	for _, name := range q.Exclude {
		if r, known := x.byReport[name]; known {
			v.excluded[r] = true
		}
	}
	for a := range x.actors {
		v.addActor(int32(a))
	}
	v.count()
	return v
}

func (v *view) visible(day, report int32) bool { return day < v.cut && !v.excluded[report] }

func (v *view) anyVisible(list []cited) bool {
	return slices.ContainsFunc(list, func(c cited) bool { return v.visible(c.day, c.report) })
}

func (v *view) addActor(a int32) {
	k := known{actor: a}
	own := false
	for i := range v.x.actors[a].records {
		r := &v.x.actors[a].records[i]
		if v.excluded[r.report] || (!r.own && !v.anyVisible(r.attributed)) {
			continue
		}
		s := v.seen(r)
		if len(s.techniques)+len(s.software) == 0 {
			continue
		}
		own = own || r.own
		if n := slices.IndexFunc(k.reports, func(o seen) bool { return o.report == r.report }); n >= 0 {
			k.reports[n].merge(s) // one root about the actor and about its campaign
		} else {
			k.reports = append(k.reports, s)
		}
	}
	if !own {
		return
	}
	for i := range k.reports {
		r := &k.reports[i]
		r.techniques = v.leaf.leaves(v.x, r.techniques)
		k.shown = append(append(k.shown, r.techniques...), r.software...)
	}
	slices.Sort(k.shown)
	k.shown = slices.Compact(k.shown)
	v.profiles = append(v.profiles, k)
}

func (v *view) seen(r *record) seen {
	s := seen{report: r.report, own: r.own}
	day := int32(math.MaxInt32)
	for _, d := range r.shown {
		if !v.visible(d.day, d.report) {
			continue
		}
		day = min(day, d.day)
		if v.x.features[d.feature].Kind == Technique {
			s.techniques = append(s.techniques, d.feature)
		} else {
			s.software = append(s.software, d.feature)
		}
	}
	s.age = float64(v.today-day) / daysPerYear
	return s
}

func (s *seen) merge(o seen) {
	s.age = max(s.age, o.age)
	s.own = s.own || o.own
	for _, list := range []struct{ into, from *[]int32 }{{&s.techniques, &o.techniques}, {&s.software, &o.software}} {
		*list.into = append(*list.into, *list.from...)
		slices.Sort(*list.into)
		*list.into = slices.Compact(*list.into)
	}
}

// count fills what is measured over all profiles.
func (v *view) count() {
	var recent, first float64
	for _, k := range v.profiles {
		for _, f := range k.shown {
			v.users[f]++
		}
		oldest := 0.0
		for _, r := range k.reports {
			if !r.own {
				continue
			}
			for _, t := range r.techniques {
				v.mentions[t]++
				v.family[v.x.features[t].family]++
				v.total++
			}
			oldest = max(oldest, r.age)
			if r.age <= recentYears {
				recent++
			}
		}
		if oldest <= recentYears {
			first++
		}
	}
	rate := (first + 1) / (recent + 3)
	v.newShare = math.Log(rate / (1 - rate))
}

// carriedBySoftware returns the techniques that a program implements, as far as known at the cut.
func (v *view) carriedBySoftware(software int32) []int32 {
	if list, done := v.carriedBy[software]; done {
		return list
	}
	var list []int32
	for _, d := range v.x.carried[software] {
		if v.visible(d.day, d.report) {
			list = append(list, d.feature)
		}
	}
	slices.Sort(list)
	list = v.leaf.leaves(v.x, slices.Compact(list))
	v.carriedBy[software] = list
	return list
}

// rarity is the inverse document frequency over actors: near zero for what everybody uses.
func (v *view) rarity(f int32) float64 {
	return math.Log(float64(1+len(v.profiles)) / float64(1+v.users[f]))
}

// commodity is the share of profiled actors that use a feature.
func (v *view) commodity(f int32) float64 {
	if len(v.profiles) == 0 {
		return 0
	}
	return float64(v.users[f]) / float64(len(v.profiles))
}
