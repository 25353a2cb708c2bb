package site_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"

	"marque/influence/site"
)

func TestNext(t *testing.T) {
	w := heron(t)
	names, err := w.Next(campaign, day(t, "2023-04-01"), 500)
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 500 {
		t.Fatalf("%d names, want 500", len(names))
	}
	sum := 0.0
	at := map[string]int{}
	for i, f := range names {
		if _, twice := at[f.Name]; twice {
			t.Errorf("%s twice", f.Name)
		}
		at[f.Name] = i
		if i > 0 && f.Probability > names[i-1].Probability {
			t.Errorf("%s is likelier than the one before", f.Name)
		}
		if len(f.Reasons) != 2 || f.Replaces == "" && f.Imitates == "" {
			t.Errorf("no reason or nothing replaced: %+v", f)
		}
		sum += f.Probability
	}
	if sum <= 0 || sum > 1 {
		t.Errorf("the probabilities of different names sum up to %.3f", sum)
	}
	// What is registered, or the brand's own, is no forecast; labels under endings of the campaign are.
	for _, no := range []string{"seeblick.ltd", "seeblick.de", "nordwacht.de"} {
		if _, ok := at[no]; ok {
			t.Errorf("%s is forecast", no)
		}
	}
	for _, yes := range []string{"abendkurier.pics", "nordwacht.ltd"} {
		if _, ok := at[yes]; !ok {
			t.Errorf("%s is not forecast", yes)
		}
	}
}

func TestNextAfterNotice(t *testing.T) {
	at := func(w *site.Watch) int {
		names, err := w.Next(campaign, day(t, "2023-07-01"), 10_000)
		if err != nil {
			t.Fatal(err)
		}
		return slices.IndexFunc(names, func(f site.Forecast) bool { return f.Name == "wahrheit-heute.live" })
	}
	before := at(heron(t))
	after := at(heron(t, site.Site{Host: "wahrheit-heute.info", Seized: day(t, "2023-06-01")}))
	if after < 0 || before >= 0 && after >= before {
		t.Errorf("place %d before the notice, %d after", before, after)
	}
	// A notice of a later day is not known yet.
	if later := at(heron(t, site.Site{Host: "wahrheit-heute.info", Seized: day(t, "2023-08-01")})); later != before {
		t.Errorf("place %d with a notice that is still to come, %d without", later, before)
	}
}

func TestNextOfNobody(t *testing.T) {
	if _, err := heron(t).Next("Nobody", day(t, "2023-07-01"), 5); !errors.Is(err, site.ErrNoOperation) {
		t.Errorf("error %v", err)
	}
}

func TestWriteForecasts(t *testing.T) {
	forecasts := []site.Forecast{
		{Name: "seeblick.top", Probability: .01, Replaces: "seeblick.ltd", Reasons: []string{"a", "b"}},
		{Name: "bücher.top", Probability: .001, Imitates: "buecher.de"},
		{Name: "in valid.top"},
	}
	var table, list, zone bytes.Buffer
	err := errors.Join(site.WriteCSV(&table, forecasts), site.WriteBlockList(&list, forecasts),
		site.WriteRPZ(&zone, "rpz.example.", 7, forecasts))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&table).ReadAll()
	if err != nil || len(rows) != 4 || rows[1][1] != "seeblick.top" || rows[1][5] != "a; b" {
		t.Errorf("table %v, %v", rows, err)
	}
	if want := "seeblick.top\nxn--bcher-kva.top\n"; list.String() != want {
		t.Errorf("list %q, want %q", list.String(), want)
	}
	for _, want := range []string{
		"@ IN SOA rpz.example. hostmaster.rpz.example. 7 ", "\nseeblick.top CNAME .\n*.seeblick.top CNAME .\n",
		"\n*.xn--bcher-kva.top CNAME .\n",
	} {
		if !strings.Contains(zone.String(), want) {
			t.Errorf("the zone lacks %q:\n%s", want, zone.String())
		}
	}
	if err := site.WriteRPZ(&zone, "", 7, nil); !errors.Is(err, site.ErrNotHost) {
		t.Errorf("a zone without a name: %v", err)
	}
}
