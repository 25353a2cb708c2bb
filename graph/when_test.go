package graph_test

import (
	"testing"
	"time"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// dated is an operation with its dates as a source writes them.
func dated(t *testing.T, name, first, last string, op claim.Operation) *graph.Entity {
	t.Helper()
	at := func(s string) stix.Timestamp {
		if s == "" {
			return stix.Timestamp{}
		}
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return stix.At(d)
	}
	id := stix.DerivedID("campaign", "test", name)
	c := stix.NewCommon(id, stix.At(time.Date(2025, 1, 5, 0, 0, 0, 0, time.UTC)), claim.MarqueIdentity)
	op.ExtensionType = "property-extension"
	if err := c.Extensions.Extend(claim.OperationExtension, op); err != nil {
		t.Fatal(err)
	}
	o, err := stix.New(stix.Campaign{Common: c, Name: name, FirstSeen: at(first), LastSeen: at(last)})
	if err != nil {
		t.Fatal(err)
	}
	return graph.FromObjects([]*stix.Object{o}, graph.Options{}).Entity(id)
}

func TestDatesAreAsExactAsTheyCanBeKnown(t *testing.T) {
	for _, c := range []struct {
		name, first, last string
		op                claim.Operation
		want, wantLast    graph.Precision
	}{
		{"day", "2017-06-27", "2017-06-28", claim.Operation{}, graph.Day, graph.Day},
		{"month", "2017-06-01", "", claim.Operation{}, graph.Month, graph.Unknown},
		{"a list's month", "2017-06-01", "2017-09-01", claim.Operation{FirstPrecision: "about-month", LastPrecision: "year"}, graph.AboutMonth, graph.Year},
		{"twenty years long", "2004-10-01", "2025-09-01", claim.Operation{}, graph.Unknown, graph.Month},
		{"Elections 2016", "2018-03-04", "2018-03-05", claim.Operation{}, graph.Unknown, graph.Unknown},
		{"Elections 2016 and after", "2015-03-04", "2017-03-05", claim.Operation{}, graph.Day, graph.Day},
	} {
		e := dated(t, c.name, c.first, c.last, c.op)
		if e.Precision != c.want || e.LastPrecision != c.wantLast {
			t.Errorf("%s: %s and %s, want %s and %s", c.name, e.Precision, e.LastPrecision, c.want, c.wantLast)
		}
	}
	if graph.AboutMonth.Sure() != graph.Year {
		t.Error("a month that a list does not know is sure to the year")
	}
}
