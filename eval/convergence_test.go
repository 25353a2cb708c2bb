package eval_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"marque/eval"
	"marque/influence/event"
)

// convergencePeriod is the time that EuRepoC covers with days.
var convergencePeriod = event.Options{
	From: time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2022, 12, 31, 0, 0, 0, 0, time.UTC), Seed: 1,
}

// TestConvergence measures activity before elections and sponsors that meet on targets. Nothing is shown in these data, and that must be said.
func TestConvergence(t *testing.T) {
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: it names the folder with eurepoc/ and measures/")
	}
	activities, err := eval.StateActivities(data)
	if err != nil {
		t.Fatal(err)
	}
	var within []event.Activity
	for _, a := range activities {
		if !a.Day.Before(convergencePeriod.From) && !a.Day.After(convergencePeriod.To) {
			within = append(within, a)
		}
	}
	checkMatrix(t, data, event.Matrix(within))
	elections, err := eval.NationalElections(data)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(`## Who works on whom, when

EuRepoC's incidents by states or for them, with a day (a 1 January is a year), 2014 to 2022, one for each initiator's and each receiver's country, against
national elections of the period (calendar from memory). Chance is made by moving each country's elections round the period together 1,999 times;
Holm counts the sponsors. *Smallest seen* is the rise that would have been significant on its own.

| sponsor | incidents | in the 90 days before | expected | 95 % of chance | p | Holm | smallest seen |
|---|---|---|---|---|---|---|---|
`)
	for i, e := range event.Around(within, elections, convergencePeriod) {
		if e.Shown() {
			t.Errorf("a rise is shown that the protocol does not find: %s", e.Says())
		}
		if i < 6 {
			fmt.Fprintf(&b, "| %s | %d | %d | %.1f | %d–%d | %.3f | %.3f | %.1f × |\n", e.Sponsor, e.Activities, e.Before, e.Expected, e.Low, e.High, e.P, e.Holm, e.SeenRatio)
		}
	}
	b.WriteString("\nNo rise can be shown. That is not that there was none.\n\n| sponsors within 180 days on one target | targets | expected | p | Holm |\n|---|---|---|---|---|\n")
	o := convergencePeriod
	o.Rounds = 999
	for i, m := range event.Convergence(within, o) {
		if i < 6 {
			fmt.Fprintf(&b, "| %s, %s | %d | %.1f | %.3f | %.3f |\n", m.A, m.B, len(m.Targets), m.Expected, m.P, m.Holm)
		}
		if m.Holm <= .05 {
			t.Errorf("more than chance brings, which the protocol does not find: %s", m.Says())
		}
		if m.A == "CN" && m.B == "RU" && len(m.Targets) < 5 {
			t.Errorf("China and Russia meet on %d targets, the protocol finds 5", len(m.Targets))
		}
	}
	b.WriteString("\nNo pair of sponsors meets more often than chance brings, with all pairs counted.\n")
	writeSection(t, "convergence", b.String())
}

// checkMatrix holds the counts against the expected table, where it lies beside the data.
func checkMatrix(t *testing.T, data string, cells []event.Cell) {
	t.Helper()
	f, err := os.Open(filepath.Join(data, "..", "acceptance", "convergence-matrix.csv"))
	if os.IsNotExist(err) {
		t.Log("no expected table beside the data: counts are not checked")
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]event.Cell{}
	for _, c := range cells {
		got[c.Sponsor+" "+c.Target] = c
	}
	for _, r := range rows[1:] {
		c := got[r[0]+" "+r[1]]
		if want, _ := strconv.Atoi(r[2]); c.Count != want || c.First.Format(time.DateOnly) != r[3] || c.Last.Format(time.DateOnly) != r[4] {
			t.Errorf("%v: got %+v", r, c)
		}
	}
}
