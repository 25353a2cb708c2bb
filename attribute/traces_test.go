package attribute_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"marque/attribute"
	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// host is a domain or address.
func (w *world) host(typ, value string) stix.ID {
	id := stix.DerivedID(typ, value)
	w.add(stix.Observable{Common: stix.Common{Type: typ, SpecVersion: "2.1", ID: id}, Value: value})
	return id
}

func evidenceOf(a *claim.Assessment, kind string) []claim.Evidence {
	var out []claim.Evidence
	for _, e := range a.Evidence {
		if e.Kind == kind {
			out = append(out, e)
		}
	}
	return out
}

func sought(a *claim.Assessment, what string) bool {
	for _, s := range a.Sought {
		if strings.HasPrefix(s.What, what) {
			return s.Found
		}
	}
	return false
}

// A host that one actor alone has used speaks for it, and is explained; what many use says little; and what the source of the
// attribution says of both counts once.
func TestSharedInfrastructure(t *testing.T) {
	build := func(others int, near bool) (*world, stix.ID, stix.ID) {
		w := newWorld(t)
		russia := w.state("RU", "Russia")
		bear := w.actor("Example Bear", []string{"nation-state"})
		lab := w.org("Lab")
		earlier, now := w.report("earlier", "2024-01-15", lab), w.report("now", "2024-02-01", lab)
		op := w.operation("quiet door", claim.Operation{})
		c2, own := w.host("domain-name", "c2.example"), w.host("domain-name", "door.example")
		w.says(statement{by: lab, doc: earlier}, bear, "attributed-to", russia)
		w.says(statement{by: lab, doc: earlier}, bear, "uses", c2)
		if near {
			w.says(statement{by: lab, doc: now}, op, "uses", own)
			w.says(statement{by: lab, doc: now}, own, "resolves-to", c2)
		} else {
			w.says(statement{by: lab, doc: now}, op, "uses", c2)
		}
		for n := range others {
			w.says(statement{by: lab, doc: earlier}, w.actor(fmt.Sprintf("Tenant %d", n), nil), "uses", c2)
		}
		return w, op, bear
	}
	weight := func(others int, near bool) float64 {
		w, op, bear := build(others, near)
		a := w.judge(op, attribute.Options{})
		es := evidenceOf(&a, "infrastructure")
		if len(es) == 0 {
			return 0
		}
		for _, e := range es {
			if strings.Contains(e.Text, "Example Bear") {
				if !slices.Contains(e.Refs, stix.DerivedID("domain-name", "c2.example")) || !strings.HasPrefix(e.Basis, "stated, n=") || e.Discount == "" {
					t.Errorf("not explained: %+v", e)
				}
				if lead := attribute.Leading(&a); others == 0 && !near && lead.ActorRef != bear {
					t.Errorf("leading %s", lead.Key)
				}
				if !sought(&a, "hosts, certificates") {
					t.Error("it is said not to have been found")
				}
				return slices.Max([]float64{e.Decibans["example-bear_RU"], e.Decibans["example-bear_own"]})
			}
		}
		return 0
	}
	rare, near, few, many := weight(0, false), weight(0, true), weight(3, false), weight(40, false)
	if rare <= near || near <= 0 || rare <= few || few <= 0 || many != 0 {
		t.Errorf("rare %.1f, one step away %.1f, five users %.1f, hoster %.1f", rare, near, few, many)
	}
	w, op, bear := build(0, false)
	lab := w.org("Lab")
	w.says(statement{by: lab, doc: stix.DerivedID("report", "named", "earlier")}, op, "attributed-to", bear)
	a := w.judge(op, attribute.Options{})
	es := evidenceOf(&a, "infrastructure")
	if len(es) != 1 || len(es[0].Decibans) != 0 {
		t.Errorf("the source that names the actor counts twice: %+v", es)
	}
}

// Resources of another operation lead to whom that one is attributed.
func TestSharedWithAnotherOperation(t *testing.T) {
	w := newWorld(t)
	bear := w.actor("Example Bear", nil)
	lab, other := w.org("Lab"), w.org("Other lab")
	doc, old := w.report("now", "2023-01-01", lab), w.report("old", "2021-01-01", other)
	op, before := w.operation("quiet door", claim.Operation{}), w.operation("first door", claim.Operation{})
	wallet := stix.DerivedID("cryptocurrency-wallet", "1Example")
	w.says(statement{by: lab, doc: doc}, op, "uses", wallet)
	w.says(statement{by: other, doc: old}, before, "uses", wallet)
	w.says(statement{by: other, doc: old}, before, "attributed-to", bear)
	a := w.judge(op, attribute.Options{})
	if lead := attribute.Leading(&a); lead.ActorRef != bear {
		t.Errorf("leading %s", lead.Key)
	}
	if a.Roots != 0 {
		t.Errorf("%d sources attribute it, nobody does", a.Roots)
	}
}

