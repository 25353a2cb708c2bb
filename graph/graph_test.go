package graph_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"marque/claim"
	"marque/graph"
	"marque/stix"
	"marque/store"
)

// list is a store.Reader over a list of objects: Load needs nothing but Find.
type list struct {
	store.Reader
	objects []*stix.Object
	err     error
}

func (l list) Find(context.Context, store.Query) iter.Seq2[*store.Record, error] {
	return func(yield func(*store.Record, error) bool) {
		for i, o := range l.objects {
			if !yield(&store.Record{Object: o, Seq: int64(i + 1)}, nil) {
				return
			}
		}
		if l.err != nil {
			yield(nil, l.err)
		}
	}
}

func at(s string) stix.Timestamp {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		panic(err)
	}
	return stix.At(t)
}

var epoch = at("2020-01-01")

type objects []*stix.Object

func (l *objects) add(t testing.TB, view any) {
	t.Helper()
	o, err := stix.New(view)
	if err != nil {
		t.Fatal(err)
	}
	*l = append(*l, o)
}

func (l *objects) actor(t testing.TB, source, name string, aliases ...string) stix.ID {
	t.Helper()
	by := l.org(t, source)
	id := stix.DerivedID("threat-actor", source, name)
	l.add(t, stix.ThreatActor{Common: stix.NewCommon(id, epoch, by), Name: name, Aliases: aliases})
	return id
}

func (l *objects) org(t testing.TB, name string) stix.ID {
	t.Helper()
	id := stix.DerivedID("identity", "organization", strings.ToLower(name))
	l.add(t, stix.Identity{Common: stix.NewCommon(id, epoch, ""), Name: name, Class: "organization"})
	return id
}

func (l *objects) state(t testing.TB, code, name string) stix.ID {
	t.Helper()
	id := stix.DerivedID("identity", "state", code)
	c := stix.NewCommon(id, epoch, "")
	c.References = []stix.ExternalReference{{SourceName: "iso-3166-1", ExternalID: code}}
	l.add(t, stix.Identity{Common: c, Name: name, Class: "organization", Roles: []string{"state"}})
	return id
}

func (l *objects) report(t testing.TB, name, published string) stix.ID {
	t.Helper()
	id := stix.DerivedID("report", "named", name)
	l.add(t, stix.Report{Common: stix.NewCommon(id, epoch, ""), Name: name, Published: at(published), ObjectRefs: []stix.ID{id}})
	return id
}

func (l *objects) relate(t testing.TB, from stix.ID, relation string, to stix.ID, refs ...stix.ExternalReference) stix.ID {
	t.Helper()
	id := stix.DerivedID("relationship", string(from), relation, string(to))
	c := stix.NewCommon(id, epoch, "")
	c.References = refs
	l.add(t, stix.Relationship{Common: c, RelationshipType: relation, SourceRef: from, TargetRef: to})
	return id
}

// TestRoots: whatever way documents retell or repeat each other, circles included, one report is one root.
func TestRoots(t *testing.T) {
	var l objects
	vendor, news, copied, echo := l.report(t, "vendor", "2024-10-15"), l.report(t, "news", "2024-10-16"), l.report(t, "copy", "2024-10-17"), l.report(t, "echo", "2024-10-18")
	l.relate(t, news, "derived-from", vendor)
	l.relate(t, copied, "duplicate-of", news)
	l.relate(t, echo, "derived-from", copied)
	a, b, c := l.report(t, "a", "2024-01-03"), l.report(t, "b", "2024-01-02"), l.report(t, "c", "2024-01-04")
	l.relate(t, a, "derived-from", b)
	l.relate(t, b, "derived-from", c)
	l.relate(t, c, "derived-from", a)
	alone := l.report(t, "alone", "2024-01-01")
	for range 3 {
		g := graph.FromObjects(l, graph.Options{})
		for _, x := range []struct{ doc, root stix.ID }{
			{vendor, vendor},
			{news, vendor},
			{copied, vendor},
			{echo, vendor},
			{a, b},
			{b, b},
			{c, b},
			{alone, alone},
		} {
			if got := g.Root(x.doc); got != x.root {
				t.Errorf("root of %s is %s, want %s", g.Name(x.doc), g.Name(got), g.Name(x.root))
			}
		}
		slices.Reverse(l)
	}
}

