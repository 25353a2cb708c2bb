package measure_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/claim"
	"marque/deter/measure"
	"marque/graph"
	"marque/ingest/entity"
	"marque/stix"
)

func on(s string) stix.Timestamp {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return stix.At(t)
}

// world is a graph under construction.
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

func (w *world) measure(name string, m claim.Measure) stix.ID {
	w.t.Helper()
	m.Common = stix.NewCommon(stix.DerivedID(claim.TypeMeasure, name), entity.Epoch, claim.MarqueIdentity)
	m.Name, m.Kind = name, "sanctions"
	w.add(m)
	return m.ID
}

func (w *world) operation(name string) stix.ID {
	id := stix.DerivedID("campaign", name)
	w.add(stix.Campaign{Common: stix.NewCommon(id, entity.Epoch, claim.MarqueIdentity), Name: name})
	return id
}

// says has somebody say that a measure answers an operation, or one of a name.
func (w *world) says(m, op stix.ID, name, status string) {
	w.t.Helper()
	c := claim.Claim{ExtensionType: "property-extension", ClaimID: entity.ClaimID(string(m), string(op), name), Stance: claim.Asserts, Relation: graph.Answers, Status: status, Subjects: []claim.Ref{{Ref: m}}}
	typ := "relationship"
	if op == "" {
		typ, c.Objects = "note", []claim.Ref{{Text: name}}
	}
	common := stix.NewCommon(stix.DerivedID(typ, c.ClaimID), on("2024-06-01"), claim.MarqueIdentity)
	if err := common.Extensions.Extend(claim.Extension, c); err != nil {
		w.t.Fatal(err)
	}
	if op == "" {
		w.add(stix.Note{Common: common, Content: name, ObjectRefs: []stix.ID{m}})
		return
	}
	w.add(stix.Relationship{Common: common, RelationshipType: "answers", SourceRef: m, TargetRef: op})
}

func (w *world) graph(asOf time.Time) *graph.Graph {
	w.t.Helper()
	return graph.FromObjects(w.objects, graph.Options{AsOf: asOf})
}

func TestADateIsAsExactAsItsSource(t *testing.T) {
	w := &world{t: t}
	w.measure("day", claim.Measure{Date: on("2024-05-01")})
	w.measure("year", claim.Measure{Date: on("2023-01-01")})
	w.measure("month", claim.Measure{Date: on("2022-02-01"), DatePart: "month"})
	w.measure("between", claim.Measure{Date: on("2021-03-03"), DateAfter: on("2021-03-01")})
	w.measure("none", claim.Measure{})
	got := map[string]string{}
	for _, r := range measure.Rows(w.graph(time.Time{}), measure.Filter{}) {
		got[r.Name] = r.When()
	}
	want := map[string]string{"day": "2024-05-01", "year": "2023", "month": "2022-02", "between": "2021-03-01 to 2021-03-03", "none": "no date"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// That a measure answers an operation is somebody's word: a rejected one ties nothing, a name that nobody bears is shown and ties nothing, and a
// word of a later day is not known before.
func TestAnswersAreClaims(t *testing.T) {
	w := &world{t: t}
	m := w.measure("m", claim.Measure{Date: on("2024-05-01")})
	one, two := w.operation("One"), w.operation("Two")
	w.says(m, one, "", claim.Accepted)
	w.says(m, two, "", claim.Rejected)
	w.says(m, "", "Three", claim.Accepted)
	ties := func(g *graph.Graph) (out []string) {
		for _, a := range measure.Rows(g, measure.Filter{})[0].Answers {
			out = append(out, a.Name+" "+string(a.Operation))
		}
		return out
	}
	g := w.graph(time.Time{})
	if diff := cmp.Diff([]string{"Three ", "One " + string(one)}, ties(g)); diff != "" {
		t.Error(diff)
	}
	if refs := g.Measures()[0].OperationRef; len(refs) != 1 || refs[0] != one {
		t.Errorf("operations of the measure: %v", refs)
	}
	if before := ties(w.graph(on("2024-05-20").Time())); len(before) != 0 {
		t.Errorf("known before anybody said so: %v", before)
	}
	w.operation("three")
	if got := ties(w.graph(time.Time{})); len(got) != 2 || strings.HasSuffix(got[0]+got[1], " ") {
		t.Errorf("the operation of that name is there now: %v", got)
	}
}

func TestFilters(t *testing.T) {
	w := &world{t: t}
	op := w.operation("Grid")
	a := w.measure("a", claim.Measure{Date: on("2024-05-01"), By: []string{"US"}, AgainstStates: []string{"RU"}, LegalBasis: "Executive Order 13694", Status: "lifted"})
	w.measure("b", claim.Measure{Date: on("2023-05-01"), By: []string{"EU"}, AgainstStates: []string{"CN"}, Status: "in-force"})
	w.says(a, op, "", claim.Accepted)
	g := w.graph(time.Time{})
	for name, f := range map[string]measure.Filter{
		"state": {State: "us"}, "target": {Target: "RU"}, "operation": {Operation: "grid"}, "basis": {Basis: "13694"}, "status": {Status: "lifted"}, "year": {Year: 2024},
	} {
		if rows := measure.Rows(g, f); len(rows) != 1 || rows[0].Name != "a" {
			t.Errorf("%s: %d rows", name, len(rows))
		}
	}
	if rows := measure.Rows(g, measure.Filter{State: "US", Target: "CN"}); len(rows) != 0 {
		t.Errorf("two filters are both asked: %v", rows)
	}
}

func TestCSVHoldsNoFormulas(t *testing.T) {
	w := &world{t: t}
	w.measure("=cmd()", claim.Measure{})
	var b bytes.Buffer
	if err := measure.CSV(&b, measure.Rows(w.graph(time.Time{}), measure.Filter{})); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), ",=cmd") {
		t.Error(b.String())
	}
}