// What a source reads out of what was left speaks softly for the states that it fits.
func TestTraits(t *testing.T) {
	w := newWorld(t)
	russia, china := w.state("RU", "Russia"), w.state("CN", "China")
	bear, panda := w.actor("Example Bear", []string{"nation-state"}), w.actor("Example Panda", []string{"nation-state"})
	lab, one, two := w.org("Lab"), w.org("One"), w.org("Two")
	doc := w.report("lab", "2023-01-01", lab)
	op := w.operation("quiet door", claim.Operation{})
	w.says(statement{by: one, doc: w.report("one", "2024-02-01", one)}, op, "attributed-to", bear)
	w.says(statement{by: two, doc: w.report("two", "2024-02-01", two)}, op, "attributed-to", panda)
	w.link(bear, "attributed-to", russia)
	w.link(panda, "attributed-to", china)
	w.note(statement{by: lab, doc: doc, note: "comments in Russian"}, "language", op)
	w.note(statement{by: lab, doc: doc, note: "active from nine to six in UTC+3"}, "time-zone", op)
	w.says(statement{by: lab, doc: doc}, op, "resembles", bear)
	a := w.judge(op, attribute.Options{})
	for _, kind := range []string{"language", "timing", "tradecraft"} {
		es := evidenceOf(&a, kind)
		if len(es) != 1 || es[0].Basis != "stated" {
			t.Fatalf("%s: %+v", kind, es)
		}
		for key, db := range es[0].Decibans {
			if strings.HasSuffix(key, "_CN") || db <= 0 || db > 6 {
				t.Errorf("%s: %s %.1f dB", kind, key, db)
			}
		}
	}
	if lead := attribute.Leading(&a); lead.ActorRef != bear {
		t.Errorf("leading %s", lead.Key)
	}
}

// Working hours say little, and nothing where there are few days.
func TestWorkingHours(t *testing.T) {
	judge := func(days int, hour float64) *claim.Assessment {
		w := newWorld(t)
		russia, korea := w.state("RU", "Russia"), w.state("KP", "North Korea")
		lab, other := w.org("Lab"), w.org("Other")
		op := w.operation("quiet door", claim.Operation{})
		w.says(statement{by: lab, doc: w.report("lab", "2024-07-01", lab)}, op, "attributed-to", russia)
		w.says(statement{by: other, doc: w.report("other", "2024-07-01", other)}, op, "attributed-to", korea)
		indicator := stix.DerivedID("indicator", "x")
		w.link(indicator, "indicates", op)
		for n := range days {
			at := stix.At(time.Date(2024, 3, 4+n+n/5*2, 0, 0, 0, 0, time.UTC).Add(time.Duration(hour * float64(time.Hour)))) // Mondays to Fridays
			w.add(stix.Sighting{Common: stix.NewCommon(stix.DerivedID("sighting", fmt.Sprint(n)), at, claim.MarqueIdentity), FirstSeen: at, SightingOfRef: indicator})
		}
		a := w.judge(op, attribute.Options{})
		return &a
	}
	if a := judge(5, 6.5); len(evidenceOf(a, "timing")) != 0 || sought(a, "working hours") {
		t.Error("five days are taken for a pattern")
	}
	day := evidenceOf(judge(20, 14.5), "timing") // afternoon in Moscow, night in Pyongyang
	if len(day) != 1 || day[0].Basis != "stated, n=20 days" || day[0].Decibans["any_RU"] != 3 || day[0].Decibans["any_KP"] != -3 {
		t.Errorf("%+v", day)
	}
}

// A sequence that was seen at a victim tells what was done, and so the motive.
func TestSequenceTellsTheMotive(t *testing.T) {
	w := newWorld(t)
	op := w.operation("quiet door", claim.Operation{Sectors: []string{"defence"}})
	indicator := stix.DerivedID("indicator", "x")
	w.link(indicator, "indicates", op)
	n := stix.Note{Common: stix.NewCommon(stix.DerivedID("note", "x"), epoch, claim.MarqueIdentity), Content: "data was taken before systems were encrypted", ObjectRefs: []stix.ID{indicator}}
	if err := n.Extensions.Extend(claim.OperationExtension, claim.Operation{ExtensionType: "property-extension", Acts: []string{"data-theft-before-encryption", "encryption"}}); err != nil {
		t.Fatal(err)
	}
	w.add(n)
	a := w.judge(op, attribute.Options{})
	if motive(&a, attribute.Espionage) < attribute.DualPurpose || motive(&a, attribute.Financial) < attribute.DualPurpose {
		t.Errorf("motives %+v", a.Motives)
	}
	if !sought(&a, "a sequence") {
		t.Error("the sequence is said not to have been found")
	}
	before := graph.FromObjects(w.objects, graph.Options{AsOf: day("2023-01-01").Time()})
	if c, err := attribute.CaseOf(before, op); err == nil && c.Sequence != "" {
		t.Error("it is known before it was seen")
	}
}

// What states say together is the statement of states, with one root.
func TestJointStatement(t *testing.T) {
	w := newWorld(t)
	russia := w.state("RU", "Russia")
	w.state("JP", "Japan")
	w.state("US", "United States")
	allies, club := w.org("Japan and the United States"), w.org("Japan and Partners")
	op := w.operation("quiet door", claim.Operation{Countries: []string{"JP"}})
	w.says(statement{by: allies, doc: w.report("joint", "2024-02-01", allies)}, op, "attributed-to", russia)
	w.says(statement{by: club, doc: w.report("club", "2024-02-01", club)}, op, "attributed-to", russia)
	a := w.judge(op, attribute.Options{})
	es := evidenceOf(&a, "official-statement")
	if len(es) != 1 || !strings.Contains(es[0].Discount, "signed by 2 states") || strings.Contains(es[0].Discount, "victim") || a.Roots != 2 {
		t.Errorf("%d roots, %+v", a.Roots, es)
	}
	if !sought(&a, "an official attribution") {
		t.Error("no official attribution is found")
	}
}