// TestAsOf: a citation's date is its claims' date, and only what is dated before the day counts.
func TestAsOf(t *testing.T) {
	var l objects
	actor := l.actor(t, "MITRE", "Alpha")
	tool := stix.DerivedID("malware", "name", "x")
	l.add(t, stix.Malware{Common: stix.NewCommon(tool, epoch, ""), Name: "x", IsFamily: true})
	l.relate(t, actor, "uses", tool,
		stix.ExternalReference{SourceName: "Early", Description: "Someone. (2021, March 4). A report. Retrieved March 8, 2021."},
		stix.ExternalReference{SourceName: "Late", Description: "Someone. (2022, June). Another."})
	for _, x := range []struct {
		asOf   string
		claims int
	}{{"2021-03-04", 0}, {"2021-03-05", 1}, {"2022-06-28", 1}, {"2022-06-29", 2}} {
		g, err := graph.Load(t.Context(), list{objects: l}, graph.Options{AsOf: at(x.asOf).Time()})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(g.At(tool)); got != x.claims || g.Stats.Later != 2-x.claims {
			t.Errorf("as of %s: %d claims, %d later; want %d", x.asOf, got, g.Stats.Later, x.claims)
		}
	}
	if _, err := graph.Load(t.Context(), list{err: store.ErrLocked}, graph.Options{}); err == nil {
		t.Error("a failing reader gives no error")
	}
}

func TestNormalName(t *testing.T) {
	for _, same := range [][]string{{"APT 28", "APT28", "apt-28"}, {"DEV-0586", "Storm-0586", "storm 0586"}, {"Équation Group", "EQUATION GROUP"}, {"Turla", "turla "}} {
		for _, n := range same[1:] {
			if graph.NormalName(n) != graph.NormalName(same[0]) {
				t.Errorf("%q and %q differ", n, same[0])
			}
		}
	}
	if graph.NormalName("APT28") == graph.NormalName("APT29") || graph.NormalName("一带") == "" {
		t.Error("different names fall together")
	}
}

// TestResolve: a name that one source gives to two actors is a set; an actor with several shared names is one answer.
func TestResolve(t *testing.T) {
	var l objects
	cozy := l.actor(t, "Galaxy", "Cozy", "Midnight", "Nobelium")
	dark := l.actor(t, "Galaxy", "UNC9452", "Nobelium")
	mine := l.actor(t, "Vendor", "Midnight", "Cozy", "Dukes")
	g := graph.FromObjects(l, graph.Options{})
	if r := g.Resolve("NOBELIUM"); !r.Ambiguous || len(r.Candidates) != 2 || r.Best() != nil || r.Why == "" {
		t.Errorf("Nobelium: %+v", r)
	}
	r := g.Resolve("midnight")
	if r.Ambiguous || len(r.Candidates) != 2 {
		t.Errorf("Midnight: %+v", r)
	}
	for _, c := range r.Candidates {
		if len(c.Reasons) == 0 {
			t.Errorf("candidate %s without a reason", c.Name)
		}
	}
	if !g.Same(mine, cozy) || g.Same(mine, dark) || g.Same(cozy, dark) {
		t.Error("who is the same is wrong")
	}
	if r := g.Resolve("nobody knows this"); r.Ambiguous || len(r.Candidates) != 0 {
		t.Errorf("unknown name: %+v", r)
	}
	names := g.ActorNames(mine)
	if len(names) < 5 || names[0].Source != "Vendor" {
		t.Errorf("names of Midnight: %+v", names)
	}
	if c := g.NameConflicts(cozy); len(c) != 1 || c[0].Name != "Nobelium" {
		t.Errorf("conflicts: %+v", c)
	}
}

// TestOverlapIsNotIdentity: relations between actors are shown, and change nothing in who is who.
func TestOverlapIsNotIdentity(t *testing.T) {
	var l objects
	a, b := l.actor(t, "Galaxy", "Alpha"), l.actor(t, "Vendor", "Beta")
	l.relate(t, a, "overlaps", b)
	g := graph.FromObjects(l, graph.Options{})
	if g.Same(a, b) {
		t.Error("overlap made two actors one")
	}
	if rel := g.ActorRelations(b); len(rel) != 1 || rel[0].Kind != "overlaps" || rel[0].Other != a || rel[0].Out {
		t.Errorf("relations: %+v", rel)
	}
}

