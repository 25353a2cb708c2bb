package deter_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/claim"
	"marque/deter"
	"marque/deter/silence"
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
	var standing []silence.Standing
	for i := range fs {
		var rows []row
		for _, c := range fs[i].Consequences {
			rows = append(rows, row{c.Name, c.Days, c.Link})
		}
		got, standing = append(got, rows), append(standing, fs[i].Standing(deter.Rule{}))
	}
	want := [][]row{
		{{"direct", 30, deter.Direct}, {"at the actor", 61, deter.Actor}, {"at the state", 152, deter.Sponsor}},
		{{"naming", 10, deter.Direct}, {"at the state", 121, deter.Sponsor}},
		nil,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]silence.Standing{silence.Answered, silence.Unknown, silence.Unknown}, standing); d != "" {
		t.Error("standing: " + d)
	}
	by := deter.ByState(fs, deter.Rule{})
	if len(by) != 2 || by[0].State != "RU" || by[0].Answered != 1 || by[0].Unasked != 1 || by[0].Unknown != 1 || by[0].Named != 1 || by[0].OnlyWords != 0 || by[1].Unknown != 1 {
		t.Errorf("by state %+v", by)
	}
	if d := cmp.Diff(map[string]int{"indictment": 1, "sanctions": 1, "public-attribution": 1}, by[0].Kinds); d != "" {
		t.Error("kinds: " + d)
	}
	if named := deter.ByState(fs, deter.Rule{Naming: true}); named[0].Answered != 2 || named[0].OnlyWords != 1 || named[0].Named != 0 {
		t.Errorf("where naming is an answer: %+v", named[0])
	}
	if both := deter.ByStateAndYear(fs, deter.Rule{}); len(both) != 2 || both[0].State != "CN" || both[0].Year != 2023 {
		t.Errorf("by state and year %+v", both)
	}
}

// A record that asked and has nothing is silent as of its end; what the accused state does itself, and advice to victims, is no answer.
func TestSilenceNeedsARecordThatAsked(t *testing.T) {
	w := &world{t: t}
	ask := func(name, on string) stix.ID {
		id := stix.DerivedID("campaign", "test", name)
		c := stix.Campaign{Common: stix.NewCommon(id, epoch, claim.MarqueIdentity), Name: name, FirstSeen: day(on)}
		op := claim.Operation{ExtensionType: "property-extension", Inquiries: []claim.Inquiry{{Source: "R", Until: day("2023-03-30")}}}
		if err := c.Extensions.Extend(claim.OperationExtension, op); err != nil {
			t.Fatal(err)
		}
		w.add(c)
		return id
	}
	old, young, athome, unasked := ask("old", "2018-05-01"), ask("young", "2022-05-01"), ask("at home", "2019-05-01"), w.operation("unasked", "2018-05-01")
	id := stix.DerivedID(claim.TypeMeasure, "test", "own arrest")
	w.add(claim.Measure{Common: stix.NewCommon(id, epoch, claim.MarqueIdentity), Name: "own arrest", Kind: "arrest", Date: day("2020-01-14"), By: []string{"RU"}, OperationRef: []stix.ID{athome}})
	w.measure("advice", "advisory", "2018-06-01", []stix.ID{old}, nil)
	var ops []deter.Attributed
	for _, id := range []stix.ID{old, young, athome, unasked} {
		ops = append(ops, deter.Attributed{Operation: id, Sponsor: "RU"})
	}
	a := deter.ByState(deter.Follow(graph.FromObjects(w.objects, graph.Options{}), ops), deter.Rule{})[0]
	if want := (silence.Tally{Silent: 3, Early: 1, Unknown: 1}); a.Tally != want || a.Until != day("2023-03-30").Time() {
		t.Errorf("%+v, want %+v until 2023-03-30", a.Tally, want)
	}
	if _, _, ok := a.Median(); ok {
		t.Error("a median of answers that nobody gave")
	}
}

// A date that is a 1 January is a year: waits have two bounds.
func TestWaitsHaveBounds(t *testing.T) {
	w := &world{t: t}
	op := w.operation("some time in 2016", "2016-01-01")
	w.measure("sanctions", "sanctions", "2018-03-15", []stix.ID{op}, nil)
	a := deter.ByState(deter.Follow(graph.FromObjects(w.objects, graph.Options{}), []deter.Attributed{{Operation: op, Sponsor: "RU"}}), deter.Rule{})[0]
	if low, high, ok := a.Median(); !ok || low != 439 || high != 804 {
		t.Errorf("between %d and %d days, %v", low, high, ok)
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
	by := deter.ByState(fs, deter.Rule{})[0]
	if low, high, ok := by.Median(); !ok || low != 0 || high != 0 {
		t.Errorf("%d to %d days: the first measure came while it went on", low, high)
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
	by := deter.ByState([]deter.Followed{{Attributed: together}, {Attributed: got}}, deter.Rule{})
	if len(by) != 2 || by[0].State != "RU" || by[0].Operations() != 2 || by[1].State != "BY" || by[1].Operations() != 1 {
		t.Errorf("allies: %+v", by)
	}
	a.Abstained = true
	if _, ok := deter.FromAssessment(&a); ok {
		t.Error("who abstains attributes nothing")
	}
}
