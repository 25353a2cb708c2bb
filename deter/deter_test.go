package deter_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/claim"
	"marque/deter"
	"marque/graph"
	"marque/stix"
)

func day(s string) stix.Timestamp {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		panic(err)
	}
	return stix.At(t)
}

var epoch = day("2020-01-01")

type world struct {
	t       *testing.T
	objects []*stix.Object
}

func (w *world) add(view any) {
	w.t.Helper()
	o, err := stix.New(view)
	if err != nil {
		w.t.Fatal(err)
	}
	w.objects = append(w.objects, o)
}

func (w *world) operation(name, on string) stix.ID {
	id := stix.DerivedID("campaign", "test", name)
	w.add(stix.Campaign{Common: stix.NewCommon(id, epoch, claim.MarqueIdentity), Name: name, FirstSeen: day(on)})
	return id
}

func (w *world) measure(name, kind, on string, ops, against []stix.ID) stix.ID {
	id := stix.DerivedID(claim.TypeMeasure, "test", name)
	w.add(claim.Measure{Common: stix.NewCommon(id, epoch, claim.MarqueIdentity), Name: name, Kind: kind, Date: day(on), OperationRef: ops, AgainstRefs: against})
	return id
}

func (w *world) actor(name string) stix.ID {
	id := stix.DerivedID("threat-actor", "test", name)
	w.add(stix.ThreatActor{Common: stix.NewCommon(id, epoch, claim.MarqueIdentity), Name: name})
	return id
}

func (w *world) state(code string) stix.ID {
	id := stix.DerivedID("identity", "state", code)
	c := stix.NewCommon(id, epoch, claim.MarqueIdentity)
	c.References = []stix.ExternalReference{{SourceName: "iso-3166-1", ExternalID: code}}
	w.add(stix.Identity{Common: c, Name: code, Roles: []string{"state"}})
	return id
}

func TestFollow(t *testing.T) {
	w := &world{t: t}
	actor, state := w.actor("Alpha"), w.state("RU")
	answered := w.operation("answered", "2024-01-01")
	named := w.operation("named", "2024-02-01")
	nothing := w.operation("nothing", "2023-01-01")
	w.measure("direct", "indictment", "2024-01-31", []stix.ID{answered}, []stix.ID{actor})
	w.measure("too early", "sanctions", "2022-01-01", nil, []stix.ID{actor})
	w.measure("at the actor", "sanctions", "2024-03-02", nil, []stix.ID{actor})
	w.measure("at the state", "sanctions", "2024-06-01", nil, []stix.ID{state})
	w.measure("naming", "public-attribution", "2024-02-11", []stix.ID{named}, []stix.ID{state})
	g := graph.FromObjects(w.objects, graph.Options{})
	fs := deter.Follow(g, []deter.Attributed{{Operation: answered, Actor: actor, Sponsor: "RU"}, {Operation: named, Sponsor: "RU"}, {Operation: nothing, Sponsor: "CN"}})
	type row struct {
		Name string
		Days int
		Link string
	}
	var got [][]row
	var free []bool
	for i := range fs {
		var rows []row
		for _, c := range fs[i].Consequences {
			rows = append(rows, row{c.Name, c.Days, c.Link})
		}
		got, free = append(got, rows), append(free, fs[i].Impunity())
	}
	want := [][]row{
		{{"direct", 30, deter.Direct}, {"at the actor", 61, deter.Actor}, {"at the state", 152, deter.Sponsor}},
		{{"naming", 10, deter.Direct}, {"at the state", 121, deter.Sponsor}},
		nil,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]bool{false, true, true}, free); d != "" {
		t.Error("impunity: " + d)
	}
	by := deter.BySponsor(fs)
	wantGap := []deter.Gap{
		{Sponsor: "RU", Operations: 2, Without: 1, OnlyWords: 1, Share: 0.5, MedianDays: 30, Kinds: map[string]int{"indictment": 1, "sanctions": 1, "public-attribution": 1}},
		{Sponsor: "CN", Operations: 1, Without: 1, Share: 1, MedianDays: -1, Kinds: map[string]int{}},
	}
	if d := cmp.Diff(wantGap, by); d != "" {
		t.Error(d)
	}
	years := deter.ByYear(fs)
	if len(years) != 2 || years[0].Year != 2023 || years[1].Without != 1 {
		t.Errorf("by year %+v", years)
	}
	if both := deter.BySponsorAndYear(fs); len(both) != 2 || both[0].Sponsor != "CN" || both[0].Year != 2023 {
		t.Errorf("by sponsor and year %+v", both)
	}
}

// Days count from the end of an operation: a measure that came while it went on is shown as such, and took no time.
func TestDaysCountFromTheEnd(t *testing.T) {
	w := &world{t: t}
	id := stix.DerivedID("campaign", "test", "long")
	w.add(stix.Campaign{Common: stix.NewCommon(id, epoch, claim.MarqueIdentity), Name: "long", FirstSeen: day("2022-12-01"), LastSeen: day("2024-01-31")})
	actor := w.actor("Alpha")
	w.measure("while it went on", "sanctions", "2024-01-01", []stix.ID{id}, nil)
	w.measure("before it began", "sanctions", "2022-11-30", nil, []stix.ID{actor})
	w.measure("at the actor, while it went on", "seizure", "2023-01-31", nil, []stix.ID{actor})
	w.measure("after", "indictment", "2024-02-10", []stix.ID{id}, nil)
	fs := deter.Follow(graph.FromObjects(w.objects, graph.Options{}), []deter.Attributed{{Operation: id, Actor: actor, Sponsor: "RU"}})
	got := map[string]int{}
	for _, c := range fs[0].Consequences {
		got[c.Name] = c.Days
	}
	if d := cmp.Diff(map[string]int{"while it went on": -30, "at the actor, while it went on": -365, "after": 10}, got); d != "" {
		t.Error(d)
	}
	if fs[0].Year != 2022 {
		t.Errorf("year %d: it began in 2022", fs[0].Year)
	}
	if by := deter.BySponsor(fs); by[0].MedianDays != 0 {
		t.Errorf("median %d days: the first measure came while it went on", by[0].MedianDays)
	}
}

func TestFromAssessment(t *testing.T) {
	a := claim.Assessment{SubjectRef: "campaign--x", Hypotheses: []claim.Hypothesis{{Key: "k", Sponsor: "RU", ActorRef: "threat-actor--y"}}}
	got, ok := deter.FromAssessment(&a)
	if want := (deter.Attributed{Operation: "campaign--x", Actor: "threat-actor--y", Sponsor: "RU"}); !ok || !cmp.Equal(got, want) {
		t.Errorf("%+v, %v", got, ok)
	}
	a.Hypotheses[0].Jointly = []string{"BY"}
	together, _ := deter.FromAssessment(&a)
	by := deter.BySponsor([]deter.Followed{{Attributed: together}, {Attributed: got}})
	if len(by) != 2 || by[0].Sponsor != "RU" || by[0].Operations != 2 || by[1].Sponsor != "BY" || by[1].Operations != 1 {
		t.Errorf("allies: %+v", by)
	}
	a.Abstained = true
	if _, ok := deter.FromAssessment(&a); ok {
		t.Error("who abstains attributes nothing")
	}
}