// TestCarriers: one statement on several carriers keeps what each of them joins, and a denial finds it.
func TestCarriers(t *testing.T) {
	var l objects
	russia := l.state(t, "RU", "Russia")
	gang := l.actor(t, "Reader", "gang with links to Russia")
	op := stix.DerivedID("campaign", "op")
	l.add(t, stix.Campaign{Common: stix.NewCommon(op, epoch, ""), Name: "op"})
	doc := l.report(t, "article", "2024-06-01")
	ext := claim.Claim{ExtensionType: "property-extension", ClaimID: "c1", DocumentRef: doc, RootRef: doc, Stance: claim.Asserts, Relation: "compromised", Reliability: "B", Credibility: 3, Status: claim.Candidate}
	carry := func(from stix.ID, relation string, to stix.ID) stix.ID {
		c := stix.NewCommon(stix.DerivedID("relationship", "c1", string(from), string(to)), epoch, russia)
		if err := c.Extensions.Extend(claim.Extension, ext); err != nil {
			t.Fatal(err)
		}
		l.add(t, stix.Relationship{Common: c, RelationshipType: relation, SourceRef: from, TargetRef: to})
		return c.ID
	}
	carrier := carry(op, "attributed-to", gang)
	carry(gang, "linked-to", russia)
	c := stix.NewCommon(stix.DerivedID("opinion", "o"), epoch, russia)
	l.add(t, stix.Opinion{Common: c, Opinion: "strongly-disagree", ObjectRefs: []stix.ID{carrier}})
	g := graph.FromObjects(l, graph.Options{})
	stated := g.Claim("c1")
	if stated == nil || len(stated.Carriers) != 2 || len(stated.Links) != 2 || stated.Relation != "compromised" || !stated.Date.Equal(at("2024-06-01").Time()) {
		t.Fatalf("claim %+v", stated)
	}
	if ties := g.Ties(gang); len(ties) != 1 || ties[0].Relation != "linked-to" || ties[0].State != "RU" {
		t.Errorf("ties %+v", ties)
	}
	if answers := g.About("c1"); len(answers) != 1 || answers[0].Stance != claim.Denies || len(g.Responses()) != 1 {
		t.Errorf("answers %+v", answers)
	}
}

func TestTies(t *testing.T) {
	var l objects
	russia := l.state(t, "RU", "Russia")
	organ := stix.DerivedID("identity", "organ", "service")
	l.add(t, stix.Identity{Common: stix.NewCommon(organ, epoch, ""), Name: "Service", Roles: []string{"state-organ"}})
	l.relate(t, organ, "part-of", russia)
	unit, gang := l.actor(t, "Vendor", "Unit"), l.actor(t, "Vendor", "Gang")
	l.relate(t, unit, "part-of", organ)
	place := stix.DerivedID("location", "country", "RU")
	l.add(t, stix.Location{Common: stix.NewCommon(place, epoch, ""), Name: "Russia", Country: "RU"})
	l.relate(t, gang, "located-at", place)
	g := graph.FromObjects(l, graph.Options{})
	if s := g.SponsorOf(unit); s != "RU" {
		t.Errorf("the unit serves %q", s)
	}
	if ties := g.Ties(unit); len(ties) != 1 || ties[0].Via != organ || ties[0].Strength != 1 {
		t.Errorf("ties of the unit: %+v", ties)
	}
	if g.StateOf(gang) != "RU" || g.SponsorOf(gang) != "" {
		t.Errorf("the gang sits in %q and serves %q: sitting there is not serving", g.StateOf(gang), g.SponsorOf(gang))
	}
	if path := g.Path(unit, russia); len(path) != 2 {
		t.Errorf("path from the unit to the state: %d steps", len(path))
	}
	if h := g.Neighbours(organ, 1, 0); len(h.Depth) != 3 || len(h.Edges) != 2 {
		t.Errorf("neighbourhood: %d entities, %d relations", len(h.Depth), len(h.Edges))
	}
}

func TestDescribed(t *testing.T) {
	for text, want := range map[string]graph.Described{
		"Kim is a North Korea-based cyber espionage group that targets South Korean agencies.": {Country: "KP", Sponsor: true},
		"Sand has been attributed to Russia's General Staff. It attacked Ukraine.":             {Country: "RU", Sponsor: true},
		"Wiz is a Russia-based financially motivated threat group.":                            {Country: "RU", Kind: "criminal"},
		"Hydra has targeted government agencies in the Middle East and China since 2016.":      {},
		"Ira is a suspected Iranian threat group.":                                             {Country: "IR", Sponsor: true},
	} {
		got := graph.DescribedIn(text)
		got.Words = ""
		if got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestCommodityDiscount(t *testing.T) {
	var l objects
	rare, common := stix.DerivedID("malware", "name", "rare"), stix.DerivedID("malware", "name", "common")
	for id, name := range map[stix.ID]string{rare: "rare", common: "common"} {
		l.add(t, stix.Malware{Common: stix.NewCommon(id, epoch, ""), Name: name, IsFamily: true})
	}
	var all []stix.ID
	for i := range 40 {
		a := l.actor(t, "Vendor", fmt.Sprintf("Actor %d", i))
		all = append(all, a)
		l.relate(t, a, "uses", common)
	}
	l.relate(t, all[0], "uses", rare)
	l.relate(t, all[1], "uses", rare)
	g := graph.FromObjects(l, graph.Options{})
	shared := g.Shared(map[string][]stix.ID{"A": all[:1], "B": all[1:2]})
	if len(shared) != 2 || shared[0].ID != rare || shared[0].Commodity != 0 || shared[1].Commodity != 1 {
		t.Errorf("shared: %+v", shared)
	}
}

// FuzzFromObjects: whatever decodes as an object makes a graph, and asking it anything does not panic.
func FuzzFromObjects(f *testing.F) {
	var l objects
	a := l.actor(f, "Vendor", "A", "B")
	l.relate(f, a, "alias-of", a)
	for _, o := range l {
		f.Add(string(o.Raw()))
	}
	f.Add(`{"type":"opinion","id":"opinion--8f1f7e3a-52c5-4b8e-9d0b-6f6d0f3c1a01","opinion":"disagree","object_refs":["opinion--8f1f7e3a-52c5-4b8e-9d0b-6f6d0f3c1a01"]}`)
	f.Fuzz(func(t *testing.T, raw string) {
		o, err := stix.Parse([]byte(raw))
		if err != nil {
			return
		}
		g := graph.FromObjects(append(objects{o}, l...), graph.Options{AsOf: at("2024-01-01").Time()})
		g.Resolve(o.Name)
		g.Neighbours(o.ID, 2, 100)
		g.Ties(o.ID)
		g.Shared(map[string][]stix.ID{"x": {o.ID}, "y": {a}})
	})
}

// Two sources carry one claim, each under its own name: it is one claim, and who knows where it stood is asked.
func TestTheCarrierWithARootIsAsked(t *testing.T) {
	var l objects
	op, state := stix.DerivedID("campaign", "test", "op"), l.state(t, "RU", "Russia")
	l.add(t, stix.Campaign{Common: stix.NewCommon(op, epoch, ""), Name: "op"})
	original := l.report(t, "original", "2021-01-01")
	list := l.report(t, "list", "2022-01-01")
	for _, c := range []struct {
		by   string
		root stix.ID
	}{{"A vague body", ""}, {"The ministry", original}, {"Another vague body", ""}} {
		by := l.org(t, c.by)
		common := stix.NewCommon(stix.DerivedID("relationship", "claim", string(by)), epoch, by)
		doc := list
		if c.root != "" {
			doc = c.root
		}
		if err := common.Extensions.Extend(claim.Extension, claim.Claim{
			ExtensionType: "property-extension", ClaimID: "claim", DocumentRef: doc, RootRef: c.root, Stance: claim.Asserts, Relation: "attributed-to", Status: claim.Accepted,
		}); err != nil {
			t.Fatal(err)
		}
		l.add(t, stix.Relationship{Common: common, RelationshipType: "attributed-to", SourceRef: op, TargetRef: state})
	}
	for range 2 {
		g := graph.FromObjects(l, graph.Options{})
		c := g.Claim("claim")
		if len(g.Claims()) != 1 || len(c.Carriers) != 3 || g.Name(c.Source) != "The ministry" || c.Root != original {
			t.Errorf("%d claims; by %s, root %s", len(g.Claims()), g.Name(c.Source), c.Root)
		}
		slices.Reverse(l)
	}
}

// As of a day, what was judged later is not known.
func TestLaterAssessmentsAreNotKnown(t *testing.T) {
	var l objects
	subject := stix.DerivedID("campaign", "test", "op")
	var ids []stix.ID
	for _, made := range []string{"2021-01-01", "2023-01-01"} {
		id := stix.DerivedID(claim.TypeAssessment, "test", made)
		ids = append(ids, id)
		l.add(t, claim.Assessment{Common: stix.NewCommon(id, at(made), claim.MarqueIdentity), SubjectRef: subject, AsOf: at(made)})
	}
	for asOf, want := range map[string]stix.ID{"2020-06-01": "", "2022-01-01": ids[0], "2024-01-01": ids[1]} {
		if got := graph.FromObjects(l, graph.Options{AsOf: at(asOf).Time()}).Assessment(subject); got != want {
			t.Errorf("as of %s: %s, want %s", asOf, got, want)
		}
	}
}

func TestDescribedCountry(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"X is a Chinese state-sponsored group that targets Russian banks.", "CN"},
		{"X, which targets Israeli and Indian firms, has been attributed to the Iranian Ministry of Intelligence.", "IR"},
		{"X is a North Korea-based group that hacks South Korean ministries.", "KP"},
		{"X is a suspected South Korean espionage group.", "KR"},
		{"X is a threat group operating out of Russia's St. Petersburg.", "RU"},
		{"X is cyber espionage conducted by the Iranian Ministry of Intelligence.", "IR"},
		{"X targets organisations in China, Russia and Iran.", ""},
		{"", ""},
	} {
		if got := graph.DescribedIn(c.text).Country; got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}
